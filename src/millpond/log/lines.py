"""The small words that C2SP's texts are made of: decimals, base64, hashes, each written in one way only.

A text that is signed, compared or stored must not have two spellings. So what is read here is refused unless
it is exactly what would be written here: no leading zero, no sign, no other alphabet, no stray padding bits.

- Every function takes `at`, where the piece stood, and raises `InputError` that says so.

>>> decimal("20852163"), base64_text(b"mill")
(20852163, 'bWlsbA==')
>>> base64_bytes("bWlsbA==")
b'mill'
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode

from millpond.errors import InputError
from millpond.log.merkle import HASH_BYTES, MAX_SIZE
from millpond.model.rules import shown

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


def decimal(text: str, *, at: str = "", most: int = MAX_SIZE) -> int:
    """A number from 0 to `most`, without leading zeros; raises `InputError`."""
    if not _DECIMAL.fullmatch(text) or int(text) > most:
        raise InputError(f"{shown(text)} is no number from 0 to {most}, without leading zeros", at=at)
    return int(text)


def base64_text(data: bytes) -> str:
    """Standard alphabet, padded (RFC 4648, section 4)."""
    return b64encode(data).decode("ascii")


def base64_bytes(text: str, *, at: str = "") -> bytes:
    """The bytes of a base64 text, which must be the one way to write them; raises `InputError`."""
    try:
        data = b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        data = None
    if data is None or base64_text(data) != text:
        raise InputError(f"{shown(text)} is not base64 as it is written: standard alphabet, padded", at=at)
    return data


def base64_hash(text: str, *, at: str = "") -> bytes:
    """The 32 bytes of a hash in base64; raises `InputError`."""
    data = base64_bytes(text, at=at)
    if len(data) != HASH_BYTES:
        raise InputError(f"{shown(text)} is not a hash of {HASH_BYTES} bytes, but {len(data)}", at=at)
    return data


def utf8(data: bytes, *, what: str, most: int) -> str:
    """The text of `what`, of at most `most` bytes; raises `InputError`."""
    if len(data) > most:
        raise InputError(f"{what} has at most {most:,} bytes, this one {len(data):,}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{what} is UTF-8 text; this one is not, from byte {error.start:,} on") from None
