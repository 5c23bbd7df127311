"""The room's settings, helpers, one's own way in, and leaving with everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from leading import Leader
from money_desk import Money
from open_group import photo
from playwright.sync_api import Browser, expect
from sites import Site, cut_off, faults_of, open_phone

from millpond import places
from millpond.desk import people, room
from millpond.desk.people import Role
from millpond.node import moving, own_log
from millpond.node.node import Node
from millpond.node.own_keys import State

SETTINGS = {"name": "平塘团", "who": "community", "place": "永泰", "phone": "0591 1", "language": "zh",
            "time_zone": "Asia/Shanghai", "retention_days": "365"}  # fmt: skip
GOOD = "四月的雨下在池塘里"


@pytest.fixture
def leader(site: Site) -> Leader:
    return Leader(site)


def profile(site: Site) -> room.Profile:
    found = room.profile(site.read)
    assert found is not None
    return found


def save(leader: Leader, **typed: str):
    return leader.post("desk/room/picture", SETTINGS | typed)


def test_everything_may_be_changed_later(leader: Leader) -> None:
    answer = save(
        leader, name="山里团", who="both", about="你好\n大家", payment_note="提货付现", currency="EUR",
        language="en", time_zone="Europe/Berlin", retention_days="30",
    )  # fmt: skip
    assert answer.status_code == 303
    now = profile(leader.site)
    assert (now.name, now.is_maker, now.currency, now.language) == ("山里团", True, "EUR", "en")
    assert (now.about, now.payment_note, now.retention_days) == ("你好\n大家", "提货付现", 30)
    assert now.place_name == "永泰"


def test_the_place_is_found_or_kept_as_it_was_typed(leader: Leader) -> None:
    found = places.search("永泰")[0]
    save(leader, place="我们永泰", place_code=found.code)
    now = profile(leader.site)
    assert (now.place_name, now.place_code) == ("我们永泰", found.code)
    assert now.latitude_microdeg == found.latitude_microdeg
    save(leader, place="我家院子")
    now = profile(leader.site)
    assert (now.place_name, now.place_code, now.latitude_microdeg) == ("我家院子", "", None)


@pytest.mark.parametrize(
    "typed",
    [{"name": " "}, {"who": "x"}, {"time_zone": "Mars/Base"}, {"retention_days": "0"}, {"language": "xx"}],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(leader: Leader, typed: dict[str, str]) -> None:
    answer = save(leader, about="不要丢", **typed)
    assert answer.status_code == 422
    assert "不要丢" in answer.text
    assert f'id="wrong-{next(iter(typed))}"' in answer.text or "还没有保存" in answer.text
    assert profile(leader.site).about == ""


def test_the_currency_stays_once_something_is_booked(site: Site) -> None:
    Money(site)
    leader = Leader(site)
    assert 'id="currency"' not in leader.get("desk/room").text
    assert save(leader, currency="EUR").status_code == 422
    assert profile(site).currency == "CNY"


def test_the_payment_code_is_kept_shown_and_taken_away(browser: Browser, leader: Leader) -> None:
    with open_phone(browser) as page:
        leader.let_in(page).goto(leader.site.url("desk/room"))
        page.get_by_label("你自己的收款码").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo(60, 60)}
        )
        page.get_by_role("button", name="保存").first.click()
        expect(page.get_by_role("img", name="你自己的收款码")).to_be_visible()
        assert profile(leader.site).payment_picture
        page.get_by_label("拿掉").check()
        page.get_by_role("button", name="保存").first.click()
        expect(page.get_by_role("img", name="你自己的收款码")).to_have_count(0)
        page.get_by_label("你自己的收款码").set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
        )
        page.get_by_role("button", name="保存").first.click()
        expect(page.locator("#wrong-payment_picture")).to_be_visible()
        assert cut_off(page) == []


def test_pick_up_points_come_change_and_go(leader: Leader) -> None:
    leader.post("desk/points", {"point_name": "北门", "point_address": "幸福路 3 号"})
    first, second = room.pickup_points(leader.site.read)
    assert (second.name, second.address) == ("北门", "幸福路 3 号")
    leader.post("desk/points", {"id": str(second.id), "point_name": "北门驿站", "point_hours": "9–12"})
    assert room.pickup_points(leader.site.read)[1].hours == "9–12"
    wrong = leader.post("desk/points", {"id": str(first.id), "point_name": " ", "point_address": "还在"})
    assert wrong.status_code == 422
    assert 'value="还在"' in wrong.text
    assert len(re.findall("<details open>", wrong.text)) == 1
    leader.post("desk/points", {"id": str(second.id), "close": "1"})
    assert room.pickup_points(leader.site.read) == (first,)


def test_a_helper_is_invited_changed_and_leaves(leader: Leader) -> None:
    answer = leader.post("desk/people/invite", {"helper": "小李", "collects": "1"})
    assert answer.status_code == 200
    link = re.search(r"/invitation/([\w-]+)", answer.text)
    assert link is not None
    with leader.site.client() as client:
        taken = client.post("invitation", data={"token": link[1], "passphrase": GOOD})
        assert taken.status_code == 303
        assert client.get("desk").status_code == 200
        helper = people.known_by(leader.site.read, "小李")
        assert helper is not None
        leader.post("desk/people", {"person": str(helper[0].id), "hands_out": "1", "keeps_money": "1"})
        now = people.by_id(leader.site.read, helper[0].id)
        assert now is not None
        assert [now.may(role) for role in (Role.COLLECTS, Role.HANDS_OUT, Role.KEEPS_MONEY)] == [
            False,
            True,
            True,
        ]
        again = leader.post("desk/people/invite", {"person": str(helper[0].id)})
        assert "给 小李 的链接" in again.text
        leader.post("desk/people", {"person": str(helper[0].id), "leave": "1"})
        assert client.get("desk").status_code == 303, "signed out at once"
    assert people.known_by(leader.site.read, "小李") is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"helper": "", "collects": "1"}, "请填写"),
        ({"helper": "小李"}, "请至少勾选一项分工。"),
        ({"helper": "王姐", "collects": "1"}, "这里已经有人叫这个名字"),
    ],
)
def test_an_invitation_that_cannot_be(leader: Leader, typed: dict[str, str], said: str) -> None:
    answer = leader.post("desk/people/invite", typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'id="helper" name="helper" type="text" value="{typed["helper"]}"' in answer.text
    assert len(people.everyone(leader.site.read)) == 1


def test_ones_own_passphrase_ends_every_other_session(leader: Leader) -> None:
    invited = leader.post("desk/people/invite", {"helper": "小李", "collects": "1"}).text
    token = re.search(r"/invitation/([\w-]+)", invited)
    assert token is not None
    with leader.site.client() as client, leader.site.client() as other:
        client.post("invitation", data={"token": token[1], "passphrase": GOOD})
        other.post("sign-in", data={"name": "小李", "passphrase": GOOD})
        assert other.get("desk/me").status_code == 200
        form = re.search(r'name="form_token" value="([^"]*)"', client.get("desk/me").text)
        assert form is not None
        change = {"form_token": form[1], "old": "wrong", "passphrase": "short"}
        wrong = client.post("desk/me", data=change)
        assert wrong.status_code == 422
        assert wrong.text.count('class="wrong" id="wrong-') == 2
        assert "short" not in wrong.text
        change |= {"old": GOOD, "passphrase": GOOD + "五月也是"}
        assert client.post("desk/me", data=change).status_code == 303
        assert client.get("desk/me").status_code == 200
        assert other.get("desk/me").status_code == 303


def test_the_room_leaves_as_one_sealed_file(leader: Leader, tmp_path: Path) -> None:
    assert leader.post("desk/move", {"seal": "short"}).status_code == 422
    answer = leader.post("desk/move", {"seal": GOOD})
    assert answer.status_code == 200
    assert "平塘团".encode() not in answer.content
    sealed = tmp_path / "pond.millpond-room"
    sealed.write_bytes(answer.content)
    with Node(tmp_path / "other") as other:
        moving.import_room(other, sealed, slug="new-pond", passphrase=GOOD)
        moved = other.room("new-pond")
        assert moved is not None
        assert room.profile(moved.db.read) == profile(leader.site)
    assert not list(leader.site.node.data.glob("moving-*"))


def test_the_log_moves_along_if_that_is_ticked(leader: Leader, tmp_path: Path) -> None:
    node, pond = leader.site.node, leader.site.room
    assert "with_log" not in leader.get("desk/room").text
    own_log.say(node, pond, "profile/1", {"name": "平塘团"})
    assert "with_log" in leader.get("desk/room").text
    leader.post("desk/move", {"seal": GOOD})
    assert own_log.current(pond.db.read).state == State.OPEN  # type: ignore[union-attr]
    for number in range(2):  # the download broke off: it is made again, and is the same move
        answer = leader.post("desk/move", {"seal": GOOD, "with_log": "1"})
        assert answer.status_code == 200
        assert own_log.current(pond.db.read).state == State.ENDED  # type: ignore[union-attr]
        (tmp_path / f"{number}").write_bytes(answer.content)
    with Node(tmp_path / "other") as other:
        for number, state in ((1, State.OPEN), (0, State.RESTING)):
            moving.import_room(other, tmp_path / f"{number}", slug=f"pond-{number}", passphrase=GOOD)
            there = other.room(f"pond-{number}")
            assert there is not None
            assert own_log.current(there.db.read).state == state  # type: ignore[union-attr]


@pytest.mark.parametrize(("locale", "scheme", "width"), [("zh-CN", "light", 360), ("en-GB", "dark", 360)])
def test_every_page_is_whole_and_open_to_everybody(
    browser: Browser, leader: Leader, locale: str, scheme: str, width: int
) -> None:
    leader.post("desk/people/invite", {"helper": "一个名字特别特别长的帮手" * 4, "collects": "1"})
    with open_phone(browser, locale=locale, scheme=scheme, width=width) as page:
        leader.let_in(page)
        for path in ("desk", "desk/room", "desk/me"):
            page.goto(leader.site.url(path))
            for fold in page.locator("main details").all():
                fold.evaluate("fold => fold.open = true")
            assert cut_off(page) == [], path
            assert faults_of(page, colours_only=scheme == "dark") == [], path
        page.goto(leader.site.url("desk/room"))
        page.locator("#helper").fill("A")
        page.locator("#invite [name=collects]").check()
        page.locator("#invite button").click()
        page.locator("#link").wait_for()
        assert cut_off(page) == []
        assert faults_of(page, colours_only=scheme == "dark") == []
