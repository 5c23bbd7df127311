"""The reference pages name what there is: bounds, headings, doubts and functions."""

from __future__ import annotations

from pathlib import Path

from millpond import paper
from millpond.paper import fonts, pictures, typesetting
from millpond.paper.sheets import DoubtCode, Kind, cells, headings, importing, opening, table, weighing

DOCS = Path(__file__).parents[2] / "docs" / "reference"
PAPER = (DOCS / "paper.md").read_text(encoding="utf-8")
SHEETS = (DOCS / "excel-formats.md").read_text(encoding="utf-8")


def test_every_function_and_value_of_a_document_is_named() -> None:
    for name in paper.__all__:
        if name.endswith(("_pdf", "_xlsx")):
            assert f"`{name}`" in PAPER


def test_every_doubt_and_kind_is_named() -> None:
    for code in DoubtCode:
        assert f"`{code.value}`" in SHEETS
    for kind in Kind:
        assert f"| {kind.value} |" in SHEETS


def test_the_headings_are_named() -> None:
    assert "\n" + " ".join(headings.KUAITUANTUAN) + "\n" in SHEETS
    assert "\n" + " ".join(headings.QUNJIELONG) + "\n" in SHEETS


def test_the_bounds_are_those_of_the_code() -> None:
    for said in (
        f"| file | {opening.MAX_FILE_BYTES // 2**20} MB |",
        f"| unpacked | {weighing.MAX_UNPACKED_BYTES // 2**20} MB",
        f"{weighing.MAX_ROWS:,}, {weighing.MAX_COLUMNS}, {weighing.MAX_CELLS:,}",
        f"{weighing.MAX_CHARACTERS // 10**6} million characters",
        f"{importing.MAX_ORDERS:,}, {importing.MAX_LINES}",
        f"the first\n{headings.SEARCHED_ROWS} rows",
        f"more than {cells.MAX_QUANTITY:,}",
        f"over {cells.MAX_TEXT:,} characters",
        f"the\n{opening.MAX_SECONDS} seconds its caller waits",
    ):
        assert said in SHEETS
    for said in (
        f"up to {pictures.MAX_BYTES // 2**20} MB",
        f"{pictures.MAX_PIXELS // 10**6} million; {pictures.MAX_JPEG_PIXELS // 10**6} million of a JPEG",
        f"at most {pictures.PAGE_SIDE} pixels a side and {pictures.PAGE_BYTES // 1000} kB",
        f"at most {pictures.PRINT_SIDE:,} pixels",
        f"longer than {typesetting.MAX_TEXT} characters",
        f"printed as `{fonts.MISSING}`",
    ):
        assert said in PAPER
    assert table.MAX_COLUMNS == weighing.MAX_COLUMNS  # what we write, we read
