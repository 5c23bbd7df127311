"""What the commands that search have in common: how long, which seed, and how to stop them.

Ctrl-C (and SIGTERM) ends a search and keeps the best so far; a second one ends the command at once.
"""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

MAX_SECONDS = 10**7
MAX_SEED = 2**63 - 1


def _finite(_: click.Context, __: click.Parameter, value: float) -> float:
    if not math.isfinite(value):  # a range lets NaN pass
        raise click.BadParameter(f"{value} is not a number of seconds")
    return value


seconds_option = click.option(
    "--seconds",
    type=click.FloatRange(0, MAX_SECONDS),
    default=60,
    show_default=True,
    metavar="N",
    callback=_finite,
    help="How long to search; less if the best is proven.",
)
seed_option = click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=0,
    show_default=True,
    metavar="N",
    help="Of the search.",
)


class Stop:
    """Whether somebody asked for an end."""

    def __init__(self) -> None:
        self._asked = False

    def asked(self) -> bool:
        return self._asked

    def ask(self, number: int, _: FrameType | None) -> None:
        """Handle a signal: remember it, and let the next one of its kind end the process."""
        self._asked = True
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def stop_signals() -> Iterator[Stop]:
    """Within it, the first SIGINT or SIGTERM only sets the flag."""
    stop = Stop()
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
