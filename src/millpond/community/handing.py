"""Check-off: what several phones noted, offline and in any order, becomes what was handed out.

Every phone keeps events and only ever adds to them. Merging is the union of their sets; everything else is a
pure function of that set (`fold`), so all who have heard the same events say the same, whatever they heard
first, and hearing twice changes nothing.

Rules:
- Events count in the order of `at_ms` (by the phone), then `event_id`. Each counts for what is still due
  then: an event for a whole order for all of it, one for a want for its quantity, or less if less is due.
  So nothing is ever handed out twice on paper; what an event says beyond that is flagged.
- An undo takes its event back, whenever it is heard and wherever it was noted. It can aim at a hand-out
  only; to take an undo back, hand out again. An undo of an event not heard yet waits for it.
- Phones make event ids at random. Should two events have one id and differ, the smaller by its fields counts
  and the id is flagged.

Nothing is refused here: goods that left are gone. What looks wrong is flagged for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from millpond.model import rules

__all__ = ["Due", "Flag", "HandOut", "HandedOut", "Trouble", "fold", "merge"]

Due = Mapping[str, Mapping[str, int]]
"""Units to hand out: by order, then by want."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOut:
    """One event of a phone: `quantity` units of a want handed out, or (`want` None) all of an order.

    `by` is who did it, `device` on which phone, `at_ms` when by its clock. An event that undoes another one
    hands out nothing. The quantity of a whole order does not count.
    """

    event_id: str
    order: str
    want: str | None = None
    quantity: int = 0
    by: str = ""
    device: str = ""
    at_ms: int
    undoes: str | None = None

    def __post_init__(self) -> None:
        rules.identifier("event_id", self.event_id)
        least = 0 if self.want is None or self.undoes is not None else 1
        rules.integer("quantity", self.quantity, least, rules.MAX_QUANTITY)
        rules.integer("at_ms", self.at_ms, 0, 2**53)


class Trouble(StrEnum):
    """What looks wrong with an event."""

    TWICE = "twice"
    """All of it had been handed out before."""
    TOO_MUCH = "too_much"
    """It says more than was still due."""
    NOT_DUE = "not_due"
    """No such order or want, or nothing was allocated to it."""
    UNDOES_AN_UNDO = "undoes_an_undo"
    UNDOES_ANOTHER_ORDER = "undoes_another_order"
    SAME_ID = "same_id"
    """Two events that differ have this id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """An event to look at: the units it says and those that count; `before` are events that counted first."""

    event_id: str
    trouble: Trouble
    said: int = 0
    counted: int = 0
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOut:
    """What follows from all events: units handed out by order and want, and what to look at.

    `counted` are the units for which each hand-out counts, `undone` the events taken back, `waiting` the
    undos whose event was not heard yet.
    """

    units: Mapping[str, Mapping[str, int]]
    due: Due
    counted: Mapping[str, int]
    flags: tuple[Flag, ...]
    undone: frozenset[str]
    waiting: tuple[str, ...]

    def open_units(self, order: str) -> int:
        """Units of the order still to be handed out."""
        return sum(self.due.get(order, {}).values()) - sum(self.units.get(order, {}).values())

    def is_complete(self, order: str) -> bool:
        """Whether everything due of the order was handed out, and there was something."""
        return bool(sum(self.due.get(order, {}).values())) and self.open_units(order) == 0


def merge(*phones: Iterable[HandOut]) -> frozenset[HandOut]:
    """All events that any of them has noted or heard."""
    return frozenset(event for events in phones for event in events)


def fold(events: Iterable[HandOut], due: Due) -> HandedOut:
    """What was handed out of what is due, by these events, in whatever order and how often they come."""
    by_id, flags = _once_each(events)
    undone, waiting = _undone(by_id, flags)
    handed = {order: dict.fromkeys(wants, 0) for order, wants in due.items()}
    before: dict[tuple[str, str], list[str]] = {}
    counted: dict[str, int] = {}
    for event in sorted(by_id.values(), key=lambda event: (event.at_ms, event.event_id)):
        if event.undoes is not None or event.event_id in undone:
            continue
        wants = list(due.get(event.order, {})) if event.want is None else [event.want]
        allocated = {want: due.get(event.order, {}).get(want, 0) for want in wants}
        counts, earlier = 0, []
        for want, units in allocated.items():
            key = (event.order, want)
            left = units - handed.get(event.order, {}).get(want, 0)
            given = left if event.want is None else min(left, event.quantity)
            earlier += before.get(key, [])
            if given:
                handed[event.order][want] += given
                before.setdefault(key, []).append(event.event_id)
                counts += given
        counted[event.event_id] = counts
        flag = _flag(event, sum(allocated.values()), counts, earlier)
        if flag is not None:
            flags.append(flag)
    return HandedOut(
        units=handed,
        due=due,
        counted=counted,
        flags=tuple(sorted(flags, key=lambda flag: (flag.event_id, flag.trouble))),
        undone=undone,
        waiting=waiting,
    )


def _once_each(events: Iterable[HandOut]) -> tuple[dict[str, HandOut], list[Flag]]:
    by_id: dict[str, HandOut] = {}
    doubled: set[str] = set()
    for event in events:
        other = by_id.setdefault(event.event_id, event)
        if other != event:
            doubled.add(event.event_id)
            by_id[event.event_id] = min(event, other, key=_fields)
    return by_id, [Flag(event_id=id, trouble=Trouble.SAME_ID) for id in doubled]


def _fields(event: HandOut) -> tuple[object, ...]:
    told = (event.want or "", event.want is None, event.undoes or "", event.undoes is None)
    return event.at_ms, event.order, event.quantity, event.by, event.device, *told


def _undone(by_id: Mapping[str, HandOut], flags: list[Flag]) -> tuple[frozenset[str], tuple[str, ...]]:
    undone, waiting = set(), []
    for event in by_id.values():
        if event.undoes is None:
            continue
        aim = by_id.get(event.undoes)
        if aim is None:
            waiting.append(event.event_id)
        elif aim.undoes is not None:
            flags.append(Flag(event_id=event.event_id, trouble=Trouble.UNDOES_AN_UNDO))
        elif aim.order != event.order:
            flags.append(Flag(event_id=event.event_id, trouble=Trouble.UNDOES_ANOTHER_ORDER))
        else:
            undone.add(aim.event_id)
    return frozenset(undone), tuple(sorted(waiting))


def _flag(event: HandOut, allocated: int, counts: int, earlier: list[str]) -> Flag | None:
    said = allocated if event.want is None else event.quantity
    before = tuple(dict.fromkeys(earlier))
    if not allocated:
        trouble = Trouble.NOT_DUE
    elif not counts:
        trouble = Trouble.TWICE
    elif event.want is not None and counts < said:
        trouble = Trouble.TOO_MUCH
    else:
        return None
    return Flag(event_id=event.event_id, trouble=trouble, said=said, counted=counts, before=before)
