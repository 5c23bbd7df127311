"""A group order from opening to check-off on the owner's phone, as somebody who follows the buttons."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from leading import Leader
from paper_samples import flat, text_of
from playwright.sync_api import Browser, Page, expect
from sites import Site, cut_off, faults_of, open_phone
from small_orders import new, place
from small_rooms import draft, item

from millpond.desk import deciding, goods, money, orders, rounds
from millpond.desk.orders import NewWant

HOUSEHOLDS = {"王芳": 12, "李雷": 9, "赵六": 20}
"""41 bags from 10 at 45.00, and 100.00 for freight: 47.44 each."""


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Page]:
    with open_phone(browser) as page:
        yield Leader(site).let_in(page)


def looks_right(page: Page) -> None:
    for fold in page.locator("main details").all():
        fold.evaluate("fold => fold.open = true")
    assert cut_off(page) == [], page.url
    assert faults_of(page) == [], page.url


def collect(phone: Page, site: Site, round: int) -> None:
    db, told = site.room.db, phone.get_by_role("status").first
    record = rounds.load(site.read, round)
    bag = int(record.offered[0].id)
    for name, bags in HOUSEHOLDS.items():
        want = NewWant(item=bag, quantity=bags)
        place(db, new(record, want, name=name, token=name, phone=f"1390000{bags:04}"), site.clock())
    place(
        db, new(record, NewWant(item=bag, quantity=5, limit=4_000), name="便宜才要", token="5"), site.clock()
    )

    phone.goto(site.url(f"desk/{round}"))
    expect(phone.locator("main")).to_contain_text("够数了，厂家可以做。 再多 54 件")
    expect(phone.get_by_role("row", name="大米 46 袋 ¥47.17")).to_be_visible()
    expect(phone.locator(".journal")).to_contain_text("来了 4 单，46 件")
    looks_right(phone)
    phone.get_by_role("button", name="现在截团").click()
    expect(told).to_have_text("已截团。")
    expect(phone.locator("main")).to_contain_text("收到 4 单，共 46 件。")
    looks_right(phone)


def decide(phone: Page, site: Site, round: int) -> None:
    phone.get_by_role("button", name="现在成团").click()
    expect(phone.locator("main")).to_contain_text("有效，而且已证明：没有更好的方案。")
    expect(phone.get_by_role("row", name="大米 41 ¥47.44 ¥52.00")).to_be_visible()
    expect(phone.locator("main")).to_contain_text("便宜才要：大米：要 5，没分到；价格超过了他出的最高价")
    expect(phone.get_by_label("文字版")).to_have_value(
        "十二月大米 · 平塘团\n大米：41 袋\n合计：¥1,945.00\n送到：平塘团，永泰\n电话：0591 1234567"
    )
    looks_right(phone)
    phone.get_by_role("button", name="撤回成团结果").click()
    assert deciding.kept(site.read, round) is None
    phone.get_by_role("button", name="现在成团").click()
    phone.get_by_role("button", name="已经发给厂家了").click()
    expect(phone.get_by_role("link", name="货到了")).to_have_count(0)


def receive_seven_too_few(phone: Page, site: Site, round: int) -> None:
    phone.goto(site.url(f"desk/{round}/goods"))
    phone.get_by_label("实收").fill("34")
    phone.get_by_label("厂家账单数").fill("x")
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_role("alert")).to_contain_text("请填整数")
    expect(phone.get_by_label("实收")).to_have_value("34")
    looks_right(phone)
    phone.get_by_label("厂家账单数").fill("41")
    phone.get_by_label("货到齐了").check()
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_text("少 7", exact=True)).to_be_visible()
    looks_right(phone)
    by_name = {one.name: one.id for one in orders.of_round(site.read, round)}
    units = {one.order: one.units for one in goods.due(site.read, round)}
    assert [units[by_name[name]] for name in HOUSEHOLDS] == [10, 7, 17]
    due = money.due_of_orders(site.read, round)
    for name, bags in HOUSEHOLDS.items():
        bill = deciding.bills(site.read, round)[by_name[name]]
        got = units[by_name[name]]
        assert abs((due[by_name[name]].total - bill.fee) * bags - bill.goods * got) <= bags / 2


def hand_out(phone: Page, site: Site, round: int) -> None:
    phone.get_by_role("link", name="去配货、提货").click()
    expect(phone.locator("main")).to_contain_text("0 / 3")
    looks_right(phone)
    listed = phone.request.get(site.url(f"desk/{round}/pick-up-list.pdf?sort=number"))
    text = flat(text_of(listed.body()))
    assert listed.headers["content-type"] == "application/pdf"
    for words in ("提货单", "十二月大米", *HOUSEHOLDS, "大米"):
        assert flat(words) in text
    assert "1390000" not in text, "phones are hidden unless they are asked for"
    phone.get_by_role("link", name="去核销").click()
    phone.get_by_label("提货码、名字").fill("李雷")
    phone.get_by_role("button", name="核销").locator("visible=true").click()
    expect(phone.locator("#line")).to_have_text("都已上传")
    expect(phone.locator("#open-count")).to_have_text("2")
    phone.get_by_role("link", name="十二月大米").click()
    expect(phone.locator("main")).to_contain_text("1 / 3")
    phone.get_by_text("全部订单（3）").click()
    expect(phone.get_by_role("row", name="2 李雷")).to_contain_text("已提货")


def test_from_opening_to_check_off(phone: Page, site: Site) -> None:
    round = draft(site.room.db, item(), closes_at_ms=None).id
    phone.goto(site.url(f"desk/{round}"))
    phone.get_by_role("button", name="开团：可以下单了").click()
    expect(phone.get_by_role("status").first).to_have_text("已开团。")
    collect(phone, site, round)
    decide(phone, site, round)
    receive_seven_too_few(phone, site, round)
    hand_out(phone, site, round)
    phone.goto(site.url(f"desk/{round}"))
    phone.get_by_role("button", name="这个团结束了").click()
    expect(phone.locator("h1 + .tag, .tag").first).to_have_text("已完成")
    phone.get_by_role("button", name="照这个再开一团").click()
    expect(phone.get_by_label("标题")).to_have_value("十二月大米")


def test_nothing_is_made_if_there_are_too_few(phone: Page, site: Site) -> None:
    round = draft(site.room.db, item(), closes_at_ms=None).id
    phone.goto(site.url("desk"))
    phone.get_by_role("link", name="填完就可以开团").click()
    phone.goto(site.url(f"desk/{round}"))
    phone.get_by_role("button", name="开团：可以下单了").click()
    place(site.room.db, new(rounds.load(site.read, round)), site.clock())
    phone.goto(site.url(f"desk/{round}"))
    expect(phone.locator("main")).to_contain_text("还差 8 件，厂家才能开机。")
    phone.get_by_role("button", name="现在截团").click()
    phone.get_by_role("button", name="现在成团").click()
    expect(phone.locator("main")).to_contain_text("这次不做：这个价格想要的人太少。")
    expect(phone.get_by_role("button", name="已经发给厂家了")).to_have_count(0)
    looks_right(phone)
    phone.goto(site.url(f"desk/{round}"))
    phone.locator("summary", has_text="取消团单").click()
    phone.get_by_role("button", name="取消这个团").click()
    phone.goto(site.url("desk"))
    expect(phone.get_by_role("row", name="十二月大米")).to_contain_text("已取消")
    looks_right(phone)
