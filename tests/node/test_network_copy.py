"""What of other people's logs goes into a backup, and the key that a keeper does not take up again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from small_nodes import PASSPHRASE, START_MS, dump
from talking import room_of, speak

from millpond.log import checkpoint, equivocation, note, statement
from millpond.log.keys import Key
from millpond.log.merkle import Range, leaf_hash
from millpond.network import keeping
from millpond.node import network_copy, sealed
from millpond.node.backup import backup, restore
from millpond.node.node import Node
from millpond.store import NETWORK_VERSION, logs, open_network
from millpond.store.files import check_whole, migrations

KEY = Key(bytes(range(32)))
SAYINGS = [statement.sign(statement.write("later/1", KEY.did, at, {}), KEY) for at in range(5)]


def head_of(size: int, root: bytes | None = None) -> checkpoint.Checkpoint:
    tree = Range()
    for entry in SAYINGS[:size]:
        tree.push(leaf_hash(entry))
    return checkpoint.sign(KEY.did, size, root or tree.root(), KEY)


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """A file in which something stands that is kept, and something that is not."""
    path = tmp_path / "network.db"
    with open_network(path) as network:

        def fill(rows: object) -> None:
            id = logs.begin(rows, KEY.did).id  # type: ignore[arg-type]
            logs.put(rows, id, SAYINGS)  # type: ignore[arg-type]
            logs.accept(rows, id, head_of(4))  # type: ignore[arg-type]

        network.write(fill)
        network.write(lambda rows: keeping.set_limits(rows, keeping.Limits(77, 7)))
    with closing(sqlite3.connect(path)) as connection:
        cosigned = note.parse(head_of(3).note)
        lines = [*cosigned.signatures, note.Signature("did:key:other", b"1234", b"cosignature")]
        proof = equivocation.build(head_of(2), head_of(2, bytes(32))).write()
        origin, hash = KEY.did, logs.origin_hash(KEY.did)
        for sql, values in (
            ("INSERT INTO followers VALUES (1, 'pond')", ()),
            ("INSERT INTO sources (log, address, failures) VALUES (1, 'https://a.example', 7)", ()),
            ("INSERT INTO equivocations VALUES (1, ?, ?, 1, 5)", (origin, proof)),
            (
                "INSERT INTO witnessed VALUES (?, ?, 3, ?, 9)",
                (origin, hash, note.write(cosigned.text, lines)),
            ),
            ("INSERT INTO attachments (sha256, bytes, type, data) VALUES ('a', 1, 'x/y', x'00')", ()),
            ("INSERT INTO attachments (sha256, bytes, type, is_refused) VALUES ('b', 1, 'x/y', 1)", ()),
            ("INSERT INTO keeper VALUES (1, 'did', x'00', 1)", ()),
        ):
            connection.execute(sql, values)
        connection.commit()
    return path


def test_every_table_is_kept_or_left_on_purpose() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for _, sql in migrations("network"):
            connection.executescript(sql)
        there = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    named = [*network_copy.KEPT, *network_copy.FETCHED_AGAIN, *network_copy.LEFT_OUT]
    assert sorted(named) == sorted(name for name in there if not name.startswith("sqlite_"))


def test_what_cannot_be_fetched_again_is_kept(full: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    network_copy.copy(full, copy)
    assert check_whole(copy, "network") == NETWORK_VERSION
    assert not list(tmp_path.glob("copy.db-*"))
    with open_network(copy) as kept:
        [head] = logs.heads(kept.read)
        assert (head.size, head.reached, head.checkpoint, head.pending) == (0, 0, None, head_of(4).note)
        assert kept.read.one("network_sources.one", log=1, address="https://a.example")["failures"] == 0  # type: ignore[index]
        witnessed = kept.read.one("network_keeping.witnessed", origin=KEY.did)
        assert witnessed is not None
        assert (witnessed["size"], witnessed["note"]) == (3, head_of(3).note)
        assert keeping.limits(kept.read).most_bytes == 77
    with closing(sqlite3.connect(copy)) as connection:

        def count(table: str) -> int:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])

        for table in (*network_copy.FETCHED_AGAIN, *network_copy.LEFT_OUT):
            assert count(table) == 0, table
        assert {table: count(table) for table in network_copy.KEPT} == dict.fromkeys(network_copy.KEPT, 1) | {
            "successions": 0,
            "limits": 2,
        }
        assert connection.execute("SELECT sha256 FROM attachments").fetchall() == [("b",)]


def test_a_newer_pending_head_stays(full: Path, tmp_path: Path) -> None:
    with open_network(full) as network:
        network.write(lambda rows: logs.set_pending(rows, 1, head_of(5)))
    network_copy.copy(full, tmp_path / "copy.db")
    with open_network(tmp_path / "copy.db") as kept:
        assert logs.heads(kept.read)[0].pending == head_of(5).note


def test_a_file_of_an_older_millpond_is_copied_whole(full: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(full)) as connection:
        connection.execute("PRAGMA user_version = 1")
    network_copy.copy(full, tmp_path / "copy.db")
    assert dump(tmp_path / "copy.db") == dump(full)


def test_a_restored_keeper_cosigns_under_a_new_key(
    pond: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)
    speak(pond, room_of(pond), 1)
    before = keeping.keeper(pond.network, pond.vault, now_ms=1)
    file = backup(pond.data, tmp_path / "backup", PASSPHRASE, now_ms=1)
    restore(file, tmp_path / "new", PASSPHRASE, now_ms=START_MS)
    with Node(tmp_path / "new") as node:
        after = keeping.keeper(node.network, node.vault, now_ms=2)
        assert before.did != after.did
        assert before.witness.seed != after.witness.seed


def test_a_whole_file_that_arrives_loses_its_keepers_key(full: Path) -> None:
    """The copy before an update has the file as it is."""
    network_copy.arrive(full)
    with closing(sqlite3.connect(full)) as connection:
        assert connection.execute("SELECT count(*) FROM keeper").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM log_entries").fetchone() == (5,)
