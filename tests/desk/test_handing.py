"""Handing out, as several phones note it: nothing twice, nothing of others, and undone without a trace."""

from __future__ import annotations

import pytest
from money_rooms import NOW, RICE, MoneyRoom, decide, money_room, room_at, to_stage
from small_orders import refused
from small_rooms import journal

from millpond.community.handing import HandOut, Trouble
from millpond.community.transitions import Stage
from millpond.desk import goods, handing
from millpond.desk.handing import AHEAD_MS, MAX_EVENTS, Noted
from millpond.errors import InputError
from millpond.store import Database


@pytest.fixture
def room(db: Database) -> MoneyRoom:
    return room_at(db, Stage.ORDERED, Stage.ARRIVED)


def event(room: MoneyRoom, who: str, id: str, at_ms: int = NOW, **more: object) -> HandOut:
    return HandOut(event_id=id, order=str(room.orders[who]), at_ms=at_ms, **more)  # type: ignore[arg-type]


def note(db: Database, room: MoneyRoom, *events: HandOut, now_ms: int = NOW) -> Noted:
    return db.write(lambda rows: handing.note(rows, room.round, events, person=None, now_ms=now_ms))


def is_out(db: Database, room: MoneyRoom, who: str) -> bool:
    return handing.state(db.read, room.round).is_complete(str(room.orders[who]))


def test_two_phones_meet_one_household_and_both_hear_it(db: Database, room: MoneyRoom) -> None:
    assert note(db, room, event(room, "王芳", "a" * 32, device="one")).new == 1
    heard = note(db, room, event(room, "王芳", "b" * 32, NOW + 5, device="two"))
    assert heard.new == 1
    (flag,) = heard.state.flags
    assert (flag.event_id, flag.trouble, flag.before) == ("b" * 32, Trouble.TWICE, ("a" * 32,))
    assert heard.state.open_units(str(room.orders["王芳"])) == 0
    assert handing.state(db.read, room.round) == heard.state


def test_what_is_sent_again_changes_nothing(db: Database, room: MoneyRoom) -> None:
    events = [event(room, "王芳", "a" * 32), event(room, "赵六", "b" * 32)]
    first = note(db, room, *events)
    again = note(db, room, *reversed(events))
    assert (first.new, again.new) == (2, 0)
    assert first.state == again.state
    assert journal(db, room.round).count("handing.noted") == 1


def test_in_whatever_order_they_come_the_state_is_one(db: Database, room: MoneyRoom) -> None:
    undo = event(room, "王芳", "b" * 32, NOW + 9, undoes="a" * 32)
    assert note(db, room, undo).state.waiting == ("b" * 32,)
    assert note(db, room, event(room, "王芳", "a" * 32)).state.undone == {"a" * 32}
    assert not is_out(db, room, "王芳")


def test_a_part_of_an_order_and_the_rest_of_it(db: Database, room: MoneyRoom) -> None:
    order = room.orders["王芳"]
    rice = next(
        one for one in goods.due(db.read, room.round) if one.order == order and one.item == room.items[RICE]
    )

    def hand_out(now_ms: int, **what: int) -> Noted:
        return db.write(
            lambda rows: handing.hand_out(rows, room.round, order, person=None, now_ms=now_ms, **what)
        )

    assert hand_out(NOW, want=rice.want, quantity=1).state.open_units(str(order)) == 2
    rest = hand_out(NOW + 1)
    assert rest.state.is_complete(str(order))
    assert rest.state.flags == ()


def test_taking_back_opens_it_again(db: Database, room: MoneyRoom) -> None:
    note(db, room, event(room, "王芳", "a" * 32))
    assert is_out(db, room, "王芳")
    db.write(lambda rows: handing.undo(rows, room.round, "a" * 32, person=None, now_ms=NOW))
    assert not is_out(db, room, "王芳")
    note(db, room, event(room, "王芳", "c" * 32, NOW + 1))
    assert is_out(db, room, "王芳")
    with refused("handing.unknown_event"):
        db.write(lambda rows: handing.undo(rows, room.round, "z" * 32, person=None, now_ms=NOW))


def test_a_shortage_noted_later_is_seen_on_what_was_handed_out(db: Database, room: MoneyRoom) -> None:
    note(db, room, event(room, "赵六", "a" * 32))
    db.write(
        lambda rows: goods.receive(rows, room.round, room.items[RICE], received=0, person=None, now_ms=NOW)
    )
    assert not is_out(db, room, "赵六")
    (flag,) = handing.state(db.read, room.round).flags
    assert flag.trouble is Trouble.NOT_DUE


def test_orders_of_another_group_order_are_refused_with_everything_beside(
    db: Database, room: MoneyRoom
) -> None:
    other = room_at_title(db, "一月")
    mixed = (event(room, "王芳", "a" * 32), event(other, "王芳", "b" * 32))
    with refused("handing.unknown_order"):
        note(db, room, *mixed)
    strange = HandOut(event_id="c" * 32, order="夸父", at_ms=NOW)
    with refused("handing.unknown_order"):
        note(db, room, strange)
    foreign = goods.due(db.read, other.round)[0].want
    with refused("handing.unknown_order"):
        note(db, room, event(room, "王芳", "d" * 32, want=str(foreign), quantity=1))
    assert handing.events(db.read, room.round) == []


def room_at_title(db: Database, title: str) -> MoneyRoom:
    made = money_room(db, title)
    decide(db, made)
    to_stage(db, made, Stage.ORDERED)
    return made


def test_nothing_is_handed_out_before_it_was_ordered(db: Database) -> None:
    room = money_room(db)
    decide(db, room)
    with refused("handing.wrong_stage"):
        note(db, room, event(room, "王芳", "a" * 32))


def test_a_phone_whose_clock_is_days_ahead_wins_nothing(db: Database, room: MoneyRoom) -> None:
    note(db, room, event(room, "王芳", "a" * 32, NOW + AHEAD_MS + 1), now_ms=NOW)
    note(db, room, event(room, "赵六", "b" * 32, NOW + AHEAD_MS), now_ms=NOW)
    times = {one.event_id: one.at_ms for one in handing.events(db.read, room.round)}
    assert times == {"a" * 32: NOW, "b" * 32: NOW + AHEAD_MS}


def test_more_than_a_phone_gathers_is_refused(db: Database, room: MoneyRoom) -> None:
    many = [event(room, "王芳", f"{n:032x}") for n in range(MAX_EVENTS + 1)]
    with pytest.raises(InputError, match="at most 500"):
        note(db, room, *many)
    assert note(db, room, *many[1:]).new == MAX_EVENTS
    assert handing.state(db.read, room.round).open_units(str(room.orders["王芳"])) == 0


def test_who_noted_it_is_kept(db: Database, room: MoneyRoom) -> None:
    note(db, room, event(room, "王芳", "a" * 32))
    assert handing.who(db.read, room.round) == {"a" * 32: ("", NOW)}
