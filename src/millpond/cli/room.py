"""`millpond room`: the rooms of this node, and how one moves to another.

All but `remove` work while the node runs.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import click

from millpond.cli.files import check_writable
from millpond.cli.nodes import (
    base_url,
    data_option,
    is_sealed,
    known_passphrase,
    new_passphrase,
    passphrase_file_option,
    public_url_option,
)
from millpond.desk import people
from millpond.desk import room as desk_room
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.node import moving, own_log, sessions
from millpond.node.node import Node
from millpond.node.own_keys import State


@click.group(name="room")
def command() -> None:
    """Add, list, move and remove the rooms of this node."""


@command.command(name="add")
@click.argument("slug", metavar="ROOM")
@data_option
@public_url_option
def add(slug: str, data: Path, public_url: str) -> None:
    """Add a room and print the link that opens its set-up.

    ROOM is its short name in addresses: small letters, digits and hyphens.
    """
    with Node(data, beside=True) as node:
        code = node.add_room(slug)
    click.echo(f"Set it up: {base_url(data, public_url)}/setup?room={slug}&code={quote(code)}")


@command.command(name="list")
@data_option
def list_rooms(data: Path) -> None:
    """List the rooms: short name, name, and whether they are set up."""
    with Node(data, beside=True) as node:
        for entry in node.rooms():
            room = node.room(entry.slug)
            profile = desk_room.profile(room.db.read) if room else None
            click.echo(f"{entry.slug}\t{profile.name if profile else '(not set up yet)'}")


@command.command(name="export", short_help="Write a room to one file, to import it elsewhere.")
@click.argument("slug", metavar="ROOM")
@click.option("--to", required=True, metavar="FILE", help="Where to write it.")
@passphrase_file_option
@click.option("--clear", is_flag=True, help="Do not seal it: whoever has the file can read all of it.")
@click.option("--move", is_flag=True, help="Its log ends here, and goes on where the file is imported.")
@data_option
def export(slug: str, to: str, passphrase_file: str | None, clear: bool, move: bool, data: Path) -> None:
    """Write a room to one file, sealed by a passphrase, to import it into another node.

    Everything goes along: people, orders, pictures, books. The room stays here until you remove it. Its log
    can have one writer: without --move this node stays it, and there the log rests.

    Import a file that was made with --move once. In two nodes, the log would say two things.
    """
    if clear and move:
        raise InputError("--move needs a sealed file: leave --clear out")
    with Node(data, beside=True) as node:
        if node.room(slug) is None:
            raise InputError(f"there is no room {slug!r}, or it is not set up")
        passphrase = None if clear else new_passphrase(passphrase_file)
        if move:
            check_writable(to)
        moving.export_room(node, slug, Path(to), passphrase=passphrase, moves_log=move)
    if move:
        click.echo("Its log ended here. Should the file be lost: write it again, or millpond log resume.")
    click.echo(f"Written to {to}. In the other node: millpond room import {to} --as {slug}")


@command.command(name="import")
@click.argument("file", metavar="FILE")
@click.option("--as", "slug", required=True, metavar="ROOM", help="Its short name here.")
@passphrase_file_option
@data_option
def import_(file: str, slug: str, passphrase_file: str | None, data: Path) -> None:
    """Take the room of FILE into this node.

    Everything in it is checked before anything changes here. Its owner and helpers sign in as before.
    """
    passphrase = known_passphrase(passphrase_file) if is_sealed(file) else None
    with Node(data, beside=True) as node:
        moving.import_room(node, Path(file), slug, passphrase=passphrase)
        room = node.room(slug)
        key = None if room is None else own_log.current(room.db.read)
    click.echo(f"The room {slug} is here.")
    if key is not None and key.state == State.RESTING:
        click.echo(f"{Refused(f'log.{key.why}')} (millpond log resume, or succeed)")


@command.command(name="remove")
@click.argument("slug", metavar="ROOM")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def remove(slug: str, yes: bool, data: Path) -> None:
    """Remove a room with everything in it. The node must not be running."""
    with Node(data) as node:
        if slug not in (entry.slug for entry in node.rooms()):
            raise InputError(f"there is no room {slug!r}")
        if not yes:
            click.confirm(f"Remove {slug} and everything in it, for good?", abort=True)
        node.remove_room(slug)
    click.echo(f"The room {slug} is gone. Backups that hold it are still where they are.")


@command.command(name="owner-link", short_help="Print a link by which an owner chooses a new passphrase.")
@click.argument("slug", metavar="ROOM")
@data_option
@public_url_option
def owner_link(slug: str, data: Path, public_url: str) -> None:
    """Print a link by which the owner of a room chooses a new passphrase.

    For an owner who lost theirs. It ends after a week, or when it is used; wherever they are signed in, they
    are signed out.
    """
    with Node(data, beside=True) as node:
        room = node.room(slug)
        if room is None:
            raise InputError(f"there is no room {slug!r}, or it is not set up")
        owner = people.owner(room.db.read)
        if owner is None:
            raise InputError(f"the room {slug!r} has no owner")
        now_ms = node.clock()
        token = room.db.write(lambda rows: people.invite_again(rows, owner.id, by=None, now_ms=now_ms))
        sessions.end_all(node, slug, owner.id)
    click.echo(f"For {owner.name}: {base_url(data, public_url)}/{slug}/invitation/{token}")
