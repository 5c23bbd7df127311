"""Everything a report states of a clearing, as values: measured here, worded and drawn elsewhere.

Comparisons that need other clearings (a town's or region's own pool, other assumptions) are cleared with what
is handed in as `clear`, within a budget of seconds divided beforehand, so that no comparison can eat
another's time. With a clearing function that ends by itself the study is a pure function of its inputs.

What it does not do: check the clearing (`millpond verify` does), word, draw, or write files.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction

from millpond.equality import inequality
from millpond.equality.basket import (
    Basket,
    Cost,
    Quote,
    Quotes,
    alone_quotes,
    basket_costs,
    can_buy,
    fixed_basket,
    pool_quotes,
)
from millpond.equality.outcomes import Outcome, Reason, outcomes
from millpond.equality.pools import Splitter, sample
from millpond.equality.regions import regions
from millpond.equality.sizes import Size, size_of
from millpond.equality.terms import Repriced, above_alone, reprice
from millpond.errors import MillpondError
from millpond.model import Clearing, Offer, Place, Round

MOST_TOWN_POOLS = 200
"""Places whose own pool is cleared; of more, as many are taken, evenly over population, and it is said."""
MOST_REGION_PLACES = 2_000
"""Places of one region, at most, for regions to be cleared: larger ones could not be cleared in the time."""
TOWN_SHARE, REGION_SHARE, VARIANT_SHARE = 0.2, 0.3, 0.5
"""How the seconds are divided: small rounds end early, and the other assumptions are whole rounds."""

Clear = Callable[[Round, float], Clearing]
"""Clears a round within so many seconds."""


class Way(Enum):
    """A way of buying, from the least company to the most."""

    ALONE = "alone"
    TOWN = "town"
    REGION = "region"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRow:
    """The places of one size (None: of all): units wanted by what became of them, and those with access."""

    size: Size | None
    places: int
    units: Mapping[Reason, int]
    referenced: int
    """Units wanted by lines that accept an item with a reference; of them, `access` have access."""
    access: int

    @property
    def wanted(self) -> int:
        return sum(self.units.values())

    def share(self, reason: Reason) -> float:
        return self.units.get(reason, 0) / self.wanted if self.wanted else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRow:
    """What the basket costs one way: by place, mean by size (None: all), and how unequal over places."""

    way: Way
    costs: Mapping[str, Cost]
    by_size: Mapping[Size | None, Cost]
    gini: float
    percentile_ratio: float
    theil: inequality.Theil
    atkinson_half: float
    atkinson_one: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSize:
    """How many pools of one kind were cleared, of how many, and the widest gap among them (None: no pool)."""

    cleared: int
    of: int
    widest_gap: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The round under another assumption: how it cleared, and what the basket then costs (None: no basket).

    `clearing` is None where a `must_serve` round cannot be served under it.
    """

    name: str
    clearing: Clearing | None
    served: int
    basket: WayRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The awards under other terms: what follows, who pays more than alone, what the basket costs."""

    repriced: Repriced
    above_alone: Mapping[tuple[str, str], Fraction]
    basket: WayRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """All figures of a report."""

    round: Round
    clearing: Clearing
    sizes: Mapping[str, Size]
    outcomes: tuple[Outcome, ...]
    rows: tuple[SizeRow, ...]
    total: SizeRow
    basket: Basket | None
    ways: Mapping[Way, WayRow]
    pools: Mapping[Way, PoolSize]
    regions: int
    freight: Mapping[int, Terms]
    """By `freight_pooled`: the round's own, 0 and 100."""
    solidarity: Mapping[int, Terms]
    """By `solidarity`: the round's own, 0, 10 and 1000."""
    variants: tuple[Variant, ...]


def study(round: Round, clearing: Clearing, clear: Clear, seconds: float) -> Study:
    """Measure a clearing of a round, clearing what it is compared with within about `seconds`."""
    sizes = {place.id: size_of(place) for place in round.places}
    found = outcomes(round, clearing)
    quotes: dict[Way, Quotes] = {
        Way.ALONE: alone_quotes(round, clearing.awards),
        Way.WHOLE: pool_quotes(round, clearing.awards, clearing.prices),
    }
    groups = regions(round.places)
    together = [group for group in groups if len(group) > 1]
    splitter, pools = Splitter(round), {}
    towns = compared_places(round)
    quotes[Way.TOWN], pools[Way.TOWN] = _pooled(
        splitter, [(id,) for id in towns], clear, seconds * TOWN_SHARE, len(round.places)
    )
    if len(together) > 1 and max(map(len, together)) <= MOST_REGION_PLACES:
        quotes[Way.REGION], pools[Way.REGION] = _pooled(
            splitter, list(groups), clear, seconds * REGION_SHARE, len(groups)
        )
    basket = fixed_basket(round, clearing.awards, quotes.values(), set(towns))
    rows = _size_rows(round, sizes, found)

    def terms(repriced: Repriced) -> Terms:
        cost = pool_quotes(round, clearing.awards, repriced.consequences.prices)
        return Terms(
            repriced=repriced,
            above_alone=above_alone(round, clearing.awards, repriced),
            basket=_way_row(Way.WHOLE, basket, cost, sizes) if basket else None,
        )

    return Study(
        round=round,
        clearing=clearing,
        sizes=sizes,
        outcomes=found,
        rows=rows,
        total=_summed(None, rows),
        basket=basket,
        ways={way: _way_row(way, basket, quotes[way], sizes) for way in Way if way in quotes}
        if basket
        else {},
        pools=pools,
        regions=len(groups),
        freight={
            percent: terms(reprice(round, clearing.awards, freight_pooled=percent))
            for percent in sorted({0, round.freight_pooled, 100})
        },
        solidarity={
            percent: terms(reprice(round, clearing.awards, solidarity=percent))
            for percent in sorted({0, 10, round.solidarity, 1000})
        },
        variants=tuple(_variants(round, basket, sizes, clear, seconds * VARIANT_SHARE)),
    )


