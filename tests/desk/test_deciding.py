"""Deciding: worked out outside, kept in one transaction, taken back without a trace."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from money_rooms import EGGS, FISH, NOW, MoneyRoom, answer, decide, money_room, to_stage
from small_orders import change, new, place, refused
from small_rooms import item, journal, opened

from millpond.api import clear
from millpond.community.group import Fee, Offer, Tier
from millpond.community.transitions import Stage
from millpond.desk import deciding, orders, people, rounds
from millpond.desk.orders import NewWant
from millpond.desk.rounds import RoundRecord
from millpond.model import read_clearing, read_round
from millpond.store import Database, Rows
from millpond.verify import verifier

TABLES = ("decisions", "allocations", "bills", "leftovers")


@pytest.fixture
def room(db: Database) -> MoneyRoom:
    return money_room(db)


def owner(db: Database) -> int:
    """Who may change orders after the close."""
    return db.write(lambda rows: people.create_owner(rows, "王姐", passphrase_hash="", now_ms=1).id)


def keep(rows: Rows, found: deciding.Answer) -> None:
    deciding.keep(rows, found, person=None, now_ms=NOW + 5)


def count(db: Database) -> dict[str, int]:
    return {
        table: db.read._connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES
    }


def test_what_is_open_cannot_be_decided(db: Database) -> None:
    round = opened(db)
    with refused("round.not_closed"):
        deciding.gather(db.read, round.id)
    with refused("round.unknown"):
        deciding.gather(db.read, 99)


def test_the_files_that_are_kept_prove_what_was_decided(db: Database, room: MoneyRoom) -> None:
    found = answer(db.read, room)
    db.write(lambda rows: keep(rows, found))
    kept = deciding.kept(db.read, room.round)
    assert kept is not None
    assert kept.decided_ms == NOW + 5
    checks = verifier.verify(kept.round_file, kept.clearing_file, ("round", "clearing"))
    assert all(check.ok for check in checks)
    assert kept.verified == verifier.report(checks)
    round, clearing = read_round(kept.round_file), read_clearing(kept.clearing_file)
    awarded: dict[str, int] = {}
    for award in clearing.awards:
        awarded[award.item] = awarded.get(award.item, 0) + award.quantity
    of_items = {str(id): 0 for id in room.items.values()}
    for one in deciding.given(db.read, room.round):
        of_items[str(one.item)] += one.quantity
    for id, units in deciding.leftovers(db.read, room.round).items():
        of_items[str(id)] += units
    assert awarded == {id: units for id, units in of_items.items() if units}
    assert sum(line.quantity for line in round.demand) == sum(awarded.values())
    for secret in (*room.orders, "139000"):
        assert secret.encode() not in kept.round_file + kept.clearing_file


def test_bills_come_to_what_the_maker_gets_and_fees_stand_beside(db: Database, room: MoneyRoom) -> None:
    decide(db, room)
    bills, given = deciding.bills(db.read, room.round), deciding.given(db.read, room.round)
    left = db.read._connection.execute("SELECT sum(amount), sum(quantity) FROM leftovers").fetchone()
    made = sum(one.quantity for one in given) + left[1]
    fish = next(one for one in given if one.item == room.items[FISH])
    surcharges = 700 * sum(one.quantity for one in given if one.item == fish.item)
    carried = sum(one.quantity for one in given if one.item != room.items[EGGS])
    to_maker = 1_001 + 200 * made + surcharges + 700 + 10 * carried
    assert sum(bill.goods for bill in bills.values()) + left[0] == to_maker
    for id, bill in bills.items():
        own = [one for one in given if one.order == id]
        assert (bill.units, bill.goods) == (sum(o.quantity for o in own), sum(o.amount for o in own))
        assert bill.fee == 100 + 5 * bill.units
        assert bill.total == bill.goods + bill.fee
    for one in given:
        assert one.price is not None
        assert one.price <= one.limit
        assert abs(one.amount - one.price * one.quantity) < 1


def test_a_case_that_does_not_come_out_even_is_filled_by_the_leader(db: Database, room: MoneyRoom) -> None:
    decide(db, room, leftover=5)
    assert deciding.leftovers(db.read, room.round) == {room.items[EGGS]: 2}
    kept = deciding.kept(db.read, room.round)
    assert kept is not None
    assert [one["item"] for one in kept.cases] == [str(room.items[EGGS])]


def test_nothing_is_kept_if_a_want_changed_meanwhile(db: Database, room: MoneyRoom) -> None:
    found, before = answer(db.read, room), count(db)
    want = orders.load(db.read, room.orders["王芳"]).wants[0]
    more = NewWant(item=want.item, quantity=want.quantity + 1, id=want.id)
    change(db, room.orders["王芳"], more, person=owner(db))
    with refused("decide.changed"):
        db.write(lambda rows: keep(rows, found))
    assert count(db) == before
    assert rounds.load(db.read, room.round).stage is Stage.CLOSED
    assert "round.decided" not in journal(db, room.round)


def test_nothing_is_kept_if_the_terms_changed_meanwhile(db: Database, room: MoneyRoom) -> None:
    found = answer(db.read, room)
    db.write(lambda rows: rows.run("rounds.forget_tiers", round=room.round))
    db.write(lambda rows: rows.run("rounds.add_tier", round=room.round, from_quantity=5, price=199))
    with refused("decide.changed"):
        db.write(lambda rows: keep(rows, found))
    assert count(db) == dict.fromkeys(TABLES, 0)


def test_it_is_decided_once(db: Database, room: MoneyRoom) -> None:
    found = answer(db.read, room)
    db.write(lambda rows: keep(rows, found))
    before = count(db)
    with refused("round.not_closed"):
        db.write(lambda rows: keep(rows, found))
    assert count(db) == before


def test_what_the_verifier_refuses_is_never_worked_out(db: Database, room: MoneyRoom) -> None:
    def cheats(round: Any) -> Any:
        right = clear(round, seconds=10)
        return replace(right, score=right.score + 1)

    with pytest.raises(RuntimeError, match="not valid"):
        deciding.work_out(deciding.gather(db.read, room.round), cheats)
    assert deciding.kept(db.read, room.round) is None


def test_taking_back_leaves_it_as_it_was(db: Database, room: MoneyRoom) -> None:
    before = deciding.gather(db.read, room.round)
    decide(db, room)
    db.write(lambda rows: deciding.take_back(rows, room.round, person=None, now_ms=NOW))
    assert count(db) == dict.fromkeys(TABLES, 0)
    assert deciding.kept(db.read, room.round) is None
    assert deciding.gather(db.read, room.round) == before
    assert rounds.load(db.read, room.round).decided_ms is None
    decide(db, room)
    assert deciding.kept(db.read, room.round) is not None
    decisions = [what for what in journal(db, room.round) if "decided" in what]
    assert decisions == ["round.decided", "round.undecided", "round.decided"]


@pytest.mark.parametrize("stages", [(), (Stage.ORDERED,), (Stage.ORDERED, Stage.ARRIVED)])
def test_it_is_taken_back_only_before_it_went_to_the_maker(
    db: Database, room: MoneyRoom, stages: tuple[Stage, ...]
) -> None:
    if stages:
        decide(db, room)
        to_stage(db, room, *stages)
    before = count(db)
    with refused("decide.too_late"):
        db.write(lambda rows: deciding.take_back(rows, room.round, person=None, now_ms=NOW))
    assert count(db) == before


def closed_with(db: Database, quantities: list[tuple[int, int]], **changes: Any) -> RoundRecord:
    """A closed group order of one item, with a want of (quantity, limit) for each household."""
    round = opened(db, item(), closes_at_ms=None, **changes)
    only = int(round.offered[0].id)
    for n, (quantity, limit) in enumerate(quantities):
        want = NewWant(item=only, quantity=quantity, limit=limit)
        place(db, new(round, want, name=f"h{n}", token=f"t{round.id}-{n}", phone=""))
    db.write(lambda rows: rounds.move(rows, round.id, Stage.CLOSED, person=None, now_ms=NOW))
    return rounds.load(db.read, round.id)


def work_out(db: Database, round: RoundRecord) -> deciding.Answer:
    return deciding.work_out(deciding.gather(db.read, round.id), lambda one: clear(one, seconds=10))


def test_if_there_are_too_few_nobody_gets_anything_and_nothing_is_billed(db: Database) -> None:
    round = closed_with(db, [(3, 5_200), (4, 5_200)])
    db.write(lambda rows: keep(rows, work_out(db, round)))
    assert [(one.item, one.quantity, one.amount, one.price) for one in deciding.given(db.read, round.id)] == [
        (None, 0, 0, None),
        (None, 0, 0, None),
    ]
    assert {(bill.goods, bill.fee) for bill in deciding.bills(db.read, round.id).values()} <= {(0, 0)}


QUANTITIES = st.lists(
    st.tuples(st.integers(1, 30), st.sampled_from([3_000, 4_400, 5_200])), min_size=1, max_size=8
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quantities=QUANTITIES, capacity=st.integers(10, 60))
def test_whatever_is_wanted_sums_and_limits_hold(
    db: Database, quantities: list[tuple[int, int]], capacity: int
) -> None:
    offer = Offer(
        maker="永泰米厂",
        tiers=(Tier(from_quantity=10, price=4_000), Tier(from_quantity=40, price=2_900)),
        capacity=capacity,
        freight_fixed=1_001,
    )
    round = closed_with(db, quantities, offer=offer, fee=Fee(per_order=7))
    db.write(lambda rows: keep(rows, work_out(db, round)))
    given = deciding.given(db.read, round.id)
    units = sum(one.quantity for one in given)
    assert units == 0 or 10 <= units <= capacity
    tier = 2_900 if units >= 40 else 4_000
    assert sum(one.amount for one in given) == (tier * units + 1_001 if units else 0)
    assert len({one.price for one in given if one.quantity}) <= 1
    for one in given:
        assert 0 <= one.quantity <= one.wanted
        assert (one.item is None) == (one.quantity == 0)
        assert (one.price is not None and one.price <= one.limit) or not one.quantity
        assert one.quantity == one.wanted or one.reason
    bills = deciding.bills(db.read, round.id)
    assert sum(bill.goods for bill in bills.values()) == sum(one.amount for one in given)
    assert sum(bill.fee for bill in bills.values()) == 7 * sum(bill.units > 0 for bill in bills.values())
