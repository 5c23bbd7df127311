"""What a set of runs is worth: unit prices at which its places' best plans fit the runs.

With the runs' tiers chosen, only the units of each run couple the places. At unit prices ``t`` [O] every
place plans alone: which consignments to open, and which line goes where. The set's worth is at the most

    min over t of  sum over runs of (B * (t - price) - setup)  +  sum over places of their best plan at t

with B = the tier's highest quantity where t lies above its price and its lowest elsewhere: the Lagrangian
dual in one price a run, found by subgradient steps within a few looks at every place. It guides an exchange
of runs (open, close, change tier, swap); it is no part of any bound that is published.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from millpond.clearing.flows import FAR

MOST_EXACT = 6  # lines of a place, up to which its plan is the best of all, and not only a good one
FIRST_STEP = 0.002  # of the worth: what the first step aims below it
PATIENCE = 4  # steps without a fall before they are halved
LEAST_GAIN = 1e-7  # of the worth: what an exchange must gain


@njit(cache=True)
def live(p, tiers, start, cons):  # type: ignore[no-untyped-def]
    """Lists the consignments of offers that run (`tiers` [O] at or above 0) by place: `start` [P+1] in
    `cons`."""
    count = 0
    for c in range(start.size - 1):
        start[c] = count
        for i in range(p.place_start[c], p.place_start[c + 1]):
            if tiers[p.con_offer[p.place_con[i]]] >= 0:
                cons[count] = p.place_con[i]
                count += 1
    start[start.size - 1] = count


@njit(cache=True)
def _free(p, cons, t, cur, by, given, barred):  # type: ignore[no-untyped-def]
    """Every line to the best of the consignments that cost nothing, or are given; what that is worth."""
    worth = 0.0
    for j in cons:
        if (p.con_fixed[j] > 0.0 and j != given) or j == barred:
            continue
        for a in range(p.con_start[j], p.con_start[j + 1]):
            d = p.arc_line[a]
            over = p.arc_value[a] - t[p.con_offer[j]]
            if over > cur[d]:
                worth += (over - cur[d]) * p.arc_quantity[a]
                cur[d], by[d] = over, j
    return worth


@njit(cache=True)
def _exact(p, cons, t, cur, by, barred, lines, count, floats, ints):  # type: ignore[no-untyped-def]
    """The best way to divide `lines` among consignments, by what each set of lines gains in one of them."""
    sets = 1 << count
    one, gain, best, single = floats[0], floats[1], floats[2], floats[3]
    pick, part = ints[0], ints[1]
    one[:sets], pick[:sets] = 0.0, -1
    for j in cons:
        if p.con_fixed[j] <= 0.0 or j == barred:
            continue
        single[:count] = 0.0
        some = False
        for a in range(p.con_start[j], p.con_start[j + 1]):
            d = p.arc_line[a]
            over = (p.arc_value[a] - t[p.con_offer[j]] - cur[d]) * p.arc_quantity[a]
            if over > 0.0:
                for n in range(count):
                    if lines[n] == d:
                        single[n] = over
                        some = True
        if not some:
            continue
        gain[0] = -p.con_fixed[j]
        for n in range(count):
            for s in range(1 << n, 2 << n):
                gain[s] = gain[s - (1 << n)] + single[n]
        for s in range(1, sets):
            if gain[s] > one[s]:
                one[s], pick[s] = gain[s], j
    best[0] = 0.0
    for s in range(1, sets):
        low = s & -s
        best[s], part[s] = best[s ^ low], low  # the lowest line stays where it is
        taken = s
        while taken:
            if taken & low and pick[taken] >= 0 and one[taken] + best[s ^ taken] > best[s]:
                best[s], part[s] = one[taken] + best[s ^ taken], taken
            taken = (taken - 1) & s
    s = sets - 1
    while s:
        taken = part[s]
        j = pick[taken]
        if taken != s & -s or (j >= 0 and one[taken] + best[s ^ taken] == best[s]):
            for a in range(p.con_start[j], p.con_start[j + 1]):
                d = p.arc_line[a]
                over = p.arc_value[a] - t[p.con_offer[j]]
                for n in range(count):
                    if lines[n] == d and taken >> n & 1 and over > cur[d]:
                        cur[d], by[d] = over, j
        s ^= taken
    return best[sets - 1]


@njit(cache=True)
def _greedy(p, cons, t, cur, by, given, barred):  # type: ignore[no-untyped-def]
    """Opens the consignment that gains most, again and again, and closes those that this makes needless."""
    worth = 0.0
    opened = np.zeros(cons.size, np.bool_)
    while True:
        best, pick = 1e-9, -1
        for i in range(cons.size):
            j = cons[i]
            if opened[i] or j in (given, barred) or p.con_fixed[j] <= 0.0:
                continue
            gain = -p.con_fixed[j]
            for a in range(p.con_start[j], p.con_start[j + 1]):
                over = p.arc_value[a] - t[p.con_offer[j]] - cur[p.arc_line[a]]
                if over > 0.0:
                    gain += over * p.arc_quantity[a]
            if gain > best:
                best, pick = gain, i
        if pick < 0:
            return worth
        opened[pick] = True
        worth += best
        j = cons[pick]
        for a in range(p.con_start[j], p.con_start[j + 1]):
            d = p.arc_line[a]
            over = p.arc_value[a] - t[p.con_offer[j]]
            if over > cur[d]:
                cur[d], by[d] = over, j
        for i in range(cons.size):
            if opened[i] and i != pick:
                worth += _needless(p, cons, i, t, cur, by, given, opened)


@njit(cache=True)
def _needless(p, cons, i, t, cur, by, given, opened):  # type: ignore[no-untyped-def]
    """Closes the open consignment `cons[i]` if its lines lose less elsewhere than it costs; the gain."""
    j = cons[i]
    first, end = p.con_start[j], p.con_start[j + 1]
    gain = p.con_fixed[j]
    second, to = np.zeros(end - first), np.full(end - first, -1)
    for a in range(first, end):
        d = p.arc_line[a]
        if by[d] != j:
            continue
        second[a - first] = -FAR
        for n in range(cons.size):
            e = cons[n]
            if n == i or not (opened[n] or e == given or p.con_fixed[e] <= 0.0):
                continue
            for b in range(p.con_start[e], p.con_start[e + 1]):
                over = p.arc_value[b] - t[p.con_offer[e]]
                if p.arc_line[b] == d and over > second[a - first]:
                    second[a - first], to[a - first] = over, e
        if not p.must_serve and second[a - first] < 0.0:
            second[a - first], to[a - first] = 0.0, -1
        gain -= (cur[d] - second[a - first]) * p.arc_quantity[a]
    if gain <= 1e-9:
        return 0.0
    opened[i] = False
    for a in range(first, end):
        d = p.arc_line[a]
        if by[d] == j:
            cur[d], by[d] = second[a - first], to[a - first]
    return gain


@njit(cache=True)
def plan(p, cons, t, floor, cur, by, given, barred, floats, ints):  # type: ignore[no-untyped-def]
    """The best plan of a place with the consignments `cons` at unit prices t [O]: its worth, production paid.

    `cur` and `by` [D] get what each of its lines gains a unit, and through which consignment (-1: none). A
    line not served gains `floor`. The consignment `given` costs nothing, `barred` may not be used (-1: none).
    `floats` [4, 2**MOST_EXACT] and `ints` [3, 2**MOST_EXACT] are room to work in.
    """
    for j in cons:
        for a in range(p.con_start[j], p.con_start[j + 1]):
            cur[p.arc_line[a]], by[p.arc_line[a]] = floor, -1
    lines, count = ints[2], 0
    worth = _free(p, cons, t, cur, by, given, barred)
    for j in cons:
        if p.con_fixed[j] <= 0.0 or j in (given, barred):
            continue
        for a in range(p.con_start[j], p.con_start[j + 1]):
            d = p.arc_line[a]
            if p.arc_value[a] - t[p.con_offer[j]] <= cur[d]:
                continue
            known = False
            for n in range(min(count, MOST_EXACT)):
                known = known or lines[n] == d
            if not known:
                if count < MOST_EXACT:
                    lines[count] = d
                count += 1
    if count == 0:
        return worth
    if count <= MOST_EXACT:
        return worth + _exact(p, cons, t, cur, by, barred, lines, count, floats, ints)
    return worth + _greedy(p, cons, t, cur, by, given, barred)


@njit(cache=True)
def room(p):  # type: ignore[no-untyped-def]
    """Arrays to plan in: start [P+1], cons [C], cur, by [D], two to work in; and how many arcs were seen."""
    return (
        np.empty(p.place_start.size, np.int64),
        np.empty(p.con_fixed.size, np.int64),
        np.empty(p.quantity.size),
        np.full(p.quantity.size, -1),
        np.empty((4, 1 << MOST_EXACT)),
        np.empty((3, 1 << MOST_EXACT), np.int64),
        np.zeros(1),
    )


@njit(cache=True)
def _missing(p, k, t, units):  # type: ignore[no-untyped-def]
    """Units that tier k, at unit price t, would sell beyond those bought: the slope of its run's worth."""
    price, low, high = p.tier_price[k], p.tier_low[k], p.tier_high[k]
    if t == price:
        return min(0.0, high - units) if units > low else low - units
    return (high if t > price else low) - units


