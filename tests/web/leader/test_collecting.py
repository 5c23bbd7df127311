"""Collecting orders in a real browser: a messy list of forty households, a list that grows, sharing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from collecting import EGGS, MESSY, OIL, RICE, Collecting
from playwright.sync_api import Browser, Page, expect
from sites import Site, cut_off, faults_of, open_phone

from millpond.desk import households, room
from millpond.desk.orders import Source
from millpond.desk.room import PickupPoint


@pytest.fixture
def desk(site: Site) -> Collecting:
    return Collecting(site)


@pytest.fixture
def leader(browser: Browser, desk: Collecting) -> Iterator[Page]:
    """The leader's phone, old and without scripts."""
    with open_phone(browser, scripts=False) as page:
        yield desk.let_in(page)


def paste(page: Page, desk: Collecting, text: str) -> None:
    page.goto(desk.site.url(f"{desk.path}/collect"))
    page.get_by_label("整个接龙").fill(text)
    page.get_by_role("button", name="读接龙").click()


def entry(page: Page, name: str) -> Page:
    return page.locator(".entry").filter(has_text=name)  # type: ignore[return-value]


def take_in(page: Page) -> None:
    page.get_by_role("button", name="把勾选的收进来").click()


def test_forty_households_from_a_messy_list(leader: Page, desk: Collecting) -> None:
    paste(leader, desk, MESSY)
    expect(leader.get_by_text("读到 40 单")).to_be_visible()
    expect(leader.get_by_text("有 2 单拿不准")).to_be_visible()
    expect(leader.locator(".entry.doubt")).to_have_count(2)
    assert desk.kept() == ()  # nothing is taken in by reading
    apples, unsure = entry(leader, "赵六"), entry(leader, "陈静")
    expect(apples).to_contain_text("这个团里没有这样货。")
    expect(unsure).to_contain_text("数量不确定")
    expect(unsure).to_contain_text("4. 陈静 大米2-3袋")  # the line itself stands beside what was understood
    expect(apples.get_by_role("checkbox")).not_to_be_checked()
    apples.get_by_label("“苹果”是").select_option(label=EGGS)
    apples.get_by_role("checkbox").check()
    unsure.get_by_label(re.compile("^大米")).fill("３")
    unsure.get_by_role("checkbox").check()
    take_in(leader)
    expect(leader.get_by_role("status")).to_have_text("接龙已收进来。")
    expect(leader.get_by_role("row")).to_have_count(41)
    kept = desk.kept()
    assert len(kept) == 40
    assert {one.source for one in kept} == {Source.PASTED}
    # 2 of 王芳, 1 of 李雷, 3 of 陈静, and of the others 5..40 as often 1 as 2 as 3
    assert desk.units() == {RICE: 2 + 1 + 3 + 12 * (1 + 2 + 3), OIL: 1, EGGS: 3}
    wang, li = kept[0], kept[1]
    assert (wang.name, households.load(desk.site.read, wang.household).address) == ("王芳", "3-502")
    assert (li.name, li.phone) == ("李雷", "13812345678")


def test_sums_follow_what_is_ticked_while_one_edits(browser: Browser, desk: Collecting) -> None:
    with open_phone(browser) as page:
        paste(desk.let_in(page), desk, MESSY)
        rice = page.locator("[data-ticked]").first
        expect(rice).to_have_text("75")
        expect(page.locator("[data-count]")).to_have_text("已勾 38 / 40 单")
        unsure = entry(page, "陈静")
        unsure.get_by_role("checkbox").check()
        expect(rice).to_have_text("77")
        unsure.get_by_label(re.compile("^大米")).fill("1000")
        expect(rice).to_have_text("1,075")
        expect(unsure.locator("[data-what]")).to_have_text("大米 1000")
        unsure.get_by_label("备注").press("Enter")  # does not send forty lines that nobody looked at
        expect(page.locator("[data-count]")).to_have_text("已勾 39 / 40 单")
        assert desk.kept() == ()


def test_what_is_doubtful_is_said_at_its_field_and_nothing_is_lost(leader: Page, desk: Collecting) -> None:
    paste(leader, desk, MESSY)
    entry(leader, "赵六").get_by_role("checkbox").check()
    entry(leader, "王芳").locator("summary").click()
    entry(leader, "王芳").get_by_label("备注").fill("放门卫")
    take_in(leader)
    expect(leader.get_by_role("alert")).to_be_visible()
    expect(entry(leader, "赵六").locator(".wrong")).to_have_text(["是哪样货？不要就选“不算”。"])
    expect(entry(leader, "王芳").get_by_label("备注")).to_have_value("放门卫")
    assert desk.kept() == ()
    entry(leader, "赵六").get_by_label("“苹果”是").select_option(label="不算")
    take_in(leader)
    expect(entry(leader, "赵六").locator(".wrong")).to_have_text(["要多少？"])  # nothing is left of it
    entry(leader, "赵六").get_by_role("checkbox").uncheck()
    take_in(leader)
    assert (len(desk.kept()), desk.kept()[0].note) == (38, "放门卫")


