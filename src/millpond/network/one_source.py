"""One log from one source: entries stored as they come, a head put over them, or whose fault it is.

The middle of `network.pulling`, which says what is promised. At every step what is durable is a state that
the next pull goes on from, from whatever source:

- entries up to `reached`, with a note who gave those that no root is over yet (`addresses.gives`);
- the signed head that they were fetched for, with its source, until it is compared.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from enum import StrEnum

from millpond.errors import InputError, PeerError, Unreachable
from millpond.log import checkpoint as checkpoints
from millpond.log import cosignature
from millpond.log.checkpoint import Checkpoint
from millpond.log.equivocation import Equivocation
from millpond.log.merkle import HASH_BYTES
from millpond.log.tiles import TILE_WIDTH
from millpond.network import addresses, contradictions
from millpond.network.keeping import what_is_full
from millpond.network.proving import Proven, first_difference
from millpond.network.sources import Source
from millpond.store import Database, Rows, disk, logs
from millpond.store.logs import Head

MOST_ENTRIES_AT_ONCE = 16_384
MOST_BYTES_AT_ONCE = 4 * 2**20
"""Stored in one transaction: a tenth of a second, while others wait to write."""
FLUSH_SECONDS = 2.0
"""After which what has come is stored, however little it is."""
MOST_UNPROVEN_BYTES = 512 * 2**20
"""Of entries that no root is over: then tiles are asked for, to see whether they are the author's so far."""
MOST_ROUNDS = 8
"""In one pull, of finding a false entry and going on: after one, everything comes from this source."""


class _Moved(Exception):
    """Somebody else stored or threw away entries meanwhile."""


class _Full(PeerError):
    """There is no more room for what it gives."""


class Outcome(StrEnum):
    """How a pull ended, when it ended well."""

    NOTHING_NEW = "nothing new"
    GREW = "grew"
    PART = "part"
    """There is more than is taken at a time: once more."""
    BEHIND = "behind"
    """The source has fewer entries than are here, and they are the same."""
    CONTRADICTS = "contradicts"
    """The log has two histories; the proof is kept."""
    RESTS = "rests"
    """No source is due: all failed not long ago."""


Ended = tuple[Outcome, Equivocation | None]


