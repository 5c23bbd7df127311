"""How a group order stands while it is open: what a unit costs now, and how far the next tier is.

It answers "if everybody so far were served": limits are not asked here, the clearing asks them. It works from
units per item that were added up before, so a page can ask it each time it is shown.

Invariants:
- Prices are exact fractions of minor units per unit, delivered, without the leader's fee, which stands
  beside them.
- The prices now are those the clearing will give if exactly these units are served (founding design, "Costs
  and prices", for one place and one offer: each family pays its whole cost, so neither `freight_pooled` nor
  the alone price plays a part).
- Prices at another quantity keep today's mix of items, unrounded.

>>> offer = Offer(maker="The mill", tiers=(Tier(from_quantity=10, price=300),), capacity=90, setup=1000)
>>> [(point.quantity, point.price) for point in curve(offer, 1, [9, 10, 20])]
[(9, None), (10, Fraction(400, 1)), (20, Fraction(350, 1))]
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from millpond.community.group import Fee, GroupOrder, Item, Offer, Tier
from millpond.community.shares import spread
from millpond.errors import InputError

__all__ = [
    "Estimate",
    "Outlook",
    "Point",
    "Step",
    "corners",
    "curve",
    "estimate",
    "fee_of",
    "outlook",
    "prices",
    "tier_at",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A tier that is still ahead: where it starts, how many units are missing, what each item costs there."""

    tier: int
    from_quantity: int
    missing: int
    prices: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """How a group order stands.

    `units` are all that are wanted; `tier` is the one they reach (from 0; None: it does not run yet), with
    the `prices` of every item there (none if it does not run). `steps` are the tiers ahead that the capacity
    allows; the first of them is the first tier if it does not run yet. `left` is what the capacity still
    holds, `over` what is wanted above it; prices are then those of a full run.
    """

    units: int
    tier: int | None
    prices: Mapping[str, Fraction]
    steps: tuple[Step, ...]
    left: int
    over: int
    fee: Fee

    @property
    def runs(self) -> bool:
        """Whether there is enough for the first tier."""
        return self.tier is not None

    @property
    def next(self) -> Step | None:
        """The nearest tier ahead; None on the last one."""
        return self.steps[0] if self.steps else None

    @property
    def missing(self) -> int:
        """Units to the nearest tier ahead, 0 if there is none."""
        return self.steps[0].missing if self.steps else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a unit costs if so many are ordered; no price and no tier where the offer does not run."""

    quantity: int
    tier: int | None
    price: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What one order would come to: goods (exact, delivered) and, beside them, the leader's fee."""

    units: int
    goods: Fraction
    fee: int


def tier_at(offer: Offer, quantity: int | Fraction) -> int | None:
    """The tier a run of this many units has, from 0; None below the first."""
    tier = bisect_right(offer.tiers, quantity, key=_start) - 1
    return None if tier < 0 else tier


def _start(tier: Tier) -> int:
    return tier.from_quantity


def prices(order: GroupOrder, units: Mapping[str, int]) -> dict[str, Fraction]:
    """The price of each item that has units, if exactly these are served; none if the offer does not run.

    Equal to the clearing's, also in how the run's cost is rounded over families. The capacity is not asked.
    """
    offer, items = order.offer, {item.id: item for item in order.items if units.get(item.id)}
    total = sum(units[id] for id in items)
    tier = tier_at(offer, total)
    if tier is None or not items:
        return {}
    of_family: dict[str, int] = {}
    load: dict[str, int] = {}
    for id, item in items.items():
        of_family[item.family] = of_family.get(item.family, 0) + units[id]
        load[item.family] = load.get(item.family, 0) + item.load * units[id]
    families = sorted(of_family)  # ties go to the smaller id, as in the clearing
    counts, loads = [of_family[f] for f in families], [load[f] for f in families]
    base = spread(offer.setup + offer.tiers[tier].price * total, counts)
    carried = offer.freight_fixed + offer.freight_per_load * sum(loads)
    freight = spread(carried, loads if any(loads) else counts)
    level = {f: Fraction(base[n] + freight[n], counts[n]) for n, f in enumerate(families)}
    return {id: level[item.family] + item.surcharge for id, item in items.items()}


