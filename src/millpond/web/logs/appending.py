"""A signed entry for a log of this node: its signature is what allows it.

Whoever has a log's key may write it from anywhere, and whoever has not may not, signed in or not. The answer
is the receipt (C2SP tlog-proof), sent after the entry and its checkpoint are durable. The same entry again
has the place it had.

Entries of one log that come at the same time are appended together, under one checkpoint: as many as came
while the ones before were being written. Each was checked by itself before, so none spoils the others.
"""

from __future__ import annotations

from starlette.responses import Response

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.log import statement
from millpond.log.keys import is_signed, public_of
from millpond.node import own_log
from millpond.node.own_log import OwnKey
from millpond.web.logs.bodies import unreadable
from millpond.web.logs.finding import is_hash, no_log
from millpond.web.plain import says
from millpond.web.visit import Visit

PROOF = "text/plain"


async def append(visit: Visit) -> Response:
    """The receipt of an entry."""
    refused = unreadable(visit.request)
    if refused is not None:
        return refused
    entry, hash = await visit.request.body(), visit.word("hash")
    room = own_log.find(visit.node, hash) if is_hash(hash) else None
    if room is None:
        return no_log()
    key = next((one for one in own_log.keys(room.db.read) if one.hash == hash), None)
    if key is None:
        return no_log()
    refused = _refused(entry, key)
    if refused is not None:
        return refused
    try:
        opened = own_log.open_key(visit.node, room)
        receipts = await room.db.awrite(lambda rows: own_log.append_in(rows, opened, [entry]))
    except Refused as error:
        return says(409, str(error))
    except InputError as error:
        return says(400, f"The entry cannot be appended: {error}.")
    return Response(receipts[0].text, media_type=PROOF)


def _refused(entry: bytes, key: OwnKey) -> Response | None:
    """The answer to what is no statement (400), or not one of the log's author (403)."""
    try:
        payload, signature = statement.split(entry)
        said = statement.read_payload(payload)
    except InputError as error:
        return says(400, f"This is no entry of a log: {error}.")
    if said.author != key.did or not is_signed(public_of(key.did), statement.pae(payload), signature):
        return says(403, "The entry is not signed by the key of this log.")
    return None
