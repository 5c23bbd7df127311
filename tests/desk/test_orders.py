"""Orders: exactly once, until the close, and never above the cap."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_rooms import CLOSE_MS, START_MS, draft, item, journal, of, opened, shirt, small_room

from millpond.community.transitions import Stage
from millpond.desk import codes, households, orders, people, rounds
from millpond.desk.orders import NewOrder, NewWant, Order, Placed, Source
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.store import Database

NOW = START_MS + 1


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with small_room(tmp_path) as db:
        yield db


def new(round: RoundRecord, *wants: NewWant, **changes: Any) -> NewOrder:
    """Two bags, or these wants, of a new household."""
    given: dict[str, Any] = {"token": "t", "name": "王芳", "phone": "138 1234 5678"}
    first = NewWant(item=int(round.offered[0].id), quantity=2)
    return NewOrder(round=round.id, wants=wants or (first,), **given | changes)


def place(db: Database, order: NewOrder, now_ms: int = NOW, **by: Any) -> Placed:
    return db.write(lambda rows: orders.place(rows, order, now_ms=now_ms, **by))


def change(db: Database, id: int, *wants: NewWant, now_ms: int = NOW, **values: Any) -> Order:
    return db.write(lambda rows: orders.change(rows, id, wants, now_ms=now_ms, **values))


def cancel(db: Database, id: int, now_ms: int = NOW, person: int | None = None) -> None:
    db.write(lambda rows: orders.cancel(rows, id, now_ms=now_ms, person=person))


def refused(code: str, **values: Any) -> Any:
    """Expects this refusal with these values."""

    def is_it(error: Refused) -> bool:
        return error.code == code and {key: error.values[key] for key in values} == values

    return pytest.raises(Refused, check=is_it)


# ---- placing


def test_an_order_is_kept_whole(db: Database) -> None:
    rice, shirts = item("大米", id="a"), shirt()
    round = opened(db, rice, shirts)
    rice_id, shirt_id = of(round.offered, "大米"), of(round.offered, "校服")
    placed = place(
        db,
        new(
            round,
            NewWant(item=rice_id, quantity=3, limit=4_800, more=2, fewer=1, substitute=None),
            NewWant(item=shirt_id, quantity=1, options={"o0": "M", "o1": "小明", "o2": " 95.5 ", "x": "?"}),
            note="放门口",
            address="3 栋 402",
        ),
    )
    order = orders.load(db.read, placed.id)
    assert (order.number, order.name, order.phone) == (1, "王芳", "13812345678")
    assert (order.note, order.source, order.units) == ("放门口", Source.LINK, 4)
    one, other = order.wants
    assert (one.quantity, one.limit, one.more, one.fewer, one.piece) == (3, 4_800, 2, 1, None)
    assert (other.piece, dict(other.options)) == (1, {"o0": "M", "o1": "小明", "o2": "95.5"})
    assert order.pickup_point == round.pickup_points[0]
    assert households.load(db.read, order.household).address == "3 栋 402"
    assert journal(db, round.id)[-1] == "order.placed"
    now = rounds.load(db.read, round.id)
    assert (now.orders, now.units) == (1, 4)


def test_the_journal_names_nobody(db: Database) -> None:
    round = opened(db, shirt())
    placed = place(
        db, new(round, NewWant(item=int(round.offered[0].id), quantity=1, options={"o0": "S", "o1": "绣李"}))
    )
    change(db, placed.id, NewWant(item=int(round.offered[0].id), quantity=2, options={"o0": "M"}), note="私")
    cancel(db, placed.id)
    told = "".join(str(tuple(row)) for row in db.read.all("room.journal_of_round", round=round.id, most=99))
    assert "order.cancelled" in told
    assert not any(
        secret in told for secret in ("王芳", "13812345678", "绣李", "私", placed.link, placed.code)
    )


def test_the_same_word_is_the_same_order(db: Database) -> None:
    round = opened(db)
    first = place(db, new(round))
    again = place(db, new(round))
    other_content = place(db, new(round, NewWant(item=int(round.offered[0].id), quantity=9), name="别人"))
    assert first.is_new
    assert [(one.id, one.is_new) for one in (again, other_content)] == [(first.id, False)] * 2
    assert orders.load(db.read, first.id).units == 2
    assert len(households.search(db.read)) == 1
    after_the_close = place(db, new(round), now_ms=CLOSE_MS)
    assert after_the_close.id == first.id


def test_numbers_and_codes_are_each_ones_own(db: Database) -> None:
    round, other = opened(db), opened(db)
    placed = [place(db, new(round, token=f"t{n}")) for n in range(40)]
    assert [one.number for one in placed] == list(range(1, 41))
    assert len({one.code for one in placed}) == 40
    assert len({one.link for one in placed}) == 40
    assert all(codes.read_code(f" {one.code[:2].lower()} {one.code[2:]}") == one.code for one in placed)
    assert place(db, new(other, token="o")).number == 1


def test_a_typo_in_a_code_is_found() -> None:
    for letters in ("ACDE", "47DE", "XYDE", "GLDE", "9999"):
        code = letters + codes.check_letter(letters)
        assert codes.read_code(code) == code
        for at in range(len(code)):
            for letter in codes.CODE_LETTERS:
                if letter != code[at]:
                    assert codes.read_code(code[:at] + letter + code[at + 1 :]) is None
    assert codes.read_code("") is codes.read_code("AC") is codes.read_code("0O1IB") is None


def test_what_a_household_did_not_say_about_its_limit(db: Database) -> None:
    round = opened(db, item(), item("面粉", reference=None))
    rice, flour = (NewWant(item=int(one.id), quantity=1) for one in round.offered)
    kept = orders.load(db.read, place(db, new(round, rice, flour)).id).wants
    assert kept[0].limit == 5_200, "what it costs in the shop"
    assert kept[1].limit == 4_500 + 10_000 // 10, "what it costs if just enough is wanted"


def test_a_limit_that_is_not_said_is_never_below_the_price(db: Database) -> None:
    offer = replace(draft(db).terms.offer, freight_fixed=10_003)
    round = opened(db, item("面粉", reference=None), offer=offer)
    kept = orders.load(db.read, place(db, new(round)).id).wants
    assert kept[0].limit == 5_501, "5,500.3 rounded up: at 5,500 it would be left out"


@pytest.mark.parametrize(
    ("want", "code", "values"),
    [
        ({"quantity": 0}, "order.quantity", {"item": "大米"}),
        ({"quantity": 100_001}, "order.quantity", {"most": 100_000}),
        ({"fewer": 3}, "order.tolerance", {"most": 2}),
        ({"fewer": -1}, "order.tolerance", {}),
        ({"more": -1}, "order.tolerance", {}),
        ({"limit": -1}, "order.limit", {"item": "大米"}),
        ({"limit": 10**9 + 1}, "order.limit", {"item": "大米"}),
        ({"item": 999}, "order.item_gone", {}),
        ({"substitute": 999}, "order.substitute", {}),
    ],
)
def test_wants_that_cannot_be(db: Database, want: dict[str, Any], code: str, values: dict[str, Any]) -> None:
    round = opened(db)
    given = {"item": int(round.offered[0].id), "quantity": 2} | want
    with refused(code, **values):
        place(db, new(round, NewWant(**given)))
    assert rounds.load(db.read, round.id).orders == 0
    assert households.search(db.read) == ()


def test_a_want_is_no_substitute_for_itself_nor_for_what_is_gone(db: Database) -> None:
    round = opened(db, item("a"), item("b"), item("c"))
    a, b, c = (int(one.id) for one in round.offered)
    place(db, new(round, NewWant(item=c, quantity=1)))
    without_c = replace(round.terms, items=round.terms.items[:2])
    db.write(lambda rows: rounds.update(rows, round.id, without_c, person=None, now_ms=NOW))
    for substitute in (a, c):
        with refused("order.substitute"):
            place(db, new(round, NewWant(item=a, quantity=1, substitute=substitute), token="x"))
    assert place(db, new(round, NewWant(item=a, quantity=1, substitute=b), token="y")).is_new


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, "order.answer_missing"),
        ({"o0": "  "}, "order.answer_missing"),
        ({"o0": "XXL"}, "order.answer_unknown"),
        ({"o0": "M", "o1": "绣" * 201}, "order.answer_long"),
        ({"o0": "M", "o2": "long"}, "order.answer_number"),
        ({"o0": "M", "o2": "9²"}, "order.answer_number"),
        ({"o0": "M", "o2": "."}, "order.answer_number"),
    ],
)
def test_answers_that_cannot_be(db: Database, answers: dict[str, str], code: str) -> None:
    round = opened(db, shirt())
    with refused(code):
        place(db, new(round, NewWant(item=int(round.offered[0].id), quantity=1, options=answers)))


def test_a_decimal_comma_is_a_number_too(db: Database) -> None:
    round = opened(db, shirt())
    want = NewWant(item=int(round.offered[0].id), quantity=1, options={"o0": "M", "o2": "95,5"})
    assert orders.load(db.read, place(db, new(round, want)).id).wants[0].options["o2"] == "95,5"


def test_nothing_and_nobody_is_no_order(db: Database) -> None:
    round = opened(db)
    with refused("order.empty"):
        place(db, replace(new(round), wants=()))
    with refused("order.name_missing"):
        place(db, new(round, name="  "))
    with refused("order.pickup_point"):
        place(db, new(round, pickup_point=77))
    with refused("household.unknown"):
        place(db, new(round, household=77))


# ---- the close


def test_not_one_millisecond_after_the_close(db: Database) -> None:
    round = opened(db)
    place(db, new(round), now_ms=CLOSE_MS - 1)
    with refused("order.closed"):
        place(db, new(round, token="late"), now_ms=CLOSE_MS)
    assert rounds.load(db.read, round.id).orders == 1


def test_before_it_opens_and_after_it_closed_the_leader_may_still_order(db: Database) -> None:
    round = draft(db)
    with refused("order.not_open_yet"):
        place(db, new(round))
    place(db, new(round, token="a", source=Source.LEADER))
    db.write(lambda rows: rounds.move(rows, round.id, Stage.OPEN, person=None, now_ms=NOW))
    db.write(lambda rows: rounds.move(rows, round.id, Stage.CLOSED, person=None, now_ms=NOW))
    with refused("order.closed"):
        place(db, new(round, token="b"))
    assert place(db, new(round, token="c", source=Source.LEADER)).number == 2
    db.write(lambda rows: rounds.move(rows, round.id, Stage.CANCELLED, person=None, now_ms=NOW))
    with refused("order.round_cancelled"):
        place(db, new(round, token="d", source=Source.LEADER))


def test_the_cap_closes_it(db: Database) -> None:
    round = opened(db, cap_units=5)
    rice = int(round.offered[0].id)
    place(db, new(round, NewWant(item=rice, quantity=3), token="a"))
    with refused("order.cap", left=2):
        place(db, new(round, NewWant(item=rice, quantity=3), token="b"))
    place(db, new(round, NewWant(item=rice, quantity=2), token="c"))
    now = rounds.load(db.read, round.id)
    assert (now.stage, now.units) == (Stage.CLOSED, 5)
    with refused("order.closed"):
        place(db, new(round, NewWant(item=rice, quantity=1), token="d"))


def test_a_change_may_fill_the_cap_and_not_pass_it(db: Database) -> None:
    round = opened(db, cap_units=5)
    rice = int(round.offered[0].id)
    id = place(db, new(round, NewWant(item=rice, quantity=3))).id
    with refused("order.cap", left=2):
        change(db, id, NewWant(item=rice, quantity=6))
    assert change(db, id, NewWant(item=rice, quantity=1)).units == 1
    change(db, id, NewWant(item=rice, quantity=5))
    assert rounds.load(db.read, round.id).stage is Stage.CLOSED


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


# ---- all at once


def at_once(work: list[Any]) -> list[Any]:
    """Runs each on a thread of its own, all let go at the same moment; results or refusals, in order."""
    results: list[Any] = [None] * len(work)
    gate = threading.Barrier(len(work))

    def run(n: int) -> None:
        gate.wait()
        try:
            results[n] = work[n]()
        except Refused as error:
            results[n] = error.code

    threads = [threading.Thread(target=run, args=(n,)) for n in range(len(work))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_three_hundred_at_once_none_lost_none_twice(db: Database) -> None:
    """Each sends its order twice, as a phone does that heard no answer."""
    round = opened(db)
    work = [lambda n=n: place(db, new(round, token=f"t{n % 150}", name=f"住户{n % 150}")) for n in range(300)]
    results = at_once(work)
    assert sum(result.is_new for result in results) == 150
    assert all(results[n].id == results[n + 150].id for n in range(150))
    kept = orders.of_round(db.read, round.id)
    assert sorted(order.number for order in kept) == list(range(1, 151))
    assert len(households.search(db.read)) == 150


def test_three_hundred_at_the_cap_and_not_one_unit_more(db: Database) -> None:
    round = opened(db, cap_units=201)
    rice = int(round.offered[0].id)
    work = [
        lambda n=n: place(db, new(round, NewWant(item=rice, quantity=2), token=f"t{n}")) for n in range(300)
    ]
    results = at_once(work)
    assert sum(isinstance(result, Placed) for result in results) == 100
    assert {result for result in results if isinstance(result, str)} == {"order.cap"}
    now = rounds.load(db.read, round.id)
    assert (now.units, now.stage) == (200, Stage.OPEN), "one unit is left"
    place(db, new(round, NewWant(item=rice, quantity=1), token="last"))
    assert rounds.load(db.read, round.id).stage is Stage.CLOSED


def test_three_hundred_while_the_leader_closes(db: Database) -> None:
    """Whoever was told yes stands before the close in the journal; whoever was told no is not kept."""
    round = opened(db)
    work: list[Any] = [lambda n=n: place(db, new(round, token=f"t{n}")) for n in range(300)]
    work.insert(
        150, lambda: db.write(lambda rows: rounds.move(rows, round.id, Stage.CLOSED, person=None, now_ms=NOW))
    )
    results = at_once(work)
    told_yes = {result.id for result in results if isinstance(result, Placed)}
    assert {result for result in results if isinstance(result, str)} <= {"order.closed"}
    assert {order.id for order in orders.of_round(db.read, round.id)} == told_yes
    done = journal(db, round.id)
    assert done.count("order.placed") == len(told_yes)
    assert "order.placed" not in done[done.index("round.closed") :]
