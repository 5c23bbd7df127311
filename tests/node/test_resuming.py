"""A resting log goes on: from mirrors, folders, copies; and not, where more was seen than is here."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from memory_sources import MemorySource
from small_nodes import PASSPHRASE, START_MS
from talking import LISTING, check_whole, room_of, speak, speak_at_once

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.log import equivocation, statement
from millpond.log.keys import Key
from millpond.network import contradictions
from millpond.network.exporting import export
from millpond.network.folder_source import FolderSource
from millpond.network.sources import Source
from millpond.node import own_log, resuming, sealed
from millpond.node.backup import backup, restore
from millpond.node.moving import export_room, import_room
from millpond.node.node import Node
from millpond.node.own_keys import State, Why, current
from millpond.node.resuming import Looked, TwoHistories
from millpond.store import logs


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)


def look(
    node: Node, sources: Sequence[Source], witnesses: Sequence[Source] = (), slug: str = "pond"
) -> Looked:
    return asyncio.run(resuming.look(node, room_of(node, slug), sources, witnesses))


def entries_of(node: Node, slug: str = "pond") -> list[bytes]:
    rows = room_of(node, slug).db.read
    head = logs.head(rows, own_log.ensure(node, room_of(node, slug)))
    assert head is not None
    return logs.entries(rows, head.id, 0, head.size)


def restored(node: Node, tmp_path: Path) -> Path:
    """Where a backup of now can be opened as another node."""
    backup(node.data, tmp_path / "backup", PASSPHRASE, now_ms=1)
    restore(tmp_path / "backup", tmp_path / "restored", PASSPHRASE, now_ms=START_MS)
    return tmp_path / "restored"


def test_from_a_folder_that_has_all_of_it(pond: Node, tmp_path: Path) -> None:
    """600 said since: three bundles and a part of one; then it goes on at 603."""
    room = room_of(pond)
    speak(pond, room, 2)
    data = restored(pond, tmp_path)
    speak_at_once(pond, room, 600)
    head = logs.head(room.db.read, own_log.ensure(pond, room))
    assert head is not None
    export(room.db.read, head, tmp_path / "stick")
    with Node(data) as node:
        looked = look(node, [FolderSource(tmp_path / "stick")])
        assert (looked.before, looked.size, looked.newest, looked.is_whole) == (2, 602, 602, True)
        with pytest.raises(Refused, match="rests"):  # looking opens nothing
            speak(node, room_of(node), 1, mark=1)
        assert check_whole(room_of(node)) == 602
        resuming.go_on(node, room_of(node), looked)
        [receipt] = speak(node, room_of(node), 1, mark=1)
        assert receipt.position == 602
        assert check_whole(room_of(node)) == 603
        assert entries_of(node)[:602] == entries_of(pond)
        with pytest.raises(InputError, match="written here already"):
            look(node, [])


def test_pictures_come_back_with_what_was_said(pond: Node, tmp_path: Path) -> None:
    room = room_of(pond)
    speak(pond, room, 1)
    data = restored(pond, tmp_path)
    picture = room.db.write(
        lambda rows: own_log.attach_in(rows, b"a picture", "image/jpeg", "rice.jpg", now_ms=1)
    )
    own_log.say(pond, room, "listing/1", LISTING, attachments=[picture])
    head = logs.head(room.db.read, own_log.ensure(pond, room))
    assert head is not None
    export(
        room.db.read,
        head,
        tmp_path / "stick",
        attachments=[picture.sha256],
        data_of=lambda sha256: own_log.attachment(room.db.read, sha256),
    )
    with Node(data) as node:
        look(node, [FolderSource(tmp_path / "stick")])
        assert own_log.attachment(room_of(node).db.read, picture.sha256) == b"a picture"


def test_nobody_can_be_asked(pond: Node, tmp_path: Path) -> None:
    """Then only the owner can know; and who was asked in vain is named."""
    speak(pond, room_of(pond), 2)
    with Node(restored(pond, tmp_path)) as node:
        looked = look(node, [FolderSource(tmp_path / "no stick")])
        [asked] = looked.asked
        assert (asked.address, asked.size) == (str(tmp_path / "no stick"), None)
        assert asked.problem
        assert (looked.newest, looked.is_whole) == (0, True)
        resuming.go_on(node, room_of(node), looked)
        assert speak(node, room_of(node), 1, mark=1)[0].position == 2


def test_somebody_has_seen_more_than_can_be_had(pond: Node, tmp_path: Path) -> None:
    """A witness shows a head of 5; a mirror has 3."""
    room = room_of(pond)
    speak(pond, room, 2)
    data = restored(pond, tmp_path)
    key = own_log.open_key(pond, room)
    speak(pond, room, 1, mark=1)
    mirror = MemorySource(entries_of(pond), key, "mirror")
    speak(pond, room, 2, mark=2)
    witness = MemorySource(entries_of(pond), key, "witness", given=[])
    with Node(data) as node:
        looked = look(node, [mirror], [witness])
        assert (looked.size, looked.newest, looked.is_whole) == (3, 5, False)
        assert {(one.address, one.size) for one in looked.asked} == {("mirror", 3), ("witness", 5)}
        with pytest.raises(InputError, match="seen 5 entries"):
            resuming.go_on(node, room_of(node), looked)
        assert current(room_of(node).db.read).state == State.RESTING  # type: ignore[union-attr]
        looked = look(node, [MemorySource(entries_of(pond), key, "follower")], [witness])
        resuming.go_on(node, room_of(node), looked)
        assert check_whole(room_of(node)) == 5


def test_what_came_before_it_broke_off_is_no_part_of_the_log(pond: Node, tmp_path: Path) -> None:
    room = room_of(pond)
    speak(pond, room, 1)
    data = restored(pond, tmp_path)
    speak_at_once(pond, room, 300)
    breaks = MemorySource(entries_of(pond), own_log.open_key(pond, room), "mobile", breaks_after=150)
    whole = MemorySource(entries_of(pond), own_log.open_key(pond, room), "whole")
    with Node(data) as node:
        looked = look(node, [breaks])
        assert (looked.size, looked.newest) == (1, 301)
        assert looked.asked[0].problem
        assert check_whole(room_of(node)) == 1
        assert look(node, [breaks, whole]).is_whole
        assert check_whole(room_of(node)) == 301


def test_a_crash_while_it_is_taken_over_is_cut_off(pond: Node, tmp_path: Path) -> None:
    room = room_of(pond)
    speak(pond, room, 2)
    data = restored(pond, tmp_path)
    speak(pond, room, 3, mark=1)
    whole = MemorySource(entries_of(pond), own_log.open_key(pond, room))
    with Node(data) as node:
        there = room_of(node)
        id = logs.head(there.db.read, own_log.ensure(node, there)).id  # type: ignore[union-attr]
        there.db.write(lambda rows: logs.put(rows, id, entries_of(pond)[2:4]))  # and no checkpoint over it
        looked = look(node, [whole])
        resuming.go_on(node, there, looked)
        assert check_whole(there) == 5


def test_a_source_that_lies_is_passed_by(pond: Node, tmp_path: Path) -> None:
    room = room_of(pond)
    speak(pond, room, 2)
    data = restored(pond, tmp_path)
    key = own_log.open_key(pond, room)
    speak(pond, room, 4, mark=1)
    right = entries_of(pond)
    false = [*right[:3], right[3].replace(b"Rice", b"Salt"), *right[4:]]
    liar = MemorySource(right, key, "liar", given=false, treed=false)
    with Node(data) as node:
        looked = look(node, [liar, MemorySource(right, key, "honest")])
        assert looked.is_whole
        assert next(one for one in looked.asked if one.address == "liar").problem
        assert entries_of(node) == right


def test_two_histories_are_the_end_of_the_key(pond: Node, tmp_path: Path) -> None:
    """A restored copy that somebody let write after all: the proof convicts the key, and is kept."""
    room = room_of(pond)
    speak(pond, room, 2)
    key = own_log.open_key(pond, room)
    data = restored(pond, tmp_path)
    other = [statement.sign(statement.write("listing/1", key.did, at, LISTING), key) for at in range(3)]
    forked = MemorySource([*entries_of(pond)[:1], *other], key, "fork")
    with Node(data) as node:
        with pytest.raises(TwoHistories, match="log succeed") as refused:
            look(node, [forked])
        proof = equivocation.check(refused.value.proof)
        assert proof.origin == key.did
        assert contradictions.proof_of(node.network.read, key.did) == proof
        assert check_whole(room_of(node)) == 2
        new = own_log.succeed(node, room_of(node))
        assert speak(node, room_of(node), 1)[0].position == 1
        assert own_log.ensure(node, room_of(node)) == new


def test_a_stranger_proves_nothing_about_it(pond: Node, tmp_path: Path) -> None:
    """Another key's log under our address."""
    speak(pond, room_of(pond), 2)
    stranger = Key(bytes(32))
    theirs = [
        statement.sign(statement.write("listing/1", stranger.did, at, LISTING), stranger) for at in range(9)
    ]
    with Node(restored(pond, tmp_path)) as node:
        looked = look(node, [MemorySource(theirs, stranger, "stranger")])
        assert (looked.newest, looked.is_whole) == (0, True)
        assert "stranger" not in looked.asked[0].problem
        assert looked.asked[0].problem


