"""What the story tells, as figures: towns alone and together, who was not served, how good the clearing is.

- Amounts are integers of the minor unit, unit prices exact fractions; only `telling` rounds, for the eye.
- "Alone" is the alone total A(c,f) of the founding design, "Costs and prices": for a town that is served, of
  exactly the units it got; for one that is not, of what it wanted.

It is made for rounds of one family, as the story's is; a round of several raises `ValueError`.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from millpond.clearing.alone import alone_total
from millpond.equality.outcomes import Reason, outcomes
from millpond.model import Clearing, Line, Offer, Place, Round, Run, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One place: `units` it got (or wanted, if `served` is false) and what they cost it alone and together.

    `alone` and `together` are totals in minor units, None where no offer does it alone or it is not served.
    `most` is the highest limit among its lines, `delivered` whether any offer reaches it.
    """

    place: Place
    units: int
    served: bool
    delivered: bool
    alone: int | None
    together: int | None
    most: int

    @property
    def alone_each(self) -> Fraction | None:
        return None if self.alone is None else Fraction(self.alone, self.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Units of a line that were not served, and why; `price` is the price there, if the clearing has one."""

    line: Line
    units: int
    reason: Reason
    price: Fraction | None


def towns(round: Round, clearing: Clearing) -> tuple[Town, ...]:
    """Every place that wants something, in the round's order."""
    if len({item.family for item in round.items}) != 1:
        raise ValueError("the story is told of one family of items")
    bills = {bill.place: bill.amount for bill in clearing.bills}
    delivered = {row.place for offer in round.offers for row in offer.freight}
    told = []
    for place in round.places:
        lines = [line for line in round.demand if line.place == place.id]
        if not lines:
            continue
        got = _received(clearing, lines)
        units_of = got or _wanted(lines)
        needed_by = min((line.needed_by for line in lines if line.needed_by), default=None)
        told.append(
            Town(
                place=place,
                units=sum(units_of.values()),
                served=bool(got),
                delivered=place.id in delivered,
                alone=alone_total(round, place.id, units_of, needed_by),
                together=bills.get(place.id) if got else None,
                most=max(accepted.limit for line in lines for accepted in line.accepts),
            )
        )
    return tuple(told)


def refusals(round: Round, clearing: Clearing) -> tuple[Refusal, ...]:
    """What was wanted and not served, those first to whom nobody delivers."""
    prices = {(row.place, row.item): row.price for row in clearing.prices}
    found = []
    for outcome in outcomes(round, clearing):
        for reason, units in outcome.units.items():
            if reason is not Reason.SERVED:
                price = prices.get((outcome.line.place, outcome.line.accepts[0].item))
                found.append(Refusal(line=outcome.line, units=units, reason=reason, price=price))
    return tuple(sorted(found, key=lambda refusal: refusal.reason is not Reason.UNDELIVERED))


def common_prices(clearing: Clearing) -> Mapping[Fraction, tuple[str, ...]]:
    """Every price that somebody pays, with the places that pay it for some item."""
    places: dict[Fraction, set[str]] = {}
    for row in clearing.prices:
        places.setdefault(row.price, set()).add(row.place)
    return {price: tuple(sorted(at)) for price, at in sorted(places.items())}


def unreached(round: Round, clearing: Clearing) -> tuple[tuple[str, int], ...]:
    """Makers none of whose offers runs, with the least quantity from which one would have."""
    running = {run.offer for run in clearing.runs}
    makers = {offer.maker for offer in round.offers if offer.id in running}
    least: dict[str, int] = {}
    for offer in round.offers:
        if offer.maker not in makers:
            first = offer.tiers[0].from_quantity
            least[offer.maker] = min(first, least.get(offer.maker, first))
    return tuple(sorted(least.items()))


def tier_of(round: Round, run: Run) -> tuple[Offer, Tier]:
    """The offer of a run, and the tier it reached."""
    offer = next(offer for offer in round.offers if offer.id == run.offer)
    return offer, offer.tiers[run.tier]


def reaches_alone(town: Town, offer: Offer, tier: Tier) -> bool:
    """Whether the town by itself would have reached the tier, if only with part of what it needs."""
    return tier.from_quantity <= town.units and any(row.place == town.place.id for row in offer.freight)


def percent_better(score: int, bound: int) -> str:
    """How much better than `score` the bound is, in percent for the eye: never less than it is.

    Two digits that count, or one decimal where there are more. "0" if nothing can be better. Raises
    `ValueError` where something can, and the score is not positive.

    >>> percent_better(9_970, 10_000), percent_better(999_600, 1_000_000), percent_better(2, 3)
    ('0.31', '0.041', '50.0')
    >>> percent_better(5, 5)
    '0'
    """
    if bound <= score:
        return "0"
    if score <= 0:
        raise ValueError("nothing was gained, so nothing can be so many percent better")
    percent = Fraction(100 * (bound - score), score)
    decimals = 1
    while percent * 10**decimals <= 9:
        decimals += 1
    steps = math.ceil(percent * 10**decimals)
    return f"{steps // 10**decimals}.{steps % 10**decimals:0{decimals}}"


def _received(clearing: Clearing, lines: list[Line]) -> dict[str, int]:
    ids = {line.id for line in lines}
    units: dict[str, int] = {}
    for award in clearing.awards:
        if award.demand in ids:
            units[award.item] = units.get(award.item, 0) + award.quantity
    return units


def _wanted(lines: list[Line]) -> dict[str, int]:
    units: dict[str, int] = {}
    for line in lines:
        item = line.accepts[0].item
        units[item] = units.get(item, 0) + line.quantity
    return units
