"""From float multipliers to the certificate: integers, and the bound they prove, evaluated exactly.

Rounding a multiplier weakens a bound, never falsifies it. The bound is evaluated in 64-bit integers by
compiled code where no intermediate can pass 2**62, and by `certificate.bound` in unbounded ones otherwise;
both give the same number.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from millpond.clearing.certificate import bound as exact_bound
from millpond.clearing.instance import Instance
from millpond.clearing.tree import Node, fewest_runs
from millpond.model import Branch, Certificate, Leaf

SAFE = 1 << 62
PRECISION = 2e-7  # of the bound: what rounding the multipliers may cost at the most, if whole units allow it
MOST_SCALE = 10**9
NOTHING = -(1 << 200)  # in place of the bound of a leaf that bounds nothing
EXACT_SIZE = 20_000  # line multipliers in all, up to which rounding costs less than one minor unit


@njit(cache=True)
def _leaf_bound(p, value, scale, lam, mu, tau, runs, allowed, may_rest, deep):  # type: ignore[no-untyped-def]
    """bound_leaf in units of 1/scale, all integers. (False, 0) where some offer has no state, or none above
    -deep.

    The tiers that no demand reaches are not in `allowed`: their multipliers value them below 0, or below
    -deep.
    """
    total = -tau * runs
    for d in range(lam.size):
        total += lam[d] * np.int64(p.quantity[d])
    for o in range(p.setup.size):
        found = may_rest[o]
        best = 0
        for k in range(p.offer_tier[o], p.offer_tier[o + 1]):
            low, high = np.int64(p.tier_low[k]), np.int64(p.tier_high[k])
            if not allowed[k] or high < low:
                continue
            gain = tau - scale * np.int64(p.setup[o]) + (high if mu[k] >= 0 else low) * mu[k]
            price = scale * np.int64(p.tier_price[k]) + mu[k]
            for j in range(p.offer_con[o], p.offer_con[o + 1]):
                taken = -scale * np.int64(p.con_fixed[j])
                for a in range(p.con_start[j], p.con_start[j + 1]):
                    over = scale * value[a] - price - lam[p.arc_line[a]]
                    if over > 0:
                        taken += np.int64(p.arc_quantity[a]) * over
                if taken > 0:
                    gain += taken
            if not found or gain > best:
                found, best = True, gain
        if not found or best < -deep:
            return False, 0
        total += best
    return True, total


class Certifier:
    """Writes certificates for one instance."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        p = instance.problem
        reach = np.zeros(p.setup.size)
        np.add.at(reach, p.con_offer[p.arc_con], p.arc_quantity)
        self.owner = np.repeat(np.arange(p.setup.size), np.diff(p.offer_tier))
        self.short = (p.tier_high >= p.tier_low) & (
            p.tier_low > reach[self.owner]
        )  # more than all its lines together
        self.reach = reach

    def certificate(self, root: Node) -> tuple[Certificate, int]:
        """The certificate of a tree, and the bound that it proves."""
        leaves: list[Node] = []
        waiting = [root]
        while waiting:
            node = waiting.pop()
            if node.low and node.high:
                waiting += (node.low, node.high)
            else:
                leaves.append(node)
        scale = self._scale(max((leaf.bound for leaf in leaves), key=abs), len(leaves))
        bounds: list[int | None] = []
        made: dict[int, Leaf] = {}
        for leaf in leaves:
            made[id(leaf)], bound = self._leaf(leaf, scale)
            bounds.append(bound)
        certificate = Certificate(scale=scale, tree=self._tree(root, made))
        if any(bound is None for bound in bounds):
            return certificate, exact_bound(self.instance.round, certificate)
        return certificate, max(bound for bound in bounds if bound is not None) // scale

    def _scale(self, bound: float, leaves: int) -> int:
        """A power of ten: rounding errors of all line multipliers together stay below a unit where the file
        stays small, and below what PRECISION allows otherwise."""
        total = max(1.0, float(self.instance.problem.quantity.sum()))
        allowed = 0.25
        if np.isfinite(bound) and leaves * self.instance.problem.quantity.size > EXACT_SIZE:
            allowed = max(allowed, PRECISION * abs(bound))
        scale = 1
        while scale < MOST_SCALE and total / (2 * scale) > allowed and self._most(10 * scale, bound) < SAFE:
            scale *= 10
        return scale

    def _most(self, scale: int, bound: float) -> int:
        """More than any intermediate of a leaf's bound, with line prices no larger than the goods are
        worth."""
        p = self.instance.problem
        if not p.arc_line.size or not np.isfinite(bound):
            return 0
        unit = int(np.abs(self.instance.arc_value).max()) + int(p.tier_price.max()) + int(p.con_fixed.max())
        return 20 * scale * (int(abs(bound)) + unit * int(p.quantity.max()) + int(p.setup.sum()) + 1)

    def _leaf(self, node: Node, scale: int) -> tuple[Leaf, int | None]:
        """A leaf in integers and its bound over 1/scale; None where 64 bits may not hold it."""
        p, round_ = self.instance.problem, self.instance.round
        if p.must_serve and fewest_runs(p, node.allowed) < 0:
            return self._nothing(scale), NOTHING
        lam = [round(float(v) * scale) for v in node.lam]
        if not p.must_serve:
            lam = [max(0, v) for v in lam]
        tau = max(0, round(node.tau * scale)) if p.must_serve else 0
        mu = [round(float(v) * scale) for v in node.at - p.tier_price]
        for k in np.flatnonzero(self.short):
            mu[k] = self._impossible(int(k), node, lam, tau, scale)
        tiers = {
            offer.id: tuple(mu[p.offer_tier[o] : p.offer_tier[o + 1]])
            for o, offer in enumerate(round_.offers)
        }
        leaf = Leaf(
            lines={d: v for d, v in zip(self.instance.line_ids, lam, strict=True) if v},
            tiers={o: row for o, row in tiers.items() if any(row)},
            runs=tau,
        )
        return leaf, self._fast(node, lam, mu, tau, scale)

    def _nothing(self, scale: int) -> Leaf:
        """A leaf in which runs cannot come to the demand: it bounds nothing, and its multipliers say so
        loudly.

        At -M a unit of every line and +M a unit of every run its bound is about M times what is missing
        below 0.
        """
        round_ = self.instance.round
        cost = int(self.instance.problem.tier_price.max()) + int(
            np.abs(self.instance.arc_value).max(initial=0)
        )
        much = 8 * scale * (1 + cost) * (1 + int(self.instance.problem.quantity.sum()))
        return Leaf(
            lines={line.id: -much for line in round_.demand},
            tiers={offer.id: (much,) * len(offer.tiers) for offer in round_.offers},
            runs=0,
        )

    def _impossible(self, k: int, node: Node, lam: list[int], tau: int, scale: int) -> int:
        """A multiplier that values a tier no demand can reach below anything else a leaf may hold."""
        p = self.instance.problem
        o = int(self.owner[k])
        arcs = range(int(p.con_start[p.offer_con[o]]), int(p.con_start[p.offer_con[o + 1]]))
        worth = sum(
            int(p.arc_quantity[a])
            * abs(
                scale * int(self.instance.arc_value[a])
                - scale * int(p.tier_price[k])
                - lam[int(p.arc_line[a])]
            )
            for a in arcs
        )
        missing = int(p.tier_low[k] - self.reach[o])
        return -((worth + tau + (0 if node.may_rest[o] else self._deep(node, scale))) // missing + 1)

    def _fast(self, node: Node, lam: list[int], mu: list[int], tau: int, scale: int) -> int | None:
        p = self.instance.problem
        reached = [0 if short else v for v, short in zip(mu, self.short, strict=True)]
        if not self._holds(lam, reached, tau, scale):
            return None
        found, total = _leaf_bound(
            p,
            self.instance.arc_value,
            scale,
            np.array(lam, dtype=np.int64),
            np.array(reached, dtype=np.int64),
            tau,
            fewest_runs(p, node.allowed) if p.must_serve else 0,
            node.allowed & ~self.short,
            node.may_rest,
            self._deep(node, scale),
        )
        return int(total) if found else None

    def _deep(self, node: Node, scale: int) -> int:
        return 4 * scale * (1 + (int(abs(node.bound)) if np.isfinite(node.bound) else 10**12))

    def _holds(self, lam: list[int], mu: list[int], tau: int, scale: int) -> bool:
        """Whether no intermediate of `_leaf_bound` can pass 64 bits."""
        p = self.instance.problem
        if not len(lam) or not len(mu) or not p.arc_line.size:
            return False
        lines, tiers = np.array(lam, dtype=np.float64), np.array(mu, dtype=np.float64)
        over = scale * np.abs(p.arc_value) + np.abs(lines)[p.arc_line]
        arc = over + (np.abs(tiers) + scale * p.tier_price).max()
        offer = np.bincount(p.con_offer[p.arc_con], p.arc_quantity * arc, minlength=p.setup.size).max()
        limit = (np.abs(tiers) * p.tier_high).max() + scale * (p.setup.max() + p.con_fixed.sum())
        lines_total = (np.abs(lines) * p.quantity).sum()
        return float(offer + limit + tau * (p.setup.size + 1) + lines_total) * (1 + p.setup.size) < SAFE

    def _tree(self, root: Node, made: dict[int, Leaf]) -> Leaf | Branch:
        """The certificate's tree, children before parents (the tree may be a chain)."""
        order, waiting = [], [root]
        while waiting:
            node = waiting.pop()
            order.append(node)
            if node.low and node.high:
                waiting += (node.low, node.high)
        built: dict[int, Leaf | Branch] = dict(made)
        for node in reversed(order):
            if node.low and node.high and node.split:
                offer = self.instance.round.offers[node.split[0]].id
                built[id(node)] = Branch(
                    offer=offer, tier=node.split[1], low=built[id(node.low)], high=built[id(node.high)]
                )
        return built[id(root)]
