"""Keepers: choosing those who carry a room's log, and being one for others."""

from __future__ import annotations

from pathlib import Path

import click

from millpond.cli.nodes import chosen_room, data_option, node_of, room_option
from millpond.cli.peers.adding import card_of, check_phrase, show_phrase
from millpond.cli.peers.listing import ago
from millpond.errors import InputError
from millpond.log import kinds
from millpond.network import attachments, following, keeping
from millpond.network.keeping import Limits
from millpond.node import keepers
from millpond.store import Rows

MB = 2**20
MEGABYTES = click.IntRange(0, 2**32)


@click.group(name="keeper", short_help="Choose who carries the room's log, or witnesses it.")
def keeper() -> None:
    """Choose keepers who carry the room's log (mirrors) or sign that they saw it (witnesses)."""


@keeper.command(name="list", short_help="List the keepers, and how far each of them is.")
@room_option
@data_option
def list_keepers(room: str | None, data: Path) -> None:
    """List the keepers of the room's log: name, what they do, entries they have, when last heard."""
    with node_of(data) as node:
        for one in keepers.keepers(chosen_room(node, room).db.read):
            does = " and ".join(["mirror"] * one.is_mirror + ["witness"] * one.is_witness)
            words = [one.name, does, f"{one.size:,} entries", ago(one.heard_ms, node.clock()), one.problem]
            click.echo("\t".join(word for word in words if word))


@keeper.command(name="add")
@click.argument("card", metavar="CARD")
@click.option("--name", default="", metavar="NAME", help="What to call them here.")
@click.option("--mirror/--no-mirror", default=True, help="They carry the log.")
@click.option("--witness/--no-witness", default=True, help="They sign that they saw it.")
@click.option("--phrase", metavar="WORDS", help="The keeper's check phrase, as they read it out to you.")
@click.option("--vkey", is_flag=True, help="CARD is the vkey of another C2SP mirror or witness; needs --at.")
@click.option("--at", default="", metavar="URL", help="With --vkey: what its calls stand behind.")
@room_option
@data_option
def add_keeper(
    card: str,
    name: str,
    mirror: bool,
    witness: bool,
    phrase: str | None,
    vkey: bool,
    at: str,
    room: str | None,
    data: Path,
) -> None:
    """Let a keeper carry the room's log, and sign that they saw it.

    CARD is the card of their node: a line, or a file. They have to take the log, too: give them your card.
    """
    if vkey and not at:
        raise InputError("a vkey says no address: give --at, too", at="--vkey")
    with node_of(data) as node:
        where, now_ms = chosen_room(node, room), node.clock()
        if vkey:
            one = keepers.add_cosigner(
                where, card, at, name=name or at, is_mirror=mirror, is_witness=witness, now_ms=now_ms
            )
        else:
            read = card_of(card)[0]
            check_phrase(read.did, phrase)
            one = keepers.add_keeper(
                where, read, name=name, is_mirror=mirror, is_witness=witness, now_ms=now_ms
            )
    click.echo(f"{one.name} is asked to carry it from now on. Give them your card: millpond peers card")
    if phrase is None and not vkey:
        show_phrase(one.did)


@keeper.command(name="remove")
@click.argument("who", metavar="WHO")
@room_option
@data_option
def remove_keeper(who: str, room: str | None, data: Path) -> None:
    """Push nothing more to a keeper; what they have stays with them."""
    with node_of(data) as node:
        where = chosen_room(node, room)
        one = keepers.find_keeper(where.db.read, who)
        keepers.remove_keeper(where, one.did)
    click.echo(f"{one.name} is asked for nothing more.")


@click.command(name="carry", short_help="As keeper: take in a log that is pushed here.")
@click.argument("card", metavar="CARD")
@data_option
def carry(card: str, data: Path) -> None:
    """As the keeper of this node: take in a log that is pushed here, and cosign it.

    CARD is the card of whose log it is, or the did.
    """
    did = _did_of(card)
    with node_of(data) as node:
        node.network.write(lambda rows: keeping.carry(rows, did))
    click.echo(f"The log of {did} may be pushed here.")


