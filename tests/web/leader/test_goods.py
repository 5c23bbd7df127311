"""Counting and weighing on the page."""

from __future__ import annotations

import pytest
from leading import Leader
from money_rooms import EGGS, FISH, RICE, MoneyRoom, room_at
from sites import Site

from millpond.community.transitions import Stage
from millpond.desk import goods, money, rounds


@pytest.fixture
def leader(site: Site) -> Leader:
    return Leader(site)


@pytest.fixture
def ordered(site: Site) -> MoneyRoom:
    return room_at(site.room.db, Stage.ORDERED)


def came(leader: Leader, room: MoneyRoom) -> dict[str, tuple[int | None, int | None, str]]:
    names = {id: name for name, id in room.items.items()}
    return {
        names[one.item]: (one.received, one.billed, one.note)
        for one in goods.came(leader.site.read, room.round)
    }


def send(leader: Leader, room: MoneyRoom, **typed: str):
    names = {"rice": RICE, "eggs": EGGS, "fish": FISH}
    form = {
        f"{field}-{room.items[names[name]]}" if name in names else key: value
        for key, value in typed.items()
        for field, _, name in [key.partition("_")]
    }
    return leader.post(f"desk/{room.round}/goods", form)


def test_everything_came_in_one_tap(leader: Leader, ordered: MoneyRoom) -> None:
    assert "全部到齐，开始提货" in leader.get(f"desk/{ordered.round}/goods").text
    assert send(leader, ordered, as_ordered="1").status_code == 303
    assert came(leader, ordered) == {RICE: (6, 6, ""), EGGS: (20, 20, ""), FISH: (3, 3, "")}
    assert rounds.load(leader.site.read, ordered.round).stage is Stage.ARRIVED
    page = leader.get(f"desk/{ordered.round}/goods").text
    assert "全部到齐，开始提货" not in page
    assert "去配货、提货" in page


def test_some_are_counted_others_come_later(leader: Leader, ordered: MoneyRoom) -> None:
    send(leader, ordered, received_rice="4", billed_rice="6", note_rice="两袋破了")
    assert came(leader, ordered) == {RICE: (4, 6, "两袋破了"), EGGS: (None, None, ""), FISH: (None, None, "")}
    assert "少 2" in leader.get(f"desk/{ordered.round}/goods").text
    send(
        leader,
        ordered,
        received_rice="4",
        billed_rice="6",
        note_rice="两袋破了",
        received_eggs="21",
        arrived="1",
    )
    page = leader.get(f"desk/{ordered.round}/goods").text
    assert "多 1" in page
    assert rounds.load(leader.site.read, ordered.round).stage is Stage.ARRIVED
    journal = leader.site.read.all("room.journal_of_round", round=ordered.round, most=100)
    assert [row["what"] for row in journal].count("goods.received") == 2, "what stayed is not noted again"


def test_a_count_at_the_wrong_item_is_emptied(leader: Leader, ordered: MoneyRoom) -> None:
    before = money.due_of_orders(leader.site.read, ordered.round)
    send(leader, ordered, received_rice="0")
    assert money.due_of_orders(leader.site.read, ordered.round) != before
    send(leader, ordered, received_rice="")
    assert came(leader, ordered)[RICE] == (None, None, "")
    assert money.due_of_orders(leader.site.read, ordered.round) == before


@pytest.mark.parametrize(
    "typed", [{"billed_rice": "3"}, {"note_rice": "?"}, {"received_rice": "-1"}, {"received_rice": "四"}]
)
def test_what_is_wrong_is_said_and_nothing_is_counted(
    leader: Leader, ordered: MoneyRoom, typed: dict[str, str]
) -> None:
    answer = send(leader, ordered, received_eggs="20", **typed)
    assert answer.status_code == 422
    assert f'id="wrong-received-{ordered.items[RICE]}"' in answer.text
    assert 'value="20"' in answer.text
    assert set(came(leader, ordered).values()) == {(None, None, "")}


def test_weights_are_noted_and_one_that_is_off_is_seen(leader: Leader, ordered: MoneyRoom) -> None:
    one, two = (one for one in goods.due(leader.site.read, ordered.round) if one.item == ordered.items[FISH])
    path = f"desk/{ordered.round}/weights"
    assert leader.post(path, {f"grams-{one.want}": "510", f"grams-{two.want}": "1,200"}).status_code == 303
    page = leader.get(f"desk/{ordered.round}/goods").text
    assert page.count("超出允许误差") == 1
    assert 'value="1200"' in page
    wrong = leader.post(path, {f"grams-{one.want}": "half", f"grams-{two.want}": "1100"})
    assert wrong.status_code == 422
    assert 'value="half"' in wrong.text
    assert leader.post(path, {f"grams-{two.want}": ""}).status_code == 303
    assert all(one.grams is None for one in goods.due(leader.site.read, ordered.round))


def test_before_it_is_ordered_nothing_is_counted(leader: Leader) -> None:
    room = room_at(leader.site.room.db)
    assert "disabled" in leader.get(f"desk/{room.round}/goods").text
    assert send(leader, room, received_rice="1").status_code == 409
