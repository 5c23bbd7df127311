"""What a household sees of its own orders: read only, and only by who has the household's link.

Amounts are minor units. Nothing here changes anything, and nothing here knows of other households.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from millpond.model import read_fraction
from millpond.store import Rows

MAX_KNOWN_ITEMS = 60
"""Items offered for standing wants: the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What was decided on a want: `price` a unit, exact; `received` None until goods came."""

    item: str | None
    quantity: int
    price: Fraction | None
    amount: int
    reason: str = ""
    received: int | None = None
    adjustment: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A want of an order; `outcome` is None before the decision."""

    id: int
    item: str
    quantity: int
    limit: int
    more: int = 0
    fewer: int = 0
    substitute: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLine:
    """One order among all of a household; `items` are label, unit and quantity."""

    id: int
    round: int
    code: str
    title: str
    stage: str
    number: int
    created_ms: int
    is_cancelled: bool
    items: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A kept picture, and its size in pixels."""

    id: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that was offered here: `id` is that of the newest one of its name and variant."""

    id: int
    name: str
    variant: str

    @property
    def label(self) -> str:
        """The name with its variant."""
        return f"{self.name} {self.variant}".strip()


def wants(rows: Rows, order: int) -> tuple[Wanted, ...]:
    """The wants of an order with what was decided on them."""
    return tuple(
        Wanted(
            id=row["id"],
            item=str(row["item"]),
            quantity=row["quantity"],
            limit=row["limit_minor"],
            more=row["more"],
            fewer=row["fewer"],
            substitute=None if row["substitute"] is None else str(row["substitute"]),
            options=json.loads(row["options"]),
            outcome=None
            if row["decided"] is None
            else Outcome(
                item=None if row["given_item"] is None else str(row["given_item"]),
                quantity=row["given"],
                price=read_fraction(row["price"]) if row["price"] else None,
                amount=row["amount"],
                reason=row["reason"],
                received=row["received"],
                adjustment=row["adjustment"],
            ),
        )
        for row in rows.all("own.wants", order=order)
    )


def bill(rows: Rows, order: int) -> tuple[int, int] | None:
    """Goods and fee of an order as they were decided; None before."""
    row = rows.one("own.bill", order=order)
    return None if row is None else (row["goods"], row["fee"])


def orders(rows: Rows, household: int) -> tuple[OwnLine, ...]:
    """Every order of a household, the newest first."""
    return tuple(
        OwnLine(
            id=row["id"],
            round=row["round"],
            code=row["code"],
            title=row["title"],
            stage=row["stage"],
            number=row["number"],
            created_ms=row["created_ms"],
            is_cancelled=row["cancelled_ms"] is not None,
            items=tuple(
                (f"{one['name']} {one['variant']}".strip(), one["unit"], one["quantity"])
                for one in rows.all("own.summary", order=row["id"])
            ),
        )
        for row in rows.all("own.orders", household=household)
    )


def order_ids(rows: Rows, round: int, household: int) -> tuple[int, ...]:
    """The orders of a household in a group order, cancelled ones included, the first one first."""
    return tuple(row["id"] for row in rows.all("own.order_ids", round=round, household=household))


def picture(rows: Rows, id: str | None) -> Picture | None:
    """The picture of this id; None where there is none."""
    row = rows.one("own.picture", id=id) if id else None
    return None if row is None else Picture(row["id"], row["width"], row["height"])


def item_pictures(rows: Rows, round: int) -> dict[str, Picture]:
    """Pictures of a group order's items, by the item's id."""
    return {
        str(row["item"]): Picture(row["id"], row["width"], row["height"])
        for row in rows.all("own.item_pictures", round=round)
    }


def known_items(rows: Rows) -> tuple[KnownItem, ...]:
    """What was offered here and may be offered again, without what needs an answer each time."""
    return tuple(
        KnownItem(row["id"], row["name"], row["variant"])
        for row in rows.all("own.known_items", most=MAX_KNOWN_ITEMS)
    )
