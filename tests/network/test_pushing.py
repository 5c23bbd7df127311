"""Pushing a log to a mirror of others: everything arrives, once; what a mirror may say, and may not."""

from __future__ import annotations

import asyncio
import gzip
import re
from collections.abc import Iterator
from hashlib import sha512
from pathlib import Path
from typing import Any

import httpx2
import pytest
from other_keepers import TIME_S, OtherKeeper, grown
from static_logs import entries_of, key_of

from millpond.errors import PeerError, Unreachable
from millpond.log import checkpoint, cosignature, equivocation, mirror
from millpond.log.checkpoint import Checkpoint
from millpond.log.mirror import Decoder, Upload
from millpond.network import asking, pushing
from millpond.network.asking import Conflict, LogAt
from millpond.network.calling import Cut
from millpond.network.pushing import Pace, Pushed
from millpond.store import Database, open_network

KEY = key_of(1)
ENTRIES = [sha512(number.to_bytes(2)).hexdigest().encode() for number in range(1500)]
"""Of a size, when compressed, as statements have."""
MIRROR = "https://pond.example/mirror"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with open_network(tmp_path / "network.db") as db:
        yield db


@pytest.fixture
def keeper() -> OtherKeeper:
    return OtherKeeper({KEY.did})


def grow(db: Database, size: int, entries: list[bytes] = ENTRIES) -> LogAt:
    """The log with its first `size` entries under a checkpoint."""
    return grown(db, KEY, size, entries)


def head_of(log: LogAt) -> Checkpoint:
    return asking.head_in(log.db.read, log.id)


def push(keeper: OtherKeeper, log: LogAt, **options: Any) -> Pushed:
    async def go() -> Pushed:
        async with keeper.client() as client:
            return await pushing.push(client, log, MIRROR, keeper.cosigner, pause_seconds=0, **options)

    return asyncio.run(go())


def uploads(keeper: OtherKeeper) -> list[tuple[Upload, int]]:
    """What every request with entries announced, and how many were in it."""
    found = []
    for _, path, body in keeper.seen:
        if path.endswith("/add-entries"):
            decoder = Decoder()
            packages = list(decoder.feed(gzip.decompress(body)))
            assert decoder.upload is not None
            found.append((decoder.upload, sum(len(package.entries) for package in packages)))
    return found


# ---- everything arrives


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
def test_a_mirror_gets_every_entry_and_cosigns(db: Database, keeper: OtherKeeper, size: int) -> None:
    log = grow(db, size)
    done = push(keeper, log)
    carried = keeper.logs[KEY.did]
    assert carried.entries == ENTRIES[:size]
    assert carried.mirrored is not None
    assert checkpoint.same_head(carried.mirrored, head_of(log))
    assert (done.size, done.sent_entries, done.cosigned.time_s) == (size, size, TIME_S)


def test_an_empty_log_is_pushed_too(db: Database, keeper: OtherKeeper) -> None:
    assert push(keeper, grow(db, 0)).size == 0


def test_what_is_there_is_not_sent_again(db: Database, keeper: OtherKeeper) -> None:
    push(keeper, grow(db, 700))
    again = push(keeper, grow(db, 700))
    assert again.sent_entries == 0
    more = push(keeper, grow(db, 710), known=700)
    assert more.sent_entries == 10
    assert uploads(keeper)[-1] == (Upload(KEY.did, 700, 710), 10)
    assert keeper.logs[KEY.did].entries == ENTRIES[:710]


def test_a_wrong_memory_costs_calls_and_nothing_else(db: Database, keeper: OtherKeeper) -> None:
    push(keeper, grow(db, 300))
    done = push(keeper, grow(db, 500), known=490)
    assert keeper.logs[KEY.did].entries == ENTRIES[:500]
    assert done.sent_entries == 10 + 200  # ten from where it was thought to be, then from where it is
    assert push(keeper, grow(db, 500), known=9_999).sent_entries == 0


def test_requests_grow_with_the_line(
    db: Database, keeper: OtherKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pushing, "monotonic", iter(range(99)).__next__)  # each takes a second
    pace = Pace()
    told: list[tuple[int, int]] = []
    push(keeper, grow(db, 1500), pace=pace, told=lambda *at: told.append(at))
    sent = [count for _, count in uploads(keeper)]
    assert sent == [0, 256, 512, 732]
    assert told == [(0, 1500), (256, 1500), (768, 1500), (1500, 1500)]


def test_the_ticket_goes_back(db: Database, keeper: OtherKeeper) -> None:
    push(keeper, grow(db, 1500))
    assert [upload.ticket for upload, _ in uploads(keeper)] == [b"", *[b"a ticket"] * 3]


