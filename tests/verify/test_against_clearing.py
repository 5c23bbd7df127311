"""`millpond.clearing` and the verifier were written apart from one design; they must come to the same."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_rounds import certificates, clearing, encoded, failed, rounds_with_awards, tiny_rounds

from millpond.clearing import certificate as theirs
from millpond.clearing.prices import follow, problems
from millpond.model import Award, Branch, Certificate, Leaf, encode_clearing, read_clearing, read_round
from millpond.verify import verifier

EMPTY = {"scale": 1, "tree": {}}


def node(told: dict[str, Any]) -> Leaf | Branch:
    if "offer" in told:
        return Branch(offer=told["offer"], tier=told["tier"], low=node(told["low"]), high=node(told["high"]))
    tiers = {offer: tuple(multipliers) for offer, multipliers in told.get("tiers", {}).items()}
    return Leaf(lines=told.get("lines", {}), tiers=tiers, runs=told.get("runs", 0))


@given(rounds_with_awards())
@settings(max_examples=120)
def test_the_same_follows(case: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    told, awards = case
    data = encoded(told)
    other = follow(read_round(data), [Award(**row) for row in awards])
    mine = verifier.Round(data, "round").follow([verifier.Row(row) for row in awards])
    assert mine["score"] == other.score
    fraction = verifier.exact
    assert mine["levels"] == [
        {
            "family": row.family,
            "level": None if row.level is None else fraction(row.level),
            "short": row.short,
        }
        for row in other.levels
    ]
    assert mine["prices"] == [
        {"place": row.place, "item": row.item, "price": fraction(row.price)} for row in other.prices
    ]
    assert mine["runs"] == [
        {key: getattr(row, key) for key in ("offer", "tier", "quantity", "production", "freight")}
        for row in other.runs
    ]
    assert mine["bills"] == [
        {
            "place": row.place,
            "amount": row.amount,
            "payments": [{"maker": paid.maker, "amount": paid.amount} for paid in row.payments],
        }
        for row in other.bills
    ]
    assert mine["settlements"] == [
        {"from_maker": row.from_maker, "to_maker": row.to_maker, "amount": row.amount}
        for row in other.settlements
    ]


@given(rounds_with_awards())
@settings(max_examples=120)
def test_the_same_awards_are_valid(case: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    told, awards = case
    told["must_serve"] = False
    data = encoded(told)
    found = problems(read_round(data), [Award(**row) for row in awards])
    assert bool(found) == bool(failed(verifier.verify(data, encoded(clearing(data, awards, EMPTY)))))


@given(st.data())
@settings(max_examples=120)
def test_the_same_bound(data: st.DataObject) -> None:
    told = data.draw(tiny_rounds(lines=5, units=9, offers=4))
    certificate = data.draw(certificates(told))
    file = encoded(told)
    try:
        mine = verifier.Round(file, "round").bound(verifier.Row(certificate), "certificate")
    except verifier.Refused:
        return  # there is no clearing that could be bounded
    other = Certificate(scale=certificate["scale"], tree=node(certificate["tree"]))
    assert theirs.bound(read_round(file), other) == mine


@given(rounds_with_awards())
@settings(max_examples=100)
def test_what_is_written_is_read_by_both(case: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    told, awards = case
    told["must_serve"] = False
    data = encoded(told)
    full = clearing(data, awards, EMPTY)
    again = encode_clearing(read_clearing(encoded(full)))
    assert json.loads(again) == full
    assert verifier.verify(data, again) == verifier.verify(data, encoded(full))


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12))
def test_the_same_gap(score: int, bound: int) -> None:
    assert theirs.gap_text(score, bound) == verifier.gap_text(score, bound)
