"""Tiles and bundles: a tree and its entries as static files. Source: C2SP tlog-tiles.

    checkpoint                       the signed head, the only file that changes
    tile/L/N                         256 hashes of level L: leaves at L 0, roots of full tiles of L-1 above
    tile/L/N.p/W                     the first W of them, while the tile is not full
    tile/entries/N, …/N.p/W          a bundle: the entries under a tile of level 0

N is written in groups of three digits, all but the last with an `x` before it: `x001/x234/067`. An entry in a
bundle has its length before it, two bytes, big-endian.

- What stands in a tile or a bundle never changes; a partial one is the beginning of the full one.
- `Edge` is all of a tree that adding to it needs: its partial tiles and the roots of its complete subtrees.

>>> tile_path(0, 1_234_067)
'tile/0/x001/x234/067'
>>> parse_path("tile/entries/000.p/7")
Tile(level=None, number=0, width=7)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from millpond.errors import InputError
from millpond.log.merkle import HASH_BYTES, TILE_HEIGHT, Range, fold
from millpond.log.proofs import HashAt

TILE_WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 63 // TILE_HEIGHT
MAX_PREFIXED_BYTES = 2**16 - 1
"""Of an entry in a bundle."""
MAX_PATH = 80
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """Which one: `level` is None for a bundle; `width` hashes or entries of it, 1 … 256."""

    level: int | None
    number: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """Where it lies."""
        if self.level is None:
            return entries_path(self.number, self.width)
        return tile_path(self.level, self.number, self.width)


# ---- paths


def tile_path(level: int, number: int, width: int = TILE_WIDTH) -> str:
    """Of a tile of hashes."""
    return f"tile/{level}/{_number(number, width)}"


def entries_path(number: int, width: int = TILE_WIDTH) -> str:
    """Of a bundle of entries."""
    return f"tile/entries/{_number(number, width)}"


def parse_path(path: str) -> Tile:
    """Which tile or bundle a path means; each has one path only. Raises `InputError`."""
    found = _PATH.fullmatch(path) if len(path) <= MAX_PATH and path.isascii() else None
    if found is None:
        raise InputError("is no path of a tile or of a bundle")
    level = None if found[1] == "entries" else int(found[1])
    number = int(found[2].replace("x", "").replace("/", ""))
    width = TILE_WIDTH if found[3] is None else int(found[3])
    tile = Tile(level, number, width)
    if (found[3] is not None and width >= TILE_WIDTH) or (level or 0) > 63 or tile.path != path:
        raise InputError("is no path of a tile or of a bundle")
    return tile


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles and bundles of a tree of this size, full and partial, bundles first."""
    for level in (None, *range(MAX_LEVEL + 1)):
        count = size >> TILE_HEIGHT * (level or 0)
        for number in range(count // TILE_WIDTH):
            yield Tile(level, number)
        if count % TILE_WIDTH:
            yield Tile(level, count // TILE_WIDTH, count % TILE_WIDTH)


def width_at(level: int | None, number: int, size: int) -> int:
    """How many hashes or entries this tile has in a tree of this size, 0 … 256."""
    count = size >> TILE_HEIGHT * (level or 0)
    return max(0, min(TILE_WIDTH, count - number * TILE_WIDTH))


def _number(number: int, width: int) -> str:
    digits = f"{number % 1000:03d}"
    while number := number // 1000:
        digits = f"x{number % 1000:03d}/{digits}"
    return digits if width == TILE_WIDTH else f"{digits}.p/{width}"


# ---- bundles


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries, each of at most 65,535 bytes, with their lengths before them."""
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def decode_bundle(data: bytes, most: int | None = None) -> tuple[list[bytes], int]:
    """The complete entries at the beginning of `data`, and how many bytes they and their lengths take.

    At most `most` of them: from a stranger, a bundle of 16 MB could be 8 million empty ones.
    """
    entries: list[bytes] = []
    at, end = 0, len(data)
    while at + 2 <= end and len(entries) != most:
        after = at + 2 + (data[at] << 8 | data[at + 1])
        if after > end:
            break
        entries.append(data[at + 2 : after])
        at = after
    return entries, at


# ---- the tree in tiles


def hashes_in(tile: Callable[[int, int], bytes]) -> HashAt:
    """`hash_at` for `proofs`, from the bytes of tiles: `tile(level, number)`, as many hashes as it has.

    A hash that is in no tile is computed from the tile below it, which must reach that far.
    """

    def hash_at(height: int, index: int) -> bytes:
        level, above = divmod(height, TILE_HEIGHT)
        first = index << above
        number, at = divmod(first, TILE_WIDTH)
        hashes = tile(level, number)[at * HASH_BYTES : (at + (1 << above)) * HASH_BYTES]
        if len(hashes) != HASH_BYTES << above:
            raise InputError(f"{tile_path(level, number)} does not reach far enough")
        return fold(hashes)

    return hash_at


class Edge:
    """The right edge of a tree: its partial tile of each level, and the roots of its complete subtrees."""

    __slots__ = ("partial", "range")

    def __init__(self, range: Range | None = None, partial: Sequence[bytes] = ()) -> None:
        self.range = range or Range()
        self.partial = [bytearray(hashes) for hashes in partial]
        for level, hashes in enumerate(self.partial):
            if len(hashes) != HASH_BYTES * (self.range.size >> TILE_HEIGHT * level) % (
                TILE_WIDTH * HASH_BYTES
            ):
                raise InputError(f"the partial tile of level {level} does not fit the size {self.range.size}")

    @property
    def size(self) -> int:
        """Leaves of the tree."""
        return self.range.size

    def extend(self, leaves: Sequence[bytes]) -> list[tuple[int, int, bytes]]:
        """Adds leaf hashes; returns the tiles that are full since: level, number, their 8,192 bytes."""
        full: list[tuple[int, int, bytes]] = []
        at, end = 0, len(leaves)
        while at < end:
            if self.range.size % TILE_WIDTH == 0 and end - at >= TILE_WIDTH:
                hashes = b"".join(leaves[at : at + TILE_WIDTH])
                full.append((0, self.range.size >> TILE_HEIGHT, hashes))
                root = fold(hashes)
                self._above([root, *self.range.push(root, TILE_HEIGHT)], full)
                at += TILE_WIDTH
            else:
                roots = self.range.push(leaves[at])
                self._append(0, leaves[at], full)
                self._above(roots, full)
                at += 1
        return full

    def _above(self, roots: Sequence[bytes], full: list[tuple[int, int, bytes]]) -> None:
        for level, root in enumerate(roots, 1):
            self._append(level, root, full)

    def _append(self, level: int, hash: bytes, full: list[tuple[int, int, bytes]]) -> None:
        while len(self.partial) <= level:
            self.partial.append(bytearray())
        hashes = self.partial[level]
        hashes += hash
        if len(hashes) == TILE_WIDTH * HASH_BYTES:
            number = (self.range.size >> TILE_HEIGHT * (level + 1)) - 1
            full.append((level, number, bytes(hashes)))
            hashes.clear()
