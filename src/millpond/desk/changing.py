"""What of a group order may change once households can order: what hurts nobody, and nothing else.

While it is open:
- texts may change; the close may be put off, the cap raised, items and pick-up points added;
- at every number of units at which the maker would start before, it starts, and no price is higher; setup,
  freight, surcharges and fees may only go down, capacity only up, and the goods are not ready later;
- what an item is (name, unit, load, case, weight, options) stays while somebody wants it, and its price
  in the shop does not go down, since what a want is worth is measured against it;
- a pick-up point that an order has stays, and so does the rule for shortages.

After the close texts alone may change, until all is done.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from itertools import chain

from millpond.community.group import Item, Offer
from millpond.community.pool import tier_at
from millpond.community.transitions import Stage
from millpond.desk.refusals import Refused
from millpond.desk.terms import RoundRecord, Terms

ENDED = (Stage.DONE, Stage.CANCELLED)


def check_change(
    old: RoundRecord, new: Terms, *, wanted: Collection[str], points: Collection[int], now_ms: int
) -> None:
    """Raises `Refused` for terms that may not be. `wanted` items and pick-up `points` are those of orders."""
    if old.stage is Stage.DRAFT:
        return
    if old.stage is not Stage.OPEN:
        if old.stage in ENDED or _without_texts(old.terms) != _without_texts(new):
            raise Refused("round.stays")
        return
    if old.closes_at_ms != new.closes_at_ms:
        check_later(old.closes_at_ms, new.closes_at_ms, now_ms)
    if set(old.pickup_points) & set(points) - set(new.pickup_points):
        raise Refused("round.point_stays")
    known = {item.id: item for item in old.terms.items}
    pairs = [(known[item.id], item) for item in new.items if item.id in known]
    for before, after in pairs:
        if after.id in wanted and _identity(before) != _identity(after):
            raise Refused("round.item_stays", item=before.label)
    better = (
        _is_better_offer(old.terms.offer, new.offer)
        and all(_is_better_item(before, after) for before, after in pairs)
        and new.fee.per_order <= old.terms.fee.per_order
        and new.fee.per_unit <= old.terms.fee.per_unit
        and (new.cap_units is None or (old.cap_units is not None and new.cap_units >= old.cap_units))
        and new.shortage_rule == old.terms.shortage_rule
    )
    if not better:
        raise Refused("round.only_better")


def check_later(old_ms: int | None, new_ms: int | None, now_ms: int) -> None:
    """Raises `Refused` for a close before the one that was told, or one that has passed.

    Who was told that it closes by hand was told no time: any time ahead is news, and hurts nobody.
    """
    if new_ms is None:
        return
    if old_ms is not None and new_ms < old_ms:
        raise Refused("round.only_later")
    if new_ms <= now_ms:
        raise Refused("round.close_passed")


def _is_better_offer(old: Offer, new: Offer) -> bool:
    starts = {tier.from_quantity for tier in chain(old.tiers, new.tiers)}
    for quantity in starts:
        before, after = tier_at(old, quantity), tier_at(new, quantity)
        if before is not None and (after is None or new.tiers[after].price > old.tiers[before].price):
            return False
    return (
        new.capacity >= old.capacity
        and new.setup <= old.setup
        and new.freight_fixed <= old.freight_fixed
        and new.freight_per_load <= old.freight_per_load
        and (new.ready_on or date.max) <= (old.ready_on or date.max)
    )


def _is_better_item(old: Item, new: Item) -> bool:
    dear = new.reference is not None and (old.reference is None or new.reference < old.reference)
    return new.surcharge <= old.surcharge and not dear


def _identity(item: Item) -> tuple[object, ...]:
    """What an order for it rests on; a price is not among it."""
    names = item.name, item.variant, item.family, item.unit
    return (
        *names,
        item.load,
        item.case_size,
        item.nominal_grams,
        item.weight_tolerance_percent,
        item.options,
    )


def _without_texts(terms: Terms) -> Terms:
    return replace(terms, title="", about="", maker_contact="", pickup_note="", repeats_every_days=None)
