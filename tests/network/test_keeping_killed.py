"""A node that is killed (SIGKILL) while logs are pushed to it, cosigned and written: what it said is true.

Whatever was acknowledged before the kill is there after it: entries as far as an answer said, the head that
was cosigned, the place of every receipt. And the head that is shown is one that the log signed.
"""

from __future__ import annotations

import random
import signal
import threading
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
from served import Served, served
from shown_logs import Pusher, said
from sites import PROFILE, SLUG
from static_logs import key_of

from millpond.log import checkpoint, inclusion, mirror
from millpond.log.keys import Key
from millpond.network import keeping
from millpond.node import own_log
from millpond.node.node import Node
from millpond.store import logs

KILLS = 4
SIZE = 6_000
STEP = 300


@dataclass
class Told:
    """What a node said: entries that it has, sizes that it cosigned, places of statements."""

    reached: int = 0
    mirrored: int = 0
    witnessed: int = 0
    places: dict[bytes, int] = field(default_factory=dict)
    statements: int = 0


def begin(data: Path) -> tuple[Key, Pusher]:
    """A node with a room that has a log, and somebody whose log its keeper carries."""
    key = key_of(7)
    with Node(data) as node:
        node.set_up_room(SLUG, PROFILE, code=node.add_room(SLUG), owner="王姐", passphrase_hash="")
        room = node.room(SLUG)
        assert room is not None
        own_log.ensure(node, room)
        node.network.write(lambda rows: keeping.carry(rows, key.did))
        entries = [b'{"entry":%d}\nsigned\n' % n for n in range(SIZE)]
        return own_log.open_key(node, room), Pusher("", key, entries, httpx2.Client(timeout=20))


def push(node: Served, who: Pusher, told: Told) -> None:
    """Pushes, a step at a time, each with a head of its own, until the line breaks."""
    while True:
        old, new = told.mirrored, min(SIZE, told.mirrored + STEP)
        answer = who.checkpoint("mirror", old, new)
        if answer.status_code == 409:  # an answer was lost: it took the head of this step before
            assert int(answer.text) == new
        answer = who.push(new, new)
        start = mirror.parse_mirror_info(answer.content).next_entry if answer.status_code == 409 else new
        if start < new:
            assert start >= told.reached
            answer = who.push(start, new)
        assert answer.status_code == 200, answer.text
        told.mirrored = told.reached = new
        where = who.client.get(f"{who.url}/witness/{who.hash}/checkpoint")
        told.witnessed = checkpoint.read(where.content).size


def write(node: Served, key: Key, told: Told) -> None:
    """Appends to the room's log until the line breaks."""
    url = f"{node.url}/logs/{logs.origin_hash(key.did)}/append"
    with httpx2.Client(timeout=20) as client:
        while True:
            (entry,) = said(1, key, first=told.statements)
            told.statements += 1
            answer = client.post(url, content=entry)
            assert answer.status_code == 200, answer.text
            told.places[entry] = inclusion.check(answer.content, entry, key.did).index


def until_it_breaks(work: object, wrong: list[str], *arguments: object) -> None:
    try:
        work(*arguments)  # type: ignore[operator]
    except httpx2.TransportError:
        return
    except BaseException as error:
        wrong.append(repr(error))


def check(data: Path, key: Key, who: Pusher, told: Told) -> None:
    """What is in the files is what was said."""
    with Node(data) as node:
        head = logs.head(node.network.read, who.key.did)
        assert head is not None
        assert head.size >= told.mirrored
        assert head.reached >= told.reached
        assert logs.entries(node.network.read, head.id, 0, head.reached) == who.entries[: head.reached]
        if head.checkpoint is not None:
            found = checkpoint.read(head.checkpoint, who.key.did)
            assert checkpoint.same_head(found, who.head(found.size))
        row = node.network.read.one("network_keeping.witnessed", origin=who.key.did)
        assert (0 if row is None else row["size"]) >= told.witnessed
        told.mirrored, told.reached = head.size, head.reached
        room = node.room(SLUG)
        assert room is not None
        own = logs.head(room.db.read, key.did)
        for entry, place in told.places.items():
            assert own is not None
            assert logs.entry(room.db.read, own.id, place) == entry
        if own is not None:
            assert own.size == own.reached
            assert len(set(logs.entries(room.db.read, own.id, 0, own.size))) == own.size


def test_what_was_said_before_the_kill_is_true_after_it(tmp_path: Path) -> None:
    data, dice, told = tmp_path / "node", random.Random(4), Told()
    key, who = begin(data)
    wrong: list[str] = []
    for _ in range(KILLS):
        with served(data) as node:
            who.url, who.client = node.url, httpx2.Client(timeout=20)
            before = (told.mirrored, len(told.places))
            threads = [
                threading.Thread(target=until_it_breaks, args=(push, wrong, node, who, told)),
                threading.Thread(target=until_it_breaks, args=(write, wrong, node, key, told)),
            ]
            for thread in threads:
                thread.start()
            wanted = dice.randint(1, 4)
            while not wrong and (
                told.mirrored < min(SIZE, before[0] + wanted * STEP) or len(told.places) < before[1] + 5
            ):
                threads[0].join(0.01)
            node.process.send_signal(signal.SIGKILL)
            for thread in threads:
                thread.join()
        assert wrong == []
        check(data, key, who, told)
    assert told.mirrored >= KILLS * STEP
    assert len(told.places) >= KILLS * 5
