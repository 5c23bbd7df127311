"""That a log signed two histories: a proof in one file, which convicts by itself.

A log's key may sign only checkpoints that continue one another. Two that do not are proof against whoever
holds the key: it lied, or lost its key, or went on from an old backup. The file `millpond-equivocation/1` is
one JSON object with exactly these fields:

    format       "millpond-equivocation/1"
    first        the signed note with the smaller size, as text
    second       the other one
    prefix_root  null when the sizes are equal: then the two roots differ, and the notes are proof enough.
                 Otherwise the root that the tree of `second` had at the size of `first`, base64
    proof        the RFC 6962 consistency proof from `prefix_root` to the root of `second`, base64 hashes

It proves something if both notes are signed by the key of one log, and what the second says about the size
of the first (its root, or `prefix_root`) is not the root that the first says. Nobody can make one about an
honest log: that takes its key, or a collision of SHA-256.

- An `Equivocation` proves what it says from the moment it exists, or `InputError` was raised.
- The order of the two says nothing about who was there first.
- No machine decides whether it was a lie or an accident. It ends the trust in what the log says after the
  smaller size, until people have spoken with each other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NoReturn

from millpond.errors import InputError
from millpond.log import checkpoint as checkpoints
from millpond.log.checkpoint import Checkpoint
from millpond.log.lines import base64_hash, base64_text, utf8
from millpond.log.note import MAX_NOTE_BYTES
from millpond.log.proofs import MAX_HASHES, HashAt, consistency_proof, range_root, verify_consistency

FORMAT = "millpond-equivocation/1"
MAX_FILE_BYTES = 2 * 2 * MAX_NOTE_BYTES + 8_192
"""Two whole notes, whose characters JSON may write as two each, and 63 hashes."""
_FIELDS = ("format", "first", "second", "prefix_root", "proof")


@dataclass(frozen=True, slots=True)
class Equivocation:
    """Two checkpoints of one log of which neither continues the other, and what shows it.

    Raises `InputError` if they prove nothing. Of equal sizes, the one with the smaller root comes first.
    """

    first: Checkpoint
    second: Checkpoint
    prefix_root: bytes | None = None
    proof: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        first, second = self.first, self.second
        if first.origin != second.origin:
            raise InputError("the two checkpoints are of different logs: that proves nothing")
        if (first.size, first.root) > (second.size, second.root):
            raise InputError("the checkpoints stand in the wrong order: the smaller size goes first")
        if first.size == second.size:
            if self.prefix_root is not None or self.proof:
                raise InputError("has more in it than two checkpoints of one size need", at="prefix_root")
            if first.root == second.root:
                raise InputError("the two checkpoints say the same: that proves nothing")
            return
        if self.prefix_root is None:
            raise InputError(
                "the root that the larger tree had at the smaller size is missing", at="prefix_root"
            )
        if self.prefix_root == first.root:
            raise InputError(
                "the second checkpoint continues the first: that proves nothing", at="prefix_root"
            )
        try:
            verify_consistency(first.size, second.size, self.prefix_root, self.proof, root=second.root)
        except InputError as error:
            raise error.inside("proof") from None

    @property
    def origin(self) -> str:
        """Of the log that has two histories."""
        return self.first.origin

    def write(self) -> bytes:
        """The file, which `check` reads: JSON, UTF-8."""
        value = {
            "format": FORMAT,
            "first": self.first.note.decode(),
            "second": self.second.note.decode(),
            "prefix_root": None if self.prefix_root is None else base64_text(self.prefix_root),
            "proof": [base64_text(hash) for hash in self.proof],
        }
        return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def build(one: Checkpoint, other: Checkpoint, hash_at: HashAt | None = None) -> Equivocation:
    """The proof that these two checkpoints convict their log; raises `InputError` if they do not.

    `hash_at` reads the tree of the larger one, all of it up to that size; checkpoints of one size need none.
    """
    first, second = sorted((one, other), key=lambda checkpoint: (checkpoint.size, checkpoint.root))
    if first.size == second.size:
        return Equivocation(first, second)
    if hash_at is None:
        raise InputError(f"the tree of size {second.size} is needed to say what it was at size {first.size}")
    prefix_root = range_root(0, first.size, hash_at)
    return Equivocation(first, second, prefix_root, consistency_proof(first.size, second.size, hash_at))


def check(data: bytes) -> Equivocation:
    """The proof in a file; raises `InputError` if it proves nothing, and says why."""
    value = _object(data)
    prefix_root = value["prefix_root"]
    proof = value["proof"]
    if not isinstance(proof, list) or len(proof) > MAX_HASHES:
        raise InputError(f"is not a list of at most {MAX_HASHES} hashes", at="proof")
    return Equivocation(
        _checkpoint(value, "first"),
        _checkpoint(value, "second"),
        None if prefix_root is None else _hash(prefix_root, "prefix_root"),
        tuple(_hash(hash, f"proof[{index}]") for index, hash in enumerate(proof)),
    )


def describe(proof: Equivocation) -> str:
    """What is proven, in one sentence."""
    first, second = proof.first, proof.second
    if first.size == second.size:
        return (
            f"The key of {proof.origin} signed two different logs of {first.size:,} entries, "
            f"with the roots {first.root.hex()[:16]}… and {second.root.hex()[:16]}…."
        )
    return (
        f"The key of {proof.origin} signed a log of {first.size:,} entries and one of {second.size:,} "
        f"which does not continue it: the first {first.size:,} entries of the two are not the same."
    )


def _checkpoint(value: dict[str, Any], name: str) -> Checkpoint:
    text = value[name]
    if not isinstance(text, str):
        raise InputError("is not the text of a signed note", at=name)
    try:
        return checkpoints.read(text.encode("utf-8", errors="surrogatepass"))
    except InputError as error:
        raise error.inside(name) from None


def _hash(text: object, at: str) -> bytes:
    if not isinstance(text, str):
        raise InputError("is not the base64 text of a hash", at=at)
    return base64_hash(text, at=at)


def _object(data: bytes) -> dict[str, Any]:
    """The object with exactly the fields of the format."""
    text = utf8(data, what="a proof of two histories", most=MAX_FILE_BYTES)
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"is not JSON: {str(error)[:120]}") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise InputError(f'is no proof of two histories: that is a JSON object with "format": "{FORMAT}"')
    if set(value) != set(_FIELDS):
        raise InputError(f"has not exactly the fields {', '.join(_FIELDS)}")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise InputError("a field stands in it twice")
    return value


def _no_number(digits: str) -> NoReturn:
    raise InputError(f"has the number {digits[:20]} in it, and the format has none")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=_no_number, parse_float=_no_number, parse_constant=_no_number
)
