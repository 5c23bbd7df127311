"""Fetching the pictures and documents that a log names, from sources that may be slow, silent, or wrong.

Each source has a share of time for each attachment, whoever else is slow. Then the one that gave most in its
share goes on as long as it gives steadily: on a slow line, all of them are slow, and changing helps nobody.

Invariants:
- What came is durable within seconds, and never fetched again: a source is asked for the bytes after it.
- Bytes of two sources are never put together. So whoever's bytes have a wrong hash gave every one of them:
  they are thrown away, it is noted with the source, and nothing that an honest one gave is lost.
- A source that drips, or is silent, takes at most one share of a fetch from the others.
- What nobody gave for one log waits longer each time; for another log that names it, that says nothing.

Everything may be cancelled at any point.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256 as sha256_of

from millpond.errors import PeerError, Unreachable
from millpond.network import addresses, attachments
from millpond.network.attachments import RefusedByKeeper
from millpond.network.sources import Source
from millpond.store import Database, Rows

SHARE_SECONDS = 30.0
"""That one source may take for one attachment before the others have had theirs."""
STEADY_BYTES_PER_S = 1_024
"""Who gives less over its share is not asked again in this fetch: 8 kbit/s is a line that hardly holds."""
DURABLE_SECONDS = 4.0
"""What came is written to the disk so often; what is whole sooner is written once."""
PART_MS = 30 * 86_400_000
"""After so long, a part to which nothing came is let go: its source is gone, or never had the rest."""


async def fetch(db: Database, log: int, sources: Sequence[Source], *, now_ms: int) -> int:
    """Fetches what this log names and is not here, from whoever has it; returns how many came.

    What no source has is tried again later. A source that cannot be reached is asked for nothing more.
    """
    await db.awrite(lambda rows: attachments.drop_parts_before(rows, now_ms - PART_MS))
    came, reachable = 0, list(sources)
    for sha256, most in attachments.wanted(db.read, log, now_ms=now_ms):
        if not reachable:
            break
        one = _One(db, log, sha256, most, reachable, now_ms)
        if await one.fetch():
            came += 1
        elif not one.got_on:
            await db.awrite(partial(attachments.failed, log=log, sha256=sha256, now_ms=now_ms))
    return came


@dataclass(slots=True)
class _One:
    """One attachment. Sources that cannot be reached, or have had their share, leave `reachable`."""

    db: Database
    log: int
    sha256: str
    most: int
    reachable: list[Source]
    now_ms: int
    got_on: bool = False
    is_void: bool = False
    """Something that came was not taken: what comes after it has nothing to stand on."""
    gained: dict[str, int] = field(default_factory=dict)

    async def fetch(self) -> bool:
        """Whether it is here now."""
        steady: list[Source] = []
        for source in sorted(self.reachable, key=lambda one: -self._reached(one)):
            if await self._share(source):
                return True
            if self._is_steady(source):
                steady.append(source)
        while steady:
            best = max(steady, key=lambda one: self.gained[one.address])
            if await self._share(best):
                return True
            if not self._is_steady(best):
                steady.remove(best)
        if any(gain >= self._steady_bytes for gain in self.gained.values()):
            await self.db.awrite(self._let_go_stalled)
        return False

    @property
    def _steady_bytes(self) -> int:
        return int(SHARE_SECONDS * STEADY_BYTES_PER_S)

    def _is_steady(self, source: Source) -> bool:
        return source in self.reachable and self.gained.get(source.address, 0) >= self._steady_bytes

    def _reached(self, source: Source) -> int:
        return len(attachments.part(self.db.read, self.sha256, source.address))

    async def _share(self, source: Source) -> bool:
        """What the source gives in its share; whether the attachment is whole."""
        address, part = source.address, attachments.part(self.db.read, self.sha256, source.address)
        self.gained[address], self.is_void = 0, False
        if part and _is_of(self.sha256, part):  # it was cut off when only its end was still to be seen
            return await self._keep(part)
        rest: bytes | None = None
        try:
            rest = await self._take(source, len(part))
        except Unreachable:
            self.reachable.remove(source)
        except PeerError:
            self.reachable.remove(source)
            await self.db.awrite(lambda rows: attachments.drop_part(rows, self.sha256, address))
            return False
        if rest is not None and not self.is_void:
            data = attachments.part(self.db.read, self.sha256, address) + rest
            if _is_of(self.sha256, data):
                return await self._keep(data)
            self.reachable.remove(source)
            await self.db.awrite(lambda rows: self._blame(rows, address))
            return False
        gained = self._reached(source) - len(part)
        self.gained[address] = gained
        self.got_on = self.got_on or gained > 0
        if source in self.reachable and gained < self._steady_bytes:
            self.reachable.remove(source)
        return False

    async def _take(self, source: Source, start: int) -> bytes | None:
        """Writes down what comes from `start` on; the end of it, None if the share was over before.

        Raises as sources do; what came until then is written.
        """
        clock = asyncio.get_running_loop().time
        until, written, waiting = clock() + SHARE_SECONDS, clock(), bytearray()
        try:
            async with aclosing(source.attachment_from(self.sha256, start, self.most)) as pieces:
                while clock() < until:
                    async with asyncio.timeout_at(until):
                        piece = await _next(pieces)
                    if piece is None:
                        rest = bytes(waiting)
                        waiting.clear()
                        return rest
                    waiting += piece
                    if clock() - written >= DURABLE_SECONDS:
                        start, written = await self._write(source, start, waiting), clock()
        except TimeoutError:
            pass
        finally:
            if waiting:
                await self._write(source, start, waiting)
        return None

    async def _write(self, source: Source, start: int, waiting: bytearray) -> int:
        """What came is durable, even if this is cancelled meanwhile; returns where it goes on."""
        data = bytes(waiting)
        waiting.clear()
        job = partial(
            attachments.add_part,
            sha256=self.sha256,
            address=source.address,
            start=start,
            data=data,
            now_ms=self.now_ms,
        )
        self.is_void = not await asyncio.shield(self.db.awrite(job)) or self.is_void
        return start + len(data)

    async def _keep(self, data: bytes) -> bool:
        """False if there is no room for it any more, or the keeper refused it meanwhile."""
        job = partial(attachments.keep, sha256=self.sha256, data=data, logs=(self.log,))
        try:
            await self.db.awrite(job)
        except (PeerError, RefusedByKeeper):
            return False
        return True

    # ---- in one transaction

    def _blame(self, rows: Rows, address: str) -> None:
        """All of it came from this source, and it is not what was asked for."""
        attachments.drop_part(rows, self.sha256, address)
        error = PeerError(f"gives other bytes for the attachment {self.sha256[:16]}…; others are asked")
        addresses.failed(rows, self.log, address, error, now_ms=self.now_ms)

    def _let_go_stalled(self, rows: Rows) -> None:
        """Others get on: a part that does not, perhaps on purpose, takes their room."""
        for address, gained in self.gained.items():
            if gained < self._steady_bytes:
                attachments.drop_part(rows, self.sha256, address)


def _is_of(sha256: str, data: bytes) -> bool:
    return sha256_of(data).hexdigest() == sha256


async def _next(pieces: AsyncGenerator[bytes, None]) -> bytes | None:
    return await anext(pieces, None)
