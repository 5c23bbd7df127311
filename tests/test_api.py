"""The library's one call: from a round to a clearing that the verifier accepts."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import environment
from plain_rounds import encoded, example_round, large_round

import millpond
from millpond.clearing import Progress, one_maker
from millpond.verify import verifier

ROOT = str(Path(__file__).resolve().parents[1])
if ROOT not in sys.path:  # the benchmark is no part of the package
    sys.path.insert(0, ROOT)

from bench.group_orders import group_order  # noqa: E402

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))


def accepted(data: bytes, clearing: millpond.Clearing) -> bool:
    return all(check.ok for check in verifier.verify(data, millpond.encode_clearing(clearing)))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden_rounds_are_cleared_no_worse_than_by_hand(path: Path) -> None:
    golden = json.loads(path.read_bytes())
    data = encoded(golden["round"])
    clearing = millpond.clear(millpond.read_round(data), seconds=5)
    assert accepted(data, clearing)
    if golden["valid"]:
        assert clearing.score >= golden["score"]


def test_a_round_made_in_python_is_cleared_as_it_would_be_written() -> None:
    read = millpond.read_round(encoded(example_round()))
    made = dataclasses.replace(read, sha256="")
    clearing = millpond.clear(made, seconds=10)
    assert accepted(millpond.encode_round(made), clearing)


def test_stopped_before_it_began_it_is_still_a_valid_clearing() -> None:
    data = encoded(large_round(40, 6, seed=3))
    clearing = millpond.clear(millpond.read_round(data), seconds=1000, stop=lambda: True)
    assert accepted(data, clearing)


def test_no_time_at_all_is_still_a_valid_clearing() -> None:
    data = encoded(large_round(40, 6, seed=3))
    assert accepted(data, millpond.clear(millpond.read_round(data), seconds=0))


def test_progress_only_gets_better() -> None:
    told: list[Progress] = []
    round = millpond.read_round(encoded(large_round(40, 6, seed=3)))
    clearing = millpond.clear(round, seconds=5, progress=told.append)
    scores = [progress.score for progress in told if progress.score is not None]
    bounds = [progress.bound for progress in told if progress.bound is not None]
    assert scores == sorted(scores)
    assert bounds == sorted(bounds, reverse=True)
    assert scores[-1] <= clearing.score
    assert bounds[-1] >= clearing.bound
    assert [progress.seconds for progress in told] == sorted(progress.seconds for progress in told)


def test_a_round_of_one_maker_that_is_not_proven_soon_is_handed_to_the_solver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(one_maker, "MOST_LOOKS", 0)
    monkeypatch.setattr(one_maker, "LEAST_LOOKS", 0)
    round = millpond.read_round(encoded(group_order(60, seed=2, scarce=True, limits="many")))
    told: list[Progress] = []
    clearing = millpond.clear(round, seconds=3, progress=told.append)
    phases = [progress.phase for progress in told]
    assert len(phases) > phases.index("best found") + 1
    scores = [progress.score for progress in told if progress.score is not None]
    assert scores == sorted(scores)
    assert clearing.score >= scores[-1]
    assert [progress.seconds for progress in told] == sorted(progress.seconds for progress in told)
    monkeypatch.undo()
    assert clearing.score <= millpond.clear(round).score


def test_a_round_that_cannot_be_served_names_its_lines() -> None:
    plain: dict[str, Any] = example_round(must_serve=True)
    plain["offers"][0]["freight"].pop()
    with pytest.raises(millpond.CannotServe) as caught:
        millpond.clear(millpond.read_round(encoded(plain)), seconds=5)
    assert caught.value.lines == ("d2",)
    assert "d2" in str(caught.value)


def test_importing_it_is_light() -> None:
    code = "import sys, millpond; millpond.read_round; print({'numpy', 'numba', 'click'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "set()\n"


def test_every_name_it_exports_is_there() -> None:
    for name in millpond.__all__:
        assert getattr(millpond, name) is not None
    with pytest.raises(AttributeError):
        millpond.nothing  # noqa: B018
