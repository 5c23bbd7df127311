"""Whole cases: how the units of one item are brought to whole cases, by what households would bear.

A maker that packs ten to a case ships 10 or 20, not 17. Households say how many `more` or `fewer` they would
take. The rule, in the order in which it is tried:

1. *Everybody stays.* The nearer number of whole cases is taken, of two that are as near the larger one, if
   the tolerances reach it; else the other one. The difference is shared in proportion to the tolerances, by
   largest remainder, ties to the earlier want. Nobody is taken down to nothing this way while a case can be
   filled.
2. *The leader takes the rest*, if there is an amount the leader agreed to: everybody takes the most they
   would, and what is still missing to the next case becomes leftover stock.
3. *Some step back.* As many whole cases as can be filled from whole wants within their tolerances (and what
   the leader agreed to); among the ways to fill them the one that keeps the earliest want, then the next
   earliest, and so on. Then rule 1's sharing among those who stay.

Invariants: the units and the leftover together are whole cases; a want gets nothing, or from `units - fewer`
to `units + more`; the leader takes less than a case and never more than agreed; the result depends on nothing
but what is given, in its order.

>>> fit_cases(10, [Flex("a", 8, more=2), Flex("b", 9, more=2)]).units
{'a': 10, 'b': 10}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from millpond.community.shares import spread
from millpond.model import rules

__all__ = ["MAX_SEARCH_BITS", "Fit", "Flex", "fit_cases"]

MAX_SEARCH_BITS = 2**28
"""Wants times units that rule 3 looks through (32 MB of memory): 300 wants of 3,000 units on average. Beyond,
the latest wants step back one after another until whole cases can be filled."""
MAX_UNITS = rules.MAX_QUANTITY
"""No run has more."""


class Flex(NamedTuple):
    """Units that a want has, and how many more or fewer it would take (`fewer` at most its units)."""

    key: str
    units: int
    more: int = 0
    fewer: int = 0

    @property
    def least(self) -> int:
        """The fewest units with which it is still served."""
        return max(1, self.units - self.fewer)

    @property
    def most(self) -> int:
        """The most units it would take."""
        return self.units + self.more


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Units by want (0: it stepped back) and what the leader takes.

    `missing` is how many units everybody's tolerance and the leader's are short of the next whole case,
    `over` how many they are above the one before even if everybody takes the fewest; both 0 unless somebody
    stepped back.
    """

    units: dict[str, int]
    leftover: int = 0
    missing: int = 0
    over: int = 0

    @property
    def stepped_back(self) -> tuple[str, ...]:
        """Wants that get nothing, in their order."""
        return tuple(key for key, units in self.units.items() if units == 0)


def fit_cases(case_size: int, flexes: Sequence[Flex], *, leftover: int = 0, room: int | None = None) -> Fit:
    """Bring the units of one item to whole cases; `flexes` come in the order of arrival.

    `leftover` is the most units that the leader takes, `room` the units by which the total may grow at most
    (what the maker's capacity leaves; None: any number).
    """
    leftover = min(leftover, case_size - 1)
    together = _together(case_size, flexes, leftover, room)
    if together is not None:
        return together
    units = sum(flex.units for flex in flexes)
    highest = min(sum(f.most for f in flexes) + leftover, _ceiling(units, room))
    fit = _with_some(case_size, flexes, leftover, room)
    return Fit(
        units={flex.key: fit.units.get(flex.key, 0) for flex in flexes},
        leftover=fit.leftover,
        missing=-highest % case_size,
        over=sum(f.units - f.fewer for f in flexes) % case_size,
    )


def _ceiling(units: int, room: int | None) -> int:
    return MAX_UNITS if room is None else units + room


def _together(case_size: int, flexes: Sequence[Flex], leftover: int, room: int | None) -> Fit | None:
    """Rules 1 and 2, with every one of these wants; None where neither reaches whole cases."""
    units = sum(flex.units for flex in flexes)
    lowest = sum(f.units - f.fewer for f in flexes)
    highest = min(sum(f.most for f in flexes), _ceiling(units, room))
    below = units - units % case_size
    if below == units:
        return Fit(units={flex.key: flex.units for flex in flexes})
    reached = [cases for cases in (below, below + case_size) if cases and lowest <= cases <= highest]
    if reached:
        return Fit(units=_shared(flexes, min(reached, key=lambda cases: (abs(cases - units), -cases))))
    missing = -highest % case_size
    if missing <= leftover and highest + missing <= _ceiling(units, room):
        return Fit(units=_shared(flexes, highest), leftover=missing)
    return None


def _shared(flexes: Sequence[Flex], total: int) -> dict[str, int]:
    """Units of each want that sum to the total: the difference is shared in proportion to tolerances."""
    change = total - sum(flex.units for flex in flexes)
    shares = spread(abs(change), [flex.more if change > 0 else flex.fewer for flex in flexes])
    sign = 1 if change > 0 else -1
    return {flex.key: flex.units + sign * share for flex, share in zip(flexes, shares, strict=True)}


def _with_some(case_size: int, flexes: Sequence[Flex], leftover: int, room: int | None) -> Fit:
    """Rule 3. Sets of totals are integers whose bit n stands for n units."""
    units = sum(flex.units for flex in flexes)
    most = min(sum(f.most for f in flexes) + leftover, _ceiling(units, room))
    if most * len(flexes) > MAX_SEARCH_BITS:
        return _latest_step_back(case_size, flexes, leftover, room)
    flexes = [flex._replace(fewer=flex.units - flex.least) for flex in flexes]  # who stays gets something
    within = (1 << most + 1) - 1
    reach = [(1 << leftover + 1) - 1 & within]  # with the last 0, 1, 2 … wants
    for flex in reversed(flexes):
        reach.append(reach[-1] | _widened(reach[-1] << flex.least, flex.most - flex.least) & within)
    total = most - most % case_size
    while not reach[-1] >> total & 1:
        total -= case_size  # ends: 0 units can always be had
    staying: list[Flex] = []
    low = high = 0
    for flex, rest in zip(flexes, reversed(reach[:-1]), strict=True):
        # The rest has to come from later wants: total - high - most .. total - low - least of it.
        first, last = max(0, total - high - flex.most), total - low - flex.least
        if last >= first and rest >> first & (1 << last - first + 1) - 1:
            staying.append(flex)
            low, high = low + flex.least, high + flex.most
    taken = max(0, total - high)
    return Fit(units=_shared(staying, total - taken), leftover=taken)


def _widened(totals: int, width: int) -> int:
    """The totals, and each of them with 1 … `width` more."""
    done = 0
    while done < width:
        step = min(done + 1, width - done)
        totals |= totals << step
        done += step
    return totals


def _latest_step_back(case_size: int, flexes: Sequence[Flex], leftover: int, room: int | None) -> Fit:
    """The simple form of rule 3: one after another, from the latest on, until whole cases can be filled."""
    gone = 0
    for count in range(len(flexes) - 1, 0, -1):
        gone += flexes[count].units
        fit = _together(case_size, flexes[:count], leftover, None if room is None else room + gone)
        if fit is not None:
            return fit
    return Fit(units={})
