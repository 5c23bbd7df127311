"""Everything a report states of a clearing, as values: measured here, worded and drawn elsewhere.

Comparisons that need other clearings (a town's or region's own pool, other assumptions) are cleared with what
is handed in as `clear`, each kind within its share of the seconds. What the time does not suffice for is left
out and shows as such: fewer towns are compared, regions or other assumptions are missing.

What it does not do: check the clearing (`millpond verify` does), word, draw, or write files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from millpond.equality import inequality
from millpond.equality.basket import (
    Basket,
    Cost,
    Quotes,
    alone_quotes,
    basket_costs,
    can_buy,
    fixed_basket,
    pool_quotes,
)
from millpond.equality.outcomes import Outcome, Reason, outcomes
from millpond.equality.regions import regions
from millpond.equality.sizes import Size, size_of
from millpond.equality.terms import Repriced, above_alone, reprice
from millpond.model import Clearing, Round
from millpond.report.compared import VARIANTS, Clear, Clock, Deadline, Pools, PoolSize, Way, try_clear

TOWN_SHARE, REGION_SHARE, VARIANT_SHARE = 0.3, 0.3, 0.4
"""How the seconds are divided."""


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


def study(round: Round, clearing: Clearing, clear: Clear, seconds: float, clock: Clock) -> Study:
    """Measure a clearing of a round, clearing what it is compared with within about `seconds` of `clock`."""
    sizes = {place.id: size_of(place) for place in round.places}
    found = outcomes(round, clearing)
    rows = _size_rows(round, sizes, found)
    pools = Pools(round, clearing, clear, clock)
    towns = pools.towns(seconds * TOWN_SHARE)
    groups = regions(round.places)
    pools.regions(groups, seconds * REGION_SHARE)
    quotes: dict[Way, Quotes] = {
        Way.ALONE: alone_quotes(round, clearing.awards),
        **pools.quotes,
        Way.WHOLE: pool_quotes(round, clearing.awards, clearing.prices),
    }
    basket = fixed_basket(round, clearing.awards, quotes.values(), set(towns))

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
        ways={way: _way_row(way, basket, quotes[way], sizes) for way in quotes} if basket else {},
        pools=pools.sizes,
        regions=len(groups),
        freight={
            percent: terms(reprice(round, clearing.awards, freight_pooled=percent))
            for percent in sorted({0, round.freight_pooled, 100})
        },
        solidarity={
            percent: terms(reprice(round, clearing.awards, solidarity=percent))
            for percent in sorted({0, 10, round.solidarity, 1000})
        },
        variants=tuple(_variants(round, basket, sizes, clear, Deadline(clock, seconds * VARIANT_SHARE))),
    )


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


def _variants(
    round: Round, basket: Basket | None, sizes: Mapping[str, Size], clear: Clear, deadline: Deadline
) -> list[Variant]:
    found: list[Variant] = []
    for name, change in VARIANTS.items():
        part = deadline.part(len(VARIANTS) - len(found))
        if not part:
            break
        clearing = try_clear(clear, round, change, part)
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
