"""From wants to a round: what the clearing of a group order is asked.

The round of one community (`millpond-round/1`) has one place, one offer and a demand line for each want. It
may be shown to anybody: lines, offer and maker have names that say nothing (`w1`, `w2`, … in the order of
arrival; `o1`; `m1`), so that no household can be found in it.

Decided here:
- A want is served whole, or not at all; but a household that would take `fewer` is served with from that
  many less on, when there is not enough for everybody.
- A line accepts one item. The substitute is asked for only where the item itself cannot be had, in another
  clearing (`deciding`): a line that accepted both would be given whichever is cheaper to make.
- The leader's leftover stock is a line of its own (`x1`, `x2`, … in item order), whose limit is the highest
  of the households' for that item.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from millpond import model
from millpond.community.group import GroupOrder, Want
from millpond.errors import InputError
from millpond.model import rules

__all__ = ["MAKER", "OFFER", "Ask", "ask", "in_arrival_order", "line_ids", "round_of"]

OFFER = "o1"
MAKER = "m1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A want as the next clearing is asked it: this item, from `least` to `most` units."""

    want: Want
    item: str
    least: int
    most: int


def ask(want: Want, item: str, units: int | None = None) -> Ask:
    """The want, of this item; of exactly `units` where whole cases fixed them."""
    least, most = (max(1, want.quantity - want.fewer), want.quantity) if units is None else (units, units)
    return Ask(want=want, item=item, least=least, most=most)


def in_arrival_order(order: GroupOrder, wants: Sequence[Want]) -> tuple[Want, ...]:
    """The wants, the earliest first. Raises InputError where ids are doubled or items not the order's."""
    items = {item.id for item in order.items}
    seen: set[str] = set()
    for index, want in enumerate(wants):
        if want.id in seen:
            raise InputError(f"{rules.shown(want.id)} stands there twice", at=f"wants[{index}].id")
        seen.add(want.id)
        for name in ("item", "substitute"):
            value = getattr(want, name)
            if value not in items and not (name == "substitute" and value is None):
                raise rules.wrong(f"wants[{index}].{name}", value, "the id of an item of this order")
    return tuple(sorted(wants, key=lambda want: want.arrival))


def line_ids(wants: Sequence[Want]) -> dict[str, str]:
    """The demand line of each want, by position: of one width, so that id order is the order of arrival."""
    width = len(str(len(wants)))
    return {want.id: f"w{n:0{width}}" for n, want in enumerate(wants, 1)}


def leftover_ids(order: GroupOrder) -> dict[str, str]:
    """The demand line of the leader's leftover stock of each item."""
    width = len(str(len(order.items)))
    return {item.id: f"x{n:0{width}}" for n, item in enumerate(order.items, 1)}


def round_of(
    order: GroupOrder,
    asks: Sequence[Ask],
    lines: Mapping[str, str],
    *,
    place: model.Place,
    leftover: Mapping[str, int] | None = None,
    language: str = "und",
) -> model.Round:
    """The round that the clearing gets: the asks in the order of their lines, then the leader's stock.

    `lines` gives the line of each want; item names are in `language` (BCP 47; "und": it is not said). Raises
    InputError for what no round may hold: tiers that do not rise, a family with two loads, an item twice.
    """
    own = leftover_ids(order)
    demand = [_line(lines[one.want.id], place, one) for one in asks]
    for item, units in (leftover or {}).items():
        limit = max((one.want.limit_for(item) for one in asks if one.item == item), default=0)
        accepts = (model.Acceptance(item=item, limit=limit),)
        if units:
            demand.append(
                model.Line(id=own[item], place=place.id, quantity=units, minimum=units, accepts=accepts)
            )
    return model.Round(
        id=order.id,
        currency=order.currency,
        items=tuple(
            model.Item(
                id=item.id,
                name={language: item.label},
                unit=item.unit,
                load=item.load,
                reference=item.reference,
                family=item.family,
            )
            for item in order.items
        ),
        places=(place,),
        demand=tuple(sorted(demand, key=lambda line: line.id)),
        offers=(_offer(order, place),) if order.items else (),
    )


def _line(id: str, place: model.Place, one: Ask) -> model.Line:
    accepted = model.Acceptance(item=one.item, limit=one.want.limit_for(one.item))
    return model.Line(id=id, place=place.id, quantity=one.most, minimum=one.least, accepts=(accepted,))


def _offer(order: GroupOrder, place: model.Place) -> model.Offer:
    offer = order.offer
    freight = model.Freight(place=place.id, fixed=offer.freight_fixed, per_load=offer.freight_per_load)
    return model.Offer(
        id=OFFER,
        maker=MAKER,
        capacity=offer.capacity,
        items=tuple(model.OfferItem(item=item.id, surcharge=item.surcharge) for item in order.items),
        tiers=offer.tiers,
        setup=offer.setup,
        ready_on=offer.ready_on,
        freight=(freight,),
    )
