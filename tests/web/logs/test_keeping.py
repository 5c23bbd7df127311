"""A mirror and a witness over HTTP: pushes whole, cut, packed, at once, forked, too slow and too large."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from itertools import count

import httpx2
import pytest
from apart import run_apart
from shown_logs import OCTETS, Pusher, own_key, packed, spoken
from shown_logs import pusher as some_pusher
from sites import Site, start_site

from millpond.log import checkpoint, cosignature, equivocation, mirror, witness
from millpond.log.keys import Key
from millpond.log.merkle import HASH_BYTES
from millpond.log.mirror import INFO_TYPE, MAX_PACKAGES, Upload
from millpond.log.witness import SIZE_TYPE
from millpond.network import keeping, mirroring
from millpond.network.keeping import Keeper, Limits
from millpond.store import logs
from millpond.web.guard import pushes

Head = checkpoint.Checkpoint


NUMBERS = count(1)
CURRENT = [0]
"""The number of this test's key: each has a log of its own."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with start_site(tmp_path_factory.mktemp("kept")) as started:
        yield started


@pytest.fixture(autouse=True)
def another(site: Site) -> None:
    """Another log, and time enough that no rate stands in the way."""
    site.clock.pass_minutes(10)
    CURRENT[0] = next(NUMBERS)


def pusher(site: Site, size: int, *, mark: str = "entry", carried: bool = True, other: int = 0) -> Pusher:
    """Somebody who has a log; one of this test's with other entries in it, if `mark` is another one."""
    return some_pusher(site, size, 1_000 * other + CURRENT[0], mark=mark, carried=carried)


@pytest.fixture
def keeper(site: Site) -> Keeper:
    return keeping.keeper(site.node.network, site.node.vault, now_ms=0)


def stored(site: Site, who: Pusher) -> logs.Head:
    head = logs.head(site.node.network.read, who.key.did)
    assert head is not None
    return head


def proofs(site: Site, who: Pusher) -> list[equivocation.Equivocation]:
    """What the node keeps against this log, checked."""
    rows = site.node.network.read.all("network_contradictions.of_origin", origin=who.key.did)
    assert all(row["is_proven"] for row in rows)
    return [equivocation.check(row["proof"]) for row in rows]


def info(answer: httpx2.Response, status: int) -> mirror.MirrorInfo:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == INFO_TYPE
    return mirror.parse_mirror_info(answer.content)


def refused(answer: httpx2.Response, status: int, words: str) -> None:
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "<" not in answer.text


def cosigned(answer: httpx2.Response, head: Head, *keys: Key) -> None:
    assert answer.status_code == 200, answer.text
    for key in keys:
        assert cosignature.verify(head, answer.content, key.did, key.public) > 0


# ---- a witness


def test_a_witness_cosigns_what_continues(site: Site, keeper: Keeper) -> None:
    who = pusher(site, 300)
    old = 0
    for new in (0, 1, 1, 200, 300):
        cosigned(who.checkpoint("witness", old, new), who.head(new), keeper.witness)
        shown = who.client.get(f"{site.base}/witness/{who.hash}/checkpoint")
        assert checkpoint.same_head(checkpoint.read(shown.content), who.head(new))
        assert cosignature.verify(who.head(new), shown.content, keeper.did, keeper.witness.public) > 0
        old = new
        site.clock.pass_minutes(1)
    tag = shown.headers["etag"]
    same = who.client.get(f"{site.base}/witness/{who.hash}/checkpoint", headers={"if-none-match": tag})
    assert (same.status_code, same.content) == (304, b"")


