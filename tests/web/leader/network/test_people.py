"""People whom the leader follows: a card comes in, who they are, what they say. The other is a node, too."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from leading import Leader
from playwright.sync_api import Browser, expect
from sites import Site, cut_off, faults_of, open_phone, start_site

from millpond.log import kinds, statement
from millpond.log.keys import Key
from millpond.network import calling, cards, meeting, phrases, pulling
from millpond.network.sources import source_at
from millpond.node import own_log, peers
from millpond.node.own_keys import current
from millpond.store import logs

FAR_MS = 1_799_000_000_000
THIRD = Key(bytes(31) + b"\3").did


@pytest.fixture
def leader(site: Site) -> Leader:
    return Leader(site)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Site]:
    """Another node, whose leader says who they are, offers rice, and knows a third."""
    with start_site(tmp_path / "other") as other:
        for kind, body in (
            ("profile/1", {"name": "山里米厂", "place": "屏南", "about": "自己碾的米"}),
            ("listing/1", {"title": {"zh": "新米", "en": "New rice"}, "until_ms": FAR_MS}),
            ("vouch/1", {"subject": THIRD, "name": "陈姐"}),
            ("card/1", {"card": cards.write(cards.Card(THIRD, (), "陈姐的店"))}),
        ):
            own_log.say(other.node, other.room, kind, body)
        yield other


def did_of(site: Site) -> str:
    key = current(site.read)
    assert key is not None
    return key.did


def card_of(site: Site) -> str:
    return cards.write(cards.Card(did_of(site), (site.base,), "山里米厂"))


def page_of(did: str) -> str:
    return f"desk/others/people/{logs.origin_hash(did)}"


def follow(leader: Leader, other: Site, **typed: str) -> None:
    form = {"card": card_of(other), "met": "paste", "name": "米厂老李"} | typed
    assert leader.post("desk/others/people", form).status_code == 303


def fetch(site: Site, did: str) -> None:
    """What the node's own loop does: brings the log here, from where the list says."""
    head = logs.head(site.node.network.read, did)
    assert head is not None
    (source,) = site.node.network.read.all("network_sources.of_log", log=head.id)

    async def job() -> None:
        async with calling.make_client() as client:
            at = source_at(source["address"], client)
            await pulling.pull(site.node.network, head.id, at, now_ms=site.clock(), fold=meeting.fold)

    with ThreadPoolExecutor(1) as thread:  # beside the loop of the browser's
        thread.submit(asyncio.run, job()).result()


def test_a_card_from_a_chat_is_compared_and_followed(browser: Browser, leader: Leader, other: Site) -> None:
    site, did = leader.site, did_of(other)
    with open_phone(browser, scripts=False) as page:
        leader.let_in(page).goto(site.url("desk/others/people"))
        page.get_by_label("对方的名片").fill(f"这是我们的名片：{card_of(other)} 回头见。")
        page.get_by_role("button", name="读名片").click()
        for phrase in phrases.both(did):
            expect(page.locator(".words")).to_contain_text(phrase)
        assert peers.peers(site.read) == ()
        page.get_by_label("你怎么叫对方").fill("米厂老李")
        page.get_by_role("button", name="关注").click()
        expect(page.get_by_role("status")).to_have_text("从现在起你关注对方。")
        expect(page.locator("section.card .tag")).to_have_text("没人作保")
        fetch(site, did)
        page.reload()
        card = page.locator("section.card").filter(has_text="米厂老李")
        expect(card).to_contain_text("自称“山里米厂” · 屏南")
        expect(card).to_contain_text("供应 新米")
        expect(card).to_contain_text("刚刚")
        page.get_by_role("link", name="米厂老李").click()
        expect(page.locator(".entry")).to_have_count(4)
        expect(page.locator(".entry").nth(1)).to_contain_text("对方为 陈姐 作保")
        page.get_by_text("名字，还有核对过没有").click()
        page.get_by_label("我和本人核对过这四个词").check()
        page.get_by_role("button", name="保存").click()
        expect(page.locator(".tag").first).to_have_text("认识")
    assert [one.name for one in peers.peers(site.read)] == ["米厂老李"]
    assert current(site.read) is None  # following is said nowhere


