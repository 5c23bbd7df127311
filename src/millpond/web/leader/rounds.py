"""Group orders: the list of them, the overview of one, and moving it through its stages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby

from starlette.responses import Response

from millpond.community import pool
from millpond.community.transitions import Stage
from millpond.desk import rounds, steps
from millpond.desk.people import Role
from millpond.desk.rounds import RoundRecord
from millpond.desk.steps import Step
from millpond.store.database import Row
from millpond.web.routes import Access, Route, get, post
from millpond.web.visit import Visit
from millpond.web.words import marked

ENDED = (Stage.DONE, Stage.CANCELLED)
MOST_JOURNAL = 500
NEXT = {
    Stage.DRAFT: ("/offer", marked("Finish typing, then open it")),
    Stage.OPEN: ("/collect", marked("Collect orders")),
    Stage.CLOSED: ("/decide", marked("Decide")),
    Stage.DECIDED: ("/decide", marked("Send the order to the maker")),
    Stage.ORDERED: ("/goods", marked("The goods have come")),
    Stage.ARRIVED: ("/pick-up", marked("Hand out")),
}
HAPPENED = {  # what stands in the books is told on the pages of money
    "round.created": marked("set up"),
    "round.changed": marked("terms changed"),
    "round.open": marked("opened"),
    "round.closed": marked("closed"),
    "round.decided": marked("decided"),
    "round.undecided": marked("decision taken back"),
    "round.ordered": marked("ordered from the maker"),
    "round.arrived": marked("goods are here"),
    "round.done": marked("done"),
    "round.cancelled": marked("cancelled"),
    "order.placed": marked("an order came in"),
    "order.changed": marked("an order was changed"),
    "order.cancelled": marked("an order was cancelled"),
    "order.merged": marked("two orders were merged"),
    "order.noted": marked("a note was made on an order"),
    "goods.received": marked("goods counted"),
    "goods.uncounted": marked("a count was taken back"),
    "goods.weighed": marked("goods weighed"),
    "handing.noted": marked("handed out"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A group order in the list, and what to do next."""

    id: int
    title: str
    stage: Stage
    orders: int
    units: int
    closes_at_ms: int | None
    next_path: str
    next_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Units wanted of an item, and what one would cost now (None: the maker would not start)."""

    label: str
    unit: str
    units: int
    price: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something in the journal; `at_ms` is when it happened last."""

    at_ms: int
    said: str
    person: str


async def overview(visit: Visit) -> Response:
    """Every group order, those that are under way first."""
    cards = [_card(visit, round) for round in rounds.listed(visit.read)]
    return visit.page(
        "leader/overview.html",
        running=[card for card in cards if card.stage not in ENDED],
        ended=[card for card in cards if card.stage in ENDED],
    )


async def summary(visit: Visit) -> Response:
    """One group order: how it stands, what is next, what happened."""
    round = rounds.load(visit.read, visit.number("round"))
    units = rounds.units_of_items(visit.read, round.id)
    outlook = pool.outlook(round.group, units) if round.group.offer.tiers else None
    lines = [
        Wanted(
            label=item.label,
            unit=item.unit,
            units=units.get(item.id, 0),
            price=outlook.prices.get(item.id) if outlook else None,
        )
        for item in round.group.items
        if item.id not in round.withdrawn or units.get(item.id)
    ]
    journal = visit.read.all("room.journal_of_round", round=round.id, most=MOST_JOURNAL)
    return visit.page(
        "leader/summary.html",
        round=round,
        outlook=outlook if round.stage in (Stage.DRAFT, Stage.OPEN, Stage.CLOSED) else None,
        lines=lines,
        journal=_told(visit, journal),
    )


async def move(visit: Visit) -> Response:
    """The next stage."""
    id, form = visit.number("round"), await visit.form()
    asked = form.choice("stage", tuple(Step))
    if form.wrong:
        return visit.problem(422, "Please choose one.")
    await visit.write(
        lambda rows: steps.step(rows, id, Step(asked), person=visit.person_id, now_ms=visit.now_ms)
    )
    said = {Step.OPEN: "opened", Step.REOPEN: "opened", Step.CLOSED: "closed"}.get(Step(asked), "saved")
    path = {Step.OPEN: "/collect", Step.CLOSED: "/decide", Step.ORDERED: "/decide"}.get(Step(asked), "")
    return visit.go(visit.at(f"desk/{id}{path}"), said=said)


async def copy(visit: Visit) -> Response:
    """A new draft with the same terms."""
    id = visit.number("round")
    made = await visit.write(lambda rows: rounds.copy(rows, id, person=visit.person_id, now_ms=visit.now_ms))
    return visit.go(visit.at(f"desk/{made}/offer"), said="saved")


def _card(visit: Visit, round: RoundRecord) -> Card:
    path, words = NEXT.get(round.stage, ("", marked("Overview")))
    return Card(
        id=round.id,
        title=round.title,
        stage=round.stage,
        orders=round.orders,
        units=round.units,
        closes_at_ms=round.closes_at_ms,
        next_path=path,
        next_words=visit.words(words),
    )


def _told(visit: Visit, rows: list[Row]) -> list[Happened]:
    """The journal as people read it: what one person did many times in a row stands there once."""
    told: list[Happened] = []
    for what, group in groupby(
        (row for row in rows if row["what"] in HAPPENED), key=lambda row: (row["what"], row["person_name"])
    ):
        entries = list(group)
        units = sum(json.loads(row["details"]).get("units", 0) for row in entries)
        said = visit.words(HAPPENED[what[0]])
        if what[0] == "order.placed" and len(entries) > 1:
            said = visit.words("{n} orders came in, {units} units", n=len(entries), units=units)
        elif what[0] == "order.placed":
            said = visit.words("{what}, {n} units", what=said, n=units)
        elif len(entries) > 1:
            said = visit.words("{what}, {n} times", what=said, n=len(entries))
        told.append(Happened(at_ms=entries[0]["at_ms"], said=said, person=what[1] or ""))
    return told


PAGES: tuple[Route, ...] = (
    get("/desk", overview, Access.SIGNED_IN),
    get("/desk/{round:int}", summary, Access.SIGNED_IN),
    post("/desk/{round:int}/stage", move, Role.OWNER),
    post("/desk/{round:int}/copy", copy, Role.OWNER),
)
