"""Receipts: statements said over HTTP, so many a second, each durable before its receipt leaves."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import ROOT
from bench.load.patterns import busy_seconds, summary, wait_until_quiet
from bench.load.serving import serving
from bench.logs import nodes
from bench.logs.statements import KEY, signed, write_records
from bench.work import Figure, Row, Scale, Work, say, table
from millpond.log import inclusion
from millpond.store import logs
from millpond.store.files import open_room
from millpond.store.logs import origin_hash

RATE, SECONDS, CONNECTIONS, REPEATS = 500, 30, 32, 2
REACH_P99_MS = 50


def measure(scale: Scale) -> list[Row]:
    """A row for each run."""
    return list(_measure(scale))


def _measure(scale: Scale) -> Iterator[Row]:
    entries = signed(int(RATE * scale.seconds(SECONDS)))
    for seed in scale.seeds(REPEATS):
        wait_until_quiet()
        row = run(entries, RATE, seed)
        say(
            f"receipts: p50 {row['p50']} ms, p99 {row['p99']} ms; others took {row['others_share']} of a core"
        )
        yield row


def run(entries: Sequence[bytes], rate: int, seed: int) -> dict[str, Any]:
    """One run on fresh data; raises `RuntimeError` if a receipt is false, or an entry is not there after."""
    with TemporaryDirectory() as folder:
        data, records = Path(folder) / "node", Path(folder) / "records"
        room = nodes.writing(data, KEY)
        write_records(records, entries)
        path = f"/logs/{origin_hash(KEY.did)}/append"
        with serving(data) as node:
            plan = {"port": node.port, "path": path, "records": str(records)}
            plan |= {"rate": rate, "connections": CONNECTIONS, "seed": seed}
            before, start, node_before = busy_seconds(), time.perf_counter(), node.seconds()
            said = _play(plan)
            wall = time.perf_counter() - start
            node_cpu = node.seconds() - node_before
            others = busy_seconds() - before - node_cpu - said["cpu"]
        _check(said, entries, room)
    times = summary(said["took"])
    assert times is not None
    return {
        "seed": seed,
        "rate": rate,
        **times,
        "wall": round(said["wall"], 2),
        "node_share": round(node_cpu / said["wall"], 2),
        "others_share": round(max(0.0, others) / wall, 2),
    }


def _play(plan: dict[str, Any]) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.logs.saying"]
    done = subprocess.run(
        command, input=json.dumps(plan), cwd=ROOT, check=False, stdout=subprocess.PIPE, text=True
    )
    if done.returncode:
        raise RuntimeError("the participants did not come to an end")
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _check(said: dict[str, Any], entries: Sequence[bytes], room: Path) -> None:
    """Every statement has a receipt that holds for it, and stands there after the node has ended."""
    if Counter(said["statuses"]) != {200: len(entries)}:
        raise RuntimeError(f"not every statement was taken: {Counter(said['statuses'])}")
    with open_room(room) as file:
        head = logs.head(file.read, KEY.did)
        assert head is not None
        kept = logs.entries(file.read, head.id, 0, head.size)
    if len(kept) != len(entries):
        raise RuntimeError(f"{len(kept)} entries are there, {len(entries)} were said")
    for entry, receipt in zip(entries, said["receipts"], strict=True):
        proof = inclusion.check(base64.b64decode(receipt), entry, KEY.did)
        if kept[proof.index] != entry:
            raise RuntimeError(f"another entry is at {proof.index} than the receipt says")


def quietest(rows: Sequence[Row]) -> Row | None:
    """The run in which other programs took the least of the machine, whatever came out of it."""
    return min(rows, key=lambda row: (row["others_share"], row["seed"]), default=None)


def figures(rows: Sequence[Row]) -> list[Figure]:
    row = quietest(rows)
    if row is None:
        return []
    target = f"p99 at most {REACH_P99_MS} ms, fsync included"
    text = f"p50 {row['p50']:.1f} ms, p99 {row['p99']:.1f} ms, {row['count']:,} receipts, each of them holds"
    return [
        Figure(
            f"receipts, {row['rate']} appends a second over HTTP", target, text, row["p99"] <= REACH_P99_MS
        )
    ]


def tables(rows: Sequence[Row]) -> str:
    head = ("run", "receipts", "p50", "p95", "p99", "max", "took", "node, cores", "others, cores")
    return table(
        head,
        (
            (
                row["seed"],
                f"{row['count']:,}",
                *(f"{row[name]:.1f} ms" for name in ("p50", "p95", "p99", "max")),
                f"{row['wall']} s",
                row["node_share"],
                row["others_share"],
            )
            for row in rows
        ),
    )


ABOUT = f"""\
Signed statements come to a real `millpond serve` for {SECONDS} s at random moments, {RATE} a second on
average (Poisson), over {CONNECTIONS} kept connections. A time runs from the moment a statement is due to the
last byte of its receipt (C2SP tlog-proof), waiting for a free connection included; the entry and the
checkpoint over it are durable (synchronous=FULL) before. After each run every receipt is checked against its
entry, and the database holds exactly what was said. Who says it shares the machine's cores with the node; the
run is shown in which others took the least."""
RECEIPTS = Work(ABOUT, measure, figures, tables)
