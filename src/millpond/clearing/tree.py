"""The certificate's tree: where the bound at the root is the obstacle, states of single offers are told
apart.

A branch on (offer, tier) leaves the offer below the tier, or off, on its low side and at the tier or above
on its high side (DESIGN, Certificate). Every node carries multipliers of its own, started from its
parent's; the tree's bound is the largest of its leaves. Best bound first: the leaf that is the bound is the
next to be split.

- A leaf at or below the best score is closed: nothing better is in it.
- The leaves always cover all states, so the tree is a certificate whenever it stops.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from millpond.clearing.budget import Budget
from millpond.clearing.descent import Dual
from millpond.clearing.instance import Bools, Floats, Ints, Problem
from millpond.clearing.restricted import line_prices

MOST_LEAVES = 4_096  # DESIGN
CHILD_STEPS = 60  # of descent for a new node


@dataclass(slots=True, eq=False)
class Node:
    """A node and its multipliers, small enough to keep thousands of them; the averages of flows are not
    kept."""

    bound: float
    lam: Floats  # [D]
    tau: float
    at: Floats  # [T]
    last: Ints  # [O]
    state: Floats  # [T]
    allowed: Bools  # [T] by the branches above, whether or not demand can reach it
    may_rest: Bools  # [O]
    runs: int
    exact: bool = False  # whether the multipliers are those of the linear relaxation itself
    split: tuple[int, int] | None = None  # offer, tier counted from 0 within the offer
    low: Node | None = None
    high: Node | None = None

    @classmethod
    def of(cls, dual: Dual, allowed: Bools) -> Node:
        """What a dual knows now, with the tiers [T] that the branches above leave; restarts the dual's
        averages."""
        state = dual.state.copy()
        value = dual.evaluate()  # unit prices of the centre, not of the last trial
        return cls(
            value,
            dual.lam.copy(),
            float(dual.tau[0]),
            dual.at.copy(),
            dual.last.copy(),
            state,
            allowed,
            dual.may_rest.copy(),
            dual.runs,
        )


def fewest_runs(p: Problem, allowed: Bools) -> int:
    """The least number of runs whose largest sizes come to the whole demand (n of the certificate); -1 if
    none do."""
    most = np.zeros(p.setup.size)
    owner = np.repeat(np.arange(p.setup.size), np.diff(p.offer_tier))
    open_tier = allowed & (p.tier_high >= p.tier_low)
    np.maximum.at(most, owner[open_tier], p.tier_high[open_tier])
    total = np.cumsum(np.sort(most)[::-1])
    need = p.quantity.sum()
    if not need:
        return 0
    enough = int(np.searchsorted(total, need))
    return enough + 1 if enough < total.size else -1


class Tree:
    """A tree in the making, from the root's dual, which it uses to work at its nodes."""

    def __init__(self, dual: Dual, thorough: bool) -> None:
        self.dual = dual
        self.thorough = (
            thorough  # also splits where the relaxation has made up its mind: down to single states
        )
        self.possible = dual.allowed.copy()  # [T] tiers that can be at all
        self.root = Node.of(dual, np.ones(dual.allowed.size, dtype=np.bool_))
        self.leaves = 1
        self.count = 0
        self.open: list[tuple[float, int, Node]] = [(-self.root.bound, 0, self.root)]
        self.closed = -np.inf  # the largest bound of a leaf that is not split any more
        self.split_seconds = 0.0  # what the last split took: none is begun with less time

    @property
    def bound(self) -> float:
        """The largest bound of a leaf."""
        return max(self.closed, -self.open[0][0] if self.open else -np.inf)

    @property
    def done(self) -> bool:
        """Whether nothing is left to split."""
        return not self.open or self.leaves >= MOST_LEAVES or self.closed >= -self.open[0][0]

    def grow(self, score: float, budget: Budget, steps: int) -> Node | None:
        """Splits at most `steps` leaves, towards `score`; the last node worked on, None if there was none."""
        node = None
        for _ in range(steps):
            began = budget.clock()
            while self.open and -self.open[0][0] <= score:
                self.closed = max(self.closed, -heapq.heappop(self.open)[0])
            if self.done or budget.left <= self.split_seconds:
                break
            node = heapq.heappop(self.open)[2]
            split = self._split(node)
            if split is None and self.thorough and not node.exact and self._settle(node, budget):
                self.count += 1
                heapq.heappush(self.open, (-node.bound, self.count, node))
                continue
            if split is None:
                self.closed = max(self.closed, node.bound)
                continue
            node.split = split
            node.low, node.high = self._child(node, split, 0, score), self._child(node, split, 1, score)
            self.leaves += 1
            for child in (node.low, node.high):
                self.count += 1
                heapq.heappush(self.open, (-child.bound, self.count, child))
            self.split_seconds = budget.clock() - began
        return node

    def sharpen(self, score: float, budget: Budget) -> None:
        """Before anything is split: the root at the dual prices of its linear relaxation, if they are better
        than its own, and from there some steps towards `score`."""
        root = self.root
        if root.bound <= score or not self._settle(root, budget):
            return
        self._load(root)
        self.dual.evaluate()
        self.dual.again(0.02)
        if self.dual.descend(CHILD_STEPS, score) < root.bound:
            better = Node.of(self.dual, root.allowed)
            root.bound, root.lam, root.tau, root.at = better.bound, better.lam, better.tau, better.at
            root.state = better.state
        self.open = [(-root.bound, 0, root)]

    def _load(self, node: Node) -> None:
        d = self.dual
        d.lam[:], d.tau[0], d.at[:], d.last[:] = node.lam, node.tau, node.at, node.last
        d.allowed[:], d.may_rest[:], d.runs = node.allowed & self.possible, node.may_rest, node.runs

    def _child(self, node: Node, split: tuple[int, int], side: int, score: float) -> Node:
        p = self.dual.problem
        self._load(node)
        offer, tier = split
        k = p.offer_tier[offer] + tier
        allowed = node.allowed.copy()
        if side == 0:
            allowed[k : p.offer_tier[offer + 1]] = False
        else:
            allowed[p.offer_tier[offer] : k] = False
            self.dual.may_rest[offer] = False
        self.dual.allowed[:] = allowed & self.possible
        if p.must_serve:
            self.dual.runs = max(0, fewest_runs(p, allowed))
        value = self.dual.evaluate()
        if np.isfinite(value):
            self.dual.again(0.05)
            self.dual.descend(CHILD_STEPS, score)
            if self.dual.value > score:
                self.dual.again(0.05)
                self.dual.descend(CHILD_STEPS, score)
        child = Node.of(self.dual, allowed)
        child.bound = min(child.bound, node.bound)
        if p.must_serve and fewest_runs(p, allowed) < 0:
            child.bound = -np.inf  # its runs cannot come to the demand
        return child

    def _settle(self, node: Node, budget: Budget) -> bool:
        """Puts the dual prices of the linear relaxation at a node that cannot be split; whether they are
        better."""
        node.exact = True
        self._load(node)
        prices = line_prices(self.dual.problem, self.dual.allowed, self.dual.may_rest, budget.left)
        if prices is None:
            return False
        for sign in (1.0, -1.0):
            self.dual.lam[:] = (
                sign * prices if self.dual.problem.must_serve else np.maximum(0.0, sign * prices)
            )
            if self.dual.evaluate() < node.bound:
                better = Node.of(self.dual, node.allowed)
                node.bound, node.lam, node.tau, node.at = better.bound, better.lam, better.tau, better.at
                return True
        return False

    def _split(self, node: Node) -> tuple[int, int] | None:
        """The offer whose average state in the relaxation is furthest from a single one, and where it
        divides."""
        p = self.dual.problem
        best, choice = 1e-3, None
        for o in range(p.setup.size):
            first, end = p.offer_tier[o], p.offer_tier[o + 1]
            ways = int(np.count_nonzero(node.allowed[first:end] & self.possible[first:end])) + int(
                node.may_rest[o]
            )
            if ways < 2:
                continue
            above = np.cumsum(node.state[first:end][::-1])[::-1]  # share of the time at tier k or above
            for k in range(end - first):
                below_there = node.may_rest[o] or bool(
                    (node.allowed & self.possible)[first : first + k].any()
                )
                above_there = bool((node.allowed & self.possible)[first + k : end].any())
                if not (below_there and above_there):
                    continue
                middle = min(above[k], 1.0 - above[k])
                if self.thorough:
                    middle = max(middle, 2e-3 + 1e-12 * k)
                if middle > best:
                    best, choice = middle, (o, int(k))
        return choice

    def nodes(self) -> list[Node]:
        """All leaves, in order of the walk low before high."""
        found, waiting = [], [self.root]
        while waiting:
            node = waiting.pop()
            if node.low is None or node.high is None:
                found.append(node)
            else:
                waiting += (node.high, node.low)
        return found
