"""What a clearing is compared with: within its time, and with fewer towns where time is short."""

from dataclasses import replace
from itertools import pairwise

import pytest

import millpond
from millpond.errors import CannotServe
from millpond.model import Place
from millpond.report.compared import MOST_TOWN_POOLS, VARIANTS, Pools, Way, compared_places, spread_order
from millpond.report.study import study


class Watch:
    """A clock that only `clear` moves: each clearing takes `times` what it was given."""

    def __init__(self, times):
        self.now, self.times, self.given = 0.0, times, []

    def clock(self):
        return self.now

    def clear(self, round, seconds):
        self.given.append(seconds)
        self.now += seconds * self.times
        return millpond.clear(round, seconds=0.05)


@pytest.mark.parametrize("times", [0, 0.5, 1])
def test_with_time_enough_all_is_cleared(golden, times):
    watch = Watch(times)
    found = study(*golden("generated-3"), watch.clear, 10, watch.clock)
    assert watch.now <= 10 + 1e-9
    assert list(found.ways) == list(Way)
    assert [variant.name for variant in found.variants] == list(VARIANTS)
    assert {way: (pool.cleared, pool.of) for way, pool in found.pools.items()} == {
        Way.TOWN: (15, 15),
        Way.REGION: (4, 4),
    }


def test_time_that_is_not_used_goes_to_the_others(golden):
    watch = Watch(0)
    study(*golden("generated-3"), watch.clear, 10, watch.clock)
    towns = watch.given[: -len(VARIANTS) - 4]
    assert watch.given[-1] == pytest.approx(10)
    assert towns == sorted(towns)
    assert towns[0] >= 10 * 0.3 / 15
    assert towns[-1] >= 10 * 0.3 / 2


def test_when_each_takes_longer_there_are_fewer(golden):
    watch = Watch(4)
    found = study(*golden("generated-3"), watch.clear, 10, watch.clock)
    assert 0 < found.pools[Way.TOWN].cleared < 15
    assert Way.REGION not in found.ways
    assert len(found.basket.places) <= found.pools[Way.TOWN].cleared
    assert 0 < len(found.variants) < len(VARIANTS)
    # No kind of comparison goes on after its time: at worst one clearing of each runs over.
    assert watch.now <= 10 + 3 * 4 * max(watch.given)


def test_without_time_there_is_what_needs_none(golden):
    watch = Watch(1)
    found = study(*golden("generated-3"), watch.clear, 0, watch.clock)
    assert watch.given == []
    assert list(found.ways) == [Way.ALONE, Way.WHOLE]
    assert found.variants == ()
    assert len(found.basket.places) == 15


def test_without_coordinates_there_are_no_regions(golden):
    watch = Watch(1)
    found = study(*golden("one-price"), watch.clear, 2, watch.clock)
    assert list(found.ways) == [Way.ALONE, Way.TOWN, Way.WHOLE]


def test_what_cannot_be_served_is_left_open(golden):
    """A `must_serve` round, or a part of it, may have no clearing at all."""

    def cannot(round, seconds):
        raise CannotServe(["d1"])

    found = study(*golden("must-serve"), cannot, 2, lambda: 0.0)
    assert [variant.clearing for variant in found.variants] == [None] * len(VARIANTS)
    assert found.pools[Way.TOWN].gap == 0


def test_where_no_awards_were_found_in_time_nothing_is_compared(golden):
    """A clearing without awards and without proof says more of the time than of anything else."""
    round, clearing = golden("generated-3")

    def nothing(part, seconds):
        bound = clearing.bound if len(part.places) == len(round.places) else clearing.bound // 20
        empty = dict.fromkeys(("awards", "runs", "levels", "prices", "bills", "settlements"), ())
        return replace(clearing, **empty, score=0, bound=bound, gap="1.000000")

    found = study(round, clearing, nothing, 10, lambda: 0.0)
    # Fifteen towns of a twentieth each are open: too much; regions of a twentieth each leave a fifth open.
    assert list(found.ways) == [Way.ALONE, Way.WHOLE]
    assert [variant.finished for variant in found.variants] == [False] * len(VARIANTS)
    assert all(variant.basket is None and variant.change is None for variant in found.variants)


def test_a_wide_gap_with_awards_is_told(golden):
    round, clearing = golden("generated-3")

    def widely(part, seconds):
        cleared = millpond.clear(part, seconds=0.05)
        return replace(cleared, gap="0.900000", bound=10 * abs(cleared.score))

    found = study(round, clearing, widely, 10, lambda: 0.0)
    assert list(found.ways) == list(Way)
    assert found.pools[Way.TOWN].gap > 0.5
    assert all(variant.finished for variant in found.variants)


def test_a_town_by_itself_is_what_clearing_it_gives(golden):
    round, clearing = golden("generated-3")
    pools = Pools(round, clearing, lambda round, seconds: millpond.clear(round, seconds=seconds), lambda: 0.0)
    pools.towns(5)
    quotes = pools.quotes[Way.TOWN]
    assert quotes
    for place, family in quotes:
        offers = {offer.id for offer in round.offers for row in offer.freight if row.place == place}
        assert offers, "a town that nobody delivers to has no price"
        assert family in {item.family for item in round.items}


def test_of_many_places_a_spread_of_sizes_is_compared(golden):
    round, _ = golden("one-price")
    line = round.demand[0]
    many = replace(
        round,
        places=tuple(Place(id=f"p{n}", population=n * 100) for n in range(1000)),
        demand=tuple(replace(line, id=f"d{n}", place=f"p{n}") for n in range(0, 1000, 2)),
        offers=(),
    )
    chosen = compared_places(many)
    assert len(chosen) == len(set(chosen)) == MOST_TOWN_POOLS
    assert set(chosen) <= {line.place for line in many.demand}
    numbers = [int(id[1:]) for id in chosen]
    assert numbers == sorted(numbers)
    assert numbers[0] < 10
    assert numbers[-1] > 980


@pytest.mark.parametrize("count", [0, 1, 2, 15, 200])
def test_every_beginning_is_spread_over_the_whole(count):
    ids = [f"{n:03}" for n in range(count)]
    ordered = spread_order(ids)
    assert sorted(ordered) == ids
    for length in (8, 16, 32):
        if count > 2 * length:
            steps = sorted(int(id) for id in ordered[:length])
            widest = max(b - a for a, b in pairwise(steps))
            assert widest <= 2 * count / length


def test_other_assumptions_are_what_they_say(golden):
    round, _ = golden("generated-3")
    changed = {name: change(round) for name, change in VARIANTS.items()}
    for before, flat, half, more, double in zip(
        round.offers,
        *(changed[name].offers for name in ("no_discount", "freight_half", "freight_more", "setup_double")),
        strict=True,
    ):
        assert flat.tiers == before.tiers[:1]
        assert [row.fixed for row in half.freight] == [row.fixed // 2 for row in before.freight]
        assert [row.per_load for row in more.freight] == [row.per_load * 3 // 2 for row in before.freight]
        assert double.setup == before.setup * 2
