"""Orders of a group order as the leader works with them: find, type, change, merge, send the link."""

from __future__ import annotations

import asyncio
import secrets
from urllib.parse import urlencode

from starlette.responses import Response

from millpond.desk import households, money, orders, room, rounds
from millpond.desk.orders import NewOrder, Order, Source
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.paper import sheets as workbooks
from millpond.store import Rows
from millpond.web.forms import Form
from millpond.web.household import reading
from millpond.web.leader import order_form, share
from millpond.web.leader.exports import exported, plain_table
from millpond.web.leader.finding import forget, look_for, looked_for, start_of
from millpond.web.leader.pick_up import download
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit
from millpond.web.words import marked

TAKES = ("draft", "open", "closed")
MOST = 200
"""Orders on one page of the list."""
SOURCES = {
    Source.LINK: marked("by the link"),
    Source.LEADER: marked("typed in"),
    Source.PASTED: marked("from a pasted list"),
    Source.IMPORTED: marked("from a spreadsheet"),
    Source.STANDING: marked("standing want"),
    Source.COUNTER: marked("over the counter"),
}


async def page(visit: Visit) -> Response:
    """The list, with search and filters."""
    round = rounds.load(visit.read, visit.number("round"))
    text, source, point, only = (
        looked_for(visit),
        visit.asked("source"),
        visit.asked("point"),
        visit.asked("only"),
    )
    start, chosen = start_of(visit), point.isascii() and point.isdigit() and len(point) < 10
    found = orders.search(
        visit.read,
        round.id,
        text,
        source=source if source in list(Source) else "",
        point=int(point) if chosen else 0,
        noted=only == "noted",
        doubtful=only == "doubtful",
        most=MOST + 1,
        offset=start,
    )
    units = rounds.units_of_items(visit.read, round.id)
    filters = {"source": source, "point": point, "only": only}
    return visit.page(
        "leader/orders.html",
        round=round,
        orders=[(order, reading.summary(order, round, visit)) for order in found[:MOST]],
        text=text,
        source=source,
        point=point,
        only=only,
        query=urlencode({name: value for name, value in filters.items() if value}),
        start=start,
        following=start + MOST if len(found) > MOST else 0,
        before=max(0, start - MOST),
        sources=[(str(key), visit.words(said)) for key, said in SOURCES.items()],
        points=reading.points(visit, round),
        totals=[(item, units[item.id]) for item in round.group.items if units.get(item.id)],
        takes=str(round.stage) in TAKES,
    )


async def find(visit: Visit) -> Response:
    """Looks for a name, a phone, a code or a number."""
    return await look_for(visit, f"desk/{visit.number('round')}/orders", "source", "point", "only")


async def show_all(visit: Visit) -> Response:
    """Looks for nothing any more."""
    return forget(visit, f"desk/{visit.number('round')}/orders")


async def new(visit: Visit) -> Response:
    """An empty order."""
    round = rounds.load(visit.read, visit.number("round"))
    form = Form(order_form.spread({}, round.offered).items(), visit.words, round.currency)
    return _form(visit, round, form, None)


async def create(visit: Visit) -> Response:
    """Keeps an order on somebody's behalf: of a household that is known, or of a new one."""
    round, form = rounds.load(visit.read, visit.number("round")), await visit.form()
    typed, token = order_form.read(form, round), form.text("token", most=64)
    chosen = form.typed.get("household", "")
    known = households.candidates(visit.read, form.text("name"), form.text("phone"))
    if typed is not None and known and not chosen:
        form.blame("household", "Somebody of this name or phone is known here. Is it the same household?")
    if typed is None or form.wrong or not token:
        return _form(visit, round, form, None, 422)
    order = NewOrder(
        round=round.id,
        token=token,
        wants=typed.wants,
        household=int(chosen) if chosen in {str(one.id) for one in known} else None,
        name=typed.name,
        phone=typed.phone,
        address=typed.address,
        pickup_point=typed.point,
        note=typed.note,
        source=Source.LEADER,
    )
    try:
        placed = await visit.write(
            lambda rows: orders.place(rows, order, person=visit.person_id, now_ms=visit.now_ms)
        )
    except Refused as refused:
        form.blame("item-0", refused.message, **refused.values)
        return _form(visit, round, form, None, 422)
    return visit.go(visit.at(f"desk/{round.id}/orders/{placed.id}"), said="sent")


