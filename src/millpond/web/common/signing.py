"""Signing in and out, taking up an invitation, and passkeys.

A wrong name and a wrong passphrase answer alike and take alike long. Guesses are few a minute for each
address that asks (`guard.rates.GUESSES`).
"""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse, Response

from millpond.desk import passkeys, people
from millpond.errors import InputError
from millpond.node import sessions
from millpond.node.passphrases import check_passphrase, hash_passphrase, verify_passphrase
from millpond.web.common.setup import signed_in
from millpond.web.forms import Form
from millpond.web.guard.hashing import hashing
from millpond.web.visit import SESSION_COOKIE, Visit

MAX_JSON = 16 * 1024


async def form(visit: Visit) -> Response:
    """The form; who is signed in goes on to the desk."""
    if visit.person is not None:
        return visit.go(visit.at("desk"))
    return _page(visit, None)


async def sign_in(visit: Visit) -> Response:
    """Lets in who has the passphrase."""
    typed = await visit.form()
    name, passphrase = typed.text("name", most=60), typed.typed.get("passphrase", "")
    known = people.known_by(visit.read, name)
    right = await hashing(lambda: verify_passphrase(known[1] if known else None, passphrase))
    if known is None or not right:
        typed.blame("passphrase", "Name and passphrase do not go together.")
        return _page(visit, typed)
    return signed_in(visit, visit.room.slug, known[0].id)


async def sign_out(visit: Visit) -> Response:
    """Ends the session; what the browser kept for check-off without a network goes, too."""
    sessions.end(visit.node, visit.session)
    response = visit.go(visit.at("sign-in"), said="signed-out")
    visit.drop_cookie(response, SESSION_COOKIE, path=visit.at())
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


async def invitation(visit: Visit) -> Response:
    """The page of an invitation that has not been taken up."""
    token = visit.word("token")
    person = people.invited(visit.read, token, now_ms=visit.now_ms)
    if person is None:
        return _used_up(visit)
    return visit.page("common/invitation.html", person=person, token=token, form=None)


async def take_up(visit: Visit) -> Response:
    """Sets the passphrase of who was invited, and signs them in."""
    typed = await visit.form()
    token, passphrase = typed.text("token", most=200), typed.typed.get("passphrase", "")
    person = people.invited(visit.read, token, now_ms=visit.now_ms)
    if person is None:
        return _used_up(visit)
    try:
        check_passphrase(passphrase, visit.profile.name, visit.room.slug, person.name)
    except InputError as error:
        typed.refuse("passphrase", error)
        return visit.page("common/invitation.html", 422, person=person, token=token, form=typed)
    hashed = await hashing(lambda: hash_passphrase(passphrase))
    taken = await visit.write(
        lambda rows: people.take_up(rows, token, passphrase_hash=hashed, now_ms=visit.now_ms)
    )
    sessions.end_all(visit.node, visit.room.slug, taken.id)
    return signed_in(visit, visit.room.slug, taken.id)


async def passkey_options(visit: Visit) -> Response:
    """What a browser needs to be asked for a passkey of this room."""
    options = passkeys.sign_in_options(visit.read, visit.node, visit.room.slug, visit.base)
    return Response(options, media_type="application/json")


async def passkey(visit: Visit) -> Response:
    """Lets in who answered with a passkey of this room."""
    answer = await json_body(visit)
    try:
        person = await visit.write(
            lambda rows: passkeys.sign_in(
                rows, visit.node, visit.room.slug, visit.base, answer, now_ms=visit.now_ms
            )
        )
    except InputError as error:
        return JSONResponse({"problem": visit.refusal(error)}, 403)
    response = signed_in(visit, visit.room.slug, person.id)
    cookies = response.headers.getlist("set-cookie")
    answered = JSONResponse({"go": visit.at("desk")})
    for cookie in cookies:
        answered.headers.append("set-cookie", cookie)
    return answered


async def json_body(visit: Visit, most: int = MAX_JSON) -> Any:
    """The JSON that was sent; raises `InputError` for what is none, or has more than `most` bytes."""
    if visit.has_form:  # the token came in a form, not in the header: there is nothing else to read
        raise InputError("that is no JSON")
    data = await visit.request.body()
    if len(data) > most:
        raise InputError("that is too long")
    try:
        sent = json.loads(data)
        json.dumps(sent, ensure_ascii=False).encode()  # half a character can be escaped, and never be kept
    except (ValueError, RecursionError):
        raise InputError("that is no JSON") from None
    return sent


def _page(visit: Visit, typed: Form | None) -> Response:
    ask_name = people.asks_name(visit.read)
    return visit.page("common/sign-in.html", 422 if typed else 200, form=typed, ask_name=ask_name)


def _used_up(visit: Visit) -> Response:
    return visit.problem(410, "This invitation was used already, or is too old. Ask the owner for a new one.")
