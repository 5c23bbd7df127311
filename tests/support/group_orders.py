"""Group orders and wants for tests: one to read, and strategies for many."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from millpond.community.group import Fee, GroupOrder, Item, Offer, Tier, Want
from millpond.community.pool import prices


def item(id: str = "rice", **changes: Any) -> Item:
    return Item(**{"id": id, "family": id, "name": id.title()} | changes)


def order(*items: Item, fee: Fee = Fee(), **offer: Any) -> GroupOrder:  # noqa: B008 (frozen)
    terms = {"maker": "The mill", "capacity": 1_000, "tiers": ((1, 100),)} | offer
    terms["tiers"] = tuple(Tier(from_quantity=start, price=price) for start, price in terms["tiers"])
    return GroupOrder(id="7", currency="CNY", items=items or (item(),), offer=Offer(**terms), fee=fee)


def want(number: int, quantity: int, **changes: Any) -> Want:
    terms = {"item": "rice", "limit": 1_000, "order": f"o{number}"} | changes
    return Want(**{"id": str(number), "number": number, "quantity": quantity} | terms)


@st.composite
def orders(draw: st.DrawFn, cases: bool = False) -> GroupOrder:
    """One to three items in one or two families; setup, tiers and freight of which each may be nothing."""
    small = st.integers(0, 40)
    loads = {"rice": draw(st.integers(0, 3)), "oil": draw(st.integers(0, 3))}
    items = []
    for id in draw(st.lists(st.sampled_from(["bag", "sack", "oil"]), min_size=1, max_size=3, unique=True)):
        family = "oil" if id == "oil" else "rice"
        items.append(
            item(
                id,
                family=family,
                load=loads[family],
                surcharge=draw(small),
                reference=draw(st.none() | st.integers(60, 200)),
                case_size=draw(st.sampled_from([1, 2, 3, 5])) if cases else 1,
            )
        )
    starts = sorted(draw(st.sets(st.integers(1, 12), min_size=1, max_size=3)))
    return order(
        *items,
        fee=Fee(per_order=draw(small), per_unit=draw(small)),
        tiers=tuple((start, draw(st.integers(0, 90))) for start in starts),
        capacity=draw(st.integers(1, 25)),
        setup=draw(st.integers(0, 200)),
        freight_fixed=draw(st.integers(0, 100)),
        freight_per_load=draw(st.integers(0, 9)),
    )


@st.composite
def wants_of(draw: st.DrawFn, order: GroupOrder, most: int = 6) -> list[Want]:
    """Some wants of an order, in any order of rows; households with one or two of them."""
    ids = st.sampled_from([item.id for item in order.items])
    found = []
    for number in range(1, draw(st.integers(0, most)) + 1):
        quantity = draw(st.integers(1, 6))
        household = draw(st.integers(1, 4))
        found.append(
            Want(
                id=str(number),
                order=f"o{household}",
                number=household,
                item=draw(ids),
                quantity=quantity,
                limit=draw(st.integers(20, 300)),
                more=draw(st.integers(0, 2)),
                fewer=draw(st.integers(0, min(2, quantity))),
                substitute=draw(st.none() | ids),
                substitute_limit=draw(st.none() | st.integers(20, 300)),
            )
        )
    if draw(st.booleans()):  # nobody pays much more than it costs if everybody is served
        now = prices(
            order, {item.id: sum(w.quantity for w in found if w.item == item.id) for item in order.items}
        )
        found = [replace(w, limit=math.ceil(now.get(w.item, 100)) + draw(st.integers(0, 5))) for w in found]
    return draw(st.permutations(found))
