"""One order as the leader types it: for somebody who told them, or to change what is there.

Names of fields: `name`, `phone`, `address`, `note`, `point`; and for line N of the form `item-N`,
`quantity-N`, `limit-N`, `more-N`, `fewer-N`, `want-N` (of a want that is kept), `option-N-KEY`. Lines without
an item are empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from millpond.community.group import MAX_WANT_UNITS, Item, OptionKind
from millpond.desk.orders import NewWant, Order
from millpond.desk.rounds import RoundRecord
from millpond.web.formats import plain_money
from millpond.web.forms import Form

MAX_LINES = 60
SPARE = 1
"""Empty lines at the end of the form."""
FEW_ITEMS = 6
"""Up to so many, each has a line of its own."""
_LINE = re.compile(r"item-([0-9]{1,2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """An order as it was typed."""

    name: str
    phone: str
    address: str
    note: str
    point: int | None
    wants: tuple[NewWant, ...]


def read(form: Form, round: RoundRecord) -> Typed | None:
    """The order; None where something is wrong (`form.wrong` says what)."""
    items = {item.id: item for item in round.group.items}
    wants = []
    for n in lines(form):
        chosen = form.typed.get(f"item-{n}", "")
        if chosen and form.integer(f"quantity-{n}", least=0, most=MAX_WANT_UNITS, default=0) != 0:
            item = items.get(chosen)
            if item is None:
                form.blame(f"item-{n}", "Please choose one.")
            else:
                wants.append(_want(form, n, item))
    if not wants and not form.wrong:
        form.blame("item-0", "Nothing is ordered yet. Put in how many you would like.")
    points = {str(point) for point in round.pickup_points}
    point = form.typed.get("point", "")
    typed = Typed(
        name=form.text("name", required=True, most=60),
        phone=form.text("phone", most=40),
        address=form.text("address", most=120),
        note=form.text("note", most=200),
        point=int(point) if point in points else None,
        wants=tuple(wants),
    )
    return None if form.wrong else typed


def lines(form: Form) -> list[int]:
    """The numbers of the lines that were sent."""
    return sorted({int(found[1]) for name in form.typed if (found := _LINE.fullmatch(name))})[:MAX_LINES]


def shown(form: Form) -> list[int]:
    """The lines that the form shows: those that were sent, and some empty ones."""
    sent = lines(form)
    filled = [n for n in sent if form.typed.get(f"item-{n}")]
    last = filled[-1] + 1 if filled else 0
    return [*filled, *range(last, min(MAX_LINES, last + SPARE))]


def spread(typed: dict[str, str], items: Sequence[Item]) -> dict[str, str]:
    """The fields with a line for each item, where there are few: then only numbers are typed."""
    if len(items) > FEW_ITEMS:
        return typed
    there = [value for name, value in typed.items() if _LINE.fullmatch(name)]
    missing = [item.id for item in items if item.id not in there]
    return typed | {f"item-{n}": id for n, id in enumerate(missing, len(there))}


def filled(order: Order, round: RoundRecord) -> dict[str, str]:
    """The fields in which this order would have been typed."""
    typed = {
        "name": order.name,
        "phone": order.phone,
        "note": order.note,
        "point": "" if order.pickup_point is None else str(order.pickup_point),
    }
    for n, want in enumerate(order.wants[:MAX_LINES]):
        typed |= {
            f"item-{n}": str(want.item),
            f"want-{n}": str(want.id),
            f"quantity-{n}": str(want.quantity),
            f"limit-{n}": plain_money(want.limit, round.currency),
            f"more-{n}": str(want.more or ""),
            f"fewer-{n}": str(want.fewer or ""),
            f"substitute-{n}": "" if want.substitute is None else str(want.substitute),
        }
        typed |= {f"option-{n}-{key}": answer for key, answer in want.options.items()}
    return typed


def _want(form: Form, n: int, item: Item) -> NewWant:
    quantity = form.required_integer(f"quantity-{n}", least=1, most=MAX_WANT_UNITS)
    options = {}
    for option in item.options:
        name = f"option-{n}-{option.key}"
        options[option.key] = form.text(name, required=option.required, most=200)
        if option.kind is OptionKind.CHOICE and options[option.key] not in ("", *option.choices):
            form.blame(name, "Please choose one.")
    kept, substitute = form.typed.get(f"want-{n}", ""), form.typed.get(f"substitute-{n}", "")
    return NewWant(
        item=int(item.id),
        quantity=quantity,
        limit=form.money(f"limit-{n}"),
        more=form.integer(f"more-{n}", least=0, most=MAX_WANT_UNITS, default=0) or 0,
        fewer=form.integer(f"fewer-{n}", least=0, most=quantity, default=0) or 0,
        substitute=int(substitute) if substitute.isascii() and substitute.isdigit() else None,
        options=options,
        id=int(kept) if kept.isascii() and kept.isdigit() else None,
    )