@click.command(name="leave", short_help="As keeper: take nothing more of a log.")
@click.argument("card", metavar="CARD")
@click.option("--forget", is_flag=True, help="Throw away what is here of it, if no room follows it.")
@data_option
def leave(card: str, forget: bool, data: Path) -> None:
    """As the keeper of this node: take nothing more of a log, and cosign it no longer."""
    did = _did_of(card)
    with node_of(data) as node:
        node.network.write(lambda rows: keeping.leave(rows, did))
        gone = forget and node.network.write(lambda rows: following.forget(rows, did))
    click.echo(
        f"Nothing more of the log of {did} is taken here{', and what was here is gone' if gone else ''}."
    )


@click.command(name="carried", short_help="As keeper: list the logs that may be pushed here.")
@data_option
def carried(data: Path) -> None:
    """As the keeper of this node: list the logs that may be pushed here, and what they take."""
    with node_of(data) as node:
        rows = node.network.read
        for one in keeping.carried(rows):
            profile = rows.one("network_people.profile", origin=one.origin)
            name = f"calls itself “{profile['name']}”" if profile else "–"
            click.echo(f"{one.origin}\t{name}\t{one.bytes:,} bytes")


@click.command(name="refuse", short_help="As keeper: carry an attachment no longer.")
@click.argument("sha256", metavar="SHA256")
@data_option
def refuse(sha256: str, data: Path) -> None:
    """As the keeper of this node: carry an attachment no longer, whoever names it.

    What is here of it is erased. The logs that name it are carried all the same.
    """
    with node_of(data) as node:
        node.network.write(lambda rows: attachments.refuse(rows, sha256))
    click.echo("It is not carried here any more.")


@click.command(name="allow", short_help="As keeper: carry an attachment again that was refused.")
@click.argument("sha256", metavar="SHA256")
@data_option
def allow(sha256: str, data: Path) -> None:
    """As the keeper of this node: carry an attachment again that was refused."""
    with node_of(data) as node:
        node.network.write(lambda rows: attachments.allow(rows, sha256))
    click.echo("It may be carried here again.")


@click.command(name="limits", short_help="As keeper: show or change how much is kept here.")
@click.option("--logs", type=MEGABYTES, metavar="MB", help="Of all logs that are pushed here together.")
@click.option("--log", type=MEGABYTES, metavar="MB", help="Of one log.")
@click.option(
    "--attachments", "attached", type=MEGABYTES, metavar="MB", help="Of all pictures and documents."
)
@data_option
def limits(logs: int | None, log: int | None, attached: int | None, data: Path) -> None:
    """As the keeper of this node: show how much of others' is kept here at most, or change it.

    What is here already stays.
    """

    def job(rows: Rows) -> None:
        now = keeping.limits(rows)
        keeping.set_limits(
            rows,
            Limits(
                now.most_bytes if logs is None else logs * MB,
                now.most_log_bytes if log is None else log * MB,
            ),
        )
        if attached is not None:
            attachments.set_most_bytes(rows, attached * MB)

    with node_of(data) as node:
        if (logs, log, attached) != (None, None, None):
            node.network.write(job)
        rows = node.network.read
        most_of_one = keeping.limits(rows).most_log_bytes
        here, most = sum(one.bytes for one in keeping.carried(rows)), keeping.limits(rows).most_bytes
        click.echo(f"logs\t{here // MB:,} of {most // MB:,} MB, one at most {most_of_one // MB:,} MB")
        kept, most = attachments.kept_bytes(rows), attachments.most_bytes(rows)
        click.echo(f"attachments\t{kept // MB:,} of {most // MB:,} MB")


def _did_of(card: str) -> str:
    if card.startswith("did:key:"):
        return kinds.Follow(subject=card).subject
    read = card_of(card)[0]
    if read.is_keeper:
        raise InputError("this is the card of a keeper, whose key has no log: ask for the card of their room")
    return read.did
