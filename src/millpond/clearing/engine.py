"""The whole clearing of a round: bound and price-blind search, then awards that hold at their prices.

The way of the data: round -> `instance` -> multipliers (`descent`) -> flows (`search`) and the
certificate's tree (`tree`) -> awards that are valid at the prices that follow from them (`limits`) ->
`finish`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from millpond.clearing import narrowed, runs
from millpond.clearing.budget import Budget, Progress
from millpond.clearing.descent import Dual, first_prices
from millpond.clearing.finish import finish
from millpond.clearing.instance import Ground
from millpond.clearing.joint import Whole
from millpond.clearing.limits import Limits
from millpond.clearing.search import STALE, Search
from millpond.clearing.tree import Node, Tree, fewest_runs
from millpond.clearing.turns import take_turns
from millpond.errors import CannotServe
from millpond.model import Award, Certificate, Clearing, Round

FIRST_DESCENTS = 2  # rounds of steps at the root before there are valid awards
DESCENTS = 6  # more of them
STEPS = 100
SLOW = 0.01  # of the gap: rounds of steps that close less of it end the descent
SMALL_ARCS = 3_000  # up to which a problem is also handed to HiGHS whole
PROGRAMS_SHARE = 0.8  # of the time, for larger programs
TREE_STEPS = 20  # splits between two looks at the clock
FINISHING, LEAST_TIME = 4.0, 0.1  # times what reading took, and of the time: kept for certificate and prices
PROVEN = 0.6  # how far below the next whole score a bound must stay, rounding of multipliers included
BLIND_SHARE = 0.6  # of the time for the price-blind side, where limits exclude lines


@dataclass(slots=True)
class Blind:
    """The price-blind side of a clearing: search, multipliers and tree of one problem."""

    search: Search
    dual: Dual
    tree: Tree | None = None
    short: bool = False  # whether there is no time for another split of the tree

    @property
    def bound(self) -> float:
        """The best bound known."""
        return min(self.dual.value, self.tree.bound) if self.tree else self.dual.value

    @property
    def gap(self) -> float:
        """Between the best flow and the bound."""
        return max(0.0, (self.bound - self.search.score) / max(1.0, abs(self.bound)))

    @property
    def closed(self) -> bool:
        """Whether the bound proves the best flow: scores are whole, so less than one above it is enough."""
        return self.bound - self.search.score < PROVEN

    def descend(self, rounds: int, budget: Budget, tell: Callable[[str], None]) -> None:
        """Steps at the root, with a greedy flow now and then."""
        for _ in range(rounds):
            if not budget.left:
                break
            self.dual.again()
            before = self.dual.value
            self.dual.descend(STEPS, self.target())
            self.search.fill(self.dual)
            tell("bound")
            if self.closed or before - self.dual.value < SLOW * (self.dual.value - self.search.score):
                break

    def target(self) -> float:
        """What a descent aims at: the best score, or a guess well below the bound while that is far away."""
        value = self.dual.value
        guess = value - 0.5 * abs(value) - 1.0
        return max(self.search.score, guess)

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to do."""
        if self.closed or self.tree is None:
            return self.closed
        return (self.tree.done or self.short) and self.search.stale >= STALE

    def improve(self, budget: Budget, tell: Callable[[str], None]) -> None:
        """Programs, then tree and neighbourhoods until the gap is closed, nothing moves any more, or time
        is up."""
        if self.tree is None:
            self.programs(budget, tell)
        while budget.left and not self.ended:
            if self.tree is None:
                small = self.search.problem.arc_line.size <= SMALL_ARCS
                self.tree = Tree(self.dual.copy(), small)
                if small:
                    self.tree.sharpen(self.search.score, budget.part(0.3))
            alone = self.search.stale >= STALE  # nothing else is left to do
            part = budget.part(1.0 if alone else 0.2)
            node = self.tree.grow(self.search.score + PROVEN - 0.1, part, TREE_STEPS)
            self.short = alone and node is None
            tell("tree")
            tries = budget.part(0.2)
            while tries.left and self.search.stale < STALE and not self.closed:
                if self.search.neighbourhood(self.dual, tries):
                    tell("search")

    @property
    def root(self) -> Node:
        """Of the tree, or of one without a split."""
        return (self.tree or Tree(self.dual.copy(), False)).root

    @property
    def missing(self) -> float:
        """Between the best flow and the bound, in minor units."""
        return max(0.0, self.bound - self.search.score)

    def begin(self, budget: Budget) -> None:
        """First multipliers and flows."""
        self.descend(FIRST_DESCENTS, budget, lambda phase: None)

    def work(self, budget: Budget) -> None:
        """All that follows; may be called again."""
        if self.tree is None:
            self.descend(DESCENTS, budget, lambda phase: None)
        self.improve(budget, lambda phase: None)

    def programs(self, budget: Budget, tell: Callable[[str], None]) -> None:
        """The larger steps, once: a small problem as one program, another by which offers run, or by what
        the linear relaxation uses."""
        p = self.search.problem
        if budget.left and not self.closed and p.arc_line.size <= SMALL_ARCS:
            proven = self.search.everything(budget.part(0.3))[1]
            tell("program")
            if proven:
                self.search.stale = STALE  # nothing is better
        if budget.left and not self.closed and self.search.stale < STALE:
            way = runs.better if runs.plannable(p) else narrowed.better
            way(self.search, self.dual, budget.part(PROGRAMS_SHARE), lambda: tell("program"))


