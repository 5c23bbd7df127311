"""Typing a group order on a phone, as a leader who never did it before, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from leading import Leader
from open_group import photo
from playwright.sync_api import Browser, Page, expect
from sites import Site, cut_off, faults_of, open_phone
from small_orders import new, place
from small_rooms import item, opened

from millpond.desk import rounds


@pytest.fixture(params=["with scripts", "without"])
def phone(request: pytest.FixtureRequest, browser: Browser, site: Site) -> Iterator[Page]:
    """The owner's phone."""
    with open_phone(browser, scripts=request.param == "with scripts") as page:
        yield Leader(site).let_in(page)


@pytest.fixture
def scripted(browser: Browser, site: Site) -> Iterator[Page]:
    with open_phone(browser) as page:
        yield Leader(site).let_in(page)


def type_the_least(page: Page) -> None:
    page.get_by_label("标题").fill("腊月大米")
    page.locator("#item-0-name").fill("大米")
    page.locator("#maker").fill("永泰米厂")
    page.locator("#tier-0-from").fill("10")
    page.locator("#tier-0-price").fill("45")


def test_a_whole_group_order_is_typed_on_a_phone(phone: Page, site: Site) -> None:
    phone.goto(site.url("desk"))
    phone.get_by_role("link", name="新开一团").click()
    type_the_least(phone)
    phone.locator("#item-0-variant").fill("5 公斤")
    phone.locator("#item-0-unit").fill("袋")
    phone.locator("#item-0-reference").fill("58元")
    phone.get_by_role("button", name="再加一样货").click()
    phone.locator("#item-1-variant").fill("10 公斤")
    phone.locator("fieldset.item").nth(1).get_by_text("更多").click()
    phone.locator("#item-1-surcharge").fill("40。5")
    phone.locator("#tier-1-from").fill("100")
    phone.locator("#tier-1-price").fill("４０")
    phone.get_by_role("button", name="再加一档价格").click()
    phone.locator("#tier-2-from").fill("1,000")
    phone.locator("#tier-2-price").fill("36")
    phone.get_by_text("更多：开机费").click()
    phone.locator("#setup").fill("1,000")
    phone.locator("#fee_per_unit").fill("0.5")
    phone.get_by_label("截团时间").fill("2026-12-01T20:00")
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_role("status")).to_have_text("已保存。")
    kept = rounds.load(site.read, 1)
    assert [(one.label, one.unit, one.surcharge) for one in kept.offered] == [
        ("大米 5 公斤", "袋", 0),
        ("大米 10 公斤", "袋", 4_050),
    ]
    assert [(tier.from_quantity, tier.price) for tier in kept.group.offer.tiers] == [
        (10, 4_500),
        (100, 4_000),
        (1_000, 3_600),
    ]
    assert (kept.group.offer.setup, kept.group.fee.per_unit) == (100_000, 50)
    assert len(kept.pickup_points) == 1, "the only pick-up point is ticked"
    phone.get_by_role("link", name="修改").click()
    expect(phone.locator("#item-1-surcharge")).to_have_value("40.50")
    expect(phone.locator("#item-1-surcharge")).to_be_visible()
    expect(phone.locator("#setup")).to_be_visible()
    assert cut_off(phone) == []


def test_what_is_wrong_is_said_and_everything_typed_stays(phone: Page, site: Site) -> None:
    phone.goto(site.url("desk/new"))
    type_the_least(phone)
    phone.get_by_label("标题").fill("年货 <b>&amp;</b> “好”")
    phone.locator("#tier-1-from").fill("5")
    phone.locator("#tier-1-price").fill("四十")
    phone.get_by_text("更多：介绍").click()
    phone.get_by_label("介绍").fill("好在哪里\n</textarea>")
    phone.get_by_label("图片").set_input_files(
        {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo(40, 30)}
    )
    phone.locator("#fee_per_order").fill("1")
    phone.get_by_role("button", name="保存").click()
    alert = phone.get_by_role("alert")
    expect(alert).to_contain_text("还没有保存")
    assert phone.locator(".wrong").all_inner_texts() == [
        "请再选一次图片。",
        "每一档的起订数要比上一档多。",
        "请填金额，如 1234.55。",
    ]
    expect(phone.get_by_label("标题")).to_have_value("年货 <b>&amp;</b> “好”")
    expect(phone.locator("#about")).to_have_value("好在哪里\n</textarea>")
    expect(phone.locator("#tier-1-price")).to_have_value("四十")
    expect(phone.locator("#fee_per_order")).to_have_value("1")
    expect(phone.get_by_role("checkbox", name="平塘团")).to_be_checked()
    assert cut_off(phone) == []
    phone.locator("#tier-1-from").fill("50")
    phone.locator("#tier-1-price").fill("40")
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_role("status")).to_have_text("已保存。")


