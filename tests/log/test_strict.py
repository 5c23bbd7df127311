"""Strict JSON: what is refused, where it says so, and that nothing else ever comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.errors import InputError
from millpond.log.strict import MAX_DEPTH, MAX_INTEGER, parse

GOOD: dict[str, tuple[bytes, Any]] = {
    "nothing in it": (b"{}", {}),
    "white space inside": (b'{ "a" :\t1 , "b":[ ] }', {"a": 1, "b": []}),
    "every kind of value": (
        b'{"t":true,"f":false,"n":null,"i":-7,"s":"x","l":[1,[]],"o":{"a":{}}}',
        {"t": True, "f": False, "n": None, "i": -7, "s": "x", "l": [1, []], "o": {"a": {}}},
    ),
    "the largest integer": (b'{"a":9007199254740991}', {"a": MAX_INTEGER}),
    "the smallest integer": (b'{"a":-9007199254740991}', {"a": -MAX_INTEGER}),
    "sixteen digits within": (b'{"a":1234567890123456}', {"a": 1234567890123456}),
    "Chinese": ('{"镇":"永泰"}'.encode(), {"镇": "永泰"}),
    "a pair of surrogates": (b'{"a":"\\ud83c\\udf3e"}', {"a": "🌾"}),
    "escapes": (b'{"a":"\\n\\t\\"\\\\\\/\\u0000"}', {"a": '\n\t"\\/\0'}),
    "an escaped escape": (b'{"a":"\\\\ud800"}', {"a": "\\ud800"}),
    "the same key in two objects": (b'{"a":{"a":1},"b":{"a":2}}', {"a": {"a": 1}, "b": {"a": 2}}),
    "an empty key": (b'{"":1}', {"": 1}),
    "as deep as it may be": (b'{"a":' + b"[" * 15 + b"]" * 15 + b"}", None),
    "many brackets, none deep": (b'{"a":[' + b",".join([b"{}"] * 500) + b"]}", {"a": [{}] * 500}),
    "brackets in a text": (b'{"a":"' + b"[{" * 500 + b'"}', {"a": "[{" * 500}),
    "brackets after an escaped quote": (b'{"a":"\\"' + b"[{" * 500 + b'"}', {"a": '"' + "[{" * 500}),
    "brackets after an escape at the end": (b'{"a":"\\\\","b":"' + b"[" * 99 + b'"}', None),
}

BAD = {
    "nothing": (b"", "byte 0: it does not begin with {"),
    "a byte order mark": (b"\xef\xbb\xbf{}", "byte 0: it begins with a byte order mark"),
    "UTF-16": ("{}".encode("utf-16"), "byte 0: it begins with a byte order mark"),
    "UTF-16 without a mark": ("{}".encode("utf-16-be"), "byte 0: it does not begin with {"),
    "a list": (b"[]", "byte 0: it does not begin with {"),
    "a text": (b'"a"', "byte 0: it does not begin with {"),
    "white space before": (b" {}", "byte 0: it does not begin with {"),
    "white space after": (b"{} ", "it does not end with }"),
    "a line feed after": (b"{}\n", "byte 2: a line feed"),
    "a line feed inside": (b'{"a":\n1}', "byte 5: a line feed"),
    "a line feed in a text": (b'{"a":"\n"}', "byte 6: a line feed"),
    "a carriage return": (b'{"a":\r1}', "byte 5: a carriage return"),
    "cut off": (b'{"a":1', "it does not end with }"),
    "an unfinished text": (b'{"a":"}', "character 5: it ends in the middle"),
    "an unfinished object": (b'{"a":{}', "character 7: it ends in the middle"),
    "two objects": (b"{}{}", 'character 2: "{}" is not JSON here (the object has ended before it)'),
    "more closed than opened": (b"{}}", 'character 2: "}" is not JSON here'),
    "closed the wrong way": (b'{"a":[}', 'character 6: "}" is not JSON here'),
    "a comma too many": (b'{"a":1,}', "character"),
    "single quotes": (b"{'a':1}", "character 1: \"'a':1}\" is not JSON here"),
    "a bare word": (b'{"a":yes}', 'character 5: "yes}" is not JSON here'),
    "a comment": (b'{"a":1/*x*/}', 'character 6: "/*x*/}" is not JSON here'),
    "a tab in a text": (b'{"a":"\t"}', "character 6"),
    "an escape that is none": (b'{"a":"\\x41"}', "character"),
    "another white space": ('{"a":\u00a01}'.encode(), "character 5"),
    "not UTF-8": (b'{"a":"\xff"}', "byte 6: 0xff is not UTF-8"),
    "UTF-8 longer than need be": (b'{"a":"\xc0\xaf"}', "byte 6: 0xc0 is not UTF-8"),
    "a surrogate in UTF-8": (b'{"a":"\xed\xa0\x80"}', "byte 6: 0xed is not UTF-8"),
    "half a pair": (b'{"a":["x","\\ud800"]}', "a[1]: half of a surrogate pair"),
    "half a pair in capitals": (b'{"a":"\\uDC00x"}', "a: half of a surrogate pair"),
    "half a pair as a key": (b'{"a":{"\\udfff":1}}', 'a["\\udfff"]: half of a surrogate pair'),
    "a pair the wrong way round": (b'{"a":"\\udf3e\\ud83c"}', "a: half of a surrogate pair"),
    "a key twice": (b'{"o":{"a":1,"a":1}}', "o.a: this key stands twice"),
    "a key twice, once escaped": (b'{"a":1,"\\u0061":2}', "a: this key stands twice"),
    "a fraction": (b'{"o":[{"a":3.5}]}', "o[0].a: 3.5 is not an integer"),
    "a fraction that is whole": (b'{"a":3.0}', "a: 3.0 is not an integer"),
    "an exponent": (b'{"a":1e3}', "a: 1e3 is not an integer"),
    "minus nought": (b'{"a":-0}', "a: -0 is not an integer; nought is written 0"),
    "not a number": (b'{"a":NaN}', "a: NaN is not an integer"),
    "endless": (b'{"a":Infinity}', "a: Infinity is not an integer"),
    "endless the other way": (b'{"a":-Infinity}', "a: -Infinity is not an integer"),
    "one too large": (b'{"a":9007199254740992}', "a: 9007199254740992 is not an integer from"),
    "one too small": (b'{"a":-9007199254740992}', "a: -9007199254740992 is not an integer from"),
    "very large": (b'{"a":' + b"9" * 30_000 + b"}", "a: 999999999999999999999999999999… (30,000 digits)"),
    "a very long fraction": (b'{"a":0.' + b"1" * 30_000 + b"}", "a: 0.1111111111111111111111111111… is not"),
    "a nought in front": (b'{"a":01}', 'character 6: "1}" is not JSON here'),
    "a plus": (b'{"a":+1}', 'character 5: "+1}" is not JSON here'),
    "another script's digits": ('{"a":١}'.encode(), "character 5"),
    "one too deep": (b'{"a":' + b"[" * 16 + b"]" * 16 + b"}", "nested deeper than 16 levels"),
    "objects too deep": (b'{"a":' * 17 + b"1" + b"}" * 17, "nested deeper than 16 levels"),
    "as deep as fits": (b"{" + b"[" * 30_000 + b"}", "nested deeper than 16 levels"),
    "an unfinished text of quotes": (b'{"' + b'\\"' * 16_000 + b"[" * 99 + b"}", "it ends in the middle"),
    "unfinished escapes": (b'{"' + b"\\" * 32_001 + b"}", "is not JSON here (Invalid"),
}


@pytest.mark.parametrize("case", GOOD)
def test_good(case: str) -> None:
    payload, value = GOOD[case]
    assert parse(payload) == (json.loads(payload) if value is None else value)


@pytest.mark.parametrize("case", BAD)
def test_bad(case: str) -> None:
    payload, said = BAD[case]
    with pytest.raises(InputError) as caught:
        parse(payload)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 250


def deep_call(levels: int, payload: bytes) -> Any:
    return deep_call(levels - 1, payload) if levels else parse(payload)


def test_the_stack_decides_nothing() -> None:
    """From however deep a call: the same verdict, or the interpreter says that its stack is full."""
    good, bad = (b'{"a":' + b"[" * levels + b"]" * levels + b"}" for levels in (MAX_DEPTH - 1, MAX_DEPTH))
    for levels in range(0, 1_000, 10):
        try:
            assert deep_call(levels, good)
        except RecursionError:
            break
        with pytest.raises(InputError, match="nested deeper"):
            deep_call(levels, bad)
    assert levels > 100


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-MAX_INTEGER, MAX_INTEGER) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


@given(
    st.dictionaries(TEXTS, VALUES, max_size=5), st.booleans(), st.sampled_from([(",", ":"), (", ", " : ")])
)
def test_what_is_written_is_read(value: dict[str, Any], ascii_only: bool, marks: tuple[str, str]) -> None:
    payload = json.dumps(value, ensure_ascii=ascii_only, separators=marks).encode()
    if depth(value) > MAX_DEPTH:
        with pytest.raises(InputError, match="nested deeper"):
            parse(payload)
    else:
        assert parse(payload) == value


JSON_BYTES = st.lists(
    st.sampled_from(
        [b"{", b"}", b"[", b"]", b'"', b"\\", b"\\u", b"d800", b",", b":", b"1", b"-", b".", b"e", b"a"]
    )
    | st.binary(max_size=2),
    max_size=40,
).map(b"".join)


@given(st.binary(max_size=60) | JSON_BYTES.map(lambda inner: b"{" + inner + b"}") | JSON_BYTES)
def test_any_bytes_are_an_object_or_refused(payload: bytes) -> None:
    try:
        value = parse(payload)
    except InputError as error:
        str(error).encode()
        return
    assert value == json.loads(payload)
    assert depth(value) <= MAX_DEPTH
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3), st.data())
def test_a_changed_byte_is_another_object_or_refused(value: dict[str, Any], data: st.DataObject) -> None:
    payload = json.dumps(value, separators=(",", ":")).encode()
    place = data.draw(st.integers(0, len(payload) - 1))
    changed = payload[:place] + bytes([data.draw(st.integers(0, 255))]) + payload[place + 1 :]
    try:
        read = parse(changed)
    except InputError:
        return
    assert read == json.loads(changed)
