"""Second part of a report: what the same basket costs alone, in pools, and in the whole network."""

from typing import NamedTuple

from markupsafe import Markup

from millpond.equality.sizes import Size
from millpond.model.money import decimal_places
from millpond.report import charts
from millpond.report.compared import Way
from millpond.report.study import Study
from millpond.report.wording import Words

MOST_FAMILIES = 20
"""Families of the basket named one by one."""


class Fall(NamedTuple):
    """The mean price in towns of a size, alone and in the whole network."""

    size: Size
    before: float
    after: float


def prices(study: Study, w: Words) -> dict[str, object]:
    """What the template `prices.html` shows; nothing where no basket can be compared."""
    if study.basket is None:
        return {"basket": None}
    weights = sorted(study.basket.families.items(), key=lambda entry: (-entry[1], entry[0]))
    sizes = basket_sizes(study)
    falls = sorted((_fall(study, size) for size in sizes), key=lambda fall: fall.after - fall.before)
    return {
        "basket": study.basket,
        "families": weights[:MOST_FAMILIES],
        "families_more": len(weights) - MOST_FAMILIES,
        "ways": list(study.ways.values()),
        "sizes": sizes,
        "most": falls[0] if len(falls) > 1 else None,
        "least": falls[-1],
        "with_shop": all(shop is not None for shop in study.basket.shop.values()),
        "town": study.pools.get(Way.TOWN),
        "region": study.pools.get(Way.REGION),
        "chart": _chart(study, sizes, w),
    }


def _fall(study: Study, size: Size) -> Fall:
    alone, whole = study.ways[Way.ALONE], study.ways[Way.WHOLE]
    return Fall(size, alone.by_size[size].amount, whole.by_size[size].amount)


def basket_sizes(study: Study) -> list[Size]:
    """Sizes among the places that are compared."""
    return sorted({study.sizes[place] for place in study.basket.places}) if study.basket else []


def on_axis(study: Study, cost: float) -> float:
    """A cost of the basket as an axis shows it: in the currency's main unit, or as the index it is."""
    if study.basket is None or not study.basket.fixed:
        return cost
    return cost / float(10 ** decimal_places(study.round.currency))


def cost_text(study: Study, cost: float, w: Words) -> str:
    """A cost of the basket in words: money, or an index."""
    return w.money(cost) if study.basket is None or study.basket.fixed else w.decimal(cost, 1)


def _chart(study: Study, sizes: list[Size], w: Words) -> Markup:
    rows = [
        {"way": w.way(way), "size": int(size), "amount": on_axis(study, row.by_size[size].amount)}
        for way, row in study.ways.items()
        for size in sizes
    ]
    name = w.t("四种买法下，各类地方的价格", "Prices by town size for each way of buying")
    return charts.converging(rows, [w.way(way) for way in study.ways], name)
