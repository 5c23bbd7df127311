"""What a whole round must obey: ids once, references to something, one load a family, totals within 10^18.

The totals bound what any clearing of the round could be worth or cost, in minor units:

- value: over lines, quantity x the largest value of a unit it accepts (min of limit and reference). With
  `must_serve` values do not count, so it is 0.
- cost: over offers, setup, plus over freight entries, `fixed`, plus over lines, quantity x the dearest unit
  it could be given: over the items it accepts and the offers that make them and deliver to its place (dates
  and capacities aside), the offer's dearest tier price + surcharge + load x `per_load`.

Invariant: a round whose bounds both are at most 10^18 has no clearing whose value, cost or score passes
10^18.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from millpond.errors import InputError
from millpond.model.rules import MAX_TOTAL, shown, wrong

if TYPE_CHECKING:
    from millpond.model.round import Item, Offer, Round


class Double(NamedTuple):
    """Two rows of one list that have the same key."""

    key: str
    first: int
    second: int

    def problem(self, rule: str) -> str:
        return f"{shown(self.key)} stands at [{self.first}] already; {rule}"


def first_double(keys: Iterable[str]) -> Double | None:
    """The first row, in order, whose key an earlier one has."""
    seen: dict[str, int] = {}
    for index, key in enumerate(keys):
        if (first := seen.setdefault(key, index)) != index:
            return Double(key, first, index)
    return None


def check_round(round: Round) -> None:
    """Raise `InputError` at the first rule about the whole round that it breaks."""
    for name in ("items", "places", "demand", "offers"):
        if found := first_double(row.id for row in getattr(round, name)):
            raise InputError(found.problem("ids are unique in their list"), at=f"{name}[{found.second}].id")
    _check_references(round)
    _check_families(round)
    _check_totals(round)


def _check_references(round: Round) -> None:
    items = {item.id for item in round.items}
    places = {place.id for place in round.places}
    for d, line in enumerate(round.demand):
        if line.place not in places:
            raise wrong(f"demand[{d}].place", line.place, "the id of a place of this round")
        for k, accepted in enumerate(line.accepts):
            if accepted.item not in items:
                raise wrong(
                    f"demand[{d}].accepts[{k}].item", accepted.item, "the id of an item of this round"
                )
    for o, offer in enumerate(round.offers):
        for k, made in enumerate(offer.items):
            if made.item not in items:
                raise wrong(f"offers[{o}].items[{k}].item", made.item, "the id of an item of this round")
        for k, entry in enumerate(offer.freight):
            if entry.place not in places:
                raise wrong(f"offers[{o}].freight[{k}].place", entry.place, "the id of a place of this round")


def _check_families(round: Round) -> None:
    first: dict[str, Item] = {}
    for index, item in enumerate(round.items):
        other = first.setdefault(item.family, item)
        if item.load != other.load:
            rule = f"{other.load:,}, the load of {shown(other.id)}: family {shown(item.family)} has one load"
            raise wrong(f"items[{index}].load", item.load, rule)


def _check_totals(round: Round) -> None:
    value = _most_value(round)
    if value > MAX_TOTAL:
        raise InputError(
            f"all lines together could be worth {value:,}; the total value is at most 10^18", at="demand"
        )
    # Exact bounds walk every line of every freight entry; the rough one is enough for any round of ordinary
    # amounts.
    if _rough_cost(round) > MAX_TOTAL and (cost := _most_cost(round)) > MAX_TOTAL:
        raise InputError(
            f"serving all lines could cost {cost:,}; the total cost is at most 10^18", at="offers"
        )


def _most_value(round: Round) -> int:
    if round.must_serve:
        return 0
    reference = {item.id: item.reference for item in round.items}

    def worth(item: str, limit: int) -> int:
        shop = reference[item]
        return limit if shop is None else min(limit, shop)

    return sum(line.quantity * max(worth(a.item, a.limit) for a in line.accepts) for line in round.demand)


def _standing_cost(round: Round) -> int:
    return sum(offer.setup + sum(entry.fixed for entry in offer.freight) for offer in round.offers)


def _dearest_price(offer: Offer) -> int:
    return max(tier.price for tier in offer.tiers)


def _rough_cost(round: Round) -> int:
    """At least `_most_cost`: every line at the dearest price, surcharge, load and freight of the round."""
    dearest = max(
        (
            _dearest_price(offer) + max(made.surcharge for made in offer.items) + load * freight
            for load in [max((item.load for item in round.items), default=0)]
            for offer in round.offers
            for freight in [max((entry.per_load for entry in offer.freight), default=0)]
        ),
        default=0,
    )
    return _standing_cost(round) + dearest * sum(line.quantity for line in round.demand)


def _most_cost(round: Round) -> int:
    load = {item.id: item.load for item in round.items}
    lines_at: dict[str, list[int]] = {}
    for d, line in enumerate(round.demand):
        lines_at.setdefault(line.place, []).append(d)
    dearest = [0] * len(round.demand)
    for offer in round.offers:
        price = _dearest_price(offer)
        made = {entry.item: price + entry.surcharge for entry in offer.items}
        for entry in offer.freight:
            for d in lines_at.get(entry.place, ()):
                for accepted in round.demand[d].accepts:
                    if accepted.item in made:
                        unit = made[accepted.item] + load[accepted.item] * entry.per_load
                        dearest[d] = max(dearest[d], unit)
    return _standing_cost(round) + sum(
        line.quantity * unit for line, unit in zip(round.demand, dearest, strict=True)
    )
