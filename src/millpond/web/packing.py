"""Which answers are compressed: pages by the middleware, what programs fetch by those who know it.

- Hash tiles do not get smaller; a checkpoint has a strong `ETag`, which is about its bytes as they stand.
- A bundle of entries is one gzip member with its length said before it: readers of logs ask for that.
"""

from __future__ import annotations

import asyncio
import zlib

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from millpond.web.plain import is_for_programs

MIN_BYTES = 600
"""Of what is compressed: less would save no packet."""
LEVEL = 1
"""Of bundles, much of which is signatures and does not get smaller: level 6 takes four times the time for a
tenth less."""
_IN_THREAD_BYTES = 65_536
"""From here on compressing would hold up others for more than a millisecond."""
_GZIP = 31


class Packing(GZipMiddleware):
    """Compresses pages; leaves answers to programs as they are."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and is_for_programs(scope["path"]):
            await self.app(scope, receive, send)
            return
        await super().__call__(scope, receive, send)


def takes_gzip(accepts: str) -> bool:
    """Whether an `Accept-Encoding` asks for gzip.

    >>> takes_gzip("gzip, identity"), takes_gzip("gzip;q=0, identity"), takes_gzip("")
    (True, False, False)
    """
    for part in accepts.lower().split(","):
        name, _, parameters = part.partition(";")
        if name.strip() in ("gzip", "x-gzip"):
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


async def packed(data: bytes, accepts: str, media_type: str, headers: dict[str, str]) -> Response:
    """The answer with these bytes, compressed for who takes that."""
    headers = headers | {"vary": "Accept-Encoding"}
    if len(data) >= MIN_BYTES and takes_gzip(accepts):
        headers["content-encoding"] = "gzip"
        data = _pack(data) if len(data) < _IN_THREAD_BYTES else await asyncio.to_thread(_pack, data)
    return Response(data, media_type=media_type, headers=headers)


def _pack(data: bytes) -> bytes:
    """As one gzip member."""
    pack = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP)
    return pack.compress(data) + pack.flush()
