"""The documents: values in, PDF out. One function for each.

Each takes its value, a language (`zh` or `en`) and, if wanted, a folder of fonts; it returns the bytes of an
A4 PDF. Each raises `InputError` for an unknown language and where no font for Chinese is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from millpond.paper import wording
from millpond.paper.arranging import by_point, sort_orders, totals
from millpond.paper.qr import qr_svg
from millpond.paper.typesetting import shortened, typeset
from millpond.paper.values import (
    Account,
    Heading,
    Label,
    LabelSheet,
    Line,
    MakersOrder,
    Order,
    PackingBy,
    PackingList,
    PickUpList,
    Poster,
    PriceStep,
    Receipt,
)

POSTER_STEPS, POSTER_ITEMS, POSTER_POINTS = 6, 8, 4
"""A poster is one page and is read from across the street: the rest is behind its code."""

POSTER_ROOMY = 160
"""Characters on a poster without a picture that leave room for large letters."""

LABEL_LINES = 4
"""Items that a sticker has room for; an order with more gets another sticker, numbered 1/2, 2/2."""


def pick_up_list_pdf(data: PickUpList, language: str, fonts: Path | None = None) -> bytes:
    """To hand out by: tick boxes, attention, paid or not; phones and prices only if asked for."""
    currency = data.heading.currency
    words = wording.texts(language)

    def row(order: Order) -> dict[str, Any]:
        owed = wording.money(abs(order.due), currency)
        back = f"{words['give_back_short']} {owed}"
        return _order(order) | {
            "phone": order.phone if data.show_phones else "",
            "amount": wording.money(order.amount, currency),
            "due": "" if not order.due else owed if order.due > 0 else back,
            "due_word": words["due"] if order.due > 0 else words["give_back"],
        }

    points = []
    for name, orders in _by_point(data.orders, words):
        amount = sum(order.amount for order in orders)
        points.append(
            {
                "name": name,
                "summary": _summary(orders, language),
                "amount": wording.money(amount, currency),
                "orders": [row(order) for order in sort_orders(orders, data.sorted_by)],
                "totals": [_line(line) for line in totals(orders)],
            }
        )
    made = _heading(data.heading, language) | {
        "show_prices": data.show_prices,
        "points": points,
        "figures": _figures(data.orders, words),
    }
    return typeset("pick-up-list", made, language, fonts)


def packing_list_pdf(data: PackingList, language: str, fonts: Path | None = None) -> bytes:
    """To pack by: household by household, item by item, or the boxes for each pick-up point."""
    words = wording.texts(language)
    groups = _GROUPS[data.by](data, language, words)
    made = _heading(data.heading, language) | {
        "by": {PackingBy.PICKUP_POINT: "point"}.get(data.by, data.by.value),
        "groups": groups,
        "figures": _figures(data.orders, words),
    }
    return typeset("packing-list", made, language, fonts)


def labels_pdf(data: LabelSheet, language: str, fonts: Path | None = None) -> bytes:
    """Stickers, 24 to a page; an order with many items gets several."""
    stickers = [part for label in data.labels for part in _stickers(label, data.heading.title)]
    made = _heading(data.heading, language) | {"skip": data.skip, "labels": stickers}
    return typeset("labels", made, language, fonts)


def receipt_pdf(data: Receipt, language: str, fonts: Path | None = None) -> bytes:
    """What a household got and paid. The goods are the sum of its lines."""
    currency = data.heading.currency
    words = wording.texts(language)
    goods = sum(line.amount or 0 for line in data.order.lines)
    total = goods + sum(charge.amount for charge in data.charges)
    balance = total - sum(payment.amount for payment in data.payments)
    made = _heading(data.heading, language) | {
        "order": _order(data.order)
        | {"phone": data.order.phone, "lines": [_priced(line, currency) for line in data.order.lines]},
        "goods": wording.money(goods, currency),
        "charges": _charges(data.charges, currency),
        "total": wording.money(total, currency),
        "payments": [
            {
                "words": f"{payment.words} · {wording.day(payment.on, language)}",
                "amount": wording.money(-payment.amount, currency),
            }
            for payment in data.payments
        ],
        "balance_words": _balance_words(balance, words),
        "balance": wording.money(abs(balance), currency) if balance else "✓",
        "note": data.note,
    }
    return typeset("receipt", made, language, fonts)


def makers_order_pdf(data: MakersOrder, language: str, fonts: Path | None = None) -> bytes:
    """The consolidated order to the maker: items, quantities, pieces by number; nothing of households."""
    currency = data.heading.currency
    goods = sum(line.amount or 0 for line in data.lines)
    charges = [{"words": wording.texts(language)["goods"], "amount": wording.money(goods, currency)}]
    made = _heading(data.heading, language) | {
        "maker": data.maker,
        "maker_contact": data.maker_contact,
        "reference": data.reference,
        "contact": data.contact,
        "deliver_to": data.deliver_to,
        "ready_on": wording.day(data.ready_on, language) if data.ready_on else "",
        "lines": [_priced(line, currency) | {"cases": _cases(line)} for line in data.lines],
        "has_cases": any(line.case_size > 1 for line in data.lines),
        "has_prices": any(line.amount is not None for line in data.lines),
        "charges": charges + _charges(data.charges, currency) if data.charges else [],
        "units": wording.units(sum(line.quantity for line in data.lines), language),
        "total": wording.money(goods + sum(charge.amount for charge in data.charges), currency),
        "note": data.note,
        "pieces": [
            {
                "number": str(piece.number),
                "item": piece.item,
                "answers": [list(pair) for pair in piece.answers],
            }
            for piece in data.pieces
        ],
    }
    return typeset("makers-order", made, language, fonts)


def account_pdf(data: Account, language: str, fonts: Path | None = None) -> bytes:
    """A statement of account, with the balance after each booking."""
    currency = data.heading.currency
    words = wording.texts(language)
    balance = data.opening
    bookings = []
    for booking in data.bookings:
        balance += booking.charge - booking.payment
        bookings.append(
            {
                "on": wording.day(booking.on, language),
                "words": booking.words,
                "charge": wording.money(booking.charge, currency) if booking.charge else "",
                "payment": wording.money(booking.payment, currency) if booking.payment else "",
                "balance": wording.money(balance, currency),
            }
        )
    days = [wording.day(day, language) if day else "" for day in (data.since, data.until)]
    made = _heading(data.heading, language) | {
        "holder": data.holder,
        "period": " – ".join(days).strip(" –") if any(days) else data.heading.community,
        "opening": wording.money(data.opening, currency),
        "bookings": bookings,
        "charged": wording.money(sum(booking.charge for booking in data.bookings), currency),
        "paid": wording.money(sum(booking.payment for booking in data.bookings), currency),
        "balance": wording.money(balance, currency),
        "balance_words": _balance_words(balance, words),
        "note": data.note,
    }
    return typeset("account", made, language, fonts)


def poster_pdf(data: Poster, language: str, fonts: Path | None = None) -> bytes:
    """What hangs at the door. The code is made so that a quarter of it may be hidden or dirty."""
    return typeset("poster", _poster(data, language), language, fonts)


def poster_png(data: Poster, language: str, fonts: Path | None = None) -> bytes:
    """The poster as a picture for a screen: to look at before it is printed, or to send to a chat."""
    return typeset("poster", _poster(data, language), language, fonts, format="png")


def _poster(data: Poster, language: str) -> dict[str, Any]:
    currency = data.heading.currency
    words = wording.texts(language)

    def step(from_quantity: int, price: int | Fraction) -> dict[str, str]:
        unit = wording.unit_word(data.unit) or words["units"]
        reached = f"满 {from_quantity:,} {unit}" if language == "zh" else f"from {from_quantity:,} {unit}"
        alone = f"每{unit}" if language == "zh" else f"per {wording.unit_word(data.unit) or 'unit'}"
        return {"from": alone if len(data.steps) == 1 else reached, "price": wording.money(price, currency)}

    def item(surcharge: int, reference: int | None) -> str:
        parts = [f"+{wording.money(surcharge, currency)}"] if surcharge else []
        if reference is not None:
            parts.append(f"{words['reference_price']} {wording.money(reference, currency)}")
        return " · ".join(parts)

    items = [{"name": each.name, "price": item(each.surcharge, each.reference)} for each in data.items]
    words_on_it = "".join((data.heading.title, data.about, data.fee, data.pickup_note, *data.pickup_points))
    return _heading(data.heading, language) | {
        "link": data.link,
        "qr": qr_svg(data.link, level="q"),
        "community": shortened(data.heading.community, 40),
        "about": shortened(data.about, 90),
        "steps": [step(each.from_quantity, each.price) for each in _spread(data.steps, POSTER_STEPS)],
        "items": _first(items, POSTER_ITEMS, {"name": "…", "price": ""}),
        "fee": shortened(data.fee, 80),
        "closes": wording.moment(data.closes_at, language) if data.closes_at else "",
        "pickup_points": _first([shortened(point, 30) for point in data.pickup_points], POSTER_POINTS, "…"),
        "pickup_note": shortened(data.pickup_note, 60),
        "picture": list(data.picture) if data.picture else None,
        "is_roomy": not data.picture and len(words_on_it) <= POSTER_ROOMY and len(data.items) <= 4,
    }


def _heading(heading: Heading, language: str) -> dict[str, Any]:
    made_at = wording.moment(heading.made_at, language)
    return {
        "title": heading.title,
        "community": heading.community,
        "foot": f"{heading.community} · {heading.title} · {made_at}",
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "number": str(order.number),
        "code": order.code,
        "name": order.name,
        "pickup_point": order.pickup_point,
        "attention": order.attention,
        "handed_out": order.handed_out,
        "lines": [_line(line) for line in order.lines],
    }


def _line(line: Line) -> dict[str, Any]:
    note = " · ".join(part for part in (line.note, wording.grams(line.grams) if line.grams else "") if part)
    return {
        "item": line.item,
        "quantity": f"{line.quantity:,}",
        "unit": wording.unit_word(line.unit),
        "note": note,
    }


def _priced(line: Line, currency: str) -> dict[str, Any]:
    return _line(line) | {
        "note": line.note,
        "weight": wording.grams(line.grams) if line.grams else "",
        "price": "" if line.price is None else wording.money(line.price, currency),
        "amount": "" if line.amount is None else wording.money(line.amount, currency),
    }


def _cases(line: Line) -> str:
    if line.case_size <= 1:
        return ""
    cases, loose = divmod(line.quantity, line.case_size)
    return f"{cases:,} × {line.case_size}" + (f" + {loose}" if loose else "")


def _charges(charges: Iterable[Any], currency: str) -> list[dict[str, str]]:
    return [{"words": each.words, "amount": wording.money(each.amount, currency)} for each in charges]


def _balance_words(balance: int, words: dict[str, str]) -> str:
    return words["due"] if balance > 0 else words["give_back"] if balance < 0 else words["paid_up"]


def _summary(orders: Iterable[Order], language: str) -> str:
    listed = list(orders)
    units = sum(line.quantity for order in listed for line in order.lines)
    return f"{wording.households(len(listed), language)} · {wording.units(units, language)}"


def _figures(orders: tuple[Order, ...], words: dict[str, str]) -> list[list[str]]:
    units = sum(line.quantity for order in orders for line in order.lines)
    return [[f"{len(orders):,}", words["households"]], [f"{units:,}", words["units"]]]


def _by_point(orders: Iterable[Order], words: dict[str, str]) -> list[tuple[str, list[Order]]]:
    """Orders by pick-up point, each under a heading that says something."""
    points = by_point(orders)
    if [name for name, _ in points] == [""]:
        return [(words["all"], points[0][1])]
    return [(name or words["no_point"], inside) for name, inside in points]


def _first(listed: list[Any], most: int, rest: Any) -> list[Any]:
    return listed if len(listed) <= most else [*listed[: most - 1], rest]


def _spread(steps: tuple[PriceStep, ...], most: int) -> list[PriceStep]:
    """At most so many steps, the first and the last among them."""
    if len(steps) <= most:
        return list(steps)
    return [steps[at * (len(steps) - 1) // (most - 1)] for at in range(most)]


def _bags(data: PackingList, language: str, words: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "summary": _summary(orders, language),
            "orders": [_order(order) for order in sort_orders(orders, data.sorted_by)],
        }
        for name, orders in _by_point(data.orders, words)
    ]


def _shares(data: PackingList, language: str, words: dict[str, str]) -> list[dict[str, Any]]:
    groups = []
    for total in totals(data.orders):
        lines = [
            {
                "number": str(order.number),
                "name": order.name,
                "quantity": f"{line.quantity:,}",
                "note": line.note,
            }
            for order in sort_orders(data.orders, data.sorted_by)
            for line in order.lines
            if (line.item, line.unit) == (total.item, total.unit)
        ]
        summary = f"{total.quantity:,} {total.unit}" if wording.unit_word(total.unit) else ""
        summary = summary or wording.units(total.quantity, language)
        groups.append({"name": total.item, "summary": f"{words['total']} {summary}", "lines": lines})
    return groups


def _boxes(data: PackingList, language: str, words: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "summary": _summary(orders, language),
            "lines": [_line(line) for line in totals(orders)],
        }
        for name, orders in _by_point(data.orders, words)
    ]


_GROUPS: dict[PackingBy, Callable[[PackingList, str, dict[str, str]], list[dict[str, Any]]]] = {
    PackingBy.HOUSEHOLD: _bags,
    PackingBy.ITEM: _shares,
    PackingBy.PICKUP_POINT: _boxes,
}


def _stickers(label: Label, title: str) -> list[dict[str, Any]]:
    parts = [label.lines[at : at + LABEL_LINES] for at in range(0, len(label.lines), LABEL_LINES)] or [()]
    qr = qr_svg(label.scan) if label.scan else ""
    return [
        {
            "number": str(label.number),
            "code": label.code,
            "name": label.name,
            "part": f"{at}/{len(parts)}" if len(parts) > 1 else "",
            "lines": [_line(line) for line in lines],
            "foot": " · ".join(part for part in (label.pickup_point, title) if part),
            "qr": qr,
        }
        for at, lines in enumerate(parts, start=1)
    ]
