"""The room's settings: what it says of itself, how it is paid, how long it keeps households, pick-up points.

The page has forms of other modules, too (`helpers`, `moving_out`): each shows it again with `shown`, with
what was typed and what is wrong in that form alone.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from zoneinfo import available_timezones

from starlette.responses import Response

from millpond import places as world
from millpond.desk import people, room
from millpond.desk.people import HELPER_ROLES, Role
from millpond.desk.room import PickupPoint, Profile
from millpond.node.own_keys import State, Why, current
from millpond.store import Rows
from millpond.web.common.setup import CURRENCIES, currency_label, place_label, time_zones
from millpond.web.forms import Form
from millpond.web.guard import rates
from millpond.web.leader.pictures import read_picture
from millpond.web.routes import Route, get, post
from millpond.web.visit import Visit
from millpond.web.words import LANGUAGES


class Part(StrEnum):
    """The forms of the page."""

    ROOM = "room"
    POINT = "point"
    HELPER = "helper"
    SEAL = "seal"


async def page(visit: Visit) -> Response:
    """Everything that the owner may change of the room."""
    return shown(visit)


def shown(visit: Visit, form: Form | None = None, part: Part | None = None) -> Response:
    """The page; with a form that is wrong, where its part is."""
    return visit.page(
        "leader/settings.html",
        422 if form else 200,
        forms={one.value: form if one is part else None for one in Part},
        points=room.pickup_points(visit.read),
        currencies=[(code, currency_label(code, visit.language)) for code in CURRENCIES],
        time_zones=[(zone, zone.replace("_", " ")) for zone in time_zones()],
        people=people.everyone(visit.read),
        roles=HELPER_ROLES,
        may_move_log=may_move_log(visit.read),
        may_change_currency=not visit.read.value("room.has_entries"),
    )


def may_move_log(rows: Rows) -> bool:
    """Whether the room has a log that it writes, or that ended for a move whose file may be made again."""
    key = current(rows)
    return key is not None and (key.state == State.OPEN or key.why == Why.MOVED)


async def save(visit: Visit) -> Response:
    """Changes what the room says of itself; the currency only while nothing stands in the books."""
    form, old = await visit.form(), visit.profile
    who = form.choice("who", ("community", "maker", "both"), "community")
    currency = form.choice("currency", CURRENCIES, old.currency) if "currency" in form else old.currency
    if currency != old.currency and visit.read.value("room.has_entries"):
        form.blame("currency", "There are bookings in {currency}: the currency stays.", currency=old.currency)
    place = _place(form, old, visit.language)
    profile = replace(
        place,
        name=form.text("name", required=True, most=60) or old.name,
        is_community=who in ("community", "both"),
        is_maker=who in ("maker", "both"),
        currency=currency,
        language=form.choice("language", LANGUAGES, old.language),
        time_zone=form.choice("time_zone", available_timezones(), old.time_zone),
        phone=form.text("phone", most=40),
        about=form.text("about", most=1_000, lines=True),
        payment_note=form.text("payment_note", most=500, lines=True),
        retention_days=form.integer("retention_days", least=1, most=3_650, default=old.retention_days) or 1,
    )
    picture = await read_picture(visit, form, "payment_picture")
    if form.wrong:
        return shown(visit, form, Part.ROOM)

    def job(rows: Rows) -> None:
        room.change(rows, profile, person=visit.person_id, now_ms=visit.now_ms)
        if picture is not None:
            rows.run("room.set_payment_picture", picture=picture.keep(rows, visit.now_ms))
        elif form.tick("no_payment_picture"):
            rows.run("room.set_payment_picture", picture=None)

    await visit.write(job)
    return visit.go(visit.at("desk/room"), said="saved")


def _place(form: Form, old: Profile, language: str) -> Profile:
    """The profile with the place that was typed: found by its code, or kept as text."""
    text, code = form.text("place", most=80), form.text("place_code", most=40)
    if text == old.place_name:
        return old
    place = world.by_code(code) if code else None
    found = world.search(text) if place is None and text else ()
    if len(found) == 1:
        place = found[0]
    if place is None:
        return replace(old, place_name=text, place_code="", latitude_microdeg=None, longitude_microdeg=None)
    return replace(
        old,
        place_name=place.name(language) if text == place_label(place, language) else text,
        place_code=place.code,
        latitude_microdeg=place.latitude_microdeg,
        longitude_microdeg=place.longitude_microdeg,
    )


async def save_point(visit: Visit) -> Response:
    """Adds a pick-up point, changes one, or no longer offers it."""
    form = await visit.form()
    id = form.integer("id", least=1, most=2**53)
    if form.tick("close") and id is not None:
        await visit.write(lambda rows: room.close_pickup_point(rows, id, now_ms=visit.now_ms))
        return visit.go(visit.at("desk/room") + "#points", said="removed")
    name = form.text("point_name", required=True, most=60)
    values = {key: form.text(f"point_{key}", most=120) for key in ("address", "contact", "phone", "hours")}
    if form.wrong:
        return shown(visit, form, Part.POINT)
    point = PickupPoint(id=id or 0, name=name, **values)
    await visit.write(
        lambda rows: room.change_pickup_point(rows, point) if id else room.add_pickup_point(rows, point)
    )
    return visit.go(visit.at("desk/room") + "#points", said="saved")


PAGES: tuple[Route, ...] = (
    get("/desk/room", page, Role.OWNER),
    post("/desk/room/picture", save, Role.OWNER, rate=rates.FILES),
    post("/desk/points", save_point, Role.OWNER),
)
