"""A room moves out as one file and into another node: its people, orders, pictures, books, all of it.

The file is an archive (`archive.ROOM`), in the clear or sealed by a passphrase. In the room that stays behind
nothing changes, except that its log may move along (`moves_log`): a log has one writer.

    1. the log ends here, and a number is drawn for the move         durable: nobody writes it any more
    2. the file is written, with the log open in it                  durable: it can be taken in
    3. who takes it in notes the number and lists the room, in one   durable: it is written there from now on

A crash after 1: no file, and nobody writes. Moving out again writes the same move once more, or the log is
taken back (`resuming`). A crash in 3 leaves nothing behind. Taken in a second time by the same node, the room
comes, and its log rests. That two nodes take in two copies of one file, nobody can see but their owner: it is
said wherever a file is made. Whoever takes a room in without such a move has a log that rests (`travelling`).
So has a node that was restored, for every move that left before: its list of moves is as old as the backup.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from millpond.desk import room as desk_room
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.node import archive, own_log, travelling
from millpond.node.archive import ROOM, Manifest
from millpond.node.node import Node, OpenRoom
from millpond.node.own_keys import State, Why, current, key_of, set_state
from millpond.node.slugs import check_slug
from millpond.store import Rows, open_room
from millpond.store.logs import origin_hash

ENDING = ".millpond-room"


def export_room(
    node: Node, slug: str, path: Path, *, passphrase: str | None = None, moves_log: bool = False
) -> Manifest:
    """Writes the room to one file, while it is in use; raises `InputError`.

    With `moves_log` its log ends here and goes on where the file is taken in; that takes a passphrase.
    """
    room = node.room(slug)
    if room is None:
        raise InputError(f"there is no room {slug!r}, or it is not set up", at="slug")
    with archive.scratch_folder(node.data, "moving-out") as scratch:
        move = _end_here(node, room, passphrase) if moves_log else ""
        # Durable, if it moves: this room writes its log no more.

        def take(_: str, source: Path, target: Path) -> None:
            archive.snapshot(source, target)
            vault = None if passphrase is None else (lambda: node.vault)
            travelling.leave(target, vault, move=move, now_ms=node.clock())

        return archive.pack(
            path,
            ROOM,
            [("room.db", room.path)],
            made_ms=node.clock(),
            passphrase=passphrase,
            scratch=scratch,
            take=take,
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
        dids, move = travelling.arrive(
            file,
            lambda: node.vault,
            Why.IMPORTED,
            now_ms=node.clock(),
            has_arrived=lambda did, move, left_ms: _has_arrived(node, did, move, left_ms),
        )
        node.adopt_room(slug, file, dids=dids, move=move)


def _has_arrived(node: Node, did: str, move: str, left_ms: int) -> bool:
    """Whether the move came in here before, or may have, or a room here has the log and did not end it."""
    restored = node.db.read.one("node.arrival", move="")
    if restored is not None and left_ms <= restored["arrived_ms"]:
        return True
    if node.db.read.one("node.arrival", move=move) is not None:
        return True
    for row in node.db.read.all("node.rooms_of_log", hash=origin_hash(did)):
        room = node.look_into(row["slug"])
        known = None if room is None else key_of(room.db.read, did)
        if known is not None and known.state != State.ENDED:
            return True
    return False


def _end_here(node: Node, room: OpenRoom, passphrase: str | None) -> str:
    """Ends the room's log for a move; returns the number of the move. Raises `InputError`.

    A log that ended for a move before has the number of that one: it is one move, whichever file arrives.
    """
    known = current(room.db.read)
    if known is None:
        raise Refused("log.none")
    if passphrase is None:
        raise InputError("a log moves in a sealed file only: whoever had its key could write it")
    own_log.unseal(node, room.db.read, known)  # while it can still be refused

    def job(rows: Rows) -> str:
        known = current(rows)
        if known is not None and known.state == State.ENDED and known.why == Why.MOVED:
            return known.move
        if known is None or known.state != State.OPEN:
            raise Refused(f"log.{known.why if known else 'none'}")
        move = secrets.token_hex(16)
        set_state(rows, known.did, State.ENDED, why=Why.MOVED, move=move, now_ms=node.clock())
        return move

    return room.db.write(job)
