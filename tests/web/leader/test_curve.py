"""The price curve: lines inside the picture, labels that cover nothing, and a table that is right."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from millpond.community.group import Fee, Offer, Tier
from millpond.community.pool import curve
from millpond.web.leader.curve import APART_X, APART_Y, BOTTOM, LEFT, MOST_SHOWN, RIGHT, TOP, curve_of


def offer(*tiers: tuple[int, int], **changes: int) -> Offer:
    made = tuple(Tier(from_quantity=start, price=price) for start, price in tiers)
    return Offer(maker="m", tiers=made, **{"capacity": 100_000, **changes})


def points(line: str) -> list[tuple[int, int]]:
    return [(int(x), int(y)) for x, y in (pair.split(",") for pair in line.split())]


def test_what_it_costs_at_a_hundred_and_at_a_thousand() -> None:
    found = curve_of(offer((10, 4_500), (100, 4_000), setup=10_000), Fee(per_unit=50))
    costs = {cost.quantity: (cost.price, cost.with_fee, cost.starts) for cost in found.costs}
    assert costs[10] == (Fraction(5_500), Fraction(5_550), True)
    assert costs[100] == (Fraction(4_100), Fraction(4_150), True)
    assert costs[1_000] == (Fraction(4_010), Fraction(4_060), False)
    assert min(costs) == 10, "below the first tier there is no price"
    assert [mark.quantity for mark in found.marks] == [10, 100]


def test_the_whole_width_is_used_and_higher_means_dearer() -> None:
    found = curve_of(offer((10, 4_500), (100, 4_000), setup=10_000), Fee())
    first, second = (points(line) for line in found.lines)
    assert (first[0], second[-1]) == ((LEFT, TOP), (RIGHT, BOTTOM))
    assert [y for _, y in first] == sorted(y for _, y in first)
    assert second[0][1] > first[-1][1], "a step down on the page where the next tier starts"


def test_an_offer_of_one_price_is_a_straight_line() -> None:
    found = curve_of(offer((1, 4_500)), Fee())
    assert {y for _, y in points(found.lines[0])} == {TOP}
    assert found.marks[0].price == 4_500


def test_a_tier_beyond_the_capacity_is_not_drawn() -> None:
    found = curve_of(offer((10, 4_500), (100, 4_000), capacity=50), Fee())
    assert len(found.lines) == len(found.marks) == 1
    assert max(cost.quantity for cost in found.costs) == 50


def test_free_goods_have_a_curve_too() -> None:
    assert curve_of(offer((1, 0)), Fee()).costs[0].price == 0


OFFERS = st.builds(
    lambda starts, prices, setup, extra: offer(
        *zip(sorted(starts), sorted(prices, reverse=True), strict=False),
        setup=setup,
        capacity=sorted(starts)[0] + extra,
    ),
    st.lists(st.integers(1, 100_000), min_size=12, max_size=12, unique=True),
    st.lists(st.integers(0, 10**7), min_size=1, max_size=12),
    st.integers(0, 10**7),
    st.integers(0, 10**6),
)


@given(OFFERS, st.integers(0, 20), st.integers(0, 10**5))
def test_whatever_is_offered_the_picture_holds(made: Offer, load: int, surcharge: int) -> None:
    found = curve_of(made, Fee(per_unit=7), load, surcharge)
    assert found.lines
    for x, y in (point for line in found.lines for point in points(line)):
        assert LEFT <= x <= RIGHT
        assert TOP <= y <= BOTTOM
    labelled = [mark for mark in found.marks if mark.price is not None]
    for one, other in combinations(labelled, 2):
        assert abs(one.x - other.x) >= APART_X or abs(one.y - other.y) >= APART_Y
    counted = [mark.x for mark in found.marks if mark.quantity is not None]
    assert all(abs(one - other) >= APART_X for one, other in combinations(counted, 2))
    starts = [tier.from_quantity for tier in made.tiers if tier.from_quantity <= made.capacity]
    assert len(found.costs) <= max(MOST_SHOWN, len(starts))
    asked = [cost.quantity for cost in found.costs]
    assert asked == sorted(set(asked) | set(starts))
    exact = curve(made, load, asked, surcharge=surcharge)
    assert [cost.price for cost in found.costs] == [point.price for point in exact]
