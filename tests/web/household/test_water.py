"""The picture of the pool: water touches a mark only where it is reached, and never leaves the basin."""

from hypothesis import given
from hypothesis import strategies as st

from millpond.web.household.water import DEPTH, EDGE, MOST_OVER, paint

TIERS = st.lists(st.integers(1, 10**9), min_size=1, max_size=8, unique=True).map(
    lambda starts: [(start, 1_000) for start in sorted(starts)]
)


def test_an_empty_pool_has_no_water() -> None:
    picture = paint(0, [(20, 7200)])
    assert picture.water == ""
    assert picture.level == picture.bottom
    assert [mark.reached for mark in picture.marks] == [False]


def test_the_water_rises_evenly_between_two_marks() -> None:
    twenty, hundred = paint(60, [(20, 7200), (100, 5800)]).marks
    assert paint(60, [(20, 7200), (100, 5800)]).level == (twenty.y + hundred.y) // 2
    assert paint(20, [(20, 7200), (100, 5800)]).level == twenty.y


@given(st.integers(0, 10**9), TIERS)
def test_it_is_at_a_mark_only_where_the_mark_is_reached(units: int, tiers: list[tuple[int, int]]) -> None:
    picture = paint(units, tiers)
    for mark in picture.marks:
        assert (picture.level <= mark.y) == mark.reached == (units >= mark.from_quantity)
    assert [mark.next for mark in picture.marks].count(True) == (units < tiers[-1][0])
    assert EDGE - MOST_OVER <= picture.level <= picture.bottom < picture.height


@given(st.integers(0, 10**9), st.integers(0, 10**9), TIERS)
def test_more_is_never_lower(one: int, other: int, tiers: list[tuple[int, int]]) -> None:
    less, more = sorted((one, other))
    assert paint(more, tiers).level <= paint(less, tiers).level


@given(st.integers(1, 10**9), TIERS)
def test_the_number_stands_inside_the_basin(units: int, tiers: list[tuple[int, int]]) -> None:
    picture = paint(units, tiers)
    assert 12 <= picture.number_y <= picture.bottom - DEPTH // 4
    assert picture.is_deep == (picture.number_y > picture.level)
