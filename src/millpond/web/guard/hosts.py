"""By which name a node is asked: one that has a public address answers under that name alone.

Links, QR codes and passkeys are made for the public address. Whoever points another name at the node, or has
a browser say one (DNS rebinding), gets no page to work with. Without a public address any name will do, and
links are made for the name that was asked for; what is no name at all is refused always.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_HOST = re.compile(r"(?:[a-z0-9_.-]{1,255}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?")
OPEN = ("/health",)
"""Asked by whoever watches the node, under any name."""


class Hosts:
    """Refuses what was asked under another name with 421."""

    def __init__(self, app: ASGIApp, public_url: str) -> None:
        self.app = app
        self.public_url = public_url
        self.ours = _plain(*urlsplit(public_url)[:2]) if public_url else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN:
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            if not _HOST.fullmatch(host.lower()):
                await PlainTextResponse("That is no name of a host.", 400)(scope, receive, send)
                return
            if self.ours and _plain(urlsplit(self.public_url).scheme, host) != self.ours:
                words = f"This node answers at {self.public_url}/ alone."
                await PlainTextResponse(words, 421)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _plain(scheme: str, host: str) -> str:
    """The name as names are compared: small letters, the scheme's own port left out.

    >>> _plain("https", "Pond.example:443")
    'pond.example'
    """
    return host.lower().removesuffix(":443" if scheme == "https" else ":80")
