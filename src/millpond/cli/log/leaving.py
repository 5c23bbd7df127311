"""`millpond log export` and `entry`: the log as files, for a web server or a stick; one statement of it."""

from __future__ import annotations

from pathlib import Path

import click

from millpond.cli.files import check_writable, write_file
from millpond.cli.nodes import chosen_room, data_option, node_of, room_option
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.network import writing
from millpond.network.exporting import export as export_log
from millpond.node import own_log
from millpond.node.node import OpenRoom
from millpond.store import logs
from millpond.store.logs import Head


@click.command(name="export", short_help="Write the log to a folder, as static files.")
@click.argument("folder", metavar="FOLDER")
@room_option
@data_option
def export(folder: str, room: str | None, data: Path) -> None:
    """Write the log to FOLDER as static files, or add what the folder lacks of it.

    Any web server can publish the folder, any stick can carry it, and everybody can follow it. It has all
    that was said, with pictures and documents, in public.
    """
    with node_of(data) as node:
        where = chosen_room(node, room)
        rows, head = where.db.read, _head(where)
        named = [row["sha256"] for row in rows.all("own_log.attachments")]
        done = export_log(
            rows,
            head,
            Path(folder),
            attachments=named,
            data_of=lambda sha256: own_log.attachment(rows, sha256),
        )
    click.echo(
        f"{done.size} statements are in {folder}; {done.files} files were written, {done.bytes:,} bytes."
    )


@click.command(name="entry", short_help="Give out one statement as it was signed, and a receipt.")
@click.argument("position", metavar="POSITION", type=click.IntRange(0))
@click.option("--to", metavar="FILE", help="Where to write it; else it is printed.")
@click.option("--receipt", metavar="FILE", help="Where to write the proof that it stands in the log.")
@room_option
@data_option
def entry(position: int, to: str | None, receipt: str | None, room: str | None, data: Path) -> None:
    """Give out one statement of the log as it was signed, and a receipt for it."""
    for path in (to, receipt):
        if path is not None:
            check_writable(path)
    with node_of(data) as node:
        where = chosen_room(node, room)
        head = _head(where)
        said = logs.entry(where.db.read, head.id, position)
        if said is None:
            raise InputError(f"there is no statement {position}: the log has {head.size}")
        proof = writing.receipt(where.db.read, head, position)
    if to is None:
        click.echo(said, nl=False)
    else:
        write_file(to, said)
    if receipt is not None:
        write_file(receipt, proof)


def _head(room: OpenRoom) -> Head:
    key = own_log.current(room.db.read)
    head = None if key is None else logs.head(room.db.read, key.did)
    if head is None:
        raise Refused("log.none")
    return head
