"""Following a log: what is fetched, what a cut leaves, whose fault a false entry is, two histories."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx2
import pytest
from memory_sources import MemorySource
from static_logs import entries_of, files_of, head_of, key_of, write_log
from static_server import ranges_answering, static_server, told_server

from millpond.errors import InputError, MillpondError, PeerError, Unreachable
from millpond.log import checkpoint as checkpoints
from millpond.log import equivocation
from millpond.log.keys import Key
from millpond.log.statement import sign, write
from millpond.network import addresses, contradictions, one_source
from millpond.network.one_source import Outcome
from millpond.network.pulling import Pulled, pull, pull_from_any
from millpond.network.sources import FolderSource, HttpSource, Source
from millpond.store import Database, Rows, logs, open_network
from millpond.store.logs import Head

KEY, OTHER = key_of(1), key_of(2)
ENTRIES = entries_of(3_000)
FORKED = [*ENTRIES[:700], *entries_of(2_300, "forked")]
FALSE = [*ENTRIES[:1_234], b"false\n", *ENTRIES[1_235:]]


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as database:
        database.write(lambda rows: logs.begin(rows, KEY.did))
        yield database


def follow(db: Database, *sources: Source, now_ms: int = 1_000) -> Pulled:
    """One pull of the log, from any of them; statements are not read."""
    id = head(db).id
    if len(sources) == 1:
        return asyncio.run(pull(db, id, sources[0], now_ms=now_ms, reads=False))
    return asyncio.run(pull_from_any(db, id, sources, now_ms=now_ms, reads=False))


def refused(db: Database, *sources: Source, now_ms: int = 1_000) -> MillpondError:
    with pytest.raises((PeerError, Unreachable)) as found:
        follow(db, *sources, now_ms=now_ms)
    return found.value


def head(db: Database) -> Head:
    found = logs.head(db.read, KEY.did)
    assert found is not None
    return found


def here(db: Database) -> list[bytes]:
    """Everything that was received, under the checkpoint or not."""
    return logs.entries(db.read, head(db).id, 0, 2**40)


def row(db: Database, source: MemorySource) -> addresses.Known:
    found = addresses.one(db.read, head(db).id, source.address)
    assert found is not None
    return found


def honest(size: int, address: str = "honest", entries: Sequence[bytes] = ENTRIES) -> MemorySource:
    return MemorySource(entries[:size], KEY, address)


# ---- all is well


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


def test_a_liar_is_found_out_before_the_disk_is_full(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_source, "MOST_UNPROVEN_BYTES", 20_000)
    monkeypatch.setattr(one_source, "MOST_ENTRIES_AT_ONCE", 100)
    liar = honest(3_000, "liar")
    liar.given = [b"x" * 60_000] * 3_000
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


# ---- liars


def test_a_false_entry_is_its_givers_fault(db: Database) -> None:
    liar = honest(3_000, "liar")
    liar.given = FALSE
    assert "false entry at position 1,234" in str(refused(db, liar))
    assert here(db) == ENTRIES[:1_234], "what came before was right"
    assert "1,234" in row(db, liar).problem
    assert len([what for what in liar.asked if what.startswith("tile")]) <= 4
    assert follow(db, honest(3_000)).head.size == 3_000
    assert contradictions.all_of(db.read) == ()


def test_the_giver_is_blamed_even_if_another_finds_it(db: Database) -> None:
    liar = honest(3_000, "liar")
    liar.given, liar.breaks_after = FALSE, 2_000
    refused(db, liar, now_ms=1_000)
    good = honest(3_000, "good")
    assert follow(db, good, now_ms=2_000).outcome is Outcome.GREW
    assert good.sent_entries == 1_000 + 3_000 - 1_234
    assert (row(db, good).failures, row(db, good).problem) == (0, "")
    assert "false entry at position 1,234" in row(db, liar).problem
    assert (row(db, liar).failures, row(db, liar).tried_ms) == (2, 2_000)


def test_a_source_whose_tiles_do_not_fit_is_blamed(db: Database) -> None:
    follow(db, honest(600))
    for treed in (FALSE, FORKED, ENTRIES[:2_000]):
        liar = honest(3_000, "liar")
        liar.given, liar.treed = FALSE, treed
        refused(db, liar)
        assert row(db, liar).problem
        assert here(db) == ENTRIES[:600]
        assert not contradictions.is_contradicted(db.read, KEY.did)
    assert follow(db, honest(3_000)).head.size == 3_000
    assert contradictions.all_of(db.read) == (), "the suspicion went when the entries came"


def test_one_full_tile_that_is_false_is_found(db: Database) -> None:
    class Sly(MemorySource):
        async def tile(self, tile):  # type: ignore[no-untyped-def]
            hashes = await super().tile(tile)
            return bytes(32) + hashes[32:] if (tile.level, tile.number) == (0, 4) else hashes

    sly = Sly(ENTRIES, KEY, "sly", given=FALSE)
    assert "do not lead" in str(refused(db, sly))
    assert here(db) == []


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        (b"nothing", "no signatures"),
        (head_of(ENTRIES, OTHER).note, "not about"),
        (head_of(ENTRIES, KEY).note.replace(b"3000", b"3001"), "not signed"),
    ],
)
def test_a_checkpoint_that_is_not_the_logs_is_refused(db: Database, note: bytes, problem: str) -> None:
    follow(db, honest(600))
    known, source = head(db), honest(3_000, "forger")
    source.note = note
    assert problem in str(refused(db, source))
    assert problem in row(db, source).problem
    assert head(db) == known


def test_a_source_that_gives_too_little_or_too_much(db: Database) -> None:
    short = honest(3_000, "short")
    short.given = ENTRIES[:2_950]

    class Generous(MemorySource):
        async def entries(self, start: int, size: int):  # type: ignore[no-untyped-def]
            yield ENTRIES[start : size + 1]

    assert "does not give the entries from 2,950 on" in str(refused(db, short))
    assert here(db) == ENTRIES[:2_950]
    assert "more entries" in str(refused(db, Generous(ENTRIES[:2_990], KEY, "generous")))
    assert here(db) == ENTRIES[:2_950]


# ---- two histories


def told_twice(db: Database, first: MemorySource, second: MemorySource) -> equivocation.Equivocation:
    """The proof that comes of following one after the other."""
    follow(db, first)
    before = head(db)
    found = follow(db, second)
    assert found.outcome is Outcome.CONTRADICTS
    assert found.proof is not None
    after = head(db)
    assert (after.size, after.checkpoint, after.reached) == (before.size, before.checkpoint, before.size)
    kept = contradictions.proof_of(db.read, KEY.did)
    assert kept == found.proof
    assert equivocation.check(found.proof.write()) == found.proof, "and a third party can check it"
    return found.proof


@pytest.mark.parametrize(
    ("first", "second"),
    [(3_000, 3_000), (2_000, 3_000), (3_000, 2_000), (701, 701), (701, 3_000), (3_000, 701)],
)
def test_two_histories_are_proven(db: Database, first: int, second: int) -> None:
    one, other = honest(first, "one"), honest(second, "other", FORKED)
    proof = told_twice(db, one, other)
    assert {proof.first.size, proof.second.size} == {first, second}
    assert {proof.first.root, proof.second.root} == {one.head.root, other.head.root}
    assert row(db, other).failures == 0, "it is not the source's fault"
    asked = len(one.asked)
    assert follow(db, one).outcome is Outcome.CONTRADICTS
    assert len(one.asked) == asked, "the log stays as it is until people have spoken"


def test_a_fork_behind_what_is_here_proves_nothing(db: Database) -> None:
    """Both continue what is here: which one came first is taken; the other is caught when it comes."""
    follow(db, honest(700))
    assert follow(db, honest(3_000)).outcome is Outcome.GREW
    assert follow(db, honest(2_000, "other", FORKED)).outcome is Outcome.CONTRADICTS


def test_sources_that_disagree_are_compared_in_one_pull(db: Database) -> None:
    found = follow(db, honest(2_000, "a"), honest(2_500, "b", FORKED), honest(700, "c"))
    assert (found.outcome, found.head.size) == (Outcome.CONTRADICTS, 2_500)
    assert found.proof is not None


def test_a_head_whose_entries_are_withheld_is_compared_later(db: Database) -> None:
    """A fork that was shown and not given: caught as soon as the entries are here from elsewhere."""
    follow(db, honest(600))
    shy = honest(2_000, "shy", FORKED)
    shy.withheld = frozenset({"entries", "tile"})
    refused(db, shy)
    assert not contradictions.is_contradicted(db.read, KEY.did)
    found = follow(db, honest(3_000))
    assert found.outcome is Outcome.CONTRADICTS
    assert (found.head.size, found.head.reached) == (600, 600), "no head is put over what is contradicted"


def test_a_withheld_head_that_was_right_is_forgotten(db: Database) -> None:
    follow(db, honest(600))
    shy = honest(2_000, "shy")
    shy.withheld = frozenset({"entries"})
    refused(db, shy)
    assert row(db, shy).note == shy.head.note
    assert follow(db, honest(3_000)).outcome is Outcome.GREW
    assert row(db, shy).note is None


def test_without_tiles_there_is_only_a_suspicion(db: Database) -> None:
    """It may be the source that lies, or the author: two heads are kept, until the entries decide."""
    follow(db, honest(800))
    forked = honest(2_000, "forked", FORKED)
    forked.withheld = frozenset({"tile"})
    refused(db, forked)
    (kept,) = contradictions.of_origin(db.read, KEY.did)
    assert not kept.is_proven
    assert contradictions.heads_of(kept) == (honest(800).head, forked.head)
    with pytest.raises(InputError):
        equivocation.check(kept.proof)
    assert here(db) == ENTRIES[:800]
    found = follow(db, honest(3_000))
    assert found.outcome is Outcome.CONTRADICTS
    assert all(one.is_proven for one in contradictions.of_origin(db.read, KEY.did))


def test_suspicions_are_bounded(db: Database) -> None:
    follow(db, honest(600))
    for size in range(1_300, 1_320):
        liar = honest(size, f"liar {size}")
        liar.given, liar.withheld = FALSE, frozenset({"tile"})
        refused(db, liar)
    assert len(contradictions.all_of(db.read)) == contradictions.MOST_SUSPICIONS
    assert follow(db, honest(3_000)).outcome is Outcome.GREW
    assert contradictions.all_of(db.read) == ()


def test_what_was_pushed_for_and_witnessed_is_compared_too(db: Database) -> None:
    follow(db, honest(600))
    fork = head_of(FORKED[:2_000], KEY)
    db.write(lambda rows: logs.set_pending(rows, head(db).id, fork))
    assert follow(db, honest(3_000)).outcome is Outcome.CONTRADICTS


# ---- several sources


def test_who_failed_rests(db: Database) -> None:
    source = honest(600)
    source.withheld = frozenset({"checkpoint"})
    id = head(db).id
    for failures, rest_ms in enumerate([30_000, 60_000, 120_000], 1):
        now_ms = (row(db, source).tried_ms or 0) + 10**6 * failures if failures > 1 else 10**6
        with pytest.raises(PeerError):
            asyncio.run(pull_from_any(db, id, [source], now_ms=now_ms))
        assert row(db, source).failures == failures
        assert (
            asyncio.run(pull_from_any(db, id, [source], now_ms=now_ms + rest_ms - 1)).outcome is Outcome.RESTS
        )
        assert addresses.in_turn(db.read, id, [source], now_ms=now_ms + rest_ms) == [source]
        assert addresses.in_turn(db.read, id, [source], now_ms=5) == [source], "a clock that was put back"
    known = row(db, source)
    assert not addresses.Known(*_with(known, failures=500)).is_due(now_ms + addresses.MOST_REST_MS - 1)
    assert addresses.Known(*_with(known, failures=500)).is_due(now_ms + addresses.MOST_REST_MS)


def _with(known: addresses.Known, **changed: int) -> tuple[object, ...]:
    return tuple(changed.get(name, getattr(known, name)) for name in addresses.Known.__slots__)


def test_who_answered_last_is_asked_first(db: Database) -> None:
    a, b, c, new = (honest(600, name) for name in ("a", "b", "c", "new"))
    follow(db, a, now_ms=1_000)
    follow(db, b, now_ms=2_000)
    c.note = b"wrong"
    refused(db, c, now_ms=3_000)
    found = addresses.in_turn(db.read, head(db).id, [new, c, a, b], now_ms=10**9)
    assert [source.address for source in found] == ["b", "a", "new", "c"]


def test_one_that_answers_is_enough(db: Database) -> None:
    off = honest(3_000, "off")
    off.withheld = frozenset({"checkpoint"})
    found = follow(db, off, honest(600))
    assert (found.outcome, found.head.size) == (Outcome.GREW, 600)
    assert row(db, off).failures == 1
    assert "does not give its checkpoint" in str(refused(db, off, off, now_ms=10**9))


def test_who_is_behind_is_told_so(db: Database) -> None:
    follow(db, honest(600))
    mirror = honest(300, "mirror")
    assert follow(db, mirror).outcome is Outcome.BEHIND
    assert follow(db, mirror).outcome is Outcome.BEHIND, "and when it has nothing new"
    assert row(db, mirror).size == 300
    assert follow(db, mirror, honest(600)).outcome is Outcome.NOTHING_NEW


def test_sources_are_noted_and_forgotten(db: Database) -> None:
    id = head(db).id
    db.write(lambda rows: addresses.add(rows, id, "a"))
    db.write(lambda rows: addresses.add(rows, id, "a"))
    db.write(lambda rows: addresses.add(rows, id, "b"))
    db.write(lambda rows: addresses.remove(rows, id, "a"))
    assert [one.address for one in addresses.of_log(db.read, id)] == ["b"]
    long = honest(3_000, "long")
    long.breaks_after = 10
    refused(db, long)

    def job(rows: Rows) -> None:
        addresses.forget(rows, id)
        logs.forget(rows, id)

    db.write(job)
    assert logs.heads(db.read) == ()


def test_the_support_signs_what_it_says() -> None:
    source: MemorySource = honest(5)
    assert checkpoints.read(source.head.note, Key(KEY.seed).did).size == 5
