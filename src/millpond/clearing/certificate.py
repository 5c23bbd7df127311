"""The bound that a certificate proves: no clearing of the round has a higher score.

Source: the founding design, *Certificate*: weak duality over a tree of leaves. For each line a multiplier λ,
for each tier of each offer a multiplier μ, with `must_serve` one for the number of runs τ; wrong ones only
weaken the bound.

- Plain integers, any size; the bound is exact whatever the multipliers.
- The tree is walked without recursion: a chain may be 4,095 branches deep.
- Prices play no part: the bound is on the score of any awards that keep quantities, capacities, tiers and
  dates.

It does not find multipliers; the search does.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate
from math import ceil
from typing import NamedTuple

from millpond.errors import InputError
from millpond.model import Branch, Certificate, Leaf, Offer, Round, unit_value

GAP_DIGITS = 6
WHERE = "certificate.tree"
"""Where a certificate that does not fit its round is wrong."""

_Range = tuple[int, int]
"""The states a leaf allows an offer, first and last: 0 is off, k + 1 is tier k."""


_Wanted = Mapping[tuple[str, str], Sequence[tuple[int, int]]]
"""By place and item: the numbers of the lines that accept it there, and what a unit is worth to each."""


class _State(NamedTuple):
    """A tier of an offer that can be run at: price and fewest and most units of the run."""

    price: int
    least: int
    most: int


_Line = tuple[int, int]
"""A line that an offer may serve: its number, and a unit's value less all its cost but the tier price."""


class _Offer(NamedTuple):
    """An offer with all that its term in the bound needs."""

    id: str
    setup: int
    states: tuple[_State | None, ...]
    """By tier; None where the capacity is below it."""
    consignments: tuple[tuple[int, tuple[_Line, ...]], ...]
    """Fixed freight and lines of each place it delivers to."""

    def most(self, allowed: _Range) -> int:
        """The most units of a run in these states, 0 if there is none."""
        states = self.states[max(0, allowed[0] - 1) : allowed[1]]
        return max((state.most for state in states if state), default=0)


