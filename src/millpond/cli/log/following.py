"""`millpond log follow`, `unfollow` and `sync`: logs of others come here, one's own goes to its keepers."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from millpond.cli import AnswerIsNo
from millpond.cli.nodes import chosen_room, data_option, node_of, room_option
from millpond.cli.peers.adding import address_of, card_of, check_phrase, show_phrase
from millpond.log.keys import public_of
from millpond.network.cards import Card
from millpond.node import peers
from millpond.node.node import Node, OpenRoom
from millpond.node.peers import Met
from millpond.node.schedule import Kind
from millpond.node.syncing import Synced
from millpond.node.syncing import sync as sync_now

NARROW = 24
"""Characters of a name before the rest of its line."""


@click.command(name="follow", short_help="Follow somebody's log from now on.")
@click.argument("whom", metavar="CARD|DID|FOLDER")
@click.option(
    "--at", multiple=True, metavar="URL|FOLDER", help="Where else their log is; as often as needed."
)
@click.option("--name", default="", metavar="NAME", help="What to call them here.")
@click.option("--phrase", metavar="WORDS", help="The check phrase, as its owner read it out to you.")
@room_option
@data_option
def follow(
    whom: str, at: tuple[str, ...], name: str, phrase: str | None, room: str | None, data: Path
) -> None:
    """Follow somebody's log: it is fetched from now on, and checked to the last signature.

    Whom: a card (a line, or a file), a did:key:…, or a folder with a log, on a stick for example.
    """
    read, folders, met = _whom(whom)
    check_phrase(read.did, phrase)
    with node_of(data) as node:
        where = chosen_room(node, room)
        also_at = (*folders, *map(address_of, at))
        peer = peers.meet(node, where, read, name=name, met=met, also_at=also_at)
        if phrase is not None:
            peers.note_compared(where, peer.did, now_ms=node.clock())
    click.echo(f"{peer.name} is followed.")
    if not peer.addresses:
        click.echo("No address of the log is known: say where it is with --at.")
    click.echo("A running node fetches the log by itself; now, and without one: millpond log sync")
    if phrase is None and peer.compared_ms is None:
        show_phrase(peer.did)


@click.command(name="sync", short_help="Fetch and push everything once, now.")
@room_option
@data_option
def sync(room: str | None, data: Path) -> None:
    """Exchange everything once, now: fetch the logs that are followed, push the own one to its keepers.

    One line for each log and each place. A running node does the same by itself; this does it at once, and
    works without one: with a stick, or on a machine that is online now and then.

    Exit code 0: every log is as new as anybody has it; 1: something could not be done.
    """
    with node_of(data) as node:
        rooms = [chosen_room(node, room)] if room is not None else _rooms(node)
        done = asyncio.run(sync_now(node, rooms, told=_tell))
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)
    for one in done:
        click.echo(_line(one))
    if not done:
        click.echo(
            "Nobody is followed, and the log has no keeper: millpond peers add, millpond peers keeper add"
        )
    failed = _failed(done)
    if failed:
        raise AnswerIsNo(f"not everything could be exchanged: {', '.join(failed)}")


def _whom(given: str) -> tuple[Card, tuple[str, ...], Met]:
    """Whose log, folders that have it, how that was learnt; raises `InputError`."""
    if given.startswith("did:key:"):
        public_of(given)
        return Card(given), (), Met.PASTE
    return card_of(given)


def _rooms(node: Node) -> list[OpenRoom]:
    found = [node.room(entry.slug) for entry in node.rooms() if entry.is_set_up]
    return [one for one in found if one is not None]


def _failed(done: tuple[Synced, ...]) -> list[str]:
    """Logs that came from nowhere, keepers that did not get one; one source of several may fail."""
    well = {one.did for one in done if one.kind is Kind.PULL and not one.problem}
    failed = [one for one in done if one.problem and not (one.kind is Kind.PULL and one.did in well)]
    return list(dict.fromkeys(one.name for one in failed))


def _line(one: Synced) -> str:
    name = one.name if len(one.name) <= NARROW else one.name[: NARROW - 1] + "…"
    way = "from" if one.kind is Kind.PULL else "to"
    where = f"{way} {one.address}" if one.address else ""
    if one.problem:
        went = f"NOT: {one.problem}"
    elif one.came:
        went = f"{one.came:,} new, {one.size:,} statements"
    else:
        went = f"nothing new, {one.size:,} statements"
    return f"{name}\t{went}\t{where}".rstrip()


def _tell(name: str, entries: int) -> None:
    """On a terminal one line that changes, elsewhere nothing."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{name}: {entries:,} statements so far", nl=False, err=True)
