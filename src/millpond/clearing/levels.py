"""The level of each family: who carries which part of its cost, and the price of its items at each place.

Source: the founding design, "Costs and prices". For family f and place c with q units: *own* freight H,
*pooled* cost T, alone total A, surcharge averages σ, cap, level λ. Weighted constrained equal awards:
everyone pays λ, but for who could do better alone.

- Exact: integers over a denominator that a family's places share.
- What the places of a family pay sums to the family's whole cost.
- A place at its cap pays its alone total, or as much above it as the round agreed; in a short family all pay
  the same multiple of it.
"""

from bisect import bisect_right
from collections.abc import Iterable
from fractions import Fraction
from functools import cmp_to_key
from math import gcd, lcm
from typing import NamedTuple

from millpond.clearing.alone import AloneIndex
from millpond.clearing.spreading import spread
from millpond.clearing.tally import RoundIndex, Tally
from millpond.model import Offer

Exact = tuple[int, int]
"""A rational: numerator and positive denominator, not reduced."""


class RunCost(NamedTuple):
    """The row of `Run`, of whatever size: runs that pass their capacity have prices too."""

    offer: str
    tier: int
    quantity: int
    production: int
    freight: int


class Costs(NamedTuple):
    """What production and freight cost, and the part of each family."""

    runs: list[RunCost]
    """In id order."""
    base: dict[str, int]
    """Σ_o B(o,f) by family."""
    freight: dict[str, dict[str, int]]
    """Σ_o F(o,c,f) by family and place."""

    @property
    def total(self) -> int:
        return sum(run.production + run.freight for run in self.runs)


class Sharing(NamedTuple):
    """How a family's cost is shared."""

    level: Fraction | None
    short: bool
    pays: dict[str, Exact]
    """What each place pays for all its units of the family."""
    prices: dict[tuple[str, str], Fraction]
    """By place and item."""


class _Stake(NamedTuple):
    """A place's part in a family: `extra` over `unit`; `cap`, for all its units, over 100·`unit`."""

    place: str
    units: int
    own: int
    extra: int
    alone: int | None
    cap: int


def tier_of(offer: Offer, quantity: int) -> int:
    """The tier a run of this quantity has, from 0; -1 below the first."""
    return bisect_right(offer.tiers, quantity, key=lambda tier: tier.from_quantity) - 1


def costs_of(index: RoundIndex, tally: Tally) -> Costs:
    """What the runs and consignments cost. Raises KeyError where an offer does not deliver."""
    freight = {family: dict.fromkeys(shares, 0) for family, shares in tally.shares.items()}
    freight_of_run = dict.fromkeys(tally.runs, 0)
    for (offer_id, place), units_of in tally.consignments.items():
        row = index.freight[offer_id][place]
        loads = {family: units * index.load_of[family] for family, units in units_of.items()}
        load = sum(loads.values())
        cost = row.fixed + row.per_load * load
        freight_of_run[offer_id] += cost
        for family, part in spread(cost, loads if load else units_of).items():
            freight[family][place] += part
    base = dict.fromkeys(tally.shares, 0)
    runs = []
    for offer_id, units_of in sorted(tally.runs.items()):
        offer, quantity = index.offers[offer_id], sum(units_of.values())
        tier = tier_of(offer, quantity)
        made = offer.setup + offer.tiers[tier].price * quantity
        for family, part in spread(made, units_of).items():
            base[family] += part
        production = made + tally.surcharges[offer_id]
        runs.append(RunCost(offer_id, tier, quantity, production, freight_of_run[offer_id]))
    return Costs(runs, base, freight)


def share_cost(index: RoundIndex, alone: AloneIndex, tally: Tally, costs: Costs, family: str) -> Sharing:
    """Share the whole cost of a family over the places that get some of it."""
    shares = tally.shares[family]
    items = {item for share in shares.values() for item in share.units_of}
    averages, unit = _surcharge_averages(tally, items)
    most_percent = 100 + index.round.solidarity
    own_percent = 100 - index.round.freight_pooled
    stakes = []
    for place, share in shares.items():
        own = own_percent * costs.freight[family][place] // 100
        extra = sum(averages[item] * units for item, units in share.units_of.items())
        least = alone.total(place, share.units_of, share.needed_by)
        cap = 0 if least is None else (least * most_percent - own * 100) * unit - extra * 100
        stakes.append(_Stake(place, sum(share.units_of.values()), own, extra, least, cap))
    pooled = costs.base[family] + sum(costs.freight[family].values()) - sum(stake.own for stake in stakes)
    level = _level(stakes, pooled * 100 * unit)
    if level is None:
        pays = _scaled(stakes, pooled, unit)
    else:
        pays = {stake.place: _at_level(stake, level, unit, most_percent) for stake in stakes}
    prices = {}
    for stake in stakes:
        paid, per = pays[stake.place]
        for item in shares[stake.place].units_of:
            # (σ·q + paid − what the place's surcharges come to) / q, all over unit·per
            over = (averages[item] * stake.units - stake.extra) * per + paid * unit
            prices[stake.place, item] = Fraction(over, unit * per * stake.units)
    exact_level = None if level is None else Fraction(level[0], level[1] * 100 * unit)
    return Sharing(exact_level, level is None, pays, prices)


def _surcharge_averages(tally: Tally, items: Iterable[str]) -> tuple[dict[str, int], int]:
    """σ of each item as a numerator, and the denominator all of them share."""
    goods = {item: tally.goods[item] for item in items}
    unit = lcm(*(units // gcd(units, extras) for units, extras in goods.values()))
    return {item: extras * unit // units for item, (units, extras) in goods.items()}, unit


def _level(stakes: list[_Stake], pooled: int) -> Exact | None:
    """Solve Σ q·min(λ, cap) = pooled for λ, over 1/(100·unit); None if all caps together come to less.

    Fills up from the lowest cap: once λ does not pass the next one, nobody else is capped.
    """
    capped = [stake for stake in stakes if stake.alone is not None]
    capped.sort(key=cmp_to_key(_by_cap))
    units = sum(stake.units for stake in stakes)
    for stake in capped:
        if pooled * stake.units <= stake.cap * units:
            return pooled, units
        pooled -= stake.cap
        units -= stake.units
    return (pooled, units) if units else None


def _by_cap(one: _Stake, other: _Stake) -> int:
    return one.cap * other.units - other.cap * one.units


def _at_level(stake: _Stake, level: Exact, unit: int, most_percent: int) -> Exact:
    """What a place pays in all: freight of its own, surcharges, and for each unit λ or its cap."""
    over, units = level
    if stake.alone is not None and stake.cap * units < over * stake.units:
        return stake.alone * most_percent, 100
    return ((stake.own * unit + stake.extra) * 100) * units + over * stake.units, 100 * unit * units


def _scaled(stakes: list[_Stake], pooled: int, unit: int) -> dict[str, Exact]:
    """What places pay in a short family: the same multiple of their alone totals; by units if those are 0."""
    # Averages times units sum to the surcharges that were charged: the family's are whole again.
    whole = pooled + sum(stake.own for stake in stakes) + sum(stake.extra for stake in stakes) // unit
    alone = sum(stake.alone or 0 for stake in stakes)
    if alone == 0:
        units = sum(stake.units for stake in stakes)
        return {stake.place: (stake.units * whole, units) for stake in stakes}
    return {stake.place: ((stake.alone or 0) * whole, alone) for stake in stakes}
