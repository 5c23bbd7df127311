"""Cards on the same network: announced by mDNS (RFC 6762, 6763) if the keeper asks for it, and looked for.

A card is announced as a service of the type `TYPE`, whose text record has the card's line in pieces `card0`,
`card1`, …: one string of such a record has at most 255 bytes.

Trusted or not: anybody on the network can announce anything. What is found is cards, like those pasted from a
chat: nobody is added by being found, and the check phrase is compared as always. Who announces tells
everybody on the network that there is a node, and what the card says.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import sha256

from zeroconf import (
    BadTypeInNameException,
    InterfaceChoice,
    IPVersion,
    ServiceBrowser,
    ServiceInfo,
    ServiceListener,
    Zeroconf,
)

from millpond.errors import InputError, Unreachable
from millpond.network import cards
from millpond.network.cards import Card

TYPE = "_millpond._tcp.local."
PIECE_CHARACTERS = 200
MOST_PIECES = 8
MOST_FOUND = 100
"""Cards that are taken notice of: a network with more nodes has somebody who floods it."""
MOST_ANNOUNCED = 20
ANSWER_MS = 1_500
"""For one service to say its card."""

Interfaces = InterfaceChoice | list[str]


@contextmanager
def announced(
    announce: Iterable[Card], host: str, port: int, *, interfaces: Interfaces = InterfaceChoice.Default
) -> Iterator[None]:
    """Within it, whoever looks on the network finds these cards of the node at this IPv4 address and port.

    Raises `Unreachable` without a network.
    """
    zeroconf = _opened(interfaces)
    try:
        services = [_service(card, host, port) for card in list(dict.fromkeys(announce))[:MOST_ANNOUNCED]]
        with ThreadPoolExecutor(MOST_ANNOUNCED) as pool:  # each asks around for a second whether it is alone
            list(pool.map(zeroconf.register_service, services))
        yield
    finally:
        zeroconf.close()


def found(seconds: float, *, interfaces: Interfaces = InterfaceChoice.Default) -> tuple[Card, ...]:
    """The cards that are announced, as many as answer within so many seconds; raises `Unreachable`."""
    zeroconf = _opened(interfaces)
    try:
        names = _Names()
        browser = ServiceBrowser(zeroconf, TYPE, names)
        time.sleep(seconds)
        browser.cancel()
        read = (_card(zeroconf, name) for name in list(names.seen)[:MOST_FOUND])
        return tuple(dict.fromkeys(card for card in read if card is not None))
    finally:
        zeroconf.close()


class _Names(ServiceListener):
    """Names of services that were seen."""

    def __init__(self) -> None:
        self.seen: dict[str, None] = {}

    def add_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        if len(self.seen) < MOST_FOUND:
            self.seen[name] = None

    def update_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        """What it says is asked for at the end."""

    def remove_service(self, zc: Zeroconf, type_: str, name: str) -> None:
        self.seen.pop(name, None)


def _opened(interfaces: Interfaces) -> Zeroconf:
    try:
        return Zeroconf(interfaces=interfaces, ip_version=IPVersion.V4Only)
    except OSError as error:
        raise Unreachable(f"there is no network to look on: {error.strerror or error}") from None


def _service(card: Card, host: str, port: int) -> ServiceInfo:
    line, label = cards.write(card), "millpond-" + sha256(card.did.encode()).hexdigest()[:12]
    pieces = [line[at : at + PIECE_CHARACTERS] for at in range(0, len(line), PIECE_CHARACTERS)]
    return ServiceInfo(
        TYPE,
        f"{label}.{TYPE}",
        parsed_addresses=[host],
        port=port,
        server=f"{label}.local.",
        properties={f"card{index}": piece for index, piece in enumerate(pieces)},
    )


def _card(zeroconf: Zeroconf, name: str) -> Card | None:
    try:
        service = zeroconf.get_service_info(TYPE, name, ANSWER_MS)
    except BadTypeInNameException:
        return None
    if service is None:
        return None
    pieces = [service.properties.get(b"card%d" % index) or b"" for index in range(MOST_PIECES)]
    try:
        return cards.read(b"".join(pieces))
    except InputError:
        return None
