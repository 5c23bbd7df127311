"""Orders from other people's sheets: what is certain is read, the rest is a doubt with its cell."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from workbooks import ods, xls

from millpond.errors import InputError
from millpond.paper.sheets import (
    DoubtCode,
    Format,
    ImportedSheet,
    LeftOutReason,
    SheetLine,
    SheetOrder,
    csv_bytes,
    kuaituantuan_table,
    kuaituantuan_xlsx,
    qunjielong_tables,
    qunjielong_xlsx,
    read_orders,
)
from millpond.paper.sheets.headings import KUAITUANTUAN, QUNJIELONG

WANG = SheetOrder(
    number=1,
    orderer="王芳的微信",
    name="王芳",
    phone="13800001111",
    address="幸福里 3-502",
    note="放门口",
    leader_note="老邻居",
    lines=(
        SheetLine(item="东北大米", variant="5 kg", quantity=2, amount=10400),
        SheetLine(item="菜籽油", variant="5 L", quantity=1, amount=8990),
    ),
    amount=19890,
    freight=500,
    discount=0,
    refund=0,
    delivery="自提",
    pickup_point="幸福里",
    pickup_contact="刘姐",
    pickup_phone="13900002222",
    pickup_address="东门",
)
LI = SheetOrder(number=2, name="李建国", lines=(SheetLine(item="东北大米", quantity=12),), amount=62400)
HOSTILE = SheetOrder(
    number=3,
    orderer='=HYPERLINK("http://evil.example","x")',
    name="@SUM(A1:A9)",
    address="+1",
    note="-1",
    leader_note="'quoted'",
    lines=(SheetLine(item="=1+1", variant="|calc", quantity=1),),
)


def sheet_of(rows: Sequence[Sequence[str | float | None]], currency: str = "CNY") -> ImportedSheet:
    return read_orders(xls(rows), currency, filename="订单.xls")


def one(
    row: Sequence[str | float | None], headings: str = "收货人 联系电话 商品 数量 订单金额"
) -> SheetOrder:
    return sheet_of([headings.split(), row]).orders[0].order


def doubts_of(sheet: ImportedSheet) -> list[list[tuple[str, str]]]:
    return [[(doubt.code.value, doubt.cell) for doubt in taken.doubts] for taken in sheet.orders]


def test_the_headings_are_theirs() -> None:
    assert " ".join(KUAITUANTUAN) == (
        "下单人 团员备注 团长备注 跟团号 商品 规格 数量 商品金额 运费 优惠 订单金额 退款金额 物流方式 "
        "服务小区 服务小区联系人 服务小区电话 服务小区地址 收货人 联系电话 详细地址"
    )
    assert " ".join(QUNJIELONG) == "收货人 联系电话 订单总金额 支付状态 收货地址 订购数量"


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_kuaituantuan_there_and_back(kind: str) -> None:
    orders = [WANG, LI, HOSTILE]
    data = (
        kuaituantuan_xlsx(orders, "CNY") if kind == "xlsx" else csv_bytes(kuaituantuan_table(orders, "CNY"))
    )
    read = read_orders(data, "CNY")
    assert [taken.order for taken in read.orders] == orders
    assert (read.format, read.heading_row, read.unread) == (Format.KUAITUANTUAN, 1, ())
    assert [taken.row for taken in read.orders] == [2, 4, 5]
    assert not any(taken.doubts for taken in read.orders)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_qunjielong_there_and_back(kind: str) -> None:
    orders = [
        SheetOrder(name="王芳", phone="13800001111", address="3-502", amount=10400, paid=True,
                   lines=(SheetLine(quantity=2),)),
        SheetOrder(name="李建国", phone="", amount=5200, paid=False, lines=(SheetLine(quantity=1),)),
    ]  # fmt: skip
    data = (
        qunjielong_xlsx(orders, "CNY") if kind == "xlsx" else csv_bytes(qunjielong_tables(orders, "CNY")[0])
    )
    read = read_orders(data, "CNY")
    assert [taken.order for taken in read.orders] == orders
    assert read.format is Format.QUNJIELONG
    assert [(row.row, row.reason) for row in read.left_out] == [(4, LeftOutReason.TOTAL)]
    assert not read.doubts


def test_qunjielong_has_a_sheet_for_each_item() -> None:
    read = read_orders(qunjielong_xlsx([WANG, LI], "CNY"), "CNY")
    assert (read.sheet, read.other_sheets) == ("东北大米 5 kg", ("菜籽油 5 L", "东北大米"))
    oil = read_orders(qunjielong_xlsx([WANG, LI], "CNY"), "CNY", sheet="菜籽油 5 L")
    assert [
        (taken.order.name, taken.order.lines[0].quantity, taken.order.amount) for taken in oil.orders
    ] == [("王芳", 1, 8990)]


def test_money_of_a_currency_without_places_and_with_three() -> None:
    for currency in ("JPY", "KWD"):
        assert read_orders(kuaituantuan_xlsx([WANG], currency), currency).orders[0].order == WANG


def test_titles_reordered_missing_and_foreign_columns() -> None:
    read = sheet_of(
        [
            ["十二月大米团 订单"],
            [],
            ["导出时间", "2026-12-05"],
            ["数量", "团长", "商品*", "收货人：", "订单金额(元)", "楼号"],
            [2.0, "刘姐", "东北大米", "王芳", "￥104.00元", 3.0],
        ]
    )
    assert read.orders[0].order == SheetOrder(
        name="王芳", amount=10400, lines=(SheetLine(item="东北大米", quantity=2),)
    )
    assert (read.orders[0].row, read.heading_row, read.unread) == (5, 4, ("团长", "楼号"))
    assert [row.reason for row in read.left_out] == [LeftOutReason.ABOVE, LeftOutReason.ABOVE]


@pytest.mark.parametrize(
    "further", [["", "", "油", 1.0, ""], [1.0, "王芳", "油", 1.0, 104.0], [1.0, "", "油", 1.0, ""]]
)
def test_further_rows_of_an_order(further: list[str | float]) -> None:
    headings = ["跟团号", "收货人", "商品", "数量", "订单金额"]
    read = sheet_of([headings, [1.0, "王芳", "米", 2.0, 104.0], further, [2.0, "李", "米", 1.0, 52.0]])
    assert [[(line.item, line.quantity) for line in taken.order.lines] for taken in read.orders] == [
        [("米", 2), ("油", 1)],
        [("米", 1)],
    ]
    assert not any(taken.doubts for taken in read.orders)


def test_a_further_row_with_another_amount_is_a_doubt() -> None:
    headings = ["跟团号", "收货人", "商品", "数量", "订单金额"]
    read = sheet_of([headings, [1.0, "王芳", "米", 2.0, 104.0], [1.0, "王芳", "油", 1.0, 90.0]])
    assert doubts_of(read) == [[("amount-differs", "E3")]]


def test_the_same_number_of_somebody_else_is_a_doubt() -> None:
    headings = ["跟团号", "收货人", "商品", "数量"]
    read = sheet_of([headings, [1.0, "王芳", "米", 2.0], [1.0, "李", "油", 1.0]])
    assert doubts_of(read) == [[], [("number-repeated", "A3")]]


def test_the_same_order_twice_is_a_doubt() -> None:
    headings = ["收货人", "联系电话", "订购数量"]
    read = sheet_of([headings, ["王芳", "13800001111", 2.0], ["王芳", "13800001111", 2.0]])
    assert doubts_of(read) == [[], [("same-order", "A3")]]


@pytest.mark.parametrize(
    ("cell", "phone", "doubt"),
    [
        (13800001111.0, "13800001111", None),
        ("13800001111.0", "13800001111", None),
        ("138 0000-1111", "13800001111", None),
        ("+86 13800001111", "13800001111", None),
        ("１３８００００１１１１", "13800001111", None),
        ("0591-8765432", "05918765432", None),
        ("+4915112345678", "+4915112345678", None),
        ("1.38E+10", "", DoubtCode.PHONE_ROUNDED),
        ("138****1111", "138****1111", DoubtCode.PHONE_HIDDEN),
        ("问刘姐", "问刘姐", DoubtCode.PHONE_UNCLEAR),
        (1.5, "1.5", DoubtCode.PHONE_UNCLEAR),
        ("", "", None),
    ],
)
def test_phones(cell: str | float, phone: str, doubt: DoubtCode | None) -> None:
    read = sheet_of([["收货人", "联系电话", "数量"], ["王芳", cell, 1.0]])
    assert read.orders[0].order.phone == phone
    assert [found.code for found in read.orders[0].doubts] == ([doubt] if doubt else [])


@pytest.mark.parametrize(
    ("cell", "quantity", "doubt"),
    [
        (2.0, 2, None),
        ("2", 2, None),
        ("２", 2, None),
        ("2.0", 2, None),
        ("×3", 3, None),
        ("2份", 2, DoubtCode.QUANTITY_UNIT),
        ("", None, DoubtCode.NO_QUANTITY),
        (0.0, None, DoubtCode.QUANTITY_UNCLEAR),
        (-1.0, None, DoubtCode.QUANTITY_UNCLEAR),
        (1.5, None, DoubtCode.QUANTITY_UNCLEAR),
        ("两份", None, DoubtCode.QUANTITY_UNCLEAR),
        ("2-3", None, DoubtCode.QUANTITY_UNCLEAR),
        ("2+1", None, DoubtCode.QUANTITY_UNCLEAR),
        (13800001111.0, None, DoubtCode.QUANTITY_UNCLEAR),
    ],
)
def test_quantities(cell: str | float, quantity: int | None, doubt: DoubtCode | None) -> None:
    read = sheet_of([["收货人", "商品", "数量"], ["王芳", "米", cell]])
    assert read.orders[0].order.lines[0].quantity == quantity
    assert [(found.code, found.cell) for found in read.orders[0].doubts] == ([(doubt, "C2")] if doubt else [])


@pytest.mark.parametrize(
    ("cell", "minor", "is_doubtful"),
    [
        (59.9, 5990, False),
        (0.1 + 0.2, 30, False),
        ("¥1,234.50", 123450, False),
        ("-3", -300, False),
        ("", None, False),
        ("59.999", None, True),
        ("五十", None, True),
        ("1e999", None, True),
        (1e300, None, True),
    ],
)
def test_amounts(cell: str | float, minor: int | None, is_doubtful: bool) -> None:
    read = sheet_of([["收货人", "数量", "订单金额"], ["王芳", 1.0, cell]])
    assert read.orders[0].order.amount == minor
    assert [found.code.value for found in read.orders[0].doubts] == ["amount-unclear"] * is_doubtful


@pytest.mark.parametrize(
    ("words", "paid", "doubts"),
    [
        ("已支付", True, 0),
        ("未支付", False, 0),
        ("待付款", False, 0),
        ("", None, 0),
        ("已退款", None, 1),
        ("？", None, 1),
    ],
)
def test_paid_or_not(words: str, paid: bool | None, doubts: int) -> None:
    taken = sheet_of([["收货人", "订购数量", "支付状态"], ["王芳", 1.0, words]]).orders[0]
    assert taken.order.paid is paid
    assert len(taken.doubts) == doubts


@pytest.mark.parametrize("last", [["合计", "", 3.0], ["总计：", "", 3.0], ["", "", 3.0]])
def test_the_last_row_is_a_total(last: list[str | float]) -> None:
    read = sheet_of([["收货人", "联系电话", "订购数量"], ["王", "", 1.0], ["李", "", 2.0], last])
    assert len(read.orders) == 2
    assert [(row.row, row.reason) for row in read.left_out] == [(4, LeftOutReason.TOTAL)]
    assert not read.doubts


def test_a_total_that_is_another_is_a_doubt() -> None:
    read = sheet_of([["收货人", "联系电话", "订购数量"], ["王", "", 1.0], ["合计", "", 5.0]])
    assert [(doubt.code, doubt.cell, doubt.text) for doubt in read.doubts] == [
        (DoubtCode.TOTAL_DIFFERS, "C3", "5 ≠ 1")
    ]


def test_nobodys_row_with_another_number_is_no_total() -> None:
    read = sheet_of([["收货人", "联系电话", "订购数量"], ["王", "", 1.0], ["李", "", 2.0], ["", "", 7.0]])
    assert doubts_of(read)[2] == [("no-name", "A4")]


def test_headings_in_the_middle_are_passed_over() -> None:
    headings = ["收货人", "商品", "数量"]
    read = sheet_of([headings, ["王", "米", 1.0], headings, ["李", "米", 2.0]])
    assert [taken.order.name for taken in read.orders] == ["王", "李"]
    assert read.left_out[0].reason is LeftOutReason.HEADINGS


def test_refunds_and_long_texts_and_missing_items_are_doubts() -> None:
    headings = ["收货人", "商品", "数量", "退款金额", "备注"]
    read = sheet_of([headings, ["王", "", 1.0, 5.0, "长" * 1001], ["", "米", 1.0, "", ""]])
    assert doubts_of(read) == [[("no-item", "B2"), ("shortened", "E2"), ("refunded", "D2")]]
    assert len(read.orders[0].order.note) == 1000
    assert len(read.orders[0].order.lines) == 2


def test_a_name_is_a_name_whatever_it_looks_like() -> None:
    for name in (
        "#panic()",
        "$x$",
        "NULL",
        "0012",
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "王\u202e芳",
    ):
        order = one([name, "", "米", 1.0, ""])
        assert order.name == "".join(char for char in name if char.isprintable())


def test_numbers_as_names_have_no_point() -> None:
    assert one([502.0, "", "米", 1.0, ""]).name == "502"


def test_the_same_from_an_open_document() -> None:
    rows: list[list[str | float | None]] = [["收货人", "联系电话", "数量"], ["王芳", 13800001111.0, 2.0]]
    assert read_orders(ods(rows), "CNY").orders == sheet_of(rows).orders


def test_a_refusal_names_file_sheet_and_cell() -> None:
    with pytest.raises(InputError, match=r"订单\.xls: 订单: none of the first 40 rows of '订单' says"):
        sheet_of([["a", "b"], ["王芳", 1.0]])
    with pytest.raises(InputError, match=r"订单\.xls: 订单!C202: more than 200 rows of one order"):
        sheet_of([["收货人", "商品", "数量"], ["王芳", "米", 1.0], *[["", "油", 1.0]] * 200])
    with pytest.raises(InputError, match="表九"):
        read_orders(kuaituantuan_xlsx([WANG], "CNY"), "CNY", sheet="表九")
    with pytest.raises(InputError, match=r"x\.csv: is neither"):
        read_orders(b"\x00\x01", "CNY", filename="x.csv")
