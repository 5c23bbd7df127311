"""Where each log is asked for, and how that went: the rows of `sources`.

- A source that failed rests, the longer the more often it failed in a row, at most `MOST_REST_MS`.
- Those that answered last are asked first; those with a problem last.
- `note` keeps a signed head that a source showed until it is compared with the entries (`contradictions`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from millpond.errors import PeerError, Unreachable
from millpond.network.sources import Source
from millpond.store import Rows
from millpond.store.database import Row

MOST_OF_LOG = 64
"""Addresses of one log: its author may name others every day; those of before stay as long as they fit."""
FIRST_REST_MS = 30_000
MOST_REST_MS = 6 * 3_600_000
"""A node that was off for a week is found again within this."""

AnySource = TypeVar("AnySource", bound=Source)


@dataclass(frozen=True, slots=True)
class Known:
    """A source of a log: how it answered. `size` is of the last checkpoint of it that was right."""

    id: int
    address: str
    etag: str
    size: int
    heard_ms: int | None
    tried_ms: int | None
    failures: int
    problem: str
    note: bytes | None

    def is_due(self, now_ms: int) -> bool:
        """Whether it has rested enough; a clock that was put back does not keep it resting."""
        if not self.failures or self.tried_ms is None or self.tried_ms > now_ms:
            return True
        rest_ms = min(MOST_REST_MS, FIRST_REST_MS << min(self.failures - 1, 20))
        return now_ms >= self.tried_ms + rest_ms


def add(rows: Rows, log: int, address: str) -> None:
    """The log may be asked for there from now on; another one makes room if there are too many."""
    rows.run("network_sources.add", log=log, address=address)
    rows.run("network_sources.make_room", log=log, address=address, most=MOST_OF_LOG)


def remove(rows: Rows, log: int, address: str) -> None:
    """It is not asked for there any more."""
    rows.run("network_sources.remove", log=log, address=address)


def forget(rows: Rows, log: int) -> None:
    """All sources of a log, before the log itself is forgotten."""
    rows.run("network_sources.forget", log=log)
    rows.run("network_sources.forget_received", log=log)


def of_log(rows: Rows, log: int) -> tuple[Known, ...]:
    """In the order they were noted."""
    return tuple(_known(row) for row in rows.all("network_sources.of_log", log=log))


def one(rows: Rows, log: int, address: str) -> Known | None:
    """That source, None if it is not noted."""
    row = rows.one("network_sources.one", log=log, address=address)
    return None if row is None else _known(row)


def in_turn(rows: Rows, log: int, sources: Iterable[AnySource], *, now_ms: int) -> Sequence[AnySource]:
    """Those of the sources that are due, the most promising first."""
    known = {one.address: one for one in of_log(rows, log)}
    due = [
        source for source in sources if source.address not in known or known[source.address].is_due(now_ms)
    ]

    def promise(source: AnySource) -> tuple[bool, int]:
        row = known.get(source.address)
        return (row is not None and row.problem != "", -(row.heard_ms or 0) if row is not None else 0)

    return sorted(due, key=promise)


# ---- how it went


def asked(rows: Rows, log: int, address: str, *, now_ms: int) -> None:
    """It answered, and has nothing that it had not before."""
    rows.run("network_sources.asked", log=log, address=address, now_ms=now_ms)


def begun(rows: Rows, log: int, address: str, *, note: bytes, now_ms: int) -> None:
    """It showed this head and gives its entries; until they are all here it is asked for the head again."""
    rows.run("network_sources.begun", log=log, address=address, note=note, now_ms=now_ms)


def heard(rows: Rows, log: int, address: str, *, etag: str, size: int, now_ms: int) -> None:
    """It showed a head of this size, which was compared with the entries, or taken over with them."""
    rows.run("network_sources.heard", log=log, address=address, etag=etag, size=size, now_ms=now_ms)


def compared(rows: Rows, id: int) -> None:
    """The head that was kept of this source was compared with the entries."""
    rows.run("network_sources.compared", id=id)


def failed(
    rows: Rows,
    log: int,
    address: str,
    error: PeerError | Unreachable,
    *,
    now_ms: int,
    note: bytes | None = None,
) -> None:
    """It did not answer, or not as an honest source does; `note` is a head of the author's that it showed."""
    rows.run(
        "network_sources.failed", log=log, address=address, problem=error.problem, now_ms=now_ms, note=note
    )


# ---- who gave what lies beyond the checkpoint


def gives(rows: Rows, log: int, position: int, address: str) -> None:
    """Entries from this position on come from there."""
    if giver(rows, log, position) != address:
        rows.run("network_sources.cut_received", log=log, position=position)
        rows.run("network_sources.received", log=log, position=position, address=address)


def giver(rows: Rows, log: int, position: int) -> str | None:
    """Who gave the entry at this position; None if that is not known."""
    found = rows.value("network_sources.giver", log=log, position=position)
    return None if found is None else str(found)


def first_given(rows: Rows, log: int, address: str) -> int | None:
    """The first entry beyond the checkpoint that came from there."""
    found = rows.value("network_sources.first_given", log=log, address=address)
    return None if found is None else int(found)


def is_only_giver(rows: Rows, log: int, address: str) -> bool:
    """Whether nobody else is noted to have given what lies beyond the checkpoint."""
    return not int(rows.value("network_sources.other_givers", log=log, address=address))


def accepted(rows: Rows, log: int, size: int, reached: int) -> None:
    """A checkpoint is over `size` entries of the `reached` that are here: who gave those is forgotten."""
    beyond = giver(rows, log, size) if reached > size else None
    rows.run("network_sources.accepted", log=log, size=size)
    if beyond is not None and giver(rows, log, size) is None:
        rows.run("network_sources.received", log=log, position=size, address=beyond)


def cut_given(rows: Rows, log: int, position: int) -> None:
    """Entries from this position on are gone."""
    rows.run("network_sources.cut_received", log=log, position=position)


def _known(row: Row) -> Known:
    return Known(
        row["id"],
        row["address"],
        row["etag"],
        row["size"],
        row["heard_ms"],
        row["tried_ms"],
        row["failures"],
        row["problem"],
        row["note"],
    )
