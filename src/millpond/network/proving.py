"""Which entry is false: tiles of a source, each held against the root of a checkpoint before it is believed.

When entries do not have the root that their author signed, somebody is at fault: whoever gave an entry that
is not the author's, the source whose tiles do not lead to the root it shows, or the author, who signed two
histories. The tree itself says which, with a tile a level:

1. The partial tiles at the right edge are all the hashes that the root is made of; they must give it.
2. A full tile must have the hash that the tile above has for it.
3. Where the hashes of our own entries first differ from the proven ones, the first false entry stands below.

Nothing is downloaded while all is well; when it is not, some eight tiles.
"""

from __future__ import annotations

from collections.abc import Callable

from millpond.errors import PeerError
from millpond.log import equivocation
from millpond.log.checkpoint import Checkpoint
from millpond.log.equivocation import Equivocation
from millpond.log.merkle import HASH_BYTES, TILE_HEIGHT, fold
from millpond.log.proofs import consistency_proof, range_root
from millpond.log.tiles import TILE_WIDTH, Tile, hashes_in
from millpond.network.sources import Source

OwnTile = Callable[[int, int], bytes]
"""The hashes of a tile over one's own entries, as far as they go: level, number."""


class Proven:
    """The tree under a checkpoint, as a source gives it and the checkpoint's root proves it.

    Whatever comes out raises `PeerError` if the source's tiles do not lead to the root, `Unreachable` if it
    does not answer.
    """

    def __init__(self, source: Source, checkpoint: Checkpoint) -> None:
        self._source = source
        self._checkpoint = checkpoint
        self._tiles: dict[tuple[int, int], bytes] = {}

    async def tile(self, level: int, number: int) -> bytes:
        """All hashes that this tile has under the checkpoint."""
        if not self._tiles:
            await self._prove_edge()
        if (level, number) not in self._tiles:
            above = await self.tile(level + 1, number // TILE_WIDTH)
            hashes = await self._source.tile(Tile(level, number))
            if fold(hashes) != _hash(above, number % TILE_WIDTH):
                raise self._wrong(f"tile {number} of level {level} is not the one that the tile above names")
            self._tiles[level, number] = hashes
        return self._tiles[level, number]

    async def contradicts(self, known: Checkpoint) -> Equivocation:
        """The proof that the key signed this checkpoint and the smaller `known`, which it does not continue.

        Raises `InputError` if it does continue it.
        """
        wanted: set[tuple[int, int]] = set()

        def note(level: int, number: int) -> bytes:
            wanted.add((level, number))
            return bytes(TILE_WIDTH * HASH_BYTES)

        range_root(0, known.size, hashes_in(note))
        consistency_proof(known.size, self._checkpoint.size, hashes_in(note))
        found = {(level, number): await self.tile(level, number) for level, number in sorted(wanted)}
        return equivocation.build(
            known, self._checkpoint, hashes_in(lambda level, number: found[level, number])
        )

    async def _prove_edge(self) -> None:
        """The partial tiles, one a level, if together they have the checkpoint's root."""
        size, edge = self._checkpoint.size, {}
        for level in range(0, size.bit_length(), TILE_HEIGHT):
            count = size >> level
            if width := count % TILE_WIDTH:
                tile = Tile(level // TILE_HEIGHT, count // TILE_WIDTH, width)
                edge[level // TILE_HEIGHT, tile.number] = await self._source.tile(tile)
        root = range_root(0, size, hashes_in(lambda level, number: edge[level, number]))
        if root != self._checkpoint.root:
            raise self._wrong("its last tiles do not have the root")
        self._tiles |= edge

    def _wrong(self, problem: str) -> PeerError:
        return PeerError(
            f"its tiles do not lead to the checkpoint that it shows: {problem}; another source may be right",
            name=self._source.address,
        )


async def first_difference(own: OwnTile, end: int, proven: Proven) -> tuple[int, bytes] | None:
    """The first of our entries before `end` that is not the one under the checkpoint, and its leaf hash.

    `end` is at most the checkpoint's size. None if there is no such entry, or if ours changed meanwhile.
    """
    for level in reversed(range(-(-end.bit_length() // TILE_HEIGHT))):
        number, width = divmod(end >> TILE_HEIGHT * level, TILE_WIDTH)
        if not width:
            continue
        ours = own(level, number)
        at = _first(ours, await proven.tile(level, number), width)
        if at is None:
            continue
        for below in reversed(range(level)):
            number = number * TILE_WIDTH + at
            ours = own(below, number)
            at = _first(ours, await proven.tile(below, number), TILE_WIDTH)
            if at is None:
                return None
        return number * TILE_WIDTH + at, _hash(ours, at)
    return None


def _first(ours: bytes, theirs: bytes, width: int) -> int | None:
    """The first of so many hashes that is another one."""
    for at in range(width):
        if _hash(ours, at) != _hash(theirs, at):
            return at
    return None


def _hash(hashes: bytes, at: int) -> bytes:
    return hashes[at * HASH_BYTES : (at + 1) * HASH_BYTES]
