"""`millpond update`: the data of a node as this version of Millpond keeps it, or as it was."""

from __future__ import annotations

from pathlib import Path

import click

from millpond.cli.nodes import data_option
from millpond.errors import InputError
from millpond.node import lock
from millpond.node.node import now_ms
from millpond.node.update import bring_up_to_date


@click.command(name="update")
@data_option
def command(data: Path) -> None:
    """Bring a node's data up to date after Millpond itself was.

    Makes a copy, changes every room, checks it; if anything fails all is put back as it was. `millpond serve`
    does the same when it starts. The node must not be running.
    """
    if not (data / "node.db").is_file():
        raise InputError("holds no node of Millpond", name=str(data))
    held = lock.take(data)
    try:
        done = bring_up_to_date(data, now_ms=now_ms())
    finally:
        held.release()
    if done.copy is None:
        click.echo("Everything is up to date.")
    else:
        click.echo(f"Brought up to date: {done.files} files. What was before: {done.copy}")
