"""Handing out: events that helpers' phones noted, perhaps without a network, become what was handed out.

`note` takes events in any order and any number of times; `state` is a fold of all of them
(`community.handing`), so two phones that met the same household are told so, and nothing counts twice.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from millpond.community import handing
from millpond.community.handing import HandedOut, HandOut
from millpond.desk import goods, room
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.store import Rows

MAX_EVENTS = 500
"""Taken at once: what a phone gathers in a day without a network."""
AHEAD_MS = 24 * 3_600_000
"""A phone whose clock is further ahead than this is set to the node's time: its events would win no order."""
STAGES = ("ordered", "arrived", "done")


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """How many events were new, and where everything stands."""

    new: int
    state: HandedOut


def due(rows: Rows, round: int) -> dict[str, dict[str, int]]:
    """Units to hand out: by order, then by want. Orders that got nothing stand there without wants.

    Cancelled and merged orders, too: a phone that was without a network may still have handed them out.
    """
    found: dict[str, dict[str, int]] = {str(row["id"]): {} for row in rows.all("handing.orders", round=round)}
    for one in goods.due(rows, round):
        if one.units and str(one.order) in found:
            found[str(one.order)][str(one.want)] = one.units
    return found


def state(rows: Rows, round: int) -> HandedOut:
    """What was handed out, and what looks wrong."""
    return handing.fold(events(rows, round), due(rows, round))


def events(rows: Rows, round: int) -> list[HandOut]:
    """Everything that was noted, as it was noted."""
    return [
        HandOut(
            event_id=row["event"],
            order=str(row["order_id"]),
            want=None if row["want"] is None else str(row["want"]),
            quantity=row["quantity"],
            by=str(row["person"] or ""),
            device=row["device"],
            at_ms=row["at_ms"],
            undoes=row["undoes"],
        )
        for row in rows.all("handing.of_round", round=round)
    ]


def who(rows: Rows, round: int) -> dict[str, tuple[str, int]]:
    """Of each event: the name of who noted it, and when by the phone."""
    return {
        row["event"]: (row["person_name"] or "", row["at_ms"])
        for row in rows.all("handing.of_round", round=round)
    }


def note(rows: Rows, round: int, events: Iterable[HandOut], *, person: int | None, now_ms: int) -> Noted:
    """Keeps what a phone noted; raises `Refused` for orders of another round, and keeps nothing then."""
    taken = list(events)
    if len(taken) > MAX_EVENTS:
        raise InputError(f"at most {MAX_EVENTS} at once", at="events")
    row = rows.one("goods.round", round=round)
    if row is None or row["stage"] not in STAGES:
        raise Refused("handing.wrong_stage")
    known, new = due(rows, round), 0
    wants = {(str(one.order), str(one.want)) for one in goods.due(rows, round)}
    for event in taken:
        if event.order not in known or (event.want is not None and (event.order, event.want) not in wants):
            raise Refused("handing.unknown_order")
        new += rows.run(
            "handing.note",
            event=event.event_id,
            order_id=int(event.order),
            want=None if event.want is None else int(event.want),
            quantity=event.quantity,
            undoes=event.undoes,
            person=person,
            device=event.device[:40],
            at_ms=now_ms if event.at_ms > now_ms + AHEAD_MS else event.at_ms,
            heard_ms=now_ms,
        )
    if new:
        room.journal(rows, "handing.noted", now_ms=now_ms, person=person, round=round, events=new)
    return Noted(new=new, state=state(rows, round))


def hand_out(
    rows: Rows,
    round: int,
    order: int,
    *,
    want: int | None = None,
    quantity: int = 0,
    person: int | None,
    now_ms: int,
) -> Noted:
    """One event noted at the node itself: a whole order, or so many units of a want."""
    event = HandOut(
        event_id=secrets.token_hex(16),
        order=str(order),
        want=None if want is None else str(want),
        quantity=quantity,
        at_ms=now_ms,
    )
    return note(rows, round, [event], person=person, now_ms=now_ms)


def undo(rows: Rows, round: int, event: str, *, person: int | None, now_ms: int) -> Noted:
    """Takes an event back; raises `Refused` if it was never noted here."""
    found = next((one for one in events(rows, round) if one.event_id == event), None)
    if found is None:
        raise Refused("handing.unknown_event")
    back = HandOut(
        event_id=secrets.token_hex(16), order=found.order, want=found.want, at_ms=now_ms, undoes=event
    )
    return note(rows, round, [back], person=person, now_ms=now_ms)
