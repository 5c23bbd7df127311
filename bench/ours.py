"""Our solver under measurement, in a process of its own so that its peak memory is its own.

`run(tasks)` clears one round after another in one fresh process: `python -m bench.ours TASKS.json`. Before
the first, small rounds are cleared until numba has compiled what it needs; how long that took is reported
as `warm_up_seconds` and is in no other figure. What a task reports is a plain dict, see `_clear` and
`_blind`.

Every clearing is checked by `millpond.verify`, every set of price-blind awards is scored anew from the
round's JSON.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import ROOT
from bench.blind import gap, score
from bench.generator import generate
from bench.machine import peak_bytes

Row = dict[str, Any]
MARKS = (1, 2, 5, 10, 20, 30, 60, 120)  # seconds at which the anytime curve is read
GRACE_SECONDS = 600  # for reading, compiling, finishing and verifying, all tasks together
WARM_UP_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Task:
    """The round file to clear, and where to write its clearing. `blind`: without the price rule."""

    path: str
    seconds: float
    seed: int = 0
    blind: bool = False
    output: str | None = None


def run(tasks: Sequence[Task]) -> tuple[float, list[Row]]:
    """Warm-up seconds, and a row for each task. Raises RuntimeError where the process fails."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "tasks.json"
        told.write_text(json.dumps([asdict(task) for task in tasks]))
        done = subprocess.run(
            [sys.executable, "-m", "bench.ours", str(told)],
            check=False, cwd=ROOT, stdout=subprocess.PIPE, text=True,
            timeout=sum(task.seconds for task in tasks) * 1.5 + GRACE_SECONDS,
        )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"our solver ended with exit code {done.returncode}")
    first, *rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return first["warm_up_seconds"], rows


def run_body(body: Row, *, seconds: float, seed: int = 0, blind: bool = False) -> Row:
    """Clear one round in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "round.json"
        path.write_text(json.dumps(body))
        warm_up, (row,) = run([Task(str(path), seconds, seed, blind)])
    return {**row, "warm_up_seconds": warm_up}


def _warm_up() -> float:
    from millpond import clear
    from millpond.model import read_round

    start = time.perf_counter()
    for shape in ({}, {"must_serve": True}):
        clear(read_round(json.dumps(generate(60, 8, 1, **shape)).encode()), seconds=WARM_UP_SECONDS)
    return round(time.perf_counter() - start, 2)


def _curve(said: Iterable[tuple[float, int | None, int | None]], until: float) -> list[Row]:
    """The last of what was said before each mark up to `until`."""
    rows: dict[int, Row] = {}
    for seconds, best, bound in said:
        for mark in MARKS:
            if seconds <= mark <= until and best is not None and bound is not None:
                rows[mark] = {"seconds": mark, "score": best, "bound": bound, "gap": gap(best, bound)}
    return [rows[mark] for mark in sorted(rows)]


def _clear(data: bytes, task: Task) -> Row:
    """Clear, measure, then verify. `seconds` are of `clear` alone; `best_seconds` until its score was
    reached.
    """
    from millpond import clear
    from millpond.model import encode_clearing, read_round
    from millpond.verify import verifier

    start = time.perf_counter()
    market = read_round(data)
    read = time.perf_counter()
    said: list[tuple[float, int | None, int | None]] = []

    def note(progress: Any) -> None:
        said.append((time.perf_counter() - read, progress.score, progress.bound))

    clearing = clear(market, seconds=task.seconds, seed=task.seed, progress=note)
    cleared = time.perf_counter()
    peak = peak_bytes()
    written = encode_clearing(clearing)
    if task.output:
        Path(task.output).write_bytes(written)
    checked = time.perf_counter()
    checks = verifier.verify(data, written)
    reached = [at for at, best, _ in said if best is not None and best >= clearing.score]
    return {
        "valid": all(check.ok is True for check in checks),
        "failed": [f"{check.name}: {check.message}" for check in checks if check.ok is not True],
        "score": clearing.score,
        "bound": clearing.bound,
        "gap": gap(clearing.score, clearing.bound),
        "read_seconds": round(read - start, 2),
        "seconds": round(cleared - read, 3),
        "best_seconds": round(min(reached, default=cleared - read), 3),
        "verify_seconds": round(time.perf_counter() - checked, 2),
        "peak_bytes": peak,
        "lines": len(market.demand),
        "lines_served": len({award.demand for award in clearing.awards}),
        "curve": _curve(said, task.seconds),
    }


def _blind(data: bytes, task: Task) -> Row:
    """The price-blind problem; its score is recomputed from the JSON and its bound from the certificate."""
    from millpond.clearing.certificate import bound
    from millpond.clearing.engine import solve_blind
    from millpond.model import read_round

    market = read_round(data)
    start = time.perf_counter()
    awards, certificate, said, _ = solve_blind(
        market, seconds=task.seconds, seed=task.seed, clock=time.monotonic
    )
    seconds = round(time.perf_counter() - start, 3)
    rows = [(award.demand, award.offer, award.item, award.quantity) for award in awards]
    best, above = score(json.loads(data), rows), bound(market, certificate)
    if best != said:
        raise ValueError(f"the price-blind awards score {best}, not {said}")
    return {
        "score": best,
        "bound": above,
        "gap": gap(best, above),
        "seconds": seconds,
        "peak_bytes": peak_bytes(),
    }


def main() -> None:
    """Do the tasks of the file named by the argument; a line of JSON each."""
    tasks = [Task(**task) for task in json.loads(Path(sys.argv[1]).read_text())]
    print(json.dumps({"warm_up_seconds": _warm_up()}), flush=True)
    for task in tasks:
        work = _blind if task.blind else _clear
        print(json.dumps(work(Path(task.path).read_bytes(), task)), flush=True)


if __name__ == "__main__":
    main()
