"""A room's own log: its key, what it may sign now, and saying something in it.

A room gets a key when it first says something (`ensure`); it lies in the room's file, sealed by the node's
vault. The key is *open*, or *rests*, or is *ended*:

    open      signs statements and checkpoints
    resting   the file came from an archive, or is otherwise not known to be the newest: signs no checkpoint
              until `resuming` has brought the log up to date, or `succeed` begins one under a new key
    ended     the log moved to another node, or goes on under another key

Invariants:
- One key never signs two different checkpoints of one size. So whether the key is open is read in the very
  transaction that signs, and every way by which an older file can come into a room's place makes it rest.
- What comes back from here is durable; `say_in` and `append_in` work inside their caller's transaction, and
  what they return leaves only after that was written.
- The node lists a log (`own_logs` in node.db) before its key is made: what can be asked for is found.

Trusted or not: who has the room's file and `node.key` can sign as the room; who has only one of them cannot.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from nacl.utils import random

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.log import kinds, statement
from millpond.log.keys import SEED_BYTES, Key
from millpond.log.statement import Attachment
from millpond.network import writing
from millpond.network.attachments import MAX_ATTACHMENT_BYTES
from millpond.network.writing import Said
from millpond.node.node import Node, OpenRoom
from millpond.node.own_keys import OwnKey, State, Why, current, key_of, keys, set_state
from millpond.store import Rows, logs
from millpond.store.logs import Head, origin_hash

__all__ = [
    "OwnKey",
    "Receipt",
    "Saying",
    "State",
    "Why",
    "add_key",
    "append",
    "append_in",
    "attach_in",
    "attachment",
    "check_kind",
    "current",
    "ensure",
    "find",
    "key_of",
    "keys",
    "note",
    "open_key",
    "own_logs",
    "rest",
    "say",
    "say_all",
    "say_in",
    "set_state",
    "succeed",
    "unseal",
]

MOST_BYTES = 2**30
"""Of one log with all pictures and documents of its room: two million statements, or a picture a day for
years. A room is one of many on a disk that also takes orders, and a log goes to every mirror as a whole."""

_SUCCESSION = frozenset({kinds.Successor.KIND, kinds.Predecessor.KIND})


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a statement stands, its sid (32 bytes), the proof of it (C2SP tlog-proof), whether it is new."""

    position: int
    sid: bytes
    text: bytes
    is_new: bool


@dataclass(frozen=True, slots=True)
class Saying:
    """Something to be said: a kind, its body, files that were attached (`attach_in`), unix milliseconds."""

    kind: str
    body: Mapping[str, Any]
    attachments: Sequence[Attachment] = ()
    time_ms: int | None = None


# ---- the key


def ensure(node: Node, room: OpenRoom) -> str:
    """The did of the room's log; its key is made if it never had one. Raises `Refused` if that has ended."""
    known = current(room.db.read)
    if known is None:
        key = Key(random(SEED_BYTES))
        note(node, room.slug, key.did)
        # Durable: the node lists the log. A crash here leaves a line that leads to nothing.
        known = room.db.write(lambda rows: current(rows) or add_key(node, rows, key, now_ms=node.clock()))
    if known.state == State.ENDED:
        raise Refused(f"log.{known.why}")
    return known.did


def add_key(node: Node, rows: Rows, key: Key, *, now_ms: int, why: str = "") -> OwnKey:
    """Puts a key into the room, sealed: open, or, if there is a reason `why`, resting."""
    rows.run(
        "own_log.add_key",
        did=key.did,
        seed=node.vault.seal(key.seed, key.did),
        is_sealed=True,
        state=State.RESTING if why else State.OPEN,
        why=why,
        now_ms=now_ms,
    )
    found = current(rows)
    assert found is not None
    return found


def note(node: Node, slug: str, did: str) -> None:
    """The node lists that this room has this log; once more does nothing."""
    node.db.write(lambda rows: rows.run("node.note_log", hash=origin_hash(did), slug=slug))


def open_key(node: Node, room: OpenRoom) -> Key:
    """The key, to sign with; raises `Refused`, in plain words, if there is none or it may not sign."""
    known = current(room.db.read)
    if known is None:
        raise Refused("log.none")
    _check_open(known)
    return unseal(node, room.db.read, known)


