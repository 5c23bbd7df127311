"""Tables become a workbook (XlsxWriter) or CSV (UTF-8 with BOM, which Excel asks for).

Invariants:
- What people typed is written as text (`write_string`), never through a function that guesses; a cell that
  looks like a formula is text in a workbook and has an apostrophe before it in CSV.
- Money is a number with the currency's decimal places, made from minor units without a float in between.
- The same tables give the same bytes: a workbook carries no date of its own.
"""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from millpond.errors import InputError
from millpond.paper.sheets.safe import guarded, is_risky, plain
from millpond.paper.sheets.table import MAX_CELL_CHARACTERS, Cell, Column, Kind, Table

WATER, INK, FAINT, LINE = "#0B7A75", "#1F2522", "#59615D", "#D9D5CA"
NARROWEST, WIDEST = 6, 40
"""Characters of a column; what is longer wraps."""

MAX_SHEETS = 40
_WIDTH_ROWS = 300
"""Rows that are looked at to find how wide a column is."""

_MADE = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_NOT_IN_NAMES = str.maketrans("[]:*?/\\'", "        ")


def xlsx(tables: Sequence[Table], *, author: str = "") -> bytes:
    """A workbook with a sheet for each table; raises `InputError` for none or too many."""
    if not 1 <= len(tables) <= MAX_SHEETS:
        raise InputError(f"{len(tables)} sheets; a workbook has 1 to {MAX_SHEETS}", at="sheets")
    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options | {"strings_to_numbers": False})
    book.set_properties(
        {"author": plain(author, 200), "title": plain(tables[0].title, 200), "created": _MADE}
    )
    names: set[str] = set()
    for table in tables:
        _Sheet(book, table, _sheet_name(table.title, names)).write()
    book.close()
    return out.getvalue()


def books_xlsx(*tables: Table, author: str = "") -> bytes:
    """Books as a workbook: journal, accounts, balances, a table each."""
    return xlsx(tables, author=author)


def csv_bytes(table: Table) -> bytes:
    """The rows below their headings, in UTF-8 with a byte order mark; every cell is quoted."""
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([guarded(plain(column.heading, MAX_CELL_CHARACTERS)) for column in table.columns])
    for row in (*table.rows, *_last(table)):
        writer.writerow(
            [_csv_cell(cell, column, table) for cell, column in zip(row, table.columns, strict=True)]
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _csv_cell(cell: Cell, column: Column, table: Table) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):  # also the word before totals
        return guarded(plain(cell, MAX_CELL_CHARACTERS))
    if column.kind is Kind.TICK:
        return "✓" if cell else ""
    if column.kind is Kind.MONEY and isinstance(cell, int):
        return f"{Decimal(cell).scaleb(-table.places):f}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _last(table: Table) -> tuple[tuple[Cell, ...], ...]:
    """The row of totals with its word in the first column that has no sum."""
    sums = table.totals()
    if sums is None:
        return ()
    at = next((j for j, column in enumerate(table.columns) if not column.total), None)
    return (tuple(table.total_word if j == at else cell for j, cell in enumerate(sums)),)


