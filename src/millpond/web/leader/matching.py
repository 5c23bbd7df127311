"""Who a line of a list is of: compared with the households and orders that are here. It never decides.

A household is proposed as the same without asking where its name is the same, only one has it, and its phone
does not speak against it. Everything else is asked. A line whose household has the very same order already is
set apart as being in already: a list that grows in its chat is pasted again and again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from millpond.desk import households, orders
from millpond.desk.households import Household
from millpond.desk.orders import Order
from millpond.store import Rows
from millpond.web.leader.doubts import Doubt
from millpond.web.leader.review import Line

NEW = "new"
TWINS = frozenset({"same-name", "repeated-line"})
"""What the reader of a pasted list says of a name that stands there twice."""
MOST = 6
"""Households that are offered for one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a line may belong to. `usual` is what is filled in: "" where the leader must choose."""

    known: tuple[Household, ...] = ()
    orders: tuple[Order, ...] = ()
    above: tuple[Line, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    usual: str = NEW
    already_in: Order | None = None

    @property
    def is_asked(self) -> bool:
        """Whether there is anything to choose from."""
        return bool(self.known or self.orders or self.above)

    def choices(self) -> frozenset[str]:
        """Every answer that the page offers."""
        return frozenset(
            (
                NEW,
                *(f"home-{one.id}" for one in self.known),
                *(f"{what}-{order.id}" for order in self.orders for what in ("add", "replace")),
                *(f"with-{line.at}" for line in self.above),
            )
        )


def matches(rows: Rows, round: int, lines: Sequence[Line]) -> dict[int, Match]:
    """For each line, by its place, what it may belong to."""
    by_name: dict[str, Line] = {}
    found: dict[int, Match] = {}
    for line in lines:
        found[line.at] = _match(rows, round, line, by_name.get(line.name))
        if line.name:
            by_name.setdefault(line.name, line)
    return found


def units_of(order: Order) -> Mapping[str, int]:
    """Units of each item, by its id as text."""
    units: dict[str, int] = {}
    for want in order.wants:
        units[str(want.item)] = units.get(str(want.item), 0) + want.quantity
    return units


def _match(rows: Rows, round: int, line: Line, above: Line | None) -> Match:
    phone = households.plain_phone(line.phone)
    known = households.candidates(rows, line.name, phone)[:MOST] if line.name or phone else ()
    here = tuple(order for one in known for order in orders.of_household(rows, round, one.id))
    doubts = _doubts(line.name, phone, known)
    if above is not None and not any(doubt.code in TWINS for doubt in line.doubts):
        doubts = (*doubts, Doubt("same-name", "", above.at))
    if here and above is None and not doubts and not line.asked and not line.doubts:
        twin = next((order for order in here if dict(units_of(order)) == dict(line.units)), None)
        if twin is not None:
            return Match(known=known, orders=here, usual="", already_in=twin)
    if here:
        doubts = (*doubts, Doubt("has-order", f"№ {here[0].number}"))
    usual = "" if doubts or above is not None else f"home-{known[0].id}" if known else NEW
    return Match(
        known=known, orders=here, above=(above,) if above is not None else (), doubts=doubts, usual=usual
    )


def _doubts(name: str, phone: str, known: Sequence[Household]) -> tuple[Doubt, ...]:
    """Why it is not certain which household this is."""
    if not known:
        return ()
    if len(known) > 1:
        return (Doubt("which-household"),)
    if known[0].name != " ".join(name.split()):
        return (Doubt("other-name", known[0].name),)
    if phone and known[0].phone and known[0].phone != phone:
        return (Doubt("other-phone", known[0].phone),)
    return ()
