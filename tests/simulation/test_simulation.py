"""A network that fails and lies, from many seeds; a failure prints its seed and what happened.

The same once more, alone:  SEED=1234 pytest tests/simulation
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from typing import Any

import pytest
from sim_checks import check, check_healed
from sim_disk import SimDatabase
from sim_world import Machine, World

from millpond.log import checkpoint as checkpoints
from millpond.log.checkpoint import Checkpoint
from millpond.network import addresses, contradictions
from millpond.network.one_source import Outcome, Pull
from millpond.store import Rows

SEEDS = 200
SOAK_SEEDS = 20_000
STEPS = 18
ROUNDS = 3
"""Of everybody asking everybody, until all have everything: one to find out who lied, one to get it right."""

SEEN = (
    "crash before the commit",
    "crash after the commit",
    "disk is full",
    "nobody answered",
    "the line broke",
    "the connection broke off",
    "false entry at position",
    "do not lead to the checkpoint",
    "none of this log",
    "more entries than its checkpoint",
    "does not give the entries",
    "though its checkpoint covers it",
    "two histories",
    "knows another history of this log",
)
"""What is to be read in the stories of all seeds."""

_stories: dict[int, str] = {}


def simulate(seed: int) -> World:
    """One run; raises `AssertionError` with the story if something does not hold."""
    world = World(seed)
    try:
        for _ in range(STEPS):
            world.step()
            check(world)
        world.heal()
        for _ in range(ROUNDS):
            world.settle()
            check(world)
        check_healed(world)
    except BaseException as error:
        story = "\n".join(world.story[-60:])
        raise AssertionError(f"SEED={seed}: {error!r}\n{story}") from error
    finally:
        world.close()
    return world


@pytest.mark.parametrize("seed", [int(os.environ["SEED"])] if "SEED" in os.environ else range(SEEDS))
def test_whatever_fails(seed: int) -> None:
    _stories[seed] = "\n".join(simulate(seed).story)


@pytest.mark.soak
@pytest.mark.parametrize("first", range(SEEDS, SOAK_SEEDS, 100))
def test_whatever_fails_for_long(first: int) -> None:
    for seed in range(first, first + 100):
        simulate(seed)


def test_a_seed_is_a_run() -> None:
    """The same story to the letter, and the same bytes on every disk."""
    one, other = simulate(7), simulate(7)
    assert one.story == other.story
    for mine, theirs in zip(one.machines, other.machines, strict=True):
        assert list(mine.disk.connection.iterdump()) == list(theirs.disk.connection.iterdump())
    assert simulate(8).story != one.story


def test_the_seeds_see_everything() -> None:
    """What is simulated does happen in the seeds that are always run."""
    missing = set(SEEN)
    for seed in range(SEEDS):
        story = _stories[seed] if seed in _stories else "\n".join(simulate(seed).story)
        missing -= {what for what in missing if what in story}
        if not missing:
            break
    assert not missing


# ---- faults that are planted: a simulation that finds none is none


def _never_contradicts(rows: object, id: int, ours: object, seen: object) -> None:
    return None


def _never_thrown_away(self: Pull, rows: object, position: int, leaf: bytes, problem: object) -> str | None:
    return self.address


def _forgets(self: Machine) -> None:
    """Starts with what was there before the last statement."""
    self.db.close()
    self.disk.connection.execute("UPDATE logs SET size = size - 1 WHERE size > 1")
    self.db = self.disk.open()


def _acknowledges_too_soon(self: SimDatabase, job: Callable[[Rows], Any]) -> Any:
    """What the full disk did not take is said to stand."""
    try:
        return _write(self, job)
    except sqlite3.OperationalError:
        connection = self.read._connection
        connection.execute("BEGIN")
        result = job(self.read)
        connection.execute("ROLLBACK")
        return result


_write = SimDatabase.write


def _takes_any_head(self: Pull, rows: Rows, checkpoint: Checkpoint, etag: str) -> object:
    rows.run("logs.accept", id=self._id, size=checkpoint.size, checkpoint=checkpoint.note, ends=False)
    return Outcome.GREW, None


@pytest.mark.parametrize(
    ("where", "name", "fault"),
    [
        (contradictions, "compare", _never_contradicts),
        (Pull, "_throw_away", _never_thrown_away),
        (Pull, "_settle", _takes_any_head),
        (SimDatabase, "write", _acknowledges_too_soon),
        (Machine, "restart", _forgets),
        (addresses.Known, "is_due", lambda self, now_ms: False),
        (checkpoints, "read", checkpoints.parse),
    ],
)
def test_a_planted_fault_is_found(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, fault: object
) -> None:
    monkeypatch.setattr(where, name, fault)
    with pytest.raises(AssertionError, match="SEED="):
        all(simulate(seed) for seed in range(SEEDS))
