"""Sheets of orders as 快团团 and 群接龙 write them: reviewed like a pasted list, and out again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

import pytest
from collecting import EGGS, OIL, RICE, Collecting
from playwright.sync_api import Browser, Locator, Page, expect
from python_calamine import CalamineWorkbook
from sites import Site, open_phone
from workbooks import ods

from millpond.desk import households, orders
from millpond.desk.orders import NewOrder, NewWant, Source
from millpond.paper import sheets
from millpond.paper.sheets import Column, Kind, SheetLine, SheetOrder, Table

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TWO_SHEETS = [
    SheetOrder(
        name="王芳", phone="13800000001", lines=(SheetLine(item=RICE, quantity=2, amount=9_000),), paid=True
    ),
    SheetOrder(
        name="李雷",
        phone="13800000002",
        address="3-502",
        lines=(
            SheetLine(item=RICE, quantity=1, amount=4_500),
            SheetLine(item=OIL, quantity=3, amount=20_000),
        ),
        paid=False,
    ),
]


@pytest.fixture
def desk(site: Site) -> Collecting:
    return Collecting(site)


@pytest.fixture
def leader(browser: Browser, desk: Collecting) -> Iterator[Page]:
    with open_phone(browser, scripts=False) as page:
        yield desk.let_in(page)


def upload(page: Page, desk: Collecting, data: bytes, name: str = "订单.xlsx") -> None:
    page.goto(desk.site.url(f"{desk.path}/collect"))
    page.get_by_label("文件").set_input_files({"name": name, "mimeType": EXCEL, "buffer": data})
    page.get_by_role("button", name="读表格").click()


def entry(page: Page, name: str) -> Locator:
    return page.locator(".entry").filter(has_text=name)


def take_in(page: Page) -> None:
    page.get_by_role("button", name="把勾选的收进来").click()
    expect(page.get_by_role("status")).to_have_text("接龙已收进来。")


def sheet(headings: Sequence[str], *rows: Sequence[str | int]) -> bytes:
    """A sheet that somebody keeps."""
    kinds = [Kind.INTEGER if isinstance(cell, int) else Kind.TEXT for cell in rows[0]]
    columns = tuple(Column(heading=text, kind=kind) for text, kind in zip(headings, kinds, strict=True))
    return sheets.xlsx(
        [Table(title="订单", columns=columns, rows=tuple(tuple(row) for row in rows), has_title_row=False)]
    )


def test_a_file_of_kuaituantuan(leader: Page, desk: Collecting) -> None:
    order = SheetOrder(
        number=7,
        orderer="小芳🌸",
        name="王芳",
        phone="13800000001",
        address="3-502",
        note="放门卫",
        leader_note="老客户",
        lines=(SheetLine(item=RICE, quantity=2), SheetLine(item=EGGS, quantity=1)),
    )
    upload(leader, desk, sheets.kuaituantuan_xlsx([order], "CNY"))
    expect(entry(leader, "王芳").get_by_role("checkbox")).to_be_checked()
    take_in(leader)
    (kept,) = desk.kept()
    assert (kept.name, kept.phone, kept.note, kept.source) == (
        "王芳",
        "13800000001",
        "放门卫",
        Source.IMPORTED,
    )
    assert kept.leader_note == "老客户 · 小芳🌸"
    assert households.load(desk.site.read, kept.household).address == "3-502"
    assert desk.units() == {RICE: 2, EGGS: 1}


def test_a_file_of_qunjielong_with_a_sheet_for_each_item(leader: Page, desk: Collecting) -> None:
    """Who stands on two sheets has one order; the last row with totals is none."""
    upload(leader, desk, sheets.qunjielong_xlsx(TWO_SHEETS, "CNY"))
    expect(leader.locator(".entry")).to_have_count(2)
    take_in(leader)
    wang, li = desk.kept()
    assert (wang.units, wang.leader_note, li.units) == (2, "已支付", 4)
    assert desk.units() == {RICE: 3, OIL: 3}


def test_doubtful_cells_and_other_names_of_items(leader: Page, desk: Collecting) -> None:
    data = sheet(
        ["姓名", "电话", "商品", "数量"],
        ["王芳", "138****0001", RICE, "2"],
        ["李雷", "13800000002", "珍珠米", "1"],
        ["赵六", "13800000003", "珍珠米", "三四袋"],
    )
    upload(leader, desk, data)
    expect(entry(leader, "王芳")).to_contain_text("电话号码中间几位被隐藏了。")
    expect(entry(leader, "王芳").get_by_role("checkbox")).not_to_be_checked()
    leader.get_by_role("group", name="团里没有的货").get_by_label("珍珠米").select_option(label=RICE)
    leader.get_by_role("button", name="填进去").click()
    expect(entry(leader, "李雷").get_by_role("checkbox")).to_be_checked()  # that was its only doubt
    expect(entry(leader, "赵六").get_by_role("checkbox")).not_to_be_checked()
    expect(entry(leader, "赵六")).to_contain_text("请填要几份")
    take_in(leader)
    assert [(one.name, one.units) for one in desk.kept()] == [("李雷", 1)]


@pytest.mark.parametrize("ending", ["ods", "csv"])
def test_other_kinds_of_files(leader: Page, desk: Collecting, ending: str) -> None:
    if ending == "ods":
        data = ods([["姓名", "商品", "数量"], ["王芳", RICE, 2.0]])
    else:
        data = f"姓名,商品,数量\r\n王芳,{RICE},2\r\n".encode("gb18030")
    upload(leader, desk, data, f"订单.{ending}")
    take_in(leader)
    assert desk.units() == {RICE: 2}


def test_what_is_no_sheet_is_said_in_words(leader: Page, desk: Collecting) -> None:
    upload(leader, desk, b"\x00\x01 no sheet")
    expect(leader.locator("#wrong-sheet")).to_contain_text("这个文件读不了。")
    leader.goto(desk.site.url(f"{desk.path}/collect"))
    leader.get_by_role("button", name="读表格").click()
    expect(leader.locator("#wrong-sheet")).to_have_text("请选一个文件。")


def test_orders_go_out_as_they_came_in(desk: Collecting) -> None:
    evil = '=HYPERLINK("http://evil.example")'
    items = {item.label: int(item.id) for item in desk.record.offered}
    new = NewOrder(
        round=desk.round,
        token="t1",
        name="王芳",
        phone="13800000001",
        address="3-502",
        note=evil,
        wants=(NewWant(item=items[RICE], quantity=2), NewWant(item=items[OIL], quantity=1)),
    )
    desk.site.write(lambda rows: orders.place(rows, new, person=desk.site.owner.id, now_ms=desk.site.clock()))
    with desk.site.client(cookie=f"session={desk.session()}") as client:
        files = {
            kind: client.get(f"{desk.path}/export/{kind}.xlsx")
            for kind in ("kuaituantuan", "qunjielong", "plain", "other")
        }
    assert files.pop("other").status_code == 404
    assert {answer.headers["content-type"] for answer in files.values()} == {EXCEL}
    for kind in ("kuaituantuan", "qunjielong"):
        read = sheets.read_orders(files[kind].content, "CNY")
        assert [(one.order.name, one.order.phone, one.order.address) for one in read.orders] == [
            ("王芳", "13800000001", "3-502")
        ]
    whole = sheets.read_orders(files["kuaituantuan"].content, "CNY").orders[0].order
    assert [(line.item, line.quantity) for line in whole.lines] == [(RICE, 2), (OIL, 1)]
    assert whole.note == evil
    plain = CalamineWorkbook.from_filelike(BytesIO(files["plain"].content)).get_sheet_by_index(0).to_python()
    assert plain[1][:6] == ["跟团号", "住户", "电话", "地址", f"{RICE} (袋)", f"{OIL} (桶)"]
    assert plain[2][:6] == [1.0, "王芳", "13800000001", "3-502", 2.0, 1.0]
    assert plain[2][7] == evil
