"""Proofs that an entry stands in a log, to be kept and checked without a network. Source: C2SP tlog-proof.

    c2sp.org/tlog-proof@v1
    extra bWlsbA==                    bytes that nobody vouches for; the line may be missing
    index 73894
    gSKyXoYZUgZ6jduWYrkDOARinOMGJ…    hashes of the inclusion proof, from the leaf's sibling up
    <empty line>
    <the checkpoint, a signed note>

It is the *receipt* that a node gives for an entry it appended. Files end in `.tlog-proof`.

- A proof has one spelling, at most `MAX_PROOF_BYTES` of it, and at most 63 hashes.
- `parse` makes sure of the form, and that the log signed the checkpoint. That the entry stands in the log,
  only `check` and `check_leaf` say.

>>> from millpond.log import checkpoint
>>> from millpond.log.keys import Key
>>> key = Key(bytes(32))
>>> head = checkpoint.sign(key.did, 1, leaf_hash(b"an entry"), key)
>>> receipt = write(Proof(index=0, hashes=(), checkpoint=head))
>>> check(receipt, b"an entry", key.did).index
0
"""

from __future__ import annotations

from dataclasses import dataclass

from millpond.errors import InputError
from millpond.log import checkpoint as checkpoints
from millpond.log.checkpoint import Checkpoint
from millpond.log.lines import base64_bytes, base64_hash, base64_text, decimal
from millpond.log.merkle import HASH_BYTES, MAX_SIZE, leaf_hash
from millpond.log.note import MAX_NOTE_BYTES
from millpond.log.proofs import MAX_HASHES, verify_inclusion
from millpond.model.rules import shown

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PROOF_BYTES = 2 * MAX_NOTE_BYTES
"""A whole note, 63 hashes of 45 bytes, and what is extra."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That there is something at `index` of the log with this checkpoint; `extra` is nobody's word.

    Raises `InputError` if no text could have these fields; whether the hashes hold is not asked.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Checkpoint
    extra: bytes = b""

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_SIZE:
            raise InputError(f"{self.index} is no place in a log", at="index")
        if len(self.hashes) > MAX_HASHES:
            raise InputError(f"a proof has at most {MAX_HASHES} hashes, this one {len(self.hashes):,}")
        if any(len(one) != HASH_BYTES for one in self.hashes):
            raise InputError(f"a hash in a proof is not {HASH_BYTES} bytes long")


def write(proof: Proof) -> bytes:
    """The text of a proof; raises `InputError` if it would be too long."""
    lines = [HEADER]
    if proof.extra:
        lines.append(f"extra {base64_text(proof.extra)}")
    lines.append(f"index {proof.index}")
    lines += map(base64_text, proof.hashes)
    data = "".join(line + "\n" for line in lines).encode() + b"\n" + proof.checkpoint.note
    if len(data) > MAX_PROOF_BYTES:
        raise _too_long(data)
    return data


def parse(data: bytes) -> Proof:
    """A proof from its text, its checkpoint signed by the log that it names; raises `InputError`."""
    if len(data) > MAX_PROOF_BYTES:
        raise _too_long(data)
    head, blank, note = data.partition(b"\n\n")
    if not blank or not head.isascii():
        raise InputError("is no proof: its lines, an empty line and a checkpoint are wanted")
    lines = head.decode("ascii").split("\n")
    if lines.pop(0) != HEADER:
        raise InputError(f"is no proof, or of another version: the first line is not {HEADER}", at="line 1")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = base64_bytes(lines.pop(0).removeprefix("extra "), at="extra")
        if not extra:
            raise InputError("is empty: then the line is left out", at="extra")
    if not lines or not lines[0].startswith("index "):
        raise InputError("the line with the index of the entry is missing", at="index")
    index = decimal(lines.pop(0).removeprefix("index "), at="index")
    if len(lines) > MAX_HASHES:
        raise InputError(f"a proof has at most {MAX_HASHES} hashes, this one {len(lines):,}")
    hashes = tuple(base64_hash(line, at=f"hash {number}") for number, line in enumerate(lines, 1))
    try:
        checkpoint = checkpoints.read(note)
    except InputError as error:
        raise error.inside("checkpoint") from None
    return Proof(index=index, hashes=hashes, checkpoint=checkpoint, extra=extra)


def _too_long(data: bytes) -> InputError:
    return InputError(f"a proof has at most {MAX_PROOF_BYTES:,} bytes, this one {len(data):,}")


def check(data: bytes, entry: bytes, origin: str) -> Proof:
    """The proof, if it shows that these bytes are an entry of the log `origin`; else `InputError`."""
    return check_leaf(data, leaf_hash(entry), origin)


def check_leaf(data: bytes, leaf: bytes, origin: str) -> Proof:
    """The same for who has only the entry's leaf hash, which is `merkle.leaf_hash` of the whole entry."""
    proof = parse(data)
    head = proof.checkpoint
    if head.origin != origin:
        raise InputError(f"is about the log {shown(head.origin)}, not about {shown(origin)}", at="checkpoint")
    try:
        verify_inclusion(proof.index, head.size, leaf, proof.hashes, root=head.root)
    except InputError:
        problem = f"does not show that this entry stands at {proof.index} of {head.size} in the log"
        raise InputError(f"{problem}: it is another entry's, or was changed") from None
    return proof
