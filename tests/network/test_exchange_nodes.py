"""Nodes together: one that nobody can call, its mirror, who follows it; killed, lied to, robbed of a key."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from commands import millpond
from relays import relay
from served import Served, served
from sites import start_site
from small_nodes import set_up
from static_logs import files_of
from talking import check_log, room_of, speak, speak_at_once

from millpond.log import checkpoint, witness
from millpond.log.keys import Key
from millpond.network import cards, contradictions, exporting, keeping
from millpond.network.cards import Card
from millpond.node import keepers, own_keys, own_log, peers, syncing
from millpond.node.node import Node
from millpond.node.own_keys import State
from millpond.node.peers import Met
from millpond.node.syncing import Synced
from millpond.store import logs
from millpond.store.logs import origin_hash

PATIENCE_SECONDS = 60
CLIENT = httpx2.Client(timeout=PATIENCE_SECONDS)


def until(is_so: Callable[[], bool]) -> None:
    """Waits until it is; fails the test when that takes far longer than it may."""
    ends = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < ends, "it never was"
        time.sleep(0.05)


def make(folder: Path) -> str:
    """A node with a room that has a log of nothing much; the log's did."""
    with Node(folder) as node:
        set_up(node)
        speak(node, room_of(node), 1)
        return own_log.ensure(node, room_of(node))


@contextmanager
def beside(folder: Path) -> Iterator[Node]:
    with Node(folder, beside=True) as node:
        yield node


def shown(url: str, did: str) -> int:
    """The size of the log as the node there shows it."""
    answer = CLIENT.get(f"{url}/logs/{origin_hash(did)}/checkpoint")
    return checkpoint.read(answer.content, did).size if answer.status_code == 200 else -1


