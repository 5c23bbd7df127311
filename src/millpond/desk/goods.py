"""What came from the maker: counted, weighed, and a shortage shared out by the rule that was stated before.

Invariants:
- Everything is worked out again from what was counted and weighed: noting a count twice, or correcting it,
  gives the same as having noted the last one at once.
- Nobody gets more units than were allocated to them; what is over is the leader's, to sell over the counter.
- A change here never touches the decision: it stands in `adjustment`, beside the amount that was decided.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from millpond.community import sharing
from millpond.community.sharing import Share, ShortageRule
from millpond.desk import room
from millpond.desk.refusals import Refused
from millpond.store import Rows

STAGES = ("ordered", "arrived")
"""In which goods may be counted and weighed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """One item of a round: units that were ordered, that came, and that the maker bills (None: not noted)."""

    item: int
    label: str
    unit: str
    ordered: int
    received: int | None
    billed: int | None
    note: str
    nominal_grams: int | None
    weight_tolerance_percent: int
    case_size: int

    @property
    def short(self) -> int:
        """Units that were ordered and did not come; 0 while nothing is noted."""
        return 0 if self.received is None else max(0, self.ordered - self.received)

    @property
    def over(self) -> int:
        """Units that came beyond what was ordered."""
        return 0 if self.received is None else max(0, self.received - self.ordered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What a want is to be handed: units, and what they cost with all adjustments, without fees."""

    want: int
    order: int
    item: int | None
    wanted_item: int
    wanted: int
    allocated: int
    units: int
    amount: int
    adjustment: int
    grams: int | None
    has_come: bool
    reason: str
    piece: int | None
    options: Mapping[str, str]

    @property
    def due_minor(self) -> int:
        """The amount decided and what shortage and weight changed of it."""
        return self.amount + self.adjustment


def came(rows: Rows, round: int) -> tuple[Came, ...]:
    """Every item of the round, in the leader's order."""
    return tuple(
        Came(
            item=row["id"],
            label=row["label"],
            unit=row["unit"],
            ordered=row["ordered"],
            received=row["received"],
            billed=row["billed"],
            note=row["note"] or "",
            nominal_grams=row["nominal_grams"],
            weight_tolerance_percent=row["weight_tolerance_percent"],
            case_size=row["case_size"],
        )
        for row in rows.all("goods.items", round=round)
    )


def due(rows: Rows, round: int) -> tuple[Due, ...]:
    """What every want of the round is to be handed."""
    return tuple(
        Due(
            want=row["want"],
            order=row["order_id"],
            item=row["item"],
            wanted_item=row["wanted_item"],
            wanted=row["wanted"],
            allocated=row["allocated"],
            units=row["units"],
            amount=row["amount"],
            adjustment=row["adjustment"],
            grams=row["grams"],
            has_come=bool(row["has_come"]),
            reason=row["reason"],
            piece=row["piece"],
            options=json.loads(row["options"]),
        )
        for row in rows.all("goods.due", round=round)
    )


def receive(
    rows: Rows,
    round: int,
    item: int,
    *,
    received: int,
    billed: int | None = None,
    note: str = "",
    person: int | None,
    now_ms: int,
) -> None:
    """Notes how many of an item came, and shares out a shortage; raises `Refused` at the wrong stage."""
    terms = _terms(rows, round)
    if all(one.item != item for one in came(rows, round)):
        raise Refused("goods.unknown_item")
    rows.run(
        "goods.receive",
        round=round,
        item=item,
        received=received,
        billed=billed,
        note=note,
        person=person,
        at_ms=now_ms,
    )
    shares = rows.all("goods.shares", round=round, item=item)
    shared = sharing.shortage(received, [Share(str(row["want"]), row["quantity"]) for row in shares], terms)
    for row in shares:
        units = shared.units[str(row["want"])]
        rows.run("goods.share", want=row["want"], received=units, adjustment=0)
        _adjust(rows, round, row["want"], row["grams"])
    room.journal(rows, "goods.received", now_ms=now_ms, person=person, round=round, item=item, units=received)


def uncount(rows: Rows, round: int, item: int, *, person: int | None, now_ms: int) -> None:
    """Takes a count back: everybody is to get what was decided again; raises `Refused` at the wrong stage."""
    _terms(rows, round)
    if not rows.run("goods.forget", round=round, item=item):
        return
    for row in rows.all("goods.shares", round=round, item=item):
        rows.run("goods.share", want=row["want"], received=None, adjustment=0)
        _adjust(rows, round, row["want"], row["grams"])
    room.journal(rows, "goods.uncounted", now_ms=now_ms, person=person, round=round, item=item)


def weigh(rows: Rows, round: int, want: int, grams: int | None, *, person: int | None, now_ms: int) -> bool:
    """Notes what all units of a want weigh together, None for not weighed; returns if it is in tolerance."""
    _terms(rows, round)
    within = _adjust(rows, round, want, grams)
    room.journal(rows, "goods.weighed", now_ms=now_ms, person=person, round=round, want=want, grams=grams)
    return within


def _terms(rows: Rows, round: int) -> ShortageRule:
    row = rows.one("goods.round", round=round)
    if row is None or row["stage"] not in STAGES:
        raise Refused("goods.wrong_stage")
    return ShortageRule(row["shortage_rule"])


def _adjust(rows: Rows, round: int, want: int, grams: int | None) -> bool:
    """Works the adjustment out from units and weight; returns whether the weight is within the tolerance."""
    row = rows.one("goods.allocation", round=round, want=want)
    if row is None or not row["quantity"]:
        raise Refused("goods.nothing_allocated")
    units = row["quantity"] if row["received"] is None else row["received"]
    due_minor, within = sharing.due_for_units(row["amount"], row["quantity"], units), True
    if grams is not None and row["nominal_grams"] is None:
        raise Refused("goods.not_by_weight")
    if grams is not None and units:
        found = sharing.weighed(
            due_minor,
            units,
            nominal_grams=row["nominal_grams"],
            actual_grams=grams,
            tolerance_percent=row["weight_tolerance_percent"],
        )
        due_minor, within = found.due_minor, not found.outside
    rows.run("goods.weigh", want=want, grams=grams, adjustment=due_minor - row["amount"])
    return within
