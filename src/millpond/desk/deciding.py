"""Deciding a closed group order: the clearing is made outside a transaction, and kept in one.

The way of the data: `gather` (what is to be decided) → `work_out` (clearing, prices, bills; no database) →
`keep` (everything in one transaction). Invariants:

- What is kept was verified by `millpond.verify`, which shares no code with the solver; a clearing that it
  refuses is never kept.
- What is kept was worked out from exactly the wants that are there when it is kept: if one changed in
  between, `keep` refuses.
- A decision can be taken back until the order went to the maker.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction

from millpond import model
from millpond.community import deciding
from millpond.community.deciding import Decision
from millpond.community.group import GroupOrder, Want
from millpond.desk import room, rounds
from millpond.desk.refusals import Refused
from millpond.model import Clearing, Round, encode_clearing, encode_round, fraction_text, read_fraction
from millpond.store import Rows
from millpond.verify import verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be decided: the group order, all wants of it, and the place where they live."""

    round: int
    order: GroupOrder
    wants: tuple[Want, ...]
    place: model.Place
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was decided, and the files and the check that prove it."""

    question: Question
    decision: Decision
    round_file: bytes
    clearing_file: bytes
    verified: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A decision as it is kept; amounts are minor units."""

    round_file: bytes
    clearing_file: bytes
    verified: str
    cases: tuple[Mapping[str, int | str], ...]
    decided_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a want was given: `price` is exact, `item` None for nothing, `reason` a `Reason` or ""."""

    want: int
    order: int
    wanted_item: int
    wanted: int
    limit: int
    item: int | None
    quantity: int
    price: Fraction | None
    amount: int
    reason: str
    piece: int | None
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What an order pays by the decision, before goods came: minor units."""

    order: int
    units: int
    goods: int
    fee: int

    @property
    def total(self) -> int:
        """Goods and fee."""
        return self.goods + self.fee


def gather(rows: Rows, round: int) -> Question:
    """What is to be decided; raises `Refused` for a round that is not closed."""
    record = rounds.load(rows, round)
    if str(record.stage) != "closed":
        raise Refused("round.not_closed")
    profile = room.profile(rows)
    assert profile is not None
    place = model.Place(
        id="p1",
        name={profile.language: profile.place_name} if profile.place_name else {},
        latitude_microdeg=profile.latitude_microdeg,
        longitude_microdeg=profile.longitude_microdeg,
    )
    wants = tuple(_wants(rows, round))
    return Question(round=round, order=record.group, wants=wants, place=place, language=profile.language)


def work_out(
    question: Question, clear: Callable[[Round], Clearing], leftover: Mapping[str, int] | None = None
) -> Answer:
    """Decides and verifies; takes its time, and needs no database.

    `leftover` is the most units of each item that the leader would take for whole cases. Raises
    `RuntimeError` if the verifier refuses what the solver made: a defect, and nothing is kept.
    """
    decision = deciding.decide(
        question.order,
        question.wants,
        clear,
        place=question.place,
        leftover=leftover,
        language=question.language,
    )
    round_file, clearing_file = encode_round(decision.round), encode_clearing(decision.clearing)
    checks = verifier.verify(round_file, clearing_file, ("round", "clearing"))
    report = verifier.report(checks)
    if not all(check.ok for check in checks):
        raise RuntimeError(f"what the solver made is not valid:\n{report}")
    return Answer(
        question=question,
        decision=decision,
        round_file=round_file,
        clearing_file=clearing_file,
        verified=report,
    )


def keep(rows: Rows, answer: Answer, *, person: int | None, now_ms: int) -> None:
    """Keeps the decision; raises `Refused` if wants or terms changed since it was worked out."""
    round, decision = answer.question.round, answer.decision
    now = gather(rows, round)
    if now.wants != answer.question.wants or now.order != answer.question.order:
        raise Refused("decide.changed")
    rows.run(
        "deciding.keep",
        round=round,
        round_file=answer.round_file,
        clearing_file=answer.clearing_file,
        verified=answer.verified,
        cases=json.dumps([asdict(one) for one in decision.cases]),
        now_ms=now_ms,
    )
    rows.many(
        "deciding.allocate",
        [
            {
                "want": int(one.want),
                "round": round,
                "item": None if one.item is None else int(one.item),
                "quantity": one.quantity,
                "price": "" if one.price is None else fraction_text(one.price),
                "amount": one.amount,
                "reason": str(one.reason or ""),
            }
            for one in decision.allocations
        ],
    )
    bills = [
        {"order_id": int(one.order), "round": round, "units": one.units, "goods": one.goods, "fee": one.fee}
        for one in decision.bills
    ]
    rows.many("deciding.bill", bills)
    left = [
        {"round": round, "item": int(one.item), "quantity": one.quantity, "amount": one.amount}
        for one in decision.leftovers
    ]
    rows.many("deciding.leave", left)
    rows.run("deciding.stage", round=round, now_ms=now_ms)
    served = sum(one.quantity for one in decision.allocations)
    room.journal(rows, "round.decided", now_ms=now_ms, person=person, round=round, units=served)


def take_back(rows: Rows, round: int, *, person: int | None, now_ms: int) -> None:
    """The round is closed again and undecided; raises `Refused` once it went to the maker."""
    if not rows.run("deciding.reopen", round=round):
        raise Refused("decide.too_late")
    for name in ("forget_allocations", "forget_bills", "forget_leftovers", "forget"):
        rows.run(f"deciding.{name}", round=round)
    room.journal(rows, "round.undecided", now_ms=now_ms, person=person, round=round)


def kept(rows: Rows, round: int) -> Kept | None:
    """The decision of a round, if there is one."""
    row = rows.one("deciding.get", round=round)
    if row is None:
        return None
    return Kept(
        round_file=row["round_file"],
        clearing_file=row["clearing_file"],
        verified=row["verified"],
        cases=tuple(json.loads(row["cases"])),
        decided_ms=row["decided_ms"],
    )


def given(rows: Rows, round: int) -> tuple[Given, ...]:
    """What every want of the round was given."""
    return tuple(
        Given(
            want=row["want"],
            order=row["order_id"],
            wanted_item=row["wanted_item"],
            wanted=row["wanted"],
            limit=row["limit_minor"],
            item=row["item"],
            quantity=row["quantity"],
            price=read_fraction(row["price"]) if row["price"] else None,
            amount=row["amount"],
            reason=row["reason"],
            piece=row["piece"],
            options=json.loads(row["options"]),
        )
        for row in rows.all("deciding.allocations", round=round)
    )


def bills(rows: Rows, round: int) -> dict[int, Bill]:
    """The bill of each order of the round, by the order's id."""
    return {
        row["order_id"]: Bill(order=row["order_id"], units=row["units"], goods=row["goods"], fee=row["fee"])
        for row in rows.all("deciding.bills", round=round)
    }


def leftovers(rows: Rows, round: int) -> dict[int, int]:
    """Units of each item that the leader took for whole cases, by the item's id."""
    return {row["item"]: row["quantity"] for row in rows.all("deciding.leftovers", round=round)}


def _wants(rows: Rows, round: int) -> list[Want]:
    return [
        Want(
            id=str(row["id"]),
            order=str(row["order_id"]),
            number=row["number"],
            item=str(row["item"]),
            quantity=row["quantity"],
            limit=row["limit_minor"],
            more=row["more"],
            fewer=row["fewer"],
            substitute=None if row["substitute"] is None else str(row["substitute"]),
        )
        for row in rows.all("deciding.wants", round=round)
    ]