def test_a_list_that_grew_brings_only_what_is_new(leader: Page, desk: Collecting) -> None:
    first = "1. 王芳 大米2袋\n2. 李雷 大米1袋\n3. 陈静 花生油1桶"
    paste(leader, desk, first)
    take_in(leader)
    assert len(desk.kept()) == 3
    paste(leader, desk, first.replace("大米1袋", "大米4袋") + "\n4. 赵六 大米1袋")
    expect(leader.get_by_text("已经收过、没有变化（2）")).to_be_visible()
    expect(entry(leader, "赵六").get_by_role("checkbox")).to_be_checked()
    li = entry(leader, "李雷")
    expect(li).to_contain_text("这户在这个团里已经有单了。")
    expect(li.get_by_role("checkbox")).not_to_be_checked()
    li.get_by_role("checkbox").check()
    take_in(leader)
    expect(li.locator(".wrong")).to_have_text(["请选择一项。"])  # replace or add is nobody's guess
    li.get_by_label("是哪一户？").select_option(label="替换 李雷 的 2 号单（大米 1 袋）")
    take_in(leader)
    assert [(one.name, one.units) for one in desk.kept()] == [
        ("王芳", 2), ("李雷", 4), ("陈静", 1), ("赵六", 1),
    ]  # fmt: skip


def test_a_name_twice_is_asked_and_can_be_one_order(leader: Page, desk: Collecting) -> None:
    paste(leader, desk, "1. 王芳 大米2袋\n2. 李雷 大米1袋\n3. 王芳 花生油1桶")
    twin = leader.locator("#line-3")
    expect(twin).to_contain_text("另一行也是这个名字")
    twin.get_by_role("checkbox").check()
    twin.get_by_label("是哪一户？").select_option(label="和第 1 行合成一单")
    leader.locator("#line-1").get_by_role("checkbox").uncheck()
    take_in(leader)
    expect(twin.locator(".wrong")).to_have_text(["另一行没有勾选。"])
    leader.locator("#line-1").get_by_role("checkbox").check()
    take_in(leader)
    assert {(one.name, one.units) for one in desk.kept()} == {("王芳", 3), ("李雷", 1)}


def test_an_unknown_item_is_said_once_for_all_its_lines(leader: Page, desk: Collecting) -> None:
    paste(leader, desk, "\n".join(f"{n}. 住户{c} 珍珠米{n}包" for n, c in enumerate("赵钱孙李", 1)))
    unknown = leader.get_by_role("group", name="团里没有的货")
    count = unknown.get_by_role("combobox").count()
    assert count >= 1
    for at in range(count):
        unknown.get_by_role("combobox").nth(at).select_option(label=RICE)
    leader.get_by_role("button", name="填进去").click()
    for box in leader.locator(".entry").get_by_role("checkbox").all():
        box.check()
    take_in(leader)
    assert desk.units() == {RICE: 1 + 2 + 3 + 4}


def test_a_line_that_was_left_out_can_be_an_order(leader: Page, desk: Collecting) -> None:
    paste(leader, desk, MESSY)
    leader.get_by_text(re.compile("没算作订单的行")).click()
    talk = leader.locator(".left-out li").filter(has_text="辛苦团长啦")
    talk.get_by_role("button").click()
    opened = entry(leader, "辛苦团长啦")
    expect(opened).to_contain_text("原先没算作订单")
    expect(opened.get_by_role("checkbox")).not_to_be_checked()
    opened.get_by_label("住户").fill("老周")
    opened.get_by_label(re.compile("^花生油")).fill("2")
    opened.get_by_role("checkbox").check()
    take_in(leader)
    assert desk.units()[OIL] == 3
    assert "老周" in {one.name for one in desk.kept()}


