"""Tiny rounds from a seed, and the best of all their allocations, found by trying every one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import comb
from random import Random
from typing import Any, NamedTuple

from tiny_rounds import allowed, encoded, every_allocation, score

from millpond.verify import verifier

MAX_ALLOCATIONS = 3_000  # a round with more of them is drawn again
DAYS = ("2026-12-01", "2026-12-02")
MIXED = (range(30, 60), range(60, 140))  # a unit mostly costs from 20 to 90, landed
LOOSE = (range(10_000, 20_000),)
KINDS = ("loose", "tight", "served")


@cache
def tiny_round(kind: str, seed: int) -> dict[str, Any]:
    """Two to four lines, two or three offers: tiers, setup, minimum, dates, families, fixed freight.

    loose: no limit matters. tight: some line would not pay for the best allocation. served: `must_serve`.
    """
    rng = Random(f"{kind} {seed}")
    while True:
        told = _draw(rng, LOOSE if kind == "loose" else MIXED)
        told |= {"must_serve": kind == "served", "id": f"{kind} {seed}"}
        if _allocations(told) <= MAX_ALLOCATIONS:
            best = best_of_all(told) if kind == "tight" else None
            if best is None or best.valid != best.blind:
                return told


def _draw(rng: Random, limits: Sequence[range]) -> dict[str, Any]:
    load = rng.choice((0, 1, 3))
    items = [
        {"id": "bag", "family": "rice", "load": load, "reference": rng.randint(60, 160)},
        {"id": "sack", "family": "rice", "load": load, "reference": 90},
        {"id": "oil", "family": "oil", "load": 1, "reference": rng.randint(60, 160)},
    ]
    places = ["p0", "p1", "p2"][: rng.randint(1, 3)]
    return {
        "format": "millpond-round/1",
        "currency": "CNY",
        "freight_pooled": rng.choice((0, 37, 100, 100)),
        "solidarity": rng.choice((0, 0, 10, 1_000)),
        "items": items,
        "places": [{"id": place} for place in places],
        "demand": [_line(rng, n, places, limits) for n in range(rng.randint(2, 4))],
        "offers": [_offer(rng, n, places) for n in range(rng.randint(2, 3))],
    }


def _line(rng: Random, n: int, places: list[str], limits: Sequence[range]) -> dict[str, Any]:
    quantity = rng.randint(1, 4)
    accepted = rng.sample(("bag", "sack", "oil"), rng.choice((1, 1, 2)))
    line = {
        "id": f"d{n}",
        "place": rng.choice(places),
        "quantity": quantity,
        "minimum": rng.choice((1, 1, quantity, rng.randint(1, quantity))),
        "accepts": [{"item": item, "limit": rng.choice(rng.choice(limits))} for item in accepted],
    }
    return line | ({"needed_by": rng.choice(DAYS)} if rng.random() < 0.2 else {})


def _offer(rng: Random, n: int, places: list[str]) -> dict[str, Any]:
    starts = sorted(rng.sample((1, 1, 2, 3, 4, 6), rng.randint(1, 3)))
    price = rng.randint(30, 60)
    made = rng.sample(("bag", "sack", "oil"), rng.choice((1, 2, 3, 3)))
    reached = rng.sample(places, rng.choice((len(places), len(places), rng.randint(1, len(places)))))
    offer = {
        "id": f"o{n}",
        "maker": rng.choice(("m0", "m1")),
        "setup": rng.choice((0, rng.randint(0, 80), rng.randint(80, 160))),
        "capacity": rng.randint(2, 12),
        "items": [{"item": item, "surcharge": rng.choice((0, 0, rng.randint(0, 30)))} for item in made],
        "tiers": [
            {"from": start, "price": max(0, price - rng.randint(5, 15) * k)}
            for k, start in enumerate(sorted(set(starts)))
        ],
        "freight": [
            {"place": place, "fixed": rng.choice((0, rng.randint(0, 40))), "per_load": rng.choice((0, 1, 4))}
            for place in reached
        ],
    }
    return offer | ({"ready_on": rng.choice(DAYS)} if rng.random() < 0.2 else {})


def _allocations(told: dict[str, Any]) -> int:
    """At most so many allocations there are: quantities of each line over its arcs, capacity left aside."""
    total = 1
    arcs = [line["id"] for line, _, _ in allowed(told)]
    for line in told["demand"]:
        total *= comb(line["quantity"] + arcs.count(line["id"]), line["quantity"])
    return total


class Best(NamedTuple):
    """The best scores of all allocations; None where there is no allocation."""

    blind: int | None  # limits left aside
    valid: int | None  # nobody pays more than its limit, at the exact prices


def best_of_all(told: dict[str, Any]) -> Best:
    market = verifier.Round(encoded(told), "round")
    every = [(score(told, awards), n, awards) for n, awards in enumerate(every_allocation(told))]
    every.sort(key=lambda tried: (-tried[0], tried[1]))
    if not every:
        return Best(None, None)
    valid = (total for total, _, awards in every if told["must_serve"] or _holds(market, awards))
    return Best(every[0][0], next(valid))


def _holds(market: verifier.Round, awards: list[dict[str, Any]]) -> bool:
    rows = [verifier.Row(row) for row in awards]
    market.follow(rows)
    return all(row.price <= row.limit for row in rows)
