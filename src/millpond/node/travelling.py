"""A room's key in archives: how it leaves, how it arrives, and that it rests where it may not be the newest.

A log's key must never sign a size twice. A file that comes out of an archive is as old as the archive, and
its room may have said more since, here or elsewhere; nothing inside the file can tell. So what arrives rests
(`own_log`), whatever the archive says of itself, with one exception: a *move*. There the log was ended at the
node it left before the archive was written, so that the one who takes it in, in good time, may go on at once.

- In an archive that a passphrase seals the seed stands bare, and is sealed anew where it arrives. From an
  archive in the clear it is left out. A seed that cannot be unsealed (`node.key` is gone) is left out, too,
  and the rest goes along: a backup is not refused for it.
- A seed that arrives is the one of the log it stands beside, or the file is refused.

These work on closed files of any version: one without the tables has no key.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from millpond.errors import InputError
from millpond.log import checkpoint
from millpond.log.keys import Key
from millpond.node.own_keys import OwnKey, State, Why, keys, set_state
from millpond.node.vault import Vault
from millpond.store import Rows, logs
from millpond.store.logs import origin_hash

log = logging.getLogger("millpond.backup")

LONGEST_MOVE_MS = 30 * 86_400_000
"""From the old node to the new one. A file that lay about for longer may have been taken in elsewhere, or the
log was taken back: a second look, by `millpond log resume`, costs less than a log with two histories."""


def leave(copy: Path, vault: Callable[[], Vault] | None, *, move: str = "", now_ms: int = 0) -> None:
    """Makes the keys in a copy of a room ready to travel: bare if there is a vault to open them, else not.

    With `move`, the log that ended for this move is open in the copy.
    """
    with _rows(copy) as rows:
        for key in _keys(rows):
            seed, is_sealed = _seed(rows, key.did)
            if seed is not None and (vault is None or is_sealed):
                bare = None if vault is None else _bare(vault(), seed, key.did)
                rows.run("own_log.set_seed", did=key.did, seed=bare, is_sealed=bare is None)
            if move and key.move == move:
                set_state(rows, key.did, State.OPEN, why=Why.MOVED, move=move, now_ms=now_ms)


def arrive(
    file: Path,
    vault: Callable[[], Vault],
    why: Why,
    *,
    now_ms: int,
    has_arrived: Callable[[str, str, int], bool] | None = None,
) -> tuple[list[str], str]:
    """Seals the keys of a room's file that came in, and lets them rest for this reason.

    Returns the dids of its logs, and of which move its log is open, "" if it is not. That can only be where
    `has_arrived` is given: whether this move (the second) of this log (its did), which left at a time in unix
    milliseconds, came in here before; and only within `LONGEST_MOVE_MS`. Raises `InputError`.
    """
    opened = ""
    with _rows(file) as rows:
        found = _keys(rows)
        for key in found:
            seed, is_sealed = _seed(rows, key.did)
            if seed is not None and not is_sealed:
                if len(seed) != 32 or Key(seed).did != key.did:
                    raise InputError("the key in it is not the one of its log", name=file.name)
                sealed = vault().seal(seed, key.did)
                rows.run("own_log.set_seed", did=key.did, seed=sealed, is_sealed=True)
            if key.state != State.OPEN:
                continue
            reason: Why | None = why
            is_move = key.why == Why.MOVED and key.move and now_ms - key.changed_ms <= LONGEST_MOVE_MS
            if has_arrived is not None and is_move:
                reason = Why.TWICE if has_arrived(key.did, key.move, key.changed_ms) else None
            if reason is None and seed is not None and _fits(rows, key.did):
                opened = key.move
                set_state(rows, key.did, State.OPEN, now_ms=now_ms)
            else:
                set_state(rows, key.did, State.RESTING, why=reason or why, now_ms=now_ms)
    return [key.did for key in found], opened


def put_back(present: Path, copy: Path, *, now_ms: int) -> None:
    """Before a copy takes a room's present place: what was said since it was made makes its log rest.

    A key that was made since goes into the copy, resting, so that it is not lost.
    """
    try:
        with _reading(present) as rows:
            now = _written(rows)
            since = [dict(row) for row in rows.all("own_log.keys")] if now else []
    except (sqlite3.Error, InputError):
        now, since = None, []  # it cannot be read any more: nobody knows what it said
    with _rows(copy) as rows:
        then = _written(rows)
        if then is None or now == then:
            return
        known = {key.did for key in keys(rows)}
        for key in keys(rows):
            if key.state == State.OPEN:
                set_state(rows, key.did, State.RESTING, why=Why.PUT_BACK, now_ms=now_ms)
        for row in since:
            if row["did"] not in known and row["state"] != State.ENDED and not _has_writer(rows):
                values = {name: row[name] for name in ("did", "seed", "is_sealed")}
                rows.run("own_log.add_key", **values, state=State.RESTING, why=Why.PUT_BACK, now_ms=now_ms)


def list_logs(node_file: Path, slug: str, dids: list[str]) -> None:
    """Notes in a node's closed file that a room has these logs; an older file has no such list."""
    with _rows(node_file) as rows:
        if _has(rows, "own_logs"):
            for did in dids:
                rows.run("node.note_log", hash=origin_hash(did), slug=slug)


def forget_arrivals(node_file: Path, *, now_ms: int) -> None:
    """Notes in a restored node's closed file that its list of moves may lack some: see `moving`."""
    with _rows(node_file) as rows:
        if _has(rows, "arrivals"):
            rows.run("node.note_restored", restored_ms=now_ms)


def _written(rows: Rows) -> list[tuple[object, ...]] | None:
    """What the keys of a room may do, and what they signed last; None if it is of before there were any."""
    if not _has(rows, "own_keys"):
        return None
    found: list[tuple[object, ...]] = []
    for key in keys(rows):
        head = logs.head(rows, key.did)
        found.append((key.did, key.state, key.move, head and head.size, head and head.checkpoint))
    return found


def _fits(rows: Rows, did: str) -> bool:
    """Whether the log's own checkpoint is over what stands in the file: else it does not go on by itself."""
    head = logs.head(rows, did)
    if head is None:
        return True
    try:
        signed = checkpoint.read(head.checkpoint or b"", did)
        return (signed.size, signed.root) == (head.reached, logs.root_at(rows, head.id, head.size))
    except InputError:
        return False


def _keys(rows: Rows) -> tuple[OwnKey, ...]:
    return keys(rows) if _has(rows, "own_keys") else ()


def _has_writer(rows: Rows) -> bool:
    return any(key.state != State.ENDED for key in keys(rows))


def _has(rows: Rows, table: str) -> bool:
    return rows.value("own_log.has_table", table=table) is not None


def _seed(rows: Rows, did: str) -> tuple[bytes | None, bool]:
    row = rows.one("own_log.key", did=did)
    assert row is not None
    return row["seed"], bool(row["is_sealed"])


def _bare(vault: Vault, seed: bytes, did: str) -> bytes | None:
    try:
        return vault.open(seed, did)
    except InputError as error:
        log.error("the key of a log stays out of the archive: %s", error)
        return None


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[Rows]:
    with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA query_only = ON")
        yield Rows(connection)


@contextlib.contextmanager
def _rows(path: Path) -> Iterator[Rows]:
    """A closed file, in one transaction; what it held before is nowhere on the disk afterwards."""
    with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("BEGIN IMMEDIATE")
        yield Rows(connection)
        connection.execute("COMMIT")
