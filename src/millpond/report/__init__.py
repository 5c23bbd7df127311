"""The report: one self-contained page about a cleared round, for a village leader and for an economist.

    write_report(round, clearing, "report.html", seconds=30)

- In this order: who was served and who was not, prices by town size, what was made, how equal it is, who
  gains, who pays for equality, how good the clearing is proven to be, what is assumed.
- In Chinese and English, switched without scripts; light, dark, phone and paper; charts with their tables.
- The same inputs give the same bytes, as far as clearing the comparisons ends by itself.

What it does not do: check the clearing as `millpond verify` does, or read files.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from millpond import __version__
from millpond.api import clear
from millpond.clearing.prices import follow
from millpond.errors import InputError
from millpond.model import Clearing, Round
from millpond.report.compared import Clear
from millpond.report.study import study

SECONDS = 60.0
"""How long the comparisons of a report may take, unless it is said."""


def _clear(round: Round, seconds: float) -> Clearing:
    """Clear what is only compared with: nobody gets its file, so nobody needs the hash of one."""
    return clear(replace(round, sha256="0" * 64), seconds=seconds)


def write_report(
    round: Round,
    clearing: Clearing,
    path: str | os.PathLike[str],
    *,
    assumptions: Mapping[str, Sequence[str]] | None = None,
    seconds: float = SECONDS,
) -> None:
    """Write the report of a clearing of `round` to `path`.

    `assumptions` are sentences by language ("zh", "en") that say what in the round is not data. `seconds`
    bounds the clearing of what the round is compared with. Raises InputError if the clearing is not one of
    the round.
    """
    html = report(round, clearing, assumptions=assumptions, seconds=seconds)
    target = Path(path)
    beside = target.with_name(f".{target.name}.part")
    try:
        beside.write_text(html, encoding="utf-8")
        beside.replace(target)  # nobody ever sees half a page
    finally:
        beside.unlink(missing_ok=True)


def report(
    round: Round,
    clearing: Clearing,
    *,
    assumptions: Mapping[str, Sequence[str]] | None = None,
    seconds: float = SECONDS,
    clear: Clear = _clear,
) -> str:
    """The page itself; `clear` is what clears the comparisons, within so many seconds each."""
    from millpond.report.page import page

    if round.sha256 and clearing.round_sha256 != round.sha256:
        raise InputError(
            "is a clearing of another round: its round_sha256 is not this round's", name="clearing"
        )
    follows = follow(round, clearing.awards)
    if (follows.prices, follows.bills, follows.score) != (clearing.prices, clearing.bills, clearing.score):
        raise InputError("does not follow from the round: run `millpond verify` on the two", name="clearing")
    return page(study(round, clearing, clear, seconds, time.monotonic), __version__, assumptions or {})
