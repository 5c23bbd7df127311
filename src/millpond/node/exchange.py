"""The loop that does all exchanging of logs: it only ever calls out, so it works behind any router.

    pull    every log that a room follows, from its sources; then pictures and documents that it names
    push    every room's own log to its keepers (`carrying`)
    read    statements of logs that were pushed here

`schedule` says when what is due; here it is done. Invariants:

- One job for one log and whom it is about at a time; at most `MOST_STEADY` of them together, and beside them
  `MOST_DOUBTFUL` with those who failed last time, or took all of their turn: who does not answer, or lets it
  drip, keeps nobody else waiting.
- A job that takes longer than `TURN_SECONDS` is interrupted, keeps what it has, and gets in line again.
- Everything may be cancelled at any point, and is, when the node stops: what arrived whole stays.
- A room that was changed is looked at within a second, whoever changed it; one that left is let go.
- What is noted in the log has a room's short name and kinds of errors in it; nothing that was said, no key,
  no address.

Memory is bounded by the number of jobs at a time. The state here is only about when to try: a node that
starts anew asks everybody once.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from secrets import randbelow

import httpx2

from millpond.errors import InputError, PeerError, Unreachable
from millpond.network import addresses, fetching, keeping, meeting, mirroring, pulling
from millpond.network.calling import make_client
from millpond.network.one_source import Outcome
from millpond.network.sources import Source, source_at
from millpond.node import carrying, keepers, peers, schedule
from millpond.node.carrying import Memory, Own
from millpond.node.clockwork import kind_of
from millpond.node.keepers import Keeper
from millpond.node.node import Node
from millpond.node.schedule import Kind, Tried

log = logging.getLogger("millpond.exchange")

TICK_SECONDS = 1.0
MOST_STEADY = 4
MOST_DOUBTFUL = 2
TURN_SECONDS = 300
LOOK_AGAIN_MS = 10 * schedule.MINUTE_MS
"""Every room is looked at so often, should its file have been changed and the file system not say so."""
JITTER = 1_001

Draw = Callable[[], int]


@dataclass(frozen=True, slots=True)
class _Room:
    """A room as it was last looked at; `stamp` tells whether its file was changed since."""

    stamp: tuple[int, ...]
    looked_ms: int
    keepers: tuple[Keeper, ...] = ()
    own: tuple[Own, ...] = ()


@dataclass(slots=True)
class _Job:
    """What is done again and again, and how it went."""

    is_reading: bool = False
    is_slow: bool = False
    tried_ms: int | None = None
    failures: int = 0
    jitter: int = 0
    grew_ms: int | None = None
    memory: Memory = field(default_factory=Memory)
    sources: dict[str, Source] = field(default_factory=dict)


class Exchange:
    """The exchange of one node. One task uses it; `run` goes on, `tick` starts what is due now."""

    def __init__(self, node: Node, *, draw: Draw = lambda: randbelow(JITTER)) -> None:
        self._node = node
        self._draw = draw
        self._client = make_client()
        self._rooms: dict[str, _Room] = {}
        self._jobs: dict[Hashable, _Job] = {}
        self._running: dict[Hashable, asyncio.Task[None]] = {}
        self._steady = asyncio.Semaphore(MOST_STEADY)
        self._doubtful = asyncio.Semaphore(MOST_DOUBTFUL)

    async def run(self, stop: asyncio.Event | None = None) -> None:
        """Goes on until `stop` is set, or until it is cancelled; what is under way then is broken off."""
        stop = stop or asyncio.Event()
        try:
            await self._guarded("following", asyncio.to_thread(peers.bring_all_in_line, self._node))
            while not stop.is_set():
                await self._guarded("looking for work", self.tick())
                try:
                    await asyncio.wait_for(stop.wait(), TICK_SECONDS)
                except TimeoutError:
                    continue
        finally:
            await self.close()

    async def tick(self) -> None:
        """Starts everything that is due."""
        now_ms = self._node.clock()
        self._rooms = await asyncio.to_thread(_look, self._node, self._rooms, now_ms)
        followed = self._node.network.read.all("network_exchange.followed")
        wanted: set[Hashable] = set()
        for row in followed:
            wanted.add(self._consider_pull(row["id"], now_ms))
        for slug, room in self._rooms.items():
            for keeper in room.keepers:
                wanted.update(self._consider_push(slug, keeper, own, now_ms) for own in room.own)
        for row in self._node.network.read.all("network_exchange.unread"):
            wanted.add(self._consider_read(row["id"], now_ms))
        wanted.update(key for key, job in self._jobs.items() if job.is_reading and key in self._running)
        for key in self._jobs.keys() - wanted:
            if key in self._running:
                self._running[key].cancel()  # the room left, or follows somebody no longer
            else:
                del self._jobs[key]

    async def idle(self) -> None:
        """Waits until nothing is under way."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    async def close(self) -> None:
        """Breaks off what is under way, and hangs up."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.aclose()

    # ---- what is due

    def _consider_pull(self, id: int, now_ms: int) -> Hashable:
        key = (Kind.PULL, id)
        job = self._jobs.setdefault(key, _Job())
        tried = Tried(Kind.PULL, job.tried_ms, grew_ms=job.grew_ms)
        if schedule.is_due(tried, now_ms=now_ms, jitter=job.jitter):
            self._start(key, job, lambda: self._pull(id, job))
        return key

    def _consider_push(self, slug: str, keeper: Keeper, own: Own, now_ms: int) -> Hashable:
        key = (Kind.PUSH, slug, keeper.did, keeper.address, own.did)
        job = self._jobs.setdefault(key, _Job())
        if not keeper.failures and job.failures and (keeper.tried_ms or 0) > (job.tried_ms or 0):
            job.failures = 0  # somebody else reached it: `millpond log sync`, or a person changed its row
        tried = Tried(
            Kind.PUSH,
            job.tried_ms,
            job.failures,
            has_news=job.memory.lacks(keeper, own),
            has_more=job.memory.has_more,
        )
        if schedule.is_due(tried, now_ms=now_ms, jitter=job.jitter):
            self._start(key, job, lambda: self._push(slug, keeper, own, job))
        return key

    def _consider_read(self, id: int, now_ms: int) -> Hashable:
        key = (Kind.READ, id)
        job = self._jobs.setdefault(key, _Job(is_reading=True))
        tried = Tried(Kind.READ, job.tried_ms, job.failures, has_news=True)
        is_pulled = (Kind.PULL, id) in self._running  # then it is read there
        if not is_pulled and schedule.is_due(tried, now_ms=now_ms, jitter=job.jitter):
            self._start(key, job, lambda: self._read(id, job))
        return key

    def _start(self, key: Hashable, job: _Job, work: Callable[[], Awaitable[bool]]) -> None:
        if key in self._running:
            return
        task = asyncio.create_task(self._turn(job, work))
        self._running[key] = task
        task.add_done_callback(lambda _: self._running.pop(key, None))

    async def _turn(self, job: _Job, work: Callable[[], Awaitable[bool]]) -> None:
        """One try, in its line; how it went is noted. The work says whether anybody was asked."""
        async with self._doubtful if job.failures or job.is_slow else self._steady:
            try:
                async with asyncio.timeout(TURN_SECONDS):
                    was_heard = await work()
            except TimeoutError:
                job.is_slow = True
                job.tried_ms = None  # it got on, or it would have ended: again, behind the others
            except Exception as error:
                job.failures += 1
                job.tried_ms, job.jitter = self._node.clock(), self._draw()
                if not isinstance(error, PeerError | Unreachable):
                    log.error("a job of the exchange failed, tried again later: %s", kind_of(error))
            else:
                job.is_slow = False
                job.failures = 0 if was_heard else job.failures

    async def _guarded(self, what: str, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:
            log.error("%s: failed, tried again: %s", what, kind_of(error))

    # ---- what is done

    async def _pull(self, id: int, job: _Job) -> bool:
        db, now_ms = self._node.network, self._node.clock()
        known = {one.address: one for one in addresses.of_log(db.read, id)}
        job.sources = {
            address: job.sources.get(address) or source for address, source in _sources(self._client, known)
        }
        sources = list(job.sources.values())
        if not sources:
            job.tried_ms = now_ms
            return True
        pulled = await pulling.pull_from_any(db, id, sources, now_ms=now_ms, reads=False)
        read = await pulling.read_all(db, id, meeting.fold, gently=True)
        job.tried_ms = None if pulled.outcome is Outcome.PART else now_ms
        if pulled.added:
            job.grew_ms = now_ms
            await asyncio.to_thread(_cosign, self._node, id)
        if read:
            await asyncio.to_thread(_note_addresses, self._node, id)
        await fetching.fetch(db, id, sources, now_ms=now_ms)
        return pulled.outcome is not Outcome.RESTS

    async def _push(self, slug: str, keeper: Keeper, own: Own, job: _Job) -> bool:
        room = await asyncio.to_thread(self._node.look_into, slug)
        if room is not None and carrying.is_pushed(room.db.read, own):  # it may have left while this waited
            await carrying.carry(self._node, self._client, room, keeper, own, job.memory)
        job.tried_ms = self._node.clock()
        return True

    async def _read(self, id: int, job: _Job) -> bool:
        await pulling.read_all(self._node.network, id, meeting.fold, gently=True)
        job.tried_ms = self._node.clock()
        return True


def _cosign(node: Node, id: int) -> None:
    """A mirror says of what it shows that it has it, however it came here."""
    if keeping.is_carried(node.network.read, id):
        now_ms = node.clock()
        keeper = keeping.keeper(node.network, node.vault, now_ms=now_ms)
        node.network.write(lambda rows: mirroring.cosign_pulled(rows, keeper, id, now_ms=now_ms))


# ---- looking at rooms


def _look(node: Node, before: dict[str, _Room], now_ms: int) -> dict[str, _Room]:
    """The rooms that have a log, each as it is now; only what may have changed is read anew."""
    found = {}
    for row in node.db.read.all("node.rooms_with_logs"):
        slug = row["slug"]
        stamp, known = _stamp(node.folder(slug)), before.get(slug)
        if known is not None and known.stamp == stamp and 0 <= now_ms - known.looked_ms < LOOK_AGAIN_MS:
            found[slug] = known
            continue
        try:
            room = node.look_into(slug)
            if room is not None:
                rows = room.db.read
                found[slug] = _Room(stamp, now_ms, keepers.keepers(rows), carrying.own_logs(rows))
        except Exception as error:  # of one room: the others are exchanged all the same
            log.error("%s: cannot be looked at, tried again later: %s", slug, kind_of(error))
            found[slug] = _Room(stamp, now_ms)
    return found


def _stamp(folder: Path) -> tuple[int, ...]:
    """Changes with every commit: when the file and its journal were last written, and how long they are.

    A journal with nothing in it comes and goes as the file is opened and closed, and says nothing.
    """
    stamp: list[int] = []
    for name in ("room.db", "room.db-wal"):
        try:
            stat = (folder / name).stat()
        except OSError:
            continue
        if stat.st_size:
            stamp += (stat.st_mtime_ns, stat.st_size)
    return tuple(stamp)


def _sources(client: httpx2.AsyncClient, addresses: Iterable[str]) -> Iterable[tuple[str, Source]]:
    """What can be asked; an address that is none was noted by an older version, and is passed by."""
    for address in addresses:
        try:
            yield address, source_at(address, client)
        except InputError:
            continue


def _note_addresses(node: Node, id: int) -> None:
    """An author may have said where else the log is: that counts for every room that follows it."""
    for row in node.network.read.all("network_exchange.rooms_of", log=id):
        room = node.look_into(row["room"])
        if room is not None:
            peers.bring_in_line(node, room)
