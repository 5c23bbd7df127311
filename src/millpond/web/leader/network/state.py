"""What becomes of the room's log: whether it is shown, how it goes on when it rests, when it ends.

Each of these is asked for with a box to tick beside what follows from it in plain words: a log with two
histories cannot be mended, and one that ended does not come back.
"""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from millpond.desk.people import Role
from millpond.errors import InputError
from millpond.node import own_log, publishing
from millpond.web.leader.network.own import Part, show
from millpond.web.routes import Route, post
from millpond.web.visit import Visit


async def set_shown(visit: Visit) -> Response:
    """Whether this node shows the log to others."""
    form = await visit.form()
    is_shown = form.choice("shown", ("0", "1"))
    if not form.wrong:
        await visit.write(lambda rows: publishing.publish(rows, is_shown == "1"))
    return visit.go(visit.at("desk/others"), said="saved")


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
    post("/desk/others/succeed", succeed, Role.OWNER),
)
