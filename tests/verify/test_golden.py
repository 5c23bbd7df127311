"""The golden rounds: what follows from their awards to the last unit, and what is wrong with the bad ones."""

from __future__ import annotations

import pytest
from tiny_rounds import clearing, encoded, failed, golden, golden_clearing, golden_names

from millpond.verify import verifier

WRONG = {  # the checks that fail
    "below-first-tier": [5],
    "below-minimum": [4, 11],
    "generated-1": [11],
    "generated-2": [11],
    "over-limit": [11],
    "too-late": [3],
}


@pytest.mark.parametrize("name", golden_names(valid=True))
def test_a_valid_one(name: str) -> None:
    data, told = golden_clearing(name)
    checks = verifier.verify(data, encoded(told))
    assert failed(checks) == []
    assert [check.number for check in checks if check.ok] == list(range(1, 16))


def test_all_invalid_ones_are_here() -> None:
    assert sorted(WRONG) == golden_names(valid=False)


@pytest.mark.parametrize("name", WRONG)
def test_an_invalid_one(name: str) -> None:
    told = golden(name)
    data, certificate = encoded(told["round"]), told.get("certificate", {"scale": 1, "tree": {}})
    full = clearing(data, [], certificate) | {"awards": told["awards"]}
    if not {3, 5} & set(WRONG[name]):  # else nothing follows from its awards
        full = clearing(data, told["awards"], certificate)
    assert full["bound"] == told.get("bound", full["bound"])
    assert failed(verifier.verify(data, encoded(full))) == WRONG[name]


@pytest.mark.parametrize(
    ("name", "number", "message"),
    [
        ("below-first-tier", 5, "o1 makes 4, which is not from 5 to 20"),
        ("below-minimum", 4, "d2 gets 3 of 10, at least 4"),
        ("over-limit", 11, "d2 pays 20 more for x than 120"),
        ("too-late", 3, "row 0 (d1 late x): it is ready on 2026-12-11, and needed by 2026-12-10"),
    ],
)
def test_it_says_which_row_and_by_how_much(name: str, number: int, message: str) -> None:
    told = golden(name)
    data, certificate = encoded(told["round"]), {"scale": 1, "tree": {}}
    full = clearing(data, told["awards"] if number in (4, 11) else [], certificate)
    checks = verifier.verify(data, encoded(full | {"awards": told["awards"]}))
    assert checks[number - 1].message == message


def test_what_cannot_be_checked_is_not_reached() -> None:
    told = golden("too-late")
    data = encoded(told["round"])
    full = clearing(data, [], {"scale": 1, "tree": {}}) | {"awards": told["awards"]}
    checks = verifier.verify(data, encoded(full))
    assert [check.number for check in checks if check.ok is None] == [4, 5, 6, 7, 8, 9, 10, 11, 12, 15]


@pytest.mark.parametrize("data", [b"{}", b"[", b"\xff"])
def test_the_bytes_of_the_round_count(data: bytes) -> None:
    good, told = golden_clearing("capped")
    checks = verifier.verify(good + b"\n", encoded(told))
    assert failed(checks) == [1]
    with pytest.raises(verifier.Unusable):
        verifier.verify(data, encoded(told))