class Pull:
    """One log from one source, for as long as it takes."""

    def __init__(self, db: Database, id: int, source: Source, now_ms: int) -> None:
        self._db = db
        self._id = id
        self._source = source
        self.address = source.address
        self._now_ms = now_ms

    async def follow(self, checkpoint: Checkpoint | None, etag: str) -> Ended:
        """The log gets what the source has; or its head is compared, if it has no more than is here.

        None is for the head that it had before. Errors are those of `pulling.pull`, and are noted.
        """
        if checkpoint is None:
            return await self._db.awrite(self._unchanged), None
        try:
            for _ in range(MOST_ROUNDS):
                ended = await self._db.awrite(lambda rows: self._settle(rows, checkpoint, etag))
                if ended is not None:
                    return ended
                known, full = known_log(self._db.read, self._id), None
                if known.reached < checkpoint.size:
                    try:
                        await self._fetch(known.reached, checkpoint)
                    except _Full as error:
                        full = error  # of what the author wrote, or of another's inventions?
                    if known_log(self._db.read, self._id).reached >= checkpoint.size:
                        continue
                reached = known_log(self._db.read, self._id).reached
                proof = await self._find_fault(checkpoint)
                if proof is not None:
                    return Outcome.CONTRADICTS, proof
                if full is not None and known_log(self._db.read, self._id).reached >= reached:
                    raise full
                if full is None and known.reached < checkpoint.size:
                    return Outcome.PART, None
            raise Unreachable("the log changed here while it came from there: once more", name=self.address)
        except (PeerError, Unreachable) as error:
            problem = error
            await self._db.awrite(lambda rows: self._failed(rows, problem, checkpoint))
            raise

    def _unchanged(self, rows: Rows) -> Outcome:
        """The source has the head that it had."""
        addresses.asked(rows, self._id, self.address, now_ms=self._now_ms)
        row = addresses.one(rows, self._id, self.address)
        is_behind = row is not None and row.size < known_log(rows, self._id).size
        return Outcome.BEHIND if is_behind else Outcome.NOTHING_NEW

    def _settle(self, rows: Rows, checkpoint: Checkpoint, etag: str) -> Ended | None:
        """The head is put over the entries, or compared with them; None if it can be neither."""
        known = known_log(rows, self._id)
        proof = contradictions.proof_of(rows, known.origin)
        is_new = known.checkpoint is None or checkpoint.size > known.size
        if proof is None:
            if known.reached < checkpoint.size:
                return None
            if is_new and logs.root_at(rows, self._id, checkpoint.size) != checkpoint.root:
                return None
            proof = contradictions.compare_all(rows, known, checkpoint, now_ms=self._now_ms)
        if proof is not None:
            self._stay(rows)
            return Outcome.CONTRADICTS, proof
        if is_new:
            logs.accept(rows, self._id, cosignature.tidy(checkpoint))
            addresses.accepted(rows, self._id, checkpoint.size, known.reached)
        addresses.heard(rows, self._id, self.address, etag=etag, size=checkpoint.size, now_ms=self._now_ms)
        if is_new:
            return Outcome.GREW, None
        return (Outcome.BEHIND if checkpoint.size < known.size else Outcome.NOTHING_NEW), None

    def _failed(self, rows: Rows, problem: PeerError | Unreachable, checkpoint: Checkpoint) -> None:
        """Noted with the source; its signed head waits there to be compared with what others give."""
        note = checkpoint.note if checkpoint.size > known_log(rows, self._id).size else None
        addresses.failed(rows, self._id, self.address, problem, now_ms=self._now_ms, note=note)

    async def _fetch(self, start: int, checkpoint: Checkpoint) -> None:
        """Entries from `start` on, stored as they come; all of them, or as many as may stay unproven."""
        arriving = _Arriving(self, start, checkpoint)
        try:
            try:
                async with aclosing(self._source.entries(start, checkpoint.size)) as pieces:
                    async for some in pieces:
                        await arriving.take(some)
                        if arriving.bytes >= MOST_UNPROVEN_BYTES:
                            return
            finally:
                await arriving.store()
        except _Moved:
            return
        if arriving.position < checkpoint.size:
            problem = f"does not give the entries from {arriving.position:,} on, which it has"
            raise PeerError(problem, name=self.address)

    async def _find_fault(self, checkpoint: Checkpoint) -> Equivocation | None:
        """Our entries are not, or not yet, those under the checkpoint. Throws away what is false.

        Returns the proof if it is the author who contradicts itself; None if it was somebody else, or nobody.
        Raises `PeerError` if it was this source.
        """
        known = known_log(self._db.read, self._id)
        proven = Proven(self._source, checkpoint)
        try:
            found = await first_difference(self._own, min(known.reached, checkpoint.size), proven)
            if found is None:
                return None
            position, leaf = found
            if position < known.size and known.checkpoint is not None:
                proof = await proven.contradicts(checkpoints.read(known.checkpoint, known.origin))
                await self._db.awrite(lambda rows: self._convict(rows, proof))
                return proof
        except PeerError:
            await self._db.awrite(lambda rows: self._distrust(rows, checkpoint))
            raise
        problem = PeerError(
            f"gave a false entry at position {position:,}: it and what followed is not kept", name=""
        )
        giver = await self._db.awrite(lambda rows: self._throw_away(rows, position, leaf, problem))
        if giver == self.address:
            raise problem.named(self.address)
        return None

    def _convict(self, rows: Rows, proof: Equivocation) -> None:
        """The author signed two histories: the log stays as it was."""
        contradictions.keep(rows, proof, now_ms=self._now_ms)
        addresses.asked(rows, self._id, self.address, now_ms=self._now_ms)
        self._stay(rows)

    def _stay(self, rows: Rows) -> None:
        logs.cut(rows, self._id)
        addresses.cut_given(rows, self._id, 0)

    def _distrust(self, rows: Rows, checkpoint: Checkpoint) -> None:
        """Its tiles prove nothing: what it gave goes. If all came from it, its head is suspicious."""
        known = known_log(rows, self._id)
        first = addresses.first_given(rows, self._id, self.address)
        if first is None:
            return
        is_alone = addresses.is_only_giver(rows, self._id, self.address)
        if is_alone and known.checkpoint is not None and known.reached >= checkpoint.size:
            ours = checkpoints.read(known.checkpoint, known.origin)
            contradictions.suspect(rows, ours, checkpoint, now_ms=self._now_ms)
        first = max(first, known.size)
        logs.cut(rows, self._id, first)
        addresses.cut_given(rows, self._id, first)

    def _throw_away(self, rows: Rows, position: int, leaf: bytes, problem: PeerError) -> str | None:
        """Entries from a false one on go, if it is still there; returns who gave it."""
        if position < known_log(rows, self._id).size or not leaf or self._leaf(rows, position) != leaf:
            return None  # meanwhile a head was put over it, or it was thrown away
        giver = addresses.giver(rows, self._id, position)
        logs.cut(rows, self._id, position)
        addresses.cut_given(rows, self._id, position)
        if giver is not None and giver != self.address:
            addresses.failed(rows, self._id, giver, problem, now_ms=self._now_ms)
        return giver

    def _own(self, level: int, number: int) -> bytes:
        return logs.tile_hashes(self._db.read, self._id, level, number)

    def _leaf(self, rows: Rows, position: int) -> bytes:
        number, at = divmod(position, TILE_WIDTH)
        return logs.tile_hashes(rows, self._id, 0, number)[at * HASH_BYTES : (at + 1) * HASH_BYTES]

    def put(self, rows: Rows, position: int, entries: Sequence[bytes], checkpoint: Checkpoint) -> None:
        """Entries that came, behind those that are here; raises `_Moved` if these are others by now."""
        if known_log(rows, self._id).reached != position:
            raise _Moved
        if disk.is_low(rows.file):
            raise _Full(f"gives what cannot be kept at this time: {disk.LOW}", name=self.address)
        full = what_is_full(rows, self._id, entries)
        if full is not None:
            raise _Full(
                f"gives more than is kept here: there is no more room for {full}. The keeper of this node "
                "may allow more (millpond peers limits)",
                name=self.address,
            )
        addresses.gives(rows, self._id, position, self.address)
        addresses.begun(rows, self._id, self.address, note=checkpoint.note, now_ms=self._now_ms)
        logs.put(rows, self._id, entries)

    async def store(self, position: int, entries: Sequence[bytes], checkpoint: Checkpoint) -> None:
        """The same, durable when it returns."""
        await self._db.awrite(lambda rows: self.put(rows, position, entries, checkpoint))