def test_a_witness_says_what_it_knows(site: Site) -> None:
    who = pusher(site, 100)
    assert who.checkpoint("witness", 0, 50).status_code == 200
    for old, new in ((0, 100), (49, 100), (0, 50), (0, 0), (20, 30)):
        answer = who.checkpoint("witness", old, new)
        assert (answer.status_code, answer.text) == (409, "50\n"), (old, new)
        assert answer.headers["content-type"] == SIZE_TYPE
    head = who.head(100)
    wrong = witness.write_add_checkpoint(50, (bytes(HASH_BYTES),), head.note)
    refused(who.client.post(f"{site.base}/witness/add-checkpoint", content=wrong), 422, "does not show")
    above = witness.write_add_checkpoint(101, (), head.note)
    refused(who.client.post(f"{site.base}/witness/add-checkpoint", content=above), 400, "above that of")
    unsigned = head.note.replace(b"\n100\n", b"\n99\n")
    body = witness.write_add_checkpoint(50, (), unsigned)
    refused(who.client.post(f"{site.base}/witness/add-checkpoint", content=body), 403, "does not count")
    assert proofs(site, who) == []


def test_logs_that_nobody_wants_are_unknown(site: Site) -> None:
    who = pusher(site, 10, carried=False)
    for where in ("witness", "mirror"):
        assert who.checkpoint(where, 0).status_code == 404
    refused(who.push(0, 10), 404, "does not carry the log")
    refused(who.push(0, 0), 404, "does not carry the log")
    for path in (f"witness/{who.hash}", f"mirror/{who.hash}", "witness/x", f"witness/{'0' * 64}"):
        assert who.client.get(f"{site.base}/{path}/checkpoint").status_code == 404
    assert logs.head(site.node.network.read, who.key.did) is None


def test_logs_that_are_written_here_are_not_pushed_here(site: Site) -> None:
    spoken(site, 3)
    who = pusher(site, 10)
    own = own_key(site)
    ours = Pusher(site.base, own, who.entries, who.client)
    for where in ("witness", "mirror"):
        refused(ours.checkpoint(where, 0), 403, "is written here")
    refused(ours.push(0, 10), 403, "is written here")


def test_two_roots_of_one_size_become_a_proof(site: Site) -> None:
    """The log's key signed two histories: only the first is cosigned, and the proof convicts by itself."""
    who, fork = pusher(site, 60), pusher(site, 60, mark="fork")
    for where in ("witness", "mirror"):
        assert who.checkpoint(where, 0, 60).status_code == 200
        assert fork.checkpoint(where, 60, 60).status_code == 409
        (proof,) = proofs(site, who)
        assert {proof.first.root, proof.second.root} == {who.head().root, fork.head().root}
    shown = who.client.get(f"{site.base}/witness/{who.hash}/checkpoint").content
    assert checkpoint.same_head(checkpoint.read(shown), who.head())


def test_a_fork_of_what_is_carried_becomes_a_proof_whatever_its_size(site: Site) -> None:
    who, fork = pusher(site, 300), pusher(site, 300, mark="fork")
    who.checkpoint("mirror", 0)
    assert who.push(0, 300).status_code == 200
    assert fork.checkpoint("witness", 0, 200).status_code == 409
    (proof,) = proofs(site, who)
    assert (proof.first.size, proof.second.size) == (200, 300)
    assert checkpoint.same_head(proof.first, fork.head(200))


# ---- a mirror


def test_a_log_is_pushed_and_cosigned(site: Site, keeper: Keeper) -> None:
    who = pusher(site, 700)
    answer = who.checkpoint("mirror", 0)
    assert (answer.status_code, answer.content) == (200, b"")
    assert who.client.get(f"{site.base}/logs/{who.hash}/checkpoint").status_code == 404
    pending = who.client.get(f"{site.base}/mirror/{who.hash}/checkpoint")
    assert pending.content == who.head().note
    cosigned(who.push(0, 700), who.head(), keeper.mirror, keeper.witness)
    note = who.client.get(f"{site.base}/logs/{who.hash}/checkpoint").content
    assert cosignature.verify(who.head(), note, keeper.mirror.did, keeper.mirror.public) > 0
    head = stored(site, who)
    assert (head.size, head.reached, head.pending) == (700, 700, None)
    assert logs.entries(site.node.network.read, head.id, 0, 700) == who.entries
    cosigned(who.push(700, 700), who.head(), keeper.mirror)  # whose answer was lost asks again
    cosigned(who.push(300, 700), who.head(), keeper.mirror)  # or sends it again
    assert stored(site, who).reached == 700


