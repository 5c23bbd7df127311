"""How many units are wanted of each item is added up as orders come and go; it is always the sum of them."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest
from small_rooms import START_MS, item, opened, small_room

from millpond.desk import orders, rounds
from millpond.desk.orders import NewOrder, NewWant
from millpond.store import Database, Rows

STEPS = 150


def summed(db: Database, round: int) -> dict[str, int]:
    """Added up from the orders themselves."""
    found: dict[str, int] = {}
    for order in orders.of_round(db.read, round):
        if order.cancelled_ms is None:
            for want in order.wants:
                found[str(want.item)] = found.get(str(want.item), 0) + want.quantity
    return found


def step(rows: Rows, pick: random.Random, round: int, items: list[int], n: int) -> None:
    """Something that changes what is wanted: an order comes, changes, goes, or takes another one in."""

    def wants() -> tuple[NewWant, ...]:
        return tuple(
            NewWant(item=pick.choice(items), quantity=pick.randint(1, 9)) for _ in range(pick.randint(1, 3))
        )

    there = [one for one in orders.of_round(rows, round) if one.cancelled_ms is None]
    what = pick.choice(("place", "place", "place", "change", "change", "cancel", "merge"))
    if what == "place" or len(there) < 2:
        new = NewOrder(round=round, token=f"t{n}", name=f"n{n}", wants=wants())
        orders.place(rows, new, now_ms=START_MS)
    elif what == "change":
        order = pick.choice(there)
        kept = tuple(
            NewWant(item=want.item, quantity=pick.randint(1, 9), id=want.id)
            for want in order.wants
            if pick.random() < 0.6
        )
        orders.change(rows, order.id, kept + wants(), now_ms=START_MS)
    elif what == "cancel":
        orders.cancel(rows, pick.choice(there).id, now_ms=START_MS)
    else:
        one, other = pick.sample(there, 2)
        orders.merge(rows, one.id, other.id, person=None, now_ms=START_MS)


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_sum_of_the_orders_after_every_step(tmp_path: Path, seed: int) -> None:
    pick = random.Random(seed)
    with small_room(tmp_path) as db:
        round = opened(db, item("大米"), item("鸡蛋"), item("茶叶"))
        items = [int(one.id) for one in round.offered]
        for n in range(STEPS):
            db.write(lambda rows, n=n: step(rows, pick, round.id, items, n))
            expected = summed(db, round.id)
            assert rounds.units_of_items(db.read, round.id) == expected
            assert rounds.load(db.read, round.id).units == sum(expected.values())


def test_what_is_rolled_back_is_not_wanted(tmp_path: Path) -> None:
    with small_room(tmp_path) as db:
        round = opened(db)
        new = NewOrder(
            round=round.id, token="t", name="n", wants=(NewWant(item=int(round.offered[0].id), quantity=3),)
        )

        def fails(rows: Rows) -> None:
            orders.place(rows, new, now_ms=START_MS)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            db.write(fails)
        assert rounds.units_of_items(db.read, round.id) == {}
        assert rounds.load(db.read, round.id).units == 0


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM orders", "cancelled, not deleted"),
        ("UPDATE orders SET cancelled_ms = NULL WHERE cancelled_ms IS NOT NULL", "does not come back"),
    ],
)
def test_what_would_bring_the_sum_out_of_step_is_refused_by_the_file(
    tmp_path: Path, statement: str, why: str
) -> None:
    with small_room(tmp_path) as db:
        round = opened(db)
        new = NewOrder(
            round=round.id, token="t", name="n", wants=(NewWant(item=int(round.offered[0].id), quantity=3),)
        )
        placed = db.write(lambda rows: orders.place(rows, new, now_ms=START_MS))
        db.write(lambda rows: orders.cancel(rows, placed.id, now_ms=START_MS))
        with pytest.raises(sqlite3.IntegrityError, match=why):
            db.write(lambda rows: rows._connection.execute(statement))
