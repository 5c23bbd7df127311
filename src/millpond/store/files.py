"""Opening the files: made if they are new, brought up to date by migrations, refused if they are newer.

A migration is `migrations/KIND/NNNN_what.sql`; the file's `user_version` says which were done. Each is one
transaction: after a crash the file is at the version before, or at the one after.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from millpond.errors import InputError
from millpond.store.database import Database, connect

APPLICATION_IDS = {"room": 0x4D505244, "node": 0x4D504E44}
"""In the file's header, so that a room is not taken for a node's file or for something else: MPRD, MPND."""


def migrations(kind: str) -> list[tuple[int, str]]:
    """The number and the SQL of each migration, rising."""
    found = []
    for file in (files("millpond.store") / "migrations" / kind).iterdir():
        if file.name.endswith(".sql"):
            found.append((int(file.name.partition("_")[0]), file.read_text(encoding="utf-8")))
    return sorted(found)


ROOM_VERSION = max(number for number, _ in migrations("room"))
NODE_VERSION = max(number for number, _ in migrations("node"))


def open_room(path: Path) -> Database:
    """The room's file, made or brought up to date; raises `InputError` if it is none, or a newer one."""
    return _open(path, "room")


def open_node(path: Path) -> Database:
    """The node's file, made or brought up to date; raises `InputError` if it is none, or a newer one."""
    return _open(path, "node")


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
        newest = max(number for number, _ in migrations(kind))
        if version > newest:
            raise InputError(
                f"was written by a newer Millpond (version {version}; this one knows {newest}): "
                "update Millpond, then open it again",
                name=str(path),
            )
        for number, sql in migrations(kind):
            if number > version:
                connection.executescript(
                    f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA application_id = {APPLICATION_IDS[kind]};\n"
                    f"PRAGMA user_version = {number};\nCOMMIT;"
                )
    finally:
        connection.close()
