"""Who carries the room's log: mirrors and witnesses, how far each is; and who says that they follow it."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from millpond.desk.people import Role
from millpond.node import keepers, own_log
from millpond.store import logs
from millpond.web.forms import Form
from millpond.web.leader.network import shown
from millpond.web.leader.network.shown import Names
from millpond.web.leader.network.told import told
from millpond.web.routes import Route, get
from millpond.web.visit import Visit

MOST_NAMED = 100
"""Followers and vouchers on the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A keeper as the page shows it; `behind` is how many statements it lacks, below 0 if it claims more."""

    did: str
    name: str
    address: str
    is_mirror: bool
    is_witness: bool
    behind: int
    heard_ms: int | None
    cosigned_ms: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class Says:
    """Somebody who says something of the room in a log that is here; `said` is what they call it."""

    name: str
    time_ms: int
    said: str = ""


async def page(visit: Visit) -> Response:
    """Everybody who carries the log, and a form for one more."""
    return show(visit)


def show(visit: Visit, form: Form | None = None) -> Response:
    """The page; with the form of a card that could not be read."""
    current = own_log.current(visit.read)
    head = None if current is None else logs.head(visit.read, current.did)
    size = head.size if head else 0
    return visit.page(
        "leader/network/carriers.html",
        422 if form else 200,
        form=form,
        keepers=[
            Carrier(
                did=one.did,
                name=one.name,
                address=one.address,
                is_mirror=one.is_mirror,
                is_witness=one.is_witness,
                behind=size - one.size,
                heard_ms=one.heard_ms,
                cosigned_ms=None if one.cosigned_s is None else one.cosigned_s * 1_000,
                problem=told(visit.words, one.problem),
            )
            for one in keepers.keepers(visit.read)
        ],
        vouchers=_said(visit, "network_others.vouchers"),
        followers=_said(visit, "network_others.followers"),
        when=lambda at_ms: shown.moment(visit, at_ms),
        ago=lambda at_ms: shown.ago(visit, at_ms),
    )


def _said(visit: Visit, statement: str) -> list[Says]:
    """Who vouches for the room, or says that they follow it, in any log on this node."""
    current = own_log.current(visit.read)
    if current is None:
        return []
    names, network = Names(visit), visit.node.network.read
    rows = network.all(statement, subject=current.did, most=MOST_NAMED)
    return [Says(names.of(row["origin"]), row["time_ms"], row["name"]) for row in rows]


PAGES: tuple[Route, ...] = (get("/desk/others/carriers", page, Role.OWNER),)
