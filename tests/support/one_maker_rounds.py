"""Tiny rounds of one maker and one place, and the best of all their allocations, by trying every one."""

from __future__ import annotations

from functools import cache
from math import comb
from random import Random
from typing import Any, NamedTuple

from tiny_rounds import allowed, encoded, every_allocation, score

from millpond.verify import verifier

MAX_ALLOCATIONS = 1_500  # a round with more of them is drawn again
DAYS = ("2026-12-01", "2026-12-02", "2026-12-03")
ENDLESS = 10**9


class Best(NamedTuple):
    """The highest scores of all allocations, None where there is none: limits left aside, and kept."""

    blind: int | None
    valid: int | None


@cache
def tiny_order(seed: int, must_serve: bool = False) -> dict[str, Any]:
    """One offer and up to five lines: amounts of a few minor units, so that limits, rounding, tiers and
    capacity all decide something."""
    rng = Random(f"one maker {must_serve} {seed}")
    while True:
        told = _draw(rng) | {"must_serve": must_serve, "id": f"tiny {seed}"}
        if _allocations(told) <= MAX_ALLOCATIONS:
            return told


def _draw(rng: Random) -> dict[str, Any]:
    items = [
        _item(rng, family, size)
        for family in range(rng.randint(1, 3))
        for size in range(rng.choice((1, 1, 2)))
    ]
    load = {item["family"]: item["load"] for item in items}
    items = [item | {"load": load[item["family"]]} for item in items]
    base = rng.randint(10, 40)
    ids = [item["id"] for item in items]
    return {
        "format": "millpond-round/1",
        "currency": "CNY",
        "freight_pooled": rng.choice((0, 37, 100)),
        "solidarity": rng.choice((0, 10)),
        "items": items,
        "places": [{"id": "p"}, {"id": "nobody"}],
        "demand": [_line(rng, f"d{n}", ids, base) for n in range(rng.randint(1, 5))],
        "offers": [_offer(rng, ids, base)],
    }


def _item(rng: Random, family: int, size: int) -> dict[str, Any]:
    item = {"id": f"i{family}{size}", "family": f"f{family}", "load": rng.choice((0, 1, 1, 2, 5))}
    return item | ({"reference": rng.randint(20, 90)} if rng.random() < 0.7 else {})


def _line(rng: Random, id: str, items: list[str], base: int) -> dict[str, Any]:
    quantity = rng.randint(1, 5)
    line = {
        "id": id,
        "place": "p",
        "quantity": quantity,
        "minimum": rng.choice((1, quantity, quantity, rng.randint(1, quantity))),
        "accepts": [
            {"item": item, "limit": rng.choice((base + rng.randint(-5, 25), rng.randint(0, 90)))}
            for item in rng.sample(items, min(len(items), rng.choice((1, 1, 1, 2, 3))))
        ],
    }
    return line | ({"needed_by": rng.choice(DAYS)} if rng.random() < 0.1 else {})


def _offer(rng: Random, items: list[str], base: int) -> dict[str, Any]:
    starts = sorted(
        {1 if rng.random() < 0.6 else rng.randint(1, 8), *rng.sample(range(2, 12), rng.randint(0, 2))}
    )
    made = rng.sample(items, rng.randint(max(1, len(items) - 1), len(items)))
    offer = {
        "id": "o",
        "maker": "m",
        "setup": rng.choice((0, rng.randint(0, 60), rng.randint(0, 150))),
        "capacity": rng.choice((30, rng.randint(1, 14))),
        "items": [{"item": item, "surcharge": rng.choice((0, 0, rng.randint(0, 15)))} for item in made],
        "tiers": [
            {"from": start, "price": max(0, base - rng.randint(-3, 8) * k)} for k, start in enumerate(starts)
        ],
        "freight": [
            {"place": "p", "fixed": rng.choice((0, rng.randint(0, 80))), "per_load": rng.choice((0, 1, 3))}
        ],
    }
    return offer | ({"ready_on": DAYS[1]} if rng.random() < 0.1 else {})


def _allocations(told: dict[str, Any]) -> int:
    """At most so many allocations there are."""
    arcs = [line["id"] for line, _, _ in allowed(told)]
    total = 1
    for line in told["demand"]:
        total *= comb(line["quantity"] + arcs.count(line["id"]), line["quantity"])
    return total


def best_of_all(told: dict[str, Any]) -> Best:
    """By trying every allocation, priced by the verifier."""
    market = verifier.Round(encoded(told), "round")
    every = [(score(told, awards), n, awards) for n, awards in enumerate(every_allocation(told))]
    every.sort(key=lambda tried: (-tried[0], tried[1]))
    if not every:
        return Best(None, None)
    holding = (total for total, _, awards in every if told["must_serve"] or _holds(market, awards))
    return Best(every[0][0], next(holding))


def _holds(market: verifier.Round, awards: list[dict[str, Any]]) -> bool:
    rows = [verifier.Row(row) for row in awards]
    market.follow(rows)
    return all(row.price <= row.limit for row in rows)


def side_by_side(orders: list[dict[str, Any]], *, one_place: bool) -> dict[str, Any]:
    """One round of several orders that have nothing in common, or nothing but their place."""
    whole: dict[str, Any] = orders[0] | {"items": [], "places": [], "demand": [], "offers": []}
    for n, told in enumerate(orders):
        at = "p" if one_place else f"p{n}"
        if not any(place["id"] == at for place in whole["places"]):
            whole["places"].append({"id": at})
        whole["items"] += [_renamed(item, n, "id", "family") for item in told["items"]]
        for line in told["demand"]:
            accepts = [_renamed(accepted, n, "item") for accepted in line["accepts"]]
            whole["demand"].append(_renamed(line, n, "id") | {"place": at, "accepts": accepts})
        for offer in told["offers"]:
            made = [_renamed(row, n, "item") for row in offer["items"]]
            freight = [row | {"place": at} for row in offer["freight"]]
            whole["offers"].append(_renamed(offer, n, "id", "maker") | {"items": made, "freight": freight})
    return whole


def _renamed(row: dict[str, Any], number: int, *keys: str) -> dict[str, Any]:
    return row | {key: f"{row[key]}-{number}" for key in keys}


def with_references(told: dict[str, Any]) -> dict[str, Any]:
    """The same round with a reference for each item that has none, above all limits."""
    return told | {"items": [{"reference": ENDLESS} | item for item in told["items"]]}
