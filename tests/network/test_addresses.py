"""Several sources: who is asked, who rests, what is noted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from followed import KEY, follow, head, honest, refused, row
from memory_sources import MemorySource

from millpond.errors import PeerError
from millpond.log import checkpoint as checkpoints
from millpond.log.keys import Key
from millpond.network import addresses
from millpond.network.one_source import Outcome
from millpond.network.pulling import pull_from_any
from millpond.store import Database, Rows, logs, open_network


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        database.write(lambda rows: logs.begin(rows, KEY.did))
        yield database


def test_who_failed_rests(db: Database) -> None:
    source = honest(600)
    source.withheld = frozenset({"checkpoint"})
    id = head(db).id
    for failures, rest_ms in enumerate([30_000, 60_000, 120_000], 1):
        now_ms = (row(db, source).tried_ms or 0) + 10**6 * failures if failures > 1 else 10**6
        with pytest.raises(PeerError):
            asyncio.run(pull_from_any(db, id, [source], now_ms=now_ms))
        assert row(db, source).failures == failures
        assert (
            asyncio.run(pull_from_any(db, id, [source], now_ms=now_ms + rest_ms - 1)).outcome is Outcome.RESTS
        )
        assert addresses.in_turn(db.read, id, [source], now_ms=now_ms + rest_ms) == [source]
        assert addresses.in_turn(db.read, id, [source], now_ms=5) == [source], "a clock that was put back"
    known = row(db, source)
    assert not addresses.Known(*_with(known, failures=500)).is_due(now_ms + addresses.MOST_REST_MS - 1)
    assert addresses.Known(*_with(known, failures=500)).is_due(now_ms + addresses.MOST_REST_MS)


def _with(known: addresses.Known, **changed: int) -> tuple[object, ...]:
    return tuple(changed.get(name, getattr(known, name)) for name in addresses.Known.__slots__)


def test_who_answered_last_is_asked_first(db: Database) -> None:
    a, b, c, new = (honest(600, name) for name in ("a", "b", "c", "new"))
    follow(db, a, now_ms=1_000)
    follow(db, b, now_ms=2_000)
    c.note = b"wrong"
    refused(db, c, now_ms=3_000)
    found = addresses.in_turn(db.read, head(db).id, [new, c, a, b], now_ms=10**9)
    assert [source.address for source in found] == ["b", "a", "new", "c"]


def test_one_that_answers_is_enough(db: Database) -> None:
    off = honest(3_000, "off")
    off.withheld = frozenset({"checkpoint"})
    found = follow(db, off, honest(600))
    assert (found.outcome, found.head.size) == (Outcome.GREW, 600)
    assert row(db, off).failures == 1
    assert "does not give its checkpoint" in str(refused(db, off, off, now_ms=10**9))


def test_who_is_behind_is_told_so(db: Database) -> None:
    follow(db, honest(600))
    mirror = honest(300, "mirror")
    assert follow(db, mirror).outcome is Outcome.BEHIND
    assert follow(db, mirror).outcome is Outcome.BEHIND, "and when it has nothing new"
    assert row(db, mirror).size == 300
    assert follow(db, mirror, honest(600)).outcome is Outcome.NOTHING_NEW


def test_sources_are_noted_and_forgotten(db: Database) -> None:
    id = head(db).id
    db.write(lambda rows: addresses.add(rows, id, "a"))
    db.write(lambda rows: addresses.add(rows, id, "a"))
    db.write(lambda rows: addresses.add(rows, id, "b"))
    db.write(lambda rows: addresses.remove(rows, id, "a"))
    assert [one.address for one in addresses.of_log(db.read, id)] == ["b"]
    long = honest(3_000, "long")
    long.breaks_after = 10
    refused(db, long)

    def job(rows: Rows) -> None:
        addresses.forget(rows, id)
        logs.forget(rows, id)

    db.write(job)
    assert logs.heads(db.read) == ()


def test_the_support_signs_what_it_says() -> None:
    source: MemorySource = honest(5)
    assert checkpoints.read(source.head.note, Key(KEY.seed).did).size == 5
