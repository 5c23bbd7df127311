"""The reader and the verifier were written apart; they must take and refuse the same rounds."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from plain_rounds import encoded, example_clearing, example_round, mutated, plain_rounds

from millpond.errors import InputError
from millpond.model import read_round
from millpond.verify import verifier


def read_refuses(data: bytes) -> str | None:
    try:
        read_round(data)
    except InputError as error:
        return str(error)
    return None


def verifier_refuses(data: bytes) -> str | None:
    try:
        verifier.verify(data, encoded(example_clearing()))
    except verifier.Unusable as error:
        return str(error)
    return None


def agree(data: bytes) -> None:
    mine, theirs = read_refuses(data), verifier_refuses(data)
    assert (mine is None) == (theirs is None), f"reader: {mine}; verifier: {theirs}"


@given(mutated(plain_rounds() | st.just(example_round())))
@settings(max_examples=500)
def test_about_mutated_rounds(plain: dict[str, Any]) -> None:
    agree(encoded(plain))


@given(at=st.integers(0, len(encoded(example_round())) - 1), byte=st.integers(0, 255))
@settings(max_examples=300)
def test_about_changed_bytes(at: int, byte: int) -> None:
    data = bytearray(encoded(example_round()))
    data[at] = byte
    agree(bytes(data))


LARGE = st.sampled_from([0, 1, 5, 10**6, 10**9, 10**12])


@st.composite
def large_rounds(draw: st.DrawFn) -> dict[str, Any]:
    """The example with amounts near the bound on totals."""
    plain = copy.deepcopy(example_round(must_serve=draw(st.booleans())))
    load = min(draw(LARGE), 10**6)
    for item in plain["items"]:
        item["load"] = load
    for line in plain["demand"]:
        line["quantity"] = max(40, min(draw(LARGE), 10**9))
        for accepted in line["accepts"]:
            accepted["limit"] = draw(LARGE)
    offer = plain["offers"][0]
    offer["setup"] = draw(LARGE)
    offer["items"][1]["surcharge"] = draw(LARGE)
    for tier in offer["tiers"]:
        tier["price"] = draw(LARGE)
    for entry in offer["freight"]:
        entry["fixed"], entry["per_load"] = draw(LARGE), draw(LARGE)
    return plain


@given(large_rounds())
@settings(max_examples=300)
def test_about_totals(plain: dict[str, Any]) -> None:
    agree(encoded(plain))
