"""Find a place by what a person types: Chinese or Latin letters, full name or its beginning, with or without
the county's suffix, alone or beside the province or country it is in.

Ways of matching, best first: the name itself (with or without suffix); its beginning; a part of it. Within
each, a place's first name goes before its other names, and the place with more people before the one with
fewer. What was typed is tried as one name first; only if nothing has such a name are its words shared out
between name and surroundings ("Paris Texas", "福建永泰").

- Case, accents, spaces and punctuation do not matter; traditional characters find simplified ones.
- Input is bounded: of a longer text the first `MAX_TEXT` characters count, and no answer has more than
  `MAX_LIMIT` places.
- It does not forgive misspellings.

>>> [place.name_zh for place in search("yongtai fujian", limit=1)]
['永泰县']
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from heapq import nsmallest

from millpond.places.data import Places, places
from millpond.places.names import KINDS, PINYIN, SUFFIX, TYPED, folded

MAX_TEXT = 80
"""Longest text that is looked at: longer than any name with all that it lies in."""

MAX_WORDS = 8
MAX_LIMIT = 50
MAX_GLUED = 24
"""Characters of a Chinese text behind which no name is sought: province, prefecture and county fit."""

MAX_ENDS = 4
"""How often the end of an address is cut off."""

MAX_HITS = 10_000
"""Most names looked at in one way of matching; more than the names that begin with any one letter."""

LEAST_PART = 3
"""Shortest part of a name, in bytes, by which it is found: three Latin letters, one Chinese character."""

LAST_BYTES = tuple(
    word.encode() for word in (*KINDS, "county", "t", "banner", "league", "prefecture", "area")
)
"""How every suffix ends: most names are told by it, without a regular expression, to be longer ones."""

HAN = re.compile(r"[\u3007\u3400-\u9fff]+")
ADDRESS = re.compile("[市州县区旗镇乡]|街道")
"""Where the name of a place may end in a Chinese address."""

BREAK = re.compile(r"[\s,;/，、；·]+")

NAME, BEGINNING, PART = 0, 4, 8
STRIPPED, OTHER_NAME = 2, 1
"""What a match is worse by, when the place is not of the kind typed, or when it is not its first name."""


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A place: its names, where it is, and what to keep of it.

    `code` is "cn-" and the code of GB/T 2260, or "geonames-" and GeoNames' number; it stays the same in later
    versions. `name_zh` is "" where no Chinese name is known. `area_zh` and `area_en` are the province and
    prefecture, `near_zh` and `near_en` the county beside a Chinese town ("" for others); `country` is a code
    of ISO 3166-1. Positions are in millionths of a degree (WGS 84), true to a few kilometres. `population` is
    rounded to three digits, None where it is not known.
    """

    code: str
    name_zh: str
    name_en: str
    near_zh: str
    near_en: str
    area_zh: str
    area_en: str
    country: str
    country_zh: str
    country_en: str
    latitude_microdeg: int
    longitude_microdeg: int
    population: int | None

    def name(self, language: str) -> str:
        """The name in "zh", else in English; the other one where there is none."""
        return self.name_zh if language.startswith("zh") and self.name_zh else self.name_en

    def where(self, language: str) -> str:
        """What it lies in, to tell it from its namesakes ("near Yongtai County, Fuzhou, Fujian, China")."""
        if language.startswith("zh"):
            inside = "" if self.country == "CN" else self.country_zh
            words = [inside, self.area_zh, f"{self.near_zh}附近" if self.near_zh else ""]
            return "，".join(word for word in words if word)
        words = [f"near {self.near_en}" if self.near_en else "", self.area_en, self.country_en]
        return ", ".join(word for word in words if word)


