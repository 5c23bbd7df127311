"""The orders of a group order as values for other people's spreadsheets."""

from __future__ import annotations

from millpond.desk import deciding, households, money, orders, room
from millpond.desk.rounds import RoundRecord
from millpond.paper.sheets import Column, Kind, SheetLine, SheetOrder, Table
from millpond.web.visit import Visit


def exported(visit: Visit, round: RoundRecord) -> tuple[SheetOrder, ...]:
    """Every order that counts; amounts once it is decided, and whether it is paid."""
    items = {int(item.id): item for item in round.group.items}
    given = {one.want: one for one in deciding.given(visit.read, round.id)}
    due, points = money.due_of_orders(visit.read, round.id), {}
    found = []
    for order in orders.of_round(visit.read, round.id):
        if order.cancelled_ms is not None:
            continue
        if order.pickup_point is not None and order.pickup_point not in points:
            points[order.pickup_point] = room.pickup_point(visit.read, order.pickup_point)
        point = points.get(order.pickup_point) if order.pickup_point is not None else None
        lines = []
        for want in order.wants:
            got = given.get(want.id)
            item = items[got.item] if got is not None and got.item is not None else items[want.item]
            lines.append(
                SheetLine(
                    item=item.name,
                    variant=item.variant,
                    quantity=want.quantity if got is None else got.quantity,
                    amount=None if got is None else got.amount,
                )
            )
        balance = due.get(order.id)
        found.append(
            SheetOrder(
                number=order.number,
                orderer=order.name,
                name=order.name,
                phone=order.phone,
                address=households.load(visit.read, order.household).address,
                note=order.note,
                leader_note=order.leader_note,
                lines=tuple(lines),
                amount=balance.total if balance else None,
                refund=balance.refunded if balance else None,
                paid=balance.open <= 0 if balance else None,
                pickup_point=point.name if point else "",
                pickup_contact=point.contact if point else "",
                pickup_phone=point.phone if point else "",
                pickup_address=point.address if point else "",
            )
        )
    return tuple(found)


def plain_table(visit: Visit, round: RoundRecord) -> Table:
    """Every order that counts in a row of its own, with a column for each item that is wanted; totals."""
    words = visit.words
    kept = [one for one in orders.of_round(visit.read, round.id) if one.cancelled_ms is None]
    wanted = {str(want.item) for order in kept for want in order.wants}
    items = [item for item in round.group.items if item.id in wanted]
    points = {id: point.name for id in round.pickup_points if (point := room.pickup_point(visit.read, id))}
    rows = []
    for order in kept:
        units = {item.id: 0 for item in items}
        for want in order.wants:
            units[str(want.item)] += want.quantity
        rows.append(
            (
                order.number,
                order.name,
                order.phone,
                households.load(visit.read, order.household).address,
                *(units[item.id] or None for item in items),
                points.get(order.pickup_point or 0, ""),
                order.note,
                order.leader_note,
                order.code,
            )
        )
    return Table(
        title=round.title,
        columns=(
            Column(heading=words("Number"), kind=Kind.INTEGER),
            *(Column(heading=words(text)) for text in ("Household", "Phone", "Address")),
            *(Column(heading=f"{item.label} ({item.unit})", kind=Kind.INTEGER, total=True) for item in items),
            Column(heading=words("Pick-up point")),
            Column(heading=words("Note")),
            Column(heading=words("Leader’s note")),
            Column(heading=words("Pick-up code")),
        ),
        rows=tuple(rows),
        currency=round.currency,
        total_word=words("In all"),
    )
