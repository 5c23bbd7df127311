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
from millpond.clearing.plans import MOST_EXACT, gain, needless, plan, seconds

MOST_REPLANNED = 100_000  # arcs times consignments of a place, up to which it is planned anew for each
FIRST_STEP = 0.002  # of the worth: what the first step aims below it
PATIENCE = 4  # steps without a fall before they are halved
LEAST_SHARE, MOST_SHARE = 0.05, 0.8  # of the newest look in the average
GROWTH, MOST_STEP = 1.2, 0.1  # of the step after a fall
LEAST_STEP = 1e-8  # falls that no exchange would notice
FITS = 1e-9  # squared units, scaled, that runs may miss
SMALL = 0.01  # of what runs cost at the least: steps are made for a worth of that, where it is nearer to 0
SURE = 5  # times as many steps, before a set is taken for better
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
def _look(p, tiers, at, floor, missing, space):  # type: ignore[no-untyped-def]
    """The worth of the runs at unit prices `at` [O]; `missing` [O] gets what each sells beyond what is
    bought."""
    start, cons, cur, by, floats, ints, looked = space
    total = floor * p.quantity.sum()
    missing[:] = 0.0
    for c in range(start.size - 1):
        here = cons[start[c] : start[c + 1]]
        total += plan(p, here, at, floor, cur, by, -1, -1, floats, ints)
        for j in here:
            looked[0] += p.con_start[j + 1] - p.con_start[j]
            for a in range(p.con_start[j], p.con_start[j + 1]):
                if by[p.arc_line[a]] == j:
                    missing[p.con_offer[j]] -= p.arc_quantity[a]
    for o in range(tiers.size):
        k = tiers[o]
        if k >= 0:
            price, low, high = p.tier_price[k], p.tier_low[k], p.tier_high[k]
            total += (high if at[o] > price else low) * (at[o] - price) - p.setup[o]
            if at[o] != price:
                missing[o] += high if at[o] > price else low
            else:  # anything within the tier will do
                missing[o] = min(0.0, high + missing[o]) if -missing[o] > low else low + missing[o]
    return total


@njit(cache=True)
def _averaged(p, tiers, mean, missing):  # type: ignore[no-untyped-def]
    """Takes the newest `missing` [O] into its `mean`, by the share that makes it shortest; its squared
    length, scaled."""
    nn = nm = mm = 0.0
    for o in range(tiers.size):
        if tiers[o] >= 0:
            high = p.tier_high[tiers[o]]
            nn += missing[o] * missing[o] / high
            nm += missing[o] * mean[o] / high
            mm += mean[o] * mean[o] / high
    share = LEAST_SHARE
    if nn + mm - 2.0 * nm > 1e-12:
        share = min(MOST_SHARE, max(share, (mm - nm) / (nn + mm - 2.0 * nm)))
    for o in range(tiers.size):
        if tiers[o] >= 0:
            mean[o] += share * (missing[o] - mean[o])
    return (1.0 - share) ** 2 * mm + 2.0 * share * (1.0 - share) * nm + share * share * nn


