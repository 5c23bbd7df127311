"""When whom is called: a table."""

from __future__ import annotations

from itertools import pairwise

import pytest

from millpond.node.schedule import HOUR_MS, MINUTE_MS, Kind, Tried, due_ms, is_due

NOW_MS = 1_795_000_000_000
DAY_MS = 24 * HOUR_MS


def tried(kind: Kind = Kind.PUSH, **how: object) -> Tried:
    return Tried(kind, **({"tried_ms": NOW_MS} | how))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("what", "after_ms"),
    [
        (tried(tried_ms=None), -NOW_MS),
        (tried(Kind.PULL, tried_ms=None), -NOW_MS),
        (tried(has_news=True), -NOW_MS),
        (tried(has_more=True), MINUTE_MS),
        (tried(has_news=True, has_more=True), -NOW_MS),
        (tried(), 6 * HOUR_MS),
        (tried(Kind.READ, has_news=True), -NOW_MS),
        (tried(Kind.READ, has_news=True, failures=1), 10_000),
        (tried(Kind.PULL), MINUTE_MS),
        (tried(Kind.PULL, grew_ms=NOW_MS), MINUTE_MS),
        (tried(Kind.PULL, grew_ms=NOW_MS - HOUR_MS), MINUTE_MS),
        (tried(Kind.PULL, grew_ms=NOW_MS - 5 * HOUR_MS), 5 * MINUTE_MS),
        (tried(Kind.PULL, grew_ms=NOW_MS - 30 * DAY_MS), 15 * MINUTE_MS),
        (tried(failures=1), 10_000),
        (tried(failures=1, has_news=True), 10_000),
        (tried(failures=2), 20_000),
        (tried(failures=9), 2_560_000),
        (tried(failures=10), HOUR_MS),
        (tried(failures=100_000), HOUR_MS),
    ],
)
def test_when_it_is_due(what: Tried, after_ms: int) -> None:
    assert due_ms(what, jitter=500) == NOW_MS + after_ms


def test_waits_after_failures_differ_by_a_quarter_and_never_shrink() -> None:
    for failures in range(1, 30):
        waits = [due_ms(tried(failures=failures), jitter=jitter) - NOW_MS for jitter in (0, 500, 1000)]
        assert waits == [waits[1] * 3 // 4, waits[1], waits[1] * 5 // 4]
    middle = [due_ms(tried(failures=failures), jitter=500) for failures in range(1, 30)]
    assert all(one <= other for one, other in pairwise(middle))


def test_a_clock_that_was_put_back_keeps_nobody_waiting() -> None:
    assert is_due(tried(failures=9), now_ms=NOW_MS - 1, jitter=500)
    assert not is_due(tried(failures=9), now_ms=NOW_MS, jitter=500)
    assert is_due(tried(failures=9), now_ms=NOW_MS + 2_560_000, jitter=500)
