"""Wants of orders: what is checked before they are kept, and how they are kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import ceil

from millpond.community import pool
from millpond.community.group import MAX_WANT_UNITS, Item, Offer, OptionKind
from millpond.desk.refusals import Refused
from millpond.desk.rounds import RoundRecord
from millpond.store import Rows

MAX_ANSWER = 200
MAX_WANTS = 200
"""Of one order."""
MAX_LIMIT = 10**9
"""A limit above this, and above what an item usually costs, would make the round too large to decide."""
_NUMBER = re.compile(r"[0-9]{1,6}(?:[.,][0-9]{1,3})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWant:
    """So many of an item; without a `limit` the usual one holds. `id` is that of a want that is kept."""

    item: int
    quantity: int
    limit: int | None = None
    more: int = 0
    fewer: int = 0
    substitute: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptWant:
    """A want of an order; `limit` in minor units a unit."""

    id: int
    item: int
    quantity: int
    limit: int
    more: int
    fewer: int
    substitute: int | None
    piece: int | None
    options: Mapping[str, str]


def kept_wants(rows: Rows, order: int) -> tuple[KeptWant, ...]:
    """The wants of an order."""
    return tuple(
        KeptWant(
            id=want["id"],
            item=want["item"],
            quantity=want["quantity"],
            limit=want["limit_minor"],
            more=want["more"],
            fewer=want["fewer"],
            substitute=want["substitute"],
            piece=want["piece"],
            options=json.loads(want["options"]),
        )
        for want in rows.all("orders.wants", order_id=order)
    )


def usual_limit(round: RoundRecord, item: Item) -> int:
    """The most a household pays for one if it says nothing: the shop's price, else that of the first tier.

    It is rounded up: below its price a want would be left out.
    """
    if item.reference is not None:
        return item.reference
    return _first_price(round.group.offer, item)


@lru_cache(maxsize=1_000)
def _first_price(offer: Offer, item: Item) -> int:
    """Of one, delivered, in the smallest run that the maker makes; rounded up."""
    start = offer.tiers[0].from_quantity if offer.tiers else 1
    point = pool.curve(offer, item.load, [start], surcharge=item.surcharge)[0] if offer.tiers else None
    return ceil(point.price) if point and point.price is not None else item.surcharge


def check_wants(
    round: RoundRecord, wants: tuple[NewWant, ...], also: set[int] | None = None
) -> tuple[NewWant, ...]:
    """The wants as they are kept; `also` are withdrawn items that stay in an order that has them."""
    if not wants or len(wants) > MAX_WANTS:
        raise Refused("order.empty")
    items = {int(item.id): item for item in round.group.items}
    to_have = {int(item.id) for item in round.offered} | (also or set())
    for want in wants:
        item = items.get(want.item)
        if item is None or want.item not in to_have:
            raise Refused("order.item_gone", item=item.label if item else "?")
        if not 1 <= want.quantity <= MAX_WANT_UNITS:
            raise Refused("order.quantity", item=item.label, most=MAX_WANT_UNITS)
        if not 0 <= want.fewer <= want.quantity or not 0 <= want.more <= MAX_WANT_UNITS:
            raise Refused("order.tolerance", most=want.quantity)
        most = max(MAX_LIMIT, usual_limit(round, item))
        if want.limit is not None and not 0 <= want.limit <= most:
            raise Refused("order.limit", item=item.label)
        if want.substitute is not None and (want.substitute not in to_have or want.substitute == want.item):
            raise Refused("order.substitute")
        _check_options(item, want.options)
    return wants


def _check_options(item: Item, answers: Mapping[str, str]) -> None:
    for option in item.options:
        answer = answers.get(option.key, "").strip()
        if not answer:
            if option.required:
                raise Refused("order.answer_missing", label=option.label)
        elif len(answer) > MAX_ANSWER:
            raise Refused("order.answer_long", label=option.label, most=MAX_ANSWER)
        elif option.kind is OptionKind.CHOICE and answer not in option.choices:
            raise Refused("order.answer_unknown", label=option.label, choices=", ".join(option.choices))
        elif option.kind is OptionKind.NUMBER and not _NUMBER.fullmatch(answer):
            raise Refused("order.answer_number", label=option.label)


def add_want(rows: Rows, round: RoundRecord, order: int, want: NewWant) -> None:
    """Keeps a want; where there are options it gets the next piece number."""
    has_options = bool(round.group.item(str(want.item)).options)
    piece = rows.value("orders.next_piece", round=round.id) if has_options else None
    rows.add("orders.add_want", order_id=order, item=want.item, piece=piece, **want_columns(round, want))


def want_columns(round: RoundRecord, want: NewWant) -> dict[str, object]:
    """What of a want may change."""
    item = round.group.item(str(want.item))
    asked = {option.key: want.options.get(option.key, "").strip() for option in item.options}
    answers = {key: answer for key, answer in asked.items() if answer}
    return {
        "quantity": want.quantity,
        "limit_minor": usual_limit(round, item) if want.limit is None else want.limit,
        "more": want.more,
        "fewer": want.fewer,
        "substitute": want.substitute,
        "options": json.dumps(answers, ensure_ascii=False),
    }


def likeness(want: KeptWant) -> tuple[object, ...]:
    """Wants that are alike in this may be added up."""
    return want.item, want.limit, want.substitute, json.dumps(dict(want.options), sort_keys=True)


def added_up(round: RoundRecord, one: KeptWant, other: KeptWant) -> KeptWant:
    """Two wants that are alike as one; raises `Refused` where that is more than a want can be."""
    quantity = one.quantity + other.quantity
    if quantity > MAX_WANT_UNITS:
        raise Refused("order.quantity", item=round.group.item(str(one.item)).label, most=MAX_WANT_UNITS)
    more = min(one.more + other.more, MAX_WANT_UNITS)
    return replace(one, quantity=quantity, more=more, fewer=one.fewer + other.fewer)


def as_new(want: KeptWant) -> NewWant:
    """A kept want as it would be asked for again."""
    return NewWant(
        item=want.item,
        quantity=want.quantity,
        limit=want.limit,
        more=want.more,
        fewer=want.fewer,
        substitute=want.substitute,
        options=want.options,
        id=want.id,
    )


def with_more(kept: tuple[NewWant, ...], more: tuple[NewWant, ...]) -> tuple[NewWant, ...]:
    """The kept wants with more of what is alike, and behind them what is not; a piece stays a piece.

    >>> with_more((NewWant(item=1, quantity=2, limit=9, id=7),), (NewWant(item=1, quantity=3),))[0].quantity
    5
    """
    found = list(kept)
    for want in more:
        for at, one in enumerate(found):
            if (
                one.item == want.item
                and want.limit in (None, one.limit)
                and want.substitute in (None, one.substitute)
                and not (one.options or want.options)
            ):
                found[at] = replace(
                    one,
                    quantity=one.quantity + want.quantity,
                    more=one.more + want.more,
                    fewer=one.fewer + want.fewer,
                )
                break
        else:
            found.append(want)
    return tuple(found)
