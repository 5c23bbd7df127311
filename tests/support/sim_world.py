"""A network of authors, followers and a keeper in one process, driven by a seed: what they do, step by step.

Real: the tables and the SQL, saying, pulling, pushing, the mirror and the witness, proofs of two histories.
Simulated: the disk's faults, the lines, the clocks, places that lie. `sim_checks` says what must hold.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from random import Random
from typing import Any
from unittest.mock import patch

import httpx2
import sim_time
from sim_disk import Crash, Disk, SimDatabase
from sim_keeper import ADDRESS, Desk, KeeperTransport
from sim_sources import LIES, MixedSource, SimSource, Weather
from static_logs import key_of

from millpond.errors import PeerError, Unreachable
from millpond.log import checkpoint as checkpoints
from millpond.log import note, statement
from millpond.log.keys import Key
from millpond.log.note import VerifierKey
from millpond.log.statement import sign, write
from millpond.network import asking, keeping, meeting, pushing, reading, writing
from millpond.network.asking import Conflict, Cosigned, LogAt
from millpond.network.keeping import Keeper
from millpond.network.pulling import pull, pull_from_any
from millpond.store import Rows, logs
from millpond.store.logs import Head

Job = Callable[[], Awaitable[None]]

START_MS = 1_795_000_000_000
DAY_MS = 86_400_000
STATEMENTS = 2_000
"""That each author has to say at most."""


@cache
def statements_of(number: int, mark: str) -> list[bytes]:
    """What an author has to say; signed once for all seeds."""
    return []


def statement_of(number: int, mark: str, at: int) -> bytes:
    """The statement of this place in it."""
    known, key = statements_of(number, mark), _key(number)
    while len(known) <= at:
        known.append(sign(write("pond/1", key.did, len(known), {mark: len(known)}), key))
    return known[at]


@cache
def _key(number: int) -> Key:
    return key_of(number)


_read_statement = cache(statement.read)
_is_signed = cache(note.is_signed)
"""Pure, and the same is said in every run: so each is checked once a process."""


@dataclass
class Machine:
    """A computer with one file of logs: it crashes and starts again, and its clock may be wrong."""

    name: str
    disk: Disk
    db: SimDatabase
    skew_ms: int = 0

    def restart(self) -> None:
        """After a crash: what was committed is there, and nothing else."""
        self.db.close()
        self.db = self.disk.open()

    def head(self, origin: str) -> Head | None:
        return logs.head(self.db.read, origin)


@dataclass
class Author(Machine):
    """Who says statements. `acknowledged` is where the author was told that each stands."""

    number: int = 0
    mark: str = "said"
    said: int = 0
    unsure: list[bytes] = field(default_factory=list)
    """Said when the process died or the disk was full: perhaps they stand, perhaps not."""
    acknowledged: dict[bytes, int] = field(default_factory=dict)
    heads: dict[int, bytes] = field(default_factory=dict)
    """Every head that was ever committed: size to root."""

    def __post_init__(self) -> None:
        self.disk.on_commit = self._note_head

    def _note_head(self, rows: Rows) -> None:
        head = logs.head(rows, self.origin)
        if head is not None and head.checkpoint is not None:
            signed = checkpoints.parse(head.checkpoint)
            assert self.heads.setdefault(signed.size, signed.root) == signed.root, "two roots for one size"
            assert signed.size == max(self.heads), "the log has become shorter"

    @property
    def key(self) -> Key:
        return _key(self.number)

    @property
    def origin(self) -> str:
        return self.key.did


@dataclass
class Follower(Machine):
    """Who follows all authors; the keeper is one, too."""

    sizes: dict[str, int] = field(default_factory=dict)
    """Of each log, as it was when it was looked at last."""


class World:
    """Everybody, and what can happen."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.rng = rng = Random(f"millpond {seed}")
        self.loop = sim_time.SimLoop()
        self.loop.set_exception_handler(lambda loop, context: None)  # tasks of a process that died
        self.weather = Weather(rng)
        self.now_ms = START_MS
        self.story: list[str] = []
        self.cosigned: dict[tuple[str, str], list[Cosigned]] = {}
        self.authors = [self._author(number) for number in range(1, 1 + rng.choice([1, 1, 2]))]
        self.forks: dict[str, tuple[Author, Author]] = {}
        self.keeper = self._follower("keeper")
        self.followers = [self._follower(f"follower {number}") for number in range(rng.choice([1, 2]))]
        self.identity = Keeper.of(f"keeper {seed:025}".encode())
        self.sources: dict[str, list[SimSource]] = {}
        for author in self.authors:
            self.keeper.db.write(lambda rows, did=author.origin: keeping.carry(rows, did))
            self.sources[author.origin] = self._sources(author)

    # ---- who there is

    def _author(self, number: int) -> Author:
        disk = Disk("room", self.rng)
        return Author(f"author {number}", disk, disk.open(), number=number)

    def _follower(self, name: str) -> Follower:
        disk = Disk("network", self.rng)
        return Follower(name, disk, disk.open())

    def _sources(self, author: Author) -> list[SimSource]:
        name, did, weather = author.name, author.origin, self.weather
        found = [
            SimSource(f"{name}'s node", author.disk, did, weather),
            SimSource(f"{name} at the keeper", self.keeper.disk, did, weather),
            SimSource(f"{name}'s mirror", author.disk, did, weather, is_live=False),
        ]
        for number in range(self.rng.choice([0, 1, 2])):
            lies = tuple(self.rng.sample(LIES, self.rng.choice([1, 2, 4])))
            address = f"{name}'s liar {number}"
            found.append(SimSource(address, author.disk, did, weather, is_live=False, lies=lies))
        return found

    @property
    def machines(self) -> list[Machine]:
        forked = [fork for _, fork in self.forks.values()]
        return [*self.authors, *forked, self.keeper, *self.followers]

    @property
    def readers(self) -> list[Follower]:
        return [self.keeper, *self.followers]

    def versions(self, origin: str) -> list[Author]:
        """The author's histories: one, or two."""
        return [author for author in self.machines if isinstance(author, Author) and author.origin == origin]

    def time_of(self, machine: Machine) -> int:
        return self.now_ms + machine.skew_ms + int(self.loop.time() * 1_000)

    # ---- what they do

    async def say(self, author: Author) -> None:
        """New statements, or once more those that it is not sure of."""
        entries, author.unsure = author.unsure, []
        count = self.rng.choices([0, 1, 5, 40, 300], [2, 4, 4, 3, 1])[0]
        for _ in range(min(count, STATEMENTS - author.said)):
            entries.append(statement_of(author.number, author.mark, author.said))
            author.said += 1
        try:
            said = await author.db.awrite(lambda rows: writing.say(rows, author.key, entries))
        except (Crash, sqlite3.Error):
            author.unsure = entries
            raise
        for entry, one in zip(entries, said, strict=True):
            assert author.acknowledged.setdefault(entry, one.position) == one.position

    async def pull(self, follower: Follower, origin: str) -> None:
        """From one source or from several."""
        known = self.sources[origin]
        sources = self.rng.sample(known, self.rng.randint(1, len(known)))
        sources = [one for one in sources if one.disk is not follower.disk] or known[:1]
        if len(sources) > 1 or self.rng.random() < 0.5:
            await self._pull_from(follower, origin, sources)
            return
        log = await follower.db.awrite(lambda rows: logs.begin(rows, origin))
        await pull(follower.db, log.id, sources[0], now_ms=self.time_of(follower), fold=meeting.note)

    async def _pull_from(self, follower: Follower, origin: str, sources: list[SimSource]) -> None:
        log = await follower.db.awrite(lambda rows: logs.begin(rows, origin))
        now_ms = self.time_of(follower)
        await pull_from_any(follower.db, log.id, sources, now_ms=now_ms, fold=meeting.note)

    async def push(self, author: Author) -> None:
        """To the keeper's mirror."""
        known = author.head(author.origin)
        if known is None:
            return
        mirror = _cosigner(self.identity.mirror)
        async with self._client() as client:
            done = await pushing.push(
                client, LogAt(author.db, known.id), f"{ADDRESS}/mirror", mirror, pause_seconds=0.1
            )
        self.cosigned.setdefault((author.origin, "mirror"), []).append(done.cosigned)

    async def witness(self, author: Author) -> None:
        """A cosignature of the keeper."""
        known = author.head(author.origin)
        if known is None:
            return
        key = _cosigner(self.identity.witness)
        async with self._client() as client:
            done = await asking.ask_witness(client, LogAt(author.db, known.id), f"{ADDRESS}/witness", key)
        self.cosigned.setdefault((author.origin, "witness"), []).append(done)
        await author.db.awrite(lambda rows: asking.keep(rows, known.id, [done]))

    def _client(self) -> httpx2.AsyncClient:
        desk = Desk(
            self.identity, lambda: self.keeper.db, lambda: self.time_of(self.keeper), self.keeper.restart
        )
        return httpx2.AsyncClient(transport=KeeperTransport(desk, self.weather))

    def fork(self, author: Author) -> None:
        """Somebody goes on from a copy of the author's disk, with the author's key."""
        disk = Disk("room", self.rng, copy_of=author.disk)
        other = Author(
            f"{author.name} again", disk, disk.open(), number=author.number, mark="forked",
            heads=dict(author.heads),
        )  # fmt: skip
        self.forks[author.origin] = (author, other)
        did, weather = author.origin, self.weather
        self.sources[did] += [
            SimSource(f"{other.name}'s node", disk, did, weather),
            SimSource(f"{other.name}'s mirror", disk, did, weather, is_live=False),
            MixedSource(f"{other.name}'s mix", author.disk, did, weather, other=disk),
        ]

    # ---- a step

    def step(self) -> None:
        """One thing, or several at once; then the world changes a little."""
        rng = self.rng
        jobs = [self._job() for _ in range(rng.choice([1, 1, 2, 3]))]
        self._note(" and ".join(what for _, _, what in jobs))
        self._run(self._together(jobs))
        self._change()

    def _run(self, job: Coroutine[Any, Any, None]) -> None:
        sim_time.run(self.loop, job)
        for machine in self.machines:
            if machine.db.is_dead:
                machine.restart()

    def _job(self) -> tuple[Machine, Job, str]:
        rng = self.rng
        author = rng.choice([one for one in self.machines if isinstance(one, Author)])
        reader = rng.choice(self.readers)
        what = rng.choices(["say", "pull", "push", "witness"], [4, 6, 2, 1])[0]
        if what == "pull":
            job = partial(self.pull, reader, author.origin)
            return reader, job, f"{reader.name} pulls {author.name}"
        ways = {"say": self.say, "push": self.push, "witness": self.witness}
        return author, partial(ways[what], author), f"{author.name}: {what}"

    @contextmanager
    def _patched(self) -> Iterator[None]:
        """No real time, no threads, nothing checked twice that can only come out the same."""
        with (
            patch.object(pushing, "monotonic", self.loop.time),
            patch.object(reading, "_SHARE", 2**30),
            patch.object(statement, "read", _read_statement),
            patch.object(note, "is_signed", _is_signed),
        ):
            yield

    async def _together(self, jobs: list[tuple[Machine, Job, str]]) -> None:
        with self._patched():
            await asyncio.gather(*[self._do(machine, job) for machine, job, _ in jobs])

    async def _do(self, machine: Machine, job: Job) -> None:
        life = machine.db
        try:
            await job()
        except Crash:
            self._note(f"    {machine.name} crashed: {machine.disk.faults[-1:]}")
            if machine.db is life:
                machine.restart()
        except Conflict as error:
            self._note(f"    {error}")
            if isinstance(machine, Author) and machine.origin not in self.forks:
                raise AssertionError("an honest author is told of a second history") from error
        except (PeerError, Unreachable, sqlite3.OperationalError) as error:
            self._note(f"    {machine.name}: {error}")

    def _change(self) -> None:
        """Weather, clocks, mirrors, a second history."""
        rng = self.rng
        self.now_ms += rng.choice([0, 1_000, 60_000, DAY_MS // 4])
        if rng.random() < 0.3:
            self.weather.lost, self.weather.cut = rng.choice([0, 0.1, 0.5]), rng.choice([0, 0.05, 0.4])
            self._note(f"  weather: {self.weather.lost} lost, {self.weather.cut} cut")
        machine = rng.choice(self.machines)
        if rng.random() < 0.3:
            machine.disk.fault_rate = rng.choice([0, 0, 0.05, 0.3])
            machine.disk.is_full = rng.random() < 0.1
            self._note(f"  {machine.name}'s disk: {machine.disk.fault_rate}, full: {machine.disk.is_full}")
        if rng.random() < 0.1:
            machine.skew_ms = rng.choice([0, 0, DAY_MS, -DAY_MS, 400 * DAY_MS])
            self._note(f"  {machine.name}'s clock: {machine.skew_ms} ms")
        for source in [source for sources in self.sources.values() for source in sources]:
            if rng.random() < 0.3:
                source.look()
        author = rng.choice(self.authors)
        if rng.random() < 0.03 and author.origin not in self.forks and author.head(author.origin) is not None:
            self.fork(author)
            self._note(f"  {author.name} has two histories from {max(author.heads, default=0)} on")

    def heal(self) -> None:
        """From now on everything works and everybody tells the truth."""
        self._note("healed")
        self.weather.lost = self.weather.cut = 0.0
        for machine in self.machines:
            machine.disk.fault_rate, machine.disk.is_full, machine.skew_ms = 0.0, False, 0
        for sources in self.sources.values():
            for source in sources:
                source.heal()
        self.now_ms += 500 * DAY_MS

    async def _round(self) -> None:
        with self._patched():
            for author in self.authors:
                await self._do(author, partial(self.say, author))
                await self._do(author, partial(self.push, author))
            for reader in self.readers:
                for origin, sources in self.sources.items():
                    others = [source for source in sources if source.disk is not reader.disk]
                    await self._do(reader, partial(self._pull_from, reader, origin, others))

    def settle(self) -> None:
        """A round of everybody asking everybody, a day later."""
        self.now_ms += DAY_MS
        for source in [source for sources in self.sources.values() for source in sources]:
            source.look()
        self._run(self._round())

    def _note(self, line: str) -> None:
        self.story.append(line)

    def close(self) -> None:
        self.loop.close()


def _cosigner(key: Key) -> VerifierKey:
    return VerifierKey(key.did, note.COSIGNATURE, key.public)
