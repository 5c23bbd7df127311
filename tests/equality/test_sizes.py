"""Town sizes: the cut-offs, from either side."""

import pytest

from millpond.equality.sizes import Size, size_of
from millpond.model import Place


@pytest.mark.parametrize(
    ("population", "size"),
    [
        (None, Size.UNKNOWN),
        (0, Size.VILLAGE),
        (4_999, Size.VILLAGE),
        (5_000, Size.TOWN),
        (49_999, Size.TOWN),
        (50_000, Size.SMALL_CITY),
        (499_999, Size.SMALL_CITY),
        (500_000, Size.CITY),
        (30_000_000, Size.CITY),
    ],
)
def test_the_cut_offs(population, size):
    assert size_of(Place(id="p", population=population)) is size
