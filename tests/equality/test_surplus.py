"""Gains and revenue: they add up to the score and to what is paid, to the minor unit."""

import pytest

from millpond.equality.surplus import concentration_by_family, gain_by_place, revenue_by_maker


def test_gains_are_the_score(golden):
    if not golden.round.must_serve:
        assert sum(gain_by_place(golden.round, golden.clearing).values()) == golden.clearing.score


def test_revenue_and_freight_are_all_that_is_paid(golden):
    revenue = sum(revenue_by_maker(golden.round, golden.clearing).values())
    freight = sum(run.freight for run in golden.clearing.runs)
    assert revenue + freight == sum(bill.amount for bill in golden.clearing.bills)


def test_concentration_by_hand(golden_of):
    """Every family made by one maker alone has an index of 1; two makers of one family share it."""
    family = golden_of("family")
    assert concentration_by_family(family.round, family.clearing) == {"hat": 1, "shirt": 1}
    # 60 units of rice from one maker and 255 from the other; all 15 of oil from one.
    two = golden_of("two-makers")
    rice = (60**2 + 255**2) / 315**2
    assert concentration_by_family(two.round, two.clearing) == pytest.approx({"油": 1, "米": rice})
