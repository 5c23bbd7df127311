"""What is traded in one round: items, places, demand and offers, as DESIGN's `millpond-round/1` has them.

Invariants:
- Everything is frozen, and obeys every rule of the format from the moment it exists; what does not raises
  `InputError`, whose path uses the format's names.
- Amounts are integers of the currency's minor unit, quantities integers of units; there is no float.
- The order of rows is the file's; nothing depends on it.

A field's metadata says how the format writes it, and is all that reading and writing know: `key` (its JSON
key, if it is not the field's name), `rows` (the class of its rows), `read` (how a scalar is made from JSON)
and `unwritten`.

It does not say what a clearing is, nor which awards are valid.

>>> Tier(from_quantity=100, price=3900)
Tier(from_quantity=100, price=3900)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from millpond.errors import InputError
from millpond.model import rules
from millpond.model.checks import check_round, first_double
from millpond.model.rules import MAX_LOAD, MAX_POPULATION, MAX_QUANTITY, MAX_SOLIDARITY

MAX_LATITUDE = 90_000_000
MAX_LONGITUDE = 180_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something with a price of its own: a size, colour or make.

    `load` is the freight units (kg, cartons) of one unit, `reference` what a unit costs today in the shop
    round the corner. Items of one `family` share a level and a load; without one an item is its own family.
    """

    id: str
    name: Mapping[str, str] = field(default_factory=dict, hash=False)
    unit: str = "unit"
    load: int = 1
    reference: int | None = None
    family: str = field(default="", metadata={"read": rules.read_identifier})

    def __post_init__(self) -> None:
        rules.identifier("id", self.id)
        rules.texts("name", self.name)
        rules.text("unit", self.unit)
        rules.integer("load", self.load, 0, MAX_LOAD)
        if self.reference is not None:
            rules.amount("reference", self.reference)
        if self.family == "":
            object.__setattr__(self, "family", self.id)
        rules.identifier("family", self.family)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One community's delivery point; coordinates in millionths of a degree (WGS 84)."""

    id: str
    name: Mapping[str, str] = field(default_factory=dict, hash=False)
    latitude_microdeg: int | None = None
    longitude_microdeg: int | None = None
    population: int | None = None

    def __post_init__(self) -> None:
        rules.identifier("id", self.id)
        rules.texts("name", self.name)
        if self.latitude_microdeg is not None:
            rules.integer("latitude_microdeg", self.latitude_microdeg, -MAX_LATITUDE, MAX_LATITUDE)
        if self.longitude_microdeg is not None:
            rules.integer("longitude_microdeg", self.longitude_microdeg, -MAX_LONGITUDE, MAX_LONGITUDE)
        if self.population is not None:
            rules.integer("population", self.population, 0, MAX_POPULATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """An item that a line would take, and the most it pays per unit, delivered."""

    item: str
    limit: int

    def __post_init__(self) -> None:
        rules.identifier("item", self.item)
        rules.amount("limit", self.limit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Demand of a community: served nothing, or from `minimum` to `quantity` units of what it accepts."""

    id: str
    place: str
    quantity: int
    minimum: int = 1
    needed_by: date | None = field(default=None, metadata={"read": rules.read_day})
    accepts: tuple[Acceptance, ...] = field(metadata={"rows": Acceptance})

    def __post_init__(self) -> None:
        rules.identifier("id", self.id)
        rules.identifier("place", self.place)
        rules.integer("quantity", self.quantity, 1, MAX_QUANTITY)
        rules.integer("minimum", self.minimum, 1, MAX_QUANTITY)
        if self.minimum > self.quantity:
            raise rules.wrong("minimum", self.minimum, f"at most the line's quantity, {self.quantity:,}")
        rules.day("needed_by", self.needed_by)
        rules.rows("accepts", self.accepts, Acceptance, least=1)
        if found := first_double(entry.item for entry in self.accepts):
            raise InputError(found.problem("a line accepts an item once"), at=f"accepts[{found.second}].item")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferItem:
    """An item that an offer makes, and its surcharge per unit over the tier price."""

    item: str
    surcharge: int = 0

    def __post_init__(self) -> None:
        rules.identifier("item", self.item)
        rules.amount("surcharge", self.surcharge)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """From this many units in the run on, every unit of it costs this price."""

    from_quantity: int = field(metadata={"key": "from"})
    price: int

    def __post_init__(self) -> None:
        rules.integer("from", self.from_quantity, 1, MAX_QUANTITY)
        rules.amount("price", self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Freight:
    """That an offer delivers to a place: `fixed` once if anything goes there, `per_load` per freight unit."""

    place: str
    fixed: int = 0
    per_load: int = 0

    def __post_init__(self) -> None:
        rules.identifier("place", self.place)
        rules.amount("fixed", self.fixed)
        rules.amount("per_load", self.per_load)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a maker can make in one run: any mix of `items`, up to `capacity` units, at one tier's price."""

    id: str
    maker: str
    capacity: int
    items: tuple[OfferItem, ...] = field(metadata={"rows": OfferItem})
    tiers: tuple[Tier, ...] = field(metadata={"rows": Tier})
    setup: int = 0
    ready_on: date | None = field(default=None, metadata={"read": rules.read_day})
    freight: tuple[Freight, ...] = field(default=(), metadata={"rows": Freight})

    def __post_init__(self) -> None:
        rules.identifier("id", self.id)
        rules.identifier("maker", self.maker)
        rules.integer("capacity", self.capacity, 1, MAX_QUANTITY)
        rules.amount("setup", self.setup)
        rules.day("ready_on", self.ready_on)
        rules.rows("items", self.items, OfferItem, least=1)
        rules.rows("tiers", self.tiers, Tier, least=1)
        rules.rows("freight", self.freight, Freight)
        if found := first_double(entry.item for entry in self.items):
            raise InputError(found.problem("an offer names an item once"), at=f"items[{found.second}].item")
        if found := first_double(entry.place for entry in self.freight):
            raise InputError(
                found.problem("an offer names a place once"), at=f"freight[{found.second}].place"
            )
        for k in range(1, len(self.tiers)):
            before, here = self.tiers[k - 1].from_quantity, self.tiers[k].from_quantity
            if here <= before:
                rule = f"above {before:,}, the `from` of the tier before: tiers rise strictly"
                raise rules.wrong(f"tiers[{k}].from", here, rule)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round: all wants and offers, and the terms on which it is cleared.

    `freight_pooled` is the percent of freight that the common price carries; `solidarity` the percent above
    its alone price that every place agreed to pay at most; with `must_serve` every line is served in full at
    least cost, whatever the limits. `sha256` is of the bytes the round was read from, "" when it was not
    read.
    """

    id: str
    currency: str
    items: tuple[Item, ...] = field(metadata={"rows": Item})
    places: tuple[Place, ...] = field(metadata={"rows": Place})
    demand: tuple[Line, ...] = field(metadata={"rows": Line})
    offers: tuple[Offer, ...] = field(metadata={"rows": Offer})
    freight_pooled: int = 100
    solidarity: int = 0
    must_serve: bool = False
    sha256: str = field(default="", compare=False, metadata={"unwritten": True})

    def __post_init__(self) -> None:
        rules.identifier("id", self.id)
        rules.currency("currency", self.currency)
        rules.integer("freight_pooled", self.freight_pooled, 0, 100)
        rules.integer("solidarity", self.solidarity, 0, MAX_SOLIDARITY)
        rules.flag("must_serve", self.must_serve)
        rules.rows("items", self.items, Item)
        rules.rows("places", self.places, Place)
        rules.rows("demand", self.demand, Line)
        rules.rows("offers", self.offers, Offer)
        check_round(self)


def unit_value(limit: int, reference: int | None) -> int:
    """What a unit is worth to a line in the score: its limit, but no more than the unit costs in the shop."""
    return limit if reference is None else min(limit, reference)
