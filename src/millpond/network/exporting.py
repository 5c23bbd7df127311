"""A log as a folder of static files (C2SP tlog-tiles), for any web server, a bucket or a USB stick.

    README.txt                  what this is, for who finds the stick
    checkpoint                  the signed head
    tile/L/N, tile/entries/N    the tree and the entries; partial ones end in .p/W
    attachments/SHA256          pictures and documents, by their hash

Invariants:
- Whoever reads the folder while it is written, or finds it after a cut, reads a log that is right: everything
  under a checkpoint is there, and synced, before the checkpoint gets its name; a file appears whole or not.
- What stands under a path stays: what an older checkpoint needs is left there until the full tile is. Only
  what is new is written; what got lost is written again.
- A folder that holds another log, another history of this one, or more of it than is here is left alone.

What it is not: secret. Whoever has the folder has what was said.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from millpond.errors import InputError
from millpond.log import checkpoint as checkpoints
from millpond.log.checkpoint import Checkpoint
from millpond.log.merkle import TILE_HEIGHT
from millpond.log.note import MAX_NOTE_BYTES
from millpond.log.tiles import MAX_LEVEL, Tile, tiles_of, width_at
from millpond.store import Rows, logs
from millpond.store.logs import Head

CHECKPOINT, README, ATTACHMENTS = "checkpoint", "README.txt", "attachments"
_NEW = ".new"
"""What is being written; a leftover of a cut is thrown away."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What is in the folder now: entries of the log; and how many files and bytes were written for it."""

    size: int
    files: int
    bytes: int


def export(
    rows: Rows,
    head: Head,
    folder: Path,
    *,
    attachments: Iterable[str] = (),
    data_of: Callable[[str], bytes | None] | None = None,
) -> Exported:
    """Writes the log up to its checkpoint into the folder, or what the folder lacks of it.

    `attachments` are the hashes to lay beside it, as far as `data_of` has their bytes. Raises `InputError` if
    there is nothing to write, the folder holds something else, or it cannot be written to.
    """
    if head.checkpoint is None:
        raise InputError("nothing was said in this log yet, so there is nothing to export")
    head_now = checkpoints.read(head.checkpoint, head.origin)
    try:
        _checked_folder(folder)
        old_size = _old_size(rows, head, folder)
        writing = _Writing(folder)
        writing.write(README, _readme(head).encode())
        for tile in tiles_of(head.size):
            if width_at(tile.level, tile.number, old_size) >= tile.width and writing.has(tile.path):
                continue
            data = logs.tile(rows, head, tile)
            assert data is not None
            writing.write(tile.path, data)
        for hash in attachments:
            if not writing.has(f"{ATTACHMENTS}/{hash}"):
                _write_attachment(writing, hash, None if data_of is None else data_of(hash))
        writing.sync()  # from here on everything that the new checkpoint covers is on the disk
        writing.write(CHECKPOINT, head_now.note)
        writing.sync()
        _clear_partial_tiles(folder, old_size, head.size)
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", name=str(folder)) from None
    return Exported(head.size, writing.files, writing.bytes)


class _Writing:
    """Files that get their names whole, and are synced together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = {folder}
        self._new_files: list[Path] = []
        self._new_names_in: set[Path] = set()
        self.files = 0
        self.bytes = 0

    def has(self, path: str) -> bool:
        return (self._folder / path).is_file()

    def write(self, path: str, data: bytes) -> None:
        """The file at this path, unless it is there with these bytes."""
        target = self._folder / path
        if target.is_file() and target.stat().st_size == len(data) and target.read_bytes() == data:
            return
        self._make(target.parent)
        new = self._folder / _NEW
        new.unlink(missing_ok=True)  # a leftover; or a link, by which somebody would have us write elsewhere
        with new.open("xb") as file:
            file.write(data)
            if path == CHECKPOINT:
                file.flush()
                os.fsync(file.fileno())
        new.replace(target)
        self._new_files.append(target)
        self._new_names_in.add(target.parent)
        self.files += 1
        self.bytes += len(data)

    def _make(self, folder: Path) -> None:
        """The folder and those above it, inside ours; a link on the way leads out of it."""
        if folder in self._made:
            return
        self._make(folder.parent)
        if folder.is_symlink():
            raise InputError(
                "is a link to somewhere else: export writes into no such folder", name=str(folder)
            )
        folder.mkdir(exist_ok=True)
        self._made.add(folder)
        self._new_names_in.add(folder.parent)

    def sync(self) -> None:
        """What was written survives the power failing."""
        for path in self._new_files:
            with path.open("rb+") as file:
                os.fsync(file.fileno())
        for folder in self._new_names_in:
            _sync_folder(folder)
        self._new_files.clear()
        self._new_names_in.clear()


def _sync_folder(folder: Path) -> None:
    """The names in a folder; Windows keeps them safe by itself, and cannot open one."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _checked_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise InputError("is a file: a log is exported into a folder", name=str(folder))
    folder.mkdir(parents=True, exist_ok=True)


def _old_size(rows: Rows, head: Head, folder: Path) -> int:
    """Entries under the checkpoint in the folder, which must be of this log, and no more than are here."""
    path = folder / CHECKPOINT
    if not path.exists():
        return 0
    with path.open("rb") as file:
        note = file.read(MAX_NOTE_BYTES + 1)
    try:
        old: Checkpoint = checkpoints.read(note)
    except InputError as error:
        raise InputError(
            f"its checkpoint cannot be read ({error.problem}): delete the folder, or take another one",
            name=str(folder),
        ) from None
    if old.origin != head.origin:
        raise InputError(f"holds the log of {old.origin}: take another folder", name=str(folder))
    if old.size > head.size:
        raise InputError(
            f"holds {old.size:,} entries of this log, more than the {head.size:,} that are here: "
            "is this node's data an older copy?",
            name=str(folder),
        )
    if logs.root_at(rows, head.id, old.size) != old.root:
        raise InputError(
            "holds another history of this log: keep it, and take another folder", name=str(folder)
        )
    return old.size


def _write_attachment(writing: _Writing, hash: str, data: bytes | None) -> None:
    if data is None:
        return
    if sha256(data).hexdigest() != hash:
        raise InputError("these are not the bytes of the attachment with this hash", at=hash)
    writing.write(f"{ATTACHMENTS}/{hash}", data)


def _clear_partial_tiles(folder: Path, old_size: int, size: int) -> None:
    """Partial tiles go once the full one is there, which serves readers of the older checkpoint, too."""
    for level in (None, *range(MAX_LEVEL + 1)):
        shift = TILE_HEIGHT * ((level or 0) + 1)
        last = old_size >> shift  # the only one that was partial
        if size >> shift > last:
            shutil.rmtree(folder / f"{Tile(level, last).path}.p", ignore_errors=True)


def _readme(head: Head) -> str:
    return f"""This folder is a log of Millpond: what one participant said, signed, entry after entry.
这个文件夹是 Millpond 的一份日志：某一位参与者说过的话，逐条签名。

    {head.origin}

Nobody can change an entry unnoticed: the file "checkpoint" is a signature over all of them. Any copy is as
good as this one, so hand it on as you like. Its files are laid out as the specification C2SP tlog-tiles says.
谁也不能悄悄改动其中一条：文件 checkpoint 是对全部内容的签名。每一份复制品都同样有效，可以随意转交。

To read it on your own node, follow this folder by its path.
要在您自己的节点上阅读，请按路径关注这个文件夹。
"""
