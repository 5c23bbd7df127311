"""Plans of places against every way to open consignments; sets of runs against every allocation.

Unit prices and floors are multiples of 1/8, so floats carry all sums exactly and worths are compared without
a tolerance. What a heuristic mostly reaches is asserted of a share.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import cache
from random import Random

import numpy as np
import pytest
from brute_force import KINDS
from plain_market import Case, case, every_state, nets
from plain_plans import Set, Town, hull, plain_worth, tiny, town

from millpond.clearing import plans, sets
from millpond.clearing.descent import Dual
from millpond.clearing.flows import FAR
from millpond.clearing.instance import Floats, Ints
from millpond.clearing.search import Search

CLOSE = 1e-9  # of a worth that no exact arithmetic was made for
NONE = -1

FEW, MANY = (1, plans.MOST_EXACT), (plans.MOST_EXACT + 1, plans.MOST_EXACT + 4)  # lines a place


@cache
def drawn(seed: int, lines: tuple[int, int], must_serve: bool) -> Case:
    """Places with so many lines each, of few units: which offer is best for them differs, and whether its
    fixed freight pays."""
    from bench.generator import generate

    rng = Random(seed)
    told = generate(10, 6, seed, lines_per_place=lines, must_serve=must_serve, accepts=(1, 3), items=4)
    for offer in told["offers"]:
        for way in offer["freight"]:
            way.update(
                fixed=rng.choice((0, *[rng.randint(1, 6_000) for _ in range(4)])), per_load=rng.randint(0, 60)
            )
        for item in offer["items"]:
            item["surcharge"] = rng.randint(0, 2_500)
    before = sum(line["quantity"] for line in told["demand"])
    for line in told["demand"]:
        line.update(quantity=rng.randint(1, 20), minimum=1)
    share = sum(line["quantity"] for line in told["demand"]) / before
    for offer in told["offers"]:
        offer["capacity"], offer["setup"] = math.ceil(share * offer["capacity"]), int(share * offer["setup"])
        for k, tier in enumerate(offer["tiers"]):
            tier["from"] = k + int(share * tier["from"])
    return case(told)


def on_places(lines: tuple[int, int]) -> pytest.MarkDecorator:
    kinds = [pytest.param(s, lines, m, id=f"{'must' if m else 'may'}-{s}") for m in (0, 1) for s in range(3)]
    return pytest.mark.parametrize(("seed", "lines", "must_serve"), kinds)


def floor_of(made: Case) -> float:
    """What a line gains that is not served: with `must_serve` less than by any way to serve it."""
    dual = Dual.start(made.problem, np.zeros(made.problem.quantity.size))
    return 0.0 - float(Search(made.problem, dual, 0).duty)


def eighths(made: Case, rng: Random) -> Floats:
    """A unit price for every offer, not far from one another."""
    return np.array([rng.randint(8 * 800, 8 * 2_000) / 8 for _ in made.told["offers"]])


class Planned:
    """What `plan` says of one place: worth, and what `cur` and `by` come to, line by line."""

    def __init__(
        self, made: Case, c: int, cons: Ints, t: Floats, floor: float, given: int = NONE, barred: int = NONE
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


def places(made: Case, rng: Random) -> Iterator[tuple[int, Ints, Town, dict[str, float], Floats]]:
    """Every place with the consignments of some offers, in any order, at random unit prices."""
    p = made.problem
    offers = [offer["id"] for offer in made.told["offers"]]
    for c, place in enumerate(made.told["places"]):
        t = eighths(made, rng)
        running = set(rng.sample(offers, rng.randint(2, len(offers))))
        here = [j for j in np.flatnonzero(p.con_place == c) if offers[p.con_offer[j]] in running]
        if here:
            cons = np.array(rng.sample(here, len(here)), dtype=np.int64)
            yield (c, cons, town(made.told, place["id"], running), dict(zip(offers, t, strict=True)), t)


@on_places(FEW)
def test_a_plan_is_the_best_of_all(seed: int, lines: tuple[int, int], must_serve: bool) -> None:
    made, rng = drawn(seed, lines, bool(must_serve)), Random(seed)
    p, floor = made.problem, floor_of(made)
    offers = [offer["id"] for offer in made.told["offers"]]
    opened, told_apart = 0, 0
    for _ in range(5):
        for c, cons, here, t, prices in places(made, rng):
            best = Planned(made, c, cons, prices, floor)
            assert best.worth == best.adds_up == here.best(t, floor)
            opened += best.costly > 1
            for j in cons:
                o = offers[p.con_offer[j]]
                given = Planned(made, c, cons, prices, floor, given=j)
                assert given.worth == given.adds_up == here.best(t, floor, given=o)
                barred = Planned(made, c, cons, prices, floor, barred=j)
                assert barred.worth == barred.adds_up == here.best(t, floor, barred=o)
                told_apart += barred.worth < best.worth < given.worth
            j, e = rng.sample(cons.tolist(), 2) if cons.size > 1 else (cons[0], NONE)
            both = Planned(made, c, cons, prices, floor, given=j, barred=e)
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
        for c, cons, here, t, prices in places(made, rng):
            for given, barred in [(NONE, NONE)] + [w for j in cons for w in ((j, NONE), (NONE, j))]:
                found = Planned(made, c, cons, prices, floor, given, barred)
                at = [offers[p.con_offer[j]] if j >= 0 else "" for j in (given, barred)]
                best = here.best(t, floor, *at)
                assert found.worth == found.adds_up <= best
                opened += found.costly > 1
                tried += 1
                missed += found.worth < best
    assert opened > 20
    assert missed <= 0.05 * tried


def set_of(made: Case, tiers: Set) -> Ints:
    """Tiers counted from 0 in each offer, as `Problem` numbers them."""
    return np.array([int(made.problem.offer_tier[o]) + k if k >= 0 else NONE for o, k in enumerate(tiers)])


def prices_of(made: Case, tiers: Set, rng: Random | None = None) -> Floats:
    """The tier price of each run (times about 1), FAR where there is none."""
    p = made.problem
    t = [p.tier_price[p.offer_tier[o] + k] if k >= 0 else FAR for o, k in enumerate(tiers)]
    if rng:
        t = [price * rng.uniform(0.5, 2.0) if price < FAR else FAR for price in t]
    return np.array(t)


def worth(made: Case, tiers: Set, t: Floats, steps: int, enough: float = -FAR) -> tuple[float, Floats, float]:
    """What `sets.worth` says, the prices it found and how many arcs it looked at."""
    space, best_t = sets.room(made.problem), np.empty(t.size)
    found = sets.worth(made.problem, set_of(made, tiers), t, floor_of(made), steps, enough, best_t, space)
    return float(found), best_t, float(space[-1][0])


on_tiny_rounds = pytest.mark.parametrize(
    ("kind", "seed"), [pytest.param(k, s, id=f"{k}-{s}") for k in KINDS for s in range(6)]
)


@on_tiny_rounds
def test_runs_are_worth_no_less_than_their_best_allocation(kind: str, seed: int) -> None:
    made, best = tiny(kind, seed)
    floor, rng = floor_of(made), Random(seed)
    for tiers in every_state(made.told):
        least = hull(made.told, tiers, floor)
        for steps in (1, 30, 1_000):
            found, t, _ = worth(made, tiers, prices_of(made, tiers, rng), steps)
            size = CLOSE * (abs(found) - floor * 16 + 1)
            assert found == pytest.approx(plain_worth(made.told, tiers, t, floor), abs=size)
            assert found == pytest.approx(worth(made, tiers, t, 1)[0], abs=size)
            assert (t[np.array(tiers) < 0] >= FAR).all()
            assert least is None or found >= least - size
            assert tiers not in best or found >= best[tiers] - size


@on_tiny_rounds
def test_many_steps_find_the_least_worth_there_is(kind: str, seed: int) -> None:
    made, best = tiny(kind, seed)
    floor = floor_of(made)
    for tiers in best:
        least = hull(made.told, tiers, floor)
        assert least is not None
        found, _, _ = worth(made, tiers, prices_of(made, tiers), 1_000)
        assert found == pytest.approx(least, abs=1e-5 * (abs(least) + 1))


@pytest.mark.parametrize("must_serve", [False, True])
def test_a_set_is_left_when_it_is_worth_no_more_than_enough(must_serve: bool) -> None:
    made, rng = drawn(1, FEW, must_serve), Random(1)
    p, ended = made.problem, 0
    for _ in range(6):
        tiers = tuple(rng.randint(-1, len(offer["tiers"]) - 1) for offer in made.told["offers"])
        t = prices_of(made, tiers, rng)
        arcs = p.arc_quantity[np.array(tiers)[p.con_offer[p.arc_con]] >= 0].size
        first, _, once = worth(made, tiers, t, 1)
        assert once == arcs
        last, _, looked = worth(made, tiers, t, 60)
        assert looked <= 60 * arcs
        assert worth(made, tiers, t, 60, first) == (first, pytest.approx(t), arcs)
        found, _, until = worth(made, tiers, t, 60, (first + last) / 2)
        assert last <= found <= (first + last) / 2
        ended += until < looked
        assert worth(made, tiers, t, 60, last - 1.0)[::2] == (last, looked)
    assert ended > 3


def exchanged(
    made: Case, tiers: Set, candidates: list[int], steps: int, work: float
) -> tuple[Set, float, Floats, float]:
    """The set that exchanges end in, what it is said to be worth, its prices and how many arcs were seen."""
    p, space = made.problem, sets.room(made.problem)
    t = p.tier_price[p.offer_tier[1:] - 1].copy()
    owner = np.repeat(np.arange(p.setup.size), np.diff(p.offer_tier))
    ran, order = set_of(made, tiers), np.array(candidates, dtype=np.int64)
    found = sets.exchange(p, ran, t, floor_of(made), owner, order, steps, work, space)
    for o, k in enumerate(ran):
        assert k == NONE or (owner[k] == o and (k in candidates or k == set_of(made, tiers)[o]))
    after = tuple(int(k - p.offer_tier[o]) if k >= 0 else NONE for o, k in enumerate(ran))
    return after, float(found), t, float(space[-1][0])


@pytest.mark.parametrize("must_serve", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_exchanges_only_better_a_set(seed: int, must_serve: bool) -> None:
    made, rng = drawn(seed, FEW, must_serve), Random(seed)
    p, bettered = made.problem, 0
    demand, steps = p.quantity.sum(), 20
    for _ in range(4):
        tiers = tuple(rng.randint(-1, len(offer["tiers"]) - 1) for offer in made.told["offers"])
        if must_serve:
            tiers = tuple(len(offer["tiers"]) - 1 for offer in made.told["offers"])
        candidates = rng.sample(range(p.tier_low.size), rng.randint(0, p.tier_low.size))
        candidates = [k for k in candidates if p.tier_high[k] >= p.tier_low[k]]
        start = p.tier_price[p.offer_tier[1:] - 1].copy()
        before = worth(made, tiers, start, 5 * steps)[0]
        after, found, t, _ = exchanged(made, tiers, candidates, steps, 1e7)
        assert found >= before
        assert found == pytest.approx(worth(made, after, t, 1)[0], rel=CLOSE)
        assert (after != tiers) == (found > before)
        if must_serve:
            assert p.tier_high[[k for k in set_of(made, after) if k >= 0]].sum() >= demand
        bettered += found > before
        assert exchanged(made, tiers, candidates, steps, 0.0)[0] == tiers
        _, some, _, looked = exchanged(made, tiers, candidates, steps, 0.3 * 5e4)
        assert before <= some
        assert looked <= 0.3 * 5e4 + 6 * steps * p.arc_line.size
        assert exchanged(made, tiers, candidates, steps, 1e7)[:2] == (after, found)
    assert bettered > 1


def reach(made: Case, best: dict[Set, int], tiers: Set) -> int | None:
    """The best score of these runs, where those may stay empty that cost nothing while they are."""
    ways = []
    for offer, k in zip(made.told["offers"], tiers, strict=True):
        empty = k >= 0 and offer["setup"] == 0 and offer["tiers"][k]["from"] == 1
        ways.append((NONE, k) if empty else (k,))
    return max((best[some] for some in itertools.product(*ways) if some in best), default=None)


def test_exchanges_mostly_find_the_best_set_of_all() -> None:
    reached = tried = 0
    for kind, seed in itertools.product(KINDS, range(30)):
        made, best = tiny(kind, seed, free=True)
        p, rng = made.problem, Random(seed)
        candidates = np.flatnonzero(p.tier_high >= p.tier_low).tolist()
        if not best or not p.arc_line.size:
            continue
        for _ in range(3):
            start = rng.choice(sorted(best))
            after = exchanged(made, start, rng.sample(candidates, len(candidates)), 200, 1e6)[0]
            tried += 1
            reached += reach(made, best, after) == max(best.values())
    assert reached >= 0.9 * tried > 150


@on_places(FEW)
def test_losses_are_what_another_plan_would_lose(seed: int, lines: tuple[int, int], must_serve: bool) -> None:
    made, rng = drawn(seed, lines, bool(must_serve)), Random(seed)
    p, floor = made.problem, floor_of(made)
    offers = [offer["id"] for offer in made.told["offers"]]
    used_costly = unused_costly = 0
    for _ in range(3):
        t = eighths(made, rng)
        ran = np.array([rng.choice((NONE, int(p.offer_tier[o]))) for o in range(p.setup.size)])
        running = {offers[o] for o in np.flatnonzero(ran >= 0)}
        loss, flow = sets.losses(p, ran, t, floor, sets.room(p))
        assert (loss[ran[p.con_offer] < 0] >= FAR).all()
        assert ((flow == 0) | (flow == p.arc_quantity)).all()
        at = dict(zip(offers, t, strict=True))
        for c, place in enumerate(made.told["places"]):
            here = town(made.told, place["id"], running)
            best = here.best(at, floor)
            arcs = np.flatnonzero((p.con_place[p.arc_con] == c) & (flow > 0))
            used = set(p.arc_con[arcs].tolist())
            assert len(set(p.arc_line[arcs].tolist())) == arcs.size
            over = p.arc_value[arcs] - t[p.con_offer[p.arc_con[arcs]]] - floor
            assert flow[arcs] @ over - p.con_fixed[[*used]].sum() == best
            for j in np.flatnonzero((p.con_place == c) & (ran[p.con_offer] >= 0)):
                o = offers[p.con_offer[j]]
                without, given = here.best(at, floor, barred=o), here.best(at, floor, given=o)
                assert loss[j] == best - (without if j in used else given - p.con_fixed[j])
                assert loss[j] >= 0
                used_costly += bool(j in used and loss[j] > 0 and p.con_fixed[j])
                unused_costly += bool(j not in used and loss[j] > 0)
    assert used_costly > 5
    assert unused_costly > 5


@pytest.mark.parametrize("must_serve", [False, True])
def test_at_a_large_place_losses_move_only_the_lines_of_one_consignment(must_serve: bool) -> None:
    from bench.generator import generate

    told = generate(1, 40, 3, lines_per_place=(160, 160), must_serve=must_serve, items=4)
    rng = Random(3)
    for item in itertools.chain.from_iterable(offer["items"] for offer in told["offers"]):
        item["surcharge"] = rng.randint(0, 2_500)
    made = case(told)
    p, floor = made.problem, floor_of(made)
    assert p.arc_line.size * p.con_fixed.size > sets.MOST_REPLANNED
    p.con_fixed[:] = [rng.randint(0, 9) and rng.randint(1, 40_000) for _ in p.con_fixed]
    t = eighths(made, rng)
    loss, flow = sets.losses(p, p.offer_tier[:-1].copy(), t, floor, sets.room(p))
    over = p.arc_value - t[p.con_offer[p.arc_con]]
    used = np.isin(np.arange(loss.size), p.arc_con[flow > 0])
    opened = (used | (p.con_fixed == 0))[p.arc_con]
    gain = np.full(p.quantity.size, floor)
    gain[p.arc_line[flow > 0]] = over[flow > 0]
    assert (p.con_fixed[used] > 0).sum() > 2
    for j in range(loss.size):
        own, served = p.arc_con == j, (p.arc_con == j) & (flow > 0)
        if used[j]:
            second = np.full(p.quantity.size, floor)
            np.maximum.at(second, p.arc_line[opened & ~own], over[opened & ~own])
            moved = p.arc_quantity[served] @ (over[served] - second[p.arc_line[served]])
            assert loss[j] == moved - p.con_fixed[j] >= 0
        else:
            better = np.maximum(0.0, over[own] - gain[p.arc_line[own]])
            assert loss[j] == p.con_fixed[j] - p.arc_quantity[own] @ better
