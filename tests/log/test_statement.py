"""Statements and entries: one form of the bytes, every rule with its place, no byte that can be changed."""

from __future__ import annotations

import json
from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.errors import InputError
from millpond.log.keys import Key
from millpond.log.statement import (
    MAX_ATTACHMENTS,
    MAX_ENTRY_BYTES,
    MAX_PAYLOAD_BYTES,
    MAX_TIME_MS,
    PAYLOAD_TYPE,
    Attachment,
    join,
    pae,
    read,
    read_payload,
    sid_of,
    sign,
    split,
    write,
)

KEY = Key(bytes(range(32)))
OTHER = Key(bytes(range(1, 33)))
NOW_MS = 1_790_000_000_000
PICTURE = Attachment(sha256="ab" * 32, bytes=81_234, type="image/jpeg", name="大米.jpg")
PAYLOAD = write("vouch/1", KEY.did, NOW_MS, {"subject": OTHER.did, "name": "永泰"}, [PICTURE])
ENTRY = sign(PAYLOAD, KEY)


def payload_of(**changed: Any) -> bytes:
    """A payload with some fields changed, or left out if they are `...`."""
    fields = {"kind": "vouch/1", "author": KEY.did, "time_ms": NOW_MS, "body": {}} | changed
    kept = {key: value for key, value in fields.items() if value is not ...}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()


def picture_of(**changed: Any) -> dict[str, Any]:
    fields = {"sha256": "ab" * 32, "bytes": 1, "type": "image/jpeg", "name": "a.jpg"} | changed
    return {key: value for key, value in fields.items() if value is not ...}


def test_bytes_of_a_statement() -> None:
    """Byte by byte: this is what other software writes and reads."""
    assert PAYLOAD.decode() == (
        f'{{"kind":"vouch/1","author":"{KEY.did}","time_ms":1790000000000,'
        f'"body":{{"subject":"{OTHER.did}","name":"永泰"}},'
        f'"attachments":[{{"sha256":"{"ab" * 32}","bytes":81234,"type":"image/jpeg","name":"大米.jpg"}}]}}'
    )
    signed = f"DSSEv1 39 application/vnd.millpond.statement+json {len(PAYLOAD)} ".encode() + PAYLOAD
    assert pae(PAYLOAD) == signed
    assert len(PAYLOAD_TYPE) == 39
    assert sid_of(PAYLOAD) == sha256(signed).digest()
    assert PAYLOAD + b"\n" + b64encode(KEY.sign(signed)) + b"\n" == ENTRY
    assert split(ENTRY) == (PAYLOAD, KEY.sign(signed))
    assert join(*split(ENTRY)) == ENTRY


def test_reading() -> None:
    statement = read(ENTRY, KEY.did)
    assert statement.kind == "vouch/1"
    assert statement.author == KEY.did
    assert statement.time_ms == NOW_MS
    assert statement.body == {"subject": OTHER.did, "name": "永泰"}
    assert statement.attachments == (PICTURE,)
    assert statement.sid == sid_of(PAYLOAD)
    assert statement.payload == PAYLOAD
    assert read_payload(PAYLOAD) == statement
    assert {statement, read_payload(PAYLOAD)} == {statement}
    assert read_payload(payload_of()) != statement
    assert statement != tuple(statement)
    with pytest.raises(AttributeError):
        statement.kind = "other/1"  # type: ignore[misc]


def test_other_fields_and_other_forms_of_the_same() -> None:
    """The bytes are what is signed: white space and order are the author's, and make another statement."""
    spaced = json.dumps(json.loads(payload_of(x_colour="green", x_any={"n": [1]})), indent=None).encode()
    statement = read(sign(spaced, KEY), KEY.did)
    assert statement.body == {}
    assert statement.payload == spaced
    assert statement.sid != read_payload(payload_of(x_colour="green", x_any={"n": [1]})).sid


GOOD = {
    "an unknown kind": payload_of(kind="never-heard-of/9999"),
    "the longest kind": payload_of(kind="a" * 40 + "/1"),
    "a body of anything": payload_of(body={"a": [None, True, {"": "\x00"}]}),
    "the first moment": payload_of(time_ms=0),
    "the last moment": payload_of(time_ms=MAX_TIME_MS),
    "all attachments": payload_of(attachments=[picture_of()] * MAX_ATTACHMENTS),
    "an empty attachment": payload_of(attachments=[picture_of(bytes=0)]),
    "an attachment with more said": payload_of(attachments=[picture_of(x_alt="rice")]),
    "a media type with a suffix": payload_of(attachments=[picture_of(type="application/vnd.a-b.c+json")]),
    "the longest": payload_of(body={"a": "x" * (MAX_PAYLOAD_BYTES - len(payload_of(body={"a": ""})))}),
}

