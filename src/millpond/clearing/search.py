"""The price-blind search: from multipliers to ever better flows.

Guided by the dual's prices it fills runs greedily, improves place by place, solves a restricted program on
what the relaxation uses, and then again and again on a neighbourhood: a few offers and the places that
could as well go to one of them.

The best flow is sound at all times (see `moves`) and its score only rises.
"""

from __future__ import annotations

import numpy as np

from millpond.clearing import flows, moves, restricted
from millpond.clearing.budget import Budget
from millpond.clearing.descent import Dual
from millpond.clearing.instance import Bools, Floats, Ints, Problem, summed
from millpond.clearing.program import Balance, Restriction

NEIGHBOURS = 60  # places that a neighbourhood frees to begin with
MOST_NEIGHBOURS = 150
OTHERS_A_PLACE = 4  # consignments beside the used ones that a freed place may choose from
NEIGHBOURHOOD_SECONDS = 2.0
TIER_LOSS = 0.003  # of the bound: tiers that lose more than this against the best are left out of programs
ROOM = 0.3  # up to which share capacity beyond the demand is opened for a greedy flow with must_serve
STALE = 60  # neighbourhoods in a row without a gain before a search has ended


class Search:
    """The best known flow of one problem, and the ways to better it."""

    def __init__(self, problem: Problem, dual: Dual, seed: int) -> None:
        self.problem = problem
        self.dual = dual
        self.random = np.random.default_rng(seed)
        self.seed = seed
        self.flow = np.zeros(problem.arc_line.size)
        self.score = -np.inf if problem.must_serve and problem.quantity.size else 0.0
        self.neighbours = NEIGHBOURS
        self.stale = 0
        self.owner = np.repeat(np.arange(problem.setup.size), np.diff(problem.offer_tier))
        # with must_serve every unit served is worth more than anything it may cost: serving comes first
        self.duty = 0.0
        if problem.must_serve and problem.arc_line.size:
            self.duty = 4.0 * float(
                -problem.arc_value.min()
                + problem.con_fixed.max()
                + problem.tier_price.max()
                + problem.setup.max()
                + 1.0
            )

    def offer(self, flow: Floats) -> bool:
        """Takes over a flow [A] if it is sound and better than the best."""
        p = self.problem
        flow = flow.copy()
        if not flows.whole(p, flow):
            return False
        units = np.zeros(p.setup.size)
        score = float(flows.score_of(p, flow, units))
        if score <= self.score + 1e-9 * abs(self.score):
            return False
        self.flow, self.score = flow, score
        return True

    def fill(self, dual: Dual | None) -> bool:
        """A greedy flow at the dual's unit prices (None: at those of all offers' last tiers), then improved
        place by place."""
        p = self.problem
        if not p.arc_line.size:
            return False
        t, high = np.full(p.setup.size, flows.FAR), np.zeros(p.setup.size)
        if dual:
            tiers = self.best_tiers(dual)
            on = np.flatnonzero(tiers >= 0)
            t[on], high[on] = dual.at[tiers[on]], p.tier_high[tiers[on]]
        else:
            np.maximum.at(high, self.owner, p.tier_high)
            t[high > 0] = 0.0
            np.maximum.at(t, self.owner, np.where(p.tier_high >= p.tier_low, p.tier_price, 0.0))
            t[high == 0] = flows.FAR
        flow, served, units = (np.zeros(a.size) for a in (p.arc_line, p.quantity, p.setup))
        order = np.argsort(moves.regrets(p, t), kind="stable")
        moves.fill(p, order, t - self.duty, high, flow, served, units)
        moves.improve(p, t - self.duty, flow, served, units, 3)
        moves.improve(p, self._tier_prices(units) - self.duty, flow, served, units, 5)
        smallest = np.argsort(units, kind="stable")
        moves.close_runs(p, smallest, self._tier_prices(units) - self.duty, flow, served, units)
        return self.offer(flow)

    def polish(self, flow: Floats, sweeps: int = 5) -> Floats:
        """A sound flow [A] made of this one: what cannot be taken out, then improved place by place."""
        p = self.problem
        flow = flow.copy()
        if not p.arc_line.size:
            return flow
        flows.prune(p, flow)
        served = summed(p.arc_line, flow, p.quantity.size)
        units = summed(p.con_offer[p.arc_con], flow, p.setup.size)
        moves.improve(p, self._tier_prices(units) - self.duty, flow, served, units, sweeps)
        return flow

    def best_tiers(self, dual: Dual) -> Ints:
        """By offer: the tier it runs at in the relaxation, -1 for none; with must_serve as many as demand
        needs."""
        p = self.problem
        tiers = np.full(p.setup.size, -1, dtype=np.int64)
        gain = np.full(p.setup.size, -np.inf)
        time = np.zeros(p.setup.size)  # share of the recent relaxations in which it ran
        for o in range(p.setup.size):
            first, end = p.offer_tier[o], p.offer_tier[o + 1]
            gains = np.where(dual.allowed[first:end], dual.gains[first:end], -np.inf)
            if not gains.size or not np.isfinite(gains.max()):
                continue
            tiers[o] = first + int(np.argmax(gains))
            gain[o], time[o] = gains.max() + dual.tau[0], dual.state[first:end].sum()
        runs = (gain > 0) | (time > 0.3) | ~dual.may_rest
        if p.must_serve:
            order = np.lexsort((-gain, -time))
            order = order[tiers[order] >= 0]
            enough = (
                np.cumsum(p.tier_high[tiers[order]]) < (1.0 + ROOM * self.random.random()) * p.quantity.sum()
            )
            runs = np.zeros(p.setup.size, dtype=bool)
            runs[order[: int(enough.sum()) + 1]] = True
        return np.where(runs, tiers, -1)

    def _tier_prices(self, units: Floats) -> Floats:
        """Tier price [O] of each run, and of the first tier of those that don't run."""
        p = self.problem
        price = np.array(
            [
                p.tier_price[a] if b > a else flows.FAR
                for a, b in zip(p.offer_tier, p.offer_tier[1:], strict=False)
            ]
        )
        for k in range(p.tier_low.size):
            o = self.owner[k]
            if p.tier_low[k] <= units[o]:
                price[o] = p.tier_price[k]
        return price

    def unit_costs(self, units: Floats) -> Floats:
        """Setup and production a unit [O] of runs of these sizes; at full size for those that don't run."""
        p = self.problem
        high = np.ones(p.setup.size)
        np.maximum.at(high, self.owner, p.tier_high)
        price = self._tier_prices(np.where(units > 0, units, high))
        return price + p.setup / np.where(units > 0, units, high)

    def threshold(self, dual: Dual, tiers: Bools) -> Floats:
        """By consignment [C]: what the relaxation gains by it (below 0: loses) at its offer's cheapest unit
        price."""
        p = self.problem
        t = np.full(p.setup.size, np.inf)
        np.minimum.at(t, self.owner, np.where(tiers, dual.at, np.inf))
        t[~np.isfinite(t)] = 1e300
        over = p.arc_value - dual.lam[p.arc_line] - t[p.con_offer[p.arc_con]]
        worth = p.arc_quantity * over
        gain = summed(p.arc_con, np.maximum(0.0, worth), p.con_fixed.size)
        nearest = np.full(gain.size, -np.inf)  # where nothing is gained: what the best line would lose
        np.maximum.at(nearest, p.arc_con, worth)
        return np.where(gain > 0, gain, nearest) - p.con_fixed

    def tiers_in_play(self, dual: Dual, loss: float = TIER_LOSS) -> Bools:
        """The tiers [T] that are near their offer's best in the relaxation, and those of the best flow."""
        p = self.problem
        best = np.full(p.setup.size, -np.inf)
        np.maximum.at(best, self.owner, np.where(dual.allowed, dual.gains, -np.inf))
        near = dual.gains >= np.maximum(best, -dual.tau[0])[self.owner] - loss * max(1.0, abs(dual.value))
        in_play: Bools = (dual.allowed & near) | self.tiers_of(self.flow)
        return in_play

    def running(self) -> Ints:
        """By offer [O]: the tier it runs at in the best flow, -1 for none."""
        tiers = np.full(self.problem.setup.size, -1, dtype=np.int64)
        on = np.flatnonzero(self.tiers_of(self.flow))
        tiers[self.owner[on]] = on
        return tiers

    def tiers_of(self, flow: Floats) -> Bools:
        """The tiers [T] at which a flow's [A] runs are made."""
        p = self.problem
        units = summed(p.con_offer[p.arc_con], flow, p.setup.size)[self.owner]
        return (units > 0) & (units >= p.tier_low) & (units <= p.tier_high)

    def best_ranked(self, gain: Floats, count: int) -> Bools:
        """The `count` consignments [C] with the largest gain at each place."""
        p = self.problem
        order = np.lexsort((-gain, p.con_place))
        place = p.con_place[order]
        first = np.searchsorted(place, place)
        ranked = np.zeros(gain.size, dtype=bool)
        ranked[order[np.arange(gain.size) - first < count]] = True
        return ranked

    def everything(self, budget: Budget, gap: float = 0.0) -> tuple[bool, bool]:
        """The whole problem as one program, for small ones: whether that was better, and whether it is
        proven."""
        p = self.problem
        every = Restriction(
            np.ones(p.arc_line.size, dtype=bool), self.dual.allowed.copy(), np.zeros(p.setup.size)
        )
        start = self.flow if self.score > -np.inf else None
        flow, proven = restricted.solve(p, every, start, seconds=budget.left, gap=gap, seed=self.seed)
        return flow is not None and self.offer(flow), proven

    def serve_all(self, budget: Budget) -> list[int]:
        """With must_serve: a first flow that serves every line in full, or the lines it could not find one
        for.

        Lines that no offer may serve are named at once; else as much as can be is served, whatever it costs.
        """
        p = self.problem
        alone = np.flatnonzero(np.diff(p.line_start) == 0)
        if alone.size:
            return [int(d) for d in alone]
        if not p.quantity.size or self.fill(self.dual) or self.fill(None):
            return []
        free = p._replace(
            must_serve=False,
            arc_value=np.ones(p.arc_line.size),
            con_fixed=np.zeros(p.con_fixed.size),
            setup=np.zeros(p.setup.size),
            tier_price=np.zeros(p.tier_price.size),
            minimum=np.ones(p.quantity.size),
        )
        every = Restriction(np.ones(p.arc_line.size, dtype=bool), self.dual.allowed, np.zeros(p.setup.size))
        flow, _ = restricted.solve(free, every, None, seconds=max(budget.left, 10.0), gap=0.5, seed=self.seed)
        if flow is not None and self.offer(flow):
            return []
        served = summed(p.arc_line, flow, p.quantity.size) if flow is not None else np.zeros(p.quantity.size)
        unserved = [int(d) for d in np.flatnonzero(served < p.quantity - 0.5)]
        if unserved or self.everything(budget)[0]:
            return unserved
        return list(range(p.quantity.size))  # all could be served, but not found in whole units

    def neighbourhood(self, dual: Dual, budget: Budget) -> bool:
        """Frees a few offers and the places around them, and solves for those; whether that was better."""
        found, proven = self.around(dual, budget, NEIGHBOURHOOD_SECONDS)
        better = found is not None and self.offer(found)
        self.stale = 0 if better else self.stale + 1
        if not proven:
            self.neighbours = max(20, int(self.neighbours * 0.8))
        elif not better:
            self.neighbours = min(MOST_NEIGHBOURS, int(self.neighbours * 1.1) + 1)
        return better

    def around(
        self, dual: Dual, budget: Budget, seconds: float, balances: tuple[Balance, ...] = ()
    ) -> tuple[Floats | None, bool]:
        """The best flow [A] that differs from the best known in one random neighbourhood; whether it is
        proven best there.

        `balances` are further rows, over the whole flow.
        """
        p = self.problem
        tiers = self.tiers_in_play(dual)
        gain = self.threshold(dual, tiers)
        used = summed(p.arc_con, self.flow, p.con_fixed.size) > 0
        near = used | self.best_ranked(
            gain + self.random.random(gain.size) * 0.5 * np.abs(gain), OTHERS_A_PLACE
        )
        offers = self._related(near)
        tiers = (tiers & offers[self.owner]) | self.tiers_of(self.flow)
        touching = near & offers[p.con_offer]
        # places that lose least by going elsewhere come first
        loss = np.full(p.place_start.size - 1, np.inf)
        np.minimum.at(loss, p.con_place[touching], np.abs(gain[touching]))
        loss *= 0.3 + self.random.random(loss.size)
        places = np.argsort(loss, kind="stable")[: self.neighbours]
        free = np.zeros(loss.size, dtype=bool)
        free[places[np.isfinite(loss[places])]] = True
        arcs = (near & free[p.con_place])[p.arc_con]
        fixed = np.where(free[p.con_place[p.arc_con]], 0.0, self.flow)
        base = summed(p.con_offer[p.arc_con], fixed, p.setup.size)
        kept = used & ~free[p.con_place]
        rest = tuple(
            Balance(b.unit, b.fixed, b.most - float(b.unit @ fixed) - float(b.fixed[kept].sum()))
            for b in balances
        )
        flow, proven = restricted.solve(
            p,
            Restriction(arcs, tiers, base, rest),
            self.flow,
            seconds=min(budget.left, seconds),
            gap=2e-6 * abs(self.score),
            seed=self.seed,
        )
        return (None if flow is None else flow + fixed), proven

    def _related(self, near: Bools) -> Bools:
        """Two to five offers [O] that serve, or nearly serve, places in common."""
        p = self.problem
        offers = np.zeros(p.setup.size, dtype=bool)
        candidates = np.unique(p.con_offer[near])
        if not candidates.size:
            return offers
        offers[self.random.choice(candidates)] = True
        for _ in range(int(self.random.integers(1, 5))):
            common = np.zeros(p.place_start.size - 1, dtype=bool)
            common[p.con_place[near & offers[p.con_offer]]] = True
            shared = summed(p.con_offer[near & common[p.con_place]], None, p.setup.size)
            shared[offers] = 0.0
            if not shared.sum():
                break
            offers[self.random.choice(p.setup.size, p=shared / shared.sum())] = True
        return offers
