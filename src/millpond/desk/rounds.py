"""Group orders: their terms, their items, and the stages they go through.

Invariants:
- What households have ordered by never gets worse for them: in an open group order prices, setup, freight and
  fees may only go down, the close may only be put off, and an item that somebody wants is withdrawn, not
  deleted. After the close the terms stay.
- A stage follows another as `community.transitions` says, and every move stands in the journal.
- A group order that is over its time is closed for everybody from that moment, even before the clockwork has
  come by: `stage` is asked together with the time.
"""

from __future__ import annotations

import secrets
from dataclasses import replace

from millpond.community import transitions
from millpond.community.transitions import Stage
from millpond.desk import room
from millpond.desk.refusals import Refused
from millpond.desk.terms import RoundRecord, Terms, by_code, listed, load, units_of_items, write
from millpond.store import Rows

__all__ = [
    "RoundRecord",
    "Terms",
    "by_code",
    "close",
    "close_due",
    "copy",
    "create",
    "listed",
    "load",
    "move",
    "put_off",
    "set_picture",
    "units_of_items",
    "update",
]

CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike on a poster."""
CODE_LENGTH = 12
"""59 bits: nobody finds a group order by trying."""
DAY_MS = 86_400_000


def create(
    rows: Rows, terms: Terms, *, person: int | None, now_ms: int, copied_from: int | None = None
) -> int:
    """A new draft; returns its id."""
    profile = room.profile(rows)
    assert profile is not None
    id = rows.add(
        "rounds.create",
        code=_new_code(),
        title=terms.title,
        currency=profile.currency,
        copied_from=copied_from,
        created_ms=now_ms,
    )
    write(rows, id, terms, now_ms=now_ms)
    room.journal(rows, "round.created", now_ms=now_ms, person=person, round=id)
    return id


def update(rows: Rows, id: int, terms: Terms, *, person: int | None, now_ms: int) -> None:
    """Changes a draft freely, an open one only for the better; raises `Refused` and changes nothing."""
    old = load(rows, id)
    if old.stage is Stage.OPEN:
        _check_only_better(old.terms, terms)
    elif old.stage is not Stage.DRAFT:
        raise Refused("round.stays")
    write(rows, id, terms, now_ms=now_ms)
    room.journal(rows, "round.changed", now_ms=now_ms, person=person, round=id)


def set_picture(rows: Rows, id: int, picture: str | None) -> None:
    """The picture of the group order, by its id."""
    rows.run("rounds.set_picture", id=id, picture=picture)


def put_off(rows: Rows, id: int, closes_at_ms: int | None, *, person: int | None, now_ms: int) -> None:
    """Another close; in an open group order a later one, or none."""
    old = load(rows, id)
    if old.stage not in (Stage.DRAFT, Stage.OPEN, Stage.CLOSED):
        raise Refused("round.stays")
    if old.stage is Stage.OPEN:
        _check_later(old.closes_at_ms, closes_at_ms)
    rows.run("rounds.set_close", id=id, closes_at_ms=closes_at_ms)
    room.journal(rows, "round.changed", now_ms=now_ms, person=person, round=id)


def move(rows: Rows, id: int, to: Stage, *, person: int | None, now_ms: int) -> None:
    """The next stage; raises `Refused` where it cannot follow. Deciding is `desk.deciding`'s."""
    old = load(rows, id)
    if to is Stage.OPEN:
        _check_opening(old, now_ms)
    elif to is Stage.DECIDED or not transitions.may_move(old.stage, to):
        raise Refused("round.cannot_move")
    if to is Stage.CLOSED and old.stage is Stage.DECIDED:
        raise Refused("round.cannot_move")
    rows.run("rounds.set_stage", id=id, stage=str(to), now_ms=now_ms)
    room.journal(rows, f"round.{to}", now_ms=now_ms, person=person, round=id)
    if to is Stage.CLOSED:
        _make_next(rows, old, now_ms=now_ms)


