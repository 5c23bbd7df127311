"""Shortages, actual weight, and pieces given to households."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.community.sharing import (
    Share,
    ShortageRule,
    due_for_units,
    pieces_by_weight,
    shortage,
    weighed,
)
from millpond.errors import InputError

shares = st.lists(st.integers(0, 20), max_size=8).map(
    lambda units: [Share(f"w{n}", count) for n, count in enumerate(units)]
)


@given(st.integers(0, 120), shares, st.sampled_from(ShortageRule))
def test_what_came_is_shared_out_and_nobody_gets_more(
    received: int, rows: list[Share], rule: ShortageRule
) -> None:
    shared = shortage(received, rows, rule)
    allocated = sum(row.units for row in rows)
    assert list(shared.units) == [row.want for row in rows]
    assert all(0 <= shared.units[row.want] <= row.units for row in rows)
    assert sum(shared.units.values()) + shared.short == allocated
    assert sum(shared.units.values()) + shared.surplus == received
    assert not (shared.short and shared.surplus)


@given(st.integers(0, 120), shares)
def test_in_proportion_to_less_than_a_unit(received: int, rows: list[Share]) -> None:
    shared, allocated = shortage(received, rows), sum(row.units for row in rows)
    given = min(received, allocated)
    for row in rows:
        assert abs(shared.units[row.want] * allocated - row.units * given) < max(1, allocated)
    for one, other in pairwise(rows):
        if one.units == other.units:
            assert shared.units[one.want] >= shared.units[other.want], "of equals the earlier"


@given(st.integers(0, 120), shares)
def test_earliest_first_leaves_at_most_one_with_a_part(received: int, rows: list[Share]) -> None:
    shared = shortage(received, rows, ShortageRule.EARLIEST)
    missing = [n for n, row in enumerate(rows) if shared.units[row.want] < row.units]
    if missing:
        assert all(shared.units[row.want] == 0 for row in rows[missing[0] + 1 :])


def test_examples_of_a_shortage() -> None:
    rows = [Share("a", 4), Share("b", 5), Share("c", 1)]
    assert shortage(7, rows).units == {"a": 3, "b": 3, "c": 1}  # 2.8, 3.5, 0.7
    assert shortage(7, rows, ShortageRule.EARLIEST).units == {"a": 4, "b": 3, "c": 0}
    assert shortage(12, rows).surplus == 2
    with pytest.raises(InputError, match="received: -1 is not an integer from 0"):
        shortage(-1, rows)


@given(st.integers(0, 10**6), st.integers(1, 50), st.data())
def test_what_is_due_for_some_of_the_units(amount: int, allocated: int, data: st.DataObject) -> None:
    received = data.draw(st.integers(0, allocated))
    due = due_for_units(amount, allocated, received)
    assert Fraction(-1, 2) < due - Fraction(amount * received, allocated) <= Fraction(1, 2)
    assert due_for_units(amount, allocated, allocated) == amount
    assert due_for_units(amount, allocated, 0) == 0


def test_more_units_than_were_allocated_are_not_due() -> None:
    with pytest.raises(InputError, match="received"):
        due_for_units(100, 2, 3)
    assert due_for_units(0, 0, 0) == 0


@given(
    st.integers(0, 10**7),
    st.integers(1, 20),
    st.integers(1, 5_000),
    st.integers(0, 10**5),
    st.integers(0, 100),
)
def test_weighed_goods_are_paid_by_weight(
    amount: int, units: int, nominal: int, actual: int, tolerance: int
) -> None:
    paid = weighed(amount, units, nominal_grams=nominal, actual_grams=actual, tolerance_percent=tolerance)
    exact = Fraction(amount * actual, units * nominal)
    assert Fraction(-1, 2) < paid.due_minor - exact <= Fraction(1, 2)
    assert amount + paid.adjustment_minor == paid.due_minor
    off = Fraction(abs(actual - units * nominal), units * nominal)
    assert paid.outside == (off > Fraction(tolerance, 100))


def test_weight_examples() -> None:
    fish = weighed(2_500, 2, nominal_grams=1_000, actual_grams=2_201, tolerance_percent=10)
    assert (fish.due_minor, fish.adjustment_minor, fish.outside) == (2_751, 251, True)
    assert not weighed(2_500, 2, nominal_grams=1_000, actual_grams=2_200, tolerance_percent=10).outside
    assert weighed(1, 2, nominal_grams=1, actual_grams=1, tolerance_percent=50).due_minor == 1, "half up"


@st.composite
def packed(draw: st.DrawFn) -> tuple[list[int], list[Share]]:
    rows = draw(shares.filter(lambda rows: sum(row.units for row in rows) <= 30))
    needed = sum(row.units for row in rows)
    grams = draw(st.lists(st.integers(1_500, 2_500), min_size=needed, max_size=needed + 5))
    return grams, rows


@given(packed())
def test_every_piece_goes_to_one_household_or_stays_over(given: tuple[list[int], list[Share]]) -> None:
    grams, rows = given
    found = pieces_by_weight(grams, rows, nominal_grams=2_000)
    assert [len(found.of_want[row.want]) for row in rows] == [row.units for row in rows]
    used = [index for indices in found.of_want.values() for index in indices]
    assert sorted([*used, *found.over]) == list(range(len(grams)))
    for want, indices in found.of_want.items():
        assert found.grams[want] == sum(grams[index] for index in indices)
    if used and found.over:
        furthest = max(abs(grams[index] - 2_000) for index in used)
        assert furthest <= min(abs(grams[index] - 2_000) for index in found.over)


@given(packed())
def test_nobody_is_further_from_the_mean_than_the_pieces_differ(given: tuple[list[int], list[Share]]) -> None:
    grams, rows = given
    found = pieces_by_weight(grams, rows, nominal_grams=2_000)
    used = [grams[index] for indices in found.of_want.values() for index in indices]
    for row in rows:
        if row.units:
            off = abs(Fraction(found.grams[row.want], row.units) - Fraction(sum(used), len(used)))
            assert off <= max(used) - min(used)


def test_heavy_and_light_are_mixed() -> None:
    rows = [Share("a", 2), Share("b", 2), Share("c", 1)]
    found = pieces_by_weight([1_800, 2_200, 1_900, 2_100, 2_000, 3_000], rows, nominal_grams=2_000)
    assert found.grams == {"a": 4_000, "b": 4_000, "c": 2_000}
    assert found.of_want == {"a": (0, 1), "b": (2, 3), "c": (4,)}
    assert found.over == (5,)


def test_too_few_pieces_are_a_shortage() -> None:
    with pytest.raises(InputError, match="1 pieces for 2 units: share out the shortage first"):
        pieces_by_weight([900], [Share("a", 2)], nominal_grams=1_000)
