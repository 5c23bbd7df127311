"""The arrays of a round against the round itself, pair by pair."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pytest
from brute_force import tiny_round
from hypothesis import given
from plain_market import Case, case, generated, nets, on_every_shape, random_flow, states
from tiny_rounds import tiny_rounds

ROUND: dict[str, Any] = {
    "format": "millpond-round/1",
    "id": "dates",
    "currency": "CNY",
    "must_serve": False,
    "items": [{"id": "bag", "reference": 50, "load": 2}, {"id": "sack", "load": 1}],
    "places": [{"id": "near"}, {"id": "far"}],
    "demand": [
        {"id": "early", "place": "near", "quantity": 4, "needed_by": "2026-12-01"},
        {"id": "just", "place": "near", "quantity": 4, "needed_by": "2026-12-02"},
        {"id": "any", "place": "near", "quantity": 4},
        {"id": "away", "place": "far", "quantity": 4},
    ],
    "offers": [
        {
            "id": "o",
            "maker": "m",
            "capacity": 20,
            "ready_on": "2026-12-02",
            "setup": 0,
            "items": [{"item": "bag", "surcharge": 5}, {"item": "sack", "surcharge": 0}],
            "tiers": [{"from": 1, "price": 10}],
            "freight": [{"place": "near", "fixed": 3, "per_load": 4}],
        }
    ],
}
for line in ROUND["demand"]:
    line["accepts"] = [{"item": "bag", "limit": 90}, {"item": "sack", "limit": 41}]


def arcs(made: Case) -> dict[tuple[str, str], tuple[int, str]]:
    items = made.told["items"]
    chosen = zip(made.instance.arc_value.tolist(), made.instance.arc_item.tolist(), strict=True)
    numbered = [(value, items[item]["id"]) for value, item in chosen]
    return {pair: numbered[a] for pair, a in made.arc_number.items()}


def assert_arcs_are_the_rounds(made: Case) -> None:
    plain, here = nets(made.told), arcs(made)
    assert here.keys() == plain.keys()
    assert len(here) == made.problem.arc_line.size
    for pair, (value, item) in here.items():
        assert value == plain[pair][0]
        assert item in plain[pair][1]
    assert made.problem.arc_value.tolist() == made.instance.arc_value.tolist()


@on_every_shape
def test_an_arc_is_worth_its_best_item(name: str, seed: int) -> None:
    made = generated(name, seed)
    assert made.problem.arc_line.size > 0
    assert_arcs_are_the_rounds(made)


@given(tiny_rounds(lines=5, units=6, offers=3))
def test_an_arc_is_worth_its_best_item_whatever_the_round(told: dict[str, Any]) -> None:
    assert_arcs_are_the_rounds(case(told))


def test_dates_and_places_that_do_not_join_have_no_arc() -> None:
    made = case(ROUND)
    assert arcs(made) == {("just", "o"): (37, "bag"), ("any", "o"): (37, "bag")}


def assert_indices_are_consistent(made: Case) -> None:
    p, told = made.problem, made.told
    line = {one["id"]: one for one in told["demand"]}
    asked = [line[d] for d in made.instance.line_ids]
    places = [place["id"] for place in told["places"]]
    assert p.quantity.tolist() == [one["quantity"] for one in asked]
    assert p.minimum.tolist() == [one.get("minimum", 1) for one in asked]
    assert [places[c] for c in p.line_place] == [one["place"] for one in asked]
    keys = list(zip(p.con_offer[p.arc_con], p.line_place[p.arc_line], p.arc_line, strict=True))
    assert keys == sorted(keys)
    assert p.arc_quantity.tolist() == p.quantity[p.arc_line].tolist()
    consignments = list(zip(p.con_offer.tolist(), p.con_place.tolist(), strict=True))
    assert consignments == sorted(set(consignments)) == sorted({key[:2] for key in keys})
    for j, (o, c) in enumerate(consignments):
        ours = list(range(p.con_start[j], p.con_start[j + 1]))
        assert ours == np.flatnonzero(p.arc_con == j).tolist()
        assert p.offer_con[o] <= j < p.offer_con[o + 1]
        way = next(way for way in told["offers"][o]["freight"] if way["place"] == places[c])
        assert p.con_fixed[j] == way["fixed"]
    for d in range(p.quantity.size):
        assert p.line_arc[p.line_start[d] : p.line_start[d + 1]].tolist() == [
            a for a in range(p.arc_line.size) if p.arc_line[a] == d
        ]
    for c in range(len(places)):
        assert p.place_con[p.place_start[c] : p.place_start[c + 1]].tolist() == [
            j for j in range(p.con_place.size) if p.con_place[j] == c
        ]


@on_every_shape
def test_lines_arcs_and_consignments_find_each_other(name: str, seed: int) -> None:
    assert_indices_are_consistent(generated(name, seed))


@given(tiny_rounds(lines=5, offers=3))
def test_they_find_each_other_whatever_the_round(told: dict[str, Any]) -> None:
    assert_indices_are_consistent(case(told))


@given(tiny_rounds(offers=3))
def test_tiers_are_the_offers(told: dict[str, Any]) -> None:
    p = case(told).problem
    assert p.setup.tolist() == [offer["setup"] for offer in told["offers"]]
    for o, offer in enumerate(told["offers"]):
        here = range(p.offer_tier[o], p.offer_tier[o + 1])
        assert len(here) == len(offer["tiers"])
        for k, state in zip(here, states(offer), strict=True):
            able = p.tier_low[k] <= p.tier_high[k]
            assert (state is not None) == able
            assert state is None or state == (p.tier_price[k], p.tier_low[k], p.tier_high[k])


@on_every_shape
def test_an_instance_of_some_acceptances_is_that_of_the_round_without_the_others(
    name: str, seed: int
) -> None:
    made = generated(name, seed)
    pairs, rng = made.ground.acceptances, Random(seed)
    keep = np.array([rng.random() < 0.6 for _ in range(pairs.line.size)])
    lines = [
        line | {"accepts": kept}
        for line in made.told["demand"]
        if (kept := [each for each in line["accepts"] if keep[position(made, line["id"], each["item"])]])
    ]
    some = Case(made.told, made.ground, made.ground.instance(keep))
    assert 0 < some.problem.arc_line.size < made.problem.arc_line.size
    assert arcs(some) == arcs(case(made.told | {"demand": lines}))


def position(made: Case, line: str, item: str) -> int:
    items = [each["id"] for each in made.told["items"]]
    pairs = made.ground.acceptances
    named = zip(pairs.line.tolist(), pairs.item.tolist(), strict=True)
    return [(made.ground.line_ids[d], items[i]) for d, i in named].index((line, item))


@on_every_shape
def test_another_worth_moves_every_arc_by_as_much(name: str, seed: int) -> None:
    made = generated(name, seed)
    dearer = made.ground.instance(worth=made.ground.acceptances.value + 1_000)
    assert (dearer.arc_value == made.instance.arc_value + 1_000).all()
    assert (dearer.arc_item == made.instance.arc_item).all()


@on_every_shape
def test_awards_carry_the_flow(name: str, seed: int) -> None:
    made = generated(name, seed)
    flow = random_flow(made, Random(seed))
    rows = made.rows(flow)
    assert len(rows) == np.count_nonzero(flow) > 0
    assert (made.flow(rows) == flow).all()
    plain = nets(made.told)
    assert all(row["item"] in plain[row["demand"], row["offer"]][1] for row in rows)
    assert rows == sorted(rows, key=lambda row: (row["demand"], row["offer"], row["item"]))


def test_awards_are_in_the_order_of_bytes() -> None:
    told = tiny_round("tight", 1)
    names = dict(zip((line["id"] for line in told["demand"]), ("é", "z", "永", "\U0001f33e"), strict=False))
    told = told | {"demand": [line | {"id": names[line["id"]]} for line in told["demand"]]}
    made = case(told)
    found = [award.demand for award in made.instance.awards(np.ones(made.problem.arc_line.size))]
    assert found == sorted(found, key=str.encode)
    assert len(set(found)) > 1


@pytest.mark.parametrize("missing", ["demand", "offers", "freight", "dates"])
def test_rounds_with_nothing_to_join(missing: str) -> None:
    told = dict(ROUND)
    if missing in ("demand", "offers"):
        told[missing] = []
    elif missing == "freight":
        told["offers"] = [told["offers"][0] | {"freight": []}]
    else:
        told["offers"] = [told["offers"][0] | {"ready_on": "2026-12-09"}]
        told["demand"] = told["demand"][:2]
    made = case(told)
    assert made.problem.arc_line.size == made.problem.con_fixed.size == 0
    assert made.instance.awards(np.zeros(0)) == ()
    assert made.problem.quantity.size == len(told["demand"])
