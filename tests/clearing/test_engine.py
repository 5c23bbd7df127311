"""The whole solver: on degenerate rounds, and on tiny ones against brute force.

Of a tiny round everything is known: the best allocation, the best one that keeps limits at its exact prices,
and the least bound that any certificate could prove. What the solver promises always (valid, a bound above
every score) is asserted of every round; what a heuristic mostly reaches, of a share of them.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from best_bound import best_bound
from brute_force import KINDS, Best, best_of_all, tiny_round
from tiny_rounds import encoded

import millpond
from millpond.verify import verifier

ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:  # the benchmark is no part of the package
    sys.path.insert(0, ROOT)

from bench.shapes import shapes  # noqa: E402

SHAPES = {name: {"must_serve": False} | told for name, told in shapes().items()}
SERVABLE = [name for name in SHAPES if not name.startswith("cannot-serve")]
LONG = 600  # seconds: a search of a tiny round ends by itself
REACHED = 0.9  # the share of tiny rounds whose best valid clearing is found
LEAST = 0.9  # the share of bounds that no certificate could prove a lower one than

few_and_many = pytest.mark.parametrize(
    ("seeds", "seconds"),
    [pytest.param(range(6), 1, id="few"), pytest.param(range(6, 160), 2, id="many", marks=pytest.mark.soak)],
)


class Trial(NamedTuple):
    """What was found and what there is; `clearing` is None where it was said that none serves the round."""

    told: dict[str, Any]
    clearing: millpond.Clearing | None
    best: Best


def cleared(told: dict[str, Any], seconds: float, seed: int = 0) -> millpond.Clearing | None:
    """The clearing, verified; None if it cannot be served, for which lines must be named."""
    data = encoded(told)
    try:
        clearing = millpond.clear(millpond.read_round(data), seconds=seconds, seed=seed)
    except millpond.CannotServe as refusal:
        named = set(refusal.lines)
        assert told["must_serve"] and named and named <= {line["id"] for line in told["demand"]}  # noqa: PT018
        return None
    checks = verifier.verify(data, millpond.encode_clearing(clearing))
    assert all(check.ok for check in checks), verifier.report(checks)
    return clearing


@cache
def trials(kind: str, seeds: range, seconds: float) -> list[Trial]:
    every = [tiny_round(kind, seed) for seed in seeds]
    return [Trial(told, cleared(told, seconds), best_of_all(told)) for told in every]


def shortfalls(found: list[Trial]) -> dict[str, float]:
    """The share of the best valid score that is missing, by round; only where some is."""
    missing = {}
    for told, clearing, best in found:
        if clearing is not None and best.valid is not None:
            assert clearing.score <= best.valid, f"{told['id']}: better than all there is"
            if clearing.score < best.valid:
                missing[told["id"]] = (best.valid - clearing.score) / max(1, abs(best.valid))
    return missing


@pytest.mark.parametrize("name", SHAPES)
def test_degenerate_rounds_are_cleared_or_refused_as_what_they_are(name: str) -> None:
    assert (cleared(SHAPES[name], 2) is not None) == (name in SERVABLE)


@pytest.mark.parametrize("name", SERVABLE)
def test_degenerate_rounds_get_valid_awards_in_no_time(name: str) -> None:
    assert cleared(SHAPES[name], 0) is not None


@few_and_many
def test_with_loose_limits_the_best_allocation_is_found(seeds: range, seconds: float) -> None:
    found = trials("loose", seeds, seconds)
    assert not shortfalls(found)
    assert any(trial.best.valid for trial in found)


@few_and_many
def test_with_tight_limits_the_best_valid_clearing_is_mostly_found(
    seeds: range, seconds: float, capsys: pytest.CaptureFixture[str]
) -> None:
    found = trials("tight", seeds, seconds)
    missing = shortfalls(found)
    reached, worst = 1 - len(missing) / len(found), max(missing.values(), default=0.0)
    with capsys.disabled():
        print(
            f"\n  best valid clearing found in {reached:.1%} of {len(found)}, worst loss {worst:.1%}", end=" "
        )
    assert reached >= REACHED, missing


@few_and_many
def test_rounds_to_be_served_are_served_at_least_cost_or_refused_rightly(
    seeds: range, seconds: float
) -> None:
    found = trials("served", seeds, seconds)
    for told, clearing, best in found:
        assert (clearing is None) == (best.valid is None), told["id"]
    assert not shortfalls(found)
    assert {trial.clearing is None for trial in found} == {True, False}


@pytest.mark.parametrize("seed", range(12))
def test_in_no_time_only_what_cannot_be_served_is_refused(seed: int) -> None:
    told = tiny_round("served", seed)
    assert (cleared(told, 0) is None) == (best_of_all(told).valid is None)


@pytest.mark.parametrize("kind", KINDS)
@few_and_many
def test_the_bound_is_mostly_the_least_that_a_certificate_can_prove(
    kind: str, seeds: range, seconds: float
) -> None:
    """So the gap is 0 wherever a certificate can prove the best; and no allocation scores above the bound."""
    higher, bounded = {}, 0
    for told, clearing, best in trials(kind, seeds, seconds):
        if clearing is None or best.blind is None:
            continue
        bounded += 1
        assert clearing.bound >= best.blind, told["id"]
        least = best_bound(told)
        assert least is not None
        assert clearing.bound >= least, told["id"]
        if clearing.bound > least:
            higher[told["id"]] = (clearing.bound, least)
    assert len(higher) <= (1 - LEAST) * bounded, higher


@pytest.mark.parametrize("kind", ["loose", "served", pytest.param("tight", marks=pytest.mark.soak)])
def test_a_search_that_ends_by_itself_ends_the_same(kind: str) -> None:
    for seed in range(6):
        told = tiny_round(kind, seed)
        assert cleared(told, LONG, seed=5) == cleared(told, 2 * LONG, seed=5)