def test_a_copy_on_the_same_node_is_asked_and_must_not_be_writing(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 2)
    export_room(pond, "pond", tmp_path / "file", passphrase=PASSPHRASE)
    speak(pond, room_of(pond), 3, mark=1)
    import_room(pond, tmp_path / "file", "copy", passphrase=PASSPHRASE)
    with pytest.raises(InputError, match="the room pond of this node writes this log"):
        look(pond, [], slug="copy")
    room_of(pond).db.write(lambda rows: own_log.rest(rows, Why.ELSEWHERE, now_ms=1))
    looked = look(pond, [], slug="copy")
    assert (looked.before, looked.size) == (2, 5)
    resuming.go_on(pond, room_of(pond, "copy"), looked)
    assert check_whole(room_of(pond, "copy")) == 5
    with pytest.raises(InputError, match="the room copy of this node writes this log"):
        look(pond, [])


def test_a_log_that_moved_is_taken_back(pond: Node, tmp_path: Path) -> None:
    """The file was lost before anybody took it in."""
    speak(pond, room_of(pond), 2)
    export_room(pond, "pond", tmp_path / "file", passphrase=PASSPHRASE, moves_log=True)
    looked = look(pond, [])
    resuming.go_on(pond, room_of(pond), looked)
    assert speak(pond, room_of(pond), 1, mark=1)[0].position == 2
    import_room(pond, tmp_path / "file", "found", passphrase=PASSPHRASE)  # and turns up
    assert current(room_of(pond, "found").db.read).state == State.RESTING  # type: ignore[union-attr]


