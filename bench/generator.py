"""Seeded generator of rounds.

What for: the same rounds on every machine, for benchmarks and tests, at any size. Format:
`millpond-round/1`, as plain JSON dicts, so that this module depends on nothing but the format.

How a round is drawn (distances in degrees of a plane; amounts in the minor unit):

- places: uniform in a box; population log-uniform from 200 to 10^6 (or Pareto), demand grows with its
  square root;
- makers: around a few centres; `fixed` = 2,000 + 1,200 x degrees, `per_load` = 5 + 12 x degrees; an offer
  delivers to most places within its reach;
- items: in families of one or two, one `load` a family, `reference` uniform from 1,500 to 9,000;
- offers: some of the items; the first tier at 3-13 % of the capacity and the following ones in geometric
  steps, first price about half of the cheapest item's reference and each next tier 4-15 % cheaper; dearer
  items carry a surcharge;
- lines: one to three a place; each accepts one or two items; the limit is a factor times the item's
  reference.

Invariants: the same arguments give the same round (only `random.Random(...).random()` is drawn from, whose
sequence Python guarantees); the sum of capacities is `capacity_ratio` x the sum of demand; with
`must_serve` every offer makes every item and delivers everywhere, so the round can be served.

It does not imitate any real market: the replays of real orders do that.

Example: `generate(300, 20, seed=1, limits="loose")`.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

RoundDict = dict[str, Any]
Item = dict[str, Any]  # of the round: an item, place, line, offer or freight row

SOUTH, NORTH, WEST, EAST = 22.0, 41.0, 100.0, 121.0
SURCHARGE_SHARE = 0.6  # of the difference between an item's reference and the cheapest item's of the offer
LIMITS = {"tight": (0.5, 0.85), "mixed": (0.62, 1.25), "loose": (2.0, 3.0)}
"""Limit as a factor of the reference. With `loose`, a unit is worth its reference and prices exclude nearly
nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Everything about a round but its size and seed. Ranges are (low, high), both included."""

    items: int = 6
    paired: float = 0.5  # chance that an item shares its family with the next one
    load: tuple[int, int] = (1, 6)
    lines_per_place: tuple[int, int] = (1, 3)
    accepts: tuple[int, int] = (1, 2)
    limits: str = "mixed"
    minimum: float = 0.2  # share of lines with a minimum above 1
    dates: float = 0.0  # share of lines with needed_by; offers have ready_on when it is above 0
    tiers: int = 4
    capacity_ratio: tuple[float, float] = (1.2, 2.0)
    coverage: float = 0.72  # share of the places within reach that an offer delivers to
    reach: float = math.inf  # degrees
    centres: int = 0  # of makers; 0: one for every eight offers, at least two
    population: str = "loguniform"  # or "pareto"
    freight_pooled: int = 100
    solidarity: int = 0
    must_serve: bool = False


class _Draw:
    """Draws from `random.Random.random()` alone."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed).random

    def uniform(self, low: float, high: float) -> float:
        return low + (high - low) * self.random()

    def whole(self, low: int, high: int) -> int:
        return low + int(self.random() * (high - low + 1))

    def normal(self) -> float:
        return math.sqrt(-2.0 * math.log(1.0 - self.random())) * math.cos(2.0 * math.pi * self.random())

    def some(self, of: Sequence[Item], count: int) -> list[Item]:
        left = list(of)
        return [left.pop(int(self.random() * len(left))) for _ in range(min(count, len(left)))]


def generate(places: int, offers: int, seed: int, **shape: Any) -> RoundDict:
    """A round of `places` communities and `offers` offers; `shape` takes the fields of `Shape`."""
    s = Shape(**shape)
    draw = _Draw(f"{seed}/{places}/{offers}")
    items = _items(draw, s)
    towns = [_place(draw, s, p) for p in range(places)]
    demand = [line for town in towns for line in _lines(draw, s, town, items)]
    return {
        "format": "millpond-round/1", "id": f"generated-{places}x{offers}-{seed}", "currency": "CNY",
        "freight_pooled": s.freight_pooled, "solidarity": s.solidarity, "must_serve": s.must_serve,
        "items": items, "places": towns, "demand": demand,
        "offers": _offers(draw, s, offers, items, towns, sum(line["quantity"] for line in demand)),
    }  # fmt: skip


def _items(draw: _Draw, s: Shape) -> list[Item]:
    items: list[Item] = []
    for i in range(s.items):
        item = {
            "id": f"i{i}", "name": {"en": f"item {i}"}, "load": draw.whole(*s.load),
            "reference": draw.whole(1500, 9000), "family": f"f{i}",
        }  # fmt: skip
        if i % 2 and draw.random() < s.paired:
            item["family"], item["load"] = items[-1]["family"], items[-1]["load"]
        items.append(item)
    return items


