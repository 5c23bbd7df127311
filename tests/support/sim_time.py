"""A clock that moves only when everybody waits: asyncio without real time and without threads.

What is waited for happens at once, in the order of its time; what would run in a thread runs on the spot. So
a run depends on its seed alone. Nothing else of asyncio is replaced.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


class Stuck(AssertionError):
    """Everybody waits for somebody, and nothing is to come."""


class _Selector(selectors.SelectSelector):
    """Never waits: it moves the clock on instead."""

    def __init__(self, move_on: Callable[[float], None]) -> None:
        super().__init__()
        self._move_on = move_on

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready:
            if timeout is None:
                raise Stuck("nothing is left to happen")
            self._move_on(timeout)
        return ready


class SimLoop(asyncio.SelectorEventLoop):
    """An event loop whose seconds pass without waiting."""

    def __init__(self) -> None:
        self.now_s = 0.0
        super().__init__(_Selector(self._move_on))

    def _move_on(self, seconds: float) -> None:
        if seconds > 0:
            self.now_s += seconds

    def time(self) -> float:
        return self.now_s

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except BaseException as error:
            future.set_exception(error)
        return future


def run(loop: SimLoop, job: Coroutine[Any, Any, Result]) -> Result:
    """The job to its end; what it left running is ended too, as when a process ends."""
    asyncio.set_event_loop(loop)
    try:
        return loop.run_until_complete(job)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        asyncio.set_event_loop(None)
