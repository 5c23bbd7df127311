"""Multipliers for the bound: volume-type subgradient descent on the Lagrangian of `relax`.

Minimises ``D(lam, tau) = sum lam_d * quantity_d - tau * n + sum over offers of their best state`` (DESIGN,
Certificate). Steps go along an average of past subgradients (Barahona and Anbil, The volume algorithm,
2000), scaled by 1/quantity so that a large line's price moves as far as a small one's. The averages of
flows and states that come with it are an approximate solution of the linear relaxation: the search takes
its guidance from them.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, fields

import numpy as np
from numba import njit

from millpond.clearing.instance import Bools, Floats, Ints, Problem
from millpond.clearing.relax import relax_offer

PATIENCE = 5  # steps without a fall of D before the step is cut
FIRST_STEP, FIRST_SHARE = 0.1, 0.8  # step factor, and most of the newest flow in the average
LEAST_SHARE = 0.005


@njit(cache=True)
def _ranked(values, place):  # type: ignore[no-untyped-def]
    """The `place`-th largest value; -inf beyond the last."""
    left = values.copy()
    largest = -np.inf
    for _ in range(place):
        if not left.size or left.max() == -np.inf:
            return -np.inf
        at = left.argmax()
        largest = left[at]
        left[at] = -np.inf
    return largest


@njit(cache=True)
def evaluate(p, lam, tau, runs, allowed, may_rest, at, last, gains, w, cons, arcs, units, tier):  # type: ignore[no-untyped-def]
    """D at `lam`, and how many rows (`arcs`, `units`) of flow were written.

    `tier` [O] gets each offer's state (-1: off). `tau` [1] is set to its best for this `lam`: as many
    offers as must run (the best of them) then do. D is -inf where some offer has no state: the leaf bounds
    nothing.
    """
    offers = p.setup.size
    total = 0.0
    for d in range(lam.size):
        total += lam[d] * p.quantity[d]
    live = np.zeros(3)
    gain = np.full(offers, -np.inf)
    after = np.zeros(offers, np.int64)
    row = np.int64(0)
    forced = 0
    for o in range(offers):
        best, tier[o], end = relax_offer(p, lam, o, allowed, at, last, gains, w, cons, live, arcs, units, row)
        if tier[o] < 0 and not may_rest[o]:
            return -np.inf, row
        if not may_rest[o]:
            forced += 1
            total += best
        elif tier[o] >= 0:
            gain[o] = best
        if not may_rest[o] or best > 0.0 or (p.must_serve and tier[o] >= 0):
            row = end
        else:
            tier[o] = -1
        after[o] = row
    tau[0] = 0.0
    if p.must_serve and forced < runs:
        least = _ranked(gain, runs - forced)
        if not np.isfinite(least):
            return -np.inf, row
        tau[0] = max(0.0, -least)
        total -= tau[0] * (runs - forced)
    begin = 0
    left = runs - forced
    for o in range(offers):
        if may_rest[o] and tier[o] >= 0:
            # ties at gain + tau = 0: the first of them run
            if gain[o] + tau[0] > 0.0 or (tau[0] > 0.0 and gain[o] + tau[0] == 0.0 and left > 0):
                total += gain[o] + tau[0]
                left -= 1
            else:
                tier[o] = -1
                units[begin : after[o]] = 0.0
        begin = after[o]
    return total, row


@njit(cache=True)
def _toward(p, lam, residual):  # type: ignore[no-untyped-def]
    """Sets `residual` to 0 where the price is at its floor; its squared length, scaled."""
    length = 0.0
    for d in range(lam.size):
        if not p.must_serve and lam[d] <= 0.0 and residual[d] > 0.0:
            residual[d] = 0.0
        length += residual[d] * residual[d] / p.quantity[d]
    return length


@njit(cache=True)
def _newest_share(p, fresh, residual, most):  # type: ignore[no-untyped-def]
    """The share of the newest flow that makes the averaged residual shortest, within bounds; and whether the
    new residual points the same way as the old (above 0)."""
    nn = nm = mm = 0.0
    for d in range(fresh.size):
        nn += fresh[d] * fresh[d] / p.quantity[d]
        nm += fresh[d] * residual[d] / p.quantity[d]
        mm += residual[d] * residual[d] / p.quantity[d]
    share = most / 10.0
    if nn + mm - 2.0 * nm > 1e-12:
        share = min(most, max(share, (mm - nm) / (nn + mm - 2.0 * nm)))
    return share, nm


@njit(cache=True)
def _remember(share, arcs, units, rows, tier, mean_flow, mean_state, memory):  # type: ignore[no-untyped-def]
    """Takes the newest flow and states into the averages; `memory[4]` scales the flow's, so that only the
    arcs used are touched."""
    memory[4] *= 1.0 - share
    if memory[4] < 1e-60:
        for a in range(mean_flow.size):
            mean_flow[a] *= memory[4]
        memory[4] = 1.0
    for r in range(rows):
        mean_flow[arcs[r]] += share * units[r] / memory[4]
    for k in range(mean_state.size):
        mean_state[k] *= 1.0 - share
    for o in range(tier.size):
        if tier[o] >= 0:
            mean_state[tier[o]] += share


@njit(cache=True)
def descend(  # type: ignore[no-untyped-def]
    p,
    steps,
    target,
    lam,
    tau,
    runs,
    allowed,
    may_rest,
    at,
    last,
    gains,
    mean_served,
    mean_flow,
    mean_state,
    memory,
):
    """`steps` volume steps from the centre `lam` [D], which is moved to the best found.

    `memory`: D at the centre, step factor, steps since D last fell, largest share, scale of mean_flow.
    Ends early at `target`.
    """
    lines, size = p.quantity.size, p.arc_line.size
    w, arcs, units = np.empty(size), np.empty(size, np.int64), np.empty(size)
    cons = np.empty(p.con_fixed.size, np.int64)
    tier = np.empty(p.setup.size, np.int64)
    trial, residual, fresh = np.empty(lines), np.empty(lines), np.empty(lines)
    for _ in range(steps):
        centre = memory[0]
        if centre <= target:
            break
        for d in range(lines):
            residual[d] = p.quantity[d] - mean_served[d]
        length = _toward(p, lam, residual)
        if length <= 1e-12:
            break
        step = memory[1] * (centre - target) / length
        for d in range(lines):
            trial[d] = lam[d] - step * residual[d] / p.quantity[d]
            if not p.must_serve and trial[d] < 0.0:
                trial[d] = 0.0
        value, rows = evaluate(
            p, trial, tau, runs, allowed, may_rest, at, last, gains, w, cons, arcs, units, tier
        )
        if value == -np.inf:
            memory[0] = value
            break
        fresh[:] = p.quantity
        for r in range(rows):
            fresh[p.arc_line[arcs[r]]] -= units[r]
        share, turned = _newest_share(p, fresh, residual, memory[3])
        for d in range(lines):
            mean_served[d] += share * (p.quantity[d] - fresh[d] - mean_served[d])
        _remember(share, arcs, units, rows, tier, mean_flow, mean_state, memory)
        if value < centre - 1e-9 * abs(centre):
            lam[:] = trial
            memory[0] = value
            memory[2] = 0.0
            if turned > 0.0:
                memory[1] = min(2.0, memory[1] * 1.1)
        else:
            memory[2] += 1.0
            if memory[2] >= PATIENCE:
                memory[1] *= 0.66
                memory[2] = 0.0
                memory[3] = max(LEAST_SHARE, memory[3] * 0.8)
    return memory[0]


@dataclass(slots=True, eq=False)
class Dual:
    """Multipliers at one node of the tree and the averages beside them. The arrays are its own; `descend`
    changes them."""

    problem: Problem
    runs: int  # n of the certificate
    lam: Floats  # [D]
    tau: Floats  # [1] the best for the last prices tried; for those of the centre after `evaluate`
    allowed: Bools  # [T]
    may_rest: Bools  # [O]
    at: Floats  # [T] unit prices t = tier price + mu
    last: Ints  # [O] best tier
    gains: Floats  # [T]
    served: Floats  # [D] averaged
    flow: Floats  # [A] averaged, to be multiplied by memory[4]
    state: Floats  # [T] averaged
    memory: Floats

    @classmethod
    def start(cls, problem: Problem, lam: Floats, runs: int = 0) -> Dual:
        """Every state allowed that can be, at line prices `lam` [D]."""
        p = problem
        tiers, offers = p.tier_low.size, p.setup.size
        reach = np.zeros(offers)
        np.add.at(reach, p.con_offer[p.arc_con], p.arc_quantity)
        owner = np.repeat(np.arange(offers), np.diff(p.offer_tier))
        return cls(
            problem=p,
            runs=runs,
            lam=lam.copy(),
            tau=np.zeros(1),
            allowed=(p.tier_high >= p.tier_low) & (p.tier_low <= reach[owner]),
            may_rest=np.ones(offers, dtype=np.bool_),
            at=p.tier_price.copy(),
            last=np.full(offers, -1, dtype=np.int64),
            gains=np.full(tiers, -np.inf),
            served=np.zeros(p.quantity.size),
            flow=np.zeros(p.arc_line.size),
            state=np.zeros(tiers),
            memory=np.zeros(5),
        )

    def copy(self) -> Dual:
        """The same multipliers and averages, to go another way from here."""
        made = copy(self)
        for f in fields(self):
            if isinstance(value := getattr(self, f.name), np.ndarray):
                setattr(made, f.name, value.copy())
        return made

    @property
    def value(self) -> float:
        """D at the centre."""
        return float(self.memory[0])

    def evaluate(self) -> float:
        """D at the centre; sets `at` and `gains`, and restarts the averages there."""
        p = self.problem
        size = p.arc_line.size
        arcs, units = np.empty(size, dtype=np.int64), np.empty(size)
        tier = np.zeros(p.setup.size, dtype=np.int64)
        cons = np.empty(p.con_fixed.size, dtype=np.int64)
        self.gains[:] = -np.inf
        value, rows = evaluate(
            p,
            self.lam,
            self.tau,
            self.runs,
            self.allowed,
            self.may_rest,
            self.at,
            self.last,
            self.gains,
            np.empty(size),
            cons,
            arcs,
            units,
            tier,
        )
        self.flow[:] = 0.0
        self.flow[arcs[:rows]] = units[:rows]
        self.served[:] = np.bincount(p.arc_line[arcs[:rows]], units[:rows], minlength=self.served.size)
        self.state[:] = 0.0
        self.state[tier[tier >= 0]] = 1.0
        self.memory[:] = (value, FIRST_STEP, 0.0, FIRST_SHARE, 1.0)
        return float(value)

    def again(self, step: float = FIRST_STEP, share: float = FIRST_SHARE) -> None:
        """Longer steps once more, as after a change of target."""
        self.memory[1], self.memory[2], self.memory[3] = step, 0.0, share

    def descend(self, steps: int, target: float) -> float:
        """At most `steps` steps towards `target`; the new D."""
        return float(
            descend(
                self.problem,
                steps,
                target,
                self.lam,
                self.tau,
                self.runs,
                self.allowed,
                self.may_rest,
                self.at,
                self.last,
                self.gains,
                self.served,
                self.flow,
                self.state,
                self.memory,
            )
        )


def first_prices(problem: Problem) -> Floats:
    """Line prices [D] to start from: half of what its best offer leaves at its cheapest tier (all of it
    with must_serve)."""
    p = problem
    cheapest = np.array(
        [p.tier_price[a:b].min() for a, b in zip(p.offer_tier[:-1], p.offer_tier[1:], strict=True)],
        dtype=np.float64,
    )
    best = np.full(p.quantity.size, -np.inf)
    if p.arc_line.size:
        np.maximum.at(best, p.arc_line, p.arc_value - cheapest[p.con_offer[p.arc_con]])
    best[~np.isfinite(best)] = 0.0
    return best if p.must_serve else np.maximum(best, 0.0) / 2
