"""Identities, and what counts as signed: libsodium's rule, pinned where implementations differ."""

from __future__ import annotations

import gzip
import json
import re
from contextlib import suppress
from pathlib import Path

import plain_ed25519
import pytest
from given_data import shared_file
from hypothesis import given
from hypothesis import strategies as st

from millpond.errors import InputError
from millpond.log.keys import DID_CHARACTERS, Key, did_of, is_signed, public_of

KEY = Key(bytes(range(32)))

RFC_8032 = """
9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60
d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a

e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155
5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b

4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb
3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c
72
92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
"""
"""Tests 1 and 2 of RFC 8032, 7.1: seed, public key, message, the two halves of the signature."""

EDGES = """
305 signed: an ordinary signature
ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f28076
b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506
40657f1cb030f12543549bbabd848dc6403d354e7c99c4d0dcee9f63c9033b00
ed25519vectors 5

7 signed: key and R have a component of low order, and the equation holds with it
10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f
36684ea91032ba5b1dbab2d02f4debc74c3327f2b3802e2e4d371aa42b12b56b
bbfd00bd9c259d8d222d15e67a3d8228585050dbb9b9585be20d8fadc721da03
ed25519vectors

50 signed: only the key has one
10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f
b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506
08f32d206a7c0b7efa9a59e66546e8f1f599ef843fb502c9cc3c4ae8b7c11e05
ed25519vectors 5

0 not: nothing but zeros: key and R of low order
0000000000000000000000000000000000000000000000000000000000000000
0000000000000000000000000000000000000000000000000000000000000000
0000000000000000000000000000000000000000000000000000000000000000
ed25519vectors 3

303 not: the key is of low order
0100000000000000000000000000000000000000000000000000000000000000
b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506
05ba9a796274d80437afa36f1236563f2f3b0aa84cecddc3d20914615ba4fe02
ed25519vectors 5

304 not: R is of low order
ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f28076
0100000000000000000000000000000000000000000000000000000000000000
330b30d6c1f07511e2208d233b6a34d4ed7109da2dea615bcd97daee3a842704
ed25519vectors 7

51 not: holds only if multiplied by 8, which other implementations accept
10eb7c3acfb2bed3e0d6ab89bf5a3d6afddd1176ce4812e38d9fd485058fdb1f
b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506
030b03796b78f7afeadfccaedc9d09ce6d487d1ece1f16b1ae2b59b7e5c40603
ed25519vectors 3

315 not: R is not in its canonical form
0100000000000000000000000000000000000000000000000000000000000000
0100000000000000000000000000000000000000000000000000000000000080
0000000000000000000000000000000000000000000000000000000000000000
ed25519vectors 4

307 not: the key is not in its canonical form
0100000000000000000000000000000000000000000000000000000000000080
b62cf890de42c413b11b1411c9f01f1c4d77aa87ef182258d1251f69af2a3506
05ba9a796274d80437afa36f1236563f2f3b0aa84cecddc3d20914615ba4fe02
ed25519vectors 1

317 not: holds only if the hash is over another form of R
ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f28076
0100000000000000000000000000000000000000000000000000000000000080
330b30d6c1f07511e2208d233b6a34d4ed7109da2dea615bcd97daee3a842704
ed25519vectors 7
"""
"""A few of the 914 vectors, to pin the rule here, too: key, the two halves of a signature, message."""

HARMLESS = {"low_order_component_R", "low_order_component_A"}
"""What a vector may have and still be signed by libsodium's rule; any other flag makes it one that is not."""


@pytest.mark.parametrize("start", [0, 6])
def test_signs_as_the_standard(start: int) -> None:
    lines = [bytes.fromhex(line) for line in RFC_8032.strip().split("\n")]
    seed, public, message, first, second = lines[start : start + 5]
    signature = first + second
    key = Key(seed)
    assert key.public == public
    assert key.sign(message) == signature
    assert is_signed(public, message, signature)
    assert public_of(key.did) == public


@pytest.mark.parametrize("block", EDGES.strip().split("\n\n"), ids=lambda block: block.partition("\n")[0])
def test_edge_of_the_rule(block: str) -> None:
    said, public, first, second, message = block.split("\n")
    signed = is_signed(bytes.fromhex(public), message.encode(), bytes.fromhex(first + second))
    assert ("signed" if signed else "not") == re.sub(r"\d+ (\w+):.*", r"\1", said)


def test_all_914_vectors_as_they_are_pinned() -> None:
    """Verdicts stand in a file beside this one; which they are is also said by the flags of the vectors."""
    vectors = json.loads(gzip.decompress(shared_file("log/ed25519vectors.json.gz")))
    lines = (Path(__file__).parent / "ed25519-verdicts.txt").read_text("utf-8").splitlines()
    pinned = {int(number) for line in lines if not line.startswith("#") for number in line.split()}
    assert [vector["number"] for vector in vectors] == list(range(914))
    assert len(pinned) == 43
    for vector in vectors:
        public, signature = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sig"])
        signed = is_signed(public, vector["msg"].encode(), signature)
        assert signed is (vector["number"] in pinned), vector
        assert signed is (set(vector["flags"] or ()) <= HARMLESS), vector
        # An identity is narrower: a key of the prime-order group, of which the vectors have one.
        if plain_ed25519.is_identity(public):
            assert public.hex() == "ef75b20e7540e3dff77404193652ba2bd13df99c1508eee1515e27ae25f28076"
            assert public_of(did_of(public)) == public
        else:
            with pytest.raises(InputError, match="no key that anybody can sign with"):
                did_of(public)