@njit(cache=True)
def worth(p, tiers, t, floor, steps, enough, best_t, space):  # type: ignore[no-untyped-def]
    """The least found worth of the runs `tiers` [O] (-1: no run) from unit prices t [O] in `steps` steps.

    `best_t` [O] gets its prices. Ends early at or below `enough`: the set is no better than another one.
    """
    start, cons, cur, by, floats, ints, looked = space
    live(p, tiers, start, cons)
    arcs = 0
    for j in cons[: start[-1]]:
        arcs += p.con_start[j + 1] - p.con_start[j]
    at = np.where(tiers >= 0, t, FAR)
    units = np.empty(tiers.size)
    best, step, still = FAR, FIRST_STEP, 0
    best_t[:] = at
    for _ in range(steps):
        looked[0] += arcs
        total = floor * p.quantity.sum()
        units[:] = 0.0
        for c in range(start.size - 1):
            here = cons[start[c] : start[c + 1]]
            total += plan(p, here, at, floor, cur, by, -1, -1, floats, ints)
            for j in here:
                for a in range(p.con_start[j], p.con_start[j + 1]):
                    if by[p.arc_line[a]] == j:
                        units[p.con_offer[j]] += p.arc_quantity[a]
        length = 0.0
        for o in range(tiers.size):
            k = tiers[o]
            if k >= 0:
                side = p.tier_high[k] if at[o] > p.tier_price[k] else p.tier_low[k]
                total += side * (at[o] - p.tier_price[k]) - p.setup[o]
                length += _missing(p, k, at[o], units[o]) ** 2 / p.tier_high[k]
        if total < best:
            best, still = total, 0
            best_t[:] = at
        else:
            still += 1
            if still >= PATIENCE:
                step, still = step / 2.0, 0
                at[:] = best_t
                continue
        if length <= 0.0 or best <= enough:
            break
        for o in range(tiers.size):
            k = tiers[o]
            if k >= 0:
                price = p.tier_price[k]
                missing = _missing(p, k, at[o], units[o]) / p.tier_high[k]
                new = at[o] - step * abs(best) / length * missing
                at[o] = price if (at[o] - price) * (new - price) < 0.0 else new
    return best


