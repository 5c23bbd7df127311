"""Sharing in proportion by largest remainder."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.clearing.spreading import spread as spread_by_id
from millpond.community.shares import half_up, round_to, spread


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_shares_are_those_of_the_clearing(total: int, weights: list[int]) -> None:
    if total and not any(weights):
        with pytest.raises(ValueError, match="cannot be shared"):
            spread(total, weights)
        return
    ids = [f"{n:02}" for n in range(len(weights))]
    assert spread(total, weights) == list(spread_by_id(total, dict(zip(ids, weights, strict=True))).values())


@given(st.lists(st.fractions(-1000, 1000), max_size=12), st.data())
def test_amounts_are_rounded_down_or_up_to_any_total_in_reach(
    exact: list[Fraction], data: st.DataObject
) -> None:
    floors = [value.numerator // value.denominator for value in exact]
    ups = sum(value.denominator > 1 for value in exact)
    total = sum(floors) + data.draw(st.integers(0, ups))
    rounded = round_to(total, exact)
    assert sum(rounded) == total
    for got, value in zip(rounded, exact, strict=True):
        assert abs(got - value) < 1
    # Nobody who was rounded down lost more than one who was rounded up, and of equals the earlier was.
    raised = [n for n, got in enumerate(rounded) if got > floors[n]]
    kept = [n for n in range(len(exact)) if n not in raised]
    assert all((-(exact[n] % 1), n) < (-(exact[m] % 1), m) for n in raised for m in kept)


def test_a_total_out_of_reach_is_refused() -> None:
    with pytest.raises(ValueError, match="not between 1 and 2"):
        round_to(3, [Fraction(3, 2)])


@pytest.mark.parametrize(
    ("value", "rounded"), [(Fraction(5, 2), 3), (Fraction(-5, 2), -2), (Fraction(7, 3), 2), (Fraction(4), 4)]
)
def test_halves_go_up(value: Fraction, rounded: int) -> None:
    assert half_up(value) == rounded
