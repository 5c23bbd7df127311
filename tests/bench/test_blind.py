"""The price-blind problem: exact scores, and peers that find what trying everything finds."""

import importlib.util
import itertools
import json
import random
from pathlib import Path
from typing import Any

import pytest
from bench.blind import blind, gap, score
from bench.peers import run
from bench.peers.formulation import formulate
from bench.shapes import shapes

GOLDEN = Path(__file__).parents[1] / "golden"
MODULES = {"highs": "highspy", "scip": "pyscipopt", "cpsat": "ortools"}
FORMULATIONS = ("aggregated", "compact", "placed", "tiered")
SCORED = [path for path in sorted(GOLDEN.rglob("*.json")) if json.loads(path.read_text()).get("valid")]


def needs(peer: str) -> None:
    if importlib.util.find_spec(MODULES[peer]) is None:
        pytest.skip(f"{MODULES[peer]} is not installed: it belongs to the extra bench")


def a_tiny_round(seed: int, *, must_serve: bool = False) -> dict[str, Any]:
    """Two places, three lines of up to three units, two offers of two tiers: few enough to try everything."""
    draw = random.Random(seed)
    items = [{"id": "a", "load": 1, "reference": 60}, {"id": "b", "load": 2}]
    demand = []
    for d in range(3):
        quantity = draw.randint(1, 3)
        accepts = [
            {"item": i, "limit": draw.randint(20, 90)} for i in draw.sample(["a", "b"], draw.randint(1, 2))
        ]
        line = {"id": f"d{d}", "place": f"p{d % 2}", "quantity": quantity, "accepts": accepts}
        demand.append(
            line | {"minimum": draw.randint(1, quantity), "needed_by": f"2026-12-0{draw.randint(2, 9)}"}
        )
    offers = []
    for o in range(2):
        first = draw.randint(1, 3)
        tiers = [
            {"from": first, "price": 30},
            {"from": first + draw.randint(1, 3), "price": draw.randint(5, 25)},
        ]
        freight = [
            {"place": f"p{c}", "fixed": draw.randint(0, 30), "per_load": draw.randint(0, 9)} for c in range(2)
        ]
        offer = {
            "id": f"o{o}",
            "maker": "m",
            "setup": draw.randint(0, 40),
            "capacity": draw.randint(first, 9),
        }
        makes = [{"item": "a", "surcharge": draw.randint(0, 5)}, {"item": "b"}]
        offers.append(offer | {"items": makes, "tiers": tiers, "freight": freight, "ready_on": "2026-12-03"})
    head = {"format": "millpond-round/1", "id": "tiny", "currency": "CNY", "must_serve": must_serve}
    return head | {"items": items, "places": [{"id": "p0"}, {"id": "p1"}], "demand": demand, "offers": offers}


def by_trying_everything(body: dict[str, Any]) -> int | None:
    """The best score over all awards; None if no awards are valid."""
    ways = [
        (line["id"], offer["id"], accepted["item"], range(line["quantity"] + 1))
        for line in body["demand"]
        for offer in body["offers"]
        for accepted in line["accepts"]
    ]
    best = None
    for amounts in itertools.product(*(amounts for *_, amounts in ways)):
        rows = [(d, o, i, amount) for (d, o, i, _), amount in zip(ways, amounts, strict=True) if amount]
        try:
            found = score(body, rows)
        except ValueError:
            continue
        best = found if best is None else max(best, found)
    return best


TINY = [(0, False), (1, False), (2, False), (1, True), (3, True)]
# every formulation through one peer, and every peer
RUNS = [("highs", name) for name in FORMULATIONS] + [(peer, "tiered") for peer in ("scip", "cpsat")]


@pytest.fixture(scope="module")
def tried() -> dict[tuple[int, bool], int | None]:
    found = {(seed, must): by_trying_everything(a_tiny_round(seed, must_serve=must)) for seed, must in TINY}
    assert len(set(found.values())) > len(TINY) // 2  # rounds that differ
    assert any(value for value in found.values())
    return found


@pytest.mark.parametrize(("peer", "formulation"), RUNS)
def test_a_peer_finds_what_trying_everything_finds(
    peer: str, formulation: str, tried: dict[tuple[int, bool], int | None]
) -> None:
    needs(peer)
    for (seed, must), best in tried.items():
        answer = run(
            peer, a_tiny_round(seed, must_serve=must), formulation=formulation, seconds=20, threads=1
        )
        assert answer.score == best, (seed, must, answer.status)
        assert best is None or answer.bound == best


@pytest.mark.parametrize(
    "name", [name for name in shapes() if name.startswith(("must-serve", "cannot-serve"))]
)
def test_whether_a_must_serve_round_can_be_served(name: str) -> None:
    needs("highs")
    answer = run("highs", shapes()[name], formulation="compact", seconds=20, threads=1)
    assert (answer.score is None) == name.startswith("cannot-serve"), answer.status


@pytest.mark.parametrize("path", SCORED, ids=lambda path: path.stem)
def test_scores_of_golden_rounds(path: Path) -> None:
    golden = json.loads(path.read_text())
    rows = [(row["demand"], row["offer"], row["item"], row["quantity"]) for row in golden["awards"]]
    assert score(golden["round"], rows) == golden["score"]


BROKEN = {
    "too much for the line": [("d0", "o0", "a", 4)],
    "below the minimum": [("d0", "o0", "a", 1)],
    "below the first tier": [("d0", "o0", "a", 2)],
    "above the capacity": [("d0", "o0", "a", 3), ("d1", "o0", "a", 3)],
    "an item the line does not accept": [("d0", "o0", "b", 3)],
    "too late": [("d2", "o0", "a", 3)],
    "not delivered": [("d3", "o0", "a", 3)],
}


def a_strict_round() -> dict[str, Any]:
    demand = [
        {
            "id": f"d{d}",
            "place": f"p{d == 3:d}",
            "quantity": 3,
            "minimum": 2,
            "accepts": [{"item": "a", "limit": 50}],
        }
        for d in range(4)
    ]
    demand[2]["needed_by"] = "2026-12-01"
    offer = {"id": "o0", "maker": "m", "capacity": 5, "items": [{"item": "a"}], "ready_on": "2026-12-02"}
    offer |= {"tiers": [{"from": 3, "price": 10}], "freight": [{"place": "p0"}]}
    places = [{"id": "p0"}, {"id": "p1"}]
    return {
        "must_serve": False,
        "items": [{"id": "a"}, {"id": "b"}],
        "places": places,
        "demand": demand,
        "offers": [offer],
    }


@pytest.mark.parametrize("rows", BROKEN.values(), ids=BROKEN)
def test_awards_that_break_a_rule_have_no_score(rows: list[tuple[str, str, str, int]]) -> None:
    assert score(a_strict_round(), [("d0", "o0", "a", 3)]) == 3 * (50 - 10)
    with pytest.raises(ValueError, match=r"cannot|gets|deliver"):
        score(a_strict_round(), rows)


def test_gap_rounds_up() -> None:
    assert gap(2, 3) == 0.333334
    assert gap(0, 0) == 0
    assert gap(-5, -4) == 0.25


def test_formulations_differ_as_they_say() -> None:
    problem = blind(a_tiny_round(1))
    rows = {name: len(formulate(problem, name).rows) for name in FORMULATIONS}
    assert rows["aggregated"] < rows["compact"] < rows["tiered"]
