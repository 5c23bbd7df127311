"""Who asks too much, too slowly or too often: cut off, without locking out who only has much to fetch."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import httpx2
import pytest
from apart import run_apart
from shown_logs import Pusher, pusher, spoken
from sites import SLUG, Site, start_site

from millpond.store import logs
from millpond.web.guard import rates
from millpond.web.guard.bodies import Bodies

SECONDS = 0.4


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A node that waits for `SECONDS`."""
    with start_site(
        tmp_path_factory.mktemp("limited"), around=lambda app: Bodies(app, seconds=SECONDS)
    ) as started:
        yield started


def connect(site: Site) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(site.base.rpartition(":")[2])), timeout=20)


def answered(line: socket.socket) -> bytes:
    """All that is said until the other side hangs up."""
    found = b""
    try:
        while piece := line.recv(65_536):
            found += piece
    except ConnectionResetError:
        pass
    return found


def reached(site: Site, who: Pusher) -> int:
    head = logs.head(site.node.network.read, who.key.did)
    assert head is not None
    return head.reached


@pytest.mark.parametrize("path", ["/mirror/add-entries", "/mirror/add-checkpoint", "/witness/add-checkpoint"])
def test_who_sends_nothing_more_is_cut_off(site: Site, path: str) -> None:
    with connect(site) as line:
        line.sendall(
            f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 50000\r\n\r\n".encode() + b"\0\x38did"
        )
        assert answered(line).split(b" ", 2)[1] == b"408"


def test_who_pushes_letter_by_letter_is_cut_off_and_keeps_what_was_whole(site: Site) -> None:
    who = pusher(site, 600)
    who.checkpoint("mirror", 0)
    pieces = who.pieces(0, 600)
    with connect(site) as line:
        line.sendall(b"POST /mirror/add-entries HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n")
        line.sendall(pieces[0] + pieces[1])
        line.settimeout(0.02)
        said = b""
        for _ in range(5_000):
            try:
                line.sendall(b"\0")
                said += line.recv(4_096)
            except TimeoutError:
                continue
            except OSError:
                break
            if said:
                break
        assert said.split(b" ", 2)[1] == b"408"
    assert reached(site, who) == 256


def test_who_keeps_the_pace_is_taken(site: Site) -> None:
    """Some hundred packets, in as many pieces as the line makes of them."""
    who = pusher(site, 4_000, 8)
    who.checkpoint("mirror", 0)
    pieces = who.pieces(0, 4_000)
    body = b"".join(pieces)
    with connect(site) as line:
        line.sendall(
            b"POST /mirror/add-entries HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        for piece in pieces:
            line.sendall(piece)
        assert answered(line).split(b" ", 2)[1] == b"200"
    assert reached(site, who) == 4_000


async def _many(url: str, count: int) -> list[int]:
    limits = httpx2.Limits(max_connections=8)
    async with httpx2.AsyncClient(timeout=60, limits=limits) as client:

        async def one() -> int:
            return (await client.get(url)).status_code

        return await asyncio.gather(*(one() for _ in range(count)))


def test_who_has_much_to_fetch_is_served_and_a_flood_is_not(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A million entries are 7,823 tiles and bundles: they fit into what an address may ask for at once."""
    assert rates.LOGS.burst > 2 * (1_000_000 // 256 + 1) + 18
    url = f"{site.base}/logs/{spoken(site, 3)}/checkpoint"
    allowed = 300
    small = rates.Rate(burst=allowed, per_minute=60)
    real = rates.Rates.allows
    monkeypatch.setattr(
        rates.Rates, "allows",
        lambda self, key, rate, now_ms: real(self, key, small if rate is rates.LOGS else rate, now_ms),
    )  # fmt: skip
    found = run_apart(_many(url, allowed + 50))
    assert found.count(200) == allowed
    assert found.count(429) == 50
    refused = httpx2.get(url)
    assert refused.headers["content-type"] == "text/plain; charset=utf-8"
    assert int(refused.headers["retry-after"]) > 0
    assert httpx2.get(f"{site.base}/{SLUG}/").status_code == 200  # pages have an allowance of their own
    site.clock.pass_minutes(1)
    assert run_apart(_many(url, 70)).count(200) == 60


def test_a_header_that_is_too_long_or_no_header_is_refused(site: Site) -> None:
    for lines in (b"X: " + b"a" * 200_000, b"If-None-Match: " + b'"' * 200_000, b"\xff\xff: 1", b": 1"):
        with connect(site) as line:
            try:
                line.sendall(b"GET /card HTTP/1.1\r\nHost: x\r\n" + lines + b"\r\n\r\n")
            except OSError:
                continue
            assert answered(line).split(b" ", 2)[1:2] in ([b"400"], [])
