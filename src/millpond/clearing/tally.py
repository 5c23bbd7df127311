"""What awards add up to: runs, consignments, and what each place gets of each family.

One pass over the awards; everything that prices, bills and the check of validity need is a sum over them.

- Awards must name rows of the round (`KeyError` otherwise); nothing else is asked of them. `validity` does
  that.
- Sums keep no order: who needs one sorts by id.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from millpond.model import Award, Item, Line, Offer, Round, unit_value


class _Arc(NamedTuple):
    """What a (demand, offer, item) is, whatever its quantity."""

    place: str
    family: str
    maker: str
    needed_by: date | None
    surcharge: int
    value: int
    """Worth of a unit in the score: 0 with `must_serve`."""


class RoundIndex:
    """The rows of a round by id, and the arcs that awards have named so far."""

    def __init__(self, round: Round) -> None:
        self.round = round
        self.items: dict[str, Item] = {item.id: item for item in round.items}
        self.lines: dict[str, Line] = {line.id: line for line in round.demand}
        self.offers: dict[str, Offer] = {offer.id: offer for offer in round.offers}
        self.load_of = {item.family: item.load for item in round.items}
        self.limits = {line.id: {a.item: a.limit for a in line.accepts} for line in round.demand}
        self.surcharges = {offer.id: {m.item: m.surcharge for m in offer.items} for offer in round.offers}
        self.freight = {offer.id: {row.place: row for row in offer.freight} for offer in round.offers}
        self._arcs: dict[tuple[str, str, str], _Arc] = {}

    def arc(self, award: Award) -> _Arc:
        """What the award's triple is. Raises KeyError for no row, or an item not accepted or made."""
        key = (award.demand, award.offer, award.item)
        arc = self._arcs.get(key)
        if arc is None:
            line, item = self.lines[award.demand], self.items[award.item]
            value = unit_value(self.limits[line.id][item.id], item.reference)
            arc = self._arcs[key] = _Arc(
                place=line.place,
                family=item.family,
                maker=self.offers[award.offer].maker,
                needed_by=line.needed_by,
                surcharge=self.surcharges[award.offer][item.id],
                value=0 if self.round.must_serve else value,
            )
        return arc


class Share:
    """What one place gets of one family."""

    __slots__ = ("needed_by", "units_of")

    def __init__(self) -> None:
        self.units_of: dict[str, int] = {}
        self.needed_by: date | None = None
        """The earliest date one of its served lines needs them."""


class Tally:
    """Sums over awards."""

    __slots__ = ("consignments", "goods", "received", "runs", "shares", "surcharges", "value")

    def __init__(self, index: RoundIndex, awards: Iterable[Award]) -> None:
        self.runs: dict[str, dict[str, int]] = {}
        """Units by offer and family."""
        self.surcharges: dict[str, int] = {}
        """All surcharges of a run, by offer."""
        self.goods: dict[str, tuple[int, int]] = {}
        """Units and surcharges of all runs, by item."""
        self.consignments: dict[tuple[str, str], dict[str, int]] = {}
        """Units by (offer, place) and family."""
        self.shares: dict[str, dict[str, Share]] = {}
        """What each place gets, by family and place."""
        self.received: dict[str, dict[str, dict[str, int]]] = {}
        """Units by place, maker and item."""
        self.value = 0
        """Worth of all that is served; 0 with `must_serve`."""
        for award in awards:
            self._add(award, index.arc(award))

    def _add(self, award: Award, arc: _Arc) -> None:
        offer, item, quantity = award.offer, award.item, award.quantity
        place, family, maker, needed_by, surcharge, value = arc
        run = self.runs.setdefault(offer, {})
        run[family] = run.get(family, 0) + quantity
        extra = surcharge * quantity
        self.surcharges[offer] = self.surcharges.get(offer, 0) + extra
        units, extras = self.goods.get(item, (0, 0))
        self.goods[item] = (units + quantity, extras + extra)
        consignment = self.consignments.setdefault((offer, place), {})
        consignment[family] = consignment.get(family, 0) + quantity
        shares = self.shares.setdefault(family, {})
        share = shares.get(place)
        if share is None:
            share = shares[place] = Share()
        share.units_of[item] = share.units_of.get(item, 0) + quantity
        if needed_by is not None and (share.needed_by is None or needed_by < share.needed_by):
            share.needed_by = needed_by
        goods = self.received.setdefault(place, {}).setdefault(maker, {})
        goods[item] = goods.get(item, 0) + quantity
        self.value += value * quantity
