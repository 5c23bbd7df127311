"""What a node does by itself: each thing when it is due, once, in every room, whatever fails in another."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from apart import run_apart
from small_nodes import PASSPHRASE, START_MS, Clock, set_up

from millpond.desk import households, rounds
from millpond.node import clockwork as module
from millpond.node import sealed, sessions
from millpond.node.clockwork import DAY_MS, HOUR_MS, Clockwork, Nightly, Task, due, run
from millpond.node.node import Node

CHINA = timezone(timedelta(hours=8))


def at(text: str, zone: timezone = CHINA) -> int:
    """Unix milliseconds of a local time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)


def change(node: Node, sql: str, slug: str = "pond") -> None:
    """Runs SQL in a room."""
    with closing(sqlite3.connect(node.folder(slug) / "room.db", timeout=30)) as connection:
        connection.execute(sql)
        connection.commit()


def ask(node: Node, sql: str, slug: str = "pond") -> list[Any]:
    """The first column of what SQL finds in a room."""
    with closing(sqlite3.connect(node.folder(slug) / "room.db", timeout=30)) as connection:
        return [row[0] for row in connection.execute(sql)]


def tick(clockwork: Clockwork) -> None:
    """One turn of the loop."""
    run_apart(clockwork.tick())


def test_everything_is_due_at_first() -> None:
    assert due({}, START_MS) == tuple(Task)


@pytest.mark.parametrize(
    ("done", "now", "is_due"),
    [
        ("2026-11-26T02:59", "2026-11-26T03:00", True),
        ("2026-11-26T03:00", "2026-11-26T03:01", False),
        ("2026-11-26T03:00", "2026-11-27T02:59", False),
        ("2026-11-26T03:00", "2026-11-27T03:00", True),
        ("2026-11-26T23:00", "2026-11-27T02:00", False),
        ("2026-11-26T23:00", "2026-11-27T09:00", True),  # the machine was off at night
        ("2026-11-01T03:00", "2026-11-27T01:00", True),
    ],
)
def test_the_backup_is_due_once_a_night(done: str, now: str, is_due: bool) -> None:
    assert (Task.BACKUP in due({Task.BACKUP: at(done)}, at(now), CHINA)) is is_due


def test_night_is_where_the_machine_is() -> None:
    done, now = (
        {Task.BACKUP: at("2026-11-26T12:00", UTC)},
        at("2026-11-26T20:00", UTC),
    )  # 4 in the morning there
    assert Task.BACKUP in due(done, now, CHINA)
    assert Task.BACKUP not in due(done, now, UTC)


def test_hourly_and_daily() -> None:
    done = dict.fromkeys(Task, START_MS)
    assert due(done, START_MS + HOUR_MS - 1, UTC) == ()
    assert Task.SESSIONS in due(done, START_MS + HOUR_MS, UTC)
    assert Task.ERASE not in due(done, START_MS + DAY_MS - 1, UTC)
    assert Task.ERASE in due(done, START_MS + DAY_MS, UTC)


def test_a_group_order_closes_when_its_time_has_come(pond: Node, clock: Clock) -> None:
    clockwork = Clockwork(pond)
    change(pond, f"UPDATE rounds SET closes_at_ms = {START_MS + 1000}")
    tick(clockwork)
    clock.now_ms += 999
    tick(clockwork)
    assert ask(pond, "SELECT stage FROM rounds") == ["open"]
    clock.now_ms += 1
    tick(clockwork)
    assert ask(pond, "SELECT stage FROM rounds") == ["closed"]
    assert ask(pond, "SELECT closed_ms FROM rounds") == [START_MS + 1000]
    assert ask(pond, "SELECT count(*) FROM journal WHERE what = 'round.closed'") == [1]
    tick(clockwork)
    assert ask(pond, "SELECT count(*) FROM journal WHERE what = 'round.closed'") == [1]


def test_a_recurring_one_is_made_anew(pond: Node, clock: Clock) -> None:
    change(pond, f"UPDATE rounds SET closes_at_ms = {START_MS}, repeats_every_days = 7")
    tick(Clockwork(pond))
    assert ask(pond, "SELECT stage FROM rounds ORDER BY id") == ["closed", "draft"]
    assert ask(pond, "SELECT closes_at_ms FROM rounds ORDER BY id") == [START_MS, START_MS + 7 * DAY_MS]


def test_what_was_due_while_the_node_was_off(pond: Node, clock: Clock) -> None:
    change(pond, f"UPDATE rounds SET closes_at_ms = {START_MS}")
    data = pond.data
    pond.close()
    clock.now_ms += 3 * DAY_MS
    with Node(data, clock=clock) as node:
        tick(Clockwork(node))
        assert ask(node, "SELECT stage FROM rounds") == ["closed"]


