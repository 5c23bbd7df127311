"""Rooms for tests of money: rice by the bag, eggs in cases of ten, fish by weight, four households."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from small_rooms import START_MS, item, of, opened, terms

from millpond.api import clear
from millpond.community.group import Fee, Offer, Tier
from millpond.community.transitions import Stage
from millpond.desk import deciding, money, orders, rounds
from millpond.desk.orders import NewOrder, NewWant
from millpond.store import Database, Rows

NOW = START_MS + 1_000
RICE, EGGS, FISH = "大米", "鸡蛋", "鲈鱼"
WANTED = {
    "王芳": {RICE: 2, FISH: 1},
    '=HYPERLINK("http://x")': {RICE: 1, EGGS: 12},
    "李雷 <b>": {EGGS: 6, FISH: 2},
    "赵六": {RICE: 3},
}
"""By household: units of each item. 18 eggs, so that the leader takes two to fill the second case."""


@dataclass(frozen=True)
class MoneyRoom:
    """A closed group order: ids of its items by name, of orders and households by name of the household."""

    round: int
    items: Mapping[str, int]
    orders: Mapping[str, int]
    households: Mapping[str, int]


def money_room(db: Database, title: str = "十二月", **changes: Any) -> MoneyRoom:
    """A group order that is closed and can be decided; households of the same name are the same."""
    offered = (
        item(RICE),
        item(EGGS, unit="个", case_size=10, reference=300, load=0),
        item(FISH, unit="条", nominal_grams=500, reference=4_000, surcharge=700, weight_tolerance_percent=5),
    )
    offer = Offer(
        maker="永泰米厂",
        tiers=(Tier(from_quantity=5, price=200),),
        capacity=500,
        setup=1_001,
        freight_fixed=700,
        freight_per_load=10,
    )
    given = {"title": title, "offer": offer, "fee": Fee(per_order=100, per_unit=5), "closes_at_ms": None}
    round = opened(db, *terms(*offered).items, **given | changes)
    items = {name: of(round.offered, name) for name in (RICE, EGGS, FISH)}
    known = {row["name"]: int(row["id"]) for row in db.read.all("money.names")}

    def fill(rows: Rows) -> tuple[dict[str, int], dict[str, int]]:
        made, households = {}, {}
        for n, (name, wanted) in enumerate(WANTED.items()):
            wants = tuple(NewWant(item=items[one], quantity=count) for one, count in wanted.items())
            new = NewOrder(
                round=round.id, token=f"{title}-{n}", name=name, phone=f"139000{n}", wants=wants,
                household=known.get(name),
            )  # fmt: skip
            placed = orders.place(rows, new, now_ms=NOW)
            made[name], households[name] = placed.id, placed.household
        rounds.move(rows, round.id, Stage.CLOSED, person=None, now_ms=NOW)
        return made, households

    made, households = db.write(fill)
    return MoneyRoom(round.id, items, made, households)


def answer(rows: Rows, room: MoneyRoom, leftover: int = 5) -> deciding.Answer:
    """The decision, worked out by the real clearing; the leader would take so many eggs."""
    question = deciding.gather(rows, room.round)
    return deciding.work_out(
        question, lambda round: clear(round, seconds=10), {str(room.items[EGGS]): leftover}
    )


def decide(db: Database, room: MoneyRoom, leftover: int = 5) -> None:
    """Decided and settled, as the page does it."""
    found = answer(db.read, room, leftover)

    def job(rows: Rows) -> None:
        deciding.keep(rows, found, person=None, now_ms=NOW)
        money.settle(rows, room.round, person=None, now_ms=NOW)

    db.write(job)


def to_stage(db: Database, room: MoneyRoom, *stages: Stage) -> None:
    """Goes through these stages."""
    for stage in stages:
        db.write(lambda rows, to=stage: rounds.move(rows, room.round, to, person=None, now_ms=NOW))


def room_at(db: Database, *stages: Stage) -> MoneyRoom:
    """A decided group order, and through these stages."""
    room = money_room(db)
    decide(db, room)
    to_stage(db, room, *stages)
    return room
