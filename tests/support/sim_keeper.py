"""A keeper in the simulated network: the real mirror and witness, and a line to them that fails.

What stands between is httpx2's own ASGI transport and a few lines of routing; a crash of the keeper is to its
callers a connection that ends.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import httpx2
from sim_disk import Crash, SimDatabase
from sim_sources import Weather

from millpond.errors import InputError, Unreachable
from millpond.log import witness
from millpond.network import keeping, mirroring, witnessing
from millpond.network.keeping import Answer, Keeper
from millpond.store import logs

ADDRESS = "http://keeper"


@dataclass
class Desk:
    """Who answers: the keeper's keys, its file in the present life, its clock."""

    keeper: Keeper
    db: Callable[[], SimDatabase]
    clock: Callable[[], int]
    restart: Callable[[], None]


class KeeperTransport(httpx2.AsyncBaseTransport):
    """The way to a keeper: requests and answers get lost, bodies break off, the keeper dies meanwhile."""

    def __init__(self, desk: Desk, weather: Weather) -> None:
        self._desk = desk
        self._weather = weather
        self._inner = httpx2.ASGITransport(self._answer)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            await self._weather.way(ADDRESS)
        except Unreachable:
            raise httpx2.ConnectError("lost") from None
        if self._weather.is_cut():
            assert isinstance(request.stream, httpx2.AsyncByteStream)
            request.stream = _Cut(request.stream, self._weather.rng)
        try:
            response = await self._inner.handle_async_request(request)
        except Crash:
            self._desk.restart()
            raise httpx2.ReadError("the keeper died") from None
        if self._weather.is_cut():
            raise httpx2.ReadError("the answer was lost")
        return response

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        body = _body(receive)
        packed = dict(scope["headers"]).get(b"content-encoding") == b"gzip"
        answer = await self._route(scope["method"], scope["path"], _unpacked(body) if packed else body)
        headers = [(b"content-type", answer.media_type.encode())]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _route(self, method: str, path: str, body: AsyncIterator[bytes]) -> Answer:
        desk, db, parts = self._desk, self._desk.db(), path.strip("/").split("/")
        if method == "GET" and parts[-1] == "checkpoint":
            head = logs.head_by_hash(db.read, parts[1])
            note = {
                "mirror": mirroring.shown_pending(db.read, parts[1]),
                "witness": witnessing.shown(db.read, parts[1]),
                "logs": None if head is None else head.checkpoint,
            }[parts[0]]
            return keeping.says(404, "No such log.") if note is None else Answer(200, note)
        if parts == ["mirror", "add-entries"]:
            return await mirroring.add_entries(
                db, desk.keeper, body, clock=desk.clock, is_own=lambda origin: False
            )
        data = b"".join([piece async for piece in body])
        request = witness.parse_add_checkpoint(data)
        if parts[0] == "mirror":
            return await db.awrite(lambda rows: mirroring.add_checkpoint(rows, request, now_ms=desk.clock()))
        return await db.awrite(
            lambda rows: witnessing.add_checkpoint(rows, request, desk.keeper, now_ms=desk.clock())
        )


async def _body(receive: Any) -> AsyncGenerator[bytes, None]:
    while True:
        message = await receive()
        yield message["body"]
        if not message["more_body"]:
            return


async def _unpacked(body: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    unpack = zlib.decompressobj(31)
    async for piece in body:
        try:
            yield unpack.decompress(piece)
        except zlib.error:
            raise InputError("is not gzip") from None


class _Cut(httpx2.AsyncByteStream):
    """A body of which only the beginning arrives."""

    def __init__(self, stream: httpx2.AsyncByteStream, rng: Random) -> None:
        self._stream = stream
        self._rng = rng

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        whole = b"".join([piece async for piece in self._stream])
        cut = self._rng.randrange(len(whole) + 1)
        for at in range(0, cut, 4_096):
            yield whole[at : min(cut, at + 4_096)]
            await asyncio.sleep(0)
        raise httpx2.WriteError("the line broke")
