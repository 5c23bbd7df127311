"""Which log an address means: a room's own, else one that the node follows or carries.

Everything of a log is public once it has a checkpoint, and nothing before; a room may keep its own log from
being shown at all (`node.publishing`).

- A log that is written here is the room's to show, whatever else is here of it. One that rests or ended in a
  room, and is followed or carried as well, is shown as far as anybody has it: it may have moved on, and a
  room that came out of an archive may say of any log that it was its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.responses import Response

from millpond.errors import InputError
from millpond.log import checkpoint
from millpond.node import own_log, publishing
from millpond.node.node import Node, OpenRoom
from millpond.node.own_keys import State
from millpond.store import Rows, logs
from millpond.store.logs import Head
from millpond.web.plain import says

_HASH = re.compile(r"[0-9a-f]{64}")
NO_LOG = "There is no such log here, or nothing was said in it yet: ask its owner for a card with an address."


@dataclass(frozen=True, slots=True)
class Shown:
    """A log that may be shown, and where it is read; `note` is its checkpoint, `room` whose own it is."""

    rows: Rows
    head: Head
    note: bytes
    room: OpenRoom | None = None


def is_hash(text: str) -> bool:
    """Whether a log, or an attachment, can have this name."""
    return _HASH.fullmatch(text) is not None


def find(node: Node, hash: str) -> Shown | None:
    """The log of this name in addresses, if it may be shown."""
    if not is_hash(hash):
        return None
    room = own_log.find(node, hash)
    own = None
    if room is not None and publishing.is_published(room.db.read):
        own = _shown(room.db.read, hash, room)
    if room is not None and _is_written(room, hash):
        return own
    other = _shown(node.network.read, hash)
    if own is None or (other is not None and not _is_ahead(own, other)):
        return other
    return own


def is_written_here(node: Node, hash: str) -> bool:
    """Whether a room of this node writes the log of this name in addresses."""
    room = own_log.find(node, hash)
    return room is not None and _is_written(room, hash)


def _is_written(room: OpenRoom, hash: str) -> bool:
    return any(key.hash == hash and key.state == State.OPEN for key in own_log.keys(room.db.read))


def _shown(rows: Rows, hash: str, room: OpenRoom | None = None) -> Shown | None:
    head = logs.head_by_hash(rows, hash)
    return None if head is None or head.checkpoint is None else Shown(rows, head, head.checkpoint, room)


def _is_ahead(own: Shown, other: Shown) -> bool:
    """Whether the room has at least as much of the log, signed by its key."""
    if own.head.size < other.head.size:
        return False
    try:
        signed = checkpoint.read(own.note, other.head.origin)
    except InputError:
        return False
    return signed.size == own.head.size and signed.root == logs.root_at(own.rows, own.head.id, signed.size)


def no_log() -> Response:
    """The answer where there is none."""
    return says(404, NO_LOG)
