"""Checkpoints: signed by the log that they are about; one spelling; no signature serves two uses of a key."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from c2sp_examples import SOFA, SOFA_BODY
from hypothesis import given
from hypothesis import strategies as st
from mangled import accepted, flips, mangled
from static_logs import key_of

from millpond.errors import InputError
from millpond.log import checkpoint, cosignature, note, statement
from millpond.log.checkpoint import Checkpoint, Claim
from millpond.log.merkle import EMPTY_ROOT, MAX_SIZE

KEY, OTHER = key_of(1), key_of(2)
ROOT = sha256(b"a root").digest()
HEAD = checkpoint.sign(KEY.did, 1042, ROOT, KEY)
ROOT_TEXT = b64encode(ROOT).decode()


def signed(text: str, name: str = KEY.did, by: statement.Key = KEY) -> bytes:
    """A note with any text, signed all right."""
    return note.write(text, [note.sign(text, name, by)])


def test_a_checkpoint_is_what_the_specification_says() -> None:
    lines = HEAD.note.decode().split("\n")
    assert lines[:4] == [KEY.did, "1042", ROOT_TEXT, ""]
    assert lines[4].startswith(f"— {KEY.did} ")
    assert HEAD.body == f"{KEY.did}\n1042\n{ROOT_TEXT}\n".encode()
    assert checkpoint.read(HEAD.note) == checkpoint.read(HEAD.note, KEY.did) == HEAD


def test_the_example_of_the_specification_is_a_claim_and_no_checkpoint_of_ours() -> None:
    claim = checkpoint.parse(SOFA.encode())
    assert (claim.origin, claim.size) == ("example.com/behind-the-sofa", 20852163)
    assert claim.body == SOFA_BODY.encode()
    with pytest.raises(InputError, match=r"origin: .* is not an identity"):
        checkpoint.read(SOFA.encode())


@pytest.mark.parametrize("size", [0, 1, 255, 256, 2**53, MAX_SIZE])
def test_every_size_is_read_as_it_was_signed(size: int) -> None:
    head = checkpoint.sign(KEY.did, size, ROOT if size else EMPTY_ROOT, KEY)
    assert checkpoint.read(head.note) == head


def test_a_log_of_nothing_has_the_hash_of_nothing_as_its_root() -> None:
    assert sha256(b"").digest() == EMPTY_ROOT
    with pytest.raises(InputError, match="root hash: a log with nothing in it"):
        checkpoint.sign(KEY.did, 0, ROOT, KEY)
    with pytest.raises(InputError, match="root hash: a log with nothing in it"):
        checkpoint.read(signed(f"{KEY.did}\n0\n{ROOT_TEXT}\n"))


def test_every_turned_bit_is_refused() -> None:
    assert accepted(checkpoint.read, HEAD.note) == HEAD
    assert not [turned for turned in flips(HEAD.note) if accepted(checkpoint.read, turned)]


BAD_TEXTS = {
    "an extension line": f"{KEY.did}\n1042\n{ROOT_TEXT}\nand more\n",
    "an empty extension line": f"{KEY.did}\n1042\n{ROOT_TEXT}\n\n",
    "two lines": f"{KEY.did}\n1042\n",
    "no line": "\n",
    "no origin": f"\n1042\n{ROOT_TEXT}\n",
    "a leading zero": f"{KEY.did}\n01042\n{ROOT_TEXT}\n",
    "a plus": f"{KEY.did}\n+1042\n{ROOT_TEXT}\n",
    "a negative size": f"{KEY.did}\n-1\n{ROOT_TEXT}\n",
    "a space behind the size": f"{KEY.did}\n1042 \n{ROOT_TEXT}\n",
    "a size past 2^63 - 1": f"{KEY.did}\n{2**63}\n{ROOT_TEXT}\n",
    "digits of another script": f"{KEY.did}\n１０４２\n{ROOT_TEXT}\n",
    "no size": f"{KEY.did}\n\n{ROOT_TEXT}\n",
    "a root without padding": f"{KEY.did}\n1042\n{ROOT_TEXT[:-1]}\n",
    "a root of 31 bytes": f"{KEY.did}\n1042\n{b64encode(ROOT[:31]).decode()}\n",
    "a root of 33 bytes": f"{KEY.did}\n1042\n{b64encode(ROOT + b'0').decode()}\n",
    "a root in hex": f"{KEY.did}\n1042\n{ROOT.hex()}\n",
    "padding bits in the root": f"{KEY.did}\n1042\n{ROOT_TEXT[:-2]}{chr(ord(ROOT_TEXT[-2]) + 1)}=\n",
    "a space before the origin": f" {KEY.did}\n1042\n{ROOT_TEXT}\n",
    "an origin that is no identity": f"example.com/log\n1042\n{ROOT_TEXT}\n",
    "the origin of another": f"{OTHER.did}\n1042\n{ROOT_TEXT}\n",
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_another_text_is_refused_even_if_it_is_signed(name: str) -> None:
    with pytest.raises(InputError):
        checkpoint.read(signed(BAD_TEXTS[name]))


def test_an_error_names_what_is_wrong() -> None:
    for name, message in {
        "an extension line": 'line 4: "and more" is an extension line, and logs have none here',
        "a leading zero": 'size: "01042" is no number',
        "a root of 31 bytes": r"root hash: .* is not a hash of 32 bytes, but 31",
        "the origin of another": "signature: is not signed by the key of its log",
        "two lines": "is no checkpoint: that has three lines",
    }.items():
        with pytest.raises(InputError, match=message):
            checkpoint.read(signed(BAD_TEXTS[name]))


# ---- who signed


def test_the_log_that_was_asked_for_is_the_one_that_is_read() -> None:
    with pytest.raises(InputError, match=f'origin: is about the log "{KEY.did}", not about "{OTHER.did}"'):
        checkpoint.read(HEAD.note, OTHER.did)


def test_only_the_key_of_the_origin_can_sign() -> None:
    text = HEAD.body.decode()
    for by, name in ((OTHER, KEY.did), (OTHER, OTHER.did), (KEY, "pond.example")):
        with pytest.raises(InputError, match="signature: is not signed by the key of its log"):
            checkpoint.read(signed(text, name, by))
    with pytest.raises(InputError, match="is not the one of this key"):
        checkpoint.sign(OTHER.did, 1042, ROOT, KEY)


def test_a_key_id_of_another_key_over_a_true_signature_does_not_count() -> None:
    true = note.parse(HEAD.note).signatures[0]
    false = note.Signature(true.name, bytes(4), true.signature)
    with pytest.raises(InputError, match="signature"):
        checkpoint.read(note.write(HEAD.body.decode(), [false]))


def test_lines_of_others_are_ignored_and_kept() -> None:
    text = HEAD.body.decode()
    lines = [
        note.Signature("nobody.example", b"1234", b"any bytes"),
        note.sign(text, KEY.did, KEY),
        note.Signature(KEY.did, b"1234", bytes(64)),
        note.sign(text, OTHER.did, OTHER),
    ]
    head = checkpoint.read(note.write(text, lines))
    assert note.parse(head.note).signatures == tuple(lines)
    assert head != HEAD
    assert checkpoint.same_head(head, HEAD)


def test_a_false_line_of_the_log_beside_a_true_one_spoils_the_checkpoint() -> None:
    text = HEAD.body.decode()
    true = note.sign(text, KEY.did, KEY)
    with pytest.raises(InputError, match="signature"):
        checkpoint.read(note.write(text, [true, note.Signature(true.name, true.id, bytes(64))]))


def test_two_heads_are_the_same_if_their_three_lines_are() -> None:
    assert checkpoint.same_head(HEAD, HEAD)
    for other in (
        checkpoint.sign(KEY.did, 1043, ROOT, KEY),
        checkpoint.sign(KEY.did, 1042, EMPTY_ROOT, KEY),
        checkpoint.sign(OTHER.did, 1042, ROOT, OTHER),
    ):
        assert not checkpoint.same_head(HEAD, other)


def test_what_was_not_verified_is_no_checkpoint() -> None:
    claim = checkpoint.parse(signed(f"{OTHER.did}\n1042\n{ROOT_TEXT}\n"))
    assert type(claim) is Claim
    assert type(checkpoint.verify(checkpoint.parse(HEAD.note))) is Checkpoint
    assert checkpoint.parse(HEAD.note) != HEAD


@pytest.mark.parametrize(("size", "root"), [(-1, ROOT), (2**63, ROOT), (1, b""), (1, ROOT + b"0")])
def test_what_could_not_be_read_is_not_signed(size: int, root: bytes) -> None:
    with pytest.raises(InputError):
        checkpoint.sign(KEY.did, size, root, KEY)


# ---- one key, three uses


@given(
    st.integers(0, MAX_SIZE),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 2**63 - 1),
    st.binary(max_size=200),
)
def test_no_signature_can_be_taken_for_one_of_another_use(
    size: int, root: bytes, time: int, payload: bytes
) -> None:
    """What a key signs begins differently for each use, whatever the size, root, time and payload are."""
    claim = Claim(KEY.did, size, root, b"")
    assert claim.body.startswith(b"did:key:z6Mk")
    assert cosignature.message(claim, time).startswith(b"cosignature/v1\ntime ")
    assert statement.pae(payload).startswith(b"DSSEv1 ")
    assert len({claim.body[0], cosignature.message(claim, time)[0], statement.pae(payload)[0]}) == 3


def test_the_signature_of_a_statement_signs_no_checkpoint_and_the_other_way_round() -> None:
    payload = statement.write("profile/1", KEY.did, 0, {})
    over_statement = statement.split(statement.sign(payload, KEY))[1]
    over_checkpoint = note.parse(HEAD.note).signatures[0]
    over_cosigned = KEY.sign(cosignature.message(HEAD, 7))
    for wrong in (over_statement, over_cosigned):
        with pytest.raises(InputError, match="signature"):
            checkpoint.read(
                note.write(HEAD.body.decode(), [note.Signature(KEY.did, over_checkpoint.id, wrong)])
            )
    for wrong in (over_checkpoint.signature, over_cosigned):
        with pytest.raises(InputError, match="signature"):
            statement.read(statement.join(payload, wrong), KEY.did)


# ---- any bytes


@given(mangled(HEAD.note, SOFA.encode(), *(signed(text) for text in BAD_TEXTS.values())))
def test_whatever_is_read_is_signed_and_has_one_spelling(data: bytes) -> None:
    head = accepted(checkpoint.read, data)
    if head is not None:
        assert head.note == data
        assert data.startswith(head.body + b"\n")
        assert checkpoint.same_head(head, HEAD), "the key signed nothing else"