def solve_blind(
    round_: Round, *, seconds: float, seed: int, clock: Callable[[], float]
) -> tuple[tuple[Award, ...], Certificate, int, int]:
    """The price-blind problem alone: awards (whose prices may pass limits), certificate, score and bound."""
    budget = Budget(clock, lambda: False, clock() + seconds)
    whole = Whole(round_)
    instances = [ground.instance() for ground in whole.grounds]
    blinds = [start(instance.problem, seed) for instance in instances]
    take_turns(blinds, budget)
    awards = joined(
        instance.awards(blind.search.flow) for instance, blind in zip(instances, blinds, strict=True)
    )
    score = sum(round(blind.search.score) for blind in blinds)
    certificate, bound = whole.certificate([blind.root for blind in blinds], score)
    return awards, certificate, score, bound


def start(problem, seed: int) -> Blind:  # type: ignore[no-untyped-def]
    """A search at its beginning: multipliers evaluated once."""
    dual = Dual.start(problem, first_prices(problem))
    if problem.must_serve:
        dual.runs = fewest_runs(problem, problem.tier_high >= problem.tier_low)
    dual.evaluate()
    return Blind(Search(problem, dual, seed), dual)


class _Clearing:
    """The clearing of one part in the making: what is known of it, and whom to tell."""

    def __init__(self, ground: Ground, seed: int, clock: Callable[[], float]) -> None:
        self.instance = ground.instance()
        self.blind = start(self.instance.problem, seed)
        self.limits = Limits(ground, self.instance, self.blind.dual, seed)
        self.clock = clock
        self.report: Callable[[str], None] = lambda phase: None
        self.checked = -np.inf  # the price-blind score that was last tried for validity
        self.next_check = 0.0

    def tell(self, phase: str) -> None:
        """Reports; first tries whether the best price-blind flow holds at its prices, if that costs little
        time."""
        if self.clock() >= self.next_check:
            before = self.clock()
            self.check()
            self.next_check = self.clock() + 10 * (self.clock() - before)
        self.report(phase)

    def check(self) -> None:
        """Keeps the best price-blind flow if it is valid and better than the best."""
        search = self.blind.search
        if search.score <= self.checked:
            return
        self.checked = search.score
        awards = self.instance.awards(search.flow)
        if (self.limits.best is None or search.score > self.limits.best.score) and self.limits.holds(awards):
            self.limits.take(awards, self.limits.everyone)

    @property
    def excluded(self) -> bool:
        """Whether limits keep the best price-blind flow from being the clearing."""
        best = self.limits.best
        return best is not None and self.blind.search.score > best.score + 0.5

    @property
    def missing(self) -> float:
        """Between the best valid awards and the bound, in minor units."""
        best = self.limits.best
        return max(0.0, self.blind.bound - best.score) if best else self.blind.missing

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to do."""
        return self.blind.ended and (not self.excluded or self.limits.ended)

    @property
    def blind_part(self) -> float:
        """How much of what is missing the price-blind side could close, if awards don't hang on its flow."""
        if not self.limits.aims.able or not self.missing:
            return 1.0
        return self.blind.missing / self.missing

    def begin(self, budget: Budget) -> None:
        """The first valid awards."""
        if self.instance.problem.must_serve:
            unserved = self.blind.search.serve_all(budget)
            if unserved:
                raise CannotServe([self.instance.line_ids[d] for d in unserved])
        self.blind.descend(FIRST_DESCENTS, budget, self.tell)
        self.check()
        self.hold(budget)

    def work(self, budget: Budget) -> None:
        """All further phases, until the bound is met, nothing moves any more, or time is up."""
        if self.blind.tree is None:
            self.blind.descend(DESCENTS, budget, self.tell)
            self.check()
        share = budget.part(BLIND_SHARE * self.blind_part).end
        enough = Budget(
            budget.clock,
            lambda: budget.stop() or (self.excluded and budget.clock() >= share),
            budget.end,
        )
        while True:
            self.blind.improve(enough, self.tell)
            self.check()
            if not budget.left or self.excluded or self.blind.ended:
                break
        if self.excluded:
            self.hold(budget)
        if budget.left and self.excluded:
            self.limits.run(self.blind.search.flow, budget, lambda: self.tell("limits"))

    def hold(self, budget: Budget) -> None:
        """Where limits exclude lines: the quickest valid awards from the best price-blind flow, whatever
        the time."""
        if self.excluded:
            self.limits.settle(self.instance, self.blind.search.flow, self.limits.everyone, budget, 1.0)
            self.tell("limits")


