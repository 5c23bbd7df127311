"""The Merkle tree of RFC 6962, section 2.1 (RFC 9162 says the same): hashes, and the right edge that grows.

- The hash of a leaf is SHA-256(0x00 ‖ entry), of an inner node SHA-256(0x01 ‖ left ‖ right); so no entry can
  be taken for a node.
- `D[0:n]` is split at the largest power of two below n. A tree never changes to the left of its last leaf.
- The root of no leaves at all is SHA-256 of nothing.

>>> tree = Range()
>>> for entry in (b"one", b"two", b"three"):
...     _ = tree.push(leaf_hash(entry))
>>> tree.root() == node_hash(node_hash(leaf_hash(b"one"), leaf_hash(b"two")), leaf_hash(b"three"))
True
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from millpond.errors import InputError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
MAX_SIZE = 2**63 - 1
"""Leaves of a tree; what a signed number of 64 bits holds."""
TILE_HEIGHT = 8
"""Levels of the tree that one tile spans (C2SP tlog-tiles)."""


def leaf_hash(entry: bytes) -> bytes:
    """Of an entry's bytes; 32 bytes."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Of two subtrees; 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def fold(hashes: bytes) -> bytes:
    """The root over 2^k hashes that stand one after the other: 32 · 2^k bytes in, 32 out."""
    while len(hashes) > HASH_BYTES:
        hashes = b"".join(
            [sha256(b"\x01" + hashes[at : at + 64]).digest() for at in range(0, len(hashes), 64)]
        )
    return hashes


def heights(size: int) -> tuple[int, ...]:
    """Of the complete subtrees that a tree of this size consists of, from left to right.

    >>> heights(11)
    (3, 1, 0)
    """
    return tuple(height for height in range(size.bit_length() - 1, -1, -1) if size >> height & 1)


class Range:
    """A tree from its first leaf to its last, as the roots of its complete subtrees: at most 63 hashes.

    It is all that must be kept of a tree to add to it and to know its root. (A *compact range* in the words
    of the transparency-dev project.)
    """

    __slots__ = ("_hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)
        if not 0 <= size <= MAX_SIZE or len(self._hashes) != size.bit_count():
            raise InputError(f"a tree of size {size} does not consist of {len(self._hashes)} subtrees")

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Roots of the complete subtrees from left to right, largest first; their heights: `heights`."""
        return tuple(self._hashes)

    def push(self, hash: bytes, height: int = 0) -> list[bytes]:
        """Adds a complete subtree of 2^height leaves at the right, by its root.

        The size must be a multiple of 2^height. Returns the roots of the subtrees of heights 8, 16, 24, ...
        that are complete since, the smaller first: the next hashes of tiles of level 1, 2, 3, ...
        """
        hashes, size, found = self._hashes, self.size >> height, []
        while size & 1:
            hash = sha256(b"\x01" + hashes.pop() + hash).digest()
            size >>= 1
            height += 1
            if not height % TILE_HEIGHT:
                found.append(hash)
        hashes.append(hash)
        self.size = (size + 1) << height
        return found

    def root(self) -> bytes:
        """Of the tree as it is; 32 bytes."""
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = sha256(b"\x01" + left + root).digest()
        return root

    def copy(self) -> Range:
        """Another one, to be added to by itself."""
        return Range(self.size, self._hashes)
