"""`millpond say`: a statement in the room's own log, signed, with its place printed once it is durable."""

from __future__ import annotations

import mimetypes
import sys
from pathlib import Path
from typing import Any

import click

from millpond.cli.files import check_writable, read_file, write_file
from millpond.cli.nodes import chosen_room, data_option, node_of, room_option
from millpond.errors import InputError
from millpond.log import kinds
from millpond.log.statement import MAX_PAYLOAD_BYTES
from millpond.model.parsing import parse
from millpond.model.rules import NumberText, path_under, wrong
from millpond.node import own_log
from millpond.node.own_log import Saying
from millpond.store import Rows

MAX_BODY_BYTES = 4 * MAX_PAYLOAD_BYTES
"""Of the file, which may be indented; what is signed is one line."""


@click.command(name="say")
@click.argument("kind", metavar="KIND")
@click.argument("file", metavar="FILE")
@room_option
@click.option(
    "--attach", "attached", multiple=True, metavar="FILE", help="A picture or document; several times."
)
@click.option("--receipt", metavar="FILE", help="Where to write the proof that it stands in the log.")
@click.option("--unknown", is_flag=True, help="Say it though this Millpond does not know the KIND.")
@data_option
def command(
    kind: str,
    file: str,
    room: str | None,
    attached: tuple[str, ...],
    receipt: str | None,
    unknown: bool,
    data: Path,
) -> None:
    """Say something in the room's log, in public and for good.

    KIND is what it is, like listing/1; FILE has the body, a JSON object, "-" for standard input. Prints the
    position of the statement in the log and its sid, once both are safe on the disk.
    """
    if kind not in kinds.KINDS and not unknown:
        known = ", ".join(sorted(kinds.KINDS))
        raise InputError(f"{kind} is not known here; known are {known}. To say it all the same: --unknown")
    body = _body(file)
    files = [(Path(path).name, read_file(path)) for path in attached]
    if receipt is not None:
        check_writable(receipt)
    with node_of(data) as node:
        where = chosen_room(node, room)
        own_log.ensure(node, where)
        key, now_ms = own_log.open_key(node, where), node.clock()

        def job(rows: Rows) -> own_log.Receipt:
            attachments = [
                own_log.attach_in(rows, content, _type(name), name, now_ms=now_ms) for name, content in files
            ]
            return own_log.say_in(rows, key, Saying(kind, body, attachments), now_ms=now_ms)

        said = where.db.write(job)
    # Durable: the statement with its files. A receipt that cannot be written can be had again: log entry.
    click.echo(f"{said.position}\t{said.sid.hex()}")
    if receipt is not None:
        write_file(receipt, said.text)


def _body(file: str) -> dict[str, Any]:
    name = "standard input" if file == "-" else file
    data = sys.stdin.buffer.read(MAX_BODY_BYTES + 1) if file == "-" else read_file(file)
    if len(data) > MAX_BODY_BYTES:
        raise InputError(f"is longer than {MAX_BODY_BYTES:,} bytes", name=name)
    try:
        value = parse(data)
        if not isinstance(value, dict):
            raise InputError("is not a JSON object")
        _check_numbers(value)
        return value
    except InputError as error:
        raise error.named(name) from None


def _check_numbers(value: object, at: str = "") -> None:
    """Raise `InputError` for a number that is no integer: it would not be said as it stands in the file."""
    if isinstance(value, NumberText):
        raise wrong(at, value, "an integer; statements have no other numbers")
    if isinstance(value, dict):
        for name, one in value.items():
            _check_numbers(one, path_under(at, name))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            _check_numbers(one, f"{at}[{index}]")


def _type(name: str) -> str:
    return mimetypes.guess_type(name)[0] or "application/octet-stream"