def test_a_log_grows_at_a_mirror(site: Site, keeper: Keeper) -> None:
    who, done = pusher(site, 1_000), 0
    for size in (0, 1, 255, 256, 257, 600, 1_000):
        assert who.checkpoint("mirror", done, size).status_code == 200
        cosigned(who.push(done, size), who.head(size), keeper.mirror, keeper.witness)
        done = size
    assert logs.entries(site.node.network.read, stored(site, who).id, 0, 1_000) == who.entries
    smaller = who.push(600, 600)
    assert info(smaller, 409).size == 1_000  # it never goes back


def test_a_mirror_says_where_to_go_on(site: Site, keeper: Keeper) -> None:
    who = pusher(site, 700)
    assert info(who.push(0, 0), 409).next_entry == 0
    who.checkpoint("mirror", 0)
    where = info(who.push(0, 0), 409)
    assert (where.size, where.next_entry) == (700, 0)
    assert info(who.push(700, 700), 409) == where
    assert info(who.push(256, 700), 409) == where
    where = info(who.push(0, 700, most=2), 202)
    assert (where.size, where.next_entry) == (700, 512)
    cosigned(who.push(512, 700, ticket=where.ticket), who.head(), keeper.mirror)


def test_no_more_than_so_many_packages_are_read_at_once(site: Site, keeper: Keeper) -> None:
    size = MAX_PACKAGES * 256 + 300
    who = pusher(site, size)
    who.checkpoint("mirror", 0)
    where = info(who.push(0, size, most=MAX_PACKAGES + 2), 202)
    assert where.next_entry == MAX_PACKAGES * 256
    cosigned(who.push(where.next_entry, size), who.head(), keeper.mirror)


def test_a_ticket_finishes_what_a_newer_head_overtook(site: Site, keeper: Keeper) -> None:
    who = pusher(site, 700)
    who.checkpoint("mirror", 0, 600)
    ticket = info(who.push(0, 600, most=1), 202).ticket
    assert who.checkpoint("mirror", 600, 700).status_code == 200
    assert info(who.push(256, 600), 409).size == 700
    for wrong in (ticket[:-1], b"\0" + ticket[1:], ticket[:32], b"x" * 40):
        assert info(who.push(256, 600, ticket=wrong), 409).size == 700
    cosigned(who.push(256, 600, ticket=ticket), who.head(600), keeper.mirror, keeper.witness)
    cosigned(who.push(600, 700), who.head(), keeper.mirror, keeper.witness)


def test_a_push_that_is_cut_goes_on_after_its_last_package(site: Site, keeper: Keeper) -> None:
    who = pusher(site, 900)
    who.checkpoint("mirror", 0)
    pieces = who.pieces(0, 900)
    cut = pieces[0] + pieces[1] + pieces[2] + pieces[3][:-1]
    where = info(who.send(cut), 202)
    assert where.next_entry == 512
    assert stored(site, who).reached == 512
    refused(who.send(who.body(512, 900)[:2_000]), 400, "no entry was kept")
    cosigned(who.push(512, 900), who.head(), keeper.mirror)


def test_a_line_that_breaks_loses_nothing_that_was_whole(site: Site, keeper: Keeper) -> None:
    who = pusher(site, 900)
    who.checkpoint("mirror", 0)
    pieces = who.pieces(0, 900)
    with closing(connect(site)) as line:
        line.sendall(request(sum(map(len, pieces))) + pieces[0] + pieces[1] + pieces[2])
        reaches(site, who, 512)
        line.sendall(pieces[3][:100])
    assert info(who.push(900, 900), 409).next_entry == 512
    cosigned(who.push(512, 900), who.head(), keeper.mirror)