class _Arriving:
    """Entries on their way into the log: stored when many have come, or when some have waited long enough."""

    def __init__(self, pull: Pull, start: int, checkpoint: Checkpoint) -> None:
        self._pull = pull
        self._checkpoint = checkpoint
        self._clock = asyncio.get_running_loop().time
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._since = self._clock()
        self.position = start
        self.bytes = 0

    async def take(self, entries: Sequence[bytes]) -> None:
        """Some more, in order."""
        if self.position + len(entries) > self._checkpoint.size:
            raise PeerError("gives more entries than its checkpoint covers", name=self._pull.address)
        for entry in entries:
            self._waiting_bytes += len(entry) + logs.ENTRY_BYTES
        self._waiting += entries
        self.position += len(entries)
        if (
            len(self._waiting) >= MOST_ENTRIES_AT_ONCE
            or self._waiting_bytes >= MOST_BYTES_AT_ONCE
            or self._clock() - self._since >= FLUSH_SECONDS
        ):
            await self.store()

    async def store(self) -> None:
        """What waits; durable when it returns."""
        entries, self._waiting = self._waiting, []
        if not entries:
            return
        self.bytes += self._waiting_bytes
        self._waiting_bytes, self._since = 0, self._clock()
        await self._pull.store(self.position - len(entries), entries, self._checkpoint)


def known_log(rows: Rows, id: int) -> Head:
    """The log of this number; raises `InputError` if it was forgotten meanwhile."""
    if rows.one("logs.by_id", id=id) is None:
        raise InputError("this log is not followed here any more")
    return logs.head_by_id(rows, id)
