"""Logs to read, as C2SP tlog-tiles has them: checkpoint, tiles, bundles; besides the range call, attachments.

- A tile or a bundle never changes, so anybody may keep it for ever; every width that it once had is there,
  cut out of what has grown. A checkpoint is asked for again each time, by its `ETag`.
- The range call gives entries from any place on, as many as fit: for lines on which a bundle too many hurts.
"""

from __future__ import annotations

from hashlib import sha256

from starlette.responses import Response

from millpond.errors import InputError
from millpond.log.tiles import TILE_WIDTH, encode_bundle, parse_path
from millpond.network import attachments
from millpond.network.attachments import Found, RefusedByKeeper
from millpond.store import logs
from millpond.web.logs import ranges
from millpond.web.logs.finding import Shown, find, is_hash, no_log
from millpond.web.packing import packed
from millpond.web.plain import says
from millpond.web.visit import Visit

BYTES = "application/octet-stream"
FOREVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=5"
"""Of an answer that grows with the log."""
MOST_RANGE_BYTES = 2**20
"""Of one range call: minutes on the slowest line there is, and little in memory."""
MAX_DIGITS = 15


async def checkpoint(visit: Visit) -> Response:
    """The signed head of the log, with cosignatures."""
    shown = find(visit.node, visit.word("hash"))
    return no_log() if shown is None else note(visit, shown.note)


def note(visit: Visit, data: bytes) -> Response:
    """A signed note that changes now and then; 304 for who has it."""
    tag = f'"{sha256(data).hexdigest()[:32]}"'
    headers = {"cache-control": "no-cache", "etag": tag}
    if _has(visit.request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="text/plain", headers=headers)


async def tile(visit: Visit) -> Response:
    """A tile of hashes, or a bundle of entries."""
    shown = find(visit.node, visit.word("hash"))
    if shown is None:
        return no_log()
    try:
        wanted = parse_path(f"tile/{visit.word('tile')}")
    except InputError as error:
        return says(404, f"This {error.problem}.")
    data = logs.tile(shown.rows, shown.head, wanted)
    if data is None:
        return says(
            404, f"The log has {shown.head.size} entries, and no such tile: load its checkpoint again."
        )
    headers = {"cache-control": FOREVER}
    if wanted.level is not None:
        return Response(data, media_type=BYTES, headers=headers)
    return await packed(data, visit.request.headers.get("accept-encoding", ""), BYTES, headers)


async def entries(visit: Visit) -> Response:
    """The range call: entries from a place on, each with its length before it, as a bundle has them."""
    shown = find(visit.node, visit.word("hash"))
    if shown is None:
        return no_log()
    start, asked = visit.number("start"), visit.asked("most", str(MOST_RANGE_BYTES))
    if not (asked.isascii() and asked.isdigit() and len(asked) <= MAX_DIGITS):
        return says(400, f"most is a number of bytes; more than {MOST_RANGE_BYTES} are never sent at once.")
    if start > shown.head.size:
        return says(404, f"The log has {shown.head.size} entries: load its checkpoint again.")
    data = _range(shown, start, min(int(asked), MOST_RANGE_BYTES))
    accepts = visit.request.headers.get("accept-encoding", "")
    return await packed(data, accepts, BYTES, {"cache-control": SHORT})


def _range(shown: Shown, start: int, most: int) -> bytes:
    """Entries that together have at most so many bytes; one at least, if there is any."""
    found: list[bytes] = []
    taken = 0
    while start < shown.head.size:
        end = min(shown.head.size, start - start % TILE_WIDTH + TILE_WIDTH)
        for entry in logs.entries(shown.rows, shown.head.id, start, end):
            taken += 2 + len(entry)
            if found and taken > most:
                return encode_bundle(found)
            found.append(entry)
        start = end
    return encode_bundle(found)


async def attachment(visit: Visit) -> Response:
    """A picture or document that a statement of the log names, or one part of it."""
    shown, wanted = find(visit.node, visit.word("hash")), visit.word("sha256")
    if shown is None:
        return no_log()
    try:
        found = _attachment(shown, wanted) if is_hash(wanted) else None
    except RefusedByKeeper:
        return says(
            410, "The keeper of this node does not carry this attachment: another mirror may have it."
        )
    if found is None:
        return says(404, "No statement of this log names it, or it is not here: another mirror may have it.")
    return ranges.answer(visit.request, found.data, f'"{wanted}"', found.headers)


def _attachment(shown: Shown, wanted: str) -> Found | None:
    if shown.room is None:
        return attachments.kept(shown.rows, shown.head.id, wanted)
    row = shown.rows.one("publishing.attachment", sha256=wanted)
    return None if row is None else Found.of(wanted, row["type"], bytes(row["data"]))


def _has(asked: str, tag: str) -> bool:
    """Whether an `If-None-Match` names this tag.

    >>> _has('W/"a", "b"', '"b"'), _has("*", '"b"'), _has('"a"', '"b"')
    (True, True, False)
    """
    return asked.strip() == "*" or tag in (one.strip().removeprefix("W/") for one in asked.split(","))
