"""Ways in which 300 households come, what each answer took, and whether every order is there once.

The node and the households are two processes with a core each, so that neither takes time from the other;
the node has one core of the two, which is less than it is promised.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import ROOT
from bench.load.serving import Prepared, prepare, serving

HOUSEHOLDS = 300
KINDS = ("page", "order", "order again", "own order")
QUIET_SHARE = 0.2
"""Of a core, taken by other programs."""
STARTING_MS = 8_000
"""From making the data to the moment around which a close lies: the node has started by then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """How they come: `within` so many seconds; `looks` is false where all have the form filled in already.

    `again_for` seconds each that is done is followed by another one. A close lies in the middle of `within`.
    """

    name: str
    within: float
    looks: bool = True
    think: tuple[float, float] = (1.0, 5.0)
    again_for: float = 0.0
    closes: bool = False
    cap_units: int | None = None


PATTERNS = (
    Pattern(name="300 at any time for 20 s, thinking 1 to 5 s", within=5.0, again_for=20.0),
    Pattern(name="all come within 5 s, think 1 to 5 s", within=5.0),
    Pattern(name="all load the page in one instant, think 1 to 5 s", within=0.0),
    Pattern(name="all send the order within 5 s", within=5.0, looks=False),
    Pattern(name="all send the order within 1 s", within=1.0, looks=False),
    Pattern(name="all send the order in one instant", within=0.0, looks=False),
)
EXACT = (
    Pattern(name="the close falls into the middle of 2 s", within=2.0, looks=False, closes=True),
    Pattern(name="the cap is 150 units, all in one instant", within=0.0, looks=False, cap_units=150),
)


def run(pattern: Pattern, seed: int, households: int = HOUSEHOLDS) -> dict[str, Any]:
    """One run on fresh data; raises `AssertionError` if an order is lost, there twice, or taken too late."""
    with TemporaryDirectory() as folder:
        prepared = prepare(
            Path(folder) / "node",
            closes_in_ms=STARTING_MS if pattern.closes else None,
            cap_units=pattern.cap_units,
        )
        node_cores, our_cores = _cores()
        with serving(prepared.data, cores=node_cores) as node:
            before, start = busy_seconds(), time.perf_counter()
            node_before = node.seconds()
            said = play(plan(pattern, prepared, node.port, seed, households), our_cores)
            wall = time.perf_counter() - start
            node_cpu = node.seconds() - node_before
            others = busy_seconds() - before - node_cpu - said["cpu"]
        found = check(prepared, pattern, said["orders"])
    return {
        "pattern": pattern.name,
        "seed": seed,
        **found,
        **{kind: summary([took for of, _, took, _ in said["samples"] if of == kind]) for kind in KINDS},
        "seconds": round(said["wall"], 2),
        "requests": len(said["samples"]),
        "node_share": round(node_cpu / said["wall"], 2),
        "households_share": round(said["cpu"] / said["wall"], 2),
        "others_share": round(max(0.0, others) / wall, 2),
    }


def plan(pattern: Pattern, prepared: Prepared, port: int, seed: int, households: int) -> dict[str, Any]:
    """What the households' program is told."""
    closes_ms = prepared.round.closes_at_ms
    return {
        **asdict(pattern),
        "households": households,
        "port": port,
        "path": f"/pond/g/{prepared.round.code}",
        "items": [item.id for item in prepared.round.offered],
        "one_each": pattern.cap_units is not None,
        "twice_percent": 10,
        "seed": seed,
        "starts_at_ms": 0 if closes_ms is None else closes_ms - round(500 * pattern.within),
    }


def play(plan: dict[str, Any], cores: Sequence[int] = ()) -> dict[str, Any]:
    """The households' program, run to its end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.load.households"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    if cores:
        os.sched_setaffinity(process.pid, cores)
    out, _ = process.communicate(json.dumps(plan))
    if process.returncode:
        raise RuntimeError("the households did not come to an end")
    said: dict[str, Any] = json.loads(out)
    return said


def check(prepared: Prepared, pattern: Pattern, told: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is in the database against what households were told."""
    confirmed = {one["token"]: one for one in told if one["status"] == 303}
    refused = [one for one in told if one["status"] == 409]
    assert len([one for one in told if one["status"] == 303]) + len(refused) == len(told), "another answer"
    with closing(sqlite3.connect(prepared.room_file)) as connection:
        connection.row_factory = sqlite3.Row
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        kept = connection.execute(
            "SELECT orders.*, link, (SELECT sum(quantity) FROM wants WHERE order_id = orders.id) AS units "
            "FROM orders JOIN households ON households.id = orders.household"
        ).fetchall()
        stage = connection.execute("SELECT stage FROM rounds").fetchone()[0]
    by_token = {order["token"]: order for order in kept}
    assert len(by_token) == len(kept), "an order is there twice"
    assert by_token.keys() == confirmed.keys(), "an order is lost, or there though nobody was told"
    assert (
        len({order["number"] for order in kept}) == len({order["pickup_code"] for order in kept}) == len(kept)
    )
    for one in told:
        if one["status"] == 303:
            order = by_token[one["token"]]
            assert f"/h/{order['link']}/" in one["to"], "somebody else's order"
            assert order["units"] == one["units"]
    if pattern.closes:
        closes_ms = prepared.round.closes_at_ms
        assert closes_ms is not None
        assert all(order["created_ms"] < closes_ms for order in kept), "taken after the close"
        assert all(one["sent_ms"] < closes_ms for one in confirmed.values()), "sent after the close"
        assert all(one["answered_ms"] >= closes_ms for one in refused), "refused before the close"
    elif pattern.cap_units is not None:
        assert sum(order["units"] for order in kept) == pattern.cap_units, "above or below the cap"
        assert stage == "closed"
    else:
        assert not refused
    return {"orders": len(kept), "sent": len(told), "refused": len({one["token"] for one in refused})}


def wait_until_quiet(most_seconds: float = 30.0) -> None:
    """Waits for a moment in which other programs leave the machine alone, but not for ever."""
    ends = time.perf_counter() + most_seconds
    while time.perf_counter() < ends:
        before, start = busy_seconds(), time.perf_counter()
        time.sleep(1.0)
        if busy_seconds() - before < QUIET_SHARE * (time.perf_counter() - start):
            return


def summary(seconds: Sequence[float]) -> dict[str, float] | None:
    """Quantiles in milliseconds: each is a time that was measured, the smallest that so many did not pass."""
    if not seconds:
        return None
    rising = sorted(seconds)
    at = {"p50": 50, "p95": 95, "p99": 99, "max": 100}
    found = {name: rising[-(-len(rising) * percent // 100) - 1] for name, percent in at.items()}
    return {"count": len(rising)} | {name: round(1000 * value, 1) for name, value in found.items()}


def _cores() -> tuple[Sequence[int], Sequence[int]]:
    """One for the node, another for the households; none where that cannot be chosen."""
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        return (), ()
    first, second = sorted(os.sched_getaffinity(0))[:2]
    return (first,), (second,)


def busy_seconds() -> float:
    """Processor seconds that the whole machine has used."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")
