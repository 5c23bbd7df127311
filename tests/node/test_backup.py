"""Backups: whole while others write, whole after a kill, sealed, rotated; and what is restored from them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from small_nodes import PASSPHRASE, START_MS, dump, set_up

from millpond.errors import InputError
from millpond.node import archive, sealed, sessions
from millpond.node.backup import ENDING, backup, newest_ms, restore
from millpond.node.node import Node

NIGHT_MS = 24 * 3_600_000
KILLED = """
import os, signal, sys
from pathlib import Path
from millpond.node import archive, backup
data, to = Path(sys.argv[1]), Path(sys.argv[2])
real, seen = archive.snapshot, []

def killed_at_the_second(source, target):
    seen.append(source)
    real(source, target)
    if len(seen) == 2:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))

archive.snapshot = killed_at_the_second
backup.backup(data, to, "seven ponds, one mill", now_ms=2)
"""
IN_A_FRESH_PROCESS = """
import sys
from pathlib import Path
from millpond.desk import people
from millpond.node.node import Node
with Node(Path(sys.argv[1])) as node:
    for entry in node.rooms():
        room = node.room(entry.slug)
        print(entry.slug, [person.name for person in people.everyone(room.db.read)])
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)


@pytest.fixture
def two(pond: Node) -> Node:
    """A node with two rooms."""
    set_up(pond, "weir")
    return pond


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_what_was_backed_up_is_restored(two: Node, tmp_path: Path, passphrase: str | None) -> None:
    sessions.start(two, "pond", 1, two.clock())
    file = backup(two.data, tmp_path / "node.backup", passphrase, now_ms=START_MS)
    assert sealed.is_sealed(file.open("rb")) == (passphrase is not None)
    assert ("住户1".encode() in file.read_bytes()) is False  # sealed, or at least compressed
    new = tmp_path / "new" / "place"
    manifest = restore(file, new, passphrase)
    assert manifest.slugs == ("pond", "weir")
    two.close()
    for slug in ("pond", "weir"):
        where = Path("rooms") / slug / "room.db"
        assert dump(new / where) == dump(two.data / where)
    with closing(sqlite3.connect(new / "node.db")) as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (0,)
    said = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_PROCESS, str(new)], capture_output=True, text=True, check=True
    )
    assert said.stdout == "pond ['Li', 'Wang']\nweir ['Li', 'Wang']\n"


