"""The part common to the peers' processes: read the round, formulate, solve, print one line of JSON.

Arguments: ROUND.json FORMULATION SECONDS THREADS SEED.
"""

import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.blind import blind
from bench.machine import peak_bytes
from bench.peers.formulation import Model, awards, formulate


@dataclass(frozen=True, slots=True)
class Found:
    """What a solver ended with; `bound` as the solver says it, None if it has none."""

    status: str
    values: list[float] | None
    bound: float | None


Solve = Callable[[Model, float, int, int], Found]
"""(model, seconds, threads, seed) -> Found"""


def main(version: str, solve: Solve) -> None:
    """Run one peer on the process's arguments."""
    path, formulation, seconds, threads, seed = sys.argv[1:]
    start = time.perf_counter()
    problem = blind(json.loads(Path(path).read_text()))
    model = formulate(problem, formulation)
    built = time.perf_counter()
    found = solve(model, float(seconds), int(threads), int(seed))
    ended = time.perf_counter()
    answer = {
        "version": version,
        "status": found.status,
        "bound": whole_bound(found.bound),
        "seconds": round(ended - built, 2),
        "build_seconds": round(built - start, 2),
        "peak_bytes": peak_bytes(),
        "awards": None if found.values is None else awards(problem, model, found.values),
    }
    print("\n" + json.dumps(answer))


def whole_bound(bound: float | None) -> int | None:
    """The score is whole, so the bound rounds down, but for the last digits of a float."""
    if bound is None or not math.isfinite(bound) or abs(bound) >= 1e18:
        return None
    return math.floor(bound + 1e-6 + 1e-9 * abs(bound))
