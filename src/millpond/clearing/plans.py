"""The best plan of a place at given unit prices: which consignments to open, and which line goes where.

With unit prices ``t`` [O] for what each offer makes, places do not depend on each other, and every line is
served whole or not at all. Where up to MOST_EXACT lines compete for consignments that cost a fixed freight,
the plan is the best of all, by dynamic programming over sets of lines; else it is greedy, and a good one.
"""

from __future__ import annotations

import numpy as np
from numba import njit

MOST_EXACT = 6  # lines of a place, up to which its plan is the best of all, and not only a good one


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
def gain(p, j, t, cur):  # type: ignore[no-untyped-def]
    """What consignment j would gain beside those already used."""
    gain = -p.con_fixed[j]
    for a in range(p.con_start[j], p.con_start[j + 1]):
        over = p.arc_value[a] - t[p.con_offer[j]] - cur[p.arc_line[a]]
        if over > 0.0:
            gain += over * p.arc_quantity[a]
    return gain


@njit(cache=True)
def _greedy(p, cons, t, floor, cur, by, given, barred):  # type: ignore[no-untyped-def]
    """Opens the consignment that gains most, again and again; then closes those that this made needless."""
    worth = 0.0
    opened = np.zeros(cons.size, np.bool_)
    gains = np.full(cons.size, -1.0)  # at the most: what one gains only falls as others open
    for i in range(cons.size):
        if p.con_fixed[cons[i]] > 0.0 and cons[i] not in (given, barred):
            gains[i] = gain(p, cons[i], t, cur)
    while True:
        pick = int(np.argmax(gains))
        if gains[pick] <= 1e-9:
            break
        j = cons[pick]
        now = gain(p, j, t, cur)
        if now < gains[pick]:
            gains[pick] = now
            continue
        opened[pick], gains[pick] = True, -1.0
        worth += now
        for a in range(p.con_start[j], p.con_start[j + 1]):
            d = p.arc_line[a]
            over = p.arc_value[a] - t[p.con_offer[j]]
            if over > cur[d]:
                cur[d], by[d] = over, j
    return worth + _close(p, cons, t, floor, cur, by, given, barred, opened)


@njit(cache=True)
def seconds(p, cons, t, floor, by, given, barred, opened, second, to):  # type: ignore[no-untyped-def]
    """What each line would gain a unit, and through which consignment, without the one that serves it."""
    for j in cons:
        for a in range(p.con_start[j], p.con_start[j + 1]):
            second[p.arc_line[a]], to[p.arc_line[a]] = floor, -1
    for i in range(cons.size):
        j = cons[i]
        if j == barred or not (opened[i] or j == given or p.con_fixed[j] <= 0.0):
            continue
        for a in range(p.con_start[j], p.con_start[j + 1]):
            d = p.arc_line[a]
            over = p.arc_value[a] - t[p.con_offer[j]]
            if by[d] != j and over > second[d]:
                second[d], to[d] = over, j


@njit(cache=True)
def needless(p, j, cur, by, second):  # type: ignore[no-untyped-def]
    """What closing the open consignment j would gain."""
    gain = p.con_fixed[j]
    for a in range(p.con_start[j], p.con_start[j + 1]):
        d = p.arc_line[a]
        if by[d] == j:
            gain -= (cur[d] - second[d]) * p.arc_quantity[a]
    return gain


@njit(cache=True)
def _close(p, cons, t, floor, cur, by, given, barred, opened):  # type: ignore[no-untyped-def]
    """Closes open consignments whose lines lose less elsewhere than they cost, the most needless first; the
    gain."""
    total = 0.0
    second, to = np.empty(cur.size), np.empty(cur.size, np.int64)
    while True:
        seconds(p, cons, t, floor, by, given, barred, opened, second, to)
        best, pick = 1e-9, -1
        for i in range(cons.size):
            if opened[i]:
                gain = needless(p, cons[i], cur, by, second)
                if gain > best:
                    best, pick = gain, i
        if pick < 0:
            return total
        opened[pick] = False
        total += best
        for a in range(p.con_start[cons[pick]], p.con_start[cons[pick] + 1]):
            d = p.arc_line[a]
            if by[d] == cons[pick]:
                cur[d], by[d] = second[d], to[d]


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
    return worth + _greedy(p, cons, t, floor, cur, by, given, barred)
