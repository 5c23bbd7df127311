"""Time goes where something is missing, and what others leave goes there too."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from millpond.clearing.budget import Budget
from millpond.clearing.turns import take_turns


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Job:
    """Needs so many seconds to end, in which what it lacks falls to 0, or stays."""

    clock: Clock
    lacks: float
    needs: float
    had: float = 0.0
    turns: list[float] = field(default_factory=list)
    begun: int = 0

    @property
    def missing(self) -> float:
        return self.lacks

    @property
    def ended(self) -> bool:
        return self.had >= self.needs - 1e-9

    def begin(self, budget: Budget) -> None:
        self.begun += 1

    def work(self, budget: Budget) -> None:
        assert self.begun == 1
        assert not self.ended
        spent = min(budget.left, self.needs - self.had)
        self.had += spent
        self.turns.append(spent)
        self.clock.now += spent


def shared(seconds: float, *jobs: tuple[float, float]) -> list[Job]:
    clock = Clock()
    made = [Job(clock, *job) for job in jobs]
    take_turns(made, Budget(clock, lambda: False, seconds))
    assert clock.now <= seconds + 1e-6
    assert all(job.begun == 1 for job in made)
    return made


def test_one_search_alone_has_all_the_time_in_one_turn() -> None:
    (job,) = shared(60, (5.0, 1e9))
    assert job.turns == [60]


def test_time_is_shared_by_what_is_missing() -> None:
    jobs = shared(60, (10.0, 1e9), (20.0, 1e9), (30.0, 1e9))
    assert [job.had for job in jobs] == pytest.approx([10, 20, 30])


def test_what_ends_early_leaves_its_time_to_those_that_lack_more() -> None:
    jobs = shared(60, (10.0, 0.5), (90.0, 1e9), (20.0, 0.5))
    assert [job.had for job in jobs] == pytest.approx([0.5, 59, 0.5])


def test_a_large_one_among_many_small_ones_gets_nearly_all() -> None:
    jobs = shared(60, (1e6, 1e9), *[(1.0, 0.002)] * 200)
    assert jobs[0].had == pytest.approx(60 - 200 * 0.002)
    assert all(job.ended for job in jobs[1:])


def test_those_that_lack_little_still_come_to_their_end() -> None:
    jobs = shared(60, (1e9, 1e9), (0.0, 3.0), (1e-9, 3.0))
    assert all(job.ended for job in jobs[1:])


def test_time_that_is_left_is_shared_again() -> None:
    jobs = shared(60, (30.0, 40.0), (30.0 + 1e-6, 5.0))
    assert [job.had for job in jobs] == pytest.approx([40, 5])


def test_it_stops_when_all_have_ended() -> None:
    jobs = shared(1e6, *[(1.0, 1.0)] * 5)
    assert all(job.ended for job in jobs)
    assert jobs[0].clock.now == pytest.approx(5)


def test_without_time_all_have_begun() -> None:
    assert all(not job.turns for job in shared(0, (1.0, 1.0), (2.0, 1.0)))
