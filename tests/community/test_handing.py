"""Check-off: two offline phones become one truth, whatever is heard first."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.community.handing import Flag, HandOut, Trouble, fold, merge
from millpond.errors import InputError

DUE = {"o1": {"a": 3, "b": 2}, "o2": {"c": 1}, "o3": {"d": 0}}


def event(id: str, order: str = "o1", at_ms: int = 0, **more: Any) -> HandOut:
    return HandOut(event_id=id, order=order, at_ms=at_ms, **more)


@st.composite
def logs(draw: st.DrawFn) -> list[HandOut]:
    """Events of one phone; few ids and times, so that phones clash."""
    ids = st.sampled_from([f"e{n}" for n in range(8)])
    return draw(
        st.lists(
            st.builds(
                HandOut,
                event_id=ids,
                order=st.sampled_from(["o1", "o2", "o3", "o4"]),
                want=st.sampled_from(["a", "b", "c", "d", None]),
                quantity=st.integers(1, 4),
                by=st.sampled_from(["Li", "Chen"]),
                device=st.sampled_from(["phone 1", "phone 2"]),
                at_ms=st.integers(0, 3),
                undoes=st.none() | ids,
            ),
            max_size=8,
        )
    )


@given(logs(), logs(), st.randoms())
def test_what_was_heard_first_and_how_often_makes_no_difference(
    one: list[HandOut], other: list[HandOut], random: Any
) -> None:
    told = fold(merge(one, other), DUE)
    assert fold(merge(other, one), DUE) == told
    assert fold(merge(merge(one, other), one, other), DUE) == told
    mixed = [*one, *other, *one]
    random.shuffle(mixed)
    assert fold(mixed, DUE) == told


@given(logs(), logs())
def test_nothing_is_handed_out_twice(one: list[HandOut], other: list[HandOut]) -> None:
    found = fold(merge(one, other), DUE)
    assert {order: set(wants) for order, wants in found.units.items()} == {o: set(w) for o, w in DUE.items()}
    for order, wants in DUE.items():
        assert all(0 <= found.units[order][want] <= units for want, units in wants.items())
        assert found.open_units(order) == sum(wants.values()) - sum(found.units[order].values())
    assert sum(found.counted.values()) == sum(sum(wants.values()) for wants in found.units.values())


@given(logs(), logs())
def test_what_does_not_count_in_full_is_flagged(one: list[HandOut], other: list[HandOut]) -> None:
    events = merge(one, other)
    found = fold(events, DUE)
    flagged = {flag.event_id: flag for flag in found.flags}
    for said in events:
        if said.event_id not in found.counted or flagged.get(said.event_id):
            continue  # an undo, undone, or flagged already
        counts = found.counted[said.event_id]
        assert counts > 0
        assert said.want is None or counts == said.quantity
    for flag in found.flags:
        if flag.trouble is Trouble.TWICE and flag.said:
            assert flag.counted == 0
            assert flag.before
            assert flag.event_id not in flag.before


@given(logs())
def test_a_phone_alone_in_order_is_read_as_it_was_noted(log: list[HandOut]) -> None:
    """Against the plain way: one hand-out after another, undone ones left out before."""
    ids = [one.event_id for one in log]
    if len(set(ids)) < len(ids):
        return
    by_id = {one.event_id: one for one in log}
    gone = {
        one.undoes
        for one in log
        if one.undoes in by_id and by_id[one.undoes].undoes is None and by_id[one.undoes].order == one.order
    }
    left = {(order, want): units for order, wants in DUE.items() for want, units in wants.items()}
    for one in sorted(log, key=lambda each: (each.at_ms, each.event_id)):
        if one.undoes is not None or one.event_id in gone:
            continue
        for order, want in left:
            if order == one.order and one.want in (None, want):
                taken = left[order, want] if one.want is None else min(left[order, want], one.quantity)
                left[order, want] -= taken
    found = fold(log, DUE)
    assert {(o, w): units for o, wants in found.units.items() for w, units in wants.items()} == {
        (order, want): units - left[order, want]
        for order, wants in DUE.items()
        for want, units in wants.items()
    }


def test_two_helpers_hand_out_the_same_order() -> None:
    first, second = event("z", at_ms=10, device="phone 1"), event("a", at_ms=20, device="phone 2")
    found = fold([second, first], DUE)
    assert found.units["o1"] == {"a": 3, "b": 2}
    assert found.counted == {"z": 5, "a": 0}
    assert found.flags == (Flag(event_id="a", trouble=Trouble.TWICE, said=5, counted=0, before=("z",)),)
    assert found.is_complete("o1")
    assert not found.is_complete("o2")
    assert not found.is_complete("o3"), "nothing was due"


def test_at_the_same_moment_the_smaller_id_counts() -> None:
    found = fold([event("b", at_ms=5), event("a", at_ms=5)], DUE)
    assert found.counted == {"a": 5, "b": 0}


def test_part_first_then_the_rest_is_nothing_to_look_at() -> None:
    found = fold([event("1", want="a", quantity=2, at_ms=1), event("2", at_ms=2)], DUE)
    assert (found.counted, found.flags) == ({"1": 2, "2": 3}, ())


def test_more_than_is_due_counts_for_what_is_due() -> None:
    found = fold([event("1", want="a", quantity=2, at_ms=1), event("2", want="a", quantity=2, at_ms=2)], DUE)
    assert found.flags == (Flag(event_id="2", trouble=Trouble.TOO_MUCH, said=2, counted=1, before=("1",)),)


def test_an_undo_works_before_and_after_what_it_undoes_is_heard() -> None:
    undo = event("u", at_ms=1, undoes="z")
    assert fold([undo], DUE).waiting == ("u",)
    found = fold([undo, event("z", at_ms=10), event("later", at_ms=20)], DUE)
    assert (found.undone, found.waiting) == (frozenset({"z"}), ())
    assert (found.counted, found.flags) == ({"later": 5}, ())


@pytest.mark.parametrize(
    ("events", "trouble"),
    [
        ([event("x", order="o9")], Trouble.NOT_DUE),
        ([event("x", want="zz", quantity=1)], Trouble.NOT_DUE),
        ([event("x", order="o3")], Trouble.NOT_DUE),
        ([event("a"), event("b", undoes="a"), event("x", undoes="b")], Trouble.UNDOES_AN_UNDO),
        ([event("a"), event("x", order="o2", undoes="a")], Trouble.UNDOES_ANOTHER_ORDER),
        ([event("x"), event("x", at_ms=9)], Trouble.SAME_ID),
    ],
)
def test_what_looks_wrong_is_flagged(events: list[HandOut], trouble: Trouble) -> None:
    assert [(flag.event_id, flag.trouble) for flag in fold(events, DUE).flags] == [("x", trouble)]


def test_an_event_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="quantity"):
        event("1", want="a")
