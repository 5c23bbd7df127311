"""A disk that fails when the seed says so: real SQLite, at the seam where `Database` hands out transactions.

A crash has two places that differ to who looks later: before the commit, the transaction never happened;
after it, it happened and nobody heard. A full disk is before, and the process lives on.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from enum import Enum
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from millpond.store.database import Database, Rows
from millpond.store.files import migrations

Result = TypeVar("Result")


class Crash(BaseException):
    """The process is gone. No handler of errors may hold it up."""


class Fault(Enum):
    """What happens to a transaction."""

    NONE = "none"
    BEFORE = "crash before the commit"
    AFTER = "crash after the commit"
    FULL = "disk full"


@cache
def _new_file(kind: str) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    for _, sql in migrations(kind):
        connection.executescript(sql)
    return connection


class Disk:
    """What survives a crash: one file. `open` it after each."""

    def __init__(self, kind: str, rng: Random, *, copy_of: Disk | None = None) -> None:
        self.rng = rng
        self.fault_rate = 0.0
        self.is_full = False
        self.faults: list[Fault] = []
        self.on_commit: Callable[[Rows], None] = lambda rows: None
        self._changes = -1
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("PRAGMA foreign_keys = ON")
        (_new_file(kind) if copy_of is None else copy_of.connection).backup(self.connection)

    def open(self) -> SimDatabase:
        """The file, for a process that has just started."""
        return SimDatabase(self)

    def has_changed(self) -> bool:
        """Whether anything was written since this was asked last."""
        before, self._changes = self._changes, self.connection.total_changes
        return before != self._changes

    def next_fault(self) -> Fault:
        """What happens to the transaction that is about to be committed."""
        if self.is_full:
            return Fault.FULL
        if not self.fault_rate or self.rng.random() >= self.fault_rate:
            return Fault.NONE
        fault = self.rng.choice([Fault.BEFORE, Fault.AFTER, Fault.FULL])
        self.faults.append(fault)
        return fault


class SimDatabase(Database):
    """`Database` for one life of a process: after a crash every call of it crashes."""

    def __init__(self, disk: Disk) -> None:
        self.path = Path("simulated")
        self._disk = disk
        self._rows = Rows(disk.connection)
        self.is_dead = False

    @property
    def read(self) -> Rows:
        if self.is_dead:
            raise Crash
        return self._rows

    def write(self, job: Callable[[Rows], Result]) -> Result:
        if self.is_dead:
            raise Crash
        connection = self._disk.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = job(self._rows)
            fault = self._disk.next_fault()
            if fault is Fault.FULL:
                raise sqlite3.OperationalError("database or disk is full")
            if fault is Fault.BEFORE:
                raise Crash
        except BaseException as error:
            connection.execute("ROLLBACK")
            self.is_dead = self.is_dead or isinstance(error, Crash)
            raise
        connection.execute("COMMIT")
        self._disk.on_commit(self._rows)
        if fault is Fault.AFTER:
            self.is_dead = True
            raise Crash
        return result

    async def awrite(self, job: Callable[[Rows], Any]) -> Any:
        """Others go on while it waits for its turn."""
        await asyncio.sleep(self._disk.rng.choice([0, 0, 0.001, 0.1]))
        return self.write(job)

    def close(self) -> None:
        self.is_dead = True
