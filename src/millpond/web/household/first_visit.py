"""The page of a group order for who comes for the first time: made once for each state of the room.

A link that is posted in a chat is opened by hundreds within a minute. All of them get the same page, but for
the random word in its form.

Invariants:
- A kept page is shown only as long as nobody committed anything to the room since before it was read, and
  the time of the close has not come: no price and no progress is older than the last order.
- It is kept of, and shown to, a visit that brings nothing of its own: nobody signed in, no cookie of a
  household, nothing to say after a redirect. Every page has a random word of its own.
- It belongs to the event loop, and goes with the room when that is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from starlette.responses import HTMLResponse, Response

from millpond.desk.rounds import RoundRecord
from millpond.node.node import OpenRoom
from millpond.web.household import who
from millpond.web.visit import SAID_COOKIE, Visit

MOST_KEPT = 32
"""Pages of one room, some 15 kB each: of other group orders, languages, and addresses it is asked by."""
MOST_ASKED = 200
"""Letters behind the address: chat programs put a few words there."""
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """The text around the random word; it holds while the room has this version, until this moment."""

    version: int
    until_ms: int | None
    before: str
    after: str


_kept: WeakKeyDictionary[OpenRoom, dict[Key, Page]] = WeakKeyDictionary()


def kept(visit: Visit, token: str) -> Response | None:
    """The page with this random word; None where it is to be made."""
    page = _kept.get(visit.room, {}).get(_key(visit)) if _is_plain(visit) else None
    if page is None or page.version != visit.read.version:
        return None
    if page.until_ms is not None and visit.now_ms >= page.until_ms:
        return None
    return HTMLResponse(page.before + token + page.after)


def keep(visit: Visit, version: int, round: RoundRecord, token: str, made: Response) -> Response:
    """The page that was just made with this random word, of what was read at this version or later."""
    before, found, after = bytes(made.body).decode().partition(token)
    if found and made.status_code == 200 and _is_plain(visit):
        pages = _kept.setdefault(visit.room, {})
        if len(pages) >= MOST_KEPT:
            pages.clear()
        until_ms = round.closes_at_ms if round.takes_orders(visit.now_ms) else None
        pages[_key(visit)] = Page(version, until_ms, before, after)
    return made


def _is_plain(visit: Visit) -> bool:
    own = visit.person or visit.cookie(who.COOKIE) or visit.cookie(SAID_COOKIE)
    return not own and len(visit.request.url.query) <= MOST_ASKED


def _key(visit: Visit) -> Key:
    return visit.language, visit.word("code"), visit.request.url.query, visit.base
