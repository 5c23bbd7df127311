"""Signed notes: a text, and lines of those who signed it. Source: C2SP signed-note.

    Ognuno sta solo sul cuor della terra
    <empty line>
    — quasimodo.example/salvatore NnugSzTjtVAe…

A signature line is an em dash, the key's name, and base64 of the key's id (4 bytes) and the signature.

- The text ends with a newline; the last empty line of the note separates it from the signatures.
- UTF-8, no control characters but the newline. A name has no space and no plus in it.
- A note has one spelling: what was parsed and is written again is the same bytes.
- Bounded: `MAX_NOTE_BYTES`, `MAX_SIGNATURES`.
- The id of a key only says which signature to look at. Whether it holds is `keys.is_signed`'s word alone.

Parsing verifies nothing. Nothing in a note may be believed before the signature of a known key on it holds;
`signed_by` says which do.

>>> from millpond.log.keys import Key
>>> key = Key(bytes(32))
>>> note = write("Hello\\n", [sign("Hello\\n", "pond.example", key)])
>>> signed_by(parse(note), "pond.example", key.public)
True
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from millpond.errors import InputError
from millpond.log.keys import Key, is_signed
from millpond.log.lines import base64_bytes, base64_text, utf8
from millpond.model.rules import shown

MAX_NOTE_BYTES = 65_536
"""A checkpoint with all its cosignatures has a few kilobytes; post-quantum ones have five each."""
MAX_SIGNATURES = 64
"""C2SP asks for 16 at least."""
MAX_NAME_BYTES = 255
ED25519 = 0x01
"""Type of a signature over the text of the note."""
COSIGNATURE = 0x04
"""Type of a witness's or mirror's timestamped signature: see `cosignature`."""
ID_BYTES = 4
PUBLIC_BYTES = 32

_REMEMBERED = 4_096
"""Names and keys that were found right: a node meets the same few again and again."""
_DASH = "— "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Signature:
    """One line: who says to have signed (`name`, `id` of the key), and the signature as it stands."""

    name: str
    id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.id) != ID_BYTES or not self.signature:
            raise InputError(f"a signature has a key id of {ID_BYTES} bytes and bytes of its own")

    @property
    def line(self) -> str:
        """As it stands in a note, with its newline."""
        return f"{_DASH}{self.name} {base64_text(self.id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends with a newline, and the lines under it; nothing is verified."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name and the type of its signatures, as a `vkey` has them."""

    name: str
    type: int
    public: bytes

    @property
    def id(self) -> bytes:
        """By which its signature lines are found."""
        return key_id(self.name, self.type, self.public)


@lru_cache(_REMEMBERED)
def check_name(name: str) -> None:
    """Raises `InputError` if a key cannot have this name."""
    size = len(name.encode("utf-8", errors="surrogatepass"))
    if not 0 < size <= MAX_NAME_BYTES or any(c == "+" or c.isspace() or not _is_text(c) for c in name):
        rule = f"1 to {MAX_NAME_BYTES} bytes without space, plus or control characters"
        raise InputError(f"{shown(name)} is no name of a key: {rule}")


@lru_cache(_REMEMBERED)
def key_id(name: str, type: int, public: bytes) -> bytes:
    """The 4 bytes by which a signature line names its key; raises `InputError` for a name that cannot be."""
    check_name(name)
    return sha256(name.encode("utf-8") + b"\n" + bytes([type]) + public).digest()[:ID_BYTES]


def parse(data: bytes) -> Note:
    """A note from its bytes; raises `InputError`."""
    whole = utf8(data, what="a signed note", most=MAX_NOTE_BYTES)
    if found := _CONTROL.search(whole):
        raise InputError(f"a signed note has no control character such as U+{ord(found[0]):04X} in it")
    body, blank, block = whole.rpartition("\n\n")
    if not blank:
        raise InputError("has no signatures: a note is a text, an empty line, and lines of signatures")
    return Note(body + "\n", parse_signatures(block))


def parse_signatures(block: str) -> tuple[Signature, ...]:
    """Signature lines, one or more, as under a note or in a witness's answer; raises `InputError`."""
    lines = block.split("\n")
    if lines.pop() or not lines:
        raise InputError("the last line of a signed note is a signature and ends with a newline")
    if len(lines) > MAX_SIGNATURES:
        raise InputError(f"a signed note has at most {MAX_SIGNATURES} signatures, this one {len(lines):,}")
    return tuple(_signature(line, f"signature {number}") for number, line in enumerate(lines, 1))


def _signature(line: str, at: str) -> Signature:
    name, space, text = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise InputError(
            f"{shown(line)} is not an em dash, a name and a signature with a space between", at=at
        )
    data = base64_bytes(text, at=at)
    try:
        return Signature(name, data[:ID_BYTES], data[ID_BYTES:])
    except InputError as error:
        raise error.inside(at) from None


def write(text: str, signatures: Iterable[Signature]) -> bytes:
    """The bytes of a note; raises `InputError` if `parse` would refuse them."""
    signatures = tuple(signatures)
    if not text.endswith("\n"):
        raise InputError("the text of a note ends with a newline")
    try:
        data = (text + "\n" + "".join(signature.line for signature in signatures)).encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("the text of a note has half a character in it, which UTF-8 cannot write") from None
    parse(data)
    return data


def fits(text: str, signatures: Sequence[Signature]) -> bool:
    """Whether a note with so much in it is within the bounds."""
    size = len(text.encode("utf-8", errors="surrogatepass")) + 1
    size += sum(len(signature.line.encode("utf-8")) for signature in signatures)
    return len(signatures) <= MAX_SIGNATURES and size <= MAX_NOTE_BYTES


def sign(text: str, name: str, key: Key) -> Signature:
    """An Ed25519 signature of type 0x01 over the text."""
    return Signature(name, key_id(name, ED25519, key.public), key.sign(text.encode("utf-8")))


def signed_by(note: Note, name: str, public: bytes) -> bool:
    """Whether this key signed the text (type 0x01). Lines of other keys are ignored.

    A line that claims to be this key's and does not hold spoils the note, even beside one that does.
    """
    wanted = (name, key_id(name, ED25519, public))
    claimed = [one.signature for one in note.signatures if (one.name, one.id) == wanted]
    text = note.text.encode("utf-8")
    return bool(claimed) and all(is_signed(public, text, signature) for signature in claimed)


def vkey(name: str, type: int, public: bytes) -> str:
    """The text by which people hand on a key: name, id in hex, base64 of the type and the key."""
    return f"{name}+{key_id(name, type, public).hex()}+{base64_text(bytes([type]) + public)}"


def parse_vkey(text: str) -> VerifierKey:
    """A key from its `vkey`, of one of the two types that are known here; raises `InputError`."""
    name, first, rest = text.partition("+")
    id, second, encoded = rest.partition("+")
    if not first or not second:
        raise InputError(f"{shown(text)} is no key of a witness: NAME+ID+KEY is wanted")
    check_name(name)
    data = base64_bytes(encoded)
    if len(data) != 1 + PUBLIC_BYTES or data[0] not in (ED25519, COSIGNATURE):
        raise InputError(f"{shown(text)} is no Ed25519 key (type 0x01 or 0x04) that is known here")
    found = VerifierKey(name, data[0], data[1:])
    if id != found.id.hex():
        raise InputError(f"{shown(text)} was miscopied: its id should be {found.id.hex()}")
    return found


def _is_text(character: str) -> bool:
    return character > "\x1f" and not "\ud800" <= character <= "\udfff"
