"""What a clearing is compared with: the pools of towns and regions, and the round under other assumptions.

All of it is cleared with what is handed in as `clear`, and stops when its time is over; what there was no
time for is left out and shows as such.

- Towns are taken in an order of which every beginning is spread over all sizes, so that less time means fewer
  towns, not other ones.
- Regions are all cleared, or none.
- Where no awards were found in time and much is open, nothing is compared: it would tell of the time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from millpond.equality.pools import Splitter, sample
from millpond.equality.quotes import Quote, Quotes, pool_quotes
from millpond.errors import MillpondError
from millpond.model import Clearing, Offer, Place, Round

MOST_TOWN_POOLS = 200
"""Places whose own pool is cleared; of more, as many are taken, evenly over population, and it is said."""

MOST_OPEN = 0.1
"""Part of a bound up to which it may stay open whether anything could have been served at all.

Beyond it a clearing without awards says that the time was short, not that nothing can be had.
"""

Clear = Callable[[Round, float], Clearing]
"""Clears a round within so many seconds."""
Clock = Callable[[], float]


class Way(Enum):
    """A way of buying, from the least company to the most."""

    ALONE = "alone"
    TOWN = "town"
    REGION = "region"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolSize:
    """How many pools of one kind were cleared, of how many there are, and what better clearings could gain.

    `gap` is that gain of all of them together, as proven by their certificates, over the bound of the whole
    round.
    """

    cleared: int
    of: int
    gap: float


def compared_places(round: Round) -> tuple[str, ...]:
    """Places whose own pool is cleared: all, or as many as the limit, evenly over population."""
    wanting = {line.place for line in round.demand}

    def order(place: Place) -> tuple[bool, int, str]:
        return place.population is None, place.population or 0, place.id

    return sample(
        [place.id for place in sorted(round.places, key=order) if place.id in wanting], MOST_TOWN_POOLS
    )


class Deadline:
    """Seconds that several clearings share: each may take its even part of what is left."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock, self._end = clock, clock() + seconds

    def part(self, left: int) -> float:
        """Seconds for the next of `left` clearings; 0 when the time is over."""
        return max(0.0, self._end - self._clock()) / left


class Pools:
    """Clears parts of one round, and keeps what goods cost in them."""

    def __init__(self, round: Round, clearing: Clearing, clear: Clear, clock: Clock) -> None:
        self.quotes: dict[Way, Quotes] = {}
        self.sizes: dict[Way, PoolSize] = {}
        self._round, self._whole, self._clear, self._clock = round, clearing, clear, clock
        self._splitter = Splitter(round)

    def towns(self, seconds: float) -> tuple[str, ...]:
        """Clear each town by itself; returns those that there was time for, or all if there was for none."""
        every = compared_places(self._round)
        cleared = self._pool(
            Way.TOWN, [(id,) for id in spread_order(every)], seconds, len(self._round.places)
        )
        return tuple(id for group in cleared for id in group) or every

    def regions(self, groups: Sequence[tuple[str, ...]], seconds: float) -> None:
        """Clear each region by itself, all or none: places without quotes could not be compared."""
        if sum(len(group) > 1 for group in groups) < 2:
            return
        if len(self._pool(Way.REGION, groups, seconds, len(groups))) < len(groups):
            self.quotes.pop(Way.REGION, None)
            self.sizes.pop(Way.REGION, None)

    def _pool(
        self, way: Way, groups: Sequence[tuple[str, ...]], seconds: float, of: int
    ) -> Sequence[tuple[str, ...]]:
        """Clear groups in turn until the time is over; what cannot be served by itself has no quotes."""
        quotes: dict[tuple[str, str], tuple[Quote, ...]] = {}
        deadline, better, still_open, done = Deadline(self._clock, seconds), 0, 0, 0
        for number, group in enumerate(groups):
            part = deadline.part(len(groups) - number)
            if not part:
                break
            small = self._splitter.only(group)
            cleared = try_clear(self._clear, small, _same, part) if small.demand and small.offers else None
            if cleared is not None:
                quotes.update(pool_quotes(small, cleared.awards, cleared.prices))
                better += cleared.bound - cleared.score
                still_open += 0 if cleared.awards else cleared.bound
            done += 1
        whole = max(1, abs(self._whole.bound))
        if done and still_open <= MOST_OPEN * whole:
            self.quotes[way] = quotes
            self.sizes[way] = PoolSize(cleared=done, of=of, gap=better / whole)
        return groups[:done]


def try_clear(
    clear: Clear, round: Round, change: Callable[[Round], Round], seconds: float
) -> Clearing | None:
    """A clearing; None for a `must_serve` round that cannot be served, or a change out of range."""
    try:
        return clear(change(round), seconds)
    except MillpondError:
        return None


def says_something(clearing: Clearing) -> bool:
    """Whether there are awards, or proof that there could hardly be any."""
    return bool(clearing.awards) or float(clearing.gap) <= MOST_OPEN


def spread_order(ids: Sequence[str]) -> tuple[str, ...]:
    """The same ids in an order of which every beginning is spread over the whole (van der Corput's)."""
    bits = len(ids).bit_length()
    return tuple(ids[n] for n in sorted(range(len(ids)), key=lambda n: f"{n:0{bits}b}"[::-1]))


def _same(round: Round) -> Round:
    """The round as it is."""
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
    "no_discount": lambda round: _offers(round, lambda offer: replace(offer, tiers=offer.tiers[:1])),
    "freight_more": lambda round: _freight(round, 150),
    "freight_half": lambda round: _freight(round, 50),
    "setup_double": lambda round: _offers(round, lambda offer: replace(offer, setup=offer.setup * 2)),
}
"""The round under other assumptions, in the order in which they are cleared."""
