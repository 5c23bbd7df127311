"""Awards that hold at their prices, whatever the search did before, and never worse than the last."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest
from brute_force import best_of_all, tiny_round
from plain_market import Case, case, generated, looks, nets, random_flow, row_of, unsound, worth
from tiny_rounds import encoded

from millpond.clearing import engine, flows
from millpond.clearing.instance import Bools, Floats
from millpond.clearing.limits import Limits, carried
from millpond.clearing.prices import Rule
from millpond.verify import verifier

SEEDS = range(12)
FOREVER = 1_000_000  # looks at the clock


def beginning(made: Case, seed: int = 0) -> tuple[Limits, engine.Blind]:
    blind = engine.start(made.problem, seed)
    return Limits(made.ground, made.instance, blind.dual, seed), blind


def blind_flow(made: Case, blind: engine.Blind) -> Floats:
    """A good flow of the whole round, its prices not looked at."""
    blind.descend(3, looks(FOREVER), lambda phase: None)
    return blind.search.flow


def some_flow(made: Case, rng: Random) -> Floats:
    flow = random_flow(made, rng, rng.random())
    flows.prune(made.problem, flow)
    return flow


def assert_valid(made: Case, limits: Limits) -> None:
    """By the rules of awards, by the pricer and by the verifier."""
    assert limits.best is not None
    rows = [row_of(award) for award in limits.best.awards]
    assert not unsound(made.told, rows)
    assert limits.best.score == worth(made.told, rows)
    assert limits.pricer.problems(limits.best.awards) == ()
    market = verifier.Round(encoded(made.told), "round")
    priced = [verifier.Row(row) for row in rows]
    market.follow(priced)
    assert made.told["must_serve"] or all(row.price <= row.limit for row in priced)


def passes(limits: Limits, made: Case, flow: Floats) -> bool:
    """Whether prices of this flow pass limits."""
    found = limits.pricer.problems(made.instance.awards(flow))
    assert {problem.rule for problem in found} <= {Rule.LIMIT}
    return bool(found)


@pytest.mark.parametrize("share", [0.0, 0.34, 1.0])
@pytest.mark.parametrize("name", ["mixed", "dates", "short", "choices"])
def test_settling_ends_in_valid_awards(name: str, share: float) -> None:
    made, rng = generated(name, 2), Random(1)
    limits, blind = beginning(made)
    for flow in (blind_flow(made, blind), some_flow(made, rng), some_flow(made, rng)):
        before = limits.best
        assert before is not None
        better = limits.settle(made.instance, flow, limits.everyone, looks(FOREVER), share)
        assert limits.best is not None
        assert better == (limits.best.score > before.score)
        assert better or limits.best is before
        assert_valid(made, limits)
        assert limits.everyone.all()


@pytest.mark.parametrize("seed", SEEDS)
def test_settling_leaves_out_nobody_where_no_limit_is_passed(seed: int) -> None:
    made = case(tiny_round("loose", seed))
    limits, blind = beginning(made)
    flow = blind_flow(made, blind)
    if passes(limits, made, flow):
        return
    better = limits.settle(made.instance, flow, limits.everyone, looks(FOREVER), 0.0)
    score = worth(made.told, made.rows(flow))
    assert better == (score > 0)
    assert limits.best is not None
    assert limits.best.score == max(0, score)
    assert limits.kept.all()


def test_rounds_where_limits_matter_are_among_these() -> None:
    passed = 0
    for seed in SEEDS:
        made = case(tiny_round("tight", seed))
        limits, blind = beginning(made)
        passed += passes(limits, made, blind_flow(made, blind))
    assert passed >= 3


@pytest.mark.parametrize("name", ["mixed", "dates", "short", "must-serve"])
def test_a_flow_that_is_no_clearing_is_not_taken(name: str) -> None:
    made, rng = generated(name, 0), Random(4)
    tried = 0
    for _ in range(20):
        flow = random_flow(made, rng, 0.1)
        limits, _ = beginning(made)
        found = limits.pricer.problems(made.instance.awards(flow))
        if not found or any(problem.rule is Rule.LIMIT for problem in found):
            continue
        before = limits.best
        assert not limits.settle(made.instance, flow, limits.everyone, looks(FOREVER), 1.0)
        assert limits.best is before
        tried += 1
    assert tried > 0


def test_without_time_settling_still_ends_in_valid_awards() -> None:
    for seed in range(3):
        made = generated("mixed", seed)
        limits, blind = beginning(made)
        flow = blind_flow(made, blind)
        limits.settle(made.instance, flow, limits.everyone, looks(1), 0.2)
        assert_valid(made, limits)


@pytest.mark.parametrize("kind", ["tight", "loose"])
@pytest.mark.parametrize("seed", SEEDS)
def test_a_search_on_a_tiny_round_is_valid_and_below_the_best(kind: str, seed: int) -> None:
    made = case(tiny_round(kind, seed))
    limits, blind = beginning(made, seed)
    flow = blind_flow(made, blind)
    scores = [0]

    def tell() -> None:
        assert limits.best is not None
        scores.append(limits.best.score)

    limits.run(flow, looks(300), tell)
    assert_valid(made, limits)
    assert scores == sorted(scores)
    assert limits.best is not None
    valid = best_of_all(made.told).valid
    assert valid is not None
    assert scores[-1] <= limits.best.score <= valid
    assert limits.best.score > 0 or valid == 0 or kind == "tight"


def test_a_search_betters_what_settling_alone_comes_to() -> None:
    settled = searched = 0
    for seed in range(2):
        made = generated("mixed", seed, 7, 3)
        limits, blind = beginning(made)
        flow = blind_flow(made, blind)
        limits.settle(made.instance, flow, limits.everyone, looks(FOREVER), 1.0)
        assert limits.best is not None
        settled += limits.best.score
        limits, _ = beginning(made)
        limits.run(flow, looks(60), lambda: None)
        assert_valid(made, limits)
        assert limits.best is not None
        searched += limits.best.score
    assert searched > settled


def test_the_same_seed_gives_the_same_awards() -> None:
    made = generated("mixed", 1)
    found = []
    for _ in range(2):
        limits, blind = beginning(made, 7)
        limits.run(blind_flow(made, blind), looks(80), lambda: None)
        found.append(limits.awards)
    assert found[0] == found[1] != ()


def test_taking_keeps_the_better() -> None:
    made, rng = generated("dates", 0), Random(3)
    limits, _ = beginning(made)
    assert limits.awards == ()
    best, kept = 0, limits.everyone
    taken = 0
    for n in range(40):
        awards = made.instance.awards(some_flow(made, rng))
        score = worth(made.told, [row_of(award) for award in awards])
        keep = limits.everyone.copy()
        keep[n % keep.size] = False
        assert limits.take(awards, keep) == (score > best)
        if score > best:
            best, kept, taken = score, keep, taken + 1
            assert limits.awards == awards
        assert limits.best is not None
        assert limits.best.score == best
        assert limits.kept is kept
    assert taken > 2


def test_a_round_to_be_served_begins_with_nothing() -> None:
    limits, blind = beginning(generated("must-serve", 0))
    assert limits.best is None
    assert limits.awards == ()
    assert blind.search.serve_all(looks(FOREVER)) == []
    awards = limits.instance.awards(blind.search.flow)
    assert limits.holds(awards)
    assert limits.take(awards, limits.everyone)
    assert not limits.take(awards, limits.everyone)


@pytest.mark.parametrize("seed", range(6))
def test_a_flow_is_carried_to_the_arcs_that_are_there(seed: int) -> None:
    made, rng = generated("choices", seed % 3), Random(seed)
    keep: Bools = np.array([rng.random() < 0.5 for _ in made.ground.acceptances.line])
    fewer = Case(made.told, made.ground, made.ground.instance(keep))
    flow = random_flow(made, rng)
    there = carried(made.instance, flow, fewer.instance)
    amount = {pair: flow[a] for pair, a in made.arc_number.items()}
    assert 0 < there.sum() < flow.sum()
    assert all(there[a] == amount[pair] for pair, a in fewer.arc_number.items())
    back = carried(fewer.instance, there, made.instance)
    assert all(back[a] == (flow[a] if pair in fewer.arc_number else 0) for pair, a in made.arc_number.items())


@pytest.mark.parametrize("name", ["mixed", "dates", "choices"])
def test_prices_of_acceptances_are_the_awards(name: str) -> None:
    made = generated(name, 1)
    limits, blind = beginning(made)
    limits.settle(made.instance, blind_flow(made, blind), limits.everyone, looks(FOREVER), 0.34)
    assert limits.awards
    sold: dict[tuple[str, str], Fraction] = limits.pricer.prices(limits.awards)
    line = {one["id"]: one for one in made.told["demand"]}
    items = [item["id"] for item in made.told["items"]]
    guess = limits._prices(limits.awards)
    pairs = made.ground.acceptances
    met = 0
    for k, (d, i) in enumerate(zip(pairs.line.tolist(), pairs.item.tolist(), strict=True)):
        key = (line[made.instance.line_ids[d]]["place"], items[i])
        if key in sold:
            assert guess[k] == pytest.approx(float(sold[key]))
            met += 1
    assert met > 3
    joined = {award.item for award in limits.awards}
    assert joined <= {item for _, of in nets(made.told).values() for item in of}
