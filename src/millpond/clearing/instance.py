"""A round as flat arrays: what the bound and the search compute on.

Lines are numbered by place, so the lines that one offer may serve at one place (its *consignment*) are neighbours. An
*arc* is a pair (line, offer) that dates, items and freight allow; its value is the best over the items that both name:
``value - surcharge - load * per_load`` (DESIGN, Objective), before the tier price, which is the same for all of them.

Invariants
- arcs are sorted by offer, then place, then line; consignments by offer, then place;
- quantities and values are whole numbers held in float64: exact below 2**53, and only ever guidance above;
- nothing here decides validity, price or bound: those are recomputed from the awards in integers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from millpond.model import Award, Round

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NO_DATE = date.max.toordinal()


class Problem(NamedTuple):
    """The arrays that compiled code reads. D lines, A arcs, C consignments, O offers, T tiers, P places."""

    quantity: Floats  # [D] units
    minimum: Floats  # [D] units
    line_place: Ints  # [D]
    arc_line: Ints  # [A]
    arc_con: Ints  # [A] its consignment
    arc_value: Floats  # [A] minor units a unit, before the tier price
    arc_quantity: Floats  # [A] quantity of its line
    con_start: Ints  # [C+1] arcs of a consignment
    con_fixed: Floats  # [C] minor units
    con_place: Ints  # [C]
    con_offer: Ints  # [C]
    offer_con: Ints  # [O+1] consignments of an offer
    offer_tier: Ints  # [O+1] tiers of an offer
    setup: Floats  # [O] minor units
    tier_low: Floats  # [T] units
    tier_high: Floats  # [T] units; below tier_low where the capacity ends first
    tier_price: Floats  # [T] minor units a unit
    line_start: Ints  # [D+1] arcs of a line, in `line_arc`
    line_arc: Ints  # [A]
    place_start: Ints  # [P+1] consignments to a place, in `place_con`
    place_con: Ints  # [C]
    must_serve: bool


@dataclass(frozen=True, slots=True, eq=False)
class Acceptances:
    """Every (line, item) a round's lines accept, sorted by line: K of them."""

    line: Ints  # [K]
    item: Ints  # [K]
    limit: Ints  # [K] minor units a unit
    value: Ints  # [K] min(limit, reference), or 0 with must_serve
    load: Ints  # [K]


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A round's arrays and the way back to its ids."""

    round: Round
    problem: Problem
    acceptances: Acceptances
    line_ids: tuple[str, ...]  # [D] in the arrays' order
    arc_item: Ints  # [A]
    arc_value: Ints  # [A] exact

    def awards(self, flow: Floats) -> tuple[Award, ...]:
        """Awards of a flow [A] in units, in the order of the clearing file."""
        p, offers, items = self.problem, self.round.offers, self.round.items
        rows = [
            Award(
                demand=self.line_ids[p.arc_line[a]],
                offer=offers[p.con_offer[p.arc_con[a]]].id,
                item=items[self.arc_item[a]].id,
                quantity=round(float(flow[a])),
            )
            for a in np.flatnonzero(flow > 0.5)
        ]
        return tuple(sorted(rows, key=lambda r: (r.demand.encode(), r.offer.encode(), r.item.encode())))


def acceptances(round_: Round, order: Sequence[int]) -> Acceptances:
    """The (line, item) pairs of the lines in `order`."""
    number = {item.id: i for i, item in enumerate(round_.items)}
    worth = [item.reference if item.reference is not None else 1 << 62 for item in round_.items]
    line: list[int] = []
    item: list[int] = []
    limit: list[int] = []
    for d, original in enumerate(order):
        for accepted in round_.demand[original].accepts:
            line.append(d)
            item.append(number[accepted.item])
            limit.append(accepted.limit)
    items = np.array(item, dtype=np.int64)
    limits = np.array(limit, dtype=np.int64)
    value = np.minimum(limits, np.array(worth, dtype=np.int64)[items]) if len(items) else limits
    load = np.array([it.load for it in round_.items], dtype=np.int64)[items] if len(items) else limits
    return Acceptances(
        line=np.array(line, dtype=np.int64),
        item=items,
        limit=limits,
        value=np.zeros_like(value) if round_.must_serve else value,
        load=load,
    )


