"""What statements say: the kinds that are known here, and the rules of their bodies.

A kind is a class: `KIND` is its name and version, the fields are the body's, and construction checks them. To
add one, write the class and put it into `_BODIES`; reading, writing and messages follow from it.

There are three degrees. A statement is *well-formed* by its bytes (`statement`), for every node and for good.
It is *understood* if its kind is known here and its body obeys the kind; this module decides that. It is
*acted on* if what it says also holds where it stands (a first statement, an author one follows); that is its
reader's business.

Invariants:
- What is not understood is kept, carried and shown as such, and never acted on, not even in part. A log is
  never refused for it.
- A version never changes. vouch/2 would be another kind, and who knows only vouch/1 does not understand it.
- A field that a kind does not have makes the statement one that is not understood, unless it begins with
  "x_": those are anybody's to add, and change nothing.
- Texts are counted in characters (Unicode code points). Which characters may stand in them is a list of this
  format's own, the same whatever tables of Unicode a node has.

>>> vouch = Vouch(subject="did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd", name="Yongtai")
>>> vouch.KIND, plain(vouch)["name"]
('vouch/1', 'Yongtai')
"""

from __future__ import annotations

import re
from base64 import b64encode
from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from millpond.errors import InputError
from millpond.log.keys import public_of
from millpond.log.statement import MAX_TIME_MS, Attachment, Statement, read, read_payload, split, write
from millpond.model.rules import flag, integer, path_under, text, wrong
from millpond.model.shapes import build, plain

MAX_NAME = 120
MAX_ABOUT = 2_000
MAX_NOTE = 500
MAX_CARD = 1_000
MAX_TITLE = 200
MAX_TEXT = 4_000
MAX_LANGUAGES = 20
MAX_ADDRESSES = 8
MAX_ADDRESS = 300
MAX_SUCCESSION_BYTES = 4_096
"""An entry that names a successor says no more than that."""

_SID = re.compile(r"[0-9a-f]{64}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,3}")
_ADDRESS = re.compile(
    r"https?://(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~%!$&'()*+,;=:@-]+)*"
)
_HIDDEN = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
"""Control characters but tab and line feed, and those that turn the direction of the text around them."""
_NOT_IN_TEXT = re.compile(f"[{_HIDDEN}]")
_NOT_IN_LINE = re.compile(f"[\t\n{_HIDDEN}]")
_BLANK = " \t\n\u00a0\u200b\u200c\u200d\u200e\u200f\u2060\u3000\ufeff"
"""Characters that alone make no text."""


def _line(at: str, value: object, most: int, least: int = 1) -> None:
    """A text of one line, which is not blank."""
    text(at, value)
    assert isinstance(value, str)
    if not least <= len(value) <= most or _NOT_IN_LINE.search(value) or (value and not value.strip(_BLANK)):
        raise wrong(at, value, f"a line of {least} to {most:,} characters, none of them hidden")


def _text(at: str, value: object, most: int) -> None:
    """A text of any lines; without any it is not there."""
    text(at, value)
    assert isinstance(value, str)
    if len(value) > most or _NOT_IN_TEXT.search(value):
        raise wrong(at, value, f"a text of up to {most:,} characters, none of them hidden")


def _did(at: str, value: object) -> None:
    text(at, value)
    assert isinstance(value, str)
    try:
        public_of(value)
    except InputError as error:
        raise error.inside(at) from None


