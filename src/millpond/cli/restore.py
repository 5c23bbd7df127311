"""`millpond restore`: a node from a backup, in an empty directory."""

from __future__ import annotations

from pathlib import Path

import click

from millpond.cli.nodes import data_option, is_sealed, known_passphrase, passphrase_file_option
from millpond.node.backup import restore
from millpond.node.node import now_ms


@click.command(name="restore")
@click.argument("file", metavar="FILE")
@passphrase_file_option
@data_option
def command(file: str, passphrase_file: str | None, data: Path) -> None:
    """Make the node of the backup FILE, where there is none yet.

    Logs of its rooms rest: they may have said more since. See millpond log resume.

    Everything is checked before it is put in place; a wrong passphrase or a damaged file changes nothing.
    """
    passphrase = known_passphrase(passphrase_file) if is_sealed(file) else None
    manifest = restore(Path(file), data, passphrase, now_ms=now_ms())
    rooms = ", ".join(manifest.slugs) or "none"
    click.echo(f"Restored to {data}; rooms: {rooms}. Start it with: millpond serve --data {data}")
    if manifest.slugs:
        click.echo(
            "A log of a room rests until you let it go on: on the page Others, or by millpond log resume."
        )
