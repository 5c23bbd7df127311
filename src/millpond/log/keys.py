"""Identities: Ed25519 keys, how they are written, and what counts as signed.

A participant is an Ed25519 public key, written as a `did:key` (W3C CCG): "did:key:z", then base58btc of the
two bytes 0xed 0x01 and the 32 bytes of the key.

Invariants:
- *Signed* means what libsodium's `crypto_sign_verify_detached` says, and nothing else decides it:
  implementations of Ed25519 differ at the edges, and nodes must not.
- A key has one text and a text one key. A text is refused whose key no honest owner can have: whose bytes are
  no point of the curve, not its canonical form, or outside the group of prime order (RFC 8032 keys never
  are; libsodium never accepts a signature by one of small order or of non-canonical form). So whoever checks
  Ed25519 strictly, with whatever software, agrees with us about such a key's signatures.
- No randomness: a seed is given, and signatures are deterministic (RFC 8032).

It does not keep keys: that is the node's vault.

>>> key = Key(bytes(range(32)))
>>> key.did
'did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd'
>>> is_signed(public_of(key.did), b"rice", key.sign(b"rice"))
True
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

from millpond.errors import InputError
from millpond.model.rules import shown

SEED_BYTES = 32
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64

DID_CHARACTERS = 56
"""Of every `did:key` of an Ed25519 key: the bytes 0xed 0x01 in front make them equally long."""

_BEGINNING = "did:key:z"
_MULTICODEC = b"\xed\x01"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS = {character: value for value, character in enumerate(_BASE58)}
_REMEMBERED = 4_096
"""Identities whose other form is kept at hand: checking one costs as much as checking a signature."""


@dataclass(frozen=True, slots=True)
class Key:
    """A participant's key pair, from its seed of 32 bytes. Whoever has the seed *is* the participant.

    Neither the seed nor the secret key is ever shown by `repr`; `seed` is for the vault that keeps it.
    """

    seed: bytes = field(repr=False)
    public: bytes = field(init=False, repr=False, compare=False)
    did: str = field(init=False, compare=False)
    _secret: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if type(self.seed) is not bytes or len(self.seed) != SEED_BYTES:
            raise InputError(f"a key's seed is {SEED_BYTES} bytes", at="seed")
        public, secret = crypto_sign_seed_keypair(self.seed)
        object.__setattr__(self, "public", public)
        object.__setattr__(self, "did", did_of(public))
        object.__setattr__(self, "_secret", secret)

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the signature over the message."""
        return crypto_sign(message, self._secret)[:SIGNATURE_BYTES]


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is a signature of the message by the key: libsodium's rule.

    Any bytes may be given; what has not the length of a key or a signature is not signed.
    """
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        return False  # the library would read on past a key that is too short
    try:
        crypto_sign_open(signature + message, public)
    except BadSignatureError:
        return False
    return True


@lru_cache(_REMEMBERED)
def did_of(public: bytes) -> str:
    """The `did:key` of an Ed25519 public key (32 bytes); raises `InputError` if these bytes can be none."""
    _check_public(public)
    return _BEGINNING + _encode(_MULTICODEC + public)


@lru_cache(_REMEMBERED)
def public_of(did: str) -> bytes:
    """The public key (32 bytes) that a `did:key` names; raises `InputError`."""
    if type(did) is not str or not did.startswith(_BEGINNING):
        raise InputError(f"{shown(did)} is not an identity: one begins with did:key:z6Mk")
    if len(did) != DID_CHARACTERS:
        raise InputError(
            f"{shown(did)} is not an identity: one has {DID_CHARACTERS} characters, this has {len(did):,}; "
            "is it whole?"
        )
    decoded = _decode(did, did[len(_BEGINNING) :])
    if decoded[:2] != _MULTICODEC:
        raise InputError(f"{did} is not the identity of an Ed25519 key: one begins with did:key:z6Mk")
    public = decoded[2:]
    try:
        _check_public(public)
    except InputError as error:
        raise InputError(f"{did} is not an identity: {error.problem}") from None
    return public


def _check_public(public: bytes) -> None:
    if len(public) != PUBLIC_BYTES:
        raise InputError(f"a public key is {PUBLIC_BYTES} bytes, these are {len(public):,}")
    if not crypto_core_ed25519_is_valid_point(public):
        raise InputError(
            "its 32 bytes are no key that anybody can sign with (no point of Ed25519's prime-order group)"
        )


def _encode(data: bytes) -> str:
    """Base58btc of bytes that begin with no zero byte."""
    rest, digits = int.from_bytes(data, "big"), ""
    while rest:
        rest, digit = divmod(rest, 58)
        digits = _BASE58[digit] + digits
    return digits


def _decode(did: str, text: str) -> bytes:
    value = 0
    for character in text:
        digit = _DIGITS.get(character)
        if digit is None:
            raise InputError(
                f"{shown(did)} is not an identity: {shown(character)} never stands in one, nor do 0, O, I "
                "and l; copy it rather than typing it"
            )
        value = value * 58 + digit
    try:
        return value.to_bytes(len(_MULTICODEC) + PUBLIC_BYTES, "big")
    except OverflowError:
        raise InputError(
            f"{did} is not the identity of an Ed25519 key: one begins with did:key:z6Mk"
        ) from None
