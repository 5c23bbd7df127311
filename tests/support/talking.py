"""Rooms that say things, and whether what they said still stands."""

from __future__ import annotations

from pathlib import Path

from millpond.log import checkpoint, merkle, statement
from millpond.node import own_log
from millpond.node.node import Node, OpenRoom
from millpond.node.own_keys import State, current
from millpond.node.own_log import Receipt, Saying
from millpond.store import Rows, logs

LISTING = {"title": {"en": "Rice"}, "until_ms": 1_800_000_000_000}


def room_of(node: Node, slug: str = "pond") -> OpenRoom:
    """The open room, which there must be."""
    room = node.room(slug)
    assert room is not None
    return room


def speak(node: Node, room: OpenRoom, count: int, mark: int = 0) -> list[Receipt]:
    """So many statements, one after the other; another mark, other statements."""
    return [
        own_log.say(node, room, "listing/1", LISTING | {"x_mark": [mark, number]}) for number in range(count)
    ]


def speak_at_once(node: Node, room: OpenRoom, count: int) -> None:
    """So many under one checkpoint."""
    own_log.say_all(node, room, [Saying("listing/1", LISTING, (), number) for number in range(count)])


def check_whole(room: OpenRoom) -> int:
    """The size of the room's present log, in which everything fits: signatures, hashes, root, statements."""
    key = current(room.db.read)
    assert key is not None
    return check_log(room.db.read, key.did)


def check_log(rows: Rows, did: str) -> int:
    """The same for any log in a file."""
    head = logs.head(rows, did)
    assert head is not None
    tree = merkle.Range()
    sids = set()
    for entry in logs.walk(rows, head.id, 0, head.size):
        tree.push(merkle.leaf_hash(entry))
        sids.add(statement.read(entry, did).sid)
    signed = checkpoint.read(head.checkpoint or b"", did)
    assert (signed.size, signed.root) == (head.size, tree.root())
    assert logs.root_at(rows, head.id, head.size) == tree.root()
    assert (head.reached, head.checked, head.broken_at) == (head.size, head.size, None)
    assert len(sids) == head.size  # none stands twice
    for sid in sids:
        assert rows.one("logs.statement", sid=sid) is not None
    return head.size


def file_of(node: Node, slug: str = "pond") -> Path:
    """The room's database."""
    return node.folder(slug) / "room.db"


def state_of(node: Node, slug: str = "pond") -> tuple[State, str, bool]:
    """Whether the room's log is written, why not, and whether its key is here."""
    key = current(room_of(node, slug).db.read)
    assert key is not None
    return key.state, key.why, key.has_seed
