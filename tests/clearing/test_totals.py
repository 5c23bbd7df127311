"""The knapsack of lines that get nothing, or from their minimum to their quantity: against every choice."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from millpond.clearing.totals import Asked, Bundle, Choice, Found, Meter, TooMuch, Totals, relaxed

PLENTY = 10**7
Kinds = dict[int, int]


@st.composite
def bundles(draw: st.DrawFn) -> list[Bundle]:
    """Up to six lines in bundles of one worth and kind each."""
    lines: dict[tuple[int, int], list[Asked]] = {}
    for number in range(draw(st.integers(1, 6))):
        quantity = draw(st.integers(1, 5))
        minimum = draw(st.sampled_from((1, quantity)) | st.integers(1, quantity))
        key = draw(st.integers(-4, 6)), draw(st.integers(0, 1))
        lines.setdefault(key, []).append(Asked(number, minimum, quantity))
    return [Bundle(worth, kind, its) for (worth, kind), its in lines.items()]


def amounts(line: Asked) -> list[int]:
    return [0, *range(line.minimum, line.quantity + 1)]


def best_of_all(
    parts: list[Bundle], least: int, most: int, accepts: Callable[[Kinds], bool]
) -> tuple[int, int] | None:
    """Worth and units of the best choice, by trying every one."""
    lines = [(bundle.worth, bundle.kind, line) for bundle in parts for line in bundle.lines]
    found = []
    for chosen in itertools.product(*(amounts(line) for _, _, line in lines)):
        kinds: Kinds = {}
        for (_, kind, _), units in zip(lines, chosen, strict=True):
            if units:
                kinds[kind] = kinds.get(kind, 0) + units
        if least <= sum(chosen) <= most and accepts(kinds):
            worth = sum(worth * units for (worth, _, _), units in zip(lines, chosen, strict=True))
            found.append((worth, sum(chosen)))
    return max(found, default=None)


def worth_of(parts: list[Bundle], found: Found) -> int:
    """What the units found are worth; asserts that each line may have them."""
    worth = {(line.number, bundle.kind): bundle.worth for bundle in parts for line in bundle.lines}
    asked = {line.number: line for bundle in parts for line in bundle.lines}
    for (number, _), units in found.units.items():
        assert units in amounts(asked[number])
    return sum(worth[key] * units for key, units in found.units.items())


@given(bundles(), st.integers(1, 12), st.integers(0, 12), st.booleans())
def test_it_is_the_best_of_all_choices(parts: list[Bundle], least: int, more: int, picky: bool) -> None:
    most = least + more

    def accepts(kinds: Kinds) -> bool:
        return (kinds.get(0, 0) * 3 + kinds.get(1, 0)) % 4 != 1

    best = best_of_all(parts, least, most, accepts if picky else lambda kinds: True)
    totals = Totals(parts, [], least, most, Meter(PLENTY), accepts if picky else None)
    found = totals.best(lambda value: 10**6)
    event(f"there is one: {best is not None}")
    assert (found is None) == (best is None)
    if found is not None and best is not None:
        assert worth_of(parts, found) == best[0]
        assert least <= sum(found.units.values()) <= most


@given(bundles(), st.integers(1, 12), st.integers(0, 12), st.integers(-20, 60))
def test_it_finds_nothing_only_where_nothing_is_good_enough(
    parts: list[Bundle], least: int, more: int, wanted: int
) -> None:
    best = best_of_all(parts, least, least + more, lambda kinds: True)
    found = Totals(parts, [], least, least + more, Meter(PLENTY)).best(lambda value: value - wanted)
    assert (found is None) == (best is None or best[0] <= wanted)


@given(bundles(), st.integers(1, 12), st.integers(0, 12))
def test_no_choice_passes_what_cut_lines_would_come_to(parts: list[Bundle], least: int, more: int) -> None:
    pieces = [(bundle.worth, line.quantity) for bundle in parts for line in bundle.lines]
    best = best_of_all(parts, least, least + more, lambda kinds: True)
    aim = relaxed(pieces, least, least + more)
    if best is not None:
        assert aim is not None
        assert aim[0] >= best[0]


def test_a_line_may_be_split_over_kinds() -> None:
    choice = Choice(Asked(0, 4, 4), {0: 5, 1: 3})
    even = Totals([], [choice], 4, 4, Meter(PLENTY), lambda kinds: kinds.get(0, 0) == kinds.get(1, 0))
    found = even.best(lambda value: 10**6)
    assert found is not None
    assert found.units == {(0, 0): 2, (0, 1): 2}
    assert found.shortfall == 4


def test_of_equal_lines_the_first_are_served() -> None:
    lines = [Asked(number, quantity, quantity) for number, quantity in enumerate((3, 2, 2, 3, 1))]
    found = Totals([Bundle(7, 0, lines)], [], 1, 6, Meter(PLENTY)).best(lambda value: 10**6)
    assert found is not None
    assert found.units == {(0, 0): 3, (1, 0): 2, (4, 0): 1}


def test_wants_that_do_not_add_up_leave_the_run_short() -> None:
    lines = [Asked(number, 6, 6) for number in range(500)]
    other = Bundle(2, 0, [Asked(500, 4, 4)])
    found = Totals([Bundle(9, 0, lines), other], [], 1, 1_001, Meter(PLENTY)).best(lambda value: 10**6)
    assert found is not None
    assert sum(found.units.values()) == 1_000  # 166 x 6 + 4
    assert found.units[500, 0] == 4


def test_a_thousand_million_units_need_no_bits_where_every_line_may_be_cut() -> None:
    lines = [Asked(number, 1, 10**9) for number in range(3)]
    found = Totals([Bundle(9, 0, lines)], [], 1, 10**9 + 5, Meter(1_000)).best(lambda value: 10**6)
    assert found is not None
    assert found.units == {(0, 0): 10**9, (1, 0): 5}


def test_it_stops_where_the_work_allowed_ends() -> None:
    lines = [Bundle(100 + n, 0, [Asked(n, 7 + n, 7 + n)]) for n in range(40)]
    with pytest.raises(TooMuch):
        Totals(lines, [], 1, 300, Meter(10)).best(lambda value: 10**6)


def test_it_stops_when_it_is_told_to() -> None:
    meter = Meter(PLENTY, lambda: True)
    meter.spend(1)  # it asks now and then, not every time
    with pytest.raises(TooMuch):
        meter.spend(PLENTY // 2)
    assert meter.left > 0