@given(st.binary(max_size=40), st.binary(max_size=40), st.binary(max_size=70))
def test_any_bytes_are_signed_or_not(public: bytes, message: bytes, signature: bytes) -> None:
    assert is_signed(public, message, signature) is False


def test_lengths_are_looked_at() -> None:
    signature = KEY.sign(b"rice")
    assert is_signed(KEY.public, b"rice", signature)
    assert not is_signed(KEY.public[:31], b"rice", signature)
    assert not is_signed(KEY.public + b"\0", b"rice", signature)
    assert not is_signed(KEY.public, b"e", signature + b"ric")  # together the same bytes
    assert not is_signed(KEY.public, signature[-1:] + b"rice", signature[:-1])


@given(st.integers(0, 64 * 8 - 1))
def test_no_bit_of_a_signature_can_be_changed(bit: int) -> None:
    changed = bytearray(KEY.sign(b"rice"))
    changed[bit // 8] ^= 1 << bit % 8
    assert not is_signed(KEY.public, b"rice", bytes(changed))


@given(st.binary(min_size=32, max_size=32))
def test_identity_and_back(seed: bytes) -> None:
    key = Key(seed)
    assert key.did == did_of(key.public)
    assert len(key.did) == DID_CHARACTERS
    assert key.did.startswith("did:key:z6Mk")
    assert public_of(key.did) == key.public


def test_identity_of_the_did_key_method() -> None:
    """Examples of the W3C CCG's text on did:key."""
    did = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"
    assert public_of(did).hex() == "2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6"
    assert did_of(public_of(did)) == did


DID = KEY.did
NO_IDENTITIES = {
    "nothing": "",
    "not a text": 7,
    "another method": "did:web:pond.example",
    "another base": "did:key:u" + DID[9:],
    "cut off": DID[:-1],
    "one more": DID + "d",
    "with a fragment": DID + "#" + DID[8:],
    "a letter that is none of base58": DID[:-1] + "0",
    "a letter far from ASCII": DID[:-1] + "塘",
    "white space": DID[:-1] + " ",
    "large letters": DID.upper(),
    "a key on another curve": "did:key:zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"[:DID_CHARACTERS],
    "larger than 34 bytes": "did:key:z" + "z" * 47,
    "another key type of this length": "did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc",
    "leading ones": "did:key:z1" + DID[9:-1],
    "no point of the curve": "did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVe",
}


@pytest.mark.parametrize("case", NO_IDENTITIES)
def test_no_identity(case: str) -> None:
    text = NO_IDENTITIES[case]
    with pytest.raises(InputError, match=r"is not (an identity|the identity of an Ed25519 key)") as caught:
        public_of(text)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("hidden", ["\x1b", "\n", "\u202e", "\udca8"])
def test_what_is_no_identity_cannot_do_anything_to_whoever_reads_about_it(hidden: str) -> None:
    """An escape would be obeyed by a terminal; half a character could not even be printed."""
    with pytest.raises(InputError) as caught:
        public_of(DID[:-1] + hidden)
    assert hidden not in str(caught.value)


@given(st.text(max_size=70) | st.from_regex(r"did:key:z6Mk[1-9A-HJ-NP-Za-km-z]{44}", fullmatch=True))
def test_any_text_is_an_identity_or_refused(text: str) -> None:
    try:
        public = public_of(text)
    except InputError:
        return
    assert did_of(public) == text


@given(st.integers(9, DID_CHARACTERS - 1), st.sampled_from("123456789ABCDEFGHJKLMNPQRSTUVWXYZ"))
def test_a_mistyped_identity_is_never_the_same_key(place: int, letter: str) -> None:
    other = DID[:place] + letter + DID[place + 1 :]
    if other == DID:
        return
    with suppress(InputError):
        assert public_of(other) != KEY.public


def test_keys_that_cannot_be() -> None:
    with pytest.raises(InputError, match="32 bytes, these are 31"):
        did_of(bytes(31))
    for seed in (b"", bytes(31), bytes(33), "text of thirty-two characters...", bytearray(32)):
        with pytest.raises(InputError, match="seed: a key's seed is 32 bytes"):
            Key(seed)  # type: ignore[arg-type]


def test_the_secret_is_not_shown() -> None:
    assert repr(KEY) == f"Key(did={DID!r})"
    assert Key(bytes(range(32))) == KEY != Key(bytes(32))
    with pytest.raises(AttributeError):
        KEY.seed = bytes(32)  # type: ignore[misc]


def test_the_rule_as_the_page_states_it_is_the_one_that_is_kept() -> None:
    """docs/reference/statements.md says in four steps what libsodium accepts: tried on all vectors."""
    for vector in json.loads(gzip.decompress(shared_file("log/ed25519vectors.json.gz"))):
        public, signature = bytes.fromhex(vector["key"]), bytes.fromhex(vector["sig"])
        message = vector["msg"].encode()
        assert plain_ed25519.is_signed(public, message, signature) is is_signed(public, message, signature)
    signature = KEY.sign(b"rice")
    assert plain_ed25519.is_signed(KEY.public, b"rice", signature)
    factor = int.from_bytes(signature[32:], "little") + plain_ed25519.L
    larger = signature[:32] + factor.to_bytes(32, "little")
    assert not plain_ed25519.is_signed(KEY.public, b"rice", larger)
    assert not is_signed(KEY.public, b"rice", larger)
