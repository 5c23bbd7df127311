"""Every defect of a file is one message: the file, the place in it, the value, the rule."""

import contextlib
import copy
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_rounds import encoded, example_clearing, example_round

from millpond.errors import InputError
from millpond.model import read_clearing, read_round


def changed(path: str, value: Any) -> bytes:
    """The example round with the value at this path (dots and numbers) replaced; ... removes it.

    Every character is escaped, so that half a surrogate pair reaches the reader.
    """
    plain = example_round()
    *outer, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    holder: Any = plain
    for step in outer:
        holder = holder[step]
    if value is ...:
        del holder[last]
    else:
        holder[last] = value
    return json.dumps(plain).encode()


def message(data: bytes, read: Callable[..., Any] = read_round) -> str:
    with pytest.raises(InputError) as caught:
        read(data, "wants.json")
    text = str(caught.value)
    assert text.startswith("wants.json: ")
    assert "\n" not in text
    assert len(text) < 500
    return text.removeprefix("wants.json: ")


BYTES = {
    "empty": (b"", "line 1 column 1: it ends in the middle"),
    "truncated": (encoded(example_round())[:300], "it ends in the middle"),
    "truncated in a text": (b'{"id": "ri', "it ends in the middle"),
    "not JSON": (b"rice, please", 'line 1 column 1: "rice, please" is not JSON here'),
    "two values": (b"{} {}", "line 1 column 4"),
    "a comma too many": (b"[1,]", "is not JSON here"),
    "byte order mark": (b"\xef\xbb\xbf{}", "byte 0: it begins with a byte order mark"),
    "UTF-16": ("{}".encode("utf-16"), "byte 0: it begins with a byte order mark"),
    "UTF-16 without a mark": ('{"id": "平"}'.encode("utf-16-be"), "is not"),
    "GB 18030": ('{"id": "平塘"}'.encode("gb18030"), "byte 10: 0xcc is not UTF-8"),
    "a NUL": (b'{"id": "\x00"}', "is not JSON here"),
    "a number": (b"3", "3 is not an object of format millpond-round/1"),
    "a list": (b"[]", "an empty list is not an object"),
    "200,000 brackets": (b"[" * 200_000, "nested deeper than 4,200 levels"),
    "200,000 closed brackets": (b"[" * 200_000 + b"]" * 200_000, "nested deeper than 4,200 levels"),
    "200,000 objects": (b'{"a":' * 200_000, "nested deeper than 4,200 levels"),
    "4,000 brackets": (b"[" * 4_000 + b"]" * 4_000, "a list of 1 is not an object"),
    "4,000 brackets, truncated": (b"[" * 4_000, "it ends in the middle"),
    "brackets in an ignored key": (
        b'{"format": "millpond-round/1", "x_a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        "nested deeper than 4,200 levels",
    ),
    "a key twice": (b'{"a": {"b": 1, "b": 1}}', 'a: key "b" stands twice in this object'),
    "a key twice, in other letters": (b'{"a": [{"b": 1, "\\u0062": 1}]}', 'a[0]: key "b" stands twice'),
    "a key twice, ignored": (b'{"x_a": [{"b": 1, "b": 1}]}', 'x_a[0]: key "b" stands twice'),
    "NaN": (b'{"a b": [NaN]}', '["a b"][0]: NaN is not a number of JSON'),
    "-Infinity, ignored": (b'{"x_a": -Infinity}', "x_a: -Infinity is not a number of JSON"),
    "no format": (b"{}", 'format: is missing; it must be "millpond-round/1"'),
    "another version": (b'{"format": "millpond-round/2"}', 'format: "millpond-round/2" is not known here'),
    "another format": (encoded(example_clearing()), 'format: "millpond-clearing/1" is not known here'),
    "version as a number": (b'{"format": 1.0}', "format: 1.0 is not known here"),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_that_are_no_round(name: str) -> None:
    data, expected = BYTES[name]
    assert expected in message(data)


LONG = "x" * 201
VALUES: dict[str, tuple[str, Any, str]] = {
    "float": (
        "demand.0.accepts.0.limit",
        3.5,
        "demand[0].accepts[0].limit: 3.5 is not an integer from 0 to 10^12",
    ),
    "whole float": ("offers.0.setup", 1.0, "offers[0].setup: 1.0 is not an integer"),
    "boolean": ("items.0.load", True, "items[0].load: true is not an integer from 0 to 1,000,000"),
    "integer as text": ("demand.0.quantity", "40", 'demand[0].quantity: "40" is not an integer'),
    "10^400": ("offers.0.capacity", 10**400, "offers[0].capacity: 100000000000000000000000000000… (401 char"),
    "null": ("items.0.reference", None, "items[0].reference: null is not"),
    "negative": (
        "offers.0.tiers.0.price",
        -1,
        "offers[0].tiers[0].price: -1 is not an integer from 0 to 10^12",
    ),
    "amount above 10^12": ("items.0.reference", 10**12 + 1, "items[0].reference: 1000000000001 is not"),
    "quantity 0": ("demand.0.quantity", 0, "demand[0].quantity: 0 is not an integer from 1 to 10^9"),
    "capacity 10^9 + 1": ("offers.0.capacity", 10**9 + 1, "offers[0].capacity: 1000000001 is not"),
    "load 10^6 + 1": ("items.0.load", 10**6 + 1, "items[0].load: 1000001 is not"),
    "freight_pooled 101": ("freight_pooled", 101, "freight_pooled: 101 is not an integer from 0 to 100"),
    "solidarity 1001": ("solidarity", 1001, "solidarity: 1001 is not an integer from 0 to 1,000"),
    "must_serve 1": ("must_serve", 1, "must_serve: 1 is not true or false"),
    "latitude": ("places.0.latitude_microdeg", 90_000_001, "places[0].latitude_microdeg: 90000001 is not"),
    "minimum above quantity": (
        "demand.0.minimum",
        41,
        "demand[0].minimum: 41 is not at most the line's quantity",
    ),
    "currency": ("currency", "cny", 'currency: "cny" is not an ISO 4217 code'),
    "currency in other letters": ("currency", "ＣＮＹ", 'currency: "ＣＮＹ" is not an ISO 4217 code'),
    "no such day": ("demand.0.needed_by", "2026-02-30", 'demand[0].needed_by: "2026-02-30" is not a date'),
    "day in basic form": ("offers.0.ready_on", "20261215", 'offers[0].ready_on: "20261215" is not a date'),
    "day with a time": ("offers.0.ready_on", "2026-12-15T00:00", "offers[0].ready_on"),
    "empty id": ("items.0.id", "", 'items[0].id: "" is not an id: a text of 1 to 200 bytes'),
    "long id": ("offers.0.maker", LONG, "(this one has 201)"),
    "id of 201 bytes": ("offers.0.maker", "永" * 67, "(this one has 201)"),
    "half a surrogate": ("places.0.id", "\ud800", "places[0].id: "),
    "half a surrogate in a name": ("places.0.name", {"zh": "\udc00"}, "places[0].name.zh: "),
    "half a surrogate in a key": ("places.0.name", {"\udc00": "x"}, "places[0].name: "),
    "name a text": ("items.0.name", "Rice", 'items[0].name: "Rice" is not an object'),
    "empty family": ("items.1.family", "", 'items[1].family: "" is not an id'),
    "two loads": (
        "items.1.load",
        6,
        'items[1].load: 6 is not 5, the load of "rice-5kg": family "rice-5kg" has one',
    ),
    "unknown key": ("offers.0.color", "red", "offers[0].color: unknown key; known are id, maker, capacity"),
    "unknown key at the top": ("Id", "x", "Id: unknown key"),
    "unknown odd key": ("items.0.a b", 1, 'items[0]["a b"]: unknown key'),
    "missing key": ("offers.0.tiers.0.from", ..., "offers[0].tiers[0].from: is missing, and required"),
    "missing list": ("places", ..., "places: is missing, and required"),
    "not a list": ("items", {}, "items: an object is not a list"),
    "not an object": ("items.1", "rice", 'items[1]: "rice" is not an object'),
    "null row": ("demand.1", None, "demand[1]: null is not an object"),
    "no accepts": ("demand.0.accepts", [], "demand[0].accepts: an empty list is not a list of 1 or more"),
    "no items of an offer": (
        "offers.0.items",
        [],
        "offers[0].items: an empty list is not a list of 1 or more",
    ),
    "no tiers": ("offers.0.tiers", [], "offers[0].tiers: an empty list is not a list of 1 or more"),
    "tiers out of order": ("offers.0.tiers.0.from", 31, "offers[0].tiers[1].from: 30 is not above 31"),
    "tiers at one start": ("offers.0.tiers.0.from", 30, "offers[0].tiers[1].from: 30 is not above 30"),
    "an item twice in a line": (
        "demand.0.accepts.1.item",
        "rice-5kg",
        'accepts[1].item: "rice-5kg" stands at [0]',
    ),
    "an item twice in an offer": (
        "offers.0.items.1.item",
        "rice-5kg",
        'items[1].item: "rice-5kg" stands at [0]',
    ),
    "a place twice in freight": ("offers.0.freight.1.place", "p1", 'freight[1].place: "p1" stands at [0]'),
    "an item id twice": (
        "items.1.id",
        "rice-5kg",
        'items[1].id: "rice-5kg" stands at [0] already; ids are unique',
    ),
    "a place id twice": ("places.1.id", "p1", 'places[1].id: "p1" stands at [0] already'),
    "a line id twice": ("demand.1.id", "d1", 'demand[1].id: "d1" stands at [0] already'),
    "unknown place of a line": (
        "demand.1.place",
        "p9",
        'demand[1].place: "p9" is not the id of a place of this round',
    ),
    "unknown item of a line": (
        "demand.1.accepts.0.item",
        "tea",
        'demand[1].accepts[0].item: "tea" is not the id of an',
    ),
    "unknown item of an offer": (
        "offers.0.items.0.item",
        "tea",
        'offers[0].items[0].item: "tea" is not the id of an',
    ),
    "unknown place of freight": (
        "offers.0.freight.1.place",
        "p9",
        'offers[0].freight[1].place: "p9" is not the id of a',
    ),
    "a list as an id": ("demand.1.place", ["p1"], "demand[1].place: a list of 1 is not a text"),
}


@pytest.mark.parametrize("name", VALUES)
def test_values_that_break_a_rule(name: str) -> None:
    path, value, expected = VALUES[name]
    assert expected in message(changed(path, value))


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1e400", "1e400 is not an integer"),
        ("1E2", "1E2 is not an integer"),
        ("-0.0", "-0.0 is not an integer"),
        ("1" + "0" * 400, "100000000000000000000000000000… (401 characters) is not an integer"),
        ("9" * 200_000, "(200,000 characters) is not an integer"),
    ],
)
def test_numbers_are_shown_as_they_stand(number: str, shown: str) -> None:
    data = encoded(example_round()).replace(b'"setup": 20000', b'"setup": ' + number.encode())
    assert message(data).startswith("offers[0].setup: ")
    assert shown in message(data)


