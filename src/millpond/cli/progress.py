"""What a person sees while a round is cleared: best, bound and gap on standard error.

One line that is redrawn on a terminal; elsewhere a plain line for what is new, hardly more than one a second.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from millpond.model.money import money_text

if TYPE_CHECKING:
    from millpond.clearing import Progress

SECONDS_BETWEEN_LINES = 1.0


@contextmanager
def shown_progress(currency: str, seconds: float) -> Iterator[Callable[[Progress], None]]:
    """What to hand to `millpond.clear` as `progress`, for as long as the context lasts."""
    if not sys.stderr.isatty():
        yield _PlainLines(currency).show
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    with Live(Text("getting ready …"), console=console, transient=True, refresh_per_second=8) as live:

        def show(progress: Progress) -> None:
            line = f"{_bar(progress.seconds, seconds)} {progress_text(progress, currency)}"
            live.update(Text(line, no_wrap=True, overflow="ellipsis"))

        yield show


def progress_text(progress: Progress, currency: str) -> str:
    """One line: "  12 s  search     best 1,234.00  bound 1,240.00  gap 0.48 %"."""
    best = "none yet" if progress.score is None else money_text(progress.score, currency)
    bound = "none yet" if progress.bound is None else money_text(progress.bound, currency)
    gap = "" if progress.gap is None else f"  gap {100 * progress.gap:.3f} %"
    return f"{progress.seconds:4.0f} s  {progress.phase:<12}  best {best}  bound {bound}{gap}"


class _PlainLines:
    """A line for what is new: a phase never seen at once, anything else not more often than once a second."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self._phases: set[str] = set()
        self._last: Progress | None = None

    def show(self, progress: Progress) -> None:
        last = self._last
        if last is not None and progress.phase in self._phases:
            is_news = (last.score, last.bound) != (progress.score, progress.bound)
            if not is_news or progress.seconds - last.seconds < SECONDS_BETWEEN_LINES:
                return
        click.echo(progress_text(progress, self._currency), err=True)
        self._phases.add(progress.phase)
        self._last = progress


def _bar(elapsed: float, seconds: float, width: int = 20) -> str:
    full = min(width, int(width * elapsed / seconds)) if seconds else width
    return "━" * full + "╌" * (width - full)
