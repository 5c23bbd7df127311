"""Which characters a font file has: its `cmap` table, read as OpenType 1.9 describes it.

Formats 4, 6, 12 and 13 are read; these are the ones that fonts of this century carry for Unicode. A file
that is none, or is damaged, has no characters; nothing is raised.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

MAX_TABLES = 512
MAX_CMAP_BYTES = 8 * 2**20
"""The largest known tables are under 1 MB."""


def characters(path: Path, index: int = 0) -> frozenset[int]:
    """The code points for which the face (of a collection, the one at `index`) has a glyph."""
    try:
        with path.open("rb") as file:
            return frozenset(_read(_cmap(file, index)))
    except (OSError, struct.error, ValueError, IndexError):
        return frozenset()


def _cmap(file: BinaryIO, index: int) -> bytes:
    start = 0
    if file.read(4) == b"ttcf":
        file.seek(12 + 4 * index)
        (start,) = struct.unpack(">L", file.read(4))
    file.seek(start + 4)
    (tables,) = struct.unpack(">H", file.read(2))
    file.seek(start + 12)
    for _ in range(min(tables, MAX_TABLES)):
        tag, _, offset, length = struct.unpack(">4sLLL", file.read(16))
        if tag == b"cmap":
            file.seek(offset)
            return file.read(min(length, MAX_CMAP_BYTES))
    return b""


def _read(table: bytes) -> set[int]:
    found: set[int] = set()
    (count,) = struct.unpack_from(">H", table, 2)
    for i in range(count):
        platform, encoding, offset = struct.unpack_from(">HHL", table, 4 + 8 * i)
        if platform == 0 or (platform == 3 and encoding in {1, 10}):
            (format,) = struct.unpack_from(">H", table, offset)
            if reader := _FORMATS.get(format):
                found |= reader(table, offset)
    return found


def _segments(table: bytes, at: int) -> set[int]:
    """Format 4: segments of the Basic Multilingual Plane."""
    _, _, double = struct.unpack_from(">HHH", table, at + 2)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", table, at + 14)
    starts = struct.unpack_from(f">{count}H", table, at + 16 + double)
    deltas = struct.unpack_from(f">{count}H", table, at + 16 + 2 * double)
    ranges_at = at + 16 + 3 * double
    ranges = struct.unpack_from(f">{count}H", table, ranges_at)
    found: set[int] = set()
    for i, (first, last, delta, range_offset) in enumerate(zip(starts, ends, deltas, ranges, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if range_offset:
                (glyph,) = struct.unpack_from(
                    ">H", table, ranges_at + 2 * i + range_offset + 2 * (code - first)
                )
                if not glyph:
                    continue
            if (glyph + delta) & 0xFFFF:
                found.add(code)
    return found


def _trimmed(table: bytes, at: int) -> set[int]:
    """Format 6: one dense range."""
    first, count = struct.unpack_from(">HH", table, at + 6)
    glyphs = struct.unpack_from(f">{count}H", table, at + 10)
    return {first + i for i, glyph in enumerate(glyphs) if glyph}


def _groups(table: bytes, at: int) -> set[int]:
    """Formats 12 and 13: groups of all planes."""
    (count,) = struct.unpack_from(">L", table, at + 12)
    found: set[int] = set()
    for i in range(min(count, len(table) // 12)):
        first, last, glyph = struct.unpack_from(">LLL", table, at + 16 + 12 * i)
        if last <= 0x10FFFF:
            found.update(range(first + (glyph == 0), last + 1))
    return found


_FORMATS = {4: _segments, 6: _trimmed, 12: _groups, 13: _groups}
