"""What the benchmark measures: each module here runs one kind of work and words its figures.

A `Work` is two functions. `measure(scale)` runs it and gives rows, plain JSON dicts that are kept as they
are; `figures(rows)` and `tables(rows)` are pure and read nothing but those rows, so that `RESULTS.md` can
be written anew without measuring anew.
"""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table of targets. `reached` is None where a figure stands beside without a target."""

    work: str
    target: str
    found: str
    reached: bool | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """How much to measure. `quick` is for trying the benchmark out: fewer seeds, a tenth of the time.

    `most_seeds` bounds the seeds of a work where there is no time for all; results say how many there were.
    """

    quick: bool = False
    most_seeds: int | None = None

    def seconds(self, full: float) -> float:
        return full / 10 if self.quick else full

    def seeds(self, full: int) -> range:
        return range(1, (1 if self.quick else min(full, self.most_seeds or full)) + 1)


@dataclass(frozen=True, slots=True)
class Work:
    """`about` says in a paragraph what is measured and how."""

    about: str
    measure: Callable[[Scale], list[Row]]
    figures: Callable[[Sequence[Row]], list[Figure]]
    tables: Callable[[Sequence[Row]], str]


def say(text: str) -> None:
    """Progress of the benchmark, for whoever waits."""
    print(text, file=sys.stderr, flush=True)


def percent(share: float | None, digits: int = 3) -> str:
    return "none" if share is None or share == inf else f"{100 * share:.{digits}f} %"


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)
