"""The list of group orders, the overview of one, and its stages."""

from __future__ import annotations

import pytest
from leading import Leader
from money_desk import Money
from sites import Site
from small_orders import new, place
from small_rooms import draft, item, opened, shirt

from millpond.community.transitions import Stage
from millpond.desk import households, orders, people, rounds, standing
from millpond.desk.people import Role


@pytest.fixture
def leader(site: Site) -> Leader:
    return Leader(site)


def test_an_empty_desk_says_how_it_goes(leader: Leader) -> None:
    page = leader.get("desk").text
    assert "四步开好第一个团" in page
    assert "desk/new" in page


def test_a_helper_sees_what_is_theirs(site: Site) -> None:
    round = opened(site.room.db, item())
    helper, _ = site.write(lambda rows: people.invite(rows, "小李", [Role.HANDS_OUT], by=None, now_ms=1))
    page = Leader(site, helper.id).get("desk").text
    assert "新开一团" not in page
    assert "desk/me" in page, "a helper changes their passphrase, too"
    shown = Leader(site, helper.id).get(f"desk/{round.id}").text
    assert "现在截团" not in shown
    assert Leader(site, helper.id).post(f"desk/{round.id}/stage", {"stage": "closed"}).status_code == 403


def test_the_list_has_the_next_step_of_each(leader: Leader) -> None:
    db = leader.site.room.db
    draft(db, item(), title="草稿团")
    opened(db, item(), title="开着的团")
    gone = opened(db, item(), title="不要了").id
    leader.post(f"desk/{gone}/stage", {"stage": "cancelled"})
    page = leader.get("desk").text
    for words in ("草稿团", "填完就可以开团", "开着的团", "去收单", "不要了", "已取消", "0 单，0 件"):
        assert words in page
    assert page.index("不要了") > page.index("以前的团")


@pytest.mark.parametrize("stage", ["decided", "draft", "", "nonsense"])
def test_there_are_no_other_steps(leader: Leader, stage: str) -> None:
    round = opened(leader.site.room.db, item())
    assert leader.post(f"desk/{round.id}/stage", {"stage": stage}).status_code == 422
    assert rounds.load(leader.site.read, round.id).stage is Stage.OPEN


def test_a_step_that_cannot_follow_is_refused(leader: Leader) -> None:
    round = opened(leader.site.room.db, item())
    answer = leader.post(f"desk/{round.id}/stage", {"stage": "arrived"})
    assert answer.status_code == 409
    assert "现在不能" in answer.text
    assert leader.post("desk/99/stage", {"stage": "closed"}).status_code == 409


def test_standing_wants_are_ordered_when_it_opens_not_when_it_opens_again(leader: Leader) -> None:
    site = leader.site
    one = site.write(lambda rows: households.add(rows, "王芳", now_ms=1))
    site.write(lambda rows: standing.set_standing(rows, one.id, name="大米", quantity=3, now_ms=1))
    round = draft(site.room.db, item()).id
    assert leader.post(f"desk/{round}/stage", {"stage": "open"}).status_code == 303
    (order,) = orders.of_round(site.read, round)
    site.write(lambda rows: orders.cancel(rows, order.id, now_ms=site.clock()))
    leader.post(f"desk/{round}/stage", {"stage": "closed"})
    leader.post(f"desk/{round}/stage", {"stage": "reopen"})
    assert rounds.load(site.read, round).orders == 0


def test_what_happened_is_told_without_repeating_it(leader: Leader) -> None:
    site = leader.site
    round = opened(site.room.db, item(), shirt())
    for n in range(30):
        place(site.room.db, new(round, name=f"h{n}", token=f"t{n}", phone=""), person=site.owner.id)
    place(site.room.db, new(round, name="x", token="x", phone="1"))
    page = leader.get(f"desk/{round.id}").text
    assert "来了 30 单，60 件" in page
    assert "来了一单，2 件" in page
    assert page.count("<li><span") == 4
    assert "order.placed" not in page


def test_bookings_are_told_on_the_pages_of_money(site: Site) -> None:
    desk = Money(site)
    page = desk.get(f"desk/{desk.room.round}").text
    assert "money." not in page
    assert "货到齐了" in page


def test_a_price_is_shown_while_it_moves(site: Site) -> None:
    desk = Money(site)
    assert "现在的价格" not in desk.get(f"desk/{desk.room.round}").text
    assert "现在的价格" in desk.get(f"desk/{opened(site.room.db, item()).id}").text


def test_a_copy_is_a_draft_to_change(leader: Leader) -> None:
    round = opened(leader.site.room.db, item(), shirt())
    answer = leader.post(f"desk/{round.id}/copy")
    assert answer.headers["location"] == f"/pond/desk/{round.id + 1}/offer"
    made = rounds.load(leader.site.read, round.id + 1)
    assert (made.stage, made.copied_from, len(made.offered)) == (Stage.DRAFT, round.id, 2)
