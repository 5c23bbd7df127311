"""What the leader looks for: a name or a phone, which must not stand in an address.

Addresses are kept in a browser's history and in the logs of whatever stands before the node. So a search is
sent as a form, waits in a cookie for a quarter of an hour, and its page has an address without it: to load it
again, to go back to it, and to turn its leaves stays as easy as with an address that says everything.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from urllib.parse import urlencode

from starlette.responses import Response

from millpond.web.visit import Visit

COOKIE = "finding"
SECONDS = 900
MAX_TEXT = 80


async def look_for(visit: Visit, path: str, *kept: str) -> Response:
    """To the page at `path`, that looks for what was sent; the fields `kept` say nothing private."""
    form = await visit.form()
    query = urlencode({name: value[:40] for name in kept if (value := form.typed.get(name, ""))})
    response = visit.go(visit.at(path) + (f"?{query}" if query else ""))
    text = form.text("q", most=MAX_TEXT)
    if text:
        packed = urlsafe_b64encode(text.encode()).decode()
        visit.set_cookie(response, COOKIE, packed, seconds=SECONDS, path=visit.at("desk"))
    else:
        visit.drop_cookie(response, COOKIE, path=visit.at("desk"))
    return response


def forget(visit: Visit, path: str) -> Response:
    """To the page at `path`, that looks for nothing."""
    response = visit.go(visit.at(path))
    visit.drop_cookie(response, COOKIE, path=visit.at("desk"))
    return response


def looked_for(visit: Visit) -> str:
    """What is looked for; "" if nothing is."""
    try:
        return urlsafe_b64decode(visit.cookie(COOKIE)).decode()[:MAX_TEXT]
    except ValueError:
        return ""


def start_of(visit: Visit) -> int:
    """Where the page begins in the list."""
    asked = visit.asked("from")
    return min(int(asked), 1_000_000) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 0
