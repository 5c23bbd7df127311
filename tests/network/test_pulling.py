"""Following a log: what is fetched, what a cut leaves, what is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path

import httpx2
import pytest
from followed import ENTRIES, KEY, follow, head, here, honest, refused, row
from memory_sources import MemorySource
from served import served
from static_logs import files_of, write_log
from static_server import ranges_answering, static_server, told_server

from millpond.errors import InputError, PeerError, Unreachable
from millpond.log.statement import sign, write
from millpond.network import keeping, one_source, pulling
from millpond.network.answers import Shown
from millpond.network.calling import make_client
from millpond.network.one_source import Outcome
from millpond.network.pulling import Pulled, pull
from millpond.network.sources import FolderSource, HttpSource
from millpond.store import Database, Rows, logs, open_network
from millpond.store.logs import Head


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        database.write(lambda rows: logs.begin(rows, KEY.did))
        yield database


def test_a_head_with_a_line_twice_is_handed_on_with_one(db: Database) -> None:
    """Whoever carries a log can write more lines under its head; other software refuses a line twice."""
    source = honest(10)
    text, line = source.head.note.split(b"\n\n")
    source.note = text + b"\n\n" + line + line
    assert follow(db, source).outcome is Outcome.GREW
    assert head(db).checkpoint == source.head.note


@pytest.mark.parametrize("steps", [[0], [1], [0, 1, 2], [255, 256, 257], [600, 3_000]])
def test_the_log_is_the_sources(db: Database, steps: list[int]) -> None:
    before = 0
    for size in steps:
        source = honest(size)
        found = follow(db, source)
        assert (found.outcome, found.added) == (Outcome.GREW, size - before)
        assert (found.head.size, found.head.reached, found.head.checkpoint) == (size, size, source.head.note)
        assert here(db) == ENTRIES[:size]
        assert not [what for what in source.asked if what.startswith("tile")], "no tiles while all is well"
        before = size


def test_a_log_that_is_full_takes_no_more(db: Database) -> None:
    """What its author wrote too much of is not fetched; what is here stays; more may be allowed."""
    follow(db, honest(600))
    id, most = head(db).id, logs.taken(ENTRIES[:700])
    assert db.read.one("network_keeping.bytes", log=id)["log_bytes"] == logs.taken(ENTRIES[:600])
    db.write(lambda rows: keeping.set_limits(rows, keeping.Limits(most_log_bytes=most)))
    assert follow(db, honest(700)).head.size == 700
    with pytest.raises(PeerError, match=r"no more room for this log.*millpond peers limits"):
        follow(db, honest(701))
    assert (head(db).size, head(db).reached) == (700, 700)
    db.write(lambda rows: keeping.set_limits(rows, keeping.Limits(most_bytes=most)))
    with pytest.raises(PeerError, match="no more room for anything"):
        follow(db, honest(701))
    db.write(lambda rows: keeping.set_limits(rows, keeping.Limits()))
    assert follow(db, honest(900)).head.size == 900


def test_inventions_that_fill_a_log_give_way(db: Database) -> None:
    """A source that gave so much that nothing more fits keeps nobody from giving what is right."""
    most = 600 * 1_000
    db.write(lambda rows: keeping.set_limits(rows, keeping.Limits(most_log_bytes=most)))
    liar = MemorySource(ENTRIES[:600], KEY, "liar", given=[bytes(2_000)] * 290, breaks_after=290)
    refused(db, liar)
    assert (head(db).size, head(db).reached) == (0, 290)
    assert follow(db, honest(600)).outcome is Outcome.GREW
    assert (head(db).size, here(db)) == (600, ENTRIES[:600])
    assert "false entry" in row(db, liar).problem


def test_nothing_new_is_one_question_and_one_row(db: Database) -> None:
    source = honest(600)
    follow(db, source, now_ms=1_000)
    source.asked.clear()
    before = db.read.one("network_sources.one", log=head(db).id, address="honest")
    known = head(db)
    found = follow(db, source, now_ms=2_000)
    assert (found.outcome, found.head, source.asked) == (Outcome.NOTHING_NEW, known, ["checkpoint"])
    after = db.read.one("network_sources.one", log=head(db).id, address="honest")
    assert {name for name in dict(after) if after[name] != before[name]} == {"heard_ms", "tried_ms"}
    assert after["heard_ms"] == 2_000


@pytest.mark.parametrize("way", ["folder", "static server", "range call"])
def test_it_is_so_over_real_files_and_http(db: Database, tmp_path: Path, way: str) -> None:
    folder, id = write_log(tmp_path / "log", ENTRIES, KEY), head(db).id

    async def from_http(address: str) -> None:
        async with httpx2.AsyncClient() as client:
            source = HttpSource(client, f"{address}/log")
            assert (await pull(db, id, source, now_ms=1, reads=False)).outcome is Outcome.GREW
            assert (await pull(db, id, source, now_ms=2, reads=False)).outcome is Outcome.NOTHING_NEW

    async def from_ranges() -> None:
        async with told_server(ranges_answering(files_of(ENTRIES, KEY), ENTRIES)) as told:
            await from_http(told.address)
            overhead = told.sent - sum(map(len, ENTRIES)) - len(files_of(ENTRIES, KEY)["checkpoint"])
            assert overhead == 2 * len(ENTRIES), "and two line ends in an entry: four bytes a statement"

    if way == "folder":
        assert follow(db, FolderSource(folder)).outcome is Outcome.GREW
    elif way == "static server":
        with static_server(tmp_path) as url:
            asyncio.run(from_http(url))
    else:
        asyncio.run(from_ranges())
    assert here(db) == ENTRIES
    assert head(db).size == 3_000


def test_it_is_so_from_a_node(db: Database, tmp_path: Path) -> None:
    """A mirror that serves what it carries, as a process of its own."""
    with open_network(tmp_path / "node" / "network.db") as carried:
        carried.write(lambda rows: logs.begin(rows, KEY.did))
        follow(carried, honest(2_700))

        async def run(url: str) -> list[Outcome]:
            async with make_client() as client:
                source = HttpSource(client, f"{url}/logs/{logs.origin_hash(KEY.did)}")
                found = [(await pull(db, head(db).id, source, now_ms=1, reads=False)).outcome]
                found.append((await pull(db, head(db).id, source, now_ms=2, reads=False)).outcome)
                await asyncio.to_thread(follow, carried, honest(3_000))
                found.append((await pull(db, head(db).id, source, now_ms=3, reads=False)).outcome)
                return found

        with served(tmp_path / "node") as node:
            assert asyncio.run(run(node.url)) == [Outcome.GREW, Outcome.NOTHING_NEW, Outcome.GREW]
    assert here(db) == ENTRIES


def test_statements_are_read_and_folded(db: Database) -> None:
    said = [sign(write("note/1", KEY.did, number, {"n": number}), KEY) for number in range(1_500)]
    entries = [*said, b"no statement\n"]
    found = []

    def fold(rows: Rows, known: Head, position: int, statement: object) -> None:
        found.append(position)

    id = head(db).id
    done = asyncio.run(pull(db, id, MemorySource(entries, KEY), now_ms=1, fold=fold))
    assert (done.outcome, done.added, done.read) == (Outcome.GREW, 1_501, 1_500)
    assert found == list(range(1_500))
    assert (done.head.checked, done.head.broken_at) == (1_500, 1_500)


def test_it_may_be_forgotten_meanwhile(db: Database) -> None:
    with pytest.raises(InputError, match="not followed"):
        asyncio.run(pull(db, 99, honest(1), now_ms=1))


# ---- cuts


@pytest.mark.parametrize("breaks_after", [1, 99, 256, 700])
def test_a_cut_goes_on_at_the_next_entry(db: Database, breaks_after: int) -> None:
    """From the same source or from another one; nothing comes twice."""
    sources = [honest(3_000, address) for address in ("a", "b", "c")]
    for source in sources:
        source.breaks_after = breaks_after
    for turn in range(40):
        source, start = sources[turn % 3], head(db).reached
        if start + breaks_after < 3_000:
            assert "broke off" in str(refused(db, source))
            assert head(db).reached == start + breaks_after
            assert head(db).size == 0, "nobody sees it before it is whole"
            assert (row(db, source).failures, row(db, source).etag) == (1 + turn // 3, "")
    for source in sources:
        source.breaks_after = None
    assert follow(db, sources[0]).added == 3_000
    assert sum(source.sent_entries for source in sources) == 3_000
    assert here(db) == ENTRIES
    assert db.read.value("network_sources.other_givers", log=head(db).id, address="") == 0, (
        "no notes are left"
    )


def test_another_source_goes_on_in_the_same_pull(db: Database) -> None:
    long, short = honest(3_000, "long"), honest(2_000, "short")
    long.breaks_after = 1_500
    found = follow(db, short, long)
    assert (found.outcome, found.head.size, found.head.reached) == (Outcome.GREW, 2_000, 2_000)
    assert (long.sent_entries, short.sent_entries) == (1_500, 500)
    assert (row(db, long).failures, row(db, short).failures) == (1, 0)


def test_more_is_here_than_a_source_has(db: Database) -> None:
    long = honest(3_000, "long")
    long.breaks_after = 2_500
    refused(db, long)
    found = follow(db, honest(2_000, "short"))
    assert (found.outcome, found.head.size, found.head.reached) == (Outcome.GREW, 2_000, 2_500)
    long.breaks_after = None
    assert follow(db, long, now_ms=10**9).head.size == 3_000
    assert long.sent_entries == 3_000


def test_a_cancelled_pull_keeps_what_came(db: Database) -> None:
    class Endless(MemorySource):
        async def entries(self, start: int, size: int):  # type: ignore[no-untyped-def]
            yield ENTRIES[start : start + 300]
            reached.set()
            await asyncio.Event().wait()

    async def run() -> None:
        task = asyncio.create_task(pull(db, head(db).id, Endless(ENTRIES, KEY), now_ms=1))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    reached = asyncio.Event()
    asyncio.run(run())
    assert here(db) == ENTRIES[:300]
    assert follow(db, honest(3_000)).head.size == 3_000


def test_much_is_stored_in_bounded_transactions(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_source, "MOST_ENTRIES_AT_ONCE", 200)
    sizes = []
    put = logs.put

    def note(rows: Rows, id: int, entries: Sequence[bytes]) -> int:
        sizes.append(len(entries))
        return put(rows, id, entries)

    monkeypatch.setattr(logs, "put", note)
    follow(db, honest(3_000))
    assert sizes == [200] * 15


def test_what_may_stay_unproven_is_bounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long log is taken in parts, and before the next one the tiles say whether it was right so far."""
    monkeypatch.setattr(one_source, "MOST_UNPROVEN_BYTES", 10_000)
    monkeypatch.setattr(one_source, "MOST_ENTRIES_AT_ONCE", 100)
    source, parts = honest(3_000), 0
    while follow(db, source).outcome is Outcome.PART:
        parts += 1
    assert parts > 2
    assert head(db).size == 3_000
    assert source.sent_entries == 3_000


