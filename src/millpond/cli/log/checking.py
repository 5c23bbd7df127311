"""`millpond log check`: whether a log, a copy of one, a receipt or an accusation holds."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from millpond.cli import AnswerIsNo
from millpond.cli.files import read_file
from millpond.cli.nodes import chosen_room, data_option, node_of, room_option
from millpond.desk.refusals import Refused
from millpond.errors import InputError, PeerError
from millpond.log import equivocation, inclusion, statement
from millpond.log.lines import base64_text
from millpond.network import checking
from millpond.network.calling import make_client
from millpond.network.checking import Beside, Checked
from millpond.network.sources import FolderSource, HttpSource
from millpond.node import own_log
from millpond.node.node import now_ms
from millpond.store import logs


@click.command(name="check")
@click.argument("what", metavar="[WHAT]", required=False)
@click.argument("entry", metavar="[ENTRY]", required=False)
@room_option
@data_option
def check(what: str | None, entry: str | None, room: str | None, data: Path) -> None:
    """Check a log to the last signature and hash.

    Without WHAT, the room's own. Else WHAT is a folder that `millpond log export` made, the address of a log
    on the web, a receipt (then ENTRY is the file with its entry, of `millpond log entry`), or a proof that
    somebody signed two histories.

    Pictures and documents of the room's log and of a folder are checked, too; a log is whole without them.

    Exit code 0: it holds; 1: it does not; 2: it cannot be read.
    """
    if what is None:
        _check_own(room, data)
    elif what.startswith(("https://", "http://")) or Path(what).is_dir():
        _check_published(what)
    else:
        content = read_file(what)
        if content.startswith(inclusion.HEADER.encode()):
            _check_receipt(what, content, entry)
        elif content.lstrip()[:1] == b"{":
            _check_equivocation(what, content)
        else:
            raise InputError("is no folder with a log, no receipt and no proof of two histories", name=what)


def _check_own(room: str | None, data: Path) -> None:
    with node_of(data) as node:
        rows = chosen_room(node, room).db.read
        keys = own_log.keys(rows)
        if not keys:
            raise Refused("log.none")
        for key in keys:
            head = logs.head(rows, key.did)
            if head is None:
                click.echo(f"whole: {key.did}, nothing was said yet")
                continue
            try:
                checked = checking.check(rows, head)
                beside = checking.check_beside(rows, head, partial(own_log.attachment, rows))
                _tell(replace(checked, beside=beside))
            except InputError as error:
                raise AnswerIsNo(str(error.named(key.did))) from None


def _check_published(what: str) -> None:
    async def checked() -> Checked:
        async with make_client() as client:
            web = what.startswith(("https://", "http://"))
            source = HttpSource(client, what) if web else FolderSource(Path(what))
            return await checking.check_published(
                source, Path(scratch), now_ms=now_ms(), with_attachments=not web
            )

    with tempfile.TemporaryDirectory(prefix="millpond-") as scratch:
        try:
            _tell(asyncio.run(checked()))
        except (InputError, PeerError) as error:
            raise AnswerIsNo(str(error if error.name else error.named(what))) from None


def _check_receipt(what: str, content: bytes, entry: str | None) -> None:
    if entry is None:
        raise InputError("this is a receipt; give the file with its entry after it", name=what)
    said = read_file(entry)
    try:
        author = statement.read_payload(statement.split(said)[0]).author
        read = statement.read(said, author)
        proof = inclusion.check(content, said, author)
    except InputError as error:
        raise AnswerIsNo(str(error if error.name else error.named(what))) from None
    click.echo(f"holds: {read.kind} by {author}")
    click.echo(f"stands at {proof.index} of {proof.checkpoint.size}, sid {read.sid.hex()}")


def _check_equivocation(what: str, content: bytes) -> None:
    try:
        proof = equivocation.check(content)
    except InputError as error:
        raise AnswerIsNo(str(error.named(what))) from None
    click.echo(f"proven: {proof.origin} signed two histories")
    for head in (proof.first, proof.second):
        click.echo(f"size {head.size}, root {base64_text(head.root)}")


def _tell(checked: Checked) -> None:
    click.echo(f"whole: {checked.origin}")
    click.echo(f"size {checked.size}, root {base64_text(checked.root)}")
    if checked.cosigners:
        click.echo(f"cosigned by {', '.join(checked.cosigners)}")
    if checked.others:
        click.echo(f"{checked.others} more lines under it are of keys that are not known here")
    if checked.not_understood:
        click.echo(f"statements of kinds that this Millpond does not know: {checked.not_understood}")
    if checked.beside is not None and checked.beside != Beside():
        lacking = f", not here: {checked.beside.lacking}" if checked.beside.lacking else ""
        click.echo(f"pictures and documents that are right: {checked.beside.held}{lacking}")
