"""General solvers on the price-blind problem, with strong formulations: what our gap is compared to.

`run(name, ...)` runs one peer in a process of its own (highspy and ortools don't load in one process) and
gives its `Answer`. The awards are checked and scored here from the round alone, in integers.
"""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import ROOT
from bench.blind import gap, score

PEERS = ("highs", "scip", "cpsat")
GRACE_SECONDS = 240  # for loading, building the model and a solver that is slow to stop


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer found. Without a solution of its own the empty clearing counts, if the round allows it."""

    peer: str
    version: str
    formulation: str
    threads: int
    status: str
    score: int | None
    bound: int | None
    gap: float | None
    seconds: float  # in the solver, presolve included
    build_seconds: float
    peak_bytes: int


def run(
    name: str, body: dict[str, Any], *, formulation: str, seconds: float = 60, threads: int = 2, seed: int = 0
) -> Answer:
    """Run one peer on a round. Raises RuntimeError if its process fails or its awards are not valid."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "round.json"
        path.write_text(json.dumps(body))
        options = [str(path), formulation, str(seconds), str(threads), str(seed)]
        try:
            done = subprocess.run(
                [sys.executable, "-m", f"bench.peers.{name}", *options],
                check=False, cwd=ROOT, capture_output=True, text=True, timeout=seconds + GRACE_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise RuntimeError(f"{name} did not stop within {seconds} + {GRACE_SECONDS} s") from error
    if done.returncode:
        raise RuntimeError(f"{name} failed: {done.stderr[-2000:]}")
    said = json.loads(done.stdout.splitlines()[-1])
    awards = said.pop("awards")
    if awards is None and not body.get("must_serve", False):
        awards = []
    try:
        value = None if awards is None else score(body, [tuple(row) for row in awards])
    except ValueError as error:
        raise RuntimeError(f"{name}: its awards are not valid: {error}") from error
    known = value is not None and said["bound"] is not None
    return Answer(
        peer=name, formulation=formulation, threads=threads, score=value,
        gap=gap(value, said["bound"]) if known else None, **said,
    )  # fmt: skip
