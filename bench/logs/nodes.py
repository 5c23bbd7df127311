"""Nodes with logs in them, and a follower: what the benchmark measures over HTTP."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.load.serving import PROFILE, SLUG
from bench.machine import peak_bytes
from millpond.log import checkpoint
from millpond.log.keys import Key
from millpond.network import keeping, pulling
from millpond.network.calling import make_client
from millpond.network.sources import source_at
from millpond.node import own_log
from millpond.node.node import Node
from millpond.node.passphrases import hash_passphrase
from millpond.store import Rows, logs
from millpond.store.files import open_network

AT_ONCE = 16_384
MOST_BYTES = 2**40
"""Of one log, as a keeper would allow who wants a large one."""
NOW_MS = 1_796_000_000_000


def carrying(data: Path, entries: Sequence[bytes], key: Key) -> str:
    """A new node that carries the key's log, with these entries in it; the log's name in addresses."""
    with Node(data) as node:
        id = node.network.write(lambda rows: keeping.carry(rows, key.did)).id
        add(node, id, entries, key)
        return logs.head_by_id(node.network.read, id).hash


def add(node: Node, id: int, entries: Sequence[bytes], key: Key) -> None:
    """More entries for a log that the node carries, under a new checkpoint."""
    for first in range(0, len(entries), AT_ONCE):
        node.network.write(lambda rows, first=first: logs.put(rows, id, entries[first : first + AT_ONCE]))

    def accept(rows: Rows) -> None:
        known = logs.head_by_id(rows, id)
        root = logs.root_at(rows, id, known.reached)
        logs.accept(rows, id, checkpoint.sign(known.origin, known.reached, root, key))
        # As in a node that has had the log for a while: it would check a statement after the other meanwhile.
        rows.run("logs.set_checked", id=id, checked=known.reached, broken_at=None)

    node.network.write(accept)


def writing(data: Path, key: Key) -> Path:
    """A new node with a room whose own log has this key; the room's database."""
    with Node(data) as node:
        code = node.add_room(SLUG)
        hashed = hash_passphrase("seven ducks on the pond")
        node.set_up_room(SLUG, PROFILE, code=code, owner="王姐", passphrase_hash=hashed)
        room = node.room(SLUG)
        assert room is not None
        own_log.note(node, SLUG, key.did)
        room.db.write(lambda rows: own_log.add_key(node, rows, key, now_ms=node.clock()))
    return data / "rooms" / SLUG / "room.db"


async def follow(file: Path, origin: str, prefix: str, *, tries: int, reads: bool) -> dict[str, Any]:
    """Brings the log in this file up to what stands at the address: outcome, seconds, what was read."""
    with open_network(file) as db:
        id = db.write(lambda rows: logs.begin(rows, origin)).id
        db.write(lambda rows: keeping.set_limits(rows, keeping.Limits(MOST_BYTES, MOST_BYTES)))
        problems: list[str] = []
        start, start_cpu = time.perf_counter(), time.process_time()
        async with make_client() as client:
            for _ in range(tries):
                try:
                    pulled = await pulling.pull(db, id, source_at(prefix, client), now_ms=NOW_MS, reads=reads)
                except (pulling.PeerError, pulling.Unreachable) as error:
                    problems.append(str(error))
                    await asyncio.sleep(0.5)
                    continue
                if pulled.outcome is not pulling.Outcome.PART:
                    break
        seconds, cpu = time.perf_counter() - start, time.process_time() - start_cpu
        known = logs.head_by_id(db.read, id)
        sizes = {"size": known.size, "reached": known.reached, "checked": known.checked}
        return {
            "seconds": seconds,
            "cpu_seconds": cpu,
            **sizes,
            "problems": problems,
            "peak_bytes": peak_bytes(),
        }


def main() -> None:
    """A follower as a process: FILE ORIGIN PREFIX TRIES [reads]; says what it did as a line of JSON."""
    file, origin, prefix, tries, *options = sys.argv[1:]
    told = follow(Path(file), origin, prefix, tries=int(tries), reads="reads" in options)
    print(json.dumps(asyncio.run(told)))


if __name__ == "__main__":
    main()
