"""The lists of `millpond.paper` as spreadsheets: the same values, the same order, figures that add up."""

from __future__ import annotations

from collections.abc import Iterable

from millpond.paper import wording
from millpond.paper.arranging import by_point, sort_orders, totals
from millpond.paper.sheets.table import Cell, Column, Kind, Table
from millpond.paper.sheets.writing import xlsx
from millpond.paper.values import (
    Account,
    Heading,
    LabelSheet,
    Line,
    MakersOrder,
    Order,
    PackingBy,
    PackingList,
    PickUpList,
    Receipt,
)

MAX_ITEM_COLUMNS = 12
"""With more items than this they stand together in one column of the pick-up list."""


def pick_up_list_xlsx(data: PickUpList, language: str) -> bytes:
    """A row for each order, a column for each item; phones and prices only if asked for."""
    w = wording.texts(language)
    ranked = [(line.item, line.unit) for line in totals(data.orders)]
    items = ranked if len(ranked) <= MAX_ITEM_COLUMNS else []
    columns = [
        Column(heading=w["tick"], kind=Kind.TICK),
        Column(heading=w["number"], kind=Kind.INTEGER),
        Column(heading=w["code"]),
        Column(heading=w["name"]),
        *([Column(heading=w["phone"])] if data.show_phones else []),
        Column(heading=w["pickup_point"]),
        *(Column(heading=_item(item, unit), kind=Kind.INTEGER, total=True) for item, unit in items),
        *([] if items else [Column(heading=w["items"], width=36)]),
        Column(heading=w["note"]),
        Column(heading=w["attention"]),
        *([Column(heading=w["amount"], kind=Kind.MONEY, total=True)] if data.show_prices else []),
        *([Column(heading=w["due"], kind=Kind.MONEY, total=True)] if data.show_prices else []),
        Column(heading=w["paid"], kind=Kind.TICK),
    ]

    def row(order: Order) -> tuple[Cell, ...]:
        said = "；" if language == "zh" else "; "
        counts = {(line.item, line.unit): 0 for line in order.lines}
        for line in order.lines:
            counts[line.item, line.unit] += line.quantity
        together = said.join(f"{_item(line.item, line.unit)} × {line.quantity}" for line in order.lines)
        return (
            order.handed_out,
            order.number,
            order.code,
            order.name,
            *([order.phone] if data.show_phones else []),
            order.pickup_point,
            *(counts.get(key) for key in items),
            *([] if items else [together]),
            said.join(f"{line.item}: {line.note}" for line in order.lines if line.note),
            order.attention,
            *([order.amount, order.due] if data.show_prices else []),
            order.due <= 0,
        )

    points = by_point(data.orders)
    rows = tuple(row(order) for _, inside in points for order in sort_orders(inside, data.sorted_by))
    return xlsx([_table(data.heading, w, w["pick_up_list"], columns, rows)], author=data.heading.community)


def packing_list_xlsx(data: PackingList, language: str) -> bytes:
    """A row for each thing to be packed, in the order of the paper."""
    w = wording.texts(language)
    goods = [Column(heading=w["item"]), Column(heading=w["quantity"], kind=Kind.INTEGER, total=True)]
    goods += [Column(heading=w["unit"])]
    whose = [Column(heading=w["number"], kind=Kind.INTEGER), Column(heading=w["name"])]
    whose += [Column(heading=w["code"])]
    point, tick = Column(heading=w["pickup_point"]), Column(heading=w["tick"], kind=Kind.TICK)
    notes = [Column(heading=w["note"])]
    rows: list[tuple[Cell, ...]] = []
    if data.by is PackingBy.HOUSEHOLD:
        columns = [tick, point, *whose, *goods, *notes, Column(heading=w["attention"])]
        for name, inside in by_point(data.orders):
            for order in sort_orders(inside, data.sorted_by):
                rows += [
                    (order.handed_out, name, *_whose(order), *_goods(line), line.note, order.attention)
                    for line in order.lines
                ]
    elif data.by is PackingBy.ITEM:
        columns = [tick, *goods, *whose, point, *notes]
        rows += [
            (order.handed_out, *_goods(line), *_whose(order), order.pickup_point, line.note)
            for total in totals(data.orders)
            for order in sort_orders(data.orders, data.sorted_by)
            for line in order.lines
            if (line.item, line.unit) == (total.item, total.unit)
        ]
    else:
        columns = [tick, point, *goods]
        rows += [
            (False, name, *_goods(line)) for name, inside in by_point(data.orders) for line in totals(inside)
        ]
    key = {PackingBy.PICKUP_POINT: "by_point"}.get(data.by, f"by_{data.by.value}")
    title = f"{w['packing_list']} {w[key]}"
    return xlsx([_table(data.heading, w, title, columns, rows)], author=data.heading.community)