def _languages(
    at: str, value: object, check: Callable[[str, object, int], None], most: int, least: int
) -> None:
    """Texts by language (BCP 47), at least so many; `check` looks at each, `most` is its longest."""
    if not isinstance(value, Mapping) or not least <= len(value) <= MAX_LANGUAGES:
        rule = f'an object of {least} to {MAX_LANGUAGES} texts by language, like {{"en": "Rice"}}'
        raise wrong(at, value, rule)
    for language, entry in value.items():
        if type(language) is not str or not _LANGUAGE.fullmatch(language):
            raise wrong(at, language, "a language, like zh or en")
        where = path_under(at, language)
        check(where, entry, most)
        if not entry.strip(_BLANK):
            raise wrong(where, entry, "a text; a language without one is left out")


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class Body:
    """What a statement of one kind says. Frozen, and obeys its rules from the moment it exists."""

    KIND: ClassVar[str]
    __slots__ = ()

    def check(self, author: str) -> object:
        """Raise `InputError` if this is nothing that this author (a did) can say."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Body):
    """Who the author is, in its own words; the latest one counts.

    `addresses` are where its log can be fetched: each is an http(s) address up to where "/logs/" begins.
    """

    KIND: ClassVar[str] = "profile/1"
    name: str
    about: str = ""
    addresses: tuple[str, ...] = field(default=(), metadata={"read": _tuple})
    place: str = ""

    def __post_init__(self) -> None:
        _line("name", self.name, MAX_NAME)
        _text("about", self.about, MAX_ABOUT)
        if type(self.addresses) is not tuple or len(self.addresses) > MAX_ADDRESSES:
            raise wrong("addresses", self.addresses, f"a list of up to {MAX_ADDRESSES} addresses")
        for index, address in enumerate(self.addresses):
            if type(address) is not str or len(address) > MAX_ADDRESS or not _ADDRESS.fullmatch(address):
                rule = f"an address of up to {MAX_ADDRESS} characters without / at its end, like https://a.example"
                raise wrong(f"addresses[{index}]", address, rule)
        _line("place", self.place, MAX_NAME, least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouch(Body):
    """The author knows who `subject` is, and calls it `name`."""

    KIND: ClassVar[str] = "vouch/1"
    subject: str
    name: str
    note: str = ""

    def __post_init__(self) -> None:
        _did("subject", self.subject)
        _line("name", self.name, MAX_NAME)
        _text("note", self.note, MAX_NOTE)

    def check(self, author: str) -> None:
        if self.subject == author:
            raise InputError("nobody vouches for themselves", at="subject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Body):
    """An earlier statement of the same author no longer holds: a vouch, a listing, a card, a follow.

    `sid` is its name in hexadecimal digits. What was said stays said; it is no longer acted on.
    """

    KIND: ClassVar[str] = "withdraw/1"
    sid: str

    def __post_init__(self) -> None:
        if type(self.sid) is not str or not _SID.fullmatch(self.sid):
            raise wrong("sid", self.sid, "the sid of a statement: 64 hexadecimal digits, in lower case")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Body):
    """Something that the author offers or, with `wants`, looks for, until a moment (unix milliseconds)."""

    KIND: ClassVar[str] = "listing/1"
    title: Mapping[str, str] = field(hash=False)
    text: Mapping[str, str] = field(default_factory=dict, hash=False)
    until_ms: int
    wants: bool = False

    def __post_init__(self) -> None:
        _languages("title", self.title, _line, MAX_TITLE, least=1)
        _languages("text", self.text, _text, MAX_TEXT, least=0)
        integer("until_ms", self.until_ms, 0, MAX_TIME_MS)
        flag("wants", self.wants)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEntry(Body):
    """A card in the author's address book, for others to find. What a card says is its reader's to check."""

    KIND: ClassVar[str] = "card/1"
    card: str

    def __post_init__(self) -> None:
        _line("card", self.card, MAX_CARD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Successor(Body):
    """From here on the author speaks as `successor`. The last thing that a log says."""

    KIND: ClassVar[str] = "successor/1"
    successor: str

    def __post_init__(self) -> None:
        _did("successor", self.successor)

    def check(self, author: str) -> None:
        if self.successor == author:
            raise InputError("nobody succeeds themselves", at="successor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor(Body):
    """This log continues another: `entry` is the entry of that one's successor statement, in padded base64.

    Counts as the first statement of a log only, which its reader sees to.
    """

    KIND: ClassVar[str] = "predecessor/1"
    entry: str

    def __post_init__(self) -> None:
        text("entry", self.entry)
        _decoded(self.entry)

    def check(self, author: str) -> str:
        """The did of the predecessor; raises `InputError` unless it did name this author as its successor."""
        entry = _decoded(self.entry)
        try:
            old = read_payload(split(entry)[0]).author
            successor = read_body(read(entry, old))
        except InputError as error:
            raise error.inside("entry") from None
        if not isinstance(successor, Successor):
            raise InputError(f"it is a statement of another kind than {Successor.KIND}", at="entry")
        if successor.successor != author:
            raise InputError(f"{old} named another successor: {successor.successor}", at="entry")
        return old


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow(Body):
    """The author reads the log of `subject`. It vouches for nothing."""

    KIND: ClassVar[str] = "follow/1"
    subject: str

    def __post_init__(self) -> None:
        _did("subject", self.subject)

    def check(self, author: str) -> None:
        if self.subject == author:
            raise InputError("nobody follows themselves", at="subject")


_BODIES: tuple[type[Body], ...] = (
    Profile, Vouch, Withdraw, Listing, CardEntry, Successor, Predecessor, Follow,
)  # fmt: skip

KINDS: Mapping[str, type[Body]] = {body.KIND: body for body in _BODIES}
"""The kinds that are understood here, by name and version."""


def understand(statement: Statement) -> Body | None:
    """What the statement says, or None if it is not understood here: then `problem` says why."""
    try:
        return read_body(statement)
    except InputError:
        return None


def problem(statement: Statement) -> str:
    """Why the statement is not understood here, in one sentence; empty if it is."""
    try:
        read_body(statement)
    except InputError as error:
        return str(error)
    return ""


def read_body(statement: Statement) -> Body:
    """What the statement says; raises `InputError` if it is not understood here."""
    kind = KINDS.get(statement.kind)
    if kind is None:
        raise InputError(_unknown(statement.kind))
    try:
        body = build(kind, statement.body)
        body.check(statement.author)
    except InputError as error:
        raise error.inside("body") from None
    return body


def write_body(body: Body, author: str, time_ms: int, attachments: Sequence[Attachment] = ()) -> bytes:
    """The payload of a new statement with this body, which is understood; raises `InputError`.

    `author` is a did, `time_ms` unix milliseconds. Fields that have their defaults are left out.
    """
    body.check(author)
    return write(body.KIND, author, time_ms, plain(body), attachments)


def _unknown(kind: str) -> str:
    name = kind.partition("/")[0]
    known = sorted(other for other in KINDS if other.partition("/")[0] == name)
    if known:
        return (
            f"kind {kind} is not known here, only {', '.join(known)}; another version of Millpond may know it"
        )
    return f"kind {kind} is not known here"


def _decoded(encoded: str) -> bytes:
    """The bytes of the field `entry`, which has one form of them."""
    try:
        data = a2b_base64(encoded)
    except (Base64Error, ValueError):
        data = b""
    if not data or b64encode(data).decode() != encoded or len(data) > MAX_SUCCESSION_BYTES:
        raise InputError(
            f"it is not the base64 of an entry of up to {MAX_SUCCESSION_BYTES:,} bytes", at="entry"
        )
    return data
