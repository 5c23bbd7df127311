"""Group orders: their stages, what may change when, the next one of a recurring one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from small_orders import NOW, refused
from small_rooms import CLOSE_MS, DAY_MS, draft, item, journal, opened, shirt, small_room, terms
from small_rounds import close, move, order, update, with_offer, with_tiers

from millpond.community.group import Fee, Offer, Tier
from millpond.community.transitions import Stage
from millpond.desk import room, rounds
from millpond.desk.rounds import Terms
from millpond.errors import InputError
from millpond.store import Database

# ---- kept as it was typed


def test_everything_that_was_typed_is_kept(db: Database) -> None:
    point = room.pickup_points(db.read)[0].id
    typed = Terms(
        title="校服",
        about="两年没涨价\n面料更好了",
        items=(
            item("a", id="new-0", variant="红", surcharge=30, load=3, reference=None, case_size=6),
            shirt(id="new-1", nominal_grams=350, weight_tolerance_percent=4),
        ),
        offer=Offer(
            maker="厂",
            tiers=(Tier(from_quantity=5, price=900), Tier(from_quantity=50, price=800)),
            capacity=400,
            setup=7_000,
            freight_fixed=300,
            freight_per_load=20,
            ready_on=date(2026, 12, 20),
        ),
        fee=Fee(per_order=100, per_unit=5),
        maker_contact="0591",
        pickup_note="周六上午",
        closes_at_ms=CLOSE_MS,
        cap_units=300,
        pickup_points=(point,),
        repeats_every_days=7,
        shortage_rule="earliest",
    )
    id = db.write(lambda rows: rounds.create(rows, typed, person=None, now_ms=NOW))
    kept = rounds.load(db.read, id)
    ids = [one.id for one in kept.terms.items]
    assert kept.terms == replace(
        typed, items=tuple(replace(one, id=id) for one, id in zip(typed.items, ids, strict=True))
    )
    assert kept.group.items == kept.terms.items
    assert (kept.stage, kept.currency, kept.orders, kept.units) == (Stage.DRAFT, "CNY", 0, 0)
    assert update(db, id, kept.terms).terms == kept.terms, "saved again as it is"


@pytest.mark.parametrize(
    ("wrong", "at"),
    [
        (lambda t: replace(t, title=" "), "title"),
        (lambda t: replace(t, about="x" * 5_001), "about"),
        (lambda t: replace(t, cap_units=0), "cap_units"),
        (lambda t: replace(t, repeats_every_days=0), "repeats_every_days"),
        (lambda t: replace(t, fee=Fee(per_order=-1)), "fee_per_order"),
        (lambda t: replace(t, fee=Fee(per_unit=10**12 + 1)), "fee_per_unit"),
        (lambda t: with_offer(t, capacity=0), "capacity"),
        (lambda t: with_offer(t, setup=-1), "setup"),
        (lambda t: with_offer(t, freight_fixed=10**13), "freight_fixed"),
        (lambda t: with_tiers(t, (10, 1), (10, 2)), "tiers"),
        (lambda t: replace(t, items=(item("a"), item("a", id="new-2"))), "items[1]"),
        (lambda t: replace(t, items=(item("a"), item("b", family="a", load=2))), "items[1].load"),
    ],
)
def test_terms_that_could_never_be_decided(db: Database, wrong: Any, at: str) -> None:
    round = draft(db)
    with pytest.raises(InputError, check=lambda error: error.at == at):
        update(db, round.id, wrong(terms()))
    assert rounds.load(db.read, round.id) == round


def test_the_link_cannot_be_guessed_and_has_no_letters_that_look_alike(db: Database) -> None:
    codes = {draft(db).code for _ in range(30)}
    assert len(codes) == 30
    assert all(len(code) >= 10 and not set(code) & set("01ilo") for code in codes)
    code = codes.pop()
    found = rounds.by_code(db.read, code)
    assert found is not None
    assert found.code == code
    assert rounds.by_code(db.read, code[:-1]) is None
    again = rounds.by_code(db.read, f" {code.upper()} ")
    assert again is not None, "typed off a poster"
    assert again.code == code


def test_listed_the_newest_first(db: Database) -> None:
    ids = [draft(db).id for _ in range(3)]
    assert [one.id for one in rounds.listed(db.read)] == ids[::-1]
    assert [one.id for one in rounds.listed(db.read, most=1)] == ids[-1:]


def test_there_is_no_such_group_order(db: Database) -> None:
    with refused("round.unknown"):
        rounds.load(db.read, 99)


# ---- stages


def test_the_usual_way(db: Database) -> None:
    round = draft(db)
    with refused("round.cannot_move"):
        move(db, round.id, Stage.ORDERED)
    assert move(db, round.id, Stage.OPEN).opened_ms == NOW
    assert move(db, round.id, Stage.CLOSED).closed_ms == NOW
    with refused("round.cannot_move"):
        move(db, round.id, Stage.DECIDED)  # by deciding alone
    reopened = move(db, round.id, Stage.OPEN, now_ms=NOW + 5)
    assert (reopened.stage, reopened.opened_ms, reopened.closed_ms) == (Stage.OPEN, NOW, None)
    assert move(db, round.id, Stage.CANCELLED, now_ms=NOW + 9).done_ms == NOW + 9
    assert journal(db, round.id) == [
        "round.created", "round.open", "round.closed", "round.open", "round.cancelled",
    ]  # fmt: skip


def test_it_does_not_open_with_nothing_to_order_or_a_close_that_passed(db: Database) -> None:
    with refused("round.close_passed"):
        move(db, draft(db).id, Stage.OPEN, now_ms=CLOSE_MS)
    empty = draft(db)
    update(db, empty.id, replace(empty.terms, items=()))
    with refused("round.items_missing"):
        move(db, empty.id, Stage.OPEN)


def test_it_does_not_open_again_when_its_cap_is_reached(db: Database) -> None:
    round = opened(db, cap_units=2)
    order(db, round)
    assert rounds.load(db.read, round.id).stage is Stage.CLOSED
    with refused("round.cap_reached"):
        move(db, round.id, Stage.OPEN)


def test_closed_by_the_clock_at_its_time_and_not_before(db: Database) -> None:
    round = opened(db)
    assert not close(db, round.id, CLOSE_MS - 1)
    assert rounds.load(db.read, round.id).takes_orders(CLOSE_MS - 1)
    assert not rounds.load(db.read, round.id).takes_orders(CLOSE_MS)
    assert close(db, round.id, CLOSE_MS + 7)
    assert not close(db, round.id, CLOSE_MS + 8)
    assert rounds.load(db.read, round.id).closed_ms == CLOSE_MS + 7


def test_all_that_are_due_are_closed(db: Database) -> None:
    due, later, by_hand = opened(db), opened(db, closes_at_ms=CLOSE_MS + 1), opened(db, closes_at_ms=None)
    assert db.write(lambda rows: rounds.close_due(rows, now_ms=CLOSE_MS)) == 1
    stages = [rounds.load(db.read, one.id).stage for one in (due, later, by_hand)]
    assert stages == [Stage.CLOSED, Stage.OPEN, Stage.OPEN]


def test_the_close_is_put_off(db: Database) -> None:
    round = opened(db)

    def put_off(to_ms: int | None) -> None:
        db.write(lambda rows: rounds.put_off(rows, round.id, to_ms, person=None, now_ms=NOW))

    with refused("round.only_later"):
        put_off(CLOSE_MS - 1)
    put_off(CLOSE_MS + DAY_MS)
    assert not close(db, round.id, CLOSE_MS)
    put_off(None)
    with refused("round.close_passed"):
        put_off(NOW)
    put_off(NOW + 1)  # who was told "by hand" was told no time


# ---- again


def test_a_copy_is_a_draft_of_the_same_without_orders_and_close(db: Database) -> None:
    ordered = opened(db, item("a"), item("b"))
    order(db, ordered)
    update(db, ordered.id, replace(ordered.terms, items=ordered.terms.items[1:]))
    id = db.write(lambda rows: rounds.copy(rows, ordered.id, person=None, now_ms=NOW))
    copy, old = rounds.load(db.read, id), rounds.load(db.read, ordered.id)
    assert (copy.stage, copy.copied_from, copy.orders, copy.closes_at_ms) == (
        Stage.DRAFT,
        ordered.id,
        0,
        None,
    )
    assert [one.name for one in copy.group.items] == ["b"], "what was withdrawn is not offered again"
    assert copy.code != old.code
    assert copy.terms.offer.tiers == old.terms.offer.tiers
    assert copy.terms.offer.ready_on is None


def test_the_next_one_is_made_once_however_often_it_is_closed(db: Database) -> None:
    round = opened(db, repeats_every_days=7)
    assert close(db, round.id, CLOSE_MS)
    later_ms = CLOSE_MS + DAY_MS
    db.write(lambda rows: rounds.put_off(rows, round.id, later_ms, person=None, now_ms=CLOSE_MS))
    move(db, round.id, Stage.OPEN, Stage.CLOSED, now_ms=CLOSE_MS + 1)
    nexts = [one for one in rounds.listed(db.read) if one.copied_from == round.id]
    assert [(one.stage, one.closes_at_ms) for one in nexts] == [(Stage.DRAFT, CLOSE_MS + 7 * DAY_MS)]
    assert nexts[0].terms.repeats_every_days == 7


def test_the_next_close_is_ahead_and_at_the_same_hour_of_the_clock_on_the_wall(tmp_path: Path) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    close_ms = (
        int(datetime(2027, 3, 26, 20, 0, tzinfo=berlin).timestamp()) * 1_000
    )  # summer time two days later
    with small_room(tmp_path, time_zone="Europe/Berlin") as db:
        round = opened(db, closes_at_ms=close_ms, repeats_every_days=7)
        close(db, round.id, close_ms + 8 * DAY_MS)  # the node was off
        (following,) = (one for one in rounds.listed(db.read) if one.copied_from == round.id)
    assert following.closes_at_ms is not None
    assert datetime.fromtimestamp(following.closes_at_ms / 1_000, berlin) == datetime(
        2027, 4, 9, 20, 0, tzinfo=berlin
    )


def test_pictures_go_along_with_a_copy(db: Database) -> None:
    round = draft(db, item("a"), item("b"))
    id = "0" * 64
    db.write(
        lambda rows: rows.run(
            "room.add_picture", id=id, page=b"p", print=b"q", width=1, height=1, created_ms=1
        )
    )
    db.write(lambda rows: rounds.set_picture(rows, round.id, id))
    db.write(lambda rows: rounds.set_item_picture(rows, round.id, int(round.group.items[1].id), id))
    copied = db.write(lambda rows: rounds.copy(rows, round.id, person=None, now_ms=NOW))
    copy = rounds.load(db.read, copied)
    assert (copy.picture, dict(copy.item_pictures)) == (id, {copy.group.items[1].id: id})
