"""What a report measures: against its clearing, within its seconds, and where nothing can be said."""

from dataclasses import replace

import pytest

import millpond
from millpond.equality.outcomes import Reason
from millpond.errors import CannotServe
from millpond.model import Place
from millpond.report.study import MOST_TOWN_POOLS, VARIANTS, Way, compared_places, study


@pytest.fixture
def seconds_asked():
    return []


@pytest.fixture
def clear(seconds_asked):
    """The real thing, with note taken of the seconds it was given."""

    def clear(round, seconds):
        seconds_asked.append(seconds)
        return millpond.clear(round, seconds=seconds)

    return clear


@pytest.mark.parametrize("name", ["generated-3", "one-price", "must-serve", "short-free", "empty"])
def test_the_budget_is_divided_before_it_is_spent(golden, clear, seconds_asked, name):
    found = study(*golden(name), clear, 8)
    assert sum(seconds_asked) <= 8 + 1e-9
    assert len(found.variants) == len(VARIANTS)


def test_sums_are_those_of_the_round(golden, clear):
    round, clearing = golden("generated-3")
    found = study(round, clearing, clear, 2)
    assert found.total.wanted == sum(line.quantity for line in round.demand)
    assert found.total.units[Reason.SERVED] == sum(award.quantity for award in clearing.awards)
    assert sum(row.places for row in found.rows) == found.total.places == len(round.places)
    assert sum(row.wanted for row in found.rows) == found.total.wanted
    assert found.total.access <= found.total.referenced <= found.total.wanted


def test_ways_compare_the_same_places_and_goods(golden, clear):
    found = study(*golden("generated-3"), clear, 4)
    assert list(found.ways) == list(Way)
    places = {way: list(row.costs) for way, row in found.ways.items()}
    assert all(kept == places[Way.WHOLE] for kept in places.values())
    # Whole prices are the clearing's own: one family, so a served place pays its price (or less, in the
    # shop).
    prices = {(row.place, row.item): row.price for row in found.clearing.prices}
    for place, cost in found.ways[Way.WHOLE].costs.items():
        here = [float(price) for (at, _), price in prices.items() if at == place]
        if here and cost.pooled == 1:
            assert min(here) - 400 <= cost.amount <= max(here) + 400
    for row in found.ways.values():
        assert row.theil.within + row.theil.between == pytest.approx(row.theil.total)


def test_own_terms_change_nothing(golden, clear):
    round, clearing = golden("generated-3")
    found = study(round, clearing, clear, 2)
    bills = {bill.place: bill.amount for bill in clearing.bills}
    assert found.freight[round.freight_pooled].repriced.bills == bills
    assert found.solidarity[round.solidarity].repriced.bills == bills
    assert found.solidarity[round.solidarity].basket == found.ways[Way.WHOLE]


def test_without_coordinates_there_are_no_regions(golden, clear):
    found = study(*golden("one-price"), clear, 2)
    assert list(found.ways) == [Way.ALONE, Way.TOWN, Way.WHOLE]


def test_what_cannot_be_served_is_left_open(golden):
    """A `must_serve` round under other assumptions may have no clearing at all."""

    def cannot(round, seconds):
        raise CannotServe(["d1"])

    found = study(*golden("must-serve"), cannot, 2)
    assert [variant.clearing for variant in found.variants] == [None] * len(VARIANTS)
    assert found.pools[Way.TOWN].widest_gap is None


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


def test_other_assumptions_are_what_they_say(golden):
    round, _ = golden("generated-3")
    changed = {name: change(round) for name, change in VARIANTS.items()}
    assert changed["same"] == round
    for before, flat, half, more, double in zip(
        round.offers,
        *(changed[name].offers for name in ("no_discount", "freight_half", "freight_more", "setup_double")),
        strict=True,
    ):
        assert flat.tiers == before.tiers[:1]
        assert [row.fixed for row in half.freight] == [row.fixed // 2 for row in before.freight]
        assert [row.per_load for row in more.freight] == [row.per_load * 3 // 2 for row in before.freight]
        assert double.setup == before.setup * 2
