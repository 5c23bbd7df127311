"""Our statements, judged by software that knows nothing of us: securesystemslib takes them as DSSE envelopes.

It checks signatures with OpenSSL, so an agreement is one between three implementations of Ed25519.
"""

from __future__ import annotations

import json
from base64 import b64encode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey

from millpond.errors import InputError
from millpond.log.keys import Key, public_of
from millpond.log.statement import PAYLOAD_TYPE, join, pae, read, sign, split, write

KEY = Key(bytes(range(32)))
OTHER = Key(bytes(range(1, 33)))
PAYLOAD = write("profile/1", KEY.did, 1_790_000_000_000, {"name": "永泰", "about": "大米\n茶油"})
ENTRY = sign(PAYLOAD, KEY)


def their_key(did: str) -> SSlibKey:
    """The key of an identity as securesystemslib has it; its id is ours."""
    return SSlibKey.from_crypto(Ed25519PublicKey.from_public_bytes(public_of(did)), keyid=did)


def envelope_of(entry: bytes, did: str) -> Envelope:
    """An entry of a log as the JSON envelope of DSSE, read by them."""
    payload, signature = split(entry)
    text = json.dumps(
        {
            "payload": b64encode(payload).decode(),
            "payloadType": PAYLOAD_TYPE,
            "signatures": [{"keyid": did, "sig": b64encode(signature).decode()}],
        }
    )
    return Envelope.from_dict(json.loads(text))


def test_they_verify_our_statement() -> None:
    envelope = envelope_of(ENTRY, KEY.did)
    assert envelope.payload == PAYLOAD
    assert envelope.pae() == pae(PAYLOAD)
    assert list(envelope.verify([their_key(KEY.did)], 1)) == [KEY.did]


def test_they_refuse_what_we_refuse() -> None:
    payload, signature = split(ENTRY)
    forged = {
        "another's signature": join(payload, OTHER.sign(pae(payload))),
        "a signature over the payload alone": join(payload, KEY.sign(payload)),
        "another payload": join(payload.replace(b"1790000000000", b"1790000000001"), signature),
        "a changed signature": join(payload, signature[:-1] + bytes([signature[-1] ^ 1])),
    }
    for case, entry in forged.items():
        with pytest.raises(VerificationError):
            envelope_of(entry, KEY.did).verify([their_key(KEY.did)], 1)
        with pytest.raises(InputError, match="signature"):
            read(entry, KEY.did)
        assert entry != ENTRY, case


def test_we_read_what_they_sign() -> None:
    """The same seed in their hands makes the same bytes: who has no Millpond can write entries, too."""
    theirs = CryptoSigner(Ed25519PrivateKey.from_private_bytes(KEY.seed), their_key(KEY.did))
    envelope = Envelope(PAYLOAD, PAYLOAD_TYPE, {})
    made: Signature = envelope.sign(theirs)
    entry = join(envelope.payload, bytes.fromhex(made.signature))
    assert entry == ENTRY
    assert read(entry, KEY.did).body["name"] == "永泰"


@given(
    st.binary(min_size=32, max_size=32),
    st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")), max_size=4),
    st.integers(0, 2**53 - 1),
)
def test_they_verify_whatever_we_sign(seed: bytes, body: dict[str, str], time_ms: int) -> None:
    key = Key(seed)
    entry = sign(write("note/1", key.did, time_ms, body), key)
    assert list(envelope_of(entry, key.did).verify([their_key(key.did)], 1)) == [key.did]
