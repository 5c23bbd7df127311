"""Standing wants become orders when a group order opens: once, and while there is room."""

from __future__ import annotations

from small_orders import NOW
from small_rooms import item, opened, shirt

from millpond.desk import carrying, households, orders, standing
from millpond.desk.households import Household
from millpond.desk.orders import NewOrder, NewWant
from millpond.store import Database


def add(db: Database, name: str = "王芳") -> Household:
    return db.write(lambda rows: households.add(rows, name, now_ms=NOW))


def carry_over(db: Database, round: int) -> int:
    return db.write(lambda rows: carrying.place_standing(rows, round, now_ms=NOW))


def test_standing_wants_are_ordered_when_it_opens_once_and_while_there_is_room(db: Database) -> None:
    one, late, asked = add(db, "王芳"), add(db, "李娜"), add(db, "要校服")
    for household, name, quantity, limit in (
        (one.id, "大米", 3, None),
        (one.id, "没有的", 1, None),
        (late.id, "大米", 9, 4_000),
        (asked.id, "校服", 1, None),
    ):
        db.write(
            lambda rows, h=household, n=name, q=quantity, limit=limit: standing.set_standing(
                rows, h, name=n, quantity=q, limit=limit, now_ms=NOW
            )
        )
    round = opened(db, item(), shirt(), cap_units=10)
    assert carry_over(db, round.id) == 1, "nine more do not fit, and nobody can answer a size for a household"
    (kept,) = orders.of_round(db.read, round.id)
    assert (kept.household, kept.units, str(kept.source), kept.wants[0].limit) == (
        one.id,
        3,
        "standing",
        5_200,
    )
    assert carry_over(db, round.id) == 0
    change = NewWant(item=kept.wants[0].item, quantity=1, id=kept.wants[0].id)
    assert db.write(lambda rows: orders.change(rows, kept.id, (change,), now_ms=NOW)).units == 1
    db.write(lambda rows: orders.cancel(rows, kept.id, now_ms=NOW))
    assert carry_over(db, round.id) == 1, (
        "there is room for the other now; what was cancelled stays cancelled"
    )
    assert [order.household for order in orders.of_household(db.read, round.id, late.id)] == [late.id]
    assert orders.of_household(db.read, round.id, one.id) == ()


def test_who_ordered_already_does_not_get_it_twice(db: Database) -> None:
    one = add(db)
    db.write(lambda rows: standing.set_standing(rows, one.id, name="校服", quantity=1, now_ms=NOW))
    round = opened(db, shirt(options=()))
    want = NewWant(item=int(round.offered[0].id), quantity=1)
    new = NewOrder(round=round.id, token="t", household=one.id, wants=(want,))
    db.write(lambda rows: orders.place(rows, new, now_ms=NOW))
    assert carry_over(db, round.id) == 0
    assert len(orders.of_household(db.read, round.id, one.id)) == 1
