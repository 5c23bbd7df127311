"""Whole cases: the fair rule, against every allocation tried one by one."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.community import packs
from millpond.community.packs import Flex, fit_cases


@st.composite
def flexes(draw: st.DrawFn) -> list[Flex]:
    found = []
    for n in range(draw(st.integers(0, 5))):
        units = draw(st.integers(1, 7))
        found.append(Flex(f"w{n}", units, draw(st.integers(0, 3)), draw(st.integers(0, min(3, units)))))
    return found


cases = {
    "case_size": st.integers(1, 7),
    "wants": flexes(),
    "leftover": st.integers(0, 4),
    "room": st.none() | st.integers(0, 6),
}


def totals(wants: list[Flex], leftover: int) -> set[int]:
    """Every number of units that these wants, all served, and the leader can come to."""
    spans = [range(flex.least, flex.most + 1) for flex in wants]
    return {sum(units) + rest for units in product(*spans) for rest in range(leftover + 1)}


@given(**cases)
def test_what_is_ordered_is_whole_cases_within_everybodys_terms(
    case_size: int, wants: list[Flex], leftover: int, room: int | None
) -> None:
    fit = fit_cases(case_size, wants, leftover=leftover, room=room)
    total = sum(fit.units.values()) + fit.leftover
    assert total % case_size == 0
    assert list(fit.units) == [flex.key for flex in wants]
    assert 0 <= fit.leftover <= min(leftover, case_size - 1)
    for flex in wants:
        assert fit.units[flex.key] == 0 or flex.units - flex.fewer <= fit.units[flex.key] <= flex.most
    if room is not None:
        assert total <= sum(flex.units for flex in wants) + room


@given(**cases)
def test_everybody_stays_and_the_nearer_case_is_taken_where_it_can_be_reached(
    case_size: int, wants: list[Flex], leftover: int, room: int | None
) -> None:
    asked = sum(flex.units for flex in wants)
    most = sum(flex.most for flex in wants) if room is None else asked + room
    least = sum(flex.units - flex.fewer for flex in wants)
    reachable = [
        units
        for units in range(least, min(most, sum(flex.most for flex in wants)) + 1)
        if units % case_size == 0 and (units or not wants)
    ]
    fit = fit_cases(case_size, wants, leftover=leftover, room=room)
    if not reachable:
        return
    nearest = min(reachable, key=lambda units: (abs(units - asked), -units))
    assert sum(fit.units.values()) == nearest
    assert (fit.leftover, fit.missing, fit.over) == (0, 0, 0)
    # In proportion: nobody is further than a unit from the exact share of the difference.
    change = nearest - asked
    borne = sum(flex.more if change > 0 else flex.fewer for flex in wants)
    for flex in wants:
        tolerance = flex.more if change > 0 else flex.fewer
        assert abs((fit.units[flex.key] - flex.units) * max(borne, 1) - change * tolerance) < max(borne, 1)


@given(**cases)
def test_who_steps_back_is_found_as_by_trying_every_way(
    case_size: int, wants: list[Flex], leftover: int, room: int | None
) -> None:
    fit = fit_cases(case_size, wants, leftover=leftover, room=room)
    if not (fit.missing or fit.over):
        return
    leftover = min(leftover, case_size - 1)
    ceiling = 10**9 if room is None else sum(flex.units for flex in wants) + room
    best = max(
        (total, kept)  # most cases; then the earliest stays, then the next earliest, ...
        for kept in product([False, True], repeat=len(wants))
        for total in totals([flex for flex, stays in zip(wants, kept, strict=True) if stays], leftover)
        if total % case_size == 0 and total <= ceiling
    )
    assert (sum(fit.units.values()) + fit.leftover, tuple(map(bool, fit.units.values()))) == best


@given(**cases)
def test_what_is_missing_and_over_is_the_way_to_the_next_cases(
    case_size: int, wants: list[Flex], leftover: int, room: int | None
) -> None:
    fit = fit_cases(case_size, wants, leftover=leftover, room=room)
    if fit.missing and room is None:
        enough = [*wants, Flex("one more", fit.missing)]
        assert not fit_cases(case_size, enough, leftover=leftover).stepped_back
    if fit.over:
        assert 0 < fit.over < case_size


@given(**cases)
def test_the_simple_form_keeps_the_same_promises(
    case_size: int, wants: list[Flex], leftover: int, room: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packs, "MAX_SEARCH_BITS", -1)
        fit = fit_cases(case_size, wants, leftover=leftover, room=room)
    total = sum(fit.units.values()) + fit.leftover
    assert total % case_size == 0
    if room is not None:
        assert total <= sum(flex.units for flex in wants) + room
    kept = [bool(units) for units in fit.units.values()]
    if fit.missing:
        stayed = [flex for flex, stays in zip(wants, kept, strict=True) if stays]
        assert all(flex.units - flex.fewer <= fit.units[flex.key] <= flex.most for flex in stayed)


@pytest.mark.parametrize(
    ("why", "wants", "leftover", "units", "taken", "missing", "over"),
    [
        ("whole already", [(4,), (6,)], 0, [4, 6], 0, 0, 0),
        ("up, in proportion to what they would bear", [(7, 4), (9, 2)], 0, [10, 10], 0, 0, 0),
        ("of two as near the larger", [(7, 4, 4), (8, 4, 4)], 0, [10, 10], 0, 0, 0),
        ("down, where up is out of reach", [(6, 0, 2), (7, 0, 4)], 0, [5, 5], 0, 0, 0),
        ("ties to the earlier", [(9, 1), (9, 1), (1, 1)], 0, [10, 9, 1], 0, 0, 0),
        ("the leader takes the rest", [(8, 1), (9,)], 3, [9, 9], 2, 0, 0),
        ("never taken down to nothing", [(2, 0, 2), (1, 0, 1)], 7, [2, 1], 7, 0, 0),
        ("who came between steps back: a case of the others", [(5,), (3,), (5,)], 0, [5, 0, 5], 0, 7, 3),
        ("no case can be filled", [(3,), (4,)], 0, [0, 0], 0, 3, 7),
    ],
)
def test_examples(
    why: str,
    wants: list[tuple[int, ...]],
    leftover: int,
    units: list[int],
    taken: int,
    missing: int,
    over: int,
) -> None:
    fit = fit_cases(10, [Flex(f"w{n}", *want) for n, want in enumerate(wants)], leftover=leftover)
    assert (list(fit.units.values()), fit.leftover, fit.missing, fit.over) == (units, taken, missing, over), (
        why
    )


def test_three_hundred_wants_are_looked_through() -> None:
    """Sacks of 7 in cases of 100 come out whole at multiples of 700: the most there can be, the earliest."""
    wants = [Flex(f"w{n:03}", 7 * (n % 40 + 1)) for n in range(300)]
    asked = sum(flex.units for flex in wants)
    fit = fit_cases(100, wants)
    assert sum(fit.units.values()) == asked // 700 * 700
    assert asked - asked // 700 * 700 == sum(flex.units for flex in wants if flex.key in fit.stepped_back)
    assert min(fit.stepped_back) >= "w290"
    assert (fit.missing, fit.over) == (-asked % 100, asked % 100)
