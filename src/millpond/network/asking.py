"""Asking a witness, or a mirror, to take a log's checkpoint: the other side of C2SP tlog-witness.

    ask_witness         a cosignature for the newest checkpoint
    offer               the same call as a mirror has it: which checkpoint entries will be pushed for
    keep                cosignatures go under the checkpoint that the log shows
    Conflict            they know something that this log's key signed and this file never did

- Whom we ask knows an older checkpoint than ours, and a proof leads from there. Where it is, they say (409).
- A size above ours, or a root that is not ours, is a `Conflict`: another machine signs with this key, or this
  file is older than what was signed with it. Whoever meets one lets the log rest before it signs anything
  more. We ask for the checkpoint that they know: with the key's signature on it, it is proof (`is_certain`);
  without, it is their word only, and whoever carries the log decides what that is worth (`node.carrying`).
- A cosignature is verified before it is kept. Those of other keys than the one we know are ignored.
- New entries make a new checkpoint, and cosignatures are of one checkpoint: the log loses them when it grows,
  and receipts do not wait for new ones.

Everything is read anew from the database where it is needed, since the log may grow meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

import httpx2

from millpond.errors import InputError, PeerError, Unreachable
from millpond.log import checkpoint as checkpoints
from millpond.log import cosignature, equivocation, inclusion, note, witness
from millpond.log.checkpoint import Checkpoint
from millpond.log.equivocation import Equivocation
from millpond.log.keys import public_of
from millpond.log.note import VerifierKey
from millpond.log.proofs import consistency_proof, inclusion_proof
from millpond.network.calling import Answer, call, refusal
from millpond.store import Database, Rows, logs

Result = TypeVar("Result")
Given = ParamSpec("Given")

MOST_ASKED = 4
"""Times that one checkpoint is offered: with the size we remember, with theirs, and twice while both grow."""
MOST_ANSWER_BYTES = note.MAX_NOTE_BYTES


class Conflict(PeerError):
    """They know a checkpoint of this log that this file does not: `size` entries of it.

    `checkpoint` is the one that they showed, signed by the log's key, or None; `proof` convicts the key of
    two histories, if what they showed does not continue ours, nor ours theirs.
    """

    def __init__(
        self, name: str, size: int, checkpoint: Checkpoint | None = None, proof: Equivocation | None = None
    ) -> None:
        self.size = size
        self.checkpoint = checkpoint
        self.proof = proof
        known = (
            f"knows {size:,} entries of this log" if proof is None else "knows another history of this log"
        )
        if checkpoint is None:
            why = "and shows no signature for it. Either they are wrong, or "
        else:
            why = "with this key's signature under it: "
        super().__init__(
            f"{known}, {why}another machine signs with this key, or this is an old copy of the log. "
            "Nothing may be said here until that is cleared up",
            name=name,
        )

    @property
    def is_certain(self) -> bool:
        """Whether it is more than their word."""
        return self.checkpoint is not None


def cosigner_of(text: str) -> VerifierKey:
    """Whose cosignatures count: a did, which is the name of its own key, or the `vkey` of any C2SP cosigner.

    Raises `InputError`.
    """
    if text.startswith("did:key:") and "+" not in text:
        return VerifierKey(text, note.COSIGNATURE, public_of(text))
    found = note.parse_vkey(text)
    if found.type != note.COSIGNATURE:
        raise InputError("is the key of a log, not of a witness or a mirror (type 0x04)", name=text)
    return found


@dataclass(frozen=True, slots=True)
class Cosigned:
    """`lines` are the signature lines that hold, for `checkpoint`, of the keys `by`; `time_s` is when the
    newest was made, by their clock."""

    checkpoint: Checkpoint
    lines: str
    time_s: int
    by: tuple[VerifierKey, ...]


@dataclass(frozen=True, slots=True)
class LogAt:
    """A log with a checkpoint, in a database; what is read there is read in a thread."""

    db: Database
    id: int

    async def read(
        self, job: Callable[Concatenate[Rows, int, Given], Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """What the job finds, given the rows, the number of the log and the rest."""
        return await asyncio.to_thread(lambda: job(self.db.read, self.id, *given, **named))

    async def head(self) -> Checkpoint:
        """The newest checkpoint; raises `InputError` if there is none."""
        return await self.read(head_in)


def head_in(rows: Rows, id: int) -> Checkpoint:
    """The newest checkpoint of this log; raises `InputError` if there is none."""
    known = logs.head_by_id(rows, id)
    if known.checkpoint is None:
        raise InputError("nothing was said in this log yet", name=known.origin)
    return checkpoints.read(known.checkpoint, known.origin)


# ---- asking


async def ask_witness(
    client: httpx2.AsyncClient, log: LogAt, address: str, cosigner: VerifierKey, *, known: int = 0
) -> Cosigned:
    """Their cosignature of the newest checkpoint. `address` is what /add-checkpoint stands behind.

    `known` is the size that they cosigned last, as far as is remembered; a wrong one costs a call. Raises
    `Conflict`, `PeerError`, `Unreachable`.
    """
    head, answer = await offer(client, log, address, known=known)
    return verified(head, answer.body, address, cosigner)


async def offer(
    client: httpx2.AsyncClient, log: LogAt, address: str, *, known: int = 0
) -> tuple[Checkpoint, Answer]:
    """Has them take the newest checkpoint; returns it with their answer, a 200."""
    for _ in range(MOST_ASKED):
        head, proof = await log.read(_step, known)
        old = min(known, head.size)
        body = witness.write_add_checkpoint(old, proof, head.note)
        answer = await call(client, "POST", f"{address}/add-checkpoint", body=body, most=MOST_ANSWER_BYTES)
        if answer.status == 200:
            return head, answer
        if answer.status == 422:
            await look_into(client, log, address)
            raise PeerError("refuses a proof that holds, and shows no checkpoint against it", name=address)
        if answer.status != 409:
            raise refused(answer, address)
        known = _size(answer, address)
        if known == old == head.size:
            await look_into(client, log, address)
            raise Conflict(address, known)
        await check_size(client, log, address, known)
    raise PeerError(f"took none of {MOST_ASKED} checkpoints: each time it knew another size", name=address)


async def check_size(client: httpx2.AsyncClient, log: LogAt, address: str, size: int) -> None:
    """Raises `Conflict` if they know more entries of this log than there are."""
    if size > (await log.head()).size:
        await look_into(client, log, address)
        raise Conflict(address, size)


async def look_into(client: httpx2.AsyncClient, log: LogAt, address: str) -> None:
    """Raises `Conflict` if the checkpoint that they show is signed by this log's key and is none of ours."""
    for shown in await _shown(client, log, address):
        conflict = await log.read(_compare, address, shown)
        if conflict is not None:
            raise conflict


