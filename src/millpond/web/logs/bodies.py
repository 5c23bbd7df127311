"""What programs send: small bodies whole, large ones as they come, unpacked a piece at a time.

A gzip body is unpacked into pieces of `PIECE` bytes at most, each used before the next one is made: however
much is packed into how little, that is what it takes.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response

from millpond.errors import InputError
from millpond.web.plain import says

PIECE = 65_536
GZIP = "gzip"
_GZIP_WINDOW = 31


def unreadable(
    request: Request, *, types: tuple[str, ...] = (), packings: tuple[str, ...] = ()
) -> Response | None:
    """The answer to a body of another type, or packed in another way; None to one that can be read."""
    packing = request.headers.get("content-encoding", "").strip().lower()
    if packing not in ("", "identity", *packings):
        known = " or ".join(("identity", *packings))
        headers = {"accept-encoding": ", ".join((*packings, "identity"))}
        return says(415, f"Content-Encoding can be {known} here.", headers)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if types and media_type not in ("", *types):
        return says(415, f"Content-Type is to be {' or '.join(types)} here.")
    return None


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes, unpacked; raises `InputError` where it cannot be."""
    if request.headers.get("content-encoding", "").strip().lower() != GZIP:
        async for piece in request.stream():
            yield piece
        return
    unpack = zlib.decompressobj(_GZIP_WINDOW)
    async for packed in request.stream():
        rest = packed
        while rest:
            if unpack.eof:
                raise InputError("goes on behind the end of what was packed")
            try:
                piece = unpack.decompress(rest, PIECE)
            except zlib.error:
                raise InputError("is not packed by gzip, or was changed on the way") from None
            rest = unpack.unconsumed_tail or unpack.unused_data
            if piece:
                yield piece
