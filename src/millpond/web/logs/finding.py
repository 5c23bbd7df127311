"""Which log an address means: a room's own, else one that the node follows or carries.

Everything of a log is public once it has a checkpoint, and nothing before; a room may keep its own log from
being shown at all (`node.publishing`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.responses import Response

from millpond.node import own_log, publishing
from millpond.node.node import Node, OpenRoom
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
    if room is not None and not publishing.is_published(room.db.read):
        return None
    rows = node.network.read if room is None else room.db.read
    head = logs.head_by_hash(rows, hash)
    if head is None or head.checkpoint is None:
        return None
    return Shown(rows, head, head.checkpoint, room)


def no_log() -> Response:
    """The answer where there is none."""
    return says(404, NO_LOG)
