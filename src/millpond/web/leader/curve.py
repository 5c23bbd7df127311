"""The price curve of an offer: a picture of what a unit costs at each quantity, and a table of round numbers.

The picture is drawn on whole pixels, quantities by their logarithm, since a run of 1,000 must fit beside one
of 10; its twin is the table. Nothing is computed from it: prices come from `community.pool.curve`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import log

from millpond.community.group import Fee, Offer
from millpond.community.pool import corners, curve

WIDTH, HEIGHT, LEFT, BOTTOM = 560, 220, 8, 190
ROUND_NUMBERS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
MOST_SHOWN = 7
STEPS_BETWEEN = 12
BEYOND = 3
"""The picture goes so many times beyond the last tier; the rest is not interesting."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one unit costs if so many are ordered: delivered, and with the leader's fee for each unit."""

    quantity: int
    price: Fraction | None
    with_fee: Fraction | None
    starts: bool


@dataclass(frozen=True, slots=True)
class Curve:
    """`lines` are SVG point lists, one for each tier; `marks` x and quantity of each tier's start."""

    lines: tuple[str, ...]
    marks: tuple[tuple[int, int], ...]
    now: tuple[int, int] | None
    costs: tuple[Cost, ...]


def curve_of(offer: Offer, fee: Fee, load: int = 1, surcharge: int = 0, units: int = 0) -> Curve:
    """The curve of one item with this load and surcharge, by itself; `units` are wanted so far."""
    first, last = offer.tiers[0].from_quantity, offer.tiers[-1].from_quantity
    end = min(offer.capacity, max(BEYOND * last, units, first + 1))
    asked = _asked(offer, first, end)
    points = curve(offer, load, asked, surcharge=surcharge)
    priced = [point for point in points if point.price is not None]
    if not priced:
        return Curve(lines=(), marks=(), now=None, costs=())
    top = max(point.price for point in priced if point.price is not None)
    begin = max(1, first // 2)

    def x(quantity: int) -> int:
        span = log(max(end, begin + 1) / begin)
        return LEFT + round((WIDTH - 2 * LEFT) * log(max(quantity, begin) / begin) / span)

    def y(price: Fraction) -> int:
        return BOTTOM - round((BOTTOM - 16) * price / top) if top else BOTTOM

    lines = []
    for tier in range(len(offer.tiers)):
        own = [f"{x(p.quantity)},{y(p.price)}" for p in priced if p.tier == tier and p.price is not None]
        if own:
            lines.append(" ".join(own))
    marks = tuple((x(t.from_quantity), t.from_quantity) for t in offer.tiers if t.from_quantity <= end)
    here = curve(offer, load, [units], surcharge=surcharge)[0].price if units else None
    return Curve(
        lines=tuple(lines),
        marks=marks,
        now=None if here is None else (x(units), y(here)),
        costs=_costs(offer, fee, load, surcharge, end),
    )


def _asked(offer: Offer, first: int, end: int) -> list[int]:
    """Corners, and enough between them for a smooth line."""
    found = {quantity for quantity in corners(offer) if quantity <= end} | {first, end}
    edges = sorted(found)
    for low, high in pairwise(edges):
        found |= {low + (high - low) * step // STEPS_BETWEEN for step in range(1, STEPS_BETWEEN)}
    return sorted(quantity for quantity in found if quantity >= 1)


def _costs(offer: Offer, fee: Fee, load: int, surcharge: int, end: int) -> tuple[Cost, ...]:
    """At round numbers and where tiers start."""
    starts = {tier.from_quantity for tier in offer.tiers if tier.from_quantity <= offer.capacity}
    most = max(end, 1_000)
    others = [n for n in ROUND_NUMBERS if n <= min(most, offer.capacity) and n not in starts]
    while len(others) + len(starts) > max(MOST_SHOWN, len(starts)):
        others.pop(0)
    points = curve(offer, load, sorted(starts | set(others)), surcharge=surcharge)
    return tuple(
        Cost(
            quantity=point.quantity,
            price=point.price,
            with_fee=None if point.price is None else point.price + fee.per_unit,
            starts=point.quantity in starts,
        )
        for point in points
    )
