"""One writer, many readers: jobs apart from each other, durable when heard, and scrubbed when asked."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from apart import run_apart

from millpond.store import Database, Rows, open_room

SECRET = "诸葛孔明 13987654321"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_room(tmp_path / "room.db") as db:
        yield db


def add(rows: Rows, name: str) -> int:
    return rows.add("room.add_pickup_point", name=name, address="", contact="", phone="", hours="")


def names(db: Database) -> list[str]:
    return [row["name"] for row in db.read.all("room.pickup_points")]


def seen_from_outside(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM pickup_points ORDER BY id")]


def test_the_version_changes_with_what_others_commit_and_only_then(db: Database) -> None:
    before = db.read.version
    assert names(db) == []
    assert db.read.version == before
    db.write(lambda rows: add(rows, "东门"))
    after = db.read.version
    assert after != before
    with pytest.raises(ZeroDivisionError):
        db.write(lambda rows: add(rows, "西门") / 0)
    assert names(db) == ["东门"]
    db.write(lambda rows: add(rows, "北门"))
    assert db.read.version != after


def test_what_is_heard_is_kept(db: Database) -> None:
    assert db.write(lambda rows: add(rows, "东门")) == 1
    assert names(db) == seen_from_outside(db.path) == ["东门"]


def test_a_job_that_fails_leaves_nothing_and_disturbs_nobody(db: Database) -> None:
    """All are in one batch: the first one holds the writer until the others stand in line."""
    gate, in_line = threading.Event(), []

    def first(rows: Rows) -> int:
        gate.wait()
        return add(rows, "first")

    def fails(rows: Rows) -> int:
        add(rows, "half")
        raise ValueError("no")

    results: dict[str, object] = {}

    def run(name: str, job: object) -> None:
        try:
            results[name] = db.write(job)  # type: ignore[arg-type]
        except ValueError as error:
            results[name] = str(error)

    for name, job in (("a", first), ("b", fails), ("c", lambda rows: add(rows, "third"))):
        thread = threading.Thread(target=run, args=(name, job))
        thread.start()
        in_line.append(thread)
    gate.set()
    for thread in in_line:
        thread.join()
    assert results["b"] == "no"
    assert sorted(names(db)) == ["first", "third"]


def test_a_coroutine_waits_and_others_go_on(db: Database) -> None:
    async def both() -> list[int]:
        return await asyncio.gather(*(db.awrite(lambda rows, n=n: add(rows, f"p{n}")) for n in range(20)))

    assert sorted(run_apart(both())) == list(range(1, 21))


def test_a_reader_cannot_change_anything(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        add(db.read, "x")


def test_closed_is_closed_and_everything_is_in(tmp_path: Path) -> None:
    with open_room(tmp_path / "room.db") as db:
        for n in range(5):
            db.write(lambda rows, n=n: add(rows, f"p{n}"))
    with pytest.raises(RuntimeError, match="closed"):
        db.write(lambda rows: add(rows, "late"))
    db.close()
    assert len(seen_from_outside(tmp_path / "room.db")) == 5


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def overwrite(rows: Rows, id: int) -> None:
    rows.run("room.update_pickup_point", id=id, name="x", address="", contact="", phone="", hours="")


def forget(rows: Rows, id: int) -> None:
    overwrite(rows, id)
    rows.scrub()


def test_what_is_scrubbed_stands_in_no_byte(db: Database, tmp_path: Path) -> None:
    id = db.write(lambda rows: add(rows, SECRET))
    db.write(lambda rows: overwrite(rows, id))
    assert SECRET.encode() in bytes_of(tmp_path), "the log has it still"
    db.write(lambda rows: rows.scrub())
    assert SECRET.encode() not in bytes_of(tmp_path)


def test_while_a_reader_holds_on_it_is_put_off_and_then_done(db: Database, tmp_path: Path) -> None:
    id = db.write(lambda rows: add(rows, SECRET))
    with closing(sqlite3.connect(db.path)) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT name FROM pickup_points").fetchone() == (SECRET,)
        db.write(lambda rows: forget(rows, id))
        assert names(db) == ["x"], "it is changed, though not scrubbed yet"
        assert SECRET.encode() in bytes_of(tmp_path)
    db.write(lambda rows: None)
    assert SECRET.encode() not in bytes_of(tmp_path)


def test_what_was_put_off_is_done_when_it_closes(tmp_path: Path) -> None:
    with open_room(tmp_path / "room.db") as db:
        id = db.write(lambda rows: add(rows, SECRET))
        with closing(sqlite3.connect(db.path)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT name FROM pickup_points").fetchone()
            db.write(lambda rows: forget(rows, id))
    assert SECRET.encode() not in bytes_of(tmp_path)
