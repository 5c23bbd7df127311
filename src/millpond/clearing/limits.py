"""Awards that hold at their prices: whom to leave out so that nobody pays more than they said.

Prices follow from awards, and awards must stay within the limits at those prices, so a good price-blind
flow may not be valid. The search keeps a set of acceptances (line, item) and looks for flows on them:

1. *settle*: leave out those that pass their limits, the furthest first, and improve what is left, until
nothing does;
2. *aim*: on a small round whose offers make one family each, try every level that matters (`aims`);
3. *admit*: let back in whoever could pay the prices that came out, search again, settle again;
4. *blend*: aim at lower prices by valuing a unit between what it is worth and what it would pay. That is
the Lagrangian of "a family's costs are at most what its places pay" (multiplier v: value (w + v p) / (1 +
v)): lines that cost more than they bring in leave, so that more can afford to stay.
5. *shake*: leave out a few at random, let a few in, and do it again.

Every candidate is priced exactly; the best valid awards only get better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from millpond.clearing import flows
from millpond.clearing.aims import Aimed, Aims, Standing
from millpond.clearing.budget import Budget
from millpond.clearing.cuts import MOST_CELLS, Cuts
from millpond.clearing.descent import Dual
from millpond.clearing.instance import Bools, Floats, Ground, Instance, Ints, summed
from millpond.clearing.prices import Pricer, Rule
from millpond.clearing.program import Balance
from millpond.clearing.search import Search
from millpond.model import Award, Round

SETTLE_ROUNDS = 200
BLENDS = (
    (0.0, 0.3),
    (0.01, 0.3),
    (0.01, 1.0),
    (0.03, 1.0),
    (0.05, 3.0),
    (0.1, 1.0),
    (0.1, 8.0),
)  # (lower by, v)
SMALL_ARCS = 1_500
STALE_SHAKES = 60
NEARBY_SECONDS = 1.0
AIM_SHARE = 0.9  # of the time left, for levels
FEW_SHAKES = 4  # without a gain, where levels have told nearly all there is
NEARBY_PLACES = 40
NEARBY_TRIES = 12  # neighbourhoods without a gain before something else is tried


@dataclass(frozen=True, slots=True, eq=False)
class Valid:
    """Awards that hold at their prices."""

    awards: tuple[Award, ...]
    score: int


@dataclass(frozen=True, slots=True, eq=False)
class _Surroundings:
    """Where neighbourhoods of some awards are looked for."""

    awards: tuple[Award, ...]
    lower: float
    keep: Bools
    instance: Instance
    dual: Dual
    search: Search
    balances: tuple[Balance, ...]


class Limits:
    """The best valid awards of a round, and the ways to better them."""

    def __init__(self, ground: Ground, instance: Instance, dual: Dual, seed: int) -> None:
        self.round: Round = instance.round
        self.ground = ground
        self.instance = instance
        self.dual = dual
        self.pricer = Pricer(instance.round)
        self.random = np.random.default_rng(seed)
        self.seed = seed
        self.best: Valid | None = None if instance.round.must_serve else Valid((), 0)
        self.everyone: Bools = np.ones(ground.acceptances.line.size, dtype=bool)
        self.kept = self.everyone
        self.around: _Surroundings | None = None
        self.origin: Floats | None = None  # the price-blind flow from which all the first steps were taken
        self.aims = Aims(ground, seed)
        self.turn = 0
        self.stale = 0
        self.small = instance.problem.arc_line.size <= SMALL_ARCS
        pairs = ground.acceptances
        self.position = {
            (instance.line_ids[d], instance.round.items[i].id): k
            for k, (d, i) in enumerate(zip(pairs.line.tolist(), pairs.item.tolist(), strict=True))
        }
        self.family = np.unique([item.family for item in instance.round.items], return_inverse=True)[1]

    def take(self, awards: tuple[Award, ...], kept: Bools) -> bool:
        """Whether these valid awards are the best so far."""
        score = self.pricer.follow(awards).score
        if self.best is not None and score <= self.best.score:
            return False
        self.best, self.kept = Valid(awards, score), kept
        return True

    @property
    def awards(self) -> tuple[Award, ...]:
        """The best valid awards."""
        return self.best.awards if self.best else ()

    def holds(self, awards: tuple[Award, ...]) -> bool:
        """Whether awards are valid."""
        return not self.pricer.problems(awards)

    @property
    def score(self) -> float:  # of the best valid awards
        return self.best.score if self.best else -np.inf

    @property
    def ended(self) -> bool:
        """Whether nothing has moved for long."""
        return self.stale >= STALE_SHAKES and not self.aims.waiting(self.score)

    def run(self, flow: Floats, budget: Budget, tell: Callable[[], None]) -> None:
        """From the best price-blind flow [A] of the whole round to valid awards, until time is up or
        nothing moves; may be called again, and then only goes on unless there is a new flow."""
        if flow is not self.origin and self._begin(flow, budget, tell):
            self.origin, self.stale = flow, STALE_SHAKES - FEW_SHAKES if self.aims.able else 0
        while budget.left and not self.ended:
            self._aim(budget.part(AIM_SHARE), tell)
            tries = 0
            while budget.left and tries < NEARBY_TRIES and self.awards:
                if self._nearby(budget, (0.0, 0.0, 0.004, 0.02)[tries % 4]):
                    tell()
                    tries = 0
                    self.stale = 0
                tries += 1
            if self.turn % 4 == 0 or self.turn < len(BLENDS):
                lower, weight = BLENDS[self.turn % len(BLENDS)]
                better = self._blend(
                    lower * self.random.random() * 2 if self.turn >= len(BLENDS) else lower, weight, budget
                )
            else:
                better = self._shake(budget)
            self.turn += 1
            self.stale = 0 if better else self.stale + 1
            if better:
                tell()
                while budget.left and self._admit(budget.part(0.3)):
                    tell()

    def _begin(self, flow: Floats, budget: Budget, tell: Callable[[], None]) -> bool:
        """The first steps from a price-blind flow; whether there was time for them."""
        for share in (0.5, 0.2) if not self.small else (0.34, 0.0):
            self.settle(self.instance, flow, self.everyone, budget, share)
            tell()
            if not budget.left:
                return False
        self._aim(budget.part(AIM_SHARE), tell)
        while budget.left and self._admit(budget.part(0.3)):
            tell()
        self._cut(self.instance.awards(flow), budget.part(0.5), tell)
        return budget.left > 0

    def _aim(self, budget: Budget, tell: Callable[[], None]) -> None:
        """Aims at levels, from the best awards, as long as that helps."""

        def standing() -> Standing:
            levels = self.pricer.follow(self.awards).levels
            return self.aims.standing(self.awards, levels, self._prices(self.awards))

        def judge(found: Aimed) -> None:
            if self.settle(found.instance, found.flow, found.keep, budget, 0.0):
                tell()

        self.aims.run(standing, lambda: self.score, judge, budget)

    def _cut(self, blind: tuple[Award, ...], budget: Budget, tell: Callable[[], None]) -> None:
        """On a small round, unit by unit: from price-blind awards, then from the best valid ones, as long
        as that helps."""
        if self.ground.pairings.offer.size > MOST_CELLS:
            return
        cuts = Cuts(self.ground)

        def judge(awards: tuple[Award, ...]) -> int | None:
            return None if self.pricer.problems(awards) else self.pricer.follow(awards).score

        start: tuple[Award, ...] | None = blind
        while start is not None and budget.left:
            start = cuts.better(start, self.best.score if self.best else 0, judge, lambda: not budget.left)
            start = start or (
                cuts.better(self.awards, self.best.score, judge, lambda: not budget.left)
                if self.best
                else None
            )
            if start is not None:
                self.take(start, self.everyone)
                tell()

    def settle(self, instance: Instance, flow: Floats, keep: Bools, budget: Budget, share: float) -> bool:
        """Leaves out what passes its limit, `share` of it at a time (at least one); whether that ended in a
        new best."""
        keep = keep.copy()
        search = Search(instance.problem, self.dual, self.seed)
        for _ in range(SETTLE_ROUNDS):
            awards = instance.awards(flow)
            over = [x for x in self.pricer.problems(awards) if x.rule is Rule.LIMIT]
            if not over:
                return self.holds(awards) and self.take(awards, keep)
            over.sort(key=lambda x: (-Fraction(x.excess), x.demand, x.item))
            for problem in over[: max(1, round(len(over) * share))]:
                keep[self.position[problem.demand, problem.item]] = False
            if not budget.left:
                share = 1.0
            smaller = self.ground.instance(keep)
            search = Search(smaller.problem, self.dual, self.seed)
            flow = search.polish(carried(instance, flow, smaller), 2)
            instance = smaller
        return False

    def _search(self, instance: Instance, start: Floats, budget: Budget) -> Floats:
        """A good price-blind flow of an instance, from a sound one."""
        p = instance.problem
        if not p.arc_line.size:
            return start
        dual = Dual.start(p, self.dual.lam)
        dual.evaluate()
        search = Search(p, dual, int(self.random.integers(1 << 30)))
        search.offer(search.polish(start))
        dual.descend(100, max(search.score, 0.5 * dual.value))
        search.fill(dual)
        if self.small:
            search.everything(budget.part(0.2), 0.0)
            return search.flow
        tries = budget.part(0.3)
        while tries.left and search.stale < 4:
            search.neighbourhood(dual, tries)
        return search.flow

    def _prices(self, awards: tuple[Award, ...]) -> Floats:
        """What every acceptance [K] would pay at these awards' prices; an estimate where nothing is sold."""
        follows = self.pricer.follow(awards)
        sold = {(price.place, price.item): float(price.price) for price in follows.prices}
        item_price: dict[str, list[float]] = {}
        family_price: dict[str, list[float]] = {}
        family = {item.id: item.family for item in self.round.items}
        for (_, item), price in sold.items():
            item_price.setdefault(item, []).append(price)
            family_price.setdefault(family[item], []).append(price)
        pairs = self.ground.acceptances
        items = self.round.items
        place_of = [self.round.places[c].id for c in self.instance.problem.line_place]
        known = np.zeros(pairs.line.size)
        for k, (d, i) in enumerate(zip(pairs.line.tolist(), pairs.item.tolist(), strict=True)):
            item = items[i].id
            near = item_price.get(item) or family_price.get(family[item]) or [0.0]
            known[k] = sold.get((place_of[d], item), min(near))
        return known

    def _admit(self, budget: Budget) -> bool:
        """Searches again among all who could pay the best awards' prices."""
        if not self.awards:
            return False
        keep = self.ground.acceptances.limit >= self._prices(self.awards) - 1e-6
        return self._again(self.ground.instance(keep), keep, budget, 0.34)

    def _again(self, instance: Instance, keep: Bools, budget: Budget, share: float) -> bool:
        start = self._flow_of(self.awards, instance)
        return self.settle(instance, self._search(instance, start, budget), keep, budget, share)

    def _nearby(self, budget: Budget, lower: float) -> bool:
        """A neighbourhood of the best awards in which every family still pays its way, at prices lower by a
        share.

        Whoever could pay those prices may come in; each family's costs there stay within what its places
        would pay. What prices then follow is settled exactly.
        """
        pairs = self.ground.acceptances
        if self.around is None or self.around.awards is not self.awards or self.around.lower != lower:
            price = self._prices(self.awards) * (1.0 - lower)
            keep = pairs.limit >= price - 1e-6
            self.around = self._surroundings(keep, price, lower)
        near = self.around
        flow, _ = near.search.around(near.dual, budget, NEARBY_SECONDS, near.balances)
        if flow is None or not flows.whole(near.instance.problem, flow):
            return False
        return self.settle(near.instance, flow, near.keep, budget, 0.0 if self.small else 0.2)

    def _surroundings(self, keep: Bools, price: Floats, lower: float) -> _Surroundings:
        """The instance of those kept, from the best awards, with the families' balances at `price` [K]."""
        instance = self.ground.instance(keep)
        p = instance.problem
        dual = Dual.start(p, self.dual.lam)
        dual.evaluate()
        dual.descend(100, max(float(self.best.score if self.best else 0), 0.5 * dual.value))
        search = Search(p, dual, int(self.random.integers(1 << 30)))
        search.neighbours = NEARBY_PLACES
        search.flow = self._flow_of(self.awards, instance)
        search.score = float(flows.score_of(p, search.flow, np.zeros(p.setup.size)))
        units = summed(p.con_offer[p.arc_con], search.flow, p.setup.size)
        base = search.unit_costs(units)[p.con_offer[p.arc_con]]
        index = {
            key: k
            for k, key in enumerate(
                zip(self.ground.acceptances.line.tolist(), self.ground.acceptances.item.tolist(), strict=True)
            )
        }
        pair = np.array(
            [index[key] for key in zip(p.arc_line.tolist(), instance.arc_item.tolist(), strict=True)],
            dtype=np.int64,
        )
        cost = (
            self.ground.acceptances.value[pair] - p.arc_value + base
        )  # surcharge, freight by load, production
        family = self.family[instance.arc_item]
        of_con = family[p.con_start[:-1]]
        balances = tuple(
            Balance(
                np.where(family == f, cost - price[pair], 0.0), np.where(of_con == f, p.con_fixed, 0.0), 0.0
            )
            for f in np.unique(family)
        )
        return _Surroundings(self.awards, lower, keep, instance, dual, search, balances)

    def _blend(self, lower: float, weight: float, budget: Budget) -> bool:
        """Searches at prices lower by a share, every unit valued between its worth and what it would then
        pay."""
        if not self.awards:
            return False
        pairs = self.ground.acceptances
        price = self._prices(self.awards)
        families = np.unique(self.family[pairs.item]) if pairs.item.size else np.zeros(0, dtype=np.int64)
        aimed = (
            self.random.random(families.size) < 0.5
            if families.size > 2
            else np.ones(families.size, dtype=bool)
        )
        chosen = np.isin(self.family[pairs.item], families[aimed])
        target = np.where(chosen, price * (1.0 - lower), price)
        keep = pairs.limit >= target - 1e-6
        worth = np.where(chosen & (target > 0), (pairs.value + weight * target) / (1.0 + weight), pairs.value)
        blended = self.ground.instance(keep, worth.astype(np.int64))
        start = self._flow_of(self.awards, blended)
        flow = self._search(blended, start, budget)
        true = self.ground.instance(keep)
        return self.settle(true, carried(blended, flow, true), keep, budget, 0.2 if self.small else 0.5)

    def _shake(self, budget: Budget) -> bool:
        """Leaves a few of the kept out, lets a few back in, searches and settles."""
        pairs = self.ground.acceptances
        keep = self.kept.copy()
        price = self._prices(self.awards)
        cheap = np.flatnonzero(~keep & (pairs.limit >= 0.85 * price))
        count = int(self.random.integers(1, 4)) if self.small else max(3, keep.size // 100)
        if cheap.size:
            keep[self.random.choice(cheap, min(count, cheap.size), replace=False)] = True
        inside = np.flatnonzero(keep)
        if inside.size and self.random.random() < 0.7:
            keep[self.random.choice(inside, min(count, inside.size), replace=False)] = False
        return self._again(self.ground.instance(keep), keep, budget, 0.0 if self.small else 0.34)

    def _flow_of(self, awards: tuple[Award, ...], instance: Instance) -> Floats:
        """A flow [A] of an instance that carries what the awards do, where it has the arcs."""
        p = instance.problem
        line = {d: n for n, d in enumerate(instance.line_ids)}
        offer = {o.id: n for n, o in enumerate(self.round.offers)}
        flow = np.zeros(p.arc_line.size)
        if not flow.size or not awards:
            return flow
        wanted = np.array([line[a.demand] + p.quantity.size * offer[a.offer] for a in awards], dtype=np.int64)
        amount = np.array([a.quantity for a in awards], dtype=np.float64)
        return _placed(instance, wanted, amount)


def carried(source: Instance, flow: Floats, target: Instance) -> Floats:
    """A flow of one instance on the arcs of another over the same lines and offers; what has no arc there
    is lost."""
    p = source.problem
    used = np.flatnonzero(flow > 0)
    return _placed(target, p.arc_line[used] + p.quantity.size * p.con_offer[p.arc_con[used]], flow[used])


def _placed(instance: Instance, wanted: Ints, amount: Floats) -> Floats:
    """Amounts by (line + lines * offer) as a flow of the instance."""
    p = instance.problem
    flow = np.zeros(p.arc_line.size)
    if not flow.size:
        return flow
    keys = p.arc_line + p.quantity.size * p.con_offer[p.arc_con]
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys[order], wanted), keys.size - 1)
    hit = keys[order[at]] == wanted
    np.add.at(flow, order[at[hit]], amount[hit])
    return flow
