"""Signed notes: the examples of the specification and of its first implementation; ways to spoil one."""

from __future__ import annotations

import pytest
from c2sp_examples import (
    ENOCH,
    ENOCH_VKEY,
    LONGER_KEY,
    PETER,
    PETER_SEED,
    PETER_VKEY,
    POEM,
    TEXT,
    UNKNOWN_TYPE,
)
from hypothesis import example, given
from hypothesis import strategies as st
from mangled import accepted, flips, mangled
from static_logs import key_of

from millpond.errors import InputError
from millpond.log import note
from millpond.log.keys import Key
from millpond.log.note import MAX_NOTE_BYTES, MAX_SIGNATURES, Signature

KEY = key_of(3)
PLAIN = note.write("Hello\n", [note.sign("Hello\n", "pond.example", KEY)])


def noted(text: str, *lines: str) -> bytes:
    return (text + "\n" + "".join(lines)).encode()


# ---- what is right


def test_the_key_and_note_of_the_first_implementation() -> None:
    assert note.key_id("PeterNeumann", note.ED25519, Key(PETER_SEED).public).hex() == "c74f20a3"
    signed = note.write(TEXT, [note.sign(TEXT, "PeterNeumann", Key(PETER_SEED))])
    assert signed == noted(TEXT, PETER)
    for vkey in (PETER_VKEY, ENOCH_VKEY):
        key = note.parse_vkey(vkey)
        assert note.vkey(key.name, key.type, key.public) == vkey
        assert note.signed_by(note.parse(noted(TEXT, PETER, ENOCH)), key.name, key.public)


def test_the_poem_of_the_specification() -> None:
    poem = note.parse(POEM.encode())
    assert poem.text.endswith("di sole:\n\ned è subito sera.\n")
    (line,) = poem.signatures
    assert (line.name, line.id.hex(), len(line.signature)) == ("quasimodo.example/salvatore", "367ba04b", 64)
    assert note.write(poem.text, poem.signatures) == POEM.encode()


@pytest.mark.parametrize(
    "text", ["\n", "\n\n", "a\n\n", "\na\n", "— a b\n", "a\n\n— a b\n", "平塘\n", "a\x7f\u2028\n"]
)
def test_texts_that_look_like_something_else_are_kept(text: str) -> None:
    data = note.write(text, [note.sign(text, "pond.example", KEY)])
    assert note.parse(data).text == text
    assert note.signed_by(note.parse(data), "pond.example", KEY.public)


# ---- who signed


def signed(*lines: str) -> note.Note:
    return note.parse(noted(TEXT, *lines))


def test_a_line_counts_for_its_key_and_no_other() -> None:
    peter, enoch = note.parse_vkey(PETER_VKEY), note.parse_vkey(ENOCH_VKEY)
    assert note.signed_by(signed(PETER), peter.name, peter.public)
    assert not note.signed_by(signed(PETER), enoch.name, enoch.public)
    assert not note.signed_by(signed(PETER), enoch.name, peter.public)
    assert not note.signed_by(signed(PETER), peter.name, enoch.public)
    assert note.signed_by(signed(PETER, PETER, ENOCH), peter.name, peter.public)


def test_a_false_line_of_a_key_spoils_the_note_for_those_who_know_the_key() -> None:
    peter, enoch = note.parse_vkey(PETER_VKEY), note.parse_vkey(ENOCH_VKEY)
    true = note.parse(noted(TEXT, PETER)).signatures[0]
    false = Signature(true.name, true.id, bytes(64))
    both = note.Note(TEXT, (true, false, note.parse(noted(TEXT, ENOCH)).signatures[0]))
    assert not note.signed_by(both, peter.name, peter.public)
    assert note.signed_by(both, enoch.name, enoch.public)


def test_a_signature_under_another_id_or_of_another_type_is_not_looked_at() -> None:
    true = note.sign("Hello\n", "pond.example", KEY)
    other = note.key_id("pond.example", note.COSIGNATURE, KEY.public)
    under_another = note.Note("Hello\n", (Signature("pond.example", other, true.signature),))
    assert not note.signed_by(under_another, "pond.example", KEY.public)


def test_another_text_is_not_signed() -> None:
    assert not note.signed_by(
        note.parse(noted(TEXT + "And more.\n", PETER)), "PeterNeumann", Key(PETER_SEED).public
    )


def test_every_turned_bit_is_refused_or_leaves_the_note_unsigned() -> None:
    for turned in flips(PLAIN):
        found = accepted(note.parse, turned)
        assert found is None or not note.signed_by(found, "pond.example", KEY.public)


# ---- what is wrong

