"""Who somebody is, as far as one room can know: its own names first, then the word of those it follows.

    known       the check phrase was compared with them
    vouched     somebody whom the room follows says who they are; one step, no further
    unvouched   nobody whom it follows does

- A name that somebody gives themselves is never shown as theirs: it is what they call themselves.
- Of a voucher who signed two histories nothing counts.
- A successor is shown, and never followed by itself: a stolen key names successors, too. With two of them the
  old key is in two hands for certain.
- A listing is shown until the moment it says itself, and not longer.

`room` is the slug under which `followers` has the room; `names` are those that it gave, by did.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from millpond.errors import InputError
from millpond.network import cards
from millpond.network.cards import Card
from millpond.store import Rows
from millpond.store.database import Row

MOST_SHOWN = 500
"""Listings, cards, vouchers or followers in one answer."""


class Standing(StrEnum):
    """How far somebody is known here."""

    KNOWN = "known"
    VOUCHED = "vouched"
    UNVOUCHED = "unvouched"


@dataclass(frozen=True, slots=True)
class Vouching:
    """Somebody's word for somebody: `by` is a did, `name` what they call them, `time_ms` as they say."""

    by: str
    name: str
    note: str
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A participant as a room sees them. `name` is the room's own for them, "" if it gave none."""

    did: str
    standing: Standing
    name: str
    calls_itself: str
    about: str
    place: str
    addresses: tuple[str, ...]
    vouched_by: tuple[Vouching, ...]
    successors: tuple[str, ...]
    predecessors: tuple[str, ...]

    @property
    def is_in_two_hands(self) -> bool:
        """Whether their key named two successors."""
        return len(self.successors) > 1


@dataclass(frozen=True, slots=True)
class Listed:
    """Something that somebody offers, or looks for; texts by language, unix milliseconds."""

    by: str
    sid: bytes
    title: Mapping[str, str]
    text: Mapping[str, str]
    is_wanted: bool
    until_ms: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A card in the address book of `by`, whom the room follows."""

    by: str
    card: Card
    time_ms: int


def standing(did: str, compared: Collection[str], vouched_by: Collection[Vouching]) -> Standing:
    """How far somebody is known where these dids were compared, and those who vouch are followed."""
    if did in compared:
        return Standing.KNOWN
    return Standing.VOUCHED if vouched_by else Standing.UNVOUCHED


def person(
    rows: Rows, room: str, did: str, names: Mapping[str, str], compared: Collection[str] = ()
) -> Person:
    """What a room can know of somebody; `compared` are dids whose check phrase it compared."""
    profile = rows.one("network_people.profile", origin=did)
    vouched_by = vouches(rows, room, did)
    return Person(
        did=did,
        standing=standing(did, compared, vouched_by),
        name=names.get(did, ""),
        calls_itself=profile["name"] if profile else "",
        about=profile["about"] if profile else "",
        place=profile["place"] if profile else "",
        addresses=addresses_of(rows, did),
        vouched_by=vouched_by,
        successors=successors_of(rows, did),
        predecessors=tuple(row["origin"] for row in rows.all("network_people.predecessors", origin=did)),
    )


def addresses_of(rows: Rows, did: str) -> tuple[str, ...]:
    """Where they say that their log can be fetched: addresses of nodes."""
    profile = rows.one("network_people.profile", origin=did)
    return tuple(json.loads(profile["addresses"])) if profile else ()


def successors_of(rows: Rows, did: str) -> tuple[str, ...]:
    """Whom their key named as who goes on; more than one, if it is in two hands."""
    return tuple(row["successor"] for row in rows.all("network_people.successors", origin=did))


def vouches(rows: Rows, room: str, subject: str) -> tuple[Vouching, ...]:
    """Who of those that the room follows vouches for somebody; the last word of each."""
    found = rows.all("network_people.vouches_for", room=room, subject=subject, most=MOST_SHOWN)
    return tuple(Vouching(row["origin"], row["name"], row["note"], row["time_ms"]) for row in found)


def listings(rows: Rows, room: str, *, now_ms: int) -> tuple[Listed, ...]:
    """What those that the room follows offer or look for now; what ends first comes first."""
    found = rows.all("network_people.listings_for", room=room, now_ms=now_ms, most=MOST_SHOWN)
    return tuple(_listed(row) for row in found)


def book(rows: Rows, room: str) -> tuple[Entry, ...]:
    """The cards in the address books of those that the room follows, the newest first."""
    found = []
    for row in rows.all("network_people.book_for", room=room, most=MOST_SHOWN):
        try:
            found.append(Entry(row["author"], cards.read(row["card"]), row["time_ms"]))
        except InputError:  # noted by a version that understood more
            continue
    return tuple(found)


def who_follows(rows: Rows, did: str) -> tuple[str, ...]:
    """Dids of those who say that they follow somebody, of the logs that are here."""
    found = rows.all("network_people.who_follows", subject=did, most=MOST_SHOWN)
    return tuple(row["origin"] for row in found)


def _listed(row: Row) -> Listed:
    return Listed(
        row["origin"],
        bytes(row["sid"]),
        json.loads(row["title"]),
        json.loads(row["text"]),
        bool(row["is_wanted"]),
        row["until_ms"],
    )