def test_a_stranger_is_one_until_somebody_vouches(leader: Leader, other: Site) -> None:
    third = cards.write(cards.Card(THIRD, ("https://third.example",), "陈姐的店"))
    leader.post("desk/others/people", {"card": third, "met": "book", "name": "陈姐"})
    assert "没人作保" in leader.get(page_of(THIRD)).text
    follow(leader, other)
    fetch(leader.site, did_of(other))
    page = leader.get(page_of(THIRD)).text
    assert "米厂老李 作保" in page
    assert "没人作保" not in page
    leader.post(page_of(THIRD), {"name": "陈姐", "compared": "1"})
    assert '<span class="tag on">认识</span>' in leader.get(page_of(THIRD)).text
    leader.post(page_of(THIRD), {"name": "陈姐"})
    assert "米厂老李 作保" in leader.get(page_of(THIRD)).text


def test_cards_in_the_address_books_of_others_are_found(leader: Leader, other: Site) -> None:
    follow(leader, other, compared="1")
    fetch(leader.site, did_of(other))
    page = leader.get("desk/others/people").text
    assert "来自 米厂老李" in page
    found = re.search(r'name="met" value="book"><input type="hidden" name="card" value="([^"]*)"', page)
    assert found is not None
    shown = leader.post("desk/others/card", {"card": found[1].replace("&amp;", "&"), "met": "book"})
    assert phrases.phrase(THIRD, "zh") in shown.text
    leader.post("desk/others/people", {"card": found[1].replace("&amp;", "&"), "met": "book", "name": "陈姐"})
    assert peers.find(leader.site.read, "陈姐").met is peers.Met.BOOK
    assert "来自 米厂老李" not in leader.get("desk/others/people").text


def test_a_listing_goes_when_it_is_over(leader: Leader, other: Site) -> None:
    follow(leader, other)
    fetch(leader.site, did_of(other))
    assert "新米" in leader.get("desk/others/people").text
    leader.site.clock.now_ms = FAR_MS + 1
    assert "新米" not in leader.get("desk/others/people").text


def test_vouching_is_said_publicly_by_who_is_sure(leader: Leader, other: Site) -> None:
    site, did = leader.site, did_of(other)
    follow(leader, other)
    vouch = {"as_name": "山里米厂", "note": "一起吃过饭"}
    assert leader.post(f"{page_of(did)}/vouch", vouch).status_code == 422
    assert current(site.read) is None
    assert leader.post(f"{page_of(did)}/vouch", vouch | {"sure": "1"}).status_code == 303
    head = logs.head(site.read, did_of(site))
    assert head is not None
    said = statement.read(logs.entries(site.read, head.id, 0, 1)[0], did_of(site))
    assert kinds.understand(said) == kinds.Vouch(subject=did, name="山里米厂", note="一起吃过饭")
    assert "你为对方作过保" in leader.get(page_of(did)).text


def test_a_name_is_changed_and_stands_for_one_alone(leader: Leader, other: Site) -> None:
    follow(leader, other)
    third = cards.write(cards.Card(THIRD))
    taken = leader.post("desk/others/people", {"card": third, "met": "paste", "name": "米厂老李"})
    assert taken.status_code == 422
    assert 'id="wrong-name"' in taken.text
    assert leader.post(page_of(did_of(other)), {"name": " "}).status_code == 422
    leader.post(page_of(did_of(other)), {"name": "老李"})
    assert [one.name for one in peers.peers(leader.site.read)] == ["老李"]


