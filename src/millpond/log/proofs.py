"""Proofs about a Merkle tree: an entry stands in it, it continues an older one, a part belongs to it.

Made from the hashes of complete subtrees (`hash_at(height, index)`: the one over the leaves from
index · 2^height on, 2^height of them), checked with nothing but the proof. Sources: RFC 6962, sections 2.1.1
and 2.1.2; RFC 9162, sections 2.1.3 and 2.1.4; for subtrees draft-ietf-plants-merkle-tree-certs, section 4.4.

- A proof holds for exactly one number of hashes: one too many or too few is refused.
- The tree of size 0: its root is SHA-256 of nothing, every tree continues it, and the proof of that is empty,
  as C2SP tlog-witness has it. A proof from size 0 with hashes in it, or with another first root, is refused.
  (Others refuse every proof from size 0, since it says nothing.)

>>> from millpond.log.merkle import leaf_hash, node_hash
>>> leaves = [leaf_hash(entry) for entry in (b"one", b"two")]
>>> proof = inclusion_proof(1, 2, lambda height, index: leaves[index])
>>> verify_inclusion(1, 2, leaves[1], proof, root=node_hash(*leaves))
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

from millpond.errors import InputError
from millpond.log.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE, heights, node_hash

HashAt = Callable[[int, int], bytes]
MAX_HASHES = 63
"""Of a proof: a tree is at most 63 levels high."""


def range_root(start: int, end: int, hash_at: HashAt) -> bytes:
    """The root over the leaves from `start` to before `end`, a subtree: `start` a multiple of its width."""
    hashes = []
    for height in heights(end - start):
        hashes.append(hash_at(height, start >> height))
        start += 1 << height
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes)) if hashes else EMPTY_ROOT


# ---- making


def inclusion_proof(index: int, size: int, hash_at: HashAt) -> tuple[bytes, ...]:
    """That the leaf stands at `index` in the tree of `size`; raises `InputError` if it cannot."""
    if not 0 <= index < size:
        raise InputError(f"a log of {size} entries has none at {index}")
    return subtree_proof(index, index + 1, size, hash_at)


def consistency_proof(old: int, new: int, hash_at: HashAt) -> tuple[bytes, ...]:
    """That the tree of size `new` begins with the one of size `old`; raises `InputError` if it cannot."""
    if not 0 <= old <= new:
        raise InputError(f"a log of {new} entries does not continue one of {old}")
    return subtree_proof(0, old, new, hash_at)


def subtree_proof(start: int, end: int, size: int, hash_at: HashAt) -> tuple[bytes, ...]:
    """That the subtree from `start` to before `end` is part of the tree of `size`; raises `InputError`."""
    _check_subtree(start, end, size)
    proof: list[bytes] = []
    low, high, known = 0, size, True
    while (start, end) != (low, high) and start < end:
        middle = low + _split(high - low)
        if end <= middle:
            proof.append(range_root(middle, high, hash_at))
            high = middle
        elif middle <= start:
            proof.append(range_root(low, middle, hash_at))
            low = middle
        else:  # the subtree begins where the tree does, and is split where it is
            proof.append(range_root(low, middle, hash_at))
            start = low = middle
            known = False
    if not known:
        proof.append(range_root(low, high, hash_at))
    return tuple(reversed(proof))


# ---- checking


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], *, root: bytes) -> None:
    """Raises `InputError` unless the leaf's hash stands at `index` of the tree of this size and root."""
    if not 0 <= index < size:
        raise InputError(f"a log of {size} entries has none at {index}")
    if len(leaf) != HASH_BYTES:
        raise InputError(f"the hash of a leaf has {HASH_BYTES} bytes, not {len(leaf)}")
    verify_subtree(index, index + 1, size, leaf, proof, root=root)


def verify_consistency(old: int, new: int, old_root: bytes, proof: Sequence[bytes], *, root: bytes) -> None:
    """Raises `InputError` unless the tree of size `new` and root `root` begins with the one of `old`."""
    if not 0 <= old <= new:
        raise InputError(f"a log of {new} entries does not continue one of {old}")
    verify_subtree(0, old, new, old_root, proof, root=root)


def verify_subtree(
    start: int, end: int, size: int, hash: bytes, proof: Sequence[bytes], *, root: bytes
) -> None:
    """Raises `InputError` unless `hash` is over the leaves `start` to before `end` of that tree."""
    _check_subtree(start, end, size)
    if any(len(one) != HASH_BYTES for one in proof):
        raise InputError(f"a hash in a proof is not {HASH_BYTES} bytes long")
    if len(proof) > MAX_HASHES:
        raise InputError(f"a proof has at most {MAX_HASHES} hashes, not {len(proof)}")
    if start == end:
        wrong = bool(proof) or hash != EMPTY_ROOT or (size == 0 and root != EMPTY_ROOT)
    else:
        wrong = _roots(start, end, size, hash, proof) != (hash, root)
    if wrong:
        raise InputError("the proof does not lead to the root of the checkpoint")


def _roots(
    start: int, end: int, size: int, hash: bytes, proof: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """The hash of the subtree and the root of the tree that the proof leads to; None if its length is wrong.

    Level by level from the bottom, as RFC 9162 does it: `first` is the leftmost node that the walk begins at,
    `last` the last one of the subtree, `edge` the last one of the tree.
    """
    first, last, edge = start, end - 1, size - 1
    if last == edge:  # the subtree is the right end of the tree: begin at its root
        while first != last:
            first, last, edge = first >> 1, last >> 1, edge >> 1
    else:
        while first != last and last & 1:
            first, last, edge = first >> 1, last >> 1, edge >> 1
    hashes = iter(proof)
    if first == last:
        old = new = hash
    else:
        given = next(hashes, None)
        if given is None:
            return None
        old = new = given
    for given in hashes:
        if edge == 0:
            return None
        if last & 1 or last == edge:
            if first < last:
                old = node_hash(given, old)
            new = node_hash(given, new)
            while not last & 1:
                first, last, edge = first >> 1, last >> 1, edge >> 1
        else:
            new = node_hash(new, given)
        first, last, edge = first >> 1, last >> 1, edge >> 1
    return (old, new) if edge == 0 else None


def _split(size: int) -> int:
    """The largest power of two below `size`, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _check_subtree(start: int, end: int, size: int) -> None:
    if not 0 <= start <= end <= size <= MAX_SIZE:
        raise InputError(f"{start} to {end} is no part of a log of {size} entries")
    if start and start % (1 << (end - start - 1).bit_length()):
        raise InputError(f"the entries from {start} to {end} are no subtree")
