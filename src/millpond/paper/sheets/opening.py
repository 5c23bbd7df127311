"""A file that somebody sent becomes rows of cells, or is refused in words: .xlsx, .xls, .ods and .csv.

What it is is told from its bytes, never from its name: shops give a web page the name `.xls`. Bounds are
checked before a file is opened (`weighing`), and workbooks are opened in a process of their own
(`workbook_process`). The first bytes of a text decide its encoding; without a mark it is UTF-8 if it can be,
else GB 18030, in which Excel saves CSV on Chinese Windows.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from threading import Lock

from millpond.errors import InputError
from millpond.paper.sheets.safe import unguarded
from millpond.paper.sheets.weighing import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, weighed

MAX_FILE_BYTES = 8 * 2**20
"""A list of 20,000 orders is under 3 MB."""

MAX_SHEETS = 12
MAX_SECONDS = 30

RawCell = str | int | float | bool

_ONE_AT_A_TIME = Lock()  # the memory that one may take is there once
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, and an .xlsx under a password
_UNDER_PASSWORD = "EncryptedPackage".encode("utf-16-le")
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_PROCESS = Path(__file__).with_name("workbook_process.py")


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: its name and its rows from the first one on, each as long as it has cells."""

    name: str
    rows: tuple[tuple[RawCell, ...], ...]


def open_sheets(data: bytes) -> tuple[Grid, ...]:
    """The visible sheets of the file; raises `InputError` that says what to do instead."""
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"is larger than {MAX_FILE_BYTES // 2**20} MB. Send the sheet with the orders alone")
    if data.startswith(b"PK"):
        return _workbook(weighed(data))
    if data.startswith(_OLD):
        if _UNDER_PASSWORD in data:
            raise _locked()
        return _workbook(data)
    return (_text(data),)


def _workbook(data: bytes) -> tuple[Grid, ...]:
    bounds = [str(most) for most in (MAX_ROWS, MAX_COLUMNS, MAX_SHEETS)]
    try:
        with _ONE_AT_A_TIME:
            done = subprocess.run(
                [sys.executable, "-P", str(_PROCESS), *bounds],
                input=data,
                capture_output=True,
                timeout=MAX_SECONDS,
                check=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows would show one
            )
        answer = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        answer = {"wrong": "damaged"}
    wrong = answer.get("wrong")
    if wrong == "password":
        raise _locked()
    if wrong == "large":
        raise InputError(
            f"has {answer['rows']:,} rows and {answer['columns']:,} columns; at most {MAX_ROWS:,} rows and "
            f"{MAX_COLUMNS} columns are read. Delete the empty ones behind the orders"
        )
    if wrong is not None:
        raise InputError(
            "can't be read as a workbook. Open it in Excel or WPS and save it as .xlsx, then send that"
        )
    grids = tuple(
        Grid(sheet["name"], tuple(tuple(row) for row in sheet["rows"])) for sheet in answer["sheets"]
    )
    if not grids:
        raise InputError("has no visible sheet")
    return grids


def _text(data: bytes) -> Grid:
    text = _decoded(data)
    start = text.lstrip()[:200].casefold()
    if start.startswith(("<!doctype", "<html", "<table", "<?xml", "<meta", "<head")):
        raise InputError(
            "is a web page under the name of a sheet. Open it in Excel or WPS and save it as .xlsx, then "
            "send that"
        )
    rows: list[tuple[RawCell, ...]] = []
    cells = 0
    try:
        for row in csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text), strict=False):
            rows.append(tuple(unguarded(cell) for cell in row))
            cells += len(row)
            if len(rows) > MAX_ROWS or len(row) > MAX_COLUMNS or cells > MAX_CELLS:
                raise InputError(f"has more than {MAX_ROWS:,} rows or {MAX_COLUMNS} columns")
    except csv.Error:
        raise InputError(f"has a cell that doesn't end, after row {len(rows):,}") from None
    return Grid("", tuple(rows))


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            candidates, data = [encoding], data[len(mark) :]
            break
    else:
        candidates = ["utf-8", "gb18030"]
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InputError("is neither a workbook (.xlsx, .xls, .ods) nor a text (.csv)")


def _delimiter(text: str) -> str:
    """What stands between cells: whichever of the usual signs the first lines have most of."""
    head = text[:4_000]
    return max(",\t;", key=head.count)


def _locked() -> InputError:
    return InputError("is locked by a password. Open it in Excel or WPS, take the password off, and save it")
