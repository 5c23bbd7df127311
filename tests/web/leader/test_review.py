"""A list on its way through its review page: carried whole, changed by nobody, read back as it was typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from collecting import OIL, RICE, Collecting
from pasted_lists import CATALOGUES
from playwright.sync_api import Browser, Page, expect
from sites import Site, open_phone
from small_rooms import item, shirt

from millpond.community.pasted import DoubtCode, IgnoredReason, read_list
from millpond.errors import InputError
from millpond.paper.sheets import DoubtCode as SheetDoubtCode
from millpond.paper.sheets import LeftOutReason
from millpond.web.leader import doubts
from millpond.web.leader.review import MAX_LEFT_OUT, MAX_SOURCE, of_pasted, opened, pack, unpack
from millpond.web.words import Words

ITEMS = CATALOGUES["basics"]
TEXT = "#接龙\n1. 王芳 3-502 大米2袋（放门口）\n2. 李雷 苹果3斤 13812345678\n3. 陈静 大米2-3袋\n辛苦了"
SECRET = b"s" * 32


def test_a_review_comes_back_as_it_went_out() -> None:
    review = of_pasted(read_list(TEXT, ITEMS), "token")
    assert unpack(pack(review, SECRET, "pond 1"), SECRET, "pond 1") == review
    assert [line.name for line in review.orders] == ["王芳", "李雷", "陈静"]
    assert review.unknown() == ("苹果",)


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA" * 40, "=" * 9])
def test_what_was_not_packed_here_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        unpack(text, SECRET, "pond 1")


def test_a_list_of_another_group_order_or_node_is_refused() -> None:
    packed = pack(of_pasted(read_list(TEXT, ITEMS), "token"), SECRET, "pond 1")
    for secret, scope in ((SECRET, "pond 2"), (SECRET, "other 1"), (b"t" * 32, "pond 1")):
        with pytest.raises(InputError):
            unpack(packed, secret, scope)


def test_a_whole_chat_is_carried_in_bounds() -> None:
    chat = "\n".join(f"今天天气真好呀第{n}回" + "哈" * 400 for n in range(450))
    review = of_pasted(read_list(TEXT + "\n" + chat, ITEMS), "token")
    assert review.left_out > 400
    assert len(review.others) <= MAX_LEFT_OUT
    assert max(len(line.source) for line in review.lines) <= MAX_SOURCE
    assert len(pack(review, SECRET, "pond 1")) < 200_000


def test_signs_that_turn_a_line_around_are_not_shown() -> None:
    review = of_pasted(read_list("1. 王芳 \u202e袋31米大\u202c 大米2袋", ITEMS), "token")
    assert "\u202e" not in "".join(line.source for line in review.lines)


def test_a_line_that_was_left_out_is_read_by_itself() -> None:
    review = of_pasted(read_list("#接龙\n例：3-502张三 大米1袋\n1. 王芳 大米2袋", ITEMS), "token")
    example = next(line for line in review.others if line.reason == "example")
    again = opened(example, ITEMS)
    assert (again.at, again.reason, again.doubts[0].code) == (example.at, "", "opened")
    assert again.source == example.source


def test_every_doubt_and_every_reason_has_words_in_both_languages() -> None:
    codes = [str(code) for code in DoubtCode]
    codes += ["no-name" if code == "no-name" else f"sheet-{code}" for code in map(str, SheetDoubtCode)]
    assert set(codes) <= set(doubts.SENTENCES)
    assert {str(one) for one in (*IgnoredReason, *LeftOutReason)} <= set(doubts.REASONS)
    chinese = Words("zh")
    for words in (*doubts.SENTENCES.values(), *doubts.REASONS.values()):
        assert chinese(words) != words


# ---- many items, and items that ask


@pytest.fixture
def leader(browser: Browser) -> Iterator[Page]:
    with open_phone(browser, scripts=False) as page:
        yield page


def paste(page: Page, desk: Collecting, text: str) -> None:
    desk.let_in(page).goto(desk.site.url(f"{desk.path}/collect"))
    page.get_by_label("整个接龙").fill(text)
    page.get_by_role("button", name="读接龙").click()


def test_with_many_items_a_line_has_fields_for_its_own_and_one_more(leader: Page, site: Site) -> None:
    names = [RICE, OIL, "红糖", "小米", "黄豆", "绿茶", "蜂蜜", "面粉"]
    desk = Collecting(site, *(item(name) for name in names))
    paste(leader, desk, "1. 王芳 大米2袋\n2. 李雷 红糖1袋")
    wang = leader.locator(".entry").filter(has_text="王芳")
    wang.locator("summary").click()
    expect(wang.locator("[data-item]")).to_have_count(1)
    wang.get_by_label("再加一样").select_option(label="蜂蜜")
    leader.get_by_role("button", name="把勾选的收进来").click()
    expect(wang.locator(".wrong")).to_have_text(["要多少？"])
    wang.get_by_label("要多少？").fill("3")
    leader.get_by_role("button", name="把勾选的收进来").click()
    assert desk.units() == {RICE: 2, "红糖": 1, "蜂蜜": 3}


def test_an_item_that_asks_is_answered_in_the_review(leader: Page, site: Site) -> None:
    desk = Collecting(site, shirt())
    paste(leader, desk, "1. 王芳 校服1件")
    wang = leader.locator(".entry").filter(has_text="王芳")
    expect(wang).to_contain_text("必答项")
    wang.get_by_role("checkbox").check()
    leader.get_by_role("button", name="把勾选的收进来").click()
    expect(wang.locator(".wrong")).to_have_text(["请填写：尺码。"])
    wang.get_by_label("校服: 尺码").select_option("L")
    leader.get_by_role("button", name="把勾选的收进来").click()
    assert desk.kept()[0].wants[0].options == {"o0": "L"}
