"""The whole of a log, checked from nothing: here in a database, or wherever it was published.

    1. the checkpoint is signed by the key that the log is named after
    2. every entry is a well-formed statement signed by that key
    3. every hash of the tree is what the entries make it
    4. the root is the checkpoint's
    5. every statement is found by its sid

`check` reads all of it once, a bundle at a time; nothing of what was noted before is believed. Of a published
log (`check_published`) 5 has no meaning, and its own tiles are compared with what its entries make them.

Pictures and documents lie beside a log: it is whole without them, and who carries it may have left some out.
Those that are asked for (`Beside`) must have the hash by which their statement names them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from millpond.errors import InputError, PeerError, Unreachable
from millpond.log import checkpoint as checkpoints
from millpond.log import cosignature, kinds, note, statement
from millpond.log.checkpoint import Checkpoint
from millpond.log.keys import public_of
from millpond.log.merkle import EMPTY_ROOT, Range, leaf_hash
from millpond.log.tiles import TILE_WIDTH, Edge, Tile, tiles_of
from millpond.network import pulling, reading
from millpond.network.attachments import MAX_ATTACHMENT_BYTES
from millpond.network.one_source import Outcome
from millpond.network.sources import Source
from millpond.store import Rows, logs, open_network
from millpond.store.logs import Head

AT_ONCE = 4 * TILE_WIDTH


@dataclass(frozen=True, slots=True)
class Beside:
    """Pictures and documents of a log: so many have the right bytes, so many are not there."""

    held: int = 0
    lacking: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """A log that is whole; `cosigners` signed its head as well, `not_understood` are statements.

    `beside` is None where pictures and documents were not looked at.

    Of the lines under a head those are looked at whose name is the did of their key: it alone tells which key
    that is. There are `others`, of which anybody may have written any.
    """

    origin: str
    size: int
    root: bytes
    cosigners: tuple[str, ...]
    others: int
    not_understood: int
    beside: Beside | None = None


def check(rows: Rows, known: Head) -> Checked:
    """Reads a log from the first entry to the last; raises `InputError`: what is wrong, and where."""
    if known.checkpoint is None:
        if known.reached:
            raise InputError("has entries and no checkpoint over them")
        return Checked(known.origin, 0, EMPTY_ROOT, (), 0, 0)
    head = checkpoints.read(known.checkpoint, known.origin)  # 1
    if head.size != known.size:
        raise InputError(f"its checkpoint is over {head.size:,} entries, and it says it has {known.size:,}")
    edge, not_understood = Edge(Range(), []), 0
    for start in range(0, head.size, AT_ONCE):
        end = min(start + AT_ONCE, head.size)
        entries = logs.entries(rows, known.id, start, end)
        if len(entries) != end - start:
            raise InputError(f"an entry between {start:,} and {end:,} is missing")
        checked = reading.check(known.origin, start, entries)  # 2
        if checked.is_broken:
            at = start + len(checked.statements)
            raise InputError("is no statement of the log's author", at=f"entry {at}")
        for level, number, hashes in edge.extend([leaf_hash(entry) for entry in entries]):  # 3
            _compare(rows, known, Tile(level, number), hashes)
        for position, one in enumerate(checked.statements, start):
            not_understood += kinds.understand(one) is None
            row = rows.one("logs.statement", sid=one.sid)  # 5
            if row is None or row["log"] != known.id or row["position"] > position:
                raise InputError("is not found by its sid", at=f"entry {position}")
    for tile in tiles_of(head.size):
        if tile.level is not None and tile.width < TILE_WIDTH:
            _compare(rows, known, tile, bytes(edge.partial[tile.level]))
    if edge.range.root() != head.root:  # 4
        raise InputError(f"its {head.size:,} entries do not have the root that its checkpoint says")
    signers = {one.name for one in note.parse(head.note).signatures} - {head.origin}
    cosigners = tuple(sorted(name for name in signers if _cosigned(head, name)))
    others = len(signers) - len(cosigners)
    return Checked(head.origin, head.size, head.root, cosigners, others, not_understood)


def check_beside(rows: Rows, known: Head, data_of: Callable[[str], bytes | None]) -> Beside:
    """Hashes what a log that was checked names, as far as `data_of` has it; raises `InputError`."""
    held = lacking = 0
    for hash, position in _named(rows, known):
        data = data_of(hash)
        if data is None:
            lacking += 1
        elif sha256(data).hexdigest() != hash:
            raise InputError("its picture or document has other bytes than it says", at=f"entry {position}")
        else:
            held += 1
    return Beside(held, lacking)


async def check_published(
    source: Source, scratch: Path, *, now_ms: int, with_attachments: bool = False
) -> Checked:
    """Fetches all of a published log into an empty folder, and checks it there; then compares its tiles.

    `with_attachments` also fetches every picture and document that it names, one after the other. Raises
    `InputError`, `PeerError` or `Unreachable` that says what is wrong, and where.
    """
    shown = await source.checkpoint()
    assert shown is not None  # no etag was given
    head = checkpoints.read(shown.note)
    with open_network(scratch / "log.db") as db:
        id = db.write(lambda rows: logs.begin(rows, head.origin).id)
        outcome = Outcome.PART
        while outcome == Outcome.PART:
            outcome = (await pulling.pull(db, id, source, now_ms=now_ms)).outcome
        if outcome == Outcome.CONTRADICTS:
            raise PeerError("shows two histories of one log", name=source.address)
        known = logs.head_by_id(db.read, id)
        checked = check(db.read, known)
        for tile in tiles_of(known.size):
            if tile.level is not None and await source.tile(tile) != logs.tile(db.read, known, tile):
                raise PeerError(f"{tile.path} has other hashes than its entries make", name=source.address)
        if with_attachments:
            checked = replace(checked, beside=await _fetched_beside(db.read, known, source))
    return checked


async def _fetched_beside(rows: Rows, known: Head, source: Source) -> Beside:
    held = lacking = 0
    for hash, position in _named(rows, known):
        try:
            await source.attachment(hash, MAX_ATTACHMENT_BYTES)
            held += 1
        except Unreachable:
            lacking += 1
        except PeerError as error:
            error.at = f"entry {position}"
            raise
    return Beside(held, lacking)


def _named(rows: Rows, known: Head) -> Iterator[tuple[str, int]]:
    """Hashes of pictures and documents, each once, and the first entry that names it."""
    seen: set[bytes] = set()
    for start in range(0, known.size, AT_ONCE):
        entries = logs.entries(rows, known.id, start, min(start + AT_ONCE, known.size))
        for position, entry in enumerate(entries, start):
            for one in statement.read_payload(statement.split(entry)[0]).attachments:
                hash = bytes.fromhex(one.sha256)
                if hash not in seen:
                    seen.add(hash)
                    yield one.sha256, position


def _cosigned(head: Checkpoint, name: str) -> bool:
    try:
        cosignature.verify(head, head.note, name, public_of(name))
    except InputError:
        return False
    return True


def _compare(rows: Rows, known: Head, tile: Tile, hashes: bytes) -> None:
    if logs.tile_hashes(rows, known.id, tile.level or 0, tile.number)[: len(hashes)] != hashes:
        raise InputError("has other hashes than the entries make", at=tile.path)
