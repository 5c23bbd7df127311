"""Everything a report states of a clearing, as values: measured here, worded and drawn elsewhere.

Comparisons that need other clearings (a town's or region's own pool, other assumptions) are cleared with what
is handed in as `clear`, each kind within its share of the seconds. What the time does not suffice for is left
out and shows as such: fewer towns are compared, regions or other assumptions are missing.

What it does not do: check the clearing (`millpond verify` does), word, draw, or write files.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from millpond.equality import inequality
from millpond.equality.basket import Basket, Cost, basket_costs, choose_basket, restricted
from millpond.equality.outcomes import Outcome, Reason, outcomes
from millpond.equality.quotes import Quotes, alone_quotes, pool_quotes
from millpond.equality.regions import regions
from millpond.equality.sizes import Size, size_of
from millpond.equality.terms import Repriced, above_alone, reprice
from millpond.model import Clearing, Round
from millpond.report.compared import (
    VARIANTS,
    Clear,
    Clock,
    Deadline,
    Pools,
    PoolSize,
    Way,
    says_something,
    try_clear,
)

TOWN_SHARE, REGION_SHARE = 0.3, 0.3
"""Of the seconds; what they leave is for other assumptions."""


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
    """The round under another assumption, and what the goods of the basket that have a price then cost.

    `clearing` is None where a `must_serve` round cannot be served under it; `finished` is false where the
    time was too short for a clearing that tells anything. `change` is of the mean cost, against the round as
    it is.
    """

    name: str
    clearing: Clearing | None
    finished: bool = True
    basket: WayRow | None = None
    change: float | None = None

    @property
    def served(self) -> int:
        return sum(award.quantity for award in self.clearing.awards) if self.clearing else 0


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
    end = clock() + seconds
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
    named = {way.value: found for way, found in quotes.items()}
    basket = choose_basket(round, clearing.awards, named, set(towns), Way.WHOLE.value)
    measure = _Measure(round, clearing, sizes, basket)
    ways = {way: measure.row(way, quotes[way], basket) for way in quotes}
    return Study(
        round=round,
        clearing=clearing,
        sizes=sizes,
        outcomes=found,
        rows=rows,
        total=_summed(None, rows),
        basket=basket,
        ways={way: row for way, row in ways.items() if row},
        pools=pools.sizes,
        regions=len(groups),
        freight={percent: measure.freight(percent) for percent in sorted({0, round.freight_pooled, 100})},
        solidarity={
            percent: measure.solidarity(percent) for percent in sorted({0, 10, round.solidarity, 1000})
        },
        variants=tuple(measure.variants(clear, Deadline(clock, end - clock()))),
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


class _Measure:
    """What the goods of one basket cost at the prices of the clearing, and of others of the same round."""

    def __init__(
        self, round: Round, clearing: Clearing, sizes: Mapping[str, Size], basket: Basket | None
    ) -> None:
        self.round, self.clearing, self.sizes, self.basket = round, clearing, sizes, basket

    def row(self, way: Way, quotes: Quotes, basket: Basket | None) -> WayRow | None:
        """Costs and their inequality; None without a basket."""
        if basket is None:
            return None
        costs = basket_costs(basket, quotes)
        places = list(costs)
        amounts, weights = [costs[id].amount for id in places], [float(basket.places[id]) for id in places]
        of_size: dict[Size | None, list[str]] = {None: places}
        for id in places:
            of_size.setdefault(self.sizes[id], []).append(id)
        return WayRow(
            way=way,
            costs=costs,
            by_size={size: _mean_cost(ids, costs, basket) for size, ids in of_size.items()},
            gini=inequality.gini(amounts, weights),
            percentile_ratio=inequality.percentile_ratio(amounts, weights),
            theil=inequality.theil_decomposition(amounts, [self.sizes[id] for id in places], weights),
            atkinson_half=inequality.atkinson(amounts, 0.5, weights),
            atkinson_one=inequality.atkinson(amounts, 1, weights),
        )

    def freight(self, percent: int) -> Terms:
        """The same awards with this percentage of freight pooled."""
        return self._terms(reprice(self.round, self.clearing.awards, freight_pooled=percent))

    def solidarity(self, percent: int) -> Terms:
        """The same awards with this solidarity."""
        return self._terms(reprice(self.round, self.clearing.awards, solidarity=percent))

    def _terms(self, repriced: Repriced) -> Terms:
        quotes = pool_quotes(self.round, self.clearing.awards, repriced.consequences.prices)
        return Terms(
            repriced=repriced,
            above_alone=above_alone(self.round, self.clearing.awards, repriced),
            basket=self.row(Way.WHOLE, quotes, self.basket),
        )

    def variants(self, clear: Clear, deadline: Deadline) -> Iterator[Variant]:
        """The round under each assumption that there is time for."""
        for number, (name, change) in enumerate(VARIANTS.items()):
            part = deadline.part(len(VARIANTS) - number)
            if not part:
                return
            clearing = try_clear(clear, self.round, change, part)
            if clearing is None or not says_something(clearing):
                yield Variant(name=name, clearing=clearing, finished=clearing is None)
                continue
            yield self._variant(name, clearing)

    def _variant(self, name: str, clearing: Clearing) -> Variant:
        quotes = pool_quotes(self.round, clearing.awards, clearing.prices)
        basket = restricted(self.basket, quotes) if self.basket else None
        row = self.row(Way.WHOLE, quotes, basket)
        before = self.row(
            Way.WHOLE, pool_quotes(self.round, self.clearing.awards, self.clearing.prices), basket
        )
        change = None
        if row and before and before.by_size[None].amount > 0:
            change = row.by_size[None].amount / before.by_size[None].amount - 1
        return Variant(name=name, clearing=clearing, basket=row, change=change)


def _mean_cost(ids: list[str], costs: Mapping[str, Cost], basket: Basket) -> Cost:
    weights = [float(basket.places[id]) for id in ids]
    return Cost(
        inequality.mean([costs[id].amount for id in ids], weights),
        inequality.mean([costs[id].pooled for id in ids], weights),
    )
