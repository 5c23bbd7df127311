"""The way in: the front of the node, and pictures."""

from __future__ import annotations

import re

from starlette.responses import Response

from millpond.web.visit import Visit

_YEAR = "private, max-age=31536000, immutable"
_NEVER = "no-store"


async def front(visit: Visit) -> Response:
    """To the set-up of a new node, to the only room, or a page that says to use one's link."""
    rooms = visit.node.rooms()
    if not rooms or (len(rooms) == 1 and not rooms[0].is_set_up):
        return visit.page("common/code.html", form=None)
    if len(rooms) == 1:
        return visit.go(f"/{rooms[0].slug}/")
    return visit.page("common/rooms.html")


async def picture(visit: Visit) -> Response:
    """A picture as phones show it. Its address is the hash of its bytes: who has it has seen the page.

    What a household sent with a claim is kept by no browser.
    """
    id = visit.word("id")
    data = visit.read.value("room.picture_page", id=id) if re.fullmatch(r"[0-9a-f]{64}", id) else None
    if data is None:
        return visit.problem(404, "There is no such page.")
    kept = _NEVER if visit.read.value("claims.has_picture", id=id) else _YEAR
    return Response(data, media_type="image/webp", headers={"cache-control": kept})
