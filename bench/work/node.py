"""A node under load: 300 households at once at a real `millpond serve`, and its memory."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.load import memory
from bench.load.patterns import EXACT, HOUSEHOLDS, KINDS, PATTERNS, Pattern, run, wait_until_quiet
from bench.work import Figure, Row, Scale, Work, megabytes, say, table

REACH_P95_MS = 100
RUNS = 3


def measure(scale: Scale) -> list[Row]:
    """A row for each run of each pattern, and those of the memory."""
    rows: list[Row] = []
    for pattern in (*PATTERNS, *EXACT):
        for seed in scale.seeds(RUNS):
            wait_until_quiet()
            rows.append({"what": "load", **run(pattern, seed, HOUSEHOLDS)})
            say(f"{pattern.name}: {told(rows[-1])}")
    return rows + [{"what": "memory", **row} for row in memory.measure()]


def told(row: Row) -> str:
    """One run in a line."""
    times = ", ".join(f"{kind} p95 {row[kind]['p95']} ms" for kind in KINDS if row[kind])
    return f"{times}; others took {row['others_share']} of a core"


def quietest(rows: Sequence[Row], pattern: Pattern) -> Row | None:
    """The run in which other programs took the least of the machine, whatever came out of it."""
    runs = [row for row in rows if row["what"] == "load" and row["pattern"] == pattern.name]
    return min(runs, key=lambda row: (row["others_share"], row["seed"]), default=None)


def figures(rows: Sequence[Row]) -> list[Figure]:
    target = f"order answered: p95 at most {REACH_P95_MS} ms, none lost, none twice"
    found = []
    for pattern in PATTERNS:
        row = quietest(rows, pattern)
        if row is not None:
            p95 = row["order"]["p95"]
            text = f"{p95:.0f} ms, {row['orders']:,} orders, each there once"
            found.append(
                Figure(f"{HOUSEHOLDS} households: {pattern.name}", target, text, p95 <= REACH_P95_MS)
            )
    for pattern in EXACT:
        row = quietest(rows, pattern)
        if row is not None:
            text = f"{row['orders']} taken, {row['refused']} refused, to the last one rightly"
            found.append(Figure(f"{HOUSEHOLDS} households: {pattern.name}", "exact", text, True))
    held = [row["most"] for row in rows if row["what"] == "memory"]
    if held:
        least = f"under {megabytes(memory.MOST_BYTES)}"
        found.append(
            Figure("memory of a served node", least, megabytes(max(held)), max(held) < memory.MOST_BYTES)
        )
    return found


def tables(rows: Sequence[Row]) -> str:
    load, busy = [], []
    for pattern in (*PATTERNS, *EXACT):
        row = quietest(rows, pattern)
        if row is None:
            continue
        for kind in KINDS:
            if row[kind]:
                load.append((pattern.name, kind, *_cells(row[kind])))
        runs = sum(one["what"] == "load" and one["pattern"] == pattern.name for one in rows)
        shares = (row["node_share"], row["households_share"], row["others_share"])
        busy.append((pattern.name, runs, row["requests"], f"{row['seconds']} s", *shares))
    held = [
        (row["when"], megabytes(row["now"]), megabytes(row["most"]))
        for row in rows
        if row["what"] == "memory"
    ]
    return "\n\n".join(
        (
            table(("households", "request", "count", "p50", "p95", "p99", "max"), load),
            "Cores that each took in that run:",
            table(("households", "runs", "requests", "took", "node", "households' program", "others"), busy),
            table(("a served node", "memory then", "most until then"), held),
        )
    )


def _cells(kind: Mapping[str, Any]) -> list[str]:
    return [f"{kind['count']:,}", *(f"{kind[name]:.1f} ms" for name in ("p50", "p95", "p99", "max"))]


ABOUT = f"""\
`millpond serve` on a fresh directory, held to one core; {HOUSEHOLDS} households on connections of their own
from another program, held to the other core. Each loads the page of the group order, thinks, sends its order
and loads its own order; one in ten sends the order twice at the same moment. A time is that from the first
byte sent to the last one received, with gzip. After each run the database is compared with what households
were told: every order that was confirmed is there once and nothing else, numbers and codes are unique; with a
close, no order was sent after it and taken, and none was answered before it and refused; with a cap, exactly
so many units were taken. A run that finds otherwise ends the benchmark.

The machine is shared: a run waits up to half a minute for a quiet moment, and that one is shown in which
others took the least. One process answers one request after another: {HOUSEHOLDS} orders that come in the
same instant wait for each other, and the last one is answered when all are."""
NODE = Work(ABOUT, measure, figures, tables)