def close(rows: Rows, id: int, *, now_ms: int) -> bool:
    """Closes it if its time has come or its cap is reached; returns whether it did."""
    old = load(rows, id)
    by = transitions.closes_by(
        old.stage,
        closes_at_ms=old.closes_at_ms,
        cap_units=old.cap_units,
        units=old.units,
        now_ms=now_ms,
    )
    if by is None:
        return False
    rows.run("rounds.set_stage", id=id, stage=str(Stage.CLOSED), now_ms=now_ms)
    room.journal(rows, "round.closed", now_ms=now_ms, round=id, by=str(by))
    _make_next(rows, old, now_ms=now_ms)
    return True


def close_due(rows: Rows, *, now_ms: int) -> int:
    """Closes every open group order whose time has come; returns how many."""
    return sum(close(rows, row["id"], now_ms=now_ms) for row in rows.all("rounds.open_ids"))


def copy(rows: Rows, id: int, *, person: int | None, now_ms: int) -> int:
    """A draft with the same terms, without the close; returns its id."""
    old = load(rows, id)
    new = create(rows, _terms_anew(old, None), person=person, now_ms=now_ms, copied_from=id)
    set_picture(rows, new, old.picture)
    return new


def _make_next(rows: Rows, old: RoundRecord, *, now_ms: int) -> None:
    """The next one of a recurring group order, as a draft that closes so many days later."""
    days = old.terms.repeats_every_days
    if not days:
        return
    closes = None if old.closes_at_ms is None else old.closes_at_ms + days * DAY_MS
    new = create(rows, _terms_anew(old, closes), person=None, now_ms=now_ms, copied_from=old.id)
    set_picture(rows, new, old.picture)


def _terms_anew(old: RoundRecord, closes_at_ms: int | None) -> Terms:
    items = tuple(replace(item, id=f"new-{n}") for n, item in enumerate(old.offered))
    offer = replace(old.terms.offer, ready_on=None)
    return replace(old.terms, items=items, offer=offer, closes_at_ms=closes_at_ms)


def _check_opening(old: RoundRecord, now_ms: int) -> None:
    if not transitions.may_move(old.stage, Stage.OPEN):
        raise Refused("round.cannot_move")
    if not old.offered or not old.group.offer.tiers:
        raise Refused("round.items_missing")
    if old.closes_at_ms is not None and old.closes_at_ms <= now_ms:
        raise Refused("round.close_passed")
    if old.cap_units is not None and old.units >= old.cap_units:
        raise Refused("round.cap_reached", units=old.units)


def _check_later(old_ms: int | None, new_ms: int | None) -> None:
    if new_ms is not None and (old_ms is None or new_ms < old_ms):
        raise Refused("round.only_later")


def _check_only_better(old: Terms, new: Terms) -> None:
    """Refuses terms that would be worse for somebody who has ordered."""
    _check_later(old.closes_at_ms, new.closes_at_ms)
    known = {item.id: item for item in old.items}
    pairs = [
        (old.offer.setup, new.offer.setup),
        (old.offer.freight_fixed, new.offer.freight_fixed),
        (old.offer.freight_per_load, new.offer.freight_per_load),
        (old.fee.per_order, new.fee.per_order),
        (old.fee.per_unit, new.fee.per_unit),
    ]
    for item in new.items:
        if item.id in known:
            before = known[item.id]
            pairs += [(before.surcharge, item.surcharge), (before.load, item.load)]
            if (before.name, before.variant, before.unit, before.nominal_grams, before.case_size) != (
                item.name, item.variant, item.unit, item.nominal_grams, item.case_size,
            ):  # fmt: skip
                raise Refused("round.stays")
    for tier in old.offer.tiers:  # whoever counted on a tier finds it, or a better one
        now = [one.price for one in new.offer.tiers if one.from_quantity <= tier.from_quantity]
        pairs.append((tier.price, now[-1] if now else tier.price + 1))
    if any(after > before for before, after in pairs) or new.offer.capacity < old.offer.capacity:
        raise Refused("round.only_better")


def _new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
