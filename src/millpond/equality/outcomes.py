"""What became of every unit that was wanted: served, or not, and why not.

The clearing says who is served; why another is not has to be read off. A line's units that are not served get
the first reason that fits:

1. `UNDELIVERED`: no offer makes an item the line accepts, delivers to its place and is ready in time.
2. `PRICE`: the line could be given more by runs that have room, but each costs more than it would pay: its
   limit is below the price there, or what the unit is worth (the limit, or the shop's price if less) is below
   what making and bringing it adds to the cost.
3. `CAPACITY`: offers that could serve it run, within its limit, and have no room for its minimum.
4. `NO_RUN`: offers could serve it, none of them runs, and the cheapest tier and freight are within its worth:
   too few wanted it, or not enough to pay for setup. Where even they are beyond its worth, it is `PRICE`.
5. `OTHER`: a run has room at a price it would pay; serving it would have taken something from others (a price
   above somebody's limit, a dearer tier), or the search did not find the way.

The price there is the clearing's price of the item at the place, or where nobody at the place got the family,
the level plus the average surcharge plus what own freight adds at least.

What it does not do: prove that a reason is the only one. Prices depend on who is served, so reasons 2 to 5
are readings of this clearing, not of all clearings.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from millpond.equality.surcharges import average_surcharges
from millpond.model import Clearing, Freight, Line, Offer, Round, Run


class Reason(Enum):
    """What became of a unit wanted; `SERVED`, or why not."""

    SERVED = "served"
    PRICE = "price"
    UNDELIVERED = "undelivered"
    CAPACITY = "capacity"
    NO_RUN = "no_run"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One line: `units` by what became of them (summing to its quantity), and whether it has access.

    `access` are the units that can have it at no more than its reference: those served at such a price, and
    those refused by their own limit where an accepted item is sold at the place at such a price. None for a
    line that accepts no item with a reference.
    """

    line: Line
    units: Mapping[Reason, int]
    access: int | None


def outcomes(round: Round, clearing: Clearing) -> tuple[Outcome, ...]:
    """What became of each line, in the order of the round's demand."""
    return _Reader(round, clearing).outcomes()


@dataclass(frozen=True, slots=True)
class _Option:
    """One offer and item that could serve a line, with its limit for the item and the unit's worth to it."""

    offer: Offer
    item: str
    surcharge: int
    freight: Freight
    limit: int
    worth: int

    def added_cost(self, price: int, load: int) -> int:
        """What one more unit costs at the tier price `price`, where the consignment goes anyway."""
        return price + self.surcharge + load * self.freight.per_load


class _Reader:
    def __init__(self, round: Round, clearing: Clearing) -> None:
        self.round, self.clearing = round, clearing
        self.items = {item.id: item for item in round.items}
        self.runs = {run.offer: run for run in clearing.runs}
        self.prices = {(row.place, row.item): row.price for row in clearing.prices}
        self.levels = {row.family: row.level for row in clearing.levels}
        self.surcharges = average_surcharges(round, clearing.awards)
        places = {line.id: line.place for line in round.demand}
        self.served: dict[str, dict[str, int]] = {}
        self.consigned: set[tuple[str, str]] = set()
        for award in clearing.awards:
            got = self.served.setdefault(award.demand, {})
            got[award.item] = got.get(award.item, 0) + award.quantity
            self.consigned.add((award.offer, places[award.demand]))
        self.freight = {offer.id: {row.place: row for row in offer.freight} for offer in round.offers}
        self.makers: dict[str, list[tuple[Offer, int]]] = {}
        for offer in round.offers:
            for made in offer.items:
                self.makers.setdefault(made.item, []).append((offer, made.surcharge))

    def outcomes(self) -> tuple[Outcome, ...]:
        return tuple(self._outcome(line) for line in self.round.demand)

    def _outcome(self, line: Line) -> Outcome:
        got = sum(self.served.get(line.id, {}).values())
        units = {Reason.SERVED: got} if got else {}
        if got < line.quantity:
            units[self._reason(line, got)] = line.quantity - got
        return Outcome(line=line, units=units, access=self._access(line, units))

    def _options(self, line: Line) -> Iterator[_Option]:
        for accepted in line.accepts:
            item = self.items[accepted.item]
            worth = accepted.limit if item.reference is None else min(accepted.limit, item.reference)
            for offer, surcharge in self.makers.get(item.id, ()):
                freight = self.freight[offer.id].get(line.place)
                in_time = line.needed_by is None or offer.ready_on is None or offer.ready_on <= line.needed_by
                if freight is not None and in_time:
                    yield _Option(offer, item.id, surcharge, freight, accepted.limit, worth)

    def _reason(self, line: Line, got: int) -> Reason:
        options = list(self._options(line))
        if not options:
            return Reason.UNDELIVERED
        running = [option for option in options if option.offer.id in self.runs]
        if not running:
            affordable = any(self._cheapest(option) <= option.worth for option in options)
            return Reason.NO_RUN if affordable else Reason.PRICE
        least = 1 if got else line.minimum
        roomy = [option for option in running if self._room(option) >= least]
        if not any(self._would_pay(option, line.quantity - got) for option in roomy or running):
            return Reason.PRICE
        return Reason.OTHER if roomy else Reason.CAPACITY

    def _room(self, option: _Option) -> int:
        return option.offer.capacity - self.runs[option.offer.id].quantity

    def _cheapest(self, option: _Option) -> int:
        """The least that a unit could add to the cost, were the offer to run at its cheapest tier."""
        return option.added_cost(min(tier.price for tier in option.offer.tiers), self.items[option.item].load)

    def _would_pay(self, option: _Option, units: int) -> bool:
        run: Run = self.runs[option.offer.id]
        added = Fraction(option.added_cost(option.offer.tiers[run.tier].price, self.items[option.item].load))
        if (option.offer.id, option.freight.place) not in self.consigned:
            added += Fraction(option.freight.fixed, units)
        asked = self._asked(option)
        return added <= option.worth and (asked is None or asked <= option.limit)

    def _asked(self, option: _Option) -> Fraction | None:
        price = self.prices.get((option.freight.place, option.item))
        if price is not None:
            return price
        item = self.items[option.item]
        level = self.levels.get(item.family)
        if level is None:
            return None
        own = Fraction(option.freight.per_load * item.load * (100 - self.round.freight_pooled), 100)
        return level + self.surcharges.get(item.id, option.surcharge) + own

    def _access(self, line: Line, units: Mapping[Reason, int]) -> int | None:
        references = {a.item: self.items[a.item].reference for a in line.accepts}
        within = {
            item
            for item, reference in references.items()
            if reference is not None
            and (price := self.prices.get((line.place, item))) is not None
            and price <= reference
        }
        if all(reference is None for reference in references.values()):
            return None
        bought = sum(quantity for item, quantity in self.served.get(line.id, {}).items() if item in within)
        return bought + (units.get(Reason.PRICE, 0) if within else 0)
