"""People whom a room follows, as pages show them: how well they are known, and what they offer.

known       the owner compared the check phrase with them
vouched     somebody whom the room follows says who they are
unvouched   nobody does: whoever it is, they only say so themselves
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from millpond.network import following, people
from millpond.network.people import Listed
from millpond.node import peers
from millpond.node.peers import Peer
from millpond.store.logs import origin_hash
from millpond.web.leader.network import shown
from millpond.web.visit import Visit

MOST_LISTINGS = 5
"""Of one participant on the page of all of them."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A listing in the reader's language; until when, in unix milliseconds."""

    title: str
    is_wanted: bool
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Acquaintance:
    """Somebody in the room's list. `vouched_by` are names; `successors` are dids that their key named."""

    did: str
    hash: str
    name: str
    own_word: str
    about: str
    place: str
    is_followed: bool
    is_known: bool
    vouched_by: Sequence[str]
    is_contradicted: bool
    successors: Sequence[str]
    size: int
    heard_ms: int | None
    listings: Sequence[Offered] = ()


def everybody(visit: Visit) -> list[Acquaintance]:
    """Those whom the room follows first, by name."""
    found: dict[str, list[Listed]] = {}
    for one in people.listings(visit.node.network.read, visit.room.slug, now_ms=visit.now_ms):
        found.setdefault(one.by, []).append(one)
    listed = peers.peers(visit.read)
    names = {one.did: one.name for one in listed}
    shown_ones = [_shown(visit, one, names, found.get(one.did, ())) for one in listed]
    return sorted(shown_ones, key=lambda one: not one.is_followed)


def by_hash(visit: Visit, hash: str) -> Acquaintance | None:
    """The one whose log has this name in addresses; None if there is none in the room's list."""
    listed = peers.peers(visit.read)
    names = {one.did: one.name for one in listed}
    peer = next((one for one in listed if origin_hash(one.did) == hash), None)
    return None if peer is None else _shown(visit, peer, names, ())


def _shown(visit: Visit, peer: Peer, names: Mapping[str, str], listings: Iterable[Listed]) -> Acquaintance:
    rows = visit.node.network.read
    person = people.person(rows, visit.room.slug, peer.did, names)
    fetched = following.fetched(rows, peer.did)
    return Acquaintance(
        did=peer.did,
        hash=origin_hash(peer.did),
        name=peer.name,
        own_word=person.calls_itself,
        about=person.about,
        place=person.place,
        is_followed=peer.is_followed,
        is_known=peer.compared_ms is not None,
        vouched_by=[names[one.by] for one in person.vouched_by if one.by in names],
        is_contradicted=fetched.is_contradicted,
        successors=person.successors,
        size=fetched.size,
        heard_ms=fetched.heard_ms,
        listings=[
            Offered(shown.in_language(dict(one.title), visit.language), one.is_wanted, one.until_ms)
            for one in list(listings)[:MOST_LISTINGS]
        ],
    )
