"""A household's own order: looking, changing, cancelling, claims, and the files that prove its price."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from millpond.desk import claims as desk_claims
from millpond.desk import deciding, orders, own, rounds
from millpond.desk.households import Household
from millpond.desk.orders import Order
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.web.forms import Form
from millpond.web.household import claims, placing, reading, who
from millpond.web.household.group import going
from millpond.web.household.offering import Offering
from millpond.web.household.ordering import filled_from, one_more_line, read_order
from millpond.web.leader.pictures import read_picture
from millpond.web.visit import Visit


class Found:
    """The household, group order and order of an address, and the addresses of its pages."""

    def __init__(self, visit: Visit, household: Household, round: RoundRecord, every: list[Order]) -> None:
        asked = visit.asked("no")
        present = [order for order in every if order.cancelled_ms is None]
        self.household, self.round = household, round
        self.order = next((one for one in every if str(one.number) == asked), (present or every)[-1])
        self.others = [one for one in present if one.id != self.order.id]
        self.home = visit.at(f"h/{household.link}")
        self.link = f"{self.home}/{round.code}"
        self.query = f"?no={self.order.number}" if len(every) > 1 else ""


def find(visit: Visit) -> Found | None:
    """What the address is of; None where it leads nowhere."""
    household = who.by_link(visit)
    round = rounds.by_code(visit.read, visit.word("code")) if household else None
    if household is None or round is None:
        return None
    every = [orders.load(visit.read, id) for id in own.order_ids(visit.read, round.id, household.id)]
    return Found(visit, household, round, every) if every else None


async def show(visit: Visit) -> Response:
    """The order."""
    found = find(visit)
    return who.lost(visit) if found is None else _page(visit, found)


def _page(visit: Visit, found: Found, form: Form | None = None, status: int = 200, **values: Any) -> Response:
    round, stage = found.round, reading.stage_of(visit, found.round)
    answer = visit.page(
        "household/order.html",
        status,
        heading=round.title,
        own=reading.own_view(visit, round, found.order, found.link),
        query=found.query,
        home=found.home,
        others=[(f"{found.link}?no={one.number}", one.number) for one in found.others],
        group_link=visit.at(f"g/{round.code}"),
        is_open=stage == "open",
        offering=reading.offering(visit, round) if stage == "open" else None,
        payment_picture=own.picture(visit.read, visit.profile.payment_picture),
        claim_kinds=claims.kinds(visit.words),
        form=form,
        **{"problem": "", **values},
    )
    return who.remember(visit, answer, found.household.link)


async def change_form(visit: Visit) -> Response:
    """The order in the form, to be changed."""
    found = find(visit)
    if found is None:
        return who.lost(visit)
    if not _may_change(visit, found):
        return visit.go(found.link + found.query)
    return _change_page(visit, found, _offering(visit, found))


async def change(visit: Visit) -> Response:
    """Other wants from now on."""
    found = find(visit)
    if found is None:
        return who.lost(visit)
    form, offering = await visit.form(), _offering(visit, found)
    if one_more_line(form, offering):
        return _change_page(visit, found, offering, form)
    typed = read_order(form, offering)
    if typed is None:
        return _change_page(visit, found, offering, form, 422)
    try:
        await visit.write(lambda rows: placing.change(rows, found.order.id, typed, now_ms=visit.now_ms))
    except Refused as refused:
        if not _may_change(visit, found):
            return _page(visit, found, status=409, problem=visit.words(refused.message, **refused.values))
        problem = visit.words(refused.message, **refused.values)
        return _change_page(visit, found, offering, form, 409, problem)
    return going(visit, found.link + found.query, "saved")


async def cancel(visit: Visit) -> Response:
    """Nothing of it is ordered any more."""
    found = find(visit)
    if found is None:
        return who.lost(visit)
    try:
        await visit.write(lambda rows: orders.cancel(rows, found.order.id, now_ms=visit.now_ms))
    except Refused as refused:
        if refused.code != "order.cancelled":  # twice is once
            return _page(visit, found, status=409, problem=visit.words(refused.message, **refused.values))
    return visit.go(f"{found.link}?no={found.order.number}", said="cancelled")


def _may_change(visit: Visit, found: Found) -> bool:
    return found.order.cancelled_ms is None and reading.stage_of(visit, found.round) == "open"


def _offering(visit: Visit, found: Found) -> Offering:
    return reading.offering(visit, found.round, frozenset(str(want.item) for want in found.order.wants))


def _change_page(
    visit: Visit,
    found: Found,
    offering: Offering,
    form: Form | None = None,
    status: int = 200,
    problem: str = "",
) -> Response:
    order = found.order
    filled = filled_from(placing.lines_of(order), offering)
    filled |= {
        "name": order.name,
        "phone": order.phone,
        "note": order.note,
        "point": str(order.pickup_point or ""),
    }
    return visit.page(
        "household/change.html",
        status,
        heading=visit.words("Change order no. {n}", n=order.number),
        closes=reading.closes(visit, found.round),
        back=found.link + found.query,
        action=f"{found.link}/change{found.query}",
        offering=offering,
        form=form,
        filled=filled,
        problem=problem,
    )


async def claim(visit: Visit) -> Response:
    """Something is wrong with the goods."""
    found = find(visit)
    if found is None:
        return who.lost(visit)
    form = await visit.form()
    new = claims.read_claim(form, found.order.id, [want.id for want in found.order.wants])
    sent = await read_picture(visit, form, "picture") if new else None
    if new is None or form.wrong:
        return _page(visit, found, form, 422)
    try:
        await visit.write(lambda rows: claims.keep(rows, new, sent, now_ms=visit.now_ms))
    except Refused as refused:
        return _page(visit, found, form, 409, problem=visit.words(refused.message, **refused.values))
    return visit.go(f"{found.link}{found.query}#claims", said="noted")


async def withdraw(visit: Visit) -> Response:
    """A claim is taken back."""
    found = find(visit)
    if found is None:
        return who.lost(visit)
    id = (await visit.form()).integer("claim", least=1, most=10**15, default=0) or 0
    try:
        await visit.write(
            lambda rows: desk_claims.withdraw(rows, id, order=found.order.id, now_ms=visit.now_ms)
        )
    except Refused as refused:
        return _page(visit, found, status=409, problem=visit.words(refused.message, **refused.values))
    return visit.go(f"{found.link}{found.query}#claims", said="noted")


async def round_file(visit: Visit) -> Response:
    """What was wanted and offered, as `millpond verify` reads it."""
    return _file(visit, "round")


async def clearing_file(visit: Visit) -> Response:
    """What was decided, as `millpond verify` reads it."""
    return _file(visit, "clearing")


def _file(visit: Visit, which: str) -> Response:
    found = find(visit)
    shown = found is not None and reading.stage_of(visit, found.round) in reading.DECIDED
    kept = deciding.kept(visit.read, found.round.id) if found and shown else None
    if kept is None:
        return who.lost(visit)
    data = kept.round_file if which == "round" else kept.clearing_file
    headers = {"content-disposition": f'attachment; filename="{which}.json"'}
    return Response(data, media_type="application/json", headers=headers)
