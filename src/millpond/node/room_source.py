"""A room's own log as a source (`network.sources`): a copy of a room on the same node has one."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from millpond.errors import Unreachable
from millpond.log.tiles import Tile
from millpond.network.answers import Shown, lacks, lacks_log
from millpond.node import own_log
from millpond.node.node import OpenRoom
from millpond.store import logs

AT_ONCE = 1_024
"""Entries that are read in one go."""


class RoomSource:
    """The log of a room of this node, as a source (`network.sources`)."""

    def __init__(self, room: OpenRoom, did: str) -> None:
        self._room = room
        self._did = did

    @property
    def address(self) -> str:
        """Where it is read: the room's file."""
        return str(self._room.path)

    async def checkpoint(self, etag: str = "") -> Shown | None:
        """The checkpoint it has now."""
        head = logs.head(self._room.db.read, self._did)
        if head is None or head.checkpoint is None:
            raise lacks_log(self.address)
        return Shown(head.checkpoint)

    async def entries(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        """The entries from `start` to before `size`."""
        head = logs.head(self._room.db.read, self._did)
        if head is None:
            raise lacks_log(self.address)
        for at in range(start, size, AT_ONCE):
            yield logs.entries(self._room.db.read, head.id, at, min(at + AT_ONCE, size))

    async def tile(self, tile: Tile) -> bytes:
        """A tile of hashes."""
        head = logs.head(self._room.db.read, self._did)
        data = None if head is None else logs.tile(self._room.db.read, head, tile)
        if data is None:
            raise lacks(tile.path, self.address)
        return data

    async def attachment(self, sha256: str, most_bytes: int) -> bytes:
        """The bytes of this hash."""
        data = own_log.attachment(self._room.db.read, sha256)
        if data is None or len(data) > most_bytes:
            raise Unreachable(f"does not have the attachment {sha256[:16]}…", name=self.address)
        return data

    async def attachment_from(self, sha256: str, start: int, most_bytes: int) -> AsyncGenerator[bytes, None]:
        """The same from byte `start` on."""
        yield (await self.attachment(sha256, most_bytes))[start:]