@njit(cache=True)
def _try(p, tiers, t, floor, steps, now, best_t, space):  # type: ignore[no-untyped-def]
    """The worth of changed runs if it is above `now`, whose prices t then are; -FAR if it is not."""
    most = 0.0
    for o in range(tiers.size):
        if tiers[o] >= 0:
            most += p.tier_high[tiers[o]]
    if p.must_serve and most < p.quantity.sum():
        return -FAR
    found = worth(p, tiers, t, floor, steps, now + LEAST_GAIN * abs(now), best_t, space)
    if found <= now + LEAST_GAIN * abs(now):
        return -FAR
    t[:] = np.where(tiers >= 0, best_t, t)
    return found


@njit(cache=True)
def exchange(p, tiers, t, floor, owner, candidates, steps, work, space):  # type: ignore[no-untyped-def]
    """Betters the runs `tiers` [O] (-1: no run) by closing, opening or changing one, or swapping two.

    `t` [O] are unit prices, those of the better runs in the end; `candidates` are tiers that may run, the
    most promising first. Ends when `work` arcs have been looked at. Gives the runs' worth.
    """
    best_t = t.copy()
    now = worth(p, tiers, t, floor, 5 * steps, -FAR, best_t, space)
    t[:] = np.where(tiers >= 0, best_t, t)
    looked = space[-1]
    moved = True
    while moved and looked[0] < work:
        moved = False
        for n in range(candidates.size + tiers.size):  # one run alone
            o = owner[candidates[n]] if n < candidates.size else n - candidates.size
            k = candidates[n] if n < candidates.size else -1
            old = tiers[o]
            if old == k or looked[0] >= work:
                continue
            tiers[o] = k
            found = _try(p, tiers, t, floor, steps, now, best_t, space)
            if found > now:
                now, moved = found, True
            else:
                tiers[o] = old
        if moved:
            continue
        for k in candidates:  # one for another
            for e in range(tiers.size):
                o, old = owner[k], tiers[e]
                if tiers[o] >= 0 or old < 0 or looked[0] >= work:
                    continue
                tiers[o], tiers[e] = k, -1
                found = _try(p, tiers, t, floor, steps, now, best_t, space)
                if found > now:
                    now, moved = found, True
                else:
                    tiers[o], tiers[e] = -1, old
    return now


@njit(cache=True)
def losses(p, tiers, t, floor, space):  # type: ignore[no-untyped-def]
    """By consignment [C]: what its place's plan loses if it is used, or not used, against the best plan.

    At unit prices t [O]; FAR for offers that do not run. And the flow [A] of the best plans.
    """
    start, cons, cur, by, floats, ints, _ = space
    live(p, tiers, start, cons)
    loss, flow = np.full(p.con_fixed.size, FAR), np.zeros(p.arc_line.size)
    for c in range(start.size - 1):
        here = cons[start[c] : start[c + 1]]
        best = plan(p, here, t, floor, cur, by, -1, -1, floats, ints)
        for j in here:
            for a in range(p.con_start[j], p.con_start[j + 1]):
                if by[p.arc_line[a]] == j:
                    flow[a] = p.arc_quantity[a]
        for j in here:
            used = False
            for a in range(p.con_start[j], p.con_start[j + 1]):
                used = used or flow[a] > 0.0
            if used:
                other = plan(p, here, t, floor, cur, by, -1, j, floats, ints)
            else:
                other = plan(p, here, t, floor, cur, by, j, -1, floats, ints) - p.con_fixed[j]
            loss[j] = best - other
    return loss, flow