def test_the_curve_follows_what_is_typed(scripted: Page, site: Site) -> None:
    scripted.goto(site.url("desk/new"))
    curve = scripted.locator("#curve")
    expect(curve).to_contain_text("填好厂家的价格")
    scripted.locator("#tier-0-from").fill("10")
    scripted.locator("#tier-0-price").fill("45")
    expect(curve.get_by_role("row", name="10 ¥45.00", exact=True)).to_be_visible()
    expect(curve.locator("polyline")).to_have_count(1)
    scripted.locator("#tier-1-from").fill("100")
    scripted.locator("#tier-1-price").fill("40")
    expect(curve.locator("polyline")).to_have_count(2)
    scripted.get_by_text("更多：开机费").click()
    scripted.locator("#setup").fill("100")
    expect(curve.get_by_role("row", name="10 ¥55.00", exact=True)).to_be_visible()
    scripted.locator("#fee_per_unit").fill("0.50")
    expect(curve.get_by_role("row", name="100 ¥41.00 ¥41.50", exact=True)).to_be_visible()
    scripted.locator("#tier-1-price").fill("4x")
    expect(curve).to_contain_text("填好厂家的价格")


def test_without_a_script_a_button_shows_the_curve(browser: Browser, site: Site) -> None:
    with open_phone(browser, scripts=False) as page:
        Leader(site).let_in(page).goto(site.url("desk/new"))
        type_the_least(page)
        page.get_by_role("button", name="看看要多少钱").click()
        expect(page.get_by_role("row", name="10 ¥45.00", exact=True)).to_be_visible()
        assert rounds.listed(site.read) == (), "showing it saves nothing"


def test_the_enter_key_saves_no_half_form_and_adds_no_row(scripted: Page, site: Site) -> None:
    scripted.goto(site.url("desk/new"))
    scripted.get_by_label("标题").fill("腊月大米")
    scripted.get_by_label("标题").press("Enter")
    expect(scripted.get_by_label("截团时间")).to_be_focused()
    assert scripted.locator("fieldset.item").count() == 1
    scripted.get_by_role("button", name="再加一样货").click()
    expect(scripted.locator("#item-1-name")).to_be_focused()
    expect(scripted.locator("fieldset.item legend").nth(1)).to_have_text("货品 2")
    scripted.locator("#item-1-name").fill("油")
    scripted.get_by_role("button", name="不要这一样").click()
    expect(scripted.locator("#item-1-name")).not_to_be_visible()
    scripted.get_by_role("button", name="再加一样货").click()
    expect(scripted.locator("#item-2-name")).to_be_focused()
    type_the_least(scripted)
    scripted.locator("#item-2-name").fill("盐")
    scripted.get_by_role("button", name="保存").click()
    scripted.wait_for_url("**/desk/1")
    assert [one.name for one in rounds.load(site.read, 1).offered] == ["大米", "盐"]


def test_without_a_script_the_enter_key_saves(browser: Browser, site: Site) -> None:
    with open_phone(browser, scripts=False) as page:
        Leader(site).let_in(page).goto(site.url("desk/new"))
        type_the_least(page)
        page.locator("#maker").press("Enter")
        page.wait_for_url("**/desk/1")


def test_what_would_be_worse_for_households_is_refused_in_the_form(phone: Page, site: Site) -> None:
    round = opened(site.room.db, item())
    place(site.room.db, new(round))
    phone.goto(site.url(f"desk/{round.id}/offer"))
    expect(phone.locator(".notice")).to_contain_text("已经有人下单了")
    phone.locator("#tier-0-price").fill("46.00")
    phone.get_by_text("更多：介绍").click()
    phone.get_by_label("介绍").fill("新写的")
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_role("alert")).to_contain_text("已经开团")
    expect(phone.locator("#about")).to_have_value("新写的")
    phone.locator("#tier-0-price").fill("45.00")
    phone.get_by_label("截团时间").fill("2026-11-19T08:00")
    phone.get_by_role("button", name="保存").click()
    expect(phone.locator("#wrong-closes_at")).to_be_visible()
    phone.get_by_label("截团时间").fill("2026-12-24T08:00")
    phone.get_by_role("button", name="保存").click()
    expect(phone.get_by_role("status")).to_have_text("已保存。")
    assert rounds.load(site.read, round.id).about == "新写的"


@pytest.mark.parametrize(
    ("locale", "scheme", "width"),
    [("zh-CN", "light", 360), ("en-GB", "dark", 360), ("en-GB", "light", 1_280)],
)
def test_the_form_is_whole_and_open_to_everybody(
    browser: Browser, site: Site, locale: str, scheme: str, width: int
) -> None:
    with open_phone(browser, locale=locale, scheme=scheme, width=width) as page:
        Leader(site).let_in(page).goto(site.url("desk/new"))
        page.locator("#tier-0-from").fill("10")
        page.locator("#tier-0-price").fill("123456789.99")
        page.locator("#tier-1-from").fill("20,000")
        page.locator("#tier-1-price").fill("99999999.99")
        page.locator("#fee_per_unit").fill("0.5")
        page.locator(".curve").wait_for()
        for fold in page.locator("main details").all():
            fold.evaluate("fold => fold.open = true")
        colours_only = locale == "en-GB"
        assert cut_off(page) == []
        assert faults_of(page, colours_only=colours_only) == []
        page.evaluate("document.getElementById('offer').submit()")
        page.get_by_role("alert").wait_for()
        assert cut_off(page) == []
        assert faults_of(page, colours_only=colours_only) == []
