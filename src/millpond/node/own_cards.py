"""The cards of this node: of each room that shows its log, and of the keeper.

A card leads others to a node that has the log: this one, if it has an address that others can reach, and the
mirrors that carry it.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from millpond.desk import room as desk_room
from millpond.network import cards, keeping
from millpond.network.cards import Card
from millpond.node import keepers, own_keys, publishing
from millpond.node.node import Node, OpenRoom

_HERE = ("localhost", "127.", "[::1]")
"""Beginnings of addresses that mean another machine to everybody else."""


def is_reachable(address: str) -> bool:
    """Whether an address says anything to another machine; this one's name for itself does not."""
    return not (urlsplit(address).netloc or "localhost").startswith(_HERE)


def of_room(room: OpenRoom, at: Iterable[str]) -> Card | None:
    """The card of a room whose log is at these addresses, and at its mirrors; None if it has none."""
    rows = room.db.read
    key, profile = own_keys.current(rows), desk_room.profile(rows)
    if key is None or profile is None:
        return None
    said = rows.one("network_people.profile", origin=key.did)
    mirrors = [one.address for one in keepers.keepers(rows) if one.is_mirror and "+" not in one.did]
    addresses = [address for address in at if is_reachable(address)] + mirrors
    return cards.fitting(key.did, addresses, str(said["name"]) if said else profile.name)


def of_keeper(node: Node, at: str) -> Card:
    """The card of who keeps this node, at its address; makes the keeper's key if there is none yet."""
    who = keeping.keeper(node.network, node.vault, now_ms=node.clock())
    return cards.fitting(who.did, [at], at.partition("://")[2], is_keeper=True)


def all_of(node: Node, at: str) -> tuple[Card, ...]:
    """Of every room that shows its log, and of the keeper."""
    found = []
    for entry in node.rooms():
        room = node.look_into(entry.slug)
        if room is not None and publishing.is_published(room.db.read):
            card = of_room(room, [at])
            if card is not None:
                found.append(card)
    return (*found, of_keeper(node, at))
