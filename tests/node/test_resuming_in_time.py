"""Looking for what others have of a resting log comes to an end, whoever is slow, silent, or dripping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path

import pytest
from memory_sources import MemorySource
from small_nodes import PASSPHRASE, START_MS
from talking import LISTING, check_whole, room_of, speak, speak_at_once

from millpond.log.keys import Key
from millpond.network.answers import Shown
from millpond.node import own_log, resuming, sealed
from millpond.node.backup import backup, restore
from millpond.node.node import Node
from millpond.node.resuming import Looked
from millpond.store import logs


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)
    monkeypatch.setattr(resuming, "SHARE_SECONDS", 0.3)


@dataclass
class Silent(MemorySource):
    """Nothing comes of its head."""

    async def checkpoint(self, etag: str = "") -> Shown | None:
        self.asked.append("checkpoint")
        await asyncio.Event().wait()
        return None


@dataclass
class Dripping(MemorySource):
    """Gives some entries each time it is asked, then nothing more."""

    gives: int = 40

    async def entries(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        self._ask(f"entries {start}")
        if self.gives:
            yield list(self.entries_of_log[start : min(size, start + self.gives)])
        if start + self.gives < size or not self.gives:
            await asyncio.Event().wait()

    async def attachment(self, sha256: str, most_bytes: int) -> bytes:
        await asyncio.Event().wait()
        return b""


def grown(pond: Node, tmp_path: Path, count: int) -> tuple[Path, list[bytes], Key]:
    """A restored node that lacks so many entries, all of them, and the log's key."""
    room = room_of(pond)
    speak(pond, room, 2)
    backup(pond.data, tmp_path / "backup", PASSPHRASE, now_ms=1)
    restore(tmp_path / "backup", tmp_path / "restored", PASSPHRASE, now_ms=START_MS)
    speak_at_once(pond, room, count)
    key = own_log.open_key(pond, room)
    head = logs.head(room.db.read, key.did)
    assert head is not None
    return tmp_path / "restored", logs.entries(room.db.read, head.id, 0, head.size), key


def look(node: Node, *sources: MemorySource) -> Looked:
    return asyncio.run(resuming.look(node, room_of(node), sources))


def test_many_silent_ones_end_together_and_are_told(
    pond: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The honest one is heard, though it stands behind as many as are asked at once."""
    monkeypatch.setattr(resuming, "HEAR_SECONDS", 0.5)
    data, entries, key = grown(pond, tmp_path, 10)
    silent = [Silent(entries, key, f"silent {n}") for n in range(40)]
    honest = MemorySource(entries, key, "honest")
    with Node(data) as node:
        looked = look(node, *silent[:9], honest, *silent[9:])
        assert (looked.size, looked.newest) == (12, 12)
        assert [one.size for one in looked.asked] == [*[None] * 9, 12, *[None] * 31]
        assert all(
            ("in time" in one.problem) or ("did not answer" in one.problem)
            for one in looked.asked
            if one.size is None
        )
        assert sum(bool(one.asked) for one in silent) <= 2 * resuming.ASKED_AT_ONCE
        assert check_whole(room_of(node)) == 12


def test_a_silent_one_keeps_nobody_from_giving_the_rest(pond: Node, tmp_path: Path) -> None:
    data, entries, key = grown(pond, tmp_path, 100)
    stuck, honest = Dripping(entries, key, "stuck", gives=0), MemorySource(entries, key, "honest")
    with Node(data) as node:
        looked = look(node, stuck, honest)
        assert looked.is_whole
        assert check_whole(room_of(node)) == 102


def test_a_slow_one_goes_on_where_its_share_ended(pond: Node, tmp_path: Path) -> None:
    data, entries, key = grown(pond, tmp_path, 100)
    slow = Dripping(entries, key, "slow")
    with Node(data) as node:
        assert look(node, slow).is_whole
        assert [one for one in slow.asked if one != "checkpoint"] == ["entries 2", "entries 42", "entries 82"]


def test_what_does_not_come_in_time_is_told(
    pond: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resuming, "GATHER_SECONDS", 0.5)
    data, entries, key = grown(pond, tmp_path, 100)
    with Node(data) as node:
        looked = look(node, Dripping(entries, key, "stuck", gives=0))
        assert (looked.size, looked.newest, looked.is_whole) == (2, 102, False)
        assert "in time" in looked.asked[0].problem


def test_pictures_that_nobody_gives_in_time_are_asked_for_again(
    pond: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = room_of(pond)
    data, _, _ = grown(pond, tmp_path, 1)
    picture = room.db.write(
        lambda rows: own_log.attach_in(rows, b"a picture", "image/jpeg", "a.jpg", now_ms=1)
    )
    own_log.say(pond, room, "listing/1", LISTING, attachments=[picture])
    key = own_log.open_key(pond, room)
    head = logs.head(room.db.read, key.did)
    assert head is not None
    entries = logs.entries(room.db.read, head.id, 0, head.size)
    slow = Dripping(entries, key, "slow", gives=1_000)
    with Node(data) as node:
        assert look(node, slow).is_whole
        assert own_log.attachment(room_of(node).db.read, picture.sha256) is None

        async def give(sha256: str, most_bytes: int) -> bytes:
            return b"a picture"

        monkeypatch.setattr(slow, "attachment", give)
        assert look(node, slow).is_whole
        assert own_log.attachment(room_of(node).db.read, picture.sha256) == b"a picture"
