"""Logs in a database: entries come at the right edge, a checkpoint is put over them, tiles go out.

Every function takes the `Rows` of a transaction (those that only read, of a reader). Invariants:

- Entries and full tiles never change. Adding touches the last entries, the last tile of each level and the
  row of the log, however long the log is.
- `size` entries are under the checkpoint; what lies between `size` and `reached` was received and is shown to
  nobody. `accept` puts a checkpoint over entries only if they have its root; `cut` throws away what is
  beyond.
- A log's number is its own for good. Whoever works on one that was forgotten meanwhile hears `InputError`.
- What `put` and `accept` did is durable when their transaction is, and gone if it is not: a log is never seen
  between two states.

Trusted or not: the database is trusted to be what this node wrote. Entries and checkpoints that come from
others are not: `accept` compares roots, `log.checkpoint.read` has compared the signature before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from millpond.errors import InputError
from millpond.log.checkpoint import Checkpoint
from millpond.log.merkle import HASH_BYTES, TILE_HEIGHT, Range, heights, leaf_hash
from millpond.log.proofs import HashAt, range_root
from millpond.log.tiles import TILE_WIDTH, Edge, Tile, encode_bundle, hashes_in, width_at
from millpond.store.database import Row, Rows

ENTRY_BYTES = 64
"""That an entry takes besides its own bytes: a hash in a tile, and its place in a table."""


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a log; see the table `logs`."""

    id: int
    origin: str
    hash: str
    size: int
    checkpoint: bytes | None
    reached: int
    checked: int
    broken_at: int | None
    pending: bytes | None


def origin_hash(origin: str) -> str:
    """The name of a log in addresses: lowercase hex SHA-256 of its origin (C2SP tlog-mirror)."""
    return sha256(origin.encode()).hexdigest()


# ---- which logs there are


def begin(rows: Rows, origin: str) -> Head:
    """The log of this origin; an empty one if it was not here."""
    found = head(rows, origin)
    if found is not None:
        return found
    return head_by_id(rows, rows.add("logs.begin", origin=origin, hash=origin_hash(origin)))


def head(rows: Rows, origin: str) -> Head | None:
    """The log of this origin, None if it is not here."""
    row = rows.one("logs.by_origin", origin=origin)
    return None if row is None else _head(row)


def head_by_hash(rows: Rows, hash: str) -> Head | None:
    """The log of this name in addresses, None if it is not here."""
    row = rows.one("logs.by_hash", hash=hash)
    return None if row is None else _head(row)


def head_by_id(rows: Rows, id: int) -> Head:
    """The log of this number; raises `InputError` if it was forgotten."""
    return _head(_row(rows, id))


def heads(rows: Rows) -> tuple[Head, ...]:
    """All logs of this file, in the order they came."""
    return tuple(_head(row) for row in rows.all("logs.all"))


def forget(rows: Rows, id: int) -> None:
    """The log is gone with everything in it."""
    for name in ("forget_statements", "forget_entries", "forget_tiles", "forget"):
        rows.run(f"logs.{name}", log=id)


# ---- growing


def taken(entries: Sequence[bytes]) -> int:
    """Bytes that these entries take here."""
    return sum(map(len, entries)) + ENTRY_BYTES * len(entries)


def put(rows: Rows, id: int, entries: Sequence[bytes]) -> int:
    """Adds entries beyond those that are here; returns how many there are now."""
    edge = _edge(rows, id)
    before = edge.size
    rows.many("logs.add_entry", [(id, at, entry) for at, entry in enumerate(entries, before)])
    for level, number, hashes in edge.extend([leaf_hash(entry) for entry in entries]):
        rows.run("logs.put_tile", log=id, level=level, number=number, hashes=hashes)
    for level, partial in enumerate(edge.partial):
        shift = TILE_HEIGHT * level
        if partial and edge.size >> shift != before >> shift:
            number = edge.size >> shift + TILE_HEIGHT
            rows.run("logs.put_tile", log=id, level=level, number=number, hashes=bytes(partial))
    subtrees = b"".join(edge.range.hashes)
    rows.run("logs.reach", id=id, reached=edge.size, subtrees=subtrees, bytes=taken(entries))
    return edge.size


def accept(rows: Rows, id: int, checkpoint: Checkpoint) -> None:
    """Puts a checkpoint over entries that are here; raises `InputError` if they do not have its root.

    The checkpoint's signature is the caller's to have checked. One over fewer entries than the present one
    is refused, too.
    """
    known = head_by_id(rows, id)
    if checkpoint.origin != known.origin:
        raise InputError(f"the checkpoint is of {checkpoint.origin}, the log of {known.origin}")
    if not known.size <= checkpoint.size <= known.reached:
        raise InputError(
            f"a checkpoint over {checkpoint.size} entries does not fit: {known.size} are under one already, "
            f"{known.reached} are here"
        )
    is_all = checkpoint.size == known.reached
    if (root(rows, id) if is_all else root_at(rows, id, checkpoint.size)) != checkpoint.root:
        raise InputError(f"the first {checkpoint.size} entries do not have the root of the checkpoint")
    rows.run(
        "logs.accept",
        id=id,
        size=checkpoint.size,
        checkpoint=checkpoint.note,
        ends=known.pending is not None and checkpoint.size >= _size_of(known.pending),
    )


