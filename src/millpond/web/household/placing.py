"""Keeping an order that was typed on a phone: placed exactly once, or changed.

The form carries a random word; the same word sent again answers with the same order. If what was sent differs
from what is kept (the answer was lost, the household went on typing and sent again), the later one counts, as
long as it can still be changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from millpond.desk import households, orders
from millpond.desk.households import Household
from millpond.desk.orders import KeptWant, NewOrder, NewWant, Order, Placed, Source
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.store import Rows
from millpond.web.household.ordering import Line, Typed


def keep(
    rows: Rows, round: RoundRecord, typed: Typed, token: str, known: Sequence[Household], *, now_ms: int
) -> Placed:
    """Places the order; of a household in `known` if it has the name that was typed, else of a new one."""
    same = next((one for one in known if one.name == typed.name), None)
    placed = orders.place(
        rows,
        NewOrder(
            round=round.id,
            token=token,
            wants=tuple(new_want(line) for line in typed.lines),
            household=same.id if same else None,
            name=typed.name,
            phone=typed.phone,
            pickup_point=typed.point,
            note=typed.note,
        ),
        now_ms=now_ms,
    )
    if placed.is_new:
        if same:
            _keep_phone(rows, same.id, typed, now_ms)
        return placed
    kept = orders.load(rows, placed.id)
    if kept.source is not Source.LINK:
        raise Refused("order.unknown")  # a word that the leader's side made: it opens nothing here
    if _wants_of(typed.lines) != _wants_of(lines_of(kept)):
        with suppress(Refused):  # too late, or cancelled: the page of the order shows what is kept
            change(rows, placed.id, typed, now_ms=now_ms)
    return placed


def change(rows: Rows, order: int, typed: Typed, *, now_ms: int) -> None:
    """Other wants, name, phone, note and place from now on. Raises `Refused`, and nothing is changed."""
    kept = orders.load(rows, order)
    orders.change(
        rows,
        order,
        tuple(_with_ids(typed.lines, kept.wants)),
        pickup_point=typed.point,
        note=typed.note,
        now_ms=now_ms,
    )
    if typed.name != kept.name or typed.phone != kept.phone:
        one = households.load(rows, kept.household)
        households.change(
            rows,
            one.id,
            name=typed.name,
            phone=typed.phone,
            address=one.address,
            note=one.note,
            now_ms=now_ms,
        )


def lines_of(order: Order) -> list[Line]:
    """The wants of an order, as they would be typed."""
    return [
        Line(
            item=str(want.item),
            quantity=want.quantity,
            limit=want.limit,
            more=want.more,
            fewer=want.fewer,
            substitute=None if want.substitute is None else str(want.substitute),
            options=want.options,
        )
        for want in order.wants
    ]


def new_want(line: Line, id: int | None = None) -> NewWant:
    """The line as the desk takes it."""
    return NewWant(
        item=int(line.item),
        quantity=line.quantity,
        limit=line.limit,
        more=line.more,
        fewer=line.fewer,
        substitute=None if line.substitute is None else int(line.substitute),
        options=line.options,
        id=id,
    )


def _with_ids(lines: Sequence[Line], kept: Sequence[KeptWant]) -> list[NewWant]:
    """The lines in their order, each with the id of the kept want of its item that stood in its place."""
    left = {item: [want.id for want in kept if want.item == item] for item in {want.item for want in kept}}
    found = []
    for line in lines:
        ids = left.get(int(line.item), [])
        found.append(new_want(line, ids.pop(0) if ids else None))
    return found


def _wants_of(lines: Sequence[Line]) -> list[tuple[object, ...]]:
    """Lines for comparing; what is no answer counts for nothing."""
    return [
        (one.item, one.quantity, one.limit, one.more, one.fewer, one.substitute, dict(one.options))
        for one in lines
    ]


def _keep_phone(rows: Rows, household: int, typed: Typed, now_ms: int) -> None:
    """A household that is known and typed another phone has that one now."""
    one = households.load(rows, household)
    if typed.phone and households.plain_phone(typed.phone) != one.phone:
        households.change(
            rows,
            one.id,
            name=one.name,
            phone=typed.phone,
            address=one.address,
            note=one.note,
            now_ms=now_ms,
        )
