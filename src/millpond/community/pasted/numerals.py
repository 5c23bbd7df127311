"""Numbers as people write them: figures, 中文 numerals, small English words.

>>> chinese_number("三十五"), chinese_number("两"), chinese_number("两三")
(35, 2, None)
"""

from __future__ import annotations

__all__ = ["CHINESE", "ENGLISH", "chinese_number", "whole_number"]

_DIGITS = dict(zip("零〇一二三四五六七八九", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_DIGITS |= dict(zip("壹贰叁肆伍陆柒捌玖两俩仨", (1, 2, 3, 4, 5, 6, 7, 8, 9, 2, 2, 3), strict=True))
_TENS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}

CHINESE = "".join(_DIGITS) + "".join(_TENS) + "廿卅"
"""Characters that 中文 numerals are made of, simplified and formal."""

ENGLISH = {
    word: number
    for number, words in enumerate(
        "zero/a an one/two/three/four/five/six/seven/eight/nine/ten/eleven/twelve".split("/")  # noqa: SIM905
    )
    for word in words.split()
}


def chinese_number(text: str) -> int | None:
    """The number, or None if it is not well formed: "两三" is two or three, "五一" no number at all."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    total, digit, last_ten = 0, -1, 10_000
    for place, character in enumerate(text):
        if character in _TENS:
            ten = _TENS[character]
            if ten >= last_ten or (digit < 0 and not (ten == 10 and place == 0)) or digit == 0:
                return None
            total += max(digit, 1) * ten
            digit, last_ten = -1, ten
        elif character in _DIGITS:
            if digit > 0:
                return None
            digit = _DIGITS[character]
        else:
            return None
    return total + max(digit, 0) if text else None


def whole_number(text: str) -> int | None:
    """What figures, a 中文 numeral or an English word say; None if nothing certain.

    Figures beyond any quantity are cut, so that a line full of them costs nothing.
    """
    if text.isascii() and text.isdigit():
        return int(text[:12])
    return ENGLISH[text] if text in ENGLISH else chinese_number(text)
