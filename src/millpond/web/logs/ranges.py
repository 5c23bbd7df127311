"""A part of an answer, for who lost the line in the middle of it: one range of bytes, as RFC 9110 has it.

Several ranges in one request, other units and what cannot be read are passed over, as the RFC allows: then
the whole is the answer. A range is only of bytes that never change, so nothing but their tag is compared.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from millpond.web.plain import says

_ONE = re.compile(r"bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*", re.ASCII | re.IGNORECASE)


def answer(request: Request, data: bytes, tag: str, headers: Mapping[str, str]) -> Response:
    """The bytes, or the part of them that was asked for: 200, 206 or 416. `tag` is a strong etag of them."""
    headers = {**headers, "accept-ranges": "bytes", "etag": tag}
    asked = request.headers.get("range", "")
    if request.method != "GET" or request.headers.get("if-range", tag) != tag:
        asked = ""
    part = part_of(asked, len(data))
    if part is None:
        return Response(data, headers=headers)
    if not part:
        return says(
            416,
            f"It has {len(data)} bytes, and none of those that were asked for.",
            {"content-range": f"bytes */{len(data)}", "accept-ranges": "bytes"},
        )
    headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{len(data)}"
    return Response(data[part.start : part.stop], 206, headers=headers)


def part_of(asked: str, size: int) -> range | None:
    """The bytes that a `Range` means of so many; an empty one if there are none, None if all are sent.

    >>> part_of("bytes=2-", 10), part_of("bytes=2-3", 10), part_of("bytes=-3", 10), part_of("bytes=4-99", 10)
    (range(2, 10), range(2, 4), range(7, 10), range(4, 10))
    >>> part_of("bytes=10-", 10), part_of("bytes=-0", 10)
    (range(0, 0), range(0, 0))
    >>> part_of("", 10), part_of("bytes=1-2,4-5", 10), part_of("bytes=3-2", 10), part_of("bytes=-", 10)
    (None, None, None, None)
    """
    found = _ONE.fullmatch(asked)
    if found is None or found[0].strip(" \t").endswith("=-"):
        return None
    first, last = found.groups()
    if not first:
        return range(max(0, size - int(last)), size) if int(last) and size else range(0)
    if last and int(last) < int(first):
        return None
    start, end = int(first), min(size, int(last) + 1) if last else size
    return range(start, end) if start < size else range(0)
