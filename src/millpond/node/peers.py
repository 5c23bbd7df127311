"""Whom a room knows and follows: its list, and the logs that are fetched because of it.

The room's file has the list, so it moves with the room; `network.db` has the logs themselves. Invariants:

- The room's list is what counts. It is written first; then the network's rows are brought in line with it. A
  crash between the two leaves a list that is right and rows that are not yet: `bring_all_in_line`, at the
  start of a node, makes up for it.
- A name stands for one participant: two of the same name would be taken for each other.
- Called is where the owner says, and where somebody who is followed says that their own log is, at most
  `addresses.MOST_OF_LOG`. A word of theirs leads nobody into the owner's own network.
- Nobody is followed but by the owner's word: not because a card was read, a node was found on the network,
  somebody vouched, or a log named a successor.

A *peer* is in the list of a room; whether it is also followed is said there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from millpond.desk.refusals import Refused
from millpond.log.keys import public_of
from millpond.log.kinds import MAX_ADDRESSES, MAX_NAME
from millpond.network import following, people
from millpond.network.cards import Card
from millpond.network.following import Fetched
from millpond.network.people import Person
from millpond.network.places import is_local
from millpond.node import own_keys
from millpond.node.keepers import checked_name
from millpond.node.node import Node, OpenRoom
from millpond.store import Rows
from millpond.store.database import Row

MOST_PEERS = 1_000
"""In the list of a room: a leader names each by hand."""


class Met(StrEnum):
    """Where a card came from."""

    PASTE = "paste"
    LAN = "lan"
    FILE = "file"
    BOOK = "book"
    SUCCESSOR = "successor"


@dataclass(frozen=True, slots=True)
class Peer:
    """Somebody in a room's list. `addresses` are of nodes, or folders, where their log may be fetched.

    `compared_ms` is when the check phrase was compared with them, None if it was not yet.
    """

    did: str
    name: str
    addresses: tuple[str, ...]
    is_followed: bool
    met: Met
    added_ms: int
    compared_ms: int | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A peer with what is known of them, and how far their log is here."""

    peer: Peer
    person: Person
    fetched: Fetched


# ---- the list


def peers(rows: Rows) -> tuple[Peer, ...]:
    """Everybody in the room's list, by name."""
    return tuple(_peer(row) for row in rows.all("peers.all"))


def known(rows: Rows) -> dict[str, str]:
    """What the room calls everybody in its list, by did."""
    return {row["origin"]: row["name"] for row in rows.all("peers.all")}


def find(rows: Rows, who: str) -> Peer:
    """The peer of this name, did, or beginning of a did; raises `Refused` if there is none, or more."""
    listed = peers(rows)
    found = [one for one in listed if who in (one.name, one.did)]
    if not found and len(who) >= 6:
        found = [
            one for one in listed if one.did.removeprefix("did:key:").startswith(who.removeprefix("did:key:"))
        ]
    if len(found) != 1:
        raise Refused("peer.unknown")
    return found[0]


def seen(node: Node, room: OpenRoom) -> tuple[Seen, ...]:
    """Everybody in the list, with what is known of them."""
    rows, listed = node.network.read, peers(room.db.read)
    names = {peer.did: peer.name for peer in listed}
    compared = {peer.did for peer in listed if peer.compared_ms is not None}

    def seen_one(peer: Peer) -> Seen:
        person = people.person(rows, room.slug, peer.did, names, compared)
        return Seen(peer, person, following.fetched(rows, peer.did))

    return tuple(seen_one(peer) for peer in listed)


# ---- changing it


def meet(
    node: Node,
    room: OpenRoom,
    card: Card,
    *,
    name: str = "",
    met: Met,
    is_followed: bool = True,
    also_at: Iterable[str] = (),
) -> Peer:
    """Takes a card into the room's list, or its addresses into the entry that is there.

    `name` is what they shall be called here, by default what the card says; `also_at` are more addresses, or
    folders on this machine. Raises `Refused`.
    """
    if card.is_keeper:
        raise Refused("peer.is_keeper")
    addresses = tuple(dict.fromkeys((*also_at, *card.addresses)))[:MAX_ADDRESSES]
    return _put(node, room, _Listing(card.did, name, addresses, met, is_followed), called=card.name)


def follow_successor(node: Node, room: OpenRoom, old: str, new: str) -> Peer:
    """Follows the log that continues another, and stops following that; raises `Refused`.

    The entry keeps its name; the old one is called what it was, with its key behind it.
    """
    before = find(room.db.read, old)
    if new not in people.successors_of(node.network.read, before.did):
        raise Refused("peer.no_successor")
    rename(node, room, before.did, f"{before.name} ({before.did[-5:]})"[-MAX_NAME:])
    unfollow(node, room, before.did)
    return _put(node, room, _Listing(new, before.name, before.addresses, Met.SUCCESSOR, True))


def rename(node: Node, room: OpenRoom, did: str, name: str) -> Peer:
    """They are called something else here; raises `Refused`."""
    return _change(node, room, did, name=name)


def follow(node: Node, room: OpenRoom, did: str) -> Peer:
    """Their log is fetched from now on; raises `Refused`."""
    return _change(node, room, did, is_followed=True)


