"""Round to clearing: bound, search, prices, certificate. Pure: the clock is handed in.

`solve` is the one entry. What a set of awards means (`prices`, `certificate`, `finish`) needs the standard
library only; searching needs the extra `solve` (numpy, numba, highspy), which is imported when `solve` is
called.
"""

from __future__ import annotations

from collections.abc import Callable

from millpond.clearing.budget import Budget, Progress
from millpond.model import Clearing, Round

__all__ = ["Progress", "solve"]


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
