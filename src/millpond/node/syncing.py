"""Exchanging everything once, now: every source of every followed log, every keeper of every own log.

For a person who waits for it (`millpond log sync`), beside a node that runs or without one. Nobody rests: who
failed a minute ago is asked once more. What came of each is one line (`Synced`); an error of one stops none
of the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import httpx2

from millpond.errors import InputError, PeerError, Unreachable
from millpond.network import addresses, contradictions, fetching, meeting, pulling
from millpond.network.calling import make_client
from millpond.network.one_source import Outcome
from millpond.network.sources import Source, source_at
from millpond.node import carrying, keepers, peers
from millpond.node.carrying import Memory, Own
from millpond.node.keepers import Keeper
from millpond.node.node import Node, OpenRoom
from millpond.node.schedule import Kind
from millpond.store import logs

AT_ONCE = 4
WATCH_SECONDS = 0.5

Told = Callable[[str, int], None]
"""Hears how far it is: with whom (a name, an address), and how many entries are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What came of one log with one source or keeper.

    `name` is who it is about in the room's words, `address` whom was called; `size` how many entries are
    there now, `came` how many of them are new; `problem` why not, "" if it went well.
    """

    kind: Kind
    did: str
    name: str
    address: str
    size: int = 0
    came: int = 0
    problem: str = ""


async def sync(node: Node, rooms: Sequence[OpenRoom], *, told: Told = lambda *_: None) -> tuple[Synced, ...]:
    """What these rooms follow, and their own logs at their keepers; in the order in which they are listed."""
    line = asyncio.Semaphore(AT_ONCE)

    async def in_line(work: Callable[[], Awaitable[list[Synced]]]) -> list[Synced]:
        async with line:
            return await work()

    async with make_client() as client:
        work: list[Callable[[], Awaitable[list[Synced]]]] = []
        for room in rooms:
            await asyncio.to_thread(peers.bring_in_line, node, room)
            for peer in peers.peers(room.db.read):
                if peer.is_followed:
                    work.append(partial(_follow, node, client, peer.did, peer.name, told))
            for keeper in keepers.keepers(room.db.read):
                own = carrying.own_logs(room.db.read)
                work.append(partial(_carry, node, client, room, keeper, own, told))
        done = await asyncio.gather(*map(in_line, work))
    return tuple(one for some in done for one in some)


async def _follow(node: Node, client: httpx2.AsyncClient, did: str, name: str, told: Told) -> list[Synced]:
    """One followed log from each of its sources, one after the other."""
    db, found, sources = node.network, [], []
    known = logs.head(db.read, did)
    if known is None:
        return []
    for address in [one.address for one in addresses.of_log(db.read, known.id)]:
        result = partial(Synced, kind=Kind.PULL, did=did, name=name, address=address)
        try:
            source = source_at(address, client)
            sources.append(source)
            size, came = await _pull(node, known.id, source, partial(told, name))
            found.append(result(size=size, came=came))
        except (InputError, PeerError, Unreachable) as error:
            found.append(result(size=_size(node, known.id), problem=error.problem))
    if contradictions.is_contradicted(db.read, did):
        problem = "its key signed two histories: nothing more is taken. See: millpond peers show"
        return [
            Synced(
                kind=Kind.PULL, did=did, name=name, address="", size=_size(node, known.id), problem=problem
            )
        ]
    await fetching.fetch(db, known.id, sources, now_ms=node.clock())
    return found or [
        Synced(kind=Kind.PULL, did=did, name=name, address="", problem="no address of it is known")
    ]


async def _pull(node: Node, id: int, source: Source, told: Callable[[int], None]) -> tuple[int, int]:
    """Everything that one source has; the log's size, and how much of it is new."""
    before = _size(node, id)
    watch = asyncio.create_task(_watch(node, id, told))
    try:
        outcome = Outcome.PART
        while outcome is Outcome.PART:
            pulled = await pulling.pull(node.network, id, source, now_ms=node.clock(), fold=meeting.fold)
            outcome = pulled.outcome
    finally:
        watch.cancel()
    return pulled.head.size, pulled.head.size - before


async def _watch(node: Node, id: int, told: Callable[[int], None]) -> None:
    before = logs.head_by_id(node.network.read, id).reached
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        reached = logs.head_by_id(node.network.read, id).reached
        if reached != before:
            told(reached)


async def _carry(
    node: Node,
    client: httpx2.AsyncClient,
    room: OpenRoom,
    keeper: Keeper,
    own: Iterable[Own],
    told: Told,
) -> list[Synced]:
    """The room's own logs at one keeper."""
    found = []
    for one in own:
        result = partial(Synced, kind=Kind.PUSH, did=one.did, name=keeper.name, address=keeper.address)
        try:
            size = await carrying.carry(
                node, client, room, keeper, one, Memory(), told=lambda there, _: told(keeper.name, there)
            )
            found.append(result(size=size, came=max(0, size - keeper.size)))
        except (PeerError, Unreachable) as error:
            found.append(result(size=keeper.size, problem=error.problem))
    return found


def _size(node: Node, id: int) -> int:
    return logs.head_by_id(node.network.read, id).size
