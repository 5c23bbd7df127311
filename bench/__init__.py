"""Benchmarks: instances, peers and the run that writes `bench/RESULTS.md`.

- `generator`, `shapes`, `orlib`: rounds. `blind`: the price-blind problem and its exact score.
- `peers`: general solvers with their formulations. `ours`: our solver under measurement.
- `work`: what is measured and how it is told. `run`: measure, keep, render.

`python -m bench --help` says how to start it.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
