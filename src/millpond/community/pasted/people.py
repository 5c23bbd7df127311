"""Whose line it is: the name among the words before the order, and whether it is certain where it ends."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence

from millpond.community.pasted.characters import fold, is_emoji
from millpond.community.pasted.numerals import CHINESE
from millpond.community.pasted.pieces import Kind, Piece
from millpond.community.pasted.vocabulary import GOODS, MODIFIERS, SURNAMES, TITLES

__all__ = ["counted_nickname", "joined", "made_of_goods", "may_be_goods", "surely_ends"]

_HAN_NAME = re.compile("[\u3400-\u9fff]{2,3}")
_LATIN_WORD = re.compile(r"[A-Z\u00c0-\u00de][\w'.-]*")
_WORDS = {Kind.TEXT, Kind.QUANTITY}
_HAN = re.compile("[\u3400-\u9fff]")


def surely_ends(name: str) -> bool:
    """Whether a name that runs into the goods ends here: 王芳大米 does, 张大黑大米 may not."""
    folded = fold(name)
    if not _HAN.match(folded[-1]):
        return folded[-1].isalnum() or is_emoji(folded[-1])
    if TITLES.search(folded) and len(folded) > 1:
        return True
    return bool(_HAN_NAME.fullmatch(folded)) and folded[0] in SURNAMES and folded[-1] not in MODIFIERS


def may_be_goods(name: str) -> bool:
    """Whether it could be a thing as well as a person: 绿豆, and not 王小豆."""
    folded = fold(name)
    return folded[-1:] in GOODS and not (folded[0] in SURNAMES and 1 < len(folded) < 4)


def joined(words: Sequence[Piece]) -> int:
    """How many of the first words are one name: first and last names in Latin letters, written large."""
    count = 1
    for before, word in itertools.pairwise(words):
        apart = word.start - before.end
        if apart != 1 or not _LATIN_WORD.fullmatch(before.text) or not _LATIN_WORD.fullmatch(word.text):
            break
        count += 1
    return count


def made_of_goods(pieces: list[Piece], body: str) -> list[Piece]:
    """The pieces with a nickname like 苹果妈妈 at the front made one text again."""
    end = 0
    while end < len(pieces) and pieces[end].kind in {Kind.TEXT, Kind.ITEM}:
        if end and pieces[end].start != pieces[end - 1].end:
            break
        end += 1
    words = pieces[:end]
    if end < 2 or words[-1].kind is not Kind.TEXT or not TITLES.search(words[-1].folded):
        return pieces
    name = Piece(Kind.TEXT, words[0].start, words[-1].end, body[words[0].start : words[-1].end])
    return [name, *pieces[end:]]


def counted_nickname(pieces: list[Piece], body: str, fits: Callable[[str], bool]) -> list[Piece]:
    """The pieces with a nickname like 一壶天地 at the front made one text again.

    Only where its unit is none of what is offered, and the quantity of the order comes later.
    """
    first = pieces[0] if pieces else None
    if first is None or first.quantity is None or first.text[:1] not in CHINESE or fits(first.quantity.unit):
        return pieces
    end = 1
    while end < len(pieces) and pieces[end].start == pieces[end - 1].end and pieces[end].kind in _WORDS:
        end += 1
    if not first.quantity.unit or not any(piece.kind is Kind.QUANTITY for piece in pieces[end:]):
        return pieces
    last = pieces[end - 1]
    return [Piece(Kind.TEXT, first.start, last.end, body[first.start : last.end]), *pieces[end:]]
