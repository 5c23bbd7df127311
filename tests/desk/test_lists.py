"""A reviewed list: all of it or nothing, and once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_rooms import START_MS, item, journal, opened, shirt, small_room

from millpond.community.transitions import Stage
from millpond.desk import households, lists, orders, people, rounds
from millpond.desk.lists import Reviewed, RowsRefused, TakenIn
from millpond.desk.orders import NewOrder, Source
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.desk.wants import NewWant
from millpond.store import Database

NOW = START_MS + 1


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with small_room(tmp_path) as db:
        db.write(lambda rows: people.create_owner(rows, "Li", passphrase_hash="h", now_ms=NOW))
        yield db


@pytest.fixture
def round(db: Database) -> RoundRecord:
    return opened(db, item("大米"), item("面粉"), cap_units=100)


def line(round: RoundRecord, row: int, name: str, *wanted: tuple[int, int], **more: Any) -> Reviewed:
    wants = tuple(NewWant(item=int(round.offered[at].id), quantity=n) for at, n in wanted or ((0, 1),))
    return Reviewed(row=row, name=name, wants=wants, **more)


def take_in(db: Database, round: RoundRecord, *lines: Reviewed, token: str = "list") -> TakenIn:
    return db.write(
        lambda rows: lists.take_in(
            rows, round.id, lines, source=Source.PASTED, token=token, person=1, now_ms=NOW
        )
    )


def units(db: Database, id: int) -> list[tuple[str, int]]:
    order = orders.load(db.read, id)
    names = {int(one.id): one.name for one in rounds.load(db.read, order.round).group.items}
    return [(names[want.item], want.quantity) for want in order.wants]


def refused_rows(db: Database, round: RoundRecord, *lines: Reviewed) -> list[tuple[int, str]]:
    before = [order.units for order in orders.of_round(db.read, round.id)]
    with pytest.raises(RowsRefused) as caught:
        take_in(db, round, *lines, token="wrong")
    assert [order.units for order in orders.of_round(db.read, round.id)] == before
    return [(row, error.code if isinstance(error, Refused) else "") for row, error in caught.value.rows]


def test_a_list_of_strangers_becomes_orders(db: Database, round: RoundRecord) -> None:
    lines = [
        line(round, n, f"住户{n}", (0, n), (1, 1), note=f"{n} 栋", phone=f"1380000000{n}") for n in (2, 3, 5)
    ]
    taken = take_in(db, round, *lines)
    assert list(taken.orders) == [2, 3, 5]
    kept = orders.of_round(db.read, round.id)
    assert [(one.name, one.units, one.note, one.source) for one in kept] == [
        (f"住户{n}", n + 1, f"{n} 栋", Source.PASTED) for n in (2, 3, 5)
    ]
    assert journal(db, round.id)[-1] == "list.taken"


def test_sent_again_it_changes_nothing(db: Database, round: RoundRecord) -> None:
    first = take_in(db, round, line(round, 1, "甲"), line(round, 2, "甲", (1, 2), with_row=1))
    again = take_in(db, round, line(round, 1, "甲", (0, 9)), line(round, 2, "乙", (1, 9)))
    assert first.is_new
    assert again == TakenIn({}, is_new=False)
    assert units(db, first.orders[1]) == [("大米", 1), ("面粉", 2)]
    order = first.orders[1]
    for _ in range(2):
        take_in(db, round, line(round, 1, "甲", (0, 4), adds_to=order), token="more")
    assert units(db, order) == [("大米", 5), ("面粉", 2)], "added once, though no new order tells so"


def test_whose_it_is_was_said(db: Database, round: RoundRecord) -> None:
    known = db.write(lambda rows: households.add(rows, "王芳", phone="13812345678", now_ms=NOW))
    first = take_in(db, round, line(round, 1, "王芳", (0, 2), (1, 1), household=known.id)).orders[1]
    assert orders.load(db.read, first).household == known.id
    taken = take_in(
        db,
        round,
        line(round, 1, "王芳", (0, 3), adds_to=first, note="加三袋"),
        line(round, 2, "王芳", (1, 4), is_new=True),
        token="second",
    ).orders
    assert taken[1] == first
    assert units(db, first) == [("大米", 5), ("面粉", 1)]
    assert orders.load(db.read, first).note == "加三袋"
    assert orders.load(db.read, taken[2]).household != known.id, "another of the same name"
    take_in(db, round, line(round, 1, "王芳", (1, 7), replaces=first), token="third")
    assert units(db, first) == [("面粉", 7)]


def test_nobody_is_guessed_and_every_line_that_is_wrong_is_named(db: Database, round: RoundRecord) -> None:
    known = db.write(lambda rows: households.add(rows, "王芳", phone="13812345678", now_ms=NOW))
    elsewhere = opened(db)
    other = db.write(
        lambda rows: orders.place(
            rows,
            NewOrder(
                round=elsewhere.id, token="x", household=known.id,
                wants=(NewWant(item=int(elsewhere.offered[0].id), quantity=1),),
            ),
            now_ms=NOW,
        )
    )  # fmt: skip
    assert refused_rows(
        db,
        round,
        line(round, 1, "好的"),
        line(round, 4, "王芳"),
        line(round, 5, "谁", phone="+86 138 1234 5678"),
        line(round, 6, "", is_new=True),
        line(round, 7, "量大", (0, 0), is_new=True),
        line(round, 8, "两说", household=known.id, is_new=True),
        line(round, 9, "跟谁", with_row=99),
        line(round, 10, "别的团", adds_to=other.id),
        line(round, 11, "没有", household=404),
        Reviewed(row=12, name="空", wants=(), is_new=True),
    ) == [
        (4, "list.who"),
        (5, "list.who"),
        (6, "order.name_missing"),
        (7, "order.quantity"),
        (8, "list.who"),
        (9, "list.who"),
        (10, "order.other_round"),
        (11, "household.unknown"),
        (12, "order.empty"),
    ]
    assert len(households.search(db.read)) == 1


def test_a_list_that_does_not_fit_under_the_cap_is_not_cut_off(db: Database, round: RoundRecord) -> None:
    lines = [line(round, n, f"住户{n}", (0, 40)) for n in (1, 2, 3)]
    assert refused_rows(db, round, *lines) == [(3, "order.cap")]
    take_in(db, round, *lines[:2], line(round, 3, "住户3", (0, 20)))
    assert rounds.load(db.read, round.id).stage is Stage.CLOSED


def test_after_the_close_the_leader_still_takes_lists_in_until_it_is_cancelled(
    db: Database, round: RoundRecord
) -> None:
    db.write(lambda rows: rounds.move(rows, round.id, Stage.CLOSED, person=1, now_ms=NOW))
    take_in(db, round, line(round, 1, "甲"))
    db.write(lambda rows: rounds.move(rows, round.id, Stage.CANCELLED, person=1, now_ms=NOW))
    assert refused_rows(db, round, line(round, 1, "乙")) == [(1, "order.round_cancelled")]


def test_pieces_are_not_added_up(db: Database) -> None:
    round = opened(db, shirt())
    size = {"o0": "M"}
    want = NewWant(item=int(round.offered[0].id), quantity=1, options=size)
    order = take_in(db, round, Reviewed(row=1, name="甲", wants=(want,))).orders[1]
    take_in(db, round, Reviewed(row=1, name="甲", wants=(want,), adds_to=order), token="b")
    kept = orders.load(db.read, order).wants
    assert [(one.quantity, one.piece) for one in kept] == [(1, 1), (1, 2)]