def unseal(node: Node, rows: Rows, known: OwnKey) -> Key:
    """The key whatever it may sign: for who has decided that. Raises `Refused` if its seed is not here."""
    row = rows.one("own_log.key", did=known.did)
    if row is None or row["seed"] is None:
        raise Refused("log.no_seed")
    return Key(node.vault.open(row["seed"], known.did) if row["is_sealed"] else bytes(row["seed"]))


def rest(rows: Rows, why: Why, *, now_ms: int) -> None:
    """From here on the open key signs nothing; nothing is done if none is open."""
    known = current(rows)
    if known is not None and known.state == State.OPEN:
        set_state(rows, known.did, State.RESTING, why=why, now_ms=now_ms)


# ---- saying


def say(
    node: Node,
    room: OpenRoom,
    kind: str,
    body: Mapping[str, Any],
    *,
    attachments: Sequence[Attachment] = (),
    time_ms: int | None = None,
) -> Receipt:
    """Says something in the room's log; what comes back is durable. Raises `InputError`, and nothing is said.

    `time_ms` is unix milliseconds, by default now.
    """
    return say_all(node, room, [Saying(kind, body, attachments, time_ms)])[0]


def say_all(node: Node, room: OpenRoom, sayings: Sequence[Saying]) -> tuple[Receipt, ...]:
    """The same for many at once: all of them, under one checkpoint, or none."""
    ensure(node, room)
    key, now_ms = open_key(node, room), node.clock()
    entries = [_entry(key, saying, now_ms) for saying in sayings]
    return room.db.write(lambda rows: append_in(rows, key, entries))


def say_in(rows: Rows, key: Key, saying: Saying, *, now_ms: int) -> Receipt:
    """The same inside the caller's transaction: the statement stands if all the rest of it does.

    The key is from `open_key`, before the transaction; raises `Refused` if it may not sign any more.
    """
    return append_in(rows, key, [_entry(key, saying, now_ms)])[0]


def append(node: Node, room: OpenRoom, entry: bytes) -> Receipt:
    """Puts an entry that was signed elsewhere, with the room's own key, into its log. Raises `InputError`."""
    key = open_key(node, room)
    return room.db.write(lambda rows: append_in(rows, key, [entry]))[0]


def append_in(rows: Rows, key: Key, entries: Sequence[bytes]) -> tuple[Receipt, ...]:
    """Puts entries into the log inside the caller's transaction, all under one checkpoint.

    Raises `InputError` for what is no statement of the key's, or one that ends a log: that is `succeed`'s;
    `Refused` if the log takes no more (`MOST_BYTES`). What stands in it gets its receipt all the same.
    """
    known = key_of(rows, key.did)
    if known is None:
        raise Refused("log.none")
    _check_open(known)  # here, where nothing can come between this and the signature
    _check_room(rows, key.did, entries)
    return _receipts(rows, key.did, writing.say(rows, key, entries, lambda one: check_kind(one.kind)))


def attach_in(rows: Rows, data: bytes, type: str, name: str, *, now_ms: int) -> Attachment:
    """Keeps a picture or document with the log, to be named by a statement. Raises `InputError`."""
    if len(data) > MAX_ATTACHMENT_BYTES:
        raise InputError(
            f"has {len(data):,} bytes; an attachment has at most {MAX_ATTACHMENT_BYTES:,}", name=name
        )
    attachment = Attachment(sha256(data).hexdigest(), len(data), type, name)
    rows.run(
        "own_log.add_attachment",
        sha256=attachment.sha256,
        bytes=attachment.bytes,
        type=type,
        data=data,
        now_ms=now_ms,
    )
    return attachment


def attachment(rows: Rows, sha256: str) -> bytes | None:
    """The bytes of one of the room's own attachments, by its hash in lowercase hex; None if there is none."""
    data = rows.value("own_log.attachment", sha256=sha256)
    return None if data is None else bytes(data)


# ---- going on under a new key


