"""Opens a workbook in a process of its own: bytes come in, rows go out as JSON.

Run by `opening`, never imported by it. The reader is fast native code; what a hostile file does to it
(endless loops, all memory, a crash) ends this process and nothing else. Where the system can, memory and time
are bounded here; the time is bounded by the caller as well.
"""

from __future__ import annotations

import datetime
import json
import sys
from io import BytesIO
from typing import Any

MAX_MEMORY_BYTES = 320 * 2**20
"""A sheet with all the cells that are allowed takes about 200 MB."""

MAX_SECONDS = 20


def main() -> int:
    """From standard input to standard output; the arguments are the most rows, columns and sheets."""
    rows, columns, sheets = (int(argument) for argument in sys.argv[1:4])
    _bound()
    import python_calamine as calamine  # within the bounds

    try:
        answer = _read(calamine, sys.stdin.buffer.read(), rows, columns, sheets)
    except calamine.PasswordError:
        answer = {"wrong": "password"}
    except MemoryError:
        answer = {"wrong": "memory"}
    except BaseException as error:  # the reader's own panics are no Exception
        if isinstance(error, KeyboardInterrupt):
            raise
        answer = {"wrong": "damaged"}
    sys.stdout.buffer.write(json.dumps(answer).encode("utf-8"))
    return 0


def _bound() -> None:
    try:
        import resource  # not on Windows
    except ImportError:
        return
    for what, most in ((resource.RLIMIT_AS, MAX_MEMORY_BYTES), (resource.RLIMIT_CPU, MAX_SECONDS)):
        _, hard = resource.getrlimit(what)
        if hard == resource.RLIM_INFINITY or hard > most:
            resource.setrlimit(what, (most, hard))


def _read(calamine: Any, data: bytes, rows: int, columns: int, sheets: int) -> dict[str, Any]:
    found = []
    with calamine.CalamineWorkbook.from_filelike(BytesIO(data)) as book:
        for about in book.sheets_metadata[:sheets]:
            if (
                about.typ != calamine.SheetTypeEnum.WorkSheet
                or about.visible != calamine.SheetVisibleEnum.Visible
            ):
                continue
            sheet = book.get_sheet_by_name(about.name)
            if sheet.total_height > rows or sheet.total_width > columns:
                return {"wrong": "large", "rows": sheet.total_height, "columns": sheet.total_width}
            cells = sheet.to_python(skip_empty_area=False)
            found.append({"name": about.name, "rows": [[_plain(cell) for cell in row] for row in cells]})
    return {"sheets": found}


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime.datetime | datetime.date | datetime.time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, datetime.timedelta) else cell


if __name__ == "__main__":
    sys.exit(main())
