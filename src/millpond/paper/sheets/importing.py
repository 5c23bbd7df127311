"""Orders out of a spreadsheet, as 快团团 and 群接龙 export them or as people keep them.

- The row of headings is looked for; columns may be missing, added or in another order.
- Rows of one order stand together: the further ones repeat its columns, leave them blank, or are merged.
- A last row with a total is no order; it is compared with what the rows come to.
- What a cell doesn't say clearly is a doubt with its cell. A file that can't be read is refused: `InputError`
  with the file's name, the sheet, and the row and column where there is one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from millpond.errors import InputError
from millpond.paper.sheets import cells
from millpond.paper.sheets.headings import SEARCHED_ROWS, Headings, find_headings, known
from millpond.paper.sheets.opening import Grid, RawCell, open_sheets
from millpond.paper.sheets.orders import (
    Doubt,
    DoubtCode,
    Format,
    ImportedOrder,
    ImportedSheet,
    LeftOut,
    LeftOutReason,
    SheetLine,
    SheetOrder,
)

MAX_ORDERS = 10_000
MAX_LINES = 200
"""Of one order."""

_TOTAL_WORDS = ("合计", "总计", "共计", "总数", "汇总", "小计", "total")
_TEXTS = (
    "orderer",
    "name",
    "address",
    "note",
    "leader_note",
    "delivery",
    "pickup_point",
    "pickup_contact",
    "pickup_phone",
    "pickup_address",
)
_MONEY = ("amount", "freight", "discount", "refund")
_OWN = ("number", "orderer", "name", "phone")
"""Fields that say that a new order begins."""


def read_orders(data: bytes, currency: str, *, filename: str = "", sheet: str | None = None) -> ImportedSheet:
    """The orders of the first sheet that has some, or of the one named; raises `InputError`."""
    try:
        grids = open_sheets(data)
        found = [(grid, headings) for grid in grids if (headings := find_headings(grid.rows)) is not None]
        if sheet is not None:
            found = [pair for pair in found if pair[0].name == sheet]
        if not found:
            raise _no_headings(grids, sheet)
        grid, headings = found[0]
        read = _Reader(grid, headings, currency).read()
    except InputError as error:
        raise error.named(filename or "the file") from None
    return replace(read, other_sheets=tuple(other.name for other, _ in found[1:]))


def _no_headings(grids: tuple[Grid, ...], sheet: str | None) -> InputError:
    names = ", ".join(repr(grid.name) for grid in grids if grid.name) or "it"
    return InputError(
        f"none of the first {SEARCHED_ROWS} rows of {names} says which column is the name (收货人, 下单人) "
        "and which the quantity (数量, 订购数量) or the item (商品). Write these words above the columns",
        at=sheet or grids[0].name,
    )


class _Reader:
    """One sheet being read."""

    def __init__(self, grid: Grid, headings: Headings, currency: str) -> None:
        self.grid, self.headings, self.currency = grid, headings, currency
        self.orders: list[ImportedOrder] = []
        self.left_out: list[LeftOut] = []
        self.sheet_doubts: list[Doubt] = []
        self.doubts: list[Doubt] = []  # of the row that is being read

    def read(self) -> ImportedSheet:
        """Row by row; a row begins an order, continues one, or is left out."""
        for at, row in enumerate(self.grid.rows):
            if not any(_said(cell) for cell in row):
                continue
            if at == self.headings.row:
                continue
            reason = self.left_out_reason(at, row)
            if reason is not None:
                text = " ".join(_said(cell) for cell in row if _said(cell))
                self.left_out.append(LeftOut(row=at + 1, reason=reason, text=text[:200]))
                if reason is LeftOutReason.TOTAL:
                    self.compare_total(at, row)
                continue
            self.take(at, row)
        return ImportedSheet(
            format=self.headings.format,
            sheet=self.grid.name,
            heading_row=self.headings.row + 1,
            orders=self.marked_twins(),
            left_out=tuple(self.left_out),
            unread=self.headings.unread,
            doubts=tuple(self.sheet_doubts),
        )

    def left_out_reason(self, at: int, row: tuple[RawCell, ...]) -> LeftOutReason | None:
        """Why the row is no order, if it is none."""
        if at < self.headings.row:
            return LeftOutReason.ABOVE
        columns, _ = known(row)
        if len(columns) >= 3 and len(columns) >= len(self.headings.columns) // 2:
            return LeftOutReason.HEADINGS
        first = next(_said(cell) for cell in row if _said(cell)).casefold().rstrip("：:")
        if first in _TOTAL_WORDS or (first.startswith(_TOTAL_WORDS) and not self.said(row, "phone")):
            return LeftOutReason.TOTAL
        if self.headings.format is Format.QUNJIELONG and self.is_bare_total(at, row):
            return LeftOutReason.TOTAL
        return None

    def is_bare_total(self, at: int, row: tuple[RawCell, ...]) -> bool:
        """Whether the sheet ends here, in a row of nobody's that has the sum of the quantities."""
        if any(self.said(row, field) for field in (*_OWN, "address", "item")):
            return False
        if any(_said(cell) for later in self.grid.rows[at + 1 :] for cell in later):
            return False
        return len(self.orders) > 1 and cells.quantity_of(self.raw(row, "quantity"))[0] == self.units()

    def units(self) -> int:
        return sum(line.quantity or 0 for taken in self.orders for line in taken.order.lines)

    def compare_total(self, at: int, row: tuple[RawCell, ...]) -> None:
        total, doubt = cells.quantity_of(self.raw(row, "quantity"))
        if doubt is None and total != self.units():
            cell = self.cell(at, "quantity")
            self.sheet_doubts.append(
                Doubt(code=DoubtCode.TOTAL_DIFFERS, cell=cell, text=f"{total} ≠ {self.units()}")
            )

    def take(self, at: int, row: tuple[RawCell, ...]) -> None:
        """An order or a further line of the last one."""
        self.doubts = []
        line = self.line(at, row)
        last = self.orders[-1] if self.orders else None
        if last is not None and self.continues(row, last.order):
            if len(last.order.lines) >= MAX_LINES:
                raise InputError(f"more than {MAX_LINES} rows of one order", at=self.place(at, "quantity"))
            self.compare_amounts(at, row, last.order)
            order = replace(last.order, lines=(*last.order.lines, line))
            self.orders[-1] = replace(last, order=order, doubts=(*last.doubts, *self.doubts))
            return
        if len(self.orders) >= MAX_ORDERS:
            raise InputError(f"more than {MAX_ORDERS:,} orders", at=self.place(at, "name"))
        order = self.order(at, row, line)
        self.orders.append(ImportedOrder(row=at + 1, order=order, doubts=tuple(self.doubts)))

    def continues(self, row: tuple[RawCell, ...], last: SheetOrder) -> bool:
        """Whether the row is a further line of the last order."""
        own = [field for field in _OWN if self.said(row, field)]
        if not own:
            return "item" in self.headings.columns and bool(
                self.said(row, "item") or self.said(row, "quantity")
            )
        if "item" not in self.headings.columns or last.number is None:
            return False
        if cells.number_of(self.raw(row, "number"))[0] != last.number:
            return False
        return all(self.said(row, field) in {"", getattr(last, field)} for field in ("orderer", "name"))

    def line(self, at: int, row: tuple[RawCell, ...]) -> SheetLine:
        item = self.value(at, row, "item", cells.text_of)
        if not item and "item" in self.headings.columns:
            self.doubt(at, row, "item", DoubtCode.NO_ITEM)
        return SheetLine(
            item=item or "",
            variant=self.value(at, row, "variant", cells.text_of) or "",
            quantity=self.value(at, row, "quantity", cells.quantity_of, is_needed=True),
            amount=self.value(at, row, "line_amount", self.money),
        )

    def order(self, at: int, row: tuple[RawCell, ...], line: SheetLine) -> SheetOrder:
        texts: dict[str, Any] = {field: self.value(at, row, field, cells.text_of) or "" for field in _TEXTS}
        amounts: dict[str, Any] = {field: self.value(at, row, field, self.money) for field in _MONEY}
        order = SheetOrder(
            number=self.value(at, row, "number", cells.number_of),
            phone=self.value(at, row, "phone", cells.phone_of) or "",
            paid=self.value(at, row, "paid", cells.paid_of),
            lines=(line,),
            **texts,
            **amounts,
        )
        if not order.name and not order.orderer:
            self.doubt(at, row, "name" if "name" in self.headings.columns else "orderer", DoubtCode.NO_NAME)
        if order.refund:
            self.doubt(at, row, "refund", DoubtCode.REFUNDED)
        return order

    def compare_amounts(self, at: int, row: tuple[RawCell, ...], order: SheetOrder) -> None:
        """A further line repeats the order's amounts or leaves them blank; anything else is odd."""
        for field in _MONEY:
            amount = self.value(at, row, field, self.money)
            if amount is not None and amount != getattr(order, field):
                self.doubt(at, row, field, DoubtCode.AMOUNT_DIFFERS)

    def marked_twins(self) -> tuple[ImportedOrder, ...]:
        """Orders whose number, or whose every cell, stands on an earlier order too."""
        numbers: Counter[int] = Counter()
        seen: set[SheetOrder] = set()
        marked = []
        for taken in self.orders:
            doubts = list(taken.doubts)
            order = taken.order
            if order.number is not None:
                numbers[order.number] += 1
                if numbers[order.number] > 1:
                    cell = self.cell(taken.row - 1, "number")
                    doubts.append(Doubt(code=DoubtCode.NUMBER_REPEATED, cell=cell, text=str(order.number)))
            if order in seen:
                cell = self.cell(taken.row - 1, "name")
                doubts.append(Doubt(code=DoubtCode.SAME_ORDER, cell=cell, text=order.name or order.orderer))
            seen.add(order)
            marked.append(replace(taken, doubts=tuple(doubts)))
        return tuple(marked)

    def money(self, cell: RawCell) -> tuple[int | None, DoubtCode | None]:
        return cells.money_of(cell, self.currency)

    def value(
        self,
        at: int,
        row: tuple[RawCell, ...],
        field: str,
        read: Callable[[RawCell], tuple[Any, DoubtCode | None]],
        *,
        is_needed: bool = False,
    ) -> Any:
        """The field's value in this row, None if there is no such column; a doubt is noted."""
        if field not in self.headings.columns and not is_needed:
            return None
        value, doubt = read(self.raw(row, field))
        if doubt is not None:
            self.doubt(at, row, field, doubt)
        return value

    def doubt(self, at: int, row: tuple[RawCell, ...], field: str, code: DoubtCode) -> None:
        self.doubts.append(Doubt(code=code, cell=self.cell(at, field), text=self.said(row, field)[:60]))

    def raw(self, row: tuple[RawCell, ...], field: str) -> RawCell:
        column = self.headings.columns.get(field, len(row))
        return row[column] if column < len(row) else ""

    def said(self, row: tuple[RawCell, ...], field: str) -> str:
        return _said(self.raw(row, field))

    def cell(self, at: int, field: str) -> str:
        """`C7`; a column that isn't there is the first one."""
        return f"{_letters(self.headings.columns.get(field, 0))}{at + 1}"

    def place(self, at: int, field: str) -> str:
        return f"{self.grid.name}!{self.cell(at, field)}" if self.grid.name else self.cell(at, field)


def _said(cell: RawCell) -> str:
    return cells.text_of(cell)[0]


def _letters(column: int) -> str:
    """A, B, ... Z, AA for columns from 0.

    >>> _letters(0), _letters(25), _letters(26), _letters(199)
    ('A', 'Z', 'AA', 'GR')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
