"""What comes out of an archive signs nothing of which it may not be the newest; a log that moves goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from small_nodes import PASSPHRASE, START_MS, set_up
from talking import check_whole, file_of, room_of, speak, state_of

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.node import archive, own_log, sealed, travelling
from millpond.node.backup import backup, restore
from millpond.node.moving import export_room, import_room
from millpond.node.node import Node
from millpond.node.own_keys import State, Why, current


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)


def rows_of(file: Path) -> list[tuple[object, ...]]:
    """The keys in a closed file."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT did, seed, is_sealed, state, why FROM own_keys").fetchall()


# ---- backups


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_a_restored_log_rests(pond: Node, tmp_path: Path, passphrase: str | None) -> None:
    speak(pond, room_of(pond), 3)
    key = own_log.open_key(pond, room_of(pond))
    file = backup(pond.data, tmp_path / "backup", passphrase, now_ms=1)
    if passphrase is None:
        archive.unpack(file, tmp_path / "seen", passphrase=None)
        assert rows_of(tmp_path / "seen/rooms/pond/room.db") == [(key.did, None, 1, "open", "")]
    speak(pond, room_of(pond), 2, mark=1)  # what the backup does not know
    assert state_of(pond) == (State.OPEN, "", True)
    restore(file, tmp_path / "new", passphrase, now_ms=START_MS)
    with Node(tmp_path / "new") as node:
        assert state_of(node) == (State.RESTING, Why.RESTORED, passphrase is not None)
        with pytest.raises(Refused, match="from a backup"):
            speak(node, room_of(node), 1, mark=2)
        assert check_whole(room_of(node)) == 3
        [(slug, head)] = own_log.own_logs(node)
        assert (slug, own_log.find(node, head.hash) is not None) == ("pond", True)
        known = current(room_of(node).db.read)
        assert known is not None
        if passphrase is not None:
            assert own_log.unseal(node, room_of(node).db.read, known).seed == key.seed
        node.close()
        assert key.seed not in file_of(node).read_bytes()


def test_a_key_made_while_the_backup_is_written_is_found_after_a_restore(pond: Node, tmp_path: Path) -> None:
    """node.db is copied before the rooms: it does not list the log yet."""
    set_up(pond, "weir")
    real = archive.snapshot

    def late(source: Path, target: Path) -> None:
        real(source, target)
        if source.name == "node.db":
            speak(pond, room_of(pond, "weir"), 1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archive, "snapshot", late)
        file = backup(pond.data, tmp_path / "backup", PASSPHRASE, now_ms=1)
    restore(file, tmp_path / "new", PASSPHRASE)
    with Node(tmp_path / "new") as node:
        assert [slug for slug, _ in own_log.own_logs(node)] == ["weir"]


def test_a_backup_is_made_though_the_key_of_the_node_is_gone(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 1)
    pond.close()
    (pond.data / "node.key").unlink()
    file = backup(pond.data, tmp_path / "backup", PASSPHRASE, now_ms=1)
    restore(file, tmp_path / "new", PASSPHRASE)
    with Node(tmp_path / "new") as node:
        assert state_of(node) == (State.RESTING, Why.RESTORED, False)
        with pytest.raises(Refused, match="not here"):
            own_log.succeed(node, room_of(node))


