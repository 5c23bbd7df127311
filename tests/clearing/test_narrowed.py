"""Programs narrowed by the linear relaxation: sound flows, near the best, where places have many lines."""

from __future__ import annotations

import numpy as np
import pytest
from plain_market import Case, case, looks, unsound, worth

from millpond.clearing import narrowed, restricted, runs
from millpond.clearing.budget import Budget
from millpond.clearing.descent import Dual, first_prices
from millpond.clearing.plans import MOST_EXACT
from millpond.clearing.program import Restriction
from millpond.clearing.search import Search

LOOKS = 10_000  # at the clock: more than any of these searches takes
NEAR = 0.01  # of the best: what a narrowed program may leave


def market(seed: int, lines: int) -> Case:
    """Places of so many lines each."""
    from bench.generator import generate

    return case(generate(12, 8, seed, lines_per_place=(lines, lines), items=4))


def searched(made: Case) -> tuple[Search, Dual]:
    """A search with a first flow, as it is before larger programs."""
    dual = Dual.start(made.problem, first_prices(made.problem))
    dual.evaluate()
    for _ in range(3):
        dual.again()
        dual.descend(100, dual.value - 0.5 * abs(dual.value) - 1.0)
    search = Search(made.problem, dual, 0)
    search.fill(dual)
    return search, dual


def optimum(made: Case) -> float:
    """The best of the whole program, by HiGHS, within a tenth of what is asked of the narrowed one."""
    p = made.problem
    every = Restriction(np.ones(p.arc_line.size, bool), p.tier_high >= p.tier_low, np.zeros(p.setup.size))
    flow, _ = restricted.solve(p, every, None, seconds=20, gap=0.0, seed=0)
    assert flow is not None
    return worth(made.told, made.rows(flow))


@pytest.mark.parametrize("seed", range(4))
def test_a_narrowed_program_is_sound_and_near_the_best(seed: int) -> None:
    made = market(seed, MOST_EXACT + 3)
    search, dual = searched(made)
    before = search.score
    narrowed.better(search, dual, looks(LOOKS), lambda: None)
    rows = made.rows(search.flow)
    assert not unsound(made.told, rows)
    assert search.score == worth(made.told, rows) > before
    best = optimum(made)
    assert search.score >= best - NEAR * abs(best)
    assert search.score <= dual.value


def test_flows_are_told_of_as_they_come() -> None:
    search, dual = searched(market(1, MOST_EXACT + 3))
    told: list[float] = []
    narrowed.better(search, dual, looks(LOOKS), lambda: told.append(search.score))
    assert len(told) == 2
    assert told == sorted(told)


def test_without_time_the_flow_is_no_worse() -> None:
    made = market(1, MOST_EXACT + 3)
    search, dual = searched(made)
    before = search.score
    narrowed.better(search, dual, Budget(lambda: 1.0, lambda: False, 1.0), lambda: None)
    rows = made.rows(search.flow)
    assert not unsound(made.told, rows)
    assert search.score == worth(made.told, rows) >= before


@pytest.mark.parametrize(("lines", "able"), [(1, True), (MOST_EXACT, True), (MOST_EXACT + 1, False)])
def test_places_are_plannable_up_to_the_lines_that_are_planned_exactly(lines: int, able: bool) -> None:
    assert runs.plannable(market(0, lines).problem) == able
