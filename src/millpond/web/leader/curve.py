"""The price curve of an offer: a picture of what a unit costs at each quantity, and a table of round numbers.

The picture is drawn on whole pixels of a phone's width, quantities by their logarithm, since a run of 1,000
must fit beside one of 10. It shows how the price falls, and says the price where each tier starts; its twin
is the table, which has the numbers. Nothing is computed from it: prices come from `community.pool.curve`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import log

from millpond.community.group import Fee, Offer
from millpond.community.pool import Point, corners, curve

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 320, 12, 308, 40, 150
"""Of the picture, and of the curve in it, in pixels."""
APART_X, APART_Y = 62, 18
"""What two labels need between them, so that neither covers the other."""
ROUND_NUMBERS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
MOST_SHOWN = 7
STEPS_BETWEEN = 12
BEYOND = 3
"""The picture goes so many times beyond the last tier; the rest is not interesting."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one unit costs if so many are ordered: delivered, and with the leader's fee for each unit."""

    quantity: int
    price: Fraction
    with_fee: Fraction
    starts: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a tier starts in the picture; no `price` or `quantity` where its label would cover another."""

    x: int
    y: int
    price: Fraction | None
    quantity: int | None
    anchor: str


@dataclass(frozen=True, slots=True)
class Curve:
    """`lines` are SVG point lists, one for each tier."""

    lines: tuple[str, ...]
    marks: tuple[Mark, ...]
    costs: tuple[Cost, ...]


def curve_of(offer: Offer, fee: Fee, load: int = 1, surcharge: int = 0) -> Curve:
    """The curve of one item with this load and surcharge, by itself."""
    first, last = offer.tiers[0].from_quantity, offer.tiers[-1].from_quantity
    end = min(offer.capacity, max(BEYOND * last, first + 1))
    points = curve(offer, load, _asked(offer, first, end), surcharge=surcharge)
    priced = [(point, point.price) for point in points if point.price is not None]
    if not priced:
        return Curve(lines=(), marks=(), costs=())
    low, high = min(price for _, price in priced), max(price for _, price in priced)

    def x(quantity: int) -> int:
        return LEFT + round((RIGHT - LEFT) * log(quantity / first) / log(max(end, first + 1) / first))

    def y(price: Fraction) -> int:
        return BOTTOM - (round((BOTTOM - TOP) * (price - low) / (high - low)) if high > low else BOTTOM - TOP)

    lines, starts = [], []
    for tier in range(len(offer.tiers)):
        own = [(point, x(point.quantity), y(price)) for point, price in priced if point.tier == tier]
        if own:
            lines.append(" ".join(f"{across},{down}" for _, across, down in own))
            starts.append(own[0])
    return Curve(lines=tuple(lines), marks=_marks(starts), costs=_costs(offer, fee, load, surcharge, end))


def _marks(starts: list[tuple[Point, int, int]]) -> tuple[Mark, ...]:
    """Labels where there is room for them, from the left."""
    marks: list[Mark] = []
    for point, x, y in starts:
        priced = [mark for mark in marks if mark.price is not None]
        counted = [mark for mark in marks if mark.quantity is not None]
        is_clear = all(abs(mark.x - x) >= APART_X or abs(mark.y - y) >= APART_Y for mark in priced)
        has_room = all(abs(mark.x - x) >= APART_X for mark in counted)
        marks.append(
            Mark(
                x=x,
                y=y,
                price=point.price if is_clear else None,
                quantity=point.quantity if has_room else None,
                anchor="end" if x > RIGHT - APART_X else "start",
            )
        )
    return tuple(marks)


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
    first, most = offer.tiers[0].from_quantity, min(max(end, 1_000), offer.capacity)
    others = [n for n in ROUND_NUMBERS if first <= n <= most and n not in starts]
    while others and len(others) + len(starts) > MOST_SHOWN:
        others.pop(0)
    points = curve(offer, load, sorted(starts | set(others)), surcharge=surcharge)
    return tuple(
        Cost(
            quantity=point.quantity,
            price=point.price,
            with_fee=point.price + fee.per_unit,
            starts=point.quantity in starts,
        )
        for point in points
        if point.price is not None
    )
