"""Statements and log entries: what is signed, byte for byte.

A *payload* is one line of strict JSON (see `strict`), at most `MAX_PAYLOAD_BYTES`: an object with the fields
kind, author, time_ms, body, if needed attachments, and any others that begin with "x_". What is signed is
its DSSE pre-authentication encoding (`pae`); a statement's name is `sid` = SHA-256 of that. An *entry*, the
leaf of a log, is payload, LF, base64 of the signature, LF.

Invariants:
- Nothing is ever written anew in order to be checked: signature, sid and leaf hash are over the bytes as
  they stand.
- *Well-formed* depends on the bytes alone, so all nodes agree about it for good: what a kind means and
  whether a body obeys it is `kinds`' business, and never makes an entry ill-formed.
- An entry has one form: of the bytes of a valid entry none can be changed, added or left out.
- `time_ms` is the author's word. Nothing is decided by it alone.

>>> key = Key(bytes(range(32)))
>>> payload = write("profile/1", key.did, 1_790_000_000_000, {"name": "Yongtai"})
>>> entry = sign(payload, key)
>>> read(entry, key.did).sid == sid_of(payload)
True
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from millpond.errors import InputError
from millpond.log.keys import SIGNATURE_BYTES, Key, is_signed, public_of
from millpond.log.strict import MAX_INTEGER, parse
from millpond.model.rules import integer, path_under, shown, wrong

PAYLOAD_TYPE = "application/vnd.millpond.statement+json"
"""The payload type of DSSE: what keeps these signatures from being taken for any other kind of document's."""
MAX_PAYLOAD_BYTES = 32_768
"""A statement is text that a person can read; pictures and documents are attachments."""
SIGNATURE_CHARACTERS = 88
"""Of 64 bytes in padded base64."""
MAX_ENTRY_BYTES = MAX_PAYLOAD_BYTES + SIGNATURE_CHARACTERS + 2
"""Fits the 16-bit length of an entry bundle (C2SP tlog-tiles)."""
MAX_ATTACHMENTS = 16
MAX_NAME_CHARACTERS = 200
MAX_TIME_MS = MAX_INTEGER

_ENDING = SIGNATURE_CHARACTERS + 2
_PAE_BEGINNING = f"DSSEv1 {len(PAYLOAD_TYPE)} {PAYLOAD_TYPE} ".encode()
_FIELDS = frozenset({"kind", "author", "time_ms", "body", "attachments"})
_REQUIRED = ("kind", "author", "time_ms", "body")
_ATTACHMENT_FIELDS = frozenset({"sha256", "bytes", "type", "name"})

