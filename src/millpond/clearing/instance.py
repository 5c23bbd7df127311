"""A round as flat arrays: what the bound and the search compute on.

Lines are numbered by place, so the lines that one offer may serve at one place (its *consignment*) are
neighbours. An *arc* is a pair (line, offer) that dates, items and freight allow; its value is the best over
the items that both name: ``value - surcharge - load * per_load`` (DESIGN, Objective), before the tier
price, which is the same for all of them.

Invariants
- arcs are sorted by offer, then place, then line; consignments by offer, then place;
- quantities and values are whole numbers held in float64: exact below 2**53, and only ever guidance above;
- nothing here decides validity, price or bound: those are recomputed from the awards in integers.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """The arrays of a round, or of some of its acceptances, and the way back to its ids."""

    round: Round
    problem: Problem
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


@dataclass(frozen=True, slots=True, eq=False)
class Pairings:
    """Every (acceptance, offer) that dates, items and freight allow, sorted by offer and line: N of them."""

    offer: Ints  # [N]
    acceptance: Ints  # [N]
    cost: Ints  # [N] surcharge and freight by load, minor units a unit
    fixed: Ints  # [N] the consignment's fixed freight


class Ground:
    """A round read into arrays once; instances of it, of all or some acceptances, are cut from it quickly."""

    def __init__(self, round_: Round) -> None:
        self.round = round_
        place_number = {place.id: c for c, place in enumerate(round_.places)}
        where = [place_number[line.place] for line in round_.demand]
        order = sorted(range(len(where)), key=where.__getitem__)
        self.line_ids = tuple(round_.demand[i].id for i in order)
        self.line_place = np.array([where[i] for i in order], dtype=np.int64)
        self.acceptances = acceptances(round_, order)
        needed = [d.toordinal() if (d := round_.demand[i].needed_by) else NO_DATE for i in order]
        self.pairings = _pairings(
            round_, self.acceptances, self.line_place, np.array(needed, dtype=np.int64), place_number
        )
        self.quantity = np.array([round_.demand[i].quantity for i in order], dtype=np.float64)
        self.minimum = np.array([round_.demand[i].minimum for i in order], dtype=np.float64)
        self.setup = np.array([o.setup for o in round_.offers], dtype=np.float64)
        self.tiers = _tiers(round_)

    def instance(self, keep: Bools | None = None, worth: Ints | None = None) -> Instance:
        """The instance of these acceptances [K] (None: all), a unit of them worth `worth` [K] (None:
        DESIGN's value)."""
        all_of = self.pairings
        index = np.flatnonzero(keep[all_of.acceptance]) if keep is not None else np.arange(all_of.offer.size)
        offer, pair = all_of.offer[index], all_of.acceptance[index]
        line = self.acceptances.line[pair]
        value = (self.acceptances.value if worth is None else worth)[pair] - all_of.cost[index]
        change = (
            np.append(True, (offer[1:] != offer[:-1]) | (line[1:] != line[:-1])) if index.size else index > 0
        )
        starts = np.flatnonzero(change)
        best = np.maximum.reduceat(value, starts) if index.size else value
        at_best = np.flatnonzero(value == np.repeat(best, np.diff(np.append(starts, index.size))))
        winner = at_best[np.searchsorted(at_best, starts)] if index.size else starts
        return Instance(
            self.round,
            self._problem(offer[starts], line[starts], best, all_of.fixed[index][starts]),
            self.line_ids,
            self.acceptances.item[pair][winner],
            best,
        )

    def _problem(self, arc_offer: Ints, arc_line: Ints, arc_value: Ints, arc_fixed: Ints) -> Problem:
        arc_place = self.line_place[arc_line]
        first = np.ones(arc_line.size, dtype=bool)
        first[1:] = (arc_offer[1:] != arc_offer[:-1]) | (arc_place[1:] != arc_place[:-1])
        starts = np.flatnonzero(first)
        con_offer = arc_offer[starts]
        low, high, price, offer_tier = self.tiers
        line_start, line_arc = _grouped(arc_line, self.quantity.size)
        place_start, place_con = _grouped(arc_place[starts], len(self.round.places))
        return Problem(
            quantity=self.quantity,
            minimum=self.minimum,
            line_place=self.line_place,
            arc_line=arc_line,
            arc_con=np.cumsum(first).astype(np.int64) - 1,
            arc_value=arc_value.astype(np.float64),
            arc_quantity=self.quantity[arc_line],
            con_start=np.append(starts, arc_line.size).astype(np.int64),
            con_fixed=arc_fixed[starts].astype(np.float64),
            con_place=arc_place[starts],
            con_offer=con_offer,
            offer_con=np.searchsorted(con_offer, np.arange(self.setup.size + 1)).astype(np.int64),
            offer_tier=offer_tier,
            setup=self.setup,
            tier_low=low,
            tier_high=high,
            tier_price=price,
            line_start=line_start,
            line_arc=line_arc,
            place_start=place_start,
            place_con=place_con,
            must_serve=self.round.must_serve,
        )


def _pairings(
    round_: Round, pairs: Acceptances, line_place: Ints, needed: Ints, place_number: Mapping[str, int]
) -> Pairings:
    number = {item.id: i for i, item in enumerate(round_.items)}
    place = line_place[pairs.line]
    surcharge = np.full(len(round_.items), -1, dtype=np.int64)
    per_load = np.full(len(round_.places), -1, dtype=np.int64)
    fixed = np.zeros(len(round_.places), dtype=np.int64)
    parts: list[tuple[Ints, Ints, Ints]] = []
    for offer in round_.offers:
        surcharge[:], per_load[:] = -1, -1
        for made in offer.items:
            surcharge[number[made.item]] = made.surcharge
        for row in offer.freight:
            per_load[place_number[row.place]], fixed[place_number[row.place]] = row.per_load, row.fixed
        able = (surcharge[pairs.item] >= 0) & (per_load[place] >= 0)
        if offer.ready_on:
            able &= needed[pairs.line] >= offer.ready_on.toordinal()
        index = np.flatnonzero(able)
        cost = surcharge[pairs.item[index]] + pairs.load[index] * per_load[place[index]]
        parts.append((index, cost, fixed[place[index]]))
    empty = (np.zeros(0, dtype=np.int64),) * 3
    index, cost, charge = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    offer_of = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts]).astype(np.int64)
    return Pairings(offer_of, index, cost, charge)


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


def first_of(keys: Ints) -> Bools:
    """Which entries are the first of their key."""
    first = np.zeros(keys.size, dtype=bool)
    first[np.unique(keys, return_index=True)[1]] = True
    return first


def summed(keys: Ints, values: Floats | None, size: int) -> Floats:
    """Sums of `values` (None: counts) by key, for keys 0 … size - 1."""
    return np.bincount(keys, values, minlength=size).astype(np.float64)
