"""Plans of places against every way to open consignments.

Unit prices and floors are multiples of 1/8, so floats carry all sums exactly and worths are compared without
a tolerance. What a heuristic mostly reaches is asserted of a share.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import numpy as np
from plain_market import Case, nets
from plain_plans import FEW, MANY, NONE, Town, drawn, eighths, floor_of, on_places, town

from millpond.clearing import plans, sets
from millpond.clearing.instance import Floats, Ints


class Planned:
    """What `plan` says of one place: worth, and what `cur` and `by` come to, line by line."""

    def __init__(
        self, made: Case, cons: Ints, t: Floats, floor: float, given: int = NONE, barred: int = NONE
    ) -> None:
        p = made.problem
        _, _, cur, by, floats, ints, _ = sets.room(p)
        cur[:], by[:] = np.nan, -7
        self.worth = plans.plan(p, cons, t, floor, cur, by, given, barred, floats, ints)
        reached = np.unique(p.arc_line[np.isin(p.arc_con, cons)])
        assert np.isnan(np.delete(cur, reached)).all()  # lines of other places are left alone
        self.opened = set(by[reached].tolist()) - {NONE}
        assert self.opened <= set(cons.tolist()) - {barred}
        self.adds_up = 0.0
        offers = [offer["id"] for offer in made.told["offers"]]
        net = nets(made.told)
        for d in reached:
            gain = floor
            if by[d] >= 0:
                o = p.con_offer[by[d]]
                gain = net[made.instance.line_ids[d], offers[o]][0] - t[o]
            assert cur[d] == gain >= floor
            self.adds_up += p.quantity[d] * (gain - floor)
        self.adds_up -= p.con_fixed[[*(self.opened - {given})]].sum()
        self.costly = int((p.con_fixed[[*self.opened]] > 0).sum())


def places(made: Case, rng: Random) -> Iterator[tuple[Ints, Town, dict[str, float], Floats]]:
    """Every place with the consignments of some offers, in any order, at random unit prices."""
    p = made.problem
    offers = [offer["id"] for offer in made.told["offers"]]
    for c, place in enumerate(made.told["places"]):
        t = eighths(made, rng)
        running = set(rng.sample(offers, rng.randint(2, len(offers))))
        here = [j for j in np.flatnonzero(p.con_place == c) if offers[p.con_offer[j]] in running]
        if here:
            cons = np.array(rng.sample(here, len(here)), dtype=np.int64)
            yield (cons, town(made.told, place["id"], running), dict(zip(offers, t, strict=True)), t)


@on_places(FEW)
def test_a_plan_is_the_best_of_all(seed: int, lines: tuple[int, int], must_serve: bool) -> None:
    made, rng = drawn(seed, lines, bool(must_serve)), Random(seed)
    p, floor = made.problem, floor_of(made)
    offers = [offer["id"] for offer in made.told["offers"]]
    opened, told_apart = 0, 0
    for _ in range(5):
        for cons, here, t, prices in places(made, rng):
            best = Planned(made, cons, prices, floor)
            assert best.worth == best.adds_up == here.best(t, floor)
            opened += best.costly > 1
            for j in cons:
                o = offers[p.con_offer[j]]
                given = Planned(made, cons, prices, floor, given=j)
                assert given.worth == given.adds_up == here.best(t, floor, given=o)
                barred = Planned(made, cons, prices, floor, barred=j)
                assert barred.worth == barred.adds_up == here.best(t, floor, barred=o)
                told_apart += barred.worth < best.worth < given.worth
            j, e = rng.sample(cons.tolist(), 2) if cons.size > 1 else (cons[0], NONE)
            both = Planned(made, cons, prices, floor, given=j, barred=e)
            other = offers[p.con_offer[e]] if e >= 0 else ""
            assert both.worth == both.adds_up == here.best(t, floor, offers[p.con_offer[j]], other)
    assert opened > 3
    assert told_apart > 20


@on_places(MANY)
def test_a_plan_of_many_lines_adds_up_and_is_nearly_the_best(
    seed: int, lines: tuple[int, int], must_serve: bool
) -> None:
    made, rng = drawn(seed, lines, bool(must_serve)), Random(seed)
    p, floor = made.problem, floor_of(made)
    offers = [offer["id"] for offer in made.told["offers"]]
    opened, tried, missed = 0, 0, 0
    for _ in range(2):
        for cons, here, t, prices in places(made, rng):
            for given, barred in [(NONE, NONE)] + [w for j in cons for w in ((j, NONE), (NONE, j))]:
                found = Planned(made, cons, prices, floor, given, barred)
                at = [offers[p.con_offer[j]] if j >= 0 else "" for j in (given, barred)]
                best = here.best(t, floor, *at)
                assert found.worth == found.adds_up <= best
                opened += found.costly > 1
                tried += 1
                missed += found.worth < best
    assert opened > 20
    assert missed <= 0.05 * tried