@pytest.mark.parametrize("read", [read_round, read_clearing])
@given(
    data=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_any_bytes_give_one_message(read: Callable[..., Any], data: bytes) -> None:
    message(data, read)


@given(cut=st.integers(0, len(encoded(example_round())) - 1))
def test_every_truncation_gives_one_message(cut: int) -> None:
    message(encoded(example_round())[:cut])


@given(at=st.integers(0, len(encoded(example_round())) - 1), byte=st.integers(0, 255))
def test_any_changed_byte_gives_a_round_or_one_message(at: int, byte: int) -> None:
    data = bytearray(encoded(example_round()))
    data[at] = byte
    with contextlib.suppress(InputError):
        read_round(bytes(data))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_deep_and_shallow_parsing_agree(value: Any) -> None:
    from millpond.model.parsing import _Parser

    text = json.dumps(value, indent=1)
    assert _Parser().deep(text) == _Parser().shallow(text) == value


@given(st.text(alphabet='[]{}",:1a \\n', max_size=12))
def test_deep_and_shallow_parsing_refuse_the_same(text: str) -> None:
    from millpond.model.parsing import _Parser

    def outcome(parse: Callable[[str], Any]) -> Any:
        try:
            return parse(text)
        except (InputError, json.JSONDecodeError):
            return InputError

    assert outcome(_Parser().deep) == outcome(_Parser().shallow)


def test_unknown_keys_that_begin_with_x_are_ignored() -> None:
    plain = example_round(x_note={"any": [1.5, None]})
    plain["offers"][0]["tiers"][0]["x_why"] = "new machine"
    assert read_round(encoded(plain)) == read_round(encoded(example_round()))


def test_the_reader_leaves_the_recursion_limit_alone() -> None:
    before = sys.getrecursionlimit()
    message(b"[" * 200_000)
    assert sys.getrecursionlimit() == before


def test_sha256_is_of_the_bytes() -> None:
    one, other = read_round(encoded(example_round())), read_round(encoded(example_round()) + b"\n")
    assert one == other
    assert one.sha256 != other.sha256
    assert len(one.sha256) == 64


def _clearing(change: Callable[[dict[str, Any]], object]) -> bytes:
    plain = copy.deepcopy(example_clearing())
    change(plain)
    return encoded(plain)


CLEARINGS: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no certificate": (lambda c: c.pop("certificate"), "certificate: is missing"),
    "no tree": (lambda c: c["certificate"].pop("tree"), "certificate.tree: is missing"),
    "tree a list": (
        lambda c: c["certificate"].update(tree=[]),
        "certificate.tree: an empty list is not an object",
    ),
    "scale 0": (lambda c: c["certificate"].update(scale=0), "certificate.scale: 0 is not an integer from 1"),
    "branch without high": (
        lambda c: c["certificate"]["tree"].pop("high"),
        "certificate.tree.high: is missing, and required",
    ),
    "branch with lines": (
        lambda c: c["certificate"]["tree"].update(lines={}),
        "certificate.tree.lines: unknown key",
    ),
    "float multiplier": (
        lambda c: c["certificate"]["tree"]["low"]["lines"].update(d1=0.5),
        "certificate.tree.low.lines.d1: 0.5 is not an integer",
    ),
    "float in tiers": (
        lambda c: c["certificate"]["tree"]["low"]["tiers"].update(o1=[0.5]),
        "certificate.tree.low.tiers.o1: 0.5 is not an integer",
    ),
    "tiers not a list": (
        lambda c: c["certificate"]["tree"]["low"]["tiers"].update(o1=3),
        "certificate.tree.low.tiers.o1: 3 is not a list",
    ),
    "negative runs": (
        lambda c: c["certificate"]["tree"]["high"].update(runs=-1),
        "certificate.tree.high.runs: -1 is not an integer from 0",
    ),
    "awards out of order": (
        lambda c: c["awards"].reverse(),
        'awards[1]: "d1", "o1", "rice-5kg" is before the row',
    ),
    "an award twice": (lambda c: c["awards"].append(c["awards"][1]), "awards[2]: "),
    "quantity 0": (
        lambda c: c["awards"][0].update(quantity=0),
        "awards[0].quantity: 0 is not an integer from 1",
    ),
    "float price": (
        lambda c: c["prices"][0].update(price=4097.0),
        "prices[0].price: 4097.0 is not an exact fraction",
    ),
    "price as a number": (
        lambda c: c["prices"][0].update(price=4097),
        "prices[0].price: 4097 is not an exact",
    ),
    "not lowest terms": (
        lambda c: c["prices"][0].update(price="2/4"),
        'prices[0].price: "2/4" is not an exact',
    ),
    "over one": (lambda c: c["prices"][0].update(price="3/1"), 'prices[0].price: "3/1" is not an exact'),
    "minus nothing": (lambda c: c["prices"][0].update(price="-0"), 'prices[0].price: "-0" is not an exact'),
    "over nothing": (lambda c: c["prices"][0].update(price="1/0"), 'prices[0].price: "1/0" is not an exact'),
    "other digits": (lambda c: c["prices"][0].update(price="１"), 'prices[0].price: "１" is not an exact'),
    "level false": (
        lambda c: c["levels"][0].update(level=False),
        "levels[0].level: false is not an exact fraction",
    ),
    "short 0": (lambda c: c["levels"][0].update(short=0), "levels[0].short: 0 is not true or false"),
    "payment 0": (
        lambda c: c["bills"][0]["payments"][0].update(amount=0),
        "bills[0].payments[0].amount: 0 is not written: a payment of nothing is left out",
    ),
    "payment too far below 0": (
        lambda c: c["bills"][0]["payments"][0].update(amount=-(10**18) - 1),
        "bills[0].payments[0].amount: -1000000000000000001 is not an integer from -10^18 to 10^18",
    ),
    "settlement below 0": (
        lambda c: c["settlements"][0].update(amount=-1),
        "settlements[0].amount: -1 is not an integer from 1 to 10^18",
    ),
    "score null": (lambda c: c.update(score=None), "score: null is not a value"),
    "score too large": (lambda c: c.update(score=10**18 + 1), "score: 1000000000000000001 is not"),
    "hash": (lambda c: c.update(round_sha256="0" * 63), "round_sha256: "),
    "gap": (lambda c: c.update(gap="0.0028"), 'gap: "0.0028" is not a text with six decimals'),
    "gap a number": (lambda c: c.update(gap=0.002857), "gap: 0.002857 is not a text"),
    "another version": (
        lambda c: c.update(format="millpond-clearing/9"),
        'format: "millpond-clearing/9" is not known',
    ),
    "unknown key": (lambda c: c.update(colour="red"), "colour: unknown key"),
}


@pytest.mark.parametrize("name", CLEARINGS)
def test_clearings_that_break_a_rule(name: str) -> None:
    change, expected = CLEARINGS[name]
    assert expected in message(_clearing(change), read_clearing)
