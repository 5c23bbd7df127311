"""Whose fault a false entry is: who gave it, who shows tiles without the root, nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from followed import ENTRIES, FALSE, FORKED, KEY, OTHER, follow, head, here, honest, refused, row
from memory_sources import MemorySource
from static_logs import entries_of, head_of

from millpond.network import contradictions
from millpond.network.one_source import Outcome
from millpond.store import Database, disk, logs, open_network


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        database.write(lambda rows: logs.begin(rows, KEY.did))
        yield database


def test_a_false_entry_is_its_givers_fault(db: Database) -> None:
    liar = honest(3_000, "liar")
    liar.given = FALSE
    assert "false entry at position 1,234" in str(refused(db, liar))
    assert here(db) == ENTRIES[:1_234], "what came before was right"
    assert "1,234" in row(db, liar).problem
    assert len([what for what in liar.asked if what.startswith("tile")]) <= 4
    assert follow(db, honest(3_000)).head.size == 3_000
    assert contradictions.all_of(db.read) == ()


@pytest.mark.parametrize("size", [1, 255, 256, 512, 2_816, 3_000])
def test_the_first_false_entry_is_found_wherever_it_is(db: Database, size: int) -> None:
    for position in sorted({0, size // 2, size - 1}):
        liar = honest(size, f"liar {position}")
        liar.given = [*ENTRIES[:position], b"false\n", *entries_of(size - position - 1, "more")]
        assert f"false entry at position {position:,}" in str(refused(db, liar))
        assert here(db) == ENTRIES[:position]
    assert follow(db, honest(size)).head.size == size


def test_the_last_room_on_a_disk_is_not_for_others(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "LOOKS_AGAIN_NS", 0)
    monkeypatch.setattr(disk, "LEAST_FREE_BYTES", 2**62)
    assert "nearly full" in str(refused(db, honest(3_000)))
    assert here(db) == []
    monkeypatch.setattr(disk, "LEAST_FREE_BYTES", 0)
    assert follow(db, honest(3_000)).head.size == 3_000


def test_the_giver_is_blamed_even_if_another_finds_it(db: Database) -> None:
    liar = honest(3_000, "liar")
    liar.given, liar.breaks_after = FALSE, 2_000
    refused(db, liar, now_ms=1_000)
    good = honest(3_000, "good")
    assert follow(db, good, now_ms=2_000).outcome is Outcome.GREW
    assert good.sent_entries == 1_000 + 3_000 - 1_234
    assert (row(db, good).failures, row(db, good).problem) == (0, "")
    assert "false entry at position 1,234" in row(db, liar).problem
    assert (row(db, liar).failures, row(db, liar).tried_ms) == (2, 2_000)


def test_a_source_whose_tiles_do_not_fit_is_blamed(db: Database) -> None:
    follow(db, honest(600))
    for treed in (FALSE, FORKED, ENTRIES[:2_000]):
        liar = honest(3_000, "liar")
        liar.given, liar.treed = FALSE, treed
        refused(db, liar)
        assert row(db, liar).problem
        assert here(db) == ENTRIES[:600]
        assert not contradictions.is_contradicted(db.read, KEY.did)
    assert follow(db, honest(3_000)).head.size == 3_000
    assert contradictions.all_of(db.read) == (), "the suspicion went when the entries came"


def test_one_full_tile_that_is_false_is_found(db: Database) -> None:
    class Sly(MemorySource):
        async def tile(self, tile):  # type: ignore[no-untyped-def]
            hashes = await super().tile(tile)
            return bytes(32) + hashes[32:] if (tile.level, tile.number) == (0, 4) else hashes

    sly = Sly(ENTRIES, KEY, "sly", given=FALSE)
    assert "do not lead" in str(refused(db, sly))
    assert here(db) == []


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        (b"nothing", "no signatures"),
        (head_of(ENTRIES, OTHER).note, "not about"),
        (head_of(ENTRIES, KEY).note.replace(b"3000", b"3001"), "not signed"),
    ],
)
def test_a_checkpoint_that_is_not_the_logs_is_refused(db: Database, note: bytes, problem: str) -> None:
    follow(db, honest(600))
    known, source = head(db), honest(3_000, "forger")
    source.note = note
    assert problem in str(refused(db, source))
    assert problem in row(db, source).problem
    assert head(db) == known


def test_a_source_that_gives_too_little_or_too_much(db: Database) -> None:
    short = honest(3_000, "short")
    short.given = ENTRIES[:2_950]

    class Generous(MemorySource):
        async def entries(self, start: int, size: int):  # type: ignore[no-untyped-def]
            yield ENTRIES[start : size + 1]

    assert "does not give the entries from 2,950 on" in str(refused(db, short))
    assert here(db) == ENTRIES[:2_950]
    assert "more entries" in str(refused(db, Generous(ENTRIES[:2_990], KEY, "generous")))
    assert here(db) == ENTRIES[:2_950]