@pytest.mark.parametrize("size", [0, 60_000])
def test_a_liar_is_found_out_before_the_disk_is_full(
    db: Database, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """Entries with nothing in them take room, too."""
    monkeypatch.setattr(one_source, "MOST_UNPROVEN_BYTES", 6_000)
    monkeypatch.setattr(one_source, "MOST_ENTRIES_AT_ONCE", 100)
    liar = honest(3_000, "liar")
    liar.given = [b"x" * size] * 3_000
    assert "false entry at position 0" in str(refused(db, liar))
    assert (here(db), liar.sent_entries) == ([], 100)


def test_two_pulls_at_once_do_no_harm(db: Database) -> None:
    async def run() -> list[object]:
        jobs = [pull(db, head(db).id, honest(3_000, name), now_ms=1, reads=False) for name in "abc"]
        return await asyncio.gather(*jobs, return_exceptions=True)

    found = asyncio.run(run())
    assert any(isinstance(one, Pulled) for one in found)
    assert all(isinstance(one, Pulled | Unreachable) for one in found)
    assert (head(db).size, here(db)) == (3_000, ENTRIES)


class _Silent(MemorySource):
    """Shows the head as it is, gives some false entries, and then nothing, for ever."""

    async def entries(self, start: int, size: int) -> AsyncGenerator[list[bytes], None]:
        yield [b"false\n"] * 3
        await asyncio.Event().wait()


class _Dumb(MemorySource):
    """Never gets to the end of its checkpoint."""

    async def checkpoint(self, etag: str = "") -> Shown | None:
        await asyncio.Event().wait()
        return None


def test_who_lets_entries_drip_keeps_nobody_away(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same head is had from another source; of the false entries the first one is to blame."""
    monkeypatch.setattr(pulling, "SHARE_SECONDS", 0.2)
    silent = _Silent(ENTRIES[:600], KEY, "silent")
    found = follow(db, silent, honest(600))
    assert (found.head.size, here(db)) == (600, ENTRIES[:600])
    assert "false entry at position 0" in row(db, silent).problem


def test_who_never_ends_a_checkpoint_keeps_nobody_away(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulling, "HEAR_SECONDS", 1.0)
    dumb = _Dumb(ENTRIES[:600], KEY, "dumb")
    assert follow(db, dumb, honest(600)).head.size == 600
    assert (row(db, dumb).failures, "no whole checkpoint" in row(db, dumb).problem) == (1, True)
