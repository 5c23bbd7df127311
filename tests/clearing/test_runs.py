"""Sets of runs made into flows: sound, ever better, and the best there is where a program can tell."""

from __future__ import annotations

import itertools
from random import Random
from typing import Any

import numpy as np
import pytest
from brute_force import KINDS, best_of_all, tiny_round
from plain_market import SHAPES, Case, Told, case, generated, looks, on_every_shape, unsound, worth

from millpond.clearing import restricted, runs
from millpond.clearing.budget import Budget
from millpond.clearing.descent import Dual, first_prices
from millpond.clearing.instance import Floats, Ints
from millpond.clearing.program import Restriction
from millpond.clearing.search import Search
from millpond.clearing.tree import fewest_runs

EXACT = 1e-14  # whole numbers that floats carry, or nearly: above 2**53 they are rounded
FEW = 4  # consignments in the first program, where most of the places are to be left as planned
LOOKS = 10_000  # at the clock: more than any of these searches takes


class Recorded(Search):
    """A search that keeps every flow it took over, checked by itself."""

    def __init__(self, made: Case, dual: Dual, seed: int = 0) -> None:
        super().__init__(made.problem, dual, seed)
        self.made = made
        self.taken: list[tuple[int, Floats]] = []

    def offer(self, flow: Floats) -> bool:
        before = self.score
        taken = super().offer(flow)
        assert taken == (self.score > before)
        if taken:
            rows = self.made.rows(self.flow)
            assert not unsound(self.made.told, rows)
            assert self.score == pytest.approx(worth(self.made.told, rows), rel=EXACT, abs=0.0)
            self.taken.append((int(self.score), self.flow.copy()))
        return taken


def relaxed(made: Case, descents: int = 3) -> Dual:
    """Multipliers as a search has them before it looks at runs."""
    p = made.problem
    dual = Dual.start(p, first_prices(p))
    dual.runs = fewest_runs(p, p.tier_high >= p.tier_low) if p.must_serve else 0
    dual.evaluate()
    for _ in range(descents):
        dual.again()
        dual.descend(100, dual.value - 0.5 * abs(dual.value) - 1.0)
    return dual


def bettered(made: Case, seed: int = 0, budget: Budget | None = None, descents: int = 3) -> Recorded:
    dual = relaxed(made, descents)
    search = Recorded(made, dual, seed)
    told: list[float] = []
    runs.better(search, dual, budget or looks(LOOKS), lambda: told.append(search.score))
    assert told == sorted(told)
    assert [score for score, _ in search.taken] == sorted({score for score, _ in search.taken})
    return search


def optimum(made: Case) -> float | None:
    """The best of the whole program, by HiGHS."""
    p = made.problem
    every = Restriction(np.ones(p.arc_line.size, bool), p.tier_high >= p.tier_low, np.zeros(p.setup.size))
    flow, proven = restricted.solve(p, every, None, seconds=60, gap=0.0, seed=0)
    assert proven or flow is None
    return None if flow is None else worth(made.told, made.rows(flow))


@on_every_shape
def test_flows_are_sound_and_only_get_better(name: str, seed: int) -> None:
    made = generated(name, seed)
    search, best = bettered(made), optimum(made)
    assert search.taken
    assert best is not None
    assert best - 0.002 * abs(best) <= search.score <= best


def test_programs_of_few_places_better_what_was_planned(monkeypatch: pytest.MonkeyPatch) -> None:
    partly = grown = reached = 0
    program = runs._program

    def watched(search: Search, few: Ints, planned: Floats, *rest: Any) -> Floats | None:
        nonlocal partly, grown
        p = search.problem
        flow = program(search, few, planned, *rest)
        if flow is not None:
            elsewhere = ~np.isin(p.con_place[p.arc_con], p.con_place[few])
            partly += bool((flow[elsewhere] > 0).any())
            grown += few.size > FEW
            assert search.score >= worth(made.told, made.rows(flow))
        return flow

    monkeypatch.setattr(runs, "_program", watched)
    monkeypatch.setattr(runs, "FEWEST", FEW)
    for name, seed in itertools.product(SHAPES, range(3)):
        made = generated(name, seed, 24, 5)
        search, best = bettered(made), optimum(made)
        assert best is not None
        assert best - 0.03 * abs(best) <= search.score <= best
        reached += search.score == best
    assert partly > 15
    assert grown > 6
    assert reached > 8


