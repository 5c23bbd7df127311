"""The counter sells what is over, and no more; its cost leaves the stock to the last cent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from money_rooms import EGGS, NOW, RICE, MoneyRoom, room_at
from small_rooms import small_room

from millpond.community.books import Account, Means
from millpond.community.transitions import Stage
from millpond.desk import counter, goods, handing, ledger, money
from millpond.desk.counter import Over
from millpond.desk.refusals import Refused
from millpond.store import Database, Rows


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with small_room(tmp_path) as db:
        yield db


@pytest.fixture
def room(db: Database) -> MoneyRoom:
    return room_at(db, Stage.ORDERED, Stage.ARRIVED)


def refused(code: str) -> Any:
    return pytest.raises(Refused, check=lambda error: error.code == code)


def act(db: Database, what: Callable[..., Any], *given: Any, **more: Any) -> Any:
    more = {"person": None, "now_ms": NOW} | more
    return db.write(lambda rows: what(rows, *given, **more))


def over(db: Database, room: MoneyRoom, item: str) -> Over:
    return next(one for one in counter.over(db.read, room.round) if one.item == room.items[item])


def sell(db: Database, room: MoneyRoom, item: str, quantity: int, amount: int = 300, **more: Any) -> int:
    more = {"token": None, "means": Means.CASH} | more
    given = {"quantity": quantity, "amount_minor": amount}
    return int(act(db, counter.sell, room.round, room.items[item], **given, **more))


def test_leftovers_are_sold_at_what_they_bring_and_leave_the_stock_at_what_they_cost(
    db: Database, room: MoneyRoom
) -> None:
    assert (over(db, room, EGGS).stock, over(db, room, EGGS).amount, over(db, room, EGGS).left) == (2, 469, 2)
    sell(db, room, EGGS, 1)
    sell(db, room, EGGS, 1)
    now = ledger.balances(db.read)
    assert (now[Account.STOCK], now[Account.STOCK_SOLD]) == (0, 469)
    assert (now[Account.COUNTER], now[Account.CASH]) == (-600, 600)
    with refused("counter.not_over"):
        sell(db, room, EGGS, 1)


def test_a_sale_is_one_and_can_be_taken_back(db: Database, room: MoneyRoom) -> None:
    first = sell(db, room, EGGS, 2, token="s" * 20)
    assert sell(db, room, EGGS, 2, token="s" * 20) == first
    assert [sale.quantity for sale in counter.sales(db.read, room.round)] == [2]
    act(db, money.undo, first)
    assert counter.sales(db.read, room.round) == ()
    assert over(db, room, EGGS).left == 2
    assert ledger.balances(db.read)[Account.STOCK] == 469


def test_what_came_beyond_the_order_costs_nothing(db: Database, room: MoneyRoom) -> None:
    act(db, goods.receive, room.round, room.items[RICE], received=8)
    assert (over(db, room, RICE).surplus, over(db, room, RICE).cost(2)) == (2, 0)
    with refused("counter.nothing_booked"):
        act(db, counter.waste, room.round, room.items[RICE], quantity=1, token=None)
    sell(db, room, RICE, 2)
    assert ledger.balances(db.read)[Account.STOCK_SOLD] == 0


def test_what_nobody_picked_up_may_be_sold_and_what_was_handed_out_not(db: Database, room: MoneyRoom) -> None:
    act(db, handing.hand_out, room.round, room.orders["赵六"])
    assert over(db, room, RICE).not_picked_up == 3
    with refused("counter.not_unclaimed"):
        act(db, counter.set_unclaimed, room.round, room.items[RICE], 4)
    act(db, counter.set_unclaimed, room.round, room.items[RICE], 3)
    sell(db, room, RICE, 2)
    with refused("counter.not_unclaimed"):
        act(db, counter.set_unclaimed, room.round, room.items[RICE], 1)
    act(db, counter.set_unclaimed, room.round, room.items[RICE], 2)
    assert over(db, room, RICE).left == 0
    owed = money.due_of_orders(db.read, room.round)[room.orders["王芳"]]
    assert owed.open == owed.total  # who did not come still owes


def test_what_spoiled_is_written_off_at_what_it_cost(db: Database, room: MoneyRoom) -> None:
    act(db, counter.waste, room.round, room.items[EGGS], quantity=1, token=None)
    now = ledger.balances(db.read)
    assert (now[Account.WRITE_OFFS], now[Account.STOCK]) == (235, 234)
    assert over(db, room, EGGS).left == 1


def test_the_counter_opens_when_the_goods_are_here(db: Database) -> None:
    room = room_at(db, Stage.ORDERED)
    with refused("counter.too_early"):
        sell(db, room, EGGS, 1)
    with refused("counter.too_early"):
        act(db, counter.set_unclaimed, room.round, room.items[RICE], 1)


class Enough(Exception):
    """Takes the whole transaction back."""


STEPS = st.lists(st.tuples(st.sampled_from(["sell", "sell", "waste", "undo"]), st.integers(0, 6)), max_size=8)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_cost_of_what_went_is_exact_whatever_was_undone(
    db: Database, room: MoneyRoom, steps: list[tuple[str, int]]
) -> None:
    def job(rows: Rows) -> None:
        # five eggs at 1.01 in all: a cost that does not divide
        rows._connection.execute("UPDATE leftovers SET quantity = 5, amount = 101")
        money.settle(rows, room.round, person=None, now_ms=NOW)
        item, made = room.items[EGGS], []
        common: Any = {"token": None, "person": None, "now_ms": NOW}
        for what, n in steps:
            if what == "undo" and made:
                money.undo(rows, made.pop(n % len(made)), person=None, now_ms=NOW)
                continue
            try:
                if what == "sell":
                    paid: Any = {"means": Means.CASH, "amount_minor": 50}
                    made.append(counter.sell(rows, room.round, item, quantity=n or 1, **paid, **common))
                elif what == "waste":
                    made.append(counter.waste(rows, room.round, item, quantity=n or 1, **common))
            except Refused:
                continue
        found = next(one for one in counter.over(rows, room.round) if one.item == item)
        assert 0 <= found.gone <= 5
        assert 0 <= ledger.balances(rows)[Account.STOCK] == 101 - found.gone_cost
        if found.left:
            counter.sell(
                rows, room.round, item, quantity=found.left, means=Means.CASH, amount_minor=1, **common
            )
        assert ledger.balances(rows)[Account.STOCK] == 0
        raise Enough

    with pytest.raises(Enough):
        db.write(job)