class BoundIndex:
    """A round made ready to bound leaf by leaf."""

    def __init__(self, round: Round) -> None:
        self.round = round
        self._lines = {line.id for line in round.demand}
        self._quantities = [line.quantity for line in round.demand]
        self._demanded = sum(self._quantities)
        wanted: dict[tuple[str, str], list[tuple[int, int]]] = {}
        for number, values in enumerate(_values(round)):
            for item, value in values.items():
                wanted.setdefault((round.demand[number].place, item), []).append((number, value))
        load = {item.id: item.load for item in round.items}
        self._offers = [self._ready(offer, wanted, load) for offer in round.offers]
        self._tiers = {offer.id: len(offer.tiers) for offer in round.offers}

    def _ready(self, offer: Offer, wanted: _Wanted, load: Mapping[str, int]) -> _Offer:
        demand, ready_on = self.round.demand, offer.ready_on
        consignments = []
        for row in offer.freight:
            worth_of: dict[int, int] = {}
            for made in offer.items:
                cost = made.surcharge + load[made.item] * row.per_load
                for number, value in wanted.get((row.place, made.item), ()):
                    if ready_on is not None and ready_on > (demand[number].needed_by or ready_on):
                        continue
                    worth = value - cost
                    if worth_of.get(number, worth) <= worth:
                        worth_of[number] = worth
            if worth_of:
                consignments.append((row.fixed, tuple(worth_of.items())))
        ends = [tier.from_quantity - 1 for tier in offer.tiers[1:]] + [offer.capacity]
        states = tuple(
            _State(tier.price, tier.from_quantity, min(offer.capacity, end))
            if tier.from_quantity <= offer.capacity
            else None
            for tier, end in zip(offer.tiers, ends, strict=True)
        )
        return _Offer(offer.id, offer.setup, states, tuple(consignments))

    def bound(self, certificate: Certificate) -> int:
        """The bound. Raises InputError if the certificate does not fit the round, or nothing can serve it."""
        best: int | None = None
        for leaf, ranges in self._leaves(certificate):
            score = self._leaf_bound(leaf, certificate.scale, ranges)
            if score is not None and (best is None or score > best):
                best = score
        if best is None:  # one leaf has all offers off, so it is the demand that is too large
            raise InputError("every line must be served, and no leaf has the capacity", at=WHERE)
        return best // certificate.scale

    def _leaves(self, certificate: Certificate) -> Iterator[tuple[Leaf, dict[str, _Range]]]:
        """Every leaf, with the states it allows of the offers that were branched on.

        What a branch changes is undone when the walk leaves it, so a chain of n branches costs n steps, not n
        squared.
        """
        ranges = {offer: (0, tiers) for offer, tiers in self._tiers.items()}
        # A node, and the states an offer has from there on; None for the node where the walk only comes back.
        waiting: list[tuple[Leaf | Branch | None, str, _Range]] = [(certificate.tree, "", (0, 0))]
        while waiting:
            node, offer, allowed = waiting.pop()
            if offer:
                ranges[offer] = allowed
            if isinstance(node, Leaf):
                yield node, ranges
            elif isinstance(node, Branch):
                count = self._tiers.get(node.offer, 0)
                if node.tier >= count:
                    what = f"it has {count} tiers" if count else "no such offer"
                    raise InputError(f"branch on tier {node.tier} of {node.offer}: {what}", at=WHERE)
                first, last = ranges[node.offer]
                waiting += (
                    (None, node.offer, (first, last)),
                    (node.high, node.offer, (max(first, node.tier + 1), last)),
                    (node.low, node.offer, (first, min(last, node.tier))),
                )

    def _leaf_bound(self, leaf: Leaf, scale: int, ranges: Mapping[str, _Range]) -> int | None:
        """The bound on what a leaf allows, in units of 1 / scale.

        None if an offer has no state in it, or no number of its runs makes all that must be served.
        """
        self._check(leaf)
        lines = [leaf.lines.get(line.id, 0) for line in self.round.demand]
        total = sum(one * quantity for one, quantity in zip(lines, self._quantities, strict=True))
        if self.round.must_serve:
            fewest = self._fewest_runs(ranges)
            if fewest is None:
                return None
            total -= leaf.runs * fewest
        for offer in self._offers:
            gain = self._best_state(offer, ranges[offer.id], leaf, lines, scale)
            if gain is None:
                return None
            total += gain
        return total

    def _best_state(
        self, offer: _Offer, allowed: _Range, leaf: Leaf, lines: Sequence[int], scale: int
    ) -> int | None:
        """The largest term of an offer over the states it is allowed, None if there is none.

        The price of a tier is the same for all items, so a line's best item does not depend on the tier: it
        is worth `worth` · scale − λ, less a threshold that is the tier's alone.
        """
        first, last = allowed
        off = [0] if first == 0 else []
        tiers = leaf.tiers.get(offer.id) or (0,) * len(offer.states)
        pairs = list(zip(offer.states, tiers, strict=True))[max(0, first - 1) : last]
        open_tiers = [(state, multiplier) for state, multiplier in pairs if state is not None]
        if not open_tiers:
            return max(off, default=None)
        thresholds = [scale * state.price + multiplier for state, multiplier in open_tiers]
        gains = [
            leaf.runs - scale * offer.setup + (state.most if multiplier >= 0 else state.least) * multiplier
            for state, multiplier in open_tiers
        ]
        lowest, quantities = min(thresholds), self._quantities
        for fixed, consignment in offer.consignments:
            live = [
                (quantities[number], surplus)
                for number, worth in consignment
                if (surplus := worth * scale - lines[number]) > lowest
            ]
            if not live:
                continue
            charge = fixed * scale
            for k, threshold in enumerate(thresholds):
                gain = 0
                for quantity, surplus in live:
                    if surplus > threshold:
                        gain += quantity * (surplus - threshold)
                if gain > charge:
                    gains[k] += gain - charge
        return max(off + gains)

    def _check(self, leaf: Leaf) -> None:
        must_serve = self.round.must_serve
        for line, multiplier in leaf.lines.items():
            if line not in self._lines:
                raise InputError(f"multiplier for {line}: no such line", at=WHERE)
            if multiplier < 0 and not must_serve:
                raise InputError(f"multiplier {multiplier} for line {line} is below 0", at=WHERE)
        for offer, tiers in leaf.tiers.items():
            count = self._tiers.get(offer)
            if count != len(tiers):
                what = "no such offer" if count is None else f"it has {count} tiers"
                raise InputError(f"{len(tiers)} multipliers for {offer}: {what}", at=WHERE)
        if leaf.runs and not must_serve:
            raise InputError(f"multiplier {leaf.runs} for runs without must_serve", at=WHERE)

    def _fewest_runs(self, ranges: Mapping[str, _Range]) -> int | None:
        """The least number of runs whose largest sizes come to the whole demand, None if all are too few."""
        largest = sorted((offer.most(ranges[offer.id]) for offer in self._offers), reverse=True)
        reached = list(accumulate(largest, initial=0))
        return bisect_left(reached, self._demanded) if reached[-1] >= self._demanded else None


def _values(round: Round) -> list[dict[str, int]]:
    """By line: what a unit of each item it accepts is worth in the score."""
    if round.must_serve:
        return [{accepted.item: 0 for accepted in line.accepts} for line in round.demand]
    reference = {item.id: item.reference for item in round.items}
    return [{a.item: unit_value(a.limit, reference[a.item]) for a in line.accepts} for line in round.demand]


def bound(round: Round, certificate: Certificate) -> int:
    """The bound that `certificate` proves for `round`; `BoundIndex`, built once, is quicker for several.

    Raises InputError if the certificate does not fit the round: an unknown id, a tier that is not there, a
    list of multipliers of another length than the offer's tiers, a multiplier below 0 for a line or one for
    runs without `must_serve`; or if every line must be served and all capacities together are too small.
    """
    return BoundIndex(round).bound(certificate)


def gap(score: int, bound: int) -> Fraction:
    """How much better any other clearing could be, as a share of the bound."""
    return Fraction(bound - score, max(1, abs(bound)))


def gap_text(score: int, bound: int) -> str:
    """The gap in six decimals, rounded up.

    >>> gap_text(997_143, 1_000_000), gap_text(1, 3), gap_text(5, 5)
    ('0.002857', '0.666667', '0.000000')
    """
    steps = ceil(gap(score, bound) * 10**GAP_DIGITS)
    sign, size = ("-" if steps < 0 else ""), abs(steps)
    return f"{sign}{size // 10**GAP_DIGITS}.{size % 10**GAP_DIGITS:0{GAP_DIGITS}d}"
