"""`millpond log key`: the key of a room's log, shown, put into a drawer, and taken out again."""

from __future__ import annotations

from pathlib import Path

import click

from millpond.cli.nodes import (
    chosen_room,
    data_option,
    known_passphrase,
    new_passphrase,
    node_of,
    passphrase_file_option,
    room_option,
)
from millpond.desk.refusals import Refused
from millpond.log import note
from millpond.log.keys import public_of
from millpond.network import phrases
from millpond.node import key_file, own_log
from millpond.node.own_keys import State


@click.group(name="key")
def key() -> None:
    """Show, export and import the key of a log."""


@key.command(name="show", short_help="Show the room's did, check phrase and public key.")
@room_option
@data_option
def show(room: str | None, data: Path) -> None:
    """Show who the room is for others: its did, its check phrase, and the key for other software."""
    with node_of(data) as node:
        known = own_log.current(chosen_room(node, room).db.read)
        if known is None:
            raise Refused("log.none")
    english, chinese = phrases.both(known.did)
    state = known.state if not known.why else f"{known.state}: {Refused(f'log.{known.why}')}"
    click.echo(f"did      {known.did}")
    click.echo(f"state    {state}{'' if known.has_seed else ' (its secret is not here)'}")
    click.echo(f"phrase   {english} · {chinese}")
    click.echo(f"vkey     {note.vkey(known.did, note.ED25519, public_of(known.did))}")


@key.command(name="export")
@click.option("--to", required=True, metavar="FILE", help="A new file.")
@passphrase_file_option
@room_option
@data_option
def export(to: str, passphrase_file: str | None, room: str | None, data: Path) -> None:
    """Write the key to a file that a passphrase seals, for the drawer.

    Whoever has both can sign as the room. Backups that are sealed hold the key, too.
    """
    with node_of(data) as node:
        where = chosen_room(node, room)
        if own_log.current(where.db.read) is None:
            raise Refused("log.none")
        did = key_file.export_key(node, where, Path(to), new_passphrase(passphrase_file))
    click.echo(f"The key of {did} is in {to}.")


@key.command(name="import")
@click.argument("file", metavar="FILE")
@passphrase_file_option
@room_option
@data_option
def import_(file: str, passphrase_file: str | None, room: str | None, data: Path) -> None:
    """Take the key of FILE into a room that has none, or that lost it.

    In a room that had none the log rests until it was brought up to date: millpond log resume.
    """
    with node_of(data) as node:
        where = chosen_room(node, room)
        did = key_file.import_key(node, where, Path(file), known_passphrase(passphrase_file))
        known = own_log.current(where.db.read)
    click.echo(f"The key of {did} is here.")
    if known is not None and known.state == State.RESTING:
        click.echo(f"{Refused(f'log.{known.why}')} (millpond log resume)")
