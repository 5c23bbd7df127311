"""`millpond peers`: whom a room knows and follows, how they meet, who carries the room's log.

All of it works beside a running node. Each module adds its commands to the group: `listing` shows, `adding`
takes cards in, `own` shows the room's own, `keeping` is for keepers and for choosing them.
"""

from __future__ import annotations

from pathlib import Path

import click

from millpond.cli.nodes import data_option, room_option
from millpond.cli.peers.adding import add, compared, follow, remove, rename, succeeded, unfollow
from millpond.cli.peers.keeping import allow, carried, carry, keeper, leave, limits, refuse
from millpond.cli.peers.listing import book, lan, show, show_all
from millpond.cli.peers.own import card


@click.group(name="peers", invoke_without_command=True)
@room_option
@data_option
@click.pass_context
def command(context: click.Context, room: str | None, data: Path) -> None:
    """List whom a room knows; meet others by their cards.

    Each line: name, how far they are known, entries of their log that are here, when they were last heard.
    """
    if context.invoked_subcommand is None:
        show_all(data, room)


for one in (
    add, compared, show, rename, follow, unfollow, succeeded, remove, card, book, lan, keeper, carry, leave,
    carried, limits, refuse, allow,
):  # fmt: skip
    command.add_command(one)
