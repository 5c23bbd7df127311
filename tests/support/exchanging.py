"""People with nodes that exchange logs, and a loop that does what is due, step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from sites import Site
from small_nodes import Clock, set_up
from talking import check_log, room_of

from millpond.network import cards, keeping
from millpond.network.cards import Card
from millpond.node import keepers, own_log, peers
from millpond.node.exchange import Exchange
from millpond.node.node import Node, OpenRoom
from millpond.node.peers import Met
from millpond.store import logs


@dataclass
class Person:
    """Somebody with a node that only calls out, and a room in it."""

    node: Node
    room: OpenRoom
    clock: Clock

    @property
    def did(self) -> str:
        """Of the room's log, which begins now if it has not."""
        return own_log.ensure(self.node, self.room)

    def keeper(self) -> keepers.Keeper:
        """The only one that the room has."""
        (found,) = keepers.keepers(self.room.db.read)
        return found

    def kept_at(self, site: Site) -> None:
        """The site's keeper carries the log, and the room pushes it there."""
        card = keeper_card(site)
        keepers.add_keeper(self.room, card, now_ms=self.clock())
        site.node.network.write(lambda rows: keeping.carry(rows, self.did))

    def follows(self, other: Person, *at: str) -> None:
        """Takes their card in."""
        card = Card(other.did, tuple(at), "them")
        peers.meet(self.node, self.room, card, met=Met.PASTE)

    def has(self, other: Person) -> int:
        """Entries of somebody else's log that are here, all of them right and read."""
        return check_log(self.node.network.read, other.did)


def keeper_card(site: Site) -> Card:
    """The card of the site's keeper."""
    return cards.read(httpx2.get(f"{site.base}/card").text)


@contextmanager
def person(folder: Path) -> Iterator[Person]:
    """Somebody new."""
    clock = Clock()
    with Node(folder, clock=clock) as node:
        set_up(node)
        yield Person(node, room_of(node), clock)


def exchanging(node: Node, *steps: Callable[[], object]) -> list[int]:
    """A loop of this node: everything that is due, then a step, then everything again; jobs each time."""

    async def go() -> list[int]:
        loop, counts = Exchange(node, draw=lambda: 500), []
        try:
            for step in (None, *steps):
                if step is not None:
                    await asyncio.to_thread(step)
                await loop.tick()
                counts.append(len(loop._running))
                await loop.idle()
        finally:
            await loop.close()
        return counts

    return asyncio.run(go())


def log_of(node: Node, did: str) -> int:
    """The number of somebody's log in what the node has of others."""
    head = logs.head(node.network.read, did)
    assert head is not None
    return head.id
