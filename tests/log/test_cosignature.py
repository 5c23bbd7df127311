"""Cosignatures: who saw a checkpoint, and when."""

from __future__ import annotations

import pytest
from c2sp_examples import COSIGNED, COSIGNED_MESSAGE
from hypothesis import given
from hypothesis import strategies as st
from mangled import accepted, flips, mangled
from static_logs import key_of

from millpond.errors import InputError
from millpond.log import checkpoint, cosignature, note
from millpond.log.keys import is_signed
from millpond.log.merkle import EMPTY_ROOT

LOG, WITNESS, MIRROR = key_of(1), key_of(2), key_of(3)
NAME = "pond.example/witness"
HEAD = checkpoint.sign(LOG.did, 7, bytes(range(32)), LOG)
OTHER_HEAD = checkpoint.sign(LOG.did, 8, bytes(range(32)), LOG)
TIME_S = 1_679_315_147
LINE = cosignature.cosign(HEAD, NAME, WITNESS, TIME_S)


def test_the_example_of_the_specification() -> None:
    claim = checkpoint.parse(COSIGNED.encode())
    line = cosignature.read_lines(COSIGNED)[1]
    assert (line.name, line.id.hex(), len(line.signature)) == ("witness.example.com/w1", "8d66cf3f", 72)
    time_s = int.from_bytes(line.signature[:8], "big")
    assert cosignature.message(claim, time_s) == COSIGNED_MESSAGE.encode()


def test_a_line_is_what_the_specification_says() -> None:
    (line,) = cosignature.read_lines(LINE)
    assert line.name == NAME
    assert line.id == note.key_id(NAME, 4, WITNESS.public)
    assert line.signature[:8] == TIME_S.to_bytes(8, "big")
    signed = b"cosignature/v1\ntime 1679315147\n" + HEAD.body
    assert is_signed(WITNESS.public, signed, line.signature[8:])
    assert cosignature.vkey_of(NAME, WITNESS.public) == note.vkey(NAME, 4, WITNESS.public)


@pytest.mark.parametrize("time_s", [0, 1, TIME_S, 2**63 - 1])
def test_the_time_is_read_as_it_was_signed(time_s: int) -> None:
    line = cosignature.cosign(HEAD, NAME, WITNESS, time_s)
    assert cosignature.verify(HEAD, line, NAME, WITNESS.public) == time_s
    assert cosignature.verify(HEAD, line.encode(), NAME, WITNESS.public) == time_s


@pytest.mark.parametrize("time_s", [-1, 2**63])
def test_there_are_times_that_cannot_be_signed(time_s: int) -> None:
    with pytest.raises(InputError, match="is no time of a cosignature"):
        cosignature.cosign(HEAD, NAME, WITNESS, time_s)


def test_a_time_past_the_largest_does_not_count_even_if_it_is_signed() -> None:
    signature = (2**63).to_bytes(8, "big") + WITNESS.sign(cosignature.message(HEAD, 2**63))
    line = note.Signature(NAME, note.key_id(NAME, 4, WITNESS.public), signature).line
    with pytest.raises(InputError, match="is not of this checkpoint, or was changed since"):
        cosignature.verify(HEAD, line, NAME, WITNESS.public)


def test_a_log_cannot_be_its_own_witness() -> None:
    with pytest.raises(InputError, match="a log cannot be its own witness"):
        cosignature.cosign(HEAD, NAME, LOG, TIME_S)


def test_a_name_must_be_one() -> None:
    for name in ("", "two words", "a+b"):
        with pytest.raises(InputError, match="is no name of a key"):
            cosignature.cosign(HEAD, name, WITNESS, TIME_S)


# ---- whose, and of what


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("pond.example/mirror", WITNESS.public),
        (NAME, MIRROR.public),
        (LOG.did, LOG.public),
    ],
)
def test_it_is_nobody_elses(name: str, public: bytes) -> None:
    with pytest.raises(InputError, match="is not cosigned by"):
        cosignature.verify(HEAD, LINE, name, public)


def test_it_is_of_no_other_checkpoint() -> None:
    for other in (
        OTHER_HEAD,
        checkpoint.sign(LOG.did, 7, EMPTY_ROOT, LOG),
        checkpoint.sign(MIRROR.did, 7, bytes(range(32)), MIRROR),
    ):
        with pytest.raises(InputError, match="is not of this checkpoint"):
            cosignature.verify(other, LINE, NAME, WITNESS.public)


def test_every_turned_bit_is_refused() -> None:
    for turned in flips(LINE.encode()):
        assert accepted(lambda lines: cosignature.verify(HEAD, lines, NAME, WITNESS.public), turned) is None


def test_the_signature_of_the_text_alone_is_no_cosignature() -> None:
    name_and_id = (NAME, note.key_id(NAME, 4, WITNESS.public))
    for signature in (WITNESS.sign(HEAD.body), bytes(8) + WITNESS.sign(HEAD.body)):
        with pytest.raises(InputError):
            cosignature.verify(HEAD, note.Signature(*name_and_id, signature).line, NAME, WITNESS.public)


