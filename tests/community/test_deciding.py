"""Decisions: whole cases, substitutes, reasons, bills; the best clearing is found by trying everything."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from group_orders import item, order, orders, want, wants_of
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_clearing import plain_clear

from millpond.community import deciding
from millpond.community.deciding import Decision, Reason, decide
from millpond.community.group import Fee, GroupOrder, Want
from millpond.community.pool import fee_of, prices
from millpond.errors import InputError
from millpond.model import Clearing, Place, Round, encode_clearing, encode_round
from millpond.verify import verifier

HERE = Place(id="here")


def decided(given: GroupOrder, *wants: Want, **more: object) -> Decision:
    return decide(given, wants, plain_clear, place=HERE, **more)  # type: ignore[arg-type]


def served(decision: Decision) -> list[tuple[str, int]]:
    return [(one.item or "", one.quantity) for one in decision.allocations]


def reasons(decision: Decision) -> list[Reason | None]:
    return [one.reason for one in decision.allocations]


@st.composite
def asked(draw: st.DrawFn) -> tuple[GroupOrder, list[Want], dict[str, int]]:
    given = draw(orders(cases=True))
    leftover = {one.id: draw(st.integers(0, 3)) for one in given.items if draw(st.booleans())}
    return given, draw(wants_of(given, most=5)), leftover


@settings(max_examples=150)
@given(asked(), st.sampled_from([1, 2, 3, 40]))
def test_a_decision_keeps_every_promise(
    given: tuple[GroupOrder, list[Want], dict[str, int]], most_clearings: int
) -> None:
    order, wants, leftover = given
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deciding, "MAX_CLEARINGS", most_clearings)
        decision = decide(order, wants, plain_clear, place=HERE, leftover=leftover)
    cased = sum(one.case_size > 1 for one in order.items)
    assert decision.clearings <= most_clearings + 1 + 2 * cased + 1
    whole_cases(order, decision, leftover)
    wanted_terms(order, wants, decision)
    adds_up(order, wants, decision)
    checks = verifier.verify(encode_round(decision.round), encode_clearing(decision.clearing))
    assert all(check.ok for check in checks), verifier.report(checks)


def whole_cases(order: GroupOrder, decision: Decision, leftover: dict[str, int]) -> None:
    for one in order.items:
        assert decision.units.get(one.id, 0) % one.case_size == 0
    taken = {one.item: one.quantity for one in decision.leftovers}
    assert all(0 < units <= leftover[id] for id, units in taken.items())
    assert {one.item: one.leftover for one in decision.cases if one.leftover} == taken


def wanted_terms(order: GroupOrder, wants: list[Want], decision: Decision) -> None:
    by_id = {one.id: one for one in wants}
    assert [one.want for one in decision.allocations] == [
        one.id for one in sorted(wants, key=lambda w: w.arrival)
    ]
    for got in decision.allocations:
        want = by_id[got.want]
        if not got.quantity:
            assert (got.item, got.amount) == (None, 0)
            assert got.reason is not None
            continue
        assert got.item in (want.item, want.substitute)
        assert got.substituted == (got.item != want.item)
        most = want.quantity + (want.more if order.item(got.item).case_size > 1 else 0)
        assert want.quantity - want.fewer <= got.quantity <= most
        assert got.price is not None
        assert got.price <= want.limit_for(got.item)
        assert abs(got.amount - got.price * got.quantity) < 1
        assert got.amount <= want.limit_for(got.item) * got.quantity, "also when rounded"
        assert (got.reason is None) == (got.quantity == want.quantity and not got.substituted)


def adds_up(order: GroupOrder, wants: list[Want], decision: Decision) -> None:
    assert sum(bill.goods for bill in decision.bills) + sum(one.amount for one in decision.leftovers) == (
        decision.amount
    )
    for bill in decision.bills:
        mine = [one for one in decision.allocations if one.order == bill.order]
        assert bill.goods == sum(one.amount for one in mine)
        assert bill.units == sum(one.quantity for one in mine)
        exact = sum((one.price * one.quantity for one in mine if one.quantity), Fraction(0))  # type: ignore[operator]
        assert abs(bill.goods - exact) < 1
        assert bill.fee == fee_of(order.fee, bill.units)
        assert bill.total == bill.goods + bill.fee
    if decision.units:
        now = prices(order, decision.units)
        assert {one.item: one.price for one in decision.allocations if one.item} == {
            one.item: now[one.item] for one in decision.allocations if one.item
        }


@settings(max_examples=60)
@given(asked(), st.randoms())
def test_the_order_of_rows_decides_nothing(
    given: tuple[GroupOrder, list[Want], dict[str, int]], random: object
) -> None:
    order, wants, leftover = given
    mixed = list(wants)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = (decide(order, rows, plain_clear, place=HERE, leftover=leftover) for rows in (wants, mixed))
    assert one == other


def test_one_maker_one_item() -> None:
    given = order(fee=Fee(per_order=50, per_unit=10), tiers=((5, 100),), setup=100)
    decision = decided(given, want(1, 3), want(2, 4))
    # (100 + 7 x 100) / 7; 342 6/7 and 457 1/7 are 343 and 457.
    assert [(one.quantity, one.price, one.amount) for one in decision.allocations] == [
        (3, Fraction(800, 7), 343),
        (4, Fraction(800, 7), 457),
    ]
    assert [(bill.goods, bill.fee, bill.total) for bill in decision.bills] == [(343, 80, 423), (457, 90, 547)]
    assert (decision.amount, decision.units, decision.clearings) == (800, {"rice": 7}, 1)


def test_nobody_can_be_found_in_the_round() -> None:
    told = want(1, 3, id="4711", order="Wang Fang", limit=900)
    round = decided(order(), told).round
    text = encode_round(round).decode()
    assert all(word not in text for word in ("4711", "Wang", "The mill"))
    assert [line.id for line in round.demand] == ["w1"]


def test_lines_are_in_the_order_of_arrival_as_text_too() -> None:
    wants = [want(n, 1, id=str(n + 95)) for n in range(10, 0, -1)]
    round = decided(order(), *wants).round
    ids = [line.id for line in round.demand]
    assert ids[0] == "w01"
    assert all(one < other for one, other in pairwise(ids))


def test_reasons() -> None:
    few = order(tiers=((10, 100),))
    assert reasons(decided(few, want(1, 3), want(2, 4))) == [Reason.NOT_ENOUGH] * 2
    dear = decided(order(), want(1, 3), want(2, 4, limit=99))
    assert reasons(dear) == [None, Reason.LIMIT]
    assert dear.allocations[1].price == 100
    # All together they would be enough, but one would not pay the price: the other is told something else.
    apart = decided(order(tiers=((7, 100),)), want(1, 3), want(2, 4, limit=99))
    assert reasons(apart) == [Reason.NOT_ENOUGH, Reason.LIMIT]
    assert reasons(decided(order(capacity=5), want(1, 4), want(2, 3))) == [None, Reason.CAPACITY]
    shop = decided(order(item(reference=90)), want(1, 3))
    assert reasons(shop) == [Reason.NOT_ENOUGH]
    beside = decided(
        order(item("a", reference=200), item("b", reference=90)), want(1, 3, item="a"), want(2, 3, item="b")
    )
    assert reasons(beside) == [None, Reason.SHOP]
    # With the second household the tier is dearer than the first one would pay.
    others = decided(order(tiers=((1, 100), (6, 300))), want(1, 5, limit=200), want(2, 1, limit=350))
    assert reasons(others) == [None, Reason.OTHERS]


def test_who_would_take_fewer_gets_them_where_there_is_not_enough() -> None:
    decision = decided(order(capacity=7), want(1, 4), want(2, 4, fewer=2))
    assert served(decision) == [("rice", 4), ("rice", 3)]
    assert reasons(decision) == [None, Reason.CAPACITY]


def test_a_substitute_only_where_the_item_cannot_be_had() -> None:
    red, black = item("red", family="coat", surcharge=50), item("black", family="coat")
    one = want(1, 2, item="red", substitute="black", limit=160)
    assert served(decided(order(red, black), one)) == [("red", 2)], "black is cheaper to make, red is wanted"
    dearer = replace(one, limit=149)
    decision = decided(order(red, black), dearer)
    assert served(decision) == [("black", 2)]
    assert decision.allocations[0].substituted
    assert reasons(decision) == [Reason.LIMIT]
    assert served(decided(order(red, black), replace(dearer, substitute_limit=99))) == [("", 0)]


def test_a_substitute_is_not_tried_where_it_cannot_help() -> None:
    pair = item("red"), item("black")
    full = decided(
        order(*pair, capacity=3), want(1, 3, item="black"), want(2, 1, item="red", substitute="black")
    )
    few = decided(order(*pair, tiers=((9, 1),)), want(1, 3, item="red", substitute="black"))
    assert (full.clearings, few.clearings) == (1, 1)
    assert reasons(full) == [None, Reason.CAPACITY]


def test_cases_are_filled_from_tolerance_and_the_rest_of_the_order_stays() -> None:
    eggs, oil = item("eggs", case_size=10), item("oil")
    decision = decided(
        order(eggs, oil),
        want(1, 8, item="eggs", more=2),
        want(2, 9, item="eggs", more=2),
        want(3, 3, item="oil"),
    )
    assert served(decision) == [("eggs", 10), ("eggs", 10), ("oil", 3)]
    assert reasons(decision) == [Reason.CASES, Reason.CASES, None]
    assert decision.clearings == 2
    (cases,) = decision.cases
    assert (cases.wanted, cases.ordered, cases.leftover, cases.missing, cases.over) == (17, 20, 0, 0, 0)


def test_who_steps_back_gets_the_substitute() -> None:
    eggs, duck = item("eggs", case_size=10), item("duck")
    decision = decided(
        order(eggs, duck), want(1, 10, item="eggs"), want(2, 3, item="eggs", substitute="duck")
    )
    assert served(decision) == [("eggs", 10), ("duck", 3)]
    assert reasons(decision) == [None, Reason.CASES]
    assert (decision.cases[0].missing, decision.cases[0].over) == (7, 3)


def test_the_leader_takes_what_is_missing_and_pays_it() -> None:
    given = order(item("eggs", case_size=10), setup=90)
    decision = decided(given, want(1, 8, item="eggs"), leftover={"eggs": 2})
    (rest,) = decision.leftovers
    assert (rest.quantity, rest.price, rest.amount) == (2, 109, 218)
    assert decision.bills[0].goods == 8 * 109
    assert decision.amount == 1_090


def test_filling_a_case_never_passes_a_limit() -> None:
    # Both would take ten, but from 20 on it is dearer than either would pay: the clearing serves one of them.
    given = order(item("eggs", case_size=10), tiers=((1, 100), (20, 500)))
    both = [want(n, units, item="eggs", more=3, limit=300) for n, units in ((1, 8), (2, 9))]
    decision = decided(given, *both)
    assert served(decision) == [("eggs", 10), ("", 0)]
    assert reasons(decision) == [Reason.CASES, Reason.LIMIT]
    assert decision.allocations[1].price == 500


def too_dear_for_one(**changes: Any) -> list[Want]:
    """Thirteen units cost 107 9/13 each; the ten that fill a case cost 110, more than the first would pay."""
    first = want(1, 6, item="eggs", fewer=2, limit=108, **changes)
    return [first, want(2, 7, item="eggs", fewer=1, limit=500)]


def test_who_would_pay_no_more_for_whole_cases_leaves_and_it_begins_anew() -> None:
    given = order(item("eggs", case_size=10), setup=100)
    decision = decided(given, *too_dear_for_one())
    assert served(decision) == [("", 0), ("", 0)]
    assert reasons(decision) == [Reason.LIMIT, Reason.CASES]
    assert (decision.cases[0].missing, decision.cases[0].over) == (3, 6)


def test_who_would_pay_no_more_for_whole_cases_gets_the_substitute() -> None:
    given = order(item("eggs", case_size=10), item("duck"), setup=100)
    extra = want(3, 4, item="eggs", limit=500)
    decision = decided(given, *too_dear_for_one(substitute="duck", substitute_limit=120), extra)
    assert served(decision) == [("duck", 6), ("eggs", 6), ("eggs", 4)]
    assert reasons(decision) == [Reason.LIMIT, Reason.CASES, None]


def test_an_item_whose_cases_stay_broken_is_given_up() -> None:
    given = order(item("eggs", case_size=10), setup=100)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deciding, "MAX_CLEARINGS", 1)
        decision = decided(given, *too_dear_for_one())
    assert reasons(decision) == [Reason.CASES, Reason.CASES]
    assert decision.units == {}


def test_leftover_stock_that_the_clearing_does_not_serve_is_taken_back() -> None:
    def unwilling(round: Round) -> Clearing:
        """Leaves out the leader's line."""
        return plain_clear(replace(round, demand=tuple(line for line in round.demand if line.id[0] == "w")))

    given = order(item("eggs", case_size=10))
    decision = decide(given, [want(1, 8, item="eggs")], unwilling, place=HERE, leftover={"eggs": 2})
    assert (served(decision), reasons(decision)) == ([("", 0)], [Reason.CASES])


