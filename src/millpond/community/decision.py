"""What is decided on a group order: allocations of wants, bills of orders, leftover stock, cases.

Values only; `deciding` makes them. Invariants:
- Amounts of wants sum to their order's bill; bills and leftover stock to the place's bill in the clearing.
- Amounts are integers of minor units, prices exact fractions per unit, delivered, without the leader's fee.
- Reasons are codes; pages say them in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from millpond.model import Clearing, Round

__all__ = ["Allocation", "Cases", "Decision", "Leftover", "OrderBill", "Reason"]


class Reason(StrEnum):
    """Why a want got less than it asked for, or another item or number of units."""

    NOT_ENOUGH = "not_enough"
    """Nothing is made: all who would pay the price together are too few."""
    LIMIT = "limit"
    """The price is above the household's limit."""
    CAPACITY = "capacity"
    """The maker cannot make more."""
    CASES = "cases"
    """For whole cases."""
    SHOP = "shop"
    """Its unit costs more to make and bring than in the shop round the corner."""
    OTHERS = "others"
    """With it the price would pass somebody else's limit, or the clearing found more worth in others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What one want gets: `quantity` units of `item` (None: nothing).

    `price` is the exact price of a unit, delivered, without the leader's fee; for a want that gets nothing,
    what its unit would have cost, where that can be said. `amount` is its part of the household's bill.
    `line` is its demand line in the round.
    """

    want: str
    order: str
    line: str
    item: str | None
    quantity: int
    price: Fraction | None
    amount: int
    reason: Reason | None = None
    substituted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderBill:
    """What an order pays: goods, delivered, and beside them the leader's fee; both 0 if it gets nothing."""

    order: str
    units: int
    goods: int
    fee: int

    @property
    def total(self) -> int:
        """Goods and fee."""
        return self.goods + self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Units that the leader takes so that a case is whole; `amount` is their part of the place's bill."""

    item: str
    quantity: int
    price: Fraction
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """How an item came to whole cases: units wanted of it, units ordered (leftover stock included).

    Where somebody stepped back: how many units were `missing` to the next whole case after all tolerances,
    and how many they were `over` the one before.
    """

    item: str
    case_size: int
    wanted: int
    ordered: int
    leftover: int
    missing: int
    over: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that is decided; allocations, and bills of orders, in the order of arrival.

    `round` and `clearing` belong together: they are what is kept and can be verified. `clearings` says how
    often it was cleared.
    """

    round: Round
    clearing: Clearing
    allocations: tuple[Allocation, ...]
    bills: tuple[OrderBill, ...]
    leftovers: tuple[Leftover, ...]
    cases: tuple[Cases, ...]
    clearings: int

    @property
    def units(self) -> dict[str, int]:
        """Units of each item that are ordered from the maker, leftover stock included."""
        found: dict[str, int] = {}
        for award in self.clearing.awards:
            found[award.item] = found.get(award.item, 0) + award.quantity
        return found

    @property
    def amount(self) -> int:
        """What the maker is paid, production and freight."""
        return sum(bill.amount for bill in self.clearing.bills)
