"""Sources in a network that fails and lies when the seed says so; they implement the real interface.

What they show is read from a real file by the real `logs`: one that does not lie is what a node, a mirror
or a static host would be.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from random import Random

from sim_disk import Disk
from static_logs import key_of

from millpond.errors import PeerError, Unreachable
from millpond.log import checkpoint as checkpoints
from millpond.log.tiles import Tile
from millpond.network.answers import Shown, lacks
from millpond.store import Rows, logs
from millpond.store.logs import Head

LIES = (
    "flips a byte",
    "swaps entries",
    "withholds entries",
    "gives too many",
    "withholds tiles",
    "false tiles",
    "old heads",
    "forged heads",
)


@dataclass
class Weather:
    """How bad the lines are, as chances."""

    rng: Random
    lost: float = 0.0
    cut: float = 0.0

    async def way(self, address: str) -> None:
        """A request on its way; raises `Unreachable` if it does not arrive."""
        await asyncio.sleep(self.rng.choice([0, 0.01, 0.2, 3]))
        if self.rng.random() < self.lost:
            raise Unreachable("nobody answered", name=address)

    def is_cut(self) -> bool:
        """Whether the line breaks now."""
        return self.rng.random() < self.cut


@dataclass
class SimSource:
    """A place where a log is shown: as it is on that disk now, or as it was when a mirror last looked.

    `lies` are of `LIES`; each is told now and then.
    """

    address: str
    disk: Disk
    origin: str
    weather: Weather
    is_live: bool = True
    lies: tuple[str, ...] = ()
    seen: list[Head] = field(default_factory=list)
    """Heads that a mirror has looked at, the last one being what it shows."""
    shown: set[bytes] = field(default_factory=set)
    """Signed notes that were shown."""

    @property
    def _rows(self) -> Rows:
        return Rows(self.disk.connection)

    @property
    def _rng(self) -> Random:
        return self.weather.rng

    def look(self) -> None:
        """A mirror copies what is there now."""
        head = logs.head(self._rows, self.origin)
        if head is not None and head.checkpoint is not None:
            self.seen.append(head)

    def heal(self) -> None:
        """It tells the truth from now on, and what is new."""
        self.lies = ()
        self.look()

    def _head(self) -> Head:
        if self.is_live:
            self.look()
        if not self.seen:
            raise Unreachable("does not have this log", name=self.address)
        return self.seen[-1]

    def _tells(self, lie: str) -> bool:
        return lie in self.lies and self._rng.random() < 0.5

    # ---- the interface

    async def checkpoint(self, etag: str = "") -> Shown | None:
        await self.weather.way(self.address)
        head = self._head()
        assert head.checkpoint is not None
        note = head.checkpoint
        if self._tells("old heads"):
            note = self._rng.choice(self.seen).checkpoint or note
        if self._tells("forged heads"):
            return Shown(_forged(note, self._rng))
        self.shown.add(note)
        now = sha256(note).hexdigest()
        return None if now == etag else Shown(note, now)

    async def entries(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        await self.weather.way(self.address)
        if size > self._head().size:
            raise lacks("these entries", self.address)
        at = start
        while at < size:
            end = min(size, at + self._rng.choice([1, 7, 64, 256]))
            if self.weather.is_cut():
                raise Unreachable("the line broke", name=self.address)
            some = logs.entries(self._rows, self._head().id, at, end)
            if self._tells("withholds entries"):
                return
            if self._tells("gives too many"):
                some = [*some, b"one more\n"]
            if self._tells("flips a byte"):
                some = _flipped(some, self._rng)
            if self._tells("swaps entries"):
                some = some[::-1]
            yield some
            at = end

    async def tile(self, tile: Tile) -> bytes:
        await self.weather.way(self.address)
        head = self._head()
        hashes = logs.tile(self._rows, head, tile)
        if hashes is None or self._tells("withholds tiles"):
            raise lacks(tile.path, self.address)
        return _flipped([hashes], self._rng)[0] if self._tells("false tiles") else hashes

    async def attachment(self, sha256: str, most_bytes: int) -> bytes:
        raise Unreachable("does not have it", name=self.address)

    async def attachment_from(self, sha256: str, start: int, most_bytes: int) -> AsyncGenerator[bytes, None]:
        yield (await self.attachment(sha256, most_bytes))[start:]


@dataclass
class MixedSource(SimSource):
    """The worst one: it shows the head of one history and the entries of another one of the same log."""

    other: Disk | None = None

    async def entries(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        if self.other is None:
            raise PeerError("has nothing", name=self.address)
        other = replace(self, disk=self.other, is_live=True, seen=[], other=None)
        async for some in SimSource.entries(other, start, size):
            yield some

    def heal(self) -> None:
        self.other = None
        super().heal()


def _flipped(data: list[bytes], rng: Random) -> list[bytes]:
    """One bit of one of them is another one."""
    at = rng.randrange(len(data))
    one = bytearray(data[at])
    one[rng.randrange(len(one))] ^= 1 << rng.randrange(8)
    return [*data[:at], bytes(one), *data[at + 1 :]]


def _forged(note: bytes, rng: Random) -> bytes:
    """A head that the log's key never signed."""
    origin, size, root = note.split(b"\n")[:3]
    other = key_of(99)
    return rng.choice(
        [
            note.replace(b"\n" + size + b"\n", b"\n%d\n" % (int(size) + 1)),
            note.replace(root, root[:5] + (b"A" if root[5:6] != b"A" else b"B") + root[6:]),
            note.replace(origin, other.did.encode()),
            checkpoints.sign(other.did, int(size), bytes(32), other).note if int(size) else b"",
            note[: rng.randrange(len(note))],
            b"",
        ]
    )
