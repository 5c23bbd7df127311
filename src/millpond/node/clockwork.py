"""What a node does by itself: close what is to close, erase what is old, back up every night.

One loop runs inside the serving process. `due` says what is to be done when, and is a plain function; the
rest does it. Invariants:

- A step that fails in one room is noted and tried again later; other rooms and steps go on.
- What is noted has no name, phone, text or address in it: a room's short name, numbers, and kinds of errors.
- Nothing is lost if the node was off: what was due meanwhile is done at the next start, once.

A room that nobody uses is left closed until its next closing time: nothing changes it but its pages.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import partial
from pathlib import Path

from millpond.desk import households, rounds
from millpond.errors import InputError
from millpond.node import sessions
from millpond.node.backup import backup, newest_ms
from millpond.node.node import Node, OpenRoom

log = logging.getLogger("millpond.clockwork")

TICK_SECONDS = 5.0
"""How late a group order may be shown as closed; an order that comes too late is refused anyway."""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
BACKUP_HOUR = 3
"""Of the night, by the machine's clock."""
KEEP_BACKUPS = 14
TRY_AGAIN_MS = HOUR_MS
USED_MS = 60_000
"""So long after somebody asked for a room it may still change: no request takes longer."""


class Task(StrEnum):
    """What is done for the whole node from time to time."""

    SESSIONS = "old sessions"
    ERASE = "households whose time is over"
    BACKUP = "nightly backup"


@dataclass(frozen=True, slots=True)
class Nightly:
    """Where nightly backups go, and what seals them."""

    to: Path
    passphrase: str = field(repr=False)
    keep: int = KEEP_BACKUPS


def due(done_ms: Mapping[Task, int], now_ms: int, zone: tzinfo | None = None) -> tuple[Task, ...]:
    """The tasks to do now, given when each was last done; what never was is due. No `zone`: the machine's."""
    last_night = _last_night_ms(now_ms, zone)
    since = {
        Task.SESSIONS: now_ms - HOUR_MS,
        Task.ERASE: now_ms - DAY_MS,
        Task.BACKUP: last_night - 1,
    }
    return tuple(task for task in Task if done_ms.get(task, 0) <= since[task])


def _last_night_ms(now_ms: int, zone: tzinfo | None) -> int:
    """The last time it was `BACKUP_HOUR`."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    night = now.replace(hour=BACKUP_HOUR, minute=0, second=0, microsecond=0)
    if night > now:
        night -= timedelta(days=1)
    return int(night.timestamp() * 1000)


async def run(
    node: Node,
    *,
    nightly: Nightly | None = None,
    stop: asyncio.Event | None = None,
    zone: tzinfo | None = None,
) -> None:
    """Goes on until `stop` is set, or until it is cancelled."""
    clockwork = Clockwork(node, nightly, zone)
    stop = stop or asyncio.Event()
    while not stop.is_set():
        await clockwork.tick()
        try:
            await asyncio.wait_for(stop.wait(), TICK_SECONDS)
        except TimeoutError:
            continue


class Clockwork:
    """The state between two ticks. One task uses it."""

    def __init__(self, node: Node, nightly: Nightly | None = None, zone: tzinfo | None = None) -> None:
        self._node = node
        self._nightly = nightly
        self._zone = zone
        self._done_ms: dict[Task, int] = {}
        self._not_before_ms: dict[Task, int] = {}
        self._wakes_ms: dict[str, int | None] = {}
        if nightly is not None:
            self._done_ms[Task.BACKUP] = newest_ms(nightly.to)

    async def tick(self) -> None:
        """Everything that is due now."""
        now_ms = self._node.clock()
        await self._close_rounds(now_ms)
        for task in due(self._done_ms, now_ms, self._zone):
            if now_ms >= self._not_before_ms.get(task, 0):
                await self._do(task, now_ms)

    async def _do(self, task: Task, now_ms: int) -> None:
        work: Mapping[Task, Callable[[int], Awaitable[None]]] = {
            Task.SESSIONS: self._end_sessions,
            Task.ERASE: self._erase,
            Task.BACKUP: self._back_up,
        }
        try:
            await work[task](now_ms)
        except Exception as error:
            log.error("%s: failed, tried again in an hour: %s", task, kind_of(error))
            self._not_before_ms[task] = now_ms + TRY_AGAIN_MS
        else:
            self._done_ms[task] = now_ms

    async def _close_rounds(self, now_ms: int) -> None:
        used = self._node.used_since(now_ms - USED_MS)
        slugs = [room.slug for room in self._node.rooms() if room.is_set_up]
        self._wakes_ms = {slug: self._wakes_ms[slug] for slug in slugs if slug in self._wakes_ms}
        for slug in slugs:
            wakes_ms = self._wakes_ms.get(slug)
            if slug in self._wakes_ms and slug not in used and (wakes_ms is None or wakes_ms > now_ms):
                continue
            try:
                room = await asyncio.to_thread(self._node.look_into, slug)
                if room is not None:
                    await self._close_rounds_of(room, now_ms)
                    self._wakes_ms[slug] = room.db.read.value("clockwork.next_close")
            except Exception as error:
                log.error("closing in %s: failed: %s", slug, kind_of(error))
                self._wakes_ms[slug] = now_ms + TRY_AGAIN_MS // 60

    async def _close_rounds_of(self, room: OpenRoom, now_ms: int) -> None:
        for row in room.db.read.all("clockwork.due_to_close", now_ms=now_ms):
            id = row["id"]
            if await room.db.awrite(partial(rounds.close, id=id, now_ms=now_ms)):
                log.info("%s: group order %s is closed", room.slug, id)

    async def _end_sessions(self, now_ms: int) -> None:
        sessions.end_old(self._node, now_ms)

    async def _erase(self, now_ms: int) -> None:
        for entry in self._node.rooms():
            if not entry.is_set_up:
                continue
            try:
                room = await asyncio.to_thread(self._node.look_into, entry.slug)
                if room is None:
                    continue
                gone = await room.db.awrite(lambda rows: households.erase_old(rows, now_ms=now_ms))
                await asyncio.to_thread(_empty_journal, room.path)
            except Exception as error:
                log.error("erasing in %s: failed: %s", entry.slug, kind_of(error))
                continue
            if gone:
                log.info("%s: %s households erased, their time is over", entry.slug, gone)

    async def _back_up(self, now_ms: int) -> None:
        nightly = self._nightly
        if nightly is None:
            return
        if not nightly.to.is_dir():  # a disk that is not there is not written beside
            raise InputError("is no folder", name=str(nightly.to))
        path = await asyncio.to_thread(
            backup, self._node.data, nightly.to, nightly.passphrase, now_ms=now_ms, keep=nightly.keep
        )
        log.info("nightly backup: %s", path.name)


def _empty_journal(path: Path) -> None:
    """What was overwritten in a database is gone from the journal beside it, too."""
    with closing(sqlite3.connect(path, timeout=5)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def kind_of(error: Exception) -> str:
    """What kind of error it was and where; its message may hold what is nobody's business."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" in {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
    return type(error).__name__ + where