@on_every_shape
def test_sets_are_chosen_from_the_best_flow_until_none_is_new(
    name: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = generated(name, seed)
    chosen: list[tuple[list[int], list[int], list[int]]] = []

    def watched(search: Search, dual: Dual, tiers: Ints) -> runs.Runs:
        found = choose(search, dual, tiers)
        chosen.append((tiers.tolist(), search.running().tolist(), found.tiers.tolist()))
        return found

    choose = runs.chosen
    monkeypatch.setattr(runs, "chosen", watched)
    bettered(made)
    assert len(chosen) > 1
    assert all(begun == best for begun, best, _ in chosen[1:])
    *tried, last = [found for _, _, found in chosen]
    assert last in tried
    assert all(tried.count(found) == 1 for found in tried)


@on_every_shape
def test_the_same_seed_gives_the_same_flows(name: str, seed: int) -> None:
    one, other = bettered(generated(name, seed), 5), bettered(generated(name, seed), 5)
    assert [score for score, _ in one.taken] == [score for score, _ in other.taken]
    assert (one.flow == other.flow).all()


@pytest.mark.parametrize("kind", KINDS)
def test_tiny_rounds_mostly_get_their_best_allocation(kind: str) -> None:
    reached, tried = 0, 0
    for seed in range(30):
        made = case(tiny_round(kind, seed))
        best, search = best_of_all(made.told).blind, bettered(made)
        if best is None:
            assert not search.taken
            continue
        assert search.score <= best
        tried += 1
        reached += search.score == best
    assert reached >= 0.9 * tried > 10


def facilities(seed: int, places: int, offers: int) -> Told:
    """Capacitated facility location: everybody is served, runs cost their setup, units their way."""
    rng = Random(seed)
    quantity = [rng.randint(5, 35) for _ in range(places)]
    town = [(rng.random(), rng.random()) for _ in range(places)]
    room = 1.2 * rng.choice((2, 3)) * sum(quantity) / offers
    told: Told = {
        "format": "millpond-round/1", "id": f"facilities {seed}", "currency": "CNY", "must_serve": True,
        "items": [{"id": "unit", "load": 1}],
        "places": [{"id": f"p{c}"} for c in range(places)],
        "demand": [
            {"id": f"d{c}", "place": f"p{c}", "quantity": q, "accepts": [{"item": "unit", "limit": 0}]}
            for c, q in enumerate(quantity)
        ],
        "offers": [],
    }  # fmt: skip
    for o in range(offers):
        x, y = rng.random(), rng.random()
        away = [((x - px) ** 2 + (y - py) ** 2) ** 0.5 for px, py in town]
        offer: dict[str, Any] = {
            "id": f"o{o}", "maker": f"o{o}", "setup": rng.randint(10_000, 40_000),
            "capacity": int(room * rng.uniform(0.7, 1.3)),
            "items": [{"item": "unit", "surcharge": 0}],
            "tiers": [{"from": 1, "price": 0}],
            "freight": [
                {"place": f"p{c}", "fixed": 0, "per_load": round(1_000 * d)} for c, d in enumerate(away)
            ],
        }  # fmt: skip
        told["offers"].append(offer)
    return told


def test_facility_location_is_solved_to_its_optimum() -> None:
    reached, several = [], 0
    for seed in range(16):
        made = case(facilities(seed, 18, 8))
        search, best = bettered(made), optimum(made)
        reached.append(search.score == best)
        several += int((search.running() >= 0).sum()) > 2
        assert best is not None
        assert best - 0.01 * abs(best) <= search.score <= best
    assert several > 10
    assert sum(reached) >= 15


def altered(told: Told, **offer: Any) -> Told:
    """The round with these fields in all offers."""
    return told | {"offers": [made | offer for made in told["offers"]]}


def test_where_no_run_pays_nothing_is_made() -> None:
    told = generated("mixed", 0).told
    search = bettered(case(altered(told, setup=10**10)))
    assert not search.taken
    assert search.score == 0
    assert not search.flow.any()


@pytest.mark.parametrize("kept", [0, 1])
@pytest.mark.parametrize("name", ["mixed", "must-serve"])
def test_offers_that_can_never_run_are_left_out(name: str, kept: int) -> None:
    told = generated(name, 1).told
    asked = sum(line["quantity"] for line in told["demand"])
    never: dict[str, Any] = {"capacity": 5, "tiers": [{"from": 6, "price": 0}, {"from": 9, "price": 0}]}
    ever = [offer | {"capacity": 2 * asked, "tiers": [{"from": 1, "price": 9}]} for offer in told["offers"]]
    told = told | {"offers": [*ever[:kept], *(offer | never for offer in ever[kept:])]}
    search = bettered(case(told))
    assert bool(search.taken) == bool(kept)
    assert set(np.flatnonzero(search.running() >= 0)) == set(range(kept))


@pytest.mark.parametrize("name", ["mixed", "must-serve"])
@pytest.mark.parametrize("empty", ["demand", "offers", "freight"])
def test_rounds_without_anything_to_pair_are_left_alone(name: str, empty: str) -> None:
    told = generated(name, 0).told
    search = bettered(case(altered(told, freight=[]) if empty == "freight" else told | {empty: []}))
    assert not search.taken
    assert not search.flow.size


@pytest.mark.parametrize("name", ["mixed", "must-serve"])
def test_amounts_as_large_as_they_may_be(name: str) -> None:
    told = generated(name, 2).told
    large = 10**12 // max(offer["setup"] for offer in told["offers"])
    small, made = bettered(case(told)), case(scaled(told, large))
    assert made.problem.setup.max() > 0.99e12
    search = bettered(made)
    best = optimum(case(told))
    assert best is not None
    assert search.score <= large * best
    assert search.score >= large * (small.score - 0.001 * abs(small.score))


def scaled(told: Told, times: int) -> Told:
    """The round in a smaller minor unit."""
    lines = [
        line | {"accepts": [each | {"limit": times * each["limit"]} for each in line["accepts"]]}
        for line in told["demand"]
    ]
    items = [item | {"reference": times * item["reference"]} for item in told["items"]]
    offers = [
        offer
        | {
            "setup": times * offer["setup"],
            "tiers": [tier | {"price": times * tier["price"]} for tier in offer["tiers"]],
            "items": [each | {"surcharge": times * each["surcharge"]} for each in offer["items"]],
            "freight": [
                way | {"fixed": times * way["fixed"], "per_load": times * way["per_load"]}
                for way in offer["freight"]
            ],
        }
        for offer in told["offers"]
    ]
    return told | {"items": items, "demand": lines, "offers": offers}


def test_without_time_nothing_is_begun() -> None:
    search = bettered(generated("mixed", 0), budget=Budget(lambda: 5.0, lambda: False, 5.0))
    assert not search.taken
    stopped = bettered(generated("mixed", 0), budget=Budget(lambda: 0.0, lambda: True, 5.0))
    assert not stopped.taken


@pytest.mark.parametrize("name", ["mixed", "must-serve"])
def test_multipliers_that_know_nothing_yet_will_do(name: str) -> None:
    made = generated(name, 0)
    search, best = bettered(made, descents=0), optimum(made)
    assert best is not None
    assert best - 0.05 * abs(best) <= search.score <= best
