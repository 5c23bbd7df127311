"""Fourth and fifth part of a report: how equal prices are, who has access, and who gains."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from millpond.equality.inequality import herfindahl, mean
from millpond.equality.sizes import Size
from millpond.equality.surplus import concentration_by_family, gain_by_place, revenue_by_maker
from millpond.report import charts
from millpond.report.prices import basket_sizes, on_axis
from millpond.report.study import SizeRow, Study, WayRow
from millpond.report.wording import Words

GOLDEN = 0.618033988749895
"""Multiples of the golden ratio, less their integers, spread dots evenly whatever their number."""
MOST_MAKERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class GainRow:
    """What households of one size gain, in minor units; their share of all gains, and of all wanted."""

    size: Size | None
    gain: int
    share: float
    wanted: float


def equal(study: Study, w: Words) -> dict[str, object]:
    """What the template `equal.html` shows."""
    with_access = [row for row in (study.total, *study.rows) if row.referenced]
    return {
        "ways": list(study.ways.values()),
        "spread": {way: spread(row) for way, row in study.ways.items()},
        "sizes": basket_sizes(study),
        "access": with_access,
        "chart": _strips(study, w) if study.ways else None,
    }


def spread(row: WayRow) -> float | None:
    """By what share the dearest place pays more than the cheapest; None where the cheapest pays nothing."""
    amounts = [cost.amount for cost in row.costs.values()]
    return max(amounts) / min(amounts) - 1 if min(amounts) > 0 else None


def _strips(study: Study, w: Words) -> Markup:
    dots = [
        {
            "group": w.way(way),
            "amount": on_axis(study, cost.amount),
            "size": int(study.sizes[place]),
            "shift": number * GOLDEN % 1 - 0.5,
        }
        for way, row in study.ways.items()
        for number, (place, cost) in enumerate(row.costs.items())
    ]
    name = w.t("每个地方的价格，一点一个地方", "The price at every place, a dot each")
    means = [
        {"group": w.way(way), "amount": on_axis(study, row.by_size[None].amount)}
        for way, row in study.ways.items()
    ]
    return charts.strips(dots, means, [w.way(way) for way in study.ways], name)


def gains(study: Study, w: Words) -> dict[str, object]:
    """What the template `gains.html` shows."""
    by_place = gain_by_place(study.round, study.clearing)
    total = sum(by_place.values())
    rows = [_gain_row(study, row, by_place, total) for row in study.rows]
    revenue = revenue_by_maker(study.round, study.clearing)
    concentration = concentration_by_family(study.round, study.clearing)
    units = _units_by_family(study)
    largest = sorted(revenue.items(), key=lambda entry: (-entry[1], entry[0]))
    return {
        "total": total,
        "rows": rows,
        "revenue": sum(revenue.values()),
        "makers": largest[:MOST_MAKERS],
        "makers_more": len(largest) - MOST_MAKERS,
        "hhi": herfindahl(list(revenue.values())),
        "hhi_families": mean(list(concentration.values()), [units[f] for f in concentration])
        if units
        else 0.0,
        "families": len(concentration),
        "alone_families": sum(index == 1 for index in concentration.values()),
        "chart": _pairs(rows, w) if total > 0 and len(rows) > 1 else None,
    }


def _units_by_family(study: Study) -> dict[str, float]:
    family_of = {item.id: item.family for item in study.round.items}
    units: dict[str, float] = {}
    for award in study.clearing.awards:
        family = family_of[award.item]
        units[family] = units.get(family, 0.0) + award.quantity
    return units


def _gain_row(study: Study, row: SizeRow, by_place: Mapping[str, int], total: int) -> GainRow:
    gain = sum(amount for place, amount in by_place.items() if study.sizes[place] is row.size)
    wanted = row.wanted / study.total.wanted if study.total.wanted else 0.0
    return GainRow(size=row.size, gain=gain, share=gain / total if total else 0.0, wanted=wanted)


def _pairs(rows: list[GainRow], w: Words) -> Markup:
    points = [
        {"group": w.size(row.size), "kind": kind, "share": share}
        for row in rows
        for kind, share in (("wanted", row.wanted), ("gain", row.share))
    ]
    groups = [w.size(row.size) for row in rows]
    name = w.t("各类地方在需求里和在好处里占的份额", "Each size's share of what is wanted and of the gain")
    return charts.pairs(points, groups, name)
