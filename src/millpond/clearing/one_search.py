"""The best valid awards of one run to one place, and whether they are proven to be.

For each tier, from the most promising on:

1. *Narrow* (`one_run`): leave out who could not pay even if everybody else came.
2. *Fill* (`totals`): the best units of what is left, prices aside. Mostly they hold at their prices: nothing
   at this tier is better.
3. *Branch*, where a family costs more than somebody served with it would pay: either nobody who pays no more
   than that one does is served with it, or it must not cost more than that. Both are narrowed and filled
   again, unless even cut lines could not make them better than the best so far.

A ceiling that is passed all the same (narrowing looks at totals alone) is kept by counting every family's
units, which is slow and rarely needed.

- Exact. `proven` is said only where everything was looked at; work is bounded by counts (`MOST_LOOKS`).
- Of equal scores the one with more units is preferred, and of equal lines those that come first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from millpond.clearing.one_run import Bounds, Run, Step, View, Way
from millpond.clearing.totals import Asked, Bundle, Choice, Meter, TooMuch, Totals, relaxed

MOST_LOOKS = 3_000_000
"""Work on a round: some seconds, a hundred times what an ordinary one of 2,000 lines takes."""
LOOKS_A_LINE = 4
"""Looks that narrowing costs for each line."""
MOST_SETTLINGS = 30
"""Times that lines are left out of a first attempt at a tier."""

Served = dict[tuple[int, int], tuple[Way, int]]
"""The way and the units of each line and family."""


class Best(NamedTuple):
    """The best awards known of a run, net of all its costs; `units` 0: it stays off."""

    score: int
    units: int
    served: Served


@dataclass(slots=True)
class Search:
    """The search for one run. `tell` hears of every better score."""

    run: Run
    meter: Meter
    tell: Callable[[int], None] = lambda score: None
    best: Best = field(default_factory=lambda: Best(0, 0, {}))

    def find(self) -> bool:
        """Finds the best awards; whether they are proven to be."""
        nothing = self.run.unbounded()
        steps = []
        for step in self.run.steps:
            view = self.run.narrowed(step, nothing)
            most = None if view is None else self._most(step, view)
            if most is not None:
                steps.append((most, step))
        proven = True
        for most, step in sorted(steps, key=lambda one: (-one[0], -one[1].most)):
            if self._hopeless(most):
                break
            self._settle(step)
            try:
                self._branch(step, nothing)
            except TooMuch:
                proven = False
        return proven

    def _hopeless(self, most: int) -> bool:
        """Whether awards of this score at most are of no use."""
        return most < self.best.score or (most == self.best.score and self.best.units > 0)

    def _most(self, step: Step, view: View) -> int | None:
        """The score that no awards of the view pass; None if there are none."""
        pieces: list[tuple[int, int]] = []
        of_family: dict[int, list[tuple[int, int]]] = {}
        for n, ways in view.ways.items():
            piece = (ways[0].worth - step.price, min(self.run.wants[n].quantity, view.most))
            families = {way.family for way in ways}
            if len(families) == 1 and view.tops[ways[0].family] is not None:
                of_family.setdefault(ways[0].family, []).append(piece)
            else:
                pieces.append(piece)
        for family, its in of_family.items():
            left = view.tops[family] or 0
            for worth, units in sorted(its, reverse=True):
                pieces.append((worth, min(units, left)))
                left -= min(units, left)
        aim = relaxed(pieces, view.least, view.most)
        return None if aim is None else aim[0] - self.run.once

    def _settle(self, step: Step) -> None:
        """A first attempt at a step: who pays less than the price leaves, until nobody does."""
        bounds = self.run.unbounded()
        for _ in range(MOST_SETTLINGS):
            view = self.run.narrowed(step, bounds)
            served = None if view is None else self._greedy(step, view)
            if not served:
                return
            costs = self._costs(step, served)
            passed = self._passed(served, costs)
            if not passed:
                self._take(step, served)
                return
            floors = list(bounds.floors)
            for family, margin in passed.items():
                floors[family] = margin + 1
            bounds = bounds._replace(floors=tuple(floors))

    def _greedy(self, step: Step, view: View) -> Served | None:
        """The worthiest lines that fit, one after the other; None if they are too few."""
        total, served = 0, {}
        for n in sorted(view.ways, key=lambda n: -view.ways[n][0].worth):
            way, want = view.ways[n][0], self.run.wants[n]
            if way.worth < step.price and total >= view.least:
                break
            units = min(want.quantity, view.most - total)
            if units >= want.minimum:
                served[n, way.family] = way, units
                total += units
        return served if total >= view.least else None

    def _branch(self, step: Step, first: Bounds) -> None:
        """Looks at everything at a step that could be better than the best. Raises TooMuch."""
        waiting = [first]
        while waiting:
            bounds = waiting.pop()
            self.meter.spend(LOOKS_A_LINE * len(self.run.wants))
            view = self.run.narrowed(step, bounds)
            most = None if view is None else self._most(step, view)
            if view is None or most is None or self._hopeless(most):
                continue
            for finely in (False, True):
                served = self._fill(step, view, bounds, finely)
                if not served:
                    break
                costs = self._costs(step, served)
                passed = self._passed(served, costs)
                if not passed:
                    self._take(step, served)
                    break
                kept = [f for f in passed if bounds.ceilings[f] is None or _within(bounds, f, costs[f])]
                if kept:
                    waiting += _split(bounds, kept[0], passed[kept[0]])
                    break

    def _fill(self, step: Step, view: View, bounds: Bounds, finely: bool) -> Served | None:
        """The best of the view that is better than the best known, or None; ceilings are kept for certain
        only `finely`. Raises TooMuch."""
        bundles: dict[tuple[int, int], list[Asked]] = {}
        choices: list[Choice] = []
        way_of: dict[tuple[int, int], Way] = {}
        for n, ways in view.ways.items():
            want = self.run.wants[n]
            asked = Asked(n, want.minimum, min(want.quantity, view.most))
            best: dict[int, Way] = {}
            for way in ways if finely else ways[:1]:
                best.setdefault(way.family if finely else 0, way)
            way_of |= {(n, kind): way for kind, way in best.items()}
            if len(best) == 1:
                ((kind, way),) = best.items()
                bundles.setdefault((way.worth - step.price, kind), []).append(asked)
            else:
                choices.append(Choice(asked, {kind: way.worth - step.price for kind, way in best.items()}))

        def accepts(units: dict[int, int]) -> bool:
            costs = self.run.costs(step.price, units)
            return all(
                ceiling is None or (f in units and _within(bounds, f, (units[f], costs[f])))
                for f, ceiling in enumerate(bounds.ceilings)
            )

        found = Totals(
            [Bundle(worth, kind, lines) for (worth, kind), lines in sorted(bundles.items())],
            choices,
            view.least,
            view.most,
            self.meter,
            accepts if finely else None,
        ).best(lambda value: value - self.run.once - self.best.score + (not self.best.units))
        return found and {(n, way_of[n, k].family): (way_of[n, k], u) for (n, k), u in found.units.items()}

    def _costs(self, step: Step, served: Served) -> dict[int, tuple[int, int]]:
        """Units of each family and what they cost in all."""
        units: dict[int, int] = {}
        for (_, family), (_, taken) in served.items():
            units[family] = units.get(family, 0) + taken
        costs = self.run.costs(step.price, units)
        return {family: (units[family], costs[family]) for family in units}

    def _passed(self, served: Served, costs: Mapping[int, tuple[int, int]]) -> dict[int, int]:
        """The families that cost more than somebody would pay, and the largest margin of those."""
        passed: dict[int, int] = {}
        for (_, family), (way, _) in served.items():
            units, cost = costs[family]
            if way.margin * units < cost and way.margin > passed.get(family, way.margin - 1):
                passed[family] = way.margin
        return passed

    def _take(self, step: Step, served: Served) -> None:
        """Keeps awards that hold, if they are better than the best."""
        score = sum((way.worth - step.price) * units for way, units in served.values()) - self.run.once
        units = sum(units for _, units in served.values())
        if (score, units) > (self.best.score, self.best.units):
            self.best = Best(score, units, served)
            self.tell(score)


def _within(bounds: Bounds, family: int, cost: tuple[int, int]) -> bool:
    """Whether a family's units cost no more than its ceiling."""
    units, whole = cost
    ceiling = bounds.ceilings[family]
    return ceiling is not None and whole <= ceiling * units


def _split(bounds: Bounds, family: int, margin: int) -> tuple[Bounds, Bounds]:
    """The family at this a unit at most; and without those who pay no more than this, to be looked at
    first."""
    floors, ceilings = list(bounds.floors), list(bounds.ceilings)
    ceilings[family] = margin
    floors[family] = margin + 1
    return bounds._replace(ceilings=tuple(ceilings)), bounds._replace(floors=tuple(floors))
