"""`millpond clear`: the best clearing of a round within the time, with a certificate of how good it is.

Ctrl-C (and SIGTERM) ends the search and writes the best so far; a second one ends the command at once,
writing nothing.
"""

from __future__ import annotations

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from millpond.api import clear
from millpond.cli.files import check_writable, read_file, write_file
from millpond.cli.progress import shown_progress
from millpond.cli.summary import summary
from millpond.model import encode_clearing, read_round

MAX_SECONDS = 10**7
MAX_SEED = 2**63 - 1


def _finite(_: click.Context, __: click.Parameter, value: float) -> float:
    if not math.isfinite(value):  # a range lets NaN pass
        raise click.BadParameter(f"{value} is not a number of seconds")
    return value


@click.command(name="clear")
@click.argument("round_path", metavar="ROUND.json")
@click.option("-o", "--output", required=True, metavar="CLEARING.json", help="Where to write the clearing.")
@click.option(
    "--seconds",
    type=click.FloatRange(0, MAX_SECONDS),
    default=60,
    show_default=True,
    metavar="N",
    callback=_finite,
    help="How long to search; less if the best is proven.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, MAX_SEED),
    default=0,
    show_default=True,
    metavar="N",
    help="Of the search.",
)
def command(round_path: str, output: str, seconds: float, seed: int) -> None:
    """Find the best clearing of ROUND.json within the time and write it, with its certificate.

    It is always valid. Ctrl-C writes the best so far.
    """
    with _stop_signals() as stop:
        round = read_round(read_file(round_path), round_path)
        check_writable(output)
        with shown_progress(round.currency, seconds) as progress:
            clearing = clear(round, seconds=seconds, seed=seed, progress=progress, stop=stop.asked)
        write_file(output, encode_clearing(clearing))
    if stop.asked():
        click.echo("Stopped early; this is the best so far.")
    click.echo(summary(round, clearing))
    click.echo(f"Written to {output}; check it with: millpond verify {round_path} {output}")


class _Stop:
    def __init__(self) -> None:
        self._asked = False

    def asked(self) -> bool:
        return self._asked

    def ask(self, number: int, _: FrameType | None) -> None:
        self._asked = True
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def _stop_signals() -> Iterator[_Stop]:
    """Within it, the first SIGINT or SIGTERM only sets the flag."""
    stop = _Stop()
    before = {number: signal.signal(number, stop.ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
