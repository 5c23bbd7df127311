"""Time shared among searches that do not depend on each other, by what each still lacks.

All begin first, so that each has something to show; then they take turns, those that lack least first, each
with its share of a part of the time that is left, and then again. Most end before their turn is over, and
what they leave goes to the others. One that lacks nearly all has nearly all the time, in one turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from millpond.clearing.budget import Budget

LAP = 0.7  # of the time left: for one turn of all, after which they may lack something else
LEAST_SHARE = 0.25  # of an equal share: what even the search that lacks least gets, to come to its end


class Work(Protocol):
    """A search that can be stopped and taken up again."""

    @property
    def missing(self) -> float:
        """Between its score and its bound, in minor units."""

    @property
    def ended(self) -> bool:
        """Whether there is nothing left to do."""

    def begin(self, budget: Budget) -> None:
        """The first, short steps; called once."""

    def work(self, budget: Budget) -> None:
        """All others, until the budget is over or it has ended."""


def take_turns(searches: Sequence[Work], budget: Budget) -> None:
    """Until all have ended or time is up."""
    for search in searches:
        search.begin(budget)
    while budget.left:
        waiting = sorted((s for s in searches if not s.ended), key=lambda s: s.missing)
        if not waiting:
            return
        missing = sum(search.missing for search in waiting)
        most = waiting[-1].missing / missing if missing > 0.0 else 1.0 / len(waiting)
        lap = budget.part(max(LAP, most))
        for n, search in enumerate(waiting):
            lacks = search.missing
            share = lacks / missing if missing > lacks else 1.0
            search.work(lap.part(min(1.0, max(share, LEAST_SHARE / (len(waiting) - n)))))
            missing -= lacks
