"""Two histories of one log: proven, suspected, compared as soon as the entries are here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from followed import ENTRIES, FALSE, FORKED, KEY, follow, head, here, honest, refused, row
from memory_sources import MemorySource
from static_logs import head_of

from millpond.errors import InputError
from millpond.log import equivocation
from millpond.network import contradictions
from millpond.network.one_source import Outcome
from millpond.store import Database, logs, open_network


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        database.write(lambda rows: logs.begin(rows, KEY.did))
        yield database


def told_twice(db: Database, first: MemorySource, second: MemorySource) -> equivocation.Equivocation:
    """The proof that comes of following one after the other."""
    follow(db, first)
    before = head(db)
    found = follow(db, second)
    assert found.outcome is Outcome.CONTRADICTS
    assert found.proof is not None
    after = head(db)
    assert (after.size, after.checkpoint, after.reached) == (before.size, before.checkpoint, before.size)
    kept = contradictions.proof_of(db.read, KEY.did)
    assert kept == found.proof
    assert equivocation.check(found.proof.write()) == found.proof, "and a third party can check it"
    return found.proof


@pytest.mark.parametrize(
    ("first", "second"),
    [(3_000, 3_000), (2_000, 3_000), (3_000, 2_000), (701, 701), (701, 3_000), (3_000, 701)],
)
def test_two_histories_are_proven(db: Database, first: int, second: int) -> None:
    one, other = honest(first, "one"), honest(second, "other", FORKED)
    proof = told_twice(db, one, other)
    assert {proof.first.size, proof.second.size} == {first, second}
    assert {proof.first.root, proof.second.root} == {one.head.root, other.head.root}
    assert row(db, other).failures == 0, "it is not the source's fault"
    asked = len(one.asked)
    assert follow(db, one).outcome is Outcome.CONTRADICTS
    assert len(one.asked) == asked, "the log stays as it is until people have spoken"


def test_a_fork_behind_what_is_here_proves_nothing(db: Database) -> None:
    """Both continue what is here: which one came first is taken; the other is caught when it comes."""
    follow(db, honest(700))
    assert follow(db, honest(3_000)).outcome is Outcome.GREW
    assert follow(db, honest(2_000, "other", FORKED)).outcome is Outcome.CONTRADICTS


def test_sources_that_disagree_are_compared_in_one_pull(db: Database) -> None:
    found = follow(db, honest(2_000, "a"), honest(2_500, "b", FORKED), honest(700, "c"))
    assert (found.outcome, found.head.size) == (Outcome.CONTRADICTS, 2_500)
    assert found.proof is not None


def test_a_head_whose_entries_are_withheld_is_compared_later(db: Database) -> None:
    """A fork that was shown and not given: caught as soon as the entries are here from elsewhere."""
    follow(db, honest(600))
    shy = honest(2_000, "shy", FORKED)
    shy.withheld = frozenset({"entries", "tile"})
    refused(db, shy)
    assert not contradictions.is_contradicted(db.read, KEY.did)
    found = follow(db, honest(3_000))
    assert found.outcome is Outcome.CONTRADICTS
    assert (found.head.size, found.head.reached) == (600, 600), "no head is put over what is contradicted"


def test_a_withheld_head_that_was_right_is_forgotten(db: Database) -> None:
    follow(db, honest(600))
    shy = honest(2_000, "shy")
    shy.withheld = frozenset({"entries"})
    refused(db, shy)
    assert row(db, shy).note == shy.head.note
    assert follow(db, honest(3_000)).outcome is Outcome.GREW
    assert row(db, shy).note is None


def test_without_tiles_there_is_only_a_suspicion(db: Database) -> None:
    """It may be the source that lies, or the author: two heads are kept, until the entries decide."""
    follow(db, honest(800))
    forked = honest(2_000, "forked", FORKED)
    forked.withheld = frozenset({"tile"})
    refused(db, forked)
    (kept,) = contradictions.of_origin(db.read, KEY.did)
    assert not kept.is_proven
    assert contradictions.heads_of(kept) == (honest(800).head, forked.head)
    with pytest.raises(InputError):
        equivocation.check(kept.proof)
    assert here(db) == ENTRIES[:800]
    found = follow(db, honest(3_000))
    assert found.outcome is Outcome.CONTRADICTS
    assert all(one.is_proven for one in contradictions.of_origin(db.read, KEY.did))


def test_suspicions_are_bounded(db: Database) -> None:
    follow(db, honest(600))
    for size in range(1_300, 1_320):
        liar = honest(size, f"liar {size}")
        liar.given, liar.withheld = FALSE, frozenset({"tile"})
        refused(db, liar)
    assert len(contradictions.all_of(db.read)) == contradictions.MOST_SUSPICIONS
    assert follow(db, honest(3_000)).outcome is Outcome.GREW
    assert contradictions.all_of(db.read) == ()


def test_what_was_pushed_for_and_witnessed_is_compared_too(db: Database) -> None:
    follow(db, honest(600))
    fork = head_of(FORKED[:2_000], KEY)
    db.write(lambda rows: logs.set_pending(rows, head(db).id, fork))
    assert follow(db, honest(3_000)).outcome is Outcome.CONTRADICTS