class Keys:
    """Names in one text, a line each, so that looking for one is looking through bytes."""

    def __init__(self, first: Iterable[tuple[str, int]], others: Iterable[tuple[str, int]]) -> None:
        names, rows = [], array("i")
        for name, row in first:
            names.append(name)
            rows.append(row)
        self.first = len(names)
        for name, row in others:
            names.append(name)
            rows.append(row)
        self.rows = rows
        lines = [name.encode() for name in names]
        self.text = b"\n" + b"\n".join(lines) + b"\n"
        self.starts = array("i", [1])
        for line in lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def begins(self, typed: bytes) -> Iterator[tuple[int, int]]:
        """How well each name that begins so matches, and its row."""
        for k, _ in self._found(b"\n" + typed):
            rest = self.text[self.starts[k] + len(typed) : self.starts[k + 1] - 1]
            same = not rest or (rest.endswith(LAST_BYTES) and SUFFIX.fullmatch(rest.decode()))
            way = NAME if same else BEGINNING
            yield way + (OTHER_NAME if k >= self.first else 0), self.rows[k]

    def contains(self, typed: bytes) -> Iterator[tuple[int, int]]:
        """The same for names with this inside, behind their beginning."""
        for k, at in self._found(typed):
            if at > self.starts[k]:
                yield PART + (OTHER_NAME if k >= self.first else 0), self.rows[k]

    def _found(self, needle: bytes) -> Iterator[tuple[int, int]]:
        at = -1
        for _ in range(MAX_HITS):
            at = self.text.find(needle, at + 1)
            if at < 0 or at + 1 == len(self.text):
                return
            yield bisect_right(self.starts, at + (needle[0] == 10)) - 1, at


