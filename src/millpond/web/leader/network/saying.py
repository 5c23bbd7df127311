"""Saying something in the room's log: who we are, what we offer or look for, that something no longer holds.

Every form says before its button that this becomes public and stays. Nothing of a household can get into a
statement from here: a form has only what its owner types into it.

- The same once more (a button that was pressed twice, a page that was loaded again) is not said again, if
  nothing else was said meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from starlette.responses import Response

from millpond.desk.people import Role
from millpond.errors import InputError
from millpond.log import kinds, statement
from millpond.log.kinds import Body
from millpond.log.statement import Attachment
from millpond.model.shapes import plain
from millpond.node import own_log
from millpond.node.own_log import Saying
from millpond.paper.pictures import Encoded
from millpond.store import Rows, logs
from millpond.web.forms import Form
from millpond.web.guard import rates
from millpond.web.leader.network.own import Part, addresses, show
from millpond.web.leader.pictures import read_picture
from millpond.web.routes import Route, post
from millpond.web.visit import Visit
from millpond.web.words import LANGUAGES

PICTURE_NAME = "picture.jpg"

Attach = Callable[[Rows], tuple[Attachment, ...]]
"""Keeps what goes with a statement, in its transaction."""


async def say(visit: Visit, body: Body, attach: Attach | None = None) -> None:
    """Says it, and it is durable; raises `InputError`, and nothing is said."""
    node, room = visit.node, visit.room
    did = await asyncio.to_thread(own_log.ensure, node, room)
    body.check(did)
    key = await asyncio.to_thread(own_log.open_key, node, room)

    def job(rows: Rows) -> None:
        attached = attach(rows) if attach else ()
        saying = Saying(body.KIND, plain(body), attached)
        if not _is_last(rows, did, saying):
            own_log.say_in(rows, key, saying, now_ms=visit.now_ms)

    await visit.write(job)


def _is_last(rows: Rows, did: str, saying: Saying) -> bool:
    head = logs.head(rows, did)
    if head is None or not head.size:
        return False
    (entry,) = logs.entries(rows, head.id, head.size - 1, head.size)
    last = statement.read_payload(statement.split(entry)[0])
    same = (last.kind, plain(last.body)) == (saying.kind, plain(saying.body))
    return same and tuple(last.attachments) == tuple(saying.attachments)


async def say_profile(visit: Visit) -> Response:
    """Who the room is, for everybody; the last one said counts."""
    form = await visit.form()
    name = form.text("name", required=True, most=kinds.MAX_NAME)
    place = form.text("place", most=kinds.MAX_NAME)
    about = form.text("about", most=kinds.MAX_ABOUT, lines=True)
    if not form.wrong:
        try:
            body = kinds.Profile(name=name, about=about, place=place, addresses=addresses(visit))
            await say(visit, body)
        except InputError as error:
            form.refuse(_field(error, "name", "place", "about"), error)
    return await _answer(visit, form, Part.PROFILE)


async def say_listing(visit: Visit) -> Response:
    """What the room offers or looks for, until a moment."""
    form = await visit.form()
    title = {code: form.text(f"title-{code}", most=kinds.MAX_TITLE) for code in LANGUAGES}
    text = {code: form.text(f"text-{code}", most=kinds.MAX_TEXT, lines=True) for code in LANGUAGES}
    until_ms = form.moment("until", visit.profile.time_zone)
    wants = form.choice("way", ("offer", "want"), "offer") == "want"
    if not any(title.values()):
        form.blame(f"title-{visit.language}", "Please fill this in.")
    if until_ms is None:
        form.blame("until", "Please fill this in.")
    elif until_ms <= visit.now_ms:
        form.blame("until", "This moment has passed. Please choose a later one.")
    picture = await read_picture(visit, form, "picture")
    if not form.wrong and until_ms is not None:
        try:
            body = kinds.Listing(
                title={code: one for code, one in title.items() if one},
                text={code: one for code, one in text.items() if one},
                until_ms=until_ms,
                wants=wants,
            )
            image = None if picture is None else picture.picture.print
            await say(visit, body, None if image is None else lambda rows: _attach(rows, image, visit.now_ms))
        except InputError as error:
            form.refuse(f"title-{visit.language}", error)
    return await _answer(visit, form, Part.LISTING)


def _attach(rows: Rows, image: Encoded, now_ms: int) -> tuple[Attachment, ...]:
    return (own_log.attach_in(rows, image.data, image.media_type, PICTURE_NAME, now_ms=now_ms),)


async def withdraw(visit: Visit) -> Response:
    """A vouch, a listing, a card or a follow no longer holds."""
    form = await visit.form()
    current = own_log.current(visit.read)
    sid = form.text("sid", required=True, most=64)
    row = None
    if current is not None and len(sid) == 64 and all(letter in "0123456789abcdef" for letter in sid):
        head = logs.head(visit.read, current.did)
        found = head and visit.read.one("logs.position", log=head.id, sid=bytes.fromhex(sid))
        row = found or None
    if row is None:
        return visit.problem(404, "There is no such statement in your log.")
    if visit.read.one("logs.is_withdrawn", sid=bytes.fromhex(sid)) is None:
        await say(visit, kinds.Withdraw(sid=sid))
    return visit.go(visit.at("desk/others") + "#said", said="said")


async def _answer(visit: Visit, form: Form, part: Part) -> Response:
    if form.wrong:
        return await show(visit, form, part)
    return visit.go(visit.at("desk/others") + "#said", said="said")


def _field(error: InputError, *fields: str) -> str:
    """The field that an error of the core is about; the first one if it does not say."""
    return next((field for field in fields if error.at == field), fields[0])


PAGES: tuple[Route, ...] = (
    post("/desk/others/profile", say_profile, Role.OWNER),
    post("/desk/others/listing/picture", say_listing, Role.OWNER, rate=rates.FILES),
    post("/desk/others/withdraw", withdraw, Role.OWNER),
)
