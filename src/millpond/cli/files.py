"""Reading and writing whole files so that every failure is one message and nothing is ever half-written.

What is durable when: `write_file` writes beside the target, makes that durable, and only then renames it over
the target. A crash before the rename leaves the old file, or none; after it, the new one.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from millpond.errors import InputError

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
"""A file that must be new; on Windows with line ends as they are: receipts are signed bytes."""
MAX_FILE_BYTES = 4 * 2**30
"""Largest file that is read: many times a round of 10,000 places and 200 offers, which is 0.12 GB."""


def read_file(path: str) -> bytes:
    """The bytes of the file; raises `InputError`."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 (Path would swallow a trailing slash)
            data = file.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _refused("read", path, error) from None
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"is longer than {MAX_FILE_BYTES:,} bytes", name=path)
    return data


def check_writable(path: str) -> None:
    """Raise `InputError` if `write_file` would fail now; leaves no trace."""
    try:
        target = _target(path)
        if _is_special(target):
            return
        beside = _beside(target)
        os.close(os.open(beside, _NEW, 0o666))
        beside.unlink()
    except (OSError, ValueError) as error:
        raise _refused("write", path, error) from None


def write_file(path: str, data: bytes) -> None:
    """Replace the file by these bytes, wholly or not at all; raises `InputError`.

    A device, a pipe or a terminal is written to as it is: there is nothing to replace.
    """
    try:
        target = _target(path)
        if _is_special(target):
            with target.open("wb", buffering=0) as device:
                _write_all(device.fileno(), data)
            return
        beside = _beside(target)
        descriptor = os.open(beside, _NEW, 0o666)
        try:
            try:
                _write_all(descriptor, data)
                os.fsync(descriptor)  # durable under its temporary name; the target is still the old file
            finally:
                os.close(descriptor)
            beside.replace(target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        _sync_directory(target.parent)  # now the new name is durable, too
    except (OSError, ValueError) as error:
        raise _refused("write", path, error) from None


def _target(path: str) -> Path:
    """What the path leads to, through symbolic links; raises `OSError` if it is a directory."""
    if not path or path.endswith(os.sep) or Path(path).is_dir():
        raise IsADirectoryError("it is a directory" if path else "the name is empty")
    return Path(os.path.realpath(path))  # Path.resolve raises RuntimeError at a loop of links


def _is_special(target: Path) -> bool:
    try:
        return not stat.S_ISREG(target.stat().st_mode)
    except FileNotFoundError:
        return False


def _beside(target: Path) -> Path:
    return target.with_name(f".millpond-{os.getpid()}.part")


def _write_all(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_directory(directory: Path) -> None:
    try:
        descriptor = os.open(directory, os.O_RDONLY)
    except OSError:
        return  # no reading this directory: the rename is as durable as the file system makes it
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(verb: str, path: str, error: Exception) -> InputError:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    ending = "; nothing was written" if verb == "write" else ""
    return InputError(f"cannot {verb} it: {reason}{ending}", name=path or '""')
