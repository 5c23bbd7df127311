"""Jobs that wait together share one commit; what one of them hears is durable, and seen by nobody before."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from apart import run_apart

from millpond.store import Database, Rows, open_room
from millpond.store.database import BATCH, _run_batch, connect


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_room(tmp_path / "room.db") as db:
        yield db


def add(rows: Rows, name: str) -> int:
    return rows.add("room.add_pickup_point", name=name, address="", contact="", phone="", hours="")


def adds(name: str) -> Callable[[Rows], int]:
    return lambda rows: add(rows, name)


def names(rows: Rows) -> list[str]:
    return [row["name"] for row in rows.all("room.pickup_points")]


class Line:
    """The writer, held by a first job until `let_go`: what is handed in meanwhile stands in line."""

    def __init__(self, db: Database, pool: ThreadPoolExecutor) -> None:
        self.db, self.pool = db, pool
        self.statements: list[str] = []
        self._go, started = threading.Event(), threading.Event()

        def hold(rows: Rows) -> None:
            rows._connection.set_trace_callback(self.statements.append)
            started.set()
            self._go.wait()

        self.first = pool.submit(db.write, hold)
        started.wait()

    def hand_in(self, job: Callable[[Rows], object]) -> Future[object]:
        """Returns when the job stands in line; its result comes later."""
        before = self.db._jobs.qsize()
        future = self.pool.submit(self.db.write, job)
        while self.db._jobs.qsize() == before:
            assert not future.done()
        return future

    def let_go(self) -> None:
        self._go.set()
        self.first.result()

    @property
    def commits(self) -> int:
        return self.statements.count("COMMIT")


@pytest.fixture
def line(db: Database) -> Iterator[Line]:
    with ThreadPoolExecutor(2 * BATCH + 10) as pool:
        made = Line(db, pool)
        yield made
        made._go.set()


def test_who_waits_together_shares_a_commit_and_a_batch_is_bounded(db: Database, line: Line) -> None:
    waiting = [line.hand_in(adds(f"p{n}")) for n in range(2 * BATCH + 1)]
    line.let_go()
    assert [future.result() for future in waiting] == list(range(1, 2 * BATCH + 2))
    assert line.commits == 1 + 3
    assert names(db.read) == [f"p{n}" for n in range(2 * BATCH + 1)]


def test_one_that_fails_leaves_no_trace_and_the_others_of_its_batch_stay(db: Database, line: Line) -> None:
    def fails(rows: Rows) -> None:
        add(rows, "half")
        assert "half" in names(rows), "inside the job it is there"
        raise ValueError("no")

    def breaks_a_rule(rows: Rows) -> None:
        add(rows, "half")
        rows.run("room.journal", at_ms=1, person=99, what="x", round=None, order_id=None, details="{}")

    before, bad = line.hand_in(adds("before")), line.hand_in(fails)
    worse, after = line.hand_in(breaks_a_rule), line.hand_in(adds("after"))
    line.let_go()
    assert isinstance(bad.exception(), ValueError)
    assert isinstance(worse.exception(), sqlite3.IntegrityError)
    assert (before.result(), after.result()) == (1, 2)
    assert line.commits == 2
    assert names(db.read) == ["before", "after"]


def test_if_the_commit_fails_nobody_hears_a_result(db: Database, line: Line) -> None:
    def only_the_commit_finds_out(rows: Rows) -> str:
        rows._connection.execute("PRAGMA defer_foreign_keys = ON")
        rows.run("room.journal", at_ms=1, person=99, what="x", round=None, order_id=None, details="{}")
        return "done"

    good, bad = line.hand_in(adds("good")), line.hand_in(only_the_commit_finds_out)
    line.let_go()
    assert isinstance(good.exception(), sqlite3.IntegrityError)
    assert isinstance(bad.exception(), sqlite3.IntegrityError)
    assert names(db.read) == []
    assert db.write(adds("next")) == 1, "the writer goes on"


def test_nobody_sees_what_is_not_committed(db: Database) -> None:
    reader, seen = threading.Event(), []

    def job(rows: Rows) -> None:
        add(rows, "p")
        with ThreadPoolExecutor(1) as other:
            seen.append(other.submit(lambda: names(db.read)).result())
        reader.set()

    db.write(job)
    assert reader.is_set()
    assert seen == [[]]
    assert names(db.read) == ["p"]


def test_a_reader_keeps_its_state_while_its_cursor_is_open(db: Database) -> None:
    for n in range(3):
        db.write(adds(f"p{n}"))
    cursor = db.read._connection.execute("SELECT name FROM pickup_points ORDER BY id")
    assert cursor.fetchone()[0] == "p0"
    db.write(adds("late"))
    assert [row[0] for row in cursor] == ["p1", "p2"]
    assert names(db.read)[-1] == "late"


def test_every_commit_waits_for_the_disk(db: Database) -> None:
    def settings(rows: Rows) -> tuple[object, ...]:
        ask = ("synchronous", "journal_mode", "foreign_keys", "secure_delete", "trusted_schema", "fullfsync")
        return tuple(rows._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ask)

    assert db.write(settings) == (2, "wal", 1, 1, 0, 1)


def test_who_no_longer_waits_changes_nothing(db: Database, line: Line) -> None:
    async def give_up() -> None:
        task = asyncio.ensure_future(db.awrite(adds("nobody waits")))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_apart(give_up())
    kept = line.hand_in(adds("kept"))
    line.let_go()
    assert kept.result() == 1
    assert names(db.read) == ["kept"]


def test_closing_waits_for_who_stands_in_line(tmp_path: Path) -> None:
    db = open_room(tmp_path / "room.db")
    with ThreadPoolExecutor(10) as pool:
        line = Line(db, pool)
        waiting = [line.hand_in(adds(f"p{n}")) for n in range(3)]
        closing_now = pool.submit(db.close)
        while not db._closed:
            assert not closing_now.done()
        with pytest.raises(RuntimeError, match=r"room\.db is closed"):
            db.write(adds("late"))
        line.let_go()
        closing_now.result()
        assert [future.result() for future in waiting] == [1, 2, 3]
    with closing(connect(tmp_path / "room.db", writes=False)) as connection:
        assert connection.execute("SELECT count(*) FROM pickup_points").fetchone()[0] == 3


def test_what_cannot_be_opened_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        Database(tmp_path / "no folder" / "room.db")


class Disk(sqlite3.Connection):
    """A connection whose disk fails: statements that begin with one of these words raise."""

    fails: tuple[str, ...] = ()

    def execute(self, sql: str, *values: object) -> sqlite3.Cursor:  # type: ignore[override]
        if sql.startswith(self.fails):
            raise sqlite3.OperationalError("disk I/O error")
        return super().execute(sql, *values)  # type: ignore[arg-type]


def test_a_disk_that_fails_twice_does_not_end_the_writer(tmp_path: Path) -> None:
    """The commit fails and so does taking it back: who waits hears it, and the next batch is tried."""
    with open_room(tmp_path / "room.db"):
        pass
    with closing(sqlite3.connect(tmp_path / "room.db", factory=Disk, isolation_level=None)) as disk:
        disk.row_factory = sqlite3.Row
        first, second = Future[int](), Future[list[str]]()
        disk.fails = ("COMMIT", "ROLLBACK")
        _run_batch(Rows(disk), disk, [(adds("lost"), first)])
        assert isinstance(first.exception(0), sqlite3.OperationalError)
        disk.fails = ()
        third = Future[list[str]]()
        _run_batch(Rows(disk), disk, [(names, second)])
        _run_batch(Rows(disk), disk, [(names, third)])
        assert [isinstance(second.exception(0), sqlite3.OperationalError), third.result(0)] == [True, []]


class Hasty(Future[int]):
    """Somebody who gives up at the worst moment: when they are about to hear."""

    def set_exception(self, exception: BaseException | None) -> None:
        self.cancel()
        super().set_exception(exception)


def test_who_gives_up_while_a_batch_fails_does_not_end_the_writer(tmp_path: Path) -> None:
    with open_room(tmp_path / "room.db"):
        pass
    with closing(sqlite3.connect(tmp_path / "room.db", factory=Disk, isolation_level=None)) as disk:
        disk.fails = ("BEGIN",)
        waiting, hasty = Future[int](), Hasty()
        _run_batch(Rows(disk), disk, [(adds("one"), hasty), (adds("two"), waiting)])
        assert hasty.cancelled()
        assert isinstance(waiting.exception(0), sqlite3.OperationalError)
