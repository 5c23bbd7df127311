"""Sets of runs against every allocation, and against the best mix of places' plans.

Losses are compared without a tolerance: unit prices are multiples of 1/8, so floats carry all sums exactly.
What a heuristic mostly reaches is asserted of a share.
"""

from __future__ import annotations

import itertools
from random import Random

import numpy as np
import pytest
from brute_force import KINDS
from plain_market import Case, case, every_state
from plain_plans import FEW, NONE, Set, drawn, eighths, floor_of, hull, on_places, plain_worth, tiny, town

from millpond.clearing import sets
from millpond.clearing.flows import FAR
from millpond.clearing.instance import Floats, Ints

CLOSE = 1e-9  # of a worth that no exact arithmetic was made for


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

    told = generate(1, 40, 3, lines_per_place=(240, 240), must_serve=must_serve, items=4)
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
    assert (p.con_fixed[used] > 0).sum() > 1
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
