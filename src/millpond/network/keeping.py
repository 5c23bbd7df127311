"""What a keeper does for logs of others: cosign them (`witnessing`), carry copies of them (`mirroring`).

Here is what the two share: the keys, which logs the keeper takes, how much of them, what convicts a log, and
the answers. Each function works inside a transaction of the node's `network.db`; what it returns may leave
the machine once that transaction is durable. Invariants:

- A witness and a mirror are two cosigners (C2SP tlog-mirror): what is signed does not say which of them
  speaks, and a mirror says more. Both keys come from one secret, sealed by the node's vault; the name of each
  is its own `did:key`. The keeper's identity, on cards, is the witness.
- Taken is what the keeper chose (`carry`). A log that nobody here wants costs nothing.
- Two heads signed by a log's key of which neither continues the other are kept as a proof, whatever the
  answer to whoever brought the second one.

Trusted or not: whoever has the keeper's secret can cosign in its name, and no log is less true for that.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from millpond.errors import InputError
from millpond.log import checkpoint as checkpoints
from millpond.log import equivocation, note
from millpond.log.checkpoint import Checkpoint
from millpond.log.keys import SEED_BYTES, Key, public_of
from millpond.network import contradictions
from millpond.store import Database, Rows, logs
from millpond.store.logs import Head

PURPOSE = "keeper"
"""For which the vault seals the keeper's secret."""
MOST_BYTES = 4 * 2**30
"""Of entries of others, in all: a fifth of the disk of a small rented machine."""
MOST_LOG_BYTES = 256 * 2**20
"""Of one log: half a million statements of the usual size, a century of a busy community."""
MOST_CARRIED = 10_000
"""Logs: each is a line in a few tables, and somebody chose it by hand."""


class Sealing(Protocol):
    """What keeps secrets at rest (`node.vault`)."""

    def seal(self, secret: bytes, purpose: str) -> bytes:
        """Nobody but `open`, for the same purpose, learns the secret."""

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The secret."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """The keys by which this node cosigns; `ticket_key` authenticates what a mirror hands out to get back."""

    witness: Key
    mirror: Key
    ticket_key: bytes = field(repr=False)

    @property
    def did(self) -> str:
        """Who the keeper is: on its card, and the name of its witness."""
        return self.witness.did

    @classmethod
    def of(cls, seed: bytes) -> Keeper:
        """The keeper of this secret of 32 bytes."""

        def derived(what: bytes) -> bytes:
            return blake2b(key=seed, person=what, digest_size=SEED_BYTES).digest()

        return cls(Key(seed), Key(derived(b"millpond mirror")), derived(b"millpond ticket"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer: an HTTP status, a body, its type; other headers."""

    status: int
    body: bytes
    media_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


def says(status: int, sentence: str) -> Answer:
    """An answer that is one line for a person."""
    return Answer(status, f"{sentence}\n".encode())


@dataclass(frozen=True, slots=True)
class Carried:
    """A log that may be pushed here; `bytes` of its entries were."""

    id: int
    origin: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How many bytes of entries of others are kept here at most, fetched or pushed: of all logs, of one."""

    most_bytes: int = MOST_BYTES
    most_log_bytes: int = MOST_LOG_BYTES


# ---- who the keeper is


def keeper(db: Database, vault: Sealing, *, now_ms: int) -> Keeper:
    """This node's keeper; its secret is made on first use, and durable before it is used."""
    row = db.read.one("network_keeping.keeper")
    if row is None:
        seed = secrets.token_bytes(SEED_BYTES)
        sealed, did = vault.seal(seed, PURPOSE), Key(seed).did

        def job(rows: Rows) -> None:
            rows.run("network_keeping.add_keeper", did=did, seed=sealed, created_ms=now_ms)

        db.write(job)
        row = db.read.one("network_keeping.keeper")
        assert row is not None
    return Keeper.of(vault.open(row["seed"], PURPOSE))


