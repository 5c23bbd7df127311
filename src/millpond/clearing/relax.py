"""The Lagrangian relaxation at given multipliers: every offer on its own, in its best state.

With a price ``lam`` on every line's quantity, offers no longer compete. Offer o at tier k then buys, place
by place, all lines whose net value ``w = value - lam`` lies above its unit price ``t = tier price + mu``,
where the place's sum pays for the consignment; ``mu`` (the certificate's tier multiplier) is the price of
the tier's own limits L <= units <= U. What it gains there,

    phi_k(t) = B * (t - price_k) + psi(t),   psi(t) = sum over places of max(0, sum q * max(0, w - t) - fixed)

with B = U right of the tier price and B = L left of it, is convex and piecewise linear in t, and psi is the
same for all tiers. So each tier costs one line search (intersection of tangents: exact after finitely many
steps).

Floats throughout: a relaxation is guidance until `certificate` has been evaluated in integers.
"""

from __future__ import annotations

from numba import njit

LINE_STEPS = 80  # more than any line search has needed; every stop is a sound multiplier
PRECISION = 1e-9  # of phi: where a line search stops
GROWTH = 4.0  # of the step that looks for the minimum's other side
DEPTH = 1.0  # how far below 0 the multiplier of an impossible state is pushed


@njit(cache=True)
def _live(p, w, o, t, cons):  # type: ignore[no-untyped-def]
    """The consignments of offer o that pay at unit price t go to `cons`; how many."""
    count = 0
    for j in range(p.offer_con[o], p.offer_con[o + 1]):
        gain = -p.con_fixed[j]
        for a in range(p.con_start[j], p.con_start[j + 1]):
            over = w[a] - t
            if over > 0.0:
                gain += p.arc_quantity[a] * over
        if gain > 0.0:
            cons[count] = j
            count += 1
    return count


@njit(cache=True)
def _probe(p, w, o, cons, live, t):  # type: ignore[no-untyped-def]
    """psi(t) and the units bought at unit price t.

    `cons` holds the consignments that pay at `live[0]`, `live[1]` of them; where t is lower they are listed
    anew.
    """
    if t < live[0]:
        live[0] = t - 0.25 * abs(live[0] - t)
        live[1] = _live(p, w, o, live[0], cons)
    psi = 0.0
    units = 0.0
    for i in range(int(live[1])):
        j = cons[i]
        gain = -p.con_fixed[j]
        bought = 0.0
        for a in range(p.con_start[j], p.con_start[j + 1]):
            over = w[a] - t
            if over > 0.0:
                gain += p.arc_quantity[a] * over
                bought += p.arc_quantity[a]
        if gain > 0.0:
            psi += gain
            units += bought
    return psi, units


@njit(cache=True)
def _phi(price, low, high, t, psi):  # type: ignore[no-untyped-def]
    return psi + (high if t > price else low) * (t - price)


@njit(cache=True)
def _search(p, w, o, k, cons, live, top, warm, psi, units):  # type: ignore[no-untyped-def]
    """Minimum of phi_k from `warm`, where psi and units are given: t, phi, and the sides (ta, tb, share) of
    the kink.

    A share of what is bought at ta and the rest at tb together sell exactly what the tier may, or must, make.
    """
    price, low, high = p.tier_price[k], p.tier_low[k], p.tier_high[k]
    ta = tb = warm
    fa = fb = _phi(price, low, high, warm, psi)
    qa = qb = units
    step = 1e-3 * (abs(warm) + 1.0)
    # which side: units above the bound in force at t mean that t must rise
    if units > (high if warm >= price else low):
        while True:
            t = min(tb + step, price) if tb < price else tb + step
            step *= GROWTH
            if t >= top and t > price:
                tb, fb, qb = t, high * (t - price), 0.0
                break
            s, q = _probe(p, w, o, cons, live, t)
            tb, fb, qb = t, _phi(price, low, high, t, s), q
            if t == price and low <= q <= high:
                return t, fb, t, t, 1.0
            if q <= (high if t >= price else low):
                break
            ta, fa, qa = tb, fb, qb
    else:
        if warm == price and units >= low:
            return warm, fa, warm, warm, 1.0
        while True:
            t = max(ta - step, price) if ta > price else ta - step
            step *= GROWTH
            s, q = _probe(p, w, o, cons, live, t)
            ta, fa, qa = t, _phi(price, low, high, t, s), q
            if t == price and low <= q <= high:
                return t, fa, t, t, 1.0
            if q > (high if t >= price else low) or (t < price and q >= low):
                break
            if fa - p.setup[o] < -DEPTH and t < price and q == live[2]:
                return t, fa, t, t, 1.0  # too few lines for this tier at any price: the state cannot be
            tb, fb, qb = ta, fa, qa
    bound = high if tb > price else low
    best_t, best = (ta, fa) if fa < fb else (tb, fb)
    for _ in range(LINE_STEPS):
        sa, sb = bound - qa, bound - qb
        if sb <= sa:
            break
        t = (fb - fa + sa * ta - sb * tb) / (sa - sb)
        if not ta < t < tb:
            break
        s, q = _probe(p, w, o, cons, live, t)
        f = bound * (t - price) + s
        if f < best:
            best_t, best = t, f
        if f - (fa + sa * (t - ta)) <= PRECISION * (abs(f) + 1.0):
            break
        if q > bound:
            ta, fa, qa = t, f, q
        else:
            tb, fb, qb = t, f, q
    share = (bound - qb) / (qa - qb) if qa > qb else 1.0
    return best_t, best, ta, tb, share


