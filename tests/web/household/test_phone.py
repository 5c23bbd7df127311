"""Ordering on a real phone: small, without scripts, with a lost line, and with what was typed kept."""

from __future__ import annotations

import json
import re
from importlib.resources import files

import pytest
from open_group import Group, photo
from playwright.sync_api import Page
from sites import open_phone

MOST_BYTES, MOST_SCRIPT_BYTES, MOST_PICTURE_BYTES, MOST_REQUESTS = 40_000, 20_000, 14_000, 4
SCRIPT = (files("millpond.web") / "static" / "household.js").read_text(encoding="utf-8")
NEWER = {
    "optional chaining": r"\?\.(?!\d)",
    "nullish": r"\?\?",
    "logical assignment": r"(\|\||&&)=",
    "private fields": r"[{;.\s]#\w",
    "big integers and separators": r"\b\d+n\b|\d_\d",
    "methods after 2019": r"\.(replaceAll|at|matchAll|allSettled|any|findLast|toSorted|hasOwn)\(",
    "modules": r"^\s*(import|export)\b",
}


def type_order(page: Page, group: Group, quantity: str = "3") -> None:
    """Quantity and name, as a household types them."""
    page.fill(f"[name=q-{group.items[0]}-1]", quantity)
    page.fill("[name=name]", "李雷")


def send(page: Page) -> None:
    page.click("#order .actions button")


