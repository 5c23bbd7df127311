"""Calling other nodes over HTTP: one client, limits on everything, and what went wrong in plain words.

- An answer is read up to a number of bytes that the caller names; what is longer is refused while it arrives.
- Every wait has an end. No address is followed to another one: whom we call is whom the owner named.
- Compression is not asked for, so that no small answer grows large here.

Raises `Unreachable` for whom no answer came from, its kind `Cut` if the call had begun, `PeerError` for an
answer that nobody who speaks the protocol gives, `InputError` for what is no address.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2

from millpond import __version__
from millpond.errors import InputError, PeerError, Unreachable

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
"""For an answer to begin, and between two pieces of it."""
MOST_CONNECTIONS = 64
"""A source takes up to eight; so many that those who never answer leave some for others."""
MOST_IDLE = 16
IDLE_SECONDS = 10.0
"""That a connection is kept for the next call: less than nodes keep theirs."""
MOST_SAID = 200
"""Characters of a refusal that are shown."""
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that say nothing about what was asked: later it may be another one."""


class Cut(Unreachable):
    """The call had begun when the connection broke, or no answer came in time: they may have part of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What they said: an HTTP status, headers (names in lower case), the body."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes

    @property
    def said(self) -> str:
        """The first line of a refusal, for a person; "" if it is none that can be shown."""
        line = self.body[: 4 * MOST_SAID].decode("utf-8", errors="replace").strip().partition("\n")[0]
        shown = "".join(letter for letter in line if letter.isprintable())[:MOST_SAID]
        return "" if shown.startswith(("<", "{")) else shown.rstrip(".")


def make_client() -> httpx2.AsyncClient:
    """For all calls of one loop; close it with `aclose`."""
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # it would note every address that is called
    return httpx2.AsyncClient(
        headers={"user-agent": f"millpond/{__version__}", "accept-encoding": "identity"},
        timeout=_patience(ANSWER_SECONDS),
        follow_redirects=False,
        limits=httpx2.Limits(
            max_connections=MOST_CONNECTIONS,
            max_keepalive_connections=MOST_IDLE,
            keepalive_expiry=IDLE_SECONDS,
        ),
    )


async def call(
    client: httpx2.AsyncClient,
    method: str,
    url: str,
    *,
    most: int,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = ANSWER_SECONDS,
) -> Answer:
    """One request and its answer, of at most `most` bytes. `seconds` is how long it may be silent."""
    try:
        async with client.stream(
            method, url, content=body or None, headers=headers, timeout=_patience(seconds)
        ) as response:
            data = bytearray()
            async for piece in response.aiter_raw():
                data += piece
                if len(data) > most:
                    raise PeerError(f"answers with more than the {most:,} bytes that are read", name=url)
            return _checked(Answer(response.status_code, dict(response.headers), bytes(data)), url)
    except (httpx2.InvalidURL, httpx2.TransportError) as error:
        raise in_words(error, url, seconds) from None


def refusal(answer: Answer, name: str) -> PeerError | Unreachable:
    """An error for an answer that nothing else is made of."""
    said = f": “{answer.said}”" if answer.said else ""
    if answer.status in BUSY:
        return Unreachable(
            f"is busy or out of order (HTTP {answer.status}){said}. It is tried again", name=name
        )
    return PeerError(f"answers HTTP {answer.status}{said}", name=name)


def in_words(
    error: httpx2.InvalidURL | httpx2.TransportError, name: str, seconds: float = ANSWER_SECONDS
) -> InputError | Unreachable:
    """What the client raised, for a person; `seconds` is how long it was silent at most."""
    if isinstance(error, httpx2.InvalidURL | httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
        return InputError(f"is no address that can be called: {error}", name=name)
    if isinstance(error, httpx2.ConnectTimeout):
        return Unreachable(f"does not answer: no connection within {CONNECT_SECONDS:.0f} s", name=name)
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError):
        if _has_cause(error, ssl.SSLError):
            problem = (
                "its certificate does not hold: its keeper has to see to it, or this machine's clock is wrong"
            )
            return Unreachable(problem, name=name)
        return Unreachable("cannot be reached: it is off, or one of you is offline", name=name)
    if isinstance(error, httpx2.TimeoutException):
        return Cut(f"fell silent for {seconds:.0f} s", name=name)
    return Cut("the connection broke off", name=name)


def _patience(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(seconds, connect=CONNECT_SECONDS, pool=None)


def _checked(answer: Answer, url: str) -> Answer:
    if 300 <= answer.status < 400 and answer.status != 304:
        where = answer.headers.get("location", "")[:MOST_SAID]
        raise PeerError(
            f"sends on to {where or 'another address'}: if that is right, note that one", name=url
        )
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise PeerError("answers in a compression that was not asked for", name=url)
    return answer


def _has_cause(error: BaseException | None, kind: type[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, kind):
            return True
        error = error.__cause__ or error.__context__
    return False
