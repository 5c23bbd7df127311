"""A reviewed list becomes orders: all of it in one transaction or nothing, once however often it is sent.

The leader has looked at every line and said whose it is. Invariants:
- A line whose household is not said, while somebody of that name or phone is known, is refused: nobody is
  guessed.
- A list is known by its token: sent again, it answers with what it made the first time, and changes nothing.
- If one line cannot be taken, none is; every line that cannot is named, with why.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from millpond.desk import households, orders, room
from millpond.desk.orders import NewOrder, Source
from millpond.desk.refusals import Refused
from millpond.desk.wants import NewWant, as_new, with_more
from millpond.errors import InputError
from millpond.store import Rows

MAX_TOKEN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One line, and whose it is: exactly one of `is_new`, `household`, `adds_to`, `replaces`, `with_row`.

    `row` is its place in the list, by which a refusal names it. `adds_to` and `replaces` are orders that
    are here: their wants get more, or become these. `with_row` is a line above, of the same household.
    """

    row: int
    wants: tuple[NewWant, ...]
    name: str = ""
    phone: str = ""
    address: str = ""
    note: str = ""
    leader_note: str = ""
    pickup_point: int | None = None
    is_new: bool = False
    household: int | None = None
    adds_to: int | None = None
    replaces: int | None = None
    with_row: int | None = None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The orders of a list, by row; `is_new` is False where it was taken in before, then by no row."""

    orders: dict[int, int]
    is_new: bool


class RowsRefused(Refused):
    """Lines that cannot be taken, and why; nothing was taken."""

    def __init__(self, rows: Sequence[tuple[int, InputError]]) -> None:
        super().__init__("list.rows", count=len(rows), rows=", ".join(str(row) for row, _ in rows))
        self.rows = tuple(rows)


def take_in(
    rows: Rows,
    round: int,
    reviewed: Sequence[Reviewed],
    *,
    source: Source,
    token: str,
    person: int,
    now_ms: int,
) -> TakenIn:
    """Keeps every line for the leader; raises `RowsRefused` and keeps none where one cannot be.

    Raises `Refused` "order.unknown" for a group order that is not there, or without a token.
    """
    if not token or len(token) > MAX_TOKEN:
        raise Refused("order.unknown")
    mark = hashlib.sha256(token.encode()).hexdigest()[:32]
    if rows.value("orders.list_taken", round=round, list=mark) is not None:
        return TakenIn({}, is_new=False)
    taken: dict[int, int] = {}
    wrong: list[tuple[int, InputError]] = []
    for line in reviewed:
        try:
            taken[line.row] = _take(rows, round, line, taken, source, f"{token}-{line.row}", person, now_ms)
        except InputError as error:
            wrong.append((line.row, error))
    if wrong:
        raise RowsRefused(wrong)
    room.journal(
        rows,
        "list.taken",
        now_ms=now_ms,
        person=person,
        round=round,
        list=mark,
        lines=len(taken),
        source=str(source),
    )
    return TakenIn(taken, is_new=True)


def _take(
    rows: Rows,
    round: int,
    line: Reviewed,
    taken: dict[int, int],
    source: Source,
    token: str,
    person: int,
    now_ms: int,
) -> int:
    """Keeps one line; returns its order."""
    said = [line.household, line.adds_to, line.replaces, line.with_row]
    if line.is_new + sum(one is not None for one in said) > 1:
        raise Refused("list.who")
    order = line.adds_to or line.replaces or (line.with_row and taken.get(line.with_row))
    if order is not None:
        kept = orders.load(rows, order)
        if kept.round != round:
            raise Refused("order.other_round")
        before = () if line.replaces else tuple(as_new(want) for want in kept.wants)
        note = kept.note if line.note in kept.note else " · ".join(filter(None, (kept.note, line.note)))
        orders.change(rows, order, with_more(before, line.wants), note=note, person=person, now_ms=now_ms)
        return order
    if line.with_row is not None:
        raise Refused("list.who")
    if line.household is None and not line.is_new and households.candidates(rows, line.name, line.phone):
        raise Refused("list.who")
    new = NewOrder(
        round=round,
        token=token,
        wants=line.wants,
        household=line.household,
        name=line.name,
        phone=line.phone,
        address=line.address,
        pickup_point=line.pickup_point,
        note=line.note,
        leader_note=line.leader_note,
        source=source,
    )
    return orders.place(rows, new, person=person, now_ms=now_ms).id
