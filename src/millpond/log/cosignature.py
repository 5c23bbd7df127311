"""Cosignatures: that a witness or a mirror saw a log at a checkpoint. Source: C2SP tlog-cosignature.

    cosignature/v1
    time 1679315147
    <the three lines of the checkpoint>

is what a cosigner signs with Ed25519; its line under the checkpoint has 8 bytes of time (seconds since 1970,
big-endian) before the 64 of the signature. What it says: at that time, this was the largest head of the log
that the cosigner had seen, and it continues all that it had seen before. A mirror says besides that it keeps
and serves every entry.

- A cosigner has a name (C2SP: like `pond.example/witness`) and a key of its own, which is not the key of any
  log: a log that cosigned itself would be its own witness; and a cosigner's key lies open on a machine that
  strangers call, so that the loss of it must not cost anyone a log. A witness and a mirror have two keys and
  two names, because the signed message does not say which of them speaks.
- Only the version `cosignature/v1`, type 0x04. Lines of other types and keys are ignored.
- Nothing here reads a clock: whether a time is too old or not yet come is for the caller to say.

>>> from millpond.log import checkpoint
>>> from millpond.log.keys import Key
>>> from millpond.log.merkle import EMPTY_ROOT
>>> log, witness = Key(bytes(32)), Key(b"w" * 32)
>>> head = checkpoint.sign(log.did, 0, EMPTY_ROOT, log)
>>> line = cosign(head, "pond.example/witness", witness, 1_679_315_147)
>>> verify(head, with_lines(head, [line]), "pond.example/witness", witness.public)
1679315147
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from millpond.errors import InputError
from millpond.log import note as notes
from millpond.log.checkpoint import Checkpoint, Claim
from millpond.log.keys import Key, is_signed, public_of
from millpond.log.lines import utf8
from millpond.model.rules import shown

MAX_TIME_S = 2**63 - 1
_TIME_BYTES = 8


def message(checkpoint: Claim, time_s: int) -> bytes:
    """What is signed: a header, the time, and the text of the checkpoint."""
    return f"cosignature/v1\ntime {time_s}\n".encode() + checkpoint.body


def cosign(checkpoint: Claim, name: str, key: Key, time_s: int) -> str:
    """The cosigner's line, with its newline. `time_s` is seconds since 1970.

    It says that the head continues all that this cosigner ever cosigned of the log: its caller made sure.
    Raises `InputError` if the key is the log's own.
    """
    if key.did == checkpoint.origin:
        raise InputError("a log cannot be its own witness: cosign with the key of the cosigner")
    if not 0 <= time_s <= MAX_TIME_S:
        raise InputError(f"{time_s} is no time of a cosignature, which is in seconds since 1970")
    signature = time_s.to_bytes(_TIME_BYTES, "big") + key.sign(message(checkpoint, time_s))
    return notes.Signature(name, notes.key_id(name, notes.COSIGNATURE, key.public), signature).line


def verify(checkpoint: Claim, lines: str | bytes, name: str, public: bytes) -> int:
    """When this cosigner cosigned the checkpoint, in seconds since 1970: the newest time it signed.

    `lines` is a signed note, or signature lines as a witness answers with them. Raises `InputError` if there
    is none of this cosigner, or one that claims to be and does not hold.
    """
    wanted = (name, notes.key_id(name, notes.COSIGNATURE, public))
    claimed = [one.signature for one in read_lines(lines) if (one.name, one.id) == wanted]
    if not claimed:
        raise InputError(f"is not cosigned by {shown(name)}")
    return max(_time_of(checkpoint, signature, name, public) for signature in claimed)


def _time_of(checkpoint: Claim, signature: bytes, name: str, public: bytes) -> int:
    time_s = int.from_bytes(signature[:_TIME_BYTES], "big")
    signed = message(checkpoint, time_s)
    if time_s > MAX_TIME_S or not is_signed(public, signed, signature[_TIME_BYTES:]):
        raise InputError(f"the cosignature of {shown(name)} is not of this checkpoint, or was changed since")
    return time_s


def read_lines(lines: str | bytes) -> tuple[notes.Signature, ...]:
    """The signature lines of a note, or of a witness's answer, which is nothing else; or `InputError`."""
    data = lines.encode("utf-8", errors="surrogatepass") if isinstance(lines, str) else lines
    if b"\n\n" in data:
        return notes.parse(data).signatures
    return notes.parse_signatures(utf8(data, what="an answer with cosignatures", most=notes.MAX_NOTE_BYTES))


def with_lines(checkpoint: Checkpoint, lines: Iterable[str | bytes]) -> bytes:
    """The checkpoint's note with these cosignatures under it, each item one or more lines.

    The log's own signature comes first, and what is added last; a key has one line, its newest. Lines in the
    log's own name are not added, so that nothing can spoil its signature. Others that were there give way,
    the last ones first, if the note would have too many: nobody can fill it to keep yours out. Verify first
    what you add: who trusts a cosigner refuses a note with a false line of it. Raises `InputError` if what is
    added is no lines, or too many by itself.
    """
    note, origin = notes.parse(checkpoint.note), checkpoint.origin
    own = (origin, notes.key_id(origin, notes.ED25519, public_of(origin)))
    every = [one for item in lines for one in read_lines(item)]
    added = {(one.name, one.id): one for one in every if one.name != origin}
    there: dict[tuple[str, bytes], notes.Signature] = {}
    for one in sorted(note.signatures, key=lambda one: (one.name, one.id) != own):
        there.setdefault((one.name, one.id), one)
    kept = [one for key, one in there.items() if key not in added]
    while len(kept) > 1 and not notes.fits(note.text, [*kept, *added.values()]):
        del kept[-1]
    return notes.write(note.text, [*kept, *added.values()])


def tidy(checkpoint: Checkpoint) -> Checkpoint:
    """The same with one line of each key, the log's first: some refuse a note in which one stands twice."""
    return replace(checkpoint, note=with_lines(checkpoint, []))


def vkey_of(name: str, public: bytes) -> str:
    """The text by which people hand on this cosigner's key."""
    return notes.vkey(name, notes.COSIGNATURE, public)
