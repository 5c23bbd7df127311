"""The goods have come: counted against the order and the bill; what is paid by weight is weighed."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from millpond.desk import goods, packing, rounds, steps
from millpond.desk.people import Role
from millpond.desk.steps import Count
from millpond.model.rules import MAX_QUANTITY
from millpond.store import Rows
from millpond.web.forms import Form
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit

MAX_GRAMS = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One line to be weighed, and whose it is."""

    who: str
    line: packing.Line


async def page(visit: Visit) -> Response:
    """Ordered, received, billed; and what is to be weighed."""
    return _page(visit, None)


def _page(visit: Visit, form: Form | None) -> Response:
    round = rounds.load(visit.read, visit.number("round"))
    came = goods.came(visit.read, round.id)
    return visit.page(
        "leader/goods.html",
        422 if form else 200,
        form=form,
        round=round,
        came=[one for one in came if one.ordered or one.received],
        weighings=_weighings(visit.read, round.id),
        may_note=str(round.stage) in goods.STAGES,
    )


async def receive(visit: Visit) -> Response:
    """Notes every count that was typed, shares shortages out, and adjusts what households owe."""
    round, form = visit.number("round"), await visit.form()
    came = goods.came(visit.read, round)
    counts = {one.item: _count(form, one) for one in came}
    if form.wrong:
        return _page(visit, form)

    has_arrived = form.tick("arrived") or form.tick("as_ordered")
    await visit.write(
        lambda rows: steps.count(
            rows, round, counts, has_arrived=has_arrived, person=visit.person_id, now_ms=visit.now_ms
        )
    )
    return visit.go(visit.at(f"desk/{round}/goods"), said="saved")


def _count(form: Form, one: goods.Came) -> Count:
    """What was typed of an item; what was ordered, if everything came and nothing else is said."""
    received, billed = f"received-{one.item}", f"billed-{one.item}"
    note = form.text(f"note-{one.item}", most=200)
    if form.tick("as_ordered") and one.ordered and not form.typed[received].strip():
        return Count(one.ordered, one.ordered, note)
    count = Count(
        form.integer(received, least=0, most=MAX_QUANTITY),
        form.integer(billed, least=0, most=MAX_QUANTITY),
        note,
    )
    if count.received is None and (count.billed is not None or note):
        form.blame(received, "Please fill this in.")
    return count


async def weigh(visit: Visit) -> Response:
    """Notes weights."""
    round, form = visit.number("round"), await visit.form()
    asked = [one.line for one in _weighings(visit.read, round)]
    grams = {one.want: form.integer(f"grams-{one.want}", least=1, most=MAX_GRAMS) for one in asked}
    if form.wrong:
        return _page(visit, form)

    await visit.write(
        lambda rows: steps.weigh(rows, round, grams, person=visit.person_id, now_ms=visit.now_ms)
    )
    return visit.go(visit.at(f"desk/{round}/goods"), said="saved")


def _weighings(rows: Rows, round: int) -> list[Weighing]:
    return [
        Weighing(who=f"{parcel.number} {parcel.name}", line=line)
        for parcel in packing.parcels(rows, round)
        for line in parcel.lines
        if line.by_weight
    ]


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/goods", page, Role.HANDS_OUT),
    post("/desk/{round:int}/goods", receive, Role.HANDS_OUT),
    post("/desk/{round:int}/weights", weigh, Role.HANDS_OUT),
)
