"""`millpond report`: one self-contained page about a cleared round, in Chinese and English."""

from __future__ import annotations

import click

from millpond.cli.files import check_writable, read_file, write_file
from millpond.cli.options import seconds_option
from millpond.model import read_clearing, read_round
from millpond.report import report


@click.command(name="report")
@click.argument("round_path", metavar="ROUND.json")
@click.argument("clearing_path", metavar="CLEARING.json")
@click.option("-o", "--output", required=True, metavar="REPORT.html", help="Where to write the page.")
@seconds_option
def command(round_path: str, clearing_path: str, output: str, seconds: float) -> None:
    """Write a page about the clearing of a round: who was served, at what price, and how equally.

    The page needs no network. It compares the clearing with smaller pools and other assumptions, which are
    cleared for it.
    """
    round = read_round(read_file(round_path), round_path)
    clearing = read_clearing(read_file(clearing_path), clearing_path)
    check_writable(output)
    click.echo(f"Clearing what it is compared with, for {seconds:g} seconds at most …", err=True)
    write_file(output, report(round, clearing, seconds=seconds).encode())
    click.echo(f"Written to {output}")
