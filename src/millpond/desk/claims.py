"""Claims: a household says that something is wrong with its goods; the leader answers.

Here is the household's side: open one, withdraw it. Invariants:
- A claim belongs to an order whose goods have arrived, and to one of its wants or to all of it.
- The same claim sent twice is one claim.
- Only an open claim can be withdrawn; one that was answered stays as it is.

The words and the picture of a claim are the household's: neither stands in the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from millpond.community.group import MAX_NOTE_CHARACTERS, MAX_WANT_UNITS
from millpond.desk.refusals import Refused
from millpond.desk.room import journal
from millpond.errors import InputError
from millpond.model import rules
from millpond.store import Rows

MAX_OPEN = 20
"""Open claims of one order: more belong into a talk with the leader."""
STAGES = ("arrived", "done")
"""Of a group order whose goods have come."""


class ClaimKind(StrEnum):
    """What is wrong."""

    MISSING = "missing"
    DAMAGED = "damaged"
    WRONG = "wrong"
    RETURN = "return"
    OTHER = "other"


class ClaimState(StrEnum):
    """How far it is."""

    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClaim:
    """What a household says; `want` is None for the order as a whole, `picture` the id of a kept picture."""

    order: int
    kind: ClaimKind
    want: int | None = None
    quantity: int = 1
    words: str = ""
    picture: str | None = None

    def __post_init__(self) -> None:
        rules.integer("quantity", self.quantity, 1, MAX_WANT_UNITS)
        if len(self.words) > MAX_NOTE_CHARACTERS:
            raise InputError(f"is longer than {MAX_NOTE_CHARACTERS:,} characters", at="words")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A claim and what became of it; `refund` in minor units is what the leader gave back for it."""

    id: int
    order: int
    want: int | None
    kind: ClaimKind
    quantity: int
    words: str
    picture: str | None
    state: ClaimState
    answer: str
    refund: int
    created_ms: int
    settled_ms: int | None
    settled_by: int | None


def of_order(rows: Rows, order: int) -> tuple[Claim, ...]:
    """Every claim of an order, the first one first."""
    return tuple(_claim(row) for row in rows.all("claims.of_order", order=order))


def of_round(rows: Rows, round: int) -> tuple[Claim, ...]:
    """Every claim of a group order: the open ones first, then the newest."""
    return tuple(_claim(row) for row in rows.all("claims.of_round", round=round))


def by_id(rows: Rows, id: int) -> Claim | None:
    """The claim of this id."""
    row = rows.one("claims.by_id", id=id)
    return None if row is None else _claim(row)


def may_claim(rows: Rows, order: int) -> bool:
    """Whether the goods of this order have come, so that something can be wrong with them."""
    return rows.value("claims.stage_of_order", order=order) in STAGES


def open_claim(rows: Rows, new: NewClaim, *, now_ms: int) -> int:
    """Keeps a claim; returns its id. The same one, still open, is not kept twice.

    Raises `Refused`: "claim.too_early" before the goods have come, "claim.elsewhere" for a want of another
    order, "claim.too_many" above `MAX_OPEN`.
    """
    if not may_claim(rows, new.order):
        raise Refused("claim.too_early")
    if new.want is not None and rows.value("claims.order_of_want", want=new.want) != new.order:
        raise Refused("claim.elsewhere")
    values = {
        "order": new.order,
        "want": new.want,
        "kind": new.kind,
        "quantity": new.quantity,
        "words": new.words,
        "picture": new.picture,
    }
    same = rows.value("claims.same", **values)
    if same is not None:
        return int(same)
    if rows.value("claims.open_ones", order=new.order) >= MAX_OPEN:
        raise Refused("claim.too_many", most=MAX_OPEN)
    id = rows.add("claims.add", now_ms=now_ms, **values)
    journal(
        rows,
        "claim.opened",
        now_ms=now_ms,
        round=rows.value("claims.round_of_order", order=new.order),
        order=new.order,
        claim=id,
        kind=str(new.kind),
        quantity=new.quantity,
    )
    return id


def withdraw(rows: Rows, id: int, *, order: int, now_ms: int) -> None:
    """The household takes it back; raises `Refused` "claim.settled" for one not open, or not its own."""
    if not rows.run("claims.withdraw", id=id, order=order, now_ms=now_ms):
        raise Refused("claim.settled")
    round = rows.value("claims.round_of_order", order=order)
    journal(rows, "claim.withdrawn", now_ms=now_ms, round=round, order=order, claim=id)


def _claim(row: Any) -> Claim:
    return Claim(
        id=row["id"],
        order=row["order_id"],
        want=row["want"],
        kind=ClaimKind(row["kind"]),
        quantity=row["quantity"],
        words=row["words"],
        picture=row["picture"],
        state=ClaimState(row["state"]),
        answer=row["answer"],
        refund=row["refund"],
        created_ms=row["created_ms"],
        settled_ms=row["settled_ms"],
        settled_by=row["settled_by"],
    )
