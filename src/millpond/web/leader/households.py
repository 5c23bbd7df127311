"""Households as the leader works with them: find, correct, new link, merge, hand over their data, erase."""

from __future__ import annotations

import json

from starlette.responses import Response

from millpond.desk import households, money, orders, rounds, standing
from millpond.desk.households import Household
from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.store import Rows
from millpond.web.forms import Form
from millpond.web.household import reading
from millpond.web.leader import share
from millpond.web.leader.finding import look_for, looked_for, start_of
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit

MOST = 200
"""Households on one page."""


async def page(visit: Visit) -> Response:
    """The list, with search."""
    return _list(visit, None)


async def find(visit: Visit) -> Response:
    """Looks for a name, a phone, an address or a note."""
    form = await visit.form()
    into = form.typed.get("into", "")
    is_merge = into.isascii() and into.isdigit() and len(into) < 16
    return await look_for(visit, f"desk/households/{int(into)}/merge" if is_merge else "desk/households")


async def choose(visit: Visit) -> Response:
    """The list, to choose from it what is the same household as this one."""
    return _list(visit, _present(visit))


def _list(visit: Visit, into: Household | None) -> Response:
    text, start = looked_for(visit), start_of(visit)
    found = households.search(visit.read, text, most=MOST + 1, offset=start)
    return visit.page(
        "leader/households.html",
        into=into,
        households=found[:MOST],
        text=text,
        start=start,
        before=max(0, start - MOST),
        following=start + MOST if len(found) > MOST else 0,
    )


async def show(visit: Visit) -> Response:
    """One household: how it is reached, its orders, its link, its standing wants."""
    return _page(visit, households.load(visit.read, visit.number("household")), None)


def _present(visit: Visit) -> Household:
    one = households.load(visit.read, visit.number("household"))
    if one.erased_ms is not None:
        raise Refused("household.unknown")
    return one


def _page(visit: Visit, one: Household, form: Form | None) -> Response:
    if one.erased_ms is not None:
        return visit.problem(410, "This household was erased.")
    every: list[tuple[RoundRecord, orders.Order, str]] = []
    for round in rounds.listed(visit.read):
        for order in orders.of_household(visit.read, round.id, one.id):
            every.append((round, order, reading.summary(order, round, visit)))
    twins = [other for other in households.candidates(visit.read, one.name, one.phone) if other.id != one.id]
    return visit.page(
        "leader/household.html",
        422 if form else 200,
        one=one,
        form=form,
        orders=every,
        twins=twins,
        standing=standing.of_household(visit.read, one.id),
        shared=share.of_household(visit, one.name, one.link),
        is_under_way=households.is_under_way(visit.read, one.id),
        balance=money.balance_of_household(visit.read, one.id) if visit.may(Role.KEEPS_MONEY) else None,
    )


async def change(visit: Visit) -> Response:
    """How it is called and reached."""
    one, form = households.load(visit.read, visit.number("household")), await visit.form()
    name = form.text("name", required=True, most=60)
    phone, address = form.text("phone", most=40), form.text("address", most=120)
    note = form.text("note", most=500, lines=True)
    if form.wrong:
        return _page(visit, one, form)
    await visit.write(
        lambda rows: households.change(
            rows,
            one.id,
            name=name,
            phone=phone,
            address=address,
            note=note,
            person=visit.person_id,
            now_ms=visit.now_ms,
        )
    )
    return visit.go(visit.at(f"desk/households/{one.id}"), said="saved")


async def new_link(visit: Visit) -> Response:
    """A new link; the old one leads nowhere."""
    id = visit.number("household")
    await visit.write(lambda rows: households.new_link(rows, id, person=visit.person_id, now_ms=visit.now_ms))
    return visit.go(visit.at(f"desk/households/{id}"), said="new-link")


async def ask_merge(visit: Visit) -> Response:
    """Two entries side by side, before they become one."""
    one, other = _present(visit), households.load(visit.read, visit.number("other"))
    if other.erased_ms is not None or other.id == one.id:
        raise Refused("household.unknown")
    return visit.page("leader/merge-households.html", one=one, other=other)


async def merge(visit: Visit) -> Response:
    """Another entry of the same household becomes part of this one."""
    id, gone = visit.number("household"), visit.number("other")

    def job(rows: Rows) -> None:
        households.merge(rows, id, gone, person=visit.person_id, now_ms=visit.now_ms)

    await visit.write(job)
    return visit.go(visit.at(f"desk/households/{id}"), said="merged")


async def data(visit: Visit) -> Response:
    """Everything that is kept of the household, to hand it over."""
    id = visit.number("household")
    found = households.export(visit.read, id)
    return Response(
        json.dumps(found, ensure_ascii=False, indent=1),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="household-{id}.json"'},
    )


async def ask_erase(visit: Visit) -> Response:
    """What goes and what stays, before it is done."""
    one = households.load(visit.read, visit.number("household"))
    return visit.page(
        "leader/erase.html",
        one=one,
        is_under_way=households.is_under_way(visit.read, one.id),
    )


async def erase(visit: Visit) -> Response:
    """Forgets who it was."""
    id = visit.number("household")

    def job(rows: Rows) -> None:
        households.erase(rows, id, person=visit.person_id, now_ms=visit.now_ms)

    await visit.write(job)
    return visit.go(visit.at("desk/households"), said="erased")


PAGES: tuple[Route, ...] = (
    get("/desk/households", page, Role.COLLECTS),
    post("/desk/households", find, Role.COLLECTS),
    get("/desk/households/{household:int}", show, Role.COLLECTS),
    post("/desk/households/{household:int}", change, Role.COLLECTS),
    post("/desk/households/{household:int}/link", new_link, Role.COLLECTS),
    get("/desk/households/{household:int}/merge", choose, Role.COLLECTS),
    get("/desk/households/{household:int}/merge/{other:int}", ask_merge, Role.COLLECTS),
    post("/desk/households/{household:int}/merge/{other:int}", merge, Role.COLLECTS),
    get("/desk/households/{household:int}/data.json", data, Role.COLLECTS),
    get("/desk/households/{household:int}/erase", ask_erase, Role.OWNER),
    post("/desk/households/{household:int}/erase", erase, Role.OWNER),
)
