"""OR-Library's format: parsed, scaled without rounding, and worth what was published."""

import json
from fractions import Fraction

import pytest
from bench import orlib
from bench.peers import run
from bench.work import Row
from bench.work.orlib import figures_small

from millpond.model import read_round

# two warehouses (capacity, opening cost); three customers: demand, then what all of it costs from each
TINY = "2 3\n10 7.5\n capacity 4\n 4\n 10 20\n 2\n 5 1\n 8\n 40 2\n"
OPTIMA = """Data file   Optimal solution value
cap41       1040444.375
capa        19240822.449 (capacity 8000)
            18438046.543 (capacity 10000)
"""


def test_parsing_published_optima() -> None:
    assert orlib.published_optima(OPTIMA) == {
        ("cap41", None): Fraction("1040444.375"),
        ("capa", 8000): Fraction("19240822.449"),
        ("capa", 10000): Fraction("18438046.543"),
    }


def test_a_cost_is_of_the_whole_demand() -> None:
    body = orlib.convert("tiny", TINY, 80, capacity=9)
    first, second = body["offers"]
    assert (first["capacity"], first["setup"], second["capacity"], second["setup"]) == (10, 600, 9, 320)
    assert [row["per_load"] for row in first["freight"]] == [200, 200, 400]
    assert [row["per_load"] for row in second["freight"]] == [400, 40, 20]


def test_the_cost_of_a_tiny_instance() -> None:
    # both open: 7.5 + 4; 4 units of customer 0 and 1 of customer 1 from the first, the rest from the second
    answer = run(
        "highs", orlib.convert("tiny", TINY, 80, capacity=9), formulation="compact", seconds=20, threads=1
    )
    assert (
        answer.score == answer.bound == -80 * (Fraction("11.5") + 10 + Fraction("2.5") + Fraction("0.5") + 2)
    )


def test_a_unit_cost_that_is_no_integer_is_refused() -> None:
    with pytest.raises(ValueError, match="not an integer"):
        orlib.convert("tiny", TINY, 1, capacity=9)


def test_figures_count_what_was_reached() -> None:
    row: Row = {"optimal": True, "gap": 0.0, "valid": True, "best_seconds": 2.0, "seconds": 14.0}
    assert [figure.reached for figure in figures_small([row, row])] == [True, True]
    assert [figure.reached for figure in figures_small([row, row | {"optimal": False}])] == [False, True]
    assert [figure.reached for figure in figures_small([row, row | {"gap": 1e-6}])] == [True, False]
    assert [figure.reached for figure in figures_small([row] * 3)] == [False, False]


@pytest.fixture(scope="module")
def instances() -> dict[str, orlib.Instance]:
    folder = orlib.data_folder()
    if folder is None:
        pytest.skip(
            "OR-Library's files are not there: set MILLPOND_RECORDS to the folder that has facility-location"
        )
    return {instance.name: instance for instance in [*orlib.small(folder), *orlib.capa(folder)]}


def test_every_instance_is_a_round(instances: dict[str, orlib.Instance]) -> None:
    assert len(instances) == 37 + 4
    for instance in instances.values():
        market = read_round(json.dumps(instance.round).encode())
        assert market.must_serve
        assert len(market.demand) in (50, 1000)


def test_a_published_optimum(instances: dict[str, orlib.Instance]) -> None:
    instance = instances["cap41"]
    answer = run("highs", instance.round, formulation="compact", seconds=60, threads=1)
    assert answer.score is not None
    assert instance.cost(answer.score) == instance.optimum
