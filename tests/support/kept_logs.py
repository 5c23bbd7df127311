"""A node that keeps logs of others, what it says to who pushes, and what it has then.

`another()` begins a test: its log is one that no test before it had. `pusher` is who has that log.
"""

from __future__ import annotations

import socket
import threading
from itertools import count

import httpx2
from shown_logs import Pusher
from shown_logs import pusher as some_pusher
from sites import Site

from millpond.log import checkpoint, cosignature, equivocation, mirror
from millpond.log.keys import Key
from millpond.log.mirror import INFO_TYPE
from millpond.store import logs

_NUMBERS = count(1)
_current = [0]


def another(site: Site) -> None:
    """Another log, and time enough that no rate stands in the way."""
    site.clock.pass_minutes(10)
    _current[0] = next(_NUMBERS)


def pusher(site: Site, size: int, *, mark: str = "entry", carried: bool = True, other: int = 0) -> Pusher:
    """Who has this test's log; with other entries in it, if `mark` is another one."""
    return some_pusher(site, size, 1_000 * other + _current[0], mark=mark, carried=carried)


def stored(site: Site, who: Pusher) -> logs.Head:
    """What the node has of it."""
    head = logs.head(site.node.network.read, who.key.did)
    assert head is not None
    return head


def proofs(site: Site, who: Pusher) -> list[equivocation.Equivocation]:
    """What the node keeps against this log, checked."""
    rows = site.node.network.read.all("network_contradictions.of_origin", origin=who.key.did)
    assert all(row["is_proven"] for row in rows)
    return [equivocation.check(row["proof"]) for row in rows]


def info(answer: httpx2.Response, status: int) -> mirror.MirrorInfo:
    """Where to go on, from an answer that says that."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == INFO_TYPE
    return mirror.parse_mirror_info(answer.content)


def refused(answer: httpx2.Response, status: int, words: str) -> None:
    """Asserts that it says no, with these words, in a line."""
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "<" not in answer.text


def cosigned(answer: httpx2.Response, head: checkpoint.Checkpoint, *keys: Key) -> None:
    """Asserts that these keys cosigned the head."""
    assert answer.status_code == 200, answer.text
    for key in keys:
        assert cosignature.verify(head, answer.content, key.did, key.public) > 0


# ---- by hand


def connect(site: Site) -> socket.socket:
    """A line to the node."""
    return socket.create_connection(("127.0.0.1", int(site.base.rpartition(":")[2])), timeout=20)


def request(length: int) -> bytes:
    """The lines before the body of a push."""
    return (
        b"POST /mirror/add-entries HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Length: %d\r\n\r\n" % length
    )


def reaches(site: Site, who: Pusher, size: int) -> None:
    """Waits until so many entries are there."""
    pause = threading.Event()
    for _ in range(2_000):
        if stored(site, who).reached >= size:
            return
        pause.wait(0.005)
    raise AssertionError(stored(site, who))
