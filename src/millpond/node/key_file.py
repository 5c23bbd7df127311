"""The key of a room's log in a file of its own, for the drawer: sealed by a passphrase (`sealed`).

Inside is one JSON object, UTF-8, with exactly these fields:

    format    "millpond-key/1"
    did       the did:key, to be compared with what others know
    seed      the 32 bytes of the Ed25519 seed, base64
    made_ms   when the file was written, unix milliseconds

It is not the log: what was said stands in the room, in its backups and on mirrors. So a key that comes in
rests until the log was brought up to date (`resuming`). Whoever has the file and its passphrase can sign as
the room.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from io import BytesIO
from pathlib import Path

from millpond.errors import InputError
from millpond.log.keys import Key
from millpond.log.statement import MAX_TIME_MS
from millpond.model.parsing import parse
from millpond.model.rules import integer
from millpond.node import archive, own_log, sealed
from millpond.node.node import Node, OpenRoom
from millpond.node.own_keys import OwnKey, Why, current
from millpond.store import Rows

FORMAT = "millpond-key/1"
MAX_FILE_BYTES = 4_096
_FIELDS = ["did", "format", "made_ms", "seed"]


def export_key(node: Node, room: OpenRoom, path: Path, passphrase: str) -> str:
    """Writes the room's key to a new file; returns its did. Raises `InputError`, also if the file exists."""
    known = current(room.db.read)
    if known is None:
        raise InputError("this room has said nothing yet: it has no key")
    key = own_log.unseal(node, room.db.read, known)
    told = {
        "format": FORMAT,
        "did": key.did,
        "seed": b64encode(key.seed).decode(),
        "made_ms": node.clock(),
    }
    whole = BytesIO()
    sealer = sealed.Sealer(whole, passphrase)
    sealer.write(json.dumps(told, indent=1).encode() + b"\n")
    sealer.close()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(whole.getvalue())
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", name=str(path)) from None
    archive.sync_folder(path.parent)
    return key.did


def read_key(path: Path, passphrase: str) -> Key:
    """The key in a file; raises `InputError`."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", name=str(path)) from None
    try:
        if len(data) > MAX_FILE_BYTES or not data.startswith(sealed.MAGIC):
            raise InputError("is no key of Millpond")
        value = parse(b"".join(sealed.opened(BytesIO(data), passphrase)))
        if not isinstance(value, dict) or sorted(value) != _FIELDS or value["format"] != FORMAT:
            raise InputError("is no key of Millpond, or of another version")
        integer("made_ms", value["made_ms"], 0, MAX_TIME_MS)
        key = Key(b64decode(str(value["seed"]), validate=True))
        if key.did != value["did"]:
            raise InputError("says another name than its key has", at="did")
    except ValueError:
        raise InputError("is no key of Millpond") from None
    except InputError as error:
        raise error.named(str(path)) from None
    return key


def import_key(node: Node, room: OpenRoom, path: Path, passphrase: str) -> str:
    """Puts the key of a file into a room that has none, where it rests; or gives a room its own one back.

    That is for a room that came without it, or whose `node.key` is lost: what the key may do stays as it was.
    Returns its did. Raises `InputError`.
    """
    key = read_key(path, passphrase)
    own_log.note(node, room.slug, key.did)

    def job(rows: Rows) -> None:
        known = current(rows)
        if known is None:
            own_log.add_key(node, rows, key, now_ms=node.clock(), why=Why.KEY)
        elif known.did != key.did:
            raise InputError(f"the room has another key already: {known.did}")
        elif _opens(node, rows, known):
            raise InputError("the room has this key already")
        else:
            seed = node.vault.seal(key.seed, key.did)
            rows.run("own_log.set_seed", did=key.did, seed=seed, is_sealed=True)

    room.db.write(job)
    return key.did


def _opens(node: Node, rows: Rows, known: OwnKey) -> bool:
    """Whether the room can sign with the key it has."""
    try:
        own_log.unseal(node, rows, known)
    except InputError:
        return False
    return True
