"""Where a log can be read: a web address or a folder, and what is asked of either.

A source is not trusted. It is asked for a signed checkpoint, for entries, and, if those turn out wrong, for
tiles that show which; nothing it says is believed before `millpond.log` has checked it (`network.pulling`).
So the interface promises little:

- *Consistency*: none. Two answers need not belong together, and may come from different times.
- *Limits*: what comes back is bounded here, never by what the source says of itself: a checkpoint by
  `MAX_NOTE_BYTES`, a bundle by its 256 entries of at most 65,535 bytes, a tile by its exact width.
- *Errors*: `Unreachable` when there is no answer, or half of one; `PeerError` when the answer is none that an
  honest source of this log gives. Both name the source.
- *Concurrency*: the calls of one source may overlap. Each is cancelled without leaving anything behind.

>>> from pathlib import Path
>>> FolderSource(Path("stick") / "logs").address == str(Path("stick/logs"))
True
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Protocol

import httpx2

from millpond.errors import InputError
from millpond.log.tiles import Tile
from millpond.network.answers import Shown
from millpond.network.folder_source import FolderSource
from millpond.network.http_source import HttpSource

__all__ = ["FolderSource", "HttpSource", "Shown", "Source", "source_at"]


class Source(Protocol):
    """Where one log can be read; the module says what may be expected of it."""

    @property
    def address(self) -> str:
        """By which it is noted and shown: a web address, or a folder."""

    async def checkpoint(self, etag: str = "") -> Shown | None:
        """The checkpoint it shows now; None if that is still the one of this etag."""

    def entries(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        """The entries from `start` to before `size`, the size of a checkpoint that it showed.

        In order, without a gap, some at a time. When the answer breaks off, the entries that are complete
        come first, then the error.
        """

    async def tile(self, tile: Tile) -> bytes:
        """A tile of hashes as it stands under a checkpoint that it showed: exactly `width` hashes."""

    async def attachment(self, sha256: str, most_bytes: int) -> bytes:
        """The bytes of this hash, which was checked; at most so many."""

    def attachment_from(self, sha256: str, start: int, most_bytes: int) -> AsyncGenerator[bytes, None]:
        """What it says are the bytes of this hash from byte `start` on, as they come: nothing is checked.

        Raises `PeerError` if all together would have more than `most_bytes`.
        """


def source_at(address: str, client: httpx2.AsyncClient) -> Source:
    """The source that a noted address is: a web address, or a whole path of a folder; raises `InputError`."""
    if address.startswith(("https://", "http://")):
        return HttpSource(client, address)
    if not Path(address).is_absolute():
        raise InputError("is neither a web address (https://…) nor a folder from the root on", name=address)
    return FolderSource(Path(address))
