"""What families of goods cost at each place under a way of buying: alone, or at the prices of a clearing.

A quote is the price of a family without the surcharges of its variants, so that places which want different
sizes or makes can be compared. Figures are floats in minor units: they describe, and decide nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from millpond.clearing.alone import AloneIndex
from millpond.equality.surcharges import average_surcharges, usual_surcharges
from millpond.model import Award, Price, Round


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of `units` of a family without surcharges, None where this way does not get it."""

    units: int
    price: float | None


Quotes = Mapping[tuple[str, str], tuple[Quote, ...]]
"""By place and family; what is missing cannot be had this way."""


def alone_quotes(round: Round, awards: Iterable[Award]) -> Quotes:
    """Each line by itself: one offer makes and delivers its quantity, of the item that comes cheapest."""
    index, surcharges = AloneIndex(round), usual_surcharges(round, awards)
    quotes: dict[tuple[str, str], list[Quote]] = {}
    for line in round.demand:
        best: dict[str, float | None] = {}
        for accepted in line.accepts:
            family = index.family_of[accepted.item]
            total = index.total(line.place, {accepted.item: line.quantity}, line.needed_by)
            known = best.setdefault(family, None)
            if total is not None:
                price = total / line.quantity - float(surcharges[accepted.item])
                best[family] = price if known is None else min(known, price)
        for family, least in best.items():
            quotes.setdefault((line.place, family), []).append(Quote(line.quantity, least))
    return {key: tuple(entries) for key, entries in quotes.items()}


def pool_quotes(round: Round, awards: Collection[Award], prices: Iterable[Price]) -> Quotes:
    """What families cost at the prices of a clearing: that of any item, less the item's average surcharge."""
    surcharges = average_surcharges(round, awards)
    family_of = {item.id: item.family for item in round.items}
    # All items of a family cost the same at a place but for their surcharge; any of them tells.
    return {
        (row.place, family_of[row.item]): (Quote(1, float(row.price - surcharges[row.item])),)
        for row in prices
    }


def quoted(quotes: Quotes, pair: tuple[str, str]) -> bool:
    """Whether there is a price for all of the pair of place and family."""
    entries = quotes.get(pair)
    return bool(entries) and all(quote.price is not None for quote in entries or ())
