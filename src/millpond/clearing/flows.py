"""Flows: what they cost, and making them sound.

A *flow* [A] says how many units each arc carries. It is *sound* if it is a clearing of the price-blind
problem: whole units within their lines, minimum kept, runs within capacity and at or above their first
tier, with must_serve every line in full.
"""

from __future__ import annotations

import numpy as np
from numba import njit

FAR = 1e300  # the cost of a run that cannot be, and the unit price of an offer that may not be used


@njit(cache=True)
def run_cost(p, o, units):  # type: ignore[no-untyped-def]
    """Setup and production of a run of `units`; FAR where no tier makes that many."""
    if units <= 0.5:
        return 0.0
    for k in range(p.offer_tier[o], p.offer_tier[o + 1]):
        if p.tier_low[k] <= units <= p.tier_high[k]:
            return p.setup[o] + p.tier_price[k] * units
    return FAR


@njit(cache=True)
def score_of(p, flow, units):  # type: ignore[no-untyped-def]
    """True score of a flow [A]; -FAR where a run cannot be. Sets `units` [O]."""
    units[:] = 0.0
    total = 0.0
    for j in range(p.con_fixed.size):
        used = 0.0
        for a in range(p.con_start[j], p.con_start[j + 1]):
            if flow[a] > 0.0:
                used += flow[a]
                total += flow[a] * p.arc_value[a]
        if used > 0.0:
            total -= p.con_fixed[j]
            units[p.con_offer[j]] += used
    for o in range(p.setup.size):
        cost = run_cost(p, o, units[o])
        if cost >= FAR:
            return -FAR
        total -= cost
    return total


@njit(cache=True)
def whole(p, flow):  # type: ignore[no-untyped-def]
    """Rounds a flow [A] to whole units within its lines; whether it is a sound clearing but for the
    prices."""
    served = np.zeros(p.quantity.size)
    units = np.zeros(p.setup.size)
    for a in range(flow.size):
        flow[a] = np.floor(flow[a] + 1e-6)
        served[p.arc_line[a]] += flow[a]
        units[p.con_offer[p.arc_con[a]]] += flow[a]
    for a in range(flow.size):  # what the flooring left over goes where its line flows already
        d = p.arc_line[a]
        o = p.con_offer[p.arc_con[a]]
        room = p.tier_high[p.offer_tier[o + 1] - 1] - units[o]
        if flow[a] > 0.0 and served[d] < p.quantity[d] and room > 0.5 and p.must_serve:
            more = min(room, p.quantity[d] - served[d])
            flow[a] += more
            served[d] += more
            units[o] += more
    for d in range(served.size):
        if served[d] > p.quantity[d] or 0.0 < served[d] < p.minimum[d]:
            return False
        if p.must_serve and served[d] < p.quantity[d]:
            return False
    possible = True
    for o in range(units.size):
        possible = possible and run_cost(p, o, units[o]) < FAR
    return possible


@njit(cache=True)
def prune(p, flow):  # type: ignore[no-untyped-def]
    """Takes lines below their minimum and runs that cannot be out of a flow [A], until it is sound."""
    served = np.zeros(p.quantity.size)
    units = np.zeros(p.setup.size)
    changed = True
    while changed:
        changed = False
        served[:] = 0.0
        units[:] = 0.0
        for a in range(flow.size):
            served[p.arc_line[a]] += flow[a]
        for a in range(flow.size):
            if flow[a] > 0.0 and served[p.arc_line[a]] < p.minimum[p.arc_line[a]]:
                flow[a] = 0.0
            units[p.con_offer[p.arc_con[a]]] += flow[a]
        for o in range(units.size):
            if run_cost(p, o, units[o]) >= FAR:
                changed = True
                for a in range(p.con_start[p.offer_con[o]], p.con_start[p.offer_con[o + 1]]):
                    flow[a] = 0.0