def unfollow(node: Node, room: OpenRoom, did: str) -> Peer:
    """Their log is not fetched any more; what is here stays. Raises `Refused`."""
    return _change(node, room, did, is_followed=False)


def note_compared(room: OpenRoom, did: str, *, now_ms: int | None) -> None:
    """The check phrase was compared with them (None: it was not, after all)."""
    room.db.write(lambda rows: rows.run("others.set_compared", origin=did, compared_ms=now_ms))


def forget(node: Node, room: OpenRoom, did: str) -> None:
    """They leave the list; their log is thrown away, if nobody else here wants it. Raises `Refused`."""
    peer = find(room.db.read, did)
    room.db.write(lambda rows: rows.run("peers.remove", origin=peer.did))
    bring_in_line(node, room)
    node.network.write(lambda rows: following.forget(rows, peer.did))


# ---- the network's rows


def bring_in_line(node: Node, room: OpenRoom) -> None:
    """What this room follows is what its list says."""
    followed = {peer.did: _sources(node, peer) for peer in peers(room.db.read) if peer.is_followed}
    node.network.write(lambda rows: following.bring_in_line(rows, room.slug, followed))


def bring_all_in_line(node: Node) -> None:
    """The same for every room; rooms that are gone follow nothing. For the start of a node."""
    there = set()
    for entry in node.rooms():
        room = node.look_into(entry.slug)
        if room is not None:
            there.add(room.slug)
            bring_in_line(node, room)
    for slug in following.rooms(node.network.read):
        if slug not in there:
            node.network.write(lambda rows, slug=slug: following.bring_in_line(rows, slug, {}))  # type: ignore[misc]


def _sources(node: Node, peer: Peer) -> tuple[str, ...]:
    """Where the log is asked for: as the list says, and as its author says in it.

    What its author says leads into the network around here only for who was met there.
    """
    is_near = any(not address.startswith("http") or is_local(address) for address in peer.addresses)
    said = people.addresses_of(node.network.read, peer.did)
    return peer.addresses + tuple(one for one in said if is_near or not is_local(one))


# ---- inside


class _Listing(NamedTuple):
    """What is to stand in the list; a name of "" leaves the one that stands there."""

    did: str
    name: str
    addresses: tuple[str, ...]
    met: Met
    is_followed: bool


def _put(node: Node, room: OpenRoom, new: _Listing, *, called: str = "") -> Peer:
    """`called` is the name for who has none here yet."""
    public_of(new.did)
    now_ms = node.clock()

    def job(rows: Rows) -> None:
        if any(key.did == new.did for key in own_keys.keys(rows)):
            raise Refused("peer.own")
        row = rows.one("peers.one", origin=new.did)
        if row is None:
            _add(rows, new, called, now_ms)
            return
        before = _peer(row)
        _write(
            rows,
            new.did,
            name=_free_name(rows, new.did, new.name) if new.name else before.name,
            addresses=tuple(dict.fromkeys(new.addresses + before.addresses))[:MAX_ADDRESSES],
            is_followed=new.is_followed or before.is_followed,
        )

    room.db.write(job)  # durable: from here on the list has them, whatever becomes of the next line
    bring_in_line(node, room)
    return find(room.db.read, new.did)


def _add(rows: Rows, new: _Listing, called: str, now_ms: int) -> None:
    if len(rows.all("peers.all")) >= MOST_PEERS:
        raise Refused("peer.too_many", most=MOST_PEERS)
    rows.run(
        "peers.add",
        origin=new.did,
        name=_free_name(rows, new.did, new.name or called or new.did.removeprefix("did:key:")[:12]),
        addresses=json.dumps(new.addresses),
        is_followed=new.is_followed,
        met=new.met,
        now_ms=now_ms,
    )


def _change(
    node: Node,
    room: OpenRoom,
    did: str,
    *,
    name: str | None = None,
    addresses: tuple[str, ...] | None = None,
    is_followed: bool | None = None,
) -> Peer:
    def job(rows: Rows) -> None:
        before = find(rows, did)
        _write(
            rows,
            before.did,
            name=before.name if name is None else _free_name(rows, before.did, name),
            addresses=before.addresses if addresses is None else addresses,
            is_followed=before.is_followed if is_followed is None else is_followed,
        )

    room.db.write(job)
    bring_in_line(node, room)
    return find(room.db.read, did)


def _write(rows: Rows, did: str, *, name: str, addresses: tuple[str, ...], is_followed: bool) -> None:
    rows.run("peers.change", origin=did, name=name, addresses=json.dumps(addresses), is_followed=is_followed)


def _free_name(rows: Rows, did: str, name: str) -> str:
    name = checked_name(name)
    if rows.one("peers.named", name=name, origin=did) is not None:
        raise Refused("peer.name_taken", name=name)
    return name


def _peer(row: Row) -> Peer:
    return Peer(
        row["origin"],
        row["name"],
        tuple(json.loads(row["addresses"])),
        bool(row["is_followed"]),
        Met(row["met"]),
        row["added_ms"],
        row["compared_ms"],
    )
