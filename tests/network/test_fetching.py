"""Attachments from sources that are slow, break off, or lie: good ones are heard, and nothing is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from participants import START_MS, Participant

from millpond.errors import PeerError, Unreachable
from millpond.log.kinds import Profile
from millpond.log.statement import Attachment
from millpond.network import addresses, attachments, fetching, following, keeping
from millpond.network.attachments import State, state
from millpond.network.fetching import fetch
from millpond.network.sources import Source
from millpond.store import Database, logs, open_network

PICTURE = bytes(range(256)) * 40
HASH = sha256(PICTURE).hexdigest()


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        yield database


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SHARE_SECONDS", 0.2)
    monkeypatch.setattr(fetching, "DURABLE_SECONDS", 0.0)


@dataclass
class Giving:
    """A source that gives these bytes in pieces; after `breaks_after` of one answer it ends, or hangs."""

    address: str
    data: bytes = PICTURE
    piece: int = 1_000
    breaks_after: int | None = None
    hangs: bool = False
    starts: list[int] = field(default_factory=list)

    async def attachment_from(self, sha256: str, start: int, most_bytes: int) -> AsyncGenerator[bytes, None]:
        self.starts.append(start)
        end = len(self.data) if self.breaks_after is None else start + self.breaks_after
        for at in range(start, min(end, len(self.data)), self.piece):
            yield self.data[at : min(at + self.piece, end)]
        if end < len(self.data):
            if self.hangs:
                await asyncio.Event().wait()
            raise Unreachable("the connection broke off", name=self.address)


def naming(db: Database, *sources: Giving, name: str = "ann", datas: tuple[bytes, ...] = (PICTURE,)) -> int:
    author = Participant(name)
    named = [Attachment(sha256(data).hexdigest(), len(data), "image/png", "a file") for data in datas]
    author.say(Profile(name=name), attachments=named)
    db.write(lambda rows: following.follow(rows, "pond", author.did, []))
    log = author.arrive(db)
    for source in sources:
        db.write(lambda rows, source=source: addresses.add(rows, log, source.address))
    return log


def fetched(db: Database, log: int, *sources: Giving, now_ms: int = START_MS) -> int:
    given: list[Source] = list(sources)  # type: ignore[arg-type]  # of a source, this is all that is asked
    return asyncio.run(fetch(db, log, given, now_ms=now_ms))


def kept_part(db: Database, source: Giving) -> bytes:
    return attachments.part(db.read, HASH, source.address)


@pytest.mark.parametrize("given", [0, 100])
def test_one_that_hangs_keeps_nobody_from_the_others(db: Database, given: int) -> None:
    hangs, good = Giving("hangs", breaks_after=given, hangs=True, piece=10), Giving("good")
    log = naming(db, hangs, good)
    assert fetched(db, log, hangs, good) == 1
    assert state(db.read, HASH) is State.HERE
    assert kept_part(db, hangs) == b""


def test_what_breaks_off_goes_on_where_it_ended(db: Database) -> None:
    source = Giving("mobile", breaks_after=3_000)
    log = naming(db, source)
    for turn in range(3):
        assert fetched(db, log, source) == 0  # at once: what gets on need not wait
        assert kept_part(db, source) == PICTURE[: 3_000 * (turn + 1)]
        assert state(db.read, HASH) is State.WAITING
    assert fetched(db, log, source) == 1
    assert source.starts == [0, 3_000, 6_000, 9_000]
    found = attachments.kept(db.read, log, HASH)
    assert found is not None
    assert found.data == PICTURE
    assert attachments.kept_bytes(db.read) == len(PICTURE)


def test_whoever_gives_steadily_goes_on_within_one_fetch(db: Database) -> None:
    slow = Giving("slow", breaks_after=2_000, hangs=True)
    nothing = Giving("nothing", breaks_after=0, hangs=True)
    log = naming(db, slow, nothing)
    assert fetched(db, log, slow, nothing) == 1
    assert slow.starts == [0, 2_000, 4_000, 6_000, 8_000, 10_000]
    assert nothing.starts == [0]


def test_a_turn_that_is_broken_off_loses_nothing(db: Database) -> None:
    source = Giving("slow", breaks_after=5_000, hangs=True)
    log = naming(db, source)

    async def cut() -> None:
        given: list[Source] = [source]  # type: ignore[list-item]
        task = asyncio.create_task(fetch(db, log, given, now_ms=START_MS))
        while len(kept_part(db, source)) < 5_000:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cut())
    assert kept_part(db, source) == PICTURE[:5_000]
    assert fetched(db, log, Giving("slow")) == 1


def test_cut_off_with_only_its_end_to_be_seen(db: Database) -> None:
    log = naming(db)
    db.write(lambda rows: attachments.add_part(rows, HASH, "mobile", 0, PICTURE, now_ms=START_MS))
    source = Giving("mobile")
    assert fetched(db, log, source) == 1
    assert source.starts == []


def test_a_wrong_hash_is_thrown_away_and_noted_with_its_source(db: Database) -> None:
    false = bytes([PICTURE[0] ^ 1]) + PICTURE[1:]
    liar, honest = Giving("liar", false), Giving("honest", breaks_after=4_000)
    log = naming(db, liar, honest)
    assert fetched(db, log, liar, honest) == 0
    assert kept_part(db, liar) == b""
    assert kept_part(db, honest) == PICTURE[:4_000]
    known = {one.address: one.problem for one in addresses.of_log(db.read, log)}
    assert "other bytes" in known["liar"]
    assert known["honest"] == ""
    assert fetched(db, log, liar, Giving("honest")) == 1


def test_a_failed_try_of_one_log_delays_no_other(db: Database) -> None:
    nobody, good = Giving("nobody", breaks_after=0), Giving("good")
    mallory, ann = naming(db, nobody, name="mallory"), naming(db, good)
    assert fetched(db, mallory, nobody) == 0
    assert attachments.wanted(db.read, mallory, now_ms=START_MS) == []
    assert fetched(db, ann, good) == 1


def test_one_log_takes_its_share_and_no_more(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "MAX_ATTACHMENT_BYTES", 1_000)
    datas = tuple(bytes([n]) * 900 for n in range(12))
    greedy = naming(db, name="greedy", datas=datas[:10])
    db.write(lambda rows: attachments.set_most_bytes(rows, 16_000))  # 2,000 for one log
    assert len(attachments.wanted(db.read, greedy, now_ms=START_MS)) == 2
    origin = logs.head_by_id(db.read, greedy).origin
    db.write(lambda rows: keeping.carry(rows, origin))
    for data in datas[:2]:
        assert db.write(lambda rows, data=data: attachments.accept(rows, sha256(data).hexdigest(), data))
    with pytest.raises(PeerError, match="so many bytes of a log"):
        db.write(lambda rows: attachments.accept(rows, sha256(datas[2]).hexdigest(), datas[2]))
    assert attachments.wanted(db.read, greedy, now_ms=START_MS) == []
    other = naming(db, name="other", datas=datas[10:])
    assert len(attachments.wanted(db.read, other, now_ms=START_MS)) == 2


def test_parts_take_room_until_they_are_refused_or_old(db: Database) -> None:
    source = Giving("gone", breaks_after=3_000)
    log = naming(db, source)
    fetched(db, log, source)
    assert attachments.kept_bytes(db.read) == attachments.log_bytes(db.read, log) == 3_000
    fetched(db, log, now_ms=START_MS + fetching.PART_MS)
    assert attachments.kept_bytes(db.read) == 3_000
    fetched(db, log, now_ms=START_MS + fetching.PART_MS + 1)
    assert attachments.kept_bytes(db.read) == 0
    fetched(db, log, source)
    db.write(lambda rows: attachments.refuse(rows, HASH))
    assert attachments.kept_bytes(db.read) == 0
    assert not db.write(lambda rows: attachments.add_part(rows, HASH, "gone", 0, b"x", now_ms=START_MS))
