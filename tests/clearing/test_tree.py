"""The tree: its leaves are all there is, none twice, and no clearing is above the leaf that it is in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

import numpy as np
import pytest
from brute_force import best_of_all, tiny_round
from plain_market import Case, case, every_state, generated, looks, states, states_of, worth
from tiny_rounds import every_allocation

from millpond.clearing import engine
from millpond.clearing.tree import Node, Tree, fewest_runs

CLOSE = 1e-6
SEEDS = range(10)
KINDS = ("loose", "tight", "served")
FOREVER = 100_000  # looks at the clock


class Found(NamedTuple):
    """A leaf, and by offer the states that the branches above it leave."""

    node: Node
    left: tuple[frozenset[int], ...]


def grown(made: Case, score: float, steps: int, thorough: bool) -> Tree:
    blind = engine.start(made.problem, 0)
    blind.dual.again()
    blind.dual.descend(60, score)
    tree = Tree(blind.dual.copy(), thorough)
    tree.grow(score, looks(FOREVER), steps)
    return tree


def leaves(made: Case, tree: Tree) -> Iterator[Found]:
    """By the branches alone, as the design defines them."""
    every = tuple(frozenset(range(-1, len(offer["tiers"]))) for offer in made.told["offers"])
    waiting = [Found(tree.root, every)]
    while waiting:
        node, left = waiting.pop()
        if node.split is None:
            assert node.low is node.high is None
            yield Found(node, left)
            continue
        offer, tier = node.split
        assert node.low is not None
        assert node.high is not None
        for child, wanted in ((node.low, range(-1, tier)), (node.high, range(tier, 99))):
            some = (left[offer] & frozenset(wanted),)
            waiting.append(Found(child, left[:offer] + some + left[offer + 1 :]))


def score_goal(made: Case, share: float) -> float:
    """A score to grow towards that the root does not reach."""
    value = engine.start(made.problem, 0).dual.value
    return value - share * abs(value) - 1_000.0


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_every_combination_of_states_is_in_one_leaf(kind: str, seed: int, thorough: bool) -> None:
    made = case(tiny_round(kind, seed))
    tree = grown(made, score_goal(made, 9.0), 30, thorough)
    found = list(leaves(made, tree))
    assert len(found) == tree.leaves == len(tree.nodes())
    for combination in every_state(made.told):
        holding = [
            leaf for leaf in found if all(k in ks for k, ks in zip(combination, leaf.left, strict=True))
        ]
        assert len(holding) == 1


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize("name", ["mixed", "dates", "choices", "must-serve"])
def test_a_node_allows_what_its_branches_leave(name: str, thorough: bool) -> None:
    made = generated(name, 1)
    p = made.problem
    tree = grown(made, score_goal(made, 0.5), 25, thorough)
    assert tree.leaves > (3 if thorough else 1)
    for node, left in leaves(made, tree):
        for o, ks in enumerate(left):
            row = node.allowed[p.offer_tier[o] : p.offer_tier[o + 1]]
            assert frozenset(np.flatnonzero(row).tolist()) == ks - {-1}
            assert node.may_rest[o] == (-1 in ks)


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_clearing_is_above_its_leaf(kind: str, seed: int, thorough: bool) -> None:
    made = case(tiny_round(kind, seed))
    best: dict[tuple[int, ...], int] = {}
    for rows in every_allocation(made.told):
        here, score = states_of(made.told, rows), worth(made.told, rows)
        best[here] = max(best.get(here, score), score)
    if not best:
        return
    tree = grown(made, max(best.values()) - 500.0, 30, thorough)
    met = 0
    for node, left in leaves(made, tree):
        for combination, score in best.items():
            if all(k in ks for k, ks in zip(combination, left, strict=True)):
                assert node.bound >= score - CLOSE * abs(score)
                met += 1
    assert met == len(best)
    assert tree.bound >= max(best.values()) - CLOSE * abs(max(best.values()))


@pytest.mark.parametrize("thorough", [False, True])
@pytest.mark.parametrize("name", ["mixed", "dates", "short", "one-tier", "choices", "must-serve"])
def test_the_bound_never_rises_and_is_the_largest_of_the_leaves(name: str, thorough: bool) -> None:
    made = generated(name, 0)
    goal = score_goal(made, 0.5)
    blind = engine.start(made.problem, 0)
    blind.dual.descend(100, goal)
    tree = Tree(blind.dual.copy(), thorough)
    before = start = tree.bound
    assert start == pytest.approx(blind.dual.value)
    budget = looks(FOREVER)
    for _ in range(15):
        tree.grow(goal, budget, 2)
        assert tree.bound <= before
        assert tree.bound == max(node.bound for node in tree.nodes())
        before = tree.bound
    assert tree.leaves > 2 or not thorough
    assert before < start or name == "short"  # there the linear program itself is the obstacle
    for node in tree.nodes():  # no leaf says more than its multipliers do
        tree._load(node)
        fresh = tree.dual.evaluate()
        assert node.bound <= fresh + CLOSE * abs(fresh)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_thorough_tree_ends_and_its_target_closes_leaves(kind: str, seed: int) -> None:
    made = case(tiny_round(kind, seed))
    best = best_of_all(made.told).blind
    if best is None:
        return
    tree = grown(made, best + 0.5, 2_000, True)
    assert tree.done
    assert tree.bound >= best - CLOSE * abs(best)
    node, left = max(leaves(made, tree), key=lambda leaf: leaf.node.bound)
    single = all(len({k for k in ks if k < 0 or can(made, o, k)}) < 2 for o, ks in enumerate(left))
    assert node.bound <= best + 0.5 or single  # nothing is left that a split could lower


def can(made: Case, o: int, k: int) -> bool:
    """Whether demand can reach the tier at all."""
    offer = made.told["offers"][o]
    state = states(offer)[k]
    lines = {line for line, by in made.arc_number if by == offer["id"]}
    reach = sum(line["quantity"] for line in made.told["demand"] if line["id"] in lines)
    return state is not None and state[1] <= reach


def test_nothing_is_split_without_steps_or_time_or_at_the_target() -> None:
    made = generated("mixed", 1)
    for tree in (
        grown(made, score_goal(made, 0.5), 0, True),
        grown(made, engine.start(made.problem, 0).dual.value + 1.0, 50, True),
    ):
        assert tree.leaves == 1
        assert tree.nodes() == [tree.root]
    blind = engine.start(made.problem, 0)
    over = looks(1)
    assert over.left == 0
    tree = Tree(blind.dual, True)
    assert tree.grow(score_goal(made, 0.5), over, 50) is None
    assert tree.bound == blind.dual.value


@pytest.mark.parametrize("seed", SEEDS)
def test_leaves_whose_runs_cannot_come_to_the_demand_bound_nothing(seed: int) -> None:
    made = case(tiny_round("served", seed))
    told, demand = made.told, sum(line["quantity"] for line in made.told["demand"])
    if sum(offer["capacity"] for offer in told["offers"]) < demand:
        return  # such rounds are refused before there is a tree
    tree = grown(made, score_goal(made, 9.0), 40, True)
    for node, left in leaves(made, tree):
        most = 0
        for offer, ks in zip(told["offers"], left, strict=True):
            able = [states(offer)[k] for k in ks if k >= 0]
            most += max((state[2] for state in able if state), default=0)
        assert most >= demand or node.bound == -np.inf


@pytest.mark.parametrize("seed", range(30))
def test_fewest_runs_are_the_least_whose_largest_sizes_do(seed: int) -> None:
    rng = Random(seed)
    made = case(tiny_round("served", seed))
    p, told = made.problem, made.told
    allowed = np.array([rng.random() < 0.7 for _ in p.tier_low])
    largest = []
    for o, offer in enumerate(told["offers"]):
        row = allowed[p.offer_tier[o] : p.offer_tier[o + 1]]
        able = [state[2] for state, ok in zip(states(offer), row, strict=True) if state and ok]
        largest.append(max(able, default=0))
    demand = sum(line["quantity"] for line in told["demand"])
    enough = [n for n in range(len(largest) + 1) if sum(sorted(largest, reverse=True)[:n]) >= demand]
    assert fewest_runs(p, allowed) == (min(enough) if enough else -1)


def test_a_tree_splits_where_the_relaxation_is_undecided() -> None:
    splits: Counter[int] = Counter()
    for seed in range(3):
        made = generated("mixed", seed)
        tree = grown(made, score_goal(made, 0.5), 10, False)
        if tree.root.split:
            offer, tier = tree.root.split
            p = made.problem
            rows = tree.root.state[p.offer_tier[offer] : p.offer_tier[offer + 1]]
            assert 1e-3 < rows[tier:].sum() < 1 - 1e-3
            splits[offer] += 1
    assert splits
