"""Moves: books that balance, flows that stay sound, a score that rises by what they say and never falls."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from brute_force import best_of_all, tiny_round
from plain_market import Case, case, generated, on_every_shape, random_flow, unsound, worth

from millpond.clearing import flows, moves, restricted
from millpond.clearing.descent import Dual
from millpond.clearing.instance import Floats, summed
from millpond.clearing.program import Restriction
from millpond.clearing.search import Search

CLOSE = 1e-6


class Books:
    """A flow with what its lines got and its offers make, as moves keep them."""

    def __init__(self, case: Case, flow: Floats) -> None:
        p = case.problem
        self.case, self.flow = case, flow.copy()
        self.served = summed(p.arc_line, flow, p.quantity.size)
        self.units = summed(p.con_offer[p.arc_con], flow, p.setup.size)

    @property
    def score(self) -> int:
        """Straight from the awards."""
        return worth(self.case.told, self.case.rows(self.flow))

    def assert_kept(self) -> None:
        p = self.case.problem
        assert (self.flow == np.round(self.flow)).all()
        assert (self.flow >= 0).all()
        assert self.served.tolist() == summed(p.arc_line, self.flow, p.quantity.size).tolist()
        assert self.units.tolist() == summed(p.con_offer[p.arc_con], self.flow, p.setup.size).tolist()
        assert not unsound(self.case.told, self.case.rows(self.flow))


def start(case: Case, rng: Random) -> Books:
    """A sound flow: random, or with `must_serve` one that serves everybody, best for random values."""
    p = case.problem
    if p.must_serve:
        arcs, tiers = np.ones(p.arc_line.size, dtype=bool), p.tier_high >= p.tier_low
        value = [rng.uniform(-9_000, 0) for _ in p.arc_value]
        setup = [rng.choice((0.0, 1e7)) for _ in p.setup]
        odd = p._replace(arc_value=np.array(value), setup=np.array(setup))
        chosen = Restriction(arcs, tiers, np.zeros(p.setup.size))
        found, _ = restricted.solve(odd, chosen, None, seconds=60, gap=1e5, seed=0)
        assert found is not None
        assert flows.whole(p, found)
        return Books(case, found)
    flow = random_flow(case, rng, rng.random())
    flows.prune(p, flow)
    return Books(case, flow)


def unit_prices(case: Case, rng: Random, far: float = 0.0) -> Floats:
    """A price for every offer about that of one of its tiers; with `must_serve` serving comes first."""
    p = case.problem
    price = [
        flows.FAR
        if rng.random() < far
        else rng.choice(p.tier_price[p.offer_tier[o] : p.offer_tier[o + 1]].tolist()) * rng.uniform(0.7, 1.3)
        for o in range(p.setup.size)
    ]
    duty: float = Search(p, Dual.start(p, np.zeros(p.quantity.size)), 0).duty
    return np.array(price, dtype=np.float64) - duty


def most(case: Case) -> Floats:
    p = case.problem
    high = np.zeros(p.setup.size)
    np.maximum.at(high, np.repeat(np.arange(p.setup.size), np.diff(p.offer_tier)), p.tier_high)
    return high


def near(value: float) -> float:
    return CLOSE * (abs(value) + 1.0)


@on_every_shape
def test_fill_makes_a_sound_flow_from_anything(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    p, filled = case.problem, 0
    for _ in range(15):
        t, high = unit_prices(case, rng, 0.2), most(case)
        if rng.random() < 0.3:
            high[rng.randrange(high.size)] *= 0.5
        order = np.array(rng.sample(range(len(case.told["places"])), len(case.told["places"])))
        books = Books(case, random_flow(case, rng))
        high = np.floor(high)
        score = moves.fill(p, order, t, high, books.flow, books.served, books.units)
        if p.must_serve:  # without enough offers a place may stay out: not taken over by a search
            told = case.told | {"must_serve": False}
            assert not unsound(told, case.rows(books.flow))
        else:
            books.assert_kept()
        assert (books.units <= high).all()
        assert (books.units[t >= flows.FAR] == 0).all()
        plain = worth(case.told, case.rows(books.flow))
        assert score == pytest.approx(plain, abs=near(plain))
        filled += bool(books.flow.any())
    assert filled > 5


@on_every_shape
def test_improve_raises_the_score_by_what_it_says(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    raised = 0
    for _ in range(15):
        books = start(case, rng)
        before, served = books.score, books.served.copy()
        t = unit_prices(case, rng, rng.choice((0.0, 0.3)))
        gain = moves.improve(case.problem, t, books.flow, books.served, books.units, rng.randint(1, 4))
        books.assert_kept()
        assert gain >= 0
        assert books.score - before == pytest.approx(gain, abs=near(books.score))
        assert not case.problem.must_serve or (books.served == served).all()
        raised += gain > 0
    assert raised > 0


@on_every_shape
def test_closing_runs_raises_the_score_by_what_it_says(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    offers, closed = len(case.told["offers"]), 0
    for _ in range(15):
        books = start(case, rng)
        before, running = books.score, books.units > 0
        t = np.where(running, unit_prices(case, rng), flows.FAR)
        order = np.array(rng.sample(range(offers), offers))
        gain = moves.close_runs(case.problem, order, t, books.flow, books.served, books.units)
        books.assert_kept()
        assert gain >= 0
        assert books.score - before == pytest.approx(gain, abs=near(books.score))
        assert not (books.units[~running] > 0).any()
        closed += gain > 0
    assert closed > 0


@pytest.mark.parametrize("kind", ["loose", "tight"])
@pytest.mark.parametrize("seed", range(15))
def test_moves_on_tiny_rounds_stay_below_the_best(kind: str, seed: int) -> None:
    case_, rng = case(tiny_round(kind, seed)), Random(seed)
    p = case_.problem
    if not p.arc_line.size:
        return
    best = best_of_all(case_.told).blind
    offers = np.arange(p.setup.size)
    for _ in range(6):
        books = start(case_, rng)
        before = books.score
        t = unit_prices(case_, rng)
        gain = moves.improve(p, t, books.flow, books.served, books.units, 3)
        gain += moves.close_runs(p, offers, t, books.flow, books.served, books.units)
        books.assert_kept()
        assert books.score - before == pytest.approx(gain, abs=CLOSE)
        assert best is not None
        assert books.score <= best


@on_every_shape
def test_regrets_rank_places_by_what_the_second_best_loses(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    p = case.problem
    t = np.where(np.arange(p.setup.size) == 1, flows.FAR, unit_prices(case, rng))
    regret = moves.regrets(p, t)
    for c in range(len(case.told["places"])):
        gains = [0.0, 0.0]
        for j in np.flatnonzero((p.con_place == c) & (t[p.con_offer] < flows.FAR)):
            arcs = np.arange(p.con_start[j], p.con_start[j + 1])
            over = p.arc_value[arcs] - t[p.con_offer[j]]
            bought = arcs[over > 0]
            gain = float(p.arc_quantity[bought] @ over[over > 0]) - p.con_fixed[j]
            gains.append(max(0.0, gain / (1.0 + p.arc_quantity[bought].sum())))
        best, second = sorted(gains)[-1], sorted(gains)[-2]
        assert regret[c] == pytest.approx(second - best)
