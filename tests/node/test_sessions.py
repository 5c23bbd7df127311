"""Sessions: found by their token alone, and over when they should be."""

from __future__ import annotations

import pytest
from small_nodes import Clock, set_up

from millpond.node import sessions
from millpond.node.node import Node
from millpond.node.sessions import DAY_MS, HOUR_MS


def test_found_by_its_token_in_its_room(pond: Node, clock: Clock) -> None:
    set_up(pond, "weir")
    token = sessions.start(pond, "pond", 1, clock())
    assert len(token) >= 43  # 256 bits
    found = sessions.find(pond, "pond", token, clock())
    assert found is not None
    assert found.person == 1
    assert sessions.find(pond, "weir", token, clock()) is None
    assert sessions.find(pond, "pond", token[:-1], clock()) is None
    assert sessions.find(pond, "pond", "", clock()) is None
    assert sessions.find(pond, "pond", "x" * 1_000_000, clock()) is None
    assert token not in "".join(pond.db._readers[0].iterdump())


@pytest.mark.parametrize(("remembered", "idle_ms"), [(True, 30 * DAY_MS), (False, 12 * HOUR_MS)])
def test_ends_when_it_is_not_used(pond: Node, clock: Clock, remembered: bool, idle_ms: int) -> None:
    token = sessions.start(pond, "pond", 1, clock(), remembered=remembered)
    clock.now_ms += idle_ms - 1
    assert sessions.find(pond, "pond", token, clock()) is not None
    clock.now_ms += idle_ms - 1
    assert sessions.find(pond, "pond", token, clock()) is not None
    clock.now_ms += idle_ms
    assert sessions.find(pond, "pond", token, clock()) is None


def test_ends_at_last_however_much_it_is_used(pond: Node, clock: Clock) -> None:
    token, began = sessions.start(pond, "pond", 1, clock()), clock()
    while sessions.find(pond, "pond", token, clock()) is not None:
        clock.now_ms += 10 * DAY_MS
    assert clock() - began == 90 * DAY_MS


def test_use_is_noted_once_an_hour(pond: Node, clock: Clock) -> None:
    token = sessions.start(pond, "pond", 1, clock())
    began = clock()
    clock.now_ms += HOUR_MS - 1
    found = sessions.find(pond, "pond", token, clock())
    assert found is not None
    assert found.seen_ms == began
    clock.now_ms += 1
    for _ in range(2):
        found = sessions.find(pond, "pond", token, clock())
        assert found is not None
        assert found.seen_ms == began + HOUR_MS


def test_signing_out_here_elsewhere_and_of_old_ones(pond: Node, clock: Clock) -> None:
    mine, other, helper = (sessions.start(pond, "pond", person, clock()) for person in (1, 1, 2))
    sessions.end_all(pond, "pond", 1, but=mine)
    assert [sessions.find(pond, "pond", one, clock()) is not None for one in (mine, other, helper)] == [
        True,
        False,
        True,
    ]
    sessions.end(pond, mine)
    sessions.end(pond, "nobody's")
    assert sessions.find(pond, "pond", mine, clock()) is None
    sessions.end_all(pond, "pond", 2)
    assert sessions.find(pond, "pond", helper, clock()) is None
    sessions.start(pond, "pond", 1, clock(), remembered=False)
    sessions.start(pond, "pond", 1, clock())
    assert sessions.end_old(pond, clock() + DAY_MS) == 1
    pond.remove_room("pond")
    assert pond.db.read.value("node.session", token_hash="", room="pond", now_ms=0) is None
    assert pond.db._readers[0].execute("SELECT count(*) FROM sessions").fetchone()[0] == 0
