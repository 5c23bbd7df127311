"""Orders that are there: changed, cancelled, merged, found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_orders import NOW, cancel, change, new, place, refused
from small_rooms import CLOSE_MS, item, opened, shirt

from millpond.desk import orders, people, rounds
from millpond.desk.orders import NewWant, Source
from millpond.store import Database

# ---- changing, cancelling


def test_a_changed_want_keeps_its_piece_and_a_new_one_gets_another(db: Database) -> None:
    round = opened(db, shirt())
    id = int(round.offered[0].id)
    order = place(db, new(round, *(NewWant(item=id, quantity=1, options={"o0": size}) for size in "SM")))
    small, medium = orders.load(db.read, order.id).wants
    assert (small.piece, medium.piece) == (1, 2)
    kept = NewWant(item=id, quantity=2, options={"o0": "L"}, id=medium.id)
    added = NewWant(item=id, quantity=1, options={"o0": "S"})
    wants = change(db, order.id, kept, added, note="改了").wants
    assert [(one.piece, one.quantity, one.options["o0"]) for one in wants] == [(2, 2, "L"), (3, 1, "S")]
    assert orders.load(db.read, order.id).note == "改了"


def test_a_want_of_another_order_is_not_taken_along(db: Database) -> None:
    round = opened(db)
    mine, other = place(db, new(round)), place(db, new(round, token="o"))
    theirs = orders.load(db.read, other.id).wants[0]
    change(db, mine.id, NewWant(item=theirs.item, quantity=7, id=theirs.id))
    assert orders.load(db.read, other.id).wants == (theirs,)
    assert orders.load(db.read, mine.id).units == 7


def test_what_is_withdrawn_stays_in_an_order_that_has_it(db: Database) -> None:
    round = opened(db, item("a"), item("b"))
    a, b = (int(one.id) for one in round.offered)
    id = place(db, new(round, NewWant(item=a, quantity=1), NewWant(item=b, quantity=1))).id
    only_b = replace(round.terms, items=round.terms.items[1:])
    db.write(lambda rows: rounds.update(rows, round.id, only_b, person=None, now_ms=NOW))
    assert change(db, id, NewWant(item=a, quantity=2), NewWant(item=b, quantity=1)).units == 3
    with refused("order.item_gone", item="a"):
        place(db, new(round, NewWant(item=a, quantity=1), token="x"))


def test_cancelled_until_the_close_by_the_household_and_until_decided_by_the_leader(db: Database) -> None:
    round = opened(db)
    first, second = place(db, new(round)), place(db, new(round, token="b"))
    cancel(db, first.id, now_ms=CLOSE_MS - 1)
    with refused("order.cancelled"):
        cancel(db, first.id)
    with refused("order.cancelled"):
        change(db, first.id, NewWant(item=int(round.offered[0].id), quantity=1))
    with refused("order.closed"):
        cancel(db, second.id, now_ms=CLOSE_MS)
    assert rounds.load(db.read, round.id).orders == 1
    person = db.write(lambda rows: people.create_owner(rows, "Li", passphrase_hash="h", now_ms=NOW)).id
    cancel(db, second.id, now_ms=CLOSE_MS, person=person)
    assert rounds.load(db.read, round.id).orders == 0


# ---- merging


def test_merged_orders_are_one(db: Database) -> None:
    round = opened(db, item("a"), shirt())
    a, s = (int(one.id) for one in round.offered)
    size = {"o0": "M"}
    one = place(
        db,
        new(round, NewWant(item=a, quantity=2, more=1), NewWant(item=s, quantity=1, options=size), note="早"),
    )
    other = place(
        db,
        new(
            round,
            NewWant(item=a, quantity=3, fewer=1),
            NewWant(item=a, quantity=4, limit=9),
            NewWant(item=a, quantity=5),
            NewWant(item=s, quantity=1, options=size),
            token="b",
            note="晚",
        ),
    )
    merged = db.write(lambda rows: orders.merge(rows, one.id, other.id, person=None, now_ms=NOW))
    found = sorted((want.item, want.limit, want.quantity, want.more, want.fewer) for want in merged.wants)
    assert found == [(a, 9, 4, 0, 0), (a, 5_200, 10, 1, 1), (s, 5_200, 1, 0, 0), (s, 5_200, 1, 0, 0)]
    assert sorted(want.piece for want in merged.wants if want.piece) == [1, 2], "two shirts are two pieces"
    assert merged.note == "早 · 晚"
    gone = orders.load(db.read, other.id)
    assert (gone.merged_into, gone.wants) == (one.id, ())
    assert [order.id for order in orders.of_round(db.read, round.id)] == [one.id]
    for code, pair in {"order.same": (one.id, one.id), "order.cancelled": (one.id, other.id)}.items():
        with refused(code):
            db.write(lambda rows, pair=pair: orders.merge(rows, *pair, person=None, now_ms=NOW))


def test_orders_that_together_want_more_than_a_want_can_are_not_merged(db: Database) -> None:
    round = opened(db)
    rice = int(round.offered[0].id)
    one, other = (place(db, new(round, NewWant(item=rice, quantity=60_000), token=t)).id for t in "ab")
    with refused("order.quantity"):
        db.write(lambda rows: orders.merge(rows, one, other, person=None, now_ms=NOW))
    assert [order.units for order in orders.of_round(db.read, round.id)] == [60_000, 60_000]


def test_orders_of_two_group_orders_are_not_merged(db: Database) -> None:
    one, other = place(db, new(opened(db))), place(db, new(opened(db), token="b"))
    with refused("order.other_round"):
        db.write(lambda rows: orders.merge(rows, one.id, other.id, person=None, now_ms=NOW))


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["place", "change", "cancel", "merge"]),
        st.integers(0, 5),
        st.integers(0, 5),
        st.lists(
            st.tuples(st.integers(0, 2), st.integers(1, 4), st.sampled_from([None, 50])),
            min_size=1,
            max_size=4,
        ),
    ),
    max_size=14,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_units_are_what_was_placed_and_not_taken_back(db: Database, deeds: list[Any]) -> None:
    """Against plain counting, whatever is placed, changed, cancelled and merged."""
    round = opened(db, item("a"), item("b"), shirt(options=()))
    ids = [int(one.id) for one in round.offered]
    live: dict[int, dict[int, int]] = {}
    for n, (deed, at, with_, wanted) in enumerate(deeds):
        wants = [NewWant(item=ids[i], quantity=q, limit=limit) for i, q, limit in wanted]
        count = {i: sum(want.quantity for want in wants if want.item == i) for i in ids}
        known = sorted(live)
        if deed == "place":
            live[place(db, new(round, *wants, token=f"{round.id}-{n}")).id] = count
        elif known:
            one, other = known[at % len(known)], known[with_ % len(known)]
            if deed == "change":
                change(db, one, *wants)
                live[one] = count
            elif deed == "cancel":
                cancel(db, one)
                del live[one]
            elif one != other:
                db.write(lambda rows, a=one, b=other: orders.merge(rows, a, b, person=None, now_ms=NOW))
                gone = live.pop(other)
                live[one] = {i: live[one][i] + gone[i] for i in ids}
        now = rounds.load(db.read, round.id)
        assert (now.orders, now.units) == (len(live), sum(sum(count.values()) for count in live.values()))
        by_item = rounds.units_of_items(db.read, round.id)
        assert {i: by_item.get(str(i), 0) for i in ids} == {i: sum(c[i] for c in live.values()) for i in ids}


# ---- finding


def test_found_by_name_phone_code_and_number(db: Database) -> None:
    round = opened(db)
    wang = place(db, new(round))
    li = place(db, new(round, token="b", name="Li Na", phone="+49 170 99", source=Source.LEADER))

    def found(text: str = "", **values: Any) -> list[int]:
        return [order.id for order in orders.search(db.read, round.id, text, **values)]

    assert found() == [wang.id, li.id]
    assert found("王") == found("5678") == found(wang.code.lower()) == [wang.id]
    assert found("li na") == found("17099") == [li.id]
    assert found(source="leader") == [li.id]
    assert found("' OR 1=1 --") == found("%") == []
    assert found(point=round.pickup_points[0]) == [wang.id, li.id]
    assert [one.id for one in orders.of_household(db.read, round.id, li.household)] == [li.id]
