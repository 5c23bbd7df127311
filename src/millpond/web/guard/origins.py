"""A form must come from our own page: what a browser says of where it comes from decides.

`Sec-Fetch-Site` where the browser sends it, `Origin` where not. A browser that says neither is let through
here: what a signed-in person changes needs a token in the form besides (`tokens`), and what a household
changes needs its secret link.
"""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Origins:
    """Refuses with 403 what another site sends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            if not is_ours(headers):
                await PlainTextResponse("This form belongs to another site.", 403)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def is_ours(headers: dict[str, str]) -> bool:
    """Whether the request comes from a page of this host.

    The scheme is not compared: a proxy may speak TLS for us, and HSTS keeps pages without it away.

    >>> is_ours({"host": "a.example", "origin": "https://a.example"})
    True
    >>> is_ours({"sec-fetch-site": "cross-site"})
    False
    >>> is_ours({"host": "", "origin": "null"})
    False
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    scheme, _, host = origin.partition("://")
    return scheme in ("http", "https") and bool(host) and host == headers.get("host")
