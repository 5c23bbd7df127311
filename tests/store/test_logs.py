"""A log in a database: what is put comes out as tiles, whatever the steps were."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from millpond.errors import InputError
from millpond.log import checkpoint as checkpoints
from millpond.log import proofs, tiles
from millpond.log.keys import Key
from millpond.log.merkle import EMPTY_ROOT, leaf_hash
from millpond.store import Database, Rows, logs, open_network, open_room

KEY = Key(bytes(range(32)))
OTHER = Key(bytes(range(1, 33)))
ENTRIES = [b"entry %d\nsignature\n" % n for n in range(70_000)]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        yield database


def signed(root: bytes, size: int, key: Key = KEY) -> checkpoints.Checkpoint:
    return checkpoints.sign(key.did, size, root, key)


def grow(db: Database, to: int, *, key: Key = KEY) -> logs.Head:
    """The log with `to` entries under a checkpoint."""

    def job(rows: Rows) -> logs.Head:
        known = logs.begin(rows, key.did)
        logs.put(rows, known.id, ENTRIES[known.reached : to])
        logs.accept(rows, known.id, signed(logs.root_at(rows, known.id, to), to, key))
        found = logs.head(rows, key.did)
        assert found is not None
        return found

    return db.write(job)


def root_of(size: int) -> bytes:
    edge = tiles.Edge()
    edge.extend([leaf_hash(entry) for entry in ENTRIES[:size]])
    return edge.range.root()


def test_a_room_has_the_same_tables() -> None:
    folder = files("millpond.store") / "migrations"
    assert (folder / "room/0002_log.sql").read_bytes() == (folder / "network/0001_log.sql").read_bytes()
    assert (folder / "room/0004_said.sql").read_bytes() == (folder / "network/0003_said.sql").read_bytes()


def test_a_new_log_is_empty(db: Database) -> None:
    head = db.write(lambda rows: logs.begin(rows, KEY.did))
    assert (head.size, head.reached, head.checked, head.checkpoint, head.broken_at) == (0, 0, 0, None, None)
    assert db.write(lambda rows: logs.begin(rows, KEY.did)) == head
    assert logs.head_by_hash(db.read, head.hash) == head
    assert logs.heads(db.read) == (head,)
    assert logs.root_at(db.read, head.id, 0) == EMPTY_ROOT
    assert logs.head(db.read, OTHER.did) is None


def test_tiles_come_out_as_the_specification_has_them(db: Database) -> None:
    """Grown in steps of many sizes; every tile and bundle of every size so far is there, and no other."""
    for size in (0, 1, 2, 255, 256, 257, 600, 65_535, 65_536, 65_800):
        head = grow(db, size)
        assert head.size == head.reached == size
        assert logs.root_at(db.read, head.id, size) == logs.root(db.read, head.id) == root_of(size)
        edge = tiles.Edge()
        full = {(at, n): hashes for at, n, hashes in edge.extend([leaf_hash(one) for one in ENTRIES[:size]])}
        for tile in tiles.tiles_of(size):
            data = logs.tile(db.read, head, tile)
            if tile.level is None:
                start = tile.number * 256
                assert data == tiles.encode_bundle(ENTRIES[start : start + tile.width])
            else:
                assert data == full.get((tile.level, tile.number), bytes(edge.partial[tile.level]))
            if tile.width > 1:
                part = logs.tile(db.read, head, tiles.Tile(tile.level, tile.number, tile.width - 1))
                assert part is not None
                assert data is not None
                assert data.startswith(part)
                assert part != data
            if tile.width < 256:
                assert logs.tile(db.read, head, tiles.Tile(tile.level, tile.number, tile.width + 1)) is None
        assert logs.tile(db.read, head, tiles.Tile(5, 0, 1)) is None


def test_an_append_touches_only_the_right_edge(db: Database) -> None:
    """However long the log: the entry, its tile, and the row of the log."""
    head = grow(db, 65_800)

    def changes(rows: Rows) -> int:
        connection = rows._connection
        before = connection.total_changes
        logs.put(rows, head.id, [b"one more"])
        return connection.total_changes - before

    assert db.write(changes) == 3


def test_proofs_are_made_from_the_database(db: Database) -> None:
    head = grow(db, 1000)
    hash_at, root = logs.hashes_at(db.read, head.id), root_of(1000)
    for index in (0, 255, 256, 999):
        proof = proofs.inclusion_proof(index, 1000, hash_at)
        proofs.verify_inclusion(index, 1000, leaf_hash(ENTRIES[index]), proof, root=root)
    proof = proofs.consistency_proof(300, 1000, hash_at)
    proofs.verify_consistency(300, 1000, root_of(300), proof, root=root)


def test_entries_are_read(db: Database) -> None:
    head = grow(db, 600)
    assert logs.entry(db.read, head.id, 0) == ENTRIES[0]
    assert logs.entry(db.read, head.id, 599) == ENTRIES[599]
    assert logs.entry(db.read, head.id, 600) is None
    assert logs.entry(db.read, head.id, -1) is None
    assert logs.entries(db.read, head.id, 250, 300) == ENTRIES[250:300]
    assert list(logs.walk(db.read, head.id, 250, 600)) == ENTRIES[250:600]


def test_a_checkpoint_is_put_over_what_has_its_root(db: Database) -> None:
    head = grow(db, 300)
    db.write(lambda rows: logs.put(rows, head.id, ENTRIES[300:400]))
    wrong = {
        "of another size": signed(root_of(400), 399),
        "of another root": signed(root_of(399), 400),
        "beyond what is here": signed(root_of(401), 401),
        "below the present one": signed(root_of(299), 299),
        "of another log": signed(root_of(400), 400, OTHER),
    }
    for name, checkpoint in wrong.items():
        with pytest.raises(InputError):
            db.write(lambda rows, checkpoint=checkpoint: logs.accept(rows, head.id, checkpoint))
        assert logs.head(db.read, KEY.did).size == 300, name  # type: ignore[union-attr]
    db.write(lambda rows: logs.accept(rows, head.id, signed(root_of(350), 350)))
    found = logs.head(db.read, KEY.did)
    assert found is not None
    assert (found.size, found.reached) == (350, 400)
    assert found.checkpoint == signed(root_of(350), 350).note
    assert logs.entry(db.read, head.id, 350) is None, "what is under no checkpoint is shown to nobody"
    assert logs.tile(db.read, found, tiles.Tile(None, 1, 95)) is None


@pytest.mark.parametrize(
    ("size", "beyond"), [(0, 1), (0, 300), (255, 256), (256, 257), (300, 70_000), (600, 601)]
)
def test_what_is_beyond_the_checkpoint_is_thrown_away(db: Database, size: int, beyond: int) -> None:
    head = grow(db, size)
    other = [b"another " + entry for entry in ENTRIES[size:beyond]]
    db.write(lambda rows: logs.put(rows, head.id, other))
    db.write(lambda rows: logs.cut(rows, head.id))
    found = logs.head(db.read, KEY.did)
    assert found == head
    assert logs.root_at(db.read, head.id, size) == root_of(size)
    assert grow(db, beyond).size == beyond
    assert logs.root_at(db.read, head.id, beyond) == root_of(beyond)
    with pytest.raises(InputError, match="not thrown away"):
        db.write(lambda rows: logs.cut(rows, head.id, beyond - 1))


def test_a_transaction_that_fails_leaves_no_trace(db: Database) -> None:
    head = grow(db, 300)

    def job(rows: Rows) -> None:
        logs.put(rows, head.id, ENTRIES[300:600])
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"):
        db.write(job)
    assert logs.head(db.read, KEY.did) == head
    assert grow(db, 700).size == 700


def test_the_pending_head_ends_when_it_is_reached(db: Database) -> None:
    head = grow(db, 10)
    pending = signed(root_of(30), 30)
    db.write(lambda rows: logs.set_pending(rows, head.id, pending))
    assert logs.head(db.read, KEY.did).pending == pending.note  # type: ignore[union-attr]
    assert grow(db, 20).pending == pending.note
    assert grow(db, 30).pending is None


def test_a_log_is_forgotten(db: Database) -> None:
    grow(db, 300)
    other = grow(db, 20, key=OTHER)
    db.write(lambda rows: logs.forget(rows, logs.head(rows, KEY.did).id))  # type: ignore[union-attr]
    assert logs.heads(db.read) == (other,)
    assert logs.root_at(db.read, other.id, 20) == root_of(20)


def test_a_room_keeps_its_own(tmp_path: Path) -> None:
    with open_room(tmp_path / "room.db") as room:
        assert grow(room, 300).size == 300


def test_a_number_is_never_given_to_another_log(db: Database) -> None:
    """Whoever still works on a log that was forgotten meanwhile finds none, and not another's."""
    old = grow(db, 3)
    db.write(lambda rows: logs.forget(rows, old.id))
    new = db.write(lambda rows: logs.begin(rows, OTHER.did))
    assert new.id != old.id
    for late in (
        lambda rows: logs.head_by_id(rows, old.id),
        lambda rows: logs.put(rows, old.id, ENTRIES[3:5]),
        lambda rows: logs.accept(rows, old.id, signed(root_of(3), 3)),
        lambda rows: logs.cut(rows, old.id),
    ):
        with pytest.raises(InputError, match="not here any more"):
            db.write(late)
    assert logs.entries(db.read, new.id, 0, 9) == []
    for path in ("tile/0/000.p/3", "tile/entries/000.p/2"):
        assert logs.tile(db.read, old, tiles.parse_path(path)) is None, "and no empty file for good"
