"""`millpond verify`: the independent check, as `millpond.verify.verifier` does it when it is run alone."""

from __future__ import annotations

import sys

import click

from millpond.verify import verifier


@click.command(name="verify")
@click.argument("round_path", metavar="ROUND.json")
@click.argument("clearing_path", metavar="CLEARING.json")
def command(round_path: str, clearing_path: str) -> None:
    """Check a clearing against its round, in numbered steps.

    Exit code 0: valid; 1: invalid, and in which row by how much; 2: one of the files is unusable.
    """
    sys.exit(verifier.main([round_path, clearing_path]))
