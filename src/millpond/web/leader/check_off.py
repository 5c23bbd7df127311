"""Check-off: handing out by code, scan or name, also without a network, on several phones at once.

The page carries the whole list; its script notes hand-outs on the phone and sends them when there is a line.
Without the script every row has its own button.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import JSONResponse, Response

from millpond.community.handing import HandedOut, HandOut, Trouble
from millpond.desk import handing, packing, rounds
from millpond.desk.packing import Parcel
from millpond.desk.people import Role
from millpond.errors import InputError
from millpond.web import static
from millpond.web.common.signing import json_body
from millpond.web.routes import Access, Route, get, post
from millpond.web.visit import Visit

MOST_NAMED = 3
LEAST_OF_PHONE = 3
"""Digits by which somebody is found: fewer are the number of an order."""
MAX_JSON = 256 * 1024
"""Of `handing.MAX_EVENTS` events, each some 200 bytes."""


async def page(visit: Visit) -> Response:
    """The list to check off, ready to work without a network."""
    round = rounds.load(visit.read, visit.number("round"))
    state = handing.state(visit.read, round.id)
    parcels = [parcel for parcel in packing.parcels(visit.read, round.id) if parcel.lines]
    data, asked = _orders(visit, round.id, parcels, state), visit.asked("code").strip()
    return visit.page(
        "leader/check-off.html",
        round=round,
        rows=list(zip(parcels, data, strict=True)),
        found={one["id"] for one in data if _is_meant(one, asked)},
        data=data,
        search=asked,
        troubles=troubles(visit, round.id, parcels, state),
        words={
            "hand_out": visit.words("Check it off"),
            "undo": visit.words("Take back"),
            "handed": visit.words("handed out"),
            "waits": visit.words("not sent yet"),
            "twice": visit.words("noted twice"),
            "unsent": visit.words("{n} not sent yet; keep this page open until there is a line", n="{n}"),
            "all_sent": visit.words("everything is sent"),
            "offline": visit.words("no network: everything is kept on this phone"),
            "lost": visit.words("{n} are not sent yet, and signing out would lose them.", n="{n}"),
            "refused": visit.words("The node could not take it. Please load the page again."),
            "sign_in": visit.words("Please sign in again; what you noted is kept on this phone."),
        },
    )


async def events(visit: Visit) -> Response:
    """Takes what a phone noted, and answers how everything stands."""
    round, sent = visit.number("round"), await json_body(visit, MAX_JSON)
    noted = _events(sent)
    result = await visit.write(
        lambda rows: handing.note(rows, round, noted, person=visit.person_id, now_ms=visit.now_ms)
    )
    parcels = [parcel for parcel in packing.parcels(visit.read, round) if parcel.lines]
    return JSONResponse(
        {
            "new": result.new,
            "heard": visit.now_ms,
            "orders": _orders(visit, round, parcels, result.state),
            "troubles": troubles(visit, round, parcels, result.state),
        }
    )


async def hand_out(visit: Visit) -> Response:
    """One order by its button, without a script."""
    round, form = visit.number("round"), await visit.form()
    order, undo = form.integer("order", least=1, most=2**53), form.text("undo", most=64)
    if undo:
        await visit.write(
            lambda rows: handing.undo(rows, round, undo, person=visit.person_id, now_ms=visit.now_ms)
        )
    elif order is not None:
        await visit.write(
            lambda rows: handing.hand_out(rows, round, order, person=visit.person_id, now_ms=visit.now_ms)
        )
    return visit.go(visit.at(f"desk/{round}/check-off"), said="undone" if undo else "noted")


async def worker(visit: Visit) -> Response:
    """The script that keeps the page on the phone; it may answer for this room alone."""
    asset = static.assets()["check-off-worker.js"]
    return Response(
        asset.plain,
        media_type=asset.media_type,
        headers={"service-worker-allowed": visit.at(), "cache-control": "no-cache"},
    )


def troubles(visit: Visit, round: int, parcels: list[Parcel], state: HandedOut) -> list[str]:
    """What looks wrong with what was noted, in words: above all, orders that were handed out twice."""
    who = handing.who(visit.read, round)
    orders = {str(parcel.order): parcel for parcel in parcels}
    of_event = {event.event_id: event.order for event in handing.events(visit.read, round)}
    said = []
    for flag in state.flags:
        parcel = orders.get(of_event.get(flag.event_id, ""))
        name = f"{parcel.number} {parcel.name}" if parcel else "?"
        by, at_ms = who.get(flag.event_id, ("", 0))
        before = ", ".join(
            f"{who[event][0]} {visit.moment(who[event][1])}"
            for event in flag.before[:MOST_NAMED]
            if event in who
        )
        if flag.trouble in (Trouble.TWICE, Trouble.TOO_MUCH):
            said.append(
                visit.words(
                    "{order}: noted by {by}, {when}, but it had been handed out before: {before}",
                    order=name,
                    by=by or "?",
                    when=visit.moment(at_ms),
                    before=before or "?",
                )
            )
        elif flag.trouble is Trouble.NOT_DUE:
            said.append(visit.words("{order}: noted as handed out, but nothing was due.", order=name))
        else:
            said.append(visit.words("{order}: two phones disagree; please look.", order=name))
    return said


def _orders(visit: Visit, round: int, parcels: list[Parcel], state: HandedOut) -> list[dict[str, Any]]:
    """What the page's script knows of each order; `event` is the last hand-out that counts."""
    flagged = [flag for flag in state.flags if flag.trouble is Trouble.TWICE]
    twice = {event for flag in flagged for event in (flag.event_id, *flag.before)}
    noted = handing.events(visit.read, round)
    last = {event.order: event.event_id for event in noted if state.counted.get(event.event_id)}
    return [
        {
            "id": str(parcel.order),
            "number": str(parcel.number),
            "name": parcel.name,
            "code": parcel.code,
            "phone": parcel.phone[-4:],
            "done": state.is_complete(str(parcel.order)),
            "event": last.get(str(parcel.order)),
            "twice": last.get(str(parcel.order)) in twice,
        }
        for parcel in parcels
    ]