# ---- poor lines


@pytest.mark.parametrize("cuts", [[20], [30_000, 30_000], [100, 25_000, 18_000, 70_000]])
def test_after_a_cut_only_the_package_under_way_is_sent_again(
    db: Database, keeper: OtherKeeper, cuts: list[int]
) -> None:
    log = grow(db, 1500)
    keeper.cut_after = list(cuts)
    done = push(keeper, log, pace=Pace(bytes_per_s=1_000_000, packages=32))
    assert not keeper.cut_after
    assert keeper.logs[KEY.did].entries == ENTRIES
    starts = [upload.start for upload, count in uploads(keeper) if count]
    assert starts == sorted(starts)
    assert done.size == 1500


def test_packages_of_a_cut_request_count(db: Database, keeper: OtherKeeper) -> None:
    log = grow(db, 1500)
    whole = len(pushing._body(db.read, log.id, Upload(KEY.did, 0, 1500), 32)[0])
    keeper.cut_after = [whole * 5 // 6]  # somewhere in the fifth of six packages
    push(keeper, log, pace=Pace(bytes_per_s=1_000_000, packages=32))
    ask, first, after, then = [upload.start for upload, _ in uploads(keeper)][:4]
    assert (ask, first, after) == (1500, 0, 1500)
    assert then in (1024, 1280)


def test_a_mirror_that_hangs_up_on_who_is_slow_is_asked_where_to_go_on(
    db: Database, keeper: OtherKeeper
) -> None:
    slow = iter([httpx2.Response(408), httpx2.Response(408)])

    def answers(request: httpx2.Request) -> httpx2.Response | None:
        return next(slow, None) if len(request.content) > 25_000 else None

    keeper.answers = answers
    pace = Pace(bytes_per_s=1_000_000, packages=32)
    push(keeper, grow(db, 1500), pace=pace)
    assert keeper.logs[KEY.did].entries == ENTRIES


def test_a_line_that_carries_nothing_is_given_up(db: Database, keeper: OtherKeeper) -> None:
    keeper.cut_after = [10] * 99
    with pytest.raises(Cut, match="the connection broke off"):
        push(keeper, grow(db, 300))
    assert len(keeper.seen) < 12


def test_a_pace_is_measured() -> None:
    pace = Pace()
    assert pace.patience(0) == pushing.PATIENCE_SECONDS
    pace.took(bytes=100, packages=1, seconds=60)  # too little to say anything
    assert pace == Pace()
    pace.took(bytes=60_000, packages=1, seconds=7.5)  # 64 kbit/s
    assert (pace.bytes_per_s, pace.packages) == (8_000, 1)
    pace.took(bytes=60_000, packages=1, seconds=3)
    assert pace.packages == 2
    pace.took(bytes=120_000, packages=2, seconds=0)
    assert pace.packages == 4
    pace.packages = 32
    pace.took(bytes=2_000_000, packages=32, seconds=0.1)
    assert pace.packages == mirror.MAX_PACKAGES
    pace.took(bytes=2_000_000, packages=32, seconds=100)
    assert pace.packages == 3
    pace.was_cut()
    pace.was_cut()
    assert pace.packages == 1
    assert pace.patience(10**9) == pushing.MOST_PATIENCE_SECONDS


def test_a_mirror_that_takes_less_at_once_gets_less(db: Database, keeper: OtherKeeper) -> None:
    keeper.answers = lambda request: httpx2.Response(413) if len(request.content) > 25_000 else None
    push(keeper, grow(db, 1500), pace=Pace(bytes_per_s=1_000_000, packages=32))
    assert keeper.logs[KEY.did].entries == ENTRIES


def test_a_mirror_that_throws_away_what_it_had_gets_it_again(db: Database, keeper: OtherKeeper) -> None:
    push(keeper, grow(db, 300))
    carried = keeper.logs[KEY.did]

    def refuses_once(request: httpx2.Request) -> httpx2.Response | None:
        if request.url.path.endswith("/add-entries") and len(carried.entries) == 300:
            del carried.entries[256:]  # it was damaged: the whole of the bundle must come
            return httpx2.Response(422)
        return None

    keeper.answers = refuses_once
    push(keeper, grow(db, 700), known=300)
    assert carried.entries == ENTRIES[:700]


# ---- what a mirror may not say


def refused(keeper: OtherKeeper, log: LogAt, **options: Any) -> PeerError | Unreachable:
    with pytest.raises((PeerError, Unreachable)) as caught:
        push(keeper, log, **options)
    assert caught.value.name.startswith(MIRROR)
    return caught.value


def only(path: str, answer: httpx2.Response) -> Any:
    return lambda request: answer if request.url.path.endswith(path) else None


@pytest.mark.parametrize(
    ("path", "answer", "problem"),
    [
        ("/add-checkpoint", httpx2.Response(404), "does not carry this log"),
        ("/add-checkpoint", httpx2.Response(403, text="No."), "answers HTTP 403: “No”"),
        ("/add-checkpoint", httpx2.Response(503, text="<html>"), r"is busy or out of order \(HTTP 503\)\."),
        ("/add-checkpoint", httpx2.Response(301, headers={"location": "https://x.example"}), "x.example"),
        ("/add-checkpoint", httpx2.Response(409, text="many"), "one line and ends with"),
        ("/add-checkpoint", httpx2.Response(422), "refuses a proof that holds"),
        ("/add-checkpoint", httpx2.Response(200, content=b"x" * 200_000), "more than the"),
        ("/add-checkpoint", httpx2.Response(200, headers={"content-encoding": "br"}), "compression"),
        ("/add-entries", httpx2.Response(413), "takes no 256 entries at once"),
        ("/add-entries", httpx2.Response(409, text="1\n2\n"), "three lines"),
        ("/add-entries", httpx2.Response(202, text="300\n0\n\n"), "has no more of them than before"),
        ("/add-entries", httpx2.Response(409, text="7\n0\n\n"), "asks for another checkpoint each time"),
        ("/add-entries", httpx2.Response(422), "its copy is damaged"),
        ("/add-entries", httpx2.Response(400), "answers HTTP 400"),
        ("/add-entries", httpx2.Response(200), "its cosignature does not count"),
        ("/add-entries", httpx2.Response(200, text="— else.example AAAAAAAA\n"), "did not cosign it"),
    ],
)
def test_what_no_mirror_answers_is_said(
    db: Database, keeper: OtherKeeper, path: str, answer: httpx2.Response, problem: str
) -> None:
    keeper.answers = only(path, answer)
    error = refused(keeper, grow(db, 300))
    assert not isinstance(error, Conflict)
    assert re.search(problem, str(error))
    assert len(keeper.seen) < 40


def test_a_cosignature_of_another_checkpoint_does_not_count(db: Database, keeper: OtherKeeper) -> None:
    grow(db, 200)
    log = grow(db, 200)
    old = cosignature.cosign(head_of(log), keeper.name, keeper.key, TIME_S)
    grow(db, 300)
    keeper.answers = only("/add-entries", httpx2.Response(200, text=old))
    assert "not of this checkpoint" in str(refused(keeper, log))


# ---- somebody else signs with our key


def test_a_mirror_that_knows_more_than_we_said_is_a_conflict(
    db: Database, keeper: OtherKeeper, tmp_path: Path
) -> None:
    with open_network(tmp_path / "other.db") as other:
        push(keeper, grow(other, 400))
    conflict = refused(keeper, grow(db, 300))
    assert isinstance(conflict, Conflict)
    assert (conflict.size, conflict.is_certain, conflict.proof) == (400, True, None)
    assert "another machine signs with this key, or this is an old copy" in str(conflict)


def test_two_histories_come_with_their_proof(db: Database, keeper: OtherKeeper, tmp_path: Path) -> None:
    with open_network(tmp_path / "other.db") as other:
        push(keeper, grow(other, 300, entries_of(300, "forged")))
    for size in (300, 450):
        conflict = refused(keeper, grow(db, size))
        assert isinstance(conflict, Conflict)
        assert conflict.proof is not None
        assert equivocation.check(conflict.proof.write()).origin == KEY.did


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/add-checkpoint", httpx2.Response(409, text="301\n")),
        ("/add-entries", httpx2.Response(409, text="301\n0\n\n")),
    ],
)
def test_a_mere_word_is_a_conflict_that_says_so(
    db: Database, keeper: OtherKeeper, path: str, answer: httpx2.Response
) -> None:
    keeper.answers = only(path, answer)
    conflict = refused(keeper, grow(db, 300))
    assert isinstance(conflict, Conflict)
    assert not conflict.is_certain
    assert "shows no signature for it" in str(conflict)


def test_a_log_that_grew_meanwhile_is_no_conflict(db: Database, keeper: OtherKeeper) -> None:
    log = grow(db, 300)
    grown = []

    def answers(request: httpx2.Request) -> httpx2.Response | None:
        if not grown:  # another process of this node was faster
            grown.append(grow(db, 350))
            return httpx2.Response(409, text="350\n")
        return None

    keeper.answers = answers
    assert push(keeper, log).size == 350
