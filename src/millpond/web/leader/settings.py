"""The room's settings: what it says of itself, how it is paid, pick-up points, and who works here."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from zoneinfo import available_timezones

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, JSONResponse, Response

from millpond import places as world
from millpond.desk import passkeys, people, room
from millpond.desk.people import HELPER_ROLES, Role
from millpond.desk.room import PickupPoint, Profile
from millpond.errors import InputError
from millpond.node import moving, sessions
from millpond.node.passphrases import check_passphrase, hash_passphrase, verify_passphrase
from millpond.store import Rows
from millpond.web.common.setup import CURRENCIES, currency_label, place_label, time_zones
from millpond.web.common.signing import json_body
from millpond.web.forms import Form
from millpond.web.guard import rates
from millpond.web.guard.hashing import hashing
from millpond.web.leader.pictures import read_picture
from millpond.web.routes import Access, Route, get, post
from millpond.web.visit import Visit
from millpond.web.words import LANGUAGES

DEVICES = ("iPhone", "iPad", "Android", "Windows", "Mac", "Linux")
"""As browsers name them, in the order in which they are looked for: an Android says Linux, too."""


async def page(visit: Visit) -> Response:
    """Everything that the owner may change of the room."""
    return _page(visit, None)


def _page(visit: Visit, form: Form | None) -> Response:
    return visit.page(
        "leader/settings.html",
        422 if form else 200,
        form=form,
        points=room.pickup_points(visit.read),
        currencies=[(code, currency_label(code, visit.language)) for code in CURRENCIES],
        time_zones=[(zone, zone.replace("_", " ")) for zone in time_zones()],
        people=people.everyone(visit.read),
        roles=HELPER_ROLES,
        may_change_currency=not visit.read.value("room.has_entries"),
    )


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
        return _page(visit, form)

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
        return _page(visit, form)
    point = PickupPoint(id=id or 0, name=name, **values)
    await visit.write(
        lambda rows: room.change_pickup_point(rows, point) if id else room.add_pickup_point(rows, point)
    )
    return visit.go(visit.at("desk/room") + "#points", said="saved")


async def invite(visit: Visit) -> Response:
    """A link for a new helper, shown once; or a new link for one who lost theirs."""
    form = await visit.form()
    again = form.integer("person", least=1, most=2**53)
    roles = [role for role in HELPER_ROLES if form.tick(role.value)]
    name = form.text("helper", required=again is None, most=people.MAX_NAME)
    if again is None and not roles:
        form.blame("helper", "Please tick at least one task.")
    if form.wrong:
        return _page(visit, form)

    def job(rows: Rows) -> tuple[str, str]:
        if again is not None:
            person = people.by_id(rows, again)
            token = people.invite_again(rows, again, by=visit.person_id, now_ms=visit.now_ms)
            return (person.name if person else ""), token
        invited, token = people.invite(rows, name, roles, by=visit.person_id, now_ms=visit.now_ms)
        return invited.name, token

    try:
        who, token = await visit.write(job)
    except InputError as error:
        form.refuse("helper", error)
        return _page(visit, form)
    return visit.page("leader/invited.html", name=who, link=visit.link(f"invitation/{token}"))


async def change_person(visit: Visit) -> Response:
    """What a helper may do from now on, or that they have left."""
    form = await visit.form()
    id = form.required_integer("person", least=1, most=2**53)
    if form.tick("leave"):
        await visit.write(lambda rows: people.end_access(rows, id, by=visit.person_id, now_ms=visit.now_ms))
        sessions.end_all(visit.node, visit.room.slug, id)
        return visit.go(visit.at("desk/room") + "#people", said="removed")
    roles = [role for role in HELPER_ROLES if form.tick(role.value)]
    await visit.write(
        lambda rows: people.change_roles(rows, id, roles, by=visit.person_id, now_ms=visit.now_ms)
    )
    return visit.go(visit.at("desk/room") + "#people", said="saved")


async def me(visit: Visit) -> Response:
    """One's own passphrase and passkeys."""
    assert visit.person is not None
    return visit.page("leader/me.html", form=None, passkeys=passkeys.of_person(visit.read, visit.person.id))


