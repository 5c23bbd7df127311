"""Which household asks: by its secret link in the address, or by the cookie that remembers links.

The link is the only key a household has. The cookie holds the links of those who ordered from this phone, the
newest first: somebody may order for the neighbour too. It belongs to the room's own pages and no script
reads it. A link that leads nowhere is answered with a page that says how to get it again, and never whether
there ever was such a household.
"""

from __future__ import annotations

from starlette.responses import Response

from millpond.desk import households
from millpond.desk.households import Household
from millpond.web.visit import Visit

COOKIE = "household"
YEAR_S = 31_536_000
MAX_LINK = 64
MAX_REMEMBERED = 4
SEPARATOR = "."
"""Links have letters, digits, - and _ only."""


def by_link(visit: Visit) -> Household | None:
    """The household of the link in the address."""
    return _of(visit, visit.word("token"))


def remembered(visit: Visit) -> list[Household]:
    """The households that ordered from this phone."""
    links = visit.cookie(COOKIE).split(SEPARATOR)[:MAX_REMEMBERED]
    return [found for link in links if (found := _of(visit, link)) is not None]


def _of(visit: Visit, link: str) -> Household | None:
    if not link or len(link) > MAX_LINK:
        return None
    found = households.by_link(visit.read, link)
    return None if found is None or found.erased_ms is not None else found


def remember(visit: Visit, response: Response, link: str) -> Response:
    """The same answer, after which this phone is known."""
    links = [link] + [one.link for one in remembered(visit) if one.link != link]
    return _set(visit, response, links[:MAX_REMEMBERED])


def forget(visit: Visit, response: Response, link: str) -> Response:
    """The same answer, after which this phone does not know the link any more."""
    return _set(visit, response, [one.link for one in remembered(visit) if one.link != link])


def _set(visit: Visit, response: Response, links: list[str]) -> Response:
    path = f"/{visit.room.slug}"
    if links:
        visit.set_cookie(response, COOKIE, SEPARATOR.join(links), seconds=YEAR_S, path=path)
    else:
        visit.drop_cookie(response, COOKIE, path=path)
    return response


def lost(visit: Visit, heading: str = "", message: str = "") -> Response:
    """The page for a link that leads nowhere."""
    return visit.page(
        "household/lost.html",
        404,
        heading=heading or visit.words("This link leads nowhere"),
        message=message or visit.words("It may be cut off at its end, or it was replaced by a new one."),
    )


def privacy(visit: Visit) -> str:
    """Who sees name and phone, and how long they are kept."""
    return visit.words(
        "Your name and phone are seen by {room} and its helpers and by nobody else, not by the maker either. "
        "They are erased {days} days after your last order is done.",
        room=visit.profile.name,
        days=visit.profile.retention_days,
    )
