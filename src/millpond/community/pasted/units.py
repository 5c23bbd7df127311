"""Units of quantities: which words are units, and which of them mean the same.

Nothing is converted: 1 公斤 of something sold by the 斤 is a doubt. Counting twelve for a dozen of what is
sold by the piece is no conversion.

>>> fits("袋", "包"), fits("斤", "公斤"), fits("桶", "份")
(True, False, True)
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = [
    "MEASURE",
    "count_of",
    "fits",
    "is_measure",
    "is_unset",
    "measure",
    "normal",
    "pattern",
    "spellings",
]

_ALIKE = (
    "袋 包 bag bags sack sacks",
    "瓶 bottle bottles",
    "桶 壶",
    "罐 听 tin tins can cans",
    "箱 case cases",
    "盒 box boxes",
    "只 头 羽",
    "个 枚 颗 粒 each piece pieces pc pcs",
    "斤 市斤",
    "公斤 千克 kg kgs kilo kilos",
    "克 g gram grams",
    "升 公升 l litre litres liter liters",
    "毫升 ml",
    "磅 lb lbs pound pounds",
    "盎司 oz",
    "份 单 portion portions unit units",
    "打 dozen dozens",
    "对 双 pair pairs",
    "jar jars",
    "pack packs packet packets",
    "tray trays",
    "carton cartons",
    "loaf loaves",
    "bunch bunches",
)
_OTHERS = """件 支 条 根 提 扎 捆 板 块 串 把 束 朵 盆 杯 碗 筐 篮 篓 套 组 卷 筒 片 排
    坛 株 棵 尾 匹 床 本 盘 屉 笼 兜 扇"""

_NORMAL = {word: words.split()[0] for words in _ALIKE for word in words.split()}
_WORDS = sorted({*_NORMAL, *_OTHERS.split()})

_MEASURES = {"斤", "公斤", "克", "升", "毫升", "磅", "盎司", "两"}
_PIECES = {"个", "只", "条", "瓶", "件", "块", "朵", "片", "尾", "株", "棵"}
_FULL_OF_PIECES = {
    "盒",
    "箱",
    "板",
    "提",
    "扎",
    "打",
    "对",
    "篮",
    "筐",
    "套",
    "组",
    "把",
    "串",
    "束",
    "件",
    "tray",
    "pack",
    "carton",
}
_UNSET = {"", "unit", "份"}
_COUNTS = {"打": 12, "对": 2}

MEASURE = (
    r"(?:公斤|千克|市斤|斤|毫升|公升|升|克|磅|盎司|两"
    r"|(?:kgs?|kilos?|g|grams?|ml|l|lit(?:re|er)s?|lbs?|pounds?|oz)(?![a-z]))"
)
"""Units that say how big something is, as a pattern of folded text."""

_SIZE = re.compile(rf"(\d+(?:\.\d+)?)\s*({MEASURE})")


def pattern(own: Iterable[str]) -> str:
    """A pattern of all unit words of folded text, the items' own among them; longer words first."""
    words = {word for word in (*_WORDS, *own) if word}
    latin = sorted((word for word in words if word[-1].isascii()), key=len, reverse=True)
    rest = sorted((word for word in words if not word[-1].isascii()), key=len, reverse=True)
    return rf"(?:(?:{'|'.join(map(re.escape, rest))})|(?:{'|'.join(map(re.escape, latin))})(?![a-z]))"


def normal(unit: str) -> str:
    """One word for all that mean the same; other words are themselves."""
    return _NORMAL.get(unit, unit)


def is_measure(unit: str) -> bool:
    """Whether it says how heavy or long something is, and not how many."""
    return normal(unit) in _MEASURES


def is_unset(unit: str) -> bool:
    """Whether an item's unit says nothing: then people choose the word."""
    return unit in _UNSET


def fits(own: str, written: str) -> bool:
    """Whether a quantity in the written unit counts units of an item whose unit is `own`.

    份 and 单 count whatever is sold; so does 个, unless a unit of the item is itself full of pieces.
    """
    own, written = normal(own), normal(written)
    if own == written or not written:
        return True
    if own in _MEASURES:
        return False
    if written == "份" or (own in {"个", "只", "条"} and written in {"个", "只", "条"}):
        return True
    if is_unset(own):
        return False
    return written == "个" and own not in _FULL_OF_PIECES


def count_of(own: str, written: str) -> tuple[int, bool]:
    """How many units a dozen or a pair is, and whether that is certain."""
    own, written = normal(own), normal(written)
    if own == written or written not in _COUNTS:
        return 1, True
    return _COUNTS[written], own in _PIECES


def measure(text: str) -> tuple[str, str] | None:
    """Figure and unit of a size like "5 kg", in one spelling; None if there is none in the folded text."""
    found = _SIZE.search(text)
    if found is None:
        return None
    figure = found[1].rstrip("0").rstrip(".") if "." in found[1] else found[1]
    return figure, normal(found[2])


def spellings(unit: str) -> list[str]:
    """All words that mean this unit."""
    return [word for word in _WORDS if normal(word) == normal(unit)] or [unit]
