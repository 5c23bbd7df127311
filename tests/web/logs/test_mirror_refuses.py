"""What a mirror does not take: no push, one that is packed wrongly, more than its keeper allows."""

from __future__ import annotations

import select
import socket

import pytest
from kept_logs import connect, cosigned, info, pusher, refused, request, stored
from shown_logs import packed
from sites import Site

from millpond.log.mirror import Upload
from millpond.network import keeping
from millpond.network.keeping import Keeper, Limits
from millpond.store import disk, logs
from millpond.web.guard import pushes

pytestmark = pytest.mark.usefixtures("fresh")

# ---- what is no push


@pytest.mark.parametrize("cut", [0, 1, 2, 57, 60, 76, 78])
def test_a_body_without_a_whole_head_is_refused(site: Site, cut: int) -> None:
    who = pusher(site, 10)
    who.checkpoint("mirror", 0)
    refused(who.send(who.body(0, 10)[:cut]), 400, "The body ends before")


def test_garbage_is_refused(site: Site) -> None:
    who = pusher(site, 300)
    who.checkpoint("mirror", 0)
    body = who.body(0, 300)
    head = Upload(who.key.did, 0, 300).write()
    for wrong, status in {
        b"\xff\xff" + b"x" * 70_000: 400,
        b"\0\2\xff\xfe" + bytes(18): 400,
        Upload("x", 0, 1).write() + b"\0\1x\0": 404,
        head + b"\xff\xff" + bytes(1_000): 400,  # an entry that is too long
        head + bytes(600): 422,  # 256 empty entries without a proof
        head + bytes(512) + b"\x40" + bytes(100): 400,  # a proof that is too long
        body.replace(b"\0\0\0\0\0\0\x01\x2c", b"\xff" * 8, 1): 400,
        body[:1_000] + b"x" + body[1_001:]: 422,
    }.items():
        assert who.send(wrong).status_code == status, wrong[:90]
    assert stored(site, who).reached == 0
    for wrong in (b"", b"old", b"old 0\n", b"old 0\n\nx\n", b"old -1\n\n" + who.head().note, b"\xff" * 100):
        for where in ("mirror", "witness"):
            answer = who.client.post(f"{site.base}/{where}/add-checkpoint", content=wrong)
            refused(answer, 400, "cannot be read")
    large = who.client.post(f"{site.base}/witness/add-checkpoint", content=b"a" * 100_000)
    assert large.status_code == 413


def test_other_types_and_packings_are_refused(site: Site) -> None:
    who = pusher(site, 10)
    who.checkpoint("mirror", 0)
    refused(who.send(who.body(0, 10), **{"content-encoding": "br"}), 415, "identity or gzip")
    refused(who.send(who.body(0, 10), **{"content-type": "text/plain"}), 415, "octet-stream")
    answer = who.send(who.body(0, 10), origin="https://evil.example")
    assert answer.status_code == 403
    assert stored(site, who).reached == 0


def test_a_packed_push_is_unpacked_as_it_comes(site: Site, keeper: Keeper) -> None:
    who = pusher(site, 900)
    who.checkpoint("mirror", 0)
    gzip = {"content-encoding": "gzip"}
    body = packed(who.body(0, 900))
    where = info(who.send(packed(who.body(0, 900, most=2))[:-9], **gzip), 202)
    assert where.next_entry in (256, 512)  # what can be unpacked of it
    for wrong in (b"no gzip", body[:20], b"\x1f\x8b" + bytes(50)):
        assert who.send(wrong, **gzip).status_code == 400
    answer = who.send(body, **gzip)
    cosigned(answer, who.head(), keeper.mirror)
    assert answer.headers["accept-encoding"] == "gzip"


def test_a_bomb_is_not_unpacked(site: Site) -> None:
    """A gigabyte of nothing in a megabyte: refused with its first package, an entry of it, or its end."""
    who = pusher(site, 300)
    who.checkpoint("mirror", 0)
    head = Upload(who.key.did, 0, 300).write()
    zeros = packed(head + bytes(64 * 2**20))
    assert len(zeros) < 100_000
    assert who.send(zeros, **{"content-encoding": "gzip"}).status_code == 422
    behind = packed(who.body(0, 300)) + packed(bytes(64 * 2**20))
    assert who.send(behind, **{"content-encoding": "gzip"}).status_code in (200, 202)
    assert stored(site, who).reached == 300


# ---- what the keeper allows


def test_a_log_that_is_full_takes_no_more(site: Site) -> None:
    network, who = site.node.network, pusher(site, 600)
    cost = logs.taken(who.entries[:512])
    network.write(lambda rows: keeping.set_limits(rows, Limits(most_log_bytes=cost)))
    who.checkpoint("mirror", 0)
    refused(who.push(0, 600), 403, "no more room for this log")
    assert stored(site, who).reached == 512
    carried = {one.origin: one.bytes for one in keeping.carried(network.read)}
    assert carried[who.key.did] == cost
    other = pusher(site, 10, other=1)
    network.write(lambda rows: keeping.set_limits(rows, Limits(most_bytes=sum(carried.values()))))
    other.checkpoint("mirror", 0)
    refused(other.push(0, 10), 403, "no more room for anything")
    network.write(lambda rows: keeping.set_limits(rows, Limits()))
    assert who.push(512, 600).status_code == 200


def test_the_last_room_on_a_disk_is_not_for_others(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    who = pusher(site, 600)
    who.checkpoint("mirror", 0)
    monkeypatch.setattr(disk, "LOOKS_AGAIN_NS", 0)
    monkeypatch.setattr(disk, "LEAST_FREE_BYTES", 2**62)
    refused(who.push(0, 600), 403, "nearly full")
    assert stored(site, who).reached == 0
    monkeypatch.setattr(disk, "LEAST_FREE_BYTES", 0)
    assert who.push(0, 600).status_code == 200


def test_a_log_that_is_left_is_still_shown_and_takes_no_more(site: Site) -> None:
    who = pusher(site, 600)
    who.checkpoint("mirror", 0, 300)
    who.push(0, 300)
    site.node.network.write(lambda rows: keeping.leave(rows, who.key.did))
    assert who.checkpoint("mirror", 300).status_code == 404
    refused(who.push(300, 600), 404, "does not carry the log")
    assert who.client.get(f"{site.base}/logs/{who.hash}/checkpoint").status_code == 200


def test_few_large_bodies_are_taken_at_a_time(site: Site) -> None:
    who = pusher(site, 300)
    who.checkpoint("mirror", 0)
    lines: list[socket.socket] = []
    try:
        for _ in range(200):  # until the node has taken all of them; one may hear that our own is before it
            while len(lines) < pushes.MOST_OF_ONE:
                lines.append(connect(site))
                lines[-1].sendall(request(10_000) + who.pieces(0, 300)[0][:30])
            answer = who.push(0, 300, most=0)
            if answer.status_code == 429:
                break
            for line in select.select(lines, [], [], 0)[0]:
                lines.remove(line)
                line.close()
        refused(answer, 429, "try again")
        assert int(answer.headers["retry-after"]) > 0
    finally:
        for line in lines:
            line.close()
    for _ in range(200):
        if who.push(0, 300).status_code == 200:
            break
    assert stored(site, who).size == 300
