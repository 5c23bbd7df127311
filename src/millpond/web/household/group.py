"""A room's group orders, and the page of one of them that everybody gets the link of; ordering.

An order is placed exactly once: the form carries a random word, and the same word sent again answers with the
same order. Whoever has ordered is remembered by a cookie, and sees the own order first.
"""

from __future__ import annotations

import secrets
from typing import Any

from starlette.responses import JSONResponse, Response

from millpond.desk import orders, rounds
from millpond.desk.households import Household
from millpond.desk.orders import NewOrder
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.web.forms import Form
from millpond.web.household import reading, who
from millpond.web.household.ordering import Typed, one_more_line, read_order
from millpond.web.visit import Visit

MOST_RECENT = 12
"""Group orders that are over and still listed."""
OVER = ("closed", "decided", "ordered", "arrived", "done")


async def room(visit: Visit) -> Response:
    """What is open, and what was before."""
    every = rounds.listed(visit.read)
    known = who.remembered(visit)
    return visit.page(
        "household/room.html",
        heading=visit.words("Group orders"),
        own=visit.at(f"h/{known.link}") if known else "",
        open=[_card(visit, one) for one in every if str(one.stage) == "open"],
        recent=[_card(visit, one) for one in every if str(one.stage) in OVER][:MOST_RECENT],
    )


def _card(visit: Visit, round: RoundRecord) -> dict[str, str]:
    return {
        "link": visit.at(f"g/{round.code}"),
        "title": round.title,
        "sentence": reading.offering(visit, round).sentence if str(round.stage) == "open" else "",
        "closes": reading.closes(visit, round),
        "stage": reading.stage_text(visit, round),
    }


async def show(visit: Visit) -> Response:
    """The page of the link that is shared."""
    round = _round(visit)
    return _page(visit, round) if round else _gone(visit)


async def place(visit: Visit) -> Response:
    """Orders; then to the own order. A script that asks for JSON is told where that is."""
    round = _round(visit)
    if round is None:
        return _gone(visit)
    form = await visit.form()
    if one_more_line(form, round.group):
        return _page(visit, round, form)
    known = who.remembered(visit)
    token = form.text("token", most=64)
    typed = read_order(form, round.group, [point.id for point in reading.points(visit, round)])
    if typed is None or not token:
        return _page(visit, round, form, 422)
    new = _new_order(round, typed, token, known)
    try:
        placed = await visit.write(lambda rows: orders.place(rows, new, now_ms=visit.now_ms))
    except Refused as refused:
        form.wrong[""] = visit.words(refused.message, **refused.values)
        return _page(visit, round, form, 409)
    path = visit.at(f"h/{placed.link}/{round.code}")
    wants_json = "application/json" in visit.request.headers.get("accept", "")
    answer = JSONResponse({"go": path}) if wants_json else visit.go(path, said="sent")
    return who.remember(visit, answer, placed.link)


def _round(visit: Visit) -> RoundRecord | None:
    """The group order of the address; a draft is not shown to anybody yet."""
    round = rounds.by_code(visit.read, visit.word("code")[:64])
    return None if round is None or str(round.stage) == "draft" else round


def _gone(visit: Visit) -> Response:
    return visit.page(
        "household/lost.html",
        404,
        heading=visit.words("There is no such group order"),
        message=visit.words("The link may be cut off at its end."),
    )


def _new_order(round: RoundRecord, typed: Typed, token: str, known: Household | None) -> NewOrder:
    ...


def _page(visit: Visit, round: RoundRecord, form: Form | None = None, status: int = 200) -> Response:
    known = who.remembered(visit)
    values: dict[str, Any] = {}
    return visit.page("household/group.html", status, heading=round.title, **values)


def new_token() -> str:
    """The random word of a form: who has it can only send the same order again."""
    return secrets.token_urlsafe(18)
