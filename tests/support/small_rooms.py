"""Rooms for tests of the desk: a real file, a community, and group orders in it."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from millpond.community.group import Fee, Item, Offer, Option, OptionKind, Tier
from millpond.community.transitions import Stage
from millpond.desk import room, rounds
from millpond.desk.room import Profile
from millpond.desk.rounds import RoundRecord, Terms
from millpond.store import Database, open_room

START_MS = 1_795_000_000_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
CLOSE_MS = START_MS + 2 * DAY_MS


def item(name: str = "大米", **changes: Any) -> Item:
    """Rice by the bag, 52.00 in the shop."""
    given = {"id": f"new-{name}", "family": name, "name": name, "unit": "袋", "reference": 5_200} | changes
    return Item(**given)


def terms(*items: Item, **changes: Any) -> Terms:
    """Rice from 10 bags at 45.00, from 100 at 40.00, and 100.00 for freight; closes in two days."""
    offer = Offer(
        maker="永泰米厂",
        tiers=(Tier(from_quantity=10, price=4_500), Tier(from_quantity=100, price=4_000)),
        capacity=5_000,
        freight_fixed=10_000,
    )
    given = {
        "title": "十二月大米",
        "items": items or (item(),),
        "offer": offer,
        "fee": Fee(per_order=100),
        "closes_at_ms": CLOSE_MS,
    }
    return Terms(**given | changes)


def shirt(**changes: Any) -> Item:
    """Something that asks: a size, and perhaps a name and a length."""
    options = (
        Option(key="o0", label="尺码", kind=OptionKind.CHOICE, choices=("S", "M", "L"), required=True),
        Option(key="o1", label="绣字", kind=OptionKind.TEXT),
        Option(key="o2", label="裤长", kind=OptionKind.NUMBER),
    )
    return item("校服", **{"unit": "件", "options": options} | changes)


@contextmanager
def small_room(folder: Path, **profile: Any) -> Any:
    """The database of a new community; closed at the end."""
    given = {
        "name": "平塘",
        "is_community": True,
        "is_maker": False,
        "currency": "CNY",
        "language": "zh",
        "time_zone": "Asia/Shanghai",
    }
    with open_room(folder / "room.db") as db:
        db.write(lambda rows: room.create(rows, Profile(**given | profile), id="r1", now_ms=START_MS))
        yield db


def draft(db: Database, *items: Item, **changes: Any) -> RoundRecord:
    """A group order that is not open yet."""
    point = room.pickup_points(db.read)[0].id
    made = terms(*items, **{"pickup_points": (point,)} | changes)
    id = db.write(lambda rows: rounds.create(rows, made, person=None, now_ms=START_MS))
    return rounds.load(db.read, id)


def opened(db: Database, *items: Item, **changes: Any) -> RoundRecord:
    """A group order that takes orders."""
    id = draft(db, *items, **changes).id
    db.write(lambda rows: rounds.move(rows, id, Stage.OPEN, person=None, now_ms=START_MS))
    return rounds.load(db.read, id)


def journal(db: Database, round: int) -> list[str]:
    """What was done in a group order, the first thing first."""
    return [row["what"] for row in reversed(db.read.all("room.journal_of_round", round=round, most=1_000))]


def of(items: Iterable[Item], name: str, variant: str = "") -> int:
    """The number of the item of this name."""
    return next(int(one.id) for one in items if (one.name, one.variant) == (name, variant))