def verified(head: Checkpoint, lines: bytes, address: str, *cosigners: VerifierKey) -> Cosigned:
    """What they answered, as far as it is of these keys, of one at least; raises `PeerError`."""
    try:
        given = cosignature.read_lines(lines)
        by = tuple(
            one for one in cosigners if any((line.name, line.id) == (one.name, one.id) for line in given)
        )
        times = [cosignature.verify(head, lines, one.name, one.public) for one in by]
    except InputError as error:
        problem = f"took the checkpoint, and its cosignature does not count: {error}"
        raise PeerError(problem, name=address) from None
    if not by:
        problem = (
            f"took the checkpoint, and did not cosign it as {cosigners[0].name}: has it another key now?"
        )
        raise PeerError(problem, name=address)
    kept = [line.line for line in given if any((line.name, line.id) == (one.name, one.id) for one in by)]
    return Cosigned(head, "".join(kept), max(times), by)


async def key_at(client: httpx2.AsyncClient, address: str) -> VerifierKey:
    """The key by which whoever stands behind this address says that it cosigns; raises `PeerError`.

    Millpond's mirrors and witnesses say so at /key. It is their word: who wants to be sure compares it.
    """
    answer = await call(client, "GET", f"{address}/key", most=MOST_ANSWER_BYTES)
    if answer.status != 200:
        raise refused(answer, address)
    try:
        return cosigner_of(answer.body.decode("utf-8", errors="replace").strip())
    except InputError as error:
        raise PeerError(f"shows no key that it cosigns with: {error.problem}", name=address) from None


def refused(answer: Answer, address: str) -> PeerError | Unreachable:
    """An error for an answer that was not expected, where a log was asked about."""
    if answer.status == 404:
        problem = "does not carry this log, or is no such place: ask its keeper to take your card"
        return PeerError(problem, name=address)
    return refusal(answer, address)


# ---- keeping