def test_one_is_no_longer_followed_and_then_gone(leader: Leader, other: Site) -> None:
    site, did = leader.site, did_of(other)
    follow(leader, other)
    fetch(site, did)
    leader.post(f"{page_of(did)}/followed", {"way": "stop"})
    assert "你已经不关注对方了" in leader.get(page_of(did)).text
    assert "已经不关注" in leader.get("desk/others/people").text
    leader.post(f"{page_of(did)}/followed", {"way": "follow"})
    assert peers.find(site.read, did).is_followed
    leader.post(f"{page_of(did)}/followed", {"way": "forget"})
    assert peers.peers(site.read) == ()
    assert logs.head(site.node.network.read, did) is None
    for path in ("", "/followed", "/vouch", "/successor"):
        assert leader.post(page_of(did) + path, {"name": "x"}).status_code == 404


def test_who_goes_on_under_another_key_is_followed_by_the_owners_word(leader: Leader, other: Site) -> None:
    site, old = leader.site, did_of(other)
    follow(leader, other, compared="1")
    new = own_log.succeed(other.node, other.room)
    fetch(site, old)
    assert "换了密钥接着写" in leader.get("desk/others/people").text
    assert [one.did for one in peers.peers(site.read)] == [old]
    assert leader.post(f"{page_of(old)}/successor", {"successor": THIRD}).status_code == 422
    assert leader.post(f"{page_of(old)}/successor", {"successor": new}).status_code == 303
    now = peers.find(site.read, "米厂老李")
    assert (now.did, now.is_followed) == (new, True)
    assert '<span class="tag warn">没人作保</span>' in leader.get(page_of(new)).text


@pytest.mark.parametrize(
    "text", ["", "你好", "millpond:z6Mk", "did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"]
)
def test_what_is_no_card_is_said_and_nothing_happens(leader: Leader, text: str) -> None:
    for path, source in (("card", "people"), ("card", "carriers"), ("people", ""), ("carriers", "")):
        answer = leader.post(f"desk/others/{path}", {"card": text, "from": source, "name": "x"})
        assert answer.status_code == 422
        assert 'id="wrong-card"' in answer.text
    assert peers.peers(leader.site.read) == ()


def test_a_card_comes_as_a_file_and_ones_own_is_refused(leader: Leader) -> None:
    own_log.say(leader.site.node, leader.site.room, "profile/1", {"name": "平塘团"})
    own, third = (cards.Card(did, (), "平塘团") for did in (did_of(leader.site), THIRD))
    with leader.client() as client:
        token = re.search(r'name="form_token" value="([^"]*)"', client.get("desk/me").text)
        assert token is not None
        form = {"form_token": token[1], "from": "people"}
        for card, status in ((third, 200), (own, 422)):
            file = cards.file_text(card, phrases.both(card.did)).encode("utf-16")
            shown = client.post("desk/others/card", data=form, files={"file": ("a", file)})
            assert shown.status_code == status
            assert ('name="met" value="file"' in shown.text) == (status == 200)
    refused = leader.post("desk/others/people", {"card": cards.write(own), "met": "file", "name": "我"})
    assert refused.status_code == 422
    assert peers.peers(leader.site.read) == ()


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_every_page_is_whole_and_open_to_everybody(
    browser: Browser, leader: Leader, other: Site, locale: str, scheme: str
) -> None:
    site = leader.site
    with open_phone(browser, locale=locale, scheme=scheme) as page:
        leader.let_in(page)

        def look(path: str) -> None:
            page.goto(site.url(path))
            whole()

        def whole() -> None:
            for fold in page.locator("main details").all():
                fold.evaluate("fold => fold.open = true")
            assert cut_off(page) == []
            assert faults_of(page, colours_only=scheme == "dark") == []

        did = did_of(other)
        follow(leader, other, name="一个名字特别特别长的米厂" * 9)
        fetch(site, did)
        look("desk/others/people")
        page.locator("form[action$='/card'] button").last.click()
        page.locator("[name=compared]").wait_for()
        whole()
        own_log.succeed(other.node, other.room)
        fetch(site, did)
        look(page_of(did))
