"""Taking cards into a room's list, and changing it: `add`, `compared`, `rename`, `follow`, `remove` …"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from millpond.cli.files import read_file
from millpond.cli.nodes import chosen_room, data_option, node_of, room_option
from millpond.errors import InputError
from millpond.log import checkpoint
from millpond.log.kinds import Profile
from millpond.log.note import MAX_NOTE_BYTES
from millpond.network import cards, phrases
from millpond.network.cards import Card
from millpond.node import peers
from millpond.node.peers import Met

COMPARE = (
    "Compare the four words with their owner, face to face or by phone: anybody can make a card of any name."
)


@click.command(name="add")
@click.argument("card", metavar="CARD")
@click.option(
    "--name", default="", metavar="NAME", help="What to call them here; by default as the card does."
)
@click.option("--phrase", metavar="WORDS", help="The check phrase, as its owner read it out to you.")
@click.option("--at", multiple=True, metavar="ADDRESS", help="Where else their log is: a node, or a folder.")
@click.option("--no-follow", is_flag=True, help="Only note them; their log is not fetched.")
@room_option
@data_option
def add(
    card: str,
    name: str,
    phrase: str | None,
    at: tuple[str, ...],
    no_follow: bool,
    room: str | None,
    data: Path,
) -> None:
    """Take a card into the list, and follow its log.

    CARD is the line itself, a file that has it ("-": standard input), or a folder with a log.
    """
    read, folders, met = card_of(card)
    check_phrase(read.did, phrase)
    with node_of(data) as node:
        where = chosen_room(node, room)
        also_at = (*folders, *(address_of(one) for one in at))
        peer = peers.meet(node, where, read, name=name, met=met, is_followed=not no_follow, also_at=also_at)
        if phrase is not None:
            peers.note_compared(where, peer.did, now_ms=node.clock())
    click.echo(f"{peer.name} is in the list{' and followed' if peer.is_followed else ''}.")
    if not peer.addresses:
        click.echo("The card says no address: say where their log is with --at, or ask for another card.")
    if phrase is None and peer.compared_ms is None:
        show_phrase(peer.did)
        click.echo(f'If they are the same: millpond peers compared "{peer.name}"')


@click.command(name="compared")
@click.argument("who", metavar="WHO")
@click.option("--phrase", metavar="WORDS", help="The check phrase, as its owner read it out to you.")
@click.option("--not", "is_not", is_flag=True, help="It was not compared, after all.")
@room_option
@data_option
def compared(who: str, phrase: str | None, is_not: bool, room: str | None, data: Path) -> None:
    """Note that the check phrase was compared with them."""
    with node_of(data) as node:
        where = chosen_room(node, room)
        peer = peers.find(where.db.read, who)
        check_phrase(peer.did, phrase)
        peers.note_compared(where, peer.did, now_ms=None if is_not else node.clock())
    click.echo(f"Noted for {peer.name}.")


@click.command(name="rename")
@click.argument("who", metavar="WHO")
@click.argument("name", metavar="NAME")
@room_option
@data_option
def rename(who: str, name: str, room: str | None, data: Path) -> None:
    """Call somebody something else here."""
    with node_of(data) as node:
        where = chosen_room(node, room)
        peer = peers.rename(node, where, peers.find(where.db.read, who).did, name)
    click.echo(f"{peer.did} is called {peer.name} here.")


@click.command(name="follow")
@click.argument("who", metavar="WHO")
@room_option
@data_option
def follow(who: str, room: str | None, data: Path) -> None:
    """Fetch the log of somebody in the list from now on."""
    with node_of(data) as node:
        where = chosen_room(node, room)
        peer = peers.follow(node, where, peers.find(where.db.read, who).did)
    click.echo(f"{peer.name} is followed.")


@click.command(name="unfollow")
@click.argument("who", metavar="WHO")
@room_option
@data_option
def unfollow(who: str, room: str | None, data: Path) -> None:
    """Fetch somebody's log no longer; what is here of it stays."""
    with node_of(data) as node:
        where = chosen_room(node, room)
        peer = peers.unfollow(node, where, peers.find(where.db.read, who).did)
    click.echo(f"{peer.name} is not followed any more.")


