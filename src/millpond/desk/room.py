"""The room itself: who this is, where it is, how it is paid, and its pick-up points."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields

from millpond.errors import InputError
from millpond.model import rules
from millpond.store import Rows

MAX_TEXT = 2_000
LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a room says of itself. `retention_days` counts from the day a household's last order was done."""

    name: str
    is_community: bool
    is_maker: bool
    currency: str
    language: str
    time_zone: str
    place_name: str = ""
    place_code: str = ""
    latitude_microdeg: int | None = None
    longitude_microdeg: int | None = None
    phone: str = ""
    about: str = ""
    payment_note: str = ""
    retention_days: int = 365
    payment_picture: str | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InputError("a name is needed", at="name")
        if not (self.is_community or self.is_maker):
            raise InputError("a community, a maker, or both", at="who")
        rules.currency("currency", self.currency)
        if self.language not in LANGUAGES:
            raise InputError(f"{self.language!r} is not one of {', '.join(LANGUAGES)}", at="language")
        rules.integer("retention_days", self.retention_days, 1, 36_500)
        for name in ("name", "place_name", "phone", "about", "payment_note"):
            if len(getattr(self, name)) > MAX_TEXT:
                raise InputError(f"is longer than {MAX_TEXT:,} characters", at=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupPoint:
    """Where goods are handed out; `id` is 0 for one that is not kept yet."""

    id: int = 0
    name: str
    address: str = ""
    contact: str = ""
    phone: str = ""
    hours: str = ""


def profile(rows: Rows) -> Profile | None:
    """What the room says of itself; None before it is set up."""
    row = rows.one("room.get")
    if row is None:
        return None
    values = {field.name: row[field.name] for field in fields(Profile)}
    values |= {name: bool(row[name]) for name in ("is_community", "is_maker")}
    return Profile(**values)


def create(rows: Rows, profile: Profile, *, id: str, now_ms: int) -> None:
    """The room, new; with a pick-up point of its own name where households belong to it."""
    rows.run("room.create", id=id, created_ms=now_ms, **_columns(profile))
    rows.run("room.update", **_columns(profile))
    if profile.is_community:
        add_pickup_point(rows, PickupPoint(name=profile.name, phone=profile.phone))
    journal(rows, "room.created", now_ms=now_ms)


def change(rows: Rows, profile: Profile, *, person: int | None, now_ms: int) -> None:
    """Everything that a room says of itself but its payment picture."""
    rows.run("room.update", **_columns(profile))
    journal(rows, "room.changed", person=person, now_ms=now_ms)


def pickup_points(rows: Rows) -> tuple[PickupPoint, ...]:
    """Those in use, in the leader's order."""
    return tuple(_point(row) for row in rows.all("room.pickup_points"))


def pickup_point(rows: Rows, id: int) -> PickupPoint | None:
    """One of them, also if it is no longer used."""
    row = rows.one("room.pickup_point", id=id)
    return None if row is None else _point(row)


def add_pickup_point(rows: Rows, point: PickupPoint) -> int:
    """Keeps a new one; returns its id."""
    return rows.add("room.add_pickup_point", **_point_columns(point))


def change_pickup_point(rows: Rows, point: PickupPoint) -> None:
    """Its texts."""
    rows.run("room.update_pickup_point", id=point.id, **_point_columns(point))


def close_pickup_point(rows: Rows, id: int, *, now_ms: int) -> None:
    """It is no longer offered; orders that have it keep it."""
    rows.run("room.close_pickup_point", id=id, now_ms=now_ms)


def journal(
    rows: Rows,
    what: str,
    *,
    now_ms: int,
    person: int | None = None,
    round: int | None = None,
    order: int | None = None,
    **details: int | str | None,
) -> None:
    """Notes who did what. `details` are numbers and codes: never a name, a phone or a text of a household."""
    rows.add(
        "room.journal",
        at_ms=now_ms,
        person=person,
        what=what,
        round=round,
        order_id=order,
        details=json.dumps(details, ensure_ascii=False),
    )


def _columns(profile: Profile) -> dict[str, object]:
    return {field.name: getattr(profile, field.name) for field in fields(Profile)}


def _point(row: object) -> PickupPoint:
    return PickupPoint(**{field.name: row[field.name] for field in fields(PickupPoint)})  # type: ignore[index]


def _point_columns(point: PickupPoint) -> dict[str, str]:
    if not point.name.strip():
        raise InputError("a name is needed", at="name")
    return {name: getattr(point, name) for name in ("name", "address", "contact", "phone", "hours")}
