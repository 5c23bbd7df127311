"""`millpond log resume` and `succeed`: the ways on from a log that rests."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from millpond.cli import AnswerIsNo
from millpond.cli.files import check_writable, write_file
from millpond.cli.nodes import chosen_room, data_option, node_of, room_option
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.network.calling import make_client
from millpond.node import own_log, resuming
from millpond.node.node import Node, OpenRoom
from millpond.node.resuming import Looked, TwoHistories

NOTHING_NEWER = "Can nobody, nowhere, hold a statement of this log that is not here now?"


@click.command(name="resume", short_help="Let a resting log be written again.")
@room_option
@click.option(
    "--from",
    "more",
    multiple=True,
    metavar="WHERE",
    help="Also ask there: a node's address, or a folder of `log export`; several times.",
)
@click.option("--yes-nothing-newer", is_flag=True, help="Nobody can hold more than was found: do not ask me.")
@click.option("--proof", metavar="FILE", help="Where to write the proof, should the key have two histories.")
@data_option
def resume(
    room: str | None, more: tuple[str, ...], yes_nothing_newer: bool, proof: str | None, data: Path
) -> None:
    """Let a resting log be written again, once all that others have of it is here.

    A log rests after a restore or an import: the room may have said more since, and signing a second
    statement in the same place would look like fraud, for good. This asks every mirror, witness and peer that
    the room knows, fetches what is missing, and then asks you.

    A log that moved away, and was taken in nowhere, is taken back in the same way.
    """
    if proof is not None:
        check_writable(proof)
    with node_of(data) as node:
        where = chosen_room(node, room)
        try:
            looked = asyncio.run(_look(node, where, more))
        except TwoHistories as error:
            if proof is not None:
                write_file(proof, error.proof)
            raise AnswerIsNo(str(error)) from None
        _tell(looked)
        if looked.is_whole and not yes_nothing_newer:
            click.confirm(NOTHING_NEWER, abort=True)
        try:
            resuming.go_on(node, where, looked)
        except InputError as error:
            raise AnswerIsNo(str(error)) from None
    click.echo(f"The log goes on at {looked.size}.")


@click.command(name="succeed")
@room_option
@click.option("--without-old-key", is_flag=True, help="The old key is lost: nothing will tie the two logs.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_option
def succeed(room: str | None, without_old_key: bool, yes: bool, data: Path) -> None:
    """End the room's log, and begin another one under a new key.

    The old key signs who follows it, so that everybody who reads the old log finds the new one. For a log
    that cannot be resumed, and for a key that somebody else may have.
    """
    with node_of(data) as node:
        where = chosen_room(node, room)
        known = own_log.current(where.db.read)
        if known is None:
            raise Refused("log.none")
        if not yes:
            click.confirm(f"End {known.did}, for good, and go on under a new key?", abort=True)
        new = own_log.succeed(node, where, without_old=without_old_key)
    click.echo(f"The room speaks as {new} from now on.")
    if without_old_key:
        click.echo("Tell those who know you yourself: nothing in the old log says so.")


async def _look(node: Node, room: OpenRoom, more: tuple[str, ...]) -> Looked:
    known = own_log.current(room.db.read)
    if known is None:
        raise Refused("log.none")
    async with make_client() as client:
        places = [place if place.startswith("http") else str(Path(place).absolute()) for place in more]
        sources, witnesses = resuming.known_sources(room.db.read, known.did, client, places)
        return await resuming.look(node, room, sources, witnesses)


def _tell(looked: Looked) -> None:
    for one in looked.asked:
        said = f"has {one.size}" if one.size is not None else "could not be asked"
        click.echo(f"{one.address}: {said}{': ' + one.problem if one.problem else ''}")
    if not looked.asked:
        click.echo("There was nobody to ask.")
    came = looked.size - looked.before
    click.echo(f"{came} statement{'' if came == 1 else 's'} came back; {looked.size} are here now.")
