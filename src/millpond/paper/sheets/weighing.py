"""How heavy a zipped workbook (.xlsx, .ods) would be once it is open, found out without opening it.

A file of a few kilobytes can hold gigabytes of zeros, a cell in the last row of the last column, a million
repeats of one cell, or one long text that every cell points to. Each would fill the machine's memory. So:

1. sizes that the archive declares are added up before anything is unpacked;
2. what is needed is unpacked, counted as it comes, whatever was declared;
3. the sheets' XML is read once as a stream (no entities, no document type) and its cells are counted;
4. what was counted, and nothing else, is packed again, and only that is opened.

Raises `InputError` in words for whoever sent the file.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from xml.parsers import expat

from millpond.errors import InputError

MAX_ENTRIES = 500
MAX_UNPACKED_BYTES = 64 * 2**20
MAX_ROWS = 20_000
"""Orders of one group order: fifty times what a large one has."""

MAX_COLUMNS = 200
MAX_CELLS = 200_000
"""Ten thousand rows of all twenty columns; more would not fit a small machine's memory."""

MAX_CHARACTERS = 20_000_000
"""Of all cells together, a text counted as often as it is shown."""

_READ_BYTES = 2**20
_NEEDED = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/.*\.(xml|rels)|mimetype|META-INF/manifest\.xml|content\.xml",
    re.IGNORECASE,
)
_PASSED_OVER = re.compile(
    r"xl/(media|drawings|theme|charts|comments|embeddings|printerSettings)", re.IGNORECASE
)


def weighed(data: bytes) -> bytes:
    """The archive with only what is needed, every byte of it counted; raises `InputError`."""
    out = BytesIO()
    weight = _Weight()
    try:
        with (
            zipfile.ZipFile(BytesIO(data)) as archive,
            zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed,
        ):
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if len(entries) > MAX_ENTRIES or len(set(names)) < len(names):
                raise InputError("is not a workbook as Excel writes it")
            needed = [
                entry
                for entry in entries
                if _NEEDED.fullmatch(entry.filename) and not _PASSED_OVER.match(entry.filename)
            ]
            if sum(entry.file_size for entry in needed) > MAX_UNPACKED_BYTES:
                raise _too_heavy()
            if any(entry.flag_bits & 1 for entry in needed):
                raise InputError(
                    "is locked by a password. Take the password off in Excel or WPS, and save it"
                )
            left = MAX_UNPACKED_BYTES
            for entry in needed:
                content = _unpacked(archive, entry, left)
                left -= len(content)
                weight.add(content)
                packed.writestr(entry.filename, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError, RuntimeError):
        raise InputError(
            "is damaged: it can't be unpacked. Open it in Excel or WPS and save it again"
        ) from None
    weight.check()
    return out.getvalue()


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    parts, size = [], 0
    with archive.open(entry) as stream:
        while part := stream.read(_READ_BYTES):
            size += len(part)
            if size > most:
                raise _too_heavy()
            parts.append(part)
    return b"".join(parts)


def _too_heavy() -> InputError:
    return InputError(
        f"holds more than {MAX_UNPACKED_BYTES // 2**20} MB once unpacked. Copy the orders into a new, empty "
        "sheet"
    )


@dataclass(slots=True)
class _Weight:
    """What the sheets come to. Shared texts and the cells that show them may stand in any order."""

    shared: list[int] = field(default_factory=list)
    shown: Counter[int] = field(default_factory=Counter)
    cells: int = 0
    characters: int = 0
    last_row: int = 0
    last_column: int = 0

    def add(self, content: bytes) -> None:
        if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            _Reader(self).read(content)

    def check(self) -> None:
        longest = self.characters + sum(
            count * self.shared[index] for index, count in self.shown.items() if 0 <= index < len(self.shared)
        )
        if self.last_row > MAX_ROWS or self.last_column > MAX_COLUMNS or self.cells > MAX_CELLS:
            raise InputError(
                f"has {self.cells:,} cells, as far as row {self.last_row:,} and column {self.last_column:,}; "
                f"at most {MAX_CELLS:,} cells, {MAX_ROWS:,} rows and {MAX_COLUMNS} columns are read. Delete "
                "the rows and columns behind the orders"
            )
        if longest > MAX_CHARACTERS:
            raise InputError(f"has more than {MAX_CHARACTERS // 10**6} million characters of text")


