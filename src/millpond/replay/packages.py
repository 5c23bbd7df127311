"""Package sizes as shops write them ("12 PK/12 OZ", "1/2 GAL", "83.5 SQ FT"), and which packages count as the same.

`content` reads one size; `standard_packages` gathers sizes that differ little around the ones most bought. A size that
says a count or an area has a content but no weight, and a size that says nothing has none: who needs a weight for those
has to assume one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

OUNCES = {
    "OZ": 1.0, "Z": 1.0, "LB": 16.0, "LBS": 16.0, "GAL": 128.0, "GA": 128.0, "QT": 32.0, "PT": 16.0, "L": 33.814,
    "LT": 33.814, "LTR": 33.814, "ML": 0.033814, "G": 0.035274, "GM": 0.035274, "KG": 35.274,
}  # fmt: skip
"""Ounces in one unit of weight or volume. A fluid ounce is taken as an ounce: what shops sell is nearly water."""
COUNTS = {"CT": 1, "PK": 1, "DZ": 12, "PC": 1, "PCS": 1, "RL": 1, "EA": 1, "CTN": 1, "P": 1, "C": 1}

_NUMBER = r"(\d+/\d+|\d*\.?\d+)"
_WEIGHT = "|".join(sorted(OUNCES, key=len, reverse=True))
_COUNT = "|".join(sorted(COUNTS, key=len, reverse=True))
_MANY = re.compile(rf"{_NUMBER}\s*(?:PK|CT)?\s*[/\-X]\s*{_NUMBER}\s*({_WEIGHT})\b")
_MANY_TURNED = re.compile(rf"{_NUMBER}\s*({_WEIGHT})\s*/\s*{_NUMBER}\s*PK\b")
_ONE = re.compile(rf"{_NUMBER}\s*({_WEIGHT})\b")
_AREA = re.compile(rf"{_NUMBER}\s*SQ")
_COUNTED = re.compile(rf"{_NUMBER}\s*({_COUNT})\b")
_HALF = re.compile(r"^[^\d]*1/[248]\s")


@dataclass(frozen=True, slots=True, order=True)
class Content:
    """How much is in a package: `amount` of ounces ("oz"), pieces ("ct") or square feet ("sqft")."""

    measure: str
    amount: float


def content(size: str | None) -> Content | None:
    """What a package size says; None where it says nothing.

    >>> content("12 PK/12 OZ"), content("1/2 GAL"), content("DZ"), content("83.5 SQ FT"), content("PK-KING")
    (Content(measure='oz', amount=144.0), Content(measure='oz', amount=64.0), Content(measure='ct', amount=12.0), \
Content(measure='sqft', amount=83.5), None)
    """
    if not size:
        return None
    text = size.upper().replace("FL OZ", "OZ").strip()
    if text in OUNCES or text in COUNTS:
        text = f"1 {text}"
    found = _read(text)
    return found if found is not None and found.amount > 0 else None


def _read(text: str) -> Content | None:
    if not _HALF.match(text) and (many := _MANY.search(text)):
        return Content("oz", _number(many[1]) * _number(many[2]) * OUNCES[many[3]])
    if many := _MANY_TURNED.search(text):
        return Content("oz", _number(many[1]) * OUNCES[many[2]] * _number(many[3]))
    if one := _ONE.search(text):
        return Content("oz", _number(one[1]) * OUNCES[one[2]])
    if area := _AREA.search(text):
        return Content("sqft", _number(area[1]))
    if counted := _COUNTED.search(text):
        return Content("ct", _number(counted[1]) * COUNTS[counted[2]])
    return None


def _number(text: str) -> float:
    top, _, bottom = text.partition("/")
    return float(top) / (float(bottom) if bottom and float(bottom) else 1.0)


def standard_packages(bought: Mapping[Content, int], same_percent: int) -> dict[Content, Content]:
    """Each content to the standard package it counts as: the most bought one within `same_percent` of it.

    `bought` counts how often each content was bought. Contents of different measures are never the same.
    """
    within = math.log(1 + same_percent / 100) + 1e-9
    standards: list[Content] = []
    chosen: dict[Content, Content] = {}
    for one in sorted(bought, key=lambda one: (-bought[one], one)):
        near = (s for s in standards if s.measure == one.measure and abs(math.log(s.amount / one.amount)) <= within)
        chosen[one] = next(near, one)
        if chosen[one] is one:
            standards.append(one)
    return chosen
