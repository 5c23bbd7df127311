"""Whether the disk has room for what may wait: entries of other people, pictures, statements that were sent.

The last room on a disk belongs to orders, hand-outs and money. Who asks `is_low` takes nothing more while it
says so; what households do asks nobody, and goes on until the disk is really full.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

LEAST_FREE_BYTES = 256 * 2**20
"""Kept free: months of orders, with what SQLite writes besides, and time for a keeper to notice."""
LOOKS_AGAIN_NS = 1_000_000_000
"""A look at the disk holds for so long: what comes in a second is far less than what is kept free."""
LOW = "the disk of this node is nearly full, and what is left is for orders: its keeper has to make room"

_seen: dict[Path, tuple[int, bool]] = {}
"""By folder: when it was looked at (monotonic nanoseconds), and whether little was free."""


def is_low(file: Path) -> bool:
    """Whether less than `LEAST_FREE_BYTES` are free where this file stands. May be a second old."""
    folder, now = file.parent, time.monotonic_ns()
    known = _seen.get(folder)
    if known is None or now - known[0] >= LOOKS_AGAIN_NS:
        known = _seen[folder] = now, _free_bytes(folder) < LEAST_FREE_BYTES
    return known[1]


def _free_bytes(folder: Path) -> int:
    """A disk that does not tell is not low: whoever writes to it will hear."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return LEAST_FREE_BYTES