class Line:
    """The phone's line: it can be lost, and come back."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def is_lost(self, lost: bool) -> None:
        """From now on."""
        self._session.send(
            "Network.emulateNetworkConditions",
            {"offline": lost, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1},
        )


def test_a_first_visit_is_small(site, browser) -> None:
    group = Group(site, picture=photo())
    group.order(62)
    with open_phone(browser) as page:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        kinds: dict[str, str] = {}
        sizes: dict[str, int] = {}
        session.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
        session.on(
            "Network.loadingFinished",
            lambda e: sizes.update({e["requestId"]: e["encodedDataLength"]}),
        )
        page.goto(group.url, wait_until="networkidle")
        by_kind: dict[str, int] = {}
        for id, size in sizes.items():
            if id in kinds:
                by_kind[kinds[id]] = by_kind.get(kinds[id], 0) + size
        assert set(by_kind) == {"Document", "Stylesheet", "Script", "Image"}
        assert len([id for id in sizes if id in kinds]) <= MOST_REQUESTS
        assert sum(by_kind.values()) <= MOST_BYTES, by_kind
        assert by_kind["Script"] <= MOST_SCRIPT_BYTES, by_kind
        assert by_kind["Image"] <= MOST_PICTURE_BYTES, by_kind


@pytest.mark.parametrize("what", NEWER)
def test_the_script_is_read_by_old_browsers(what: str) -> None:
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", SCRIPT, flags=re.S)
    code = re.sub(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', '""', code)
    assert not re.search(NEWER[what], code, re.M)


def test_it_works_without_scripts(site, browser) -> None:
    group = Group(site)
    with open_phone(browser, scripts=False) as page:
        page.goto(group.url)
        type_order(page, group)
        send(page)
        assert page.locator(".letters").inner_text() == group.pooled()[0].code
        page.click("text=修改订单")
        page.fill(f"[name=q-{group.items[0]}-1]", "4")
        send(page)
        assert "4 袋" in page.locator(".bought").inner_text()
        page.click(".card summary:has-text('取消订单')")
        page.click("button.bad")
        assert "已取消" in page.locator("main").inner_text()
    (order,) = group.pooled()
    assert order.units == 4
    assert order.cancelled_ms == site.clock.now_ms


def test_steppers_and_what_it_comes_to(site, phone) -> None:
    group = Group(site)
    group.order(62)
    phone.goto(group.url)
    assert phone.locator("#total").is_hidden()
    line = phone.locator(f"[data-line='{group.items[0]}']")
    plus, minus = line.locator("[data-step='1']"), line.locator("[data-step='-1']")
    for _ in range(3):
        plus.click()
    minus.click()
    assert line.locator("input").input_value() == "2"
    total = phone.locator("#total").inner_text()
    assert "¥146.00" in total, "2 × 72.00, 1.00 for the order and 2 × 0.50"
    assert "¥152.00" in total, "2 × 75.00 and the fee"
    phone.click(f"[data-item='{group.items[0]}'] summary")
    phone.fill(f"[name=l-{group.items[0]}]", "７０.５")
    phone.fill(f"[name=m-{group.items[0]}]", "1")
    assert "¥213.50" in phone.locator("#total").inner_text()


def test_another_line_of_an_item_with_options(site, phone) -> None:
    group = Group(site)
    apron = group.items[2]
    phone.goto(group.url)
    phone.fill("[name=name]", "李雷")
    for n, (size, name) in enumerate([("M", "雷"), ("XL", "梅")], 1):
        if n > 1:
            phone.click(f"[data-item='{apron}'] button[name=add]")
        phone.fill(f"[name=q-{apron}-{n}]", "1")
        phone.check(f"[name=o-{apron}-{n}-o0][value={size}]")
        phone.fill(f"[name=o-{apron}-{n}-o1]", name)
    send(phone)
    phone.locator(".letters").wait_for()
    (order,) = group.pooled()
    assert [dict(want.options) for want in order.wants] == [{"o0": "M", "o1": "雷"}, {"o0": "XL", "o1": "梅"}]


def test_what_was_typed_outlives_a_reload(site, phone) -> None:
    group = Group(site, points=2)
    apron = group.items[2]
    phone.goto(group.url)
    type_order(phone, group)
    phone.click(f"[data-item='{apron}'] button[name=add]")
    phone.fill(f"[name=q-{apron}-2]", "1")
    phone.check(f"[name=o-{apron}-2-o0][value=L]")
    phone.check("[name=point] >> nth=1")
    phone.fill(f"[name=q-{group.items[0]}-1]", "7")
    token = phone.locator("[name=token]").input_value()
    phone.reload()
    assert phone.locator(f"[name=q-{group.items[0]}-1]").input_value() == "7"
    assert phone.locator("[name=name]").input_value() == "李雷"
    assert phone.locator(f"[name=o-{apron}-2-o0][value=L]").is_checked()
    assert phone.locator("[name=point] >> nth=1").is_checked()
    assert phone.locator("[name=token]").input_value() == token
    assert "还没有提交" in phone.locator("#sending").inner_text()
    send(phone)
    phone.locator(".letters").wait_for()
    assert phone.evaluate("localStorage.length") == 0, "what was sent is not kept on the phone"


def test_a_lost_line_sends_one_order_when_it_is_back(site, phone) -> None:
    group = Group(site)
    phone.goto(group.url)
    type_order(phone, group)
    line = Line(phone)
    line.is_lost(True)
    send(phone)
    phone.locator("#sending button").wait_for()
    assert "网络断了" in phone.locator("#sending").inner_text()
    assert phone.locator("[name=name]").is_disabled()
    assert group.pooled() == []
    line.is_lost(False)
    phone.locator(".letters").wait_for()
    assert [order.units for order in group.pooled()] == [3]


def test_a_lost_answer_sends_no_second_order(site, phone) -> None:
    group = Group(site)
    phone.goto(group.url)
    type_order(phone, group)
    lost: list[int] = []

    def lose_the_first(route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch(max_redirects=0).status)  # the node has it, the phone does not know
            route.abort("connectionreset")
        else:
            route.continue_()

    phone.route("**/g/*", lose_the_first)
    send(phone)
    phone.locator(".letters").wait_for()
    assert lost == [200]
    assert [order.units for order in group.pooled()] == [3]


def test_it_is_sent_after_the_page_was_closed_and_opened_again(site, phone) -> None:
    group = Group(site)
    phone.goto(group.url)
    type_order(phone, group)
    phone.route("**/g/*", lambda route: route.abort("internetdisconnected"))
    send(phone)
    phone.locator("#sending button").wait_for()
    phone.goto("about:blank")
    phone.unroute("**/g/*")
    phone.goto(group.url)
    phone.locator(".letters").wait_for()
    assert [order.units for order in group.pooled()] == [3]


def test_who_thinks_again_sends_what_was_typed_last(site, phone) -> None:
    group = Group(site)
    phone.goto(group.url)
    type_order(phone, group)
    phone.route("**/g/*", lambda route: route.abort("internetdisconnected"))
    send(phone)
    phone.click("#sending button")
    phone.unroute("**/g/*")
    assert phone.locator("[name=name]").is_enabled()
    type_order(phone, group, "1")
    send(phone)
    phone.locator(".letters").wait_for()
    assert [order.units for order in group.pooled()] == [1]


def test_an_order_that_missed_the_close_is_said_to_have_missed_it(site, phone) -> None:
    group = Group(site)
    phone.goto(group.url)
    type_order(phone, group)
    phone.route("**/g/*", lambda route: route.abort("internetdisconnected"))
    send(phone)
    phone.locator("#sending button").wait_for()
    phone.goto("about:blank")
    phone.unroute("**/g/*")
    site.clock.pass_minutes(48 * 60)
    phone.goto(group.url)
    phone.get_by_text("截团前你的订单没能提交上来").wait_for()
    assert group.pooled() == []
    assert phone.evaluate("localStorage.length") == 0


def test_what_the_node_refuses_comes_back_in_the_form(site, phone) -> None:
    group = Group(site, cap_units=5)
    phone.goto(group.url)
    group.order(4, name="韩梅梅")
    type_order(phone, group)
    send(phone)
    phone.locator("[role=alert]").first.wait_for()
    assert phone.locator(f"[name=q-{group.items[0]}-1]").input_value() == "3"
    assert phone.locator("[name=name]").is_enabled()
    type_order(phone, group, "1")
    send(phone)
    phone.locator(".letters").wait_for()
    assert sum(order.units for order in group.pooled()) == 5


def test_a_draft_is_kept_on_this_page_of_this_phone_only(site, phone) -> None:
    group, other = Group(site), Group(site)
    phone.goto(group.url)
    type_order(phone, group)
    phone.goto(other.url)
    assert phone.locator("[name=name]").input_value() == ""
    (key,) = json.loads(phone.evaluate("JSON.stringify(Object.keys(localStorage))"))
    assert group.round.code in key
