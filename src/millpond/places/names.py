"""How names of places are taken apart, romanised and folded, so that many ways to type one name meet.

The script that builds the data and the search that reads it share these rules: what is derived here is not
stored.

- `parts` splits a Chinese name into what it is called and what kind of place it is (永泰 + 县).
- `romanised` writes a Chinese name in pinyin as maps do: no tones, one word, an apostrophe before a vowel.
- `folded` takes away everything that people type differently: case, accents, spaces, hyphens, full width.

It knows no place.

>>> parts("融水苗族自治县")
('融水', '苗族自治县')
>>> folded("São-Tomé d’Or")
'saotomedor'
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

PEOPLES = {
    "蒙古": "Mongol", "回": "Hui", "藏": "Tibetan", "维吾尔": "Uyghur", "苗": "Miao", "彝": "Yi",
    "壮": "Zhuang", "布依": "Bouyei", "朝鲜": "Korean", "满": "Manchu", "侗": "Dong", "瑶": "Yao",
    "白": "Bai", "土家": "Tujia", "哈尼": "Hani", "哈萨克": "Kazakh", "傣": "Dai", "黎": "Li",
    "傈僳": "Lisu", "佤": "Va", "畲": "She", "拉祜": "Lahu", "水": "Sui", "东乡": "Dongxiang",
    "纳西": "Naxi", "景颇": "Jingpo", "柯尔克孜": "Kyrgyz", "土": "Tu", "达斡尔": "Daur",
    "仫佬": "Mulao", "羌": "Qiang", "布朗": "Blang", "撒拉": "Salar", "毛南": "Maonan",
    "仡佬": "Gelao", "锡伯": "Xibe", "阿昌": "Achang", "普米": "Pumi", "塔吉克": "Tajik",
    "怒": "Nu", "乌孜别克": "Uzbek", "俄罗斯": "Russian", "鄂温克": "Evenki", "德昂": "De'ang",
    "保安": "Bonan", "裕固": "Yugur", "京": "Gin", "塔塔尔": "Tatar", "独龙": "Derung",
    "鄂伦春": "Oroqen", "赫哲": "Hezhen", "门巴": "Monba", "珞巴": "Lhoba", "基诺": "Jino",
    "各": "Various Peoples",
}  # fmt: skip
"""Peoples in the names of autonomous places, and how English writes them."""

KINDS = {
    "自治州": "Autonomous Prefecture", "自治县": "Autonomous County", "自治旗": "Autonomous Banner",
    "地区": "Prefecture", "林区": "Forestry District", "特区": "Special District",
    "新区": "New Area", "矿区": "Mining District", "街道": "", "市": "", "县": "County",
    "区": "District", "旗": "Banner", "盟": "League", "镇": "", "乡": "",
}  # fmt: skip
"""Last words of Chinese names, and the word that English puts behind the name (none for cities and towns)."""

_PEOPLE = "|".join(sorted(PEOPLES, key=len, reverse=True))
_KIND = "|".join(sorted(KINDS, key=len, reverse=True))
_SPLITS = (
    re.compile(rf"(..+?)((?:(?:{_PEOPLE})族?)+自治[州县旗])"),
    re.compile(rf"(..+?)(族?自治[州县旗]|{_KIND})"),
    re.compile(r"(.)([县旗])"),
)
_SUFFIX = rf"(?:(?:{_PEOPLE})族?)*族?(?:{_KIND})"
_WORDS = "county|district|banner|league|prefecture|forestrydistrict|specialdistrict|miningdistrict|newarea"

_ENGLISH = "|".join(re.sub("[ ']", "", people).lower() for people in PEOPLES.values())

SUFFIX = re.compile(rf"{_SUFFIX}|(?:(?:{_ENGLISH})*autonomous)?(?:{_WORDS})")
"""What may follow a folded name without making it another one."""

PINYIN = {
    "shi": "市", "xian": "县", "qu": "区", "qi": "旗", "zhen": "镇", "xiang": "乡", "jiedao": "街道",
    "city": "市", "county": "县", "district": "区", "banner": "旗", "town": "镇", "township": "乡",
}  # fmt: skip
"""Suffixes as typed in Latin letters, and the kind of place that they ask for."""

TYPED = re.compile(rf"(..+?)({_SUFFIX}|{_WORDS}|{'|'.join(PINYIN)})")
"""A folded name as typed, and its suffix, which the place itself may not have."""

_LETTERS = str.maketrans(
    {
        "ø": "o",
        "đ": "d",
        "ł": "l",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "ı": "i",
        "ħ": "h",
        "ə": "e",
        "ŋ": "n",
    }
)
_MARKS = re.compile(r"[^\w\n|]+|_+")


def folded(text: str) -> str:
    """The text without case, accents, spaces and punctuation; line ends and `|` stay, so lists fold whole."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.casefold()).casefold().translate(_LETTERS)
    return _MARKS.sub("", text.lower())


def parts(name: str) -> tuple[str, str]:
    """What a Chinese place is called, and the suffix that says what it is ("" when it has none)."""
    for pattern in _SPLITS:
        if found := pattern.fullmatch(name):
            return found.group(1), found.group(2)
    return name, ""


@cache
def kind_in_english(suffix: str) -> str:
    """English for the suffix of a Chinese name: 苗族自治县 is "Miao Autonomous County"."""
    kind = next((kind for kind in KINDS if suffix.endswith(kind)), "")
    peoples = re.findall(rf"({_PEOPLE})族?", suffix.removesuffix(kind))
    return " ".join([*(PEOPLES[people] for people in peoples), *KINDS.get(kind, "").split()])


def romanised(name: str, readings: Mapping[str, str]) -> str:
    """A Chinese name in pinyin, as `readings` read its characters; "" when one has no reading."""
    written = ""
    for character in name:
        syllable = readings.get(character)
        if syllable is None:
            return ""
        written += "'" + syllable if written and syllable[0] in "aeo" else syllable
    return written.capitalize()


def in_english(name: str, readings: Mapping[str, str]) -> str:
    """The English name of a Chinese place that has no other one: 永泰县 is "Yongtai County"."""
    called, suffix = parts(name)
    return f"{romanised(called, readings)} {kind_in_english(suffix)}".strip()
