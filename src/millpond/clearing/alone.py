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

from millpond.model import Round

REMEMBERED = 200_000
"""Alone totals kept before all are forgotten: some 100 MB, more than one pricing ever asks for."""


class _Source(NamedTuple):
    """What an offer makes of a family, and at what price."""

    first: int
    capacity: int
    ready_on: date | None
    setup: int
    load: int
    starts: tuple[int, ...]
    prices: tuple[int, ...]
    surcharges: Mapping[str, int]


_Candidate = tuple[_Source, int, int]
"""A source that delivers to a place: what a run for the place alone costs once, and the freight of a unit."""


class AloneIndex:
    """The offers of one round by family and place, and the alone totals found so far."""

    def __init__(self, round: Round) -> None:
        items = {item.id: item for item in round.items}
        self.family_of = {item.id: item.family for item in round.items}
        self._freight = {offer.id: {row.place: row for row in offer.freight} for offer in round.offers}
        self._sources: dict[str, dict[str, _Source]] = {}
        for offer in round.offers:
            surcharges: dict[str, dict[str, int]] = {}
            for made in offer.items:
                surcharges.setdefault(self.family_of[made.item], {})[made.item] = made.surcharge
            for family, of_family in surcharges.items():
                self._sources.setdefault(family, {})[offer.id] = _Source(
                    first=offer.tiers[0].from_quantity,
                    capacity=offer.capacity,
                    ready_on=offer.ready_on,
                    setup=offer.setup,
                    load=items[next(iter(of_family))].load,
                    starts=tuple(tier.from_quantity for tier in offer.tiers),
                    prices=tuple(tier.price for tier in offer.tiers),
                    surcharges=of_family,
                )
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
        for source, once, freight in self._candidates_of(place, families.pop()):
            if not source.first <= units <= source.capacity:
                continue
            if needed_by is not None and source.ready_on is not None and source.ready_on > needed_by:
                continue
            total = once + units * (source.prices[bisect_right(source.starts, units) - 1] + freight)
            if least is not None and total >= least:
                continue  # surcharges are never negative
            for item, quantity in wanted:
                surcharge = source.surcharges.get(item)
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
                (source, source.setup + row.fixed, row.per_load * source.load)
                for offer, source in self._sources.get(family, {}).items()
                if (row := self._freight[offer].get(place)) is not None
            ]
        return candidates


def alone_total(
    round: Round, place: str, units_of: Mapping[str, int], needed_by: date | None = None
) -> int | None:
    """Return A(c,f): see `AloneIndex.total`, which to build once is quicker for more than one question."""
    return AloneIndex(round).total(place, units_of, needed_by)
