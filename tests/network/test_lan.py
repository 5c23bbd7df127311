"""Cards on the same network: announced by one process, found by another, over multicast on this machine."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys

import pytest

from millpond.log.keys import Key
from millpond.network import cards, lan
from millpond.network.cards import Card

LOOPBACK = "127.0.0.1"
ANN = Card(Key(bytes(range(32))).did, ("http://192.168.1.7:8440",), "永泰 " * 30 + "合作社")
KEEPER = Card(Key(bytes(32)).did, ("https://keeper.example",), "County", is_keeper=True)
ANNOUNCES = """
import sys
from millpond.network import cards, lan
with lan.announced([cards.read(line) for line in sys.argv[1:]], "127.0.0.1", 8440, interfaces=["127.0.0.1"]):
    print("announced", flush=True)
    sys.stdin.read()
"""


def multicast_problem() -> str:
    """Why multicast does not work on this machine; "" if it does."""
    try:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hears,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as says,
        ):
            hears.bind(("", 0))
            group = struct.pack("4s4s", socket.inet_aton("224.0.0.251"), socket.inet_aton(LOOPBACK))
            hears.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group)
            hears.settimeout(2)
            says.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
            says.sendto(b"rice", ("224.0.0.251", hears.getsockname()[1]))
            hears.recv(10)
    except OSError as error:
        return f"multicast does not work here: {error}"
    return ""


def test_another_process_finds_what_is_announced() -> None:
    if problem := multicast_problem():
        pytest.skip(problem)
    announcing = subprocess.Popen(
        [sys.executable, "-c", ANNOUNCES, cards.write(ANN), cards.write(KEEPER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert announcing.stdin is not None
        assert announcing.stdout is not None
        assert announcing.stdout.readline() == b"announced\n"
        found = lan.found(1.5, interfaces=[LOOPBACK])
    finally:
        announcing.communicate()
    assert set(found) == {ANN, KEEPER}


def test_a_card_of_any_length_fits_its_record() -> None:
    longest = cards.fitting(
        ANN.did, [f"https://{letter * 60}.{letter * 60}.example" for letter in "abcdef"], "名" * 120
    )
    service = lan._service(longest, LOOPBACK, 8440)
    pieces = [service.properties[b"card%d" % index] for index in range(len(service.properties))]
    assert len(pieces) <= lan.MOST_PIECES
    assert all(piece is not None and len(piece) <= 200 for piece in pieces)
    assert b"".join(piece for piece in pieces if piece).decode() == cards.write(longest)
