"""Opening files: made, brought up to date, or refused with a sentence that says what to do."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from millpond.errors import InputError
from millpond.store import NODE_VERSION, ROOM_VERSION, files, open_node, open_room
from millpond.store.files import check_whole, migrations, newest, version_of

PERSON = {
    "name": "王姐",
    "is_owner": 1,
    "collects": 0,
    "hands_out": 0,
    "keeps_money": 0,
    "passphrase_hash": None,
    "invitation_hash": None,
    "invitation_ends_ms": None,
    "now_ms": 1,
}


def ask(path: Path, *statements: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection, connection:
        return [connection.execute(statement).fetchone() for statement in statements]


def test_a_new_file_is_made_with_its_folder_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "room.db"
    with open_room(path) as db:
        assert db.read.one("room.get") is None
    assert ask(path, "PRAGMA user_version", "PRAGMA application_id") == [(ROOM_VERSION,), (0x4D505244,)]
    with open_room(path) as db:
        assert db.read.all("room.pickup_points") == []
    assert check_whole(path, "room") == ROOM_VERSION


def test_an_empty_file_becomes_a_room(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    path.touch()
    open_room(path).close()
    assert version_of(path, "room") == ROOM_VERSION


def test_migrations_are_numbered_without_gaps() -> None:
    for kind, version in (("room", ROOM_VERSION), ("node", NODE_VERSION)):
        assert [number for number, _ in migrations(kind)] == list(range(1, version + 1))
        assert newest(kind) == version


def test_a_newer_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    open_room(path).close()
    ask(path, "PRAGMA user_version = 1000")
    before = path.read_bytes()
    for opens in (open_room, lambda path: check_whole(path, "room")):
        with pytest.raises(InputError, match=r"newer Millpond .version 1000.*update Millpond") as error:
            opens(path)
        assert "room.db" in str(error.value)
    assert path.read_bytes() == before


def make_text(path: Path) -> None:
    path.write_text("this is a letter\n" * 100, encoding="utf-8")


def make_other(path: Path) -> None:
    ask(path, "CREATE TABLE other (x)")


def make_node(path: Path) -> None:
    open_node(path).close()


@pytest.mark.parametrize("make", [make_text, make_other, make_node], ids=lambda make: make.__name__)
def test_what_is_no_room_is_refused_and_left_as_it_is(tmp_path: Path, make: object) -> None:
    path = tmp_path / "room.db"
    make(path)  # type: ignore[operator]
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"is no (file|room) of Millpond"):
        open_room(path)
    assert path.read_bytes() == before


def with_migration(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    """As if the next Millpond had one migration more."""
    real = migrations
    monkeypatch.setattr(
        files,
        "migrations",
        lambda kind: [*real(kind), (ROOM_VERSION + 1, sql)] if kind == "room" else real(kind),
    )
    monkeypatch.setattr(files, "ROOM_VERSION", ROOM_VERSION + 1)


def test_a_migration_brings_a_file_up_to_date_and_keeps_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "room.db"
    with open_room(path) as db:
        db.write(lambda rows: rows.add("people.add", **PERSON))
    with_migration(monkeypatch, "ALTER TABLE people ADD COLUMN nickname TEXT NOT NULL DEFAULT '';")
    open_room(path).close()
    assert ask(path, "SELECT name, nickname FROM people", "PRAGMA user_version") == [
        ("王姐", ""),
        (ROOM_VERSION + 1,),
    ]


def test_a_migration_that_fails_leaves_the_file_at_the_version_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "room.db"
    open_room(path).close()
    with monkeypatch.context() as patched:
        with_migration(patched, "CREATE TABLE half (x); INSERT INTO nowhere VALUES (1);")
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            open_room(path)
    assert version_of(path, "room") == ROOM_VERSION
    with open_room(path) as db:
        assert db.read.all("room.pickup_points") == []
    assert ask(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'half'") == [(0,)]


def test_a_file_from_elsewhere_that_would_run_something_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    open_room(path).close()
    ask(path, "CREATE TRIGGER evil AFTER INSERT ON orders BEGIN DELETE FROM orders; END")
    with pytest.raises(InputError, match="its tables are others"):
        check_whole(path, "room")


def test_a_file_that_refers_to_nothing_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    open_room(path).close()
    ask(path, "INSERT INTO journal (at_ms, person, what) VALUES (1, 99, 'x')")
    with pytest.raises(InputError, match="damaged"):
        check_whole(path, "room")


def test_a_file_with_a_page_overwritten_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "room.db"
    with open_room(path) as db:
        for _ in range(400):
            db.write(lambda rows: rows.add("people.add", **PERSON | {"name": "x" * 500}))
    whole = bytearray(path.read_bytes())
    whole[-20_000:-4_000] = b"\xff" * 16_000
    path.write_bytes(whole)
    with pytest.raises(InputError, match="damaged"):
        check_whole(path, "room")
