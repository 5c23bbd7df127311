"""Sixth part of a report: who pays how much for equal prices, and what solidarity would change."""

from dataclasses import dataclass

from markupsafe import Markup

from millpond.equality.outcomes import Reason
from millpond.equality.sizes import Size
from millpond.equality.terms import transfers
from millpond.report import charts
from millpond.report.study import Study
from millpond.report.wording import Words

MOST_NAMED = 6
"""Places named on either side, those that pay most and those that save most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRow:
    """What places of one size pay more (less: negative), in all and a unit; how many pay more or less."""

    size: Size
    amount: int
    per_unit: float
    more: int
    less: int


def terms(study: Study, w: Words) -> dict[str, object]:
    """What the template `terms.html` shows.

    The comparison is of prices with the round's pooled freight against none; in a round that pools none, of
    pooling all against the round's own.
    """
    pooled = study.round.freight_pooled or 100
    paid = transfers(study.freight[0].repriced, study.freight[pooled].repriced)
    units = _units(study)
    sizes = _by_size(study, paid, units)
    ordered = sorted(paid.items(), key=lambda entry: (-entry[1], entry[0]))
    cost = sum(study.freight[0].repriced.bills.values())
    return {
        "pooled": pooled,
        "moved": sum(amount for amount in paid.values() if amount > 0),
        "cost": cost,
        "sizes": sizes,
        "units": units,
        "payers": [entry for entry in ordered if entry[1] > 0][:MOST_NAMED],
        "savers": [entry for entry in reversed(ordered) if entry[1] < 0][:MOST_NAMED],
        "over_limit": study.freight[0].repriced.over_limit,
        "without": study.freight[0],
        "with_pooling": study.freight[pooled],
        "chart": _chart(sizes, w) if any(row.per_unit for row in sizes) else None,
        "solidarity": list(study.solidarity.values()),
    }


def _units(study: Study) -> dict[str, int]:
    """Units served by place."""
    units: dict[str, int] = {}
    for outcome in study.outcomes:
        if got := outcome.units.get(Reason.SERVED, 0):
            units[outcome.line.place] = units.get(outcome.line.place, 0) + got
    return units


def _by_size(study: Study, paid: dict[str, int], units: dict[str, int]) -> list[TransferRow]:
    rows = []
    for size in sorted({study.sizes[place] for place in paid}):
        places = [place for place in paid if study.sizes[place] is size]
        amount, number = sum(paid[place] for place in places), sum(units[place] for place in places)
        more = sum(paid[place] > 0 for place in places)
        less = sum(paid[place] < 0 for place in places)
        rows.append(TransferRow(size=size, amount=amount, per_unit=amount / number, more=more, less=less))
    return rows


def _chart(sizes: list[TransferRow], w: Words) -> Markup:
    rows = [
        {"group": w.size(row.size), "amount": row.per_unit, "text": w.money(row.per_unit, signed=True)}
        for row in sizes
    ]
    groups = [w.size(row.size) for row in sizes]
    name = w.t(
        "统摊运费以后，各类地方每件多付或少付多少",
        "What each size pays more or less a unit by pooling freight",
    )
    return charts.diverging(rows, groups, name)
