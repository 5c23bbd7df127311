"""`millpond clear`: the best clearing of a round within the time, with a certificate of how good it is.

Ctrl-C (and SIGTERM) ends the search and writes the best so far; a second one ends the command at once,
writing nothing.
"""

from __future__ import annotations

import click

from millpond.api import clear
from millpond.cli.files import check_writable, read_file, write_file
from millpond.cli.options import seconds_option, seed_option, stop_signals
from millpond.cli.progress import shown_progress
from millpond.cli.summary import summary
from millpond.model import encode_clearing, read_round


@click.command(name="clear")
@click.argument("round_path", metavar="ROUND.json")
@click.option("-o", "--output", required=True, metavar="CLEARING.json", help="Where to write the clearing.")
@seconds_option
@seed_option
def command(round_path: str, output: str, seconds: float, seed: int) -> None:
    """Find the best clearing of ROUND.json within the time and write it, with its certificate.

    It is always valid. Ctrl-C writes the best so far.
    """
    with stop_signals() as stop:
        round = read_round(read_file(round_path), round_path)
        check_writable(output)
        with shown_progress(round.currency, seconds) as progress:
            clearing = clear(round, seconds=seconds, seed=seed, progress=progress, stop=stop.asked)
        write_file(output, encode_clearing(clearing))
    if stop.asked():
        click.echo("Stopped early; this is the best so far.")
    click.echo(summary(round, clearing))
    click.echo(f"Written to {output}; check it with: millpond verify {round_path} {output}")
