"""The whole of a log, checked from nothing: who is said to have cosigned it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from participants import Participant
from static_logs import key_of

from millpond.log import checkpoint, cosignature, note
from millpond.log.checkpoint import Checkpoint
from millpond.log.kinds import Profile
from millpond.network import checking
from millpond.store import Database, logs, open_network

WITNESS, LIAR = key_of(2), key_of(3)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        yield database


def test_who_is_named_under_a_head_cosigned_it(db: Database) -> None:
    """Whoever hands a log on can write lines under its head, in any name."""
    ann = Participant("ann")
    ann.say(Profile(name="Ann"))
    id = ann.arrive(db)
    head = checkpoint.read(logs.head_by_id(db.read, id).checkpoint or b"", ann.did)
    honest = cosignature.cosign(head, WITNESS.did, WITNESS, 1_000)
    false = note.Signature(LIAR.did, note.key_id(LIAR.did, note.COSIGNATURE, LIAR.public), bytes(72)).line
    other = note.Signature("county\x9b2J", b"abcd", bytes(72)).line
    written = cosignature.with_lines(head, [honest, false, other])
    db.write(lambda rows: logs.accept(rows, id, Checkpoint(head.origin, head.size, head.root, written)))
    checked = checking.check(db.read, logs.head_by_id(db.read, id))
    assert (checked.cosigners, checked.others) == ((WITNESS.did,), 2)
