"""A file that only a passphrase opens: argon2id makes the key, XChaCha20-Poly1305 seals the pieces.

    18 bytes  MILLPOND-SEALED-1 and a line feed
     4 bytes  passes of argon2id, big-endian
     4 bytes  its memory in KiB, big-endian
    16 bytes  its salt, random
    24 bytes  the header of libsodium's secretstream
    then pieces: each 65,536 bytes and 17 of its tag; the last is marked FINAL and is shorter, perhaps empty

The first 42 bytes are bound to the first piece, so nothing of the header can be changed unnoticed. Pieces
cannot be left out, swapped or cut off at the end. Sources: RFC 9106, libsodium's `crypto_secretstream`.

Reading tells a wrong passphrase from a changed file as little as mathematics lets it.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from typing import BinaryIO

from nacl import bindings, exceptions
from nacl.pwhash import argon2id
from nacl.utils import random

from millpond.errors import InputError

MAGIC = b"MILLPOND-SEALED-1\n"
PIECE = 65_536
PASSES = 8
MEMORY_KIB = 65_536
"""64 MiB, as in `passphrases`; more passes, for whoever has the file may try as long as they like."""
MOST_PASSES = 64
MOST_MEMORY_KIB = 262_144
"""What a file may ask of who reads it."""
_HEAD = struct.Struct(f">{len(MAGIC)}sII{argon2id.SALTBYTES}s")
_STREAM_HEAD = bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_TAG = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_FINAL = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL
_MESSAGE = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE

NOT_OPENED = "the passphrase is another one, or the file is damaged or cut short; nothing was changed"


class Sealer:
    """Takes bytes and writes them sealed. `close` writes the end; without it the file cannot be opened."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        self._file = file
        head = _HEAD.pack(MAGIC, PASSES, MEMORY_KIB, random(argon2id.SALTBYTES))
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        start = bindings.crypto_secretstream_xchacha20poly1305_init_push(self._state, _key(head, passphrase))
        file.write(head + start)
        self._bound: bytes | None = head
        self._rest = bytearray()
        self._closed = False

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Takes more bytes; returns how many."""
        self._rest += data
        while len(self._rest) > PIECE:
            self._push(bytes(self._rest[:PIECE]), _MESSAGE)
            del self._rest[:PIECE]
        return len(data)

    def flush(self) -> None:
        """Nothing: a piece is written when it is full."""

    def close(self) -> None:
        """Writes the last piece; leaves the file open."""
        if not self._closed:
            self._closed = True
            self._push(bytes(self._rest), _FINAL)

    def _push(self, piece: bytes, tag: int) -> None:
        bound, self._bound = self._bound, None
        self._file.write(
            bindings.crypto_secretstream_xchacha20poly1305_push(self._state, piece, ad=bound, tag=tag)
        )


def is_sealed(file: BinaryIO) -> bool:
    """Whether the file begins like a sealed one; the position stays."""
    at = file.tell()
    begins = file.read(len(MAGIC))
    file.seek(at)
    return begins == MAGIC


def opened(file: BinaryIO, passphrase: str) -> Iterator[bytes]:
    """The pieces of a sealed file, each once it is known to be as it was written; raises `InputError`.

    Whoever uses pieces before the last has come must be able to undo it: the end may be cut off.
    """
    head, start = file.read(_HEAD.size), file.read(_STREAM_HEAD)
    if len(head) < _HEAD.size or len(start) < _STREAM_HEAD or not head.startswith(MAGIC):
        raise InputError(NOT_OPENED)
    state = bindings.crypto_secretstream_xchacha20poly1305_state()
    bindings.crypto_secretstream_xchacha20poly1305_init_pull(state, start, _key(head, passphrase))
    bound: bytes | None = head
    tag = _MESSAGE
    while tag != _FINAL:
        piece = file.read(PIECE + _TAG)
        try:
            data, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(state, piece, ad=bound)
        except (exceptions.CryptoError, ValueError):
            raise InputError(NOT_OPENED) from None
        bound = None
        yield data
    if file.read(1):
        raise InputError(NOT_OPENED)


def _key(head: bytes, passphrase: str) -> bytes:
    _, passes, memory_kib, salt = _HEAD.unpack(head)
    if not (1 <= passes <= MOST_PASSES and 8 <= memory_kib <= MOST_MEMORY_KIB):
        raise InputError(NOT_OPENED)
    return argon2id.kdf(
        bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES,
        unicodedata.normalize("NFKC", passphrase).strip().encode(),
        salt,
        opslimit=passes,
        memlimit=memory_kib * 1024,
    )
