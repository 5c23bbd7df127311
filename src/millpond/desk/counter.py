"""The counter: what is over of a group order is sold to whoever comes, or goes to waste.

Over is what the leader took for whole cases, what came beyond the order, and what nobody picked up, as the
leader says. Invariants:

- No more is sold than is over, and nothing counts as not picked up that was handed out.
- Units that the leader took go first; they leave the stock at exactly what they cost, together, whatever was
  undone in between. Other units cost nothing.
- Who did not pick up still owes: that is between them and the leader.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from millpond.community import books, sharing
from millpond.community.books import Means
from millpond.desk import handing, ledger, room
from millpond.desk.refusals import Refused
from millpond.model import read_fraction, rules
from millpond.store import Rows
from millpond.store.database import Row

STAGES = frozenset({"arrived", "done"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """Units of one item that are over: `stock` the leader's, at `amount` in all; `surplus`; `unclaimed`.

    `gone` were sold or went to waste, `not_picked_up` is the most that may count as unclaimed. `price` is
    what households paid for a unit, if any did.
    """

    item: int
    label: str
    unit: str
    stock: int
    amount: int
    surplus: int
    unclaimed: int
    not_picked_up: int
    gone: int
    gone_cost: int
    price: Fraction | None

    @property
    def units(self) -> int:
        """All that is or was over."""
        return self.stock + self.surplus + self.unclaimed

    @property
    def left(self) -> int:
        """What can still be sold."""
        return max(0, self.units - self.gone)

    @property
    def least_unclaimed(self) -> int:
        """Units that count as not picked up because they were sold."""
        return max(0, min(self.unclaimed, self.gone - self.stock - self.surplus))

    def cost(self, quantity: int) -> int:
        """What the next so many units had cost the leader, minor units."""
        of_stock = min(self.stock, self.gone + quantity)
        return max(0, sharing.due_for_units(self.amount, self.stock, of_stock) - self.gone_cost)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Units that were sold or went to waste, by one entry of the books."""

    entry: int
    item: int
    label: str
    unit: str
    quantity: int


def over(rows: Rows, round: int) -> tuple[Over, ...]:
    """What is over of every item of a group order."""
    handed = _handed_out(rows, round)
    found = []
    for row in rows.all("money.over", round=round):
        received, taken = row["received"], row["taken"]
        not_picked_up = max(0, row["due"] - _of_item(rows, round, row["id"], handed))
        stock = taken if received is None else min(taken, max(0, received - row["allocated"]))
        price = rows.value("money.price", round=round, item=row["id"])
        found.append(
            Over(
                item=row["id"],
                label=row["label"],
                unit=row["unit"],
                stock=stock,
                amount=sharing.due_for_units(row["amount"], taken, stock),
                surplus=0 if received is None else max(0, received - row["allocated"] - taken),
                unclaimed=min(row["unclaimed"], not_picked_up),
                not_picked_up=not_picked_up,
                gone=row["gone"],
                gone_cost=row["gone_cost"],
                price=read_fraction(price) if price else None,
            )
        )
    return tuple(found)


def sales(rows: Rows, round: int) -> tuple[Sale, ...]:
    """What was sold or went to waste, the newest first; what was taken back is left out."""
    return tuple(
        Sale(
            entry=row["entry"],
            item=row["item"],
            label=row["label"],
            unit=row["unit"],
            quantity=row["quantity"],
        )
        for row in rows.all("money.counter_sales", round=round)
    )


def sell(
    rows: Rows,
    round: int,
    item: int,
    *,
    quantity: int,
    means: Means,
    amount_minor: int,
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """Sells so many units for so much in all; raises `Refused` for more than are over."""
    _check_stage(rows, round)
    there, key = ledger.once(rows, token, "counter", round, item, quantity, means, amount_minor)
    if there is not None:
        return there
    found = _found(rows, round, item, quantity)
    entry = books.counter_sale(
        ledger.mark(now_ms, person, round),
        means=means,
        amount_minor=amount_minor,
        cost_minor=found.cost(quantity),
    )
    return _keep(rows, entry, round, item, quantity, key)


def waste(
    rows: Rows,
    round: int,
    item: int,
    *,
    quantity: int,
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """So many units spoiled or were given away; raises `Refused` for more than are over, or worth nothing."""
    _check_stage(rows, round)
    there, key = ledger.once(rows, token, "waste", round, item, quantity)
    if there is not None:
        return there
    cost = _found(rows, round, item, quantity).cost(quantity)
    if not cost:
        raise Refused("counter.nothing_booked")
    entry = books.write_off_stock(ledger.mark(now_ms, person, round), amount_minor=cost)
    return _keep(rows, entry, round, item, quantity, key)


def set_unclaimed(
    rows: Rows, round: int, item: int, quantity: int, *, person: int | None, now_ms: int
) -> None:
    """So many units of an item nobody picked up, as the leader says: from now on they may be sold."""
    _check_stage(rows, round)
    found = _item(rows, round, item)
    if not found.least_unclaimed <= quantity <= found.not_picked_up:
        raise Refused("counter.not_unclaimed", least=found.least_unclaimed, most=found.not_picked_up)
    if quantity:
        rows.run(
            "money.set_unclaimed", round=round, item=item, quantity=quantity, person=person, at_ms=now_ms
        )
    else:
        rows.run("money.no_unclaimed", round=round, item=item)
    room.journal(
        rows, "counter.unclaimed", now_ms=now_ms, person=person, round=round, item=item, units=quantity
    )


def _keep(rows: Rows, entry: books.Entry, round: int, item: int, quantity: int, key: str | None) -> int:
    made = ledger.add(rows, entry, key=key)
    rows.run("money.add_counter", entry=made, round=round, item=item, quantity=quantity)
    return made


def _found(rows: Rows, round: int, item: int, quantity: int) -> Over:
    rules.integer("quantity", quantity, 1, rules.MAX_QUANTITY)
    found = _item(rows, round, item)
    if quantity > found.left:
        raise Refused("counter.not_over", left=found.left)
    return found


def _item(rows: Rows, round: int, item: int) -> Over:
    found = next((one for one in over(rows, round) if one.item == item), None)
    if found is None:
        raise Refused("goods.unknown_item")
    return found


def _check_stage(rows: Rows, round: int) -> None:
    row: Row | None = rows.one("money.round", id=round)
    if row is None or row["stage"] not in STAGES:
        raise Refused("counter.too_early")


def _handed_out(rows: Rows, round: int) -> dict[str, int]:
    """Units that were handed out, by want."""
    return {
        want: units for wants in handing.state(rows, round).units.values() for want, units in wants.items()
    }


def _of_item(rows: Rows, round: int, item: int, handed: dict[str, int]) -> int:
    found = rows.all("money.given_of_item", round=round, item=item)
    return sum(min(row["units"], handed.get(str(row["want"]), 0)) for row in found)