def test_a_room_that_nobody_uses_is_opened_at_its_time_alone(
    pond: Node, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(pond, f"UPDATE rounds SET closes_at_ms = {START_MS + 1000}")
    pond.close()
    with Node(pond.data, clock=clock) as node:
        monkeypatch.setattr("millpond.node.node.MOST_OPEN", 0)  # nothing stays open by itself
        clockwork, opened = Clockwork(node), []
        real = Node.look_into
        monkeypatch.setattr(Node, "look_into", lambda self, slug: opened.append(slug) or real(self, slug))
        tick(clockwork)
        first = len(opened)
        for _ in range(5):
            tick(clockwork)
        assert len(opened) == first
        assert node.room("pond") is not None  # somebody came, and may have changed it
        tick(clockwork)
        assert len(opened) > first + 1
        clock.now_ms += 1000
        tick(clockwork)
        assert ask(node, "SELECT stage FROM rounds") == ["closed"]


def test_an_error_in_one_room_stops_no_other(
    pond: Node, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    set_up(pond, "weir")
    for slug in ("pond", "weir"):
        change(pond, f"UPDATE rounds SET closes_at_ms = {START_MS}", slug)
    real_close, real_erase, poisoned = rounds.close, households.erase_old, {"pond"}

    def close(rows: Any, id: int, *, now_ms: int) -> bool:
        if rows.one("room.get")["name"] in poisoned:
            raise RuntimeError("住户1 with the phone 13800000001 is in the way")
        return real_close(rows, id, now_ms=now_ms)

    def erase(rows: Any, *, now_ms: int) -> int:
        if rows.one("room.get")["name"] in poisoned:
            raise RuntimeError("住户1")
        return real_erase(rows, now_ms=now_ms)

    monkeypatch.setattr(rounds, "close", close)
    monkeypatch.setattr(households, "erase_old", erase)
    clockwork = Clockwork(pond)
    tick(clockwork)
    assert ask(pond, "SELECT stage FROM rounds") == ["open"]
    assert ask(pond, "SELECT stage FROM rounds", "weir") == ["closed"]
    assert "RuntimeError in test_clockwork.py" in caplog.text
    assert "住户" not in caplog.text  # what an error says may be somebody's business
    assert "138" not in caplog.text
    poisoned.clear()
    clock.now_ms += HOUR_MS
    tick(clockwork)  # and it is tried again
    assert ask(pond, "SELECT stage FROM rounds") == ["closed"]


def test_households_whose_time_is_over_are_erased(pond: Node, clock: Clock) -> None:
    change(pond, f"UPDATE rounds SET stage = 'done', done_ms = {START_MS}")
    change(pond, "UPDATE room SET retention_days = 30")
    clockwork = Clockwork(pond)
    tick(clockwork)
    assert ask(pond, "SELECT count(*) FROM households WHERE erased_ms IS NULL") == [12]
    beside = pond.folder("pond") / "room.db-wal"
    change(pond, "UPDATE households SET note = 'asks for the blue door' WHERE id = 3")
    assert b"blue door" in beside.read_bytes()
    clock.now_ms += 32 * DAY_MS
    tick(clockwork)
    assert all(b"blue door" not in path.read_bytes() for path in pond.folder("pond").iterdir())
    assert ask(pond, "SELECT count(*) FROM households WHERE erased_ms IS NULL") == [0]


def test_sessions_that_ended_are_forgotten(pond: Node, clock: Clock) -> None:
    sessions.start(pond, "pond", 1, clock())
    clockwork = Clockwork(pond)
    tick(clockwork)
    count = "SELECT count(*) FROM sessions"
    assert pond.db._readers[0].execute(count).fetchone()[0] == 1
    clock.now_ms += 31 * DAY_MS
    tick(clockwork)
    assert pond.db._readers[0].execute(count).fetchone()[0] == 0


def test_a_backup_every_night_and_as_many_as_are_kept(pond: Node, clock: Clock, tmp_path: Path) -> None:
    to = tmp_path / "nights"
    to.mkdir()
    nightly = Nightly(to, PASSPHRASE, keep=3)
    assert PASSPHRASE not in repr(nightly)
    for _ in range(5):
        clockwork = Clockwork(pond, nightly, UTC)  # as after a start: what was done is read from the folder
        for _ in range(4):
            clock.now_ms += DAY_MS // 4
            tick(clockwork)
    files = sorted(to.iterdir())
    assert len(files) == 3
    assert all(sealed.is_sealed(path.open("rb")) for path in files)
    assert len({path.name[9:17] for path in files}) == 3  # three different days


def test_a_backup_that_fails_is_tried_again_in_an_hour(
    pond: Node, clock: Clock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    to = tmp_path / "nights"
    to.mkdir()
    clockwork = Clockwork(pond, Nightly(to, PASSPHRASE), UTC)
    to.rmdir()
    for _ in range(3):
        tick(clockwork)
    assert caplog.text.count("nightly backup: failed") == 1
    to.mkdir()
    clock.now_ms += HOUR_MS
    tick(clockwork)
    assert len(list(to.iterdir())) == 1


def test_the_loop_goes_on_until_it_is_stopped(
    pond: Node, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TICK_SECONDS", 0.001)
    change(pond, f"UPDATE rounds SET closes_at_ms = {START_MS + 1}")

    async def main() -> None:
        stop = asyncio.Event()
        task = asyncio.create_task(run(pond, stop=stop))
        room = pond.room("pond")
        assert room is not None
        clock.now_ms += 1
        while room.db.read.value("clockwork.next_close") is not None:
            await asyncio.sleep(0)
        stop.set()
        await task

    run_apart(asyncio.wait_for(main(), 20))
    assert ask(pond, "SELECT stage FROM rounds") == ["closed"]
