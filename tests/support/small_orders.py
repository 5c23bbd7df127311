"""Orders for tests of the desk: placed, changed and cancelled as a household or the leader does."""

from __future__ import annotations

from typing import Any

import pytest
from small_rooms import START_MS

from millpond.desk import orders
from millpond.desk.orders import NewOrder, NewWant, Order, Placed
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.store import Database

NOW = START_MS + 1


def new(round: RoundRecord, *wants: NewWant, **changes: Any) -> NewOrder:
    """Two bags, or these wants, of a new household."""
    given: dict[str, Any] = {"token": "t", "name": "王芳", "phone": "138 1234 5678"}
    first = NewWant(item=int(round.offered[0].id), quantity=2)
    return NewOrder(round=round.id, wants=wants or (first,), **given | changes)


def place(db: Database, order: NewOrder, now_ms: int = NOW, **by: Any) -> Placed:
    return db.write(lambda rows: orders.place(rows, order, now_ms=now_ms, **by))


def change(db: Database, id: int, *wants: NewWant, now_ms: int = NOW, **values: Any) -> Order:
    return db.write(lambda rows: orders.change(rows, id, wants, now_ms=now_ms, **values))


def cancel(db: Database, id: int, now_ms: int = NOW, person: int | None = None) -> None:
    db.write(lambda rows: orders.cancel(rows, id, now_ms=now_ms, person=person))


def refused(code: str, **values: Any) -> Any:
    """Expects this refusal with these values."""

    def is_it(error: Refused) -> bool:
        return error.code == code and {key: error.values[key] for key in values} == values

    return pytest.raises(Refused, check=is_it)