BAD: dict[str, tuple[bytes, str]] = {
    "too long": (payload_of(body={"a": "x" * MAX_PAYLOAD_BYTES}), "one has at most 32,768"),
    "not JSON": (b"{]}", "is not JSON here"),
    "another field": (payload_of(colour="green"), "colour: unknown field; known are attachments, author"),
    "no kind": (payload_of(kind=...), "kind: is missing, and required"),
    "no author": (payload_of(author=...), "author: is missing"),
    "no moment": (payload_of(time_ms=...), "time_ms: is missing"),
    "no body": (payload_of(body=...), "body: is missing"),
    "a kind of another type": (payload_of(kind=1), "kind: 1 is not a kind"),
    "a kind without version": (payload_of(kind="vouch"), 'kind: "vouch" is not a kind'),
    "version nought": (payload_of(kind="vouch/0"), 'kind: "vouch/0" is not a kind'),
    "a version of five digits": (payload_of(kind="vouch/10000"), "is not a kind"),
    "a version with a nought in front": (payload_of(kind="vouch/01"), "is not a kind"),
    "a version in another script": (payload_of(kind="vouch/１"), "is not a kind"),
    "a kind in capitals": (payload_of(kind="Vouch/1"), "is not a kind"),
    "a kind that is too long": (payload_of(kind="a" * 41 + "/1"), "is not a kind"),
    "a kind with a line after it": (payload_of(kind="vouch/1\n"), "is not a kind"),
    "an author of another type": (payload_of(author=["did"]), "author: a list of 1 is not an identity"),
    "an author that is none": (payload_of(author="did:key:z6Mk"), "author: "),
    "a moment of another type": (payload_of(time_ms="1790000000000"), "time_ms: "),
    "a moment that is a truth": (payload_of(time_ms=True), "time_ms: true is not an integer"),
    "a moment before the first": (payload_of(time_ms=-1), "time_ms: -1 is not an integer from 0"),
    "a moment with a fraction": (payload_of(time_ms=1.5), "time_ms: 1.5 is not an integer"),
    "a body of another type": (payload_of(body=[]), "body: an empty list is not an object"),
    "no body to speak of": (payload_of(body=None), "body: null is not an object"),
    "attachments of another type": (payload_of(attachments={}), "attachments: an object is not a list"),
    "attachments, but none": (payload_of(attachments=[]), "attachments: an empty list is not a list of 1"),
    "one attachment too many": (payload_of(attachments=[picture_of()] * 17), "is not a list of 1 to 16"),
    "an attachment of another type": (
        payload_of(attachments=[picture_of(), "a"]),
        'attachments[1]: "a" is not',
    ),
    "an attachment without name": (
        payload_of(attachments=[picture_of(name=...)]),
        "attachments[0].name: is missing",
    ),
    "an attachment with another field": (
        payload_of(attachments=[picture_of(url="a")]),
        "attachments[0].url: unknown",
    ),
}

BAD_PICTURES: dict[str, dict[str, Any]] = {
    "a hash in capitals": {"sha256": "AB" * 32},
    "a hash that is too short": {"sha256": "ab" * 31},
    "a hash of another type": {"sha256": 1},
    "less than nothing": {"bytes": -1},
    "a size that is a truth": {"bytes": True},
    "a size in text": {"bytes": "1"},
    "a type without slash": {"type": "jpeg"},
    "a type in capitals": {"type": "Image/JPEG"},
    "a type with parameters": {"type": "text/plain; charset=utf-8"},
    "a type with a line after it": {"type": "image/jpeg\n"},
    "a very long type": {"type": "a/" + "b" * 64},
    "no type": {"type": None},
    "an empty name": {"name": ""},
    "a long name": {"name": "a" * 201},
    "a folder": {"name": "../a.jpg"},
    "a folder of Windows": {"name": "..\\a.jpg"},
    "this folder": {"name": "."},
    "the folder above": {"name": ".."},
    "two lines": {"name": "a\nb"},
    "a nought byte": {"name": "a\0.jpg"},
    "written backwards": {"name": "a\u202egpj.exe"},
    "a name of another type": {"name": 7},
}


@pytest.mark.parametrize("case", GOOD)
def test_good(case: str) -> None:
    assert read(sign(GOOD[case], KEY), KEY.did).payload == GOOD[case]


@pytest.mark.parametrize("case", BAD)
def test_bad(case: str) -> None:
    payload, said = BAD[case]
    with pytest.raises(InputError) as caught:
        read_payload(payload)
    assert said in str(caught.value)
    assert len(str(caught.value)) < 300
    with pytest.raises(InputError):
        sign(payload, KEY)
    with pytest.raises(InputError):
        read(join(payload, KEY.sign(pae(payload))), KEY.did)


@pytest.mark.parametrize("case", BAD_PICTURES)
def test_bad_attachment(case: str) -> None:
    changed = BAD_PICTURES[case]
    (name,) = changed
    with pytest.raises(InputError) as caught:
        read_payload(payload_of(attachments=[picture_of(), picture_of(**changed)]))
    assert caught.value.at == f"attachments[1].{name}"
    with pytest.raises(InputError) as caught:
        replace(PICTURE, **changed)
    assert caught.value.at == name


@given(st.integers(0, len(ENTRY) - 1), st.integers(0, 255))
def test_no_byte_of_an_entry_can_be_changed(place: int, byte: int) -> None:
    changed = ENTRY[:place] + bytes([byte]) + ENTRY[place + 1 :]
    if changed == ENTRY:
        return
    with pytest.raises(InputError):
        read(changed, KEY.did)


