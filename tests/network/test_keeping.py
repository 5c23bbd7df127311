"""What a keeper remembers, and what it allows: keys, clocks, limits, logs it takes and leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from static_logs import entries_of, hash_at_of, head_of, key_of

from millpond.errors import InputError
from millpond.log import checkpoint as checkpoints
from millpond.log import cosignature, equivocation, note, witness
from millpond.log.proofs import consistency_proof
from millpond.network import keeping, witnessing
from millpond.network.keeping import Answer, Keeper, Limits
from millpond.node.vault import Vault
from millpond.store import Database, logs, open_network

KEY = key_of(1)
ENTRIES = entries_of(100)
NOW_MS = 1_795_000_000_000


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        yield database


@pytest.fixture
def keeper(db: Database) -> Keeper:
    db.write(lambda rows: keeping.carry(rows, KEY.did))
    return keeping.keeper(db, Vault(b"v" * 32), now_ms=NOW_MS)


def ask(db: Database, keeper: Keeper, old: int, new: int, *, now_ms: int = NOW_MS) -> Answer:
    head = head_of(ENTRIES[:new], KEY)
    proof = consistency_proof(old, new, hash_at_of(ENTRIES[:new])) if old else ()
    request = witness.AddCheckpoint(old, proof, head.note)
    return db.write(lambda rows: witnessing.add_checkpoint(rows, request, keeper, now_ms=now_ms))


def test_the_keeper_is_made_once_and_sealed(db: Database, tmp_path: Path) -> None:
    vault = Vault(b"v" * 32)
    first = keeping.keeper(db, vault, now_ms=1)
    assert keeping.keeper(db, vault, now_ms=2) == first
    assert first.witness.did != first.mirror.did
    assert first.did == first.witness.did
    assert first.witness.seed not in (tmp_path / "network.db-wal").read_bytes()
    with pytest.raises(InputError, match="was sealed by another key"):
        keeping.keeper(db, Vault(b"w" * 32), now_ms=3)
    assert first.witness.seed.hex() not in repr(first)


def test_all_keys_of_a_keeper_come_from_its_secret() -> None:
    """Pinned: a node that is moved cosigns under the same names."""
    keeper = Keeper.of(bytes(32))
    assert keeper.witness.did == "did:key:z6MkiTBz1ymuepAQ4HEHYSF1H8quG5GLVVQR3djdX3mDooWp"
    assert keeper.mirror.did == "did:key:z6MkrRYhHvHnwgAG4ectHZtfXVN8o5HKHq3VAqBaAZjSLbVU"


def test_what_is_carried(db: Database) -> None:
    assert keeping.carried(db.read) == ()
    head = db.write(lambda rows: keeping.carry(rows, KEY.did))
    assert db.write(lambda rows: keeping.carry(rows, KEY.did)) == head
    assert [(one.origin, one.bytes) for one in keeping.carried(db.read)] == [(KEY.did, 0)]
    assert keeping.is_carried(db.read, head.id)
    assert keeping.is_known(db.read, KEY.did)
    db.write(lambda rows: keeping.leave(rows, KEY.did))
    assert not keeping.is_carried(db.read, head.id)
    assert not keeping.is_known(db.read, KEY.did)
    assert logs.head(db.read, KEY.did) == head
    with pytest.raises(InputError, match="is not an identity"):
        db.write(lambda rows: keeping.carry(rows, "pond.example"))
    db.write(lambda rows: keeping.leave(rows, "pond.example"))


def test_limits_are_the_programs_until_the_keeper_says_others(db: Database) -> None:
    assert keeping.limits(db.read) == Limits(keeping.MOST_BYTES, keeping.MOST_LOG_BYTES)
    db.write(lambda rows: keeping.set_limits(rows, Limits(5, 3)))
    db.write(lambda rows: keeping.set_limits(rows, Limits(7, 0)))
    assert keeping.limits(db.read) == Limits(7, 0)
    for wrong in (Limits(-1, 0), Limits(0, 2**53)):
        with pytest.raises(InputError, match="a limit is a number of bytes"):
            db.write(lambda rows, wrong=wrong: keeping.set_limits(rows, wrong))


def test_the_time_of_a_witness_never_goes_back(db: Database, keeper: Keeper) -> None:
    def time_of(answer: Answer, size: int) -> int:
        assert answer.status == 200, answer
        return cosignature.verify(
            head_of(ENTRIES[:size], KEY), answer.body, keeper.did, keeper.witness.public
        )

    first = time_of(ask(db, keeper, 0, 10), 10)
    assert first == NOW_MS // 1_000
    back = NOW_MS - witnessing.MOST_BACK_S * 1_000
    assert time_of(ask(db, keeper, 10, 20, now_ms=back), 20) == first
    late = ask(db, keeper, 20, 30, now_ms=back - 1_000)
    assert (late.status, late.headers["retry-after"]) == (503, str(witnessing.RETRY_S))
    assert b"clock" in late.body
    assert time_of(ask(db, keeper, 20, 30, now_ms=NOW_MS + 5_000), 30) == first + 5


def test_a_witness_remembers_one_head_with_two_signatures(db: Database, keeper: Keeper) -> None:
    """Lines of others, and a second one of the log, are let go."""
    head = head_of(ENTRIES[:10], KEY)
    other = cosignature.cosign(head, key_of(5).did, key_of(5), 1)
    request = witness.AddCheckpoint(0, (), cosignature.with_lines(head, [other]))
    for old in (0, 10):
        request = witness.AddCheckpoint(old, (), request.note)
        db.write(lambda rows, one=request: witnessing.add_checkpoint(rows, one, keeper, now_ms=NOW_MS))
    shown = witnessing.shown(db.read, logs.origin_hash(KEY.did))
    assert shown is not None
    assert [one.name for one in note.parse(shown).signatures] == [KEY.did, keeper.did]
    assert checkpoints.same_head(checkpoints.read(shown), head)


def test_what_contradicts_is_kept_once(db: Database, keeper: Keeper) -> None:
    one, other = head_of(ENTRIES[:50], KEY), head_of(entries_of(50, "fork"), KEY)
    larger = head_of(ENTRIES, KEY)
    for _ in range(2):
        assert db.write(lambda rows: keeping.convict(rows, other, one, now_ms=NOW_MS))
        assert not db.write(lambda rows: keeping.convict(rows, one, one, now_ms=NOW_MS))
        assert not db.write(lambda rows: keeping.convict(rows, other, larger, now_ms=NOW_MS))
    (row,) = db.read.all("network_contradictions.all")
    assert equivocation.check(row["proof"]).origin == KEY.did
    id = db.write(lambda rows: logs.begin(rows, KEY.did)).id
    db.write(lambda rows: logs.put(rows, id, ENTRIES))
    db.write(lambda rows: logs.accept(rows, id, larger))
    assert db.write(lambda rows: keeping.convict(rows, other, None, now_ms=NOW_MS))
    assert not db.write(lambda rows: keeping.convict(rows, one, None, now_ms=NOW_MS))
    assert len(db.read.all("network_contradictions.all")) == 2


def test_a_head_that_contradicts_entries_here_is_not_cosigned(db: Database, keeper: Keeper) -> None:
    """Though the witness itself remembers nothing that it contradicts."""
    id = db.write(lambda rows: logs.begin(rows, KEY.did)).id
    fork = entries_of(60, "fork")
    db.write(lambda rows: logs.put(rows, id, fork))
    db.write(lambda rows: logs.accept(rows, id, head_of(fork, KEY)))
    assert ask(db, keeper, 0, 10).status == 422
    assert len(db.read.all("network_contradictions.all")) == 1
    assert db.read.one("network_keeping.witnessed", origin=KEY.did) is None
