"""Opening the files: made if they are new, brought up to date by migrations, refused if they are newer.

A migration is `migrations/KIND/NNNN_what.sql`; the file's `user_version` says which were done. Each is one
transaction: after a crash the file is at the version before, or at the one after.
"""

from __future__ import annotations

import contextlib
import sqlite3
from functools import cache
from importlib.resources import files
from pathlib import Path

from millpond.errors import InputError
from millpond.store.database import Database, connect

APPLICATION_IDS = {"room": 0x4D505244, "node": 0x4D504E44, "network": 0x4D504E57}
"""In the file's header, so that a room is not taken for a node's file or for something else: MPRD, MPND,
MPNW."""


def migrations(kind: str) -> list[tuple[int, str]]:
    """The number and the SQL of each migration, rising."""
    found = []
    for file in (files("millpond.store") / "migrations" / kind).iterdir():
        if file.name.endswith(".sql"):
            found.append((int(file.name.partition("_")[0]), file.read_text(encoding="utf-8")))
    return sorted(found)


ROOM_VERSION = max(number for number, _ in migrations("room"))
NODE_VERSION = max(number for number, _ in migrations("node"))
NETWORK_VERSION = max(number for number, _ in migrations("network"))


def open_room(path: Path) -> Database:
    """The room's file, made or brought up to date; raises `InputError` if it is none, or a newer one."""
    return _open(path, "room")


def open_node(path: Path) -> Database:
    """The node's file, made or brought up to date; raises `InputError` if it is none, or a newer one."""
    return _open(path, "node")


def open_network(path: Path) -> Database:
    """The file of logs that a node follows or carries, made or brought up to date; raises `InputError`."""
    return _open(path, "network")


def version_of(path: Path, kind: str) -> int:
    """The file's version, 0 for a new one; raises `InputError` if it is something else."""
    connection = connect(path, writes=False)
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        application = int(connection.execute("PRAGMA application_id").fetchone()[0])
        empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    except Exception as error:
        raise InputError(f"is no file of Millpond: {error}", name=str(path)) from None
    finally:
        connection.close()
    if not (empty and version == 0) and application != APPLICATION_IDS[kind]:
        raise InputError(f"is no {kind} of Millpond", name=str(path))
    return version


def check_whole(path: Path, kind: str) -> int:
    """The version of a closed file from elsewhere that is whole; raises `InputError` if anything is amiss.

    It has the tables, indexes and triggers of its version and no others: what a stranger wrote runs nothing.
    """
    version = version_of(path, kind)
    if version > newest(kind):
        raise _newer(path, kind, version)
    try:
        with contextlib.closing(connect(path, writes=False)) as connection:
            connection.execute("PRAGMA cell_size_check = ON")
            if _schema_of(connection) != _schema(kind, version):
                raise InputError(f"is no {kind} of Millpond: its tables are others", name=path.name)
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            if said != ["ok"] or connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise InputError("is damaged: what stands in it does not fit together", name=path.name)
    except sqlite3.Error as error:
        raise InputError(f"is damaged: {error}", name=path.name) from None
    return version


def newest(kind: str) -> int:
    """The version that this Millpond makes."""
    return {"room": ROOM_VERSION, "node": NODE_VERSION, "network": NETWORK_VERSION}[kind]


@cache
def _schema(kind: str, version: int) -> frozenset[tuple[str, ...]]:
    """What a file of this version has in it."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        for number, sql in migrations(kind):
            if number <= version:
                connection.executescript(sql)
        return _schema_of(connection)


def _schema_of(connection: sqlite3.Connection) -> frozenset[tuple[str, ...]]:
    rows = connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema")
    return frozenset((type, name, table, " ".join(sql.split())) for type, name, table, sql in rows)


def _newer(path: Path, kind: str, version: int) -> InputError:
    return InputError(
        f"was written by a newer Millpond (version {version}; this one knows {newest(kind)}): "
        "update Millpond, then open it again",
        name=str(path),
    )


def _open(path: Path, kind: str) -> Database:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        version_of(path, kind)
    migrate(path, kind)
    return Database(path)


def migrate(path: Path, kind: str) -> None:
    """Every migration that the file lacks, each in a transaction of its own."""
    connection = connect(path, writes=True)
    try:
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version > newest(kind):
            raise _newer(path, kind, version)
        for number, sql in migrations(kind):
            if number > version:
                connection.executescript(
                    f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA application_id = {APPLICATION_IDS[kind]};\n"
                    f"PRAGMA user_version = {number};\nCOMMIT;"
                )
    finally:
        connection.close()
