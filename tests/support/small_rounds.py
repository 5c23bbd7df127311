"""Group orders for tests of the desk: moved, changed, closed; and terms a little different."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from small_orders import NOW

from millpond.community.group import Tier
from millpond.community.transitions import Stage
from millpond.desk import orders, rounds
from millpond.desk.orders import NewOrder, NewWant
from millpond.desk.rounds import RoundRecord, Terms
from millpond.store import Database


def move(db: Database, id: int, *stages: Stage, now_ms: int = NOW) -> RoundRecord:
    for stage in stages:
        db.write(lambda rows, to=stage: rounds.move(rows, id, to, person=None, now_ms=now_ms))
    return rounds.load(db.read, id)


def update(db: Database, id: int, terms: Terms, now_ms: int = NOW) -> RoundRecord:
    db.write(lambda rows: rounds.update(rows, id, terms, person=None, now_ms=now_ms))
    return rounds.load(db.read, id)


def close(db: Database, id: int, now_ms: int) -> bool:
    return db.write(lambda rows: rounds.close(rows, id, now_ms=now_ms))


def order(
    db: Database, round: RoundRecord, quantity: int = 2, at: int = 0, token: str = "t", **more: Any
) -> int:
    new = NewOrder(
        round=round.id,
        token=token,
        name="王芳",
        wants=(NewWant(item=int(round.offered[at].id), quantity=quantity),),
        **more,
    )
    return db.write(lambda rows: orders.place(rows, new, now_ms=NOW)).id


def with_offer(old: Terms, **changes: Any) -> Terms:
    return replace(old, offer=replace(old.offer, **changes))


def with_tiers(old: Terms, *tiers: tuple[int, int]) -> Terms:
    return with_offer(old, tiers=tuple(Tier(from_quantity=start, price=price) for start, price in tiers))


def with_item(old: Terms, **changes: Any) -> Terms:
    return replace(old, items=(replace(old.items[0], **changes), *old.items[1:]))
