"""The generator: the same round everywhere, always one the format accepts, and of the shape it promises."""

import hashlib
import json

import pytest
from bench.generator import LIMITS, generate
from bench.shapes import shapes
from hypothesis import given, settings
from hypothesis import strategies as st

from millpond.model import read_round

SHAPES = shapes()


def as_bytes(body: dict[str, object]) -> bytes:
    return json.dumps(body).encode()


def test_a_seed_always_gives_the_same_round() -> None:
    said = json.dumps(generate(40, 7, 3, dates=0.5, minimum=0.5), sort_keys=True)
    digest = hashlib.sha256(said.encode()).hexdigest()
    assert digest == "f87b2a297f506c615e9162b7de958e1023773f121c49181012bb5b7d4f3a8fb5"


def test_another_seed_gives_another_round() -> None:
    assert generate(12, 5, 1)["demand"] != generate(12, 5, 2)["demand"]


@given(
    places=st.integers(0, 12),
    offers=st.integers(0, 5),
    seed=st.integers(0, 10**6),
    shape=st.fixed_dictionaries(
        {},
        optional={
            "limits": st.sampled_from(sorted(LIMITS)),
            "dates": st.floats(0, 1),
            "minimum": st.floats(0, 1),
            "paired": st.floats(0, 1),
            "coverage": st.floats(0, 1),
            "reach": st.floats(0, 30),
            "items": st.integers(1, 9),
            "tiers": st.integers(1, 6),
            "load": st.sampled_from([(0, 0), (0, 6), (1, 6)]),
            "population": st.sampled_from(["loguniform", "pareto"]),
            "freight_pooled": st.integers(0, 100),
            "solidarity": st.integers(0, 1000),
            "must_serve": st.booleans(),
        },
    ),
)
@settings(max_examples=60, deadline=None)
def test_the_format_accepts_every_round(
    places: int, offers: int, seed: int, shape: dict[str, object]
) -> None:
    body = generate(places, offers, seed, **shape)
    market = read_round(as_bytes(body))
    assert (len(market.places), len(market.offers)) == (places, offers)
    demand = sum(line.quantity for line in market.demand)
    room = sum(offer.capacity for offer in market.offers)
    if demand > 100 * offers > 0:
        assert 1.19 * demand <= room <= 2.1 * demand
    for offer in market.offers:
        prices = [tier.price for tier in offer.tiers]
        assert prices == sorted(prices, reverse=True)
        assert offer.tiers[-1].from_quantity <= offer.capacity


@pytest.mark.parametrize("name", SHAPES)
def test_the_format_accepts_every_degenerate_round(name: str) -> None:
    market = read_round(as_bytes(SHAPES[name]))
    assert market.id == name
    assert market.must_serve == name.startswith(("must-serve", "cannot-serve"))