@njit(cache=True)
def _buy(p, w, cons, count, ta, tb, share, arcs, units, start):  # type: ignore[no-untyped-def]
    """Lists what is bought, `share` of it at ta and the rest at tb, from row `start` of (arcs, units); the
    row after."""
    for i in range(count):
        j = cons[i]
        gain_a = gain_b = -p.con_fixed[j]
        for a in range(p.con_start[j], p.con_start[j + 1]):
            gain_a += p.arc_quantity[a] * max(0.0, w[a] - ta)
            gain_b += p.arc_quantity[a] * max(0.0, w[a] - tb)
        part_a = share if gain_a > 0.0 else 0.0
        part_b = 1.0 - share if gain_b > 0.0 else 0.0
        if part_a + part_b <= 0.0:
            continue
        for a in range(p.con_start[j], p.con_start[j + 1]):
            part = (part_a if w[a] > ta else 0.0) + (part_b if w[a] > tb else 0.0)
            if part > 0.0:
                arcs[start] = a
                units[start] = part * p.arc_quantity[a]
                start += 1
    return start


@njit(cache=True)
def relax_offer(p, lam, o, allowed, at, last, gains, w, cons, live, arcs, units, start):  # type: ignore[no-untyped-def]
    """Offer o at line prices `lam` [D]: gain of its best tier (setup paid), the tier (-1: none), rows of
    flow written.

    `allowed` [T] says which tiers it may have; `at` [T] keeps every tier's unit price t between calls (in:
    where to start, out: the best known); `gains` [T] gets an upper bound of each allowed tier's gain, exact
    for the best; `last` [O] keeps the best tier. What that tier buys is listed from row `start` of (`arcs`,
    `units`), as for `_buy`.
    """
    first, end = p.offer_tier[o], p.offer_tier[o + 1]
    floor = 1e300
    for k in range(first, end):
        if allowed[k] and p.tier_high[k] >= p.tier_low[k]:
            floor = min(floor, at[k])
    if floor == 1e300:
        return -1e300, -1, start
    top = -1e300
    reach = 0.0
    for a in range(p.con_start[p.offer_con[o]], p.con_start[p.offer_con[o + 1]]):
        w[a] = p.arc_value[a] - lam[p.arc_line[a]]
        top = max(top, w[a])
        reach += p.arc_quantity[a]
    live[0] = floor - 1e-3 * (abs(floor) + 1.0)
    live[1] = _live(p, w, o, live[0], cons)
    live[2] = reach
    best, tier = -1e300, -1
    ta, tb, share = 0.0, 0.0, 1.0
    for turn in range(first - 1, end):
        k = (
            last[o] if turn < first else turn
        )  # the tier that was best before goes first: others often need one look
        if k < first or (turn >= first and k == last[o]) or not allowed[k] or p.tier_high[k] < p.tier_low[k]:
            continue
        psi, bought = _probe(p, w, o, cons, live, at[k])
        look = _phi(p.tier_price[k], p.tier_low[k], p.tier_high[k], at[k], psi) - p.setup[o]
        if look <= best:
            gains[k] = look
            continue
        at[k], f, left, right, part = _search(p, w, o, k, cons, live, top, at[k], psi, bought)
        gains[k] = f - p.setup[o]
        if gains[k] > best:
            best, tier = gains[k], k
            ta, tb, share = left, right, part
    last[o] = tier
    start = _buy(p, w, cons, int(live[1]), ta, tb, share, arcs, units, start)
    return best, tier, start
