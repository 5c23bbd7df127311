"""Programs whose awards hold at prices aimed at.

A family's level is its cost over its units where nobody pays their alone price. So awards hold at a level t,
or at a lower one, if they serve only who would pay t, and cost no more than t a unit: both are linear. For
each level that could matter (what a line would pay at most) such a program is the price-blind one on fewer
lines, with one more row. Its linear relaxation says what a level is worth at best, so most levels need no
more than that.

- Only for offers that make goods of one family each: what a run of several costs each of them is no linear
  matter.
- Exact without surcharges and freight of its own, but for places that pay their alone price. Those three are
  taken from the best awards known: guidance. Who uses it settles what comes of it exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from millpond.clearing import restricted
from millpond.clearing.budget import Budget
from millpond.clearing.instance import Bools, Floats, Ground, Instance, Ints, Problem
from millpond.clearing.program import Balance, Restriction
from millpond.model import Award, Level

MOST_PAIRINGS = 12_000  # of a round that programs take whole
FEW_LEVELS, LEVELS = 8, 32  # looked at in one go, evenly among those that lines of a family would pay at most
LOOKS = 60_000  # levels times pairings looked at in one go, if that is neither fewer nor more of them
ZOOMS = 2  # and so often again between the neighbours of the best
FAMILY_SHARE = 0.2  # of the time left: for one of several families
CLOSE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where levels are looked for: at the prices of the best awards known."""

    served: Bools  # [K] which acceptances they serve
    price: Floats  # [K] of every acceptance, 0 where nothing is known
    level: Floats  # [F] of every family, 0 where nothing is known


