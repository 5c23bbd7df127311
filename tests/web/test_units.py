"""Units as people say them."""

import pytest

from millpond.web.units import counted
from millpond.web.words import Words


@pytest.mark.parametrize(
    ("quantity", "unit", "said"),
    [
        (1, "bag", "1 bag"),
        (2, "bag", "2 bags"),
        (1_200, "box", "1,200 boxes"),
        (3, "jelly", "3 jellies"),
        (3, "tray", "3 trays"),
        (2, "kg", "2 kg"),
        (2, "500 g", "2 500 g"),
        (2, "pieces", "2 pieces"),
        (0, "bag", "0 bags"),
        (5, "", "5"),
        (5, "袋", "5 袋"),
    ],
)
def test_in_english(quantity: int, unit: str, said: str) -> None:
    assert counted(quantity, unit, Words("en")) == said


def test_in_chinese_nothing_is_added() -> None:
    assert counted(2, "bag", Words("zh")) == "2 bag"
