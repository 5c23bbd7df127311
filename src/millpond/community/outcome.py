"""From a clearing back to wants: who was served, why not, and what each pays. `deciding` puts it together.

Invariants:
- Bills of orders are exact amounts (price x units) rounded down or up, so that with the leader's leftover
  stock they sum to the place's bill; the same within an order. Ties go to the earlier.
- No float, no rounding but that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from millpond.community.asking import Ask, ask, leftover_ids
from millpond.community.decision import Allocation, Cases, Decision, Leftover, OrderBill, Reason
from millpond.community.group import GroupOrder, Want
from millpond.community.pool import fee_of, prices, tier_at
from millpond.community.shares import round_to
from millpond.model import Clearing, Round, unit_value

__all__ = ["Trial", "why_not", "written"]


class Trial:
    """A round and its clearing: units served by want and by item, and the leader's leftover stock by item."""

    def __init__(
        self,
        order: GroupOrder,
        round: Round,
        clearing: Clearing,
        asks: Sequence[Ask],
        lines: Mapping[str, str],
    ) -> None:
        self.round, self.clearing, self.asks = round, clearing, asks
        awarded = {award.demand: award.quantity for award in clearing.awards}
        self.item = {one.want.id: one.item for one in asks}
        self.served = {one.want.id: awarded.get(lines[one.want.id], 0) for one in asks}
        self.leftover = {item: awarded[line] for item, line in leftover_ids(order).items() if line in awarded}
        self.units: dict[str, int] = {}
        for award in clearing.awards:
            self.units[award.item] = self.units.get(award.item, 0) + award.quantity


def why_not(order: GroupOrder, trial: Trial, one: Ask) -> tuple[Reason, Fraction | None]:
    """Why this ask was not served, and what its unit would have cost then, where that can be said."""
    offer, total, limit = order.offer, sum(trial.units.values()), one.want.limit_for(one.item)
    units = dict(trial.units)
    if total:
        units[one.item] = units.get(one.item, 0) + one.least
    else:  # nothing is made: as if everybody were served
        for each in trial.asks:
            units[each.item] = units.get(each.item, 0) + each.most
    price = prices(order, units).get(one.item)
    if price is not None and price > limit:
        return Reason.LIMIT, price
    if not total:
        return Reason.NOT_ENOUGH, price
    if total + one.least > offer.capacity:
        return Reason.CAPACITY, price
    item, tier = order.item(one.item), tier_at(offer, total)
    assert tier is not None
    own = offer.tiers[tier].price + item.surcharge + item.load * offer.freight_per_load
    return (Reason.SHOP if own > unit_value(limit, item.reference) else Reason.OTHERS), price


def written(
    order: GroupOrder,
    wants: Sequence[Want],
    trial: Trial,
    lines: Mapping[str, str],
    reasons: Mapping[str, Reason],
    cases: tuple[Cases, ...],
    clearings: int,
) -> Decision:
    """The decision that this last clearing is."""
    price = {row.item: row.price for row in trial.clearing.prices}
    of_order: dict[str, list[Want]] = {}
    for want in wants:
        of_order.setdefault(want.order, []).append(want)
    exact = {want.id: _exact(trial, want, price) for want in wants}
    taken = list(trial.leftover.items())
    whole = sum(bill.amount for bill in trial.clearing.bills)
    sums = [sum((exact[want.id] for want in group), Fraction(0)) for group in of_order.values()]
    goods = round_to(whole, sums + [price[item] * units for item, units in taken])
    amounts: dict[str, int] = {}
    bills = []
    for (id, group), amount in zip(of_order.items(), goods, strict=False):
        parts = round_to(amount, [exact[want.id] for want in group])
        amounts |= {want.id: part for want, part in zip(group, parts, strict=True)}
        units = sum(trial.served.get(want.id, 0) for want in group)
        bills.append(OrderBill(order=id, units=units, goods=amount, fee=fee_of(order.fee, units)))
    return Decision(
        round=trial.round,
        clearing=trial.clearing,
        allocations=tuple(
            _allocation(order, want, trial, lines[want.id], reasons.get(want.id), amounts[want.id])
            for want in wants
        ),
        bills=tuple(bills),
        leftovers=tuple(
            Leftover(item=item, quantity=units, price=price[item], amount=amount)
            for (item, units), amount in zip(taken, goods[len(of_order) :], strict=True)
        ),
        cases=cases,
        clearings=clearings,
    )


def _exact(trial: Trial, want: Want, price: Mapping[str, Fraction]) -> Fraction:
    units = trial.served.get(want.id, 0)
    return price[trial.item[want.id]] * units if units else Fraction(0)


def _allocation(
    order: GroupOrder, want: Want, trial: Trial, line: str, reason: Reason | None, amount: int
) -> Allocation:
    units = trial.served.get(want.id, 0)
    item = trial.item.get(want.id)
    price: Fraction | None
    if units:
        assert item is not None
        price = next(row.price for row in trial.clearing.prices if row.item == item)
        if item == want.item:
            reason = _why_other_units(order, want, trial, item, units)
    else:
        last = next((one for one in trial.asks if one.want.id == want.id), ask(want, want.item))
        found, price = why_not(order, trial, last if last.item == want.item else ask(want, want.item))
        item, reason = None, reason or found
    return Allocation(
        want=want.id,
        order=want.order,
        line=line,
        item=item,
        quantity=units,
        price=price,
        amount=amount,
        reason=reason,
        substituted=item is not None and item != want.item,
    )


def _why_other_units(order: GroupOrder, want: Want, trial: Trial, item: str, units: int) -> Reason | None:
    if units == want.quantity:
        return None
    if units > want.quantity or order.item(item).case_size > 1:
        return Reason.CASES
    full = sum(trial.units.values()) >= order.offer.capacity
    return Reason.CAPACITY if full else Reason.OTHERS
