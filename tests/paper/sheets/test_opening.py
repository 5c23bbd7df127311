"""What is opened, and what is refused before it can do harm."""

from __future__ import annotations

import io
import zipfile
import zlib
from contextlib import suppress

import pytest
from workbooks import compound, ods, xls, xlsx_of, zipped

from millpond.errors import InputError
from millpond.paper.sheets import Column, Table, xlsx
from millpond.paper.sheets.opening import MAX_FILE_BYTES, open_sheets

ROWS = [["收货人", "联系电话", "数量"], ["王芳", 13800001111.0, 2.0], ["李建国", None, 3.0]]
BLANK = {None: ""}


def written() -> bytes:
    columns = tuple(Column(heading=str(heading)) for heading in ROWS[0])
    return xlsx([Table(title="订单", columns=columns, rows=(("王芳", "138", "2"),), has_title_row=False)])


@pytest.mark.parametrize("data", [xls(ROWS), ods(ROWS)], ids=["xls", "ods"])
def test_old_and_open_workbooks(data: bytes) -> None:
    (grid,) = open_sheets(data)
    assert [list(row) for row in grid.rows] == [[BLANK.get(cell, cell) for cell in row] for row in ROWS]


def test_our_own_workbook() -> None:
    (grid,) = open_sheets(written())
    assert grid.name == "订单"
    assert [list(row) for row in grid.rows] == [ROWS[0], ["王芳", "138", "2"]]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_text_in_every_usual_encoding(encoding: str, delimiter: str) -> None:
    text = f'收货人{delimiter}数量\r\n"王{delimiter}芳"{delimiter}2\r\n'
    (grid,) = open_sheets(text.encode(encoding))
    assert grid.rows == (("收货人", "数量"), (f"王{delimiter}芳", "2"))


def refused(data: bytes) -> str:
    with pytest.raises(InputError) as error:
        open_sheets(data)
    return str(error.value)


def test_cells_stand_where_the_spreadsheet_says() -> None:
    cells = '<row r="3"><c r="C3" t="inlineStr"><is><t>王</t></is></c></row>'
    (grid,) = open_sheets(zipped(xlsx_of(cells)))
    assert grid.rows == (("", "", ""), ("", "", ""), ("", "", "王"))


@pytest.mark.parametrize(
    "entries",
    [
        xlsx_of('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        xlsx_of('<row r="1"><c r="A1"><v>1</v></c></row><row r="999999"><c r="A999999"><v>1</v></c></row>'),
        xlsx_of('<row><c r="GZ1"><v>1</v></c></row>'),
        xlsx_of("<row/>" * 30_000 + "<row><c><v>1</v></c></row>"),
    ],
    ids=["corner", "far row", "far column", "unnumbered"],
)
def test_one_cell_far_away_is_refused(entries: dict[str, str]) -> None:
    assert "Delete the rows and columns behind" in refused(zipped(entries))


def test_a_far_cell_of_an_old_workbook_ends_its_reader_and_nothing_else() -> None:
    assert "save it as .xlsx" in refused(xls(ROWS, far=(65_535, 255)))
    assert "at most 20,000 rows" in refused(xls(ROWS, far=(30_000, 2)))


def test_one_text_in_every_cell_is_refused() -> None:
    row = "<row>" + '<c t="s"><v>0</v></c>' * 150 + "</row>"
    assert "million characters" in refused(zipped(xlsx_of(row * 1_000, ["长" * 30_000])))
    prefixed = {
        name: content.replace("<c ", "<x:c ").replace("</c>", "</x:c>")
        for name, content in xlsx_of(row * 1_000, ["长" * 30_000]).items()
    }
    prefixed["xl/worksheets/sheet1.xml"] = prefixed["xl/worksheets/sheet1.xml"].replace(
        "<worksheet ", '<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    )
    assert "million characters" in refused(zipped(prefixed))


def test_repeats_of_an_open_document_are_counted() -> None:
    cell = (
        '<table:table-cell office:value-type="float" office:value="1" table:number-columns-repeated="16384"/>'
    )
    assert "Delete" in refused(ods(ROWS, f"<table:table-row>{cell}</table:table-row>"))
    many = (
        '<table:table-row table:number-rows-repeated="1048000"><table:table-cell office:value-type="float" '
    )
    assert "Delete" in refused(ods(ROWS, f'{many}office:value="1"/></table:table-row>'))
    far = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
    one = '<table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
    assert "Delete" in refused(ods(ROWS, far + one))
    empty = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell '
    (grid,) = open_sheets(ods(ROWS, f'{empty}table:number-columns-repeated="16384"/></table:table-row>'))
    assert len(grid.rows) == len(ROWS)


def test_gigabytes_of_nothing_are_refused_at_once() -> None:
    entries = xlsx_of("")
    bomb = {**entries, "xl/worksheets/sheet1.xml": b"<a>" + bytes(200_000_000)}
    assert "once unpacked" in refused(zipped(bomb))


def lying() -> bytes:
    """An archive whose sheet goes on for 100 MB behind what it declares, with the checksum to match."""
    entries = xlsx_of('<row r="1"><c r="A1"><v>7</v></c></row>')
    honest = entries["xl/worksheets/sheet1.xml"].encode()
    content = honest + b" " * 100_000_000
    data = zipped({**entries, "xl/worksheets/sheet1.xml": content})

    def declared(text: bytes) -> list[bytes]:
        return [zlib.crc32(text).to_bytes(4, "little"), len(text).to_bytes(4, "little")]

    for true, told in zip(declared(content), declared(honest), strict=True):
        assert data.count(true) == 2  # in the entry and in the directory
        data = data.replace(true, told)
    return data


def test_of_an_archive_that_lies_only_what_it_said_is_opened() -> None:
    (grid,) = open_sheets(lying())
    assert grid.rows == ((7.0,),)


def test_the_same_name_twice_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("xl/workbook.xml", "<b/>")
    assert "not a workbook" in refused(out.getvalue())


def test_entities_are_refused() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    entries = xlsx_of("")
    entries["xl/worksheets/sheet1.xml"] = laughs + entries["xl/worksheets/sheet1.xml"]
    assert "document type" in refused(zipped(entries))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04" + bytes(100), "damaged"),
        (zipped({"word/document.xml": "<a/>"}), "save it as .xlsx"),
        (zipped({"xl/workbook.xml": "<workbook"}), "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "save it as .xlsx"),
        (compound("EncryptedPackage", bytes(5000)), "password"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "web page"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "neither a workbook"),
        (bytes(range(128, 256)) * 3, "neither a workbook"),
        (b"a" * (MAX_FILE_BYTES + 1), "larger than 8 MB"),
        (b"a,b\n" * 30_000, "more than 20,000 rows"),
        (b'"' + b"x" * 200_000 + b'"', "doesn't end"),
    ],
)
def test_what_can_not_be_read_is_refused_in_words(data: bytes, says: str) -> None:
    assert says in refused(data)


def test_damaged_workbooks_end_in_words() -> None:
    for whole in (xls(ROWS), written()):
        for at in range(600, len(whole), len(whole) // 6):
            data = whole[:at] + b"\xff\xfe\xfd\xfc" + whole[at + 4 :]
            with suppress(InputError):  # nothing else may come out of it
                assert open_sheets(data)
