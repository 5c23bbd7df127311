"""A mirror and witness of others, in memory: C2SP's rules by the core's functions, and ways to break them.

It has nothing of a Millpond node but `millpond.log`, answers through `httpx2.MockTransport`, and writes down
what it was asked. `cut_after` and `answers` make it a poor or a lying one.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

import httpx2

from millpond.errors import InputError
from millpond.log import checkpoint, cosignature, mirror, note, witness
from millpond.log.checkpoint import Checkpoint
from millpond.log.keys import Key
from millpond.log.merkle import leaf_hash
from millpond.log.mirror import Decoder
from millpond.network.asking import LogAt
from millpond.store import Database, Rows, logs
from millpond.store.logs import origin_hash

NAME = "mirror.example/m1"
TIME_S = 1_795_000_000

Answers = Callable[[httpx2.Request], httpx2.Response | None]


class _Pieces(httpx2.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._data), 4096):
            yield self._data[at : at + 4096]


@dataclass
class Carried:
    """What it has of one log."""

    witnessed: Checkpoint | None = None
    pending: dict[int, Checkpoint] = field(default_factory=dict)
    mirrored: Checkpoint | None = None
    entries: list[bytes] = field(default_factory=list)


@dataclass
class OtherKeeper:
    """Its logs by origin; `seen` are method, path and body of every request, `entry_bytes` of what arrived.

    `cut_after` bytes of an upload, the line is cut, as often as there are numbers in it; `answers` may answer
    before it does.
    """

    trusted: set[str]
    name: str = NAME
    key: Key = field(default_factory=lambda: Key(b"k" * 32))
    logs: dict[str, Carried] = field(default_factory=dict)
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)
    cut_after: list[int] = field(default_factory=list)
    answers: Answers | None = None
    ticket: bytes = b"a ticket"

    @property
    def cosigner(self) -> note.VerifierKey:
        return note.VerifierKey(self.name, note.COSIGNATURE, self.key.public)

    def client(self) -> httpx2.AsyncClient:
        """One that reaches only this keeper."""
        return httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))

    def paths(self) -> list[str]:
        return [path.rpartition("/")[2] for _, path, _ in self.seen]

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        answer = self._decide(request, await request.aread())
        # as it comes over a line: in pieces, that were not read yet
        return httpx2.Response(answer.status_code, headers=answer.headers, stream=_Pieces(answer.content))

    def _decide(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        self.seen.append((request.method, request.url.path, body))
        answer = self.answers(request) if self.answers else None
        if answer is not None:
            return answer
        if request.url.path.endswith("/add-checkpoint"):
            return self._add_checkpoint(body, is_mirror="mirror" in request.url.path)
        if request.url.path.endswith("/add-entries"):
            assert request.headers["content-encoding"] == "gzip"
            return self._add_entries(request, body)
        return self._show(request.url.path)

    def _add_checkpoint(self, body: bytes, *, is_mirror: bool) -> httpx2.Response:
        asked = witness.parse_add_checkpoint(body)
        log = self.logs.setdefault(asked.claim.origin, Carried())
        decision = witness.decide(asked, log.witnessed, asked.claim.origin in self.trusted)
        if decision.accepted is None:
            shown = witness.size_answer(decision.known_size) if decision.status == 409 else b"no"
            return httpx2.Response(int(decision.status), content=shown)
        log.witnessed = log.pending[decision.accepted.size] = decision.accepted
        return httpx2.Response(200, text="" if is_mirror else self._cosign(decision.accepted))

    def _add_entries(self, request: httpx2.Request, body: bytes) -> httpx2.Response:
        cut = self.cut_after and len(body) > self.cut_after[0]
        if cut:
            body = body[: self.cut_after.pop(0)]
        decoder, at = Decoder(), 0
        unpacked = zlib.decompressobj(wbits=31).decompress(body)
        packages = decoder.feed(unpacked)
        upload = decoder.upload
        if upload is None:  # so early that not even the head arrived
            raise httpx2.ReadError("cut", request=request)
        log = self.logs[upload.origin]
        newest = max(log.pending)
        if upload.end not in log.pending or not (at := len(log.entries)) >= upload.start:
            info = mirror.mirror_info(upload.end if upload.end in log.pending else newest, at, self.ticket)
            return httpx2.Response(409, content=info)
        head = log.pending[upload.end]
        try:
            for package in packages:
                leaves = [leaf_hash(one) for one in log.entries[package.subtree_start : package.start]]
                package.check(leaves + [leaf_hash(one) for one in package.entries], head.size, head.root)
                log.entries[package.start :] = [
                    *package.entries,
                    *log.entries[package.start + len(package.entries) :],
                ]
        except InputError:
            return httpx2.Response(422, content=b"no")
        if cut:
            raise httpx2.ReadError("cut", request=request)
        if len(log.entries) < upload.end:
            info = mirror.mirror_info(upload.end, len(log.entries), self.ticket)
            return httpx2.Response(202, content=info)
        log.mirrored = head
        return httpx2.Response(200, text=self._cosign(head))

    def _show(self, path: str) -> httpx2.Response:
        for origin, log in self.logs.items():
            if origin_hash(origin) in path and path.endswith("/checkpoint"):
                shown = log.witnessed if "witness" in path else log.mirrored
                if shown is not None:
                    return httpx2.Response(200, content=shown.note)
        return httpx2.Response(404)

    def _cosign(self, head: Checkpoint) -> str:
        return cosignature.cosign(head, self.name, self.key, TIME_S)


def grown(db: Database, key: Key, size: int, entries: Sequence[bytes]) -> LogAt:
    """The key's log in this file with its first `size` entries under a checkpoint."""

    def job(rows: Rows) -> LogAt:
        known = logs.begin(rows, key.did)
        logs.put(rows, known.id, entries[known.size : size])
        head = checkpoint.sign(key.did, size, logs.root_at(rows, known.id, size), key)
        logs.accept(rows, known.id, head)
        return LogAt(db, known.id)

    return db.write(job)