def clear_round(round_: Round, budget: Budget, seed: int, progress: Callable[[Progress], None]) -> Clearing:
    """The clearing of a round within the budget. Raises CannotServe."""
    began = budget.clock()
    whole = Whole(round_)
    reading = budget.clock() - began
    budget = replace(budget, end=budget.end - min(FINISHING * reading, LEAST_TIME * (budget.end - began)))
    works = [_Clearing(ground, seed, budget.clock) for ground in whole.grounds]

    def report(phase: str) -> None:
        best = [work.limits.best for work in works]
        score = sum(one.score for one in best if one) if all(best) else None
        above = sum(work.blind.bound for work in works)
        bound = int(above) if abs(above) < 1e300 else None
        gap = None if score is None or bound is None else (bound - score) / max(1, abs(bound))
        progress(Progress(budget.clock() - began, phase, score, bound, gap))

    for work in works:
        work.report = report
    take_turns(works, budget)
    found = [work.limits.best for work in works]
    awards = joined(best.awards for best in found if best)
    score = sum(best.score for best in found if best)
    assert all(found), "a round to be served has been served or refused"
    certificate, bound = whole.certificate([work.blind.root for work in works], score)
    pricer = works[0].limits.pricer if len(works) == 1 else None
    return finish(round_, awards, certificate, proven=bound, pricer=pricer)


def joined(awards: Iterable[tuple[Award, ...]]) -> tuple[Award, ...]:
    """The awards of all parts, in the order of the clearing file."""
    rows = chain.from_iterable(awards)
    return tuple(sorted(rows, key=lambda r: (r.demand.encode(), r.offer.encode(), r.item.encode())))
