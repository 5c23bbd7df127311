"""Stages of a group order, and until when it takes wants."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.community.transitions import (
    ClosedBy,
    Stage,
    Why,
    blocked,
    check_move,
    check_opening,
    check_order,
    closes_by,
    may_move,
    next_stages,
)
from millpond.errors import InputError

OPEN: dict[str, Any] = {"closes_at_ms": 1_000, "cap_units": 50, "units": 48, "now_ms": 999}
ALLOWED = {
    "draft": "open cancelled",
    "open": "closed cancelled",
    "closed": "decided open cancelled",
    "decided": "ordered closed cancelled",
    "ordered": "arrived cancelled",
    "arrived": "done",
    "done": "arrived",
    "cancelled": "",
}


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("to", Stage)
def test_what_follows_what(stage: Stage, to: Stage) -> None:
    allowed = to in ALLOWED[stage].split()
    assert may_move(stage, to) == (to in next_stages(stage)) == allowed
    if allowed:
        check_move(stage, to)
    else:
        with pytest.raises(InputError, match=f"stage: {to} does not follow {stage}"):
            check_move(stage, to)


def test_every_stage_can_be_reached_and_the_usual_way_comes_first() -> None:
    stage, way = Stage.DRAFT, [Stage.DRAFT]
    while stage is not Stage.DONE:
        stage = next_stages(stage)[0]
        way.append(stage)
    assert [*way, Stage.CANCELLED] == list(Stage)


def test_it_closes_at_its_time_and_not_before() -> None:
    assert closes_by(Stage.OPEN, **OPEN) is None
    assert closes_by(Stage.OPEN, **OPEN | {"now_ms": 1_000}) is ClosedBy.CLOCK
    assert closes_by(Stage.OPEN, **OPEN | {"units": 50}) is ClosedBy.CAP
    assert closes_by(Stage.OPEN, **OPEN | {"closes_at_ms": None, "cap_units": None, "now_ms": 9**9}) is None
    assert closes_by(Stage.DRAFT, **OPEN | {"now_ms": 1_000}) is None


@given(
    st.sampled_from(Stage),
    st.none() | st.integers(0, 10),
    st.none() | st.integers(0, 10),
    st.integers(0, 12),
    st.integers(-5, 12),
    st.integers(0, 10),
    st.booleans(),
)
def test_a_taken_order_is_in_time_and_under_the_cap(
    stage: Stage,
    closes_at_ms: int | None,
    cap_units: int | None,
    units: int,
    change: int,
    now_ms: int,
    by_leader: bool,
) -> None:
    terms = {"closes_at_ms": closes_at_ms, "cap_units": cap_units, "units": units, "now_ms": now_ms}
    found = blocked(stage, **terms, change=change, by_leader=by_leader)  # type: ignore[arg-type]
    in_time = stage is Stage.OPEN and (closes_at_ms is None or now_ms < closes_at_ms)
    in_time = in_time or (by_leader and stage in (Stage.DRAFT, Stage.OPEN, Stage.CLOSED))
    fits = cap_units is None or change <= 0 or units + change <= cap_units
    assert (found is None) == (in_time and fits)
    if found is None:
        check_order(stage, **terms, change=change, by_leader=by_leader)  # type: ignore[arg-type]
        return
    with pytest.raises(InputError):
        check_order(stage, **terms, change=change, by_leader=by_leader)  # type: ignore[arg-type]
    assert found.left == (None if cap_units is None else max(0, cap_units - units))
    if found.why is Why.CAP and found.left:
        assert blocked(stage, **terms, change=found.left, by_leader=by_leader) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stage", "changes", "said"),
    [
        (Stage.OPEN, {}, "quantity: only 2 more can be ordered; this would be 3"),
        (Stage.OPEN, {"now_ms": 1_000}, "stage: this group order is closed"),
        (Stage.DECIDED, {}, "stage: this group order is closed"),
        (Stage.DRAFT, {}, "stage: this group order is not open yet"),
        (Stage.CANCELLED, {}, "stage: this group order was cancelled"),
    ],
)
def test_what_a_household_is_told(stage: Stage, changes: dict[str, int], said: str) -> None:
    with pytest.raises(InputError) as error:
        check_order(stage, **OPEN | changes, change=3)
    assert str(error.value) == said


def test_opening_again_needs_time_and_room() -> None:
    check_opening(Stage.CLOSED, **OPEN)
    check_opening(Stage.DRAFT, closes_at_ms=None, cap_units=None, units=0, now_ms=5)
    with pytest.raises(InputError, match="closes_at_ms: the close has passed"):
        check_opening(Stage.CLOSED, **OPEN | {"now_ms": 1_000})
    with pytest.raises(InputError, match="cap_units: 50 units are wanted already"):
        check_opening(Stage.CLOSED, **OPEN | {"units": 50})
    with pytest.raises(InputError, match="open does not follow decided"):
        check_opening(Stage.DECIDED, **OPEN)
