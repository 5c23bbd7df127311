"""The exchange of logs against real nodes: what is pushed, pulled, read, when, and who waits for nobody."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from exchanging import Person, exchanging, keeper_card, log_of
from sites import Site
from talking import check_log, check_whole, room_of, speak, speak_at_once

from millpond.log import checkpoint, cosignature
from millpond.log.keys import Key
from millpond.network import asking, keeping
from millpond.network.cards import Card
from millpond.node import exchange, keepers, moving, own_log
from millpond.node.exchange import Exchange
from millpond.node.node import Node, OpenRoom
from millpond.node.schedule import HOUR_MS, MINUTE_MS
from millpond.store import logs

# ---- pushing


def test_what_was_said_is_at_the_keeper_and_cosigned(ann: Person, site: Site) -> None:
    speak_at_once(ann.node, ann.room, 600)
    ann.kept_at(site)
    assert exchanging(ann.node, lambda: None) == [1, 0]
    known = logs.head(site.node.network.read, ann.did)
    assert known is not None
    assert (known.size, known.reached) == (600, 600)
    keeper = ann.keeper()
    assert (keeper.size, keeper.heard_ms, keeper.problem) == (600, ann.clock(), "")
    assert keeper.cosigned_s is not None
    own = logs.head(ann.room.db.read, ann.did)
    assert own is not None
    shown = checkpoint.read(own.checkpoint or b"", ann.did)
    witness = asking.cosigner_of(keeper.did)
    assert cosignature.verify(shown, shown.note, witness.name, witness.public) == keeper.cosigned_s


def test_a_new_statement_is_pushed_by_the_next_look_whoever_said_it(ann: Person, site: Site) -> None:
    speak(ann.node, ann.room, 3)
    ann.kept_at(site)

    def say_beside() -> None:
        with Node(ann.node.data, clock=ann.clock, beside=True) as beside:
            speak(beside, room_of(beside), 2, mark=1)

    assert exchanging(ann.node, lambda: speak(ann.node, ann.room, 1, mark=2), say_beside, lambda: None) == [
        1, 1, 1, 0
    ]  # fmt: skip
    assert ann.keeper().size == check_whole(ann.room) == 6


def test_a_keeper_is_asked_again_after_hours_though_nothing_is_new(ann: Person, site: Site) -> None:
    speak(ann.node, ann.room, 3)
    ann.kept_at(site)

    def later() -> None:
        ann.clock.now_ms += 6 * HOUR_MS

    assert exchanging(ann.node, lambda: None, later) == [1, 0, 1]
    assert ann.keeper().heard_ms == ann.clock()


def test_a_keeper_that_does_not_carry_the_log_says_so_and_is_tried_again(ann: Person, site: Site) -> None:
    speak(ann.node, ann.room, 3)
    keepers.add_keeper(ann.room, keeper_card(site), now_ms=ann.clock())

    def too_early() -> None:
        assert "ask its keeper to take your card" in ann.keeper().problem
        site.node.network.write(lambda rows: keeping.carry(rows, ann.did))
        ann.clock.now_ms += 9_000

    def in_time() -> None:
        ann.clock.now_ms += 1_000

    assert exchanging(ann.node, too_early, in_time) == [1, 0, 1]
    assert (ann.keeper().size, ann.keeper().problem) == (3, "")


def test_who_never_answers_keeps_nobody_waiting(ann: Person, site: Site) -> None:
    """More of them than there are places, once they are known for it."""
    speak(ann.node, ann.room, 3)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for number in range(exchange.MOST_STEADY + exchange.MOST_DOUBTFUL):
        card = Card(Key(bytes([number + 1]) * 32).did, (f"http://127.0.0.1:{port}",), f"{number}", True)
        keepers.add_keeper(ann.room, card, now_ms=ann.clock())

    async def go() -> None:
        loop = Exchange(ann.node, draw=lambda: 500)
        await loop.tick()
        await loop.idle()  # nobody is there: each has failed once
        ann.clock.now_ms += MINUTE_MS
        ann.kept_at(site)
        with socket.create_server(("127.0.0.1", port), backlog=64):  # from now on calls are taken in silence
            await loop.tick()
            silent = exchange.MOST_STEADY + exchange.MOST_DOUBTFUL
            while not is_cosigned(ann.room) or len(loop._running) > silent:  # the good one ends soon after
                await asyncio.sleep(0.01)
            assert len(loop._running) == silent
            await loop.close()
            assert not loop._running

    asyncio.run(asyncio.wait_for(go(), 60))


def is_cosigned(room: OpenRoom) -> bool:
    return any(keeper.cosigned_s is not None for keeper in keepers.keepers(room.db.read))


# ---- rooms that come and go


def test_a_room_that_left_is_not_exchanged_any_more(ann: Person, site: Site, tmp_path: Path) -> None:
    speak(ann.node, ann.room, 3)
    ann.kept_at(site)
    exchanging(ann.node)

    def leave() -> None:
        moving.export_room(
            ann.node, "pond", tmp_path / "pond.mill", passphrase="seven ponds, one mill", moves_log=True
        )
        ann.clock.now_ms += 7 * HOUR_MS

    assert exchanging(ann.node, leave) == [1, 0]


def test_what_is_under_way_ends_with_its_room(ann: Person) -> None:
    speak(ann.node, ann.room, 3)

    async def go() -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"http://127.0.0.1:{silent.getsockname()[1]}"
            card = Card(Key(b"k" * 32).did, (address,), "nobody", True)
            keepers.add_keeper(ann.room, card, now_ms=ann.clock())
            loop = Exchange(ann.node)
            await loop.tick()
            assert len(loop._running) == 1
            keepers.remove_keeper(ann.room, card.did)
            await loop.tick()
            await loop.idle()  # it would wait for half a minute
            await loop.close()

    asyncio.run(asyncio.wait_for(go(), 20))


# ---- following


def test_a_log_is_followed_through_a_mirror(ann: Person, bo: Person, site: Site) -> None:
    speak_at_once(ann.node, ann.room, 300)
    own_log.say(
        ann.node, ann.room, "vouch/1", {"subject": Key(b"c" * 32).did, "name": "Cai", "note": "pays in time"}
    )
    ann.kept_at(site)
    exchanging(ann.node)
    bo.follows(ann, site.base)

    def more() -> None:
        speak(ann.node, ann.room, 2, mark=5)
        exchanging(ann.node)
        bo.clock.now_ms += MINUTE_MS

    assert exchanging(bo.node, lambda: None, more) == [1, 0, 1]
    assert bo.has(ann) == 303
    (vouch,) = bo.node.network.read.all("network_others.vouchers", subject=Key(b"c" * 32).did, most=9)
    assert vouch["origin"] == ann.did


def test_a_mirror_says_of_a_log_that_it_fetched_that_it_has_it(ann: Person, bo: Person, site: Site) -> None:
    """Pulled or pushed: under a head that a mirror shows stands its own line (C2SP tlog-mirror)."""
    speak(ann.node, ann.room, 3)
    ann.kept_at(site)
    exchanging(ann.node)
    bo.follows(ann, site.base)
    bo.node.network.write(lambda rows: keeping.carry(rows, ann.did))
    exchanging(bo.node)
    keeper = keeping.keeper(bo.node.network, bo.node.vault, now_ms=bo.clock())
    head = logs.head(bo.node.network.read, ann.did)
    assert head is not None
    assert head.checkpoint is not None
    shown = checkpoint.read(head.checkpoint, ann.did)
    for key in (keeper.mirror, keeper.witness):
        assert cosignature.verify(shown, shown.note, key.did, key.public) == bo.clock() // 1_000


def test_a_node_that_was_off_for_days_catches_up(ann: Person, bo: Person, site: Site) -> None:
    speak(ann.node, ann.room, 3)
    ann.kept_at(site)
    exchanging(ann.node)
    bo.follows(ann, site.base)
    exchanging(bo.node)
    speak_at_once(ann.node, ann.room, 700)
    for clock in (ann.clock, bo.clock):
        clock.now_ms += 9 * 24 * HOUR_MS
    exchanging(ann.node)
    exchanging(bo.node)
    assert bo.has(ann) == 703


def test_where_an_author_says_the_log_is_counts(ann: Person, bo: Person, site: Site) -> None:
    own_log.say(ann.node, ann.room, "profile/1", {"name": "Ann", "addresses": ["https://ann.example"]})
    ann.kept_at(site)
    exchanging(ann.node)
    bo.follows(ann, site.base)
    exchanging(bo.node)
    hash = logs.origin_hash(ann.did)
    sources = bo.node.network.read.all("network_sources.of_log", log=log_of(bo.node, ann.did))
    assert [row["address"] for row in sources] == [
        f"{site.base}/logs/{hash}",
        f"https://ann.example/logs/{hash}",
    ]


def test_what_was_pushed_here_is_read(ann: Person, site: Site) -> None:
    speak(ann.node, ann.room, 3)
    ann.kept_at(site)
    exchanging(ann.node)
    assert exchanging(site.node, lambda: None) == [1, 0]
    assert check_log(site.node.network.read, ann.did) == 3


def test_a_loop_stops_in_the_middle(bo: Person, ann: Person) -> None:
    speak(ann.node, ann.room, 3)

    async def go() -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            bo.follows(ann, f"http://127.0.0.1:{silent.getsockname()[1]}")
            loop, stop = Exchange(bo.node), asyncio.Event()
            running = asyncio.create_task(loop.run(stop))
            while not loop._running:
                await asyncio.sleep(0.01)
            stop.set()
            await running
            assert not loop._running

    asyncio.run(asyncio.wait_for(go(), 20))


def test_a_room_that_cannot_be_read_keeps_no_other_waiting(ann: Person, site: Site) -> None:
    speak(ann.node, ann.room, 3)
    ann.kept_at(site)
    ann.node.db.write(lambda rows: rows.run("node.add_room", slug="broken", setup_hash=None, created_ms=1))
    ann.node.db.write(lambda rows: rows.run("node.note_log", hash="0" * 64, slug="broken"))
    folder = ann.node.folder("broken")
    folder.mkdir(parents=True)
    (folder / "room.db").write_bytes(b"no database" * 99)
    assert exchanging(ann.node, lambda: None) == [1, 0]
    assert ann.keeper().size == 3


def test_who_takes_all_of_their_turn_gets_out_of_the_others_way(
    ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four logs that drip would hold all places for good."""
    monkeypatch.setattr(exchange, "TURN_SECONDS", 0.05)
    done = []

    async def drip() -> bool:
        await asyncio.Event().wait()
        return True

    async def work() -> bool:
        done.append(True)
        return True

    async def run() -> None:
        looping = Exchange(ann.node)
        slow = [exchange._Job() for _ in range(exchange.MOST_STEADY)]
        for job in slow:
            await looping._turn(job, drip)
        monkeypatch.setattr(exchange, "TURN_SECONDS", 60)
        dripping = [asyncio.ensure_future(looping._turn(job, drip)) for job in slow]
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            await looping._turn(exchange._Job(), work)
        for task in dripping:
            task.cancel()
        await asyncio.gather(*dripping, return_exceptions=True)
        await looping._turn(slow[0], work)
        assert not slow[0].is_slow
        await looping.close()

    asyncio.run(run())
    assert len(done) == 2
