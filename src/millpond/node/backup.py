"""A whole node in one file, and back; and the keeping of so many nights.

What is durable when: a backup appears under its name when it is on the disk and was read again; older ones
are thrown away after that. A restored directory becomes a node when `node.db` is moved in, the last step.

Who is signed in is left out: who signs out later would be signed in again by a restored copy. Of `network.db`
only what cannot be fetched again goes in (`network_copy`); keys travel as `travelling` says, and rest after a
restore.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from millpond.errors import InputError
from millpond.node import archive, lock, network_copy, travelling
from millpond.node.archive import BACKUP, Manifest, Take
from millpond.node.own_keys import Why
from millpond.node.vault import Vault, open_vault
from millpond.store.files import version_of

ENDING = ".millpond-backup"
_DATED = re.compile(r"millpond-\d{8}-\d{6}" + re.escape(ENDING))
_MADE_BY_A_NODE = {
    *("address", "lock", "node.key", "rooms", "backups"),
    *(f"{name}.db{ending}" for name in ("node", "network") for ending in ("", "-wal", "-shm")),
}


def backup(data: Path, to: Path, passphrase: str | None, *, now_ms: int, keep: int | None = None) -> Path:
    """All rooms and the node's own file in one; returns where. The node may be running.

    `to` is the file, or a folder in which it is named by the time. Of a folder's backups the `keep` newest
    stay. Raises `InputError`.
    """
    if not (data / "node.db").is_file():
        raise InputError("holds no node of Millpond", name=str(data))
    if (data / "updating").exists():
        raise InputError("is being updated: wait, or start the node once", name=str(data))
    version_of(data / "node.db", "node")
    in_folder = to.is_dir()
    path = to / _name(now_ms) if in_folder else to
    if not path.parent.is_dir():
        raise InputError("is no folder", name=str(path.parent))
    with archive.scratch_folder(data, "backing-up") as scratch:
        archive.pack(
            path,
            BACKUP,
            databases(data),
            made_ms=now_ms,
            passphrase=passphrase,
            scratch=scratch,
            take=_taking(data, is_sealed=passphrase is not None),
        )
    if in_folder and keep is not None:
        _rotate(to, keep)
    return path


def restore(file: Path, data: Path, passphrase: str | None, *, now_ms: int = 0) -> Manifest:
    """Makes the node of a backup where there is none; raises `InputError`, and nothing is left behind.

    A node that never had a room gives way: it is what `millpond serve` makes on its first start. Rooms'
    logs rest (`travelling`), and a keeper has a new key.
    """
    made, was_empty = not data.exists(), False
    try:
        data.mkdir(parents=True, exist_ok=True)
        was_empty = not any(data.iterdir())
        if not _gives_way(data):
            raise InputError(
                "is not empty: restore into a new folder, and move it afterwards", name=str(data)
            )
        held = lock.take(data)
        try:
            with archive.scratch_folder(data, "restoring") as scratch:
                manifest = archive.unpack(file, scratch, passphrase=passphrase)
                if manifest.format != BACKUP:
                    raise InputError("is one room, no whole node: millpond room import", name=str(file))
                _arrive(scratch, data, manifest, now_ms)
                _move_in(scratch, data)
        finally:
            held.release()
    except OSError as error:
        raise InputError(f"cannot be used: {error.strerror}", name=str(data)) from None
    finally:
        if was_empty and not (data / "node.db").exists():
            _clear(data, made)
    return manifest


def slugs_of(data: Path) -> tuple[str, ...]:
    """The rooms that the node's file lists, without opening the node; raises `InputError`."""
    try:
        with contextlib.closing(sqlite3.connect(data / "node.db", timeout=30)) as connection:
            connection.execute("PRAGMA query_only = ON")
            return tuple(row[0] for row in connection.execute("SELECT slug FROM rooms ORDER BY slug"))
    except sqlite3.Error as error:
        raise InputError(f"is no file of Millpond: {error}", name=str(data / "node.db")) from None


