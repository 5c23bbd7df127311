"""Orders: placed exactly once, changed and cancelled until the close, merged by the leader.

Invariants:
- `token` is the random word of the form that was sent: the same word again answers with the same order, and
  changes nothing, whatever else was sent with it.
- Whether the group order still takes orders, and what its cap leaves, is asked inside the transaction that
  keeps the order, so not one comes in after the close, and not one unit above the cap.
- A change that is refused changes nothing. A want keeps its piece number for life.
- Pick-up codes are unique in a group order; the last letter checks the others, so a typo is found.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from millpond.community import transitions
from millpond.community.group import MAX_NOTE_CHARACTERS
from millpond.community.transitions import Stage, Why
from millpond.desk import households, room, rounds
from millpond.desk.codes import new_code
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.desk.wants import (
    KeptWant,
    NewWant,
    add_want,
    added_up,
    as_new,
    check_wants,
    kept_wants,
    likeness,
    usual_limit,
    want_columns,
)
from millpond.store import Rows
from millpond.store.database import Row

__all__ = [
    "KeptWant",
    "NewOrder",
    "NewWant",
    "Order",
    "Placed",
    "Source",
    "cancel",
    "change",
    "load",
    "merge",
    "of_household",
    "of_round",
    "place",
    "search",
    "set_leader_note",
    "usual_limit",
]

MAX_TOKEN = 64
MOST_SHOWN = 500


class Source(StrEnum):
    """How an order came."""

    LINK = "link"
    LEADER = "leader"
    PASTED = "pasted"
    IMPORTED = "imported"
    STANDING = "standing"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order to be placed, of a household that is known (`household`) or new (`name`, `phone`)."""

    round: int
    token: str
    wants: tuple[NewWant, ...]
    household: int | None = None
    name: str = ""
    phone: str = ""
    address: str = ""
    pickup_point: int | None = None
    note: str = ""
    leader_note: str = ""
    source: Source = Source.LINK


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An order that is kept: its id, its number (跟团号), its pick-up code, and the household's link."""

    id: int
    number: int
    code: str
    household: int
    link: str
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order as it is kept, with who it is of."""

    id: int
    round: int
    number: int
    household: int
    name: str
    phone: str
    link: str
    pickup_point: int | None
    code: str
    note: str
    leader_note: str
    source: Source
    created_ms: int
    changed_ms: int
    cancelled_ms: int | None
    merged_into: int | None
    wants: tuple[KeptWant, ...]

    @property
    def units(self) -> int:
        """Units of all wants."""
        return sum(want.quantity for want in self.wants)


def place(rows: Rows, new: NewOrder, *, person: int | None = None, now_ms: int) -> Placed:
    """Keeps the order; raises `Refused` and keeps nothing where it cannot be taken."""
    if not new.token or len(new.token) > MAX_TOKEN:
        raise Refused("order.unknown")
    known = rows.value("orders.by_token", token=new.token)
    if known is not None:
        return _placed(load(rows, known))
    round = rounds.load(rows, new.round)
    units = sum(want.quantity for want in new.wants)
    _check_taken(round, units, now_ms, by_leader=person is not None or new.source is not Source.LINK)
    wants = check_wants(round, new.wants)
    household = _household(rows, new, now_ms)
    number, code = rows.value("orders.next_number", round=round.id), _new_code(rows, round.id)
    id = rows.add(
        "orders.add",
        round=round.id,
        household=household.id,
        number=number,
        token=new.token,
        pickup_point=_pickup_point(round, new.pickup_point),
        note=new.note[:MAX_NOTE_CHARACTERS],
        leader_note=new.leader_note[:MAX_NOTE_CHARACTERS],
        source=str(new.source),
        pickup_code=code,
        now_ms=now_ms,
    )
    for want in wants:
        add_want(rows, round, id, want)
    room.journal(rows, "order.placed", now_ms=now_ms, person=person, round=round.id, order=id, units=units)
    _close_at_the_cap(rows, round, round.units + units, now_ms)
    return Placed(id=id, number=number, code=code, household=household.id, link=household.link, is_new=True)


def change(
    rows: Rows,
    id: int,
    wants: tuple[NewWant, ...],
    *,
    pickup_point: int | None = None,
    note: str | None = None,
    person: int | None = None,
    now_ms: int,
) -> Order:
    """Other wants from now on, until the close; wants with the `id` of a kept one keep their piece number."""
    order = _present(rows, id)
    round = rounds.load(rows, order.round)
    units = sum(want.quantity for want in wants)
    _check_taken(round, units - order.units, now_ms, by_leader=person is not None)
    has = {want.item for want in order.wants} | {want.substitute for want in order.wants if want.substitute}
    checked = check_wants(round, wants, has)
    kept = {want.id: want for want in order.wants}
    stay: set[int] = set()
    for want in checked:
        if want.id in kept and want.id not in stay and kept[want.id].item == want.item:
            rows.run("orders.update_want", id=want.id, **want_columns(round, want))
            stay.add(want.id)
        else:
            add_want(rows, round, id, want)
    for gone in set(kept) - stay:
        rows.run("orders.forget_want", id=gone)
    point = order.pickup_point if pickup_point is None else _pickup_point(round, pickup_point)
    text = order.note if note is None else note[:MAX_NOTE_CHARACTERS]
    rows.run("orders.change", id=id, pickup_point=point, note=text, now_ms=now_ms)
    room.journal(rows, "order.changed", now_ms=now_ms, person=person, round=round.id, order=id, units=units)
    _close_at_the_cap(rows, round, round.units + units - order.units, now_ms)
    return load(rows, id)


def cancel(rows: Rows, id: int, *, person: int | None = None, now_ms: int) -> None:
    """Takes the order back, until the close; the leader until it is decided."""
    order = _present(rows, id)
    round = rounds.load(rows, order.round)
    _check_taken(round, -order.units, now_ms, by_leader=person is not None)
    rows.run("orders.cancel", id=id, now_ms=now_ms)
    room.journal(rows, "order.cancelled", now_ms=now_ms, person=person, round=round.id, order=id)


def merge(rows: Rows, keep: int, gone: int, *, person: int | None, now_ms: int) -> Order:
    """Two orders of one group order become one: wants that are alike are added up, the others move over."""
    one, other = _present(rows, keep), _present(rows, gone)
    if keep == gone:
        raise Refused("order.same")
    if one.round != other.round:
        raise Refused("order.other_round")
    round = rounds.load(rows, one.round)
    if round.stage not in (Stage.DRAFT, Stage.OPEN, Stage.CLOSED):
        raise Refused("order.closed")
    alike = {likeness(want): want for want in one.wants}
    for want in other.wants:
        twin = alike.get(likeness(want))
        if twin is None or want.piece is not None:
            rows.run("orders.move_want", id=want.id, order_id=keep)
            alike[likeness(want)] = want
            continue
        both = added_up(round, twin, want)
        rows.run("orders.update_want", id=twin.id, **want_columns(round, as_new(both)))
        rows.run("orders.forget_want", id=want.id)
        alike[likeness(want)] = both
    note = " · ".join(text for text in (one.note, other.note) if text)[:MAX_NOTE_CHARACTERS]
    rows.run("orders.change", id=keep, pickup_point=one.pickup_point, note=note, now_ms=now_ms)
    rows.run("orders.merged", id=gone, into=keep, now_ms=now_ms)
    room.journal(rows, "order.merged", now_ms=now_ms, person=person, round=round.id, order=keep, gone=gone)
    return load(rows, keep)


def set_leader_note(rows: Rows, id: int, note: str, *, person: int | None, now_ms: int) -> None:
    """What the leader notes on an order; at any stage."""
    order = _present(rows, id)
    rows.run("orders.set_leader_note", id=id, leader_note=note[:MAX_NOTE_CHARACTERS], now_ms=now_ms)
    room.journal(rows, "order.noted", now_ms=now_ms, person=person, round=order.round, order=id)


def load(rows: Rows, id: int) -> Order:
    """The order of this id; raises `Refused`."""
    row = rows.one("orders.get", id=id)
    if row is None:
        raise Refused("order.unknown")
    return _order(rows, row)


def of_household(rows: Rows, round: int, household: int) -> tuple[Order, ...]:
    """The orders of a household in a group order, the first one first."""
    found = rows.all("orders.of_household", round=round, household=household)
    return tuple(load(rows, row["id"]) for row in found)


def of_round(rows: Rows, round: int) -> tuple[Order, ...]:
    """Every order of a group order by number, cancelled ones included."""
    return tuple(load(rows, row["id"]) for row in rows.all("orders.of_round", round=round))


def search(
    rows: Rows,
    round: int,
    text: str = "",
    *,
    source: str = "",
    point: int = 0,
    noted: bool = False,
    doubtful: bool = False,
    most: int = MOST_SHOWN,
    offset: int = 0,
) -> tuple[Order, ...]:
    """Orders by a part of name, phone, code or number.

    `noted` are those with a note. `doubtful` are those to look at: another order here has the same name or
    phone, or there are several pick-up points and none was chosen.
    """
    found = rows.all(
        "orders.search",
        round=round,
        text=text.strip(),
        source=source,
        point=point,
        noted=noted,
        doubtful=doubtful,
        most=most,
        offset=offset,
    )
    return tuple(load(rows, row["id"]) for row in found)


def _check_taken(round: RoundRecord, change: int, now_ms: int, *, by_leader: bool) -> None:
    blocked = transitions.blocked(
        round.stage,
        closes_at_ms=round.closes_at_ms,
        cap_units=round.cap_units,
        units=round.units,
        change=change,
        now_ms=now_ms,
        by_leader=by_leader,
    )
    if blocked is None:
        return
    if blocked.why is Why.CAP:
        raise Refused("order.cap", left=blocked.left)
    codes = {Why.NOT_OPEN_YET: "order.not_open_yet", Why.CANCELLED: "order.round_cancelled"}
    raise Refused(codes.get(blocked.why, "order.closed"))


def _close_at_the_cap(rows: Rows, round: RoundRecord, units: int, now_ms: int) -> None:
    if round.cap_units is not None and units >= round.cap_units:
        rounds.close(rows, round.id, now_ms=now_ms)


def _household(rows: Rows, new: NewOrder, now_ms: int) -> households.Household:
    if new.household is not None:
        known = households.load(rows, new.household)
        if known.erased_ms is not None:
            raise Refused("household.unknown")
        return known
    return households.add(rows, new.name, phone=new.phone, address=new.address, now_ms=now_ms)


def _pickup_point(round: RoundRecord, asked: int | None) -> int | None:
    if asked is None:
        return round.pickup_points[0] if len(round.pickup_points) == 1 else None
    if round.pickup_points and asked not in round.pickup_points:
        raise Refused("order.pickup_point")
    return asked


def _new_code(rows: Rows, round: int) -> str:
    return new_code(lambda code: rows.value("orders.code_taken", round=round, code=code) is not None)


def _present(rows: Rows, id: int) -> Order:
    order = load(rows, id)
    if order.cancelled_ms is not None or order.merged_into is not None:
        raise Refused("order.cancelled")
    return order


def _placed(order: Order) -> Placed:
    return Placed(
        id=order.id,
        number=order.number,
        code=order.code,
        household=order.household,
        link=order.link,
        is_new=False,
    )


def _order(rows: Rows, row: Row) -> Order:
    return Order(
        id=row["id"],
        round=row["round"],
        number=row["number"],
        household=row["household"],
        name=row["household_name"],
        phone=row["phone"],
        link=row["link"],
        pickup_point=row["pickup_point"],
        code=row["pickup_code"],
        note=row["note"],
        leader_note=row["leader_note"],
        source=Source(row["source"]),
        created_ms=row["created_ms"],
        changed_ms=row["changed_ms"],
        cancelled_ms=row["cancelled_ms"],
        merged_into=row["merged_into"],
        wants=kept_wants(rows, row["id"]),
    )
