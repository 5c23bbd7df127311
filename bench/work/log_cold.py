"""A whole log of a million entries, checked cold: its structure beside aics-tlog, and fetched from a node."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench import ROOT
from bench.load.patterns import wait_until_quiet
from bench.load.serving import serving
from bench.logs import nodes, structure
from bench.logs.statements import KEY, signed
from bench.work import Figure, Row, Scale, Work, megabytes, say, table
from millpond.network.exporting import export
from millpond.store import logs
from millpond.store.files import open_network

ENTRIES = 1_000_000
STRUCTURE_REPEATS, FETCH_REPEATS = 3, 2
REACH_SECONDS = 25


def measure(scale: Scale) -> list[Row]:
    """Rows of structure, ours and theirs in turn; rows of fetching."""
    return list(_measure(scale))


def _measure(scale: Scale) -> Iterator[Row]:
    count = ENTRIES // (10 if scale.quick else 1)
    with TemporaryDirectory() as folder:
        data, static = Path(folder) / "node", Path(folder) / "static"
        hash = nodes.carrying(data, signed(count), KEY)
        with open_network(data / "network.db") as file:
            head = logs.head_by_hash(file.read, hash)
            assert head is not None
            export(file.read, head, static)
        say(f"{count:,} entries laid ready")
        yield from _structure(scale, static)
        with serving(data) as node:
            for seed in scale.seeds(FETCH_REPEATS):
                wait_until_quiet(10)
                before = node.seconds()
                row = fetch(Path(folder) / f"follower-{seed}.db", f"http://127.0.0.1:{node.port}/logs/{hash}")
                if row["size"] != count:
                    raise RuntimeError(
                        f"the follower has {row['size']} of {count} entries: {row['problems']}"
                    )
                say(f"fetched, stored, verified: {row['seconds']:.1f} s")
                yield {"what": "fetch", "seed": seed, "node_seconds": node.seconds() - before, **row}


def _structure(scale: Scale, static: Path) -> Iterator[Row]:
    has_peer = structure.FOREIGN.exists()
    if not has_peer:
        say(f"{structure.NEEDED}: left out")
    for seed in scale.seeds(STRUCTURE_REPEATS):
        wait_until_quiet(10)
        for who in ("millpond", "aics-tlog") if has_peer else ("millpond",):
            run = structure.run_ours if who == "millpond" else structure.run_theirs
            told = run(static, KEY.did)
            say(f"structure by {who}: {told['seconds']} s")
            yield {"what": "structure", "who": who, "seed": seed, **told}


def fetch(file: Path, prefix: str) -> dict[str, Any]:
    """What a follower with nothing yet does, as a process of its own."""
    command = [sys.executable, "-m", "bench.logs.nodes", str(file), KEY.did, prefix, "50"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the follower failed: {done.stderr[-1_000:]}")
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def seconds(rows: Sequence[Row], what: str, who: str | None = None) -> list[float]:
    """Of each run."""
    return [row["seconds"] for row in rows if row["what"] == what and row.get("who") == who]


def figures(rows: Sequence[Row]) -> list[Figure]:
    found = []
    ours, theirs = (seconds(rows, "structure", who) for who in ("millpond", "aics-tlog"))
    if ours:
        size = next(row["size"] for row in rows)
        work, target = f"structure of {size:,} entries", "no slower than aics-tlog's audit of the same files"
        text = f"{median(ours):.2f} s" + (f", aics-tlog {median(theirs):.2f} s" if theirs else "")
        found.append(Figure(work, target, text, bool(theirs) and median(ours) <= median(theirs)))
    fetched = seconds(rows, "fetch")
    if fetched:
        size = next(row["size"] for row in rows if row["what"] == "fetch")
        work, target = f"{size:,} entries over HTTP, stored, verified", f"at most {REACH_SECONDS} s"
        found.append(Figure(work, target, f"{median(fetched):.1f} s", median(fetched) <= REACH_SECONDS))
    return found


def tables(rows: Sequence[Row]) -> str:
    lines = []
    for what, who in (("structure", "millpond"), ("structure", "aics-tlog"), ("fetch", None)):
        took = seconds(rows, what, who)
        if took:
            peak = max(row["peak_bytes"] for row in rows if row["what"] == what and row.get("who") == who)
            cells = (f"{one:.2f} s" for one in (min(took), median(took), max(took)))
            lines.append((what, who or "millpond", len(took), *cells, megabytes(peak)))
    told = table(("what", "who", "runs", "least", "median", "most", "memory"), lines)
    fetches = [row for row in rows if row["what"] == "fetch"]
    if fetches:
        cpu = (median(row[name] for row in fetches) for name in ("cpu_seconds", "node_seconds"))
        told += (
            "\n\nOf a processor, a fetch took {:.1f} s for the follower and {:.1f} s for the node.".format(
                *cpu
            )
        )
    return told


ABOUT = f"""\
A log of {ENTRIES:,} statements of some 400 bytes, without a look at what single statements say or who signed
them. *Structure*: the log as a folder of static files, exported; every bundle and every tile is read, hashed
and held against the root that the log's key signed. aics-tlog (`audit_tiles`, its own Python, the same files)
and ours in turn, each a process; seconds from the first file to the last, without starting Python. *Fetch*: a
follower that has nothing yet takes the same log from `millpond serve` in another process over HTTP, stores it
(SQLite, synchronous=FULL) and holds it against the signed root. Both processes share the machine."""
COLD = Work(ABOUT, measure, figures, tables)