async def change_passphrase(visit: Visit) -> Response:
    """One's own new passphrase; every other session of this person ends."""
    form, person = await visit.form(), visit.person
    assert person is not None
    known = people.known_by(visit.read, person.name)
    old = form.typed.get("old", "")
    if not await hashing(lambda: verify_passphrase(known[1] if known else None, old)):
        form.blame("old", "This is not your passphrase.")
    fresh = form.typed.get("passphrase", "")
    try:
        check_passphrase(fresh, visit.profile.name, visit.room.slug, person.name)
    except InputError as error:
        form.refuse("passphrase", error)
    if form.wrong:
        return visit.page(
            "leader/me.html", 422, form=form, passkeys=passkeys.of_person(visit.read, person.id)
        )
    hashed = await hashing(lambda: hash_passphrase(fresh))
    await visit.write(lambda rows: people.set_passphrase(rows, person.id, hashed, now_ms=visit.now_ms))
    sessions.end_all(visit.node, visit.room.slug, person.id, but=visit.session)
    return visit.go(visit.at("desk/me"), said="saved")


async def passkey_options(visit: Visit) -> Response:
    """What a browser needs to make a passkey for who is signed in."""
    assert visit.person is not None
    options = passkeys.adding_options(visit.read, visit.node, visit.room.slug, visit.base, visit.person)
    return Response(options, media_type="application/json")


async def add_passkey(visit: Visit) -> Response:
    """Keeps the passkey that the browser made."""
    answer, person = await json_body(visit), visit.person
    assert person is not None
    agent = visit.request.headers.get("user-agent", "")
    name = next((device for device in DEVICES if device in agent), "") or visit.words("Passkey")
    try:
        await visit.write(
            lambda rows: passkeys.add(
                rows, visit.node, visit.room.slug, visit.base, person, answer, name=name, now_ms=visit.now_ms
            )
        )
    except InputError as error:
        return JSONResponse({"problem": visit.refusal(error)}, 422)
    return JSONResponse({"go": visit.at("desk/me")})


async def remove_passkey(visit: Visit) -> Response:
    """One of one's own passkeys lets nobody in any more."""
    form, person = await visit.form(), visit.person
    assert person is not None
    id = form.text("passkey", most=1_000)
    await visit.write(lambda rows: passkeys.remove(rows, person.id, id, now_ms=visit.now_ms))
    return visit.go(visit.at("desk/me"), said="removed")


async def move_out(visit: Visit) -> Response:
    """The whole room as one file, sealed with a passphrase, to move it to another node."""
    form = await visit.form()
    seal = form.typed.get("seal", "")
    try:
        check_passphrase(seal)
    except InputError as error:
        form.refuse("seal", error)
        return _page(visit, form)
    folder = Path(mkdtemp(dir=visit.node.data, prefix="moving-"))
    path = folder / f"{visit.room.slug}.millpond-room"

    def clear() -> None:
        path.unlink(missing_ok=True)
        folder.rmdir()

    await asyncio.to_thread(lambda: moving.export_room(visit.node, visit.room.slug, path, passphrase=seal))
    return FileResponse(
        path, filename=path.name, media_type="application/octet-stream", background=BackgroundTask(clear)
    )


PAGES: tuple[Route, ...] = (
    get("/desk/room", page, Role.OWNER),
    post("/desk/room/picture", save, Role.OWNER, rate=rates.FILES),
    post("/desk/points", save_point, Role.OWNER),
    post("/desk/people/invite", invite, Role.OWNER),
    post("/desk/people", change_person, Role.OWNER),
    get("/desk/me", me, Access.SIGNED_IN),
    post("/desk/me", change_passphrase, Access.SIGNED_IN, rate=rates.GUESSES),
    post("/desk/passkeys/options", passkey_options, Access.SIGNED_IN),
    post("/desk/passkeys", add_passkey, Access.SIGNED_IN),
    post("/desk/passkeys/remove", remove_passkey, Access.SIGNED_IN),
    post("/desk/move", move_out, Role.OWNER, rate=rates.FILES),
)