class Finder:
    """The places, and the names by which they are found."""

    def __init__(self, data: Places) -> None:
        self.data = data
        han = ((name, k) for k, name in enumerate(data.zh) if name)
        latin = enumerate(self._folded_all(data.en))
        also = list(
            zip(self._folded_all([name for name, _ in data.also]), (k for _, k in data.also), strict=True)
        )
        self.han = Keys(
            zip(self._folded_all([name for name in data.zh if name]), (k for _, k in han), strict=True),
            (pair for pair in also if HAN.match(pair[0])),
        )
        self.latin = Keys(
            ((name, k) for k, name in latin), (pair for pair in also if pair[0] and not HAN.match(pair[0]))
        )
        self.surroundings = lru_cache(maxsize=4096)(self._surroundings)

    def _folded_all(self, names: list[str]) -> list[str]:
        return folded("\n".join(names)).translate(self.data.simplified).split("\n")

    def folded(self, text: str) -> str:
        return folded(text).translate(self.data.simplified)

    def find(self, text: str, limit: int) -> list[int]:
        """Numbers of the places that fit best, best first."""
        words = [word for word in map(self.folded, BREAK.split(text[:MAX_TEXT])) if word][:MAX_WORDS]
        found = self._best(words, limit)
        if not found and words and HAN.fullmatch(words[-1]):
            ends = [end.end() for end in ADDRESS.finditer(words[-1], 0, len(words[-1]) - 1)]
            for end in ends[: -MAX_ENDS - 1 : -1]:
                found = self._best([*words[:-1], words[-1][:end]], limit)
                if found:
                    break
        return found

    def _best(self, words: list[str], limit: int) -> list[int]:
        """The same for one way of taking the text apart."""
        for name, around in self._shares(words):
            best: dict[int, int] = {}
            if around and len(name.encode()) < LEAST_PART:
                continue
            for way, row in self._matches(name, limit, best, whole=not around):
                if way < best.get(row, 99) and self._lies_in(row, around):
                    best[row] = way
            if best:
                return nsmallest(limit, best, key=lambda row: (best[row], -self.data.weight(row), row))
        return []

    def _matches(
        self, name: str, limit: int, best: dict[int, int], *, whole: bool
    ) -> Iterator[tuple[int, int]]:
        """Ways and rows; parts of names are looked through for a `whole` text while `best` has too few."""
        keys = self.han if HAN.search(name) else self.latin
        typed = name.encode()
        yield from keys.begins(typed)
        if stripped := TYPED.fullmatch(name):
            kind = PINYIN.get(stripped.group(2), stripped.group(2))
            for way, row in keys.begins(stripped.group(1).encode()):
                if way < BEGINNING:
                    yield way + (0 if self.data.zh[row].endswith(kind) else STRIPPED), row
        if whole and len(best) < limit and len(typed) >= LEAST_PART:
            yield from keys.contains(typed)

    def _shares(self, words: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Ways to take what was typed: as the name, and as what the place lies in."""
        if not words:
            return
        yield "".join(words), ()
        for k in range(len(words) - 1, 0, -1):
            yield "".join(words[:k]), tuple(words[k:])
            yield "".join(words[-k:]), tuple(words[:-k])
        last = words[-1]
        if HAN.fullmatch(last):
            yield from self._glued(last, tuple(words[:-1]))

    def _glued(self, text: str, around: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
        """福建省永泰县: surroundings first, the name last, nothing between; the longest name first."""
        stripped = TYPED.fullmatch(text)
        called = stripped.group(1) if stripped else ""
        for at in range(1, min(len(text), MAX_GLUED)):
            for name in (text[at:], called[at:]):
                if name and name.encode() in self.han.text:
                    yield name, (*around, text[:at])

    def _lies_in(self, row: int, around: tuple[str, ...]) -> bool:
        """Whether each of the words names something that the place lies in."""
        if not around:
            return True
        data = self.data
        town = row - data.counties
        near = data.near[town] if 0 <= town < data.towns else -1
        country, text = self.surroundings(data.area[row], near)
        for word in around:
            if HAN.fullmatch(word):
                if not _in_order(word, text):
                    return False
            elif word != country and (len(word) < LEAST_PART or word not in text):
                return False
        return True

    def _surroundings(self, area: int, near: int) -> tuple[str, str]:
        data = self.data
        names = []
        country = ""
        while area:
            inside = data.areas[area - 1]
            names += [f"{inside.zh}|{inside.en}"]
            country, area = inside.code, inside.parent
        if near >= 0:
            names.insert(0, f"{data.zh[near]}|{data.en[near]}")
        return country.lower(), self.folded("|".join(reversed(names)))

    def place(self, row: int) -> FoundPlace:
        """What is known of the place of this number."""
        data = self.data
        chain = data.area_chain(row)
        country, inner = chain[0], chain[1:]
        chinese = country.code == "CN"
        town = row - data.counties
        near = data.near[town] if 0 <= town < data.towns else -1
        population = data.populations[row] * 100
        return FoundPlace(
            code=f"{'cn' if row < data.counties else 'geonames'}-{data.codes[row]}",
            name_zh=data.zh[row],
            name_en=data.en[row],
            near_zh=data.zh[near] if near >= 0 else "",
            near_en=data.en[near] if near >= 0 else "",
            area_zh="".join(area.zh for area in inner)
            if chinese
            else "，".join(area.zh or area.en for area in inner),
            area_en=", ".join(area.en for area in reversed(inner)),
            country=country.code,
            country_zh=country.zh,
            country_en=country.en,
            latitude_microdeg=data.latitudes[row] * 10_000,
            longitude_microdeg=data.longitudes[row] * 10_000,
            population=population or None,
        )


def _in_order(characters: str, text: str) -> bool:
    """Whether the text has these characters in this order, others between them allowed (福建永泰)."""
    at = 0
    for character in characters:
        at = text.find(character, at) + 1
        if not at:
            return False
    return True


@cache
def finder() -> Finder:
    """The one finder of this process, made when it is first needed."""
    return Finder(places())


def search(text: str, limit: int = 8) -> tuple[FoundPlace, ...]:
    """The places that fit what was typed best, best first; at most `limit`, none for an empty text."""
    found = finder()
    return tuple(found.place(row) for row in found.find(text, max(0, min(limit, MAX_LIMIT))))


def by_code(code: str) -> FoundPlace | None:
    """The place of a `FoundPlace.code`; None when these places have no such code."""
    found = finder()
    kind, _, digits = code.partition("-")
    counties = found.data.counties
    bounds = {"cn": (0, counties), "geonames": (counties, len(found.data.codes))}.get(kind)
    if bounds is None or not re.fullmatch(r"[1-9][0-9]{0,8}", digits):
        return None
    try:
        return found.place(found.data.codes.index(int(digits), *bounds))
    except ValueError:
        return None
