"""Orders: placed exactly once, until the close, and never above the cap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from small_orders import NOW, cancel, change, new, place, refused
from small_rooms import CLOSE_MS, draft, item, journal, of, opened, shirt

from millpond.community.transitions import Stage
from millpond.desk import codes, households, orders, rounds
from millpond.desk.orders import NewWant, Source
from millpond.store import Database


def test_an_order_is_kept_whole(db: Database) -> None:
    rice, shirts = item("大米", id="a"), shirt()
    round = opened(db, rice, shirts)
    rice_id, shirt_id = of(round.offered, "大米"), of(round.offered, "校服")
    placed = place(
        db,
        new(
            round,
            NewWant(item=rice_id, quantity=3, limit=4_800, more=2, fewer=1, substitute=None),
            NewWant(item=shirt_id, quantity=1, options={"o0": "M", "o1": "小明", "o2": " 95.5 ", "x": "?"}),
            note="放门口",
            address="3 栋 402",
        ),
    )
    order = orders.load(db.read, placed.id)
    assert (order.number, order.name, order.phone) == (1, "王芳", "13812345678")
    assert (order.note, order.source, order.units) == ("放门口", Source.LINK, 4)
    one, other = order.wants
    assert (one.quantity, one.limit, one.more, one.fewer, one.piece) == (3, 4_800, 2, 1, None)
    assert (other.piece, dict(other.options)) == (1, {"o0": "M", "o1": "小明", "o2": "95.5"})
    assert order.pickup_point == round.pickup_points[0]
    assert households.load(db.read, order.household).address == "3 栋 402"
    assert journal(db, round.id)[-1] == "order.placed"
    now = rounds.load(db.read, round.id)
    assert (now.orders, now.units) == (1, 4)


def test_the_journal_names_nobody(db: Database) -> None:
    round = opened(db, shirt())
    placed = place(
        db, new(round, NewWant(item=int(round.offered[0].id), quantity=1, options={"o0": "S", "o1": "绣李"}))
    )
    change(db, placed.id, NewWant(item=int(round.offered[0].id), quantity=2, options={"o0": "M"}), note="私")
    cancel(db, placed.id)
    told = "".join(str(tuple(row)) for row in db.read.all("room.journal_of_round", round=round.id, most=99))
    assert "order.cancelled" in told
    assert not any(
        secret in told for secret in ("王芳", "13812345678", "绣李", "私", placed.link, placed.code)
    )


def test_the_same_word_is_the_same_order(db: Database) -> None:
    round = opened(db)
    first = place(db, new(round))
    again = place(db, new(round))
    other_content = place(db, new(round, NewWant(item=int(round.offered[0].id), quantity=9), name="别人"))
    assert first.is_new
    assert [(one.id, one.is_new) for one in (again, other_content)] == [(first.id, False)] * 2
    assert orders.load(db.read, first.id).units == 2
    assert len(households.search(db.read)) == 1
    after_the_close = place(db, new(round), now_ms=CLOSE_MS)
    assert after_the_close.id == first.id


def test_numbers_and_codes_are_each_ones_own(db: Database) -> None:
    round, other = opened(db), opened(db)
    placed = [place(db, new(round, token=f"t{n}")) for n in range(40)]
    assert [one.number for one in placed] == list(range(1, 41))
    assert len({one.code for one in placed}) == 40
    assert len({one.link for one in placed}) == 40
    assert all(codes.read_code(f" {one.code[:2].lower()} {one.code[2:]}") == one.code for one in placed)
    assert place(db, new(other, token="o")).number == 1


def test_a_typo_in_a_code_is_found() -> None:
    for letters in ("ACDE", "47DE", "XYDE", "GLDE", "9999"):
        code = letters + codes.check_letter(letters)
        assert codes.read_code(code) == code
        for at in range(len(code)):
            for letter in codes.CODE_LETTERS:
                if letter != code[at]:
                    assert codes.read_code(code[:at] + letter + code[at + 1 :]) is None
    assert codes.read_code("") is codes.read_code("AC") is codes.read_code("0O1IB") is None


def test_what_a_household_did_not_say_about_its_limit(db: Database) -> None:
    round = opened(db, item(), item("面粉", reference=None))
    rice, flour = (NewWant(item=int(one.id), quantity=1) for one in round.offered)
    kept = orders.load(db.read, place(db, new(round, rice, flour)).id).wants
    assert kept[0].limit == 5_200, "what it costs in the shop"
    assert kept[1].limit == 4_500 + 10_000 // 10, "what it costs if just enough is wanted"


def test_a_limit_that_is_not_said_is_never_below_the_price(db: Database) -> None:
    offer = replace(draft(db).terms.offer, freight_fixed=10_003)
    round = opened(db, item("面粉", reference=None), offer=offer)
    kept = orders.load(db.read, place(db, new(round)).id).wants
    assert kept[0].limit == 5_501, "5,500.3 rounded up: at 5,500 it would be left out"


@pytest.mark.parametrize(
    ("want", "code", "values"),
    [
        ({"quantity": 0}, "order.quantity", {"item": "大米"}),
        ({"quantity": 100_001}, "order.quantity", {"most": 100_000}),
        ({"fewer": 3}, "order.tolerance", {"most": 2}),
        ({"fewer": -1}, "order.tolerance", {}),
        ({"more": -1}, "order.tolerance", {}),
        ({"limit": -1}, "order.limit", {"item": "大米"}),
        ({"limit": 10**9 + 1}, "order.limit", {"item": "大米"}),
        ({"item": 999}, "order.item_gone", {}),
        ({"substitute": 999}, "order.substitute", {}),
    ],
)
def test_wants_that_cannot_be(db: Database, want: dict[str, Any], code: str, values: dict[str, Any]) -> None:
    round = opened(db)
    given = {"item": int(round.offered[0].id), "quantity": 2} | want
    with refused(code, **values):
        place(db, new(round, NewWant(**given)))
    assert rounds.load(db.read, round.id).orders == 0
    assert households.search(db.read) == ()


def test_a_want_is_no_substitute_for_itself_nor_for_what_is_gone(db: Database) -> None:
    round = opened(db, item("a"), item("b"), item("c"))
    a, b, c = (int(one.id) for one in round.offered)
    place(db, new(round, NewWant(item=c, quantity=1)))
    without_c = replace(round.terms, items=round.terms.items[:2])
    db.write(lambda rows: rounds.update(rows, round.id, without_c, person=None, now_ms=NOW))
    for substitute in (a, c):
        with refused("order.substitute"):
            place(db, new(round, NewWant(item=a, quantity=1, substitute=substitute), token="x"))
    assert place(db, new(round, NewWant(item=a, quantity=1, substitute=b), token="y")).is_new


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, "order.answer_missing"),
        ({"o0": "  "}, "order.answer_missing"),
        ({"o0": "XXL"}, "order.answer_unknown"),
        ({"o0": "M", "o1": "绣" * 201}, "order.answer_long"),
        ({"o0": "M", "o2": "long"}, "order.answer_number"),
        ({"o0": "M", "o2": "9²"}, "order.answer_number"),
        ({"o0": "M", "o2": "."}, "order.answer_number"),
    ],
)
def test_answers_that_cannot_be(db: Database, answers: dict[str, str], code: str) -> None:
    round = opened(db, shirt())
    with refused(code):
        place(db, new(round, NewWant(item=int(round.offered[0].id), quantity=1, options=answers)))


def test_a_decimal_comma_is_a_number_too(db: Database) -> None:
    round = opened(db, shirt())
    want = NewWant(item=int(round.offered[0].id), quantity=1, options={"o0": "M", "o2": "95,5"})
    assert orders.load(db.read, place(db, new(round, want)).id).wants[0].options["o2"] == "95,5"


def test_nothing_and_nobody_is_no_order(db: Database) -> None:
    round = opened(db)
    with refused("order.empty"):
        place(db, replace(new(round), wants=()))
    with refused("order.name_missing"):
        place(db, new(round, name="  "))
    with refused("order.pickup_point"):
        place(db, new(round, pickup_point=77))
    with refused("household.unknown"):
        place(db, new(round, household=77))


# ---- the close


def test_not_one_millisecond_after_the_close(db: Database) -> None:
    round = opened(db)
    place(db, new(round), now_ms=CLOSE_MS - 1)
    with refused("order.closed"):
        place(db, new(round, token="late"), now_ms=CLOSE_MS)
    assert rounds.load(db.read, round.id).orders == 1


def test_before_it_opens_and_after_it_closed_the_leader_may_still_order(db: Database) -> None:
    round = draft(db)
    with refused("order.not_open_yet"):
        place(db, new(round))
    place(db, new(round, token="a", source=Source.LEADER))
    db.write(lambda rows: rounds.move(rows, round.id, Stage.OPEN, person=None, now_ms=NOW))
    db.write(lambda rows: rounds.move(rows, round.id, Stage.CLOSED, person=None, now_ms=NOW))
    with refused("order.closed"):
        place(db, new(round, token="b"))
    assert place(db, new(round, token="c", source=Source.LEADER)).number == 2
    db.write(lambda rows: rounds.move(rows, round.id, Stage.CANCELLED, person=None, now_ms=NOW))
    with refused("order.round_cancelled"):
        place(db, new(round, token="d", source=Source.LEADER))


def test_the_cap_closes_it(db: Database) -> None:
    round = opened(db, cap_units=5)
    rice = int(round.offered[0].id)
    place(db, new(round, NewWant(item=rice, quantity=3), token="a"))
    with refused("order.cap", left=2):
        place(db, new(round, NewWant(item=rice, quantity=3), token="b"))
    place(db, new(round, NewWant(item=rice, quantity=2), token="c"))
    now = rounds.load(db.read, round.id)
    assert (now.stage, now.units) == (Stage.CLOSED, 5)
    with refused("order.closed"):
        place(db, new(round, NewWant(item=rice, quantity=1), token="d"))


def test_a_change_may_fill_the_cap_and_not_pass_it(db: Database) -> None:
    round = opened(db, cap_units=5)
    rice = int(round.offered[0].id)
    id = place(db, new(round, NewWant(item=rice, quantity=3))).id
    with refused("order.cap", left=2):
        change(db, id, NewWant(item=rice, quantity=6))
    assert change(db, id, NewWant(item=rice, quantity=1)).units == 1
    change(db, id, NewWant(item=rice, quantity=5))
    assert rounds.load(db.read, round.id).stage is Stage.CLOSED
