"""What is no round or no clearing: one message that names the place in the file; never a traceback."""

from __future__ import annotations

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_rounds import encoded, golden_clearing

from millpond.verify import verifier

ROUND, CLEARING = golden_clearing("short")
PLAIN = json.loads(ROUND)
DEEP = b"[" * 200_000
HUGE = "1" + "0" * 400


def put(told: dict[str, Any], path: str, value: Any) -> bytes:
    """The file with this value at the path, like `demand.0.limit`."""
    copied = copy.deepcopy(told)
    holder: Any = copied
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in way:
        holder = holder[step]
    holder[last] = value
    return encoded(copied)


def text(data: bytes, old: str, new: str) -> bytes:
    assert data.decode().count(old) >= 1
    return data.decode().replace(old, new, 1).encode()


BAD_BYTES = {  # name: bytes, what the message says
    "empty": (b"", "line 1 column 1"),
    "truncated": (ROUND[:-40], "line 1 column"),
    "not UTF-8": (b'{"id": "\xff"}', "byte 0xff in position 8"),
    "UTF-16": (ROUND.decode().encode("utf-16"), "position 0"),
    "a mark of byte order": (b"\xef\xbb\xbf" + ROUND, "line 1 column 1"),
    "two values": (ROUND + b"{}", "Extra data"),
    "brackets": (DEEP, "brackets stand more than 5,000 deep"),
    "closed brackets": (DEEP + b"]" * 200_000, "brackets stand more than 5,000 deep"),
    "braces": (b'{"a":' * 200_000, "brackets stand more than 5,000 deep"),
    "a list": (b"[]", "a list of 0 is not an object"),
    "null": (b"null", "null is not an object"),
    "a number": (b"3", "3 is not an object"),
    "a float": (b"3.5", "3.5 is not an object"),
    "nothing in it": (b"{}", "format is missing"),
}
BAD_ROUNDS = {
    "unknown version": (
        put(PLAIN, "format", "millpond-round/2"),
        'format: "millpond-round/2" is not millpond-round/1',
    ),
    "a clearing": (encoded(CLEARING), "is not a key here"),
    "unknown key": (put(PLAIN, "offers.0.colour", 1), 'offers[0]: "colour" is not a key here'),
    "key of another row": (
        put(PLAIN, "offers.0.tiers.0.limit", 1),
        'offers[0].tiers[0]: "limit" is not a key',
    ),
    "missing key": (encoded({k: v for k, v in PLAIN.items() if k != "demand"}), "demand is missing"),
    "doubled key": (
        text(ROUND, '"place": "b"', '"place": "b", "place": "b"'),
        'demand[1]: an object with "place" twice',
    ),
    "doubled key in x_": (
        text(ROUND, '{"format"', '{"x_": {"a": 1, "a": 1}, "format"'),
        'an object with "a" twice',
    ),
    "doubled key at the top": (text(ROUND, '{"format"', '{"id": "golden", "format"'), 'with "id" twice'),
    "NaN": (
        text(ROUND, '"limit": 1000', '"limit": NaN'),
        "demand[0].accepts[0].limit: NaN is not an integer",
    ),
    "NaN in x_": (
        text(ROUND, '{"format"', '{"x_": [NaN], "format"'),
        "NaN is not JSON that everybody reads alike",
    ),
    "Infinity": (text(ROUND, '"limit": 1000', '"limit": -Infinity'), "limit: -Infinity is not an integer"),
    "float": (put(PLAIN, "demand.0.quantity", 10.0), "demand[0].quantity: 10.0 is not an integer from 1 to"),
    "exponent": (text(ROUND, '"limit": 1000', '"limit": 1e3'), "limit: 1e3 is not an integer"),
    "boolean": (put(PLAIN, "demand.0.quantity", True), "demand[0].quantity: true is not an integer"),
    "integer as boolean": (put(PLAIN, "must_serve", 1), "must_serve: 1 is not true or false"),
    "number in text": (put(PLAIN, "demand.0.quantity", "10"), 'quantity: "10" is not an integer'),
    "10^400": (text(ROUND, '"limit": 1000', f'"limit": {HUGE}'), "limit: 1000000000"),
    "10^5000": (
        text(ROUND, '"limit": 1000', f'"limit": 1{"0" * 5000}'),
        "(5,001 characters) is not an integer",
    ),
    "10^12 + 1": (
        put(PLAIN, "demand.0.accepts.0.limit", 10**12 + 1),
        "limit: 1000000000001 is not an integer",
    ),
    "less than nothing": (put(PLAIN, "offers.0.setup", -1), "offers[0].setup: -1 is not an integer from 0"),
    "quantity of nothing": (
        put(PLAIN, "demand.0.quantity", 0),
        "demand[0].quantity: 0 is not an integer from 1",
    ),
    "minimum above quantity": (put(PLAIN, "demand.0.minimum", 11), "demand[0].minimum: 11 is not at most"),
    "percent": (put(PLAIN, "freight_pooled", 101), "freight_pooled: 101 is not an integer from 0 to 100"),
    "solidarity": (put(PLAIN, "solidarity", 1001), "solidarity: 1001 is not an integer from 0 to 1,000"),
    "currency": (put(PLAIN, "currency", "cny"), 'currency: "cny" is not an ISO 4217 code'),
    "null for nothing": (put(PLAIN, "items.0.reference", None), "items[0].reference: null is not an integer"),
    "no place": (put(PLAIN, "demand.0.place", "c"), 'demand[0].place: "c" is not the id of a place'),
    "no item": (
        put(PLAIN, "offers.1.items.0.item", "y"),
        'offers[1].items[0].item: "y" is not the id of an item',
    ),
    "place no text": (put(PLAIN, "demand.0.place", ["a"]), "demand[0].place: a list of 1 is not the id"),
    "doubled id": (put(PLAIN, "places.1.id", "a"), 'places[1].id: "a" is not new'),
    "doubled item": (
        put(PLAIN, "demand.0.accepts", [{"item": "x", "limit": 1}] * 2),
        'demand[0].accepts[1].item: "x" is not new',
    ),
    "doubled freight": (
        put(PLAIN, "offers.0.freight.1.place", "a"),
        'offers[0].freight[1].place: "a" is not new',
    ),
    "accepts nothing": (
        put(PLAIN, "demand.0.accepts", []),
        "demand[0].accepts: a list of 0 is not a list of at least one",
    ),
    "no tiers": (
        put(PLAIN, "offers.0.tiers", []),
        "offers[0].tiers: a list of 0 is not a list of at least one",
    ),
    "tiers fall": (
        put(PLAIN, "offers.0.tiers", [{"from": 5, "price": 1}, {"from": 4, "price": 2}]),
        "offers[0].tiers[1].from: 4 is not above 5",
    ),
    "same tier": (
        put(PLAIN, "offers.0.tiers", [{"from": 5, "price": 1}, {"from": 5, "price": 2}]),
        "offers[0].tiers[1].from: 5 is not new",
    ),
    "empty id": (put(PLAIN, "places.0.id", ""), 'places[0].id: "" is not an id of 1 to 200 bytes'),
    "long id": (put(PLAIN, "places.0.id", "永" * 67), "is not an id of 1 to 200 bytes"),
    "half a pair": (text(ROUND, '"id": "a"', '"id": "\\ud800"'), "'\\ud800' is not an id"),
    "no such day": (put(PLAIN, "demand.0.needed_by", "2026-02-30"), '"2026-02-30" is not a date'),
    "another date": (put(PLAIN, "demand.0.needed_by", "20261224"), '"20261224" is not a date'),
    "week date": (put(PLAIN, "offers.0.ready_on", "2026-W01-1"), '"2026-W01-1" is not a date'),
    "name no text": (put(PLAIN, "items.0.name", {"zh": 1}), "items[0].name.zh: 1 is not a text"),
    "name on two lines": (put(PLAIN, "items.0.name", {"zh\n": 1}), "items[0].name.zh\\n: 1 is not a text"),
    "long name": (put(PLAIN, "items.0.name", {"zh" * 9999: 1}), "...: 1 is not a text"),
    "latitude": (
        put(PLAIN, "places.0.latitude_microdeg", 90_000_001),
        "places[0].latitude_microdeg: 90000001 is not",
    ),
    "family of two loads": (
        put(PLAIN, "items", [{"id": "x", "family": "f", "load": 1}, {"id": "y", "family": "f", "load": 2}]),
        "items[1].load: 2 is not the load of the others in its family",
    ),
    "worth too much": (
        put(
            PLAIN,
            "demand.0",
            PLAIN["demand"][0] | {"quantity": 10**9, "accepts": [{"item": "x", "limit": 10**12}]},
        ),
        "demand: 1000000000000000010000 is not a possible total value of 10^18 or less",
    ),
    "costs too much": (
        put(PLAIN, "offers.0.freight.0.fixed", 10**12).replace(
            b'"price": 200', b'"price": 100000000000000000'
        ),
        "price: 100000000000000000 is not an integer",
    ),
}
BAD_CLEARINGS = {
    "unknown version": (
        put(CLEARING, "format", "millpond-clearing/2"),
        'format: "millpond-clearing/2" is not',
    ),
    "a round": (ROUND, "is not a key here"),
    "unknown key": (put(CLEARING, "awards.0.note", 1), 'awards[0]: "note" is not a key here'),
    "missing key": (encoded({k: v for k, v in CLEARING.items() if k != "gap"}), "gap is missing"),
    "missing in a row": (
        put(CLEARING, "runs", [{"offer": "cheap"}]),
        "runs[0]: an object is not complete: tier is missing",
    ),
    "float": (put(CLEARING, "score", 17000.0), "score: 17000.0 is not an integer"),
    "boolean": (put(CLEARING, "bound", True), "bound: true is not an integer"),
    "float in the awards": (put(CLEARING, "awards.0.quantity", 10.0), "awards[0].quantity: 10.0 is not"),
    "float in a leaf": (
        put(CLEARING, "certificate.tree", {"lines": {"da": 0.5}}),
        "leaf 1: lines.da: 0.5 is not",
    ),
    "float in a branch": (
        put(CLEARING, "certificate.tree", {"offer": "cheap", "tier": 0.5, "low": {}, "high": {}}),
        "branch above leaf 1: tier: 0.5 is not an integer",
    ),
    "branch without a side": (
        put(CLEARING, "certificate.tree", {"offer": "cheap", "tier": 0, "low": {}}),
        "branch above leaf 1: an object is not complete: high is missing",
    ),
    "leaf and branch": (
        put(CLEARING, "certificate.tree", {"offer": "cheap", "tier": 0, "low": {}, "high": {}, "runs": 0}),
        '"runs" is not a key here',
    ),
    "side that is no node": (
        put(CLEARING, "certificate.tree", {"offer": "cheap", "tier": 0, "low": {}, "high": []}),
        "leaf 2: a list of 0 is not an object",
    ),
    "multipliers no list": (
        put(CLEARING, "certificate.tree", {"tiers": {"cheap": 1}}),
        "tiers.cheap: 1 is not a list",
    ),
    "price as number": (put(CLEARING, "prices.0.price", 150), "prices[0].price: 150 is not a text"),
    "10^400": (text(encoded(CLEARING), '"score": 17000', f'"score": {HUGE}'), "score: 1000000000"),
    "doubled key": (text(encoded(CLEARING), '{"format"', '{"score": 1, "format"'), 'with "score" twice'),
}


