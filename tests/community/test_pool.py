"""The outlook of an open order: prices as the clearing would have them, tiers ahead, the curve."""

from __future__ import annotations

from fractions import Fraction

import pytest
from group_orders import item, order, orders, want
from hypothesis import given
from hypothesis import strategies as st

from millpond.clearing.prices import follow
from millpond.community.asking import OFFER, ask, line_ids, round_of
from millpond.community.group import Fee, GroupOrder
from millpond.community.pool import corners, curve, estimate, outlook, prices, tier_at
from millpond.errors import InputError
from millpond.model import Award, Place


@given(orders(), st.data())
def test_prices_are_those_of_a_clearing_that_serves_exactly_this(
    given: GroupOrder, data: st.DataObject
) -> None:
    units = {one.id: data.draw(st.integers(0, 9)) for one in given.items}
    wants = [want(n, count, item=id) for n, (id, count) in enumerate(units.items(), 1) if count]
    lines = line_ids(wants)
    round = round_of(given, [ask(one, one.item) for one in wants], lines, place=Place(id="here"))
    found = prices(given, units)
    if tier_at(given.offer, sum(units.values())) is None:
        assert found == {}
        return
    awards = [Award(demand=lines[one.id], offer=OFFER, item=one.item, quantity=one.quantity) for one in wants]
    assert found == {row.item: row.price for row in follow(round, awards).prices}


@given(orders(), st.data())
def test_all_prices_together_pay_for_the_run(given: GroupOrder, data: st.DataObject) -> None:
    units = {one.id: data.draw(st.integers(1, 9)) for one in given.items}
    total, offer = sum(units.values()), given.offer
    load = sum(one.load * units[one.id] for one in given.items)
    tier = tier_at(offer, total)
    if tier is None:
        return
    cost = offer.setup + offer.tiers[tier].price * total + offer.freight_fixed + offer.freight_per_load * load
    cost += sum(one.surcharge * units[one.id] for one in given.items)
    found = prices(given, units)
    assert sum(found[id] * count for id, count in units.items()) == cost
    # What is said for other quantities pays for those runs too, with today's mix.
    for step in outlook(given, units).steps:
        n = step.from_quantity
        ahead = offer.setup + offer.tiers[step.tier].price * n + offer.freight_fixed
        ahead += Fraction(n, total) * sum(
            units[one.id] * (one.surcharge + one.load * offer.freight_per_load) for one in given.items
        )
        assert sum(step.prices[id] * count * Fraction(n, total) for id, count in units.items()) == ahead


@given(orders(), st.data())
def test_an_outlook_holds_together(given: GroupOrder, data: st.DataObject) -> None:
    units = {one.id: data.draw(st.integers(0, 12)) for one in given.items}
    seen, total = outlook(given, units), sum(units.values())
    assert seen.units == total
    assert seen.left - seen.over == given.offer.capacity - total
    assert seen.runs == bool(seen.prices)
    for step in seen.steps:
        assert step.missing == step.from_quantity - total > 0
        assert step.from_quantity <= given.offer.capacity
        assert set(step.prices) == {one.id for one in given.items}
    if total and seen.runs and not seen.over:
        now = prices(given, units)
        assert {id: seen.prices[id] for id in now} == now


def test_before_the_first_tier_it_does_not_run_and_says_what_is_missing() -> None:
    seen = outlook(order(tiers=((20, 300), (50, 200)), setup=1_000), {"rice": 12})
    assert (seen.runs, seen.tier, dict(seen.prices), seen.missing) == (False, None, {}, 8)
    assert [(step.from_quantity, step.missing, step.prices["rice"]) for step in seen.steps] == [
        (20, 8, 350),
        (50, 38, 220),
    ]


def test_on_the_last_tier_nothing_is_ahead() -> None:
    seen = outlook(order(tiers=((20, 300),)), {"rice": 20})
    assert (seen.next, seen.missing, seen.prices) == (None, 0, {"rice": 300})


def test_a_tier_above_the_capacity_is_not_promised() -> None:
    seen = outlook(order(tiers=((20, 300), (50, 200)), capacity=49), {"rice": 60})
    assert (seen.steps, seen.left, seen.over, seen.prices) == ((), 0, 11, {"rice": 300})


def test_without_wants_each_item_costs_what_it_would_by_itself() -> None:
    given = order(
        item("a", load=5), item("b", load=0), tiers=((10, 100),), freight_fixed=50, freight_per_load=2
    )
    assert outlook(given, {}).steps[0].prices == {"a": 100 + 5 + 10, "b": 100 + 5}


def test_an_item_nobody_wants_yet_has_a_price() -> None:
    given = order(item("a", load=2), item("b", load=4, surcharge=7), tiers=((10, 100),), freight_fixed=200)
    # 10 units of a carry 200 of freight over 20 of load: 10 a unit of load.
    assert outlook(given, {"a": 10}).prices == {"a": 100 + 20, "b": 100 + 7 + 40}


@pytest.mark.parametrize("units", [{"rice": -1}, {"tea": 1}])
def test_what_the_order_does_not_have_is_refused(units: dict[str, int]) -> None:
    with pytest.raises(InputError, match="an item of this order"):
        outlook(order(), units)


@given(orders(), st.integers(1, 30))
def test_the_curve_is_the_price_of_one_item_alone(given: GroupOrder, quantity: int) -> None:
    one = given.items[0]
    (point,) = curve(given.offer, one.load, [quantity], surcharge=one.surcharge)
    alone = prices(given, {one.id: quantity}) if quantity <= given.offer.capacity else {}
    assert point.price == alone.get(one.id)
    assert (point.tier is None) == (point.price is None)


def test_corners_are_where_the_curve_breaks() -> None:
    assert corners(order(tiers=((1, 9), (20, 8), (90, 7)), capacity=60).offer) == (1, 19, 20, 60)


def test_the_fee_stands_beside_the_price() -> None:
    priced = {"rice": Fraction(701, 2), "oil": Fraction(10)}
    come_to = estimate(priced, Fee(per_order=30, per_unit=5), {"rice": 3, "oil": 0})
    assert (come_to.units, come_to.goods, come_to.fee) == (3, Fraction(2103, 2), 45)
    assert estimate(priced, Fee(per_order=30), {}).fee == 0
