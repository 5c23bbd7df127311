"""The room's card, and the addresses that stand in it and in what the room says of itself.

A card leads others to a node that has the log: to this one, if it has an address that others can reach, and
to the mirrors that carry it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from millpond.network import cards
from millpond.network.cards import Card
from millpond.web.visit import Visit

_HERE = ("localhost", "127.", "[::1]")
"""Addresses that mean another machine to everybody else."""


def addresses(visit: Visit) -> tuple[str, ...]:
    """Where others can read the log: this node first, then its mirrors."""
    own = visit.node.public_url or visit.base
    reachable = not (urlsplit(own).netloc or "localhost").startswith(_HERE)
    mirrors = [row["address"] for row in visit.read.all("others.keepers") if row["is_mirror"]]
    return tuple(dict.fromkeys([own] * reachable + mirrors))


def of(visit: Visit, did: str) -> Card:
    """The card of this key of the room."""
    row = visit.read.one("network_people.profile", origin=did)
    name = str(row["name"]) if row is not None else visit.profile.name
    return cards.fitting(did, addresses(visit), name)
