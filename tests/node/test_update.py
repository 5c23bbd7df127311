"""A data directory comes up to date whole, or stays as it was: after an error, and after a kill."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from small_nodes import START_MS, dump, set_up

from millpond.errors import InputError
from millpond.node import sessions
from millpond.node.backup import restore
from millpond.node.node import Node
from millpond.node.update import CURRENT, MARK, NotUpdated, Schema, bring_up_to_date
from millpond.store import NETWORK_VERSION, NODE_VERSION, ROOM_VERSION

LATER = {"node": NODE_VERSION, "network": NETWORK_VERSION, "room": ROOM_VERSION + 1}
KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from test_update import Migrating, LATER
from millpond.node.update import Schema, bring_up_to_date

def killed(path):
    if path.parent.name == "weir":
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

bring_up_to_date(Path(sys.argv[1]), now_ms=1, schema=Schema(LATER, Migrating(killed), lambda *_: None))
"""


class Migrating:
    """The migration of a later version: a new column, in every room; `trouble` comes after it."""

    def __init__(self, trouble: Callable[[Path], object] = lambda _: None) -> None:
        self.trouble = trouble
        self.paths: list[Path] = []

    def __call__(self, path: Path, kind: str) -> None:
        assert kind == "room"
        self.paths.append(path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("ALTER TABLE households ADD COLUMN block TEXT NOT NULL DEFAULT ''")
            connection.execute("UPDATE households SET block = 'A'")
            connection.execute(f"PRAGMA user_version = {LATER['room']}")
            connection.commit()
        self.trouble(path)


def schema(trouble: Callable[[Path], object] = lambda _: None) -> Schema:
    return Schema(LATER, Migrating(trouble), lambda *_: None)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory with two rooms and somebody signed in, which nobody has open."""
    with Node(tmp_path / "data") as node:
        set_up(node)
        set_up(node, "weir")
        sessions.start(node, "pond", 1, START_MS)
    return tmp_path / "data"


def state(data: Path) -> dict[str, list[str]]:
    """All that stands in all databases."""
    return {str(path.relative_to(data)): dump(path) for path in sorted(data.rglob("*.db"))}


def test_nothing_to_do(data: Path, tmp_path: Path) -> None:
    assert bring_up_to_date(data, now_ms=1).copy is None
    assert bring_up_to_date(tmp_path / "new", now_ms=1).files == 0
    assert not (data / "backups").exists()


def test_every_room_comes_up_to_date_and_the_copy_can_be_restored(data: Path, tmp_path: Path) -> None:
    before = state(data)
    done = bring_up_to_date(data, now_ms=START_MS, schema=schema())
    assert done.files == 2
    assert done.copy is not None
    after = state(data)
    for slug in ("pond", "weir"):
        assert any("block" in line for line in after[str(Path("rooms") / slug / "room.db")])
    assert bring_up_to_date(data, now_ms=1, schema=schema()).files == 0
    restore(done.copy, tmp_path / "back", None)
    assert state(tmp_path / "back") == before


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("no such column"), InputError("bad"), OSError(28, "full")]
)
def test_a_failing_migration_puts_everything_back(data: Path, error: Exception) -> None:
    before = state(data)

    def fails(path: Path) -> None:
        if path.parent.name == "weir":
            raise error

    failing = Migrating(fails)
    with pytest.raises(NotUpdated, match="as it was before") as refused:
        bring_up_to_date(data, now_ms=1, schema=Schema(LATER, failing, lambda *_: None))
    assert refused.value.name == "rooms/weir/room.db"
    assert [path.parent.name for path in failing.paths] == [
        "pond",
        "weir",
    ]  # one was done when the other failed
    assert state(data) == before
    assert not (data / MARK).exists()
    with Node(data) as node:  # and goes on
        assert node.room("weir") is not None


def test_a_migration_that_leaves_something_amiss_is_put_back(data: Path) -> None:
    """Nothing raised, but the file is not what the new version's file is."""
    before = state(data)
    with pytest.raises(NotUpdated):
        bring_up_to_date(data, now_ms=1, schema=Schema(LATER, Migrating(), CURRENT.check))
    assert state(data) == before


def test_a_kill_in_the_middle_is_put_back_at_the_next_start(data: Path) -> None:
    before = state(data)
    here = Path(__file__).parent
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(data), str(here), str(here.parent / "support")],
        check=False,
    )
    assert killed.returncode == -getattr(signal, "SIGKILL", signal.SIGTERM) or os.name == "nt"
    assert (data / MARK).exists()
    assert state(data) != before
    with pytest.raises(InputError, match="being updated"):
        _beside_an_owner(data)
    with Node(data) as node:
        assert [room.slug for room in node.rooms()] == ["pond", "weir"]
    assert state(data) == before


def test_a_newer_directory_is_left_alone(data: Path) -> None:
    bring_up_to_date(data, now_ms=1, schema=schema())
    before = state(data)
    with pytest.raises(InputError, match="newer Millpond"):
        Node(data)
    assert state(data) == before


def test_one_copy_stays(data: Path) -> None:
    for number in range(3):
        done = bring_up_to_date(
            data, now_ms=START_MS + number * 1000, schema=_version(ROOM_VERSION + number + 1)
        )
        assert done.copy is not None
        assert list((data / "backups").iterdir()) == [done.copy]


def _version(version: int) -> Schema:
    def migrate(path: Path, _: str) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA user_version = {version}")

    return Schema(LATER | {"room": version}, migrate, lambda *_: None)


def _beside_an_owner(data: Path) -> None:
    from millpond.node import lock

    held = lock.take(data)
    try:
        Node(data, beside=True).close()
    finally:
        held.release()


def test_the_copy_is_what_comes_back_not_what_is_there(data: Path) -> None:
    """Rubbish beside the files (a WAL of the failed state) does not survive the way back."""
    before = state(data)

    def fails(path: Path) -> None:
        shutil.copy(path, path.with_name("room.db-wal"))
        raise OSError(5, "Input/output error")

    with pytest.raises(NotUpdated):
        bring_up_to_date(data, now_ms=1, schema=schema(fails))
    assert state(data) == before
