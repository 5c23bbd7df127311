"""The one rule of rounding."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.clearing.spreading import PRECISION_BITS, rounded, spread

weights = st.dictionaries(st.text(max_size=3), st.integers(0, 10**6), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("total", "given_weights", "parts"),
    [
        (100, {"p1": 1, "p2": 1, "p3": 1}, {"p1": 34, "p2": 33, "p3": 33}),
        (2, {"c": 1, "b": 1, "a": 1}, {"a": 1, "b": 1, "c": 0}),
        (0, {"b": 3, "a": 0}, {"a": 0, "b": 0}),
        (0, {"b": 0, "a": 0}, {"a": 0, "b": 0}),
        (7, {"a": 0, "b": 5}, {"a": 0, "b": 7}),
        (7, {"only": 0}, {"only": 7}),
        (10, {"z": 1, "é": 1, "永": 1, "😀": 1}, {"z": 3, "é": 3, "永": 2, "😀": 2}),
        (20, {"m1": -40, "m2": 60}, {"m1": -40, "m2": 60}),
        (1, {"m1": -1, "m2": 3}, {"m1": 0, "m2": 1}),
    ],
)
def test_spread(total: int, given_weights: dict[str, int], parts: dict[str, int]) -> None:
    assert spread(total, given_weights) == parts


def test_nothing_is_spread_over_nothing() -> None:
    with pytest.raises(ValueError, match="sum to 0"):
        spread(1, {"a": 0, "b": 0})


def test_shares_must_sum_to_the_total() -> None:
    for total in (0, 3):
        with pytest.raises(ValueError, match="do not sum"):
            rounded(total, [(1, 2), (1, 2)])


def test_remainders_that_differ_less_than_the_first_look_shows_are_compared_exactly() -> None:
    tiny = 1 << (2 * PRECISION_BITS)
    assert rounded(1, [(tiny // 2, tiny), (tiny // 2, tiny)]) == [1, 0]
    assert rounded(1, [(tiny // 2 - 1, tiny), (tiny // 2 + 1, tiny)]) == [0, 1]
    assert rounded(1, [(tiny // 2 - 1, tiny), (3 * (tiny // 2 + 1), 3 * tiny)]) == [0, 1]


@given(st.integers(0, 10**9), weights)
def test_spread_is_largest_remainder(total: int, given_weights: dict[str, int]) -> None:
    whole = sum(given_weights.values())
    if whole == 0:
        return
    parts = spread(total, given_weights)
    exact = {key: Fraction(total * weight, whole) for key, weight in given_weights.items()}
    assert sum(parts.values()) == total
    assert list(parts) == sorted(given_weights, key=str.encode)
    assert all(floor(exact[key]) <= part <= ceil(exact[key]) for key, part in parts.items())
    order = sorted(exact, key=lambda key: (floor(exact[key]) - exact[key], key.encode()))
    lifted = {key for key, part in parts.items() if part > floor(exact[key])}
    assert lifted == set(order[: len(lifted)])


@given(weights, st.integers(1, 10**4))
def test_denominators_need_not_agree(given_weights: dict[str, int], common: int) -> None:
    whole = sum(given_weights.values())
    if whole == 0:
        return
    shares = [(weight * common, whole) for _, weight in sorted(given_weights.items())]
    reduced = [Fraction(*share).as_integer_ratio() for share in shares]
    blown_up = [(n * (k + 1), d * (k + 1)) for k, (n, d) in enumerate(shares)]
    assert rounded(common, shares) == rounded(common, reduced) == rounded(common, blown_up)
