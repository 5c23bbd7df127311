"""A log in a folder of static files: on this disk, on a drive of the network, on a USB stick.

Only regular files that lie in the folder are read: a link is refused, however deep it stands, and no path is
made of anything but numbers and hashes. A stick that is pulled out half-way is `Unreachable`; a file that is
missing or too short while the folder is there is a `PeerError`.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import AsyncGenerator
from hashlib import sha256
from pathlib import Path

from millpond.errors import PeerError, Unreachable
from millpond.log.merkle import HASH_BYTES
from millpond.log.note import MAX_NOTE_BYTES
from millpond.log.tiles import TILE_WIDTH, Tile, width_at
from millpond.network.answers import (
    MAX_BUNDLE_BYTES,
    Shown,
    attachment_of,
    beginning,
    bundle_of,
    lacks,
    lacks_log,
    tile_of,
)


class FolderSource:
    """A folder as C2SP tlog-tiles has it, made by `export` or by anybody; its address is its path."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def address(self) -> str:
        return str(self._path)

    async def checkpoint(self, etag: str = "") -> Shown | None:
        note = await asyncio.to_thread(self._read, "checkpoint", MAX_NOTE_BYTES)
        if note is None:
            raise lacks_log(self.address)
        found = sha256(note).hexdigest()
        return None if found == etag else Shown(note, found)

    async def entries(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        for number in range(start // TILE_WIDTH, -(-size // TILE_WIDTH)):
            tile = Tile(None, number, width_at(None, number, size))
            entries, problem = bundle_of(
                await asyncio.to_thread(self._tile, tile, MAX_BUNDLE_BYTES), tile.width, self.address
            )
            if some := entries[max(0, start - number * TILE_WIDTH) :]:
                yield some
            if problem is not None:
                raise problem

    async def tile(self, tile: Tile) -> bytes:
        data = await asyncio.to_thread(self._tile, tile, TILE_WIDTH * HASH_BYTES)
        return tile_of(data, tile, self.address)

    async def attachment(self, sha256: str, most_bytes: int) -> bytes:
        return attachment_of(await self._attachment(sha256, most_bytes), sha256, self.address)

    async def attachment_from(self, sha256: str, start: int, most_bytes: int) -> AsyncGenerator[bytes, None]:
        yield (await self._attachment(sha256, most_bytes))[start:]

    async def _attachment(self, sha256: str, most_bytes: int) -> bytes:
        data = await asyncio.to_thread(self._read, f"attachments/{sha256}", most_bytes)
        if data is None:
            raise Unreachable(f"does not have the attachment {sha256[:16]}…", name=self.address)
        return data

    def _tile(self, tile: Tile, most: int) -> bytes:
        """A tile or bundle; cut out of the full one, if the partial one was cleared away since."""
        data = self._read(tile.path, most)
        if data is None and tile.width < TILE_WIDTH:
            full = self._read(Tile(tile.level, tile.number).path, most)
            data = None if full is None else beginning(full, tile)
        if data is None:
            raise lacks(tile.path, self.address)
        return data

    def _read(self, inside: str, most: int) -> bytes | None:
        """The file at this path of the folder, of at most so many bytes; None if there is none."""
        try:
            file = self._file(inside)
            if file is None:
                return None
            with file.open("rb") as opened:
                data = opened.read(most + 1)
        except OSError as error:
            problem = f"cannot be read: {os.strerror(error.errno or 0)}. Is the drive still there?"
            raise Unreachable(problem, name=self.address) from None
        if len(data) > most:
            raise PeerError(f"{inside} is larger than the {most:,} bytes that are read", name=self.address)
        return data

    def _file(self, inside: str) -> Path | None:
        """Where it lies, if it is a file and no step on the way is a link; None if there is none."""
        found = self._path
        for part in inside.split("/"):
            if not stat.S_ISDIR(found.stat().st_mode):
                raise PeerError(f"{inside} cannot be there: {found.name} is no folder", name=self.address)
            found = found / part
            try:
                mode = found.lstat().st_mode
            except FileNotFoundError:
                self._path.stat()  # is it the file that is missing, or the whole drive?
                return None
            if stat.S_ISLNK(mode):
                raise PeerError(f"{inside} is a link to elsewhere, which is not followed", name=self.address)
        if not stat.S_ISREG(mode):
            raise PeerError(f"{inside} is no file", name=self.address)
        return found