@given(st.integers(0, len(ENTRY)), st.binary(max_size=3), st.integers(0, 3))
def test_no_byte_can_be_put_in_or_taken_out(place: int, put: bytes, taken: int) -> None:
    changed = ENTRY[:place] + put + ENTRY[place + taken :]
    if changed == ENTRY:
        return
    with pytest.raises(InputError):
        read(changed, KEY.did)


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda data: data + ENTRY[-90:]))
def test_any_bytes_are_an_entry_or_refused(entry: bytes) -> None:
    for reader in (split, read_payload, lambda data: read(data, KEY.did)):
        with suppress(InputError):
            reader(entry)


@given(st.integers(0, 63))
def test_the_signature_has_one_form(last: int) -> None:
    """Two thirds of the last character's bits belong to no byte: they are nought, or it is refused."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    changed = ENTRY[:-4] + alphabet[last : last + 1] + ENTRY[-3:]
    if changed != ENTRY:
        with pytest.raises(InputError):
            read(changed, KEY.did)


def test_entries_that_are_none() -> None:
    for entry in (
        b"",
        b"\n",
        ENTRY[:-1],
        ENTRY + b"\n",
        ENTRY[-90:],
        ENTRY.replace(b"\n", b"\r\n"),
        b"\n" * 90,
    ):
        with pytest.raises(InputError, match="entry"):
            read(entry, KEY.did)
    plain = join(PAYLOAD, b"\xfb\xff" * 32)
    for other in (plain.replace(b"/", b"_"), plain.replace(b"+", b"-"), plain.replace(b"=", b"A")):
        assert len(split(plain)[1]) == 64
        assert other != plain
        with pytest.raises(InputError, match="base64"):
            split(other)
    with pytest.raises(InputError, match="has at most 32,858"):
        split(b"x" * (MAX_ENTRY_BYTES + 1))
    assert len(sign(GOOD["the longest"], KEY)) == MAX_ENTRY_BYTES < 2**16


def test_who_signed() -> None:
    with pytest.raises(InputError, match=r"author: the author is .*, and this is the log of "):
        read(ENTRY, OTHER.did)
    with pytest.raises(InputError, match="the signature is not one of"):
        read(join(PAYLOAD, OTHER.sign(pae(PAYLOAD))), KEY.did)
    with pytest.raises(InputError, match="the signature is not one of"):
        read(join(PAYLOAD, KEY.sign(PAYLOAD)), KEY.did)
    with pytest.raises(InputError, match="author: it is to be signed by"):
        sign(PAYLOAD, OTHER)


def test_what_cannot_be_written() -> None:
    with pytest.raises(InputError, match=r"body\.price: 3\.5 is not an integer"):
        write("listing/1", KEY.did, NOW_MS, {"price": 3.5})
    with pytest.raises(InputError, match="half of a surrogate pair"):
        write("listing/1", KEY.did, NOW_MS, {"name": "\ud800"})
    with pytest.raises(InputError, match="body: this cannot be written as JSON"):
        write("listing/1", KEY.did, NOW_MS, {"name": b"rice"})
    with pytest.raises(InputError, match=r'body\["1"\]: this key stands twice'):
        write("listing/1", KEY.did, NOW_MS, {1: "a", "1": "b"})  # type: ignore[dict-item]
    with pytest.raises(InputError, match="body: this cannot be written as JSON"):
        write("listing/1", KEY.did, NOW_MS, {"price": 10**5_000})
    with pytest.raises(InputError, match="time_ms: "):
        write("listing/1", KEY.did, -1, {})
    endless: dict[str, Any] = {}
    endless["again"] = endless
    with pytest.raises(InputError, match="body: this cannot be written as JSON"):
        write("listing/1", KEY.did, NOW_MS, endless)


TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
BODIES = st.dictionaries(
    TEXTS, TEXTS | st.integers(-(2**53) + 1, 2**53 - 1) | st.lists(TEXTS, max_size=3), max_size=4
)
NAMES = st.text(st.characters(codec="utf-8", categories=["L", "N"]), min_size=1, max_size=40)
PICTURES = st.builds(
    Attachment,
    sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
    bytes=st.integers(0, MAX_TIME_MS),
    type=st.sampled_from(["image/jpeg", "application/pdf", "text/csv"]),
    name=NAMES,
)


@given(
    kind=st.from_regex(r"[a-z][a-z0-9-]{0,39}/[1-9][0-9]{0,3}", fullmatch=True),
    time_ms=st.integers(0, MAX_TIME_MS),
    body=BODIES,
    attachments=st.lists(PICTURES, max_size=3),
)
def test_what_is_written_is_read(kind: str, time_ms: int, body: Any, attachments: list[Attachment]) -> None:
    statement = read(sign(write(kind, KEY.did, time_ms, body, attachments), KEY), KEY.did)
    assert (statement.kind, statement.time_ms, statement.body) == (kind, time_ms, body)
    assert statement.attachments == tuple(attachments)
