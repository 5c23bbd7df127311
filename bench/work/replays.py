"""Replays of real orders: how far they are cleared, what pooling saves, what equal prices cost."""

import importlib.util
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import ours
from bench.orlib import data_folder
from bench.work import Figure, Row, Scale, Work, percent, say, table

SECONDS = 60.0
MOST_GAP = 0.005
NEEDS_DATA = ("olist", "scms")
NAMES = ("baskets", *NEEDS_DATA)


def measure(scale: Scale) -> list[Row]:
    if importlib.util.find_spec("pandas") is None:
        say("the replays need the extra demo: left out")
        return []
    rows = []
    for name in NAMES:
        if name in NEEDS_DATA and data_folder() is None:
            say(f"the replay {name} needs its data: left out")
            continue
        rows.append(_replay(name, scale.seconds(SECONDS)))
        say(f"replay {name}: {percent(rows[-1]['gap'])}, price-blind {percent(rows[-1]['blind']['gap'])}")
    return rows


def _replay(name: str, seconds: float) -> Row:
    from millpond.model import read_clearing
    from millpond.replay import prepare
    from millpond.replay.scenario import default_text

    where = data_folder()
    prepared = prepare(name, default_text(name), f"the scenario of {name}", where.parent if where else None)
    with tempfile.TemporaryDirectory() as folder:
        path, output = Path(folder) / "round.json", Path(folder) / "clearing.json"
        path.write_bytes(prepared.round_bytes)
        _, (cleared,) = ours.run([ours.Task(str(path), seconds, output=str(output))])
        _, (blind,) = ours.run([ours.Task(str(path), seconds, blind=True)])
        clearing = read_clearing(output.read_bytes())
    size = {"places": len(prepared.round.places), "offers": len(prepared.round.offers)}
    return {"name": name, **size, **cleared, "blind": blind, **_came_of(prepared, clearing)}


def _came_of(prepared: Any, clearing: Any) -> Row:
    """What pooling saved and what one price moved, in minor units."""
    from millpond.equality.terms import reprice, transfers
    from millpond.replay import result_of

    result = result_of(prepared, clearing)
    own, equal = (reprice(prepared.round, clearing.awards, freight_pooled=share) for share in (0, 100))
    moved = transfers(own, equal)
    return {
        "currency": prepared.round.currency,
        "lines_by_outcome": {reason.name.lower(): number for reason, number in result.lines.items()},
        "paid": result.paid,
        "paid_served": result.paid_served,
        "shop": result.shop,
        "bills": result.bills,
        "moved": sum(amount for amount in moved.values() if amount > 0),
        "pay_more": sum(amount > 0 for amount in moved.values()),
        "pay_less": sum(amount < 0 for amount in moved.values()),
    }


def figures(rows: Sequence[Row]) -> list[Figure]:
    found = []
    for row in rows:
        said = f"{percent(row['gap'])}; price-blind {percent(row['blind']['gap'])}"
        reached = row["valid"] and row["gap"] <= MOST_GAP
        found.append(Figure(f"replay `{row['name']}`", f"cleared to {percent(MOST_GAP, 1)}", said, reached))
    return found


def tables(rows: Sequence[Row]) -> str:
    cleared = table(
        ("replay", "places", "offers", "lines", "served", "took", "score", "bound", "gap", "blind", "valid"),
        (
            (
                row["name"], row["places"], row["offers"], row["lines"], row["lines_served"],
                f"{row['seconds']:.1f} s", f"{row['score']:,}", f"{row['bound']:,}", percent(row["gap"]),
                percent(row["blind"]["gap"]), row["valid"],
            )
            for row in rows
        ),
    )  # fmt: skip
    came_of = table(
        ("replay", "the served paid", "now pay", "that is", "in the shop", "moved", "pay more", "pay less"),
        (
            (
                row["name"], f"{row['paid_served']:,}", f"{row['bills']:,}",
                _change(row["paid_served"], row["bills"]),
                "none" if row["shop"] is None else f"{row['shop']:,}",
                f"{row['moved']:,} ({_share(row['moved'], row['bills'])})", row["pay_more"], row["pay_less"],
            )
            for row in rows
        ),
    )  # fmt: skip
    return f"{cleared}\n\n{MEANING}\n\n{came_of}"


def _share(part: int, whole: int) -> str:
    return percent(part / whole, 2) if whole else "none"


def _change(before: int, now: int) -> str:
    return f"{100 * (now / before - 1):+.2f} %" if before else "none"


ABOUT = f"""\
`baskets`, `olist` and `scms` with the scenarios in `src/millpond/replay/scenarios`, {SECONDS:g} s each.
The price ladders, tariffs and places are assumptions of those scenarios, not data."""
MEANING = """\
What came of it, good or bad, in minor units. *Moved*: what places pay more in all at `freight_pooled`
100 than at 0 for the same awards (others pay that much less), and how many places pay more or less."""
REPLAYS = Work(ABOUT, measure, figures, tables)