def newest_ms(folder: Path) -> int:
    """When the newest backup of this folder was made, by its name; 0 if there is none."""
    names = [path.name for path in folder.iterdir() if _DATED.fullmatch(path.name)]
    if not names:
        return 0
    moment = max(names).removeprefix("millpond-").removesuffix(ENDING)
    return int(datetime.strptime(moment, "%Y%m%d-%H%M%S").replace(tzinfo=UTC).timestamp() * 1000)


def databases(data: Path) -> list[tuple[str, Path]]:
    """Every database of the node: its name in an archive, and where it is."""
    rooms = [(f"rooms/{slug}/room.db", data / "rooms" / slug / "room.db") for slug in slugs_of(data)]
    others = [("network.db", data / "network.db"), *rooms]
    return [("node.db", data / "node.db"), *((name, path) for name, path in others if path.is_file())]


def _taking(data: Path, *, is_sealed: bool) -> Take:
    def take(name: str, source: Path, target: Path) -> None:
        if name == "network.db":
            network_copy.copy(source, target)
            return
        archive.snapshot(source, target)
        if name == "node.db":
            _forget_sessions(target)
        else:
            travelling.leave(target, (lambda: open_vault(data)) if is_sealed else None)

    return take


def _forget_sessions(copy: Path) -> None:
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("DELETE FROM sessions")


def _arrive(scratch: Path, data: Path, manifest: Manifest, now_ms: int) -> None:
    """What is restored may be older than what was signed: keys rest, a keeper begins anew."""

    def vault() -> Vault:
        return open_vault(data)

    for slug in manifest.slugs:
        room = scratch / "rooms" / slug / "room.db"
        dids, _ = travelling.arrive(room, vault, Why.RESTORED, now_ms=now_ms)
        travelling.list_logs(scratch / "node.db", slug, dids)
    if now_ms:  # before the beginning of time nothing left
        travelling.forget_arrivals(scratch / "node.db", now_ms=now_ms)
    if (scratch / "network.db").exists():
        network_copy.arrive(scratch / "network.db")


def _clear(data: Path, made: bool) -> None:
    """A directory that was empty is so again, and one that was not there is gone."""
    for path in data.iterdir():
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    if made:
        data.rmdir()


def _move_in(scratch: Path, data: Path) -> None:
    for left in (f"{name}.db{ending}" for name in ("node", "network") for ending in ("", "-wal", "-shm")):
        (data / left).unlink(missing_ok=True)
    shutil.rmtree(data / "rooms", ignore_errors=True)
    if (scratch / "rooms").is_dir():
        (scratch / "rooms").rename(data / "rooms")
    if (scratch / "network.db").exists():
        (scratch / "network.db").rename(data / "network.db")
    archive.sync_folder(data)
    (scratch / "node.db").rename(data / "node.db")  # now it is a node
    archive.sync_folder(data)


def _gives_way(data: Path) -> bool:
    """Whether nothing but a node without rooms is here."""
    for path in data.iterdir():
        if path.name.startswith(".") and path.name.removesuffix(".lock") in (".restoring", ".backing-up"):
            continue
        if path.name not in _MADE_BY_A_NODE or (path.is_dir() and any(path.iterdir())):
            return False
    return not (data / "node.db").exists() or not slugs_of(data)


def _name(now_ms: int) -> str:
    return f"millpond-{datetime.fromtimestamp(now_ms / 1000, UTC):%Y%m%d-%H%M%S}{ENDING}"


def _rotate(folder: Path, keep: int) -> None:
    """Only files that are named like ours go."""
    ours = sorted(path for path in folder.iterdir() if _DATED.fullmatch(path.name))
    for path in ours[: max(0, len(ours) - max(1, keep))]:
        with contextlib.suppress(OSError):
            path.unlink()
