"""Standing wants: what a household wants of every group order that has it, until it says stop.

A standing want names an item as people read it (name and variant): each group order has items of its own.
Invariants:
- A household has at most one running standing want of a name and variant; setting it again replaces it.
- A replaced or stopped one stays in the table with the time it ended, until its household is erased.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from millpond.community.group import MAX_WANT_UNITS
from millpond.desk.refusals import Refused
from millpond.desk.room import journal
from millpond.errors import InputError
from millpond.model import rules
from millpond.store import Rows

MAX_STANDING = 100
"""Of one household."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingWant:
    """So many of an item each time; `limit` per unit in minor units, None for the item's usual one."""

    id: int
    household: int
    name: str
    variant: str
    quantity: int
    limit: int | None
    created_ms: int


def of_household(rows: Rows, household: int) -> tuple[StandingWant, ...]:
    """The running ones of a household, the first one first."""
    return tuple(_want(row) for row in rows.all("standing.of_household", household=household))


def running(rows: Rows) -> tuple[StandingWant, ...]:
    """Every running one of the room, the first one first."""
    return tuple(_want(row) for row in rows.all("standing.running"))


def set_standing(
    rows: Rows,
    household: int,
    *,
    name: str,
    variant: str = "",
    quantity: int,
    limit: int | None = None,
    now_ms: int,
) -> int:
    """From now on so many each time; returns the id. Above `MAX_STANDING`: `Refused` "standing.too_many"."""
    if not name.strip():
        raise InputError("a name is needed", at="name")
    rules.integer("quantity", quantity, 1, MAX_WANT_UNITS)
    if limit is not None:
        rules.amount("limit", limit)
    same = rows.one("standing.same", household=household, name=name, variant=variant)
    if same is not None:
        if (same["quantity"], same["limit_minor"]) == (quantity, limit):
            return int(same["id"])
        rows.run("standing.end", id=same["id"], household=household, now_ms=now_ms)
    elif rows.value("standing.count", household=household) >= MAX_STANDING:
        raise Refused("standing.too_many", most=MAX_STANDING)
    id = rows.add(
        "standing.add",
        household=household,
        name=name,
        variant=variant,
        quantity=quantity,
        limit=limit,
        now_ms=now_ms,
    )
    journal(rows, "standing.set", now_ms=now_ms, household=household, standing=id, quantity=quantity)
    return id


def end_standing(rows: Rows, id: int, *, household: int, now_ms: int) -> None:
    """No longer. One that has ended, or is another household's, is left as it is."""
    if rows.run("standing.end", id=id, household=household, now_ms=now_ms):
        journal(rows, "standing.ended", now_ms=now_ms, household=household, standing=id)


def _want(row: Any) -> StandingWant:
    return StandingWant(
        id=row["id"],
        household=row["household"],
        name=row["name"],
        variant=row["variant"],
        quantity=row["quantity"],
        limit=row["limit_minor"],
        created_ms=row["created_ms"],
    )
