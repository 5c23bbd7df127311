"""Logs as folders of static files, written by the core: checkpoint, tiles, bundles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from millpond.log import checkpoint, note, tiles
from millpond.log.keys import Key
from millpond.log.merkle import HASH_BYTES, leaf_hash
from millpond.log.proofs import HashAt
from millpond.log.tiles import TILE_WIDTH, Edge


def key_of(number: int) -> Key:
    """One of many keys."""
    return Key(number.to_bytes(32, "big"))


def vkey_of(key: Key) -> str:
    """By which others know the log of this key."""
    return note.vkey(key.did, note.ED25519, key.public)


def entries_of(size: int, mark: str = "entry") -> list[bytes]:
    """So many entries, each another one: a tree does not ask what is in them."""
    return [f'{{"{mark}":{number}}}\nsigned\n'.encode() for number in range(size)]


def tree_of(entries: Sequence[bytes]) -> tuple[dict[tuple[int, int], bytes], bytes]:
    """The tiles of the entries' tree by level and number, and its root."""
    edge = Edge()
    found = {(level, number): hashes for level, number, hashes in edge.extend([*map(leaf_hash, entries)])}
    for level, hashes in enumerate(edge.partial):
        if hashes:
            found[level, len(entries) >> 8 * (level + 1)] = bytes(hashes)
    return found, edge.range.root()


def head_of(entries: Sequence[bytes], key: Key) -> checkpoint.Checkpoint:
    """The log's checkpoint."""
    return checkpoint.sign(key.did, len(entries), tree_of(entries)[1], key)


def hash_at_of(entries: Sequence[bytes]) -> HashAt:
    """For making proofs about these entries."""
    found = tree_of(entries)[0]
    return tiles.hashes_in(lambda level, number: found[level, number])


def files_of(entries: Sequence[bytes], key: Key) -> dict[str, bytes]:
    """The log's files by their paths."""
    found, root = tree_of(entries)
    files = {
        tiles.tile_path(level, number, len(hashes) // HASH_BYTES): hashes
        for (level, number), hashes in found.items()
    }
    for first in range(0, len(entries), TILE_WIDTH):
        bundle = entries[first : first + TILE_WIDTH]
        files[tiles.entries_path(first // TILE_WIDTH, len(bundle))] = tiles.encode_bundle(bundle)
    return files | {"checkpoint": checkpoint.sign(key.did, len(entries), root, key).note}


def write_log(folder: Path, entries: Sequence[bytes], key: Key) -> Path:
    """The log in this folder; the folder."""
    for path, data in files_of(entries, key).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder
