"""`millpond peers card`: the room's own card, as a line, a file, or a code to scan."""

from __future__ import annotations

from pathlib import Path

import click

from millpond.cli.files import write_file
from millpond.cli.nodes import base_url, chosen_room, data_option, node_of, public_url_option, room_option
from millpond.desk.refusals import Refused
from millpond.network import cards, phrases
from millpond.node import own_cards
from millpond.paper.qr import qr_png


@click.command(name="card", short_help="Print the room's own card.")
@click.option("--qr", metavar="FILE.png", help="Write a code to scan, too.")
@click.option("--file", "to", metavar=f"FILE{cards.FILE_ENDING}", help="Write a card file, too.")
@click.option(
    "--keeper", is_flag=True, help="The card of who keeps this node, for rooms whose log it shall carry."
)
@public_url_option
@room_option
@data_option
def card(qr: str | None, to: str | None, keeper: bool, public_url: str, room: str | None, data: Path) -> None:
    """Print the room's own card: give it to whoever shall follow its log.

    The card leads to this node, if it has an address that others can reach, and to the mirrors of the log.
    """
    at = base_url(data, public_url)
    with node_of(data) as node:
        found = own_cards.of_keeper(node, at) if keeper else own_cards.of_room(chosen_room(node, room), [at])
    if found is None:
        raise Refused("log.none")
    words = phrases.both(found.did)
    line = cards.write(found)
    if qr is not None:
        write_file(qr, qr_png(line, level="l"))
    if to is not None:
        write_file(to, cards.file_text(found, words).encode())
    click.echo(line)
    click.echo(f"Check phrase: {' · '.join(words)}", err=True)
    if not any(own_cards.is_reachable(address) for address in found.addresses):
        click.echo(
            "It says no address that others can reach: start the node with --public-url, or ask a keeper to "
            "carry the log (millpond peers keeper add).",
            err=True,
        )
