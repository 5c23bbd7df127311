"""Spreadsheets: tables out (Excel, CSV), orders in and out as 快团团 and 群接龙 keep them.

A workbook or CSV that Millpond writes holds what people typed as text, never as a formula. A file that
somebody sent is bounded before it is opened, and every doubt about a cell is told with its place.
"""

from millpond.paper.sheets.exporting import (
    kuaituantuan_table,
    kuaituantuan_xlsx,
    qunjielong_tables,
    qunjielong_xlsx,
)
from millpond.paper.sheets.importing import read_orders
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
from millpond.paper.sheets.table import Cell, Column, Kind, Table
from millpond.paper.sheets.writing import books_xlsx, csv_bytes, xlsx

__all__ = [
    "Cell",
    "Column",
    "Doubt",
    "DoubtCode",
    "Format",
    "ImportedOrder",
    "ImportedSheet",
    "Kind",
    "LeftOut",
    "LeftOutReason",
    "SheetLine",
    "SheetOrder",
    "Table",
    "books_xlsx",
    "csv_bytes",
    "kuaituantuan_table",
    "kuaituantuan_xlsx",
    "qunjielong_tables",
    "qunjielong_xlsx",
    "read_orders",
    "xlsx",
]