async def show(visit: Visit) -> Response:
    """One order."""
    round, order = _found(visit)
    typed = order_form.spread(order_form.filled(order, round), round.offered)
    form = Form(typed.items(), visit.words, round.currency)
    return _form(visit, round, form, order)


async def change(visit: Visit) -> Response:
    """Other wants, place or note from now on."""
    round, order = _found(visit)
    form = await visit.form()
    typed = order_form.read(form, round)
    if typed is None:
        return _form(visit, round, form, order, 422)

    def job(rows: Rows) -> None:
        orders.change(
            rows,
            order.id,
            typed.wants,
            pickup_point=typed.point,
            note=typed.note,
            person=visit.person_id,
            now_ms=visit.now_ms,
        )
        if (typed.name, typed.phone) != (order.name, order.phone):
            one = households.load(rows, order.household)
            households.change(
                rows,
                one.id,
                name=typed.name,
                phone=typed.phone,
                address=one.address,
                note=one.note,
                person=visit.person_id,
                now_ms=visit.now_ms,
            )

    try:
        await visit.write(job)
    except Refused as refused:
        form.blame("item-0", refused.message, **refused.values)
        return _form(visit, round, form, order, 422)
    return visit.go(visit.at(f"desk/{round.id}/orders/{order.id}"), said="saved")


async def note(visit: Visit) -> Response:
    """The leader's own note; at any stage."""
    round, order = _found(visit)
    text = (await visit.form()).text("leader_note", most=500)
    await visit.write(
        lambda rows: orders.set_leader_note(rows, order.id, text, person=visit.person_id, now_ms=visit.now_ms)
    )
    return visit.go(visit.at(f"desk/{round.id}/orders/{order.id}"), said="saved")


async def cancel(visit: Visit) -> Response:
    """Takes the order back; what was paid stays the household's."""
    round, order = _found(visit)

    def job(rows: Rows) -> None:
        orders.cancel(rows, order.id, person=visit.person_id, now_ms=visit.now_ms)
        money.settle(rows, round.id, person=visit.person_id, now_ms=visit.now_ms)

    await visit.write(job)
    return visit.go(visit.at(f"desk/{round.id}/orders"), said="cancelled")


async def ask_merge(visit: Visit) -> Response:
    """Both orders side by side, before they become one."""
    round, order = _found(visit)
    number = visit.asked("number").strip().lstrip("№#")
    other = next((one for one in orders.of_round(visit.read, round.id) if str(one.number) == number), None)
    if other is None or other.id == order.id or other.cancelled_ms is not None:
        return visit.problem(404, "There is no other order of this number here.")
    return visit.page(
        "leader/merge.html",
        round=round,
        order=order,
        other=other,
        what=reading.summary(order, round, visit),
        other_what=reading.summary(other, round, visit),
    )


async def merge(visit: Visit) -> Response:
    """This order and another one become one."""
    round, order = _found(visit)
    gone = (await visit.form()).required_integer("gone", least=1, most=2**53)

    def job(rows: Rows) -> None:
        if orders.load(rows, gone).merged_into == order.id:
            return  # sent twice
        orders.merge(rows, order.id, gone, person=visit.person_id, now_ms=visit.now_ms)
        money.settle(rows, round.id, person=visit.person_id, now_ms=visit.now_ms)

    await visit.write(job)
    return visit.go(visit.at(f"desk/{round.id}/orders/{order.id}"), said="merged")


async def new_link(visit: Visit) -> Response:
    """A new link for the household of this order; the old one leads nowhere."""
    round, order = _found(visit)
    person, now_ms = visit.person_id, visit.now_ms
    await visit.write(lambda rows: households.new_link(rows, order.household, person=person, now_ms=now_ms))
    return visit.go(visit.at(f"desk/{round.id}/orders/{order.id}"), said="new-link")