def test_a_seed_that_is_another_logs_is_refused(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 1)
    file = tmp_path / "room.db"
    archive.snapshot(file_of(pond), file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE own_keys SET seed = ?, is_sealed = 0", (bytes(32),))
        connection.commit()
    with pytest.raises(InputError, match="not the one of its log"):
        travelling.arrive(file, lambda: pond.vault, Why.IMPORTED, now_ms=1)


# ---- rooms that move


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_an_imported_log_rests(pond: Node, tmp_path: Path, passphrase: str | None) -> None:
    speak(pond, room_of(pond), 2)
    export_room(pond, "pond", tmp_path / "file", passphrase=passphrase)
    speak(pond, room_of(pond), 1, mark=1)
    with Node(tmp_path / "other") as other:
        import_room(other, tmp_path / "file", "mill", passphrase=passphrase)
        assert state_of(other, "mill") == (State.RESTING, Why.IMPORTED, passphrase is not None)
        with pytest.raises(Refused, match="from elsewhere"):
            speak(other, room_of(other, "mill"), 1)


def test_a_log_that_moves_goes_on_at_once_and_is_written_there_alone(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 3)
    export_room(pond, "pond", tmp_path / "file", passphrase=PASSPHRASE, moves_log=True)
    assert state_of(pond) == (State.ENDED, Why.MOVED, True)
    with pytest.raises(Refused, match="moved to another node"):
        speak(pond, room_of(pond), 1)
    with Node(tmp_path / "other") as other:
        import_room(other, tmp_path / "file", "mill", passphrase=PASSPHRASE)
        assert state_of(other, "mill") == (State.OPEN, "", True)
        assert [receipt.position for receipt in speak(other, room_of(other, "mill"), 2, mark=1)] == [3, 4]
        assert check_whole(room_of(other, "mill")) == 5

        # The same file once more: the room comes, and does not write.
        import_room(other, tmp_path / "file", "again", passphrase=PASSPHRASE)
        assert state_of(other, "again") == (State.RESTING, Why.TWICE, True)
        found = own_log.find(other, next(iter(own_log.own_logs(other)))[1].hash)
        assert found is not None
        assert found.slug == "mill"

        # Nor after the first one was removed: the node remembers.
        other.remove_room("mill")
        other.remove_room("again")
        import_room(other, tmp_path / "file", "mill", passphrase=PASSPHRASE)
        assert state_of(other, "mill") == (State.RESTING, Why.TWICE, True)


def test_a_node_that_was_restored_does_not_know_which_moves_came_in(pond: Node, tmp_path: Path) -> None:
    """Its disk died, its backup is from before the move: the file of the move is still in the drawer."""
    speak(pond, room_of(pond), 1)
    with Node(tmp_path / "other", clock=pond.clock) as other:
        set_up(other, "mill")
        file = backup(other.data, tmp_path / "backup", PASSPHRASE, now_ms=1)
        export_room(pond, "pond", tmp_path / "move", passphrase=PASSPHRASE, moves_log=True)
        import_room(other, tmp_path / "move", "pond", passphrase=PASSPHRASE)
        speak(other, room_of(other), 3, mark=1)  # others have these, and heads over them
    restore(file, tmp_path / "new", PASSPHRASE, now_ms=pond.clock())
    with Node(tmp_path / "new", clock=pond.clock) as node:
        import_room(node, tmp_path / "move", "pond", passphrase=PASSPHRASE)
        assert state_of(node) == (State.RESTING, Why.TWICE, True)
        with pytest.raises(Refused):
            speak(node, room_of(node), 1, mark=2)


def test_a_log_moves_to_a_node_that_was_restored_before(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 1)
    with Node(tmp_path / "other", clock=pond.clock) as other:
        set_up(other, "mill")
        file = backup(other.data, tmp_path / "backup", PASSPHRASE, now_ms=1)
    restore(file, tmp_path / "new", PASSPHRASE, now_ms=pond.clock() - 1)
    export_room(pond, "pond", tmp_path / "move", passphrase=PASSPHRASE, moves_log=True)
    with Node(tmp_path / "new", clock=pond.clock) as node:
        import_room(node, tmp_path / "move", "pond", passphrase=PASSPHRASE)
        assert state_of(node) == (State.OPEN, "", True)


@pytest.mark.parametrize(
    ("late_ms", "state"),
    [(0, (State.OPEN, "", True)), (1, (State.RESTING, Why.IMPORTED, True))],
)
def test_a_file_of_a_move_that_lay_about_goes_on_only_after_a_look(
    pond: Node, tmp_path: Path, late_ms: int, state: tuple[State, str, bool]
) -> None:
    speak(pond, room_of(pond), 1)
    export_room(pond, "pond", tmp_path / "file", passphrase=PASSPHRASE, moves_log=True)
    ended = current(room_of(pond).db.read)
    assert ended is not None
    arrives_ms = ended.changed_ms + travelling.LONGEST_MOVE_MS + late_ms
    with Node(tmp_path / "other", clock=lambda: arrives_ms) as other:
        import_room(other, tmp_path / "file", "mill", passphrase=PASSPHRASE)
        assert state_of(other, "mill") == state


@pytest.mark.parametrize("state", ["resting", "ended"])
def test_a_file_may_not_say_why_in_words_of_its_own(pond: Node, tmp_path: Path, state: str) -> None:
    """A made-up reason, or none, is said in general words."""
    speak(pond, room_of(pond), 1)
    for why in ("because", ""):
        file = tmp_path / f"room{why}.db"
        archive.snapshot(file_of(pond), file)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("UPDATE own_keys SET state = ?, why = ?", (state, why))
            connection.commit()
        archive.pack(
            tmp_path / "file",
            archive.ROOM,
            [("room.db", file)],
            made_ms=1,
            passphrase=None,
            scratch=tmp_path,
        )
        with Node(tmp_path / f"other{why}") as other:
            import_room(other, tmp_path / "file", "mill")
            key = current(room_of(other, "mill").db.read)
            assert key is not None
            assert (key.state, key.why) == (state, Why.UNKNOWN)
            with pytest.raises(Refused, match="nothing here says why"):
                speak(other, room_of(other, "mill"), 1)


def test_a_log_moves_back(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 1)
    export_room(pond, "pond", tmp_path / "there", passphrase=PASSPHRASE, moves_log=True)
    with Node(tmp_path / "other") as other:
        import_room(other, tmp_path / "there", "pond", passphrase=PASSPHRASE)
        speak(other, room_of(other), 1, mark=1)
        export_room(other, "pond", tmp_path / "back", passphrase=PASSPHRASE, moves_log=True)
        import_room(pond, tmp_path / "back", "pond-again", passphrase=PASSPHRASE)
        assert state_of(pond, "pond-again") == (State.OPEN, "", True)
        [receipt] = speak(pond, room_of(pond, "pond-again"), 1, mark=2)
        assert receipt.position == 2
        found = own_log.find(pond, next(iter(own_log.own_logs(other)))[1].hash)
        assert found is not None
        assert found.slug == "pond-again"

        # The first file is older than what is here: its move is known to neither, and the log is here.
        import_room(pond, tmp_path / "there", "old", passphrase=PASSPHRASE)
        assert state_of(pond, "old") == (State.RESTING, Why.TWICE, True)


def test_moving_out_again_is_the_same_move(pond: Node, tmp_path: Path) -> None:
    """The first file was lost: another one is written, and both count as one."""
    speak(pond, room_of(pond), 1)
    for name in ("lost", "file"):
        export_room(pond, "pond", tmp_path / name, passphrase=PASSPHRASE, moves_log=True)
    with Node(tmp_path / "other") as other:
        import_room(other, tmp_path / "file", "pond", passphrase=PASSPHRASE)
        import_room(other, tmp_path / "lost", "found", passphrase=PASSPHRASE)
        assert (state_of(other)[0], state_of(other, "found")[0]) == (State.OPEN, State.RESTING)


def test_a_log_does_not_move_in_the_clear_or_while_it_rests(pond: Node, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="said nothing"):
        export_room(pond, "pond", tmp_path / "file", passphrase=PASSPHRASE, moves_log=True)
    speak(pond, room_of(pond), 1)
    with pytest.raises(InputError, match="sealed"):
        export_room(pond, "pond", tmp_path / "file", moves_log=True)
    assert state_of(pond)[0] == State.OPEN
    room_of(pond).db.write(lambda rows: own_log.rest(rows, Why.ELSEWHERE, now_ms=1))
    with pytest.raises(Refused, match="rests"):
        export_room(pond, "pond", tmp_path / "file", passphrase=PASSPHRASE, moves_log=True)
    assert not (tmp_path / "file").exists()


def test_a_move_that_cannot_be_written_leaves_nobody_writing(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 1)
    with pytest.raises(InputError, match="cannot be written"):
        export_room(pond, "pond", tmp_path / "no/such/folder", passphrase=PASSPHRASE, moves_log=True)
    assert state_of(pond)[0] == State.ENDED
    export_room(pond, "pond", tmp_path / "file", passphrase=PASSPHRASE, moves_log=True)
    with Node(tmp_path / "other") as other:
        import_room(other, tmp_path / "file", "pond", passphrase=PASSPHRASE)
        assert state_of(other)[0] == State.OPEN


@pytest.mark.parametrize("when", ["before", "after"])
def test_backups_around_a_move_rest(pond: Node, tmp_path: Path, when: str) -> None:
    """Of the old node, taken before or after its log moved; and of the new one."""
    speak(pond, room_of(pond), 1)
    files = {"before": backup(pond.data, tmp_path / "before", PASSPHRASE, now_ms=1)}
    export_room(pond, "pond", tmp_path / "file", passphrase=PASSPHRASE, moves_log=True)
    files["after"] = backup(pond.data, tmp_path / "after", PASSPHRASE, now_ms=1)
    restore(files[when], tmp_path / "restored", PASSPHRASE)
    with Node(tmp_path / "restored") as node:
        assert state_of(node)[0] == {"before": State.RESTING, "after": State.ENDED}[when]
    with Node(tmp_path / "other") as other:
        import_room(other, files[when], "pond", passphrase=PASSPHRASE)  # a backup with one room
        assert state_of(other)[0] == {"before": State.RESTING, "after": State.ENDED}[when]


def test_a_moved_log_whose_file_does_not_fit_together_rests(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 2)
    room = room_of(pond)
    [(_, head)] = own_log.own_logs(pond)
    move = "00" * 16
    file = tmp_path / "room.db"
    archive.snapshot(room.path, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE own_keys SET why = 'moved', move = ?", (move,))
        connection.execute("UPDATE log_tiles SET hashes = zeroblob(64)")
        connection.commit()
    dids, opened = travelling.arrive(
        file, lambda: pond.vault, Why.IMPORTED, now_ms=1, has_arrived=lambda *_: False
    )
    assert (dids, opened) == ([head.origin], "")
    assert rows_of(file)[0][3:] == ("resting", "imported")
