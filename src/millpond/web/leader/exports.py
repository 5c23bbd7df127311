"""The orders of a group order as values for other people's spreadsheets."""

from __future__ import annotations

from millpond.desk import deciding, money, orders, room
from millpond.desk.rounds import RoundRecord
from millpond.paper.sheets import SheetLine, SheetOrder
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
