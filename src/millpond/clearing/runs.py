"""Which offers run, at which tier: sets of runs, chosen by their worth and turned into flows.

A set of runs has unit prices at which its places' best plans nearly fit it (see `sets`). Most places plan
alike at all prices near those: their plans are kept. What the others do is left to a program of a size that
can be solved: it only has the consignments whose use, or disuse, loses least.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from millpond.clearing import flows, plans, restricted, sets
from millpond.clearing.budget import Budget
from millpond.clearing.descent import Dual
from millpond.clearing.flows import FAR
from millpond.clearing.instance import Bools, Floats, Ints, Problem, summed
from millpond.clearing.program import Restriction
from millpond.clearing.search import Search

IN_PLAY = 0.01  # least share of the recent relaxations in which a tier ran, for it to be tried
FEWEST_STEPS, MOST_STEPS = 30, 200  # of unit prices, for a set that is looked at
LAST_STEPS = 150  # and for one that is turned into a flow
LOOK = 3e6  # arcs looked at in one look at a set, where that gives enough steps
FEWEST, MOST = 200, 6_400  # consignments with fixed freight in one program
PROGRAM_SECONDS, PROGRAM_GAP = 5.0, 1e-4  # the gap is of the bound
WORK = 5e7  # arcs looked at in one exchange, or for one set's prices: a few seconds


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """A set of runs: by offer the tier it runs at (-1: none) [O], unit prices [O], and what it is worth at
    the most."""

    tiers: Ints
    prices: Floats
    worth: float


def plannable(p: Problem) -> bool:
    """Whether most lines are at places small enough for plans that are the best of all."""
    lines = np.bincount(p.line_place, minlength=1)
    return bool(lines[lines > plans.MOST_EXACT].sum() <= p.quantity.size / 2)


def better(search: Search, dual: Dual, budget: Budget, tell: Callable[[], None]) -> None:
    """Chooses runs from the relaxation, then again and again from the best flow, and makes flows of them."""
    if not search.problem.arc_line.size:
        return
    tried: list[Ints] = []
    tiers = search.best_tiers(dual)
    while budget.left:
        runs = chosen(search, dual, tiers)
        if any(np.array_equal(runs.tiers, other) for other in tried):
            break
        tried.append(runs.tiers)
        if runs.worth > search.score:
            _flow(search, runs, budget, PROGRAM_GAP * abs(dual.value), tell)
        tiers = search.running()


def chosen(search: Search, dual: Dual, tiers: Ints) -> Runs:
    """The best set of runs found by exchanges from `tiers` [O]."""
    p = search.problem
    often = np.flatnonzero((dual.state > IN_PLAY) & dual.allowed)
    candidates = often[np.argsort(-dual.state[often], kind="stable")]
    prices = p.tier_price[p.offer_tier[1:] - 1].copy()
    single = p.offer_tier[:-1][np.diff(p.offer_tier) == 1]
    free = single[dual.allowed[single] & (p.setup[search.owner[single]] <= 0) & (p.tier_low[single] <= 1)]
    tiers = tiers.copy()
    tiers[search.owner[free]] = free  # a run that costs nothing while it makes nothing is no choice
    on = tiers >= 0
    prices[on] = dual.at[tiers[on]]
    steps = int(min(MOST_STEPS, max(FEWEST_STEPS, LOOK / p.arc_line.size)))
    worth = sets.exchange(p, tiers, prices, -search.duty, search.owner, candidates, steps, WORK, sets.room(p))
    return Runs(tiers, prices, worth)


def _flow(search: Search, runs: Runs, budget: Budget, gap: float, tell: Callable[[], None]) -> None:
    """Programs of doubled size around the places' best plans, until one has all, or is no better."""
    p = search.problem
    floor, space = -search.duty, sets.room(p)
    prices = runs.prices.copy()
    steps = int(min(LAST_STEPS, 1 + WORK / p.arc_line.size))
    sets.worth(p, runs.tiers, runs.prices, floor, steps, -FAR, prices, space)
    loss, planned = sets.losses(p, runs.tiers, prices, floor, space)
    tiers = np.zeros(p.tier_low.size, dtype=bool)
    tiers[runs.tiers[runs.tiers >= 0]] = True
    amount = summed(p.arc_con, p.arc_quantity, p.con_fixed.size)
    order = np.argsort(loss / np.sqrt(amount), kind="stable")
    order = order[loss[order] < FAR]
    costly = np.cumsum(p.con_fixed[order] > 0)
    best = None
    if costly.size and costly[-1]:
        search.offer(search.polish(planned))
        near = order[: np.searchsorted(costly, MOST, side="right")]
        best = _linear(search, near, planned, tiers, budget)
        tell()
    most = FEWEST
    while budget.left and most <= MOST:
        few = order[: np.searchsorted(costly, most, side="right")]
        flow = _program(search, few, planned, tiers, best, budget, gap)
        tell()
        if few.size == order.size or (flow is None and best is not None and most > FEWEST):
            return
        best = flow if flow is not None else best
        most *= 2


def _linear(search: Search, near: Ints, planned: Floats, tiers: Bools, budget: Budget) -> Floats | None:
    """A sound flow from the linear relaxation on these consignments, that pays all it uses in full."""
    p = search.problem
    usable = summed(p.arc_con, planned, p.con_fixed.size) > 0
    usable[near] = True
    flow, _ = restricted.solve(
        p,
        Restriction(usable[p.arc_con], tiers, np.zeros(p.setup.size)),
        None,
        seconds=min(budget.left, PROGRAM_SECONDS),
        gap=0.0,
        seed=search.seed,
        linear=True,
    )
    if flow is None or not flows.whole(p, flow):
        return None
    flow = search.polish(flow)
    search.offer(flow)
    return None if (search.tiers_of(flow) & ~tiers).any() else flow


def _program(
    search: Search,
    few: Ints,
    planned: Floats,
    tiers: Bools,
    best: Floats | None,
    budget: Budget,
    gap: float,
) -> Floats | None:
    """The program in which only the places of these consignments, and those where the best flow is another
    one than planned, are free."""
    p = search.problem
    usable = np.zeros(p.con_fixed.size, dtype=bool)
    usable[few] = True
    free = np.zeros(p.place_start.size - 1, dtype=bool)
    free[p.con_place[few]] = True
    if best is not None:
        free[p.con_place[p.arc_con[np.abs(best - planned) > 0.5]]] = True
        usable |= summed(p.arc_con, best, usable.size) > 0
    usable |= summed(p.arc_con, planned, usable.size) > 0
    fixed = np.where(free[p.con_place[p.arc_con]], 0.0, planned)
    base = summed(p.con_offer[p.arc_con], fixed, p.setup.size)
    flow, _ = restricted.solve(
        p,
        Restriction((usable & free[p.con_place])[p.arc_con], tiers, base),
        best,
        seconds=min(budget.left, PROGRAM_SECONDS),
        gap=gap,
        seed=search.seed,
    )
    if flow is None:
        return None
    flow = flow + fixed
    units = np.zeros(p.setup.size)
    if not flows.whole(p, flow):
        search.offer(search.polish(flow))
        return None
    if best is not None and flows.score_of(p, flow, units) <= flows.score_of(p, best, units):
        return None
    search.offer(search.polish(flow))
    return flow
