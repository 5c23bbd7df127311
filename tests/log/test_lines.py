"""Decimals, base64, hashes: one spelling each."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.errors import InputError
from millpond.log.lines import base64_bytes, base64_hash, base64_text, decimal, utf8


@pytest.mark.parametrize("number", [0, 1, 9, 10, 20852163, 2**53, 2**63 - 1])
def test_a_decimal_is_read_as_it_is_written(number: int) -> None:
    assert decimal(str(number)) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "00",
        "01",
        "-1",
        "+1",
        "1 ",
        " 1",
        "1\n",
        "1.0",
        "1e3",
        "0x1",
        "1_000",
        "١",
        "１",
        str(2**63),
        "9" * 5_000,
    ],
)
def test_another_spelling_of_a_number_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"size: .* is no number from 0 to 9223372036854775807"):
        decimal(text, at="size")


def test_a_number_has_a_largest() -> None:
    assert decimal("7", most=7) == 7
    with pytest.raises(InputError, match="from 0 to 7"):
        decimal("8", most=7)


@given(st.binary(max_size=100))
def test_base64_is_read_as_it_is_written(data: bytes) -> None:
    assert base64_text(data) == b64encode(data).decode()
    assert base64_bytes(base64_text(data)) == data


@pytest.mark.parametrize(
    "text",
    {
        "no padding": "bWlsbA",
        "half of the padding": "bWlsbA=",
        "too much padding": "bWlsbA===",
        "padding bits that are not zero": "bWlsbB==",
        "the alphabet of URLs": "_-__",
        "a space inside": "bWls bA==",
        "a newline behind": "bWlsbA==\n",
        "padding in the middle": "bA==bA==",
        "a letter that is none": "bWlsbÄ==",
        "half a surrogate pair": "bWls\ud800bA=",
        "a full-width letter": "ｂWlsbA==",
    }.values(),
)
def test_another_spelling_of_base64_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"here: .* is not base64 as it is written"):
        base64_bytes(text, at="here")


@given(st.text(max_size=12))
def test_no_text_has_two_readings(text: str) -> None:
    try:
        data = base64_bytes(text)
    except InputError:
        return
    assert base64_text(data) == text


def test_a_hash_has_its_length() -> None:
    assert base64_hash(base64_text(bytes(32))) == bytes(32)
    for length in (0, 31, 33):
        with pytest.raises(InputError, match=rf"root: .* is not a hash of 32 bytes, but {length}"):
            base64_hash(base64_text(bytes(length)), at="root")


def test_text_is_utf8_and_not_too_long() -> None:
    assert utf8("平塘".encode(), what="this", most=6) == "平塘"
    with pytest.raises(InputError, match="this has at most 5 bytes, this one 6"):
        utf8("平塘".encode(), what="this", most=5)
    with pytest.raises(InputError, match="this is UTF-8 text; this one is not, from byte 2 on"):
        utf8(b"ab\xff", what="this", most=5)
    with pytest.raises(InputError):
        utf8(b"\xed\xa0\x80", what="a surrogate", most=5)
