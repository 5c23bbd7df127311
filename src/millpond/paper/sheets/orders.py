"""Orders as other people's spreadsheets keep them, and where there is doubt about what a cell says.

`SheetOrder` is one order, whichever way it goes: read from a sheet or about to be written to one. An empty
text or None means that the sheet doesn't say. Amounts are minor units of the currency.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Doubt",
    "DoubtCode",
    "Format",
    "ImportedOrder",
    "ImportedSheet",
    "LeftOut",
    "LeftOutReason",
    "SheetLine",
    "SheetOrder",
]


class Format(StrEnum):
    """Whose columns a sheet has."""

    KUAITUANTUAN = "kuaituantuan"  # 快团团
    QUNJIELONG = "qunjielong"  # 群接龙
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """So many of an item; `amount` is of all its units.

    `quantity` is None where the cell can't be read as one, `item` is "" where none is named.
    """

    item: str = ""
    variant: str = ""
    quantity: int | None = None
    amount: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetOrder:
    """One order. `orderer` ordered it (下单人), `name` receives it (收货人); often one of them is empty.

    `number` is the 跟团号, `paid` None where the sheet doesn't say.
    """

    number: int | None = None
    orderer: str = ""
    name: str = ""
    phone: str = ""
    address: str = ""
    note: str = ""
    leader_note: str = ""
    lines: tuple[SheetLine, ...] = ()
    amount: int | None = None
    freight: int | None = None
    discount: int | None = None
    refund: int | None = None
    paid: bool | None = None
    delivery: str = ""
    pickup_point: str = ""
    pickup_contact: str = ""
    pickup_phone: str = ""
    pickup_address: str = ""


class DoubtCode(StrEnum):
    """Why somebody should look. The values are stable: pages translate them."""

    NO_NAME = "no-name"
    NO_ITEM = "no-item"  # the sheet has a column for items, and it is empty here
    NO_QUANTITY = "no-quantity"
    QUANTITY_UNCLEAR = "quantity-unclear"  # no whole number from 1 on
    QUANTITY_UNIT = "quantity-unit"  # a number with a word behind it; the number is taken
    NUMBER_UNCLEAR = "number-unclear"
    NUMBER_REPEATED = "number-repeated"  # stands on another order, too
    PHONE_ROUNDED = "phone-rounded"  # 1.38E+10: the sheet has lost the figures
    PHONE_HIDDEN = "phone-hidden"  # 138****0000
    PHONE_UNCLEAR = "phone-unclear"
    AMOUNT_UNCLEAR = "amount-unclear"
    AMOUNT_DIFFERS = "amount-differs"  # another amount on a further line of the same order
    PAID_UNCLEAR = "paid-unclear"
    REFUNDED = "refunded"  # money went back: perhaps nothing is wanted any more
    SAME_ORDER = "same-order"  # the same in every cell as an order above
    SHORTENED = "shortened"  # a longer text than is kept
    TOTAL_DIFFERS = "total-differs"  # the sheet's own total is not what its rows come to


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Something to look at: the cell (`C7`), what stands there."""

    code: DoubtCode
    cell: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedOrder:
    """An order and the row it begins in (from 1, as the spreadsheet counts)."""

    row: int
    order: SheetOrder
    doubts: tuple[Doubt, ...] = ()


class LeftOutReason(StrEnum):
    """Why a row is no order."""

    ABOVE = "above"  # above the headings
    HEADINGS = "headings"  # the headings once more
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A row with something in it that became no order."""

    row: int
    reason: LeftOutReason
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedSheet:
    """What one sheet holds.

    `unread` are headings of columns that were passed over, `doubts` are about the sheet as a whole,
    `other_sheets` are names of further sheets with orders.
    """

    format: Format
    sheet: str
    heading_row: int
    orders: tuple[ImportedOrder, ...]
    left_out: tuple[LeftOut, ...] = ()
    unread: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    other_sheets: tuple[str, ...] = ()
