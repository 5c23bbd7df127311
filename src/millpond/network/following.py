"""Why a log is here: which rooms follow it, and where it is asked for.

The list of whom a room follows stands in the room's own file; what is here is brought in line with it
(`node.peers`). A log that is no longer followed stays as it is until it is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from millpond.network import addresses, attachments
from millpond.store import Rows, logs
from millpond.store.logs import origin_hash

_WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Fetched:
    """How far a log is here: entries under its checkpoint, how many of them were read, when it was heard of.

    `heard_ms` is when any source last answered, None if none ever did. `problem` is what the sources last
    said, "" while one of them is well; `is_contradicted`: its key signed two histories.
    """

    size: int = 0
    read: int = 0
    broken_at: int | None = None
    is_contradicted: bool = False
    heard_ms: int | None = None
    problem: str = ""


def source_of(address: str, origin: str) -> str:
    """Where the log is asked for, if this is the address of a node that has it, or of it, or a folder."""
    if address.startswith(_WEB):
        behind = f"/logs/{origin_hash(origin)}"
        return address.rstrip("/").removesuffix(behind) + behind
    return address


def follow(rows: Rows, room: str, origin: str, at: Iterable[str]) -> int:
    """The room follows this log from now on, at these addresses, too; returns the log's number."""
    known = logs.begin(rows, origin)
    rows.run("network_people.follow", log=known.id, room=room)
    for address in at:
        addresses.add(rows, known.id, source_of(address, origin))
    return known.id


def unfollow(rows: Rows, room: str, origin: str) -> None:
    """The room does not follow it any more; what is here of it stays."""
    rows.run("network_people.unfollow", room=room, origin=origin)


def forget(rows: Rows, origin: str) -> bool:
    """Throws the log away if nobody here wants it; returns whether it did. Proofs against its key stay."""
    known = logs.head(rows, origin)
    if known is None or rows.one("network_people.is_wanted", log=known.id) is not None:
        return False
    logs.forget(rows, known.id)
    attachments.tidy(rows)
    return True


def bring_in_line(rows: Rows, room: str, followed: Mapping[str, Iterable[str]]) -> None:
    """The room follows these logs, at these addresses, and no others."""
    for row in rows.all("network_people.followed", room=room):
        if row["origin"] not in followed:
            unfollow(rows, room, row["origin"])
    for origin, at in followed.items():
        follow(rows, room, origin, at)


def rooms(rows: Rows) -> tuple[str, ...]:
    """Slugs of all rooms that follow something."""
    return tuple(row["room"] for row in rows.all("network_people.rooms"))


def fetched(rows: Rows, origin: str) -> Fetched:
    """How far the log is here, and how it goes."""
    known = logs.head(rows, origin)
    if known is None:
        return Fetched()
    sources = addresses.of_log(rows, known.id)
    bad = [one.problem for one in sources if one.problem]
    heard = [one.heard_ms for one in sources if one.heard_ms is not None]
    return Fetched(
        size=known.size,
        read=known.checked,
        broken_at=known.broken_at,
        is_contradicted=rows.one("network_people.is_contradicted", origin=origin) is not None,
        heard_ms=max(heard, default=None),
        problem=bad[-1] if bad and len(bad) == len(sources) else "",
    )