LINE = note.sign("Hello\n", "pond.example", KEY).line
BAD = {
    "nothing": b"",
    "a newline": b"\n",
    "no signatures": b"Hello\n\n",
    "no empty line": b"Hello\n" + LINE.encode(),
    "the last line does not end": noted("Hello\n", LINE[:-1]),
    "an empty line at the end": noted("Hello\n", LINE, "\n"),
    "text between signatures": noted("Hello\n", LINE, "And more.\n", LINE),
    "a minus for the dash": noted("Hello\n", LINE.replace("—", "-")),
    "two spaces": noted("Hello\n", LINE.replace("— ", "—  ")),
    "no space after the dash": noted("Hello\n", LINE.replace("— ", "—")),
    "no name": noted("Hello\n", LINE.replace(" pond.example", "")),
    "an empty name": noted("Hello\n", LINE.replace("pond.example", "")),
    "a plus in the name": noted("Hello\n", LINE.replace("pond.", "pond+")),
    "a wide space in the name": noted("Hello\n", LINE.replace("pond.", "pond\u3000")),
    "a hard space in the name": noted("Hello\n", LINE.replace("pond.", "pond\u00a0")),
    "a name that is too long": noted("Hello\n", LINE.replace("pond.example", "p" * 256)),
    "a space behind": noted("Hello\n", LINE.replace("\n", " \n")),
    "no padding": noted("Hello\n", "— pond.example AAAAAAA\n"),
    "only a key id": noted("Hello\n", "— pond.example AAAAAA==\n"),
    "less than a key id": noted("Hello\n", "— pond.example AAA=\n"),
    "an empty signature": noted("Hello\n", "— pond.example \n"),
    "another alphabet": noted("Hello\n", "— pond.example AAAA_-__\n"),
    "a carriage return": noted("Hello\r\n", LINE),
    "a tabulator": noted("Hel\tlo\n", LINE),
    "a zero byte": noted("Hel\0lo\n", LINE),
    "no UTF-8": b"\xff" + PLAIN,
    "half a surrogate pair": b"\xed\xa0\x80" + PLAIN,
    "too many signatures": noted("Hello\n", LINE * (MAX_SIGNATURES + 1)),
    "too long": b"x" * (MAX_NOTE_BYTES + 1 - len(PLAIN)) + PLAIN,
}


@pytest.mark.parametrize("name", BAD)
def test_a_malformed_note_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        note.parse(BAD[name])


def test_the_most_that_a_note_can_be_is_read() -> None:
    assert len(note.parse(noted("Hello\n", LINE * MAX_SIGNATURES)).signatures) == MAX_SIGNATURES
    assert (
        len(note.parse(b"x" * (MAX_NOTE_BYTES - len(PLAIN)) + PLAIN).text)
        == MAX_NOTE_BYTES - len(LINE.encode()) - 1
    )
    note.parse(noted("Hello\n", LINE.replace("pond.example", "p" * 255)))


def test_an_error_says_which_line() -> None:
    with pytest.raises(InputError, match=r'signature 2: "pond\+example" is no name of a key'):
        note.parse(noted("Hello\n", LINE, LINE.replace("pond.", "pond+")))
    with pytest.raises(InputError, match=r"control character such as U\+000D"):
        note.parse(BAD["a carriage return"])


@pytest.mark.parametrize("text", ["", "no end", "a\rb\n", "a\0b\n", "\ud800\n"])
def test_what_could_not_be_read_is_not_written(text: str) -> None:
    with pytest.raises(InputError):
        note.write(text, [Signature("pond.example", bytes(4), bytes(64))])


def test_a_note_without_signatures_is_not_written() -> None:
    with pytest.raises(InputError):
        note.write("Hello\n", [])


@given(mangled(PLAIN, POEM.encode(), noted(TEXT, PETER, ENOCH)))
@example(b"\n\n\xe2\x80\x94 a AAAAAAA=\n")
def test_whatever_is_read_is_written_as_it_was(data: bytes) -> None:
    found = accepted(note.parse, data)
    if found is not None:
        assert note.write(found.text, found.signatures) == data


@given(st.text(), st.lists(st.tuples(st.text(), st.binary(max_size=5), st.binary(max_size=70)), max_size=3))
def test_whatever_is_written_is_read_as_it_was(text: str, lines: list[tuple[str, bytes, bytes]]) -> None:
    try:
        signatures = tuple(Signature(*line) for line in lines)
        data = note.write(text, signatures)
    except InputError:
        return
    assert note.parse(data) == note.Note(text, signatures)


# ---- keys as people hand them on


def test_a_miscopied_key_is_refused_wherever_it_was_miscopied() -> None:
    note.parse_vkey(PETER_VKEY)
    for position in range(len(PETER_VKEY)):
        one_on = chr(ord(PETER_VKEY[position]) + 1)
        with pytest.raises(InputError):
            note.parse_vkey(PETER_VKEY[:position] + one_on + PETER_VKEY[position + 1 :])
        with pytest.raises(InputError):
            note.parse_vkey(PETER_VKEY[:position])
    for cut in range(1, len(PETER_VKEY)):
        with pytest.raises(InputError):
            note.parse_vkey(PETER_VKEY[cut:])


@pytest.mark.parametrize(
    "text",
    {
        "a longer key with its right id": LONGER_KEY,
        "a type that is not known": UNKNOWN_TYPE,
        "the id in capitals": PETER_VKEY.replace("c74f20a3", "C74F20A3"),
        "half a surrogate pair": "\ud800" + PETER_VKEY,
        "no key at all": "",
    }.values(),
)
def test_a_key_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        note.parse_vkey(text)


@pytest.mark.parametrize("type", [note.ED25519, note.COSIGNATURE])
def test_a_key_is_read_as_it_is_written(type: int) -> None:
    key = note.parse_vkey(note.vkey("平塘.example/证", type, KEY.public))
    assert (key.name, key.type, key.public) == ("平塘.example/证", type, KEY.public)
    assert key.id == note.key_id("平塘.example/证", type, KEY.public)


@given(st.text())
def test_a_key_from_any_text_is_refused_or_written_as_it_was(text: str) -> None:
    try:
        key = note.parse_vkey(text)
    except InputError:
        return
    assert note.vkey(key.name, key.type, key.public) == text
