"""The whole solver: on degenerate rounds, and on tiny ones against brute force.

Of a tiny round everything is known: the best allocation, the best one that keeps limits at its exact prices,
and the least bound that any certificate could prove. What the solver promises always (valid, bound above every
score) is asserted of every round; what a heuristic mostly reaches, of a share of them.
"""

import json
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from best_bound import best_bound
from brute_force import Best, best_of_all, tiny_round
from tiny_rounds import encoded

import millpond
from millpond.verify import verifier

ROOT = str(Path(__file__).resolve().parents[2])
if ROOT not in sys.path:  # the benchmark is no part of the package
    sys.path.insert(0, ROOT)

from bench.shapes import shapes  # noqa: E402

SHAPES = shapes()
COLD = 600  # seconds: the first searches of a checkout compile
REACHED = 0.9  # of tiny rounds whose limits keep the best allocation from being valid, and of others

few_and_many = pytest.mark.parametrize(
    "seeds",
    [pytest.param(range(16), id="few"), pytest.param(range(16, 600), id="many", marks=pytest.mark.soak)],
)


class Trial(NamedTuple):
    """What was found of a tiny round, and what there is; `clearing` is None where it was said to be unservable."""

    seed: int
    clearing: millpond.Clearing | None
    best: Best


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    """Compiles what a search may need, outside of its time."""
    for seed in range(3):
        for limits, must_serve in (("tight", False), ("tight", True), ("loose", False)):
            told = tiny_round(seed, limits=limits, must_serve=must_serve)
            try:
                millpond.clear(millpond.read_round(encoded(told)), seconds=COLD)
            except millpond.CannotServe:
                continue


def cleared(told: dict[str, Any], seconds: float, **more: Any) -> millpond.Clearing | None:
    """The clearing, verified; None if it cannot be served, for which lines must be named."""
    data = encoded(told)
    try:
        clearing = millpond.clear(millpond.read_round(data), seconds=seconds, **more)
    except millpond.CannotServe as refusal:
        assert told["must_serve"]
        assert refusal.lines
        assert set(refusal.lines) <= {line["id"] for line in told["demand"]}
        return None
    checks = verifier.verify(data, millpond.encode_clearing(clearing))
    assert all(check.ok for check in checks), verifier.report(checks)
    return clearing


@cache
def trials(seeds: range, limits: str, must_serve: bool = False) -> list[Trial]:
    found = []
    for seed in seeds:
        told = tiny_round(seed, limits=limits, must_serve=must_serve)
        found.append(Trial(seed, cleared(told, 2), best_of_all(told)))
    return found


def shortfalls(found: list[Trial]) -> dict[int, float]:
    """The share of the best valid score that is missing, by seed; only where some is."""
    missing = {}
    for seed, clearing, best in found:
        if clearing is not None and best.valid is not None:
            assert clearing.score <= best.valid, f"seed {seed}: better than all there is"
            if clearing.score < best.valid:
                missing[seed] = (best.valid - clearing.score) / max(1, abs(best.valid))
    return missing


@pytest.mark.parametrize("name", SHAPES)
def test_degenerate_rounds_are_cleared_or_named_as_what_they_are(name: str) -> None:
    clearing = cleared({"must_serve": False} | SHAPES[name], 2)
    assert (clearing is None) == name.startswith("cannot-serve")


@pytest.mark.parametrize("name", [name for name in SHAPES if not name.startswith("cannot-serve")])
def test_with_no_time_at_all_degenerate_rounds_still_get_valid_awards(name: str) -> None:
    assert cleared({"must_serve": False} | SHAPES[name], 0) is not None


@few_and_many
def test_with_loose_limits_the_best_allocation_is_found(seeds: range) -> None:
    found = trials(seeds, "loose")
    assert not shortfalls(found)
    assert sum(trial.best.valid != 0 for trial in found) > len(found) / 2


@few_and_many
def test_with_tight_limits_the_best_valid_clearing_is_mostly_found(
    seeds: range, record_property: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    found = trials(seeds, "tight")
    binding = [trial for trial in found if trial.best.valid != trial.best.blind]
    for what, some in (("of all", found), ("where limits exclude lines", binding)):
        missing = shortfalls(some)
        reached = 1 - len(missing) / len(some)
        worst = max(missing.values(), default=0.0)
        record_property(f"reached {what}", reached)
        with capsys.disabled():
            print(
                f"\n  best valid clearing {what}: {len(some)} seeds, {reached:.1%}, worst loss {worst:.1%}",
                end="",
            )
        assert reached >= REACHED, missing


@few_and_many
def test_rounds_to_be_served_are_served_at_least_cost_or_refused_rightly(seeds: range) -> None:
    found = trials(seeds, "tight", True)
    for seed, clearing, best in found:
        assert (clearing is None) == (best.valid is None), f"seed {seed}"
    assert not shortfalls(found)
    assert {trial.clearing is None for trial in found} == {True, False}


@pytest.mark.parametrize("seed", range(16))
def test_with_no_time_at_all_only_what_cannot_be_served_is_refused(seed: int) -> None:
    told = tiny_round(seed, must_serve=True)
    assert (cleared(told, 0) is None) == (best_of_all(told).valid is None)


@pytest.mark.parametrize(("limits", "must_serve"), [("loose", False), ("tight", False), ("tight", True)])
@few_and_many
def test_the_bound_is_the_best_that_a_certificate_can_prove(
    limits: str, must_serve: bool, seeds: range
) -> None:
    """And never below any allocation's score: where a certificate can prove the best, the gap is 0."""
    better = []
    for seed, clearing, best in trials(seeds, limits, must_serve):
        if clearing is None or best.blind is None:
            continue
        assert clearing.bound >= best.blind, f"seed {seed}"
        least = best_bound(tiny_round(seed, limits=limits, must_serve=must_serve))
        assert least is not None
        assert clearing.bound >= least, f"seed {seed}"
        if clearing.bound > least:
            better.append((seed, clearing.bound, least))
    assert len(better) <= len(seeds) // 20, better


@pytest.mark.parametrize(("limits", "must_serve"), [("loose", False), ("tight", False), ("tight", True)])
@pytest.mark.parametrize("seed", [0, 7])
def test_a_search_that_ends_by_itself_ends_the_same(limits: str, must_serve: bool, seed: int) -> None:
    told = tiny_round(seed, limits=limits, must_serve=must_serve)
    one, other = (cleared(told, seconds, seed=5) for seconds in (COLD, 2 * COLD))
    assert one is not None
    assert other is not None
    assert json.loads(millpond.encode_clearing(one)) == json.loads(millpond.encode_clearing(other))
