"""Checkpoints: what a log's owner signs about the log as a whole. Source: C2SP tlog-checkpoint.

    did:key:z6Mk…          origin: which log, and by that, whose key
    1042                   size: how many entries it has
    CsUYapGGPo4dkMgIAU…    root hash of its Merkle tree, base64
    <empty line>
    — did:key:z6Mk… Az3g…  signature of the log's key; cosignatures of others may follow

- The origin is the did of the log's key and the name of that key: a checkpoint is checked with nothing else.
- Exactly three lines. The specification allows a log to add extension lines of its own and advises against
  it, since nobody can check them; logs of this network have none, and one that has is refused.
- The root of size 0 is SHA-256 of nothing.
- A `Checkpoint` was signed by its log: only `read`, `verify` and `sign` make one. What a note merely says is
  a `Claim`.
- Lines of other signers are kept in the bytes and ignored here (`cosignature` reads them).

One key signs statements and checkpoints, and a cosigner's key cosignatures. None of them can be taken for
another, by what is signed: a statement's pre-authentication encoding begins with `DSSEv1 `, a cosigned
message with `cosignature/v1` and a newline, a checkpoint with its origin, which begins with `did:key:`. Their
first bytes differ: D, c, d.

>>> from millpond.log.keys import Key
>>> from millpond.log.merkle import EMPTY_ROOT
>>> key = Key(bytes(32))
>>> head = sign(key.did, 0, EMPTY_ROOT, key)
>>> read(head.note) == head
True
"""

from __future__ import annotations

from dataclasses import dataclass

from millpond.errors import InputError
from millpond.log import note as notes
from millpond.log.keys import Key, public_of
from millpond.log.lines import base64_hash, base64_text, decimal
from millpond.log.merkle import EMPTY_ROOT, HASH_BYTES, MAX_SIZE
from millpond.model.rules import shown


@dataclass(frozen=True, slots=True)
class Claim:
    """What a note says about a log, well-formed; who signed it was not looked at. `note` is its bytes."""

    origin: str
    size: int
    root: bytes
    note: bytes

    @property
    def body(self) -> bytes:
        """The three lines that are signed."""
        return body(self.origin, self.size, self.root)


@dataclass(frozen=True, slots=True)
class Checkpoint(Claim):
    """The head of a log, signed by the log's key; `note` is the signed note, with cosignatures if it has any.

    Two with other signature lines under the same three lines are not equal: for that there is `same_head`.
    """


def body(origin: str, size: int, root: bytes) -> bytes:
    """The text of a checkpoint: three lines."""
    return f"{origin}\n{size}\n{base64_text(root)}\n".encode()


def sign(origin: str, size: int, root: bytes, key: Key) -> Checkpoint:
    """A checkpoint of the key's own log.

    One key must never sign two roots for one size, nor a size that does not continue what it signed before:
    keeping that is its caller's duty, who knows what was signed.
    """
    if origin != key.did:
        raise InputError(f"the log {shown(origin)} is not the one of this key, {key.did}")
    if not 0 <= size <= MAX_SIZE or len(root) != HASH_BYTES:
        raise InputError(f"a checkpoint has a size from 0 to {MAX_SIZE} and a root of {HASH_BYTES} bytes")
    _check_empty(size, root)
    text = body(origin, size, root).decode()
    return Checkpoint(origin, size, root, notes.write(text, [notes.sign(text, origin, key)]))


def read(note: bytes, origin: str | None = None) -> Checkpoint:
    """The checkpoint that these bytes are, signed by the log's own key; of this log, if `origin` is given.

    Raises `InputError` that says what is wrong.
    """
    claim = parse(note)
    if origin is not None and claim.origin != origin:
        raise InputError(f"is about the log {shown(claim.origin)}, not about {shown(origin)}", at="origin")
    return verify(claim)


def parse(note: bytes) -> Claim:
    """What the note says, without a look at who signed it; raises `InputError` if it is no checkpoint."""
    lines = notes.parse(note).text.split("\n")[:-1]
    if len(lines) < 3 or not lines[0]:
        raise InputError("is no checkpoint: that has three lines, origin, size and root hash")
    origin, size, root = lines[0], decimal(lines[1], at="size"), base64_hash(lines[2], at="root hash")
    if len(lines) > 3:
        raise InputError(f"{shown(lines[3])} is an extension line, and logs have none here", at="line 4")
    _check_empty(size, root)
    return Claim(origin, size, root, note)


def verify(claim: Claim) -> Checkpoint:
    """The same as a checkpoint, if the key that its origin names signed it; raises `InputError` if not."""
    try:
        public = public_of(claim.origin)
    except InputError as error:
        raise error.inside("origin") from None
    if not notes.signed_by(notes.parse(claim.note), claim.origin, public):
        raise InputError("is not signed by the key of its log, or was changed since", at="signature")
    return Checkpoint(claim.origin, claim.size, claim.root, claim.note)


def same_head(one: Claim, other: Claim) -> bool:
    """Whether both say the same of the same log, whoever else signed them."""
    return (one.origin, one.size, one.root) == (other.origin, other.size, other.root)


def _check_empty(size: int, root: bytes) -> None:
    if size == 0 and root != EMPTY_ROOT:
        raise InputError("a log with nothing in it has the hash of nothing as its root", at="root hash")
