"""What is offered, by every way to say it: names, ends of names, variants, sizes, letters.

Invariants:
- An alias that several items share stands for all of them; nothing picks one.
- The end of a name with two characters or more is a way to say it (鸡蛋 for 土鸡蛋); its beginning, or one
  character, is a *part*, which is proposed and marked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, permutations, product

from millpond.community.group import Item
from millpond.community.pasted import units
from millpond.community.pasted.characters import clean, fold
from millpond.community.pasted.numerals import CHINESE

__all__ = ["Catalogue", "Found"]

NEAR = 24
"""Characters beside a letter that tell whether it means an item: a number with its unit is shorter."""

MAX_SPELLINGS = 200
"""Of one item's variant: three parts in any order, each with a few spellings, are fewer."""

_SUFFIX = "味色码款号装型"
_LETTER = "A-Za-z\u3400-\u9fff"
_CODE = r"(?:款|号|组|套餐|套|类|品)"
_OWN_CODE = re.compile(rf"([a-z])(?:{_CODE}|[\s.、:)-])|(\d{{1,2}}){_CODE}")
_SIZE = re.compile(rf"\d+(?:\.\d+)?\s*{units.MEASURE}装?")
_SPLIT = re.compile(r"[\s/+,、·|;()\[\]-]+")
_HAN = re.compile("[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Found:
    """What a piece of text may mean. `parts` is how many parts of a variant it names."""

    ids: frozenset[str]
    parts: int = 0
    named: bool = False
    partial: bool = False
    by_position: bool = False

    def narrowed(self, other: Found) -> Found | None:
        """Both together, 大米 and 5kg; None if no item is both, or both are names."""
        if self.named and other.named:
            return None
        both = self.ids & other.ids
        if not both:
            return None
        return Found(
            both,
            self.parts + other.parts,
            self.named or other.named,
            self.partial or other.partial,
            self.by_position or other.by_position,
        )


class Catalogue:
    """The items of one order."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = {item.id: item for item in items}
        self.units = units.pattern(fold(item.unit) for item in items)
        self._names: dict[str, str] = {}
        self._parts: dict[str, list[list[str]]] = {}
        self._aliases: dict[str, Found] = {}
        self._partial: dict[str, Found] = {}
        self._codes: dict[str, Found] = {}
        self._spaced: dict[str, str] = {}
        for item in items:
            self._take(item)
        if len(items) > 1:
            for place, item in enumerate(items):
                found = Found(frozenset([item.id]), 9, named=True, by_position=True)
                if place < 26:
                    self._codes.setdefault(chr(97 + place), found)
                self._codes.setdefault(str(place + 1), found)
        for key in [key for key in self._partial if key in self._aliases]:
            del self._partial[key]
        self._pattern = self._compiled()
        counts = rf"(?:\d+|[{CHINESE}]+)\s*{self.units}"
        self._number_follows = re.compile(
            rf"\s*[x×*:+-]?\s*(?:\d+(?![\d{_LETTER}])|{counts}|\d+(?=[a-z]\s?[x×*]?\d))"
        )
        self._number_with_unit_precedes = re.compile(rf"{counts}\s*$")

    # --- questions

    @property
    def sole(self) -> Item | None:
        """The one item that is offered, if there is just one."""
        return next(iter(self.items.values())) if len(self.items) == 1 else None

    def find(self, text: str) -> Iterator[tuple[int, int, Found]]:
        """The places of folded text that speak of items, without overlaps."""
        for match in self._pattern.finditer(text):
            compact = match[0].replace(" ", "")
            if match["part"]:
                yield *match.span(), self._partial[compact]
                continue
            found = self._code(match["code"]) if match["code"] else self._aliases[compact]
            short = len(match[0]) == 1 or match["code"] is not None
            if not short or self._stands_alone(text, *match.span(), found):
                yield *match.span(), found

    def whole(self, token: str) -> Found | None:
        """What a word that stands by itself may mean in part: 油 for 花生油."""
        return self._partial.get(token.replace(" ", ""))

    def names_a_part(self, text: str) -> bool:
        """Whether folded text has a part of an item's name in it."""
        return any(part in text for part in self._partial)

    def is_certain(self, found: Found) -> bool:
        """Whether exactly one item is meant, with every part of its variant that tells it from others."""
        if len(found.ids) != 1:
            return False
        (id,) = found.ids
        alike = sum(name == self._names[id] for name in self._names.values())
        return found.parts >= len(self._parts[id]) or alike == 1

    def of_one_name(self, ids: Iterable[str]) -> bool:
        """Whether these items differ in their variants only."""
        return len({self._names[id] for id in ids}) == 1

    # --- what the heading explains

    def learn(self, lines: Iterable[str]) -> None:
        """Take letters and numbers that the heading gives to items: "A. 大米 52元", "1号 花生油"."""
        for line in lines:
            folded = fold(line)
            for start, _, found in list(self.find(folded)):
                before = re.search(
                    rf"(?<![a-z0-9])(?:([a-z])|(\d{{1,2}})){_CODE}?\s*[.、:)=\]-]?\s*$", folded[:start]
                )
                if before and len(found.ids) == 1:
                    code = before[1] or before[2]
                    self._codes[code] = replace(found, parts=9, named=True, partial=False, by_position=False)

    # --- building

    def _take(self, item: Item) -> None:
        name = _plain(item.name)
        variant = _plain(item.variant)
        sizes = [match[0] for match in _SIZE.finditer(name)]
        base = _SIZE.sub(" ", name).strip() or name
        self._names[item.id] = base.replace(" ", "")
        parts = [part for part in _SPLIT.split(_spaced_sizes(variant)) if part] + sizes
        self._parts[item.id] = [_spellings(part) for part in parts[:3]]
        for alias in {name, base}:
            self._add(alias, Found(frozenset([item.id]), named=True))
        for alias, partial in _shortened(base):
            into = self._partial if partial else self._aliases
            self._add(alias, Found(frozenset([item.id]), named=True, partial=partial), into)
        for spellings in self._parts[item.id]:
            for alias in spellings:
                into = self._aliases if len(alias) > 1 or alias.isascii() else self._partial
                self._add(alias, Found(frozenset([item.id]), parts=1, partial=into is self._partial), into)
            for alias, _ in _shortened(spellings[0]):
                self._add(alias, Found(frozenset([item.id]), parts=1, partial=True), self._partial)
        if len(self._parts[item.id]) > 1:
            for alias in self._together(self._parts[item.id]):
                self._add(alias, Found(frozenset([item.id]), parts=len(parts)))
        for text in (name, variant):
            if code := _OWN_CODE.match(text):
                self._codes[code[1] or code[2]] = Found(frozenset([item.id]), 9, named=True)
        if (code := _OWN_CODE.match(base)) and len(rest := base[code.end() :].strip()) > 1:
            self._add(rest, Found(frozenset([item.id]), named=True))

    def _together(self, parts: list[list[str]]) -> Iterator[str]:
        everything = (
            " ".join(choice)
            for order in permutations(parts)
            for choice in product(*order)
            if not any(word.isascii() and len(word) == 1 and word.isdigit() for word in choice)
        )
        return islice(everything, MAX_SPELLINGS)

    def _add(self, alias: str, found: Found, into: dict[str, Found] | None = None) -> None:
        into = self._aliases if into is None else into
        for key in (alias, *_plurals(alias)):
            compact = key.replace(" ", "")
            if not compact:
                continue
            if old := into.get(compact):
                found = replace(
                    found,
                    ids=found.ids | old.ids,
                    parts=min(found.parts, old.parts),
                    named=old.named or found.named,
                )
            into[compact] = found
            self._spaced[compact] = key

    def _compiled(self) -> re.Pattern[str]:
        def any_of(aliases: Iterable[str]) -> str:
            longest_first = sorted(aliases, key=len, reverse=True)
            return "|".join(_alias_pattern(self._spaced[alias]) for alias in longest_first) or "(?!)"

        code = rf"(?<![a-z])(?:(?!x\s?\d)[a-z]{_CODE}?|(?<!\d)\d{{1,2}}号)(?![a-z])"
        if len(self.items) < 2 and not self._codes:
            code = "(?!)"
        part = rf"(?<=[\s\d,;:、+])(?:{any_of(self._partial)})(?=\s?[x×*]?\s?\d)"
        return re.compile(rf"{any_of(self._aliases)}|(?P<part>{part})|(?P<code>{code})")

    def _code(self, text: str) -> Found:
        return self._codes.get(text[0] if text[0].isalpha() else text[:-1], Found(frozenset(), named=True))

    def _stands_alone(self, text: str, start: int, end: int, found: Found) -> bool:
        """Whether a letter or number means an item, and is not part of a name: 小C, A姐, A00大刘."""
        before, after = text[max(0, start - NEAR) : start], text[end : end + NEAR]
        if end - start == 1 and re.match(f"[{_LETTER}]", after) and not re.match(f"[x各{CHINESE}]", after):
            return False
        counted = self._number_follows.match(after) is not None
        if re.search(r"[a-z]\.?\s+$", before) and (not found.ids or re.match(r"\s*[-:]", after)):
            return False  # Margaret H - 2
        if re.search(f"[{_LETTER}]$", before):
            return counted or self._number_with_unit_precedes.search(before) is not None
        if counted:
            return bool(found.ids) or start > 0
        if self._number_with_unit_precedes.search(before) or re.search(r"(?<![\w-])\d{1,2}\s*$", before):
            return bool(found.ids)
        bare = re.match(r"\s*(?:$|[,、;+)]|各)", after) is not None
        return bare and start > 0 and bool(found.ids) and not (found.by_position and text[start].isdigit())


def _plain(text: str) -> str:
    return re.sub(r"[()\[\]\s]+", " ", fold(clean(text).text)).strip()


def _spaced_sizes(variant: str) -> str:
    """Sizes without inner spaces, so that splitting at spaces leaves them whole."""
    return _SIZE.sub(lambda match: f" {match[0].replace(' ', '')} ", variant)


def _spellings(part: str) -> list[str]:
    """The ways to write one part of a variant."""
    found = [part]
    if _SIZE.fullmatch(part) and (size := units.measure(part)):
        found = [f"{size[0]}{unit}{end}" for unit in units.spellings(size[1]) for end in ("", "装")]
    elif part[-1] in _SUFFIX and len(part) > 1:
        found.append(part[:-1])
    elif len(part) > 1 or part.isascii():
        found += [part + suffix for suffix in _SUFFIX]
    return found


def _shortened(name: str) -> Iterator[tuple[str, bool]]:
    """Shorter ways to say a name, each with whether it is only a part of it."""
    if _HAN.fullmatch(name):
        yield from ((name[start:], False) for start in range(1, len(name) - 1))
        yield from ((name[:end], True) for end in range(2, len(name)))
        if len(name) > 1:
            yield name[-1], True
    elif len(words := name.split()) > 1:
        yield words[-1], len(words[-1]) < 2
        yield words[0], True


def _plurals(alias: str) -> Iterator[str]:
    if alias.isascii() and alias[-1].isalpha() and len(alias) > 2:
        yield from (alias + "s", alias + "es")
        if alias.endswith("s"):
            yield alias[:-1]


def _alias_pattern(alias: str) -> str:
    """With spaces where the alias has some, and between figures and letters."""
    inner = "".join(
        re.escape(character)
        + (" ?" if character != " " != after and after and character.isdigit() != after.isdigit() else "")
        for character, after in zip(alias, [*alias[1:], ""], strict=True)
    ).replace(r"\ ", " *")
    start, end = "", ""
    if alias[0].isascii():
        start = r"(?<![\d.])" if alias[0].isdigit() else "(?<![a-z])"
    if alias[-1].isascii():
        end = r"(?!\d)" if alias[-1].isdigit() else "(?![a-z])"
    return start + inner + end
