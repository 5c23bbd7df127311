"""The benchmark of a served node finds what would be wrong, and its times are those that were measured."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from bench.load.patterns import PATTERNS, Pattern, check, plan, play, summary
from bench.load.serving import Prepared, prepare, serving
from bench.work import phone
from bench.work.node import figures, quietest, tables

HOUSEHOLDS = 12
AT_ONCE = Pattern(name="a dozen at once", within=0.0, think=(0.0, 0.0))
Told = list[dict[str, Any]]


@pytest.fixture(scope="module")
def played(tmp_path_factory) -> tuple[Prepared, dict[str, Any]]:
    """A dozen households at a real node, some of which sent their order twice."""
    prepared = prepare(tmp_path_factory.mktemp("load") / "node")
    with serving(prepared.data) as node:
        told = play(plan(AT_ONCE, prepared, node.port, 1, HOUSEHOLDS) | {"twice_percent": 50})
        assert node.memory()["most"] >= node.memory()["now"] > 1_000_000
    return prepared, told


def test_each_did_everything_and_every_order_is_there(played) -> None:
    prepared, told = played
    found = check(prepared, AT_ONCE, told["orders"])
    kinds = [kind for kind, *_ in told["samples"]]
    assert found["orders"] == kinds.count("page") == kinds.count("order") == HOUSEHOLDS
    assert kinds.count("own order") == HOUSEHOLDS
    assert found["sent"] == HOUSEHOLDS + kinds.count("order again") > HOUSEHOLDS
    assert {status for *_, status in told["samples"]} == {200, 303}


def lost(told: Told) -> None:
    told.append({**told[0], "token": "never kept"})


def made_up(told: Told) -> None:
    gone = told[0]["token"]
    told[:] = [one for one in told if one["token"] != gone]


def of_somebody_else(told: Told) -> None:
    one = told[0]
    one["to"] = next(other["to"] for other in told if other["token"] != one["token"])


def other_units(told: Told) -> None:
    told[0]["units"] += 1


def failed(told: Told) -> None:
    told[0]["status"] = 500


def refused(told: Told) -> None:
    told.append({**told[0], "token": "refused for nothing", "status": 409})


@pytest.mark.parametrize("break_it", [lost, made_up, of_somebody_else, other_units, failed, refused])
def test_what_is_wrong_is_found(played, break_it: Callable[[Told], None]) -> None:
    prepared, told = played
    orders = copy.deepcopy(told["orders"])
    check(prepared, AT_ONCE, orders)
    break_it(orders)
    with pytest.raises(AssertionError):
        check(prepared, AT_ONCE, orders)


def test_quantiles_are_times_that_were_measured() -> None:
    found = summary([n / 1_000 for n in range(1, 201)])
    assert found == {"count": 200, "p50": 100.0, "p95": 190.0, "p99": 198.0, "max": 200.0}
    assert summary([0.0073]) == {"count": 1, "p50": 7.3, "p95": 7.3, "p99": 7.3, "max": 7.3}
    assert summary([]) is None


def a_row(p95: float, others: float, seed: int) -> dict[str, Any]:
    times = {"count": 300, "p50": 1.0, "p95": p95, "p99": p95, "max": p95}
    shares = {"node_share": 0.3, "households_share": 0.1, "others_share": others}
    said = {"orders": 300, "sent": 330, "refused": 0, "seconds": 9.0, "requests": 930, **shares}
    kinds = dict.fromkeys(("page", "order", "order again", "own order"), times)
    return {"what": "load", "pattern": PATTERNS[1].name, "seed": seed, **said, **kinds}


def test_the_run_is_told_in_which_others_took_least_not_the_fastest() -> None:
    rows = [a_row(20.0, 0.9, 1), a_row(120.0, 0.1, 2), a_row(10.0, 0.5, 3)]
    found = quietest(rows, PATTERNS[1])
    assert found is not None
    assert found["seed"] == 2
    memory = {"what": "memory", "when": "started", "now": 80_000_000, "most": 600_000_000}
    told = figures([*rows, memory])
    assert [(figure.found.split(",")[0], figure.reached) for figure in told] == [
        ("120 ms", False),
        ("600 MB", False),
    ]
    assert "120.0 ms" in tables([*rows, memory])


def test_one_page_that_falls_short_is_told() -> None:
    size = {"first_paint_ms": 800, "bytes": 9_000, "requests": 3}
    good = {"performance": 99, "accessibility": 100, "best-practices": 100, "faults": [], **size}
    sent = {"requests": 4, "sizes": {"Document": 30_000, "Script": 9_000, "Image": 90_000}}
    bad = good | {"accessibility": 97, "faults": ["Accessibility: a label is missing"]}
    rows = [
        {"what": "lighthouse", "page": "good", **good},
        {"what": "lighthouse", "page": "bad", **bad},
        *({"what": "old phone", "paint": paint, "usable": 900, **sent} for paint in (1_000, 2_500, 2_001)),
    ]
    assert [(figure.found, figure.reached) for figure in phone.figures(rows)] == [
        ("2,001 ms", False),
        ("900 ms", True),
        ("39,000 bytes, 9,000 of script, 4 requests", True),
        ("the least: 99", True),
        ("the least: 97", False),
        ("the least: 100", True),
    ]
    assert "bad: Accessibility: a label is missing" in phone.tables(rows)
