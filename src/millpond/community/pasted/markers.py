"""The number in front of a line: 1. 1、 1） 【1】 ① 1️⃣ No.1 一、 and, where it goes on, a bare figure.

>>> numbered("12、王芳 2袋", previous=11, starts_order=lambda rest: False)
(12, '王芳 2袋')
>>> numbered("502王阿姨 1袋", previous=3, starts_order=lambda rest: False) is None
True
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from millpond.community.pasted.characters import KEYCAP, fold
from millpond.community.pasted.numerals import CHINESE, chinese_number

__all__ = ["MAX_NUMBER", "numbered"]

MAX_NUMBER = 9_999
"""Groups have five hundred members; four figures are still a number, more are something else."""

_KEYCAPS = re.compile(rf"((?:\d+{KEYCAP}\s?)+)\s*[.、,:)\-]?\s*")
_ENCLOSED = re.compile(r"(?:no\.?|第)?\s*[(\[]\s*(\d{1,4})\s*[)\]]\s*[.、,:]?\s*", re.IGNORECASE)
_WITH_SIGN = re.compile(
    r"(?:no\.?\s*|第)?(\d{1,4})\s*(?:[、)\],;。]|[.:](?!\d)|\.(?=\d{3,4}\D)|-+(?=[^\d\s-])|(?<=\d)[.]{2,})\s*",
    re.IGNORECASE,
)
_CALLED = re.compile(r"(?:no\.?\s*(\d{1,4})|第(\d{1,4})(?:位|单|个|号)?)\s*[:.、,]?\s*", re.IGNORECASE)
_HAN = re.compile(rf"([{CHINESE}]{{1,4}})\s*[、.,)]\s*")
_POINT_FIGURE = re.compile(r"(\d{1,4})\s*(?:\.|#(?!\s*\d))\s*")
_BARE = re.compile(r"(\d{1,4})(?:\s+|(?=[^\d\s]))")
_NOT_AFTER = re.compile(r"\s?[号栋幢座楼单室月日点年元块斤分期区弄#%/:*×x~￥+-]")
_CIRCLES = ("CIRCLED", "PARENTHESIZED", "NEGATIVE CIRCLED", "DOUBLE CIRCLED", "DINGBAT")


def numbered(text: str, *, previous: int, starts_order: Callable[[str], bool]) -> tuple[int, str] | None:
    """Number and rest of a clean line, or None.

    A figure with nothing but a space behind it (or nothing at all) counts only as the one after `previous`,
    or as a new 1, and not where what follows it makes it a quantity: `starts_order` says so.
    """
    source, text = text, fold(text)
    if match := _KEYCAPS.match(text):
        return int(re.sub(r"\D", "", match[1])[:4]), source[match.end() :]
    if (value := _enclosed_character(text[:1])) is not None:
        return value, re.sub(r"^\s*[.、,，:：)）\-]?\s*", "", source[1:])
    for pattern in (_ENCLOSED, _WITH_SIGN, _CALLED):
        if match := pattern.match(text):
            value = int(next(group for group in match.groups() if group))
            return value, source[match.end() :]
    if (match := _HAN.match(text)) and (number := chinese_number(match[1])):
        return number, source[match.end() :]
    if (match := _POINT_FIGURE.match(text)) and int(match[1]) == previous + 1 and text[match.end() :]:
        return int(match[1]), source[match.end() :]
    match = _BARE.match(text)
    if match is None or int(match[1]) not in {previous + 1, 1}:
        return None
    rest = text[match.end(1) :]
    if _NOT_AFTER.match(rest) or starts_order(rest):
        return None
    return int(match[1]), source[match.end() :]


def _enclosed_character(character: str) -> int | None:
    """The value of ①, ⑴, ⒈, ❶, ㉑, ㊀; None for everything else."""
    if not character or character.isascii():
        return None
    name = unicodedata.name(character, "")
    if not name.startswith(_CIRCLES) and "FULL STOP" not in name:
        return None
    value = unicodedata.numeric(character, -1.0)
    return int(value) if value >= 0 else None
