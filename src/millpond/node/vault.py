"""Keys at rest: what is secret in a node's databases is sealed by a key that lies in a file of its own.

    DATA/node.key       `millpond-node-key-1 `, 32 bytes in base64, LF

or where MILLPOND_KEY_FILE says: on another disk, or a credential of the service manager.

Trusted or not: who has only the databases (a copied disk image, a cloud snapshot, a thief of `room.db`) can
sign nothing. Who has the databases and this file can sign as every room. Backups do not hold the file: keys
travel in an archive only if a passphrase seals it (see `archive`).

- The file is made once, readable by its owner alone, and never overwritten.
- What was sealed for one purpose does not open for another.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from base64 import b64decode, b64encode
from pathlib import Path

from nacl.exceptions import CryptoError
from nacl.secret import SecretBox
from nacl.utils import random

from millpond.errors import InputError
from millpond.node.archive import sync_folder

NAME = "node.key"
ENVIRONMENT = "MILLPOND_KEY_FILE"
_MAGIC = b"millpond-node-key-1 "
_KEY_BYTES = 32


class Vault:
    """Seals and opens with the key of a node. The `purpose` is part of what is sealed: a did, for example."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, secret: bytes, purpose: str) -> bytes:
        """Nobody without the node's key learns the secret, or can change it unnoticed."""
        return bytes(self._box(purpose).encrypt(secret))

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The secret; raises `InputError` if another key, or another purpose, sealed it."""
        try:
            return bytes(self._box(purpose).decrypt(sealed))
        except (CryptoError, ValueError):
            raise InputError(
                f"was sealed by another key than the one in {NAME}: put the file back that was there, "
                f"or say with {ENVIRONMENT} where it is",
                name=purpose,
            ) from None

    def _box(self, purpose: str) -> SecretBox:
        return SecretBox(hashlib.blake2b(purpose.encode(), key=self._key, digest_size=32).digest())


def open_vault(data: Path) -> Vault:
    """The vault of the node in this directory, its key made if there is none yet; raises `InputError`."""
    path = Path(os.environ.get(ENVIRONMENT) or data / NAME)
    try:
        with contextlib.suppress(FileExistsError):
            _make(path)
        line = path.read_bytes()
    except OSError as error:
        raise InputError(f"the key of the node cannot be used: {error.strerror}", name=str(path)) from None
    if not line.startswith(_MAGIC) or len(key := _decoded(line[len(_MAGIC) :])) != _KEY_BYTES:
        raise InputError("is no key of a node: put the one back that was here", name=str(path))
    return Vault(key)


def _decoded(line: bytes) -> bytes:
    """The bytes of a line of base64; none if it is another line."""
    try:
        key = b64decode(line.removesuffix(b"\n"), validate=True)
    except ValueError:
        return b""
    return key if b64encode(key) + b"\n" == line else b""


def _make(path: Path) -> None:
    """Under its name only when it is whole and on the disk; a second process that makes one gives way.

    What is sealed by it may be on the disk a moment later: then its name must be, too.
    """
    if path.exists():
        return
    part = path.with_name(f".{path.name}.{random(8).hex()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_MAGIC + b64encode(random(_KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        _name(part, path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def _name(part: Path, path: Path) -> None:
    """Gives the whole file its name; raises `FileExistsError` if another one has it by now."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:  # a drive that knows no links, like many sticks: there a race between two is lost
        if path.exists():
            raise FileExistsError from None
        part.replace(path)
