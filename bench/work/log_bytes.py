"""What following a log costs on the line: bytes a statement, and requests when there is nothing new."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.load.serving import serving
from bench.logs import nodes
from bench.logs.counting import counting
from bench.logs.statements import KEY, signed
from bench.work import Figure, Row, Scale, Work, table
from millpond.log import statement, tiles

ENTRIES = 10_000
REACH_BYTES = 4
GZIP = 31


def measure(scale: Scale) -> list[Row]:
    """Rows of answers, packed and not; rows of what a follower does."""
    return list(_measure(scale))


def _measure(scale: Scale) -> Iterator[Row]:
    entries = signed(ENTRIES // (10 if scale.quick else 1))
    said = sum(len(statement.split(entry)[0]) + statement.SIGNATURE_CHARACTERS for entry in entries)
    here = {"entries": len(entries), "said_bytes": said}
    with TemporaryDirectory() as folder:
        hash = nodes.carrying(Path(folder) / "node", entries, KEY)
        with serving(Path(folder) / "node") as node:
            for is_packed in (False, True):
                for what in (_by_range, _by_bundles):
                    name, bodies = what(node.port, hash, entries, is_packed)
                    bytes = sum(map(len, bodies))
                    yield {"what": name, "gzip": is_packed, "requests": len(bodies), "bytes": bytes, **here}
            with counting(node.port) as counted:
                prefix = f"http://127.0.0.1:{counted.port}/logs/{hash}"
                for name in ("a follower, all of it", "a follower, nothing new"):
                    counted.reset()
                    told = asyncio.run(
                        nodes.follow(Path(folder) / "network.db", KEY.did, prefix, tries=9, reads=True)
                    )
                    if told["checked"] != len(entries):
                        raise RuntimeError(f"the follower read {told['checked']} statements")
                    way = {"requests": counted.requests, "bytes": counted.down_bytes}
                    statuses = {str(status): count for status, count in counted.statuses.items()}
                    yield {"what": name, **way, "up_bytes": counted.up_bytes, "statuses": statuses, **here}


def _ask(port: int, path: str, is_packed: bool) -> bytes:
    """The body as it comes over the line."""
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Accept-Encoding": "gzip" if is_packed else "identity"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    connection.close()
    return body


def _unpacked(body: bytes, is_packed: bool) -> bytes:
    return zlib.decompress(body, wbits=GZIP) if is_packed and body[:2] == b"\x1f\x8b" else body


def _by_range(port: int, hash: str, entries: Sequence[bytes], is_packed: bool) -> tuple[str, list[bytes]]:
    bodies, at = [], 0
    while at < len(entries):
        bodies.append(_ask(port, f"/logs/{hash}/entries/{at}", is_packed))
        came, _ = tiles.decode_bundle(_unpacked(bodies[-1], is_packed))
        if came != list(entries[at : at + len(came)]) or not came:
            raise RuntimeError("other entries came than were said")
        at += len(came)
    return "range call", bodies


def _by_bundles(port: int, hash: str, entries: Sequence[bytes], is_packed: bool) -> tuple[str, list[bytes]]:
    bodies = []
    for tile in tiles.tiles_of(len(entries)):
        if tile.level is None:
            bodies.append(_ask(port, f"/logs/{hash}/{tile.path}", is_packed))
    return "bundles", bodies


def over(row: Row) -> float:
    """Bytes a statement over its payload and its signature in base64."""
    return (row["bytes"] - row["said_bytes"]) / row["entries"]


def figures(rows: Sequence[Row]) -> list[Figure]:
    found = []
    for row in rows:
        if row.get("gzip") is False:
            target = f"at most {REACH_BYTES} bytes a statement over payload and signature, before gzip"
            text = f"{over(row):.2f} bytes"
            found.append(Figure(f"sync by {row['what']}", target, text, over(row) <= REACH_BYTES))
        elif row["what"].endswith("nothing new"):
            text = f"{row['requests']} request, {row['bytes']} bytes back, answers {row['statuses']}"
            reached = row["requests"] == 1 and row["statuses"] == {"304": 1}
            found.append(Figure("sync, nothing new", "one conditional GET", text, reached))
    return found


def tables(rows: Sequence[Row]) -> str:
    lines = [
        (
            row["what"],
            {True: "gzip", False: "as it is"}.get(row.get("gzip"), "heads included"),
            row["requests"],
            f"{row['bytes']:,}",
            f"{row['bytes'] / row['entries']:.1f}",
            f"{over(row):+.2f}",
        )
        for row in rows
    ]
    size = rows[0]["said_bytes"] / rows[0]["entries"] if rows else 0
    head = ("what", "how", "requests", "bytes back", "a statement", "over payload and signature")
    return f"A payload and its signature in base64: {size:.1f} bytes on average.\n\n{table(head, lines)}"


ABOUT = f"""\
{ENTRIES:,} statements from a real `millpond serve`. The bodies of all answers of the range call, and of all
bundles, with and without gzip; then a real follower through a relay that counts requests and bytes, heads of
HTTP included: once from nothing, and once more when there is nothing new."""
BYTES = Work(ABOUT, measure, figures, tables)
