"""Check-off: by code, number or name, without a network, on two phones; and without a script."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from broken_lines import Line, line_to
from leading import Leader
from money_desk import EVIL, LI, WANG, ZHAO, Money
from playwright.sync_api import Browser, Locator, Page, expect
from sites import Site, cut_off, faults_of, open_phone

from millpond.desk import handing, people
from millpond.desk.people import Role
from millpond.web.leader.check_off import _is_meant


@pytest.fixture
def desk(site: Site) -> Money:
    """A group order of four households that has arrived."""
    return Money(site)


def path(desk: Money) -> str:
    return desk.site.url(f"desk/{desk.room.round}/check-off")


def code(desk: Money, who: str) -> str:
    rows = desk.site.read.all("handing.list", round=desk.room.round)
    return str(next(row["pickup_code"] for row in rows if row["name"] == who))


def is_out(desk: Money, who: str) -> bool:
    return handing.state(desk.site.read, desk.room.round).is_complete(str(desk.room.orders[who]))


def row(page: Page, desk: Money, who: str) -> Locator:
    return page.locator(f"[data-order='{desk.room.orders[who]}']")


@dataclass
class Helper:
    """A helper's phone, on which the page was opened once and is kept, and its line to the node."""

    page: Page
    line: Line
    id: int

    def lose(self) -> None:
        """No network any more."""
        self.line.cut()
        self.page.context.set_offline(True)

    def find(self) -> None:
        """The network is back; the browser says so to the page."""
        self.line.mend()
        self.page.context.set_offline(False)


@contextmanager
def helper_phone(browser: Browser, desk: Money, name: str) -> Iterator[Helper]:
    helper, _ = desk.db.write(lambda rows: people.invite(rows, name, [Role.HANDS_OUT], by=None, now_ms=1))
    with line_to(desk.site.base) as line, open_phone(browser) as page:
        Leader(desk.site, helper.id).let_in(page)
        page.goto(path(desk).replace(desk.site.base, line.base))
        page.evaluate(
            """async () => {
              await navigator.serviceWorker.ready;
              const kept = async () => (await (await caches.open("check-off")).keys()).length;
              const isReady = async () => await kept() >= 3 && navigator.serviceWorker.controller;
              while (!await isReady()) await new Promise((go) => setTimeout(go, 20));
            }"""
        )
        yield Helper(page, line, helper.id)