def test_a_clear_that_gives_nothing_ends_too() -> None:
    calls = 0

    def stubborn(round: Round) -> Clearing:
        nonlocal calls
        calls += 1
        cut = [replace(line, accepts=(replace(line.accepts[0], limit=0),)) for line in round.demand]
        fixed = all(line.minimum == line.quantity for line in round.demand)
        return plain_clear(replace(round, demand=tuple(cut)) if fixed else round)

    decision = decide(
        order(item("eggs", case_size=10)),
        [want(n, 7, item="eggs", more=1, fewer=3) for n in range(1, 4)],
        stubborn,
        place=HERE,
    )
    assert decision.units == {}
    assert calls == decision.clearings <= 10


@pytest.mark.parametrize(
    ("wants", "said"),
    [
        ([want(1, 1), want(1, 1)], r"wants\[1\].id: \"1\" stands there twice"),
        ([want(1, 1, item="tea")], r"wants\[0\].item: \"tea\" is not the id of an item of this order"),
        ([want(1, 1, substitute="tea")], r"wants\[0\].substitute"),
    ],
)
def test_what_does_not_go_together_is_refused(wants: list[Want], said: str) -> None:
    with pytest.raises(InputError, match=said):
        decided(order(), *wants)


def test_an_order_nobody_wants_anything_of() -> None:
    decision = decided(order())
    assert (decision.allocations, decision.bills, decision.amount) == ((), (), 0)