@njit(cache=True)
def worth(p, tiers, t, floor, steps, enough, best_t, space):  # type: ignore[no-untyped-def]
    """The least found worth of the runs `tiers` [O] (-1: no run) from unit prices t [O] in `steps` steps.

    `best_t` [O] gets its prices. Ends early at or below `enough`: the set is no better than another one.
    Steps go along an average of what the runs miss, as in `descent`.
    """
    live(p, tiers, space[0], space[1])
    best_t[:] = np.where(tiers >= 0, t, FAR)
    at, missing = best_t.copy(), np.empty(tiers.size)
    best = _look(p, tiers, at, floor, missing, space)
    mean, kept = missing.copy(), missing.copy()
    length = _averaged(p, tiers, mean, missing)
    step, still, small = FIRST_STEP, 0, 0.0
    for o in range(tiers.size):
        if tiers[o] >= 0:
            small += SMALL * (p.setup[o] + p.tier_low[tiers[o]] * p.tier_price[tiers[o]])
    for _ in range(steps - 1):
        if length <= FITS:  # but perhaps of looks from both sides: once more from the best
            step, still, mean[:] = step / 2.0, 0, kept
            length = _averaged(p, tiers, mean, kept)
        if length <= FITS or best <= enough or step < LEAST_STEP:
            break
        for o in range(tiers.size):
            if tiers[o] >= 0:
                high, price = p.tier_high[tiers[o]], p.tier_price[tiers[o]]
                at[o] = best_t[o] - step * max(small, abs(best)) / length * mean[o] / high
                if (best_t[o] - price) * (at[o] - price) < 0.0:
                    at[o] = price
        total = _look(p, tiers, at, floor, missing, space)
        length = _averaged(p, tiers, mean, missing)
        if total < best:
            best, still, step = total, 0, min(MOST_STEP, GROWTH * step)
            best_t[:], kept[:] = at, missing
        else:
            still += 1
            if still >= PATIENCE:
                step, still = step / 2.0, 0
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
    least = now + LEAST_GAIN * abs(now)
    found = worth(p, tiers, t, floor, steps, least, best_t, space)
    if found > least:  # too few steps flatter
        found = worth(p, tiers, best_t.copy(), floor, SURE * steps, least, best_t, space)
    if found <= least:
        return -FAR
    t[:] = np.where(tiers >= 0, best_t, t)
    return found


@njit(cache=True)
def _is_free(p, o, k):  # type: ignore[no-untyped-def]
    """Whether a run costs nothing as long as it makes nothing: to close it gains nothing."""
    return p.setup[o] <= 0.0 and p.tier_low[k] <= 1.0


@njit(cache=True)
def exchange(p, tiers, t, floor, owner, candidates, steps, work, space):  # type: ignore[no-untyped-def]
    """Betters the runs `tiers` [O] (-1: no run) by closing, opening or changing one, or swapping two.

    `t` [O] are unit prices, those of the better runs in the end; `candidates` are tiers that may run, the
    most promising first. Ends when `work` arcs have been looked at. Gives the runs' worth.
    """
    best_t = t.copy()
    now = worth(p, tiers, t, floor, SURE * steps, -FAR, best_t, space)
    t[:] = np.where(tiers >= 0, best_t, t)
    looked = space[-1]
    moved = True
    while moved and looked[0] < work:
        moved = False
        for n in range(candidates.size + tiers.size):  # one run alone
            o = owner[candidates[n]] if n < candidates.size else n - candidates.size
            k = candidates[n] if n < candidates.size else -1
            old = tiers[o]
            if old == k or looked[0] >= work or (k < 0 and _is_free(p, o, old)):
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
                if tiers[o] >= 0 or old < 0 or looked[0] >= work or _is_free(p, e, old):
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

    At unit prices t [O]; FAR for offers that do not run. And the flow [A] of the best plans. A place of many
    arcs is not planned anew for each of its consignments: only their own lines move.
    """
    start, cons, cur, by, floats, ints, _ = space
    live(p, tiers, start, cons)
    loss, flow = np.full(p.con_fixed.size, FAR), np.zeros(p.arc_line.size)
    second, to = np.empty(p.quantity.size), np.empty(p.quantity.size, np.int64)
    for c in range(start.size - 1):
        here = cons[start[c] : start[c + 1]]
        best = plan(p, here, t, floor, cur, by, -1, -1, floats, ints)
        used, arcs = np.zeros(here.size, np.bool_), 0
        for i in range(here.size):
            j = here[i]
            for a in range(p.con_start[j], p.con_start[j + 1]):
                arcs += 1
                if by[p.arc_line[a]] == j:
                    flow[a] = p.arc_quantity[a]
                    used[i] = True
        if arcs * here.size > MOST_REPLANNED:
            seconds(p, here, t, floor, by, -1, -1, used, second, to)
            for i in range(here.size):
                j = here[i]
                loss[j] = -needless(p, j, cur, by, second) if used[i] else -gain(p, j, t, cur)
            continue
        for i in range(here.size):
            j = here[i]
            if used[i]:
                loss[j] = best - plan(p, here, t, floor, cur, by, -1, j, floats, ints)
            else:
                other = plan(p, here, t, floor, cur, by, j, -1, floats, ints)
                loss[j] = best - (other - p.con_fixed[j])
    return loss, flow
