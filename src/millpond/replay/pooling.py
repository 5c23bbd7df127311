"""Real orders on assumed terms, pooled: the round that follows from both, as the JSON value of a round file.

- A *demand line* is what the households of one place want of one family, at about one limit. Households are
  put into one line only while their limits lie within `band_percent` of each other, and the line's limit is
  the least of them: nobody is made to pay more than they really paid.
- An *item* is one maker's make of a family. Where there is a shop price, its `reference` is the median of
  what that maker's buyers really paid, so that a cheap make in place of a dear one is valued as what it is.
- With a price ladder an *offer* is one maker's run of one family. Without one nothing is cheaper in volume
  but freight: an offer is then all that a maker makes of a group of families, each make at its own price (a
  surcharge over a tier price of 0), so that one consignment carries them together.
- `x_paid` of a line is the total really paid for it and `x_households` the number of its households; keys
  that begin with `x_` are for people and count for nothing in the clearing.

It is a pure function, does not read files, and knows nothing of where the orders come from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from millpond.replay.orders import Family, Orders, Step, Tariff, Terms, Town, Want

FORMAT = "millpond-round/1"


@dataclass(frozen=True, slots=True)
class Make:
    """One maker's make of a family: units really sold, the price of one, and of one in the shop if there is
    such a price.
    """

    family: Family
    maker: str
    sold: int
    price: int
    reference: int | None

    @property
    def id(self) -> str:
        return f"{self.family.id} | {self.maker}"


def round_of(orders: Orders, terms: Terms) -> dict[str, Any]:
    """The JSON value of the round in which these orders are pooled on these terms."""
    makes = _makes(orders)
    items_of: dict[str, list[str]] = defaultdict(list)
    for make in makes:
        items_of[make.family.id].append(make.id)
    asking: dict[str, set[str]] = defaultdict(set)
    for want in orders.wants:
        asking[want.family].add(want.place)
    offers = list(_runs(terms, makes) if terms.ladder else _mixed(terms, makes))
    for offer, families in offers:
        places = sorted({place for family in families for place in asking[family]})
        offer["freight"] = list(_freight(orders.tariff, offer["maker"], places))
    return {
        "format": FORMAT,
        "id": orders.id,
        "currency": orders.currency,
        "freight_pooled": terms.freight_pooled,
        "solidarity": terms.solidarity,
        "items": [_item(make) for make in makes],
        "places": [_place(id, town) for id, town in sorted(orders.places.items())],
        "demand": list(_lines(orders, items_of, terms.band_percent)),
        "offers": [offer for offer, _ in offers],
    }


def middle(values: Iterable[tuple[int, int]]) -> int:
    """The lower median of (value, weight) pairs.

    >>> middle([(5, 1), (3, 1), (9, 3)])
    9
    """
    ordered = sorted(values)
    half = sum(weight for _, weight in ordered)
    seen = 0
    for value, weight in ordered:
        seen += 2 * weight
        if seen >= half:
            return value
    raise ValueError("the median of nothing")


def _makes(orders: Orders) -> list[Make]:
    """What each maker really sold of each family, in order."""
    sales: dict[tuple[str, str], list[Want]] = defaultdict(list)
    for want in orders.wants:
        sales[want.family, want.maker].append(want)
    return [
        Make(
            family=orders.families[family],
            maker=maker,
            sold=sum(want.quantity for want in wants),
            price=middle((want.goods // want.quantity, want.quantity) for want in wants),
            reference=middle((want.limit, want.quantity) for want in wants)
            if orders.same_everywhere
            else None,
        )
        for (family, maker), wants in sorted(sales.items())
    ]


def _lines(orders: Orders, items_of: Mapping[str, list[str]], band_percent: int) -> Iterator[dict[str, Any]]:
    groups: dict[tuple[str, str], list[Want]] = defaultdict(list)
    for want in orders.wants:
        groups[want.place, want.family].append(want)
    for (place, family), wants in sorted(groups.items()):
        for number, band in enumerate(_bands(wants, band_percent), start=1):
            limit = band[0].limit
            yield {
                "id": f"{place} | {family} | {number}",
                "place": place,
                "quantity": sum(want.quantity for want in band),
                "accepts": [{"item": item, "limit": limit} for item in items_of[family]],
                "x_paid": sum(want.paid for want in band),
                "x_households": len({want.household for want in band}),
            }


def _bands(wants: list[Want], band_percent: int) -> Iterator[list[Want]]:
    """Wants from the lowest limit up, a new band wherever a limit passes `band_percent` of the band's
    least.
    """
    band: list[Want] = []
    for want in sorted(wants, key=lambda want: (want.limit, want.household, want.maker, want.quantity)):
        if band and want.limit * 100 > band[0].limit * band_percent:
            yield band
            band = []
        band.append(want)
    yield band


def _item(make: Make) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": make.id,
        "name": {"en": f"{make.family.name}, {make.maker}"},
        "unit": make.family.unit,
        "load": make.family.load,
        "family": make.family.id,
    }
    if make.reference is not None:
        item["reference"] = make.reference
    return item


def _place(id: str, town: Town) -> dict[str, Any]:
    place: dict[str, Any] = {
        "id": id,
        "name": {"en": town.name},
        "latitude_microdeg": town.latitude,
        "longitude_microdeg": town.longitude,
    }
    if town.population is not None:
        place["population"] = town.population
    return place


Offer: TypeAlias = tuple[dict[str, Any], list[str]]
"""An offer of the round file, but for its freight, and the families it makes."""


def _runs(terms: Terms, makes: Iterable[Make]) -> Iterator[Offer]:
    """Each make as a run of its own, cheaper in volume; without those too small for the ladder's first
    step.
    """
    for make in makes:
        capacity = _capacity(terms, make.sold)
        if tiers := list(_tiers(terms.ladder, make.price, capacity)):
            offer = {
                "id": make.id,
                "maker": make.maker,
                "setup": terms.setup,
                "capacity": capacity,
                "items": [{"item": make.id}],
                "tiers": tiers,
            }
            yield offer, [make.family.id]


def _mixed(terms: Terms, makes: Iterable[Make]) -> Iterator[Offer]:
    """All that a maker makes of a group of families in one offer, each at its own price whatever the
    volume.
    """
    groups: dict[tuple[str, str], list[Make]] = defaultdict(list)
    for make in makes:
        groups[make.maker, make.family.group].append(make)
    for (maker, group), own in sorted(groups.items()):
        offer = {
            "id": f"{maker} | {group}" if group else maker,
            "maker": maker,
            "setup": terms.setup,
            "capacity": _capacity(terms, sum(make.sold for make in own)),
            "items": [{"item": make.id, "surcharge": make.price} for make in own],
            "tiers": [{"from": 1, "price": 0}],
        }
        yield offer, [make.family.id for make in own]


def _freight(tariff: Tariff, maker: str, places: Iterable[str]) -> Iterator[dict[str, Any]]:
    for place in places:
        if (cost := tariff(maker, place)) is not None:
            yield {"place": place, "fixed": cost[0], "per_load": cost[1]}


def _capacity(terms: Terms, sold: int) -> int:
    return -(-sold * terms.capacity_percent // 100)


def _tiers(ladder: Sequence[Step], shelf: int, capacity: int) -> Iterator[dict[str, int]]:
    """The ladder in units: a step starts where the run is worth `run_value`; prices are rounded up, and a
    step that rounding makes no cheaper or that the capacity never reaches is left out."""
    last_from, last_price = 0, shelf * ladder[0].percent + 1
    for step in ladder:
        start = max(last_from + 1, -(-step.run_value // max(1, shelf)))
        price = -(-shelf * step.percent // 100)
        if price < last_price and start <= capacity:
            yield {"from": start, "price": price}
            last_from, last_price = start, price
