"""A clearing in words: who was not served and why, prices, runs, and what the certificate proves."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from millpond.clearing.finish import finish
from millpond.cli.summary import named, quality_text, summary
from millpond.model import Award, Certificate, Clearing, Leaf, Round, read_round

GOLDEN = Path(__file__).parents[1] / "golden"


def golden(name: str, **changes: Any) -> tuple[Round, Clearing]:
    """A golden round with its awards, and a certificate that proves little."""
    plain = json.loads((GOLDEN / f"{name}.json").read_bytes())
    round = read_round(json.dumps(plain["round"] | changes).encode())
    awards = [Award(**row) for row in plain["awards"]]
    return round, finish(round, awards, Certificate(scale=1, tree=Leaf()))


def test_everybody_served() -> None:
    said = summary(*golden("capped")).splitlines()
    assert said[0] == "Served: 80 of 80 units, 3 of 3 demand lines."
    assert said[1:3] == [
        "Prices, in CNY a unit, delivered:",
        "  x: 34.70 at 1 of 3 places; lowest 8.30, highest 34.70",
    ]
    assert said[3] == "Made in 1 run of 2 offered, by 1 maker, for 951.50 CNY in all, with freight."
    assert said[4].startswith("Worth 1,348.50 CNY more to the people than it costs. Proven: ")


def test_one_price() -> None:
    said = summary(*golden("must-serve", currency="JPY"))
    assert "  x: 8 at each of 3 places\n" in said
    assert "Costs 246 JPY in all." in said


def test_who_was_not_served_and_why() -> None:
    round, clearing = golden("capped")
    nothing = finish(round, [], clearing.certificate)
    said = summary(round, nothing).splitlines()
    assert said[0] == "Served: 0 of 80 units, 0 of 3 demand lines."
    assert sum(line.count(" units of ") for line in said) == 1
    assert "  not served, too few wanted it for a run: 80 units of d1, d2, d3" in said
    assert "Prices" not in "".join(said)


def test_short_families_are_said() -> None:
    assert "too short for everybody's alone price: x" in summary(*golden("short"))


@pytest.mark.parametrize(
    ("score", "bound", "must_serve", "said"),
    [
        (
            15400,
            15400,
            False,
            "Worth 154.00 CNY more to the people than it costs. Proven: no other clearing is",
        ),
        (
            15400,
            15444,
            False,
            "no clearing can be worth more than 154.44, so none is more than 0.286 % better.",
        ),
        (10000, 10100, False, "so none is more than 1 % better."),
        (
            0,
            500,
            False,
            "Worth 0.00 CNY more to the people than it costs. Proven: no clearing can be worth more than",
        ),
        (-100, 500, False, "Proven: no clearing can be worth more than 5.00."),
        (
            -246,
            -240,
            True,
            "no clearing can cost less than 2.40, so none is more than 2.44 % cheaper.",
        ),
        (-246, -246, True, "Costs 2.46 CNY in all. Proven: no other clearing is cheaper."),
        (-246, 0, True, "so none is more than 100 % cheaper."),
    ],
)
def test_what_is_proven(score: int, bound: int, must_serve: bool, said: str) -> None:
    clearing = replace(golden("capped")[1], score=score, bound=bound)
    assert said in quality_text(clearing, "CNY", must_serve=must_serve)


def test_percentages_are_rounded_up() -> None:
    """A third of a percent is 0.333...: a certificate that says 0.333 would say too much."""
    clearing = replace(golden("capped")[1], score=30_000, bound=30_100)
    assert "more than 0.334 % better" in quality_text(clearing, "CNY", must_serve=False)


def test_long_lists_are_cut() -> None:
    assert named(["a", "b"], 2) == "a, b"
    assert named((str(n) for n in range(12)), 12) == "0, 1, 2, 3, 4, 5, 6, 7 and 4 more"
