"""The page of the room's own log: saying things publicly, the card, how a resting log goes on."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from leading import Leader
from open_group import photo
from playwright.sync_api import Browser, expect
from sites import Site, cut_off, faults_of, open_phone

from millpond.desk import people
from millpond.desk.people import Role
from millpond.log import kinds, statement
from millpond.log.keys import Key
from millpond.network import cards, phrases
from millpond.node import own_log
from millpond.node.own_keys import OwnKey, State, Why, current, keys
from millpond.store import logs

OTHER = Key(bytes(31) + b"\1").did
PROFILE = {"name": "平塘团", "place": "永泰", "about": "我们一起订米"}
RICE = {
    "way": "offer",
    "title-zh": "大米",
    "text-zh": "山谷里的",
    "title-en": "Rice",
    "until": "2027-01-01T10:00",
}


@pytest.fixture
def leader(site: Site) -> Leader:
    return Leader(site)


def own(site: Site) -> OwnKey:
    found = current(site.read)
    assert found is not None
    return found


def said(site: Site) -> list[statement.Statement]:
    """Every statement of the room's log, verified."""
    key = own(site)
    head = logs.head(site.read, key.did)
    assert head is not None
    return [statement.read(entry, key.did) for entry in logs.walk(site.read, head.id, 0, head.size)]


def rest(site: Site) -> None:
    site.write(lambda rows: own_log.rest(rows, Why.RESTORED, now_ms=site.clock()))


def test_nothing_is_there_until_something_is_said(leader: Leader) -> None:
    page = leader.get("desk/others").text
    assert "日志是什么" in page
    assert "名片" not in page
    for path in ("carriers", "people", "troubles"):
        assert leader.get(f"desk/others/{path}").status_code == 200
    assert keys(leader.site.read) == ()
    assert leader.get("desk/others/card.txt").status_code == 404
    assert leader.get("card").status_code == 404
    assert 'class="count"' not in leader.get("desk").text


def test_a_profile_is_said_once_and_shown_in_plain_words(leader: Leader) -> None:
    before = leader.get("desk/others").text
    assert before.index("会公开") < before.index("公开说出来")
    for _ in range(2):
        assert leader.post("desk/others/profile", PROFILE).status_code == 303
    (one,) = said(leader.site)
    assert (one.kind, one.body["name"], one.body["place"]) == ("profile/1", "平塘团", "永泰")
    page = leader.get("desk/others").text
    assert "你自称“平塘团”。" in page
    assert "我们一起订米" in page
    leader.post("desk/others/profile", PROFILE | {"place": "福州"})
    assert [one.body["place"] for one in said(leader.site)] == ["永泰", "福州"]


def test_a_listing_goes_out_with_a_picture_that_does_not_say_where_it_was_taken(leader: Leader) -> None:
    with leader.client() as client:
        token = re.search(r'name="form_token" value="([^"]*)"', client.get("desk/others").text)
        assert token is not None
        sent = client.post(
            "desk/others/listing/picture",
            data={"form_token": token[1], **RICE},
            files={"picture": ("IMG_1.jpg", photo(90, 60), "image/jpeg")},
        )
    assert sent.status_code == 303
    (one,) = said(leader.site)
    body = kinds.understand(one)
    assert isinstance(body, kinds.Listing)
    assert (body.title, body.text, body.wants) == ({"zh": "大米", "en": "Rice"}, {"zh": "山谷里的"}, False)
    (picture,) = one.attachments
    with leader.site.client() as stranger:
        got = stranger.get(f"{leader.site.base}/logs/{own(leader.site).hash}/attachments/{picture.sha256}")
    assert sha256(got.content).hexdigest() == picture.sha256
    assert b"Exif" not in got.content
    page = leader.get("desk/others").text
    assert "你供应“大米”" in page
    assert f"attachments/{picture.sha256}" in page


