"""The pages of the form in which a group order is typed: a new one, a draft, an open one; its price curve."""

from __future__ import annotations

from starlette.responses import HTMLResponse, Response

from millpond.desk import room, rounds
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.errors import InputError
from millpond.store import Rows
from millpond.web import formats
from millpond.web.forms import Form
from millpond.web.guard import rates
from millpond.web.leader.curve import Curve, curve_of
from millpond.web.leader.offer_form import read_so_far, read_terms, rows_of, typed_from, uses_more
from millpond.web.leader.pictures import read_picture
from millpond.web.render import render
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit

FIELDS = {
    "round.only_later": "closes_at",
    "round.close_passed": "closes_at",
    "round.point_stays": "pickup_point",
    "round.cap_reached": "cap_units",
}
"""Where what the desk refuses is said; all else stands at the top of the form."""


async def new(visit: Visit) -> Response:
    """An empty form."""
    points = [str(point.id) for point in room.pickup_points(visit.read)]
    return _page(visit, Form([], visit.words, visit.profile.currency), None, points)


async def create(visit: Visit) -> Response:
    """Keeps a new draft; or shows the form again with one more row, or with what is wrong."""
    return await _save(visit, None)


async def offer(visit: Visit) -> Response:
    """The terms of one group order, in the form."""
    round = rounds.load(visit.read, visit.number("round"))
    closes_at = formats.field_moment(round.closes_at_ms, visit.profile.time_zone)
    typed = typed_from(round.terms, round.currency, closes_at)
    form = Form(typed.items(), visit.words, round.currency)
    return _page(visit, form, round, [str(id) for id in round.pickup_points])


async def save_offer(visit: Visit) -> Response:
    """Changes the terms."""
    return await _save(visit, rounds.load(visit.read, visit.number("round")))


async def curve(visit: Visit) -> Response:
    """The price curve of what is typed right now, as a piece of the page."""
    values = _curve(await visit.form(), visit)
    return HTMLResponse(render("leader/curve.html", visit.language, **values))


async def _save(visit: Visit, round: RoundRecord | None) -> Response:
    form = await visit.form()
    points = form.lists.get("pickup_point", [])
    if "more" in form:
        return _page(visit, form, round, points)
    terms = read_terms(form, visit.profile.time_zone)
    picture = await read_picture(visit, form, "picture")
    if terms is None or form.wrong:
        if picture is not None:
            form.blame("picture", "Please choose the picture once more.")
        return _page(visit, form, round, points, 422)

    def job(rows: Rows) -> int:
        if round is None:
            id = rounds.create(rows, terms, person=visit.person_id, now_ms=visit.now_ms)
        else:
            id = round.id
            rounds.update(rows, id, terms, person=visit.person_id, now_ms=visit.now_ms)
        if picture is not None:
            rounds.set_picture(rows, id, picture.keep(rows, visit.now_ms))
        return id

    try:
        id = await visit.write(job)
    except InputError as error:
        form.refuse(FIELDS.get(error.code, "offer") if isinstance(error, Refused) else "offer", error)
        return _page(visit, form, round, points, 422)
    return visit.go(visit.at(f"desk/{id}"), said="saved")


def _page(
    visit: Visit, form: Form, round: RoundRecord | None, points: list[str], status: int = 200
) -> Response:
    items, tiers = rows_of(form, "item") or [0], rows_of(form, "tier") or [0, 1]
    more = form.typed.get("more", "")
    if more == "item":
        items = [*items, items[-1] + 1]
    if more == "tier":
        tiers = [*tiers, tiers[-1] + 1]
    return visit.page(
        "leader/offer.html",
        status,
        base_template="leader/round.html" if round else "leader/desk.html",
        form=form,
        round=round,
        action=visit.at(f"desk/{round.id}/items") if round else visit.at("desk/new/items"),
        item_rows=items,
        tier_rows=tiers,
        opened={
            part
            for part in ("about", "offer", "rules", *(f"item-{n}" for n in items))
            if uses_more(form, part)
        },
        points=room.pickup_points(visit.read),
        chosen_points=set(points),
        **_curve(form, visit),
    )


def _curve(form: Form, visit: Visit) -> dict[str, object]:
    """The curve of the first item, by what is right so far; the item's name is said if there are others."""
    typed, found = read_so_far(form), None
    if typed is not None:
        found = curve_of(typed.offer, typed.fee, typed.load, typed.surcharge)
    shown: Curve | None = found
    return {
        "curve": shown,
        "curve_item": "" if typed is None else typed.label,
        "currency": visit.profile.currency,
        "fee": None if typed is None else typed.fee,
    }


PAGES: tuple[Route, ...] = (
    get("/desk/new", new, Role.OWNER),
    post("/desk/new/items", create, Role.OWNER, rate=rates.FILES),
    post("/desk/curve", curve, Role.OWNER),
    get("/desk/{round:int}/offer", offer, Role.OWNER),
    post("/desk/{round:int}/items", save_offer, Role.OWNER, rate=rates.FILES),
)
