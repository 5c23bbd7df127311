"""One process owns a data directory: a file that the operating system locks, and frees when the process ends.

The lock belongs to the open file, not to the file's being there: after a kill or a power cut nothing is left
that somebody would have to clear away.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from millpond.errors import InputError

NAME = "lock"


class Lock:
    """Held until `release`, or until the process ends."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def release(self) -> None:
        """Lets others have it; a second time does nothing."""
        self._file.close()


def take(folder: Path) -> Lock:
    """The lock of this data directory; raises `InputError` if another process has it."""
    lock = try_to_take(folder)
    if lock is None:
        raise InputError("is in use by another Millpond: stop that one first", name=str(folder))
    return lock


def try_to_take(folder: Path, name: str = NAME) -> Lock | None:
    """The lock, or None if somebody else has it."""
    file = (folder / name).open("ab")
    try:
        _lock(file)
    except OSError:
        file.close()
        return None
    return Lock(file)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        """Raises `OSError` if another process has the first byte of the file."""
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        """Raises `OSError` if another process has the file."""
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
