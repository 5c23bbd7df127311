"""A log across an update: what could not be brought up to date is put back, and signs no size twice."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from talking import check_log, check_whole, room_of, speak, state_of

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.node import lock, own_log, sealed
from millpond.node.backup import restore
from millpond.node.node import Node
from millpond.node.own_keys import State, Why, current
from millpond.node.update import CURRENT, NotUpdated, Schema, bring_up_to_date
from millpond.store import ROOM_VERSION


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)


def failing(meanwhile: Callable[[], object]) -> Schema:
    """A later version that migrates the room, does something, and fails."""

    def migrate(path: Path, _: str) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("ALTER TABLE households ADD COLUMN block TEXT NOT NULL DEFAULT ''")
            connection.execute(f"PRAGMA user_version = {ROOM_VERSION + 1}")
            connection.commit()
        meanwhile()
        raise OSError(28, "full")

    return Schema({**CURRENT.newest, "room": ROOM_VERSION + 1}, migrate, lambda *_: None)


def test_an_update_that_is_put_back_leaves_the_log_open(pond: Node) -> None:
    speak(pond, room_of(pond), 2)
    pond.close()
    with pytest.raises(NotUpdated):
        bring_up_to_date(pond.data, now_ms=1, schema=failing(lambda: None))
    with Node(pond.data) as again:
        assert state_of(again) == (State.OPEN, "", True)
        assert speak(again, room_of(again), 1, mark=1)[0].position == 2
        assert check_whole(room_of(again)) == 3


def test_what_was_said_during_an_update_that_is_put_back_makes_the_log_rest(pond: Node) -> None:
    """By a command beside that was begun before the update, and was slow."""
    speak(pond, room_of(pond), 2)
    data = pond.data
    pond.close()
    held = lock.take(data)
    slow = Node(data, beside=True)
    room = room_of(slow)

    def meanwhile() -> None:
        [receipt] = speak(slow, room, 1, mark=1)  # acknowledged, and then put back
        assert receipt.position == 2

    with pytest.raises(NotUpdated):
        bring_up_to_date(data, now_ms=1, schema=failing(meanwhile))
    slow.close()
    held.release()
    with Node(data) as again:
        assert state_of(again) == (State.RESTING, Why.PUT_BACK, True)
        with pytest.raises(Refused, match="update failed"):
            speak(again, room_of(again), 1, mark=2)


def test_a_crash_while_it_is_put_back_hides_nothing_that_was_said(
    pond: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood beside the file is gone, the file is still there: it must know all that was said."""
    speak(pond, room_of(pond), 2)
    data = pond.data
    pond.close()
    held = lock.take(data)
    slow = Node(data, beside=True)
    room = room_of(slow)

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "move", crash)
        with pytest.raises(KeyboardInterrupt):
            bring_up_to_date(data, now_ms=1, schema=failing(lambda: speak(slow, room, 1, mark=1)))
    shutil.copytree(data, tmp_path / "crashed")  # before the command ends, and writes what it holds
    slow.close()
    held.release()
    with Node(tmp_path / "crashed") as again:
        assert state_of(again) == (State.RESTING, Why.PUT_BACK, True)


def test_a_key_made_during_an_update_that_is_put_back_is_not_lost(pond: Node) -> None:
    data = pond.data
    pond.close()
    held = lock.take(data)
    slow = Node(data, beside=True)
    room = room_of(slow)
    made: list[str] = []

    def meanwhile() -> None:
        speak(slow, room, 1)
        made.append(own_log.ensure(slow, room))

    with pytest.raises(NotUpdated):
        bring_up_to_date(data, now_ms=1, schema=failing(meanwhile))
    slow.close()
    held.release()
    with Node(data) as again:
        assert state_of(again) == (State.RESTING, Why.PUT_BACK, True)
        assert own_log.ensure(again, room_of(again)) == made[0]


def test_the_copy_of_an_update_is_restored_with_its_log_resting(pond: Node, tmp_path: Path) -> None:
    """Where node.key is the same, its seed opens; elsewhere only once that file is put there."""
    speak(pond, room_of(pond), 2)
    key = own_log.open_key(pond, room_of(pond))
    pond.close()

    def later(path: Path, _: str) -> None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA user_version = {ROOM_VERSION + 1}")

    newest = {**CURRENT.newest, "room": ROOM_VERSION + 1}
    done = bring_up_to_date(pond.data, now_ms=1, schema=Schema(newest, later, lambda *_: None))
    assert done.copy is not None
    restore(done.copy, tmp_path / "new", None)
    with Node(tmp_path / "new") as node:
        assert state_of(node) == (State.RESTING, Why.RESTORED, True)
        known = current(room_of(node).db.read)
        assert known is not None
        with pytest.raises(InputError, match="put the file back"):
            own_log.unseal(node, room_of(node).db.read, known)
        assert check_log(room_of(node).db.read, key.did) == 2
    (tmp_path / "new/node.key").write_bytes((pond.data / "node.key").read_bytes())
    with Node(tmp_path / "new") as node:
        assert own_log.unseal(node, room_of(node).db.read, known).seed == key.seed