def cut(rows: Rows, id: int, size: int | None = None) -> None:
    """Throws away entries from `size` on, if it is not below the log's own; by default all beyond that."""
    known = head_by_id(rows, id)
    size = known.size if size is None else size
    if not known.size <= size <= known.reached:
        raise InputError(f"entries under a checkpoint are not thrown away: {size} is below {known.size}")
    subtrees, at, hash_at = [], 0, hashes_at(rows, id)
    for height in heights(size):
        subtrees.append(hash_at(height, at >> height))
        at += 1 << height
    gone = rows.value("logs.bytes_from", log=id, position=size, each=ENTRY_BYTES)
    rows.run("logs.cut_entries", log=id, size=size)
    level = 0
    while count := size >> TILE_HEIGHT * level:
        number, width = divmod(count, TILE_WIDTH)
        kept = tile_hashes(rows, id, level, number)[: width * HASH_BYTES]
        rows.run("logs.cut_tiles", log=id, level=level, number=number)
        if width:
            rows.run("logs.put_tile", log=id, level=level, number=number, hashes=kept)
        level += 1
    rows.run("logs.cut_higher_tiles", log=id, level=level)
    rows.run("logs.reach", id=id, reached=size, subtrees=b"".join(subtrees), bytes=-gone)


def set_pending(rows: Rows, id: int, checkpoint: Checkpoint | None) -> None:
    """The signed head that entries are being pushed for, or none."""
    rows.run("logs.set_pending", id=id, pending=None if checkpoint is None else checkpoint.note)


# ---- reading


def root_at(rows: Rows, id: int, size: int) -> bytes:
    """The root over the first `size` entries, which must be here, worked out from their tiles; 32 bytes."""
    return range_root(0, size, hashes_at(rows, id))


def root(rows: Rows, id: int) -> bytes:
    """The root over all entries that are here, at hand since they came; 32 bytes."""
    return _range(_row(rows, id)).root()


def hashes_at(rows: Rows, id: int) -> HashAt:
    """The hashes of complete subtrees of the entries that are here, for `log.proofs`."""
    kept: dict[tuple[int, int], bytes] = {}

    def tile(level: int, number: int) -> bytes:
        if (level, number) not in kept:
            kept[level, number] = tile_hashes(rows, id, level, number)
        return kept[level, number]

    return hashes_in(tile)


def entry(rows: Rows, id: int, position: int) -> bytes | None:
    """One entry under the checkpoint; None if there is none at this position."""
    if not 0 <= position < head_by_id(rows, id).size:
        return None
    return bytes(rows.value("logs.entry", log=id, position=position))


def entries(rows: Rows, id: int, start: int, end: int) -> list[bytes]:
    """The entries from `start` to before `end` that are here."""
    return [row[0] for row in rows.all("logs.entries", log=id, start=start, end=end)]


def walk(rows: Rows, id: int, start: int, end: int) -> Iterator[bytes]:
    """The same one after the other, a bundle at a time in memory."""
    while start < end:
        after = min(end, (start // TILE_WIDTH + 1) * TILE_WIDTH)
        yield from entries(rows, id, start, after)
        start = after


def tile_hashes(rows: Rows, id: int, level: int, number: int) -> bytes:
    """The hashes of a tile as far as entries are here, under the checkpoint or not; none if none are."""
    return bytes(rows.value("logs.tile", log=id, level=level, number=number) or b"")


def tile(rows: Rows, known: Head, tile: Tile) -> bytes | None:
    """The bytes of a tile or of a bundle of the log's size, or of its beginning; None if there is no such.

    Partial ones of earlier sizes are there as well: they are cut out of what has grown. All of it or nothing,
    though the log be forgotten this moment: who keeps copies keeps them for good.
    """
    if width_at(tile.level, tile.number, known.size) < tile.width:
        return None
    if tile.level is None:
        start = tile.number * TILE_WIDTH
        found = entries(rows, known.id, start, start + tile.width)
        return encode_bundle(found) if len(found) == tile.width else None
    hashes = tile_hashes(rows, known.id, tile.level, tile.number)[: tile.width * HASH_BYTES]
    return hashes if len(hashes) == tile.width * HASH_BYTES else None


# ---- inside


def _row(rows: Rows, id: int) -> Row:
    row = rows.one("logs.by_id", id=id)
    if row is None:
        raise InputError("the log is not here any more: it was forgotten meanwhile")
    return row


def _edge(rows: Rows, id: int) -> Edge:
    row = _row(rows, id)
    reached, partial, level = row["reached"], [], 0
    while count := reached >> TILE_HEIGHT * level:
        number, width = divmod(count, TILE_WIDTH)
        partial.append(tile_hashes(rows, id, level, number) if width else b"")
        level += 1
    return Edge(_range(row), partial)


def _range(row: Row) -> Range:
    """The tree over all entries that are here."""
    subtrees = row["subtrees"]
    hashes = [subtrees[at : at + HASH_BYTES] for at in range(0, len(subtrees), HASH_BYTES)]
    return Range(row["reached"], hashes)


def _size_of(note: bytes) -> int:
    return int(note.split(b"\n", 2)[1])


def _head(row: Row) -> Head:
    return Head(
        row["id"],
        row["origin"],
        row["hash"],
        row["size"],
        row["checkpoint"],
        row["reached"],
        row["checked"],
        row["broken_at"],
        row["pending"],
    )