async def export(visit: Visit) -> Response:
    """All orders as 快团团 or 群接龙 write them, or plainly: a row for each order, a column for each item."""
    round = rounds.load(visit.read, visit.number("round"))
    kind, name = visit.word("kind"), visit.words("Orders")
    data = exported(visit, round)
    if kind == "kuaituantuan":
        made = await asyncio.to_thread(workbooks.kuaituantuan_xlsx, data, round.currency)
    elif kind == "qunjielong":
        made = await asyncio.to_thread(workbooks.qunjielong_xlsx, data, round.currency)
    elif kind == "plain":
        made = await asyncio.to_thread(workbooks.xlsx, [plain_table(visit, round)])
    else:
        return visit.problem(404, "There is no such page.")
    return await download(round, f"{name} {kind}", "xlsx", lambda: made)


def _found(visit: Visit) -> tuple[RoundRecord, Order]:
    """The group order and the order of the address; raises `Refused` where they do not belong together."""
    order = orders.load(visit.read, visit.number("order"))
    if order.round != visit.number("round"):
        raise Refused("order.unknown")
    return rounds.load(visit.read, order.round), order


def _form(visit: Visit, round: RoundRecord, form: Form, order: Order | None, status: int = 200) -> Response:
    known: tuple[households.Household, ...] = ()
    if order is None and "name" in form:
        known = households.candidates(visit.read, form.typed["name"], form.typed.get("phone", ""))
    return visit.page(
        "leader/order.html",
        status,
        round=round,
        order=order,
        form=form,
        lines=order_form.shown(form),
        items=[item for item in round.group.items if item.id not in round.withdrawn or order is not None],
        points=reading.points(visit, round),
        known=known,
        order_token=form.typed.get("token") or secrets.token_urlsafe(12),
        others=_others(visit, round, order) if order else [],
        shared=share.of_order(visit, round, order) if order and order.cancelled_ms is None else None,
        source=visit.words(SOURCES[order.source]) if order else "",
        point_name=_point_name(visit, order),
        takes=str(round.stage) in TAKES,
        action=visit.at(f"desk/{round.id}/orders/" + (str(order.id) if order else "new")),
    )


def _others(visit: Visit, round: RoundRecord, order: Order) -> list[tuple[Order, str]]:
    """Other orders here that may be of the same household."""
    known = households.candidates(visit.read, order.name, order.phone)
    every = [found for one in known for found in orders.of_household(visit.read, round.id, one.id)]
    return [(one, reading.summary(one, round, visit)) for one in every if one.id != order.id]


def _point_name(visit: Visit, order: Order | None) -> str:
    point = room.pickup_point(visit.read, order.pickup_point) if order and order.pickup_point else None
    return point.name if point else ""


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/orders", page, Role.COLLECTS),
    post("/desk/{round:int}/orders", find, Role.COLLECTS),
    post("/desk/{round:int}/orders/all", show_all, Role.COLLECTS),
    get("/desk/{round:int}/orders/new", new, Role.COLLECTS),
    post("/desk/{round:int}/orders/new", create, Role.COLLECTS),
    get("/desk/{round:int}/orders/{order:int}", show, Role.COLLECTS),
    post("/desk/{round:int}/orders/{order:int}", change, Role.COLLECTS),
    post("/desk/{round:int}/orders/{order:int}/note", note, Role.COLLECTS),
    post("/desk/{round:int}/orders/{order:int}/cancel", cancel, Role.COLLECTS),
    get("/desk/{round:int}/orders/{order:int}/merge", ask_merge, Role.COLLECTS),
    post("/desk/{round:int}/orders/{order:int}/merge", merge, Role.COLLECTS),
    post("/desk/{round:int}/orders/{order:int}/link", new_link, Role.COLLECTS),
    get("/desk/{round:int}/export/{kind:str}.xlsx", export, Role.COLLECTS),
)
