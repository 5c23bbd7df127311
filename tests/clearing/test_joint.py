"""The joint certificate: all states once, the exact bound that anybody computes, and what parts' trees are
good for."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from random import Random

import pytest
from brute_force import best_of_all, tiny_round
from plain_market import generated, looks
from side_by_side import beside
from tiny_rounds import encoded

import millpond
from millpond.clearing import engine, joint
from millpond.clearing.certificate import bound as exact_bound
from millpond.clearing.joint import Graft, Stand, Whole
from millpond.clearing.tree import Node, Tree
from millpond.model import Branch, Leaf, Round, encode_round, read_round
from millpond.verify import verifier

FOREVER = 100_000  # looks at the clock
SEEDS = range(6)


def several(seed: int, names: tuple[str, ...] = ("mixed", "dates", "choices")) -> Round:
    return beside([generated(name, seed).ground.round for name in names], Random(seed))


def grown(whole: Whole, steps: int) -> list[Tree]:
    """A tree of each part, split `steps` times towards a score far away."""
    trees = []
    for ground in whole.grounds:
        dual = engine.start(ground.instance().problem, 0).dual
        dual.descend(300, 0.9 * dual.value)
        trees.append(Tree(dual, True))
        trees[-1].grow(0.9 * dual.value, looks(FOREVER), steps)
    return trees


def near(trees: list[Tree]) -> float:
    """A score that no tree reaches, but only just."""
    return sum(tree.bound for tree in trees) - 1.0


def leaves(graft: Graft) -> list[Stand]:
    found, waiting = [], [graft.top]
    while waiting:
        stand = waiting.pop()
        if stand.low and stand.high:
            waiting += (stand.low, stand.high)
        else:
            found.append(stand)
    return found


def below(node: Node) -> Iterator[Node]:
    if node.low and node.high:
        yield from below(node.low)
        yield from below(node.high)
    else:
        yield node


@pytest.mark.parametrize("seed", SEEDS)
def test_every_combination_of_the_parts_leaves_is_in_one_joint_leaf(seed: int) -> None:
    whole = Whole(several(seed))
    assert len(whole.parts) > 1
    trees = grown(whole, 3)
    graft = Graft([tree.root for tree in trees])
    graft.grow(near(trees), 40)
    found = leaves(graft)
    assert 1 < len(found) <= 40
    under = [
        [{id(leaf) for leaf in below(stand.nodes.get(k, tree.root))} for k, tree in enumerate(trees)]
        for stand in found
    ]
    for combination in product(*(list(below(tree.root)) for tree in trees)):
        inside = [all(id(n) in ids for n, ids in zip(combination, sets, strict=True)) for sets in under]
        assert sum(inside) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_is_the_sum_of_the_nodes_stood_at_and_falls_with_leaves(seed: int) -> None:
    trees = grown(Whole(several(seed)), 4)
    roots = [tree.root for tree in trees]
    before = sum(root.bound for root in roots)
    for most in (1, 2, 5, 20, 80):
        graft = Graft(roots)
        graft.grow(near(trees), most)
        found = leaves(graft)
        assert len(found) <= most
        for stand in found:
            total = sum(stand.nodes.get(k, root).bound for k, root in enumerate(roots))
            assert stand.bound == pytest.approx(total, rel=1e-12)
        worst = max(stand.bound for stand in found)
        assert near(trees) < worst <= before + joint.WORTH * (before - near(trees))
        before = worst


def test_parts_whose_trees_can_be_taken_over_whole_are_bounded_by_the_sum() -> None:
    trees = grown(Whole(several(3)), 2)
    graft = Graft([tree.root for tree in trees])
    graft.grow(near(trees), 4_096)
    worst, least = max(stand.bound for stand in leaves(graft)), near(trees) + 1.0
    assert least - 1e-3 <= worst <= least + joint.WORTH + 1e-3
    assert worst < graft.top.bound


@pytest.mark.parametrize("seed", SEEDS)
def test_the_certificate_proves_what_it_says(seed: int) -> None:
    round_ = several(seed)
    whole = Whole(round_)
    trees = grown(whole, 4)
    certificate, bound = whole.certificate([tree.root for tree in trees], near(trees))
    assert bound == exact_bound(round_, certificate)
    assert bound <= 1.000_01 * sum(tree.root.bound for tree in trees) + 1
    assert bound >= 0.999_99 * sum(tree.bound for tree in trees) - 1
    assert isinstance(certificate.tree, Branch)


def test_the_certificate_keeps_to_the_number_of_multipliers(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Whole(several(1))
    trees = grown(whole, 4)
    roots = [tree.root for tree in trees]
    monkeypatch.setattr(joint, "MOST_NUMBERS", 1)
    certificate, bound = whole.certificate(roots, near(trees))
    assert isinstance(certificate.tree, Leaf)
    assert bound == pytest.approx(sum(root.bound for root in roots), rel=1e-5)


@pytest.mark.parametrize("kind", ["loose", "tight"])
@pytest.mark.parametrize("seed", range(4))
def test_rounds_side_by_side_are_cleared_as_well_as_alone(kind: str, seed: int) -> None:
    told = [tiny_round(kind, 10 * seed + n) for n in range(3)]
    both = beside([read_round(encoded(one)) for one in told], Random(seed))
    data = encode_round(both)
    clearing = millpond.clear(read_round(data), seconds=2)
    checks = verifier.verify(data, millpond.encode_clearing(clearing))
    assert all(check.ok for check in checks), verifier.report(checks)
    alone = sum(millpond.clear(read_round(encoded(one)), seconds=2).score for one in told)
    assert clearing.score >= (0.9 * alone if kind == "tight" else alone)
    best = [best_of_all(one) for one in told]
    assert clearing.score <= sum(one.valid or 0 for one in best)
    assert clearing.bound >= sum(one.blind or 0 for one in best)


@pytest.mark.parametrize("seconds", [0, 1])
def test_whenever_it_is_stopped_the_whole_is_valid_and_told(seconds: int) -> None:
    data = encode_round(several(2))
    said: list[tuple[int | None, int | None]] = []
    clearing = millpond.clear(
        read_round(data), seconds=seconds, progress=lambda p: said.append((p.score, p.bound))
    )
    checks = verifier.verify(data, millpond.encode_clearing(clearing))
    assert all(check.ok for check in checks), verifier.report(checks)
    scores = [score for score, _ in said if score is not None]
    assert scores == sorted(scores)
    assert max(scores, default=0) <= clearing.score
    assert all(bound is None or bound >= clearing.score for _, bound in said)


def test_the_price_blind_side_goes_part_by_part_too() -> None:
    round_ = several(4)
    awards, certificate, score, bound = engine.solve_blind(round_, seconds=3, seed=0, clock=ticking())
    assert bound == exact_bound(round_, certificate)
    assert score <= bound
    assert score >= 0.97 * bound
    assert list(awards) == sorted(awards, key=lambda a: (a.demand, a.offer, a.item))


def ticking():  # type: ignore[no-untyped-def]
    """A clock that goes on by a millisecond whenever it is looked at."""
    now = [0.0]

    def clock() -> float:
        now[0] += 0.001
        return now[0]

    return clock
