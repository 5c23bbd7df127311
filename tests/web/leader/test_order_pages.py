"""Orders and households in the leader's hands: found (no name in an address), changed, merged, erased."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from collecting import OIL, RICE, Collecting
from playwright.sync_api import Browser, Page, expect
from sites import Site, cut_off, faults_of, open_phone
from small_rooms import shirt

from millpond.community.transitions import Stage
from millpond.desk import households, orders, rounds
from millpond.desk.orders import NewOrder, NewWant, Order, Source


@pytest.fixture
def desk(site: Site) -> Collecting:
    return Collecting(site)


@pytest.fixture
def leader(browser: Browser, desk: Collecting) -> Iterator[Page]:
    with open_phone(browser, scripts=False) as page:
        yield desk.let_in(page)


def placed(desk: Collecting, name: str, units: int = 1, **more: object) -> Order:
    """An order of rice, of a new household."""
    item = int(desk.record.offered[0].id)
    new = NewOrder(
        round=desk.round,
        token=f"t-{name}-{units}-{len(desk.kept())}",
        name=name,
        wants=(NewWant(item=item, quantity=units),),
        **more,  # type: ignore[arg-type]
    )
    return desk.site.write(
        lambda rows: orders.load(rows, orders.place(rows, new, now_ms=desk.site.clock()).id)
    )


def names(page: Page) -> list[str]:
    return [text.split(" ", 1)[1] for text in page.locator("tbody th").all_inner_texts()]


def test_a_search_finds_and_leaves_no_name_in_an_address(leader: Page, desk: Collecting) -> None:
    seen: list[str] = []
    leader.on("request", lambda request: seen.append(request.url))
    wang = placed(desk, "王芳", phone="13800000001")
    placed(desk, "李雷", note="放门卫")
    leader.goto(desk.site.url(f"{desk.path}/orders"))
    search = leader.get_by_role("searchbox")
    for text, expected in [
        ("王", ["王芳"]),
        ("138000", ["王芳"]),
        (wang.code.lower(), ["王芳"]),
        ("nobody", []),
    ]:
        search.fill(text)
        leader.get_by_role("button", name="搜索").click()
        assert names(leader) == expected
    leader.get_by_role("button", name="看全部").click()
    assert names(leader) == ["王芳", "李雷"]
    leader.get_by_label("只看").select_option(label="有备注的")
    leader.get_by_role("button", name="搜索").click()
    assert names(leader) == ["李雷"]
    search.fill("王芳")
    leader.get_by_label("只看").select_option(label="全部")
    leader.get_by_role("button", name="搜索").click()
    leader.get_by_role("link", name="王芳").click()
    leader.go_back()
    assert names(leader) == ["王芳"]  # still looked for
    assert not any(word in url for url in seen for word in ("%E7%8E%8B", "王", "138000"))


def test_names_that_stand_twice_are_to_be_looked_at(leader: Page, desk: Collecting) -> None:
    for name in ("王芳", "李雷", "王芳"):
        placed(desk, name)
    leader.goto(desk.site.url(f"{desk.path}/orders?only=doubtful"))
    assert names(leader) == ["王芳", "王芳"]


def test_many_orders_come_in_leaves(leader: Page, desk: Collecting) -> None:
    for n in range(203):
        placed(desk, f"住户{n}")
    leader.goto(desk.site.url(f"{desk.path}/orders"))
    assert len(names(leader)) == 200
    leader.get_by_role("link", name="下一页").click()
    assert len(names(leader)) == 3


def test_an_order_for_somebody_who_called(leader: Page, desk: Collecting) -> None:
    known = placed(desk, "王芳", phone="13800000001")
    leader.goto(desk.site.url(f"{desk.path}/collect"))
    leader.get_by_role("link", name="代录一单").click()
    leader.get_by_label("住户").fill("王芳")
    rice = leader.get_by_role("group", name=RICE)
    rice.get_by_label("数量").fill("2")
    leader.get_by_role("button", name="保存").click()
    expect(leader.get_by_role("alert")).to_be_visible()  # is it the one that is known? nobody guesses
    assert len(desk.kept()) == 1
    leader.get_by_role("radio", name="新住户").check()
    leader.get_by_role("button", name="保存").click()
    expect(leader.get_by_role("status")).to_have_text("已下单。")
    new = desk.kept()[1]
    assert (new.name, new.units, new.source) == ("王芳", 2, Source.LEADER)
    assert new.household != known.household


def test_an_order_is_changed_noted_and_cancelled(leader: Page, desk: Collecting) -> None:
    order = placed(desk, "王芳", 2)
    leader.goto(desk.site.url(f"{desk.path}/orders/{order.id}"))
    leader.get_by_role("group", name=RICE).get_by_label("数量").fill("")
    leader.get_by_role("group", name=OIL).get_by_label("数量").fill("x")
    leader.get_by_role("button", name="保存").first.click()
    expect(leader.get_by_role("alert")).to_be_visible()
    leader.get_by_role("group", name=OIL).get_by_label("数量").fill("3")
    leader.get_by_role("button", name="保存").first.click()
    assert desk.units() == {OIL: 3}
    leader.get_by_label("团长备注").fill("周六来拿")
    leader.get_by_role("button", name="保存").nth(1).click()
    assert desk.kept()[0].leader_note == "周六来拿"
    leader.get_by_text("取消这一单").first.click()
    leader.get_by_role("button", name="取消这一单").click()
    expect(leader.get_by_role("status")).to_have_text("订单已取消。")
    assert (desk.kept(), desk.units()) == ((), {})


def test_answers_to_options_are_asked_for(leader: Page, site: Site) -> None:
    desk = Collecting(site, shirt())
    desk.let_in(leader).goto(site.url(f"{desk.path}/orders/new"))
    leader.get_by_label("住户").fill("王芳")
    leader.get_by_role("group", name="校服").get_by_label("数量").fill("1")
    leader.get_by_role("button", name="保存").click()
    expect(leader.locator(".wrong")).to_have_text(["请填写这一项。"])
    leader.get_by_label("尺码").select_option("M")
    leader.get_by_role("button", name="保存").click()
    assert desk.kept()[0].wants[0].options == {"o0": "M"}


def test_two_orders_are_shown_before_they_become_one(leader: Page, desk: Collecting) -> None:
    first, second = placed(desk, "王芳", 2), placed(desk, "王芳", 3)
    leader.goto(desk.site.url(f"{desk.path}/orders/{first.id}"))
    leader.get_by_role("link", name="和 2 号合并").click()
    expect(leader.locator("main")).to_contain_text("这是两户的单：合并后都归 王芳。")
    assert len(desk.kept()) == 2
    leader.get_by_role("button", name="合并").click()
    assert [(one.number, one.units) for one in desk.kept()] == [(1, 5)]
    assert orders.load(desk.site.read, second.id).merged_into == first.id
    with desk.site.client(cookie=f"session={desk.session()}") as client:
        for number in ("1", "2", "99", "x"):  # itself, one that is gone, none
            path = f"{desk.path}/orders/{first.id}/merge?number={number}"
            assert client.get(path).status_code == 404


def test_after_the_decision_an_order_stays_as_it_is(leader: Page, desk: Collecting) -> None:
    order = placed(desk, "王芳", 2)
    desk.site.write(
        lambda rows: rounds.move(rows, desk.round, Stage.CANCELLED, person=None, now_ms=desk.site.clock())
    )
    leader.goto(desk.site.url(f"{desk.path}/orders/{order.id}"))
    expect(leader.get_by_role("button", name="取消这一单")).to_have_count(0)
    expect(leader.locator("main")).to_contain_text("大米 2 袋")
    leader.goto(desk.site.url(f"{desk.path}/collect"))
    expect(leader.get_by_role("button", name="读接龙")).to_have_count(0)


def test_a_leaked_link_ends(leader: Page, desk: Collecting) -> None:
    order = placed(desk, "王芳", 2)
    old = desk.site.url(f"h/{order.link}/{desk.record.code}")
    leader.goto(desk.site.url(f"{desk.path}/orders/{order.id}"))
    assert old in leader.get_by_label("发微信的话").input_value()
    expect(leader.get_by_role("link", name="看住户看到的页面")).to_have_attribute("href", old)
    leader.get_by_text("链接被别人拿到了？").click()
    leader.get_by_role("button", name="换新链接").click()
    assert old not in leader.get_by_label("发微信的话").input_value()
    with desk.site.client() as client:
        assert client.get(old).status_code == 404
        new = desk.site.url(f"h/{desk.kept()[0].link}/{desk.record.code}")
        assert client.get(new).status_code == 200


def test_a_household_is_corrected_merged_handed_over_and_erased(leader: Page, desk: Collecting) -> None:
    wang, other = placed(desk, "王芳", 2, phone="13800000001"), placed(desk, "芳姐", 1)
    leader.goto(desk.site.url("desk/households"))
    leader.get_by_role("link", name="王芳").click()
    leader.get_by_label("地址").fill("3-502")
    leader.get_by_role("button", name="保存").click()
    leader.get_by_role("link", name="找同一户的另一条记录").click()
    leader.get_by_role("searchbox").fill("芳姐")
    leader.get_by_role("button", name="搜索").click()
    leader.get_by_role("link", name="芳姐").click()
    expect(leader.locator("main")).to_contain_text("并进另一条")
    leader.get_by_role("button", name="合并").click()
    assert {one.household for one in desk.kept()} == {wang.household}
    with desk.site.client(cookie=f"session={desk.session()}") as client:
        data = client.get(f"desk/households/{wang.household}/data.json")
        assert json.loads(data.text)["household"]["address"] == "3-502"
        assert client.get(f"desk/households/{other.household}").status_code == 410
    leader.get_by_role("link", name="抹去…").click()
    expect(leader.locator("main")).to_contain_text("请先完成或取消")
    expect(leader.get_by_role("button", name="彻底抹去")).to_have_count(0)
    for order in desk.kept():
        desk.site.write(lambda rows, id=order.id: orders.cancel(rows, id, person=1, now_ms=desk.site.clock()))
    leader.goto(desk.site.url(f"desk/households/{wang.household}/erase"))
    leader.get_by_role("button", name="彻底抹去").click()
    expect(leader.get_by_role("status")).to_have_text("已抹去。")
    assert households.load(desk.site.read, wang.household).erased_ms is not None
    assert "王芳" not in leader.content()


@pytest.mark.parametrize(("locale", "scheme", "width"), [("zh-CN", "light", 360), ("en", "dark", 1280)])
def test_every_page_is_whole_and_open_to_everybody(
    browser: Browser, desk: Collecting, locale: str, scheme: str, width: int
) -> None:
    order, other = placed(desk, "王芳" * 20, 2, note="放门卫" * 30, phone="13800000001"), placed(desk, "李雷")
    pages = [
        f"{desk.path}/orders",
        f"{desk.path}/orders/{order.id}",
        f"{desk.path}/orders/{order.id}/merge?number={other.number}",
        "desk/households",
        f"desk/households/{order.household}",
        f"desk/households/{order.household}/erase",
        f"desk/households/{order.household}/merge/{other.household}",
    ]
    with open_phone(browser, locale=locale, scheme=scheme, width=width) as page:
        desk.let_in(page)
        for path in pages:
            page.goto(desk.site.url(path))
            for one in page.locator("details").all():
                one.evaluate("one => { one.open = true }")
            assert faults_of(page, colours_only=scheme == "dark") == [], path
            assert cut_off(page) == [], path
