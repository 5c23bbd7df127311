"""One SQLite file: many readers, one writer that shares an fsync among all who wait.

Invariants:
- What `write` returns is durable: the transaction was committed with `synchronous=FULL` before any job of it
  hears its result. A job that raises leaves no trace, and does not disturb the others of its batch.
- Jobs run one after the other, in the order they were handed in, on one thread; inside a job nothing changes
  but by the job. A job must not wait for anything else.
- Readers never wait for the writer (WAL); each sees one state for as long as its cursor is open.
- What a job overwrites or deletes and then `scrub`s is in no byte of the file or of its log any more when the
  job's result is heard; if the disk is full, or a reader holds on, it is tried again with the next job.

Concurrency: a `Database` may be used from any thread. One process owns the file: a second one that writes
waits, and gives up after `BUSY_MS`.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, InvalidStateError
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar

from millpond.store.statements import statements

Result = TypeVar("Result")
Row = sqlite3.Row
Job = Callable[["Rows"], Any]

BATCH = 64
"""Most jobs that share a commit: a waiting household hears at most this many others first."""
BUSY_MS = 5_000
"""How long a statement waits for another process; a backup holds the file for less."""
SCRUB_MS = 250
"""How long scrubbing waits for readers before it is put off: households are waiting for the writer."""


class Rows:
    """Named statements on one connection. Parameters are given by name, as the statement has them."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.is_to_scrub = False

    def scrub(self) -> None:
        """After the commit, nothing is left in the file or its log of what was overwritten or deleted."""
        self.is_to_scrub = True

    @property
    def file(self) -> Path:
        """Where what is read and written stands."""
        return Path(self._connection.execute("PRAGMA database_list").fetchone()[2])

    @property
    def version(self) -> int:
        """Another number once anybody else has committed; to be compared with one of these `Rows` alone."""
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def all(self, statement: str, /, **values: Any) -> list[Row]:
        """Every row."""
        return self._connection.execute(statements()[statement], values).fetchall()

    def one(self, statement: str, /, **values: Any) -> Row | None:
        """The first row, or none."""
        row = self._connection.execute(statements()[statement], values).fetchone()
        assert row is None or isinstance(row, Row)
        return row

    def value(self, statement: str, /, **values: Any) -> Any:
        """The first column of the first row; None where there is no row."""
        row = self.one(statement, **values)
        return None if row is None else row[0]

    def run(self, statement: str, /, **values: Any) -> int:
        """Changes rows; returns how many."""
        return self._connection.execute(statements()[statement], values).rowcount

    def add(self, statement: str, /, **values: Any) -> int:
        """Adds a row; returns its number (rowid)."""
        number = self._connection.execute(statements()[statement], values).lastrowid
        assert number is not None
        return number

    def many(self, statement: str, /, rows: Iterable[Mapping[str, Any] | tuple[Any, ...]]) -> None:
        """Runs the statement once for each mapping of values, or tuple where the statement has `?`."""
        self._connection.executemany(statements()[statement], rows)


class Database:
    """One file, opened. Use it as a context manager, or `close` it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._jobs: SimpleQueue[tuple[Job, Future[Any]] | None] = SimpleQueue()
        self._jobs_lock = threading.Lock()  # so that no job is handed in behind the last one
        self._closed = False
        writes = connect(path, writes=True)  # here, so that who opens the file hears what is wrong with it
        self._writer = threading.Thread(
            target=self._work, args=(writes,), name=f"writer of {path.name}", daemon=True
        )
        self._writer.start()

    @property
    def read(self) -> Rows:
        """To read with, on the calling thread; what it sees is what was committed."""
        rows = getattr(self._local, "rows", None)
        if rows is None:
            connection = connect(self.path, writes=False)
            with self._readers_lock:
                self._readers.append(connection)
            rows = self._local.rows = Rows(connection)
        assert isinstance(rows, Rows)
        return rows

    def write(self, job: Callable[[Rows], Result]) -> Result:
        """Runs the job in a transaction and waits until it is durable; raises what the job raises."""
        return self._hand_in(job).result()

    async def awrite(self, job: Callable[[Rows], Result]) -> Result:
        """`write`, for a coroutine: others go on while it waits."""
        return await asyncio.wrap_future(self._hand_in(job))

    def close(self) -> None:
        """Waits for the jobs that were handed in, and closes the file."""
        with self._jobs_lock:
            if self._closed:
                return
            self._closed = True
            self._jobs.put(None)
        self._writer.join()
        with self._readers_lock:
            for connection in self._readers:
                connection.close()
            self._readers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def _hand_in(self, job: Callable[[Rows], Result]) -> Future[Result]:
        future: Future[Result] = Future()
        with self._jobs_lock:
            if self._closed:
                raise RuntimeError(f"{self.path.name} is closed")
            self._jobs.put((job, future))
        return future

    def _work(self, connection: sqlite3.Connection) -> None:
        rows = Rows(connection)
        try:
            while (first := self._jobs.get()) is not None:
                batch, ends = [first], False
                while len(batch) < BATCH and not self._jobs.empty():
                    following = self._jobs.get()
                    if following is None:
                        ends = True
                        break
                    batch.append(following)
                _run_batch(rows, connection, batch)
                if ends:
                    break
            if rows.is_to_scrub:
                _scrub(connection)
        finally:
            connection.close()


def connect(path: Path, *, writes: bool) -> sqlite3.Connection:
    """A connection with this project's settings; transactions are begun by hand."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.row_factory = Row
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA trusted_schema = OFF")
    if writes:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # On a Mac the disk keeps what it was given in its own memory unless it is asked like this.
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA checkpoint_fullfsync = ON")
        # What a household asks to erase is gone from the file.
        connection.execute("PRAGMA secure_delete = ON")
    else:
        connection.execute("PRAGMA query_only = ON")
    return connection


def _run_batch(rows: Rows, connection: sqlite3.Connection, batch: list[tuple[Job, Future[Any]]]) -> None:
    """One transaction for all jobs, a savepoint for each."""
    results: list[tuple[Future[Any], Any]] = []
    try:
        connection.execute("BEGIN IMMEDIATE")
        for job, future in batch:
            if not future.set_running_or_notify_cancel():
                continue
            connection.execute("SAVEPOINT job")
            try:
                results.append((future, job(rows)))
            except BaseException as error:
                connection.execute("ROLLBACK TO job")
                future.set_exception(error)
            connection.execute("RELEASE job")
        connection.execute("COMMIT")  # from here on every result below is durable
    except BaseException as error:
        if connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # tried once more by the next batch, which cannot begin
                connection.execute("ROLLBACK")
        for _, future in batch:
            with contextlib.suppress(InvalidStateError):  # it heard already, or gave up this very moment
                future.set_exception(error)
        return
    if rows.is_to_scrub:
        rows.is_to_scrub = not _scrub(connection)
    for future, result in results:
        future.set_result(result)


def _scrub(connection: sqlite3.Connection) -> bool:
    """Writes the file anew and empties its log; returns whether it did.

    `secure_delete` zeroes what is deleted; where SQLite moves cells between pages, copies stay in the gaps.
    """
    connection.execute(f"PRAGMA busy_timeout = {SCRUB_MS}")
    try:
        connection.execute("VACUUM")
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error:
        return False
    finally:
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return not busy
