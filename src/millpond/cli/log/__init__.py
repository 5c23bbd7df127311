"""`millpond log`: what a room said, whether it holds, and who may go on writing it.

All of it works beside a running node. Each module adds its commands to the group: `reading` shows, `checking`
checks, `leaving` exports, `following` exchanges with others, `going_on` resumes and succeeds, `keys` keeps
keys.
"""

from __future__ import annotations

import click

from millpond.cli.log.checking import check
from millpond.cli.log.following import follow, sync
from millpond.cli.log.going_on import resume, succeed
from millpond.cli.log.keys import key
from millpond.cli.log.leaving import entry, export
from millpond.cli.log.reading import show, tail
from millpond.cli.peers.adding import unfollow


@click.group(name="log")
def command() -> None:
    """Show, check, export and keep the log of a room."""


for one in (show, tail, check, entry, export, follow, unfollow, sync, resume, succeed, key):
    command.add_command(one)
