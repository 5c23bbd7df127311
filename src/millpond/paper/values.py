"""What goes on paper: plain values, ready to be set. Nothing here knows a database or a page.

Invariants:
- Amounts are integers of the currency's minor unit, quantities integers of units. A price per unit may be an
  exact fraction; it is rounded where it is printed and nowhere before.
- Times are aware datetimes in the room's time zone: paper doesn't know where it hangs.
- Texts are what people typed. They are set as they stand, never read as markup or code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from millpond.errors import InputError

__all__ = [
    "Account",
    "Booking",
    "Charge",
    "Heading",
    "Label",
    "LabelSheet",
    "Line",
    "MakersOrder",
    "Order",
    "PackingBy",
    "PackingList",
    "Payment",
    "PickUpList",
    "Piece",
    "Poster",
    "PosterItem",
    "PriceStep",
    "Receipt",
    "SortedBy",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What every sheet says of itself: the group order, whose it is, when it was printed."""

    title: str
    community: str
    currency: str
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """So many units of an item. `item` is its name with the variant.

    `note` is small print below it (what was answered to options, piece numbers), `grams` the actual weight
    of all units, `price` minor units per unit, `amount` minor units in all. `case_size` above 1 lets the
    maker's order say how many cases that is.
    """

    item: str
    quantity: int
    unit: str = ""
    note: str = ""
    grams: int | None = None
    price: int | Fraction | None = None
    amount: int | None = None
    case_size: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What one household picks up. `due` is still to be paid: 0 is paid, below 0 is to be given back.

    `attention` is what whoever hands out must not miss.
    """

    number: int
    code: str
    name: str
    lines: tuple[Line, ...]
    phone: str = ""
    pickup_point: str = ""
    attention: str = ""
    amount: int = 0
    due: int = 0
    handed_out: bool = False


class SortedBy(StrEnum):
    """The order of households on a list."""

    NAME = "name"
    NUMBER = "number"
    CODE = "code"


@dataclass(frozen=True, slots=True, kw_only=True)
class PickUpList:
    """To hand out by: grouped by pick-up point, each on pages of its own."""

    heading: Heading
    orders: tuple[Order, ...]
    sorted_by: SortedBy = SortedBy.NAME
    show_phones: bool = False
    show_prices: bool = False


class PackingBy(StrEnum):
    """How goods are put together."""

    HOUSEHOLD = "household"
    ITEM = "item"
    PICKUP_POINT = "pickup-point"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackingList:
    """To pack by: a bag for each household, an item at a time, or the boxes for each pick-up point."""

    heading: Heading
    orders: tuple[Order, ...]
    by: PackingBy
    sorted_by: SortedBy = SortedBy.NUMBER


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A sticker for a bag. `scan` is the text of its QR code, "" for none."""

    number: int
    code: str
    name: str
    lines: tuple[Line, ...]
    pickup_point: str = ""
    scan: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSheet:
    """Stickers 3 x 8 on A4, 70 x 37 mm each; the first `skip` of the first sheet are used already."""

    heading: Heading
    labels: tuple[Label, ...]
    skip: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.skip < 24:
            raise InputError(f"{self.skip} is not from 0 to 23", at="skip")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A named amount of minor units: a fee, freight, a deposit."""

    words: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that was taken (or, below 0, given back): when, how, minor units."""

    on: date
    words: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What one household got, what it costs, what it paid. Its balance is the sum of the three."""

    heading: Heading
    order: Order
    charges: tuple[Charge, ...] = ()
    payments: tuple[Payment, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One piece that is made to measure: the maker knows its number, never whose it is."""

    number: int
    item: str
    answers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MakersOrder:
    """The consolidated order to a maker: items and pieces, and nothing of any household.

    `reference` is what both sides call this order; `deliver_to` and `contact` are the leader's.
    """

    heading: Heading
    maker: str
    lines: tuple[Line, ...]
    reference: str = ""
    maker_contact: str = ""
    contact: str = ""
    deliver_to: str = ""
    ready_on: date | None = None
    charges: tuple[Charge, ...] = ()
    pieces: tuple[Piece, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A line of an account: what is owed (`charge`) and what was paid (`payment`), minor units."""

    on: date
    words: str
    charge: int = 0
    payment: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A statement of account: of a household, or of anybody the room has an account with.

    `opening` is what was owed before the first booking (below 0: what was paid ahead).
    """

    heading: Heading
    holder: str
    bookings: tuple[Booking, ...]
    opening: int = 0
    since: date | None = None
    until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceStep:
    """From so many units in all, a unit costs this much (minor units)."""

    from_quantity: int
    price: int | Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterItem:
    """An item on the poster. `surcharge` is minor units over the ladder's price, `reference` the shop's."""

    name: str
    surcharge: int = 0
    reference: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Poster:
    """What hangs at the door: what, for how much from how many, until when, where, and the code to scan.

    `link` is the address in the QR code, `picture` a JPEG, `fee` what the leader takes, in words.
    """

    heading: Heading
    link: str
    steps: tuple[PriceStep, ...]
    items: tuple[PosterItem, ...] = ()
    unit: str = ""
    about: str = ""
    fee: str = ""
    closes_at: datetime | None = None
    pickup_points: tuple[str, ...] = ()
    pickup_note: str = ""
    picture: bytes | None = None