def test_what_was_looked_at_must_still_be_so(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 2)
    with Node(restored(pond, tmp_path)) as node:
        looked = look(node, [])
        own_log.succeed(node, room_of(node))
        with pytest.raises(InputError, match="changed meanwhile"):
            resuming.go_on(node, room_of(node), looked)
    with pytest.raises(InputError, match="written here already"):
        look(pond, [])


def test_of_two_rooms_that_were_looked_at_one_goes_on(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 2)
    export_room(pond, "pond", tmp_path / "file", passphrase=PASSPHRASE)
    import_room(pond, tmp_path / "file", "copy", passphrase=PASSPHRASE)
    room_of(pond).db.write(lambda rows: own_log.rest(rows, Why.ELSEWHERE, now_ms=1))
    both = [(slug, look(pond, [], slug=slug)) for slug in ("pond", "copy")]
    resuming.go_on(pond, room_of(pond), both[0][1])
    with pytest.raises(InputError, match="the room pond of this node writes this log"):
        resuming.go_on(pond, room_of(pond, "copy"), both[1][1])


class _Meanwhile:
    """The store of logs, with something that somebody else does before entries are first copied."""

    def __init__(self, job: Callable[[], None]) -> None:
        self._job: Callable[[], None] | None = job

    def __getattr__(self, name: str) -> object:
        return getattr(logs, name)

    def entries(self, *args: object) -> list[bytes]:
        job, self._job = self._job, None
        if job is not None:
            job()
        return logs.entries(*args)  # type: ignore[arg-type]


