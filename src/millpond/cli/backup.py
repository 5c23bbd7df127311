"""`millpond backup`: the whole node in one file, while it runs."""

from __future__ import annotations

from pathlib import Path

import click

from millpond.cli.nodes import data_option, new_passphrase, passphrase_file_option
from millpond.node.backup import backup
from millpond.node.node import now_ms


@click.command(name="backup")
@click.option(
    "--to", required=True, metavar="FILE", help="Where to write it; a folder, and it is named by the time."
)
@passphrase_file_option
@click.option("--clear", is_flag=True, help="Do not seal it: whoever has the file can read all of it.")
@click.option(
    "--keep",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="In a folder: keep the newest N, remove older ones.",
)
@data_option
def command(to: str, passphrase_file: str | None, clear: bool, keep: int | None, data: Path) -> None:
    """Write this node with all its rooms to one file, sealed by a passphrase.

    The node may be running. Without the passphrase nobody can open the file, nor can you.
    """
    passphrase = None if clear else new_passphrase(passphrase_file)
    path = backup(data, Path(to), passphrase, now_ms=now_ms(), keep=keep)
    click.echo(f"Written and read again: {path}")
