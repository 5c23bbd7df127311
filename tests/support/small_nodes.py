"""Nodes for tests: a clock that they set, and a room full of things to keep."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from millpond.desk import people
from millpond.desk.people import Role
from millpond.desk.room import Profile
from millpond.node.node import Node

START_MS = 1_795_000_000_000
PASSPHRASE = "seven ponds, one mill"
WEAK_HASH = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA"
"""Stands where a test is about something else."""


class Clock:
    """Unix milliseconds that only a test moves."""

    def __init__(self) -> None:
        self.now_ms = START_MS

    def __call__(self) -> int:
        return self.now_ms


def profile(name: str = "Pond") -> Profile:
    """A community."""
    return Profile(
        name=name,
        is_community=True,
        is_maker=False,
        currency="CNY",
        language="zh",
        time_zone="Asia/Shanghai",
    )


def fill(path: Path, households: int = 12) -> None:
    """Orders of so many households in an open room, as plain rows."""
    with closing(sqlite3.connect(path, timeout=30)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(
            "INSERT INTO rounds (id, code, title, stage, currency, created_ms) "
            "VALUES (1, 'rice', '大米', 'open', 'CNY', 1)"
        )
        connection.execute(
            "INSERT INTO pictures VALUES (?, ?, ?, 3, 2, 1)",
            (hashlib.sha256(b"page").hexdigest(), b"page" * 999, b"print\0" * 999),
        )
        for id in range(1, households + 1):
            connection.execute(
                "INSERT INTO households (id, name, phone, link, created_ms) VALUES (?, ?, ?, ?, 1)",
                (id, f"住户{id}", f"1380000{id:04}", f"link-{id}"),
            )
            connection.execute(
                "INSERT INTO orders (round, household, number, source, pickup_code, created_ms, changed_ms) "
                "VALUES (1, ?, ?, 'link', ?, 1, 1)",
                (id, id, f"{id:04}"),
            )
        connection.commit()


def dump(path: Path) -> list[str]:
    """Everything that stands in a database, as SQL."""
    with closing(sqlite3.connect(path)) as connection:
        return [
            *connection.iterdump(),
            str(connection.execute("PRAGMA user_version").fetchone()),
            str(connection.execute("PRAGMA application_id").fetchone()),
        ]


def set_up(node: Node, slug: str = "pond") -> people.Person:
    """A room with an owner, a helper and orders; the first of the node or another one."""
    first = node.is_new() and not node.rooms()
    code = node.make_setup_code() if first else node.add_room(slug)
    owner = node.set_up_room(slug, profile(slug), code=code, owner="Li", passphrase_hash=WEAK_HASH)
    room = node.room(slug)
    assert room is not None
    room.db.write(lambda rows: people.invite(rows, "Wang", [Role.COLLECTS], by=owner.id, now_ms=node.clock()))
    fill(room.path)
    return owner
