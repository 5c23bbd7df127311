"""The library's one call: `millpond.clear(round)`.

The shell around the solver: it brings the clock, which the core may not read, and chooses the way. Everything
that decides is in `millpond.clearing`: what clears a round of one maker needs the standard library only, the
packages of the rest (numpy, numba, highspy: the extra `solve`) are imported when they are needed.

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
from importlib import import_module

from millpond.clearing import Beyond, Progress, solve, solve_one_maker
from millpond.compiled import compile_all, compiled_before
from millpond.errors import MissingExtra
from millpond.model import Clearing, Round, encode_round

SOLVER_PACKAGES = ("numpy", "numba", "highspy")
"""What the extra `solve` brings."""


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

    A round in which nobody chooses between makers (a leader's order from one maker) is cleared exactly,
    without the extra `solve`; `progress` hears at the end whether the best is proven. For other rounds, and
    for the rare one of that kind whose best is not proven soon, the solver of the extra is used.

    A round that was not read from a file is cleared as `encode_round` would write it.

    Raises `CannotServe` for a `must_serve` round that cannot be served, and `MissingExtra` for a round that
    needs the extra where it is not installed.
    """
    tell, asked = progress or (lambda _: None), stop or (lambda: False)
    if not round.sha256:
        round = replace(round, sha256=hashlib.sha256(encode_round(round)).hexdigest())
    began = time.monotonic()
    exact = None
    needed_for = "this round"
    try:
        exact = solve_one_maker(round, seconds=seconds, clock=time.monotonic, stop=asked, progress=tell)
    except Beyond as why:
        needed_for = f"this round ({why})"
    if exact is not None:
        seconds = max(0.0, seconds - (time.monotonic() - began))
        if exact.proven or not seconds or asked():
            return exact.clearing
        tell = _onward(exact.clearing, time.monotonic() - began, tell)
    try:
        _get_ready(tell)  # before the clock starts
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in SOLVER_PACKAGES:
            raise
        if exact is not None:
            return exact.clearing
        raise MissingExtra(package, "solve", needed_for) from None
    clearing = solve(round, seconds=seconds, seed=seed, clock=time.monotonic, stop=asked, progress=tell)
    return clearing if exact is None or clearing.score > exact.clearing.score else exact.clearing


def _get_ready(tell: Callable[[Progress], None]) -> None:
    """Compiles the solver or loads it. Raises ModuleNotFoundError where the extra is not installed."""
    compiled = (
        compiled_before()
    )  # says where compiled code is kept, which must be known when numba is imported
    for package in SOLVER_PACKAGES:
        import_module(package)
    if not compiled:
        tell(Progress(seconds=0.0, phase="compiling", score=None, bound=None, gap=None))
    compile_all()


def _onward(known: Clearing, seconds: float, tell: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """Tells how far a search is that goes on after `seconds`, with a clearing already known."""

    def told(progress: Progress) -> None:
        score = max(known.score, known.score if progress.score is None else progress.score)
        above = min(known.bound, known.bound if progress.bound is None else progress.bound)
        left = (above - score) / max(1, abs(above))
        tell(replace(progress, seconds=seconds + progress.seconds, score=score, bound=above, gap=left))

    return told
