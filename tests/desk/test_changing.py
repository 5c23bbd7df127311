"""What of a group order may change while it is open, and what may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from small_orders import refused
from small_rooms import CLOSE_MS, draft, item, of, opened, shirt, terms
from small_rounds import move, order, update, with_item, with_offer, with_tiers

from millpond.community.group import Fee, Tier
from millpond.community.transitions import Stage
from millpond.desk import room, rounds
from millpond.desk.room import PickupPoint
from millpond.desk.rounds import RoundRecord
from millpond.store import Database


def test_a_draft_may_become_anything(db: Database) -> None:
    round = draft(db, item("a"), item("b"))
    dearer = with_offer(round.terms, setup=99_999, capacity=10)
    changed = update(db, round.id, replace(dearer, items=(dearer.items[1], shirt())))
    assert [one.name for one in changed.group.items] == ["b", "校服"]
    assert changed.group.items[0].id == round.group.items[1].id
    assert changed.withdrawn == frozenset()


BETTER = {
    "title and texts": lambda t: replace(t, title="x", about="y", pickup_note="z", maker_contact="w"),
    "a later close": lambda t: replace(t, closes_at_ms=CLOSE_MS + 1),
    "no close by the clock": lambda t: replace(t, closes_at_ms=None),
    "a higher cap": lambda t: replace(t, cap_units=60),
    "no cap": lambda t: replace(t, cap_units=None),
    "one more item": lambda t: replace(t, items=(*t.items, item("c"))),
    "cheaper": lambda t: with_offer(t, tiers=(Tier(from_quantity=5, price=4_400), t.offer.tiers[1])),
    "one more tier": lambda t: with_offer(t, tiers=(*t.offer.tiers, Tier(from_quantity=500, price=1))),
    "more can be made": lambda t: with_offer(t, capacity=6_000),
    "less freight": lambda t: with_offer(t, freight_fixed=0),
    "a lower surcharge": lambda t: with_item(t, surcharge=9),
    "a lower fee": lambda t: replace(t, fee=Fee()),
    "ready sooner": lambda t: with_offer(t, ready_on=date(2026, 12, 1)),
    "a higher price in the shop": lambda t: with_item(t, reference=5_300),
}
WORSE = {
    "an earlier close": (lambda t: replace(t, closes_at_ms=CLOSE_MS - 1), "round.only_later"),
    "a lower cap": (lambda t: replace(t, cap_units=49), "round.only_better"),
    "dearer": (lambda t: with_tiers(t, (10, 4_501), (100, 4_000)), None),
    "a later start": (lambda t: with_tiers(t, (11, 4_500), (100, 4_000)), None),
    "one tier less": (lambda t: with_offer(t, tiers=t.offer.tiers[:1]), None),
    "a dearer tier between": (lambda t: with_tiers(t, (10, 4_500), (50, 4_600), (100, 4_000)), None),
    "less can be made": (lambda t: with_offer(t, capacity=4_999), None),
    "setup": (lambda t: with_offer(t, setup=1), None),
    "more freight": (lambda t: with_offer(t, freight_fixed=10_001), None),
    "freight by load": (lambda t: with_offer(t, freight_per_load=1), None),
    "a surcharge": (lambda t: with_item(t, surcharge=11), None),
    "a fee by unit": (lambda t: replace(t, fee=Fee(per_order=100, per_unit=1)), None),
    "ready later": (lambda t: with_offer(t, ready_on=date(2026, 12, 25)), None),
    "ready who knows when": (lambda t: with_offer(t, ready_on=None), None),
    "less value against the shop": (lambda t: with_item(t, reference=5_199), None),
    "another unit": (lambda t: with_item(t, unit="箱"), "round.item_stays"),
    "another name": (lambda t: with_item(t, name="x"), "round.item_stays"),
    "another family": (lambda t: with_item(t, family="x"), "round.item_stays"),
    "another load": (lambda t: with_item(t, load=2), "round.item_stays"),
    "other cases": (lambda t: with_item(t, case_size=2), "round.item_stays"),
    "another weight": (lambda t: with_item(t, nominal_grams=9), "round.item_stays"),
    "another tolerance": (lambda t: with_item(t, weight_tolerance_percent=11), "round.item_stays"),
    "other options": (lambda t: with_item(t, options=shirt().options), "round.item_stays"),
    "another rule": (lambda t: replace(t, shortage_rule="earliest"), "round.only_better"),
}  # fmt: skip


@pytest.fixture
def ordered(db: Database) -> RoundRecord:
    """Open, and somebody wants the first of two items."""
    ready = replace(terms().offer, ready_on=date(2026, 12, 20))
    round = opened(db, item("a", surcharge=10), item("b"), cap_units=50, offer=ready)
    order(db, round)
    return round


@pytest.mark.parametrize("name", BETTER)
def test_what_hurts_nobody_may_change_while_it_is_open(db: Database, ordered: RoundRecord, name: str) -> None:
    better = BETTER[name](ordered.terms)
    assert better != ordered.terms
    changed = update(db, ordered.id, better).terms
    assert replace(changed, items=()) == replace(better, items=())
    assert changed.items[0] == better.items[0]
    assert len(changed.items) == len(better.items)


@pytest.mark.parametrize("name", WORSE)
def test_what_would_be_worse_for_somebody_is_refused(db: Database, ordered: RoundRecord, name: str) -> None:
    worse, code = WORSE[name]
    with refused(code or "round.only_better"):
        update(db, ordered.id, worse(ordered.terms))
    assert rounds.load(db.read, ordered.id).terms == ordered.terms


def test_what_nobody_wants_goes_and_what_somebody_wants_is_withdrawn(
    db: Database, ordered: RoundRecord
) -> None:
    a, b = ordered.terms.items
    changed = update(db, ordered.id, replace(ordered.terms, items=(item("c"),)))
    assert [one.name for one in changed.offered] == ["c"]
    assert changed.withdrawn == {a.id}
    assert b.id not in {one.id for one in changed.group.items}
    assert rounds.units_of_items(db.read, ordered.id) == {a.id: 2}
    back = update(db, ordered.id, replace(changed.terms, items=(a, *changed.terms.items)))
    assert [one.name for one in back.offered] == ["a", "c"]
    assert of(back.offered, "a") == int(a.id)


def test_a_pickup_point_that_an_order_has_stays(db: Database) -> None:
    first = room.pickup_points(db.read)[0].id
    second = db.write(lambda rows: room.add_pickup_point(rows, PickupPoint(name="东门")))
    round = opened(db, pickup_points=(first, second))
    order(db, round, pickup_point=second)
    assert update(db, round.id, replace(round.terms, pickup_points=(second,))).pickup_points == (second,)
    with refused("round.point_stays"):
        update(db, round.id, replace(round.terms, pickup_points=(first,)))


def test_after_the_close_terms_stay_and_texts_may_change(db: Database, ordered: RoundRecord) -> None:
    move(db, ordered.id, Stage.CLOSED)
    changed = update(db, ordered.id, replace(ordered.terms, about="见群公告", pickup_note="周日"))
    assert (changed.about, changed.pickup_note) == ("见群公告", "周日")
    with refused("round.stays"):
        update(db, ordered.id, with_offer(ordered.terms, freight_fixed=0))
    move(db, ordered.id, Stage.CANCELLED)
    with refused("round.stays"):
        update(db, ordered.id, ordered.terms)
