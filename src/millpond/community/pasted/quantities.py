"""How many: quantities in folded text, certain ones and those that somebody has to look at.

What is already understood (items, rooms, telephones) is hidden behind marks, so that their figures are not
read as quantities; the marks tell what stands beside a figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from millpond.community.pasted import units
from millpond.community.pasted.numerals import CHINESE, ENGLISH, chinese_number, whole_number
from millpond.community.pasted.values import DoubtCode

__all__ = ["ITEM_MARK", "LETTER", "OTHER_MARK", "QUANTITY_MARK", "Quantities", "Quantity"]

ITEM_MARK, QUANTITY_MARK, OTHER_MARK = "\ue000", "\ue001", "\ue002"
"""Stand for one character each of what is understood; lines themselves have none of them."""

LETTER = "A-Za-z\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af\u00c0-\u024f"
_TIMES = rf"(?:(?<![{LETTER}])x|(?<=[\u3400-\u9fff{ITEM_MARK}])x|[×*=:+]|乘)\s*"
_ENGLISH = rf"(?<![a-z])(?:{'|'.join(ENGLISH)})(?= )"
_HAN = rf"[{CHINESE}]{{1,9}}"
_VAGUE = r"最多|至多|最少|至少|起码|大概|大约|差不多|不超过|约|up to|at least|about|max\.?|min\.?"


@dataclass(frozen=True, slots=True)
class Quantity:
    """So many, as written. `bare` has neither a unit nor a sign of multiplication; `count` ≥ 0."""

    count: int
    unit: str = ""
    bare: bool = False
    doubt: DoubtCode | None = None


Match = re.Match[str]
Place = tuple[int, int, Quantity]


class Quantities:
    """Finds quantities whose units are those of an order's items, or usual ones."""

    def __init__(self, unit_pattern: str) -> None:
        unit = rf"(?:{unit_pattern})(?:子|儿)?"
        number = rf"(?:\d+|(?<![{LETTER}]){_HAN}|{_ENGLISH})"
        after_unit = rf"(?![{LETTER}])"
        free = rf"(?<![{LETTER}\d.])"
        self._rules: list[tuple[re.Pattern[str], Callable[[Match], Place | None]]] = [
            (re.compile(rf"(?:{_VAGUE})\s*{number}\s*(?P<unit>{unit})?"), self._doubtful(DoubtCode.RANGE)),
            (
                re.compile(rf"(?:好?几|若干|十几|十来|几十|数)\s*(?P<unit>{unit})"),
                self._doubtful(DoubtCode.RANGE),
            ),
            (re.compile(rf"{number}[多来几]\s*(?P<unit>{unit})"), self._doubtful(DoubtCode.RANGE)),
            (
                re.compile(
                    rf"{free}(?P<low>{number})\s*(?:{unit})?\s*(?:-|~|至|到|或者?|or|to)\s*(?P<high>\d+|{_HAN})\s*(?P<unit>{unit})"
                ),
                self._range,
            ),
            (
                re.compile(
                    rf"(?:half (?:an? )?|\d*半\s*个?|{_HAN}半|\d+\.\d+\s*|\d+/\d+\s*)(?P<unit>{unit})"
                    rf"|{number}\s*(?P<unit2>{unit})半(?![{LETTER}])|(?<![\d.]){free}\d+\.\d+(?![\d.]){after_unit}"
                    rf"|{number}\s*(?P<unit3>{unit})半(?={ITEM_MARK})"
                ),
                self._doubtful(DoubtCode.FRACTION),
            ),
            (
                re.compile(
                    rf"{free}(?P<one>\d+)\s*(?P<unit>{unit})?(?:\s*\+\s*\d+\s*(?:{unit})?(?![\d{LETTER}]))+"
                ),
                self._sum,
            ),
            (
                re.compile(
                    rf"(?:{_TIMES})?(?P<count>{number})?\s*(?P<unit>打|对|双|dozens?(?![a-z])|pairs?(?![a-z]))"
                ),
                self._dozen,
            ),
            (
                re.compile(rf"(?:{_TIMES})?(?<!\d\.)(?P<count>\d+|{_HAN}|{_ENGLISH})\s*(?P<unit>{unit})"),
                self._plain,
            ),
            (re.compile(rf"(?P<count>{_ENGLISH})(?= {ITEM_MARK})"), self._plain),
            (
                re.compile(
                    rf"{_TIMES}(?P<count>\d+|(?:{_HAN}))(?![\d{LETTER}.])|(?<![{LETTER}\d.-])(?P<count2>\d+)\s*[x×*](?=\s*(?:{ITEM_MARK}|$|[,;]))"
                ),
                self._plain,
            ),
            (re.compile(r"(?<![\d-])\d{1,3}\s*[-~/]\s*\d{1,4}(?![\d-])"), self._hyphened),
            (re.compile(rf"(?<![{LETTER}\d.])(?P<count>\d+)(?![\d{LETTER}.])"), self._bare),
            (re.compile(rf"(?<={ITEM_MARK})\s*(?P<count>{_HAN})(?![{LETTER}])"), self._bare),
            (re.compile(rf"(?<=[\s,;:、+{OTHER_MARK}])(?P<count>{_HAN})(?![{LETTER}])"), self._bare),
        ]

    def find(self, text: str) -> Iterator[Place]:
        """Places of quantities; what an earlier rule takes is hidden from the later ones."""
        for pattern, read in self._rules:
            for match in pattern.finditer(text):
                place = read(match)
                if place is not None:
                    start, end, quantity = place
                    text = text[:start] + QUANTITY_MARK * (end - start) + text[end:]
                    yield start, end, quantity

    def _doubtful(self, doubt: DoubtCode) -> Callable[[Match], Place]:
        def read(match: Match) -> Place:
            groups = match.groupdict()
            unit = next((groups[key] for key in ("unit", "unit2", "unit3") if groups.get(key)), "")
            first = re.search(rf"\d+|[{CHINESE}]+|{_ENGLISH}", match[0])
            count = whole_number(first[0]) if first else None
            return *match.span(), Quantity(max(count or 1, 1), unit, doubt=doubt)

        return read

    def _range(self, match: Match) -> Place | None:
        low, high = whole_number(match["low"]), whole_number(match["high"])
        if low is None or high is None or low >= high:
            return None  # 502-2袋: a room and a quantity
        return *match.span(), Quantity(low, match["unit"], doubt=DoubtCode.RANGE)

    def _sum(self, match: Match) -> Place | None:
        if match["unit"] is None and len(match["one"]) >= 3:
            return None  # 502+2袋: a room and a quantity
        numbers = [int(figure[:12]) for figure in re.findall(r"\d+", match[0])]
        return *match.span(), Quantity(sum(numbers), match["unit"] or "", doubt=DoubtCode.SUM)

    def _dozen(self, match: Match) -> Place | None:
        if match["count"] is None and units.normal(match["unit"]) != "打":
            return None
        count = whole_number(match["count"]) if match["count"] else 1
        return None if count is None else (*match.span(), Quantity(count, match["unit"]))

    def _plain(self, match: Match) -> Place | None:
        groups = match.groupdict()
        group = "count" if groups.get("count") else "count2"
        written, unit = match[group], groups.get("unit") or ""
        start, end = match.span()
        before = match.string[start - 1 : start]
        if written[0] in CHINESE and re.match(f"[{LETTER}]", before) and len(written) > 1:
            # 王五一袋: where the name ends and the number begins is anybody's guess
            last = chinese_number(written[-1])
            if last is None:
                return None
            return match.end(group) - 1, end, Quantity(last, unit, doubt=DoubtCode.NUMBER_UNCLEAR)
        count = whole_number(written)
        if count is None:
            first = chinese_number(written[0]) or 1
            return start, end, Quantity(first, unit, doubt=DoubtCode.RANGE)
        return start, end, Quantity(count, unit)

    def _hyphened(self, match: Match) -> Place | None:
        if "-" in match[0] and re.match(r"\s*-?\d{3,}-\d{1,2}$", match[0]):
            return None
        first = re.match(r"\d+", match[0])
        assert first is not None  # the pattern begins with figures
        return *match.span(), Quantity(max(int(first[0]), 1), bare=True, doubt=DoubtCode.NUMBER_UNCLEAR)

    def _bare(self, match: Match) -> Place | None:
        count = whole_number(match["count"])
        if count is None:
            return None
        return (
            match.start("count"),
            match.end("count"),
            Quantity(count, bare=match["count"][0] not in CHINESE),
        )
