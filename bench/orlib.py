"""OR-Library capacitated warehouse location as rounds (J. E. Beasley, "OR-Library: distributing test problems
by electronic mail", 1990; `cap41` ... `cap134` and `capa`).

A warehouse is an offer (`setup` = opening cost, one tier from 1 at price 0), a customer a place with one
line, and the freight carries the cost of serving it. The round is `must_serve`, so its score is minus the
cost times `scale`.

Invariants:

- the 37 small instances: x 80 turns every unit cost and opening cost into an integer, so nothing is rounded
  and `score == -80 x cost` exactly;
- `capa`: its unit costs (cost / demand) are no multiples of any small fraction. They are rounded at a scale
  of 100,000, the largest power of ten at which its opening costs stay below the format's 10^12; that moves
  the cost of any solution by at most 50,886 units x half a hundred-thousandth, 0.25 of about 17 million.

It does not ship the data: `data_folder()` says where it looks.
"""

import gzip
import os
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from bench import ROOT

RoundDict = dict[str, Any]

SMALL_SCALE = 80
CAPA_SCALE = 100_000
CAPA_CAPACITIES = (8000, 10000, 12000, 14000)
LIMIT = 10**9


@dataclass(frozen=True, slots=True)
class Instance:
    """`cost(score)` is what the published `optimum` counts, which is rounded to three decimals."""

    name: str
    scale: int
    optimum: Fraction
    round: RoundDict

    def cost(self, score: int) -> Fraction:
        return Fraction(-score, self.scale)


def data_folder() -> Path | None:
    """The folder with the OR-Library files: in $MILLPOND_RECORDS, or ../shared/data beside the repository."""
    root = os.environ.get("MILLPOND_RECORDS") or ROOT.parent / "shared" / "data"
    folder = Path(root) / "facility-location"
    return folder if folder.is_dir() else None


def published_optima(text: str) -> dict[tuple[str, int | None], Fraction]:
    """Parse `capopt.txt`: (name, capacity or None) -> optimum."""
    optima: dict[tuple[str, int | None], Fraction] = {}
    name = ""
    for line in text.splitlines():
        found = re.match(r"(cap\w+)?\s+([\d.]+)(?:\s+\(capacity (\d+)\))?\s*$", line)
        if found:
            name = found[1] or name
            optima[name, int(found[3]) if found[3] else None] = Fraction(found[2])
    return optima


def convert(
    name: str, text: str, scale: int, *, capacity: int | None = None, exact: bool = True
) -> RoundDict:
    """The text of one instance as a round. `capacity` stands in for the word in `capa`.

    Raises ValueError if `exact` and a scaled unit cost is no integer.
    """
    numbers = iter(text.replace("capacity", str(capacity)).split())
    warehouses, customers = int(next(numbers)), int(next(numbers))
    sites = [(int(Fraction(next(numbers))), Fraction(next(numbers)) * scale) for _ in range(warehouses)]
    demand, freight = [], [[] for _ in sites]
    for c in range(customers):
        quantity = int(next(numbers))
        accepts = [{"item": "unit", "limit": LIMIT}]
        demand.append({"id": f"d{c}", "place": f"p{c}", "quantity": quantity, "accepts": accepts})
        for rows in freight:
            per_unit = Fraction(next(numbers)) * scale / quantity
            if exact and per_unit.denominator != 1:
                raise ValueError(f"{name}: customer {c}: unit cost x {scale} is {per_unit}, not an integer")
            rows.append({"place": f"p{c}", "per_load": round(per_unit)})
    offers = [
        {
            "id": f"o{w}", "maker": f"m{w}", "setup": round(setup), "capacity": room, "freight": freight[w],
            "items": [{"item": "unit"}], "tiers": [{"from": 1, "price": 0}],
        }
        for w, (room, setup) in enumerate(sites)
    ]  # fmt: skip
    return {
        "format": "millpond-round/1", "id": name, "currency": "USD", "must_serve": True,
        "items": [{"id": "unit"}], "places": [{"id": f"p{c}"} for c in range(customers)],
        "demand": demand, "offers": offers,
    }  # fmt: skip


def small(folder: Path) -> list[Instance]:
    """The 37 small instances in the order of `capopt.txt`."""
    optima = published_optima((folder / "capopt.txt").read_text())
    return [
        Instance(name, SMALL_SCALE, optimum, convert(name, (folder / f"{name}.txt").read_text(), SMALL_SCALE))
        for (name, capacity), optimum in optima.items()
        if capacity is None
    ]


def capa(folder: Path) -> list[Instance]:
    """`capa` (100 x 1000) at its four capacities."""
    optima = published_optima((folder / "capopt.txt").read_text())
    with gzip.open(folder / "capa.txt.gz", "rt") as file:
        text = file.read()
    return [
        Instance(
            f"capa-{capacity}", CAPA_SCALE, optima["capa", capacity],
            convert(f"capa-{capacity}", text, CAPA_SCALE, capacity=capacity, exact=False),
        )
        for capacity in CAPA_CAPACITIES
    ]  # fmt: skip
