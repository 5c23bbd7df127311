"""Two histories of one log: found, proven, kept, told to the owner.

Every signed head of a log that comes past is compared with the entries, as soon as they are here: what
sources showed, what was witnessed, what was pushed for. A head that the entries do not have makes a proof
(`log.equivocation`) that convicts the log's key by itself. Invariants:

- A log that is proven to have two histories stays as it is for who follows it: no source's head is put over
  it any more (`is_contradicted`). People speak with each other; no machine decides which history is right.
- A *suspicion* is two heads that may or may not contradict each other, because the source that showed one
  of them did not give its entries. It accuses nobody, and goes as soon as the entries say what is true.
- Never is a suspicion kept that the entries could have decided, and never more than `MOST_SUSPICIONS` a log.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from millpond.log import checkpoint as checkpoints
from millpond.log import equivocation
from millpond.log.checkpoint import Checkpoint
from millpond.log.equivocation import Equivocation
from millpond.network import addresses
from millpond.store import Rows, logs
from millpond.store.database import Row
from millpond.store.logs import Head

MOST_SUSPICIONS = 8
"""Of one log: a mirror that withholds entries would otherwise make one of every head."""
SUSPICION = "millpond-two-heads/1"


@dataclass(frozen=True, slots=True)
class Found:
    """A row of `equivocations`: a proof, or two heads that are only suspicious together."""

    id: int
    origin: str
    proof: bytes
    is_proven: bool
    found_ms: int


def is_contradicted(rows: Rows, origin: str) -> bool:
    """Whether this log is proven to have two histories."""
    return rows.one("network_contradictions.proven", origin=origin) is not None


def proof_of(rows: Rows, origin: str) -> Equivocation | None:
    """The first proof that there is against this log."""
    row = rows.one("network_contradictions.proven", origin=origin)
    return None if row is None else equivocation.check(row["proof"])


def of_origin(rows: Rows, origin: str) -> tuple[Found, ...]:
    """Of this log, proven ones first."""
    return tuple(_found(row) for row in rows.all("network_contradictions.of_origin", origin=origin))


def all_of(rows: Rows) -> tuple[Found, ...]:
    """Of all logs, proven ones first."""
    return tuple(_found(row) for row in rows.all("network_contradictions.all"))


def keep(rows: Rows, proof: Equivocation, *, now_ms: int) -> None:
    """The proof is kept; the same one is kept once."""
    rows.run(
        "network_contradictions.add", origin=proof.origin, proof=proof.write(), is_proven=1, now_ms=now_ms
    )


def suspect(rows: Rows, one: Checkpoint, other: Checkpoint, *, now_ms: int) -> None:
    """Two heads of one log whose entries nobody gives: kept until they can be compared."""
    if rows.value("network_contradictions.unproven", origin=one.origin) >= MOST_SUSPICIONS:
        return
    first, second = sorted((one, other), key=lambda head: (head.size, head.root))
    value = {"format": SUSPICION, "first": first.note.decode(), "second": second.note.decode()}
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    rows.run("network_contradictions.add", origin=one.origin, proof=text.encode(), is_proven=0, now_ms=now_ms)


def heads_of(suspicion: Found) -> tuple[Checkpoint, Checkpoint]:
    """The two heads of a suspicion."""
    value = json.loads(suspicion.proof)
    first, second = (checkpoints.read(value[name].encode()) for name in ("first", "second"))
    return first, second


def compare(rows: Rows, id: int, ours: Checkpoint, seen: Checkpoint) -> Equivocation | None:
    """The proof, if the entries under our head do not have `seen`, a head of the log that is no larger."""
    if logs.root_at(rows, id, seen.size) == seen.root:
        return None
    return equivocation.build(seen, ours, logs.hashes_at(rows, id))


def compare_all(rows: Rows, known: Head, new: Checkpoint, *, now_ms: int) -> Equivocation | None:
    """Compares a head, whose entries are here, and those that wait for it; keeps proofs, returns the first.

    A `new` one that is larger than the log's own was found to be the root of the entries: the others are
    compared with it.
    """
    ours = new
    if known.checkpoint is not None and new.size <= known.size:
        ours = checkpoints.read(known.checkpoint, known.origin)
    waiting = _Waiting(rows, known, ours)
    proofs = [compare(rows, known.id, ours, one) for one in (new, *waiting.heads())]
    found = [proof for proof in proofs if proof is not None]
    for proof in found:
        keep(rows, proof, now_ms=now_ms)
    return found[0] if found else None


class _Waiting:
    """Heads of a log that were seen and kept to be compared, as far as ours reaches."""

    def __init__(self, rows: Rows, known: Head, ours: Checkpoint) -> None:
        self._rows = rows
        self._known = known
        self._most = ours.size

    def heads(self) -> Iterator[Checkpoint]:
        """Each of them, and it waits no more; what was witnessed is compared each time."""
        yield from self._read(self._known.pending)
        yield from self._read(self._rows.value("network_contradictions.witnessed", origin=self._known.origin))
        for source in addresses.of_log(self._rows, self._known.id):
            for head in self._read(source.note):
                addresses.compared(self._rows, source.id)
                yield head
        for suspicion in of_origin(self._rows, self._known.origin):
            if not suspicion.is_proven:
                heads = heads_of(suspicion)
                if max(head.size for head in heads) <= self._most:
                    self._rows.run("network_contradictions.remove", id=suspicion.id)
                    yield from heads

    def _read(self, note: bytes | None) -> Iterator[Checkpoint]:
        if note is not None:
            head = checkpoints.read(note, self._known.origin)
            if head.size <= self._most:
                yield head


def _found(row: Row) -> Found:
    return Found(row["id"], row["origin"], bytes(row["proof"]), bool(row["is_proven"]), row["found_ms"])
