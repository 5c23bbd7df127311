"""Bringing a data directory up to date: all of its files, or none.

One rule for `millpond update` and for every start of a node:

1. a copy of everything goes into `DATA/backups` (in the clear, as the rooms are), and was read again;
2. `DATA/updating` names the copy and the files that are older: from here on whoever finds it knows that these
   may be mixed;
3. each file is migrated and checked;
4. `DATA/updating` goes: the new state holds.

If 3 fails, the older files are put back from the copy, and then 4. After a crash the next start finds
`DATA/updating`, puts them back, and begins anew. So no node ever serves from files of two versions.

The copy stays beside `node.key`, so keys in it stay sealed as they are. Nothing is served between 1 and 4:
what is put back has said nothing since. Should a command beside have said something all the same, the log
that is put back rests (`travelling`). Of a `network.db` that is not older the copy has what a backup has.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from millpond.errors import InputError
from millpond.node import archive, backup, network_copy, travelling
from millpond.node.archive import BACKUP
from millpond.store import files

MARK = "updating"
COPY_NAME = "before-update"


@dataclass(frozen=True, slots=True)
class Schema:
    """What up to date means: the newest version of each kind of file, and how a file gets there."""

    newest: Mapping[str, int]
    migrate: Callable[[Path, str], None]
    check: Callable[[Path, str], object]


CURRENT = Schema(
    {"node": files.NODE_VERSION, "network": files.NETWORK_VERSION, "room": files.ROOM_VERSION},
    files.migrate,
    files.check_whole,
)


class NotUpdated(InputError):
    """A file could not be brought up to date; everything is as it was."""


@dataclass(frozen=True, slots=True)
class Updated:
    """How many files were brought up to date, and the copy of what was before (None: nothing to do)."""

    files: int
    copy: Path | None


def bring_up_to_date(data: Path, *, now_ms: int, schema: Schema = CURRENT) -> Updated:
    """Migrates what is older; raises `NotUpdated`, and everything is as it was. The caller holds the lock."""
    if (data / MARK).exists():
        _put_back(data, now_ms)
    if not (data / "node.db").exists() or files.version_of(data / "node.db", "node") == 0:
        return Updated(0, None)
    older = _older(data, schema)
    if not older:
        return Updated(0, None)
    names = [name for name, _, _ in older]
    copy = _copy(data, now_ms, names)
    # Durable: the copy. From the next line on a crash leads back to it.
    _mark(data, copy, names)
    for name, path, kind in older:
        try:
            schema.migrate(path, kind)
            archive.to_one_file(path)
            schema.check(path, kind)
        except (sqlite3.Error, InputError, OSError) as error:
            _put_back(data, now_ms)
            raise NotUpdated(
                f"could not be brought up to date ({error}); everything is as it was before. "
                "Go on with the Millpond of before, and tell its makers",
                name=name,
            ) from error
    (data / MARK).unlink()
    archive.sync_folder(data)
    return Updated(len(older), copy)


def _older(data: Path, schema: Schema) -> list[tuple[str, Path, str]]:
    found = []
    for name, path in backup.databases(data):
        kind = archive.kind_of(name)
        version = files.version_of(path, kind)
        if version > schema.newest[kind]:
            raise InputError(
                f"was written by a newer Millpond (version {version}; this one knows {schema.newest[kind]}): "
                "install that one",
                name=name,
            )
        if 0 < version < schema.newest[kind]:  # 0: a crash fell before the file was made
            found.append((name, path, kind))
    return found


def _copy(data: Path, now_ms: int, older: Sequence[str]) -> Path:
    def take(name: str, source: Path, target: Path) -> None:
        if name == "network.db" and name not in older:
            network_copy.copy(source, target)
        else:
            archive.snapshot(source, target)

    folder = data / "backups"
    folder.mkdir(exist_ok=True)
    moment = f"{datetime.fromtimestamp(now_ms / 1000, UTC):%Y%m%d-%H%M%S}"
    path = folder / f"{COPY_NAME}-{moment}{backup.ENDING}"
    with archive.scratch_folder(data, "copying") as scratch:
        archive.pack(
            path,
            BACKUP,
            backup.databases(data),
            made_ms=now_ms,
            passphrase=None,
            scratch=scratch,
            take=take,
        )
    for old in folder.glob(f"{COPY_NAME}-*{backup.ENDING}"):
        if old != path:  # one is enough: what was before that is in the nightly backups
            old.unlink(missing_ok=True)
    return path


def _mark(data: Path, copy: Path, names: Sequence[str]) -> None:
    part = data / f".{MARK}"
    with part.open("w", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in (copy.name, *names)))
        file.flush()
        os.fsync(file.fileno())
    part.replace(data / MARK)
    archive.sync_folder(data)


def _settle(room: Path) -> None:
    """What was said since the copy stands in the file itself: what lies beside it goes before the file does.

    Raises `InputError` while somebody is reading what must get into it. One that cannot be read says nothing
    any more. That somebody has it open is no hindrance: a command may be slow.
    """
    if not room.exists():
        return
    try:
        with contextlib.closing(sqlite3.connect(room, timeout=30)) as connection:
            is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error:
        return
    if is_busy:
        raise InputError("is open in another program: end that one, and start again", name=str(room))


def _put_back(data: Path, now_ms: int) -> None:
    """Every older file as the copy has it. May be cut off and begun again: the mark goes last."""
    name, *older = (data / MARK).read_text(encoding="utf-8").splitlines()
    copy = data / "backups" / name
    with archive.scratch_folder(data, "putting-back") as scratch:
        manifest = archive.unpack(copy, scratch, passphrase=None, check=files.version_of)
        for entry in manifest.files:
            if entry.name not in older:
                continue
            target = data / entry.name
            if entry.kind == "room":
                _settle(target)
                travelling.put_back(target, scratch / entry.name, now_ms=now_ms)
            for beside in ("-wal", "-shm", "-journal"):
                target.with_name(target.name + beside).unlink(missing_ok=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(scratch / entry.name, target)
            archive.sync_folder(target.parent)
    (data / MARK).unlink()
    archive.sync_folder(data)
