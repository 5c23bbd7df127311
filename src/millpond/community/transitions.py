"""The stages of a group order: which follows which, and when it still takes orders.

    draft -> open -> closed -> decided -> ordered -> arrived -> done

- Back is allowed while nobody outside has been told: `closed` may be opened again, `decided` may be taken
  back to `closed`. From `ordered` on the maker works. `done` may go back to `arrived`: something turned up.
- Cancelled from any stage before the goods arrive; nothing follows that.
- An open order takes wants until its time, exclusive: at `closes_at_ms` it is closed. With a cap it takes no
  more units than that; an order that would pass it is refused whole, with how many are left. Taking back is
  always possible while it is open. The leader may put orders in, on somebody's behalf, until it is decided.

Times are Unix milliseconds, handed in.

>>> blocked(Stage.OPEN, closes_at_ms=None, cap_units=50, units=48, change=3, now_ms=0)
Blocked(why=<Why.CAP: 'cap'>, left=2)
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from millpond.errors import InputError

__all__ = [
    "Blocked",
    "ClosedBy",
    "Stage",
    "Why",
    "blocked",
    "check_move",
    "check_opening",
    "check_order",
    "closes_by",
    "may_move",
    "next_stages",
]


class Stage(StrEnum):
    """How far a group order is."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"
    DECIDED = "decided"
    ORDERED = "ordered"
    ARRIVED = "arrived"
    DONE = "done"
    CANCELLED = "cancelled"


_FOLLOWS: dict[Stage, tuple[Stage, ...]] = {
    Stage.DRAFT: (Stage.OPEN, Stage.CANCELLED),
    Stage.OPEN: (Stage.CLOSED, Stage.CANCELLED),
    Stage.CLOSED: (Stage.DECIDED, Stage.OPEN, Stage.CANCELLED),
    Stage.DECIDED: (Stage.ORDERED, Stage.CLOSED, Stage.CANCELLED),
    Stage.ORDERED: (Stage.ARRIVED, Stage.CANCELLED),
    Stage.ARRIVED: (Stage.DONE,),
    Stage.DONE: (Stage.ARRIVED,),
    Stage.CANCELLED: (),
}


class Why(StrEnum):
    """Why no order is taken."""

    NOT_OPEN_YET = "not_open_yet"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    CAP = "cap"


class ClosedBy(StrEnum):
    """What closes an order."""

    CLOCK = "clock"
    CAP = "cap"


class Blocked(NamedTuple):
    """Why an order or a change is not taken; `left` units are free under the cap, None without one."""

    why: Why
    left: int | None


_SHUT = {Stage.DRAFT: Why.NOT_OPEN_YET, Stage.CANCELLED: Why.CANCELLED}
_TOLD = {
    Why.NOT_OPEN_YET: "this group order is not open yet",
    Why.CLOSED: "this group order is closed",
    Why.CANCELLED: "this group order was cancelled",
}


def next_stages(stage: Stage) -> tuple[Stage, ...]:
    """The stages that may follow, the usual one first."""
    return _FOLLOWS[stage]


def may_move(stage: Stage, to: Stage) -> bool:
    """Whether `to` may follow."""
    return to in _FOLLOWS[stage]


def check_move(stage: Stage, to: Stage) -> None:
    """Raise InputError unless `to` may follow."""
    if not may_move(stage, to):
        after = ", ".join(_FOLLOWS[stage]) or "nothing"
        raise InputError(f"{to} does not follow {stage}; what may follow is {after}", at="stage")


def check_opening(
    stage: Stage, *, closes_at_ms: int | None, cap_units: int | None, units: int, now_ms: int
) -> None:
    """Raise InputError unless it may be opened now, or opened again, and would not close at once."""
    check_move(stage, Stage.OPEN)
    if closes_at_ms is not None and closes_at_ms <= now_ms:
        raise InputError("the close has passed: choose a later one, or close by hand", at="closes_at_ms")
    if cap_units is not None and units >= cap_units:
        problem = f"{units:,} units are wanted already: raise the cap above that, or leave it out"
        raise InputError(problem, at="cap_units")


def closes_by(
    stage: Stage, *, closes_at_ms: int | None, cap_units: int | None, units: int, now_ms: int
) -> ClosedBy | None:
    """What closes an open order now: its time has come, or as many units are wanted as it takes."""
    if stage is not Stage.OPEN:
        return None
    if closes_at_ms is not None and now_ms >= closes_at_ms:
        return ClosedBy.CLOCK
    return ClosedBy.CAP if cap_units is not None and units >= cap_units else None


def blocked(
    stage: Stage,
    *,
    closes_at_ms: int | None,
    cap_units: int | None,
    units: int,
    change: int,
    now_ms: int,
    by_leader: bool = False,
) -> Blocked | None:
    """Why a household may not change the units wanted (`units` so far) by `change` now; None if it may.

    `change` is the whole order for a new one, the difference for a change, below 0 for taking back. The
    leader may also change them before it opens and after it closed, until it is decided; the cap holds.
    """
    left = None if cap_units is None else max(0, cap_units - units)
    in_time = stage is Stage.OPEN and (closes_at_ms is None or now_ms < closes_at_ms)
    if not in_time and not (by_leader and stage in (Stage.DRAFT, Stage.OPEN, Stage.CLOSED)):
        return Blocked(_SHUT.get(stage, Why.CLOSED), left)
    if left is not None and change > left:
        return Blocked(Why.CAP, left)
    return None


def check_order(
    stage: Stage,
    *,
    closes_at_ms: int | None,
    cap_units: int | None,
    units: int,
    change: int,
    now_ms: int,
    by_leader: bool = False,
) -> None:
    """Raise InputError where `blocked` says why."""
    found = blocked(
        stage,
        closes_at_ms=closes_at_ms,
        cap_units=cap_units,
        units=units,
        change=change,
        now_ms=now_ms,
        by_leader=by_leader,
    )
    if found is None:
        return
    if found.why is Why.CAP:
        raise InputError(f"only {found.left:,} more can be ordered; this would be {change:,}", at="quantity")
    raise InputError(_TOLD[found.why], at="stage")
