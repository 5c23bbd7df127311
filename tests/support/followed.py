"""One log, followed from sources in memory: what the tests of pulling have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from memory_sources import MemorySource
from static_logs import entries_of, key_of

from millpond.errors import MillpondError, PeerError, Unreachable
from millpond.network import addresses
from millpond.network.pulling import Pulled, pull, pull_from_any
from millpond.network.sources import Source
from millpond.store import Database, logs
from millpond.store.logs import Head

KEY, OTHER = key_of(1), key_of(2)
ENTRIES = entries_of(3_000)
FORKED = [*ENTRIES[:700], *entries_of(2_300, "forked")]
"""Another history of the same log, from 700 entries on."""
FALSE = [*ENTRIES[:1_234], b"false\n", *ENTRIES[1_235:]]
"""The same with one entry that is another's invention."""


def follow(db: Database, *sources: Source, now_ms: int = 1_000) -> Pulled:
    """One pull of the log, from any of them; statements are not read."""
    id = head(db).id
    if len(sources) == 1:
        return asyncio.run(pull(db, id, sources[0], now_ms=now_ms, reads=False))
    return asyncio.run(pull_from_any(db, id, sources, now_ms=now_ms, reads=False))


def refused(db: Database, *sources: Source, now_ms: int = 1_000) -> MillpondError:
    """The error that a pull ends with."""
    with pytest.raises((PeerError, Unreachable)) as found:
        follow(db, *sources, now_ms=now_ms)
    return found.value


def head(db: Database) -> Head:
    """The log as it is here."""
    found = logs.head(db.read, KEY.did)
    assert found is not None
    return found


def here(db: Database) -> list[bytes]:
    """Everything that was received, under the checkpoint or not."""
    return logs.entries(db.read, head(db).id, 0, 2**40)


def row(db: Database, source: MemorySource) -> addresses.Known:
    """How the source did."""
    found = addresses.one(db.read, head(db).id, source.address)
    assert found is not None
    return found


def honest(size: int, address: str = "honest", entries: Sequence[bytes] = ENTRIES) -> MemorySource:
    """A source that has so many entries and tells the truth."""
    return MemorySource(entries[:size], KEY, address)
