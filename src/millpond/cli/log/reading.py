"""`millpond log show` and `tail`: what a log is, and what it says."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from millpond.cli.nodes import chosen_room, data_option, node_of, room_option
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.log import kinds, note, statement
from millpond.log.checkpoint import read as read_checkpoint
from millpond.log.lines import base64_text
from millpond.log.statement import Statement
from millpond.node import own_log
from millpond.node.node import OpenRoom
from millpond.node.own_keys import OwnKey, State
from millpond.store import Rows, logs
from millpond.store.database import Row
from millpond.store.logs import Head

POLL_SECONDS = 0.5
MOST_SHOWN = 10_000
MOST_CHARACTERS = 160
"""Of what a statement says, on its line."""
AT_ONCE = 256


@click.command(name="show", short_help="Show whose log it is, how long, and who carries it.")
@room_option
@data_option
def show(room: str | None, data: Path) -> None:
    """Show whose log it is, how long, whether it is written here, and who carries it."""
    with node_of(data) as node:
        where = chosen_room(node, room)
        for key in own_log.keys(where.db.read) or _none(where):
            for name, value in _lines(where.db.read, key):
                click.echo(f"{name:<11} {value}")


@click.command(name="tail")
@room_option
@click.option("-n", "count", type=click.IntRange(0, MOST_SHOWN), default=10, show_default=True, metavar="N")
@click.option("--follow", is_flag=True, help="Go on with what is said from now on, until Ctrl-C.")
@data_option
def tail(room: str | None, count: int, follow: bool, data: Path) -> None:
    """Show the last N statements of the log, one on a line.

    Position, time as the author says it, kind, and what it says.
    """
    with node_of(data) as node:
        where = chosen_room(node, room)
        key = own_log.current(where.db.read)
        if key is None and not follow:
            raise Refused("log.none")
        head = None if key is None else logs.head(where.db.read, key.did)
        at = max(0, head.size - count) if head else 0
        try:
            while True:
                at = _say_from(where, at)
                if not follow:
                    break
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            return


def line_of(position: int, said: Statement) -> str:
    """A statement on one line, for a person."""
    moment = datetime.fromtimestamp(said.time_ms / 1000, UTC) if said.time_ms < 253_402_300_800_000 else None
    shown = f"{moment:%Y-%m-%d %H:%M:%S}Z" if moment else f"{said.time_ms} ms"
    body = json.dumps(said.body, ensure_ascii=False, separators=(", ", ": "))
    text = "".join(letter if letter.isprintable() else " " for letter in body)
    if len(text) > MOST_CHARACTERS:
        text = text[: MOST_CHARACTERS - 1] + "…"
    files = "".join(f" +{one.name}" for one in said.attachments)
    unknown = " (not understood here)" if kinds.understand(said) is None else ""
    return f"{position}\t{shown}\t{said.kind}{unknown}\t{text}{files}"


# ---- inside


def _none(room: OpenRoom) -> tuple[OwnKey, ...]:
    raise InputError(f"the room {room.slug} has said nothing yet: millpond say begins its log")


def _lines(rows: Rows, key: OwnKey) -> list[tuple[str, str]]:
    head = logs.head(rows, key.did)
    found = [("log", key.did), ("state", _state(key))]
    if head is None or head.checkpoint is None:
        return [*found, ("size", "0")]
    signed = read_checkpoint(head.checkpoint, key.did)
    found += [("size", f"{head.size}"), ("root", base64_text(signed.root)), ("address", f"/logs/{head.hash}")]
    cosigners = {one.name for one in note.parse(signed.note).signatures} - {key.did}
    if cosigners:
        found.append(("cosigned by", ", ".join(sorted(cosigners))))
    if key.state != State.ENDED:
        found += [("mirror" if row["is_mirror"] else "witness", _keeper(row, head)) for row in _keepers(rows)]
    return found


def _state(key: OwnKey) -> str:
    if key.state == State.OPEN:
        return "open: it is written here"
    return f"{key.state}: {Refused(f'log.{key.why}')}"


def _keepers(rows: Rows) -> list[Row]:
    return rows.all("peers.keepers")


def _keeper(row: Row, head: Head) -> str:
    has = f", has {row['size']} of {head.size}" if row["is_mirror"] else ""
    problem = f"; {row['problem']}" if row["problem"] else ""
    return f"{row['name']} at {row['address']}{has}{problem}"


def _say_from(room: OpenRoom, at: int) -> int:
    """Shows the statements from there on; returns where to go on."""
    key = own_log.current(room.db.read)
    head = None if key is None else logs.head(room.db.read, key.did)
    if head is None:
        return at
    while at < head.size:
        for entry in logs.entries(room.db.read, head.id, at, min(at + AT_ONCE, head.size)):
            click.echo(line_of(at, statement.read_payload(statement.split(entry)[0])))
            at += 1
    return at
