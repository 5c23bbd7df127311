"""A table as people see it in a spreadsheet: a title, columns of a kind each, rows of plain values.

Invariants:
- Every row has a value for every column, of the column's kind or None; this is checked when a table is made.
- Money is integers of the currency's minor unit; the writer turns it into a number with its decimal places.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from millpond.errors import InputError
from millpond.model.money import decimal_places

MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_CELL_CHARACTERS = 32_000
"""Excel takes 32,767 characters in a cell."""

MAX_MINOR = 10**15 - 1
"""Excel's numbers have 15 digits; money above would be rounded without a word."""

Cell = str | int | date | bool | None


class Kind(StrEnum):
    """What a column holds. A tick is a box to fill by pen or by `x`; True is a filled one."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"
    DATE = "date"
    TICK = "tick"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column; `width` is in characters (a Chinese one is two), found from the contents if None.

    `total` adds the column up in a last row.
    """

    heading: str
    kind: Kind = Kind.TEXT
    width: int | None = None
    total: bool = False


_FITS: dict[Kind, Callable[[Cell], bool]] = {
    Kind.TEXT: lambda cell: isinstance(cell, str),
    Kind.INTEGER: lambda cell: (
        isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) <= MAX_MINOR
    ),
    Kind.MONEY: lambda cell: isinstance(cell, int) and not isinstance(cell, bool) and abs(cell) <= MAX_MINOR,
    Kind.DATE: lambda cell: isinstance(cell, date),
    Kind.TICK: lambda cell: isinstance(cell, bool),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet. `title` names it; it also stands above the headings unless `has_title_row` is False."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    currency: str = "CNY"
    subtitle: str = ""
    has_title_row: bool = True
    total_word: str = "合计"

    def __post_init__(self) -> None:
        if not 1 <= len(self.columns) <= MAX_COLUMNS:
            raise InputError(f"{len(self.columns)} columns; 1 to {MAX_COLUMNS} fit a sheet", at="columns")
        if len(self.rows) > MAX_ROWS:
            raise InputError(f"{len(self.rows):,} rows; at most {MAX_ROWS:,} fit a sheet", at="rows")
        for i, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise InputError(f"{len(row)} cells in {len(self.columns)} columns", at=f"rows[{i}]")
            for j, (cell, column) in enumerate(zip(row, self.columns, strict=True)):
                if cell is not None and not _FITS[column.kind](cell):
                    raise InputError(f"{cell!r:.60} is no {column.kind.value}", at=f"rows[{i}][{j}]")

    @property
    def places(self) -> int:
        """Decimal places of money."""
        return decimal_places(self.currency)

    def totals(self) -> tuple[Cell, ...] | None:
        """The last row: sums where they are wanted, None elsewhere; None if no column wants one."""
        if not any(column.total for column in self.columns):
            return None
        sums: list[Cell] = []
        for j, column in enumerate(self.columns):
            cells = [cell for row in self.rows if isinstance(cell := row[j], int)]
            sums.append(sum(cells) if column.total else None)
        return tuple(sums)
