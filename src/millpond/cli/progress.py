"""What a person sees while a round is cleared: best, bound and gap on standard error.

One line that is redrawn on a terminal; elsewhere a plain line for every new phase, best or bound, at most one
a second.
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

LINES_PER_SECOND = 1.0


@contextmanager
def shown_progress(currency: str, seconds: float) -> Iterator[Callable[[Progress], None]]:
    """What to hand to `millpond.clear` as `progress`, for as long as the context lasts."""
    if not sys.stderr.isatty():
        yield _plain_lines(currency)
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    with Live(Text("getting ready …"), console=console, transient=True, refresh_per_second=8) as live:
        yield lambda progress: live.update(
            Text(f"{_bar(progress.seconds, seconds)} {progress_text(progress, currency)}")
        )


def progress_text(progress: Progress, currency: str) -> str:
    """One line: "  12 s  search     best 1,234.00  bound 1,240.00  gap 0.48 %"."""
    best = "none yet" if progress.score is None else money_text(progress.score, currency)
    bound = "none yet" if progress.bound is None else money_text(progress.bound, currency)
    gap = "" if progress.gap is None else f"  gap {100 * progress.gap:.3f} %"
    return f"{progress.seconds:4.0f} s  {progress.phase:<12}  best {best}  bound {bound}{gap}"


def _plain_lines(currency: str) -> Callable[[Progress], None]:
    last = (-LINES_PER_SECOND, "", "")  # when, what was said, in which phase

    def show(progress: Progress) -> None:
        nonlocal last
        when, said, phase = last
        text = progress_text(progress, currency)
        is_new = text.partition(" s ")[2] != said.partition(" s ")[2]
        if is_new and (progress.phase != phase or progress.seconds - when >= LINES_PER_SECOND):
            click.echo(text, err=True)
            last = (progress.seconds, text, progress.phase)

    return show


def _bar(elapsed: float, seconds: float, width: int = 20) -> str:
    full = min(width, int(width * elapsed / seconds)) if seconds else width
    return "━" * full + "╌" * (width - full)
