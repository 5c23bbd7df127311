"""Whether a room's log is shown: at its node's addresses, to everybody, or to nobody.

A log exists once its room said something in it, and is shown from then on: that is what it is for. Who wants
to write a log that this node does not show (it is exported by hand, or pushed to chosen keepers) says so
once for the room. What was read by others before stays with them.
"""

from __future__ import annotations

from millpond.node import own_log
from millpond.node.node import Node, OpenRoom
from millpond.store import Rows, logs
from millpond.store.logs import Head


def is_published(rows: Rows) -> bool:
    """Whether the room lets its node show its log."""
    return bool(rows.value("publishing.is_published") != 0)


def publish(rows: Rows, is_published: bool) -> None:
    """Shows the room's log from now on, or no longer."""
    rows.run("publishing.set", is_published=is_published)


def find_published(node: Node, hash: str) -> tuple[OpenRoom, Head] | None:
    """The room whose own log has this name in addresses, and the log, if it has a checkpoint and is shown."""
    room = own_log.find(node, hash)
    if room is None or not is_published(room.db.read):
        return None
    head = logs.head_by_hash(room.db.read, hash)
    return None if head is None or head.checkpoint is None else (room, head)
