"""What a witness is asked, and what it answers. Source: C2SP tlog-witness.

A witness remembers of each log the last checkpoint that it cosigned, and cosigns another one only when that
continues it. A mirror takes checkpoints by the same rules. The body of `add-checkpoint`:

    old 20852014                      size of the checkpoint that the asker thinks is remembered
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9…   hashes of the consistency proof from there, 63 at most
    <empty line>
    <the new checkpoint, a signed note>

- `decide` is a pure function of the request and of what is remembered. Whoever calls it reads the memory,
  decides and writes the memory in one transaction, and answers only after that is durable: otherwise two
  requests at once could roll the memory back.
- A log never goes back, and has one root for a size, in the memory of one witness.
- A failed proof convicts nobody, for anyone can send a wrong proof. Two roots that the log's key signed for
  one size do: then `evidence` is true, whatever the status is (`equivocation` makes a proof of it).

>>> parse_size(size_answer(20852014))
20852014
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from millpond.errors import InputError
from millpond.log import checkpoint as checkpoints
from millpond.log.checkpoint import Checkpoint, Claim
from millpond.log.lines import base64_hash, base64_text, decimal, utf8
from millpond.log.merkle import EMPTY_ROOT, MAX_SIZE
from millpond.log.note import MAX_NOTE_BYTES
from millpond.log.proofs import MAX_HASHES, verify_consistency

MAX_REQUEST_BYTES = MAX_NOTE_BYTES + 4_096
"""A whole note, the old size, and 63 hashes of 45 bytes."""
SIZE_TYPE = "text/x.tlog.size"
"""Content type of the answer 409."""
_MAX_ANSWER_BYTES = 64


class Status(IntEnum):
    """What the witness answers, as HTTP has it."""

    COSIGNED = 200
    MALFORMED = 400
    NOT_SIGNED = 403
    UNKNOWN_LOG = 404
    CONFLICT = 409
    NOT_PROVEN = 422


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """A request: go from the checkpoint of `old_size` to the one in `note`. Well-formed; nothing is verified.

    `claim` is what the note says; its `origin` is the log that must be looked up.
    """

    old_size: int
    proof: tuple[bytes, ...]
    note: bytes
    claim: Claim = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 0 <= self.old_size <= MAX_SIZE:
            raise InputError(f"{self.old_size} is no size of a log", at="old")
        if len(self.proof) > MAX_HASHES:
            raise InputError(f"a proof has at most {MAX_HASHES} hashes, this one {len(self.proof):,}")
        try:
            object.__setattr__(self, "claim", checkpoints.parse(self.note))
        except InputError as error:
            raise error.inside("checkpoint") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to answer and what to remember.

    `known_size` is the size that was remembered, the body of a 409; `accepted` the checkpoint to remember and
    to cosign, only with 200; `evidence` whether the log signed two roots for one size: the remembered one and
    the one in the request. `reason` is a sentence for the person who asked.
    """

    status: Status
    reason: str
    known_size: int
    accepted: Checkpoint | None = None
    evidence: bool = False


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """A request from its body; raises `InputError`, which is a 400."""
    if len(body) > MAX_REQUEST_BYTES:
        raise InputError(f"a request has at most {MAX_REQUEST_BYTES:,} bytes, this one {len(body):,}")
    head, blank, note = body.partition(b"\n\n")
    if not blank or not head.isascii():
        raise InputError("an old size, hashes of a proof, an empty line and a checkpoint are wanted")
    first, *rest = head.decode("ascii").split("\n")
    if not first.startswith("old "):
        raise InputError("the line with the old size is missing", at="line 1")
    old_size = decimal(first.removeprefix("old "), at="old")
    if len(rest) > MAX_HASHES:
        raise InputError(f"a proof has at most {MAX_HASHES} hashes, this one {len(rest):,}")
    proof = tuple(base64_hash(line, at=f"hash {number}") for number, line in enumerate(rest, 1))
    return AddCheckpoint(old_size, proof, note)


def write_add_checkpoint(old_size: int, proof: tuple[bytes, ...], note: bytes) -> bytes:
    """The body of a request; raises `InputError` if it would be malformed."""
    request = AddCheckpoint(old_size, proof, note)
    lines = [f"old {request.old_size}", *map(base64_text, request.proof)]
    return "".join(line + "\n" for line in lines).encode() + b"\n" + note


def size_answer(size: int) -> bytes:
    """The body of a 409, of type `SIZE_TYPE`."""
    return f"{size}\n".encode()


def parse_size(data: bytes) -> int:
    """The size in the body of a 409; raises `InputError`."""
    text = utf8(data, what="an answer with a size", most=_MAX_ANSWER_BYTES)
    if not text.endswith("\n"):
        raise InputError("an answer with a size is one line and ends with a newline")
    return decimal(text[:-1], at="size")


def decide(request: AddCheckpoint, known: Checkpoint | None, trusted: bool) -> Decision:
    """Whether the witness takes the checkpoint.

    `known` is the last one of this log that it took, None if it took none; `trusted` whether it cosigns for
    this log at all. In the order of the specification:

    1. A log that it does not cosign for: 404.
    2. A checkpoint that the log's key did not sign: 403.
    3. An old size above the new one: 400.
    4. An old size that is not the known one: 409.
    5. The size stays and the root does not: 409.
    6. A proof that does not lead from the known root to the new one: 422.
    """
    known_size = 0 if known is None else known.size
    known_root = EMPTY_ROOT if known is None else known.root
    claim = request.claim

    def no(status: Status, reason: str, *, evidence: bool = False) -> Decision:
        return Decision(status=status, reason=reason, known_size=known_size, evidence=evidence)

    if not trusted:  # 1
        return no(Status.UNKNOWN_LOG, "This witness does not know the log.")
    if known is not None and known.origin != claim.origin:
        raise ValueError(f"what is known is about {known.origin}, the request about {claim.origin}")
    try:
        checkpoint = checkpoints.verify(claim)
    except InputError as error:  # 2
        return no(Status.NOT_SIGNED, f"The checkpoint does not count: {error}.")
    evidence = checkpoint.size == known_size and checkpoint.root != known_root
    if request.old_size > checkpoint.size:  # 3
        reason = f"The old size {request.old_size} is above that of the checkpoint, {checkpoint.size}."
        return no(Status.MALFORMED, reason, evidence=evidence)
    if request.old_size != known_size:  # 4
        return no(Status.CONFLICT, f"The size known here is {known_size}.", evidence=evidence)
    if evidence:  # 5
        reason = f"The log signed another root for the size {known_size} before: it has two histories."
        return no(Status.CONFLICT, reason, evidence=True)
    try:
        verify_consistency(known_size, checkpoint.size, known_root, request.proof, root=checkpoint.root)
    except InputError:  # 6
        reason = f"The proof does not show that the checkpoint continues the one of size {known_size}."
        return no(Status.NOT_PROVEN, reason)
    reason = f"Taken: the log at size {checkpoint.size} continues the one at {known_size}."
    return Decision(status=Status.COSIGNED, reason=reason, known_size=known_size, accepted=checkpoint)