def test_the_newest_of_several_counts_and_a_false_one_spoils_them() -> None:
    lines = [cosignature.cosign(HEAD, NAME, WITNESS, time_s) for time_s in (5, 9, 7)]
    other = cosignature.cosign(HEAD, "pond.example/mirror", MIRROR, 11)
    assert cosignature.verify(HEAD, "".join([*lines, other]), NAME, WITNESS.public) == 9
    false = cosignature.cosign(OTHER_HEAD, NAME, WITNESS, 8)
    with pytest.raises(InputError, match="is not of this checkpoint"):
        cosignature.verify(HEAD, "".join([*lines, false]), NAME, WITNESS.public)


# ---- under the checkpoint


def test_lines_are_put_under_the_checkpoint() -> None:
    mirrored = cosignature.cosign(HEAD, "pond.example/mirror", MIRROR, TIME_S + 1)
    data = cosignature.with_lines(HEAD, [LINE, mirrored.encode()])
    assert data == HEAD.note + LINE.encode() + mirrored.encode()
    head = checkpoint.read(data, LOG.did)
    assert checkpoint.same_head(head, HEAD)
    assert cosignature.verify(head, data, NAME, WITNESS.public) == TIME_S
    assert cosignature.verify(head, data, "pond.example/mirror", MIRROR.public) == TIME_S + 1
    assert cosignature.with_lines(HEAD, []) == HEAD.note


def test_a_newer_line_takes_the_place_of_the_older() -> None:
    once = checkpoint.read(cosignature.with_lines(HEAD, [LINE]))
    newer = cosignature.cosign(HEAD, NAME, WITNESS, TIME_S + 60)
    assert cosignature.with_lines(once, [newer]) == HEAD.note + newer.encode()
    assert cosignature.with_lines(HEAD, [LINE + newer]) == HEAD.note + newer.encode()


def test_nothing_that_is_added_can_spoil_the_signature_of_the_log() -> None:
    true = note.parse(HEAD.note).signatures[0]
    false = note.Signature(true.name, true.id, bytes(64)).line
    assert cosignature.with_lines(HEAD, [false + LINE]) == HEAD.note + LINE.encode()


def test_a_note_has_room_for_so_many() -> None:
    lines = [note.Signature(f"w{number}.example", bytes(4), bytes(72)).line for number in range(64)]
    assert checkpoint.read(cosignature.with_lines(HEAD, lines[:63]))
    with pytest.raises(InputError, match="at most 64 signatures"):
        cosignature.with_lines(HEAD, lines)


def test_a_note_that_somebody_filled_has_room_for_a_cosignature() -> None:
    """A source can put any lines of unknown keys under the checkpoint that it shows, as many as fit."""
    many = [note.Signature(f"w{number}.example", bytes(4), bytes(72)).line for number in range(63)]
    long = [note.Signature(f"w{number}.example", bytes(4), bytes(24_438)).line for number in range(2)]
    named = [note.Signature(LOG.did, bytes([number] * 4), bytes(72)).line for number in range(63)]
    for lines in (many, long, named):
        filled = checkpoint.read(HEAD.note + "".join(lines).encode())
        data = cosignature.with_lines(filled, [LINE])
        assert data.startswith(HEAD.note + lines[0].encode())
        assert cosignature.verify(checkpoint.read(data, LOG.did), data, NAME, WITNESS.public) == TIME_S
        assert len(note.parse(data).signatures) == len(lines) + 1


def test_each_key_has_one_line_and_the_log_the_first() -> None:
    """Other software refuses a note in which a key that it knows has two lines, be they the same."""
    own = HEAD.note[len(HEAD.body) + 1 :].decode()
    doubled = checkpoint.read(HEAD.body + f"\n{LINE}{own}{LINE}{own}".encode())
    assert cosignature.with_lines(doubled, []) == HEAD.note + LINE.encode()
    assert cosignature.tidy(doubled) == checkpoint.read(HEAD.note + LINE.encode())
    assert cosignature.tidy(HEAD) == HEAD


@pytest.mark.parametrize(
    "lines", ["", "\n", LINE[:-1], LINE + "\n", "text\n", LINE + "text\n", "\ud800\n", LINE * 65]
)
def test_an_answer_that_is_no_lines_is_refused(lines: str) -> None:
    with pytest.raises(InputError):
        cosignature.with_lines(HEAD, [lines])
    with pytest.raises(InputError):
        cosignature.verify(HEAD, lines, NAME, WITNESS.public)


@given(mangled(LINE.encode(), COSIGNED.encode(), cosignature.with_lines(HEAD, [LINE])), st.booleans())
def test_whatever_is_believed_was_signed(data: bytes, as_text: bool) -> None:
    lines = data.decode("utf-8", errors="surrogateescape") if as_text else data
    assert accepted(lambda _: cosignature.verify(HEAD, lines, NAME, WITNESS.public), data) in (None, TIME_S)
