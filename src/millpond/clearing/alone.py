"""Alone totals: what a place would pay for its units of a family without the others.

Source: the founding design, "Costs and prices", *Alone* A(c,f): the least total for which one offer would
make and deliver exactly the place's units of the family's items by itself, among the offers that make all of
those items, deliver to the place, are ready by the earliest date one of its served lines needs them, and
whose first tier and capacity admit the quantity.

- All amounts are integers of the minor unit; nothing is rounded.
- An `AloneIndex` belongs to one round and remembers what it worked out, so a search may ask again and again.
- It does not ask whether another place got that offer's capacity: "alone" is a comparison, not a plan.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from millpond.model import Offer, Round

REMEMBERED = 200_000
"""Alone totals kept before all are forgotten: some 100 MB, more than one pricing ever asks for."""


class _Candidate(NamedTuple):
    """An offer that delivers to a place and makes something of a family; what its cost there needs."""

    first: int
    capacity: int
    ready_on: date | None
    fixed: int
    freight_per_unit: int
    starts: tuple[int, ...]
    prices: tuple[int, ...]
    surcharges: Mapping[str, int]


class AloneIndex:
    """The offers of one round by family and place, and the alone totals found so far."""

    def __init__(self, round: Round) -> None:
        self.family_of = {item.id: item.family for item in round.items}
        self._load_of = {item.family: item.load for item in round.items}
        self._freight = {offer.id: {row.place: row for row in offer.freight} for offer in round.offers}
        self._offers_of: dict[str, list[tuple[Offer, dict[str, int]]]] = {}
        for offer in round.offers:
            by_family: dict[str, dict[str, int]] = {}
            for made in offer.items:
                by_family.setdefault(self.family_of[made.item], {})[made.item] = made.surcharge
            for family, surcharges in by_family.items():
                self._offers_of.setdefault(family, []).append((offer, surcharges))
        self._candidates: dict[tuple[str, str], list[_Candidate]] = {}
        self._known: dict[tuple[str, tuple[tuple[str, int], ...], date | None], int | None] = {}

    def total(self, place: str, units_of: Mapping[str, int], needed_by: date | None = None) -> int | None:
        """Return the alone total of `place` for `units_of` its items (of one family), or None if there is no
        such offer.

        `needed_by` is the earliest date one of the served lines needs them, None if none of them has one.
        """
        key = (place, tuple(sorted(units_of.items())), needed_by)
        try:
            return self._known[key]
        except KeyError:
            pass
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        total = self._known[key] = self._least(place, key[1], needed_by)
        return total

    def _least(self, place: str, wanted: tuple[tuple[str, int], ...], needed_by: date | None) -> int | None:
        families = {self.family_of[item] for item, _ in wanted}
        if len(families) != 1:
            raise ValueError(f"an alone total is for items of one family, not of {sorted(families)}")
        units = sum(quantity for _, quantity in wanted)
        least: int | None = None
        for offer in self._candidates_of(place, families.pop()):
            if not offer.first <= units <= offer.capacity:
                continue
            if needed_by is not None and offer.ready_on is not None and offer.ready_on > needed_by:
                continue
            price = offer.prices[bisect_right(offer.starts, units) - 1]
            total = offer.fixed + units * (price + offer.freight_per_unit)
            if least is not None and total >= least:
                continue  # surcharges are never negative
            for item, quantity in wanted:
                surcharge = offer.surcharges.get(item)
                if surcharge is None:
                    break
                total += surcharge * quantity
            else:
                least = total if least is None else min(least, total)
        return least

    def _candidates_of(self, place: str, family: str) -> list[_Candidate]:
        candidates = self._candidates.get((place, family))
        if candidates is None:
            candidates = self._candidates[place, family] = [
                _Candidate(
                    first=offer.tiers[0].from_quantity,
                    capacity=offer.capacity,
                    ready_on=offer.ready_on,
                    fixed=offer.setup + row.fixed,
                    freight_per_unit=row.per_load * self._load_of[family],
                    starts=tuple(tier.from_quantity for tier in offer.tiers),
                    prices=tuple(tier.price for tier in offer.tiers),
                    surcharges=surcharges,
                )
                for offer, surcharges in self._offers_of.get(family, ())
                if (row := self._freight[offer.id].get(place)) is not None
            ]
        return candidates


def alone_total(
    round: Round, place: str, units_of: Mapping[str, int], needed_by: date | None = None
) -> int | None:
    """Return A(c,f): see `AloneIndex.total`, which to build once is quicker for more than one question."""
    return AloneIndex(round).total(place, units_of, needed_by)