def build(round_: Round, keep: Bools | None = None, worth: Ints | None = None) -> Instance:
    """The instance of a round; with `keep` [K], only of those acceptances; with `worth` [K], at these values a unit."""
    place_number = {place.id: c for c, place in enumerate(round_.places)}
    where = [place_number[line.place] for line in round_.demand]
    order = sorted(range(len(where)), key=where.__getitem__)
    pairs = acceptances(round_, order)
    if worth is not None:
        pairs = replace(pairs, value=worth)
    chosen = np.flatnonzero(keep) if keep is not None else np.arange(len(pairs.line))
    line_place = np.array([where[i] for i in order], dtype=np.int64)
    needed = np.array([d.toordinal() if (d := round_.demand[i].needed_by) else NO_DATE for i in order], dtype=np.int64)

    arcs = [
        _arcs_of_offer(round_, o, pairs, chosen, line_place, needed, place_number) for o in range(len(round_.offers))
    ]
    arc_line, arc_value, arc_item, arc_fixed = (
        np.concatenate([a[n] for a in arcs]) if arcs else np.zeros(0, dtype=np.int64) for n in range(4)
    )
    arc_offer = np.repeat(np.arange(len(arcs)), [len(a[0]) for a in arcs]).astype(np.int64)
    arc_place = line_place[arc_line] if len(arc_line) else arc_line
    first = np.ones(len(arc_line), dtype=bool)
    first[1:] = (arc_offer[1:] != arc_offer[:-1]) | (arc_place[1:] != arc_place[:-1])
    starts = np.flatnonzero(first)
    quantity = np.array([round_.demand[i].quantity for i in order], dtype=np.float64)
    con_offer = arc_offer[starts]
    low, high, price, offer_tier = _tiers(round_)
    line_start, line_arc = _grouped(arc_line, len(order))
    place_start, place_con = _grouped(arc_place[starts], len(round_.places))
    problem = Problem(
        quantity=quantity,
        minimum=np.array([round_.demand[i].minimum for i in order], dtype=np.float64),
        line_place=line_place,
        arc_line=arc_line,
        arc_con=np.cumsum(first).astype(np.int64) - 1,
        arc_value=arc_value.astype(np.float64),
        arc_quantity=quantity[arc_line] if len(arc_line) else np.zeros(0),
        con_start=np.append(starts, len(arc_line)).astype(np.int64),
        con_fixed=arc_fixed[starts].astype(np.float64),
        con_place=arc_place[starts],
        con_offer=con_offer,
        offer_con=np.searchsorted(con_offer, np.arange(len(arcs) + 1)).astype(np.int64),
        offer_tier=offer_tier,
        setup=np.array([o.setup for o in round_.offers], dtype=np.float64),
        tier_low=low,
        tier_high=high,
        tier_price=price,
        line_start=line_start,
        line_arc=line_arc,
        place_start=place_start,
        place_con=place_con,
        must_serve=round_.must_serve,
    )
    ids = tuple(round_.demand[i].id for i in order)
    return Instance(round_, problem, pairs, ids, arc_item, arc_value)


def _arcs_of_offer(
    round_: Round,
    o: int,
    pairs: Acceptances,
    chosen: Ints,
    line_place: Ints,
    needed: Ints,
    place_number: Mapping[str, int],
) -> tuple[Ints, Ints, Ints, Ints]:
    """Line, value, item and consignment's fixed freight of each arc of offer `o`, in line order."""
    offer = round_.offers[o]
    items = {made.item: made.surcharge for made in offer.items}
    surcharge = np.array([items.get(item.id, -1) for item in round_.items], dtype=np.int64)
    per_load = np.full(len(round_.places), -1, dtype=np.int64)
    fixed = np.zeros(len(round_.places), dtype=np.int64)
    for row in offer.freight:
        per_load[place_number[row.place]] = row.per_load
        fixed[place_number[row.place]] = row.fixed
    ready = offer.ready_on.toordinal() if offer.ready_on else 0

    line, item = pairs.line[chosen], pairs.item[chosen]
    place = line_place[line] if len(line) else line
    able = (surcharge[item] >= 0) & (per_load[place] >= 0) & (needed[line] >= ready) if len(line) else line > 0
    index = chosen[able]
    line, item = pairs.line[index], pairs.item[index]
    if not len(line):
        return line, line, line, line
    place = line_place[line]
    value = pairs.value[index] - surcharge[item] - pairs.load[index] * per_load[place]
    starts = np.flatnonzero(np.append(True, line[1:] != line[:-1]))
    best = np.maximum.reduceat(value, starts)
    at_best = np.flatnonzero(value == np.repeat(best, np.diff(np.append(starts, len(line)))))
    winner = at_best[np.searchsorted(at_best, starts)]
    return line[starts], best, item[winner], fixed[place[starts]]


def _tiers(round_: Round) -> tuple[Floats, Floats, Floats, Ints]:
    """Lower and upper units and price of every tier of every offer, and where each offer's begin."""
    low: list[int] = []
    high: list[int] = []
    price: list[int] = []
    start = [0]
    for offer in round_.offers:
        nexts = [t.from_quantity - 1 for t in offer.tiers[1:]] + [offer.capacity]
        for tier, below in zip(offer.tiers, nexts, strict=True):
            low.append(tier.from_quantity)
            high.append(min(offer.capacity, below))
            price.append(tier.price)
        start.append(len(low))
    as_floats = (np.array(values, dtype=np.float64) for values in (low, high, price))
    return *as_floats, np.array(start, dtype=np.int64)  # type: ignore[return-value]


def _grouped(key: Ints, groups: int) -> tuple[Ints, Ints]:
    """Starts [groups+1] and members of each group of equal keys, members in their own order."""
    members = np.argsort(key, kind="stable").astype(np.int64)
    starts = np.searchsorted(key[members], np.arange(groups + 1)).astype(np.int64)
    return starts, members
