"""The first run: who are you, where, in which money and language; or restore what you have.

The set-up is opened by a code that `millpond serve` printed, so that nobody else takes over a new node. The
passphrase is made into a hash before anything is written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import available_timezones

from babel import Locale
from starlette.responses import JSONResponse, Response

from millpond import places as world
from millpond.desk.room import Profile
from millpond.errors import InputError
from millpond.node import moving, sessions
from millpond.node.passphrases import check_passphrase, hash_passphrase
from millpond.node.slugs import check_slug
from millpond.web.forms import Form
from millpond.web.guard.hashing import hashing
from millpond.web.visit import SESSION_COOKIE, Visit
from millpond.web.words import LANGUAGES

CURRENCIES = (
    "CNY",
    "EUR",
    "USD",
    "GBP",
    "JPY",
    "HKD",
    "TWD",
    "KRW",
    "INR",
    "BRL",
    "CHF",
    "CAD",
    "AUD",
    "NZD",
    "SGD",
    "MYR",
    "THB",
    "VND",
    "IDR",
    "PHP",
    "ZAR",
    "KES",
    "NGN",
    "MXN",
    "ARS",
    "CLP",
    "COP",
    "PLN",
    "CZK",
    "SEK",
    "NOK",
    "DKK",
)
PIECE = 1024 * 1024


async def form(visit: Visit) -> Response:
    """The form, for who has the code; else the page that asks for it."""
    code, slug = visit.asked("code"), visit.asked("room")
    if not visit.node.check_setup_code(slug or None, code):
        return _ask_code(visit, wrong=bool(code))
    asyncio.get_running_loop().run_in_executor(None, world.search, "a")  # reads the places while one types
    return _page(visit, None, code, slug)


async def set_up(visit: Visit) -> Response:
    """Makes the room and its owner, signs the owner in, and goes to the desk."""
    typed = await visit.form()
    code, slug = typed.text("code"), typed.text("room")
    if not visit.node.check_setup_code(slug or None, code):
        return _ask_code(visit, wrong=True)
    place, found = _place(typed)
    profile = _profile(visit, typed, place)
    owner = typed.text("owner", required=True, most=60)
    new_slug = slug or typed.text("slug", required=True, most=40)
    passphrase = typed.typed.get("passphrase", "")
    _try(typed, "slug", lambda: check_slug(new_slug))
    _try(typed, "passphrase", lambda: check_passphrase(passphrase, profile.name, new_slug, owner))
    if typed.wrong or found:
        return _page(visit, typed, code, slug, found)
    hashed = await hashing(lambda: hash_passphrase(passphrase))
    try:
        person = await asyncio.to_thread(
            lambda: visit.node.set_up_room(new_slug, profile, code=code, owner=owner, passphrase_hash=hashed)
        )
    except InputError as error:
        typed.refuse(error.at or "name", error)
        return _page(visit, typed, code, slug)
    return signed_in(visit, new_slug, person.id)


def _profile(visit: Visit, typed: Form, place: world.FoundPlace | None) -> Profile:
    """What was typed of the room; what is wrong is blamed."""
    who = typed.choice("who", ("community", "maker", "both"), "community")
    return Profile(
        name=typed.text("name", required=True, most=60) or "?",
        is_community=who in ("community", "both"),
        is_maker=who in ("maker", "both"),
        currency=typed.choice("currency", CURRENCIES, "CNY"),
        language=typed.choice("language", LANGUAGES, visit.language),
        time_zone=typed.choice("time_zone", available_timezones(), "Asia/Shanghai"),
        place_name=typed.text("place", most=80) if place is None else place.name(visit.language),
        place_code="" if place is None else place.code,
        latitude_microdeg=None if place is None else place.latitude_microdeg,
        longitude_microdeg=None if place is None else place.longitude_microdeg,
    )


def _try(typed: Form, field: str, check: Callable[[], object]) -> None:
    try:
        check()
    except InputError as error:
        typed.refuse(field, error)


def signed_in(visit: Visit, slug: str, person: int) -> Response:
    """To the desk, with the cookie of a new session, which is sent to this room alone.

    The session that the browser had before ends, whosever it was: a token that was there before the sign-in
    is worth nothing after it (OWASP ASVS 5.0 V7.2.4).
    """
    if visit.session:
        sessions.end(visit.node, visit.session)
    token = sessions.start(visit.node, slug, person, visit.now_ms)
    response = visit.go(f"/{slug}/desk")
    longest = sessions.LONGEST_MS // 1000
    visit.set_cookie(response, SESSION_COOKIE, token, seconds=longest, path=f"/{slug}/")
    return response


async def restore(visit: Visit) -> Response:
    """A room moves in from a file; a whole backup is restored by the command, before the node runs.

    The code stands in the address, not in the form: who has none is sent away before gigabytes are read.
    """
    if not visit.node.check_setup_code(None, visit.asked("code")):
        return _ask_code(visit, wrong=True)
    typed = await visit.form()
    slug = typed.text("slug", required=True, most=40)
    upload = visit.files.get("file")
    if upload is None:
        return visit.problem(422, "Please choose the file first.")
    with TemporaryDirectory(dir=visit.node.data, prefix="moving-") as folder:
        path = Path(folder) / "moving-in"
        with path.open("wb") as file:
            while piece := await upload.read(PIECE):
                await asyncio.to_thread(file.write, piece)
        passphrase = typed.typed.get("passphrase") or None
        try:
            await asyncio.to_thread(lambda: moving.import_room(visit.node, path, slug, passphrase=passphrase))
        except InputError as error:
            return visit.problem(422, "The file could not be taken in: {why}", why=visit.refusal(error))
    return visit.go(f"/{slug}/sign-in")


async def places(visit: Visit) -> Response:
    """Places whose name begins like this, for the form's suggestions."""
    found = await asyncio.to_thread(world.search, visit.asked("q"))
    return JSONResponse(
        [{"code": place.code, "label": place_label(place, visit.language)} for place in found],
        headers={"cache-control": "private, max-age=3600"},
    )


