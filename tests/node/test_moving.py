"""A room moves from one node to another with everything; what a hostile file tries changes nothing."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from small_nodes import PASSPHRASE, dump, set_up

from millpond.errors import InputError
from millpond.node import archive, sealed
from millpond.node.backup import backup
from millpond.node.moving import export_room, import_room
from millpond.node.node import Node


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)


@pytest.mark.parametrize("passphrase", [None, PASSPHRASE])
def test_everything_moves(pond: Node, tmp_path: Path, passphrase: str | None) -> None:
    file = tmp_path / "pond.millpond-room"
    export_room(pond, "pond", file, passphrase=passphrase)
    with Node(tmp_path / "other") as other:
        set_up(other, "weir")
        import_room(other, file, "pond-of-li", passphrase=passphrase)
        assert [(room.slug, room.is_set_up) for room in other.rooms()] == [
            ("weir", True),
            ("pond-of-li", True),
        ]
        moved = other.room("pond-of-li")
        assert moved is not None
        there = moved.path
    pond.close()
    assert dump(there) == dump(pond.data / "rooms/pond/room.db")
    assert not (tmp_path / "other" / ".moving-in").exists()


def test_a_taken_name_an_unknown_room_and_a_wrong_passphrase(pond: Node, tmp_path: Path) -> None:
    file = tmp_path / "file"
    with pytest.raises(InputError, match="no room"):
        export_room(pond, "weir", file)
    pond.add_room("weir")
    with pytest.raises(InputError, match="not set up"):
        export_room(pond, "weir", file)
    export_room(pond, "pond", file, passphrase=PASSPHRASE)
    before = sorted(path.name for path in pond.data.rglob("*"))
    for slug, passphrase in (
        ("pond", PASSPHRASE),
        ("static", PASSPHRASE),
        ("new", "wrong one"),
        ("new", None),
    ):
        with pytest.raises(InputError):
            import_room(pond, file, slug, passphrase=passphrase)
    assert [path for path in sorted(path.name for path in pond.data.rglob("*")) if "moving" not in path] == [
        name for name in before if "moving" not in name
    ]


def test_a_backup_with_one_room_is_taken_for_it(pond: Node, tmp_path: Path) -> None:
    file = backup(pond.data, tmp_path / "file", None, now_ms=1)
    with Node(tmp_path / "other") as other:
        other.make_setup_code()
        import_room(other, file, "pond")
        assert other.room("pond") is not None
        assert not other.is_new()
    set_up(pond, "weir")
    both = backup(pond.data, tmp_path / "both", None, now_ms=1)
    with Node(tmp_path / "third") as third, pytest.raises(InputError, match="2 rooms"):
        import_room(third, both, "pond")


Change = Callable[[dict[str, bytes], dict[str, object]], None]


def rewritten(source: Path, target: Path, change: Change) -> None:
    """A copy of a room's file in which `change` changed the files and the manifest."""
    with zipfile.ZipFile(source) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    manifest = json.loads(parts.pop(archive.MANIFEST))
    change(parts, manifest)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as changed:
        for name, data in parts.items():
            changed.writestr(name, data)
        changed.writestr(archive.MANIFEST, json.dumps(manifest))


def sign(parts: dict[str, bytes], manifest: dict[str, object], name: str = "room.db") -> None:
    """The manifest says of the file what is true of it now: who makes a hostile file does that, too."""
    data = parts[name]
    manifest["files"] = [
        {"name": name, "kind": "room", "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    ]


def with_sql(sql: str) -> Change:
    """Runs SQL in the room, and signs what came of it."""

    def change(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(parts["room.db"])
            connection.executescript(sql)
            parts["room.db"] = connection.serialize()
        sign(parts, manifest)

    return change


def escaped(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    """A name that leads out of the folder."""
    parts["../../escaped.db"] = parts.pop("room.db")
    sign(parts, manifest, "../../escaped.db")


def with_a_stowaway(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    """A file that the manifest does not name."""
    parts["../stowaway"] = b"x"


def another_hash(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    """Bytes that are not those of the manifest."""
    parts["room.db"] = parts["room.db"][:-1] + b"\1"


def bigger_than_it_says(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    """More bytes than the manifest says."""
    sign(parts, manifest)
    parts["room.db"] += bytes(10_000_000)


def too_big_for_the_disk(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    """A size that no disk here has, though it fits what a zip may say."""
    sign(parts, manifest)
    manifest["files"][0]["bytes"] = 2**62  # type: ignore[index]


def not_a_database(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    """Some bytes."""
    parts["room.db"] = b"no database, but long enough to be looked at" * 999
    sign(parts, manifest)


def torn(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    """A database with a page of rubbish, signed all the same."""
    data = bytearray(parts["room.db"])
    data[4096 * 3 : 4096 * 4] = b"\xa5" * 4096
    parts["room.db"] = bytes(data)
    sign(parts, manifest)


def another_format(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    """A format of later."""
    manifest["format"] = "millpond-room/2"


def a_manifest_of_lists(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
    """Shapes that are not those of a manifest."""
    manifest["files"] = [[], 7, None]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (escaped, "damaged"),
        (with_a_stowaway, "damaged"),
        (another_hash, "damaged"),
        (bigger_than_it_says, "damaged"),
        (too_big_for_the_disk, "damaged"),
        (not_a_database, "no file of Millpond"),
        (torn, "damaged"),
        (another_format, "update it"),
        (a_manifest_of_lists, "damaged"),
        (with_sql("PRAGMA user_version = 999"), "newer Millpond"),
        (with_sql("PRAGMA application_id = 7"), "no room"),
        (with_sql("CREATE TRIGGER spy AFTER INSERT ON orders BEGIN DELETE FROM households; END"), "others"),
        (with_sql("DROP TRIGGER postings_stay"), "others"),
        (with_sql("CREATE VIEW extra AS SELECT 1"), "others"),
        (with_sql("PRAGMA foreign_keys = OFF; UPDATE orders SET household = 999"), "fit together"),
        (with_sql("DELETE FROM room"), "never set up"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_hostile_file_changes_nothing(pond: Node, tmp_path: Path, change: Change, why: str) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    export_room(pond, "pond", good)
    rewritten(good, bad, change)
    outside = {path for path in tmp_path.rglob("*") if ".moving" not in path.name}
    with pytest.raises(InputError, match=why):
        import_room(pond, bad, "new")
    assert {path for path in tmp_path.rglob("*") if ".moving" not in path.name} == outside
    assert [room.slug for room in pond.rooms()] == ["pond"]
    rewritten(good, bad, sign)
    import_room(pond, bad, "new")  # the same file, unchanged, would have come in


def test_a_zip_bomb_is_stopped_at_its_word(
    pond: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 MB of nothing in 200 kB: refused before it is unpacked where the disk has less."""
    good, bad = tmp_path / "good", tmp_path / "bad"
    export_room(pond, "pond", good)

    def bomb(parts: dict[str, bytes], manifest: dict[str, object]) -> None:
        parts["room.db"] += bytes(200_000_000)
        sign(parts, manifest)

    rewritten(good, bad, bomb)
    assert bad.stat().st_size < 1_000_000
    usage = type("Usage", (), {"free": 150_000_000})
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(InputError, match="not enough room"):
        import_room(pond, bad, "new")


def test_no_zip_at_all(pond: Node, tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    for data in (b"", b"PK\x03\x04", b"rice", bytes(100_000)):
        bad.write_bytes(data)
        with pytest.raises(InputError, match="damaged"):
            import_room(pond, bad, "new")
    with pytest.raises(InputError, match="cannot be read"):
        import_room(pond, tmp_path / "nowhere", "new")
