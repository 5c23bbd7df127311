"""Certificates as compiled code bounds them: the number that anybody else computes, and never too low."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from brute_force import best_of_all, tiny_round
from plain_market import Case, case, generated, in_order, line_prices, looks, on_every_shape
from tiny_rounds import bound_by_definition

from millpond.clearing import engine
from millpond.clearing.certificate import bound as exact_bound
from millpond.clearing.certify import NOTHING, Certifier
from millpond.clearing.descent import Dual
from millpond.clearing.tree import Node, Tree, fewest_runs
from millpond.model import Branch, Certificate, Leaf

SEEDS = range(15)
KINDS = ("loose", "tight", "served")


def random_tree(made: Case, rng: Random, branches: int) -> Node:
    """Nodes with random prices and unit prices at random branches, as a search could leave them."""
    p = made.problem

    def node(allowed: np.ndarray, may_rest: np.ndarray, left: int) -> Node:
        dual = Dual.start(p, in_order(made, line_prices(made, rng)) * rng.uniform(0.5, 1.5))
        possible = dual.allowed.copy()
        dual.allowed[:], dual.may_rest[:] = allowed & possible, may_rest
        dual.runs = max(0, fewest_runs(p, allowed)) if p.must_serve else 0
        dual.evaluate()
        made_here = Node.of(dual, allowed)
        if rng.random() < 0.5:  # worse unit prices than the search's
            made_here.at = made_here.at + np.array([rng.uniform(-40, 40) for _ in made_here.at])
        if p.must_serve and rng.random() < 0.5:
            made_here.tau = rng.uniform(0, 200)
        choices = [o for o in range(p.setup.size) if p.offer_tier[o + 1] > p.offer_tier[o]]
        if left and choices:
            split(made_here, rng.choice(choices), left - 1)
        return made_here

    def split(parent: Node, offer: int, left: int) -> None:
        first, end = p.offer_tier[offer], p.offer_tier[offer + 1]
        tier = rng.randrange(end - first)
        low, high, must = parent.allowed.copy(), parent.allowed.copy(), parent.may_rest.copy()
        low[first + tier : end] = False
        high[first : first + tier] = False
        must[offer] = False
        below = rng.randint(0, left)
        parent.split = (offer, tier)
        parent.low = node(low, parent.may_rest, below)
        parent.high = node(high, must, left - below)

    return node(np.ones(p.tier_low.size, bool), np.ones(p.setup.size, bool), branches)


def assert_both_agree(made: Case, root: Node) -> tuple[Certificate, int]:
    certificate, bound = Certifier(made.instance).certificate(root)
    assert bound == exact_bound(made.instance.round, certificate)
    return certificate, bound


def can_be_served(made: Case) -> bool:
    p = made.problem
    return not p.must_serve or fewest_runs(p, p.tier_high >= p.tier_low) >= 0


@on_every_shape
def test_compiled_and_exact_bounds_are_one_number(name: str, seed: int) -> None:
    made, rng = generated(name, seed), Random(seed)
    for branches in (0, 0, 1, 2, 5, 12):
        certificate, _ = assert_both_agree(made, random_tree(made, rng, branches))
        assert count(certificate.tree) == branches + 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_they_are_one_number_on_tiny_rounds_and_above_every_clearing(kind: str, seed: int) -> None:
    made, rng = case(tiny_round(kind, seed)), Random(seed)
    if not can_be_served(made):
        return
    best = best_of_all(made.told).blind
    for branches in (0, 1, 2, 4, 8, 8):
        certificate, bound = assert_both_agree(made, random_tree(made, rng, branches))
        assert bound == bound_by_definition(made.told, told(certificate))
        assert best is None or bound >= best


def told(certificate: Certificate) -> dict[str, Any]:
    def node(one: Leaf | Branch) -> dict[str, Any]:
        if isinstance(one, Branch):
            return {"offer": one.offer, "tier": one.tier, "low": node(one.low), "high": node(one.high)}
        tiers = {offer: list(row) for offer, row in one.tiers.items()}
        return {"lines": dict(one.lines), "tiers": tiers, "runs": one.runs}

    return {"scale": certificate.scale, "tree": node(certificate.tree)}


def count(tree: Leaf | Branch) -> int:
    return count(tree.low) + count(tree.high) if isinstance(tree, Branch) else 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_grown_tree_proves_what_it_knew(kind: str, seed: int) -> None:
    made = case(tiny_round(kind, seed))
    best = best_of_all(made.told).blind
    if best is None:
        return
    blind = engine.start(made.problem, seed)
    blind.dual.again()
    blind.dual.descend(100, float(best))
    tree = Tree(blind.dual.copy(), True)
    tree.grow(best + 0.5, looks(10_000), 60)
    _, bound = assert_both_agree(made, tree.root)
    assert best <= bound <= tree.bound + 0.5


@on_every_shape
def test_rounding_costs_less_than_a_unit_on_small_rounds(name: str, seed: int) -> None:
    made = generated(name, seed)
    blind = engine.start(made.problem, seed)
    blind.dual.descend(100, 0.5 * blind.dual.value - abs(blind.dual.value))
    tree = Tree(blind.dual.copy(), True)
    tree.grow(0.5 * tree.bound - abs(tree.bound), looks(10_000), 10)
    assert tree.leaves > 2
    _, bound = assert_both_agree(made, tree.root)
    assert tree.bound - 2 <= bound <= tree.bound + 2


def starving(must_serve: bool) -> dict[str, Any]:
    """Two offers; all lines together do not come to the upper tiers, of one of them not to any."""
    tiers = {"a": [{"from": 2, "price": 40}, {"from": 30, "price": 10}], "b": [{"from": 50, "price": 1}]}
    return {
        "format": "millpond-round/1",
        "id": "starving",
        "currency": "CNY",
        "must_serve": must_serve,
        "items": [{"id": "bag", "load": 1}],
        "places": [{"id": "p"}, {"id": "q"}],
        "demand": [
            {"id": f"d{n}", "place": "pq"[n % 2], "quantity": 3, "accepts": [{"item": "bag", "limit": 90}]}
            for n in range(4)
        ],
        "offers": [
            {
                "id": offer,
                "maker": offer,
                "setup": 7,
                "capacity": 90,
                "items": [{"item": "bag", "surcharge": 0}],
                "tiers": row,
                "freight": [{"place": place, "fixed": 5, "per_load": 1} for place in "pq"],
            }
            for offer, row in tiers.items()
        ],
    }


@pytest.mark.parametrize("must_serve", [False, True])
def test_tiers_that_no_demand_reaches_prove_nothing_and_cost_nothing(must_serve: bool) -> None:
    made = case(starving(must_serve))
    best = -7 - 10 - 12 * 41 + (0 if must_serve else 12 * 90)
    blind = engine.start(made.problem, 0)
    blind.dual.descend(300, float(best))
    certificate, bound = assert_both_agree(made, Tree(blind.dual.copy(), False).root)
    assert isinstance(certificate.tree, Leaf)
    assert certificate.tree.tiers["a"][1] < 0
    assert certificate.tree.tiers["b"][0] < 0
    assert best <= bound <= best + 3
    rng = Random(5)
    for branches in (1, 2, 3, 5, 8, 13):
        assert assert_both_agree(made, random_tree(made, rng, branches))[1] >= best


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("must_serve", [False, True])
def test_largest_amounts_are_bounded_without_compiled_code(must_serve: bool, seed: int) -> None:
    made = case(huge(tiny_round("served" if must_serve else "loose", seed)))
    if not can_be_served(made):
        return
    best = best_of_all(made.told).blind
    certifier = Certifier(made.instance)
    blind = engine.start(made.problem, seed)
    if not np.isfinite(blind.dual.value):
        return
    blind.dual.descend(200, blind.dual.value - 1e14)
    for root in (Tree(blind.dual.copy(), False).root, random_tree(made, Random(seed), 3)):
        _, bound = assert_both_agree(made, root)
        assert best is None or bound >= best
    leaf = Tree(blind.dual, False).root
    assert certifier._leaf(leaf, 10**7)[1] is None  # 64 bits would not hold it at that scale
    assert certifier._scale(leaf.bound, 1) <= 10**3


def huge(small: dict[str, Any]) -> dict[str, Any]:
    """The same round with amounts up to 10^12."""
    much = 5 * 10**9
    return small | {
        "items": [item | {"reference": item["reference"] * much} for item in small["items"]],
        "demand": [
            line
            | {"accepts": [each | {"limit": min(10**12, each["limit"] * much)} for each in line["accepts"]]}
            for line in small["demand"]
        ],
        "offers": [
            offer
            | {
                "setup": offer["setup"] * much,
                "items": [each | {"surcharge": each["surcharge"] * much} for each in offer["items"]],
                "tiers": [tier | {"price": tier["price"] * much} for tier in offer["tiers"]],
                "freight": [
                    way | {"fixed": way["fixed"] * much, "per_load": way["per_load"] * much}
                    for way in offer["freight"]
                ],
            }
            for offer in small["offers"]
        ],
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_a_leaf_that_cannot_serve_is_skipped(seed: int) -> None:
    made = case(tiny_round("served", seed))
    p = made.problem
    if not can_be_served(made):
        return
    everything = Dual.start(p, in_order(made, line_prices(made, Random(seed))))
    everything.runs = fewest_runs(p, np.ones(p.tier_low.size, bool))
    everything.evaluate()
    root = Node.of(everything, np.ones(p.tier_low.size, bool))
    scale, certifier = 1_000, Certifier(made.instance)
    nothing = Node.of(everything, np.zeros(p.tier_low.size, bool))
    assert certifier._leaf(nothing, scale)[1] == NOTHING
    first = p.offer_tier[1]
    root.split = (0, 0)
    root.low, root.high = Node.of(everything, root.allowed.copy()), Node.of(everything, root.allowed.copy())
    root.low.allowed[:first] = False
    root.high.may_rest[0] = False
    certificate, bound = assert_both_agree(made, root)
    assert isinstance(certificate.tree, Branch)
    if fewest_runs(p, root.low.allowed) < 0:
        low = certificate.tree.low
        assert isinstance(low, Leaf)
        assert all(price < 0 for price in low.lines.values())
        # the formula without the skip: values are 0 with must_serve, and the first offer is off
        free = made.told | {
            "must_serve": False,
            "offers": made.told["offers"][1:],
            "demand": [
                line | {"accepts": [each | {"limit": 0} for each in line["accepts"]]}
                for line in made.told["demand"]
            ],
        }
        loud = bound_by_definition(free, told(Certificate(scale=certificate.scale, tree=low)))
        assert loud is not None
        assert loud < bound
