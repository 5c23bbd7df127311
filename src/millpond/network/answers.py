"""What a source of logs answered, held against what was asked for.

Shared by the sources over HTTP and in folders (`network.sources`). Nothing here says that an answer is right:
only that it has the length, or the hash, of what was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from millpond.errors import PeerError, Unreachable
from millpond.log.merkle import HASH_BYTES
from millpond.log.tiles import MAX_PREFIXED_BYTES, TILE_WIDTH, Tile, decode_bundle

MAX_PREFIXED = 2 + MAX_PREFIXED_BYTES
"""Bytes of an entry and its length in a bundle."""
MAX_BUNDLE_BYTES = TILE_WIDTH * MAX_PREFIXED


@dataclass(frozen=True, slots=True)
class Shown:
    """A checkpoint as a source shows it, not verified; `etag` asks later whether it is still the same."""

    note: bytes
    etag: str = ""


def bundle_of(data: bytes, width: int, source: str) -> tuple[list[bytes], Exception | None]:
    """The first `width` entries of a bundle, and an error if there are fewer or if more follows."""
    entries, used = decode_bundle(data, width)
    if len(entries) == width and used == len(data):
        return entries, None
    if len(entries) < width:
        problem = f"a bundle has {len(entries)} of its {width} entries; the rest may be had elsewhere"
    else:
        problem = f"a bundle of {width} entries has more in it"
    return entries, PeerError(problem, name=source)


def tile_of(data: bytes, tile: Tile, source: str) -> bytes:
    """The same bytes, if they are as long as such a tile; raises `PeerError`."""
    if len(data) != tile.width * HASH_BYTES:
        raise PeerError(f"{tile.path} has {len(data):,} bytes, not {tile.width} hashes", name=source)
    return data


def attachment_of(data: bytes, hash: str, source: str) -> bytes:
    """The same bytes, if they have this SHA-256; raises `PeerError`."""
    if sha256(data).hexdigest() != hash:
        raise PeerError(f"gives other bytes for the attachment {hash[:16]}…", name=source)
    return data


def lacks(path: str, source: str) -> PeerError:
    """It does not have what its own checkpoint covers."""
    return PeerError(f"does not have {path}, though its checkpoint covers it; another may", name=source)


def lacks_log(source: str) -> Unreachable:
    """It does not have the log at all."""
    return Unreachable("does not have this log, or not yet", name=source)


def beginning(full: bytes, tile: Tile) -> bytes:
    """What the partial tile or bundle has, from the bytes of the full one."""
    if tile.level is not None:
        return full[: tile.width * HASH_BYTES]
    at = 0
    for _ in range(tile.width):
        if at + 2 > len(full):
            break
        at += 2 + int.from_bytes(full[at : at + 2], "big")
    return full[:at]
