"""Following a log over a line that is slow, loses packets and is cut."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import ROOT
from bench.logs import nodes
from bench.logs.line import NEEDED, Line, is_possible
from bench.logs.statements import KEY, signed
from bench.work import Figure, Row, Scale, Work, say, table
from millpond.log.tiles import TILE_WIDTH

ENTRIES = 3_000
BITS, LOSS, CUT_SECONDS = 64_000, 0.2, 30.0
PORT = 8_000
WHOLE = "whole, four times as fast"
WAYS: tuple[dict[str, Any], ...] = (
    {"name": WHOLE, "bits": 4 * BITS, "loss": 0.0, "cut_every": 0.0},
    {"name": "loses and is cut", "bits": BITS, "loss": LOSS, "cut_every": CUT_SECONDS},
)
TRIES, MOST_SECONDS = 100, 900


def measure(scale: Scale) -> list[Row]:
    """A row for each kind of line."""
    if not is_possible():
        say(f"{NEEDED}: left out")
        return []
    return list(_measure(scale))


def _measure(scale: Scale) -> Iterator[Row]:
    entries = signed(ENTRIES // (4 if scale.quick else 1))
    with TemporaryDirectory() as folder:
        data = Path(folder) / "node"
        hash = nodes.carrying(data, entries, KEY)
        for number, way in enumerate(WAYS):
            cut_every = way["cut_every"] / (4 if scale.quick else 1)
            with (
                Line(1, bits=way["bits"], loss=way["loss"], cut_every=cut_every) as line,
                _serving(line, data),
            ):
                file = Path(folder) / f"follower-{number}.db"
                told = _follow(line, file, f"http://{line.address}:{PORT}/logs/{hash}")
            near, far = line.ways
            row = {"name": way["name"], "entries": len(entries), "cuts": line.cuts, **told}
            row |= {"down_bytes": near.payload_bytes, "up_bytes": far.payload_bytes}
            row |= {"packets": near.packets + far.packets, "lost": near.lost + far.lost}
            say(f"{way['name']}: {told['size']} entries in {told['seconds']:.0f} s, {line.cuts} cuts")
            yield row


@contextmanager
def _serving(line: Line, data: Path) -> Iterator[None]:
    """`millpond serve` at the near end."""
    serve = ["-m", "millpond", "serve", "--data", str(data), "--address", f"0.0.0.0:{PORT}", "--no-open"]
    process = subprocess.Popen([*line.near, sys.executable, *serve], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if not any(said.startswith("Data: ") for said in process.stdout):
            raise RuntimeError("the node did not start")
        yield
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _follow(line: Line, file: Path, prefix: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.logs.nodes", str(file), KEY.did, prefix, str(TRIES), "reads"]
    done = subprocess.run(
        [*line.far, *command], cwd=ROOT, check=False, capture_output=True, text=True, timeout=MOST_SECONDS
    )
    if done.returncode:
        raise RuntimeError(f"the follower failed: {done.stderr[-1_000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def again(rows: Sequence[Row], row: Row) -> int:
    """Bytes that came more often than on a line that is whole."""
    whole = next(one for one in rows if one["name"] == WHOLE)
    return int(row["down_bytes"] - whole["down_bytes"])


def bundle_bytes(rows: Sequence[Row]) -> int:
    """Of one bundle on the line, on average."""
    whole = next(one for one in rows if one["name"] == WHOLE)
    return int(whole["down_bytes"] * TILE_WIDTH / whole["entries"])


def figures(rows: Sequence[Row]) -> list[Figure]:
    row = next((one for one in rows if one["cuts"]), None)
    if row is None:
        return []
    per_cut = again(rows, row) / row["cuts"]
    text = (
        f"{row['size']:,} entries in {row['seconds']:.0f} s, {row['cuts']} cuts, {per_cut:,.0f} bytes a cut"
    )
    reached = row["checked"] == row["entries"] and per_cut <= bundle_bytes(rows)
    work = f"{BITS // 1_000} kbit/s, {LOSS:.0%} loss, cut every {CUT_SECONDS:.0f} s"
    target = f"completes, sends again at most one bundle a cut ({bundle_bytes(rows):,} bytes)"
    return [Figure(work, target, text, reached)]


def tables(rows: Sequence[Row]) -> str:
    head = ("line", "entries", "took", "cuts", "bytes down", "sent again", "bytes up", "packets", "lost")
    return table(
        head,
        (
            (
                row["name"],
                f"{row['checked']:,} of {row['entries']:,}",
                f"{row['seconds']:.0f} s",
                row["cuts"],
                f"{row['down_bytes']:,}",
                f"{again(rows, row):,}",
                f"{row['up_bytes']:,}",
                f"{row['packets']:,}",
                f"{row['lost']:,}",
            )
            for row in rows
        ),
    )


ABOUT = f"""\
A follower takes {ENTRIES:,} statements from a real `millpond serve`, each in a network namespace of its own,
with the kernel's TCP at both ends. The line between them carries IP packets (TUN devices): {BITS // 1_000}
kbit/s and 100 ms of delay each way, of each way {LOSS:.0%} of the packets lost by a seeded die, and every
{CUT_SECONDS:.0f} s a cut: each connection is reset and nothing passes for a second. The follower tries again
half a second after it failed. Bytes are what the receiving TCP has acknowledged; sent again is what is more
than on a line that is whole, which is measured first."""
SLOW_LINK = Work(ABOUT, measure, figures, tables)
