"""One's own log: a statement gets its place, the log its next checkpoint, whoever said it a receipt.

Everything happens in one transaction of the file that holds the log; what comes back may leave this machine
once `Database.write` has returned, not before. Invariants:

- One checkpoint a size: the size grows with every one that is signed here, and whoever opens a log whose file
  may be older than what it has signed must not call `say` (`node.own_log` keeps a restored one resting).
- The same statement said again has the place it had: nothing is added, and the receipt is a new one for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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


def say(
    rows: Rows, key: Key, entries: Sequence[bytes], check: Callable[[Statement], None] | None = None
) -> tuple[Said, ...]:
    """Adds entries, each signed by the key, to the key's own log, and signs its head.

    Raises, before anything is changed, `InputError` for one that is no statement of the key's, and for a log
    whose entries were not all read (`reading`): what is said twice would not be known there; and whatever
    `check` raises for one of the statements.
    """
    said = [statement.read(entry, key.did) for entry in entries]
    if check is not None:
        for one in said:
            check(one)
    known = logs.begin(rows, key.did)
    if not known.checked == known.size == known.reached:
        raise InputError("the log has entries that were not read yet: it is brought up to date first")
    found: list[Said] = []
    new: dict[bytes, int] = {}
    for one in said:
        row = rows.one("logs.statement", sid=one.sid)
        is_new = row is None and one.sid not in new
        position = new.setdefault(one.sid, known.size + len(new)) if row is None else row["position"]
        found.append(Said(position, one.sid, is_new))
    added = [(one, entry) for one, entry, at in zip(said, entries, found, strict=True) if at.is_new]
    if added or known.checkpoint is None:
        rows.many("logs.add_statement", [(sid, known.id, position) for sid, position in new.items()])
        size = logs.put(rows, known.id, [entry for _, entry in added])
        head = checkpoints.sign(key.did, size, logs.root(rows, known.id), key)
        logs.accept(rows, known.id, head)
        rows.run("logs.set_checked", id=known.id, checked=size, broken_at=None)
        for position, (one, _) in enumerate(added, known.size):
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
