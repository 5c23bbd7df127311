"""The same awards on other terms, against golden rounds that differ in their terms alone."""

from dataclasses import replace
from math import ceil

import pytest

from millpond.equality.terms import above_alone, reprice, transfers


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("capped", {}),
        ("solidarity", {"solidarity": 25}),
        ("solidarity-1000", {"solidarity": 1000}),
        ("pooled-0", {"freight_pooled": 0}),
        ("pooled-37", {"freight_pooled": 37}),
    ],
)
def test_repricing_gives_the_golden_bills(golden_of, name, terms):
    base, other = golden_of("capped"), golden_of(name)
    repriced = reprice(base.round, base.clearing.awards, **terms)
    assert repriced.bills == {row["place"]: row["amount"] for row in other.says["bills"]}
    assert repriced.consequences.prices == other.clearing.prices
    assert repriced.over_limit == ()


def test_what_one_pays_more_others_pay_less(golden):
    awards = golden.clearing.awards
    pooled = reprice(golden.round, awards, freight_pooled=100)
    separate = reprice(golden.round, awards, freight_pooled=0)
    moved = transfers(separate, pooled)
    assert sum(moved.values()) == 0
    assert moved == {place: pooled.bills[place] - separate.bills[place] for place in pooled.bills}


def test_limits_that_other_terms_pass(golden_of):
    """With limits cut to what each place pays now, who pays more on other terms is past its limit."""
    base = golden_of("capped")
    prices = {(row.place, row.item): ceil(row.price) for row in base.clearing.prices}

    def cut(line):
        accepts = tuple(replace(entry, limit=prices[line.place, entry.item]) for entry in line.accepts)
        return replace(line, accepts=accepts)

    tight = replace(base.round, demand=tuple(cut(line) for line in base.round.demand))
    same = reprice(tight, base.clearing.awards)
    assert same.over_limit == ()
    other = reprice(tight, base.clearing.awards, solidarity=1000)
    dearer = {place for place, more in transfers(same, other).items() if more > 0}
    assert dearer
    assert {line.place for line in tight.demand if line.id in other.over_limit} == dearer


def test_without_solidarity_nobody_pays_more_than_alone(golden):
    repriced = reprice(golden.round, golden.clearing.awards, solidarity=0)
    above = above_alone(golden.round, golden.clearing.awards, repriced)
    short = {level.family for level in repriced.consequences.levels if level.short}
    assert {family for _, family in above} <= short


def test_with_solidarity_at_most_as_much_above_as_agreed(golden):
    repriced = reprice(golden.round, golden.clearing.awards, solidarity=10)
    short = {level.family for level in repriced.consequences.levels if level.short}
    above = above_alone(golden.round, golden.clearing.awards, repriced)
    assert all(share * 10 <= 1 for (_, family), share in above.items() if family not in short)
