"""What becomes of the room's log: whether it is shown, how it goes on when it rests, when it ends.

Each of these is asked for with a box to tick beside what follows from it in plain words: a log with two
histories cannot be mended, and one that ended does not come back.
"""

from __future__ import annotations

import asyncio
from functools import partial

from starlette.responses import Response

from millpond.desk.people import Role
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.network.calling import make_client
from millpond.node import own_log, publishing, resuming
from millpond.node.resuming import Looked
from millpond.web.forms import Form
from millpond.web.guard import rates
from millpond.web.leader.network.own import Part, show
from millpond.web.leader.network.told import told
from millpond.web.routes import Route, post
from millpond.web.visit import Visit


async def set_shown(visit: Visit) -> Response:
    """Whether this node shows the log to others."""
    form = await visit.form()
    is_shown = form.choice("shown", ("0", "1"))
    if not form.wrong:
        await visit.write(lambda rows: publishing.publish(rows, is_shown == "1"))
    return visit.go(visit.at("desk/others"), said="saved")


async def look(visit: Visit) -> Response:
    """Asks those who may have the resting log for what they have, and shows who answered what."""
    form = await visit.form()
    try:
        looked = await _looked(visit)
    except InputError as error:
        form.refuse("ways", error)
        return await show(visit, form, Part.STATE)
    return _found(visit, looked, None)


async def resume(visit: Visit) -> Response:
    """The log goes on, after its owner saw who answered what and says that nobody can hold more."""
    form = await visit.form()
    seen = form.integer("size", least=0, most=2**53)
    is_sure = form.tick("alone")
    try:
        looked = await _looked(visit)
        if not is_sure:
            form.blame("alone", "Please tick the box first.")
        elif looked.size != seen:
            form.blame("alone", "More was found meanwhile. Please look again.")
        else:
            await asyncio.to_thread(resuming.go_on, visit.node, visit.room, looked)
    except InputError as error:
        form.refuse("ways", error)
        return await show(visit, form, Part.STATE)
    if form.wrong:
        return _found(visit, looked, form)
    return visit.go(visit.at("desk/others"), said="resumed")


async def _looked(visit: Visit) -> Looked:
    """Brings the log up to what others have; raises `InputError`."""
    key = own_log.current(visit.read)
    if key is None:
        raise Refused("log.none")
    async with make_client() as client:
        sources, witnesses = resuming.known_sources(visit.read, key.did, client)
        return await resuming.look(visit.node, visit.room, sources, witnesses)


def _found(visit: Visit, looked: Looked, form: Form | None) -> Response:
    """What everybody answered, and whether the log can go on."""
    return visit.page(
        "leader/network/resume.html",
        422 if form else 200,
        looked=looked,
        told=partial(told, visit.words),
        form=form,
    )


async def succeed(visit: Visit) -> Response:
    """The log ends and another one begins, under a new key."""
    form = await visit.form()
    if not form.tick("sure"):
        form.blame("sure", "Please tick the box first.")
        return await show(visit, form, Part.STATE)
    current = own_log.current(visit.read)
    without_old = current is not None and not current.has_seed
    try:
        await asyncio.to_thread(own_log.succeed, visit.node, visit.room, without_old=without_old)
    except InputError as error:
        form.refuse("sure", error)
        return await show(visit, form, Part.STATE)
    return visit.go(visit.at("desk/others"), said="said")


PAGES: tuple[Route, ...] = (
    post("/desk/others/shown", set_shown, Role.OWNER),
    post("/desk/others/look", look, Role.OWNER, rate=rates.FILES),
    post("/desk/others/resume", resume, Role.OWNER, rate=rates.FILES),
    post("/desk/others/succeed", succeed, Role.OWNER),
)
