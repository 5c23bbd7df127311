"""Every small change of a valid clearing is found, by the check that is for it."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from tiny_rounds import bound_by_definition, clearing, encoded, failed, golden, golden_clearing, golden_names

from millpond.verify import verifier

DERIVED = ("runs", "levels", "prices", "bills", "settlements", "score", "bound", "gap")
NUMBERS = {"round_sha256": [1]} | {
    name: [number] for number, (name, _) in enumerate(verifier.CHECKS, 1) if name in DERIVED
}
FRACTIONS = ("price", "level")
Spot = tuple[str | int, ...]


def spots(value: Any, at: Spot = ()) -> Iterator[tuple[Spot, Any]]:
    """Every value inside, with where it stands."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield (*at, key), part
        yield from spots(part, (*at, key))


def changed(told: dict[str, Any], spot: Spot, value: Any) -> dict[str, Any]:
    copied = copy.deepcopy(told)
    holder = copied
    for key in spot[:-1]:
        holder = holder[key]
    if value is GONE:
        del holder[spot[-1]]
    else:
        holder[spot[-1]] = value
    return copied


GONE = object()


def changes(told: dict[str, Any]) -> Iterator[tuple[Spot, Any]]:
    """What to put where: integers one off, other ids, fractions otherwise, rows gone, doubled, swapped."""
    texts = sorted({value for _, value in spots(told) if isinstance(value, str)}, key=len)[:40]
    for spot, value in spots(told):
        if spot[0] == "format":
            continue
        if isinstance(value, bool):
            yield spot, not value
        elif isinstance(value, int):
            yield from ((spot, other) for other in (value + 1, value - 1, -value or 1, value + 10**30))
        elif isinstance(value, str):
            yield from ((spot, other) for other in (value + "0", "", value[::-1] + "x"))
            yield from ((spot, other) for other in texts[:: max(1, len(texts) // 4)] if other != value)
            if spot[-1] in FRACTIONS:
                over, _, under = value.partition("/")
                yield spot, f"{2 * int(over)}/{2 * int(under or 1)}"
                yield spot, f"+{value}"
        elif value is None:
            yield spot, "0"
        elif isinstance(value, list):
            yield from list_changes(spot, value)
        yield spot, GONE


def list_changes(spot: Spot, rows: list[Any]) -> Iterator[tuple[Spot, Any]]:
    for n, row in enumerate(rows):
        yield spot, rows[:n] + rows[n + 1 :]
        yield spot, [*rows[:n], row, *rows[n:]]
        if n and row != rows[n - 1]:
            yield spot, [*rows[: n - 1], row, rows[n - 1], *rows[n + 1 :]]
    yield spot, [*rows, *rows[:1]] if len(rows) != 1 else []


def outcome(data: bytes, told: dict[str, Any], spot: Spot, value: Any) -> str:
    """What the verifier makes of the changed clearing.

    "unusable", "invalid" by the check for that field, or "same": other multipliers may prove the same.
    """
    other = changed(told, spot, value)
    if other == told:
        return "same"
    try:
        checks = verifier.verify(data, encoded(other))
    except verifier.Unusable:
        return "unusable"
    wrong = failed(checks)
    if spot[0] == "certificate" and not wrong:
        assert told["bound"] == bound_by_definition(json.loads(data), other["certificate"])
        return "same"
    assert wrong == NUMBERS.get(str(spot[0]), wrong or "some"), (spot, value)
    return "invalid"


def tree_clearing() -> tuple[bytes, dict[str, Any]]:
    """Golden "short" with a certificate that has everything a certificate can have without must_serve."""
    told = golden("short")
    leaf = {"lines": {"da": 800, "db": 790}, "tiers": {"cheap": [100], "dear": [-3]}}
    high = {"offer": "dear", "tier": 0, "low": {"lines": {"da": 800}}, "high": leaf}
    tree = {"offer": "cheap", "tier": 0, "low": {"lines": {"da": 790, "db": 800}}, "high": high}
    data = encoded(told["round"])
    return data, clearing(data, told["awards"], {"scale": 7, "tree": tree})


CASES = {name: golden_clearing(name) for name in golden_names(valid=True)} | {"tree": tree_clearing()}


def check_changes(name: str, step: int) -> None:
    data, told = CASES[name]
    assert not failed(verifier.verify(data, encoded(told)))
    every = list(changes(told))
    outcomes = [
        outcome(data, told, spot, value) for spot, value in every[:: 1 if len(every) < 1000 else step]
    ]
    assert outcomes.count("invalid") > 30
    assert outcomes.count("unusable") > 10


@pytest.mark.parametrize("name", CASES)
def test_every_change_is_found(name: str) -> None:
    check_changes(name, step=11)


@pytest.mark.soak
@pytest.mark.parametrize("name", CASES)
def test_every_change_is_found_in_the_large_one_too(name: str) -> None:
    check_changes(name, step=1)


def test_most_changes_of_multipliers_change_the_bound() -> None:
    data, told = CASES["tree"]
    outcomes = [outcome(data, told, spot, value) for spot, value in changes(told) if spot[0] == "certificate"]
    assert outcomes.count("invalid") > outcomes.count("same") / 2


@pytest.mark.parametrize("name", ["capped", "must-serve"])
def test_a_key_of_ones_own_is_free_and_any_other_is_not(name: str) -> None:
    data, told = CASES[name]
    for spot, value in [((), told), *spots(told)]:
        if isinstance(value, dict) and spot[-1:] not in (("lines",), ("tiers",)):
            free = changed({"all": told}, ("all", *spot), value | {"x_note": [1.5]})["all"]
            assert not failed(verifier.verify(data, encoded(free)))
            other = changed({"all": told}, ("all", *spot), value | {"note": 1})["all"]
            with pytest.raises(verifier.Unusable, match='"note" is not a key'):
                verifier.verify(data, encoded(other))


def test_one_unit_on_a_bill_is_named() -> None:
    data, told = CASES["one-price"]
    other = changed(told, ("bills", 0, "amount"), told["bills"][0]["amount"] + 1)
    said, follows = other["bills"][0]["amount"], told["bills"][0]["amount"]
    message = verifier.verify(data, encoded(other))[8].message
    assert message == f"{told['bills'][0]['place']} amount says {said}, follows {follows} (1 too much)"


@pytest.mark.parametrize(
    ("spot", "value", "number", "message"),
    [
        (("prices", 0, "price"), "6940/2", 8, 'far x price says "6940/2", follows "3470"'),
        (("prices", 0, "price"), "3469", 8, 'far x price says "3469", follows "3470" (1 too little)'),
        (("prices", 0, "price"), "1/0", 8, 'far x price says "1/0", follows "3470"'),
        (("prices", 0, "price"), "1e999999999", 8, 'far x price says "1e999999999", follows "3470"'),
        (("prices", 0, "place"), "mid", 8, "row 0 says mid x, follows far x"),
        (("levels", 0, "level"), None, 7, 'x level says null, follows "3470"'),
        (("levels", 0, "short"), True, 7, "x short says true, follows false"),
        (("bills", 1, "payments"), [], 9, "mid payments row 0 says no row, follows m1"),
        (
            ("bills", 1, "payments", 0, "amount"),
            10651,
            9,
            "mid payments m1 amount says 10651, follows 10650 (1 too much)",
        ),
        (("runs",), [], 6, "row 0 says no row, follows o1"),
        (("score",), 134849, 12, "says 134849, follows 134850 (1 too little)"),
        (("gap",), "0.342377", 15, 'says "0.342377", follows "0.342356"'),
    ],
)
def test_the_message(spot: Spot, value: Any, number: int, message: str) -> None:
    data, told = CASES["capped"]
    checks = verifier.verify(data, encoded(changed(told, spot, value)))
    assert failed(checks) == [number]
    assert checks[number - 1].message == message
