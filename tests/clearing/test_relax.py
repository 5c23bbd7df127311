"""One offer at given line prices against its relaxation in exact numbers."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from plain_market import Case, generated, in_order, line_prices, on_every_shape, relaxed

from millpond.clearing.descent import Dual
from millpond.clearing.instance import Floats, Ints
from millpond.clearing.relax import relax_offer

CLOSE = 1e-6  # of the gain: floats against fractions


class Bought:
    """What `relax_offer` says of one offer, with buffers of its own."""

    def __init__(self, case: Case, lam: Floats, offer: int, at: Floats, last: int = -1) -> None:
        p = case.problem
        dual = Dual.start(p, lam)
        self.at, self.gains = at.copy(), np.full(at.size, -np.inf)
        remembered = np.full(p.setup.size, last, dtype=np.int64)
        arcs, units = np.zeros(p.arc_line.size, dtype=np.int64), np.zeros(p.arc_line.size)
        cons, w, live = np.zeros(p.con_fixed.size, dtype=np.int64), np.zeros(p.arc_line.size), np.zeros(3)
        self.gain, self.tier, rows = relax_offer(
            p, lam, offer, dual.allowed, self.at, remembered, self.gains, w, cons, live, arcs, units, 0
        )
        self.last = int(remembered[offer])
        self.arcs: Ints = arcs[:rows]
        self.units: Floats = units[:rows]

    def worth(self, case: Case, lam: Floats) -> float:
        """What the listed units bring, each consignment opened as far as its lines need it."""
        p = case.problem
        net = p.arc_value[self.arcs] - lam[p.arc_line[self.arcs]] - p.tier_price[self.tier]
        opened = np.zeros(p.con_fixed.size)
        np.maximum.at(opened, p.arc_con[self.arcs], self.units / p.arc_quantity[self.arcs])
        offer = p.con_offer[p.arc_con[self.arcs[0]]] if self.arcs.size else 0
        return float(self.units @ net - opened @ p.con_fixed - p.setup[offer])


@on_every_shape
def test_the_best_tier_gains_what_the_least_kink_says(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    ran = 0
    for _ in range(6):
        prices = line_prices(case, rng)
        lam = in_order(case, prices)
        for o, offer in enumerate(case.told["offers"]):
            first = case.problem.offer_tier[o]
            here = relaxed(case.told, offer, prices)
            plain = [here.gain(k) for k in range(len(offer["tiers"]))]
            found = Bought(case, lam, o, case.problem.tier_price)
            able = [gain for gain in plain if gain is not None]
            if not able:
                assert found.tier == -1
                continue
            best = float(max(able))
            size = abs(best) + case.problem.setup[o] + 1.0
            assert found.gain == pytest.approx(best, abs=CLOSE * size)
            exact = plain[found.tier - first]
            assert exact is not None
            assert float(exact) == pytest.approx(best, abs=CLOSE * size)
            for k, gain in enumerate(plain):  # an upper bound for the tiers that were not best
                assert gain is None or found.gains[first + k] >= float(gain) - CLOSE * size
            ran += 1
    assert ran > 6


@on_every_shape
def test_what_is_bought_is_within_the_tier_and_worth_the_gain(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(1_000 + seed)
    p = case.problem
    for _ in range(6):
        lam = in_order(case, line_prices(case, rng))
        for o in range(p.setup.size):
            found = Bought(case, lam, o, p.tier_price)
            if found.tier < 0:
                continue
            assert np.unique(found.arcs).size == found.arcs.size
            assert (p.con_offer[p.arc_con[found.arcs]] == o).all()
            assert (found.units > 0).all()
            assert (found.units <= p.arc_quantity[found.arcs] * (1 + 1e-9)).all()
            made = found.units.sum()
            assert p.tier_low[found.tier] - 1e-4 <= made <= p.tier_high[found.tier] + 1e-4
            size = abs(found.gain) + p.setup[o] + 1.0
            assert found.worth(case, lam) == pytest.approx(found.gain, abs=1e-5 * size)


@on_every_shape
def test_where_a_search_starts_does_not_change_what_it_finds(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(2_000 + seed)
    p = case.problem
    for _ in range(6):
        lam = in_order(case, line_prices(case, rng))
        for o in range(p.setup.size):
            cold = Bought(case, lam, o, p.tier_price)
            elsewhere = p.tier_price + np.array(
                [rng.choice((0, rng.uniform(-9_000, 9_000))) for _ in p.tier_price]
            )
            ways = [Bought(case, lam, o, elsewhere), Bought(case, lam, o, cold.at, cold.last)]
            ways += [Bought(case, lam, o, elsewhere, int(p.offer_tier[o]))]
            size = abs(cold.gain) + p.setup[o] + 1.0
            for other in ways:
                assert other.gain == pytest.approx(cold.gain, abs=CLOSE * size)
