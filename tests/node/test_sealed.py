"""A sealed file opens with its passphrase, whole, or not at all."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from millpond.errors import InputError
from millpond.node import sealed

KEY = "seven ponds, one mill"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed, "PASSES", 1)
    monkeypatch.setattr(sealed, "MEMORY_KIB", 64)


def seal(data: bytes, passphrase: str = KEY, at_once: int = 10_000) -> bytes:
    file = io.BytesIO()
    sealer = sealed.Sealer(file, passphrase)
    for at in range(0, len(data), at_once):
        sealer.write(data[at : at + at_once])
    sealer.close()
    sealer.close()
    return file.getvalue()


def unseal(data: bytes, passphrase: str = KEY) -> bytes:
    return b"".join(sealed.opened(io.BytesIO(data), passphrase))


@pytest.mark.parametrize("size", [0, 1, sealed.PIECE - 1, sealed.PIECE, sealed.PIECE + 1, 3 * sealed.PIECE])
def test_what_was_sealed_is_opened(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    shut = seal(data[:size])
    assert unseal(shut) == data[:size]
    assert sealed.is_sealed(io.BytesIO(shut))
    assert data[:size] not in shut or size < 8


def test_full_width_letters_are_the_same_passphrase() -> None:
    assert unseal(seal(b"rice", "ｐｏｎｄｓ 平塘"), "ponds 平塘") == b"rice"


def test_another_passphrase_opens_nothing() -> None:
    with pytest.raises(InputError, match="passphrase"):
        unseal(seal(b"rice"), KEY + "s")


def test_two_files_of_the_same_differ() -> None:
    assert seal(b"rice") != seal(b"rice")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_changed_byte_anywhere_opens_nothing(data: st.DataObject) -> None:
    shut = bytearray(SHUT)
    at = data.draw(st.integers(0, len(shut) - 1))
    shut[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(InputError):
        unseal(bytes(shut))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**31))
def test_cut_off_anywhere_it_does_not_end(seed: int) -> None:
    with pytest.raises(InputError):
        unseal(SHUT[: seed % len(SHUT)])


def test_pieces_do_not_change_places_and_nothing_follows() -> None:
    head, size = 18 + 8 + 16 + 24, sealed.PIECE + 17
    first, second = SHUT[head : head + size], SHUT[head + size : head + 2 * size]
    assert len(second) == size
    for wrong in (
        SHUT[:head] + second + first + SHUT[head + 2 * size :],
        SHUT[:head] + first + SHUT[head + 2 * size :],
        SHUT + b"\0",
    ):
        with pytest.raises(InputError):
            unseal(wrong)


def test_a_file_may_not_ask_for_all_memory() -> None:
    greedy = bytearray(seal(b"rice"))
    greedy[22:26] = (2**31).to_bytes(4, "big")
    with pytest.raises(InputError):
        unseal(bytes(greedy))


def _shut() -> bytes:
    passes, memory = sealed.PASSES, sealed.MEMORY_KIB
    sealed.PASSES, sealed.MEMORY_KIB = 1, 64
    try:
        return seal(b"rice and noodles " * 10_000)
    finally:
        sealed.PASSES, sealed.MEMORY_KIB = passes, memory


SHUT = _shut()
