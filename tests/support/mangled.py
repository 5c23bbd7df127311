"""Bytes that were right before something happened to them, and what every parser must do with any bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import strategies as st

from millpond.errors import InputError

_PIECES = [b"\n", b"\n\n", b" ", b"=", b"\x00", b"\xff", b"\xe2\x80\x94 ", b"0", b"9" * 30, b"A" * 43 + b"="]


@st.composite
def mangled(draw: st.DrawFn, *good: bytes) -> bytes:
    """One of the good ones with up to four pieces cut out, doubled, replaced or put in; or any bytes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=200))
    data = draw(st.sampled_from(good))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(data)))
        end = draw(st.integers(start, min(len(data), start + 60)))
        piece = draw(
            st.one_of(
                st.just(b""), st.just(data[start:end] * 2), st.sampled_from(_PIECES), st.binary(max_size=4)
            )
        )
        data = data[:start] + piece + data[end:]
    return data


def accepted(parse: Callable[[bytes], Any], data: bytes) -> Any:
    """What the parser made of the bytes, None if it refused them. Whatever else it raises, the test fails."""
    try:
        return parse(data)
    except InputError:
        return None


def flips(data: bytes, *, every: int = 1) -> Iterator[bytes]:
    """The bytes with one bit turned: each of them, or one in `every`."""
    for bit in range(0, 8 * len(data), every):
        turned = bytearray(data)
        turned[bit // 8] ^= 1 << bit % 8
        yield bytes(turned)
