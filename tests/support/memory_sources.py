"""Sources of a log in memory, honest ones and others, that implement the real interface."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from static_logs import head_of, tree_of

from millpond.errors import PeerError, Unreachable
from millpond.log.checkpoint import Checkpoint
from millpond.log.keys import Key
from millpond.log.merkle import HASH_BYTES
from millpond.log.tiles import Tile
from millpond.network.answers import Shown, attachment_of, lacks

PIECE = 100
"""Entries that come at a time."""


@dataclass
class MemorySource:
    """The log with these entries, as its key signs it; `asked` says what it was asked for.

    `given` are the entries it gives, `treed` those that its tiles are of, if these are others. After
    `breaks_after` entries it breaks off; what is in `withheld` it does not have.
    """

    entries_of_log: Sequence[bytes]
    key: Key
    address: str = "memory"
    given: Sequence[bytes] | None = None
    treed: Sequence[bytes] | None = None
    breaks_after: int | None = None
    withheld: frozenset[str] = frozenset()
    note: bytes = b""
    asked: list[str] = field(default_factory=list)
    sent_entries: int = 0

    @property
    def head(self) -> Checkpoint:
        return head_of(self.entries_of_log, self.key)

    async def checkpoint(self, etag: str = "") -> Shown | None:
        self._ask("checkpoint")
        note = self.note or self.head.note
        now = sha256(note).hexdigest()
        return None if now == etag else Shown(note, now)

    async def entries(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        given = self.entries_of_log if self.given is None else self.given
        end = size if self.breaks_after is None else min(size, start + self.breaks_after)
        for first in range(start, end, PIECE):
            self._ask(f"entries {first}")
            some = list(given[first : min(end, first + PIECE)])
            self.sent_entries += len(some)
            yield some
        if end < size:
            raise Unreachable("the connection broke off", name=self.address)

    async def tile(self, tile: Tile) -> bytes:
        self._ask(tile.path)
        treed = self.entries_of_log if self.treed is None else self.treed
        found = tree_of(treed)[0].get((tile.level or 0, tile.number), b"")
        if len(found) < tile.width * HASH_BYTES:
            raise lacks(tile.path, self.address)
        return found[: tile.width * HASH_BYTES]

    async def attachment(self, sha256: str, most_bytes: int) -> bytes:
        return attachment_of(b"", sha256, self.address)

    async def attachment_from(self, sha256: str, start: int, most_bytes: int) -> AsyncGenerator[bytes, None]:
        yield (await self.attachment(sha256, most_bytes))[start:]

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        kind = "tile" if what.startswith("tile/") else what.partition(" ")[0]
        if kind in self.withheld:
            raise PeerError(f"does not give its {kind}", name=self.address)
