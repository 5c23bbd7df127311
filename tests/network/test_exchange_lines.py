"""Pushing over a line that is slow and cut: it completes, and sends at most one bundle again for each cut."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from relays import relay
from shown_logs import said
from sites import Site, start_site
from static_logs import key_of
from talking import check_log

from millpond.log import checkpoint
from millpond.network import asking, keeping, meeting, pulling, pushing
from millpond.network.asking import LogAt
from millpond.network.calling import make_client
from millpond.network.pushing import Pushed
from millpond.store import Database, Rows, logs, open_network

KEY = key_of(1)
SIZE = 2_000
CUTS = [40_000, 9_000, 31_000, 3_000, 12_000, 50_000]
"""Bytes between two cuts: in the middle of bundles, and of calls that say nothing new."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with start_site(tmp_path / "site") as found:
        yield found


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "own.db") as found:
        yield found


@pytest.fixture
def log(db: Database) -> LogAt:
    """A log as people write them, 2,000 statements of 300 bytes."""
    entries = said(SIZE, KEY, words=20)

    def job(rows: Rows) -> int:
        known = logs.begin(rows, KEY.did)
        logs.put(rows, known.id, entries)
        logs.accept(rows, known.id, checkpoint.sign(KEY.did, SIZE, logs.root_at(rows, known.id, SIZE), KEY))
        return known.id

    return LogAt(db, db.write(job))


def port(site: Site) -> int:
    return int(site.base.rpartition(":")[2])


def largest_package(log: LogAt) -> int:
    """Bytes of the largest bundle as it is pushed."""
    packed = [
        len(gzip.compress(b"".join(logs.entries(log.db.read, log.id, start, start + 256))))
        for start in range(0, SIZE, 256)
    ]
    return max(packed)


def test_a_push_over_a_line_that_is_cut(site: Site, log: LogAt) -> None:
    site.node.network.write(lambda rows: keeping.carry(rows, KEY.did))

    async def go(address: str) -> Pushed:
        async with make_client() as client:
            key = await asking.key_at(client, address)
            return await pushing.push(client, log, address, key, pause_seconds=0.05)

    with relay(port(site)) as line:
        address = f"{line.url}/mirror"
        whole = sum(len(pushing._body(log.db.read, log.id, upload, 1)[0]) for upload in uploads())
        line.cuts = list(CUTS)
        done = asyncio.run(asyncio.wait_for(go(address), 60))
        assert line.cut == len(CUTS)
    assert done.size == SIZE
    asyncio.run(pulling.read_all(site.node.network, log_of(site), meeting.fold))
    assert check_log(site.node.network.read, KEY.did) == SIZE
    calls = 60 * 600  # their heads, and the calls that ask how far it is
    assert line.up <= whole + len(CUTS) * largest_package(log) * 5 // 4 + calls


def uploads() -> list[pushing.Upload]:
    return [pushing.Upload(KEY.did, start, SIZE) for start in range(0, SIZE, 256)]


def log_of(site: Site) -> int:
    head = logs.head(site.node.network.read, KEY.did)
    assert head is not None
    return head.id