@pytest.mark.parametrize("name", BAD_BYTES | BAD_ROUNDS)
def test_no_round(name: str) -> None:
    data, message = (BAD_BYTES | BAD_ROUNDS)[name]
    with pytest.raises(verifier.Unusable) as found:
        verifier.verify(data, encoded(CLEARING), ("round.json", "clearing.json"))
    assert str(found.value).startswith("round.json: ")
    assert message in str(found.value)
    assert "\n" not in str(found.value)
    assert len(str(found.value)) < 400


@pytest.mark.parametrize("name", BAD_BYTES | BAD_CLEARINGS)
def test_no_clearing(name: str) -> None:
    data, message = (BAD_BYTES | BAD_CLEARINGS)[name]
    with pytest.raises(verifier.Unusable) as found:
        verifier.verify(ROUND, data, ("round.json", "clearing.json"))
    assert str(found.value).startswith("clearing.json: ")
    assert message in str(found.value)
    assert len(str(found.value)) < 400


GOOD_ROUNDS = {
    "x_ keys of any kind": put(PLAIN, "x_note", {"a": [1.5, None, {"b": {}}]}),
    "x_ keys in rows": put(PLAIN, "offers.0.tiers.0.x_note", 1e300),
    "deep under x_": text(ROUND, '{"format"', '{"x_": ' + "[" * 4_000 + "]" * 4_000 + ', "format"'),
    "other line ends": ROUND.replace(b", ", b",\r\n\t"),
    "capacity below the first tier": put(PLAIN, "offers.1.capacity", 1).replace(b'"from": 1', b'"from": 9'),
    "an id of 200 bytes": put(PLAIN, "id", "永" * 66 + "ab"),
    "any text as unit": put(PLAIN, "items.0.unit", ""),
    "escaped pair": text(ROUND, '"golden"', '"\\ud83c\\udf3e"'),
    "the largest amounts": put(PLAIN, "demand.0.accepts.0.limit", 10**12),
    "a key in another order": encoded(dict(reversed(PLAIN.items()))),
}


