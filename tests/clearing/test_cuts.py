"""Unit-by-unit search on small rounds that dropping whole lines gets wrong, with their best valid score."""

from pathlib import Path

import pytest

from millpond import clear, read_round
from millpond.clearing.cuts import Cuts
from millpond.clearing.instance import Ground
from millpond.clearing.prices import Pricer
from millpond.model import Award

ROUNDS = Path(__file__).parent / "tight"
BEST = {"tight2": 86, "tight6": 188, "tight12": 108, "tight23": 99, "tight30": 155, "tight43": 35}
"""By brute force over all awards, priced exactly."""


@pytest.mark.parametrize("name", BEST)
def test_a_small_cut_beats_dropping_a_line(name: str) -> None:
    round = read_round((ROUNDS / f"{name}.json").read_bytes())
    assert clear(round, seconds=4).score == BEST[name]


def test_what_is_found_is_valid_and_better() -> None:
    round = read_round((ROUNDS / "tight2.json").read_bytes())
    pricer = Pricer(round)
    seen = []

    def judge(awards: tuple[Award, ...]) -> int | None:
        seen.append(awards)
        return None if pricer.problems(awards) else pricer.follow(awards).score

    found = Cuts(Ground(round)).better((), 0, judge, lambda: False)
    assert found is not None
    assert not pricer.problems(found)
    assert pricer.follow(found).score > 0
    assert found == seen[-1]


def test_it_stops_when_told() -> None:
    round = read_round((ROUNDS / "tight2.json").read_bytes())
    assert Cuts(Ground(round)).better((), 0, lambda _: 1, lambda: True) is None