@pytest.mark.parametrize(
    ("form", "typed", "field"),
    [
        ("profile", PROFILE | {"name": " "}, "name"),
        ("profile", PROFILE | {"name": "名" * 121}, "name"),
        ("listing/picture", RICE | {"title-zh": "", "title-en": ""}, "title-zh"),
        ("listing/picture", RICE | {"until": "2026-01-01T10:00"}, "until"),
        ("listing/picture", RICE | {"until": ""}, "until"),
        ("listing/picture", RICE | {"way": "steal"}, "way"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_goes_out(
    leader: Leader, form: str, typed: dict[str, str], field: str
) -> None:
    answer = leader.post(f"desk/others/{form}", typed)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert (typed.get("about") or typed["text-zh"]) in answer.text
    assert keys(leader.site.read) == ()


def test_something_is_taken_back_and_stays_readable(leader: Leader) -> None:
    leader.post("desk/others/listing/picture", RICE)
    (one,) = said(leader.site)
    for _ in range(2):
        assert leader.post("desk/others/withdraw", {"sid": one.sid.hex()}).status_code == 303
    assert [one.kind for one in said(leader.site)] == ["listing/1", "withdraw/1"]
    page = leader.get("desk/others").text
    assert "你撤回了：你供应“大米”" in page
    assert "已撤回" in page
    assert 'name="sid"' not in page
    for wrong in ("0" * 64, "x", ""):
        assert leader.post("desk/others/withdraw", {"sid": wrong}).status_code == 404


def test_what_is_not_understood_is_shown_as_such(leader: Leader) -> None:
    site = leader.site
    own_log.say(site.node, site.room, "pony/2", {"x": 1})
    own_log.say(site.node, site.room, "vouch/1", {"subject": OTHER, "name": "<b>Anna</b>"})
    page = leader.get("desk/others").text
    assert "一条 pony/2 类的声明，这里不认识这一类" in page
    assert "你为 &lt;b&gt;Anna&lt;/b&gt; 作保" in page


def test_a_long_log_has_pages_and_any_time_can_be_shown(leader: Leader) -> None:
    site = leader.site
    title = {"title": {"en": "Rice"}, "until_ms": 2**53 - 1}
    own_log.say_all(
        site.node, site.room, [own_log.Saying("listing/1", title, (), 2**53 - 1 - n) for n in range(25)]
    )
    first, second = (leader.get(f"desk/others?page={n}").text for n in (1, 2))
    assert first.count('class="entry"') == 20
    assert second.count('class="entry"') == 5
    assert "日历上没有的日子" in first
    for nonsense in ("0", "-1", "x", "9" * 40, "²"):
        assert leader.get(f"desk/others?page={nonsense}").status_code == 200


def test_the_card_leads_to_the_log(leader: Leader) -> None:
    site = leader.site
    site.node.public_url = "http://pond.example"
    leader.post("desk/others/profile", PROFILE)
    line = re.search(r"millpond:[\w.~%=&;?-]+", leader.get("desk/others").text)
    assert line is not None
    card = cards.read(line[0])
    did = own(site).did
    assert card == cards.Card(did, ("http://pond.example",), "平塘团")
    page = leader.get("desk/others").text
    for phrase in phrases.both(did):
        assert phrase in page
    file = leader.get("desk/others/card.txt")
    assert cards.read(file.content) == card
    assert "attachment" in file.headers["content-disposition"]
    (one,) = said(site)
    assert list(one.body["addresses"]) == ["http://pond.example"]


def test_a_resting_log_says_why_and_goes_on_when_its_owner_says_so(leader: Leader) -> None:
    site = leader.site
    leader.post("desk/others/profile", PROFILE)
    rest(site)
    page = leader.get("desk/others").text
    assert "怎么继续" in page
    assert "公开说出来" not in page
    assert 'class="count">1<' in leader.get("desk").text
    assert leader.post("desk/others/profile", PROFILE | {"place": "x"}).status_code == 422
    found = leader.post("desk/others/look")
    assert "没有人可问" in found.text
    assert leader.post("desk/others/resume", {"size": "1"}).status_code == 422
    assert leader.post("desk/others/resume", {"size": "2", "alone": "1"}).status_code == 422
    assert own(site).state is State.RESTING
    assert leader.post("desk/others/resume", {"size": "1", "alone": "1"}).status_code == 303
    assert own(site).state is State.OPEN
    assert leader.post("desk/others/look").status_code == 422
    assert 'class="count"' not in leader.get("desk").text


def test_a_new_log_begins_only_if_its_owner_is_sure(leader: Leader) -> None:
    site = leader.site
    assert leader.post("desk/others/succeed", {"sure": "1"}).status_code == 422
    leader.post("desk/others/profile", PROFILE)
    old = own(site)
    assert leader.post("desk/others/succeed").status_code == 422
    assert own(site) == old
    assert leader.post("desk/others/succeed", {"sure": "1"}).status_code == 303
    assert own(site).did != old.did
    page = leader.get("desk/others").text
    assert "你开始写这份日志，接着你以前的一份。" in page
    earlier = leader.get(f"desk/others?log={old.hash}").text
    assert "你自称“平塘团”。" in earlier
    assert "你结束了这份日志" in earlier
    assert "已结束" in earlier


def test_the_log_is_shown_to_others_until_its_owner_hides_it(leader: Leader) -> None:
    site = leader.site
    leader.post("desk/others/profile", PROFILE)
    address = f"{site.base}/logs/{own(site).hash}/checkpoint"
    with site.client() as stranger:
        assert stranger.get(address).status_code == 200
        leader.post("desk/others/shown", {"shown": "0"})
        assert stranger.get(address).status_code == 404
        leader.post("desk/others/shown", {"shown": "what"})
        assert stranger.get(address).status_code == 404
        leader.post("desk/others/shown", {"shown": "1"})
        assert stranger.get(address).status_code == 200


def test_helpers_see_none_of_it(leader: Leader) -> None:
    site = leader.site
    rest(site)
    helper, _ = site.write(
        lambda rows: people.invite(rows, "小李", [Role.COLLECTS], by=None, now_ms=site.clock())
    )
    assert "desk/others" in leader.get("desk").text
    assert "desk/others" not in Leader(site, helper.id).get("desk").text


def test_a_leader_says_who_they_are_on_a_phone_without_scripts(browser: Browser, leader: Leader) -> None:
    with open_phone(browser, scripts=False) as page:
        leader.let_in(page).goto(leader.site.url("desk"))
        page.get_by_role("link", name="往来").click()
        page.get_by_label("介绍一下自己").fill("山里的米")
        page.get_by_role("button", name="公开说出来").first.click()
        expect(page.get_by_role("status")).to_have_text("说出去了，大家都能看到。")
        expect(page.locator(".entry")).to_contain_text("山里的米")
    assert len(said(leader.site)) == 1


@pytest.mark.parametrize(("locale", "scheme"), [("zh-CN", "light"), ("en-GB", "dark")])
def test_the_page_is_whole_and_open_to_everybody(
    browser: Browser, leader: Leader, locale: str, scheme: str
) -> None:
    site = leader.site
    with open_phone(browser, locale=locale, scheme=scheme) as page:
        leader.let_in(page)

        def look() -> None:
            page.goto(site.url("desk/others"))
            for fold in page.locator("main details").all():
                fold.evaluate("fold => fold.open = true")
            assert cut_off(page) == []
            assert faults_of(page, colours_only=scheme == "dark") == []

        if scheme == "light":
            look()
        leader.post("desk/others/profile", PROFILE | {"about": "Donaudampfschifffahrt" * 20})
        leader.post("desk/others/listing/picture", RICE | {"title-zh": "特别长的名字" * 30})
        leader.post("desk/others/withdraw", {"sid": said(site)[1].sid.hex()})
        if scheme == "light":
            look()
        rest(site)
        look()
        page.locator("form[action$='/look'] button").click()
        page.locator("form[action$='/resume'] button").wait_for()
        assert cut_off(page) == []
        assert faults_of(page, colours_only=scheme == "dark") == []