@pytest.mark.parametrize("name", GOOD_ROUNDS)
def test_a_round_all_the_same(name: str) -> None:
    assert verifier.verify(GOOD_ROUNDS[name], encoded(CLEARING))[0].ok is False  # of other bytes


def test_amounts_up_to_10_18() -> None:
    rich = copy.deepcopy(PLAIN)
    rich["demand"][0] |= {"quantity": 10**6, "accepts": [{"item": "x", "limit": 10**12}]}
    rich["demand"][1]["accepts"][0]["limit"] = 0
    verifier.Round(encoded(rich), "round")
    rich["demand"][1]["accepts"][0]["limit"] = 1
    with pytest.raises(verifier.Unusable, match="demand: 1000000000000000010 is not a possible total value"):
        verifier.Round(encoded(rich), "round")
    rich["must_serve"] = True  # limits don't count
    verifier.Round(encoded(rich), "round")
    rich["offers"][0]["tiers"][0]["price"] = 10**12
    with pytest.raises(verifier.Unusable, match=r"offers: .* is not a possible total cost"):
        verifier.Round(encoded(rich), "round")


@given(st.binary(max_size=60), st.integers(0, len(ROUND)), st.booleans())
def test_any_bytes(junk: bytes, at: int, of_round: bool) -> None:
    good = ROUND if of_round else encoded(CLEARING)
    bad = good[:at] + junk + good[at + len(junk) :]
    pair = (bad, encoded(CLEARING)) if of_round else (ROUND, bad)
    with contextlib.suppress(verifier.Unusable):
        assert len(verifier.verify(*pair)) == 15


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize("kind", ["missing", "directory", "under a file", "no permission", "garbage"])
def test_a_file_that_cannot_be_used_is_one_line(
    kind: str, which: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / "round.json", tmp_path / "clearing.json"]
    paths[0].write_bytes(ROUND)
    paths[1].write_bytes(encoded(CLEARING))
    if kind == "missing":
        paths[which].unlink()
    elif kind == "directory":
        paths[which] = tmp_path
    elif kind == "under a file":
        paths[which] = paths[which] / "file"
    elif kind == "no permission":
        paths[which].chmod(0)
        if is_readable(paths[which]):
            pytest.skip("this user may read everything")
    else:
        paths[which].write_bytes(b"\x00\x01")
    assert verifier.main([str(path) for path in paths]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"{paths[which]}: ")
    assert said.err.count("\n") == 1


def is_readable(path: Path) -> bool:
    try:
        path.read_bytes()
    except PermissionError:
        return False
    return True