class _Reader:
    """One XML file as a stream: cells of a worksheet, shared texts, cells of an OpenDocument sheet."""

    def __init__(self, weight: _Weight) -> None:
        self.weight = weight
        self.row = self.column = 0  # of the cell that was last begun, from 1
        self.repeat_row = self.repeat_cell = 1
        self.is_shared = self.in_value = self.in_shared = False
        self.length = 0
        self.value = ""

    def read(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = _no_doctype
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.buffer_text = True
        try:
            parser.Parse(content, True)
        except expat.ExpatError:
            raise InputError("is damaged: open it in Excel or WPS and save it again") from None

    def begin(self, qualified: str, attributes: dict[str, str]) -> None:
        name = qualified.rpartition(":")[2]
        if name == "row":
            self.row = _number(attributes.get("r"), self.row + 1)
            self.column = 0
        elif name == "c":
            self.column = _column(attributes.get("r", ""), self.column + 1)
            self.row = _row(attributes.get("r", ""), self.row)
            self.is_shared = attributes.get("t") == "s"
        elif name in {"v", "is"}:
            self.in_value, self.value = True, ""
            self.count(self.row, self.column, 1)
        elif name == "si":
            self.in_shared, self.length = True, 0
        elif name == "table":
            self.row = 0
        elif name == "table-row":
            self.repeat_row = _repeats(attributes, "number-rows-repeated")
            self.column = 0
        elif name in {"table-cell", "covered-table-cell"}:
            self.repeat_cell = _repeats(attributes, "number-columns-repeated")
            self.length = 0
            if any(key.endswith(":value-type") for key in attributes):
                self.count(self.row + self.repeat_row, self.column + self.repeat_cell, self.times)

    @property
    def times(self) -> int:
        return self.repeat_row * self.repeat_cell

    def count(self, row: int, column: int, times: int) -> None:
        weight = self.weight
        weight.cells += times
        weight.last_row = max(weight.last_row, row)
        weight.last_column = max(weight.last_column, column)

    def text(self, text: str) -> None:
        self.length += len(text)
        if self.in_value and self.is_shared:
            self.value += text[:12]
        elif not self.in_shared:
            self.weight.characters += len(text)

    def end(self, qualified: str) -> None:
        name = qualified.rpartition(":")[2]
        if name == "v":
            if self.is_shared:
                self.weight.shown[_number(self.value, -1)] += 1
            self.in_value = False
        elif name == "is":
            self.in_value = False
        elif name == "si":
            self.weight.shared.append(self.length)
            self.in_shared = False
        elif name in {"table-cell", "covered-table-cell"}:
            self.weight.characters += self.length * (self.times - 1)
            self.column += self.repeat_cell
        elif name == "table-row":
            self.row += self.repeat_row


def _no_doctype(*_: object) -> None:
    raise InputError("has a document type, which no workbook needs")


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.strip().isdecimal() and len(text) <= 12 else otherwise


def _repeats(attributes: dict[str, str], name: str) -> int:
    found = next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), None)
    return max(1, _number(found, 1))


def _column(reference: str, otherwise: int) -> int:
    """The column of `AB12`, from 1."""
    number = 0
    for char in reference.upper()[:12]:
        if not "A" <= char <= "Z":
            break
        number = 26 * number + ord(char) - 64
    return number or otherwise


def _row(reference: str, otherwise: int) -> int:
    return _number(reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), otherwise)