def outlook(order: GroupOrder, units: Mapping[str, int]) -> Outlook:
    """How the order stands with these units of each item wanted (items without any may be left out).

    Raises InputError for units of an item the order does not have, or below 0.
    """
    known = {item.id for item in order.items}
    for id, count in units.items():
        if id not in known or count < 0:
            raise InputError(f"{count:,} units of {id!r}: an item of this order, and 0 or more", at="units")
    offer, total = order.offer, sum(units.values())
    reached = min(total, offer.capacity)
    tier = tier_at(offer, reached)
    now = {} if tier is None else _at_mix(order, units, reached)
    if tier is not None and total <= offer.capacity:
        now |= prices(order, units)
    steps = tuple(
        Step(
            tier=index,
            from_quantity=ahead.from_quantity,
            missing=ahead.from_quantity - total,
            prices=_at_mix(order, units, ahead.from_quantity),
        )
        for index, ahead in enumerate(offer.tiers)
        if total < ahead.from_quantity <= offer.capacity
    )
    return Outlook(
        units=total,
        tier=tier,
        prices=now,
        steps=steps,
        left=max(0, offer.capacity - total),
        over=max(0, total - offer.capacity),
        fee=order.fee,
    )


def _at_mix(order: GroupOrder, units: Mapping[str, int], quantity: int) -> dict[str, Fraction]:
    """Prices of all items in a run of `quantity` units with today's mix; without one, of each item by itself.

    An item of which nothing is wanted yet costs what the first unit of it would, were it small beside the
    rest.
    """
    total = sum(units.values())
    loaded = sum(units.get(item.id, 0) * item.load for item in order.items)

    def load(item: Item) -> Fraction:  # of the whole run
        return Fraction(loaded * quantity, total) if total else Fraction(item.load * quantity)

    return {item.id: _unit_price(order.offer, item, quantity, load(item)) for item in order.items}


def _unit_price(offer: Offer, item: Item, quantity: int, load: Fraction) -> Fraction:
    """Its part of setup and fixed freight (by load; by units if nothing weighs), and its own cost."""
    tier = tier_at(offer, quantity)
    assert tier is not None
    fixed = offer.freight_fixed * item.load / load if load else Fraction(offer.freight_fixed, quantity)
    own = offer.tiers[tier].price + offer.freight_per_load * item.load + item.surcharge
    return Fraction(offer.setup, quantity) + fixed + own


def curve(offer: Offer, load: int, quantities: Iterable[int], *, surcharge: int = 0) -> tuple[Point, ...]:
    """What a unit of an item with this load and surcharge costs, delivered, if so many of it are ordered."""
    item = Item(id="x", family="x", name="x", load=load, surcharge=surcharge)
    points = []
    for quantity in quantities:
        tier = tier_at(offer, quantity) if quantity <= offer.capacity else None
        price = None if tier is None else _unit_price(offer, item, quantity, Fraction(load * quantity))
        points.append(Point(quantity=quantity, tier=tier, price=price))
    return tuple(points)


def corners(offer: Offer) -> tuple[int, ...]:
    """Quantities at which the price curve breaks: both sides of each tier's start, and the capacity."""
    found = {quantity for tier in offer.tiers for quantity in (tier.from_quantity - 1, tier.from_quantity)}
    return tuple(sorted(q for q in found | {offer.capacity} if 1 <= q <= offer.capacity))


def estimate(prices: Mapping[str, Fraction], fee: Fee, quantities: Mapping[str, int]) -> Estimate:
    """What an order of these quantities comes to at these prices; there is no fee on an empty order.

    Raises KeyError for an item that has no price.
    """
    units = sum(quantities.values())
    goods = sum((prices[id] * count for id, count in quantities.items() if count), Fraction(0))
    return Estimate(units=units, goods=goods, fee=fee_of(fee, units))


def fee_of(fee: Fee, units: int) -> int:
    """The leader's fee on one order of so many units, in minor units; nothing on an order of nothing."""
    return fee.per_order + fee.per_unit * units if units else 0
