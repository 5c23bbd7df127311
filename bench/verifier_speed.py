"""How long the verifier takes: `python bench/verifier_speed.py`.

A round of 1,000 places with a line each and 50 offers of 4 tiers that deliver everywhere: 50,000 arcs (pairs
of a line and an offer that may serve it). Two certificates: one whose multipliers leave few arcs worth
anything, as a good bound's do, and the worst, all 0, where every arc counts at every tier. Seconds of
processor time, one thread, the best of several.
"""

import json
import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from millpond.verify import verifier

PLACES, OFFERS, SEED, TIMES = 1_000, 50, 1, 5
SCALE = 1_000
LEAVES = 33


def a_round() -> dict[str, Any]:
    draw = random.Random(SEED)
    items = [{"id": "item", "load": 3, "reference": 5_000}]
    places = [{"id": f"p{c}"} for c in range(PLACES)]
    demand = [
        {
            "id": f"d{c}",
            "place": f"p{c}",
            "quantity": draw.randint(5, 400),
            "accepts": [{"item": "item", "limit": 10**6}],
        }
        for c in range(PLACES)
    ]
    total = sum(line["quantity"] for line in demand)
    offers = []
    for o in range(OFFERS):
        price, first = draw.randint(2_500, 3_500), draw.randint(50, 300)
        tiers = [{"from": first * 3**k, "price": price - 200 * k} for k in range(4)]
        freight = [
            {"place": f"p{c}", "fixed": draw.randint(500, 9_000), "per_load": draw.randint(1, 90)}
            for c in range(PLACES)
        ]
        offer = {
            "id": f"o{o}",
            "maker": f"m{o % 40}",
            "setup": draw.randint(10_000, 90_000),
            "capacity": total,
        }
        offers.append(offer | {"items": [{"item": "item"}], "tiers": tiers, "freight": freight})
    head = {"format": "millpond-round/1", "id": "speed", "currency": "CNY"}
    return head | {"items": items, "places": places, "demand": demand, "offers": offers}


def some_awards(told: dict[str, Any]) -> list[dict[str, Any]]:
    """Each line from the cheapest of five offers, which then all run at their last tier."""
    awards = []
    for c, line in enumerate(told["demand"]):
        offer = min(told["offers"][:5], key=lambda o: o["freight"][c]["fixed"] / line["quantity"])
        awards.append(
            {"demand": line["id"], "offer": offer["id"], "item": "item", "quantity": line["quantity"]}
        )
    return sorted(awards, key=lambda row: (row["demand"], row["offer"]))


def good_leaf(told: dict[str, Any]) -> dict[str, Any]:
    """A line's multiplier: its worth less what the third cheapest offer asks for it, freight spread."""
    lines = {}
    for c, line in enumerate(told["demand"]):
        nets = sorted(
            5_000 - o["tiers"][-1]["price"] - 3 * way["per_load"] - way["fixed"] // line["quantity"]
            for o in told["offers"]
            for way in [o["freight"][c]]
        )
        lines[line["id"]] = SCALE * max(nets[-3], 0)
    return {"lines": lines}


def seconds(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(TIMES):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def measure() -> list[dict[str, Any]]:
    """A row for each part of the check; `leaf` where its seconds are of one leaf."""
    told = a_round()
    data = json.dumps(told).encode()
    market = verifier.Round(data, "round")
    awards = [verifier.Row(row) for row in some_awards(told)]
    rows = [
        (f"reading and checking the round, {len(data):,} bytes", lambda: verifier.Round(data, "round"), 0),
        ("all that follows from the awards", lambda: market.follow(awards), 0),
    ]
    for name, leaf in (("good multipliers", good_leaf(told)), ("all multipliers 0", {})):
        tree: dict[str, Any] = leaf
        for k in range(LEAVES - 1):
            tree = {"offer": f"o{k % OFFERS}", "tier": 0, "low": leaf, "high": tree}
        certificate = verifier.Row(scale=SCALE, tree=tree)
        bound = partial(market.bound, certificate, "bench")
        rows.append((f"one leaf of {LEAVES}, {name}", bound, LEAVES))
    return [
        {"what": what, "leaf": bool(leaves), "seconds": seconds(work) / (leaves or 1)}
        for what, work, leaves in rows
    ]