def place_label(place: world.FoundPlace, language: str) -> str:
    """The name with what it lies in, so that two of one name are told apart."""
    return f"{place.name(language)}, {place.where(language)}"


def _place(typed: Form) -> tuple[world.FoundPlace | None, tuple[world.FoundPlace, ...]]:
    """The place that was picked; and those to choose from, where what was typed may mean several."""
    text, picked = typed.text("place", most=80), typed.typed.get("place_pick", "")
    code = picked or typed.text("place_code", most=40)
    place = world.by_code(code) if code and code != "none" else None
    if place or not text or picked == "none":
        return place, ()
    found = world.search(text)
    if len(found) == 1:
        return found[0], ()
    if found:
        typed.blame("place", "Which of these?")
    return None, found


def _page(
    visit: Visit, typed: Form | None, code: str, slug: str, found: tuple[world.FoundPlace, ...] = ()
) -> Response:
    return visit.page(
        "common/setup.html",
        422 if typed else 200,
        form=typed,
        code=code,
        room_slug=slug,
        found=found,
        currencies=[(code, currency_label(code, visit.language)) for code in CURRENCIES],
        place_label=place_label,
        time_zones=[(zone, zone.replace("_", " ")) for zone in time_zones()],
    )


def _ask_code(visit: Visit, *, wrong: bool) -> Response:
    typed = Form([], visit.words)
    if wrong:
        typed.blame("code", "This code opens nothing. It may have been used already.")
    return visit.page("common/code.html", 403 if wrong else 200, form=typed)


def currency_label(code: str, language: str) -> str:
    """The code with the currency's name.

    >>> currency_label("CNY", "zh")
    'CNY 人民币'
    """
    return f"{code} {Locale(language).currencies.get(code, '')}".strip()


@cache
def time_zones() -> tuple[str, ...]:
    """Zones by the names of cities; the most likely first."""
    first = ("Asia/Shanghai", "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo")
    cities = sorted(
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/"))
    )
    return (*first, "UTC", *(zone for zone in cities if zone not in first))
