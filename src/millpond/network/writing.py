"""One's own log: a statement gets its place, the log its next checkpoint, whoever said it a receipt.

Everything happens in one transaction of the file that holds the log; what comes back may leave this machine
once `Database.write` has returned, not before. Invariants:

- One checkpoint a size: the size grows with every one that is signed here, and whoever opens a log whose file
  may be older than what it has signed must not call `say` (`node.own_log` keeps a restored one resting).
- The same statement said again has the place it had: nothing is added, and the receipt is a new one for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from millpond.errors import InputError
from millpond.log import checkpoint as checkpoints
from millpond.log import inclusion, statement
from millpond.log.keys import Key
from millpond.log.proofs import inclusion_proof
from millpond.log.statement import Statement
from millpond.network import meeting
from millpond.store import Rows, logs
from millpond.store.logs import Head


@dataclass(frozen=True, slots=True)
class Said:
    """Where a statement stands; `is_new` if it was not there before."""

    position: int
    sid: bytes
    is_new: bool


def say(rows: Rows, key: Key, entries: Sequence[bytes]) -> tuple[Said, ...]:
    """Adds entries, each signed by the key, to the key's own log, and signs its head.

    Raises `InputError` for one that is no statement of the key's, and adds none of them.
    """
    known = logs.begin(rows, key.did)
    found: list[Said] = []
    added: list[bytes] = []
    new: list[Statement] = []
    for entry in entries:
        one = statement.read(entry, key.did)
        sid = one.sid
        row = rows.one("logs.statement", sid=sid)
        if row is not None:
            found.append(Said(row["position"], sid, False))
            continue
        position = known.size + len(added)
        rows.many("logs.add_statement", [(sid, known.id, position)])
        added.append(entry)
        new.append(one)
        found.append(Said(position, sid, True))
    if added or known.checkpoint is None:
        if known.reached != known.size:
            raise InputError("the log has entries that no checkpoint of its own is over")
        size = logs.put(rows, known.id, added)
        head = checkpoints.sign(key.did, size, logs.root_at(rows, known.id, size), key)
        logs.accept(rows, known.id, head)
        rows.run("logs.set_checked", id=known.id, checked=size, broken_at=None)
        for position, one in enumerate(new, known.size):
            meeting.note(rows, known, position, one)
    return tuple(found)


def receipt(rows: Rows, known: Head, position: int) -> bytes:
    """The proof that an entry stands under the present checkpoint (C2SP tlog-proof); raises `InputError`."""
    return receipts(rows, known, [position])[0]


def receipts(rows: Rows, known: Head, positions: Iterable[int]) -> tuple[bytes, ...]:
    """The same for several entries; what their proofs have in common is worked out once."""
    if known.checkpoint is None:
        raise InputError("the log has no checkpoint yet")
    head, hash_at = checkpoints.read(known.checkpoint, known.origin), cache(logs.hashes_at(rows, known.id))
    return tuple(
        inclusion.write(
            inclusion.Proof(
                index=position, hashes=inclusion_proof(position, known.size, hash_at), checkpoint=head
            )
        )
        for position in positions
    )
