"""Aiming at levels: what comes of it holds, and no awards at a level are worth more than its program says."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest
from brute_force import best_of_all
from plain_market import Case, case, generated, looks, row_of, unsound, worth
from tiny_rounds import encoded

from millpond.clearing import engine
from millpond.clearing.aims import Aimed, Aims, Standing
from millpond.clearing.limits import Limits
from millpond.clearing.prices import Pricer
from millpond.verify import verifier

FOREVER = 1_000_000  # looks at the clock
SEEDS = range(8)


@cache
def one_family(seed: int, limits: str = "mixed") -> Case:
    """Offers of one item."""
    from bench.generator import generate

    return case(generate(8, 3, seed, items=1, paired=0.0, accepts=(1, 1), limits=limits, minimum=0.0))


@cache
def tiny(seed: int) -> dict[str, Any]:
    """One item, no surcharges, few units; first tiers that a place alone can't reach."""
    rng = Random(seed)
    places = [f"p{n}" for n in range(3)]
    return {
        "format": "millpond-round/1",
        "id": f"tiny {seed}",
        "currency": "CNY",
        "must_serve": False,
        "items": [{"id": "bag", "family": "bag", "load": 1, "reference": 1_000}],
        "freight_pooled": 100,
        "solidarity": 0,
        "places": [{"id": place} for place in places],
        "demand": [
            {"id": f"d{n}", "place": place, "quantity": rng.randint(1, 3), "minimum": 1,
             "accepts": [{"item": "bag", "limit": rng.randint(20, 90)}]}
            for n, place in enumerate(places)
        ],
        "offers": [
            {"id": f"o{n}", "maker": f"m{n}", "setup": rng.randint(0, 60), "capacity": 9,
             "items": [{"item": "bag", "surcharge": 0}],
             "tiers": [{"from": 4, "price": 30}, {"from": 6, "price": rng.randint(15, 30)}],
             "freight": [{"place": place, "fixed": rng.randint(0, 40), "per_load": rng.randint(0, 5)}
                         for place in places]}
            for n in range(2)
        ],
    }  # fmt: skip


def unknown(aims: Aims) -> Standing:
    """Nothing is sold yet."""
    return Standing(
        np.zeros(aims.family.size, dtype=bool), np.zeros(aims.family.size), np.zeros(aims.families)
    )


def found_in(made: Case, aims: Aims) -> list[tuple[float, Aimed]]:
    """Everything that is found from nothing, with the score asked for rising as it would."""
    best = [0.0]
    found = []
    for aimed in aims.candidates(0, unknown(aims), lambda: best[0], looks(FOREVER)):
        score = float(worth(made.told, [row_of(award) for award in aimed.instance.awards(aimed.flow)]))
        best[0] = max(best[0], score)
        found.append((score, aimed))
    return found


@pytest.mark.parametrize("limits", ["tight", "mixed"])
@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_found_is_sound_and_nobody_passes_a_limit_but_for_alone_prices(
    seed: int, limits: str
) -> None:
    made = one_family(seed, limits)
    aims, pricer = Aims(made.ground, 0), Pricer(made.ground.round)
    assert aims.able
    for _, aimed in found_in(made, aims):
        awards = aimed.instance.awards(aimed.flow)
        assert not unsound(made.told, [row_of(award) for award in awards])
        (level,) = pricer.follow(awards).levels
        everyone_pays_it = {row.price for row in pricer.follow(awards).prices} == {level.level}
        if everyone_pays_it:
            assert pricer.problems(awards) == ()


@pytest.mark.parametrize("seed", range(30))
def test_of_a_tiny_round_the_best_of_all_valid_awards_is_found(seed: int) -> None:
    made = case(tiny(seed))
    aims = Aims(made.ground, 0)
    best = best_of_all(made.told).valid
    assert best is not None
    market = verifier.Round(encoded(made.told), "round")
    assert max((score for score, _ in found_in(made, aims)), default=0) == best
    for _, aimed in found_in(made, Aims(made.ground, 0)):
        rows = [verifier.Row(row_of(award)) for award in aimed.instance.awards(aimed.flow)]
        market.follow(rows)
        assert all(row.price <= row.limit for row in rows)


def test_tiny_rounds_are_of_all_kinds() -> None:
    best = [best_of_all(tiny(seed)) for seed in range(30)]
    assert any(one.valid != one.blind for one in best)
    assert any(one.valid for one in best)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_best_awards_only_get_better_and_nothing_is_handed_out_twice(seed: int) -> None:
    made = one_family(seed)
    blind = engine.start(made.problem, 0)
    blind.descend(2, looks(FOREVER), lambda phase: None)
    limits = Limits(made.ground, made.instance, blind.dual, 0)
    limits.settle(made.instance, blind.search.flow, limits.everyone, looks(FOREVER), 1.0)
    before = limits.score
    limits._aim(looks(FOREVER), lambda: None)
    assert limits.score >= before
    assert not limits.aims.waiting(limits.score)
    assert limits.holds(limits.awards)
    done = len(limits.aims.done)
    limits.aims.from_score.clear()
    limits._aim(looks(FOREVER), lambda: None)
    assert len(limits.aims.done) == done


def test_it_is_left_to_others_where_an_offer_makes_several_families() -> None:
    made = generated("mixed", 1)
    aims = Aims(made.ground, 0)
    assert not aims.able
    assert aims.waiting(0.0) == []


def test_a_level_is_asked_of_everyone_and_alone_prices_only_of_those_who_have_them() -> None:
    made = one_family(0)
    aims = Aims(made.ground, 0)
    price = np.full(aims.family.size, 50.0)
    price[0], price[1] = 40.0, 40.0  # their alone price
    price[2] = 57.0  # freight of its own, or a surcharge
    served = np.zeros(price.size, dtype=bool)
    served[0] = True
    terms = aims.terms(0, 45.0, Standing(served, price, np.array([50.0])))
    assert terms.asked[:4].tolist() == [40.0, 45.0, 52.0, 45.0]
    assert terms.paid[:4].tolist() == [40.0, 40.0, 52.0, 45.0]
    lower = aims.terms(0, 30.0, Standing(served, price, np.array([50.0])))
    assert lower.paid[:4].tolist() == [30.0, 30.0, 37.0, 30.0]
    assert lower.key != terms.key
