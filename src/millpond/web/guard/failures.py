"""What a page does when it fails: it says so, and nothing that somebody typed gets into the log.

An error's message may hold a name or a phone, and the address may be somebody's secret link. So the log gets
the kind of the error and the lines of the program it came through, and nothing else; neither the error nor
the address goes on to the web server, which would write them down. OWASP ASVS 5.0 V16.2.5, V16.5.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("millpond.web")
MOST_LINES = 12
"""Of the program, the innermost ones."""


class Broken(Exception):
    """An answer that had begun could not be finished; says nothing of why."""


class Failures:
    """Answers what failed by `answer`; an answer that had begun is broken off."""

    def __init__(self, app: ASGIApp, answer: Callable[[Request], Response]) -> None:
        self.app = app
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientDisconnect:
            return  # whoever asked has gone
        except Exception as error:
            log.error("a page failed: %s", whereabouts(error))
            if started:
                raise Broken from None
            await self.answer(Request(scope, receive))(scope, receive, send)


def whereabouts(error: BaseException) -> str:
    """The kind of the error and the lines it came through, without its message.

    >>> whereabouts(ValueError("13800001234"))
    'ValueError'
    """
    lines = []
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        lines.append(f"{Path(code.co_filename).name}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return " at ".join([type(error).__name__, *lines[: -MOST_LINES - 1 : -1]])
