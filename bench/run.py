"""Runs the works of the benchmark, keeps their rows in `results.json` and renders `RESULTS.md` from them.

Each work's rows stand beside the machine, versions, commit and date they were measured with, so works may
be measured one at a time. `RESULTS.md` is written from `results.json` alone: no figure in it was typed.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from os import environ
from pathlib import Path
from typing import Any

from bench.machine import PACKAGES, machine
from bench.work import (
    Figure,
    Row,
    Scale,
    Work,
    checking,
    log_bytes,
    log_cold,
    log_ingest,
    log_receipts,
    log_slow_link,
    node,
    orders,
    orlib,
    phone,
    replays,
    rounds,
    say,
    table,
    versus,
)

WORKS: Mapping[str, Work]


def _measure_cold(scale: Scale) -> list[Row]:
    """Seconds from starting Python to the end of a small clearing, with and without numba's cache."""
    program = (
        "import json; from bench.generator import generate; from millpond import clear, read_round;"
        "clear(read_round(json.dumps(generate(3, 2, 1)).encode()), seconds=1)"
    )
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for what in ("nothing compiled yet", "compiled before"):
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, "-c", program], check=True, env={**environ, "NUMBA_CACHE_DIR": folder}
            )
            rows.append({"what": what, "seconds": round(time.perf_counter() - start, 2)})
    return rows


COLD = Work(
    "From starting Python to the end of `clear` on a round of 3 x 2 that is given at most a second.",
    _measure_cold,
    lambda rows: [
        Figure("cold start", "beside it", "; ".join(f"{r['what']}: {r['seconds']} s" for r in rows))
    ],
    lambda rows: table(("what", "seconds"), ((row["what"], row["seconds"]) for row in rows)),
)
WORKS = {
    "orlib-small": orlib.SMALL,
    "orlib-capa": orlib.CAPA,
    "rounds-2000x50": rounds.MIDDLE,
    "rounds-300x20": rounds.SMALL,
    "rounds-10000x200": rounds.LARGE,
    "peers-2000x50": versus.MIDDLE,
    "peers-300x20": versus.SMALL,
    "group-orders": orders.ORDERS,
    "verifier": checking.VERIFIER,
    "replays": replays.REPLAYS,
    "node": node.NODE,
    "phone": phone.PHONE,
    "log-verified": log_ingest.VERIFIED,
    "log-checkpoint": log_ingest.CHECKPOINT,
    "log-bytes": log_bytes.BYTES,
    "log-cold": log_cold.COLD,
    "log-receipts": log_receipts.RECEIPTS,
    "log-slow-link": log_slow_link.SLOW_LINK,
    "cold-start": COLD,
}


ABOUT = """\
Written by `python -m bench run` from `results.json`; nothing here was typed. What a row means stands
with its table. Timings are taken after numba's warm-up; the cold start has its own row."""


def run(names: Sequence[str], folder: Path, *, quick: bool, most_seeds: int | None = None) -> None:
    """Measure the works of these names (all if none) into `folder`, rewriting both files after each."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as compiled:
        # numba's cache does not see changes in what a cached function calls: use none of another time
        environ["NUMBA_CACHE_DIR"] = compiled
        _run(names or list(WORKS), folder, Scale(quick, most_seeds))


def _run(names: Sequence[str], folder: Path, scale: Scale) -> None:
    kept = folder / "results.json"
    results: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    for name in names:
        say(f"== {name}")
        on, start = machine(), time.perf_counter()
        try:
            rows, failed = WORKS[name].measure(scale), ""
        except RuntimeError as error:
            rows, failed = [], str(error)
            say(f"{name} failed: {error}")
        took = round(time.perf_counter() - start)
        if rows or failed:
            results[name] = {
                "quick": scale.quick,
                "took_seconds": took,
                "machine": on,
                "failed": failed,
                "rows": rows,
            }
            kept.write_text(json.dumps(results, indent=1) + "\n")
            (folder / "RESULTS.md").write_text(render(results))


def render(results: Mapping[str, Any]) -> str:
    """`RESULTS.md` from what `results.json` holds."""
    parts = [
        "# Results of the benchmark",
        ABOUT,
        table(("work", "target", "found", ""), _targets(results)),
    ]
    for name, work in WORKS.items():
        if name in results:
            kept = results[name]
            told = f"Failed: {kept['failed']}" if kept["failed"] else work.tables(kept["rows"])
            parts += [f"## {name}", work.about, _told(kept), told]
    return "\n\n".join(parts) + "\n"


def _targets(results: Mapping[str, Any]) -> list[Sequence[str]]:
    lines = []
    for name, work in WORKS.items():
        if name not in results:
            lines.append((name, "", "not measured", ""))
            continue
        if failed := results[name]["failed"]:
            lines.append((name, "", failed.splitlines()[0], "**failed**"))
            continue
        quick = " (quick)" if results[name]["quick"] else ""
        for figure in work.figures(results[name]["rows"]):
            verdict = {None: "", True: "reached", False: "**fell short**"}[figure.reached]
            lines.append((figure.work + quick, figure.target, figure.found, verdict))
    return lines


def _told(kept: Mapping[str, Any]) -> str:
    on = kept["machine"]
    versions = ", ".join(f"{name} {on[name]}" for name in ("python", *PACKAGES, "sqlite") if name in on)
    quick = "A quick run, to try the benchmark out: no figure to rely on. " if kept["quick"] else ""
    return (
        f"{quick}Measured {on['date']} at {on['commit']} in {kept['took_seconds']} s on {on['processor']}, "
        f"{on['cores']} cores, {on['memory_bytes'] / 1e9:.0f} GB, load {on['load_before']} before; "
        f"{on['system']}; {versions}."
    )
