"""What one button does: a step of a group order with everything that follows from it, in one transaction.

Invariant: after every step the books say what follows from it (`money.settle`); no page has to think of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from millpond.community.transitions import Stage
from millpond.desk import carrying, deciding, goods, money, rounds
from millpond.store import Rows


class Step(StrEnum):
    """Where a leader may lead a group order by hand; deciding is a step of its own."""

    OPEN = "open"
    REOPEN = "reopen"
    CLOSED = "closed"
    ORDERED = "ordered"
    ARRIVED = "arrived"
    DONE = "done"
    CANCELLED = "cancelled"


class Count(NamedTuple):
    """What came of an item, in units; None for nothing counted yet."""

    received: int | None
    billed: int | None
    note: str


def step(rows: Rows, round: int, to: Step, *, person: int | None, now_ms: int) -> None:
    """The next stage; standing wants are ordered when it opens for the first time.

    Raises `Refused` where it cannot follow.
    """
    stage = Stage.OPEN if to is Step.REOPEN else Stage(to.value)
    rounds.move(rows, round, stage, person=person, now_ms=now_ms)
    if to is Step.OPEN:
        carrying.place_standing(rows, round, now_ms=now_ms)
    money.settle(rows, round, person=person, now_ms=now_ms)


def decide(rows: Rows, answer: deciding.Answer, *, person: int | None, now_ms: int) -> None:
    """Keeps a decision; raises `Refused` if orders or terms changed since it was worked out."""
    deciding.keep(rows, answer, person=person, now_ms=now_ms)
    money.settle(rows, answer.question.round, person=person, now_ms=now_ms)


def take_back(rows: Rows, round: int, *, person: int | None, now_ms: int) -> None:
    """Takes the decision back; raises `Refused` once it went to the maker."""
    deciding.take_back(rows, round, person=person, now_ms=now_ms)
    money.settle(rows, round, person=person, now_ms=now_ms)


def count(
    rows: Rows,
    round: int,
    counts: Mapping[int, Count],
    *,
    has_arrived: bool,
    person: int | None,
    now_ms: int,
) -> None:
    """Notes what came of each item, shortages shared out; what stays as it was is not noted again.

    With `has_arrived` handing out may begin. Raises `Refused` at the wrong stage, and notes nothing.
    """
    for one in goods.came(rows, round):
        new = counts.get(one.item)
        if new is None or new == Count(one.received, one.billed, one.note):
            continue
        if new.received is None:
            goods.uncount(rows, round, one.item, person=person, now_ms=now_ms)
        else:
            goods.receive(
                rows, round, one.item, received=new.received, billed=new.billed, note=new.note,
                person=person, now_ms=now_ms,
            )  # fmt: skip
    if has_arrived:
        rounds.move(rows, round, Stage.ARRIVED, person=person, now_ms=now_ms)
    money.settle(rows, round, person=person, now_ms=now_ms)


def weigh(
    rows: Rows, round: int, grams: Mapping[int, int | None], *, person: int | None, now_ms: int
) -> None:
    """Notes what wants weigh, by want; raises `Refused` at the wrong stage, and notes nothing."""
    known = {one.want: one.grams for one in goods.due(rows, round)}
    for want, weight in grams.items():
        if weight != known.get(want):
            goods.weigh(rows, round, want, weight, person=person, now_ms=now_ms)
    money.settle(rows, round, person=person, now_ms=now_ms)
