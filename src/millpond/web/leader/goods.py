"""The goods have come: counted against the order and the bill; what is paid by weight is weighed."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from millpond.community.transitions import Stage
from millpond.desk import goods, money, packing, rounds
from millpond.desk.people import Role
from millpond.model.rules import MAX_QUANTITY
from millpond.store import Rows
from millpond.web.forms import Form
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit

MAX_GRAMS = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One line to be weighed."""

    want: int
    who: str
    label: str
    units: int
    nominal_grams: int
    grams: int | None
    due_minor: int
    outside: bool


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
        weighings=_weighings(visit.read, round.id, {one.item: one for one in came}),
        may_note=str(round.stage) in goods.STAGES,
    )


async def receive(visit: Visit) -> Response:
    """Notes every count that was typed, shares shortages out, and adjusts what households owe."""
    round, form = visit.number("round"), await visit.form()
    came = goods.came(visit.read, round)
    counts = {
        one.item: (
            form.integer(f"received-{one.item}", least=0, most=MAX_QUANTITY),
            form.integer(f"billed-{one.item}", least=0, most=MAX_QUANTITY),
            form.text(f"note-{one.item}", most=200),
        )
        for one in came
    }
    if form.wrong:
        return _page(visit, form)

    def job(rows: Rows) -> None:
        for one in came:
            received, billed, note = counts[one.item]
            if received is not None and (received, billed, note) != (one.received, one.billed, one.note):
                goods.receive(
                    rows, round, one.item, received=received, billed=billed, note=note,
                    person=visit.person_id, now_ms=visit.now_ms,
                )  # fmt: skip
        if form.tick("arrived"):
            rounds.move(rows, round, Stage.ARRIVED, person=visit.person_id, now_ms=visit.now_ms)
        money.settle(rows, round, person=visit.person_id, now_ms=visit.now_ms)

    await visit.write(job)
    return visit.go(visit.at(f"desk/{round}/goods"), said="saved")


async def weigh(visit: Visit) -> Response:
    """Notes weights."""
    round, form = visit.number("round"), await visit.form()
    came = {one.item: one for one in goods.came(visit.read, round)}
    asked = _weighings(visit.read, round, came)
    grams = {one.want: form.integer(f"grams-{one.want}", least=1, most=MAX_GRAMS) for one in asked}
    if form.wrong:
        return _page(visit, form)

    def job(rows: Rows) -> None:
        for one in asked:
            if grams[one.want] != one.grams:
                goods.weigh(
                    rows, round, one.want, grams[one.want], person=visit.person_id, now_ms=visit.now_ms
                )
        money.settle(rows, round, person=visit.person_id, now_ms=visit.now_ms)

    await visit.write(job)
    return visit.go(visit.at(f"desk/{round}/goods"), said="saved")


def _weighings(rows: Rows, round: int, came: dict[int, goods.Came]) -> list[Weighing]:
    found = []
    for parcel in packing.parcels(rows, round):
        for line in parcel.lines:
            nominal = came[line.item].nominal_grams
            if nominal is None:
                continue
            expected = nominal * line.units
            off = 0 if line.grams is None else abs(line.grams - expected) * 100
            found.append(
                Weighing(
                    want=line.want,
                    who=f"{parcel.number} {parcel.name}",
                    label=line.label,
                    units=line.units,
                    nominal_grams=expected,
                    grams=line.grams,
                    due_minor=line.due_minor,
                    outside=off > came[line.item].weight_tolerance_percent * expected,
                )
            )
    return found


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/goods", page, Role.HANDS_OUT),
    post("/desk/{round:int}/goods", receive, Role.HANDS_OUT),
    post("/desk/{round:int}/weights", weigh, Role.HANDS_OUT),
)
