"""When goods come: shortages are shared out, goods paid by what they weigh, pieces given to households.

Invariants:
- Nobody gets more than was allocated; what is shared out is exactly what came, or everything and a surplus.
- Amounts due are exact and rounded half up, once.
- Rules are stated before the goods come; the result depends on nothing but what is given.

>>> shortage(7, [Share("a", 4), Share("b", 5), Share("c", 1)]).units
{'a': 3, 'b': 3, 'c': 1}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from millpond.community.shares import half_up, spread
from millpond.errors import InputError
from millpond.model import rules

__all__ = [
    "Pieces",
    "Share",
    "Shared",
    "ShortageRule",
    "Weighed",
    "due_for_units",
    "is_outside",
    "pieces_by_weight",
    "shortage",
    "weighed",
]

MAX_GRAMS = 10**9


class ShortageRule(StrEnum):
    """How fewer units than allocated are shared out."""

    PROPORTIONAL = "proportional"
    """In proportion to what was allocated, whole units, largest remainder, ties to the earlier."""
    EARLIEST = "earliest"
    """The earliest gets all of its own, then the next, until there is nothing left."""


class Share(NamedTuple):
    """Units of one item that a want was allocated."""

    want: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Units that each want gets, in its order; what is short in all, or came beyond what was allocated."""

    units: dict[str, int]
    short: int
    surplus: int


def shortage(
    received: int, shares: Sequence[Share], rule: ShortageRule = ShortageRule.PROPORTIONAL
) -> Shared:
    """Share out what came of one item; `shares` come in the order of arrival, each want once.

    Raises InputError for units below 0.
    """
    rules.integer("received", received, 0, rules.MAX_QUANTITY)
    for share in shares:
        rules.integer(f"shares[{rules.shown(share.want)}]", share.units, 0, rules.MAX_QUANTITY)
    allocated = sum(share.units for share in shares)
    given = min(received, allocated)
    if rule is ShortageRule.PROPORTIONAL:
        units = spread(given, [share.units for share in shares])
    else:
        units, left = [], given
        for share in shares:
            units.append(min(share.units, left))
            left -= units[-1]
    return Shared(
        units={share.want: count for share, count in zip(shares, units, strict=True)},
        short=allocated - given,
        surplus=received - given,
    )


def due_for_units(amount_minor: int, allocated: int, received: int) -> int:
    """What is due of a want's amount when it got `received` of the `allocated` units: its part, half up.

    Raises InputError for more units than were allocated.
    """
    rules.integer("received", received, 0, allocated)
    return half_up(Fraction(amount_minor * received, allocated)) if allocated else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What is due for actual weight; `adjustment_minor` is the difference to the amount billed.

    `outside` is true where the weight differs from the nominal one by more than the tolerance: the amount is
    right all the same, but somebody should look at the scale, or ask the household.
    """

    due_minor: int
    adjustment_minor: int
    nominal_grams: int
    actual_grams: int
    outside: bool


def is_outside(nominal_grams: int, actual_grams: int, tolerance_percent: int) -> bool:
    """Whether a weight differs by more than the tolerance; exactly at it is within.

    >>> is_outside(1_000, 1_050, 5), is_outside(1_000, 949, 5)
    (False, True)
    """
    return abs(actual_grams - nominal_grams) * 100 > tolerance_percent * nominal_grams


def weighed(
    amount_minor: int, units: int, *, nominal_grams: int, actual_grams: int, tolerance_percent: int
) -> Weighed:
    """The amount billed for `units` of `nominal_grams` each, brought to what they weigh together.

    Exact: amount x actual / nominal, rounded half up. Exactly at the tolerance is within it.
    """
    rules.integer("units", units, 1, rules.MAX_QUANTITY)
    rules.integer("nominal_grams", nominal_grams, 1, MAX_GRAMS)
    rules.integer("actual_grams", actual_grams, 0, MAX_GRAMS)
    rules.integer("tolerance_percent", tolerance_percent, 0, 100)
    nominal = units * nominal_grams
    due = half_up(Fraction(amount_minor * actual_grams, nominal))
    return Weighed(
        due_minor=due,
        adjustment_minor=due - amount_minor,
        nominal_grams=nominal,
        actual_grams=actual_grams,
        outside=is_outside(nominal, actual_grams, tolerance_percent),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pieces:
    """Which pieces of a packed list each want gets, as positions in it from 0; and those that stay over."""

    of_want: Mapping[str, tuple[int, ...]]
    grams: Mapping[str, int]
    over: tuple[int, ...]


def pieces_by_weight(grams: Sequence[int], shares: Sequence[Share], *, nominal_grams: int) -> Pieces:
    """Give weighed pieces (a fish, a melon) to wants so that each comes near its share of the weight.

    The pieces nearest the nominal weight are given out (of equals the earlier on the list); the others stay
    over. From the heaviest on, a piece goes to the want that still needs the most grams for each piece it is
    still to get, if everybody is to have the mean weight; ties to the earlier want.

    Raises InputError where there are fewer pieces than units: a shortage is shared out first.
    """
    for index, weight in enumerate(grams):
        rules.integer(f"grams[{index}]", weight, 1, MAX_GRAMS)
    needed = sum(share.units for share in shares)
    if needed > len(grams):
        raise InputError(
            f"{len(grams):,} pieces for {needed:,} units: share out the shortage first", at="grams"
        )
    near = sorted(range(len(grams)), key=lambda index: (abs(grams[index] - nominal_grams), index))
    given = sorted(near[:needed], key=lambda index: (-grams[index], index))
    mean = Fraction(sum(grams[index] for index in given), needed) if needed else Fraction(0)
    got: dict[str, list[int]] = {share.want: [] for share in shares}
    needs = {share.want: share.units * mean for share in shares}
    still = {share.want: share.units for share in shares}
    for index in given:
        want = max((want for want in got if still[want]), key=lambda want: needs[want] / still[want])
        got[want].append(index)
        needs[want] -= grams[index]
        still[want] -= 1
    return Pieces(
        of_want={want: tuple(sorted(indices)) for want, indices in got.items()},
        grams={want: sum(grams[index] for index in indices) for want, indices in got.items()},
        over=tuple(sorted(near[needed:])),
    )
