"""One's own way in: passphrase and passkeys of who is signed in."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from millpond.desk import passkeys, people
from millpond.errors import InputError
from millpond.node import sessions
from millpond.node.passphrases import check_passphrase, hash_passphrase, verify_passphrase
from millpond.web.common.signing import json_body
from millpond.web.guard import rates
from millpond.web.guard.hashing import hashing
from millpond.web.routes import Access, Route, get, post
from millpond.web.visit import Visit

DEVICES = ("iPhone", "iPad", "Android", "Windows", "Mac", "Linux")
"""As browsers name them, in the order in which they are looked for: an Android says Linux, too."""


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


PAGES: tuple[Route, ...] = (
    get("/desk/me", me, Access.SIGNED_IN),
    post("/desk/me", change_passphrase, Access.SIGNED_IN, rate=rates.GUESSES),
    post("/desk/passkeys/options", passkey_options, Access.SIGNED_IN),
    post("/desk/passkeys", add_passkey, Access.SIGNED_IN),
    post("/desk/passkeys/remove", remove_passkey, Access.SIGNED_IN),
)
