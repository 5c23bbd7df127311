"""Which household asks: by its secret link in the address, or by the cookie that remembers the link.

The link is the only key a household has. The cookie holds nothing else, belongs to the room's own pages, and is
read by no script. What is wrong with a link is answered with a page that says how to get it again; it never
says whether there is such a household.
"""

from __future__ import annotations

from starlette.responses import Response

from millpond.desk import households
from millpond.desk.households import Household
from millpond.web.visit import Visit

COOKIE = "household"
YEAR_S = 31_536_000
MAX_LINK = 64


def by_link(visit: Visit) -> Household | None:
    """The household of the link in the address."""
    return _of(visit, visit.word("token"))


def remembered(visit: Visit) -> Household | None:
    """The household that ordered from this phone."""
    return _of(visit, visit.request.cookies.get(COOKIE, ""))


def _of(visit: Visit, link: str) -> Household | None:
    return households.by_link(visit.read, link) if link and len(link) <= MAX_LINK else None


def remember(visit: Visit, response: Response, link: str) -> Response:
    """The same answer, after which this phone is known."""
    response.set_cookie(
        COOKIE,
        link,
        max_age=YEAR_S,
        path=f"/{visit.room.slug}",
        httponly=True,
        samesite="lax",
        secure=visit.secure,
    )
    return response


def forget(visit: Visit, response: Response) -> Response:
    """The same answer, after which this phone is not known any more."""
    response.delete_cookie(COOKIE, path=f"/{visit.room.slug}")
    return response


def lost(visit: Visit) -> Response:
    """The page for a link that leads nowhere."""
    return visit.page(
        "household/lost.html",
        404,
        heading=visit.words("This link leads nowhere"),
        message=visit.words("It may be cut off at its end, or it was erased."),
    )


def privacy(visit: Visit) -> str:
    """Who sees name and phone, and how long they are kept."""
    return visit.words(
        "Your name and phone are seen by {room} and its helpers, by nobody else: not by the maker, not by other "
        "communities. They are erased {days} days after your last order is done.",
        room=visit.profile.name,
        days=visit.profile.retention_days,
    )
