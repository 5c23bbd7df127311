"""How many passphrases are looked at: two at a time, in threads of their own, and few that wait.

A passphrase takes a tenth of a second and 64 MB on purpose (`node.passphrases`). Guesses that many addresses
send at once wait here, and hold up neither pages nor papers, which are made in other threads; when too many
wait, the next one is told to come back. So nobody is ever locked out for what others guessed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
AT_A_TIME = 2
MOST_WAITING = 40
"""Some four seconds of work."""


class Busy(Exception):
    """Too many wait already."""


class _Line:
    """Who waits; the counting belongs to the event loop."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(AT_A_TIME, "passphrases")
        self.waiting = 0


_line = _Line()


async def hashing(work: Callable[[], Result]) -> Result:
    """The result of this work with a passphrase; raises `Busy`."""
    if _line.waiting >= MOST_WAITING:
        raise Busy
    _line.waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_line.threads, work)
    finally:
        _line.waiting -= 1
