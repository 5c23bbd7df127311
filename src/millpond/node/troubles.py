"""What is wrong between a room and others: found out from what is noted, for whoever shows it to the owner.

Nothing here is done about it, and nothing is asked of anybody: `of_room` reads. A room that neither says
anything nor follows anybody has no troubles.

- What heals by itself is no trouble: a source that did not answer once, a peer whose laptop sleeps tonight.
- Of a peer whom nobody has heard for days one trouble is made, not one for each of their addresses.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from millpond.node import own_keys
from millpond.node.node import Node, OpenRoom
from millpond.node.own_keys import State
from millpond.store import Rows, logs
from millpond.store.database import Row

SILENT_MS = 3 * 86_400_000
"""A weekend and a day: who is not heard for longer may be gone."""
MANY_FAILURES = 8
"""In a row: more than an hour, as tries are put further and further apart."""


class What(StrEnum):
    """Kinds of troubles, the gravest first."""

    OWN_TWO_HISTORIES = "own_two_histories"
    RESTING = "resting"
    TWO_HISTORIES = "two_histories"
    SUSPICION = "suspicion"
    BROKEN = "broken"
    KEEPER_SIZE = "keeper_size"
    KEEPER = "keeper"
    KEEPER_SILENT = "keeper_silent"
    SOURCE = "source"
    SILENT = "silent"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Something to look at. `did` is whom it is about; the rest is there if `what` has it.

    `at_ms` is since when (unix milliseconds), `problem` what was noted, `address` where, `position` or sizes
    in `count`, `proof` the number of a row of `equivocations`, `sha256` of an attachment.
    """

    what: What
    did: str
    at_ms: int | None = None
    problem: str = ""
    address: str = ""
    count: int = 0
    proof: int | None = None
    sha256: str = ""


def of_room(node: Node, room: OpenRoom, *, now_ms: int) -> tuple[Trouble, ...]:
    """All of them, the gravest first."""
    rows, network = room.db.read, node.network.read
    followed = network.all("network_others.followed", room=room.slug)
    found = [
        *_own(rows),
        *_contradictions(rows, network, {row["origin"] for row in followed}),
        *_keepers(rows, now_ms),
        *_followed(rows, network, room.slug, followed, now_ms),
    ]
    order = list(What)
    return tuple(sorted(found, key=lambda trouble: order.index(trouble.what)))


def count(node: Node, room: OpenRoom, *, now_ms: int) -> int:
    """How many there are."""
    return len(of_room(node, room, now_ms=now_ms))


def _own(rows: Rows) -> list[Trouble]:
    known = own_keys.current(rows)
    if known is None or known.state is not State.RESTING:
        return []
    return [Trouble(what=What.RESTING, did=known.did, at_ms=known.changed_ms, problem=known.why)]


def _contradictions(rows: Rows, network: Rows, followed: set[str]) -> list[Trouble]:
    own = {key.did for key in own_keys.keys(rows)}
    found = []
    for row in network.all("network_others.contradictions"):
        if row["origin"] in own and row["is_proven"]:
            what = What.OWN_TWO_HISTORIES
        elif row["origin"] in followed:
            what = What.TWO_HISTORIES if row["is_proven"] else What.SUSPICION
        else:
            continue
        found.append(Trouble(what=what, did=row["origin"], at_ms=row["found_ms"], proof=row["id"]))
    return found


def _keepers(rows: Rows, now_ms: int) -> list[Trouble]:
    known = own_keys.current(rows)
    head = None if known is None else logs.head(rows, known.did)
    if head is None or not head.size:
        return []
    found = []
    for row in rows.all("peers.keepers"):
        told = {"did": row["did"], "address": row["address"], "problem": row["problem"]}
        since_ms = row["heard_ms"] or row["added_ms"]
        if row["size"] > head.size:
            found.append(Trouble(what=What.KEEPER_SIZE, count=row["size"], at_ms=row["heard_ms"], **told))
        elif now_ms - since_ms > SILENT_MS:
            found.append(Trouble(what=What.KEEPER_SILENT, at_ms=row["heard_ms"], **told))
        elif row["problem"] and row["failures"] >= MANY_FAILURES:
            found.append(Trouble(what=What.KEEPER, at_ms=since_ms, **told))
    return found


def _followed(rows: Rows, network: Rows, slug: str, followed: list[Row], now_ms: int) -> list[Trouble]:
    heard = {row["origin"]: row for row in followed}
    bad: dict[str, list[Row]] = defaultdict(list)
    for row in network.all("network_others.problems", room=slug):
        bad[row["origin"]].append(row)
    found = []
    for peer in rows.all("peers.all"):
        if peer["is_followed"]:
            did = peer["origin"]
            found += _of_peer(peer, heard.get(did), bad[did], now_ms)
    for row in network.all("network_others.refused", room=slug):
        found.append(Trouble(what=What.REFUSED, did=row["origin"], sha256=row["sha256"]))
    return found


def _of_peer(peer: Row, log: Row | None, bad: list[Row], now_ms: int) -> list[Trouble]:
    """Of somebody who is followed: `log` is what is here of theirs, `bad` their sources with a problem."""
    did, heard_ms, found = peer["origin"], None, []
    if log is not None:
        heard_ms = log["heard_ms"]
        if log["broken_at"] is not None:
            found.append(Trouble(what=What.BROKEN, did=did, count=log["broken_at"]))
    if now_ms - (heard_ms or peer["added_ms"]) > SILENT_MS:
        problem = bad[-1]["problem"] if bad else ""
        return [*found, Trouble(what=What.SILENT, did=did, at_ms=heard_ms, problem=problem)]
    for one in bad:
        if one["failures"] >= MANY_FAILURES:
            told = {"problem": one["problem"], "address": one["address"]}
            found.append(Trouble(what=What.SOURCE, did=did, at_ms=one["heard_ms"], **told))
    return found
