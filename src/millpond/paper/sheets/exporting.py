"""Orders as 快团团 and 群接龙 write them: the same headings in the same order, so that other tools read them.

- 快团团: a row for each item of an order. The further rows repeat who it is, but not the order's amounts, so
  that a column of amounts can be added up.
- 群接龙: a sheet for each item (its files name no item: the file or sheet does), and a last row with totals.
"""

from __future__ import annotations

from collections.abc import Sequence

from millpond.paper.sheets.headings import KUAITUANTUAN, QUNJIELONG
from millpond.paper.sheets.orders import SheetLine, SheetOrder
from millpond.paper.sheets.table import Cell, Column, Kind, Table
from millpond.paper.sheets.writing import xlsx

PAID, UNPAID = "已支付", "未支付"

_KINDS = {
    "跟团号": Kind.INTEGER,
    "数量": Kind.INTEGER,
    "订购数量": Kind.INTEGER,
    "商品金额": Kind.MONEY,
    "运费": Kind.MONEY,
    "优惠": Kind.MONEY,
    "订单金额": Kind.MONEY,
    "退款金额": Kind.MONEY,
    "订单总金额": Kind.MONEY,
}


def kuaituantuan_table(orders: Sequence[SheetOrder], currency: str, title: str = "订单") -> Table:
    """All orders as one table of 快团团's twenty columns, without a title row."""
    rows = []
    for order in orders:
        for i, line in enumerate(order.lines or (SheetLine(),)):
            first = i == 0
            cells: dict[str, Cell] = {
                "下单人": order.orderer,
                "团员备注": order.note,
                "团长备注": order.leader_note,
                "跟团号": order.number,
                "商品": line.item,
                "规格": line.variant,
                "数量": line.quantity,
                "商品金额": line.amount,
                "运费": order.freight if first else None,
                "优惠": order.discount if first else None,
                "订单金额": order.amount if first else None,
                "退款金额": order.refund if first else None,
                "物流方式": order.delivery,
                "服务小区": order.pickup_point,
                "服务小区联系人": order.pickup_contact,
                "服务小区电话": order.pickup_phone,
                "服务小区地址": order.pickup_address,
                "收货人": order.name,
                "联系电话": order.phone,
                "详细地址": order.address,
            }
            rows.append(tuple(cells[heading] for heading in KUAITUANTUAN))
    return _table(title, KUAITUANTUAN, rows, currency)


def qunjielong_tables(orders: Sequence[SheetOrder], currency: str) -> tuple[Table, ...]:
    """A table of 群接龙's six columns for each item, with its row of totals."""
    items = list(dict.fromkeys(_label(line) for order in orders for line in order.lines)) or [""]
    return tuple(_of_item(orders, item, currency, is_only=len(items) == 1) for item in items)


def kuaituantuan_xlsx(orders: Sequence[SheetOrder], currency: str) -> bytes:
    """A workbook as 快团团 exports it."""
    return xlsx([kuaituantuan_table(orders, currency)])


def qunjielong_xlsx(orders: Sequence[SheetOrder], currency: str) -> bytes:
    """A workbook as 群接龙 exports it, a sheet for each item."""
    return xlsx(qunjielong_tables(orders, currency))


def _of_item(orders: Sequence[SheetOrder], item: str, currency: str, *, is_only: bool) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for order in orders:
        lines = [line for line in order.lines if _label(line) == item]
        if not lines and order.lines:
            continue
        amounts = [line.amount for line in lines]
        amount = order.amount if is_only else None if None in amounts else sum(filter(None, amounts))
        paid = "" if order.paid is None else PAID if order.paid else UNPAID
        quantity = sum(line.quantity or 0 for line in lines)
        rows.append((order.name or order.orderer, order.phone, amount, paid, order.address, quantity or None))
    return _table(item or "订单", QUNJIELONG, rows, currency, totals=frozenset({"订单总金额", "订购数量"}))


def _table(
    title: str,
    headings: Sequence[str],
    rows: Sequence[tuple[Cell, ...]],
    currency: str,
    totals: frozenset[str] = frozenset(),
) -> Table:
    return Table(
        title=title,
        columns=tuple(
            Column(heading=heading, kind=_KINDS.get(heading, Kind.TEXT), total=heading in totals)
            for heading in headings
        ),
        rows=tuple(rows),
        currency=currency,
        has_title_row=False,
    )


def _label(line: SheetLine) -> str:
    return f"{line.item} {line.variant}".strip()
