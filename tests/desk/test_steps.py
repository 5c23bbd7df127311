"""One button, one transaction: the step and what follows from it in the books, or nothing at all."""

from __future__ import annotations

import pytest
from money_rooms import EGGS, FISH, NOW, RICE, MoneyRoom, answer, money_room
from small_orders import refused
from small_rooms import journal

from millpond.community.books import Account
from millpond.community.transitions import Stage
from millpond.desk import goods, ledger, rounds, steps
from millpond.desk.steps import Count, Step
from millpond.store import Database

BY = {"person": None, "now_ms": NOW}


@pytest.fixture
def room(db: Database) -> MoneyRoom:
    return money_room(db)


def decide(db: Database, room: MoneyRoom) -> None:
    found = answer(db.read, room)
    db.write(lambda rows: steps.decide(rows, found, **BY))


def step(db: Database, room: MoneyRoom, *to: Step) -> None:
    for one in to:
        db.write(lambda rows, one=one: steps.step(rows, room.round, one, **BY))


def owed(db: Database) -> int:
    return ledger.balances(db.read)[Account.RECEIVABLE]


def test_the_books_follow_a_decision_and_its_end(db: Database, room: MoneyRoom) -> None:
    decide(db, room)
    first = owed(db)
    assert first > 0
    db.write(lambda rows: steps.take_back(rows, room.round, **BY))
    assert owed(db) == 0
    decide(db, room)
    assert owed(db) == first
    step(db, room, Step.CANCELLED)
    assert owed(db) == 0
    assert rounds.load(db.read, room.round).stage is Stage.CANCELLED


def test_the_books_follow_what_came(db: Database, room: MoneyRoom) -> None:
    decide(db, room)
    step(db, room, Step.ORDERED)
    before = owed(db)
    short = {room.items[RICE]: Count(4, 6, "两袋破了"), room.items[EGGS]: Count(20, 20, "")}

    def count(counts: dict[int, Count], has_arrived: bool = False) -> None:
        db.write(lambda rows: steps.count(rows, room.round, counts, has_arrived=has_arrived, **BY))

    count(short)
    less = owed(db)
    assert less < before
    count(short)
    assert owed(db) == less
    assert journal(db, room.round).count("goods.received") == 2, "what stays is not noted again"
    count({room.items[RICE]: Count(None, None, "")})
    assert owed(db) == before
    count(short, has_arrived=True)
    assert (owed(db), rounds.load(db.read, room.round).stage) == (less, Stage.ARRIVED)


def test_the_books_follow_the_scale(db: Database, room: MoneyRoom) -> None:
    decide(db, room)
    step(db, room, Step.ORDERED)
    before = owed(db)
    fish = [one for one in goods.due(db.read, room.round) if one.item == room.items[FISH]]
    db.write(lambda rows: steps.weigh(rows, room.round, {one.want: one.units * 490 for one in fish}, **BY))
    assert owed(db) == before + sum(
        one.due_minor - was.due_minor
        for one, was in zip(
            (one for one in goods.due(db.read, room.round) if one.item == room.items[FISH]), fish, strict=True
        )
    )
    assert owed(db) < before
    db.write(lambda rows: steps.weigh(rows, room.round, {one.want: None for one in fish}, **BY))
    assert owed(db) == before


def test_what_is_refused_leaves_nothing_half_done(db: Database, room: MoneyRoom) -> None:
    decide(db, room)
    before = owed(db), goods.came(db.read, room.round), journal(db, room.round)
    counts = {room.items[RICE]: Count(1, 1, "")}
    with refused("goods.wrong_stage"):
        db.write(lambda rows: steps.count(rows, room.round, counts, has_arrived=True, **BY))
    with refused("round.cannot_move"):
        step(db, room, Step.DONE)
    step(db, room, Step.ORDERED, Step.ARRIVED)
    after = goods.came(db.read, room.round)
    with refused("round.cannot_move"):
        db.write(lambda rows: steps.count(rows, room.round, counts, has_arrived=True, **BY))
    assert (owed(db), after) == before[:2]
    assert goods.came(db.read, room.round) == after, "the count before the step that was refused is gone, too"
