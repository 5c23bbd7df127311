"""A mirror over HTTP: pushes whole, cut, at once, forked, overtaken, and over what was invented."""

from __future__ import annotations

import asyncio
from contextlib import closing

import httpx2
import pytest
from apart import run_apart
from kept_logs import connect, cosigned, info, pusher, reaches, refused, request, stored
from shown_logs import OCTETS
from sites import Site

from millpond.log import cosignature
from millpond.log.mirror import MAX_PACKAGES
from millpond.network.keeping import Keeper
from millpond.store import logs
from millpond.web.guard import pushes

pytestmark = pytest.mark.usefixtures("fresh")


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


def test_an_invention_in_the_bundle_of_the_head_gives_way_at_once(site: Site, keeper: Keeper) -> None:
    network, who = site.node.network, pusher(site, 700)
    who.checkpoint("mirror", 0, 300)
    who.push(0, 300)
    head = stored(site, who)
    network.write(lambda rows: logs.put(rows, head.id, [b"invented\n"] * 50))
    who.checkpoint("mirror", 300, 700)
    assert who.push(350, 700).status_code == 422
    assert info(who.push(700, 700), 409).next_entry == 300  # what is under the head stays
    cosigned(who.push(300, 700), who.head(), keeper.mirror, keeper.witness)
    assert logs.entries(network.read, head.id, 0, 700) == who.entries


def test_an_invention_that_reaches_the_end_is_thrown_away(site: Site, keeper: Keeper) -> None:
    network, who = site.node.network, pusher(site, 300)
    who.checkpoint("mirror", 0)
    network.write(lambda rows: logs.put(rows, stored(site, who).id, [b"invented\n"] * 300))
    assert info(who.push(300, 300), 409).next_entry == 0
    cosigned(who.push(0, 300), who.head(), keeper.mirror)