def test_who_looks_again_while_it_goes_on_leaves_nothing_behind(
    pond: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entries behind a log that is written would keep it from ever being written again."""
    speak(pond, room_of(pond), 2)
    data = restored(pond, tmp_path)
    speak(pond, room_of(pond), 3, mark=1)
    head = logs.head(room_of(pond).db.read, own_log.ensure(pond, room_of(pond)))
    assert head is not None
    export(room_of(pond).db.read, head, tmp_path / "stick")
    with Node(data) as node:
        before = look(node, [])
        go_on = _Meanwhile(lambda: resuming.go_on(node, room_of(node), before))
        monkeypatch.setattr(resuming, "logs", go_on)
        with pytest.raises(InputError, match="changed meanwhile"):
            look(node, [FolderSource(tmp_path / "stick")])
        assert speak(node, room_of(node), 1, mark=2)[0].position == 2


def test_a_log_of_which_more_is_coming_in_does_not_go_on(pond: Node, tmp_path: Path) -> None:
    speak(pond, room_of(pond), 2)
    with Node(restored(pond, tmp_path)) as node:
        looked = look(node, [])
        head = logs.head(room_of(node).db.read, looked.key.did)
        assert head is not None
        room_of(node).db.write(lambda rows: logs.put(rows, head.id, [b"{}\n\n"]))
        with pytest.raises(InputError, match="coming in just now"):
            resuming.go_on(node, room_of(node), looked)
        resuming.go_on(node, room_of(node), look(node, []))
        assert speak(node, room_of(node), 1, mark=1)[0].position == 2


def test_who_is_asked(pond: Node) -> None:
    room = room_of(pond)
    did = own_log.ensure(pond, room)
    hash = logs.origin_hash(did)

    async def known() -> tuple[list[str], list[str]]:
        async with httpx2.AsyncClient() as client:
            more = ["https://new.example/", str(Path("/media/stick")), f"https://x.example/logs/{hash}"]
            sources, witnesses = resuming.known_sources(room.db.read, did, client, more)
        return [source.address for source in sources], [source.address for source in witnesses]

    with closing(sqlite3.connect(room.path)) as connection:
        connection.execute(
            "INSERT INTO keepers (did, name, address, is_mirror, is_witness, added_ms) VALUES "
            "('did:key:a', 'A', 'https://a.example', 1, 1, 1), "
            "('did:key:b', 'B', 'https://b.example', 0, 1, 1)"
        )
        connection.execute(
            "INSERT INTO peers (origin, name, addresses, is_followed, met, added_ms) VALUES "
            "('did:key:c', 'C', '[\"https://c.example/node\", \"/media/c\"]', 1, 'paste', 1)"
        )
        connection.commit()
    sources, witnesses = asyncio.run(known())
    assert sources == [
        f"https://a.example/logs/{hash}",
        f"https://c.example/node/logs/{hash}",
        f"https://new.example/logs/{hash}",
        "/media/stick",
        f"https://x.example/logs/{hash}",
    ]
    assert witnesses == [f"https://a.example/witness/{hash}", f"https://b.example/witness/{hash}"]