def _place(draw: _Draw, s: Shape, number: int) -> Item:
    u = draw.random()
    population = 200.0 * 5000.0**u if s.population == "loguniform" else min(1e7, 2000.0 / (1.0 - u))
    return {
        "id": f"p{number}", "name": {"en": f"town {number}"},
        "latitude_microdeg": round(1e6 * draw.uniform(SOUTH, NORTH)),
        "longitude_microdeg": round(1e6 * draw.uniform(WEST, EAST)),
        "population": round(population),
    }  # fmt: skip


def _lines(draw: _Draw, s: Shape, place: Item, items: list[Item]) -> list[Item]:
    lines = []
    for number in range(draw.whole(*s.lines_per_place)):
        quantity = max(1, round(math.sqrt(place["population"]) * draw.uniform(0.05, 0.6)))
        line: Item = {
            "id": f"d{place['id'][1:]}-{number}", "place": place["id"], "quantity": quantity,
            "accepts": [
                {"item": item["id"], "limit": round(item["reference"] * draw.uniform(*LIMITS[s.limits]))}
                for item in draw.some(items, draw.whole(*s.accepts))
            ],
        }  # fmt: skip
        if quantity > 1 and draw.random() < s.minimum:
            line["minimum"] = draw.whole(2, quantity)
        if draw.random() < s.dates:
            line["needed_by"] = f"2026-12-{draw.whole(1, 28):02d}"
        lines.append(line)
    return lines


def _offers(
    draw: _Draw, s: Shape, count: int, items: list[Item], towns: list[Item], demand: int
) -> list[Item]:
    centres = [
        (draw.uniform(SOUTH + 2, NORTH - 2), draw.uniform(WEST + 2, EAST - 2))
        for _ in range(s.centres or max(2, count // 8))
    ]
    shares = [draw.uniform(0.4, 1.6) for _ in range(count)]
    unit = demand * draw.uniform(*s.capacity_ratio) / max(1e-9, sum(shares))
    offers = []
    for o in range(count):
        centre = centres[draw.whole(0, len(centres) - 1)]
        maker = (centre[0] + draw.normal(), centre[1] + draw.normal())
        offers.append(_offer(draw, s, o, max(20, math.ceil(shares[o] * unit)), items, towns, maker))
    return offers


def _offer(
    draw: _Draw, s: Shape, number: int, capacity: int,
    items: list[Item], towns: list[Item], maker: tuple[float, float],
) -> Item:  # fmt: skip
    made = list(items) if s.must_serve else draw.some(items, draw.whole(1, min(4, len(items))))
    base = min(item["reference"] for item in made)
    first = draw.uniform(0.03, 0.13)
    price = base * draw.uniform(0.48, 0.62)
    tiers: list[dict[str, int]] = []
    for k in range(s.tiers):
        start = max(1 + (tiers[-1]["from"] if tiers else 0), round(capacity * first ** (1 - k / s.tiers)))
        tiers.append({"from": start, "price": round(price)})
        price *= draw.uniform(0.85, 0.96)
    offer: Item = {
        "id": f"o{number}", "maker": f"m{number}", "capacity": capacity, "tiers": tiers,
        # paid once a run: 1-8 % of what the full capacity costs to make
        "setup": round(capacity * tiers[0]["price"] * draw.uniform(0.01, 0.08)),
        "items": [
            {"item": i["id"], "surcharge": round(SURCHARGE_SHARE * (i["reference"] - base) + extra)}
            for i, extra in ((i, draw.uniform(0, 200)) for i in made)
        ],
        "freight": _freight(draw, s, towns, maker),
    }  # fmt: skip
    if s.dates:
        offer["ready_on"] = f"2026-12-{draw.whole(1, 19):02d}"
    return offer


def _freight(draw: _Draw, s: Shape, towns: list[Item], maker: tuple[float, float]) -> list[Item]:
    freight = []
    for town in towns:
        degrees = math.hypot(
            town["latitude_microdeg"] / 1e6 - maker[0], town["longitude_microdeg"] / 1e6 - maker[1]
        )
        if s.must_serve or (draw.random() < s.coverage and degrees <= s.reach):
            row = {
                "place": town["id"],
                "fixed": round(2000 + 1200 * degrees),
                "per_load": round(5 + 12 * degrees),
            }
            freight.append(row)
    return freight
