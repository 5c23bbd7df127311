"""The bound: as the design writes it, never below what can be reached, and every rule for certificates."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tiny_rounds import (
    bound_by_definition,
    certificates,
    clearing,
    encoded,
    every_allocation,
    failed,
    golden,
    score,
    tiny_rounds,
)

from millpond.verify import verifier


def bound(told: dict[str, Any], certificate: dict[str, Any]) -> int | None:
    """What the verifier says it is; None where no leaf lets the whole demand be made."""
    try:
        return verifier.Round(encoded(told), "round").bound(verifier.Row(certificate), "certificate")
    except verifier.Refused:
        return None


@given(st.data())
@settings(max_examples=100)
def test_no_allocation_scores_above_any_bound(data: st.DataObject) -> None:
    told = data.draw(tiny_rounds())
    certificate = data.draw(certificates(told))
    best = max((score(told, awards) for awards in every_allocation(told)), default=None)
    proven = bound(told, certificate)
    assert best is None or (proven is not None and best <= proven)


@given(st.data())
@settings(max_examples=100)
def test_the_bound_is_what_the_definition_says(data: st.DataObject) -> None:
    told = data.draw(tiny_rounds(lines=5, units=9, offers=4))
    certificate = data.draw(certificates(told))
    assert bound(told, certificate) == bound_by_definition(told, certificate)


@given(st.data())
@settings(max_examples=100)
def test_the_best_allocation_is_proven_by_good_multipliers_on_easy_rounds(data: st.DataObject) -> None:
    """One offer of one tier, no setup, nothing fixed, all for one place: multipliers can be exact."""
    told = data.draw(tiny_rounds(offers=1))
    offer = told["offers"][0]
    assume(not told["must_serve"] and len(offer["tiers"]) == 1)
    offer |= {"setup": 0, "capacity": 100, "freight": [way | {"fixed": 0} for way in offer["freight"]]}
    offer["tiers"][0]["from"] = 1
    for line in told["demand"]:
        line["minimum"] = 1
    best = max(score(told, awards) for awards in every_allocation(told))
    assert bound(told, {"scale": 1, "tree": {}}) == best


def certificate_check(told: dict[str, Any], certificate: dict[str, Any]) -> verifier.Check:
    data = encoded(told["round"])
    full = clearing(data, told["awards"], {"scale": 1, "tree": {}}) | {"certificate": certificate}
    return verifier.verify(data, encoded(full))[12]


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"lines": {"da": -1}}, 'leaf 1: -1 for line "da": no such line, or less than 0'),
        ({"lines": {"dc": 0}}, 'leaf 1: 0 for line "dc": no such line, or less than 0'),
        ({"tiers": {"none": [0]}}, 'leaf 1: "none" has 1 multipliers, not one for each tier'),
        ({"tiers": {"none": []}}, 'leaf 1: "none" has 0 multipliers, not one for each tier'),
        ({"tiers": {"cheap": []}}, 'leaf 1: "cheap" has 0 multipliers, not one for each tier'),
        ({"tiers": {"cheap": [0, 0]}}, 'leaf 1: "cheap" has 2 multipliers, not one for each tier'),
        ({"runs": 1}, "leaf 1: runs is 1, and must be 0, or more with must_serve"),
        ({"runs": -1}, "leaf 1: runs is -1, and must be 0, or more with must_serve"),
        (
            {"offer": "none", "tier": 0, "low": {}, "high": {}},
            'branch above leaf 1: no tier 0 of offer "none"',
        ),
        (
            {"offer": "cheap", "tier": 1, "low": {}, "high": {}},
            'branch above leaf 1: no tier 1 of offer "cheap"',
        ),
        (
            {"offer": "cheap", "tier": -1, "low": {}, "high": {}},
            'branch above leaf 1: no tier -1 of offer "cheap"',
        ),
        (
            {"offer": "cheap", "tier": 0, "low": {}, "high": {"lines": {"da": -2}}},
            'leaf 2: -2 for line "da": no such line, or less than 0',
        ),
    ],
)
def test_a_rule_broken(tree: dict[str, Any], message: str) -> None:
    check = certificate_check(golden("short"), {"scale": 1, "tree": tree})
    assert (check.ok, check.message) == (False, message)


@pytest.mark.parametrize("scale", [0, -1])
def test_no_scale(scale: int) -> None:
    check = certificate_check(golden("short"), {"scale": scale, "tree": {}})
    assert (check.ok, check.message) == (False, f"scale is {scale}, and must be 1 or more")


def test_runs_below_nothing_with_must_serve() -> None:
    told = golden("must-serve")
    assert certificate_check(told, {"scale": 1, "tree": {"runs": 5, "lines": {"da": -9}}}).ok
    assert not certificate_check(told, {"scale": 1, "tree": {"runs": -1}}).ok


def chain(offer: str, leaf: dict[str, Any], branches: int, side: str) -> dict[str, Any]:
    tree, other = leaf, {"high": "low", "low": "high"}[side]
    for _ in range(branches):
        tree = {"offer": offer, "tier": 0, side: tree, other: leaf}
    return tree


def deeply_encoded(told: dict[str, Any], offer: str, leaf: str, branches: int, side: str) -> bytes:
    """The clearing file with such a chain, written without recursion."""
    other = {"high": "low", "low": "high"}[side]
    start = f'{{"offer": "{offer}", "tier": 0, "{side}": ' * branches
    tree = start + leaf + f', "{other}": {leaf}}}' * branches
    return encoded(told | {"certificate": {"scale": 1, "tree": "HERE"}}).replace(b'"HERE"', tree.encode())


@pytest.mark.parametrize("side", ["low", "high"])
def test_4096_leaves_one_below_the_other(side: str) -> None:
    told = golden("short")
    data = encoded(told["round"])
    leaf = '{"lines": {"da": 800, "db": 800}, "tiers": {"cheap": [100]}}'
    full = clearing(data, told["awards"], told["certificate"])
    checks = verifier.verify(data, deeply_encoded(full, "cheap", leaf, 4095, side))
    assert failed(checks) == []
    checks = verifier.verify(data, deeply_encoded(full, "cheap", leaf, 4096, side))
    assert failed(checks) == [13]
    assert checks[12].message == "there are more than 4,096 leaves"


def test_4096_leaves_side_by_side() -> None:
    told = golden("short")
    data = encoded(told["round"])

    def full_tree(depth: int) -> dict[str, Any]:
        if depth == 0:
            return {"lines": {"da": 800, "db": 800}, "tiers": {"cheap": [100]}}
        half = full_tree(depth - 1)
        return {"offer": "dear", "tier": 0, "low": half, "high": half}

    full = clearing(data, told["awards"], {"scale": 1, "tree": full_tree(12)})
    assert failed(verifier.verify(data, encoded(full))) == []
    assert not certificate_check(told, {"scale": 1, "tree": full_tree(13)}).ok


def test_states_narrow_from_branch_to_branch() -> None:
    """An offer of three tiers, of which the capacity leaves two; each state of it alone in a leaf."""
    told = golden("without-it")["round"]
    offer = told["offers"][0]
    offer |= {"tiers": [{"from": 5, "price": 100}, {"from": 8, "price": 90}, {"from": 99, "price": 1}]}
    leaves = {
        name: {"tiers": {"o1": [mu, mu, mu]}} for name, mu in (("off", 1), ("one", 3), ("two", 5), ("no", 7))
    }
    above = {"offer": "o1", "tier": 2, "low": leaves["two"], "high": leaves["no"]}
    some = {"offer": "o1", "tier": 1, "low": leaves["one"], "high": above}
    tree = {"offer": "o1", "tier": 0, "low": leaves["off"], "high": some}
    market = verifier.Round(encoded(told), "round")
    found = [market.leaf_bound(1, *each) for each in market.leaves(tree, "certificate")]
    # Lines are worth 1000 and 120 a unit, 10 units each; setup is 800.
    one = -800 + 7 * 3 + 10 * (1000 - 100 - 3) + 10 * (120 - 100 - 3)
    two = -800 + 20 * 5 + 10 * (1000 - 90 - 5) + 10 * (120 - 90 - 5)
    assert found == [0, one, two, None]
    assert bound(told, {"scale": 1, "tree": tree}) == max(one, two)


def test_a_branch_that_contradicts_the_one_above_leaves_no_state() -> None:
    told = golden("short")["round"]
    rich = {"lines": {"da": 10**9}}
    inner = {"offer": "cheap", "tier": 0, "low": rich, "high": {}}
    market = verifier.Round(encoded(told), "round")
    tree = {"offer": "cheap", "tier": 0, "low": {}, "high": inner}
    found = [market.leaf_bound(1, *each) for each in market.leaves(tree, "certificate")]
    assert found[1] is None
    assert None not in (found[0], found[2])


def test_least_number_of_runs_counts_what_a_leaf_allows() -> None:
    """Two offers of 16 for 30 units: two runs; with one of them off, none would do."""
    told = golden("must-serve")["round"]
    market = verifier.Round(encoded(told), "round")
    tree = {"offer": "o1", "tier": 0, "low": {"runs": 7}, "high": {"runs": 7}}
    found = [market.leaf_bound(1, *each) for each in market.leaves(tree, "certificate")]
    assert found == [None, -7 * 2 + (7 - 100) + 0]
    told["offers"][0]["capacity"] = 30
    market = verifier.Round(encoded(told), "round")
    found = [market.leaf_bound(1, *each) for each in market.leaves({"runs": 7}, "certificate")]
    assert found == [-7 * 1]


def test_the_demand_is_more_than_can_be_made() -> None:
    told = golden("must-serve")
    told["round"]["offers"][0]["capacity"] = 13
    data = encoded(told["round"])
    empty = {key: [] for key in ("awards", "runs", "levels", "prices", "bills", "settlements")}
    full = {"format": "millpond-clearing/1", "round_sha256": "", "score": 0, "bound": 0, "gap": "0.000000"}
    full |= empty | {"certificate": {"scale": 1, "tree": {}}}
    checks = verifier.verify(data, encoded(full))
    assert failed(checks) == [1, 4, 13]
    assert checks[3].message == "da gets 0 of 10, at least 1 (and 2 more)"


@pytest.mark.parametrize(
    ("score", "bound", "text"),
    [
        (100, 100, "0.000000"),
        (99, 100, "0.010000"),
        (2, 3, "0.333334"),
        (999_999_999, 10**9, "0.000001"),
        (0, 0, "0.000000"),
        (-5, 0, "5.000000"),
        (-246, -240, "0.025000"),
        (0, 8400, "1.000000"),
        (10**18 - 1, 10**18, "0.000001"),
        (3, 2, "-0.500000"),
        (100, 99, "-0.010101"),
    ],
)
def test_the_gap_is_rounded_up(score: int, bound: int, text: str) -> None:
    assert verifier.gap_text(score, bound) == text


@pytest.mark.parametrize(
    ("score", "bound", "must_serve", "words"),
    [
        (1000, 1003, False, "no other allocation can score more than 0.30 % better"),
        (10**9, 10**9 + 1, False, "no other allocation can score more than 0.01 % better"),
        (1000, 1000, False, "no other allocation can score more"),
        (0, 7000, False, "no other allocation can score more than 7,000"),
        (-246, -240, True, "no other allocation can cost more than 2.44 % less"),
        (-246, -246, True, "no other allocation can cost less"),
    ],
)
def test_the_certificate_in_words(score: int, bound: int, must_serve: bool, words: str) -> None:
    assert verifier.in_words(score, bound, must_serve) == words
