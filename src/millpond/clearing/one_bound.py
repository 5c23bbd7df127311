"""The certificate of a round whose runs go to one place each: the tightest that the format allows.

Source: the founding design, *Certificate*; see `certificate`, which evaluates it.

Without `must_serve` one leaf with no price for any line is as good as any tree: each state of an offer has a
multiplier of its own there, and no line is wanted by two offers. The multiplier of a tier is the price at
which cut lines would fill its run, or where that leaves less than the fixed freight, the price at which it
leaves just that. So the bound is that of the linear relaxation of each tier, the best there is.

With `must_serve` everything is served by the tier that the whole demand reaches: a leaf for it, with prices
that give each line what it costs, and one for smaller and one for larger runs, which nothing can keep to.
There the bound is the score.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from millpond.clearing.one_run import Run, Step
from millpond.clearing.totals import relaxed
from millpond.model import MAX_LEAVES, Branch, Certificate, Leaf

MOST_SCALE = 10**30
"""Larger scales are not used: multipliers are rounded instead, by less than any round can notice."""

_Pieces = list[tuple[int, int]]
"""What a unit of a line is worth, net of the tier's price, and its units."""


class _Multiplier(NamedTuple):
    """The best multiplier of a tier, and the most that the tier is then worth."""

    run: Run
    step: Step
    value: Fraction
    multiplier: Fraction


def certificate_of(runs: Sequence[Run]) -> Certificate:
    """The best certificate of a round whose lines are the wants of these runs."""
    found = [_best_multiplier(run, step) for run in runs for step in run.steps]
    scale = 1
    for one in sorted(found, key=lambda one: -one.value):
        common = lcm(scale, one.multiplier.denominator)
        scale = common if common <= MOST_SCALE else scale
    tiers = {run.offer.id: [0] * len(run.offer.tiers) for run in runs}
    for run, step, _, multiplier in found:
        below = (multiplier * scale).__floor__()
        exact = below == multiplier * scale
        pieces = _pieces(run, step)
        tiers[run.offer.id][step.number] = min(
            (below,) if exact else (below, below + 1),
            key=lambda times: _value(run, step, pieces, Fraction(times, scale)),
        )
    used = {offer: tuple(multipliers) for offer, multipliers in tiers.items() if any(multipliers)}
    return Certificate(scale=scale, tree=Leaf(tiers=used))


def _pieces(run: Run, step: Step) -> _Pieces:
    return [(want.ways[0].worth - step.price, want.quantity) for want in run.wants]


def _value(run: Run, step: Step, pieces: _Pieces, multiplier: Fraction) -> Fraction:
    """What the tier adds to the bound."""
    bound = step.most if multiplier >= 0 else step.least
    saved = sum((units * (worth - multiplier) for worth, units in pieces if worth > multiplier), Fraction(0))
    return bound * multiplier + max(Fraction(0), saved - run.fixed) - run.offer.setup


def _best_multiplier(run: Run, step: Step) -> _Multiplier:
    pieces = _pieces(run, step)
    aim = relaxed(pieces, step.least, step.most)
    if aim is None:  # too few units: the lower, the less it is worth
        multiplier = Fraction(-1 - sum(units * abs(worth) for worth, units in pieces))
    else:
        multiplier = Fraction(aim[1])
        saved = sum(units * (worth - aim[1]) for worth, units in pieces if worth > aim[1])
        if saved < run.fixed:
            multiplier = _leaving(pieces, run.fixed)
    return _Multiplier(run, step, _value(run, step, pieces, multiplier), multiplier)


def _leaving(pieces: _Pieces, fixed: int) -> Fraction:
    """The multiplier at which the pieces that are worth more leave `fixed` between them."""
    falling = sorted(pieces, reverse=True)
    total = units = 0
    for position, (worth, more) in enumerate(falling):
        total += worth * more
        units += more
        multiplier = Fraction(total - fixed, units)
        if position + 1 == len(falling) or falling[position + 1][0] <= multiplier:
            return multiplier
    raise AssertionError("a run has a want")


def serving_certificate(runs: Sequence[Run], steps: Sequence[Step], cost: int) -> Certificate:
    """The certificate of a `must_serve` round of this cost, in which each run is at this step."""
    every = list(zip(runs, steps, strict=True))
    lines = {
        want.id: want.ways[0].worth - step.price - run.fixed for run, step in every for want in run.wants
    }
    tree: Leaf | Branch = Leaf(lines=lines)
    # The rest is left whole: still a bound, if a weaker one, of rounds of two thousand makers of one place.
    for run, step in every[: (MAX_LEAVES - 1) // 2]:
        offer, here = run.offer.id, step.number
        if here + 1 < len(run.offer.tiers):
            tree = Branch(offer=offer, tier=here + 1, low=tree, high=_kept_out(run, cost))
        tree = Branch(offer=offer, tier=here, low=_kept_out(run, -cost), high=tree)
    return Certificate(scale=1, tree=tree)


def _kept_out(run: Run, price: int) -> Leaf:
    """A leaf in which the run is too small (a price below 0) or too large for its lines: every unit that is
    missing or too many costs what all is."""
    lines = {want.id: price for want in run.wants}
    return Leaf(lines=lines, tiers={run.offer.id: (-price,) * len(run.offer.tiers)})