def test_sent_twice_it_is_taken_in_once(desk: Collecting) -> None:
    with desk.site.client(cookie=f"session={desk.session()}") as client:
        token = re.search(r'name="form_token" value="([^"]*)"', client.get(f"{desk.path}/collect").text)
        assert token is not None
        sent = {"form_token": token[1], "list": "1. 王芳 大米2袋\n2. 李雷 大米1袋"}
        page = client.post(f"{desk.path}/collect/paste", data=sent).text
        fields = dict(re.findall(r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"', page))
        fields |= {"take": "1"}
        for _ in range(3):
            assert client.post(f"{desk.path}/collect/review", data=fields).status_code == 303
        assert len(desk.kept()) == 2
        forged = fields | {"list": fields["list"][:-4] + "AAAA"}
        assert client.post(f"{desk.path}/collect/review", data=forged).status_code == 400
        assert client.post(f"{desk.path}/collect/review", data=fields | {"form_token": ""}).status_code == 403
    assert len(desk.kept()) == 2


def test_where_one_line_cannot_be_taken_none_is(desk: Collecting) -> None:
    limited = Collecting(desk.site, cap_units=5)
    with limited.site.client(cookie=f"session={limited.session()}") as client:
        token = re.search(r'name="form_token" value="([^"]*)"', client.get(f"{limited.path}/collect").text)
        assert token is not None
        sent = {"form_token": token[1], "list": "1. 王芳 大米4袋\n2. 李雷 大米3袋"}
        page = client.post(f"{limited.path}/collect/paste", data=sent).text
        fields = dict(re.findall(r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"', page)) | {"take": "1"}
        answer = client.post(f"{limited.path}/collect/review", data=fields)
    assert (answer.status_code, limited.kept()) == (422, ())
    assert re.findall(r'id="wrong-take-([0-9]+)"', answer.text) == ["2"]


def test_three_hundred_lines_fit_a_phone_and_more_come_in_parts(leader: Page, desk: Collecting) -> None:
    lines = [f"{n}. 住户{chr(0x4E00 + n)}{chr(0x5E73 + n % 7)} 大米{n % 3 + 1}袋" for n in range(1, 341)]
    paste(leader, desk, "\n".join(lines))
    expect(leader.locator(".entry")).to_have_count(300)
    size = len(leader.content().encode())
    assert size < 1_200_000
    for box in leader.locator(".entry.doubt").get_by_role("checkbox").all():
        box.check()
    take_in(leader)
    expect(leader.get_by_role("status")).to_contain_text("第 1 部分已收进来")
    expect(leader.locator(".entry")).to_have_count(40)
    assert len(desk.kept()) == 300
    for box in leader.locator(".entry.doubt").get_by_role("checkbox").all():
        box.check()
    take_in(leader)
    assert len(desk.kept()) == 340


def test_pick_up_points_of_a_list_and_of_a_line(leader: Page, site: Site) -> None:
    far = site.write(lambda rows: room.add_pickup_point(rows, PickupPoint(name="东门")))
    near = room.pickup_points(site.read)[0].id
    desk = Collecting(site, pickup_points=(near, far))
    paste(desk.let_in(leader), desk, "1. 王芳 大米2袋\n2. 李雷 大米1袋")
    leader.get_by_label("整个接龙的自提点").select_option(label="东门")
    li = entry(leader, "李雷")
    li.locator("summary").click()
    li.get_by_label("自提点").select_option(str(near))
    take_in(leader)
    assert [one.pickup_point for one in desk.kept()] == [far, near]


def test_the_link_goes_out_as_text_code_and_poster(leader: Page, desk: Collecting) -> None:
    leader.goto(desk.site.url(f"{desk.path}/collect"))
    text = leader.get_by_label("发到群里的话").input_value()
    link = desk.site.url(f"g/{desk.record.code}")
    assert text.startswith("十二月大米\n")
    assert "大米：满 10 份 ¥55.00，满 100 份 ¥41.00，店里卖 ¥52.00" in text
    assert "截团：11月20日 周五" in text
    assert text.endswith(link)
    assert leader.get_by_label("只要链接").input_value() == link
    with desk.site.client(cookie=f"session={desk.session()}") as client:
        poster = client.get(f"{desk.path}/poster.pdf")
        assert (poster.status_code, poster.content[:5]) == (200, b"%PDF-")
        for path in ("poster.png", "code.png"):
            picture = client.get(f"{desk.path}/{path}")
            assert picture.headers["content-type"] == "image/png"
            assert picture.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(("locale", "scheme", "width"), [("zh-CN", "light", 360), ("en", "dark", 1280)])
def test_every_page_is_whole_and_open_to_everybody(
    browser: Browser, desk: Collecting, locale: str, scheme: str, width: int
) -> None:
    with open_phone(browser, locale=locale, scheme=scheme, width=width) as page:
        desk.let_in(page).goto(desk.site.url(f"{desk.path}/collect"))
        assert faults_of(page, colours_only=scheme == "dark") == cut_off(page) == []
        page.locator("#list").fill("\n".join(MESSY.splitlines()[:8]) + "\n王芳 大米1袋\n合计 大米 100袋")
        page.locator("form[action$=paste] button").click()
        for one in page.locator("details").all():
            one.evaluate("one => { one.open = true }")
        page.locator(".entry.doubt").first.get_by_role("checkbox").check()
        page.locator("#take button").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert faults_of(page, colours_only=scheme == "dark") == cut_off(page) == []
