"""The orders of a spreadsheet as lines to be reviewed, like those of a pasted list.

An item is known where its words are those of an item here, but for spaces, capitals and width; any other is
asked for, once for all its rows. A workbook with a sheet for each item (as 群接龙 writes them) is read whole:
the sheet's name is the item's, and who stands on several sheets has one order.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from millpond.community.group import Item
from millpond.paper.sheets import ImportedOrder, ImportedSheet, SheetLine, SheetOrder, read_orders
from millpond.web.formats import money
from millpond.web.leader.doubts import Doubt
from millpond.web.leader.review import Asked, Line, Review, made, short

SHEET_STEP = 100_000
"""Between the places of rows of one sheet and the next: `at % SHEET_STEP` is the row."""
PAID = "已支付"
"""As 群接龙 writes it; kept in the leader's note."""


def read_workbook(data: bytes, currency: str, filename: str) -> tuple[ImportedSheet, ...]:
    """Every sheet with orders; raises `InputError` for a file without any. Slow: not for the event loop."""
    first = read_orders(data, currency, filename=filename)
    others = [read_orders(data, currency, filename=filename, sheet=name) for name in first.other_sheets]
    return (first, *others)


def of_sheets(sheets: Sequence[ImportedSheet], items: Sequence[Item], currency: str, token: str) -> Review:
    """All their orders; those of one person on several sheets become one."""
    known = _by_words(items)
    orders: dict[tuple[str, ...], Line] = {}
    others: list[Line] = []
    doubts: list[Doubt] = []
    for index, sheet in enumerate(sheets):
        start = index * SHEET_STEP
        for one in sheet.orders:
            line = _line(one, sheet, known, start, currency)
            who = (line.name, line.phone, line.address)
            twin = orders.get((*who, "0")) if index and line.name and line.phone else None
            if twin is not None and twin.at < start:
                orders[*who, "0"] = _both(twin, line)
            else:
                orders[(*who, "0") if (*who, "0") not in orders else (*who, str(line.at))] = line
        others += [
            Line(at=start + row.row, source=short(row.text), reason=str(row.reason)) for row in sheet.left_out
        ]
        doubts += [Doubt(f"sheet-{d.code}", f"{d.cell} {d.text}".strip()) for d in sheet.doubts]
        if sheet.unread:
            doubts.append(Doubt("sheet-unread", short(", ".join(sheet.unread))))
    return made("imported", token, list(orders.values()), others, tuple(dict.fromkeys(doubts)))


def _line(
    one: ImportedOrder, sheet: ImportedSheet, known: Mapping[str, Item], start: int, currency: str
) -> Line:
    order = one.order
    units: dict[str, int] = {}
    asked: list[Asked] = []
    for part in order.lines:
        words = f"{part.item} {part.variant}".strip() or sheet.sheet
        item = known.get(_plain(words))
        if item is not None and part.quantity is not None:
            units[item.id] = units.get(item.id, 0) + part.quantity
        elif item is not None:
            asked.append(Asked(text=words, quantity=0, could_be=(item.id,)))
        else:
            asked.append(Asked(text=words, quantity=part.quantity or 0))
    doubts = [_doubt(str(d.code), f"{d.cell} {d.text}".strip()) for d in one.doubts]
    doubts += [Doubt("unknown-item", part.text) for part in asked if not part.could_be]
    orderer = order.orderer if order.name and order.orderer != order.name else ""
    notes = (order.leader_note, orderer, PAID if order.paid else "")
    return Line(
        at=start + one.row,
        source=short(_source(order, currency)),
        number=order.number,
        name=order.name or order.orderer,
        phone=order.phone,
        address=order.address,
        note=order.note,
        leader_note=" · ".join(text for text in notes if text),
        point=order.pickup_point,
        units=units,
        asked=tuple(asked),
        doubts=tuple(doubts),
    )


def _both(one: Line, other: Line) -> Line:
    """The rows of one person on two sheets."""
    units = {id: one.units.get(id, 0) + other.units.get(id, 0) for id in {**one.units, **other.units}}
    return replace(
        one,
        source=short(f"{one.source} + {other.source}"),
        note=" ".join(dict.fromkeys(text for text in (one.note, other.note) if text)),
        units=units,
        asked=(*one.asked, *other.asked),
        doubts=tuple(dict.fromkeys((*one.doubts, *other.doubts))),
    )


def _doubt(code: str, text: str) -> Doubt:
    return Doubt(code if code == "no-name" else f"sheet-{code}", text)


def _source(order: SheetOrder, currency: str) -> str:
    """The row as one text, to be compared with what was read."""
    parts = [order.orderer, order.name if order.name != order.orderer else "", order.phone, order.address]
    parts += [_part(line) for line in order.lines]
    parts += [money(order.amount, currency) if order.amount is not None else "", order.note]
    return " · ".join(part for part in parts if part)


def _part(line: SheetLine) -> str:
    quantity = "?" if line.quantity is None else str(line.quantity)
    return f"{line.item} {line.variant}".strip() + f" × {quantity}"


def _by_words(items: Iterable[Item]) -> dict[str, Item]:
    """Items by their words; words that two items share belong to none."""
    found: dict[str, Item | None] = {}
    for item in items:
        for words in {_plain(item.label), _plain(item.name) if not item.variant else ""} - {""}:
            found[words] = None if words in found else item
    return {words: item for words, item in found.items() if item is not None}


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
