"""One certificate for a round of independent parts, of the parts' own trees.

A leaf of the joint tree stands for one node of every part's tree; its multipliers are theirs side by side,
and its bound is the sum of their bounds (see `parts`). At first all stand at their roots. The leaf that is
the bound is split next, as one of its parts' trees does: by the part where the sum falls furthest for the
leaves that takes. The leaves of a joint tree multiply where those of the parts' trees only add up, so it
takes over a few splits of many trees, not all.

- Whatever is taken over, the leaves cover all states: the tree is a certificate wherever it stops.
- The parts' trees are only read.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from math import log

import numpy as np

from millpond.clearing.certify import Certifier
from millpond.clearing.instance import Ground, Instance, Ints
from millpond.clearing.parts import Part, split
from millpond.clearing.tree import MOST_LEAVES, Node
from millpond.model import Certificate, Round

MOST_NUMBERS = 1_000_000  # multipliers of all leaves together: some 20 MB of a clearing file
WORTH = 0.01  # of the least gap: by so much it may be wider if that takes fewer leaves
LOOKED_AT = 64  # leaves of a part's tree below a node, to judge what splitting it is worth


@dataclass(slots=True, eq=False)
class Stand:
    """A node of the joint tree: where those parts stand that have left their roots."""

    bound: float
    nodes: dict[int, Node]
    split: tuple[int, int, int] | None = None  # part, and offer and tier as that part's tree counts them
    low: Stand | None = None
    high: Stand | None = None


class Graft:
    """A joint tree in the making, of the roots of the parts' trees."""

    def __init__(self, roots: Sequence[Node]) -> None:
        self.roots = roots
        self.top = Stand(sum(root.bound for root in roots), {})
        self.rates: dict[int, float] = {}  # by the id of a node

    def grow(self, score: float, most: int) -> None:
        """Splits towards `score` while that helps, up to `most` leaves; then takes back the last splits that
        hardly narrowed the gap to it."""
        able = [k for k, root in enumerate(self.roots) if root.low]
        waiting = [(-self.top.bound, 0, self.top)]
        done: list[tuple[Stand, float]] = []  # what was split, and the bound then
        while able and -waiting[0][0] > score and len(done) + 1 < most:
            worst = waiting[0][2]
            rates = [self.rate(worst.nodes.get(k, self.roots[k])) for k in able]
            best = max(rates)
            if best <= 0.0:
                break
            low, high = self._split(worst, able[rates.index(best)])
            done.append((worst, worst.bound))
            heapq.heapreplace(waiting, (-low.bound, 2 * len(done), low))
            heapq.heappush(waiting, (-high.bound, 2 * len(done) + 1, high))
        least = -waiting[0][0]
        enough = least + WORTH * max(0.0, least - score)
        for stand, bound in reversed(done):  # the latest first: what they hang on was split before them
            if bound > enough:
                break
            stand.split = stand.low = stand.high = None

    def _split(self, stand: Stand, k: int) -> tuple[Stand, Stand]:
        node = stand.nodes.get(k, self.roots[k])
        assert node.split
        assert node.low
        assert node.high
        stand.split = (k, *node.split)
        rest = stand.bound - node.bound
        low, high = (Stand(rest + child.bound, stand.nodes | {k: child}) for child in (node.low, node.high))
        stand.low, stand.high = low, high
        return low, high

    def rate(self, node: Node) -> float:
        """By how much a node's bound falls at best, over the logarithm of the leaves that takes."""
        if id(node) in self.rates:
            return self.rates[id(node)]
        best, leaves = 0.0, [(-node.bound, 0, node)]
        for number in range(1, LOOKED_AT):
            worst = leaves[0][2]
            if not (worst.low and worst.high):
                break
            heapq.heapreplace(leaves, (-worst.low.bound, 2 * number, worst.low))
            heapq.heappush(leaves, (-worst.high.bound, 2 * number + 1, worst.high))
            best = max(best, min(1e300, node.bound + leaves[0][0]) / log(len(leaves)))
        self.rates[id(node)] = best
        return best


class Whole:
    """A round and the grounds it is cleared on: one for each part, or its own where it does not fall into
    several."""

    def __init__(self, round_: Round) -> None:
        self.ground = Ground(round_)
        parts = split(self.ground)
        self.parts = parts if len(parts) > 1 else []
        self.grounds = [Ground(part.round) for part in self.parts] or [self.ground]

    def certificate(self, roots: Sequence[Node], score: float) -> tuple[Certificate, int]:
        """The certificate of the parts' trees, and the bound that it proves; leaves are spent on the gap to
        `score`."""
        instance = self.ground.instance()
        if not self.parts:
            return Certifier(instance).certificate(roots[0])
        graft = Graft(roots)
        p = instance.problem
        graft.grow(score, min(MOST_LEAVES, MOST_NUMBERS // (p.quantity.size + p.tier_low.size)))
        return Certifier(instance).certificate(_Spread(instance, self.parts, roots).tree(graft.top))


class _Spread:
    """Multipliers of the parts side by side."""

    def __init__(self, instance: Instance, parts: Sequence[Part], roots: Sequence[Node]) -> None:
        p = instance.problem
        self.parts = parts
        self.tiers = [_tiers_of(p.offer_tier, part.offers) for part in parts]
        nothing = np.zeros(0)
        self.root = Node(
            bound=sum(root.bound for root in roots),
            lam=np.zeros(p.quantity.size),
            tau=0.0,
            at=p.tier_price.copy(),
            last=nothing.astype(np.int64),
            state=nothing,
            allowed=np.ones(p.tier_low.size, dtype=np.bool_),
            may_rest=np.ones(p.setup.size, dtype=np.bool_),
            runs=0,
        )
        for k, root in enumerate(roots):
            self._put(self.root, k, root)

    def tree(self, top: Stand) -> Node:
        """The joint tree with its multipliers; branches, whose own nobody reads, share the root's."""
        made = self._made(top)
        waiting = [(top, made)]
        while waiting:
            stand, node = waiting.pop()
            if stand.split and stand.low and stand.high:
                part, offer, tier = stand.split
                node.split = (int(self.parts[part].offers[offer]), tier)
                node.low, node.high = self._made(stand.low), self._made(stand.high)
                waiting += ((stand.low, node.low), (stand.high, node.high))
        return made

    def _made(self, stand: Stand) -> Node:
        node = copy(self.root)
        node.bound = stand.bound
        if not stand.split:
            node.lam, node.at = node.lam.copy(), node.at.copy()
            node.allowed, node.may_rest = node.allowed.copy(), node.may_rest.copy()
            for k, own in stand.nodes.items():
                self._put(node, k, own)
        return node

    def _put(self, node: Node, k: int, own: Node) -> None:
        node.lam[self.parts[k].lines] = own.lam
        node.may_rest[self.parts[k].offers] = own.may_rest
        node.at[self.tiers[k]], node.allowed[self.tiers[k]] = own.at, own.allowed


def _tiers_of(offer_tier: Ints, offers: Ints) -> Ints:
    """The tiers of these offers, in order."""
    return np.concatenate([np.arange(offer_tier[o], offer_tier[o + 1]) for o in offers])