def test_a_backup_while_others_write_is_one_moment(pond: Node, tmp_path: Path) -> None:
    """A writer moves an amount between two rows all the time; every backup sees the sum as it always is."""
    room = pond.room("pond")
    assert room is not None
    stop = threading.Event()
    with closing(sqlite3.connect(room.path)) as connection:
        connection.execute("CREATE TABLE pair (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL, fat BLOB)")
        connection.executemany(
            "INSERT INTO pair VALUES (?, 500, randomblob(3000))", [(id,) for id in range(200)]
        )
        connection.commit()

    def write() -> None:
        with closing(sqlite3.connect(room.path, timeout=30)) as connection:
            while not stop.is_set():
                connection.execute("UPDATE pair SET amount = amount + 1 WHERE id = 0")
                connection.execute("UPDATE pair SET amount = amount - 1 WHERE id = 199")
                connection.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        moments = set()
        for number in range(8):
            copy = tmp_path / f"{number}.db"
            archive.snapshot(room.path, copy)
            with closing(sqlite3.connect(copy)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
                assert connection.execute("SELECT sum(amount) FROM pair").fetchone() == (100_000,)
                moments.add(connection.execute("SELECT amount FROM pair WHERE id = 0").fetchone())
    finally:
        stop.set()
        writer.join()
    assert len(moments) > 1  # it did write meanwhile


def test_a_kill_in_the_middle_leaves_the_old_backup_whole(two: Node, tmp_path: Path) -> None:
    file = tmp_path / "node.backup"
    backup(two.data, file, PASSPHRASE, now_ms=1)
    before = file.read_bytes()
    killed = subprocess.run([sys.executable, "-c", KILLED, str(two.data), str(file)], check=False)
    assert killed.returncode == -getattr(signal, "SIGKILL", signal.SIGTERM) or os.name == "nt"
    assert file.read_bytes() == before
    assert (two.data / ".backing-up" / "copy.db").exists()  # it was in the middle
    assert backup(two.data, file, PASSPHRASE, now_ms=3) == file  # what it left is in nobody's way
    assert file.read_bytes() != before
    assert not (two.data / ".backing-up").exists()
    restore(file, tmp_path / "new", PASSPHRASE)


def test_a_wrong_passphrase_changes_nothing(pond: Node, tmp_path: Path) -> None:
    file = backup(pond.data, tmp_path / "node.backup", PASSPHRASE, now_ms=1)
    empty = tmp_path / "empty"
    empty.mkdir()
    for passphrase, why in ((None, "sealed"), ("another one", "passphrase")):
        for data in (empty, tmp_path / "new"):
            with pytest.raises(InputError, match=why):
                restore(file, data, passphrase)
    assert list(empty.iterdir()) == []
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_damaged_file_changes_nothing(pond: Node, tmp_path: Path, passphrase: str | None) -> None:
    whole = backup(pond.data, tmp_path / "node.backup", passphrase, now_ms=1).read_bytes()
    file, size = tmp_path / "damaged", len(whole)
    for step in range(12):
        at = size * step // 12
        file.write_bytes(whole[:at])
        with pytest.raises(InputError):
            restore(file, tmp_path / "new", passphrase)
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        try:
            restore(file, tmp_path / "new", passphrase)
        except InputError:
            assert not (tmp_path / "new").exists()
        else:  # a byte of a zip that means nothing, such as a time
            assert passphrase is None
            assert dump(tmp_path / "new/rooms/pond/room.db") == dump(pond.data / "rooms/pond/room.db")
            for path in sorted((tmp_path / "new").rglob("*"), reverse=True):
                path.rmdir() if path.is_dir() else path.unlink()
            (tmp_path / "new").rmdir()


def test_restored_only_where_nothing_is(pond: Node, tmp_path: Path) -> None:
    file = backup(pond.data, tmp_path / "node.backup", None, now_ms=1)
    occupied = tmp_path / "occupied"
    occupied.mkdir()
    (occupied / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="not empty"):
        restore(file, occupied, None)
    assert [path.name for path in occupied.iterdir()] == ["letter.txt"]
    with pytest.raises(InputError, match="not empty"):
        restore(file, pond.data, None)
    started = tmp_path / "started"
    with Node(started) as first:
        first.make_setup_code()
        with pytest.raises(InputError, match="in use"):
            restore(file, started, None)
    restore(file, started, None)  # a node that never had a room gives way
    with Node(started) as node:
        assert [room.slug for room in node.rooms()] == ["pond"]


def test_as_many_nights_stay_as_asked_and_nothing_else_goes(pond: Node, tmp_path: Path) -> None:
    folder = tmp_path / "nights"
    folder.mkdir()
    assert newest_ms(folder) == 0
    (folder / "millpond-mine.txt").write_text("mine", encoding="utf-8")
    (folder / f"millpond-yesterday{ENDING}").write_text("mine", encoding="utf-8")
    made = [backup(pond.data, folder, None, now_ms=START_MS + night * NIGHT_MS, keep=3) for night in range(5)]
    assert [path for path in made if path.exists()] == made[2:]
    assert len(list(folder.iterdir())) == 5
    assert newest_ms(folder) == (START_MS + 4 * NIGHT_MS) // 1000 * 1000


def test_what_cannot_be_backed_up_is_said(pond: Node, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no node"):
        backup(tmp_path / "nowhere", tmp_path / "file", None, now_ms=1)
    with pytest.raises(InputError, match="no folder"):
        backup(pond.data, tmp_path / "nowhere" / "file", None, now_ms=1)
    with (
        archive.scratch_folder(pond.data, "backing-up"),
        pytest.raises(InputError, match="being done already"),
    ):
        backup(pond.data, tmp_path / "file", None, now_ms=1)
    assert not (tmp_path / "file").exists()