def told(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done
    return done.stdout


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def carries(folder: Path, did: str) -> None:
    with beside(folder) as node:
        node.network.write(lambda rows: keeping.carry(rows, did))


def kept_at(folder: Path, url: str, at: str = "") -> None:
    """The room asks the keeper there; which it calls at another address, if there is one."""
    card = cards.read(CLIENT.get(f"{url}/card").text)
    card = cards.fitting(card.did, [at or url], card.name, is_keeper=True)
    with beside(folder) as node:
        keepers.add_keeper(room_of(node), card, now_ms=node.clock())


def follows(folder: Path, did: str, at: Path | str) -> None:
    with beside(folder) as node:
        peers.meet(node, room_of(node), Card(did), name="Ann", met=Met.PASTE, also_at=[str(at)])


def synced(folder: Path) -> tuple[Synced, ...]:
    """What `millpond log sync` does."""
    with beside(folder) as node:
        return asyncio.run(syncing.sync(node, [room_of(node)]))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_node_that_nobody_can_call(tmp_path: Path) -> None:
    """All that it exchanges it calls for: nobody ever connects to its port. It is killed, and goes on."""
    ann, mill, bo = tmp_path / "ann", tmp_path / "mill", tmp_path / "bo"
    did = make(ann)
    make(mill)
    make(bo)
    carries(mill, did)
    with served(mill) as mirror:
        kept_at(ann, mirror.url)
        with served(ann) as node:
            until(lambda: shown(mirror.url, did) == 1)
            with beside(ann) as also:
                speak(also, room_of(also), 2, mark=1)
            until(lambda: shown(mirror.url, did) == 3)
            connections = tcp_of(node)
            listening = [(host, port) for host, port, state in connections if state == "listening"]
            assert listening == [("127.0.0.1", port_of(node.url))]
            assert not [one for one in connections if one[2] != "listening" and one[1] == port_of(node.url)]
            node.process.kill()
            node.process.wait()
        with beside(ann) as also:
            speak(also, room_of(also), 1, mark=2)
        with served(ann):
            until(lambda: shown(mirror.url, did) == 4)
        told(millpond("log", "follow", did, "--at", mirror.url, "--name", "Ann", "--data", bo))
        said = told(millpond("log", "sync", "--data", bo))
        hash = origin_hash(did)
        assert said == f"Ann\t4 new, 4 statements\tfrom {mirror.url}/logs/{hash}\n"
    with Node(bo) as node:
        assert check_log(node.network.read, did) == 4


def tcp_of(node: Served) -> list[tuple[str, int, str]]:
    """This process's TCP sockets: own address, own port, and whether they listen or are connected."""
    folder = Path(f"/proc/{node.process.pid}")
    inodes = set()
    for link in (folder / "fd").iterdir():
        try:
            name = str(link.readlink())
        except OSError:
            continue
        if name.startswith("socket:["):
            inodes.add(name[8:-1])
    found = []
    for line in (folder / "net" / "tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[9] in inodes:
            host, _, port = fields[1].partition(":")
            numbers = ".".join(str(byte) for byte in bytes.fromhex(host)[::-1])
            found.append((numbers, int(port, 16), "listening" if fields[3] == "0A" else "connected"))
    return found


def test_a_mirror_killed_while_it_is_pushed_to(tmp_path: Path) -> None:
    """kill -9 in the middle of a push; then everything is there, once, and right."""
    ann, mill = tmp_path / "ann", tmp_path / "mill"
    did = make(ann)
    make(mill)
    carries(mill, did)
    with beside(ann) as also:
        speak_at_once(also, room_of(also), 2_000)
    with relay(0, pieces_per_s=200) as line:
        with served(mill) as mirror:
            line.target = port_of(mirror.url)
            kept_at(ann, mirror.url, line.url)

            def kill() -> None:
                until(lambda: line.up > 50_000)
                mirror.process.send_signal(signal.SIGKILL)
                mirror.process.wait()
                line.break_off()

            killing = threading.Thread(target=kill)
            killing.start()
            (done,) = synced(ann)
            killing.join()
            assert done.problem
        line.pieces_per_s = None
        with served(mill) as mirror:
            line.target = port_of(mirror.url)
            (done,) = synced(ann)
            assert (done.size, done.problem) == (2_001, "")
            assert shown(mirror.url, did) == 2_001
            until(lambda: is_read(mill, did))
    with Node(mill) as node:
        assert check_log(node.network.read, did) == 2_001


def is_read(folder: Path, did: str) -> bool:
    with beside(folder) as node:
        head = logs.head(node.network.read, did)
        return head is not None and head.checked == head.size


def test_a_stick_a_lying_mirror_and_a_stolen_key(tmp_path: Path) -> None:
    ann, thief, bo = (tmp_path / name for name in ("ann", "thief", "bo"))
    did = make(ann)
    make(thief)
    make(bo)
    with beside(ann) as also:
        room = room_of(also)
        speak_at_once(also, room, 300)
        key = own_log.open_key(also, room)
        entries = logs.entries(room.db.read, own_id(also, did), 0, 301)
    export(ann, tmp_path / "stick")
    # A mirror that changed a word, and signed nothing new, for it has no key.
    lie(tmp_path / "lie", entries, key)
    with start_site(tmp_path / "mill") as mill:
        mill.node.network.write(lambda rows: keeping.carry(rows, did))
        kept_at(ann, mill.base)
        assert [one.problem for one in synced(ann)] == [""]

        # Bo has it from the stick, whatever the lying one says.
        follows(bo, did, tmp_path / "lie")
        (done,) = synced(bo)
        assert (done.size, bool(done.problem)) == (0, True)
        follows(bo, did, tmp_path / "stick")
        lying, stick = sorted(synced(bo), key=lambda one: one.address)
        assert (bool(lying.problem), stick.came, stick.problem) == (True, 301, "")
        follows(bo, did, mill.base)
        assert [one.problem for one in synced(bo) if one.address.startswith("http")] == [""]

        # Whoever stole the key writes another history. The mirror does not take it, and so they know.
        steal(thief, key, entries[:200])
        kept_at(thief, mill.base)
        (done,) = [one for one in synced(thief) if one.did == did]
        assert "another machine signs with this key" in done.problem
        with beside(thief) as also:
            current = own_keys.current(room_of(also).db.read)
            assert current is not None
            assert current.state is State.RESTING
        accuses(thief, did)
        assert shown(mill.base, did) == 301

        # What they show elsewhere convicts the key: with whoever follows it, and with the mirror.
        export(thief, tmp_path / "forged")
        follows(bo, did, tmp_path / "forged")
        assert "signed two histories" in synced(bo)[0].problem
        with Node(bo) as node:
            assert check_log(node.network.read, did) == 301  # it stays as it was
        accuses(bo, did)
        forged = checkpoint.read((tmp_path / "forged" / "checkpoint").read_bytes(), did)
        assert forged.size == 500
        with beside(thief) as also:
            id = own_id(also, did)
            at_301 = checkpoint.sign(did, 301, logs.root_at(room_of(also).db.read, id, 301), key)
        body = witness.write_add_checkpoint(301, (), at_301.note)
        assert CLIENT.post(f"{mill.base}/witness/add-checkpoint", content=body).status_code == 409
        accuses(tmp_path / "mill", did)


def export(folder: Path, to: Path) -> None:
    with beside(folder) as node:
        rows, key = room_of(node).db.read, own_keys.current(room_of(node).db.read)
        assert key is not None
        head = logs.head(rows, key.did)
        assert head is not None
        exporting.export(rows, head, to)


def own_id(node: Node, did: str) -> int:
    head = logs.head(room_of(node).db.read, did)
    assert head is not None
    return head.id


def lie(folder: Path, entries: list[bytes], key: Key) -> None:
    changed = [*entries[:150], entries[150].replace(b"Rice", b"Mice"), *entries[151:]]
    right = files_of(entries, key)["checkpoint"]
    for path, data in (files_of(changed, key) | {"checkpoint": right}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def steal(folder: Path, key: Key, entries: list[bytes]) -> None:
    """The key and the beginning of the log, in another room; which says something else then."""
    with Node(folder) as node:
        room = room_of(node)
        room.db.write(
            lambda rows: own_keys.set_state(rows, own_log.ensure(node, room), State.ENDED, now_ms=1)
        )
        room.db.write(lambda rows: own_log.add_key(node, rows, key, now_ms=node.clock()))
        own_log.note(node, room.slug, key.did)
        room.db.write(lambda rows: own_log.append_in(rows, key, entries))
        speak(node, room, 300, mark=666)


def accuses(folder: Path, did: str) -> None:
    """Somebody who knows nothing else checks the file with one command."""
    with beside(folder) as node:
        proof = contradictions.proof_of(node.network.read, did)
    assert proof is not None
    path = folder.with_suffix(".json")
    path.write_bytes(proof.write())
    assert "two" in told(millpond("log", "check", path))
