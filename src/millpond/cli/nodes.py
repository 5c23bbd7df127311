"""What the commands of a node have in common: where its data lies, and passphrases that are never arguments.

A passphrase comes from a file or is typed without being shown. An argument would stand in the shell's history
and in every list of processes.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from millpond.errors import InputError
from millpond.node.node import Node, OpenRoom, default_data
from millpond.node.passphrases import check_passphrase

MAX_PASSPHRASE_BYTES = 4_096
DEFAULT_ADDRESS = "127.0.0.1:8440"
ADDRESS_FILE = "address"


def _data(_: click.Context, __: click.Parameter, value: str | None) -> Path:
    return Path(value) if value else default_data()


data_option = click.option(
    "--data",
    metavar="DIR",
    callback=_data,
    help="Where the node keeps its data; by default MILLPOND_DATA or the system's place for it.",
)
passphrase_file_option = click.option(
    "--passphrase-file", metavar="FILE", help="Whose first line is the passphrase; else it is asked for."
)


room_option = click.option(
    "--room", metavar="ROOM", help="Which room; where there is only one, it may be left out."
)


def chosen_room(node: Node, slug: str | None) -> OpenRoom:
    """The room of this short name, or the only one that is set up; raises `InputError`."""
    there = [entry.slug for entry in node.rooms() if entry.is_set_up]
    if slug is None and len(there) != 1:
        raise InputError(
            f"which room? Say --room with one of: {', '.join(there)}" if there else "has no room yet"
        )
    room = node.room(slug if slug is not None else there[0])
    if room is None:
        raise InputError(f"there is no room {slug!r}, or it is not set up")
    return room


def node_of(data: Path) -> Node:
    """The node in this directory, beside whoever serves it; raises `InputError` if there is none."""
    if not (data / "node.db").exists():
        raise InputError(
            "holds no node: say with --data where it is, or begin one with millpond serve", name=str(data)
        )
    return Node(data, beside=True)


def public_url_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--public-url`, checked."""
    return click.option(
        "--public-url",
        metavar="URL",
        envvar="MILLPOND_PUBLIC_URL",
        default="",
        callback=_public_url,
        help="The address others see, if a proxy stands before it (or MILLPOND_PUBLIC_URL).",
    )(function)


def read_passphrase(path: str) -> str:
    """The first line of the file; raises `InputError`."""
    try:
        with Path(path).open("rb") as file:
            line = file.read(MAX_PASSPHRASE_BYTES).partition(b"\n")[0]
        passphrase = line.decode("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no UTF-8 text"
        raise InputError(f"cannot be read: {reason}", name=path) from None
    if not passphrase:
        raise InputError("its first line, which should be the passphrase, is empty", name=path)
    return passphrase


def new_passphrase(path: str | None) -> str:
    """One to seal a file with, from the file or typed twice; raises `InputError` if it is easily guessed."""
    if path is not None:
        return check_passphrase(read_passphrase(path))
    _must_be_typed()
    return check_passphrase(
        click.prompt("Passphrase to seal the file with", hide_input=True, confirmation_prompt=True, err=True)
    )


def known_passphrase(path: str | None) -> str:
    """The one a file was sealed with, from the file or typed."""
    if path is not None:
        return read_passphrase(path)
    _must_be_typed()
    return str(click.prompt("Passphrase of the file", hide_input=True, err=True))


def is_sealed(path: str) -> bool:
    """Whether the file asks for a passphrase; raises `InputError` if it cannot be read."""
    from millpond.node import sealed

    try:
        with Path(path).open("rb") as file:
            return sealed.is_sealed(file)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", name=path) from None


def base_url(data: Path, public_url: str) -> str:
    """What addresses begin with that a command shows: as asked, else as `serve` was last started."""
    if public_url:
        return public_url
    try:
        return (data / ADDRESS_FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return f"http://{DEFAULT_ADDRESS}"


def note_base_url(data: Path, base: str) -> None:
    """Where this node is found, for the commands beside it; without it they say where it usually is."""
    with contextlib.suppress(OSError):
        (data / ADDRESS_FILE).write_text(base + "\n", encoding="utf-8")


def _public_url(_: click.Context, __: click.Parameter, value: str) -> str:
    from urllib.parse import urlsplit

    if not value:
        return ""
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise click.BadParameter(f"{value!r} is not like https://pond.example")
    return value.rstrip("/")


def _must_be_typed() -> None:
    if not sys.stdin.isatty():
        raise InputError("nobody is there to type the passphrase: give --passphrase-file")
