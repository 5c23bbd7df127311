"""Every rule that awards must obey, broken once."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.clearing.prices import Pricer, Rule, problems
from millpond.clearing.validity import price_text
from millpond.model import Acceptance, Award, Freight, Item, Line, Offer, OfferItem, Place, Round, Tier


def line(id: str, place: str, *items: str, **more: Any) -> Line:
    accepts = tuple(Acceptance(item=item, limit=100) for item in items)
    return Line(id=id, place=place, quantity=10, accepts=accepts, **more)


ROUND = Round(
    id="r",
    currency="CNY",
    items=(Item(id="x"), Item(id="y")),
    places=(Place(id="near"), Place(id="far")),
    demand=(
        line("d1", "near", "x", "y", minimum=4, needed_by=date(2026, 12, 24)),
        line("d2", "far", "x"),
        line("d3", "near", "x"),
    ),
    offers=(
        Offer(
            id="o1",
            maker="m1",
            capacity=15,
            items=(OfferItem(item="x"),),
            tiers=(Tier(from_quantity=3, price=30), Tier(from_quantity=9, price=20)),
            freight=(Freight(place="near", fixed=100),),
        ),
        Offer(
            id="late",
            maker="m1",
            capacity=15,
            items=(OfferItem(item="x"), OfferItem(item="y")),
            tiers=(Tier(from_quantity=1, price=20),),
            ready_on=date(2026, 12, 26),
            freight=(Freight(place="near"), Freight(place="far")),
        ),
    ),
)


def serve(*rows: tuple[str, str, str, int]) -> tuple[Award, ...]:
    return tuple(Award(demand=d, offer=o, item=i, quantity=q) for d, o, i, q in rows)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("d1", "o1", "x", 10)], []),
        ([("nobody", "o1", "x", 4)], [(Rule.KNOWN, "nobody", "o1", "x", 0)]),
        ([("d1", "nobody", "x", 4)], [(Rule.KNOWN, "d1", "nobody", "x", 0)]),
        ([("d1", "o1", "nothing", 4)], [(Rule.KNOWN, "d1", "o1", "nothing", 0)]),
        ([("d2", "late", "y", 4)], [(Rule.ACCEPTED, "d2", "late", "y", 0)]),
        ([("d1", "o1", "y", 4)], [(Rule.MADE, "d1", "o1", "y", 0)]),
        ([("d2", "o1", "x", 4)], [(Rule.DELIVERED, "d2", "o1", "x", 0)]),
        ([("d1", "late", "x", 4)], [(Rule.DATE, "d1", "late", "x", 2)]),
        ([("d1", "o1", "x", 4), ("d1", "o1", "x", 3)], [(Rule.ONCE, "d1", "o1", "x", 1)]),
        ([("d3", "o1", "x", 12)], [(Rule.QUANTITY, "d3", "", "", 2)]),
        ([("d1", "o1", "x", 3)], [(Rule.MINIMUM, "d1", "", "", 1)]),
        ([("d1", "o1", "x", 10), ("d3", "o1", "x", 10)], [(Rule.CAPACITY, "", "o1", "", 5)]),
        ([("d3", "o1", "x", 2)], [(Rule.TIER, "", "o1", "", 1)]),
        ([("d3", "o1", "x", 9)], []),
        ([("d3", "late", "x", 1)], []),
        (
            [("d2", "late", "x", 1), ("d3", "o1", "x", 12), ("d1", "o1", "x", 3)],
            [(Rule.MINIMUM, "d1", "", "", 1), (Rule.QUANTITY, "d3", "", "", 2)],
        ),
    ],
)
def test_each_rule(rows: list[tuple[str, str, str, int]], found: list[tuple[Any, ...]]) -> None:
    problems_found = problems(ROUND, serve(*rows))
    assert [(p.rule, p.demand, p.offer, p.item, p.excess) for p in problems_found] == found
    for problem in problems_found:
        assert all(part in problem.message for part in (problem.demand, problem.offer, problem.item))
        assert str(problem.excess or "") in problem.message or problem.rule is not Rule.DATE


def test_limits_are_exact() -> None:
    dear = replace(ROUND, offers=(replace(ROUND.offers[0], setup=600),))
    awards = serve(("d3", "o1", "x", 10))
    assert problems(ROUND, awards) == ()
    assert problems(dear, awards) == ()  # (20 · 10 + 600 + 100) / 10 = 90
    for setup, excess in ((700, Fraction(0)), (701, Fraction(1, 10)), (1_700, Fraction(100))):
        found = problems(replace(dear, offers=(replace(dear.offers[0], setup=setup),)), awards)
        assert [(p.rule, p.demand, p.item, p.excess) for p in found] == (
            [(Rule.LIMIT, "d3", "x", excess)] if excess else []
        )


def test_must_serve_wants_every_line_in_full_and_no_limits() -> None:
    offers = (replace(ROUND.offers[1], capacity=30, ready_on=None, setup=10**6),)
    round = replace(ROUND, must_serve=True, offers=offers)
    full = serve(("d1", "late", "x", 10), ("d2", "late", "x", 10), ("d3", "late", "x", 10))
    assert problems(round, full) == ()
    assert [(p.rule, p.demand, p.excess) for p in problems(round, full[:2])] == [(Rule.SERVE, "d3", 10)]
    assert [(p.rule, p.excess) for p in problems(round, (*full[:2], replace(full[2], quantity=9)))] == [
        (Rule.SERVE, 1)
    ]
    assert [p.rule for p in problems(round, ())] == [Rule.SERVE] * 3


@pytest.mark.parametrize(
    ("price", "text"),
    [
        (Fraction(1_234), "1,234"),
        (Fraction(2_001, 2), "1,000.500"),
        (Fraction(100_000_001, 1_000_000), "100.001"),
        (Fraction(-1, 3), "-0.333"),
        (Fraction(-4_001, 2), "-2,000.500"),
    ],
)
def test_prices_for_people(price: Fraction, text: str) -> None:
    assert price_text(price) == text


@given(st.data())
def test_awards_without_problems_are_valid_by_a_plain_reading_of_the_rules(
    make: Any, data: st.DataObject
) -> None:
    round, awards = data.draw(make.cases(keep_limits=True))
    served = {line.id: sum(a.quantity for a in awards if a.demand == line.id) for line in round.demand}
    joins = make.joins(round)
    assert all((a.offer, a.item) in joins[a.demand] for a in awards)
    assert all(
        units == 0 or row.minimum <= units <= row.quantity
        for row in round.demand
        for units in [served[row.id]]
    )
    for offer in round.offers:
        units = sum(a.quantity for a in awards if a.offer == offer.id)
        assert units == 0 or offer.tiers[0].from_quantity <= units <= offer.capacity
    price = Pricer(round).prices(awards)
    for row in round.demand:
        for entry in row.accepts:
            if any((a.demand, a.item) == (row.id, entry.item) for a in awards):
                assert price[row.place, entry.item] <= entry.limit
