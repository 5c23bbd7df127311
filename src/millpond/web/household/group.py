"""A room's group orders, and the page of one of them that everybody gets the link of; ordering.

Whoever has ordered is remembered by a cookie, and sees the own order first.
"""

from __future__ import annotations

import re
import secrets

from starlette.responses import JSONResponse, Response

from millpond.desk import orders, own, rounds
from millpond.desk.households import Household
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.web.forms import Form
from millpond.web.household import first_visit, placing, reading, who
from millpond.web.household.offering import Offering
from millpond.web.household.ordering import one_more_line, read_order
from millpond.web.visit import Visit

MOST_RECENT = 12
"""Group orders that are over and still listed."""
HIDDEN = ("draft", "cancelled")
TOKEN = re.compile(r"[A-Za-z0-9_-]{24}")
"""As `new_token` makes it: a word that anybody could guess would open somebody else's order."""


async def room(visit: Visit) -> Response:
    """What is open, and what was before."""
    every = [(one, reading.stage_of(visit, one)) for one in rounds.listed(visit.read)]
    known = who.remembered(visit)
    return visit.page(
        "household/room.html",
        heading=visit.words("Group orders"),
        own=[(visit.at(f"h/{one.link}"), one.name) for one in known],
        open=[_card(visit, one, stage) for one, stage in every if stage == "open"],
        recent=[_card(visit, one, stage) for one, stage in every if stage not in ("open", *HIDDEN)][
            :MOST_RECENT
        ],
    )


def _card(visit: Visit, round: RoundRecord, stage: str) -> dict[str, str]:
    return {
        "link": visit.at(f"g/{round.code}"),
        "title": round.title,
        "sentence": reading.offering(visit, round).sentence if stage == "open" else "",
        "closes": reading.closes(visit, round),
        "stage": reading.stage_text(visit, stage),
    }


async def show(visit: Visit) -> Response:
    """The page of the link that is shared."""
    token = new_token()
    kept = first_visit.kept(visit, token)
    if kept is not None:
        return kept
    version, round = visit.read.version, _round(visit)
    if round is None:
        return _gone(visit)
    made = _page(visit, round, reading.offering(visit, round), token=token)
    return first_visit.keep(visit, version, round, token, made)


async def place(visit: Visit) -> Response:
    """Orders; then to the own order. A script that asks for JSON is told where that is."""
    round = _round(visit)
    if round is None:
        return _gone(visit)
    form, offering, known = await visit.form(), reading.offering(visit, round), who.remembered(visit)
    if one_more_line(form, offering):
        return _page(visit, round, offering, form)
    typed, token = read_order(form, offering), form.text("token")
    if typed is None or not TOKEN.fullmatch(token):
        return _page(visit, round, offering, form, 422)
    try:
        placed = await visit.write(
            lambda rows: placing.keep(rows, round, typed, token, known, now_ms=visit.now_ms)
        )
    except Refused as refused:
        return _page(visit, round, reading.offering(visit, round), form, 409, _why(visit, refused))
    path = visit.at(f"h/{placed.link}/{round.code}")
    return who.remember(visit, going(visit, path, "sent"), placed.link)


def _round(visit: Visit) -> RoundRecord | None:
    """The group order of the address; a draft is not shown to anybody yet."""
    round = rounds.by_code(visit.read, visit.word("code"))
    return None if round is None or str(round.stage) == "draft" else round


def _gone(visit: Visit) -> Response:
    return who.lost(
        visit,
        visit.words("There is no such group order here"),
        visit.words("The link may be cut off at its end."),
    )


def _why(visit: Visit, refused: Refused) -> str:
    if refused.code == "order.cap" and not refused.values.get("left"):
        return visit.words("Somebody was faster: everything is taken now.")
    return visit.words(refused.message, **refused.values)


def _page(
    visit: Visit,
    round: RoundRecord,
    offering: Offering,
    form: Form | None = None,
    status: int = 200,
    problem: str = "",
    token: str = "",
) -> Response:
    known, stage = who.remembered(visit), reading.stage_of(visit, round)
    mine = _mine(visit, round, known)
    first = known[0] if known and not mine else None
    if form:
        token = form.text("token")
    return visit.page(
        "household/group.html",
        status,
        heading=round.title,
        round=round,
        offering=offering,
        picture=own.picture(visit.read, round.picture),
        mine=mine,
        stage_text=reading.stage_text(visit, stage),
        is_open=stage == "open",
        closes=reading.closes(visit, round),
        closed_text=_closed_text(visit, stage),
        form=form,
        problem=problem,
        filled={"name": first.name, "phone": first.phone} if first else {},
        action=visit.at(f"g/{round.code}"),
        token=token if TOKEN.fullmatch(token) else new_token(),
    )


def _mine(visit: Visit, round: RoundRecord, known: list[Household]) -> list[dict[str, object]]:
    """The orders that were placed from this phone."""
    return [
        {
            "link": visit.at(f"h/{one.link}/{round.code}?no={order.number}"),
            "number": order.number,
            "summary": reading.summary(order, round, visit),
        }
        for one in known
        for order in orders.of_household(visit.read, round.id, one.id)
    ]


def _closed_text(visit: Visit, stage: str) -> str:
    if stage == "cancelled":
        return visit.words("The leader called this group order off. Nothing is bought, and nobody pays.")
    return visit.words("This group order takes no more orders.")


def going(visit: Visit, path: str, said: str) -> Response:
    """See there next; a script that asks for JSON goes by itself."""
    answer = visit.go(path, said=said)
    if "application/json" not in visit.request.headers.get("accept", ""):
        return answer
    told = JSONResponse({"go": path})
    told.raw_headers += [pair for pair in answer.raw_headers if pair[0] == b"set-cookie"]
    return told


def new_token() -> str:
    """The random word of a form: who has it can only send the same order again."""
    return secrets.token_urlsafe(18)
