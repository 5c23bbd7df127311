"""Cards: one line by which participants meet. It says whose log it is and where that log can be fetched.

    millpond:z6Mk…?at=https%3A%2F%2Fpond.example&name=Yongtai&keeper=1&sum=5d1f0c3e

    z6Mk…     the key, as after "did:key:"
    at        address of a node that has the log, any number of times: the log is at ADDRESS/logs/HASH
    name      what its owner calls itself
    keeper    1: the card of a keeper, whose key cosigns; the log of such a key is that of nobody
    sum       first 8 hexadecimal digits of the SHA-256 of the line up to before "&sum=" ("?sum=")

Values are percent-encoded (RFC 3986, everything but letters, digits and "-._~"), so a line is ASCII without
spaces and a chat has nothing in it to make a link of.

Trusted or not: a card is a claim. Nothing in it is signed, and it need not be: the key is the identity, an
address can only hold a log back, a name is what somebody says. Whoever takes a card from a place where it
could have been exchanged compares the check phrase (`phrases`) with its owner.

- `write` and `read` are inverses, and one card has one line.
- `read` takes what a chat makes of a line: words around it, line breaks and quotation marks in it, full-width
  signs, "&amp;". The sum tells where the line ends, and that nothing of it was lost; a line without one was
  cut off.
- Parameters that are not known here are passed by: a later version may have more to say.

>>> did = "did:key:z6MkehRgf7yJbgaGfYsdoAsKdBPE3dj2CYhowQdcjqSJgvVd"
>>> card = Card(did, ("https://pond.example",), "Yongtai")
>>> read(f"Our card： {write(card)}。 See you") == card
True
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote, unquote

from millpond.errors import InputError
from millpond.log.keys import public_of
from millpond.log.kinds import MAX_ADDRESSES, MAX_CARD, MAX_NAME, Profile

SCHEME = "millpond:"
FILE_ENDING = ".millpond-card"
MAX_TEXT_BYTES = 65_536
"""Of what a card is looked for in: a pasted chat, a card file."""
MOST_BREAKS = 200
"""Characters that may have come between those of one line: line breaks, spaces, signs of quotation."""
SUM_CHARACTERS = 8

_DID = "did:key:"
_VALUE = "[A-Za-z0-9._~%-]*"
_LINE = re.compile(
    rf"(z[1-9A-HJ-NP-Za-km-z]{{47}}(?:\?|\?([a-z_]+={_VALUE}(?:&[a-z_]+={_VALUE})*?)&))sum=([0-9a-f]{{8}})"
)
_BROKEN = re.compile(r"[\s>|]+")
_PERCENT = re.compile(r"%(?![0-9A-F]{2})")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_HIDDEN = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]
)
"""Characters that chats put in to break or turn a line, and that nobody sees."""

NO_CARD = (
    f"no card is in it: one begins with {SCHEME}z6Mk. Copy the whole line, or ask for the card as a file"
)
NOT_WHOLE = (
    "the card is not whole: something of it was lost or changed on the way. Copy the whole line again, or "
    "ask for the card as a file or as a code to scan"
)


@dataclass(frozen=True, slots=True)
class Card:
    """Whose log, where it is, what its owner calls itself. Raises `InputError` for what no card can say.

    `did` is the participant (a keeper's cosigning key if `is_keeper`), `addresses` are http(s) addresses of
    nodes, `name` may be empty.
    """

    did: str
    addresses: tuple[str, ...] = ()
    name: str = ""
    is_keeper: bool = False

    def __post_init__(self) -> None:
        public_of(self.did)
        Profile(name=self.name or self.did, addresses=self.addresses)  # one rule for names and addresses
        length = len(_line(self))
        if length > MAX_CARD:
            raise InputError(
                f"a card has at most {MAX_CARD:,} characters, and this would have {length:,}: give it fewer "
                "or shorter addresses, or a shorter name"
            )


def fitting(did: str, addresses: Iterable[str], name: str, *, is_keeper: bool = False) -> Card:
    """A card with as much of the name and as many of the addresses, first things first, as one holds."""
    name, chosen = name[:MAX_NAME].strip(), tuple(dict.fromkeys(addresses))[:MAX_ADDRESSES]
    while True:
        try:
            return Card(did, chosen, name, is_keeper)
        except InputError:
            if len(chosen) > 1:
                chosen = chosen[:-1]
            elif len(name) > 20:
                name = name[:-10].rstrip() + "…"
            else:
                raise


def write(card: Card) -> str:
    """The card as one line of ASCII without spaces."""
    return _line(card)


def read(text: str | bytes) -> Card:
    """The one card in a text that came from a chat, a file or a code; raises `InputError` in plain words.

    The same card may stand in it twice; two different ones are refused.
    """
    found = dict.fromkeys(_cards(_plain(text)))
    if len(found) > 1:
        raise InputError(f"{len(found)} different cards are in it: give one at a time")
    return next(iter(found))


def file_text(card: Card, phrases: Iterable[str] = ()) -> str:
    """What a card file says: the card, then what it is for whoever opens the file by hand."""
    lines = [
        write(card),
        "",
        "A card of Millpond: give this file, or its first line, to who wants to follow this log.",
        "平塘名片：想关注这份日志的人，把这个文件或它的第一行拿去就行。",
        "",
        f"Name 名字: {card.name or '–'}",
        f"Identity 身份: {card.did}",
        *(f"Address 地址: {address}" for address in card.addresses),
        *(f"Check phrase 核对词: {phrase}" for phrase in phrases),
    ]
    if phrases:
        lines += [
            "",
            "Compare the check phrase with its owner, face to face or by phone. 请当面或打电话和本人核对。",
        ]
    return "\n".join(lines) + "\n"


def _line(card: Card) -> str:
    values = [("at", address) for address in card.addresses]
    values += [("name", card.name)] * bool(card.name) + [("keeper", "1")] * card.is_keeper
    body = SCHEME + card.did.removeprefix(_DID)
    for index, (key, value) in enumerate(values):
        body += f"{'&' if index else '?'}{key}={quote(value, safe='')}"
    return f"{body}{'&' if values else '?'}sum={_sum(body)}"


def _sum(body: str) -> str:
    return sha256(body.encode()).hexdigest()[:SUM_CHARACTERS]


def _plain(text: str | bytes) -> str:
    """As text, with ASCII for full-width signs and without what nobody sees."""
    if len(text) > MAX_TEXT_BYTES:
        raise InputError(f"is longer than {MAX_TEXT_BYTES:,} bytes; a card is one line: give that alone")
    if isinstance(text, bytes):
        wide = text.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = text.decode("utf-16" if wide else "utf-8", errors="replace")
    return text.translate(_FULL_WIDTH).translate(_HIDDEN).replace("&amp;", "&")


def _cards(text: str) -> list[Card]:
    starts = [match.end() for match in re.finditer(SCHEME, text, re.IGNORECASE)]
    if not starts:
        if _DID in text:
            raise InputError(
                "this is an identity, and does not say where the log is: ask for the card, which begins with "
                f"{SCHEME}z6Mk"
            )
        raise InputError(NO_CARD)
    cards, problem = [], InputError(NO_CARD)
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        try:
            cards.append(_card(text[start : min(end, start + MAX_CARD + MOST_BREAKS)]))
        except InputError as error:
            problem = error
    if not cards:
        raise problem
    return cards


def _card(text: str) -> Card:
    """The card whose line, without the scheme, a text begins with."""
    line = _LINE.match(_BROKEN.sub("", text))
    if line is None:
        raise InputError(NOT_WHOLE if text.lstrip().startswith("z6Mk") else NO_CARD)
    if _sum(SCHEME + line[1][:-1]) != line[3]:
        raise InputError(NOT_WHOLE)
    return _built(_DID + line[1].partition("?")[0], line[2] or "")


def _built(did: str, parameters: str) -> Card:
    addresses, single = [], {"name": "", "keeper": ""}
    for parameter in parameters.split("&") if parameters else ():
        key, _, encoded = parameter.partition("=")
        if _PERCENT.search(encoded):
            raise InputError(NOT_WHOLE)
        try:
            value = unquote(encoded, errors="strict")
        except UnicodeDecodeError:
            raise InputError(NOT_WHOLE) from None
        if key == "at":
            addresses.append(value)
        elif single.get(key):
            raise InputError(f"the card says {key} twice")
        elif key in single:
            single[key] = value
    return Card(did, tuple(addresses), single["name"], single["keeper"] == "1")