@click.command(name="succeeded")
@click.argument("who", metavar="WHO")
@click.argument("successor", metavar="DID")
@click.option(
    "--phrase", required=True, metavar="WORDS", help="The successor's check phrase, as they read it out."
)
@room_option
@data_option
def succeeded(who: str, successor: str, phrase: str, room: str | None, data: Path) -> None:
    """Follow the log that goes on for one that ended.

    The old key named it; a stolen key could have, too, so the new check phrase is compared first.
    """
    check_phrase(successor, phrase)
    with node_of(data) as node:
        where = chosen_room(node, room)
        peer = peers.follow_successor(node, where, peers.find(where.db.read, who).did, successor)
        peers.note_compared(where, peer.did, now_ms=node.clock())
    click.echo(f"{peer.name} is followed as {peer.did} from now on.")


@click.command(name="remove", short_help="Take somebody off the list.")
@click.argument("who", metavar="WHO")
@room_option
@data_option
def remove(who: str, room: str | None, data: Path) -> None:
    """Take somebody off the list; their log is thrown away if nobody else here follows it."""
    with node_of(data) as node:
        where = chosen_room(node, room)
        peer = peers.find(where.db.read, who)
        peers.forget(node, where, peer.did)
    click.echo(f"{peer.name} is gone from the list.")


def card_of(given: str) -> tuple[Card, tuple[str, ...], Met]:
    """The card that somebody gave, folders that have its log, and how it came. Raises `InputError`."""
    if given == "-":
        return cards.read(sys.stdin.buffer.read(cards.MAX_TEXT_BYTES + 1)), (), Met.PASTE
    if given == "":  # which would be the folder where the command was given
        raise InputError(cards.NO_CARD)
    path = Path(given)
    if len(given) < 1_000 and path.is_dir():
        try:
            with (path / "checkpoint").open("rb") as file:
                head = checkpoint.read(file.read(MAX_NOTE_BYTES))
        except OSError as error:
            raise InputError(f"has no log in it: {error.strerror}", name=f"{given}/checkpoint") from None
        return Card(head.origin), (str(path.resolve()),), Met.FILE
    if cards.SCHEME not in given.lower() and (path.suffix or path.exists()) and "://" not in given:
        try:
            return cards.read(read_file(given)), (), Met.FILE
        except InputError as error:
            raise error.named(given) from None
    try:
        return cards.read(given), (), Met.PASTE
    except InputError as error:
        if ":" not in given and not any(map(str.isspace, given)):
            raise InputError(f"{error.problem}; a file or folder of this name is not here") from None
        raise


def check_phrase(did: str, said: str | None) -> None:
    """Raise `InputError` if a phrase was said and is another one."""
    if said is not None and not phrases.is_same(did, said):
        raise InputError(
            "this is not the check phrase of that card. Either a word was misheard, or the card is not "
            "theirs: compare again, and get a card from them directly if it stays so. Nothing was changed",
            at="--phrase",
        )


def show_phrase(did: str) -> None:
    """Prints the check phrase in both languages, and what it is for."""
    english, chinese = phrases.both(did)
    click.echo(f"Check phrase: {english} · {chinese}")
    click.echo(COMPARE)


def address_of(given: str) -> str:
    """An address of a node, or the whole path of a folder; raises `InputError`."""
    if given.startswith(("http://", "https://")):
        return Profile(name="-", addresses=(given.rstrip("/"),)).addresses[0]
    path = Path(given)
    if not path.is_dir():
        raise InputError(f"{given!r} is neither an address like https://pond.example nor a folder", at="--at")
    return str(path.resolve())
