"""The data directory: rooms, set-up codes, the lock, files that stay open and files that are let go."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_nodes import WEAK_HASH, Clock, fill, profile, set_up

from millpond.desk import people
from millpond.desk import room as desk_room
from millpond.errors import InputError
from millpond.node import node as node_module
from millpond.node.node import Node, default_data
from millpond.node.slugs import check_slug

HOLDER = """
import sys
from pathlib import Path
from millpond.node.node import Node
node = Node(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_new_node_is_set_up_by_its_code_once(node: Node) -> None:
    assert node.rooms() == ()
    assert node.is_new()
    assert not node.check_setup_code(None, "")
    old = node.make_setup_code()
    code = node.make_setup_code()
    assert not node.check_setup_code(None, old)
    assert node.check_setup_code(None, code)
    assert node.room("pond") is None
    with pytest.raises(InputError, match="code"):
        node.set_up_room("pond", profile(), code=old, owner="Li", passphrase_hash=WEAK_HASH)
    assert node.rooms() == ()
    owner = node.set_up_room("pond", profile(), code=code, owner="Li", passphrase_hash=WEAK_HASH)
    assert [(room.slug, room.is_set_up) for room in node.rooms()] == [("pond", True)]
    assert not node.check_setup_code(None, code)
    with pytest.raises(InputError, match="code"):
        node.set_up_room("weir", profile(), code=code, owner="Li", passphrase_hash=WEAK_HASH)
    room = node.room("pond")
    assert room is not None
    assert people.owner(room.db.read) == owner
    assert owner.is_owner
    kept = desk_room.profile(room.db.read)
    assert kept is not None
    assert kept.name == "Pond"


def test_a_further_room_has_a_code_of_its_own(pond: Node) -> None:
    code = pond.add_room("weir")
    assert pond.check_setup_code("weir", code)
    assert not pond.check_setup_code("pond", code)
    assert not pond.check_setup_code(None, code)
    assert pond.room("weir") is None
    with pytest.raises(InputError, match="already"):
        pond.add_room("weir")
    pond.set_up_room("weir", profile("Weir"), code=code, owner="Wu", passphrase_hash=WEAK_HASH)
    assert not pond.check_setup_code("weir", code)
    weir, first = pond.room("weir"), pond.room("pond")
    assert weir is not None
    assert first is not None
    assert [person.name for person in people.everyone(weir.db.read)] == ["Wu"]
    assert [person.name for person in people.everyone(first.db.read)] == ["Li", "Wang"]


def test_a_crash_between_the_two_files_leaves_the_set_up_open(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The room is written, the node's list is not: who set it up does it again, and it is theirs."""
    code = node.make_setup_code()
    with monkeypatch.context() as patch:
        patch.setattr(Node, "_end_setup", staticmethod(lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)))
        with pytest.raises(KeyboardInterrupt):
            node.set_up_room("pond", profile(), code=code, owner="Li", passphrase_hash=WEAK_HASH)
    assert node.room("pond") is None
    again = node.make_setup_code()  # as a start prints it
    node.set_up_room("pond", profile("Mill pond"), code=again, owner="Li", passphrase_hash=WEAK_HASH)
    room = node.room("pond")
    assert room is not None
    kept = desk_room.profile(room.db.read)
    assert kept is not None
    assert kept.name == "Mill pond"
    assert len(people.everyone(room.db.read)) == 1


def test_secret_and_rooms_are_there_after_a_new_start(tmp_path: Path) -> None:
    with Node(tmp_path) as node:
        set_up(node)
        secret = node.secret
    assert len(secret) == 32
    with Node(tmp_path) as node:
        assert node.secret == secret
        assert node.room("pond") is not None
        assert not node.is_new()


def test_a_removed_room_is_gone(pond: Node) -> None:
    room = pond.room("pond")
    assert room is not None
    pond.remove_room("pond")
    assert pond.room("pond") is None
    assert not room.path.exists()
    with pytest.raises(RuntimeError):
        room.db.write(lambda rows: None)
    with pytest.raises(InputError, match="no room"):
        pond.remove_room("pond")


@pytest.mark.parametrize("slug", ["pond", "a-1", "0" * 40, "san-tang"])
def test_good_slugs(slug: str) -> None:
    assert check_slug(slug) == slug


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "ab",
        "Pond",
        "po nd",
        "-pond",
        "pond-",
        "池塘池塘",
        "../pond",
        "pond/x",
        "pond\n",
        "static",
        "setup",
        "nul",
        "com1",
        "x" * 41,
    ],
)
def test_bad_slugs(slug: str, node: Node) -> None:
    with pytest.raises(InputError):
        check_slug(slug)
    with pytest.raises(InputError):
        node.add_room(slug)
    assert node.room(slug) is None


def test_few_files_stay_open_and_none_is_closed_under_its_user(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(node_module, "MOST_OPEN", 2)
    slugs = ["pond", "weir", "mill", "lock-gate"]
    for slug in slugs:
        set_up(node, slug)
    gc.collect()
    assert len(node._open) <= 2
    held = node.room("pond")
    assert held is not None
    for slug in slugs[1:]:
        assert node.room(slug) is not None
    assert node.room("pond") is held
    for slug in slugs[1:]:
        node.room(slug)
    assert held.db.write(lambda rows: rows.value("room.get")) == 1  # nobody closed it


def test_one_process_owns_a_directory_and_a_kill_frees_it(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(InputError, match="in use"):
            Node(tmp_path)
        with Node(tmp_path, beside=True) as beside:
            beside.add_room("weir")
            with pytest.raises(InputError, match="in use"):
                beside.remove_room("weir")
    finally:
        os.kill(holder.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        holder.communicate()
    with Node(tmp_path) as node:
        assert [room.slug for room in node.rooms()] == ["weir"]


def test_a_directory_that_cannot_be_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="file"):
        Node(tmp_path / "file")
    other = tmp_path / "other"
    other.mkdir()
    (other / "node.db").write_bytes(b"no database at all, though long enough to look at" * 99)
    with pytest.raises(InputError, match=r"node\.db"):
        Node(other)
    with pytest.raises(InputError, match=r"node\.db"):  # and the lock was given back
        Node(other)


def test_data_lies_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MILLPOND_DATA", str(tmp_path))
    assert default_data() == tmp_path
    monkeypatch.delenv("MILLPOND_DATA")
    assert default_data().name.lower() == "millpond"


def test_the_clock_is_the_one_given(node: Node, clock: Clock) -> None:
    clock.now_ms += 5
    node.add_room("weir")
    assert node.rooms()[0].created_ms == clock.now_ms


def test_what_is_kept_is_private_to_its_room(pond: Node) -> None:
    set_up(pond, "weir")
    weir = pond.room("weir")
    assert weir is not None
    weir.db.write(lambda rows: rows.run("people.rename", id=1, name="Somebody else"))
    room = pond.room("pond")
    assert room is not None
    assert people.by_id(room.db.read, 1).name == "Li"  # type: ignore[union-attr]
    with pytest.raises(Exception, match="UNIQUE"):
        fill(room.path)
