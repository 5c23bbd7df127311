"""What came: counted, weighed, corrected; a shortage is shared out by its rule and every amount follows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from money_rooms import EGGS, FISH, NOW, RICE, MoneyRoom, decide, money_room, room_at, to_stage
from small_orders import refused
from small_rooms import journal, small_room

from millpond.community.transitions import Stage
from millpond.desk import deciding, goods
from millpond.desk.goods import Due
from millpond.store import Database


@pytest.fixture
def room(db: Database) -> MoneyRoom:
    return room_at(db, Stage.ORDERED)


def receive(db: Database, room: MoneyRoom, name: str, received: int, **more: object) -> None:
    db.write(
        lambda rows: goods.receive(
            rows, room.round, room.items[name], received=received, person=None, now_ms=NOW, **more
        )
    )


def uncount(db: Database, room: MoneyRoom, name: str) -> None:
    db.write(lambda rows: goods.uncount(rows, room.round, room.items[name], person=None, now_ms=NOW))


def weigh(db: Database, room: MoneyRoom, want: int, grams: int | None) -> bool:
    return db.write(lambda rows: goods.weigh(rows, room.round, want, grams, person=None, now_ms=NOW))


def due_of(db: Database, room: MoneyRoom, name: str) -> list[Due]:
    return [one for one in goods.due(db.read, room.round) if one.item == room.items[name]]


def test_before_anything_came_everybody_is_to_get_what_was_decided(db: Database, room: MoneyRoom) -> None:
    for one in goods.due(db.read, room.round):
        assert (one.units, one.due_minor, one.has_come) == (one.allocated, one.amount, False)
    eggs = next(one for one in goods.came(db.read, room.round) if one.item == room.items[EGGS])
    assert (eggs.ordered, eggs.received, eggs.short, eggs.over) == (20, None, 0, 0)


def test_a_shortage_is_shared_out_and_amounts_follow(db: Database, room: MoneyRoom) -> None:
    receive(db, room, RICE, 4, billed=6, note="两袋破了")
    rice = due_of(db, room, RICE)
    assert [(one.allocated, one.units) for one in rice] == [(2, 1), (1, 1), (3, 2)]
    for one in rice:
        assert one.has_come
        assert abs(one.due_minor * one.allocated - one.amount * one.units) * 2 <= one.allocated
    came = next(one for one in goods.came(db.read, room.round) if one.item == room.items[RICE])
    assert (came.ordered, came.received, came.billed, came.note, came.short) == (6, 4, 6, "两袋破了", 2)
    assert all(not one.has_come for one in due_of(db, room, EGGS)), "other items are as they were"


def test_what_the_leader_took_for_whole_cases_is_the_first_to_be_missing(
    db: Database, room: MoneyRoom
) -> None:
    receive(db, room, EGGS, 18)
    assert [one.units for one in due_of(db, room, EGGS)] == [12, 6]
    receive(db, room, EGGS, 15)
    assert sum(one.units for one in due_of(db, room, EGGS)) == 15


def test_who_ordered_first_is_served_first_where_that_is_the_rule(tmp_path: Path) -> None:
    with small_room(tmp_path) as db:
        room = money_room(db, shortage_rule="earliest")
        decide(db, room)
        to_stage(db, room, Stage.ORDERED)
        receive(db, room, RICE, 4)
        assert [one.units for one in due_of(db, room, RICE)] == [2, 1, 1]


def test_what_comes_beyond_the_order_is_nobodys(db: Database, room: MoneyRoom) -> None:
    receive(db, room, RICE, 9)
    assert [(one.units, one.adjustment) for one in due_of(db, room, RICE)] == [(2, 0), (1, 0), (3, 0)]
    rice = next(one for one in goods.came(db.read, room.round) if one.item == room.items[RICE])
    assert (rice.over, rice.short) == (3, 0)


def test_a_count_is_taken_back_without_a_trace(db: Database, room: MoneyRoom) -> None:
    before, came = goods.due(db.read, room.round), goods.came(db.read, room.round)
    receive(db, room, RICE, 1, billed=3, note="?")
    uncount(db, room, RICE)
    uncount(db, room, RICE)
    assert goods.due(db.read, room.round) == before
    assert goods.came(db.read, room.round) == came
    assert journal(db, room.round)[-2:] == ["goods.received", "goods.uncounted"]


def test_by_weight_the_amount_follows_the_scale(db: Database, room: MoneyRoom) -> None:
    one, two = due_of(db, room, FISH)
    assert (one.units, two.units) == (1, 2)
    assert weigh(db, room, one.want, 525) is True, "exactly five per cent is within"
    assert weigh(db, room, two.want, 1_051) is False
    one, two = due_of(db, room, FISH)
    assert one.due_minor == (one.amount * 525 * 2 + 500) // 1_000
    assert two.due_minor == (two.amount * 1_051 * 2 + 1_000) // 2_000
    assert weigh(db, room, one.want, None) is True
    assert due_of(db, room, FISH)[0].adjustment == 0


def test_what_was_weighed_before_it_was_counted_stays_weighed(db: Database, room: MoneyRoom) -> None:
    two = due_of(db, room, FISH)[1]
    weigh(db, room, two.want, 480)
    receive(db, room, FISH, 2)
    units = [one.units for one in due_of(db, room, FISH)]
    assert sum(units) == 2
    late = due_of(db, room, FISH)[1]
    assert late.grams == 480
    assert late.due_minor == (two.amount * 480 * late.units * 2 + 1_000 * late.units) // (2_000 * late.units)


def test_what_cannot_be_counted_or_weighed_is_refused_and_changes_nothing(
    db: Database, room: MoneyRoom
) -> None:
    before = goods.due(db.read, room.round)
    rice = due_of(db, room, RICE)[0]
    with refused("goods.not_by_weight"):
        weigh(db, room, rice.want, 500)
    with refused("goods.nothing_allocated"):
        weigh(db, room, 999, 500)
    with refused("goods.unknown_item"):
        db.write(lambda rows: goods.receive(rows, room.round, 999, received=1, person=None, now_ms=NOW))
    assert goods.due(db.read, room.round) == before
    other = money_room(db, "一月")
    decide(db, other)
    for act in (
        lambda: receive(db, other, RICE, 1),
        lambda: uncount(db, other, RICE),
        lambda: weigh(db, other, due_of(db, other, FISH)[0].want, 1),
    ):
        with refused("goods.wrong_stage"):
            act()
    to_stage(db, room, Stage.ARRIVED, Stage.DONE)
    with refused("goods.wrong_stage"):
        receive(db, room, RICE, 1)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, MoneyRoom]]:
    """One room for many examples: whatever was noted before does not matter, and that is what is tested."""
    with small_room(tmp_path_factory.mktemp("goods")) as db:
        yield db, room_at(db, Stage.ORDERED)


COUNTS = st.lists(st.tuples(st.sampled_from([RICE, EGGS, FISH]), st.integers(0, 25)), min_size=1, max_size=6)
GRAMS = st.lists(st.one_of(st.none(), st.integers(1, 3_000)), min_size=2, max_size=2)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(counts=COUNTS, grams=GRAMS)
def test_only_what_was_noted_last_counts(
    shared: tuple[Database, MoneyRoom], counts: list[tuple[str, int]], grams: list[int | None]
) -> None:
    db, room = shared
    for name, received in counts:
        receive(db, room, name, received)
    for one, weight in zip(due_of(db, room, FISH), grams, strict=True):
        weigh(db, room, one.want, weight)
    found = goods.due(db.read, room.round)
    last = dict(counts)
    for name, received in last.items():
        own = due_of(db, room, name)
        assert sum(one.units for one in own) == min(received, sum(one.allocated for one in own))
        assert all(0 <= one.units <= one.allocated for one in own)
    assert all(one.units or not one.due_minor for one in found), "nothing costs nothing"
    amounts = {one.want: one.amount for one in deciding.given(db.read, room.round)}
    assert all(one.amount == amounts[one.want] for one in found), "the decision is not touched"
    for name in (RICE, EGGS, FISH):
        uncount(db, room, name)
    for name, received in last.items():
        receive(db, room, name, received)
    again = {one.want: one for one in goods.due(db.read, room.round)}
    counted = {room.items[name] for name in last}
    assert all(again[one.want] == one for one in found if one.item in counted)
