"""Group orders: the list of them, the overview of one, typing its terms, and moving it through its stages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction

from starlette.responses import HTMLResponse, Response

from millpond.community import pool
from millpond.community.group import Fee
from millpond.community.transitions import Stage
from millpond.desk import carrying, money, room, rounds
from millpond.desk.people import Role
from millpond.desk.rounds import RoundRecord
from millpond.store import Rows
from millpond.store.database import Row
from millpond.web import formats
from millpond.web.forms import Form
from millpond.web.guard import rates
from millpond.web.leader.curve import Curve, curve_of
from millpond.web.leader.offer_form import read_terms, rows_of, typed_from
from millpond.web.leader.pictures import read_picture
from millpond.web.render import render
from millpond.web.routes import Access, Route, get, post
from millpond.web.visit import Visit
from millpond.web.words import marked

ENDED = (Stage.DONE, Stage.CANCELLED)
MOST_JOURNAL = 60
NEXT = {
    Stage.DRAFT: ("/offer", marked("Finish typing, then open it")),
    Stage.OPEN: ("/collect", marked("Collect orders")),
    Stage.CLOSED: ("/decide", marked("Decide")),
    Stage.DECIDED: ("/decide", marked("Send the order to the maker")),
    Stage.ORDERED: ("/goods", marked("The goods have come")),
    Stage.ARRIVED: ("/pick-up", marked("Hand out")),
}
HAPPENED = {
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
        journal=[_happened(visit, row) for row in journal],
    )


async def new(visit: Visit) -> Response:
    """An empty form."""
    points = [str(point.id) for point in room.pickup_points(visit.read)]
    return _form(visit, Form([], visit.words, visit.profile.currency), None, points)


async def create(visit: Visit) -> Response:
    """Keeps a new draft; or shows the form again with one more row, or with what is wrong."""
    return await _save(visit, None)


async def offer(visit: Visit) -> Response:
    """The terms of one group order, in the form."""
    round = rounds.load(visit.read, visit.number("round"))
    closes_at = formats.field_moment(round.closes_at_ms, visit.profile.time_zone)
    typed = typed_from(round.terms, round.currency, closes_at)
    form = Form(typed.items(), visit.words, round.currency)
    return _form(visit, form, round, [str(id) for id in round.pickup_points])


async def save_offer(visit: Visit) -> Response:
    """Changes the terms."""
    return await _save(visit, rounds.load(visit.read, visit.number("round")))


async def curve(visit: Visit) -> Response:
    """The price curve of what is typed right now, as a piece of the page."""
    form = await visit.form()
    shown, item = _curve(form, visit)
    html = render(
        "leader/curve.html",
        visit.language,
        curve=shown,
        curve_item=item,
        currency=visit.profile.currency,
        fee=_fee(form),
    )
    return HTMLResponse(html)


async def move(visit: Visit) -> Response:
    """The next stage; what was standing is ordered when it opens, books follow when it is cancelled."""
    id, form = visit.number("round"), await visit.form()
    asked = form.choice("stage", ("open", "reopen", "closed", "ordered", "arrived", "done", "cancelled"))
    if form.wrong:
        return visit.problem(422, "Please choose one.")
    stage = Stage.OPEN if asked == "reopen" else Stage(asked)

    def job(rows: Rows) -> None:
        rounds.move(rows, id, stage, person=visit.person_id, now_ms=visit.now_ms)
        if asked == "open":
            carrying.place_standing(rows, id, now_ms=visit.now_ms)
        money.settle(rows, id, person=visit.person_id, now_ms=visit.now_ms)

    await visit.write(job)
    said = {"open": "opened", "reopen": "opened", "closed": "closed"}.get(asked, "saved")
    path = {"open": "/collect", "closed": "/decide", "ordered": "/decide"}.get(asked, "")
    return visit.go(visit.at(f"desk/{id}{path}"), said=said)


async def copy(visit: Visit) -> Response:
    """A new draft with the same terms."""
    id = visit.number("round")
    made = await visit.write(lambda rows: rounds.copy(rows, id, person=visit.person_id, now_ms=visit.now_ms))
    return visit.go(visit.at(f"desk/{made}/offer"), said="saved")


async def _save(visit: Visit, round: RoundRecord | None) -> Response:
    form = await visit.form()
    points = form.lists.get("pickup_point", [])
    if "more" in form:
        return _form(visit, form, round, points)
    terms = read_terms(form, visit.profile.time_zone)
    picture = await read_picture(visit, form, "picture")
    if terms is None or form.wrong:
        return _form(visit, form, round, points, 422)

    def job(rows: Rows) -> int:
        if round is None:
            id = rounds.create(rows, terms, person=visit.person_id, now_ms=visit.now_ms)
        else:
            id = round.id
            rounds.update(rows, id, terms, person=visit.person_id, now_ms=visit.now_ms)
        if picture is not None:
            rounds.set_picture(rows, id, picture.keep(rows, visit.now_ms))
        return id

    id = await visit.write(job)
    return visit.go(visit.at(f"desk/{id}"), said="saved")


def _form(
    visit: Visit, form: Form, round: RoundRecord | None, points: list[str], status: int = 200
) -> Response:
    items, tiers = rows_of(form, "item") or [0], rows_of(form, "tier") or [0, 1]
    more = form.typed.get("more", "")
    if more == "item":
        items = [*items, items[-1] + 1]
    if more == "tier":
        tiers = [*tiers, tiers[-1] + 1]
    shown, item = _curve(form, visit)
    return visit.page(
        "leader/offer.html",
        status,
        base_template="leader/desk.html",
        form=form,
        round=round,
        heading=visit.words("Change the group order") if round else visit.words("New group order"),
        action=visit.at(f"desk/{round.id}/items") if round else visit.at("desk/new/items"),
        item_rows=items,
        tier_rows=tiers,
        opened={f"item-{n}" for n in items if _has_more(form, n)},
        points=room.pickup_points(visit.read),
        chosen_points=set(points),
        curve=shown,
        curve_item=item,
        currency=visit.profile.currency,
        fee=_fee(form),
    )


def _has_more(form: Form, n: int) -> bool:
    """Whether the further fields of an item were used, or one of them is wrong."""
    usual = {
        "surcharge": ("", "0.00", "0"),
        "load": ("", "1"),
        "case": ("", "1"),
        "grams": ("",),
        "options": ("",),
    }
    used = any(form.typed.get(f"item-{n}-{name}", "").strip() not in values for name, values in usual.items())
    return used or any(name.startswith(f"item-{n}-") for name in form.wrong)


def _curve(form: Form, visit: Visit) -> tuple[Curve | None, str]:
    """The curve of the first item that is typed so far; what is not right yet is left out silently."""
    trial = Form(form.typed.items(), visit.words, visit.profile.currency)
    trial.typed.setdefault("title", "?")
    trial.typed["title"] = trial.typed["title"] or "?"
    trial.typed["maker"] = trial.typed.get("maker") or "?"
    if not trial.typed.get("item-0-name"):
        trial.typed["item-0-name"] = "?"
    terms = read_terms(trial, visit.profile.time_zone)
    if terms is None:
        return None, ""
    item = terms.items[0]
    label = "" if len(terms.items) == 1 or item.label == "?" else item.label
    return curve_of(terms.offer, terms.fee, item.load, item.surcharge), label


def _fee(form: Form) -> Fee:
    return Fee(
        per_order=form.money("fee_per_order", default=0) or 0,
        per_unit=form.money("fee_per_unit", default=0) or 0,
    )


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


def _happened(visit: Visit, row: Row) -> dict[str, object]:
    details = json.loads(row["details"])
    said = visit.words(HAPPENED.get(row["what"], row["what"]))
    if row["what"] == "order.placed" and "units" in details:
        said = visit.words("{what}, {n} units", what=said, n=details["units"])
    return {"at_ms": row["at_ms"], "said": said, "person_name": row["person_name"]}


PAGES: tuple[Route, ...] = (
    get("/desk", overview, Access.SIGNED_IN),
    get("/desk/new", new, Role.OWNER),
    post("/desk/new/items", create, Role.OWNER, rate=rates.FILES),
    post("/desk/curve", curve, Role.OWNER),
    get("/desk/{round:int}", summary, Access.SIGNED_IN),
    get("/desk/{round:int}/offer", offer, Role.OWNER),
    post("/desk/{round:int}/items", save_offer, Role.OWNER, rate=rates.FILES),
    post("/desk/{round:int}/stage", move, Role.OWNER),
    post("/desk/{round:int}/copy", copy, Role.OWNER),
)