def test_two_push_at_once(site: Site, keeper: Keeper) -> None:
    """Each package stands once, both hear the truth, and the head is the larger one."""
    who = pusher(site, 2_000)
    who.checkpoint("mirror", 0)
    bodies = [who.body(0, 2_000)] * 4 + [who.body(0, 2_000, most=3)] * 2

    async def both() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(timeout=30) as client:
            url = f"{site.base}/mirror/add-entries"
            return await asyncio.gather(*(client.post(url, content=one, headers=OCTETS) for one in bodies))

    answers = [one for one in run_apart(both()) if one.status_code != 429]
    assert len(answers) >= pushes.MOST_OF_ONE
    assert {one.status_code for one in answers} <= {200, 202, 409}
    cosigned(who.push(2_000, 2_000), who.head(), keeper.mirror)
    head = stored(site, who)
    assert logs.entries(site.node.network.read, head.id, 0, 2_000) == who.entries


def test_a_fork_is_not_pushed_over_what_is_here(site: Site, keeper: Keeper) -> None:
    who, fork = pusher(site, 600), pusher(site, 600, mark="fork")
    who.checkpoint("mirror", 0)
    refused(fork.push(0, 600), 422, "are not proven")
    assert info(who.push(0, 600, most=1), 202).next_entry == 256
    refused(fork.push(0, 600), 422, "are not proven")
    refused(fork.push(256, 600), 422, "are not proven")
    cosigned(who.push(256, 600), who.head(), keeper.mirror)
    fork.entries = [*who.entries, *fork.entries]
    assert fork.checkpoint("mirror", 600, 1_200).status_code == 200  # it continues what is here
    cosigned(fork.push(600, 1_200), fork.head(), keeper.mirror)


def test_what_was_invented_gives_way_to_what_is_proven(site: Site, keeper: Keeper) -> None:
    """A log that is pulled, too: a source gave entries beyond the head that are not the author's."""
    network, who = site.node.network, pusher(site, 700)
    who.checkpoint("mirror", 0, 100)
    who.push(0, 100)
    head = stored(site, who)
    invented = [b"invented %d\n" % n for n in range(300)]
    network.write(lambda rows: logs.put(rows, head.id, invented))
    who.checkpoint("mirror", 100, 700)
    answer = who.push(400, 700)
    assert answer.status_code == 422  # its bundle holds inventions: the whole of it must come
    assert info(who.push(700, 700), 409).next_entry == 256
    assert info(who.push(100, 700, most=1), 202).next_entry == 256
    cosigned(who.push(256, 700), who.head(), keeper.mirror, keeper.witness)
    assert logs.entries(network.read, head.id, 0, 700) == who.entries


def test_an_invention_that_reaches_the_end_is_thrown_away(site: Site, keeper: Keeper) -> None:
    network, who = site.node.network, pusher(site, 300)
    who.checkpoint("mirror", 0)
    network.write(lambda rows: logs.put(rows, stored(site, who).id, [b"invented\n"] * 300))
    assert info(who.push(300, 300), 409).next_entry == 0
    cosigned(who.push(0, 300), who.head(), keeper.mirror)


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
    cost = sum(len(entry) + mirroring.ENTRY_BYTES for entry in who.entries[:512])
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
    lines = [connect(site) for _ in range(pushes.MOST_OF_ONE)]
    try:
        for line in lines:
            line.sendall(request(10_000) + who.pieces(0, 300)[0][:30])
        for _ in range(200):  # until the node has taken all of them
            answer = who.push(0, 300, most=0)
            if answer.status_code == 429:
                break
        refused(answer, 429, "try again")
        assert int(answer.headers["retry-after"]) > 0
    finally:
        for line in lines:
            line.close()
    for _ in range(200):
        if who.push(0, 300).status_code == 200:
            break
    assert stored(site, who).size == 300


# ---- by hand


def connect(site: Site) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(site.base.rpartition(":")[2])), timeout=20)


def request(length: int) -> bytes:
    return (
        b"POST /mirror/add-entries HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n"
        b"Content-Length: %d\r\n\r\n" % length
    )


def reaches(site: Site, who: Pusher, size: int) -> None:
    """Waits until so many entries are there."""
    done = threading.Event()
    for _ in range(2_000):
        if stored(site, who).reached >= size:
            return
        done.wait(0.005)
    raise AssertionError(stored(site, who))
