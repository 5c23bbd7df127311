"""A node that is killed in the middle loses no order that was confirmed, and keeps no half of one."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import placing
from small_rooms import START_MS, opened, small_room

from millpond.desk import orders, rounds
from millpond.desk.orders import NewOrder, NewWant
from millpond.store import open_room

KILLED = 20
AHEAD = 3
"""Processes that are started and wait, so that killing one waits for none."""


def start(path: Path, round: int, item: int, name: str) -> subprocess.Popen[str]:
    program = [sys.executable, placing.__file__, str(path), str(round), str(item), name]
    return subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")


def told_until_killed(process: subprocess.Popen[str], lines: int) -> list[str]:
    """Lets it go, kills it after so many orders were confirmed, and returns every line that it said."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    told = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    told += process.stdout.readlines()
    process.wait()
    process.stdin.close()
    process.stdout.close()
    return [line for line in told if line.endswith("\n")]  # a line that was cut off told nobody anything


def test_killed_twenty_times_and_every_confirmed_order_is_there_once(tmp_path: Path) -> None:
    with small_room(tmp_path) as db:
        round = opened(db)
    path, item = tmp_path / "room.db", int(round.offered[0].id)
    random_ = random.Random(20)
    waiting = [start(path, round.id, item, f"p{n}") for n in range(AHEAD)]
    told: list[str] = []
    try:
        for n in range(KILLED):
            process = waiting.pop(0)
            if n + AHEAD < KILLED:
                waiting.append(start(path, round.id, item, f"p{n + AHEAD}"))
            told += told_until_killed(process, random_.randrange(1, 40))
            with closing(sqlite3.connect(path)) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    finally:
        for process in waiting:
            process.kill()
            process.communicate()
    confirmed = {token: (int(id), int(number)) for token, id, number in (line.split() for line in told)}
    assert len(confirmed) == len(told) > KILLED
    with open_room(path) as db:
        kept = orders.of_round(db.read, round.id)
        by_token = {order.name: (order.id, order.number) for order in kept}
        assert len(by_token) == len(kept), "none is there twice"
        assert {token: by_token.get(token) for token in confirmed} == confirmed
        assert all(len(order.wants) == 2 for order in kept), "no half of one"
        assert sorted(order.number for order in kept) == list(range(1, len(kept) + 1))
        assert rounds.load(db.read, round.id).units == sum(order.units for order in kept)
        again = NewOrder(
            round=round.id, token=next(iter(confirmed)), name="x", wants=(NewWant(item=item, quantity=9),)
        )
        assert not db.write(lambda rows: orders.place(rows, again, now_ms=START_MS)).is_new
