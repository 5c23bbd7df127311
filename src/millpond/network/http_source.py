"""A log over HTTP: a node, a mirror, or any web server with static files under a prefix.

Entries come in one of two ways, and `HttpSource` changes between them as it sees how fast the line is:

- *bundles* (`tile/entries/N`), several at once over connections that are kept: what every static host has,
  and caches keep. For long ways over lines that are fast.
- *the range call* (`entries/FROM?most=BYTES`), one answer after the other, from exactly the entry that is
  missing: for a few entries, and for slow lines, where an answer that breaks off must not be sent again.

Either costs two bytes an entry over the entry itself. Invariants:

- Whatever is received is bounded while it arrives, compressed or not: sizes, and the time of one answer by
  `SLOWEST_BYTES_PER_S`.
- No redirect is followed: whom we ask is whom the owner noted.
- Entries that are complete when an answer breaks off are given before the error is raised.
- An attachment that broke off goes on where it ended, at every server that knows ranges.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

import httpx2

from millpond.errors import InputError, PeerError, Unreachable
from millpond.log.merkle import HASH_BYTES
from millpond.log.note import MAX_NOTE_BYTES
from millpond.log.tiles import TILE_WIDTH, Tile, decode_bundle, width_at
from millpond.network.answers import (
    MAX_BUNDLE_BYTES,
    MAX_PREFIXED,
    Shown,
    attachment_of,
    beginning,
    bundle_of,
    lacks,
    lacks_log,
    tile_of,
)
from millpond.network.calling import CONNECT_SECONDS, in_words

SILENT_SECONDS = 30.0
"""Without a byte: longer than three lost packets in a row on a bad mobile line."""
SLOWEST_BYTES_PER_S = 128
PATIENCE_SECONDS = 60.0
"""After this an answer that comes more slowly than the above is given up: somebody wastes our time."""
MANY_AT_ONCE = 8
"""Bundles under way at a time."""
AT_ONCE_BYTES = 16 * 2**20
"""What they may take in memory, judged by the largest so far."""
RANGE_BYTES = 2**20
"""Asked for in one range call."""
FEW = TILE_WIDTH
"""Entries for which no bundle is worth asking for: most of a partial one is here already."""
SLOW_BYTES_PER_S = 128 * 1024
"""Below this a line is slow: no more than one answer is under way, and it begins where the last one ended."""
FAST_BYTES_PER_S = 4 * 2**20
"""Above this compressing costs more time than it saves."""
TELLING_BYTES = 4_096
"""Of an answer, from which on its time says something about the line."""
_PIECE = 256 * 1024
_ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]{0,200}"')
_PREFIX = re.compile(r"https?://[^/?#@\s]+(/[^?#\s]*)?")


class _Missing(Exception):
    """The answer is 404 or 410."""


class HttpSource:
    """The log at a prefix, such as `https://pond.example/logs/HASH`; its address is the prefix.

    The client is the caller's, who closes it; what it is set to about redirects and waiting is not used.
    """

    def __init__(self, client: httpx2.AsyncClient, prefix: str) -> None:
        self._client = client
        self._prefix = prefix.rstrip("/")
        if not _PREFIX.fullmatch(self._prefix):
            raise InputError("is no address of a log: https://HOST/PATH, with no ? or # in it", name=prefix)
        self._bytes_per_s: float | None = None
        self._under_way = 0
        self._has_ranges: bool | None = None

    @property
    def address(self) -> str:
        return self._prefix

    async def checkpoint(self, etag: str = "") -> Shown | None:
        headers = {"If-None-Match": etag} if etag else {}
        data = bytearray()
        found: list[str] = []
        try:
            async with aclosing(self._stream("checkpoint", MAX_NOTE_BYTES, headers, found)) as pieces:
                async for piece in pieces:
                    data += piece
        except _Missing:
            raise lacks_log(self._prefix) from None
        return Shown(bytes(data), found[0]) if found else None

    async def entries(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        position = start
        while position < size:
            if self._takes_ranges(position, size):
                way = self._range(position, size)
            else:
                way = self._bundles(position, size)
            async with aclosing(way) as pieces:
                async for some in pieces:
                    position += len(some)
                    yield some

    async def tile(self, tile: Tile) -> bytes:
        return tile_of(await self._tile(tile, TILE_WIDTH * HASH_BYTES), tile, self._prefix)

    async def attachment(self, sha256: str, most_bytes: int) -> bytes:
        try:
            data = await self._whole(f"attachments/{sha256}", most_bytes)
        except _Missing:
            raise Unreachable(f"does not have the attachment {sha256[:16]}…", name=self._prefix) from None
        return attachment_of(data, sha256, self._prefix)

    async def attachment_from(self, sha256: str, start: int, most_bytes: int) -> AsyncGenerator[bytes, None]:
        way = self._stream(f"attachments/{sha256}", most_bytes, {}, [], start)
        try:
            async with aclosing(way) as pieces:
                async for piece in pieces:
                    yield piece
        except _Missing:
            raise Unreachable(f"does not have the attachment {sha256[:16]}…", name=self._prefix) from None

    # ---- entries

    @property
    def _is_slow(self) -> bool:
        return self._bytes_per_s is not None and self._bytes_per_s < SLOW_BYTES_PER_S

    def _takes_ranges(self, position: int, size: int) -> bool:
        is_apt = position % TILE_WIDTH or size - position < FEW or self._is_slow
        return bool(is_apt) and self._has_ranges is not False

    async def _range(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        """Entries of one range call, as they arrive."""
        path, rest, given = f"entries/{start}?most={RANGE_BYTES}", b"", 0
        try:
            async with aclosing(self._stream(path, RANGE_BYTES + MAX_PREFIXED, {}, [])) as pieces:
                async for piece in pieces:
                    self._has_ranges = True
                    entries, used = decode_bundle(rest + piece)
                    rest = (rest + piece)[used:]
                    if some := entries[: size - start - given]:
                        given += len(some)
                        yield some
        except _Missing:
            if self._has_ranges:
                raise lacks(path, self._prefix) from None
            self._has_ranges = False
            return
        if rest and start + given < size:
            raise PeerError("an answer ends in the middle of an entry", name=self._prefix)
        if not given:  # perhaps a cache on the way has an answer from before the log grew
            raise Unreachable(f"gives no entry from {start:,} on, or not yet", name=self._prefix)

    async def _bundles(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        """Entries of bundles, more of them at once while the line is fast; ends early when it is not."""
        number, end = start // TILE_WIDTH, -(-size // TILE_WIDTH)
        waiting: deque[asyncio.Task[tuple[list[bytes], Exception | None]]] = deque()
        skip, many, largest = start % TILE_WIDTH, 1, 1
        try:
            while waiting or number < end:
                while number < end and len(waiting) < many:
                    tile = Tile(None, number, width_at(None, number, size))
                    waiting.append(asyncio.create_task(self._bundle(tile)))
                    number += 1
                entries, problem = await waiting.popleft()
                if some := entries[skip:]:
                    yield some
                if problem is not None:
                    raise problem
                skip = 0
                largest = max(largest, sum(map(len, entries)))
                many = max(1, min(2 * many, MANY_AT_ONCE, AT_ONCE_BYTES // largest))
                if self._is_slow:
                    many = 1
                    end = number if self._has_ranges is not False else end
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _bundle(self, tile: Tile) -> tuple[list[bytes], Exception | None]:
        """The entries of a bundle that arrived whole, and why the others did not."""
        data = bytearray()
        try:
            async with aclosing(self._stream(tile.path, MAX_BUNDLE_BYTES, {}, [])) as pieces:
                async for piece in pieces:
                    data += piece
        except _Missing:
            try:
                return bundle_of(await self._tile(tile, MAX_BUNDLE_BYTES), tile.width, self._prefix)
            except (PeerError, Unreachable) as error:
                return [], error
        except Unreachable as error:
            return decode_bundle(bytes(data), tile.width)[0], error
        except PeerError as error:
            return [], error
        return bundle_of(bytes(data), tile.width, self._prefix)

    # ---- one answer

    async def _tile(self, tile: Tile, most: int) -> bytes:
        """A tile or bundle; cut out of the full one, if the partial one was cleared away since."""
        try:
            return await self._whole(tile.path, most)
        except _Missing:
            if tile.width == TILE_WIDTH:
                raise lacks(tile.path, self._prefix) from None
        try:
            return beginning(await self._whole(Tile(tile.level, tile.number).path, most), tile)
        except _Missing:
            raise lacks(tile.path, self._prefix) from None

    async def _whole(self, path: str, most: int) -> bytes:
        data = bytearray()
        async with aclosing(self._stream(path, most, {}, [])) as pieces:
            async for piece in pieces:
                data += piece
        return bytes(data)

    async def _stream(
        self, path: str, most: int, headers: dict[str, str], etags: list[str], start: int = 0
    ) -> AsyncGenerator[bytes, None]:
        """The body of an answer, as it arrives; its etag goes into `etags`. Nothing for an answer 304.

        From byte `start` on: who knows no ranges sends all, and what comes before it is passed over.
        """
        clock = asyncio.get_running_loop().time
        is_fast = self._bytes_per_s is not None and self._bytes_per_s > FAST_BYTES_PER_S
        headers = {"Accept-Encoding": "identity" if is_fast or start else "gzip"} | headers
        if start:
            headers["Range"] = f"bytes={start}-"
        timeout = httpx2.Timeout(SILENT_SECONDS, connect=CONNECT_SECONDS, pool=None)
        begun, came, given = clock(), 0, 0
        self._under_way += 1
        try:
            async with self._client.stream(
                "GET", f"{self._prefix}/{path}", headers=headers, timeout=timeout, follow_redirects=False
            ) as response:
                if response.status_code == 304 and "If-None-Match" in headers:
                    return
                self._check(response, path, start)
                given = start if response.status_code == 206 else 0
                etag = response.headers.get("etag", "")
                etags.append(etag if _ETAG.fullmatch(etag) else "")
                unpack = _Unpacking(response, self._prefix)
                async for piece in response.aiter_raw():
                    came += len(piece)
                    for part in unpack.parts(piece):
                        passed_over = max(0, start - given)
                        given += len(part)
                        if given > most:
                            problem = f"answers with more than the {most:,} bytes that are read of {path}"
                            raise PeerError(problem, name=self._prefix)
                        if passed_over < len(part):
                            yield part[passed_over:]
                    waited = clock() - begun
                    if waited > PATIENCE_SECONDS and came < waited * SLOWEST_BYTES_PER_S:
                        raise Unreachable("answers too slowly to be waited for", name=self._prefix)
                unpack.end()
            if came > TELLING_BYTES:
                self._bytes_per_s = came * self._under_way / max(clock() - begun, 1e-6)
        except (httpx2.InvalidURL, httpx2.TransportError) as error:
            raise in_words(error, self._prefix, SILENT_SECONDS) from None
        finally:
            self._under_way -= 1

    def _check(self, response: httpx2.Response, path: str, start: int) -> None:
        status = response.status_code
        if status == 200:
            return
        if start and status == 206:
            if response.headers.get("content-range", "").startswith(f"bytes {start}-"):
                return
            raise PeerError(f"answers with another part of {path} than was asked for", name=self._prefix)
        if start and status == 416:
            raise PeerError(f"has no more than {start:,} bytes of {path}", name=self._prefix)
        if status in (404, 410):
            raise _Missing
        if 300 <= status < 400:
            where = response.headers.get("location", "another address")[:200]
            raise PeerError(
                f"sends on to {where}, which is not followed: note that address if it is right",
                name=self._prefix,
            )
        raise Unreachable(
            f"answers HTTP {status} for {path}; later it may be another answer", name=self._prefix
        )


class _Unpacking:
    """The body of an answer, plain or gzip, a bounded piece at a time."""

    def __init__(self, response: httpx2.Response, source: str) -> None:
        encoding = response.headers.get("content-encoding", "identity").lower()
        if encoding not in ("identity", "gzip"):
            raise PeerError("answers in a compression that was not asked for", name=source)
        self._source = source
        self._gzip = zlib.decompressobj(wbits=31) if encoding == "gzip" else None

    def parts(self, piece: bytes) -> Iterator[bytes]:
        if self._gzip is None:
            yield piece
            return
        while piece:
            try:
                part = self._gzip.decompress(piece, _PIECE)
            except zlib.error:
                raise PeerError("answers with something that is not gzip", name=self._source) from None
            if self._gzip.unused_data:
                raise PeerError("answers with more than one piece of gzip", name=self._source)
            if part:
                yield part
            piece = self._gzip.unconsumed_tail

    def end(self) -> None:
        if self._gzip is not None and not self._gzip.eof:
            raise Unreachable("the answer broke off", name=self._source)
