"""The one list of who gets what, and why somebody should look twice."""

from __future__ import annotations

import pytest
from money_rooms import FISH, NOW, RICE, MoneyRoom, room_at
from small_orders import new, place
from small_rooms import item, opened, shirt

from millpond.api import clear
from millpond.community.transitions import Stage
from millpond.desk import claims, deciding, goods, orders, packing, people, room, rounds
from millpond.desk.claims import ClaimKind, NewClaim
from millpond.desk.orders import NewWant
from millpond.desk.packing import Attention, Parcel
from millpond.desk.room import PickupPoint
from millpond.store import Database


@pytest.fixture
def at(db: Database) -> MoneyRoom:
    return room_at(db, Stage.ORDERED)


def parcel(db: Database, at: MoneyRoom, who: str) -> Parcel:
    return next(one for one in packing.parcels(db.read, at.round) if one.name == who)


def receive(db: Database, at: MoneyRoom, name: str, received: int) -> None:
    db.write(
        lambda rows: goods.receive(rows, at.round, at.items[name], received=received, person=None, now_ms=NOW)
    )


def test_everybody_is_on_the_list_with_what_is_theirs(db: Database, at: MoneyRoom) -> None:
    found = packing.parcels(db.read, at.round)
    assert [one.number for one in found] == [1, 2, 3, 4]
    assert len({one.code for one in found}) == 4
    wang = found[0]
    assert [(line.label, line.units, line.unit) for line in wang.lines] == [(RICE, 2, "袋"), (FISH, 1, "条")]
    assert wang.units == 3
    assert {line.want: line.due_minor for one in found for line in one.lines} == {
        one.want: one.due_minor for one in goods.due(db.read, at.round)
    }


def test_a_shortage_shows_on_the_list(db: Database, at: MoneyRoom) -> None:
    receive(db, at, RICE, 4)
    assert [one.attention for one in packing.parcels(db.read, at.round)] == [
        (Attention.LESS, Attention.WEIGHT),
        (),
        (Attention.WEIGHT,),
        (Attention.LESS,),
    ]
    receive(db, at, RICE, 0)
    zhao = parcel(db, at, "赵六")
    assert zhao.attention == (Attention.NOTHING,)
    assert zhao.lines == ()


def test_what_is_weighed_needs_no_look_any_more(db: Database, at: MoneyRoom) -> None:
    fish = next(line for line in parcel(db, at, "王芳").lines if line.by_weight)
    db.write(lambda rows: goods.weigh(rows, at.round, fish.want, 510, person=None, now_ms=NOW))
    after = parcel(db, at, "王芳")
    assert after.attention == ()
    assert next(line.grams for line in after.lines if line.by_weight) == 510


def test_claims_and_notes_are_for_a_look(db: Database, at: MoneyRoom) -> None:
    order = at.orders["李雷 <b>"]
    owner = db.write(lambda rows: people.create_owner(rows, "王姐", passphrase_hash="", now_ms=1)).id
    db.write(lambda rows: orders.set_leader_note(rows, order, "放门口", person=owner, now_ms=NOW))
    claim = NewClaim(order=order, kind=ClaimKind.DAMAGED, words="破了", want=None)
    db.write(lambda rows: rounds.move(rows, at.round, Stage.ARRIVED, person=None, now_ms=NOW))
    db.write(lambda rows: claims.open_claim(rows, claim, now_ms=NOW))
    assert parcel(db, at, "李雷 <b>").attention == (Attention.WEIGHT, Attention.NOTE, Attention.CLAIM)
    assert parcel(db, at, "李雷 <b>").leader_note == "放门口"


def test_pieces_say_what_was_answered_and_points_come_one_after_the_other(db: Database) -> None:
    second = db.write(lambda rows: room.add_pickup_point(rows, PickupPoint(name="北门")))
    first = room.pickup_points(db.read)[0].id
    round = opened(db, item(), shirt(reference=None), pickup_points=(first, second), closes_at_ms=None)
    rice, uniform = (int(one.id) for one in round.offered)
    answers = {"o0": "M", "o1": "小明"}
    wants = (NewWant(item=uniform, quantity=1, limit=9_000, options=answers),)
    place(db, new(round, *wants, name="a", token="1", pickup_point=second))
    place(db, new(round, NewWant(item=rice, quantity=40), name="b", token="2", phone="1", pickup_point=first))
    dear = NewWant(item=rice, quantity=1, limit=1)
    place(db, new(round, dear, name="c", token="3", phone="2", pickup_point=first))
    db.write(lambda rows: rounds.move(rows, round.id, Stage.CLOSED, person=None, now_ms=NOW))
    found = deciding.work_out(deciding.gather(db.read, round.id), lambda one: clear(one, seconds=10))
    db.write(lambda rows: deciding.keep(rows, found, person=None, now_ms=NOW))
    labels = {uniform: {"o0": "尺码", "o1": "绣字"}}
    by_name = {one.name: one for one in packing.parcels(db.read, round.id, labels)}
    assert [(one.name, one.point) for one in packing.parcels(db.read, round.id)] == [
        ("b", "平塘"),
        ("c", "平塘"),
        ("a", "北门"),
    ], "by pick-up point, then by number"
    assert by_name["a"].lines[0].options == (("尺码", "M"), ("绣字", "小明"))
    assert by_name["a"].lines[0].piece == 1
    assert by_name["a"].attention == (Attention.OPTIONS,)
    assert by_name["c"].attention == (Attention.NOTHING,)
    assert by_name["b"].attention == ()
    unlabelled = {one.name: one for one in packing.parcels(db.read, round.id)}
    assert unlabelled["a"].lines[0].options == (("o0", "M"), ("o1", "小明"))
