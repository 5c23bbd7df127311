"""Standing wants become orders when a group order opens: an item of the same name and variant is theirs.

An order made this way is an order like any other: its household may change or cancel it until the close.
Who has an order already, of the leader's hand or a list, gets no second one.
Items with options that must be answered are left out: nobody can answer for a household.
"""

from __future__ import annotations

from millpond.desk import households, orders, rounds, standing
from millpond.desk.orders import NewOrder, NewWant, Source
from millpond.desk.refusals import Refused
from millpond.store import Rows


def place_standing(rows: Rows, round: int, *, now_ms: int) -> int:
    """Orders for every household that wants something of this one, once; returns how many are new.

    One that does not fit any more under the cap is left out.
    """
    record = rounds.load(rows, round)
    items = {
        (item.name, item.variant): int(item.id)
        for item in record.offered
        if not any(option.required for option in item.options)
    }
    asked: dict[int, list[NewWant]] = {}
    for want in standing.running(rows):
        item = items.get((want.name, want.variant))
        if item is not None:
            asked.setdefault(want.household, []).append(
                NewWant(item=item, quantity=want.quantity, limit=want.limit)
            )
    count = 0
    for household, wants in asked.items():
        if orders.of_household(rows, round, household) or rows.value(
            "orders.is_carried_over", round=round, household=household
        ):
            continue  # what was cancelled stays cancelled
        new = NewOrder(
            round=round,
            token=households.new_token(),  # nobody can guess it: a token answers with the household's link
            household=household,
            wants=tuple(wants),
            source=Source.STANDING,
        )
        try:
            count += orders.place(rows, new, now_ms=now_ms).is_new
        except Refused:
            continue
    return count
