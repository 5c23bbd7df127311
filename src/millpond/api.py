"""The library's one call: `millpond.clear(round)`.

The shell around the solver: it brings the clock, which the core may not read. Everything that decides is in
`millpond.clearing`; its packages (numpy, numba, highspy: the extra `solve`) are imported when it is called.

>>> from millpond import clear, read_round
>>> clear(read_round(b'''{"format": "millpond-round/1", "id": "r", "currency": "CNY",
...     "items": [], "places": [], "demand": [], "offers": []}'''), seconds=1).awards
()
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from millpond.compiled import compile_all, compiled_before
from millpond.model import Clearing, Round, encode_round

if TYPE_CHECKING:
    from millpond.clearing import Progress


def clear(
    round: Round,
    *,
    seconds: float = 60,
    seed: int = 0,
    progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Clearing:
    """The best clearing of the round that is found within the time, with a certificate of how good it is.

    Always valid, whenever it stops: after `seconds`, when the best is proven, or soon after `stop()` says so.
    `progress` is told of every improvement. A search that ends by itself gives the same clearing for the same
    seed.

    A round that was not read from a file is cleared as `encode_round` would write it.

    Raises `CannotServe` for a `must_serve` round that cannot be served.
    """
    from millpond.clearing import Progress, solve

    tell = progress or (lambda _: None)
    if not compiled_before():
        tell(Progress(seconds=0.0, phase="compiling", score=None, bound=None, gap=None))
    compile_all()  # before the clock starts
    if not round.sha256:
        round = replace(round, sha256=hashlib.sha256(encode_round(round)).hexdigest())
    return solve(
        round,
        seconds=seconds,
        seed=seed,
        clock=time.monotonic,
        stop=stop or (lambda: False),
        progress=tell,
    )
