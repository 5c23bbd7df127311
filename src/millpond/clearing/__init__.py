"""Round to clearing: bound, search, prices, certificate. Pure: the clock is handed in.

`solve` is the entry for every round, `solve_one_maker` the exact one for rounds in which nobody chooses
between makers. That one and what a set of awards means (`prices`, `certificate`, `finish`) need the standard
library only; `solve` needs the extra `solve` (numpy, numba, highspy), which is imported when it is called.
"""

from __future__ import annotations

from collections.abc import Callable

from millpond.clearing.budget import Budget, Progress
from millpond.clearing.one_maker import Beyond, OneMaker, clear_one_maker
from millpond.model import Clearing, Round

__all__ = ["Beyond", "OneMaker", "Progress", "solve", "solve_one_maker"]


def solve(
    round: Round,
    *,
    seconds: float = 60,
    seed: int = 0,
    clock: Callable[[], float],
    stop: Callable[[], bool],
    progress: Callable[[Progress], None],
) -> Clearing:
    """The best clearing found within `seconds` on `clock`, always valid, with a certificate.

    Raises CannotServe for a `must_serve` round that cannot be served in full.
    """
    from millpond.clearing.engine import clear_round

    return clear_round(round, Budget(clock, stop, clock() + seconds), seed, progress)


def solve_one_maker(
    round: Round,
    *,
    seconds: float = 60,
    clock: Callable[[], float],
    stop: Callable[[], bool],
    progress: Callable[[Progress], None],
) -> OneMaker:
    """The best clearing of a round in which nobody chooses between makers, and whether it is proven to be the
    best: mostly within milliseconds.

    Raises Beyond at once for another round, and CannotServe as `solve` does.
    """
    return clear_one_maker(round, Budget(clock, stop, clock() + seconds), progress)
