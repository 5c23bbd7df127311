"""One file that holds databases: a zip with a manifest, in the clear or sealed by a passphrase.

    manifest.json   {"format": "millpond-backup/1", "millpond": "0.1.0", "made_ms": ..., "files": [
                      {"name": "node.db", "kind": "node", "bytes": ..., "sha256": "..."}, ...]}
    node.db, network.db, rooms/SLUG/room.db      in a backup ("millpond-backup/1")
    room.db                          in a room that moves ("millpond-room/1")

Invariants:
- A database goes in as SQLite's own online copy, taken in one step: one state, though others write meanwhile.
- `unpack` puts files nowhere but into the folder it is given, under names of the shapes above, and only
  if every one has the bytes the manifest says, is a whole SQLite file of its kind, of a version this Millpond
  knows, with exactly that version's tables. What a file from a stranger may not bring is a trigger.
- A file appears under its name when all of it is on the disk and was read again, or not at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from millpond import __version__
from millpond.errors import InputError
from millpond.node import lock, sealed
from millpond.store.files import check_whole

BACKUP, ROOM = "millpond-backup/1", "millpond-room/1"
MANIFEST = "manifest.json"
MAX_MANIFEST_BYTES = 1_000_000
MAX_FILES = 1_000
MAX_BYTES = 64 * 2**30
"""Of all databases of one archive together."""
SPARE_BYTES = 64 * 2**20
"""Stays free on the disk."""
PIECE = 1024 * 1024
_NAME = re.compile(r"(node)\.db|(network)\.db|(room)\.db|rooms/[a-z0-9][a-z0-9-]{1,38}[a-z0-9]/(room)\.db")
Take = Callable[[str, Path, Path], None]
"""Puts a copy of a database, given its name in the archive and its file, where the third says."""
DAMAGED = "is damaged or cut short, or no file of Millpond; nothing was changed"


@dataclass(frozen=True, slots=True)
class Entry:
    """A database in an archive."""

    name: str
    kind: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    format: str
    millpond: str
    made_ms: int
    files: tuple[Entry, ...]

    @property
    def slugs(self) -> tuple[str, ...]:
        """Of the rooms in a backup."""
        return tuple(entry.name.split("/")[1] for entry in self.files if entry.name.startswith("rooms/"))


def snapshot(source: Path, target: Path) -> None:
    """A copy of a database that others may be writing to; one file, closed. Raises `sqlite3.Error`."""
    with (
        contextlib.closing(sqlite3.connect(source, timeout=30)) as taken,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        taken.execute("PRAGMA query_only = ON")
        taken.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def pack(
    to: Path,
    format: str,
    databases: Iterable[tuple[str, Path]],
    *,
    made_ms: int,
    passphrase: str | None,
    scratch: Path,
    take: Take | None = None,
) -> Manifest:
    """Writes an archive of databases, each given with its name in it, that may be in use.

    Copies are made in `scratch`, on the disk of the data, one at a time, by `take`; by default whole, as they
    are. Raises `InputError`.
    """
    part = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        try:
            with part.open("xb") as file:
                manifest = _write(file, format, databases, made_ms, passphrase, scratch, take or _as_it_is)
                file.flush()
                os.fsync(file.fileno())
            _read_again(part, passphrase)
            part.replace(to)  # until here the name stands for the old file, or for none
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", name=str(to)) from None
    except sqlite3.Error as error:
        raise InputError(f"could not be copied: {error}") from None
    sync_folder(to.parent)
    return manifest


def unpack(
    file: Path, into: Path, *, passphrase: str | None, check: Callable[[Path, str], object] = check_whole
) -> Manifest:
    """Puts the archive's databases into the folder, every one checked; raises `InputError`.

    After an error the folder may hold files, and whoever gave it throws it away.
    """
    into.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("rb") as stream:
            if sealed.is_sealed(stream):
                if passphrase is None:
                    raise InputError("is sealed by a passphrase: give it, too")
                clear = into / "opened.zip"
                with clear.open("xb") as plain:
                    for piece in sealed.opened(stream, passphrase):
                        plain.write(piece)
                with clear.open("rb") as plain_again:
                    manifest = _extract(plain_again, into, check)
                clear.unlink()
                return manifest
            return _extract(stream, into, check)
    except InputError as error:
        raise error.named(str(file)) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", name=str(file)) from None


def to_one_file(path: Path) -> None:
    """Nothing of a database that nobody uses stands beside it any more: it can be moved, or checked."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")


