"""The whole clearing of a round: bound and price-blind search, then awards that hold at their prices.

The way of the data: round -> `instance` -> multipliers (`descent`) -> flows (`search`) and the
certificate's tree (`tree`) -> awards that are valid at the prices that follow from them (`limits`) ->
`finish`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from millpond.clearing.budget import Budget, Progress
from millpond.clearing.certify import Certifier
from millpond.clearing.descent import Dual, first_prices
from millpond.clearing.finish import finish
from millpond.clearing.instance import Ground
from millpond.clearing.limits import Limits
from millpond.clearing.search import STALE, Search
from millpond.clearing.tree import Tree, fewest_runs
from millpond.errors import CannotServe
from millpond.model import Award, Certificate, Clearing, Round

FIRST_DESCENTS = 2  # rounds of steps at the root before there are valid awards
DESCENTS = 6  # more of them
STEPS = 100
SLOW = 0.01  # of the gap: rounds of steps that close less of it end the descent
SMALL_ARCS = 3_000  # up to which a problem is also handed to HiGHS whole
LARGE_ARCS = 200_000
TREE_STEPS = 20  # splits between two looks at the clock
PROVEN = 0.6  # how far below the next whole score a bound must stay, rounding of multipliers included
BLIND_SHARE = 0.4  # of the time for the price-blind side, where limits exclude lines


@dataclass(slots=True)
class Blind:
    """The price-blind side of a clearing: search, multipliers and tree of one problem."""

    search: Search
    dual: Dual
    tree: Tree | None = None

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
            self.search.rounded(self.dual.flow * self.dual.memory[4], self.dual)
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
        return self.closed or (self.tree is not None and self.tree.done and self.search.stale >= STALE)

    def improve(self, budget: Budget, tell: Callable[[str], None]) -> None:
        """Programs, then tree and neighbourhoods until the gap is closed, nothing moves any more, or time
        is up."""
        if self.tree is None:
            self.programs(budget, tell)
        while budget.left and not self.ended:
            if self.tree is None:
                small = self.search.problem.arc_line.size <= SMALL_ARCS
                self.tree = Tree(self.dual.copy(), small)
            self.tree.grow(self.search.score + PROVEN - 0.1, budget.part(0.2), TREE_STEPS)
            tell("tree")
            tries = budget.part(0.2)
            while tries.left and self.search.stale < STALE and not self.closed:
                if self.search.neighbourhood(self.dual, tries):
                    tell("search")

    def programs(self, budget: Budget, tell: Callable[[str], None]) -> None:
        """The larger steps, once: exchanges of runs, the relaxed program, and for a small problem all of
        it."""
        small = self.search.problem.arc_line.size <= SMALL_ARCS
        if budget.left and not self.closed:
            self.search.exchange(self.dual, budget.part(0.1))
            tell("search")
        if budget.left and not self.closed:
            large = self.search.problem.arc_line.size > LARGE_ARCS  # only the relaxation will be solved
            self.search.relaxed(self.dual, budget.part(0.8 if large else 0.4), 2.0, 3e-4)
            tell("program")
        if small and budget.left and not self.closed:
            self.search.everything(budget.part(0.3))
            tell("program")


def solve_blind(
    round_: Round, *, seconds: float, seed: int, clock: Callable[[], float]
) -> tuple[tuple[Award, ...], Certificate, int, int]:
    """The price-blind problem alone: awards (whose prices may pass limits), certificate, score and bound."""
    instance = Ground(round_).instance()
    blind = start(instance.problem, seed)
    budget = Budget(clock, lambda: False, clock() + seconds)
    blind.descend(DESCENTS, budget, lambda phase: None)
    blind.improve(budget, lambda phase: None)
    certificate, bound = Certifier(instance).certificate((blind.tree or Tree(blind.dual.copy(), False)).root)
    return instance.awards(blind.search.flow), certificate, round(blind.search.score), bound


def start(problem, seed: int) -> Blind:  # type: ignore[no-untyped-def]
    """A search at its beginning: multipliers evaluated once."""
    dual = Dual.start(problem, first_prices(problem))
    if problem.must_serve:
        dual.runs = fewest_runs(problem, problem.tier_high >= problem.tier_low)
    dual.evaluate()
    return Blind(Search(problem, dual, seed), dual)


class _Clearing:
    """One clearing in the making: what is known of the round, and whom to tell."""

    def __init__(
        self, round_: Round, budget: Budget, seed: int, progress: Callable[[Progress], None]
    ) -> None:
        ground = Ground(round_)
        self.instance = ground.instance()
        self.blind = start(self.instance.problem, seed)
        self.limits = Limits(ground, self.instance, self.blind.dual, seed)
        self.budget = budget
        self.progress = progress
        self.began = budget.clock()
        self.checked = -np.inf  # the price-blind score that was last tried for validity
        self.next_check = 0.0

    def tell(self, phase: str) -> None:
        """Reports; first tries whether the best price-blind flow holds at its prices, if that costs little
        time."""
        if self.budget.clock() >= self.next_check:
            before = self.budget.clock()
            self.check()
            self.next_check = self.budget.clock() + 10 * (self.budget.clock() - before)
        best = self.limits.best
        bound = int(self.blind.bound) if abs(self.blind.bound) < 1e300 else None
        gap = None if best is None or bound is None else (bound - best.score) / max(1, abs(bound))
        self.progress(
            Progress(self.budget.clock() - self.began, phase, best.score if best else None, bound, gap)
        )

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

    def run(self) -> None:
        """All phases, until the bound is met, nothing moves any more, or time is up."""
        must_serve = self.instance.problem.must_serve
        if must_serve:
            unserved = self.blind.search.serve_all(self.budget)
            if unserved:
                raise CannotServe([self.instance.line_ids[d] for d in unserved])
        self.blind.descend(FIRST_DESCENTS, self.budget, self.tell)
        self.check()
        self.hold()
        self.blind.descend(DESCENTS, self.budget, self.tell)
        self.check()
        share = self.budget.part(BLIND_SHARE).end
        enough = Budget(
            self.budget.clock,
            lambda: self.budget.stop() or (self.excluded and self.budget.clock() >= share),
            self.budget.end,
        )
        while True:
            self.blind.improve(enough, self.tell)
            self.check()
            if not self.budget.left or self.excluded or self.blind.ended:
                break
        if self.excluded:
            self.hold()
        if self.budget.left and self.excluded:
            self.limits.run(self.blind.search.flow, self.budget, lambda: self.tell("limits"))

    def hold(self) -> None:
        """Where limits exclude lines: the quickest valid awards from the best price-blind flow, whatever
        the time."""
        if self.excluded:
            self.limits.settle(self.instance, self.blind.search.flow, self.limits.everyone, self.budget, 1.0)
            self.tell("limits")


def clear_round(round_: Round, budget: Budget, seed: int, progress: Callable[[Progress], None]) -> Clearing:
    """The clearing of a round within the budget. Raises CannotServe."""
    work = _Clearing(round_, budget, seed, progress)
    work.run()
    certificate, bound = Certifier(work.instance).certificate(
        (work.blind.tree or Tree(work.blind.dual.copy(), False)).root
    )
    best = work.limits.best
    assert best is not None, "a round to be served has been served or refused"
    return finish(round_, best.awards, certificate, proven=bound, pricer=work.limits.pricer)