def limits(rows: Rows) -> Limits:
    """What the keeper allows."""
    said = {row["name"]: row["value"] for row in rows.all("network_keeping.limits")}
    return Limits(said.get("pushed", MOST_BYTES), said.get("pushed_log", MOST_LOG_BYTES))


def set_limits(rows: Rows, most: Limits) -> None:
    """Allows so much from now on; what is here stays. Raises `InputError`."""
    if not all(0 <= value < 2**53 for value in (most.most_bytes, most.most_log_bytes)):
        raise InputError("a limit is a number of bytes, 0 or more")
    for name, value in (("pushed", most.most_bytes), ("pushed_log", most.most_log_bytes)):
        rows.run("network_keeping.set_limit", name=name, value=value)


def what_is_full(rows: Rows, id: int, entries: Sequence[bytes]) -> str | None:
    """None if these entries of a log may still come in; else for what there is no more room."""
    row, most = rows.one("network_keeping.bytes", log=id), limits(rows)
    assert row is not None
    bytes = logs.taken(entries)
    if row["log_bytes"] + bytes > most.most_log_bytes:
        return "this log"
    return "anything" if row["all_bytes"] + bytes > most.most_bytes else None


# ---- which logs are taken


def carry(rows: Rows, origin: str) -> Head:
    """From now on this log is cosigned, and may be pushed here. Raises `InputError` for what is no did."""
    public_of(origin)
    if len(rows.all("network_keeping.carried")) >= MOST_CARRIED:
        raise InputError(f"a keeper carries at most {MOST_CARRIED:,} logs")
    known = logs.begin(rows, origin)
    rows.run("network_keeping.carry", log=known.id)
    return known


def leave(rows: Rows, origin: str) -> None:
    """Nothing more of this log is taken. What is here stays, and is shown, until it is thrown away."""
    known = logs.head(rows, origin)
    if known is not None:
        rows.run("network_keeping.leave", log=known.id)


def carried(rows: Rows) -> tuple[Carried, ...]:
    """The logs that may be pushed here, in the order they came."""
    return tuple(
        Carried(row["id"], row["origin"], row["bytes"]) for row in rows.all("network_keeping.carried")
    )


def is_carried(rows: Rows, id: int) -> bool:
    """Whether this log may be pushed here."""
    return rows.one("network_keeping.is_carried", log=id) is not None


def is_known(rows: Rows, origin: str) -> bool:
    """Whether anybody here follows this log, or the keeper carries it: then it is cosigned, too."""
    known = logs.head(rows, origin)
    return known is not None and rows.one("network_keeping.is_known", log=known.id) is not None


# ---- heads


def bare(checkpoint: Checkpoint) -> Checkpoint:
    """The same with the log's own signature alone."""
    origin = checkpoint.origin
    id = note.key_id(origin, note.ED25519, public_of(origin))
    parsed = note.parse(checkpoint.note)
    own = [one for one in parsed.signatures if (one.name, one.id) == (origin, id)]
    return Checkpoint(origin, checkpoint.size, checkpoint.root, note.write(parsed.text, own[:1]))


def convict(rows: Rows, one: Checkpoint, other: Checkpoint | None, *, now_ms: int) -> bool:
    """Keeps a proof if two heads contradict each other, or the first one the entries that are here.

    Returns whether they do. Both are signed by the log's key.
    """
    known, proofs = logs.head(rows, one.origin), []
    if known is not None and known.checkpoint is not None and one.size <= known.size:
        ours = bare(checkpoints.read(known.checkpoint, known.origin))
        proofs.append(contradictions.compare(rows, known.id, ours, bare(one)))
    if other is not None and one.size == other.size and one.root != other.root:
        proofs.append(equivocation.build(bare(one), bare(other)))
    found = [proof for proof in proofs if proof is not None]
    for proof in found:
        contradictions.keep(rows, proof, now_ms=now_ms)
    return bool(found)
