"""A round's independent parts: what can be cleared without looking at the rest.

Two lines are in one part if an offer could serve both, or if both could be served goods of one family, whose
level is over all its places (DESIGN, Costs and prices); and so on from line to line. What is left of a round
in a part is a round itself: its lines, offers, items and places, and of them only what can be awarded.

Invariants, for awards of the whole round and those of them that are a part's lines':
- runs, consignments, surcharge averages, alone totals, levels and prices are the same in the part's round as
  in the whole: an offer that could serve a place alone can serve each of its lines, so it is in the part;
- awards are valid in the whole round if and only if they are valid in every part's; scores add up;
- so do bounds: a certificate's leaf is a sum over lines and offers, and each is in one part at most.

Bills do not separate: they are rounded all together, and one place may buy in several parts. A round that
must be served has one part: how many runs it needs at least is asked of the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from millpond.clearing.instance import Ground, Ints
from millpond.model import Line, Round


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A part as a round of its own, and where its lines and offers stand in the arrays of the whole."""

    round: Round
    lines: Ints  # in the order of the part's own arrays
    offers: Ints  # likewise; the tiers of an offer are the same in both


def split(ground: Ground) -> list[Part]:
    """The independent parts, in the order of their first lines; lines and offers that go with nothing are in
    none."""
    round_, pairs, pairings = ground.round, ground.acceptances, ground.pairings
    if round_.must_serve:
        return [Part(round_, np.arange(len(ground.line_ids)), np.arange(len(round_.offers)))]
    line, item = pairs.line[pairings.acceptance], pairs.item[pairings.acceptance]
    family = np.unique([one.family for one in round_.items], return_inverse=True)[1][item]
    label = _labels(len(ground.line_ids), len(round_.offers), line, pairings.offer, family)[line]
    order = np.argsort(label, kind="stable")
    ends = np.flatnonzero(np.diff(label[order])) + 1
    line_of = {one.id: one for one in round_.demand}
    demand = [line_of[id] for id in ground.line_ids]
    return [
        _part(ground, demand, line[index], item[index], pairings.offer[index])
        for index in np.split(order, ends)
        if index.size
    ]


def _labels(lines: int, offers: int, line: Ints, offer: Ints, family: Ints) -> Ints:
    """A number for each line [lines], the same for two that are linked: the least line linked to it.

    `line`, `offer` and `family` are the ends of the links. Every turn carries the least number over all links
    and then halves the chains, so that turns grow with the logarithm of the longest chain.
    """
    label = np.arange(lines + offers + int(family.max(initial=-1)) + 1)
    while True:
        before = label.copy()
        for other in (lines + offer, lines + offers + family):
            least = np.minimum(label[line], label[other])
            np.minimum.at(label, line, least)
            np.minimum.at(label, other, least)
        label = label[label]
        if np.array_equal(label, before):
            return label[:lines]


def _part(ground: Ground, demand: Sequence[Line], line: Ints, item: Ints, offer: Ints) -> Part:
    """The part of these pairings: (line, item, offer) by row. `demand` are the lines in the arrays' order."""
    round_ = ground.round
    lines, offers = np.unique(line), np.unique(offer)
    places = np.unique(ground.line_place[lines])
    accepted: dict[str, set[str]] = defaultdict(set)
    made: dict[str, set[str]] = defaultdict(set)
    reached: dict[str, set[str]] = defaultdict(set)
    for d, i, o in zip(line.tolist(), item.tolist(), offer.tolist(), strict=True):
        item_id, offer_id = round_.items[i].id, round_.offers[o].id
        accepted[demand[d].id].add(item_id)
        made[offer_id].add(item_id)
        reached[offer_id].add(demand[d].place)
    return Part(
        replace(
            round_,
            sha256="",
            items=tuple(round_.items[i] for i in np.unique(item)),
            places=tuple(round_.places[c] for c in places),
            demand=tuple(
                replace(one, accepts=tuple(a for a in one.accepts if a.item in accepted[one.id]))
                for one in (demand[d] for d in lines)
            ),
            offers=tuple(
                replace(
                    one,
                    items=tuple(m for m in one.items if m.item in made[one.id]),
                    freight=tuple(f for f in one.freight if f.place in reached[one.id]),
                )
                for one in (round_.offers[o] for o in offers)
            ),
        ),
        lines,
        offers,
    )
