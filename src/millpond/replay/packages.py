"""Package sizes as shops write them ("12 PK/12 OZ", "1/2 GAL", "83.5 SQ FT"), and which of them count as
the same.

`content` reads one size; `standard_packages` gathers sizes that differ little around the ones most bought. A
size that says a count or an area has a content but no weight, and a size that says nothing has none: who
needs a weight for those has to assume one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

OUNCES = {
    "OZ": 1.0, "Z": 1.0, "LB": 16.0, "LBS": 16.0, "GAL": 128.0, "GA": 128.0, "QT": 32.0, "PT": 16.0,
    "L": 33.814, "LT": 33.814, "LTR": 33.814, "ML": 0.033814, "G": 0.035274, "GM": 0.035274, "KG": 35.274,
}  # fmt: skip
"""Ounces in one unit of weight or volume; a fluid ounce is taken as an ounce, as it is of water."""
PIECES = {"CT": 1, "PK": 1, "DZ": 12, "PC": 1, "PCS": 1, "RL": 1, "EA": 1, "CTN": 1, "P": 1, "C": 1}
MOST_OUNCES = 1280
"""Eighty pounds; beyond it stands a number of something else."""
MOST_PIECES = 1000
LARGEST_INNER_OUNCES = 40
"""In "12 PK/12 OZ" the 12 oz are one can's; what is larger than this is the weight of the whole."""

_NUMBER = r"(\d*\.?\d+)"
_WEIGHT = rf"({'|'.join(sorted(OUNCES, key=len, reverse=True))})\b"
_PIECE = rf"({'|'.join(sorted(PIECES, key=len, reverse=True))})\b"
_MIXED = re.compile(r"(\d+)[ -]([1357])/([248])\b")
_FRACTION = re.compile(r"(?<![\d.])(1/2(?=\s*OZ\b)|[13]/[248](?=\s*(?:GAL?|LB|QT|PT|L)\b))")
_MANY = re.compile(rf"{_NUMBER}\s*(CT|PK)?\s*([/X-])\s*{_NUMBER}\s*{_WEIGHT}")
_MANY_TURNED = re.compile(rf"{_NUMBER}\s*{_WEIGHT}\s*/\s*{_NUMBER}\s*PK\b")
_ONE = re.compile(rf"{_NUMBER}(?:\s*|-){_WEIGHT}")
_AREA = re.compile(rf"{_NUMBER}\s*SQ\b")
_COUNTED = re.compile(rf"{_NUMBER}\s*{_PIECE}")


@dataclass(frozen=True, slots=True, order=True)
class Content:
    """How much is in a package: `amount` of ounces ("oz"), pieces ("ct") or square feet ("sqft")."""

    measure: str
    amount: float


def content(size: str | None) -> Content | None:
    """What a package size says; None where it says nothing, or nothing that can be.

    >>> for size in ("12 PK/12 OZ", "16 CT/22 OZ", "1/2 GAL", "15 1/4 OZ", "DZ", "83.5 SQ FT", "PK-KING"):
    ...     print(content(size))
    Content(measure='oz', amount=144.0)
    Content(measure='oz', amount=22.0)
    Content(measure='oz', amount=64.0)
    Content(measure='oz', amount=15.25)
    Content(measure='ct', amount=12.0)
    Content(measure='sqft', amount=83.5)
    None
    """
    if not size:
        return None
    text = size.upper().replace("FL OZ", "OZ").strip()
    if text in OUNCES or text in PIECES:
        text = f"1 {text}"
    text = _MIXED.sub(lambda found: str(int(found[1]) + int(found[2]) / int(found[3])), text)
    text = _FRACTION.sub(lambda found: str(int(found[1][0]) / int(found[1][2])), text)
    if (ounces := _ounces(text)) is not None:
        return Content("oz", ounces) if 0 < ounces <= MOST_OUNCES else None
    if area := _AREA.search(text):
        return Content("sqft", float(area[1])) if float(area[1]) else None
    if counted := _COUNTED.search(text):
        pieces = float(counted[1]) * PIECES[counted[2]]
        return Content("ct", pieces) if 0 < pieces <= MOST_PIECES else None
    return None


def _ounces(text: str) -> float | None:
    """The weight of the whole package, or None where no weight stands."""
    if many := _MANY.search(text):
        number, inner = float(many[1]), float(many[4]) * OUNCES[many[5]]
        if many[3] == "-" and OUNCES[many[5]] == OUNCES["LB"]:  # "18-22 LB": from, to
            return (number * OUNCES["LB"] + inner) / 2
        whole = (
            many[2] == "CT" or inner > LARGEST_INNER_OUNCES
        )  # "16 CT/22 OZ": buns that weigh so much together
        return inner if whole else number * inner
    if many := _MANY_TURNED.search(text):
        inner = float(many[1]) * OUNCES[many[2]]
        return inner if inner > LARGEST_INNER_OUNCES else inner * float(many[3])
    if one := _ONE.search(text):
        return float(one[1]) * OUNCES[one[2]]
    return None


def standard_packages(bought: Mapping[Content, int], same_percent: int) -> dict[Content, Content]:
    """Each content to the standard package it counts as: the most bought one within `same_percent` of it.

    `bought` counts how often each content was bought. Contents of different measures are never the same.
    """
    within = math.log(1 + same_percent / 100) + 1e-9
    standards: list[Content] = []
    chosen: dict[Content, Content] = {}
    for one in sorted(bought, key=lambda one: (-bought[one], one)):
        near = (
            standard
            for standard in standards
            if standard.measure == one.measure and abs(math.log(standard.amount / one.amount)) <= within
        )
        chosen[one] = next(near, one)
        if chosen[one] is one:
            standards.append(one)
    return chosen
