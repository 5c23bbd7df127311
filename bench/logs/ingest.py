"""Somebody's log into a database, with FULL fsync: by its checkpoint, or each statement verified as well."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from nacl.bindings import crypto_sign_open

from millpond.log import checkpoint, statement
from millpond.log.checkpoint import Checkpoint
from millpond.log.keys import Key
from millpond.log.merkle import leaf_hash
from millpond.log.tiles import Edge
from millpond.network import reading
from millpond.store import Database, Rows, logs
from millpond.store.files import open_network


def raw_seconds(entries: Sequence[bytes], public: bytes) -> float:
    """What PyNaCl alone takes to verify the signatures of these entries, one after the other.

    The messages are made before: nothing but `crypto_sign_open` is in the time.
    """
    parts = [statement.split(entry) for entry in entries]
    messages = [signature + statement.pae(payload) for payload, signature in parts]
    start = time.perf_counter()
    for message in messages:
        crypto_sign_open(message, public)
    return time.perf_counter() - start


def heads(entries: Sequence[bytes], key: Key, batch: int) -> list[Checkpoint]:
    """The checkpoint after each batch, as the log's owner signed it."""
    edge, found = Edge(), []
    for first in range(0, len(entries), batch):
        edge.extend([leaf_hash(entry) for entry in entries[first : first + batch]])
        found.append(checkpoint.sign(key.did, edge.size, edge.range.root(), key))
    return found


def ingest_seconds(
    entries: Sequence[bytes], signed: Sequence[Checkpoint], batch: int, *, each: bool
) -> float:
    """Into a new file, a transaction a batch, in their order; every note's signature is checked.

    With `each`, every statement's own signature and form are checked too, and its name is noted; that of a
    batch while the one before is being written.
    """
    with TemporaryDirectory() as folder, open_network(Path(folder) / "network.db") as file:
        origin = signed[0].origin
        log = file.write(lambda rows: logs.begin(rows, origin).id)
        start = time.perf_counter()
        asyncio.run(_ingest(file, log, entries, signed, batch, each=each))
        took = time.perf_counter() - start
        found = logs.head_by_id(file.read, log)
        if (found.size, found.checked) != (len(entries), len(entries) if each else 0):
            raise RuntimeError("not every entry was taken in")
        return took


async def _ingest(
    file: Database,
    log: int,
    entries: Sequence[bytes],
    signed: Sequence[Checkpoint],
    batch: int,
    *,
    each: bool,
) -> None:
    before: asyncio.Task[None] | None = None
    for number, head in enumerate(signed):
        first = number * batch
        came = entries[first : first + batch]
        checked = reading.check(head.origin, first, came) if each else None

        def job(
            rows: Rows,
            came: Sequence[bytes] = came,
            head: Checkpoint = head,
            checked: reading.Checked | None = checked,
        ) -> None:
            logs.put(rows, log, came)
            logs.accept(rows, log, checkpoint.read(head.note, head.origin))
            if checked is not None:
                reading.note(rows, log, checked)

        if before is not None:
            await before  # durable
        before = asyncio.create_task(file.awrite(job))
        await asyncio.sleep(0)  # handed to the writer, which works while the next one is checked
    if before is not None:
        await before
