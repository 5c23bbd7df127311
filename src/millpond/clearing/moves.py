"""Local search on flows: fill them greedily, plan a place anew, close a run.

Every move plans one place at a time at given unit prices ``t`` [O] and within the room that offers have
left, and is kept only if the true score (tier prices at the true totals, setups, fixed freight) rises: a
sound flow stays sound (see `flows`).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from millpond.clearing.flows import FAR, run_cost, score_of

ROUNDS = 30  # sweeps of a repair or a descent before it is left as it is


@njit(cache=True)
def _lift(p, c, flow, served, units):  # type: ignore[no-untyped-def]
    """Takes all flow of place c away; what it was worth before production."""
    worth = 0.0
    for i in range(p.place_start[c], p.place_start[c + 1]):
        j = p.place_con[i]
        used = 0.0
        for a in range(p.con_start[j], p.con_start[j + 1]):
            if flow[a] > 0.0:
                used += flow[a]
                worth += flow[a] * p.arc_value[a]
                served[p.arc_line[a]] -= flow[a]
                flow[a] = 0.0
        if used > 0.0:
            worth -= p.con_fixed[j]
            units[p.con_offer[j]] -= used
    return worth


@njit(cache=True)
def _plan(p, c, t, high, flow, served, units):  # type: ignore[no-untyped-def]
    """Serves the empty place c greedily at unit prices t, within `high` [O] units a run; its worth before
    production.

    Takes the consignment that gains most, again and again; then moves lines, and empties consignments,
    where that gains.
    """
    first, end = p.place_start[c], p.place_start[c + 1]
    while True:
        best, pick = 0.0, -1
        for i in range(first, end):
            j = p.place_con[i]
            o = p.con_offer[j]
            room = high[o] - units[o]
            if t[o] >= FAR or room <= 0.5:
                continue
            gain = -p.con_fixed[j]
            for a in range(p.con_start[j], p.con_start[j + 1]):
                if flow[a] > 0.0:
                    gain = max(gain, 0.0)  # its fixed freight is paid already
            for a in range(p.con_start[j], p.con_start[j + 1]):
                d = p.arc_line[a]
                over = p.arc_value[a] - t[o]
                take = min(room, p.quantity[d] - served[d])
                if over > 0.0 and take > 0.5 and (served[d] > 0.0 or take >= p.minimum[d]):
                    gain += over * take
                    room -= take
            if gain > best:
                best, pick = gain, j
        if pick < 0:
            break
        o = p.con_offer[pick]
        for a in range(p.con_start[pick], p.con_start[pick + 1]):
            d = p.arc_line[a]
            take = min(high[o] - units[o], p.quantity[d] - served[d])
            if p.arc_value[a] > t[o] and take > 0.5 and (served[d] > 0.0 or take >= p.minimum[d]):
                flow[a] += take
                served[d] += take
                units[o] += take
    _shift(p, c, t, high, flow, served, units)
    worth = 0.0
    for i in range(first, end):
        j = p.place_con[i]
        used = 0.0
        for a in range(p.con_start[j], p.con_start[j + 1]):
            used += flow[a]
            worth += flow[a] * p.arc_value[a]
        if used > 0.0:
            worth -= p.con_fixed[j]
    return worth


@njit(cache=True)
def _shift(p, c, t, high, flow, served, units):  # type: ignore[no-untyped-def]
    """Empties a consignment of place c into others already open, or moves single lines to them, where that
    gains."""
    first, end = p.place_start[c], p.place_start[c + 1]
    for i in range(first, end):
        j = p.place_con[i]
        o = p.con_offer[j]
        used, gain = 0.0, p.con_fixed[j]
        for a in range(p.con_start[j], p.con_start[j + 1]):
            if flow[a] <= 0.0:
                continue
            used += flow[a]
            own = flow[a] * (p.arc_value[a] - t[o])
            other = _elsewhere(p, a, t, high, flow, units)
            if other < 0:
                gain -= own
                continue
            moved = flow[a] * (p.arc_value[other] - t[p.con_offer[p.arc_con[other]]])
            if moved > own:  # a single line is better off over there
                _carry(p, a, other, flow, units)
            else:
                gain += moved - own
        if used > 0.0 and gain > 1e-9:
            for a in range(p.con_start[j], p.con_start[j + 1]):
                if flow[a] > 0.0:
                    other = _elsewhere(p, a, t, high, flow, units)
                    if other >= 0:
                        _carry(p, a, other, flow, units)
                    else:
                        served[p.arc_line[a]] -= flow[a]
                        units[o] -= flow[a]
                        flow[a] = 0.0
    for i in range(first, end):  # what is left of a line below its minimum leaves
        j = p.place_con[i]
        for a in range(p.con_start[j], p.con_start[j + 1]):
            d = p.arc_line[a]
            if flow[a] > 0.0 and served[d] < p.minimum[d]:
                units[p.con_offer[j]] -= flow[a]
                flow[a] = 0.0
    for i in range(first, end):
        j = p.place_con[i]
        for a in range(p.con_start[j], p.con_start[j + 1]):
            d = p.arc_line[a]
            if 0.0 < served[d] < p.minimum[d]:
                served[d] = 0.0


@njit(cache=True)
def _elsewhere(p, a, t, high, flow, units):  # type: ignore[no-untyped-def]
    """The best other arc of a's line that has room for its flow and whose consignment is open already; -1
    if none."""
    d = p.arc_line[a]
    best, arc = 0.0, -1
    for i in range(p.line_start[d], p.line_start[d + 1]):
        b = p.line_arc[i]
        j = p.arc_con[b]
        o = p.con_offer[j]
        over = p.arc_value[b] - t[o]
        if b == a or t[o] >= FAR or over <= best or units[o] + flow[a] > high[o]:
            continue
        for e in range(p.con_start[j], p.con_start[j + 1]):
            if flow[e] > 0.0:
                best, arc = over, b
                break
    return arc


@njit(cache=True)
def _carry(p, a, b, flow, units):  # type: ignore[no-untyped-def]
    units[p.con_offer[p.arc_con[a]]] -= flow[a]
    units[p.con_offer[p.arc_con[b]]] += flow[a]
    flow[b] += flow[a]
    flow[a] = 0.0


@njit(cache=True)
def regrets(p, t):  # type: ignore[no-untyped-def]
    """What each place [P] loses a unit without its best consignment at unit prices t [O], negative."""
    regret = np.zeros(p.place_start.size - 1)
    for c in range(regret.size):
        best = second = 0.0
        for i in range(p.place_start[c], p.place_start[c + 1]):
            j = p.place_con[i]
            if t[p.con_offer[j]] >= FAR:
                continue
            gain = -p.con_fixed[j]
            total = 1.0
            for a in range(p.con_start[j], p.con_start[j + 1]):
                over = p.arc_value[a] - t[p.con_offer[j]]
                if over > 0.0:
                    gain += over * p.quantity[p.arc_line[a]]
                    total += p.quantity[p.arc_line[a]]
            gain /= total
            if gain > best:
                best, second = gain, best
            elif gain > second:
                second = gain
        regret[c] = second - best
    return regret


@njit(cache=True)
def fill(p, order, t, high, flow, served, units):  # type: ignore[no-untyped-def]
    """A flow from nothing, places in this order, at unit prices t [O] (changed: FAR for runs that stay
    below their first tier); its score."""
    for _ in range(ROUNDS):
        flow[:] = 0.0
        served[:] = 0.0
        units[:] = 0.0
        for c in order:
            _plan(p, c, t, high, flow, served, units)
        worst, short = -1, 0.0
        for o in range(units.size):
            low = p.tier_low[p.offer_tier[o]]
            if 0.0 < units[o] < low and (worst < 0 or units[o] / low < short):
                worst, short = o, units[o] / low
        if worst < 0:
            break
        t[worst] = FAR  # the run that is furthest from its first tier is given up; others may take its lines
    else:
        flow[:] = 0.0
        served[:] = 0.0
    return score_of(p, flow, units)


@njit(cache=True)
def improve(p, t, flow, served, units, sweeps):  # type: ignore[no-untyped-def]
    """Plans place after place anew at unit prices t, as long as the true score rises; the gain."""
    high = np.empty(units.size)
    for o in range(units.size):
        high[o] = p.tier_high[p.offer_tier[o + 1] - 1]
        for k in range(p.offer_tier[o], p.offer_tier[o + 1]):
            high[o] = max(high[o], p.tier_high[k])
    old = np.empty(p.arc_line.size)
    before = np.empty(units.size)
    total = 0.0
    for _ in range(sweeps):
        gained = 0.0
        for c in range(p.place_start.size - 1):
            for i in range(p.place_start[c], p.place_start[c + 1]):
                j = p.place_con[i]
                before[p.con_offer[j]] = units[p.con_offer[j]]
                for a in range(p.con_start[j], p.con_start[j + 1]):
                    old[a] = flow[a]
            worth = _plan_gain(p, c, t, high, flow, served, units)
            for i in range(p.place_start[c], p.place_start[c + 1]):
                o = p.con_offer[p.place_con[i]]
                if units[o] != before[o]:
                    worth += run_cost(p, o, before[o]) - run_cost(p, o, units[o])
            if worth > 1e-6 and not (p.must_serve and _left(p, c, old, flow)):
                gained += worth
            else:
                _restore(p, c, old, flow, served, units)
        total += gained
        if gained <= 0.0:
            break
    return total


@njit(cache=True)
def close_runs(p, order, t, flow, served, units):  # type: ignore[no-untyped-def]
    """Closes run after run in this order of offers, and plans its places anew, where the true score rises;
    the gain."""
    high = np.zeros(units.size)
    for o in range(units.size):
        for k in range(p.offer_tier[o], p.offer_tier[o + 1]):
            if units[o] > 0.0:
                high[o] = max(high[o], p.tier_high[k])
    total = 0.0
    old = np.empty(flow.size)
    before = np.empty(units.size)
    places = np.empty(p.place_start.size - 1, np.int64)
    for o in order:
        if units[o] <= 0.0:
            continue
        room = high[o]
        high[o] = 0.0
        before[:] = units
        count = 0
        for j in range(p.offer_con[o], p.offer_con[o + 1]):
            used = 0.0
            for a in range(p.con_start[j], p.con_start[j + 1]):
                used += flow[a]
            if used > 0.0:
                places[count] = p.con_place[j]
                count += 1
        worth = 0.0
        less = False
        for n in range(count):
            c = places[n]
            for i in range(p.place_start[c], p.place_start[c + 1]):
                j = p.place_con[i]
                for a in range(p.con_start[j], p.con_start[j + 1]):
                    old[a] = flow[a]
            worth += _plan_gain(p, c, t, high, flow, served, units)
            less = less or (p.must_serve and _left(p, c, old, flow))
            if less:
                count = n + 1
                break
        for e in range(units.size):
            if units[e] != before[e]:
                worth += run_cost(p, e, before[e]) - run_cost(p, e, units[e])
        if worth > 1e-6 and not less:
            total += worth
        else:
            for n in range(count):
                _restore(p, places[n], old, flow, served, units)
            high[o] = room
    return total


@njit(cache=True)
def _left(p, c, old, flow):  # type: ignore[no-untyped-def]
    """Whether place c gets less than before."""
    less = 0.0
    for i in range(p.place_start[c], p.place_start[c + 1]):
        j = p.place_con[i]
        for a in range(p.con_start[j], p.con_start[j + 1]):
            less += old[a] - flow[a]
    return less > 0.5


@njit(cache=True)
def _plan_gain(p, c, t, high, flow, served, units):  # type: ignore[no-untyped-def]
    worth = _lift(p, c, flow, served, units)
    return _plan(p, c, t, high, flow, served, units) - worth


@njit(cache=True)
def _restore(p, c, old, flow, served, units):  # type: ignore[no-untyped-def]
    _lift(p, c, flow, served, units)
    for i in range(p.place_start[c], p.place_start[c + 1]):
        j = p.place_con[i]
        for a in range(p.con_start[j], p.con_start[j + 1]):
            if old[a] > 0.0:
                flow[a] = old[a]
                served[p.arc_line[a]] += old[a]
                units[p.con_offer[j]] += old[a]
