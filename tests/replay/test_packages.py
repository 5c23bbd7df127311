"""Package sizes as shops write them, and what counts as the same package."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.replay.packages import Content, content, standard_packages

READ = {
    "16 OZ": ("oz", 16),
    "8.5 OZ": ("oz", 8.5),
    ".5 GAL": ("oz", 64),
    "1/2 GAL": ("oz", 64),
    "GAL": ("oz", 128),
    "1 GA": ("oz", 128),
    "12 FL OZ": ("oz", 12),
    "2 LB": ("oz", 32),
    "3-LB BAG": ("oz", 48),
    "12 PK/12 OZ": ("oz", 144),
    "12 OZ/12 PK": ("oz", 144),
    "144 OZ/12 PK": ("oz", 144),
    "24/12 OZ": ("oz", 288),
    "2 - 7.5 OZ": ("oz", 15),
    "6 X25 GM": ("oz", 6 * 25 * 0.035274),
    "16 CT/22 OZ": ("oz", 22),
    "14 OZ/8 CT": ("oz", 14),
    "15 1/4 OZ": ("oz", 15.25),
    "1-3/4 LB": ("oz", 28),
    "18-22 LB": ("oz", 320),
    "DZ": ("ct", 12),
    "18 CT": ("ct", 18),
    "83.5 SQ FT": ("sqft", 83.5),
}
SAYS_NOTHING = (
    None,
    "",
    "PK-KING",
    "18 IN",
    "0 OZ",
    "0 CT",
    "0 SQ FT",
    "45675615 OZ",
    "974246  PK",
    "20 CT/13 GAL",
)


@pytest.mark.parametrize("size", READ)
def test_a_size_says_its_content(size: str) -> None:
    measure, amount = READ[size]
    found = content(size)
    assert found is not None
    assert (found.measure, found.amount) == (measure, pytest.approx(amount))


@pytest.mark.parametrize("size", SAYS_NOTHING)
def test_a_size_that_says_nothing_or_nothing_that_can_be(size: str | None) -> None:
    assert content(size) is None


CONTENTS = st.builds(
    Content, st.sampled_from(("oz", "ct")), st.integers(1, 400).map(lambda quarters: quarters / 4)
)


@given(st.dictionaries(CONTENTS, st.integers(1, 50)), st.integers(0, 60))
def test_a_standard_package_is_near_most_bought_and_stands_for_itself(
    bought: dict[Content, int], percent: int
) -> None:
    chosen = standard_packages(bought, percent)
    assert chosen.keys() == bought.keys()
    for one, standard in chosen.items():
        assert standard.measure == one.measure
        assert abs(math.log(standard.amount / one.amount)) <= math.log(1 + percent / 100) + 1e-6
        assert bought[standard] >= bought[one]
        assert chosen[standard] == standard
