"""How much may be sent, and how slowly: what is more is cut off before it is held in memory.

What is announced decides at once, what comes is counted whatever was announced (a body in chunks announces
nothing). A body may pause, yet on the whole it keeps a pace: who sends a byte a minute holds a connection for
`SECONDS`, not for a day.
"""

from __future__ import annotations

import asyncio
from time import monotonic

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from millpond.log.mirror import MAX_PACKAGE_BYTES, MAX_PACKAGES, MAX_SHORT
from millpond.log.statement import MAX_ENTRY_BYTES
from millpond.log.witness import MAX_REQUEST_BYTES
from millpond.network.attachments import MAX_ATTACHMENT_BYTES
from millpond.web.plain import is_for_programs

MAX_BYTES = 512 * 1024
"""Of a form: a pasted list of 1,000 lines has a tenth of it."""
MAX_FILE_BYTES = 12 * 1024 * 1024
"""Where a file may be sent: a phone's picture has 3 to 8 MB."""
MAX_ROOM_BYTES = 2 * 1024 * 1024 * 1024
"""Of a room that moves in."""
MAX_PUSH_BYTES = MAX_PACKAGES * MAX_PACKAGE_BYTES + 2 * (2 + MAX_SHORT) + 16
"""Of entries pushed to a mirror: 32 packages, read one after the other and never all held in memory."""
MAX_DIGITS = 15
SECONDS = 60
"""For a body to come, beside the time that its bytes take at `BYTES_PER_SECOND`."""
BYTES_PER_SECOND = 4_000
"""A line of 32 kbit/s: less is no phone that somebody waits with."""
FILE_PATHS = ("/picture", "/import", "/claim", "/restore", "/items")
"""Endings of addresses that take a file."""


class TooLarge(Exception):
    """More than may be sent."""


class Bodies:
    """Refuses a body that is too long with 413, and one that does not come with 408."""

    def __init__(self, app: ASGIApp, seconds: float = SECONDS) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        most = limit(scope["path"])
        length = dict(scope["headers"]).get(b"content-length", b"0")
        if not length.isdigit() or len(length) > MAX_DIGITS or int(length) > most:
            await _refuse(413, "That is too large.")(scope, receive, send)
            return
        seen, whole, started, since = 0, False, False, monotonic()

        async def counted() -> Message:
            nonlocal seen, whole
            if whole:  # what comes now is that the other side has gone, whenever that is
                return await receive()
            left = since + self.seconds + seen / BYTES_PER_SECOND - monotonic()
            message = await asyncio.wait_for(receive(), max(0.0, left))
            seen += len(message.get("body", b""))
            whole = not message.get("more_body", False)
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
            large = isinstance(error, TooLarge)
            answer = _refuse(413, "That is too large.") if large else _refuse(408, "That came too slowly.")
            await answer(scope, receive, send)


def _refuse(status: int, words: str) -> PlainTextResponse:
    return PlainTextResponse(words, status, {"connection": "close"})


def limit(path: str) -> int:
    """The most bytes that this address takes."""
    if path == "/setup/restore":
        return MAX_ROOM_BYTES
    if is_for_programs(path):
        return _limit_for_programs(path)
    return MAX_FILE_BYTES if path.endswith(FILE_PATHS) else MAX_BYTES


def _limit_for_programs(path: str) -> int:
    if path == "/mirror/add-entries":
        return MAX_PUSH_BYTES
    if path.startswith("/mirror/attachments/"):
        return MAX_ATTACHMENT_BYTES
    return MAX_ENTRY_BYTES if path.endswith("/append") else MAX_REQUEST_BYTES
