"""A room moves out as one file and into another node: its people, orders, pictures, books, all of it.

The file is an archive (`archive.ROOM`), in the clear or sealed by a passphrase. In the room that stays behind
nothing changes: who moves removes it there once the other node answers.
"""

from __future__ import annotations

from pathlib import Path

from millpond.desk import room as desk_room
from millpond.errors import InputError
from millpond.node import archive
from millpond.node.archive import ROOM, Manifest
from millpond.node.node import Node
from millpond.node.slugs import check_slug
from millpond.store import open_room

ENDING = ".millpond-room"


def export_room(node: Node, slug: str, path: Path, *, passphrase: str | None = None) -> Manifest:
    """Writes the room to one file, while it is in use; raises `InputError`."""
    room = node.room(slug)
    if room is None:
        raise InputError(f"there is no room {slug!r}, or it is not set up", at="slug")
    with archive.scratch_folder(node.data, "moving-out") as scratch:
        return archive.pack(
            path,
            ROOM,
            [("room.db", room.path)],
            made_ms=node.clock(),
            passphrase=passphrase,
            scratch=scratch,
        )


def import_room(node: Node, path: Path, slug: str, *, passphrase: str | None = None) -> None:
    """Takes the room of a file into the node under this slug; raises `InputError`, and nothing is changed.

    A backup of a node with one room is taken for that room. An older room is brought up to date before it is
    let in, as a copy.
    """
    check_slug(slug)
    with archive.scratch_folder(node.data, "moving-in") as scratch:
        manifest = archive.unpack(path, scratch, passphrase=passphrase)
        file = scratch / "room.db"
        if manifest.format != ROOM:
            if len(manifest.slugs) != 1:
                raise InputError(
                    f"is the backup of a node with {len(manifest.slugs)} rooms: "
                    "stop this node, then millpond restore",
                    name=str(path),
                )
            file = scratch / "rooms" / manifest.slugs[0] / "room.db"
        with open_room(file) as room:
            if desk_room.profile(room.read) is None:
                raise InputError("holds a room that was never set up", name=str(path))
        archive.to_one_file(file)
        node.adopt_room(slug, file)