_KIND = re.compile(r"[a-z][a-z0-9-]{0,39}/[1-9][0-9]{0,3}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,62}/[a-z0-9][a-z0-9!#$&^_.+-]{0,62}")
_NO_FILE_NAME = re.compile("[\x00-\x1f\x7f-\x9f/\\\\\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Separators of folders, and characters that would break a line or turn the direction of the text around
them. A list of its own, as a table of Unicode would change with its version."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A picture or document that a statement names by its hash: whoever holds the bytes can prove it is this.

    `sha256` is lower-case hex, `bytes` the size, `type` an internet media type in lower case without
    parameters, `name` what to call the file: no folders, no control characters. Raises `InputError`.
    """

    sha256: str
    bytes: int
    type: str
    name: str

    def __post_init__(self) -> None:
        if type(self.sha256) is not str or not _SHA256.fullmatch(self.sha256):
            raise wrong("sha256", self.sha256, "a SHA-256: 64 hexadecimal digits, in lower case")
        integer("bytes", self.bytes, 0, MAX_INTEGER)
        if type(self.type) is not str or not _MEDIA_TYPE.fullmatch(self.type):
            raise wrong("type", self.type, "a media type in lower case, like image/jpeg")
        name = self.name
        if type(name) is not str or not 1 <= len(name) <= MAX_NAME_CHARACTERS:
            raise wrong("name", name, f"a text of 1 to {MAX_NAME_CHARACTERS} characters")
        if _NO_FILE_NAME.search(name) or name in (".", ".."):
            raise wrong("name", name, "the name of a file: no folder, no line break, no hidden character")


class Statement(NamedTuple):
    """A well-formed statement, as it is read from its payload. Two are equal if their bytes are.

    `author` is a did, `time_ms` unix milliseconds, `sid` 32 bytes. `body` is not to be changed. Fields that
    begin with "x_" stand in the payload alone.
    """

    kind: str
    author: str
    time_ms: int
    body: Mapping[str, Any]
    attachments: tuple[Attachment, ...]
    sid: bytes
    payload: bytes

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Statement) and self.payload == other.payload

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.payload)


def pae(payload: bytes) -> bytes:
    """What is signed: the DSSE v1 pre-authentication encoding of the payload.

    >>> pae(b"{}")
    b'DSSEv1 39 application/vnd.millpond.statement+json 2 {}'
    """
    return b"%b%d %b" % (_PAE_BEGINNING, len(payload), payload)


def sid_of(payload: bytes) -> bytes:
    """The name of the statement with this payload: 32 bytes."""
    return sha256(pae(payload)).digest()


def write(
    kind: str,
    author: str,
    time_ms: int,
    body: Mapping[str, Any],
    attachments: Sequence[Attachment] = (),
) -> bytes:
    """The payload of a new statement, which is well-formed, or `InputError` that names the field.

    Whether the body obeys the kind is not asked here: see `kinds`.
    """
    value: dict[str, Any] = {"kind": kind, "author": author, "time_ms": time_ms, "body": body}
    if attachments:
        value["attachments"] = [
            {"sha256": one.sha256, "bytes": one.bytes, "type": one.type, "name": one.name}
            for one in attachments
        ]
    try:
        payload = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        raise InputError("half of a surrogate pair stands alone in a text; UTF-8 cannot carry it") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"this cannot be written as JSON: {str(error)[:80]}", at="body") from None
    read_payload(payload)
    return payload


def sign(payload: bytes, key: Key) -> bytes:
    """The entry of this payload; raises `InputError` if it is not well-formed or not by the key's owner."""
    author = read_payload(payload).author
    if author != key.did:
        raise InputError(f"it is to be signed by {key.did}, and its author is {author}", at="author")
    return join(payload, key.sign(pae(payload)))


def join(payload: bytes, signature: bytes) -> bytes:
    """The entry of a payload and the signature over its `pae`, neither of which is checked."""
    return b"%b\n%b\n" % (payload, b64encode(signature))


def split(entry: bytes) -> tuple[bytes, bytes]:
    """Payload and signature (64 bytes) of an entry, neither of which is checked; raises `InputError`."""
    if len(entry) > MAX_ENTRY_BYTES:
        raise InputError(f"an entry of {len(entry):,} bytes; one has at most {MAX_ENTRY_BYTES:,}")
    encoded = entry[-_ENDING + 1 : -1]
    if len(entry) <= _ENDING or entry[-_ENDING] != 0x0A or entry[-1] != 0x0A:
        raise InputError(
            "not an entry: one is a line with the statement and a line with its signature, both ended"
        )
    try:
        signature = a2b_base64(encoded)
    except Base64Error:
        signature = b""
    if len(signature) != SIGNATURE_BYTES or b64encode(signature) != encoded:
        raise InputError(
            "the second line of an entry is the base64 of a signature, padded, 88 characters; this is not"
        )
    return entry[:-_ENDING], signature


def read(entry: bytes, author: str) -> Statement:
    """The statement of an entry that is well-formed and signed by this author; else raises `InputError`."""
    payload, signature = split(entry)
    encoded = pae(payload)
    statement = _read(payload, encoded)
    if statement.author != author:
        raise InputError(f"the author is {statement.author}, and this is the log of {author}", at="author")
    if not is_signed(public_of(author), encoded, signature):
        raise InputError(f"the signature is not one of {author} over this statement")
    return statement


def read_payload(payload: bytes) -> Statement:
    """The statement of a well-formed payload, whoever signed it; else raises `InputError`."""
    return _read(payload, pae(payload))


def _read(payload: bytes, encoded: bytes) -> Statement:
    """`encoded` is the payload's `pae`."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise InputError(f"a statement of {len(payload):,} bytes; one has at most {MAX_PAYLOAD_BYTES:,}")
    value = parse(payload)
    if not _FIELDS.issuperset(value):
        _refuse_unknown("", value, _FIELDS)
    try:
        kind, author, time_ms, body = value["kind"], value["author"], value["time_ms"], value["body"]
    except KeyError as error:
        raise InputError("is missing, and required", at=error.args[0]) from None
    if type(kind) is not str or not _KIND.fullmatch(kind):
        raise wrong("kind", kind, 'a kind: a name in small letters, "/" and a version, like vouch/1')
    try:
        public_of(author)
    except (InputError, TypeError) as error:
        problem = error.problem if isinstance(error, InputError) else f"{shown(author)} is not an identity"
        raise InputError(problem, at="author") from None
    if type(time_ms) is not int or not 0 <= time_ms <= MAX_TIME_MS:
        integer("time_ms", time_ms, 0, MAX_TIME_MS)
    if type(body) is not dict:
        raise wrong("body", body, "an object")
    attachments = _attachments(value["attachments"]) if "attachments" in value else ()
    return Statement(kind, author, time_ms, body, attachments, sha256(encoded).digest(), payload)


def _attachments(value: object) -> tuple[Attachment, ...]:
    if type(value) is not list or not 1 <= len(value) <= MAX_ATTACHMENTS:
        raise wrong(
            "attachments", value, f"a list of 1 to {MAX_ATTACHMENTS} (without any, the field is left out)"
        )
    return tuple(_attachment(f"attachments[{index}]", entry) for index, entry in enumerate(value))


def _attachment(at: str, value: object) -> Attachment:
    if type(value) is not dict:
        raise wrong(at, value, "an object")
    _refuse_unknown(at, value, _ATTACHMENT_FIELDS)
    try:
        return Attachment(value["sha256"], value["bytes"], value["type"], value["name"])
    except KeyError as error:
        raise InputError("is missing, and required", at=path_under(at, error.args[0])) from None
    except InputError as error:
        raise error.inside(at) from None


def _refuse_unknown(at: str, value: dict[str, Any], known: frozenset[str]) -> None:
    for key in value:
        if key not in known and not key.startswith("x_"):
            rule = f"unknown field; known are {', '.join(sorted(known))} and any that begins with x_"
            raise InputError(rule, at=path_under(at, key))
