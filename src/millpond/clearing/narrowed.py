"""A program narrowed to what the linear relaxation uses, where places are too large for plans of their own.

Consignments that the multipliers hold to be worth a look go into a linear program; those that it uses, and a
few beside them where it is undecided, into a mixed-integer one.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from millpond.clearing import flows, restricted
from millpond.clearing.budget import Budget
from millpond.clearing.descent import Dual
from millpond.clearing.instance import summed
from millpond.clearing.program import Restriction
from millpond.clearing.search import OTHERS_A_PLACE, Search

A_PLACE = 4.0  # consignments in the linear program, on average
USED, DECIDED = 0.01, 0.97  # parts of a line in a consignment: more of them use it, more have decided it
MOST_BINARIES = 8_000  # consignments with fixed freight in the mixed-integer program
GAP = 3e-4  # of the bound: what that program may leave open


def better(search: Search, dual: Dual, budget: Budget, tell: Callable[[], None]) -> None:
    """Both programs, once; the flow rounded from the linear one is tried as well."""
    p = search.problem
    if not p.arc_line.size:
        return
    tiers = search.tiers_in_play(dual)
    gain = search.threshold(dual, tiers)
    most = int(A_PLACE * max(1, np.unique(p.con_place).size))
    cut = -np.partition(-gain, most)[most] if most < gain.size else -np.inf
    used = summed(p.arc_con, search.flow, p.con_fixed.size) > 0
    base = np.zeros(p.setup.size)
    near = Restriction((used | (gain >= cut))[p.arc_con], tiers, base)
    linear, _ = restricted.solve(p, near, None, seconds=budget.left, gap=0, seed=search.seed, linear=True)
    if linear is None:
        return
    rounded = linear.copy()
    if flows.whole(p, rounded):
        search.offer(search.polish(rounded))
    tell()
    share = np.zeros(p.con_fixed.size)
    np.maximum.at(share, p.arc_con, linear / p.arc_quantity)
    kept = used | (share > USED)
    undecided = np.zeros(p.place_start.size - 1, dtype=bool)
    undecided[p.con_place[(share > USED) & (share < DECIDED)]] = True
    beside = undecided[p.con_place] & search.best_ranked(gain, OTHERS_A_PLACE - 1)
    if np.count_nonzero((kept | beside) & (p.con_fixed > 0)) <= MOST_BINARIES:
        kept |= beside
    kept |= (p.con_fixed == 0) & search.best_ranked(gain, OTHERS_A_PLACE)  # these cost no binary
    if not budget.left or np.count_nonzero(kept & (p.con_fixed > 0)) > MOST_BINARIES:
        return
    flow, _ = restricted.solve(
        p,
        Restriction(kept[p.arc_con], tiers, base),
        search.flow if search.score > -np.inf else None,
        seconds=budget.left,
        gap=GAP * abs(dual.value),
        seed=search.seed,
    )
    if flow is not None:
        search.offer(flow)
    tell()
