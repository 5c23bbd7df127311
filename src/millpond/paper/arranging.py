"""How orders are arranged on paper and in sheets: sorted, by pick-up point, added up by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from millpond.paper.names import name_key
from millpond.paper.values import Line, Order, SortedBy

_KEYS: dict[SortedBy, Callable[[Order], Any]] = {
    SortedBy.NAME: lambda order: (name_key(order.name), order.number),
    SortedBy.NUMBER: lambda order: order.number,
    SortedBy.CODE: lambda order: (name_key(order.code), order.number),
}


def sort_orders(orders: Iterable[Order], by: SortedBy) -> list[Order]:
    """By name as people look for it, by number or by pick-up code."""
    return sorted(orders, key=_KEYS[by])


def by_point(orders: Iterable[Order]) -> list[tuple[str, list[Order]]]:
    """Orders by the name of their pick-up point, sorted; those without one ("") come last."""
    points: dict[str, list[Order]] = {}
    for order in orders:
        points.setdefault(order.pickup_point, []).append(order)
    return sorted(points.items(), key=lambda point: (point[0] == "", name_key(point[0])))


def totals(orders: Iterable[Order]) -> list[Line]:
    """How many of each item there are in all, the most wanted first."""
    counts: Counter[tuple[str, str]] = Counter()
    for order in orders:
        for line in order.lines:
            counts[line.item, line.unit] += line.quantity
    ranked = sorted(counts.items(), key=lambda count: (-count[1], name_key(count[0][0])))
    return [Line(item=item, quantity=quantity, unit=unit) for (item, unit), quantity in ranked]
