"""Group orders: their terms, their items, and the stages they go through.

Invariants:
- What households have ordered by never gets worse for them (`desk.changing` says what may change when); an
  item that somebody wants is withdrawn, not deleted. After the close the terms stay.
- The next one of a recurring group order is made once, however often it is closed and opened again.
- A stage follows another as `community.transitions` says, and every move stands in the journal.
- A group order that is over its time is closed for everybody from that moment, even before the clockwork has
  come by: `stage` is asked together with the time.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from millpond.community import transitions
from millpond.community.transitions import Stage
from millpond.desk import room
from millpond.desk.changing import check_change, check_later
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
    "set_item_picture",
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
    check_change(
        old,
        terms,
        wanted={str(row["item"]) for row in rows.all("rounds.wanted_items", round=id)},
        points={row["pickup_point"] for row in rows.all("rounds.points_of_orders", round=id)},
        now_ms=now_ms,
    )
    write(rows, id, terms, now_ms=now_ms)
    room.journal(rows, "round.changed", now_ms=now_ms, person=person, round=id)


def set_picture(rows: Rows, id: int, picture: str | None) -> None:
    """The picture of the group order, by its id."""
    rows.run("rounds.set_picture", id=id, picture=picture)


def set_item_picture(rows: Rows, id: int, item: int, picture: str | None) -> None:
    """The picture of one of its items."""
    rows.run("rounds.set_item_picture", round=id, item=item, picture=picture)


def put_off(rows: Rows, id: int, closes_at_ms: int | None, *, person: int | None, now_ms: int) -> None:
    """Another close; in an open group order a later one, or none."""
    old = load(rows, id)
    if old.stage not in (Stage.DRAFT, Stage.OPEN, Stage.CLOSED):
        raise Refused("round.stays")
    if old.stage is Stage.OPEN:
        check_later(old.closes_at_ms, closes_at_ms, now_ms)
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
    return _copy(rows, load(rows, id), None, person=person, now_ms=now_ms)


def next_close_ms(closes_at_ms: int, days: int, time_zone: str, now_ms: int) -> int:
    """The first close ahead that is a multiple of so many days later, at the same time of the clock there.

    >>> next_close_ms(1_795_000_000_000, 7, "Asia/Shanghai", 1_795_000_000_000) - 1_795_000_000_000
    604800000
    """
    zone = ZoneInfo(time_zone)
    seconds, rest_ms = divmod(closes_at_ms, 1_000)
    on_the_wall = datetime.fromtimestamp(seconds, zone).replace(tzinfo=None)
    times = max(1, (now_ms - closes_at_ms) // (days * DAY_MS))
    while True:
        ahead = (on_the_wall + timedelta(days=days * times)).replace(tzinfo=zone)
        ahead_ms = int(ahead.timestamp()) * 1_000 + rest_ms
        if ahead_ms > now_ms:
            return ahead_ms
        times += 1


def _make_next(rows: Rows, old: RoundRecord, *, now_ms: int) -> None:
    """The next one of a recurring group order, as a draft, unless somebody copied it already."""
    days, profile = old.terms.repeats_every_days, room.profile(rows)
    if not days or rows.value("rounds.copy_of", id=old.id) is not None:
        return
    assert profile is not None
    closes_ms = old.closes_at_ms
    if closes_ms is not None:
        closes_ms = next_close_ms(closes_ms, days, profile.time_zone, now_ms)
    _copy(rows, old, closes_ms, person=None, now_ms=now_ms)


def _copy(rows: Rows, old: RoundRecord, closes_at_ms: int | None, *, person: int | None, now_ms: int) -> int:
    offered = old.offered
    items = tuple(replace(item, id=f"new-{n}") for n, item in enumerate(offered))
    offer = replace(old.terms.offer, ready_on=None)
    terms = replace(old.terms, items=items, offer=offer, closes_at_ms=closes_at_ms)
    new = create(rows, terms, person=person, now_ms=now_ms, copied_from=old.id)
    set_picture(rows, new, old.picture)
    for before, after in zip(offered, load(rows, new).group.items, strict=True):
        set_item_picture(rows, new, int(after.id), old.item_pictures.get(before.id))
    return new


def _check_opening(old: RoundRecord, now_ms: int) -> None:
    if not transitions.may_move(old.stage, Stage.OPEN):
        raise Refused("round.cannot_move")
    if not old.offered or not old.group.offer.tiers:
        raise Refused("round.items_missing")
    if old.closes_at_ms is not None and old.closes_at_ms <= now_ms:
        raise Refused("round.close_passed")
    if old.cap_units is not None and old.units >= old.cap_units:
        raise Refused("round.cap_reached", units=old.units)


def _new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