def succeed(node: Node, room: OpenRoom, *, without_old: bool = False) -> str:
    """A new key and a new log for the room; returns its did. Raises `Refused`.

    The old key signs a successor statement. It is the last entry of the old log if that is open; a resting
    one gets no new checkpoint, so there the statement stands in the new log's first entry alone. To sign a
    statement is not to sign a checkpoint: it has no place and no size, and contradicts nothing.
    `without_old`: its seed is lost, and nothing will show that the new log continues the old one.
    """
    known = current(room.db.read)
    if known is None:
        raise Refused("log.none")
    if known.state == State.ENDED:
        raise Refused(f"log.{known.why}")
    old = None if without_old else unseal(node, room.db.read, known)
    new, now_ms = Key(random(SEED_BYTES)), node.clock()
    note(node, room.slug, new.did)

    def job(rows: Rows) -> None:
        seen = current(rows)
        if seen != known:
            raise InputError("the log was changed meanwhile: look at it, and try again")
        first = []
        if old is not None:
            named = kinds.Successor(successor=new.did)
            entry = statement.sign(kinds.write_body(named, old.did, now_ms), old)
            if known.state == State.OPEN:
                writing.say(rows, old, [entry])
            follows = kinds.Predecessor(entry=b64encode(entry).decode())
            first = [statement.sign(kinds.write_body(follows, new.did, now_ms), new)]
        set_state(rows, known.did, State.ENDED, why=Why.LOST if without_old else Why.SUCCEEDED, now_ms=now_ms)
        if old is not None:  # what signs nothing any more need not be kept
            rows.run("own_log.set_seed", did=known.did, seed=None, is_sealed=True)
        add_key(node, rows, new, now_ms=now_ms)
        writing.say(rows, new, first)

    room.db.write(job)
    return new.did


# ---- the logs of a node


def own_logs(node: Node) -> Iterator[tuple[str, Head]]:
    """Every log of every room that is set up, also those that rest or ended: its room, and what is there."""
    for row in node.db.read.all("node.rooms_with_logs"):
        room = node.look_into(row["slug"])
        if room is None:
            continue
        for key in keys(room.db.read):
            head = logs.head(room.db.read, key.did)
            if head is not None:
                yield room.slug, head


def find(node: Node, hash: str) -> OpenRoom | None:
    """The room whose own log has this name in addresses; None if none has.

    Of two rooms with one log (a copy was taken in beside it) the one that writes it, else the longer one.
    """
    best: tuple[tuple[bool, int], OpenRoom] | None = None
    for row in node.db.read.all("node.rooms_of_log", hash=hash):
        room = node.look_into(row["slug"])
        if room is None:
            continue
        head = logs.head_by_hash(room.db.read, hash)
        known = current(room.db.read)
        rank = (
            known is not None and known.hash == hash and known.state == State.OPEN,
            head.size if head else -1,
        )
        if (head is not None or rank[0]) and (best is None or rank > best[0]):
            best = (rank, room)
    return None if best is None else best[1]


# ---- inside


def _check_open(known: OwnKey) -> None:
    if known.state != State.OPEN:
        raise Refused(f"log.{known.why}")


def _check_room(rows: Rows, did: str, entries: Sequence[bytes]) -> None:
    left = MOST_BYTES - int(rows.value("own_log.bytes", did=did))
    if logs.taken(entries) <= left:
        return
    sids = {statement.sid_of(statement.split(entry)[0]): entry for entry in entries}
    new = [entry for sid, entry in sids.items() if rows.one("logs.statement", sid=sid) is None]
    if new and logs.taken(new) > left:
        raise Refused("log.full", most=MOST_BYTES // 2**20)


def check_kind(kind: str) -> None:
    """Raises `InputError` for what ends one log and begins another: that is said by `succeed` alone."""
    if kind in _SUCCESSION:
        raise InputError(
            f"{kind} is not said like this, it ends one log and begins another: millpond log succeed"
        )


def _entry(key: Key, saying: Saying, now_ms: int) -> bytes:
    """A signed entry, understood if its kind is known here; raises `InputError`."""
    check_kind(saying.kind)
    time_ms = now_ms if saying.time_ms is None else saying.time_ms
    payload = statement.write(saying.kind, key.did, time_ms, saying.body, saying.attachments)
    if saying.kind in kinds.KINDS:
        kinds.read_body(statement.read_payload(payload))
    return statement.sign(payload, key)


def _receipts(rows: Rows, did: str, said: Sequence[Said]) -> tuple[Receipt, ...]:
    head = logs.head(rows, did)
    assert head is not None
    texts = writing.receipts(rows, head, [one.position for one in said])
    return tuple(
        Receipt(one.position, one.sid, text, one.is_new) for one, text in zip(said, texts, strict=True)
    )
