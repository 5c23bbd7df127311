"""The leader's side of claims: granted, with money or without, or refused with words; the books follow.

Invariants:
- An open claim is answered once; the answer can be taken back, and the claim is open again.
- What is granted lowers what the order owes. Money that is given back at once is a second entry, so it can be
  seen that one was done and the other not yet.
- No more is granted than the order still owes or has paid for, and no more is given back than it paid.
"""

from __future__ import annotations

from dataclasses import dataclass

from millpond.community import books
from millpond.community.books import Adjusted, Means
from millpond.community.group import MAX_NOTE_CHARACTERS
from millpond.desk import ledger, room
from millpond.desk.refusals import Refused
from millpond.desk.settling import settle
from millpond.errors import InputError
from millpond.model import rules
from millpond.store import Rows
from millpond.store.database import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What a want that is claimed is, and what its units cost with all adjustments, minor units."""

    label: str
    unit: str
    units: int
    due: int

    def worth(self, quantity: int) -> int:
        """What so many of its units cost, rounded to the nearest."""
        count = min(quantity, self.units)
        return (2 * self.due * count + self.units) // (2 * self.units) if self.units else 0


def claimed(rows: Rows, round: int) -> dict[int, Claimed]:
    """Every want of a decided group order, by its id."""
    return {
        row["id"]: Claimed(label=row["label"], unit=row["unit"], units=row["units"], due=max(0, row["due"]))
        for row in rows.all("money.claim_wants", round=round)
    }


def grant(
    rows: Rows,
    claim: int,
    *,
    refund_minor: int,
    means: Means | None = None,
    answer: str = "",
    person: int | None,
    now_ms: int,
) -> None:
    """The leader agrees. `refund_minor` may be 0; with `means` it is given back at once, else it is credit.

    Raises `Refused`: "claim.settled" for one that is not open, "claim.refund_too_much" for more than the
    order costs, "money.refund_too_much" for more than it paid.
    """
    row = _open(rows, claim)
    rules.integer("refund_minor", refund_minor, 0, rules.MAX_TOTAL)
    now = ledger.of_order(rows, row["order_id"])
    if refund_minor > now.total:
        raise Refused("claim.refund_too_much")
    if means is not None and refund_minor > now.paid - now.refunded:
        raise Refused("money.refund_too_much")
    entry = back = None
    if refund_minor:
        mark, household = ledger.mark(now_ms, person, row["round"]), str(row["household"])
        granted = books.adjustment(mark, household=household, why=Adjusted.CLAIM, amount_minor=-refund_minor)
        entry = ledger.add(rows, granted, order=row["order_id"])
        if means is not None:
            given = books.refund(mark, household=household, means=means, amount_minor=refund_minor)
            back = ledger.add(rows, given, order=row["order_id"])
        settle(rows, row["round"], person=person, now_ms=now_ms)
    _answer(rows, row, "granted", answer, person, now_ms, refund=refund_minor, entry=entry, back_entry=back)


def refuse(rows: Rows, claim: int, *, answer: str, person: int | None, now_ms: int) -> None:
    """The leader does not agree, and says why; raises `Refused`."""
    row = _open(rows, claim)
    if not answer.strip():
        raise Refused("claim.words_missing")
    _answer(rows, row, "refused", answer, person, now_ms)


def take_back(rows: Rows, claim: int, *, person: int | None, now_ms: int) -> None:
    """The claim is open again, and what was booked for it is taken back; raises `Refused`."""
    row = rows.one("money.claim", id=claim)
    if row is None or row["state"] not in ("granted", "refused"):
        raise Refused("claim.not_answered")
    rows.run("money.reopen_claim", id=claim)
    for entry in (row["back_entry"], row["entry"]):
        if entry is not None:
            ledger.take_back(rows, entry, person=person, now_ms=now_ms)
    settle(rows, row["round"], person=person, now_ms=now_ms)
    _note(rows, "claim.reopened", row, person, now_ms)


def _open(rows: Rows, claim: int) -> Row:
    row = rows.one("money.claim", id=claim)
    if row is None or row["state"] != "open":
        raise Refused("claim.settled")
    return row


def _answer(
    rows: Rows,
    row: Row,
    state: str,
    answer: str,
    person: int | None,
    now_ms: int,
    *,
    refund: int = 0,
    entry: int | None = None,
    back_entry: int | None = None,
) -> None:
    if len(answer) > MAX_NOTE_CHARACTERS:
        raise InputError(f"is longer than {MAX_NOTE_CHARACTERS:,} characters", at="answer")
    rows.run(
        "money.answer_claim",
        id=row["id"],
        state=state,
        answer=answer.strip(),
        refund=refund,
        person=person,
        now_ms=now_ms,
        entry=entry,
        back_entry=back_entry,
    )
    _note(rows, f"claim.{state}", row, person, now_ms)


def _note(rows: Rows, what: str, row: Row, person: int | None, now_ms: int) -> None:
    room.journal(
        rows,
        what,
        now_ms=now_ms,
        person=person,
        round=row["round"],
        order=row["order_id"],
        claim=row["id"],
    )
