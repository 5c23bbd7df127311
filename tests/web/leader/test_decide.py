"""Deciding on the page: whole cases, who was not served, files that prove it, the order to the maker."""

from __future__ import annotations

from io import BytesIO

import pytest
from leading import Leader
from money_rooms import EGGS, NOW, MoneyRoom, money_room
from paper_samples import flat, text_of
from python_calamine import CalamineWorkbook
from sites import Site
from small_orders import new, place
from small_rooms import item, opened, shirt

from millpond.community.transitions import Stage
from millpond.desk import deciding, ledger, maker, rounds
from millpond.desk.orders import NewWant
from millpond.verify import verifier


@pytest.fixture
def leader(site: Site) -> Leader:
    return Leader(site)


@pytest.fixture
def closed(site: Site) -> MoneyRoom:
    """Rice, eggs in cases of ten, fish by weight; four households."""
    return money_room(site.room.db)


def decide(leader: Leader, closed: MoneyRoom, leftover: str = "5") -> str:
    path = f"desk/{closed.round}/decide"
    answer = leader.post(path, {f"leftover-{closed.items[EGGS]}": leftover})
    assert answer.status_code == 303, answer.text
    return leader.get(path).text


def test_before_the_close_there_is_nothing_to_decide(leader: Leader) -> None:
    round = opened(leader.site.room.db, item())
    assert "截团以后才能成团" in leader.get(f"desk/{round.id}/decide").text
    assert leader.post(f"desk/{round.id}/decide").status_code == 409


def test_what_is_left_of_a_case_is_the_leaders_who_said_so(leader: Leader, closed: MoneyRoom) -> None:
    asked = leader.get(f"desk/{closed.round}/decide").text
    assert "鸡蛋：我最多垫" in asked
    assert "每箱 10" in asked
    page = decide(leader, closed)
    assert "有效，而且已证明" in page
    assert deciding.leftovers(leader.site.read, closed.round) == {closed.items[EGGS]: 2}
    assert "没分到，或和要的不一样" not in page


def test_without_leftovers_cases_are_filled_by_leaving_some_out_and_it_says_who(
    leader: Leader, closed: MoneyRoom
) -> None:
    page = decide(leader, closed, "0")
    assert deciding.leftovers(leader.site.read, closed.round) == {}
    assert "没分到，或和要的不一样" in page
    assert "为了凑整箱" in page


def test_a_wrong_leftover_decides_nothing(leader: Leader, closed: MoneyRoom) -> None:
    path = f"desk/{closed.round}/decide"
    answer = leader.post(path, {f"leftover-{closed.items[EGGS]}": "five"})
    assert answer.status_code == 422
    assert "请填整数" in answer.text
    assert 'value="five"' in answer.text
    assert rounds.load(leader.site.read, closed.round).stage is Stage.CLOSED


def test_both_files_prove_it_to_anybody(leader: Leader, closed: MoneyRoom) -> None:
    for name in ("round", "clearing"):
        assert leader.get(f"desk/{closed.round}/{name}.json").status_code == 404
    decide(leader, closed)
    files = [leader.get(f"desk/{closed.round}/{name}.json") for name in ("round", "clearing")]
    assert all("attachment" in one.headers["content-disposition"] for one in files)
    checks = verifier.verify(files[0].content, files[1].content, ("round", "clearing"))
    assert all(check.ok for check in checks)
    assert "王芳".encode() not in files[0].content + files[1].content


def test_the_order_to_the_maker_comes_to_what_was_decided(leader: Leader, closed: MoneyRoom) -> None:
    decide(leader, closed)
    page = leader.get(f"desk/{closed.round}/decide").text
    expected = maker.standing(leader.site.read, closed.round).expected
    assert f"¥{expected / 100:.2f}" in page
    pdf = leader.get(f"desk/{closed.round}/order.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    text = flat(text_of(pdf.content))
    for words in ("大米", "鸡蛋", "鲈鱼", "永泰米厂", f"¥{expected / 100:.2f}"):
        assert flat(words) in text
    assert "王芳" not in text
    sheet = CalamineWorkbook.from_filelike(
        BytesIO(leader.get(f"desk/{closed.round}/order.xlsx").content)
    ).get_sheet_by_index(0)
    cells = [str(cell) for row in sheet.to_python() for cell in row]
    assert "鸡蛋" in cells
    assert not [cell for cell in cells if "王芳" in cell]


def test_pieces_go_to_the_maker_by_their_number_alone(leader: Leader) -> None:
    site = leader.site
    round = opened(site.room.db, shirt(reference=None), closes_at_ms=None)
    uniform = int(round.offered[0].id)
    for n in range(10):
        want = NewWant(item=uniform, quantity=1, limit=9_000, options={"o0": "M", "o1": f"小{n}"})
        place(site.room.db, new(round, want, name=f"家长{n}", token=str(n), phone=""), NOW)
    leader.post(f"desk/{round.id}/stage", {"stage": "closed"})
    leader.post(f"desk/{round.id}/decide")
    page = leader.get(f"desk/{round.id}/decide").text
    assert "№ 3 校服：尺码 M，绣字 小2" in page
    assert "家长2" not in page


def test_what_was_decided_is_taken_back_with_its_bookings(leader: Leader, closed: MoneyRoom) -> None:
    decide(leader, closed)
    assert any(ledger.balances(leader.site.read).values())
    assert leader.post(f"desk/{closed.round}/take-back").status_code == 303
    assert not any(ledger.balances(leader.site.read).values())
    assert "现在成团" in leader.get(f"desk/{closed.round}/decide").text
    decide(leader, closed)
    leader.post(f"desk/{closed.round}/stage", {"stage": "ordered"})
    assert leader.post(f"desk/{closed.round}/take-back").status_code == 409