def keep(rows: Rows, id: int, cosigned: Iterable[Cosigned]) -> int:
    """Puts cosignatures under the log's checkpoint, but those of an older one; returns how many fit."""
    known = logs.head_by_id(rows, id)
    if known.checkpoint is None:
        return 0
    head = checkpoints.read(known.checkpoint, known.origin)
    lines = [one.lines for one in cosigned if checkpoints.same_head(one.checkpoint, head)]
    if lines:
        written = cosignature.with_lines(head, lines)
        logs.accept(rows, id, Checkpoint(head.origin, head.size, head.root, written))
    return len(lines)


async def receipt_with_cosignatures(
    client: httpx2.AsyncClient,
    log: LogAt,
    position: int,
    witnesses: Iterable[tuple[str, VerifierKey]],
    *,
    wanted: int,
) -> bytes:
    """A receipt (C2SP tlog-proof) whose checkpoint has cosignatures of `wanted` of the witnesses.

    `witnesses` are addresses with the keys that count there; all are asked at once. Where the log grows just
    then, they may cosign different checkpoints: then they are asked again. Raises `Conflict` at once, and
    `PeerError` that says who did not and why, if too few do.
    """
    asked = tuple(witnesses)
    for _ in range(MOST_ASKED):
        answers = await asyncio.gather(
            *(_or_problem(ask_witness(client, log, address, cosigner)) for address, cosigner in asked)
        )
        by_head: dict[bytes, list[Cosigned]] = defaultdict(list)
        for answer in answers:
            if isinstance(answer, Cosigned):
                by_head[answer.checkpoint.body].append(answer)
        enough = next((found for found in by_head.values() if len(found) >= wanted), None)
        if enough is not None:
            return await log.read(_receipt, position, enough)
        if sum(map(len, by_head.values())) < wanted:
            problems = "; ".join(str(answer) for answer in answers if not isinstance(answer, Cosigned))
            raise PeerError(f"fewer than {wanted} of {len(asked)} witnesses cosigned it: {problems}")
    raise PeerError("the log grows faster than its witnesses answer; try it again when less is said")


# ---- inside


def _step(rows: Rows, id: int, known: int) -> tuple[Checkpoint, tuple[bytes, ...]]:
    head = head_in(rows, id)
    old = min(known, head.size)
    return head, consistency_proof(old, head.size, logs.hashes_at(rows, id)) if old else ()


async def _or_problem(asking: Awaitable[Cosigned]) -> Cosigned | PeerError | Unreachable:
    try:
        return await asking
    except Conflict:
        raise
    except (PeerError, Unreachable) as error:
        return error


def _receipt(rows: Rows, id: int, position: int, cosigned: Sequence[Cosigned]) -> bytes:
    head = cosigned[0].checkpoint
    written = cosignature.with_lines(head, [one.lines for one in cosigned])
    hashes = inclusion_proof(position, head.size, logs.hashes_at(rows, id))
    checkpoint = Checkpoint(head.origin, head.size, head.root, written)
    return inclusion.write(inclusion.Proof(index=position, hashes=hashes, checkpoint=checkpoint))


def _size(answer: Answer, address: str) -> int:
    try:
        return witness.parse_size(answer.body)
    except InputError as error:
        raise PeerError.from_input(error.inside("answer 409"), name=address) from None


async def _shown(client: httpx2.AsyncClient, log: LogAt, address: str) -> list[Checkpoint]:
    """Checkpoints of this log with its key's signature that they serve: as a witness, as a mirror."""
    origin = (await log.head()).origin
    hash = logs.origin_hash(origin)
    found = []
    for prefix in (address, f"{address.rpartition('/')[0]}/logs"):
        try:
            answer = await call(client, "GET", f"{prefix}/{hash}/checkpoint", most=MOST_ANSWER_BYTES)
            if answer.status == 200:
                found.append(checkpoints.read(answer.body, origin))
        except (InputError, PeerError, Unreachable):
            continue  # what they do not show convicts nobody
    return found


def _compare(rows: Rows, id: int, address: str, shown: Checkpoint) -> Conflict | None:
    head = head_in(rows, id)
    if shown.size > head.size:
        return Conflict(address, shown.size, shown)
    if logs.root_at(rows, id, shown.size) == shown.root:
        return None
    return Conflict(address, shown.size, shown, equivocation.build(head, shown, logs.hashes_at(rows, id)))
