"""Flows: their score, rounding and pruning, each checked on the awards they are."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from plain_market import Case, generated, looks, on_every_shape, random_flow, states, unsound, worth

from millpond.clearing import engine, flows
from millpond.clearing.instance import Floats

SERVABLE = [pytest.param("must-serve", seed, id=f"must-serve-{seed}") for seed in range(3)]


def score_of(case: Case, flow: Floats) -> tuple[float, Floats]:
    units = np.full(case.problem.setup.size, 7.0)
    return float(flows.score_of(case.problem, flow, units)), units


def pruned(case: Case, rng: Random, least: float) -> Floats:
    flow = random_flow(case, rng, least)
    flows.prune(case.problem, flow)
    return flow


@on_every_shape
def test_a_run_costs_setup_and_its_tier(name: str, seed: int) -> None:
    case = generated(name, seed)
    for o, offer in enumerate(case.told["offers"]):
        assert flows.run_cost(case.problem, o, 0.0) == 0.0
        for made in {n + d for s in states(offer) if s for n in s[1:] for d in (-1, 0, 1)} - {0}:
            prices = [price for price, first, last in filter(None, states(offer)) if first <= made <= last]
            plain = offer["setup"] + prices[0] * made if prices else flows.FAR
            assert flows.run_cost(case.problem, o, float(made)) == plain


@on_every_shape
def test_the_score_is_that_of_the_awards(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    scores = set()
    for _ in range(20):
        flow = pruned(case, rng, rng.random())
        score, units = score_of(case, flow)
        rows = case.rows(flow)
        assert score == worth(case.told, rows)
        assert units.tolist() == [
            sum(row["quantity"] for row in rows if row["offer"] == offer["id"])
            for offer in case.told["offers"]
        ]
        scores.add(score)
    assert len(scores) > 2


@on_every_shape
def test_a_run_that_cannot_be_has_no_score(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    impossible = 0
    for _ in range(40):
        flow = random_flow(case, rng, rng.random() * 0.3)
        bad = any("makes" in reason for reason in unsound(case.told, case.rows(flow)))
        impossible += bad
        assert (score_of(case, flow)[0] == -flows.FAR) == bad
    assert impossible > 0


@on_every_shape
def test_whole_says_whether_a_flow_is_sound(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    p = case.problem
    told = []
    for _ in range(60):
        flow = pruned(case, rng, rng.random()) if rng.random() < 0.6 else random_flow(case, rng, 0.6)
        if flow.size and rng.random() < 0.3:  # too much, or below the minimum
            a = rng.randrange(flow.size)
            flow[a] = rng.choice((flow[a] + 1, p.arc_quantity[a] + 1, max(0.0, flow[a] - 1)))
        before = flow.copy()
        blurred = flow + np.array([rng.uniform(-9e-7, 9e-7) if f else 0.0 for f in flow])
        told.append(flows.whole(p, blurred))
        assert (blurred == np.round(blurred)).all()
        if p.must_serve:
            assert (blurred >= before).all()
        else:
            assert (blurred == before).all()
        assert told[-1] == (not unsound(case.told, case.rows(blurred)))
    assert True in told or p.must_serve
    assert False in told


@on_every_shape
def test_whole_takes_parts_of_units_away(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    for _ in range(20):
        flow = pruned(case, rng, 0.7) * rng.uniform(0.3, 1.0)
        floored = np.floor(flow + 1e-6)
        sound = flows.whole(case.problem, flow)
        assert (flow == np.round(flow)).all()
        assert (flow >= floored).all()
        assert case.problem.must_serve or (flow == floored).all()
        assert sound == (not unsound(case.told, case.rows(flow)))


@pytest.mark.parametrize(("name", "seed"), SERVABLE)
def test_whole_gives_back_what_flooring_left_over(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    p = case.problem
    search = engine.start(p, seed).search
    assert search.serve_all(looks(1_000)) == []
    assert not unsound(case.told, case.rows(search.flow))
    for a in np.flatnonzero(search.flow > 1):
        flow = search.flow.copy()
        flow[a] -= rng.uniform(0.1, 0.9)
        assert flows.whole(p, flow)
        assert not unsound(case.told, case.rows(flow))


@on_every_shape
def test_what_is_pruned_is_sound_and_was_there_before(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    left = 0
    for _ in range(30):
        flow = random_flow(case, rng, rng.random())
        before = flow.copy()
        flows.prune(case.problem, flow)
        assert ((flow == before) | (flow == 0)).all()
        told = case.told | {"must_serve": False}  # pruning takes away and never serves
        assert not unsound(told, case.rows(flow))
        left += bool(flow.any())
        again = flow.copy()
        flows.prune(case.problem, again)
        assert (again == flow).all()
        if not unsound(told, case.rows(before)):
            assert (flow == before).all()
    assert left > 3
