"""Pushing a log to a mirror: what a node does that nobody can call. The other side of C2SP tlog-mirror.

    1. the mirror takes our newest checkpoint (`asking.offer`); it knows from then on what it is to get
    2. entries go there in packages of 256, each with a proof, until it has all under that checkpoint
    3. it cosigns: everything is kept there, and shown

- Resumable anywhere: where to go on, the mirror says (202, 409). A request is good up to its last whole
  package, so after a cut at most the package that was under way is sent again.
- One request takes some `REQUEST_SECONDS`, however slow the line: as many packages as that lets through, at
  most 32, at least one. So a proxy that passes on only whole requests costs no more than that after a cut.
- Memory is bounded by `MOST_BODY_BYTES` and one package.
- Bounded: every answer or cut must show the mirror further than before, but for `MOST_STALLS`.
- A checkpoint of ours that we do not know, or a size that we do not have, is a `Conflict` (see `asking`).
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import islice
from time import monotonic

import httpx2

from millpond.errors import InputError, PeerError
from millpond.log import mirror
from millpond.log.checkpoint import Checkpoint
from millpond.log.mirror import MAX_PACKAGES, MirrorInfo, Package, Upload
from millpond.log.note import VerifierKey
from millpond.log.proofs import subtree_proof
from millpond.log.tiles import TILE_WIDTH
from millpond.network import asking
from millpond.network.asking import Cosigned, LogAt
from millpond.network.calling import Answer, Cut, call, refusal
from millpond.store import Rows, logs

REQUEST_SECONDS = 10
SLOWEST_BYTES_PER_S = 2_000
"""What a line is taken for before it was measured: 16 kbit/s."""
MEASURED_BYTES = 8_192
"""A shorter request says more about the way to there than about the line."""
PATIENCE_SECONDS = 30
MOST_PATIENCE_SECONDS = 600
MOST_BODY_BYTES = 1 << 20
"""Of a request, compressed: no further package is added when it has as much."""
MOST_STALLS = 6
"""Answers and cuts in a row that do not show the mirror any further."""
MOST_HEADS = 4
"""Checkpoints that are offered in one push, when the mirror was given another one meanwhile."""
PAUSE_SECONDS = 1.0
"""After a cut."""
_MOST_ANSWER_BYTES = asking.MOST_ANSWER_BYTES * 2

Told = Callable[[int, int], None]
"""Hears how far it is: entries that the mirror has, entries that it is to have."""


@dataclass(slots=True)
class Pace:
    """How fast a line takes packages; keep it for the next push over the same line.

    >>> pace = Pace()
    >>> pace.took(bytes=65_536, packages=1, seconds=0.1)
    >>> pace.packages
    2
    """

    bytes_per_s: int = SLOWEST_BYTES_PER_S
    packages: int = 1
    most: int = MAX_PACKAGES

    def took(self, *, bytes: int, packages: int, seconds: float) -> None:
        """A request with so much in it was answered after so long: the next one is as large as fits."""
        if bytes < MEASURED_BYTES or not packages:
            return
        self.bytes_per_s = max(1, int(bytes / max(seconds, 0.001)))
        fitting = REQUEST_SECONDS * self.bytes_per_s * packages // bytes
        self.packages = max(1, min(fitting, 2 * packages, self.most))

    def was_cut(self) -> None:
        """The request was too long for the line as it is now."""
        self.packages = max(1, self.packages // 2)

    def was_too_much(self, packages: int) -> None:
        """The mirror takes less at once than so many, which were more than one."""
        self.packages = self.most = max(1, packages // 2)

    def patience(self, bytes: int) -> float:
        """Seconds to wait for the answer to so many bytes."""
        return min(PATIENCE_SECONDS + 2 * bytes / self.bytes_per_s, MOST_PATIENCE_SECONDS)


@dataclass(frozen=True, slots=True)
class Pushed:
    """The mirror has `size` entries and cosigned that; `sent_entries` and `sent_bytes` went there now."""

    size: int
    cosigned: Cosigned
    sent_entries: int
    sent_bytes: int


async def push(
    client: httpx2.AsyncClient,
    log: LogAt,
    address: str,
    *cosigners: VerifierKey,
    known: int = 0,
    pace: Pace | None = None,
    told: Told | None = None,
    pause_seconds: float = PAUSE_SECONDS,
) -> Pushed:
    """Brings the mirror to the newest checkpoint. `address` is what /add-checkpoint and /add-entries stand
    behind, `cosigners` the keys of which one must cosign, `known` the size it had last, as is remembered.

    Raises `Conflict`, `PeerError`, `Unreachable`; what arrived until then is there.
    """
    pushing = _Pushing(client, log, address, pace or Pace(), told or _quiet, pause_seconds)
    for _ in range(MOST_HEADS):
        head, _ = await asking.offer(client, log, address, known=known)
        lines = await pushing.send(head, known=known)
        if lines is not None:
            cosigned = asking.verified(head, lines, address, *cosigners)
            return Pushed(head.size, cosigned, pushing.sent_entries, pushing.sent_bytes)
        known = head.size
    raise PeerError("asks for another checkpoint each time it is given one", name=address)


async def push_attachment(
    client: httpx2.AsyncClient, address: str, hash: str, sha256: str, data_of: Callable[[], Awaitable[bytes]]
) -> bool:
    """Brings a picture or document that a pushed statement names; false if the mirror does not know it yet.

    `address` is what /attachments stands behind, `hash` the log's name in addresses. Nothing is sent that is
    there already, or that the mirror's keeper refuses.
    """
    shown = f"{address.rpartition('/')[0]}/logs/{hash}/attachments/{sha256}"
    if (await call(client, "HEAD", shown, most=0)).status in (200, 410):
        return True
    data = await data_of()
    answer = await call(
        client,
        "PUT",
        f"{address}/attachments/{sha256}",
        body=data,
        most=_MOST_ANSWER_BYTES,
        seconds=Pace().patience(len(data)),
    )
    if answer.status == 404:
        return False
    if answer.status not in (200, 201, 403, 413):
        raise refusal(answer, address)
    return True


class _Pushing:
    """One push: what the mirror said last, and what went there."""

    def __init__(
        self,
        client: httpx2.AsyncClient,
        log: LogAt,
        address: str,
        pace: Pace,
        told: Told,
        pause_seconds: float,
    ) -> None:
        self._client = client
        self._log = log
        self._address = address
        self._pace = pace
        self._told = told
        self._pause_seconds = pause_seconds
        self._ticket = b""
        self._furthest = -1
        self._stalls = 0
        self._has_refused = False
        self.sent_entries = 0
        self.sent_bytes = 0

    async def send(self, head: Checkpoint, *, known: int) -> bytes | None:
        """Entries up to this head; the mirror's cosignatures. None if it wants another head first."""
        start = known if 0 < head.size - known <= TILE_WIDTH else head.size
        while True:  # an upload of nothing, from the end to the end, asks how far they are
            upload = Upload(head.origin, start, head.size, self._ticket)
            try:
                answer = await self._request(upload)
                if answer.status == 408:  # so slow that the mirror hung up: what was whole is kept there
                    self._pace.was_cut()
                    raise Cut("took in too little of a push in the time it gives", name=self._address)
            except Cut as cut:
                self._stall(cut)
                await asyncio.sleep(self._pause_seconds)
                start = head.size
                continue
            if answer.status == 200:
                self._told(head.size, head.size)
                return answer.body
            if answer.status == 413 and (packages := self._pace.packages) > 1:
                self._pace.was_too_much(packages)
                continue
            if answer.status == 422 and not self._has_refused:
                await asking.look_into(self._client, self._log, self._address)
                self._has_refused = (
                    True  # it may have thrown away what it had of the bundle, which was damaged
                )
                start = head.size
                continue
            info = await self._info(answer)
            if info.size != head.size or info.next_entry > head.size:
                await asking.check_size(self._client, self._log, self._address, info.size)
                return None
            self._ticket, start = info.ticket, info.next_entry
            self._advance(start, head.size)

    async def _request(self, upload: Upload) -> Answer:
        body, end = await self._log.read(_body, upload, self._pace.packages)
        packages = -(-end // TILE_WIDTH) - upload.start // TILE_WIDTH if end > upload.start else 0
        began = monotonic()
        self.sent_bytes += len(body)
        self.sent_entries += end - upload.start
        try:
            answer = await call(
                self._client,
                "POST",
                f"{self._address}/add-entries",
                body=body,
                headers={"content-type": "application/octet-stream", "content-encoding": "gzip"},
                most=_MOST_ANSWER_BYTES,
                seconds=self._pace.patience(len(body)),
            )
        except Cut:
            self._pace.was_cut()
            raise
        if answer.status in (200, 202):
            self._pace.took(bytes=len(body), packages=packages, seconds=monotonic() - began)
        return answer

    async def _info(self, answer: Answer) -> MirrorInfo:
        """Where to go on; raises what the answer means, if it says nothing of that."""
        if answer.status in (202, 409):
            try:
                return mirror.parse_mirror_info(answer.body)
            except InputError as error:
                where = error.inside(f"answer {answer.status}")
                raise PeerError.from_input(where, name=self._address) from None
        if answer.status == 422:
            problem = "refuses entries that belong to the checkpoint it took: its copy is damaged"
            raise PeerError(f"{problem}. Ask its keeper to throw it away", name=self._address)
        if answer.status == 413:
            problem = f"takes no {TILE_WIDTH} entries at once, which a mirror must"
            raise PeerError(f"{problem}: its keeper has to allow longer requests", name=self._address)
        raise asking.refused(answer, self._address)

    def _advance(self, next_entry: int, size: int) -> None:
        if next_entry > self._furthest:
            self._furthest, self._stalls = next_entry, 0
            self._told(next_entry, size)
        else:
            self._stall(PeerError("takes entries and has no more of them than before", name=self._address))

    def _stall(self, error: PeerError | Cut) -> None:
        self._stalls += 1
        if self._stalls > MOST_STALLS:
            raise error


def _body(rows: Rows, id: int, upload: Upload, packages: int) -> tuple[bytes, int]:
    """A request of at most so many packages, compressed, and before which entry it ends.

    Each package is flushed: what has arrived of a request that is cut can be unpacked up to there.
    """
    packed = zlib.compressobj(wbits=31)
    hash_at = logs.hashes_at(rows, id)
    body = bytearray(packed.compress(upload.write()))
    reached = upload.start
    for start, end in islice(upload.spans(), packages):
        if len(body) >= MOST_BODY_BYTES:
            break
        proof = subtree_proof(start - start % TILE_WIDTH, end, upload.end, hash_at)
        package = Package(start, end, tuple(logs.entries(rows, id, start, end)), proof)
        body += packed.compress(package.write()) + packed.flush(zlib.Z_SYNC_FLUSH)
        reached = end
    return bytes(body + packed.flush()), reached


def _quiet(_: int, __: int) -> None:
    """For who does not want to hear."""
