"""A group order as its leader sets it up, and what households want of it.

Part of the private side. Invariants:
- Amounts are integers of the currency's minor unit, quantities integers of units; there is no float.
- What leaders and households type is in their own language: a name is one text, never a map of languages.
- One group order has one offer, of one maker. Its clearing is a `millpond-round/1` with one place.

>>> offer = Offer(maker="The mill", setup=10000, capacity=400, tiers=(Tier(from_quantity=20, price=7200),))
>>> offer.tiers[0].price
7200
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from millpond.errors import InputError
from millpond.model import Tier, rules

__all__ = [
    "Fee",
    "GroupOrder",
    "Item",
    "Offer",
    "Option",
    "OptionKind",
    "Tier",
    "Want",
]

MAX_NAME_CHARACTERS = 120
MAX_NOTE_CHARACTERS = 1_000
MAX_WANT_UNITS = 100_000
"""Of one household: a mistyped phone number is no quantity."""


class OptionKind(StrEnum):
    """How a household answers an option."""

    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something a household says about its piece: a size, a measure, a name to embroider.

    What it answers stays here; the maker sees it under a piece number only. `choices` are of a CHOICE.
    """

    key: str
    label: str
    kind: OptionKind
    choices: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing with a price of its own: a size, colour or make; items of one `family` share a level.

    `name` is the family's as people read it, `variant` this one's ("" if there is only one). `load` is
    freight units of one unit, `reference` what a unit costs in the shop round the corner. A `case_size`
    above 1 means that the maker packs whole cases of so many. `nominal_grams` is of goods that are paid by
    actual weight: what one unit weighs by its price; it may differ by `weight_tolerance_percent`.
    """

    id: str
    family: str
    name: str
    variant: str = ""
    unit: str = "unit"
    surcharge: int = 0
    load: int = 1
    reference: int | None = None
    case_size: int = 1
    nominal_grams: int | None = None
    weight_tolerance_percent: int = 10
    options: tuple[Option, ...] = ()

    def __post_init__(self) -> None:
        rules.identifier("id", self.id)
        rules.identifier("family", self.family)
        if not self.name.strip():
            raise InputError("a name is needed", at="name")
        rules.amount("surcharge", self.surcharge)
        rules.integer("load", self.load, 0, rules.MAX_LOAD)
        if self.reference is not None:
            rules.amount("reference", self.reference)
        rules.integer("case_size", self.case_size, 1, MAX_WANT_UNITS)
        if self.nominal_grams is not None:
            rules.integer("nominal_grams", self.nominal_grams, 1, 10**9)
        rules.integer("weight_tolerance_percent", self.weight_tolerance_percent, 0, 100)

    @property
    def label(self) -> str:
        """The name with its variant, as one text."""
        return f"{self.name} {self.variant}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the maker asks: setup once, the tier price a unit, freight; makes at most `capacity` units."""

    maker: str
    tiers: tuple[Tier, ...]
    capacity: int
    setup: int = 0
    freight_fixed: int = 0
    freight_per_load: int = 0
    ready_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """What the leader takes for the work, declared before ordering, beside the price and never in it."""

    per_order: int = 0
    per_unit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOrder:
    """What is offered to the households of one community until the close."""

    id: str
    currency: str
    items: tuple[Item, ...]
    offer: Offer
    fee: Fee = Fee()

    def item(self, id: str) -> Item:
        """The item of this id; raises `KeyError`."""
        for item in self.items:
            if item.id == id:
                return item
        raise KeyError(id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """That one household would take so many of an item, and on which terms.

    `limit` is the most it pays per unit, delivered, without the leader's fee. For whole cases it would take
    up to `more` units more, or `fewer` less; `fewer` also holds where there is not enough for everybody.
    `substitute` is an item it would take instead, for at most `substitute_limit` a unit (None: the same
    limit). `order` is the household's order this belongs to; a lower `number` came earlier.
    """

    id: str
    order: str
    number: int
    item: str
    quantity: int
    limit: int
    more: int = 0
    fewer: int = 0
    substitute: str | None = None
    substitute_limit: int | None = None

    def __post_init__(self) -> None:
        rules.identifier("id", self.id)
        rules.integer("quantity", self.quantity, 1, MAX_WANT_UNITS)
        rules.amount("limit", self.limit)
        rules.integer("more", self.more, 0, MAX_WANT_UNITS)
        rules.integer("fewer", self.fewer, 0, self.quantity)
        if self.substitute_limit is not None:
            rules.amount("substitute_limit", self.substitute_limit)

    @property
    def arrival(self) -> tuple[int, int, str]:
        """What puts wants in the order in which they came: "earlier" and "later" mean this everywhere."""
        return self.number, len(self.id), self.id

    def limit_for(self, item: str) -> int:
        """The most it pays for a unit of this item."""
        if item == self.item or self.substitute_limit is None:
            return self.limit
        return self.substitute_limit
