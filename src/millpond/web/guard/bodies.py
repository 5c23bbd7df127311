"""How much may be sent, and how slowly: what is more is cut off before it is held in memory."""

from __future__ import annotations

import asyncio

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BYTES = 512 * 1024
"""Of a form: a pasted list of 1,000 lines has a tenth of it."""
MAX_FILE_BYTES = 12 * 1024 * 1024
"""Where a file may be sent: a phone's picture has 3 to 8 MB."""
MAX_ROOM_BYTES = 2 * 1024 * 1024 * 1024
"""Of a room that moves in."""
SECONDS = 60
"""Between two parts of a body."""
FILE_PATHS = ("/picture", "/import", "/claim", "/restore", "/items")
"""Endings of addresses that take a file."""


class TooLarge(Exception):
    """More than may be sent."""


class Bodies:
    """Refuses a body that is too long with 413, and one that does not come with 408."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        most = limit(scope["path"])
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or int(length) > most:
            await PlainTextResponse("That is too large.", 413)(scope, receive, send)
            return
        seen, started = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await asyncio.wait_for(receive(), SECONDS)
            seen += len(message.get("body", b""))
            if seen > most:
                raise TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, counted, watched)
        except (TooLarge, TimeoutError) as error:
            if started:
                raise
            status = 413 if isinstance(error, TooLarge) else 408
            words = "That is too large." if status == 413 else "That came too slowly."
            await PlainTextResponse(words, status, {"connection": "close"})(scope, receive, send)


def limit(path: str) -> int:
    """The most bytes that this address takes."""
    if path == "/setup/restore":
        return MAX_ROOM_BYTES
    return MAX_FILE_BYTES if path.endswith(FILE_PATHS) else MAX_BYTES
