"""Everything of one household: its orders, what it wants every time, and what is known about it."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import Response

from millpond.community.group import MAX_WANT_UNITS
from millpond.desk import households, own, standing
from millpond.desk.households import Household
from millpond.desk.refusals import Refused
from millpond.web.formats import money
from millpond.web.forms import Form
from millpond.web.household import reading, who
from millpond.web.units import counted
from millpond.web.visit import Visit

ACTIVE = ("open", "closed", "decided", "ordered", "arrived")


async def show(visit: Visit) -> Response:
    """All of it."""
    household = who.by_link(visit)
    return who.lost(visit) if household is None else _page(visit, household)


def _page(
    visit: Visit, household: Household, form: Form | None = None, status: int = 200, problem: str = ""
) -> Response:
    home = visit.at(f"h/{household.link}")
    answer = visit.page(
        "household/home.html",
        status,
        heading=visit.words("My orders"),
        household=household,
        home=home,
        orders=[_order(visit, home, line) for line in own.orders(visit.read, household.id)],
        standing=[_standing(visit, want) for want in standing.of_household(visit.read, household.id)],
        known_items=own.known_items(visit.read),
        privacy=who.privacy(visit),
        form=form,
        erase_problem=problem,
    )
    return who.remember(visit, answer, household.link)


def _order(visit: Visit, home: str, line: own.OwnLine) -> dict[str, Any]:
    is_active = line.stage in ACTIVE and not line.is_cancelled
    return {
        "link": f"{home}/{line.code}?no={line.number}",
        "title": line.title,
        "number": line.number,
        "created_ms": line.created_ms,
        "is_active": is_active,
        "stage": reading.stage_text(visit, "cancelled" if line.is_cancelled else line.stage),
        "summary": visit.words(", ").join(
            f"{label} {counted(n, unit, visit.words)}" for label, unit, n in line.items
        ),
    }


def _standing(visit: Visit, want: standing.StandingWant) -> dict[str, Any]:
    limit = money(want.limit, visit.profile.currency) if want.limit is not None else ""
    return {
        "id": want.id,
        "label": f"{want.name} {want.variant}".strip(),
        "quantity": want.quantity,
        "limit_text": visit.words("at most {limit} each", limit=limit) if limit else "",
    }


async def set_standing(visit: Visit) -> Response:
    """So many of an item every time."""
    household = who.by_link(visit)
    if household is None:
        return who.lost(visit)
    form, known = await visit.form(), own.known_items(visit.read)
    chosen = form.choice("item", [str(item.id) for item in known])
    quantity = form.required_integer("quantity", least=1, most=MAX_WANT_UNITS)
    limit = form.money("limit")
    item = next((item for item in known if str(item.id) == chosen), None)
    if item is None or form.wrong:
        return _page(visit, household, form, 422)
    try:
        await visit.write(
            lambda rows: standing.set_standing(
                rows,
                household.id,
                name=item.name,
                variant=item.variant,
                quantity=quantity,
                limit=limit,
                now_ms=visit.now_ms,
            )
        )
    except Refused as refused:
        form.blame("item", refused.message, **refused.values)
        return _page(visit, household, form, 409)
    return visit.go(visit.at(f"h/{household.link}"), said="saved")


async def end_standing(visit: Visit) -> Response:
    """No longer."""
    household = who.by_link(visit)
    if household is None:
        return who.lost(visit)
    id = (await visit.form()).integer("standing", least=1, most=10**15, default=0) or 0
    await visit.write(
        lambda rows: standing.end_standing(rows, id, household=household.id, now_ms=visit.now_ms)
    )
    return visit.go(visit.at(f"h/{household.link}"), said="removed")


async def data(visit: Visit) -> Response:
    """Everything that is kept of the household, as JSON."""
    household = who.by_link(visit)
    if household is None:
        return who.lost(visit)
    text = json.dumps(households.export(visit.read, household.id), ensure_ascii=False, indent=2)
    headers = {"content-disposition": 'attachment; filename="my-data.json"'}
    return Response(text + "\n", media_type="application/json", headers=headers)


async def erase(visit: Visit) -> Response:
    """Forgets who it was."""
    household = who.by_link(visit)
    if household is None:
        return who.lost(visit)
    if not (await visit.form()).tick("sure"):
        return _page(visit, household, status=422, problem=visit.words("Please tick that you are sure."))
    try:
        await visit.write(lambda rows: households.erase(rows, household.id, person=None, now_ms=visit.now_ms))
    except Refused as refused:
        return _page(visit, household, status=409, problem=visit.words(refused.message, **refused.values))
    return who.forget(
        visit, visit.page("household/erased.html", heading=visit.words("Erased")), household.link
    )
