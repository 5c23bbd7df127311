"""Which keepers carry and witness a room's log: a list in the room's file, so that it moves with the room.

A *mirror* gets every entry and hands them on; a *witness* cosigns heads, so that nobody is shown another
history. Pushing and asking is `carrying`'s; here is only who is in the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.log.kinds import MAX_NAME, Profile
from millpond.network.asking import cosigner_of
from millpond.network.cards import Card
from millpond.node.node import OpenRoom
from millpond.store import Rows
from millpond.store.database import Row

MOST_KEEPERS = 20
"""Each is pushed to whenever something was said."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """Where the room's log is pushed, and by whom it is cosigned; unix milliseconds, `cosigned_s` in seconds.

    A Millpond node at `address`, or any C2SP mirror or witness: then `did` is its vkey, and `address` the
    prefix of its calls.
    """

    did: str
    name: str
    address: str
    is_mirror: bool
    is_witness: bool
    size: int
    cosigned_s: int | None
    heard_ms: int | None
    tried_ms: int | None
    failures: int
    problem: str

    @property
    def is_millpond(self) -> bool:
        """Whether it is a node of this kind, with all its addresses."""
        return self.did.startswith("did:key:") and "+" not in self.did

    def prefix(self, part: str) -> str:
        """What its calls stand behind: `mirror` or `witness`."""
        base = self.address.rstrip("/")
        return f"{base}/{part}" if self.is_millpond else base


def keepers(rows: Rows) -> tuple[Keeper, ...]:
    """The keepers of the room's log, by name."""
    return tuple(_keeper(row) for row in rows.all("peers.keepers"))


def add_keeper(
    room: OpenRoom,
    card: Card,
    *,
    name: str = "",
    is_mirror: bool = True,
    is_witness: bool = True,
    now_ms: int,
) -> Keeper:
    """The room's log is pushed to this keeper, or cosigned by it, or both. Raises `Refused`.

    The keeper has to take it, too: they carry what they choose.
    """
    if not card.is_keeper or not card.addresses:
        raise Refused("peer.no_keeper")
    kept = _Kept(card.did, name or card.name or card.did[-12:], card.addresses[0], is_mirror, is_witness)
    return _keep(room, kept, now_ms)


def add_cosigner(
    room: OpenRoom, vkey: str, address: str, *, name: str, is_mirror: bool, is_witness: bool, now_ms: int
) -> Keeper:
    """The same for a mirror or witness that is no Millpond: its key as C2SP has it, the prefix of its calls.

    Raises `InputError`.
    """
    cosigner_of(vkey)
    Profile(name=name, addresses=(address.rstrip("/"),))
    return _keep(room, _Kept(vkey, name, address.rstrip("/"), is_mirror, is_witness), now_ms)


def find_keeper(rows: Rows, who: str) -> Keeper:
    """The keeper of this name or did; raises `Refused`."""
    found = [one for one in keepers(rows) if who in (one.name, one.did)]
    if len(found) != 1:
        raise Refused("peer.unknown")
    return found[0]


def remove_keeper(room: OpenRoom, did: str) -> None:
    """Nothing more is pushed there; what they have stays with them. Raises `Refused`."""
    if not room.db.write(lambda rows: rows.run("peers.remove_keeper", did=did)):
        raise Refused("peer.unknown")


class _Kept(NamedTuple):
    """A keeper as it is to stand in the list."""

    did: str
    name: str
    address: str
    is_mirror: bool
    is_witness: bool


def _keep(room: OpenRoom, kept: _Kept, now_ms: int) -> Keeper:
    if not kept.is_mirror and not kept.is_witness:
        raise Refused("peer.keeps_nothing")
    kept = kept._replace(name=checked_name(kept.name))

    def job(rows: Rows) -> Keeper:
        if len(rows.all("peers.keepers")) >= MOST_KEEPERS and rows.one("peers.keeper", did=kept.did) is None:
            raise Refused("peer.too_many", most=MOST_KEEPERS)
        rows.run("peers.add_keeper", **kept._asdict(), now_ms=now_ms)
        return _keeper(rows.one("peers.keeper", did=kept.did))

    return room.db.write(job)


def checked_name(name: str) -> str:
    """The name as it is noted; raises `Refused` if it can be none."""
    try:
        return Profile(name=name.strip()).name
    except InputError:
        raise Refused("peer.name", most=MAX_NAME) from None


def _keeper(row: Row | None) -> Keeper:
    assert row is not None
    return Keeper(
        row["did"],
        row["name"],
        row["address"],
        bool(row["is_mirror"]),
        bool(row["is_witness"]),
        row["size"],
        row["cosigned_s"],
        row["heard_ms"],
        row["tried_ms"],
        row["failures"],
        row["problem"],
    )
