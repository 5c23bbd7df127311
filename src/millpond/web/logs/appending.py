"""A signed entry for a log of this node: its signature is what allows it.

Whoever has a log's key may write it from anywhere, and whoever has not may not, signed in or not. The answer
is the receipt (C2SP tlog-proof), sent after the entry and its checkpoint are durable. The same entry again
has the place it had.

What has another form or signature, or ends a log, is answered before it waits for anything: strangers cost
those who write no time. Entries of one log that come at the same time are appended together, under one
checkpoint: as many as came while the ones before were being written. If one of them cannot be (the log is
full but for a short one), each is tried by itself, so that none stands in the way of another.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from starlette.responses import Response

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.log import statement
from millpond.log.keys import Key, is_signed, public_of
from millpond.node import own_log
from millpond.node.node import Node, OpenRoom
from millpond.node.own_log import Receipt
from millpond.store import disk
from millpond.web.logs.bodies import unreadable
from millpond.web.logs.finding import is_hash, no_log
from millpond.web.plain import says
from millpond.web.visit import Visit

MOST_TOGETHER = 64
"""Under one checkpoint: some 20 ms of work in the transaction, while others of the room wait to write."""


async def append(visit: Visit) -> Response:
    """The receipt of an entry."""
    refused = unreadable(visit.request)
    if refused is not None:
        return refused
    entry, hash = await visit.request.body(), visit.word("hash")
    room = own_log.find(visit.node, hash) if is_hash(hash) else None
    if room is None:
        return no_log()
    wrong = _wrong(entry, room, hash)  # a tenth of a millisecond: a thread for it takes longer
    if wrong is not None:
        return wrong
    try:
        receipt = await _appending(visit).append(visit.node, room, hash, entry)
    except Refused as error:
        return says(409, str(error))
    except InputError as error:
        return says(400, _CANNOT.format(error=error))
    return Response(receipt.text, media_type="text/plain")


_CANNOT = "The entry cannot be appended: {error}."


def _wrong(entry: bytes, room: OpenRoom, hash: str) -> Response | None:
    """The answer to what need not wait: 400 if it is no statement, 403 if it is not of the log's author.

    What is said of the log (409) and of the disk is told to its author alone.
    """
    try:
        payload, signature = statement.split(entry)
        said = statement.read_payload(payload)
    except InputError as problem:
        return says(400, f"This is no entry of a log: {problem}.")
    author = next((one.did for one in own_log.keys(room.db.read) if one.hash == hash), "")
    if said.author != author or not is_signed(public_of(author), statement.pae(payload), signature):
        return says(403, "The entry is not signed by the key of this log.")
    try:
        own_log.check_kind(said.kind)
    except InputError as error:
        return says(400, _CANNOT.format(error=error))
    if disk.is_low(room.db.path):
        return says(403, f"Nothing is taken at this time: {disk.LOW}.")
    return None


@dataclass(slots=True)
class _Line:
    """Entries that wait for their turn, and whether somebody is writing.

    `key` is the log's, once it was opened. Whether it may still sign is asked in each transaction.
    """

    key: Key | None = None
    waiting: list[tuple[bytes, asyncio.Future[Receipt]]] = field(default_factory=list)
    writer: asyncio.Task[None] | None = None


class Appending:
    """Who waits to append, room by room. It belongs to the event loop."""

    def __init__(self) -> None:
        self._lines: WeakKeyDictionary[OpenRoom, dict[str, _Line]] = WeakKeyDictionary()

    async def append(self, node: Node, room: OpenRoom, hash: str, entry: bytes) -> Receipt:
        """The receipt, when it is durable; raises `InputError`."""
        line = self._lines.setdefault(room, {}).setdefault(hash, _Line())
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        line.waiting.append((entry, future))
        if line.writer is None:
            line.writer = asyncio.ensure_future(_write(node, room, hash, line))
        return await future


async def _write(node: Node, room: OpenRoom, hash: str, line: _Line) -> None:
    """Appends what waits, until nothing does."""
    try:
        while line.waiting:
            turn = line.waiting[:MOST_TOGETHER]
            del line.waiting[:MOST_TOGETHER]
            try:
                receipts = await _append(node, room, hash, line, [entry for entry, _ in turn])
            except InputError:
                alone = (_alone(node, room, hash, line, entry, future) for entry, future in turn)
                await asyncio.gather(*alone)
                continue
            except BaseException as error:
                for _, future in turn:
                    _give(future, error)
                continue
            for (_, future), receipt in zip(turn, receipts, strict=True):
                _give(future, receipt)
    finally:
        line.writer = None


async def _alone(
    node: Node, room: OpenRoom, hash: str, line: _Line, entry: bytes, future: asyncio.Future[Receipt]
) -> None:
    try:
        _give(future, (await _append(node, room, hash, line, [entry]))[0])
    except BaseException as error:
        _give(future, error)


async def _append(
    node: Node, room: OpenRoom, hash: str, line: _Line, entries: list[bytes]
) -> tuple[Receipt, ...]:
    if line.key is None:
        known = own_log.current(room.db.read)
        if known is None or known.hash != hash:  # the log ended: the room goes on under another key
            raise Refused("log.succeeded")
        line.key = own_log.open_key(node, room)
    key = line.key
    return await room.db.awrite(lambda rows: own_log.append_in(rows, key, entries))


def _give(future: asyncio.Future[Receipt], result: Receipt | BaseException) -> None:
    if future.done():
        return
    if isinstance(result, BaseException):
        future.set_exception(result)
    else:
        future.set_result(result)


def _appending(visit: Visit) -> Appending:
    appending = visit.request.app.state.appending
    assert isinstance(appending, Appending)
    return appending