def hand_out(page: Page, desk: Money, who: str, search: str) -> None:
    page.get_by_label("提货码、名字").fill(search)
    visible = page.locator("[data-order]:visible")
    expect(visible).to_have_count(1)
    page.get_by_label("提货码、名字").press("Enter")
    expect(row(page, desk, who).get_by_role("button", name="核销")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#last")).to_contain_text(who)


def test_two_phones_without_a_network_merge_and_nothing_is_out_twice(browser: Browser, desk: Money) -> None:
    with helper_phone(browser, desk, "小李") as li, helper_phone(browser, desk, "小张") as zhang:
        one, two = li.page, zhang.page
        li.lose()
        zhang.lose()
        one.reload()
        expect(one.get_by_role("heading", name="核销")).to_be_visible()
        expect(one.locator("#line")).to_have_text("没有网络：先都记在这台手机上")
        hand_out(one, desk, WANG, code(desk, WANG).lower())
        hand_out(one, desk, EVIL, "hyper")
        hand_out(one, desk, ZHAO, "4")
        expect(one.locator("#open-count")).to_have_text("1")
        expect(one.locator("#line")).to_contain_text("还有 3 条没上传")
        one.reload()
        expect(one.locator("#line")).to_contain_text("还有 3 条没上传")
        expect(one.locator("#done-count")).to_have_text("3")
        hand_out(two, desk, WANG, WANG)
        assert handing.events(desk.site.read, desk.room.round) == []
        zhang.find()
        expect(two.locator("#line")).to_have_text("都已上传")
        assert is_out(desk, WANG)
        li.find()
        expect(one.locator("#line")).to_have_text("都已上传")
        assert [is_out(desk, who) for who in (WANG, EVIL, ZHAO, LI)] == [True, True, True, False]
        assert len(handing.events(desk.site.read, desk.room.round)) == 4
        two.evaluate("dispatchEvent(new Event('online'))")
        for page in (one, two):
            alert = page.get_by_role("alert")
            for words in ("1 王芳", "小李", "小张"):
                expect(alert).to_contain_text(words)
            page.locator("#done summary").click()
            expect(row(page, desk, WANG)).to_contain_text("记了两次")
            assert cut_off(page) == []
        assert faults_of(one) == []


def test_signing_out_clears_the_page_that_was_kept(browser: Browser, desk: Money) -> None:
    with helper_phone(browser, desk, "小李") as helper:
        page = helper.page
        kept = page.evaluate("JSON.stringify({...localStorage})")
        assert WANG not in kept
        assert code(desk, WANG) not in kept
        helper.lose()
        row(page, desk, WANG).get_by_role("button", name="核销").click()
        helper.find()
        expect(page.locator("#line")).to_have_text("都已上传")
        page.get_by_role("button", name="退出登录").click()
        page.wait_for_url("**/sign-in")
        kept_still = """async () => (await Promise.all((await caches.keys()).map(
          async (name) => (await (await caches.open(name)).keys()).map((one) => one.url)))).flat()"""
        assert page.evaluate(kept_still) == []
        assert page.evaluate("localStorage.length") == 0
        helper.lose()
        with pytest.raises(Exception, match=r"net::ERR"):
            page.goto(path(desk).replace(desk.site.base, helper.line.base))


def test_who_has_not_sent_everything_is_asked_before_it_is_lost(browser: Browser, desk: Money) -> None:
    with helper_phone(browser, desk, "小李") as helper:
        page = helper.page
        helper.lose()
        row(page, desk, WANG).get_by_role("button", name="核销").click()
        expect(page.locator("#line")).to_contain_text("还有 1 条没上传")
        asked = []
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        page.get_by_role("button", name="退出登录").click()
        assert asked == ["还有 1 条没上传，现在退出登录就丢了。"]
        expect(page.get_by_role("heading", name="核销")).to_be_visible()


def test_who_has_left_loses_the_page_and_keeps_what_was_noted(browser: Browser, desk: Money) -> None:
    with helper_phone(browser, desk, "小李") as helper:
        page = helper.page
        helper.lose()
        row(page, desk, WANG).get_by_role("button", name="核销").click()
        page.context.clear_cookies()
        helper.find()
        expect(page.locator("#line")).to_have_text("请重新登录；你记下的都还在这台手机上。")
        page.wait_for_function("async () => !(await caches.match(location.pathname))")
        Leader(desk.site, helper.id).let_in(page)
        page.reload()
        expect(page.locator("#line")).to_have_text("都已上传")
        assert is_out(desk, WANG)


def test_a_line_that_answers_nothing_is_not_waited_for(browser: Browser, desk: Money) -> None:
    """The node hangs: the kept page is there after some seconds, and works."""
    with helper_phone(browser, desk, "小李") as helper:
        helper.line.hold()
        helper.page.reload()
        row(helper.page, desk, WANG).get_by_role("button", name="核销").click()
        expect(helper.page.locator("#line")).to_contain_text("还有 1 条没上传")
        assert not is_out(desk, WANG)


def test_a_tap_by_mistake_is_taken_back(browser: Browser, desk: Money) -> None:
    with open_phone(browser) as page:
        Leader(desk.site).let_in(page).goto(path(desk))
        row(page, desk, WANG).get_by_role("button", name="核销").click()
        expect(page.locator("#last")).to_contain_text("王芳")
        expect(row(page, desk, WANG)).not_to_be_visible()
        page.locator("#last").get_by_role("button", name="撤回").click()
        expect(row(page, desk, WANG)).to_be_visible()
        expect(page.locator("#open-count")).to_have_text("4")
        expect(page.locator("#line")).to_have_text("都已上传")
        page.reload()
        expect(page.locator("#open-count")).to_have_text("4")
        assert not is_out(desk, WANG)
        assert page.locator("#orders [data-order] h2 .num").all_inner_texts() == ["1", "2", "3", "4"]
        page.get_by_label("提货码、名字").fill("没有这个人")
        expect(page.get_by_text("没找到")).to_be_visible()
        page.goto(f"{path(desk)}?code={code(desk, LI)}")
        expect(page.locator("[data-order]:visible")).to_have_count(1)
        assert page.title().startswith("核销"), "names of households run nothing"


def test_without_a_script(browser: Browser, desk: Money) -> None:
    with open_phone(browser, scripts=False) as page:
        Leader(desk.site).let_in(page).goto(path(desk))
        page.get_by_label("提货码、名字").fill(code(desk, WANG).lower())
        page.get_by_role("button", name="查找").click()
        expect(page.locator("[data-order]:visible")).to_have_count(1)
        page.get_by_role("button", name="核销").click()
        expect(page.get_by_role("status").first).to_have_text("已记下。")
        assert is_out(desk, WANG)
        page.locator("#done summary").click()
        row(page, desk, WANG).get_by_role("button", name="撤回").click()
        assert not is_out(desk, WANG)


ORDER = {"number": "12", "name": "王小芳 Anna", "code": "HUWM9", "phone": "1234"}


@pytest.mark.parametrize("asked", ["12", "234", "1234", "小芳", "anna", "ANNA", "huwm9", "wm", ""])
def test_what_finds_an_order(asked: str) -> None:
    assert _is_meant(ORDER, asked)


@pytest.mark.parametrize("asked", ["1", "2", "34", "123", "芳小", "HUWM8"])
def test_what_does_not_find_it(asked: str) -> None:
    assert not _is_meant(ORDER, asked)


BAD = (
    "x", "[]", "{}", '{"events": 1}', '{"events": [1]}', '{"events": [{"order": "1"}]}',
    '{"events": [{"event_id": "", "order": "1", "at_ms": 1}]}',
    '{"events": [{"event_id": "a", "order": "1", "at_ms": "now"}]}',
    '{"events": [{"event_id": "a", "order": "1", "at_ms": 1, "want": "1", "quantity": 1e9}]}',
)  # fmt: skip


def test_what_no_phone_of_ours_sends_is_refused(desk: Money) -> None:
    leader = Leader(desk.site)
    with leader.client() as client:
        token = client.get(f"desk/{desk.room.round}/check-off").text.split('data-token="')[1].split('"')[0]
        where, headers = f"desk/{desk.room.round}/handouts", {"x-form-token": token}
        for body in BAD:
            assert client.post(where, content=body, headers=headers).status_code == 400, body
        fine = client.post(where, content='{"events": []}', headers=headers).json()
        assert (fine["new"], fine["troubles"], len(fine["orders"])) == (0, [], 4)
        assert client.post(where, content='{"events": []}').status_code in (400, 403)
    assert handing.events(desk.site.read, desk.room.round) == []