class _Sheet:
    """One sheet being written."""

    def __init__(self, book: Workbook, table: Table, name: str) -> None:
        self.table = table
        self.book = book
        self.sheet: Worksheet = book.add_worksheet(name)
        self.formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def write(self) -> None:
        """Title, headings, rows, totals; then how it is seen and printed."""
        table, sheet, at = self.table, self.sheet, 0
        if table.has_title_row:
            self.text(
                0, 0, table.title, {"bold": True, "font_size": 14, "font_color": WATER, "text_wrap": False}
            )
            sheet.set_row(0, 24)
            if table.subtitle:
                self.text(1, 0, table.subtitle, {"font_color": FAINT, "text_wrap": False})
            at = 2 if table.subtitle else 1
        head = at
        for j, column in enumerate(table.columns):
            right = {"align": "right"} if column.kind in {Kind.INTEGER, Kind.MONEY} else {}
            self.text(head, j, column.heading, {"bold": True, "bottom": 2, "bottom_color": INK} | right)
            sheet.set_column(j, j, _width(table, j))
        for i, row in enumerate(table.rows, start=head + 1):
            for j, cell in enumerate(row):
                self.cell(i, j, cell, {"bottom": 1, "bottom_color": LINE})
        end = head + len(table.rows)
        for row in _last(table):
            end += 1
            for j, cell in enumerate(row):
                self.cell(end, j, cell, {"bold": True, "top": 2, "top_color": INK})
        sheet.freeze_panes(head + 1, 0)
        if table.rows:
            sheet.autofilter(head, 0, head + len(table.rows), len(table.columns) - 1)
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(head)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.set_footer("&R&P / &N")
        if sum(_width(table, j) for j in range(len(table.columns))) > 100:
            sheet.set_landscape()

    def cell(self, i: int, j: int, cell: Cell, look: dict[str, Any]) -> None:
        """One value, by its column's kind."""
        kind = self.table.columns[j].kind
        if cell is None:
            self.sheet.write_blank(i, j, None, self.format(look))
        elif isinstance(cell, str):
            self.text(i, j, cell, look)
        elif kind is Kind.TICK:
            self.text(i, j, "☑" if cell else "☐", look | {"align": "center"})
        elif isinstance(cell, date):
            day = datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 (a day of the sheet has no zone)
            look = look | {"num_format": "yyyy-mm-dd", "align": "left"}
            self.sheet.write_datetime(i, j, day, self.format(look))
        elif kind is Kind.MONEY:
            look = look | {
                "num_format": "#,##0" + (f".{'0' * self.table.places}" if self.table.places else "")
            }
            self.sheet.write_number(i, j, Decimal(cell).scaleb(-self.table.places), self.format(look))
        else:
            self.sheet.write_number(i, j, cell, self.format(look | {"num_format": "0"}))

    def text(self, i: int, j: int, text: str, look: dict[str, Any]) -> None:
        """Text, and nothing but text: the column's format is text, and a sign of a formula is quoted."""
        text = plain(text, MAX_CELL_CHARACTERS)
        look = {"text_wrap": True, "num_format": "@"} | look
        if is_risky(text):
            look = look | {"quote_prefix": True}
        self.sheet.write_string(i, j, text, self.format(look))

    def format(self, look: dict[str, Any]) -> Format:
        """Each look once in the workbook."""
        whole = {"valign": "top", "font_color": INK, "font_size": 11} | look
        key = tuple(sorted(whole.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(whole)
        return self.formats[key]


def _sheet_name(title: str, taken: set[str]) -> str:
    """The title as Excel allows it for a sheet: 31 characters, some signs not, each once."""
    name = plain(title.translate(_NOT_IN_NAMES), 31) or "Sheet"
    if name.casefold() == "history":  # a name that Excel keeps for itself
        name = "History_"
    for number in range(2, MAX_SHEETS + 2):
        if name.casefold() not in taken:
            break
        name = f"{plain(title.translate(_NOT_IN_NAMES), 26)} ({number})"
    taken.add(name.casefold())
    return name


def _width(table: Table, j: int) -> int:
    """Characters that the column should show; a Chinese character takes two."""
    column = table.columns[j]
    if column.width is not None:
        return column.width
    shown = [column.heading, *(_shown(row[j], column, table) for row in table.rows[:_WIDTH_ROWS])]
    if (sums := table.totals()) is not None:
        shown.append(_shown(sums[j], column, table))
    widest = max(_columns(text) for text in shown)
    return min(max(widest + 2, NARROWEST), WIDEST)


def _shown(cell: Cell, column: Column, table: Table) -> str:
    if column.kind is Kind.MONEY and isinstance(cell, int):
        return f"{Decimal(cell).scaleb(-table.places):,f}"
    return "" if cell is None else str(cell)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text[:200])
