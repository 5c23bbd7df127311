"""`millpond serve`: the node's pages, its clockwork and its exchange beside them, until it is stopped.

- It listens on this machine alone unless `--address` says otherwise; before anything else it brings the data
  up to date (`node.update`).
- Addresses hold secret links: none is logged, here or by the web server.
- A proxy's word about who asks is taken from this machine alone.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from urllib.parse import quote

import click

from millpond.cli.nodes import DEFAULT_ADDRESS, data_option, new_passphrase, note_base_url, public_url_option
from millpond.errors import InputError
from millpond.node import clockwork
from millpond.node.clockwork import Nightly
from millpond.node.node import Node

MAX_HEAD_BYTES = 16 * 1024
"""Of a request's lines before its body."""
KEEP_ALIVE_SECONDS = 15
MOST_AT_ONCE = 1_000
"""Connections; those after it hear that it is busy. 300 households that order at once use 300."""
MOST_NEW_OBJECTS = 10_000
"""Before Python looks for rings among them that nobody holds any more; 700 is its own number."""
GOODBYE_SECONDS = 10
"""For requests that are being answered when the node is stopped."""
WAITING = 512
"""Connections that wait to be taken."""


@click.command(name="serve")
@data_option
@click.option(
    "--address",
    metavar="HOST:PORT",
    envvar="MILLPOND_ADDRESS",
    default=DEFAULT_ADDRESS,
    show_default=True,
    help="Where to listen; 0.0.0.0:8440 for every device of your network.",
)
@public_url_option
@click.option(
    "--backup-passphrase-file",
    metavar="FILE",
    envvar="MILLPOND_BACKUP_PASSPHRASE_FILE",
    help="Back up every night, sealed with the first line of FILE.",
)
@click.option(
    "--backup-to",
    metavar="DIR",
    envvar="MILLPOND_BACKUP_TO",
    help="Where the nightly backups go; by default into the data's folder backups.",
)
@click.option("--lan", is_flag=True, help="Announce the cards of this node to others on the same network.")
@click.option("--open/--no-open", "open_it", default=None, help="Show it in the browser of this machine.")
def command(
    data: Path,
    address: str,
    public_url: str,
    backup_passphrase_file: str | None,
    backup_to: str | None,
    lan: bool,
    open_it: bool | None,
) -> None:
    """Run this node: pages for the leader, the helpers and the households.

    Ctrl-C stops it. On the first start it prints the link that opens the set-up.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    nightly = _nightly(data, backup_passphrase_file, backup_to)
    with listening(address) as listener, Node(data, public_url=public_url) as node:
        link = public_url or shown(listener)
        note_base_url(data, link)
        if node.is_new():
            setup = f"{link}/setup?code={quote(node.make_setup_code())}"
            click.echo(f"Set it up: {setup}")
            link = setup
        else:
            click.echo(f"Open: {link}/")
        _tell_network(listener, public_url)
        click.echo(f"Data: {data}. Ctrl-C stops it.")
        sys.stdout.flush()
        if _opens(open_it, listener):
            webbrowser.open(link)
        with _announced(node, listener, public_url) if lan else nullcontext():
            serve(node, listener, nightly)
    click.echo("Stopped.")


def serve(node: Node, listener: socket.socket, nightly: Nightly | None = None) -> None:
    """The pages on this socket, the clockwork and the exchange beside them, until somebody stops it."""
    import uvicorn  # here, so that a help text or a wrong option does not load the pages

    from millpond.web import make_app
    from millpond.web.guard.patience import Patient

    app = make_app(node, background=lambda node: lambda: _beside(node, nightly))
    config = uvicorn.Config(
        app,
        http=Patient,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=["127.0.0.1", "::1"],
        h11_max_incomplete_event_size=MAX_HEAD_BYTES,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
        limit_concurrency=MOST_AT_ONCE,
    )
    _be_ready()
    with _signals_only_stop():
        uvicorn.Server(config).run(sockets=[listener])


async def _beside(node: Node, nightly: Nightly | None) -> None:
    from millpond.node.exchange import Exchange

    async with asyncio.TaskGroup() as group:
        group.create_task(clockwork.run(node, nightly=nightly))
        group.create_task(Exchange(node).run())


def _be_ready() -> None:
    """What the first households would wait for is done; what stays for good is not looked through again."""
    from millpond.web.render import prepare

    prepare("household")
    gc.collect()
    gc.freeze()
    gc.set_threshold(MOST_NEW_OBJECTS)


@contextmanager
def _signals_only_stop() -> Iterator[None]:
    """The web server raises the signal that stopped it once more; the node is still to be closed then."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _nightly(data: Path, passphrase_file: str | None, to: str | None) -> Nightly | None:
    if passphrase_file is None:
        if to is not None:
            raise InputError(
                "nightly backups are sealed: give --backup-passphrase-file, too", at="--backup-to"
            )
        return None
    folder = Path(to) if to else data / "backups"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot be used: {error.strerror}", name=str(folder)) from None
    return Nightly(folder, new_passphrase(passphrase_file))


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    """The socket of HOST:PORT; raises `InputError`."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdigit() or int(port) > 65_535:
        raise InputError(f"{address!r} is not like {DEFAULT_ADDRESS}", at="--address")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, int(port)), family=family, backlog=WAITING)
    except OSError as error:
        raise InputError(
            f"cannot listen on {address}: {error.strerror or error}. Is another one running? "
            "Choose another port with --address",
        ) from None
    # Small answers at once: asyncio sets it only where a socket says that it is TCP, and this one does not.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        yield listener


def shown(listener: socket.socket) -> str:
    """The address for a browser on this machine: by name, for to a bare number a passkey cannot belong."""
    host, port = listener.getsockname()[:2]
    if host in ("127.0.0.1", "0.0.0.0", "::1", "::"):
        host = "localhost"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _tell_network(listener: socket.socket, public_url: str) -> None:
    """For who listens beyond this machine: the address for others, and what is to be known about it."""
    host, port = listener.getsockname()[:2]
    if public_url or host.startswith("127.") or host == "::1":
        return
    if host == "0.0.0.0":
        host = _own_address()
        if not host:
            return
    click.echo(f"On your network: http://{host}:{port}/")
    click.echo(
        "Without TLS others on the network can read along: for more than a trial put a proxy before it."
    )


@contextmanager
def _announced(node: Node, listener: socket.socket, public_url: str) -> Iterator[None]:
    """Within it, whoever looks on the network finds the cards of this node; raises `InputError`."""
    from millpond.network import lan
    from millpond.node import own_cards

    host, port = listener.getsockname()[:2]
    if host == "0.0.0.0":
        host = _own_address()
    at = public_url or f"http://{host}:{port}"
    if not host or not own_cards.is_reachable(at):
        raise InputError(
            "others on the network cannot reach this address: listen with --address 0.0.0.0:8440", at="--lan"
        )
    with lan.announced(own_cards.all_of(node, at), host, port):
        yield


def _own_address() -> str:
    """This machine's IPv4 address on its network; "" if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asks:
        try:
            asks.connect(("192.0.2.1", 9))  # nothing is sent: only asks which way it would go
        except OSError:
            return ""
        return str(asks.getsockname()[0])


def _opens(asked: bool | None, listener: socket.socket) -> bool:
    """Whether a browser is shown: if asked for, or if somebody sits here who has one."""
    if asked is not None:
        return asked
    has_screen = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    return sys.stdout.isatty() and has_screen and listener.getsockname()[0] in ("127.0.0.1", "::1")