def sync_folder(folder: Path) -> None:
    """Makes names in the folder as durable as the file system lets us; Windows has no such thing."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def scratch_folder(data: Path, name: str) -> Iterator[Path]:
    """A new folder inside the data directory, gone afterwards; what a crash left of it goes first.

    Raises `InputError` while somebody else has the folder of this name.
    """
    folder = data / f".{name}"
    held = lock.try_to_take(data, f".{name}.lock")
    if held is None:
        raise InputError("this is being done already: wait until it is done", name=str(data))
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        held.release()


def _write(
    file: BinaryIO,
    format: str,
    databases: Iterable[tuple[str, Path]],
    made_ms: int,
    passphrase: str | None,
    scratch: Path,
    take: Take,
) -> Manifest:
    sealer = None if passphrase is None else sealed.Sealer(file, passphrase)
    entries = []
    # A stream that cannot seek is what a sealer is, and zipfile writes to one all the same.
    with zipfile.ZipFile(cast(Any, sealer or file), "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
        for name, path in databases:
            copy = scratch / "copy.db"
            take(name, path, copy)
            entries.append(_put(archive, name, copy))
            copy.unlink()
        manifest = Manifest(format, __version__, made_ms, tuple(entries))
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1) + "\n")
    if sealer is not None:
        sealer.close()
    return manifest


def _as_it_is(_: str, source: Path, target: Path) -> None:
    snapshot(source, target)


def _put(archive: zipfile.ZipFile, name: str, path: Path) -> Entry:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as target:
        while piece := source.read(PIECE):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    return Entry(name, kind_of(name), size, digest.hexdigest())


def _read_again(path: Path, passphrase: str | None) -> None:
    """What was written is what a reader will find; a disk that lies is found out tonight, not in need."""
    with path.open("rb") as file:
        if passphrase is not None:
            for _ in sealed.opened(file, passphrase):
                pass
            return
        with zipfile.ZipFile(file) as archive:
            wrong = archive.testzip()
            if wrong is not None:
                raise InputError(f"{wrong} was not written as it is: the disk may be failing")


def _extract(file: BinaryIO, into: Path, check: Callable[[Path, str], object]) -> Manifest:
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _manifest(archive)
            if sum(entry.bytes for entry in manifest.files) + SPARE_BYTES > shutil.disk_usage(into).free:
                raise InputError("there is not enough room on the disk for it")
            for entry in manifest.files:
                _take(archive, entry, into)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise InputError(DAMAGED) from None
    for entry in manifest.files:
        check(into / entry.name, entry.kind)
    return manifest


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    names = archive.namelist()
    if MANIFEST not in names or len(names) > MAX_FILES or len(set(names)) != len(names):
        raise InputError(DAMAGED)
    with archive.open(MANIFEST) as file:
        data = file.read(MAX_MANIFEST_BYTES + 1)
    try:
        told = json.loads(data[:MAX_MANIFEST_BYTES])
        files = tuple(Entry(one["name"], one["kind"], one["bytes"], one["sha256"]) for one in told["files"])
        manifest = Manifest(str(told["format"]), str(told["millpond"]), int(told["made_ms"]), files)
        shapes = all(
            isinstance(entry.name, str)
            and isinstance(entry.sha256, str)
            and type(entry.bytes) is int
            and 0 < entry.bytes == archive.getinfo(entry.name).file_size
            and entry.kind == kind_of(entry.name)
            for entry in files
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputError(DAMAGED) from None
    if manifest.format not in (BACKUP, ROOM):
        raise InputError(
            f"has the format {manifest.format[:40]!r}, which this Millpond does not know: update it"
        )
    listed = sorted(entry.name for entry in files)
    if not shapes or listed != sorted(set(names) - {MANIFEST}) or len(set(listed)) != len(listed):
        raise InputError(DAMAGED)
    if (manifest.format == ROOM) != (listed == ["room.db"]) or (
        manifest.format == BACKUP and ("node.db" not in listed or "room.db" in listed)
    ):
        raise InputError(DAMAGED)
    if sum(entry.bytes for entry in files) > MAX_BYTES:
        raise InputError(f"holds more than {MAX_BYTES // 2**30} GiB")
    return manifest


def _take(archive: zipfile.ZipFile, entry: Entry, into: Path) -> None:
    """One database, never more bytes of it than the manifest says."""
    target = into / entry.name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with archive.open(entry.name) as source, target.open("xb") as file:
        while piece := _read(source):
            size += len(piece)
            if size > entry.bytes:
                raise InputError(DAMAGED)
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if size != entry.bytes or digest.hexdigest() != entry.sha256:
        raise InputError(DAMAGED)


def _read(source: IO[bytes]) -> bytes:
    return source.read(PIECE)


def kind_of(name: str) -> str:
    """The kind of database that has this name in an archive; raises `ValueError` if none has."""
    found = _NAME.fullmatch(name)
    if found is None:
        raise ValueError(name)
    return found[1] or found[2] or "room"
