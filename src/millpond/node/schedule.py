"""When a node calls whom: a plain function of what was tried when, and how that went.

    never tried                     now
    something new for them          now (a push follows a new statement within a second)
    the last try failed             10 seconds later, then 20, 40 …, at most an hour
    a log that is followed          after a minute while it grows; the longer it has not, the later, up to 15
    a keeper could not take all     after a minute
    a keeper with nothing new       after six hours: is it still there, has it still everything

Waits after failures differ by up to a quarter either way, so that all who waited for somebody who was off do
not come at once. What decides that is handed in (`jitter`), as is the time.

- Something new does not shorten the wait after a failure: a node that is off is not called at each statement.
- A clock that was put back keeps nobody waiting: a try in the future counts as none.

>>> due_ms(Tried(Kind.PUSH, has_news=True), jitter=500)
0
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
FIRST_WAIT_MS = 10_000
"""After the first failure; doubled with each one more."""
MOST_WAIT_MS = HOUR_MS
PULL_MS = MINUTE_MS
MOST_IDLE_PULL_MS = 15 * MINUTE_MS
IDLE_SHARE = 60
"""A log that has not grown for an hour is asked for each minute, one of a day each 15."""
CHECK_KEEPER_MS = 6 * HOUR_MS


class Kind(StrEnum):
    """What is done: a followed log is pulled, an own one pushed to a keeper, one pushed here is read."""

    PULL = "pull"
    PUSH = "push"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Tried:
    """How it stands with one log and whoever is called about it; times are unix milliseconds.

    `grew_ms` is when the log that is pulled last grew here, None if that is not known; `has_news` whether
    there is something that a keeper has not got.
    """

    kind: Kind
    tried_ms: int | None = None
    failures: int = 0
    grew_ms: int | None = None
    has_news: bool = False
    has_more: bool = False


def due_ms(tried: Tried, *, jitter: int) -> int:
    """From when on it is to be tried, 0 for now. `jitter` is drawn from 0 … 1000 by whoever asks."""
    if tried.tried_ms is None:
        return 0
    if tried.failures:
        wait_ms = min(MOST_WAIT_MS, FIRST_WAIT_MS << min(tried.failures - 1, 20))
        return tried.tried_ms + wait_ms * (750 + jitter // 2) // 1000
    if tried.kind is not Kind.PULL:
        if tried.has_news:
            return 0
        return tried.tried_ms + (MINUTE_MS if tried.has_more else CHECK_KEEPER_MS)
    idle_ms = tried.tried_ms - (tried.tried_ms if tried.grew_ms is None else tried.grew_ms)
    return tried.tried_ms + max(PULL_MS, min(MOST_IDLE_PULL_MS, idle_ms // IDLE_SHARE))


def is_due(tried: Tried, *, now_ms: int, jitter: int) -> bool:
    """Whether it is to be tried now."""
    return (tried.tried_ms or 0) > now_ms or due_ms(tried, jitter=jitter) <= now_ms
