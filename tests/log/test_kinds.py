"""Kinds of statements: what is understood, what is not and why, and who may say what."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.errors import InputError
from millpond.log.keys import Key
from millpond.log.kinds import (
    KINDS,
    MAX_SUCCESSION_BYTES,
    Body,
    CardEntry,
    Follow,
    Listing,
    Predecessor,
    Profile,
    Successor,
    Vouch,
    Withdraw,
    problem,
    read_body,
    understand,
    write_body,
)
from millpond.log.statement import Statement, join, pae, read, read_payload, sign, write

KEY = Key(bytes(range(32)))
OTHER = Key(bytes(range(1, 33)))
THIRD = Key(bytes(range(2, 34)))
NOW_MS = 1_790_000_000_000
SUCCESSION = sign(write_body(Successor(successor=KEY.did), OTHER.did, NOW_MS), OTHER)


def said(kind: str, body: dict[str, Any], author: str = KEY.did) -> Statement:
    return read_payload(write(kind, author, NOW_MS, body))


def encoded(entry: bytes) -> str:
    return b64encode(entry).decode()


# name -> the body of the format, and what is understood of it
GOOD: dict[str, tuple[dict[str, Any], Body]] = {
    "a short profile": ({"name": "永泰"}, Profile(name="永泰")),
    "a full profile": (
        {
            "name": "永泰",
            "about": "大米\n茶油",
            "addresses": ["https://a.example/pond", "http://[::1]:8080"],
            "place": "福建",
        },
        Profile(
            name="永泰",
            about="大米\n茶油",
            addresses=("https://a.example/pond", "http://[::1]:8080"),
            place="福建",
        ),
    ),
    "a profile with more said": ({"name": "a", "x_colour": 1}, Profile(name="a")),
    "a name as long as may be": ({"name": "永" * 120}, Profile(name="永" * 120)),
    "a vouch": ({"subject": OTHER.did, "name": "b"}, Vouch(subject=OTHER.did, name="b")),
    "a vouch with a note": (
        {"subject": OTHER.did, "name": "b", "note": "We met."},
        Vouch(subject=OTHER.did, name="b", note="We met."),
    ),
    "a withdrawal": ({"sid": "0f" * 32}, Withdraw(sid="0f" * 32)),
    "a short listing": ({"title": {"zh": "米"}, "until_ms": 0}, Listing(title={"zh": "米"}, until_ms=0)),
    "a full listing": (
        {
            "title": {"zh-Hant": "米", "en": "Rice"},
            "text": {"en": "New.\nDry."},
            "until_ms": NOW_MS,
            "wants": True,
        },
        Listing(
            title={"zh-Hant": "米", "en": "Rice"}, text={"en": "New.\nDry."}, until_ms=NOW_MS, wants=True
        ),
    ),
    "a card": ({"card": "millpond: 永泰"}, CardEntry(card="millpond: 永泰")),
    "a successor": ({"successor": OTHER.did}, Successor(successor=OTHER.did)),
    "a predecessor": ({"entry": encoded(SUCCESSION)}, Predecessor(entry=encoded(SUCCESSION))),
    "a follow": ({"subject": OTHER.did}, Follow(subject=OTHER.did)),
}

TOO_MANY = {f"{letter}{other}": "a" for letter in "abc" for other in "abcdefg"}

# name -> kind, body, what is said of it
BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "an unknown kind": ("weather/1", {}, "kind weather/1 is not known here"),
    "a newer version": ("vouch/2", {}, "kind vouch/2 is not known here, only vouch/1; another version"),
    "an unknown field": (
        "profile/1",
        {"name": "a", "age": 1},
        "body.age: unknown key; known are name, about",
    ),
    "nothing": ("profile/1", {}, "body.name: is missing, and required"),
    "null": ("profile/1", {"name": None}, "body.name: null is not a value here"),
    "no text": ("profile/1", {"name": 7}, "body.name: 7 is not a text"),
    "an empty name": ("profile/1", {"name": ""}, "body.name: "),
    "a blank name": ("profile/1", {"name": " \u3000\u200b"}, "body.name: "),
    "a long name": ("profile/1", {"name": "永" * 121}, "body.name: "),
    "a name of two lines": (
        "profile/1",
        {"name": "a\nb"},
        "is not a line of 1 to 120 characters, none of them hidden",
    ),
    "a name with a tab": ("profile/1", {"name": "a\tb"}, "body.name: "),
    "a name written backwards": ("profile/1", {"name": "a\u202eb"}, "body.name: "),
    "a name with a control": ("profile/1", {"name": "a\x85b"}, "body.name: "),
    "a long about": (
        "profile/1",
        {"name": "a", "about": "x" * 2_001},
        "is not a text of up to 2,000 characters",
    ),
    "an about with a nought": ("profile/1", {"name": "a", "about": "\0"}, "body.about: "),
    "a place of two lines": ("profile/1", {"name": "a", "place": "a\nb"}, "body.place: "),
    "addresses that are one": (
        "profile/1",
        {"name": "a", "addresses": "https://a.example"},
        "body.addresses: ",
    ),
    "too many addresses": (
        "profile/1",
        {"name": "a", "addresses": ["https://a.example"] * 9},
        "body.addresses: a list",
    ),
    "nobody vouched for": (
        "vouch/1",
        {"subject": "永泰", "name": "b"},
        'body.subject: "永泰" is not an identity',
    ),
    "a vouch for oneself": (
        "vouch/1",
        {"subject": KEY.did, "name": "b"},
        "body.subject: nobody vouches for themselves",
    ),
    "a vouch without a name": ("vouch/1", {"subject": OTHER.did}, "body.name: is missing"),
    "a long note": ("vouch/1", {"subject": OTHER.did, "name": "b", "note": "x" * 501}, "body.note: "),
    "a sid in capitals": ("withdraw/1", {"sid": "AB" * 32}, "body.sid: "),
    "a short sid": ("withdraw/1", {"sid": "ab"}, 'body.sid: "ab" is not the sid of a statement'),
    "a sid with a line after it": ("withdraw/1", {"sid": "ab" * 32 + "\n"}, "body.sid: "),
    "a sid of another type": ("withdraw/1", {"sid": 1}, "body.sid: 1 is not the sid"),
    "a title in no language": (
        "listing/1",
        {"title": {}, "until_ms": 0},
        "body.title: an object is not an object of 1",
    ),
    "a title that is a text": (
        "listing/1",
        {"title": "Rice", "until_ms": 0},
        'body.title: "Rice" is not an object',
    ),
    "too many languages": ("listing/1", {"title": TOO_MANY, "until_ms": 0}, "body.title: "),
    "a language that is none": (
        "listing/1",
        {"title": {"z": "a"}, "until_ms": 0},
        'body.title: "z" is not a language',
    ),
    "a title that is none": ("listing/1", {"title": {"zh": " "}, "until_ms": 0}, "body.title.zh: "),
    "a title of two lines": ("listing/1", {"title": {"zh": "a\nb"}, "until_ms": 0}, "body.title.zh: "),
    "a text that is none": (
        "listing/1",
        {"title": {"zh": "a"}, "text": {"zh": ""}, "until_ms": 0},
        "body.text.zh: ",
    ),
    "a long title": ("listing/1", {"title": {"zh": "x" * 201}, "until_ms": 0}, "body.title.zh: "),
    "a title of a number": (
        "listing/1",
        {"title": {"zh-TW": 1}, "until_ms": 0},
        'body.title["zh-TW"]: 1 is not a text',
    ),
    "a long text": (
        "listing/1",
        {"title": {"zh": "a"}, "text": {"en": "x" * 4_001}, "until_ms": 0},
        "body.text.en: ",
    ),
    "a listing for ever": ("listing/1", {"title": {"zh": "a"}}, "body.until_ms: is missing"),
    "a listing until yesterday's text": (
        "listing/1",
        {"title": {"zh": "a"}, "until_ms": "0"},
        'body.until_ms: "0" is',
    ),
    "a want that is a number": (
        "listing/1",
        {"title": {"zh": "a"}, "until_ms": 0, "wants": 1},
        "body.wants: 1 is not",
    ),
    "a card of two lines": ("card/1", {"card": "a\nb"}, "body.card: "),
    "a long card": ("card/1", {"card": "x" * 1_001}, "body.card: "),
    "no successor": ("successor/1", {"successor": "did:key:z6Mk"}, "body.successor: "),
    "one's own successor": (
        "successor/1",
        {"successor": KEY.did},
        "body.successor: nobody succeeds themselves",
    ),
    "following oneself": ("follow/1", {"subject": KEY.did}, "body.subject: nobody follows themselves"),
}

BAD_ADDRESSES = [
    "", "a.example", "ftp://a.example", "HTTP://a.example", "https://", "https:///pond", "https://a.example/",
    "https://a.example/pond/", "https://a.example//pond", "https://me:secret@a.example", "https://a.example?x=1",
    "https://a.example#x", "https://a.example/a b", "https://平塘.example", "https://a.example\n",
    "https://a.example:port", "https://a.example/" + "x" * 300, "javascript:alert(1)", 7, None,
]  # fmt: skip

BAD_ENTRIES = {
    "no base64": ("!!!", "it is not the base64 of an entry"),
    "no ASCII": ("永泰", "it is not the base64 of an entry"),
    "nothing": ("", "it is not the base64 of an entry"),
    "base64 in lines": (encoded(SUCCESSION)[:76] + "\n" + encoded(SUCCESSION)[76:], "it is not the base64"),
    "base64 without its end": (encoded(SUCCESSION).rstrip("=") + "=" * 9, "it is not the base64"),
    "too much": (encoded(b"x" * (MAX_SUCCESSION_BYTES + 1)), "of an entry of up to 4,096 bytes"),
    "no entry": (encoded(b"rice"), "not an entry"),
    "signed by another": (
        encoded(join(SUCCESSION[:-90], THIRD.sign(pae(SUCCESSION[:-90])))),
        f"the signature is not one of {OTHER.did}",
    ),
    "another kind": (
        encoded(sign(write_body(Vouch(subject=KEY.did, name="a"), OTHER.did, NOW_MS), OTHER)),
        "it is a statement of another kind than successor/1",
    ),
    "a kind nobody knows": (
        encoded(sign(write("successor/2", OTHER.did, NOW_MS, {}), OTHER)),
        "kind successor/2 is not known here",
    ),
    "another successor": (
        encoded(sign(write_body(Successor(successor=THIRD.did), OTHER.did, NOW_MS), OTHER)),
        f"{OTHER.did} named another successor: {THIRD.did}",
    ),
    "a statement that says more than is known": (
        encoded(sign(write("successor/1", OTHER.did, NOW_MS, {"successor": KEY.did, "until": 1}), OTHER)),
        "body.until: unknown key",
    ),
}


@pytest.mark.parametrize("case", GOOD)
def test_good(case: str) -> None:
    body, understood = GOOD[case]
    statement = said(understood.KIND, body)
    assert understand(statement) == understood
    assert problem(statement) == ""
    assert read_body(statement) == understood
    again = read_payload(write_body(understood, KEY.did, NOW_MS))
    assert again.kind == understood.KIND
    assert again.body == {key: value for key, value in body.items() if not key.startswith("x_")}


@pytest.mark.parametrize("case", BAD)
def test_bad(case: str) -> None:
    kind, body, why = BAD[case]
    statement = said(kind, body)
    assert understand(statement) is None
    assert why in problem(statement)
    assert "\n" not in problem(statement)
    assert len(problem(statement)) < 300


@pytest.mark.parametrize(
    "body", [Vouch(subject=KEY.did, name="a"), Follow(subject=KEY.did), Successor(successor=KEY.did)]
)
def test_what_nobody_says_of_themselves_is_not_written(body: Body) -> None:
    with pytest.raises(InputError, match=r"nobody \w+ (for )?themselves"):
        write_body(body, KEY.did, NOW_MS)
    assert understand(read_payload(write_body(body, OTHER.did, NOW_MS))) == body


@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_bad_address(address: object) -> None:
    statement = said("profile/1", {"name": "a", "addresses": ["https://a.example", address]})
    assert problem(statement).startswith("body.addresses[1]: ")
    with pytest.raises(InputError):
        Profile(name="a", addresses=("https://a.example", address))  # type: ignore[arg-type]


@pytest.mark.parametrize("case", BAD_ENTRIES)
def test_bad_predecessor(case: str) -> None:
    entry, why = BAD_ENTRIES[case]
    statement = said("predecessor/1", {"entry": entry})
    assert understand(statement) is None
    assert problem(statement).startswith("body.entry")
    assert why in problem(statement)


def test_a_log_continues_another() -> None:
    """The old key names the new one, the new one shows it, and only the new one can."""
    body = Predecessor(entry=encoded(SUCCESSION))
    assert body.check(KEY.did) == OTHER.did
    entry = sign(write_body(body, KEY.did, NOW_MS), KEY)
    understood = understand(read(entry, KEY.did))
    assert isinstance(understood, Predecessor)
    assert understood.check(KEY.did) == OTHER.did
    with pytest.raises(InputError, match=r"entry: .* named another successor"):
        write_body(body, THIRD.did, NOW_MS)


def test_bodies_are_values() -> None:
    body = Profile(name="a")
    with pytest.raises(FrozenInstanceError):
        body.name = "b"  # type: ignore[misc]
    assert {Vouch(subject=KEY.did, name="a"), Vouch(subject=KEY.did, name="a")} == {
        Vouch(subject=KEY.did, name="a")
    }
    assert hash(Listing(title={"en": "a"}, until_ms=1)) == hash(Listing(title={"en": "a"}, until_ms=1))
    assert all(kind == body.KIND for kind, body in KINDS.items())


def test_kinds_that_are_known() -> None:
    names = "card follow listing predecessor profile successor vouch withdraw"
    assert sorted(KINDS) == [f"{name}/1" for name in names.split()]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="utf-8"), max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = sorted({field.name for body in KINDS.values() for field in fields(body)} | {"x_any", "other"})


@given(st.sampled_from(sorted(KINDS)), st.dictionaries(st.sampled_from(NAMES), JSON, max_size=4))
def test_any_body_is_understood_or_said_not_to_be(kind: str, body: dict[str, Any]) -> None:
    statement = said(kind, body)
    understood = understand(statement)
    assert (understood is None) is (problem(statement) != "")
    assert json.loads(statement.payload)["body"] == statement.body == body
    if understood is not None:
        assert type(understood) is KINDS[kind]


@given(st.sampled_from(sorted(GOOD)), st.data())
def test_a_good_body_with_one_field_changed(case: str, data: st.DataObject) -> None:
    body, good = GOOD[case]
    changed = body | {data.draw(st.sampled_from(sorted(body))): data.draw(JSON)}
    statement = said(good.KIND, changed)
    understood = understand(statement)
    if understood is None:
        assert problem(statement).startswith("body.")
    else:
        assert read_body(read_payload(write_body(understood, KEY.did, NOW_MS))) == understood


LINES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=30)


@given(
    name=LINES,
    about=LINES,
    place=LINES | st.just(""),
    wants=st.booleans(),
    until_ms=st.integers(0, 2**53 - 1),
)
def test_what_is_written_is_understood(name: str, about: str, place: str, wants: bool, until_ms: int) -> None:
    for body in (
        Profile(name=name, about=about, place=place),
        Vouch(subject=OTHER.did, name=name, note=about),
        Listing(title={"zh": name}, text={"en": about}, until_ms=until_ms, wants=wants),
        CardEntry(card=name),
    ):
        assert understand(read(sign(write_body(body, KEY.did, NOW_MS), KEY), KEY.did)) == body