@dataclass(frozen=True, slots=True, eq=False)
class Aimed:
    """A flow that should hold at its prices, and what it was looked for on."""

    instance: Instance
    keep: Bools  # [K]
    flow: Floats  # [A]


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What a program is made of."""

    asked: Floats  # [K] what a line must be ready to pay to be in it
    paid: Floats  # [K] what it is counted on to pay

    @property
    def key(self) -> bytes:
        """The same for the same program."""
        return blake2b(self.asked.tobytes() + self.paid.tobytes(), digest_size=16).digest()


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """An instance, and the rows that keep its costs within what is paid."""

    instance: Instance
    keep: Bools  # [K]
    within: Restriction


class Aims:
    """The programs of one round."""

    def __init__(self, ground: Ground, seed: int) -> None:
        self.ground = ground
        self.seed = seed
        round_, pairs = ground.round, ground.acceptances
        self.names, item_family = np.unique([item.family for item in round_.items], return_inverse=True)
        self.family: Ints = item_family[pairs.item].astype(np.int64)  # [K]
        self.families = self.names.size
        keys = pairs.line * len(round_.items) + pairs.item
        self.order = np.argsort(keys)
        self.keys = keys[self.order]
        made = np.zeros((len(round_.offers), self.families), dtype=bool)
        made[ground.pairings.offer, self.family[ground.pairings.acceptance]] = True
        self.able = made.sum(axis=1).max(initial=0) == 1 and ground.pairings.offer.size <= MOST_PAIRINGS
        self.made: Ints = made.argmax(axis=1) if self.families else np.zeros(0, dtype=np.int64)  # [O]
        units = np.bincount(self.family, ground.quantity[pairs.line], minlength=self.families)
        self.by_units = [int(f) for f in np.argsort(-units, kind="stable") if units[f] > 0]
        self.known: dict[bytes, float] = {}  # what programs are worth at best, by their key
        self.done: set[bytes] = set()  # programs that were solved
        self.from_score: dict[
            int, float
        ] = {}  # by family: that of the awards from which its levels were seen
        self.owner = np.repeat(np.arange(len(round_.offers)), np.diff(ground.tiers[3]))

    def waiting(self, score: float) -> list[int]:
        """The families whose levels are still to be looked at from the awards of this score, those first of
        which most is asked for."""
        return [f for f in self.by_units if self.from_score.get(f) != score] if self.able else []

    def standing(self, awards: Sequence[Award], levels: Iterable[Level], price: Floats) -> Standing:
        """Where these awards stand, with their levels, and prices [K]."""
        round_, pairs = self.ground.round, self.ground.acceptances
        got = {(award.demand, award.item) for award in awards}
        pair = zip(pairs.line.tolist(), pairs.item.tolist(), strict=True)
        served = [(self.ground.line_ids[d], round_.items[i].id) in got for d, i in pair]
        known = {row.family: float(row.level) for row in levels if row.level is not None}
        level = [known.get(str(name), 0.0) for name in self.names]
        return Standing(np.array(served, dtype=bool), price, np.array(level))

    def run(
        self,
        standing: Callable[[], Standing],
        score: Callable[[], float],
        judge: Callable[[Aimed], None],
        budget: Budget,
    ) -> None:
        """Looks at all levels of every family, and again after every gain. `judge` settles what was found,
        `standing` and `score` are the best awards'."""
        while budget.left and (waiting := self.waiting(score())):
            for family in waiting:
                share = budget if self.families == 1 else budget.part(FAMILY_SHARE)
                before = score()
                for found in self.candidates(family, standing(), score, share):
                    judge(found)
                if share.left:
                    self.from_score[family] = before

    def candidates(
        self, family: int, standing: Standing, score: Callable[[], float], budget: Budget
    ) -> Iterator[Aimed]:
        """The best flows for levels of one family, the others' staying, the most promising level first, as
        long as one may pass `score`; none that was handed out before."""
        levels = self._levels(family, standing)
        worth: dict[int, float] = {}
        for _ in range(1 + ZOOMS):
            near = np.arange(levels.size)
            if worth:
                best = max(worth, key=lambda n: worth[n])
                near = np.arange(
                    max((n for n in worth if n < best), default=-1) + 1,
                    min((n for n in worth if n > best), default=levels.size),
                )
            for n in self._some(near):
                if n not in worth and budget.left:
                    worth[n] = self._worth(self.terms(family, float(levels[n]), standing), budget)
        for n in sorted(worth, key=lambda n: -worth[n]):
            if worth[n] < score() + 1.0 - CLOSE or not budget.left:
                return
            terms = self.terms(family, float(levels[n]), standing)
            if terms.key in self.done:
                continue
            program = self.program(terms, score() + 1.0)
            found, proven = restricted.solve(
                program.instance.problem, program.within, None, seconds=budget.left, gap=0.5, seed=self.seed
            )
            if proven or budget.left:
                self.done.add(terms.key)
            if found is not None:
                # a line at the most is served in part, and costs more a unit than it pays: less of it holds
                yield Aimed(program.instance, program.keep, np.floor(found + CLOSE))

    def _worth(self, terms: Terms, budget: Budget) -> float:
        """What a program is worth at best."""
        if terms.key not in self.known:
            program = self.program(terms)
            self.known[terms.key] = restricted.relaxed(program.instance.problem, program.within, budget.left)
        return self.known[terms.key]

    def _levels(self, family: int, standing: Standing) -> Floats:
        """The levels at which a line of the family would just stay."""
        mine = self.family == family
        over = np.maximum(0.0, standing.price - standing.level[self.family])[mine]
        levels = np.unique(self.ground.acceptances.limit[mine] - over)
        return levels[levels > 0]

    def terms(self, family: int, level: float, standing: Standing) -> Terms:
        """If the family's level were this, and the others' what they are: who pays more than the level (a
        surcharge, freight of its own) pays as much more, who pays less (the alone price) no more than now.
        Whom a place's alone price may let in beyond those served now is not asked."""
        price, known = standing.price, standing.level[self.family]
        new = np.where(self.family == family, level, known)
        alone = price < known - CLOSE
        full = new + np.maximum(0.0, price - known)
        paid = np.where(alone, np.minimum(price, new), full)
        asked = np.where(alone & standing.served, paid, full)
        return Terms(asked, paid)

    def program(self, terms: Terms, least: float | None = None) -> Program:
        """The program of these terms, to score at least so much."""
        pairs = self.ground.acceptances
        keep = pairs.limit >= terms.asked - CLOSE
        instance = self.ground.instance(keep)
        p = instance.problem
        pair = self.order[
            np.searchsorted(self.keys, p.arc_line * len(self.ground.round.items) + instance.arc_item)
        ]
        of_arc = self.family[pair]
        of_con = of_arc[p.con_start[:-1]]
        # surcharge and freight by load, less what is paid
        over = pairs.value[pair] - p.arc_value - terms.paid[pair]
        rows = [
            Balance(
                np.where(of_arc == f, over, 0.0),
                np.where(of_con == f, p.con_fixed, 0.0),
                0.0,
                *self._runs(p, self.made == f),
            )
            for f in np.unique(of_arc)
        ]
        if least is not None:
            rows.append(Balance(-p.arc_value, p.con_fixed, -least, *self._runs(p, self.made >= 0)))
        arcs, tiers = np.ones(p.arc_line.size, dtype=bool), np.ones(p.tier_low.size, dtype=bool)
        return Program(instance, keep, Restriction(arcs, tiers, np.zeros(p.setup.size), tuple(rows)))

    def _runs(self, p: Problem, offers: Bools) -> tuple[Floats, Floats]:
        """What a run of these offers [O] costs, at each tier [T]: once, and a unit."""
        counted = offers[self.owner]
        return np.where(counted, p.setup[self.owner], 0.0), np.where(counted, p.tier_price, 0.0)

    def _some(self, numbers: Ints) -> list[int]:
        """A few of them, evenly spread."""
        if not numbers.size:
            return []
        count = min(LEVELS, max(FEW_LEVELS, LOOKS // self.ground.pairings.offer.size))
        chosen = np.unique(np.linspace(0, numbers.size - 1, count).astype(np.int64))
        return [int(n) for n in numbers[chosen]]