def compared_places(round: Round) -> tuple[str, ...]:
    """Places whose own pool is cleared: all, or as many as the limit, evenly over population."""
    wanting = {line.place for line in round.demand}

    def order(place: Place) -> tuple[bool, int, str]:
        return place.population is None, place.population or 0, place.id

    return sample(
        [place.id for place in sorted(round.places, key=order) if place.id in wanting], MOST_TOWN_POOLS
    )


def _pooled(
    splitter: Splitter, groups: list[tuple[str, ...]], clear: Clear, seconds: float, of: int
) -> tuple[Quotes, PoolSize]:
    """Clear each group of places by itself. A group that can't be served at all has no quotes."""
    quotes: dict[tuple[str, str], tuple[Quote, ...]] = {}
    gaps = []
    for group in groups:
        small = splitter.only(group)
        if not small.demand or not small.offers:
            continue
        cleared = _try(clear, small, _same, seconds / len(groups))
        if cleared is not None:
            quotes.update(pool_quotes(small, cleared.awards, cleared.prices))
            gaps.append(float(cleared.gap))
    return quotes, PoolSize(cleared=len(groups), of=of, widest_gap=max(gaps, default=None))


def _try(clear: Clear, round: Round, change: Callable[[Round], Round], seconds: float) -> Clearing | None:
    """A clearing; None for a `must_serve` round that cannot be served, or a change out of range."""
    try:
        return clear(change(round), seconds)
    except MillpondError:
        return None


def _size_rows(round: Round, sizes: Mapping[str, Size], found: tuple[Outcome, ...]) -> tuple[SizeRow, ...]:
    rows = []
    for size in sorted(set(sizes.values())):
        places = [id for id, of in sizes.items() if of is size]
        units: dict[Reason, int] = {}
        referenced = access = 0
        for outcome in found:
            if sizes[outcome.line.place] is not size:
                continue
            for reason, number in outcome.units.items():
                units[reason] = units.get(reason, 0) + number
            if outcome.access is not None:
                referenced += outcome.line.quantity
                access += outcome.access
        rows.append(SizeRow(size=size, places=len(places), units=units, referenced=referenced, access=access))
    return tuple(rows)


def _summed(size: Size | None, rows: tuple[SizeRow, ...]) -> SizeRow:
    return SizeRow(
        size=size,
        places=sum(row.places for row in rows),
        units={reason: sum(row.units.get(reason, 0) for row in rows) for reason in Reason},
        referenced=sum(row.referenced for row in rows),
        access=sum(row.access for row in rows),
    )


def _way_row(way: Way, basket: Basket, quotes: Quotes, sizes: Mapping[str, Size]) -> WayRow:
    costs = basket_costs(basket, quotes)
    places = list(costs)
    amounts, weights = [costs[id].amount for id in places], [float(basket.places[id]) for id in places]
    of_size: dict[Size | None, list[str]] = {None: places}
    for id in places:
        of_size.setdefault(sizes[id], []).append(id)
    return WayRow(
        way=way,
        costs=costs,
        by_size={size: _mean_cost(ids, costs, basket) for size, ids in of_size.items()},
        gini=inequality.gini(amounts, weights),
        percentile_ratio=inequality.percentile_ratio(amounts, weights),
        theil=inequality.theil_decomposition(amounts, [sizes[id] for id in places], weights),
        atkinson_half=inequality.atkinson(amounts, 0.5, weights),
        atkinson_one=inequality.atkinson(amounts, 1, weights),
    )


def _mean_cost(ids: list[str], costs: Mapping[str, Cost], basket: Basket) -> Cost:
    weights = [float(basket.places[id]) for id in ids]
    return Cost(
        inequality.mean([costs[id].amount for id in ids], weights),
        inequality.mean([costs[id].pooled for id in ids], weights),
    )


def _same(round: Round) -> Round:
    return round


def _offers(round: Round, change: Callable[[Offer], Offer]) -> Round:
    return replace(round, sha256="", offers=tuple(change(offer) for offer in round.offers))


def _freight(round: Round, percent: int) -> Round:
    def change(offer: Offer) -> Offer:
        rows = (
            replace(row, fixed=row.fixed * percent // 100, per_load=row.per_load * percent // 100)
            for row in offer.freight
        )
        return replace(offer, freight=tuple(rows))

    return _offers(round, change)


VARIANTS: Mapping[str, Callable[[Round], Round]] = {
    "same": _same,
    "no_discount": lambda round: _offers(round, lambda offer: replace(offer, tiers=offer.tiers[:1])),
    "freight_half": lambda round: _freight(round, 50),
    "freight_more": lambda round: _freight(round, 150),
    "setup_double": lambda round: _offers(round, lambda offer: replace(offer, setup=offer.setup * 2)),
}
"""The round under other assumptions; the first is the round itself, cleared as shortly as they are."""


def _variants(
    round: Round, basket: Basket | None, sizes: Mapping[str, Size], clear: Clear, seconds: float
) -> list[Variant]:
    found = []
    for name, change in VARIANTS.items():
        clearing = _try(clear, round, change, seconds / len(VARIANTS))
        row = None
        if (
            clearing is not None
            and basket is not None
            and can_buy(basket, quotes := pool_quotes(round, clearing.awards, clearing.prices))
        ):
            row = _way_row(Way.WHOLE, basket, quotes, sizes)
        served = sum(award.quantity for award in clearing.awards) if clearing else 0
        found.append(Variant(name=name, clearing=clearing, served=served, basket=row))
    return found