def labels_xlsx(data: LabelSheet, language: str) -> bytes:
    """A row for each sticker: for a label printer's own program."""
    w = wording.texts(language)
    columns = [
        Column(heading=w["number"], kind=Kind.INTEGER),
        Column(heading=w["code"]),
        Column(heading=w["name"]),
        Column(heading=w["pickup_point"]),
        Column(heading=w["items"], width=40),
        Column(heading="QR"),
    ]
    rows = [
        (
            label.number,
            label.code,
            label.name,
            label.pickup_point,
            "；".join(f"{_item(line.item, line.unit)} × {line.quantity}" for line in label.lines),
            label.scan,
        )
        for label in data.labels
    ]
    return xlsx([_table(data.heading, w, w["labels"], columns, rows)], author=data.heading.community)


def makers_order_xlsx(data: MakersOrder, language: str) -> bytes:
    """Items and charges on one sheet, pieces on another; nothing of households."""
    w = wording.texts(language)
    has_prices = any(line.amount is not None for line in data.lines)
    columns = [Column(heading=w["item"]), Column(heading=w["quantity"], kind=Kind.INTEGER, total=True)]
    columns += [Column(heading=w["unit"]), Column(heading=w["case_size"], kind=Kind.INTEGER)]
    if has_prices:
        columns += [
            Column(heading=w["price"]),
            Column(heading=w["amount"], kind=Kind.MONEY, total=True),
        ]
    rows: list[tuple[Cell, ...]] = []
    for line in data.lines:
        case = line.case_size if line.case_size > 1 else None
        price = "" if line.price is None else wording.money(line.price, data.heading.currency)
        rows.append((*_goods(line), case, *((price, line.amount) if has_prices else ())))
    if has_prices:
        rows += [(charge.words, None, "", None, "", charge.amount) for charge in data.charges]
    tables = [_table(data.heading, w, w["makers_order"], columns, rows, data.reference)]
    if data.pieces:
        asked = list(dict.fromkeys(label for piece in data.pieces for label, _ in piece.answers))
        columns = [Column(heading=w["piece"], kind=Kind.INTEGER), Column(heading=w["item"])]
        columns += [Column(heading=label) for label in asked]
        rows = [
            (piece.number, piece.item, *(dict(piece.answers).get(label, "") for label in asked))
            for piece in data.pieces
        ]
        tables.append(_table(data.heading, w, w["pieces"], columns, rows, w["pieces_note"]))
    return xlsx(tables, author=data.heading.community)


def receipt_xlsx(data: Receipt, language: str) -> bytes:
    """What a household got and paid; what is left to pay is the sum of the last column."""
    w = wording.texts(language)
    columns = [
        Column(heading=w["item"]),
        Column(heading=w["quantity"], kind=Kind.INTEGER),
        Column(heading=w["unit"]),
        Column(heading=w["date"], kind=Kind.DATE),
        Column(heading=w["amount"], kind=Kind.MONEY, total=True),
    ]
    rows: list[tuple[Cell, ...]] = [(*_goods(line), None, line.amount or 0) for line in data.order.lines]
    rows += [(charge.words, None, "", None, charge.amount) for charge in data.charges]
    rows += [(paid.words, None, "", paid.on, -paid.amount) for paid in data.payments]
    whose = f"{data.order.name} · {w['number']} {data.order.number}"
    table = _table(data.heading, w, w["receipt"], columns, rows, whose, w["due"])
    return xlsx([table], author=data.heading.community)


def account_xlsx(data: Account, language: str) -> bytes:
    """A statement of account with the balance after each booking."""
    w = wording.texts(language)
    columns = [
        Column(heading=w["date"], kind=Kind.DATE),
        Column(heading=w["words"]),
        Column(heading=w["charge"], kind=Kind.MONEY, total=True),
        Column(heading=w["payment"], kind=Kind.MONEY, total=True),
        Column(heading=w["balance"], kind=Kind.MONEY),
    ]
    balance = data.opening
    rows: list[tuple[Cell, ...]] = [(None, w["brought_forward"], None, None, balance)]
    for booking in data.bookings:
        balance += booking.charge - booking.payment
        rows.append((booking.on, booking.words, booking.charge or None, booking.payment or None, balance))
    table = _table(data.heading, w, w["account"], columns, rows, data.holder)
    return xlsx([table], author=data.heading.community)


def _table(
    heading: Heading,
    w: dict[str, str],
    kind: str,
    columns: Iterable[Column],
    rows: Iterable[tuple[Cell, ...]],
    under: str = "",
    total_word: str = "",
) -> Table:
    return Table(
        title=f"{kind} · {heading.title}",
        subtitle=under or heading.community,
        columns=tuple(columns),
        rows=tuple(rows),
        currency=heading.currency,
        total_word=total_word or w["total"],
    )


def _item(item: str, unit: str) -> str:
    word = wording.unit_word(unit)
    return f"{item} ({word})" if word else item


def _goods(line: Line) -> tuple[Cell, ...]:
    return line.item, line.quantity, wording.unit_word(line.unit)


def _whose(order: Order) -> tuple[Cell, ...]:
    return order.number, order.name, order.code