def _is_meant(order: Mapping[str, Any], asked: str) -> bool:
    """Whether a search finds this order: the page's script does the same."""
    if re.fullmatch("[0-9]+", asked):
        return asked == order["number"] or (len(asked) >= LEAST_OF_PHONE and order["phone"].endswith(asked))
    return asked.upper() in order["code"] or asked.lower() in order["name"].lower()


def _events(sent: Any) -> list[HandOut]:
    rows = sent.get("events") if isinstance(sent, dict) else None
    if not isinstance(rows, list) or len(rows) > handing.MAX_EVENTS:
        raise InputError(f"a list of at most {handing.MAX_EVENTS} events is needed", at="events")
    found = []
    for n, row in enumerate(rows):
        try:
            want, undoes = row.get("want"), row.get("undoes")
            found.append(
                HandOut(
                    event_id=str(row["event_id"]),
                    order=str(row["order"]),
                    want=None if want is None else str(want),
                    quantity=row.get("quantity", 0),
                    device=str(row.get("device", ""))[:40],
                    at_ms=row["at_ms"],
                    undoes=None if undoes is None else str(undoes),
                )
            )
        except (AttributeError, KeyError, TypeError):
            raise InputError("is no event", at=f"events[{n}]") from None
        except InputError as error:
            raise error.inside(f"events[{n}]") from None
    return found


PAGES: tuple[Route, ...] = (
    get("/desk/{round:int}/check-off", page, Role.HANDS_OUT),
    post("/desk/{round:int}/handouts", events, Role.HANDS_OUT),
    post("/desk/{round:int}/hand-out", hand_out, Role.HANDS_OUT),
    get("/check-off-worker.js", worker, Access.PUBLIC),
)
