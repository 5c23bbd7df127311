"""`millpond verify`: the independent check, as `millpond.verify.verifier` does it when it is run alone."""

from __future__ import annotations

import sys

import click

from millpond.verify import verifier


@click.command(
    name="verify",
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Check a clearing against its round: 0 valid, 1 invalid, 2 unusable input."""
    sys.exit(verifier.main(list(arguments)))
