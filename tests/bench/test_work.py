"""How measurements are told: verdicts follow from rows, and what contradicts itself is not passed over."""

from typing import Any

import pytest
from bench.run import WORKS, render
from bench.work import Row
from bench.work.rounds import Rounds
from bench.work.versus import CHOOSING_SEED, Versus


def a_row(gap: float, **rest: Any) -> Row:
    said = {
        "seed": 1,
        "limits": "loose",
        "target": 20.0,
        "blind": False,
        "gap": gap,
        "score": 90,
        "bound": 100,
    }
    said |= {"valid": True, "lines": 3, "lines_served": 2, "peak_bytes": 10**9, "seconds": 19.0, "curve": []}
    return said | rest


@pytest.mark.parametrize(
    ("gaps", "reached"), [([0.001, 0.002, 0.9], True), ([0.001, 0.02, 0.03], False), ([0.01], True)]
)
def test_the_median_seed_decides(gaps: list[float], reached: bool) -> None:
    rounds = Rounds(3, 2, 10, {20.0: 0.01})
    rows = [a_row(gap, seed=seed) for seed, gap in enumerate(gaps)]
    assert [figure.reached for figure in rounds.figures(rows)] == [reached]


def test_an_invalid_clearing_reaches_nothing() -> None:
    assert [f.reached for f in Rounds(3, 2, 10, {20.0: 0.01}).figures([a_row(0.001, valid=False)])] == [False]


def test_with_mixed_limits_the_price_blind_gap_decides_and_the_other_stands_beside() -> None:
    rows = [a_row(0.2, limits="mixed"), a_row(0.005, limits="mixed", blind=True)]
    found = [(figure.reached, figure.target) for figure in Rounds(3, 2, 10, {20.0: 0.01}).figures(rows)]
    assert found == [(True, "certified gap at most 1.0 % in 20 s"), (None, "beside it")]


def test_memory_counts_where_it_is_a_target() -> None:
    small, large = (Rounds(3, 2, 1, {20.0: 0.01}, most_bytes=most) for most in (10**8, 10**10))
    assert [figure.reached for figure in small.figures([a_row(0.001)])] == [True, False]
    assert [figure.reached for figure in large.figures([a_row(0.001)])] == [True, True]


def compared(ours: float, *, highs_bound: int = 100) -> list[Row]:
    rows = [
        {"peer": peer, "formulation": "compact", "threads": 2, "gap": gap, "score": 90, "bound": 100}
        for peer, gap in (("highs", 0.05), ("scip", None), ("cpsat", 0.5))
    ]
    rows[0]["bound"] = highs_bound
    return [
        {"seed": 1, **row} for row in [*rows, {"peer": "millpond", "gap": ours, "score": 99, "bound": 100}]
    ]


@pytest.mark.parametrize(("ours", "reached"), [(0.005, True), (0.006, False)])
def test_the_best_peer_is_what_counts(ours: float, reached: bool) -> None:
    (figure,) = Versus(3, 2, 1, 10).figures(compared(ours))
    assert figure.reached is reached
    assert "scip none" in figure.found


def test_the_round_for_choosing_is_in_no_figure() -> None:
    chosen = {"seed": CHOOSING_SEED, "peer": "highs", "gap": 0.0, "score": 5, "bound": 5}
    (figure,) = Versus(3, 2, 1, 10).figures([chosen, *compared(0.005)])
    assert figure.reached


def test_a_bound_below_a_score_is_said() -> None:
    (figure,) = Versus(3, 2, 1, 10).figures(compared(0.005, highs_bound=98))
    assert not figure.reached
    assert "contradicted: highs" in figure.found


def test_what_was_not_measured_is_said() -> None:
    assert render({}).count("not measured") == len(WORKS)


def test_results_are_rendered_from_their_rows() -> None:
    on = dict.fromkeys(("date", "commit", "processor", "system", "python", "numpy", "numba"), "x")
    on |= dict.fromkeys(("highspy", "pyscipopt", "ortools"), "1") | {
        "cores": 2,
        "memory_bytes": 8e9,
        "load_before": 0.1,
    }
    kept = {
        "failed": "",
        "quick": False,
        "took_seconds": 9,
        "machine": on,
        "rows": [{"what": "one leaf", "leaf": True, "seconds": 2.0}],
    }
    said = render({"verifier": kept, "replays": kept | {"failed": "out of memory", "rows": []}})
    assert "| replays |  | out of memory | **failed** |" in said
    assert "| at most 1 s for each leaf | 2.000 s | **fell short** |" in said
    assert "| one leaf | 2.000 |" in said
