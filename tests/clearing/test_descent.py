"""Multipliers: D as it is defined, never below what can be had, never up, and down to the linear program."""

from __future__ import annotations

from functools import cache
from random import Random

import numpy as np
import pytest
from brute_force import best_of_all, tiny_round
from plain_market import case, dual_value, generated, in_order, line_prices, on_every_shape
from strong_linear import strong_linear

from millpond.clearing.descent import Dual, first_prices
from millpond.clearing.instance import Problem
from millpond.clearing.tree import fewest_runs

CLOSE = 1e-6
SEEDS = range(12)
KINDS = ("loose", "tight", "served")


def runs_of(p: Problem) -> int:
    return max(0, fewest_runs(p, p.tier_high >= p.tier_low)) if p.must_serve else 0


def near(value: float) -> float:
    return CLOSE * (abs(value) + 1.0)


@on_every_shape
def test_d_is_what_it_is_defined_to_be(name: str, seed: int) -> None:
    made, rng = generated(name, seed), Random(seed)
    p = made.problem
    for runs in (0, runs_of(p)):
        for _ in range(3):
            lam = line_prices(made, rng)
            dual = Dual.start(p, in_order(made, lam), runs)
            plain = float(dual_value(made.told, lam, runs))
            size = plain + float(sum(abs(v) for v in lam.values()))
            assert dual.evaluate() == pytest.approx(plain, abs=near(size))
            assert dual.value == pytest.approx(plain, abs=near(size))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_d_is_what_it_is_defined_to_be_on_tiny_rounds(kind: str, seed: int) -> None:
    made, rng = case(tiny_round(kind, seed)), Random(seed)
    p = made.problem
    for runs in (0, runs_of(p)):
        for _ in range(10):
            lam = line_prices(made, rng)
            plain = float(dual_value(made.told, lam, runs))
            assert Dual.start(p, in_order(made, lam), runs).evaluate() == pytest.approx(
                plain, abs=near(plain)
            )


@cache
def best_blind(kind: str, seed: int) -> int | None:
    return best_of_all(tiny_round(kind, seed)).blind


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_clearing_is_above_d(kind: str, seed: int) -> None:
    best = best_blind(kind, seed)
    if best is None:
        return
    made, rng = case(tiny_round(kind, seed)), Random(seed)
    p = made.problem
    for _ in range(20):
        dual = Dual.start(p, in_order(made, line_prices(made, rng)), runs_of(p))
        assert dual.evaluate() >= best - near(best)
        for _ in range(3):
            dual.again()
            assert dual.descend(20, best - 50.0) >= best - near(best)


@on_every_shape
def test_a_descent_never_raises_d_and_says_where_it_is(name: str, seed: int) -> None:
    made, rng = generated(name, seed), Random(seed)
    p = made.problem
    for prices in (first_prices(p), in_order(made, line_prices(made, rng))):
        dual = Dual.start(p, prices, runs_of(p))
        before = start = dual.evaluate()
        for steps in (1, 2, 10, 40, 40):
            value = dual.descend(steps, before - 0.3 * abs(before) - 1.0)
            assert value == dual.value <= before
            fresh = Dual.start(p, dual.lam, runs_of(p))
            assert fresh.evaluate() == pytest.approx(value, abs=near(value))
            assert p.must_serve or (dual.lam >= 0).all()
            before = value
        assert before < start


@on_every_shape
def test_a_descent_stops_at_its_target(name: str, seed: int) -> None:
    made = generated(name, seed)
    dual = Dual.start(made.problem, first_prices(made.problem), runs_of(made.problem))
    value = dual.evaluate()
    lam = dual.lam.copy()
    assert dual.descend(50, value) == value
    assert (dual.lam == lam).all()


@pytest.mark.parametrize("name", ["mixed", "dates", "short", "one-tier", "choices", "must-serve"])
def test_a_long_descent_comes_to_the_linear_program(name: str) -> None:
    made = generated(name, 1)
    p = made.problem
    least = strong_linear(made.told, runs_of(p))
    assert least is not None
    dual = Dual.start(p, first_prices(p), runs_of(p))
    dual.evaluate()
    for _ in range(12):
        dual.again()
        dual.descend(200, least)
    assert dual.value >= least - near(least)
    assert dual.value <= least + 1e-3 * abs(least)


@on_every_shape
def test_averages_are_shares_of_a_flow(name: str, seed: int) -> None:
    made = generated(name, seed)
    p = made.problem
    dual = Dual.start(p, first_prices(p), runs_of(p))
    dual.evaluate()
    dual.descend(60, 0.5 * dual.value - abs(dual.value))
    flow = dual.flow * dual.memory[4]
    assert (flow >= 0).all()
    assert (flow <= p.arc_quantity * (1 + 1e-9)).all()
    assert np.bincount(p.arc_line, flow, minlength=p.quantity.size) == pytest.approx(dual.served, abs=1e-6)
    assert ((dual.state >= 0) & (dual.state <= 1 + 1e-9)).all()
    of_offer = np.add.reduceat(dual.state, p.offer_tier[:-1])
    assert (of_offer <= 1 + 1e-9).all()


def test_a_state_that_must_be_and_cannot_bounds_nothing() -> None:
    made = generated("mixed", 0)
    dual = Dual.start(made.problem, first_prices(made.problem))
    dual.allowed[made.problem.offer_tier[1] : made.problem.offer_tier[2]] = False
    assert np.isfinite(dual.evaluate())
    dual.may_rest[1] = False
    assert dual.evaluate() == -np.inf


def test_more_runs_than_offers_bound_nothing() -> None:
    made = generated("must-serve", 0)
    p = made.problem
    assert np.isfinite(Dual.start(p, first_prices(p), p.setup.size).evaluate())
    assert Dual.start(p, first_prices(p), p.setup.size + 1).evaluate() == -np.inf


@on_every_shape
def test_an_offer_that_must_run_is_counted_whatever_it_loses(name: str, seed: int) -> None:
    made, rng = generated(name, seed), Random(seed)
    p = made.problem
    lam = in_order(made, line_prices(made, rng))
    free = Dual.start(p, lam, runs_of(p))
    value = free.evaluate()
    for o in range(p.setup.size):
        forced = Dual.start(p, lam, runs_of(p))
        forced.may_rest[o] = False
        assert forced.evaluate() <= value + near(value)
        rest = Dual.start(p, lam, runs_of(p))
        rest.allowed[p.offer_tier[o] : p.offer_tier[o + 1]] = False
        larger = max(rest.evaluate(), forced.value)
        assert larger <= value + near(value)
        if not p.must_serve:  # with it, the two have different best multipliers for the number of runs
            assert larger == pytest.approx(value, abs=near(value))


def test_a_copy_goes_its_own_way() -> None:
    made = generated("mixed", 0)
    dual = Dual.start(made.problem, first_prices(made.problem))
    dual.evaluate()
    other = dual.copy()
    lam, value = dual.lam.copy(), dual.value
    other.descend(30, value - abs(value))
    assert other.value < value == dual.value
    assert (dual.lam == lam).all()
    assert (other.lam != lam).any()
