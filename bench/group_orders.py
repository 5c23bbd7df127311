"""Seeded generator of group orders: what a leader with one maker decides.

One place, one offer; up to 20 items in up to 8 families, up to 6 tiers; households that mostly want all they
asked for or nothing. A limit is mostly the item's reference, some are lower. Amounts are minor units.

The same arguments give the same round on the same version of Python's `random`.

    group_order(300, seed=1, scarce=True)
"""

from random import Random
from typing import Any

RoundDict = dict[str, Any]

LOWER = {"few": 0.25, "many": 0.9}
"""The share of lines whose limit is drawn, from 0.55 to 1.05 of the reference."""
QUANTITIES = (1, 1, 1, 2, 2, 3, 4, 5, 6, 10)
WHOLE = 0.8
"""The share of lines that want all or nothing; the others would take one less, or any number."""


def group_order(lines: int, seed: int, *, scarce: bool = False, limits: str = "few") -> RoundDict:
    """A round of so many demand lines. `scarce`: the maker cannot make it all."""
    rng = Random(f"group order {seed}")
    families = rng.randint(1, 8)
    costs = [rng.randint(8, 90) * 100 for _ in range(families)]
    loads = [rng.choice((1, 1, 2, 5, 10)) for _ in range(families)]
    items = [
        {
            "id": f"i{n:02}",
            "family": f"f{n % families}",
            "load": loads[n % families],
            "reference": costs[n % families] + rng.randint(0, 15) * 100,
        }
        for n in range(rng.randint(families, 20))
    ]
    demand = [_line(rng, f"w{n:05}", rng.choice(items), LOWER[limits]) for n in range(lines)]
    wanted = sum(line["quantity"] for line in demand)
    start, price, tiers = max(1, wanted // 20), int(min(costs) * 0.9), []
    for _ in range(rng.randint(1, 6)):
        tiers.append({"from": start, "price": price})
        start, price = int(start * rng.uniform(1.4, 2.5)) + 1, int(price * rng.uniform(0.88, 0.97))
    surcharges = [max(0, cost - min(costs) - rng.randint(0, 10) * 100) for cost in costs]
    freight = {"fixed": rng.choice((0, rng.randint(0, 20_000))), "per_load": rng.choice((0, 0, 20))}
    offer = {
        "id": "o1",
        "maker": "m1",
        "setup": rng.choice((0, rng.randint(0, 30_000))),
        "capacity": max(tiers[0]["from"], int(wanted * (rng.uniform(0.4, 0.9) if scarce else 2))),
        "items": [
            {"item": item["id"], "surcharge": surcharges[n % families]} for n, item in enumerate(items)
        ],
        "tiers": tiers,
        "freight": [{"place": "p1", **freight}],
    }
    head = {"format": "millpond-round/1", "id": f"order-{seed}", "currency": "CNY", "must_serve": False}
    return head | {"places": [{"id": "p1"}], "items": items, "demand": demand, "offers": [offer]}


def _line(rng: Random, id: str, item: dict[str, Any], lower: float) -> dict[str, Any]:
    quantity, limit = rng.choice(QUANTITIES), item["reference"]
    if rng.random() < lower:
        limit = int(limit * rng.uniform(0.55, 1.05))
    minimum = quantity if rng.random() < WHOLE else rng.choice((1, max(1, quantity - 1)))
    accepts = [{"item": item["id"], "limit": limit}]
    return {"id": id, "place": "p1", "quantity": quantity, "minimum": minimum, "accepts": accepts}
