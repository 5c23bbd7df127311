"""Rounds for the tests of equality: the golden ones with their clearings, and small ones written by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from millpond.clearing.finish import finish
from millpond.model import Award, Certificate, Clearing, Leaf, Round, encode_round, read_round

GOLDEN = Path(__file__).parents[1] / "golden"


class Golden(NamedTuple):
    """A worked round: what it says, the round, and its clearing with a certificate that proves little."""

    says: dict[str, Any]
    round: Round
    clearing: Clearing


def finished(round: Round, awards: tuple[Award, ...]) -> Clearing:
    """The clearing of these awards; what it says of a bound is of no interest here."""
    lines = {line.id: max(accepted.limit for accepted in line.accepts) for line in round.demand}
    return finish(round, awards, Certificate(scale=1, tree=Leaf(lines=lines)))


def read_golden(name: str) -> Golden:
    says = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
    round = read_round(json.dumps(says["round"]).encode())
    return Golden(says, round, finished(round, tuple(Award(**row) for row in says["awards"])))


VALID = sorted(
    path.stem for path in GOLDEN.glob("*.json") if json.loads(path.read_text(encoding="utf-8"))["valid"]
)


@pytest.fixture(params=VALID)
def golden(request: pytest.FixtureRequest) -> Golden:
    """Each valid golden round in turn."""
    return read_golden(request.param)


@pytest.fixture
def golden_of() -> Callable[[str], Golden]:
    """The golden round of this name."""
    return read_golden


Cleared = Callable[[dict[str, Any], list[tuple[str, str, str, int]]], tuple[Round, Clearing]]


@pytest.fixture
def cleared() -> Cleared:
    """A round from its lists, and its clearing with these (demand, offer, item, quantity)."""

    def make(plain: dict[str, Any], rows: list[tuple[str, str, str, int]]) -> tuple[Round, Clearing]:
        header = {"format": "millpond-round/1", "id": "by-hand", "currency": "CNY"}
        round = read_round(json.dumps(header | plain).encode())
        assert read_round(encode_round(round)) == round
        keys = ("demand", "offer", "item", "quantity")
        return round, finished(round, tuple(Award(**dict(zip(keys, row, strict=True))) for row in rows))

    return make


TWO_TOWNS = {
    "items": [
        {"id": "s", "family": "shirt", "reference": 100},
        {"id": "xl", "family": "shirt", "reference": 120},
        {"id": "hat", "reference": 60},
    ],
    "places": [{"id": "big"}, {"id": "small"}],
    "demand": [
        {"id": "d1", "place": "big", "quantity": 30, "accepts": [{"item": "s", "limit": 100}]},
        {"id": "d2", "place": "small", "quantity": 10, "accepts": [{"item": "xl", "limit": 120}]},
        {"id": "d3", "place": "big", "quantity": 5, "accepts": [{"item": "hat", "limit": 60}]},
    ],
    "offers": [
        {
            "id": "o",
            "maker": "m",
            "capacity": 100,
            "items": [{"item": "s"}, {"item": "xl", "surcharge": 20}, {"item": "hat"}],
            "tiers": [{"from": 10, "price": 80}, {"from": 30, "price": 50}],
            "freight": [{"place": "big"}, {"place": "small", "fixed": 40}],
        }
    ],
}
TWO_TOWNS_AWARDS = [("d1", "o", "s", 30), ("d2", "o", "xl", 10), ("d3", "o", "hat", 5)]


@pytest.fixture
def two_towns(cleared: Cleared) -> tuple[Round, Clearing]:
    """Shirts in two sizes at two towns, hats at one; one maker, who makes all of it at the second tier."""
    return cleared(TWO_TOWNS, TWO_TOWNS_AWARDS)
