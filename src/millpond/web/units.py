"""So many of a unit, as people say it: units are typed by leaders in their own language, as one text.

>>> from millpond.web.words import Words
>>> [counted(2, unit, Words("en")) for unit in ("bag", "box", "kg", "")]
['2 bags', '2 boxes', '2 kg', '2']
>>> counted(38, "袋", Words("zh"))
'38 袋'
"""

from __future__ import annotations

from millpond.web.formats import number
from millpond.web.words import Words

UNCOUNTED = frozenset({"kg", "g", "mg", "l", "ml", "cl", "dl", "m", "cm", "mm", "lb", "oz", "jin", "liang"})
"""English measures that have no plural."""


def counted(quantity: int, unit: str, words: Words) -> str:
    """The number with its unit; an English word gets its plural, all else stays as the leader typed it."""
    if not unit:
        return number(quantity)
    return f"{number(quantity)} {plural(unit) if quantity != 1 and words.language == 'en' else unit}"


def plural(unit: str) -> str:
    """Of an English word; other texts as they are."""
    if not (unit.isascii() and unit.isalpha()) or unit.lower() in UNCOUNTED or unit.endswith("s"):
        return unit
    if unit.endswith(("x", "ch", "sh", "z")):
        return unit + "es"
    if unit.endswith("y") and unit[-2:-1] not in "aeiou":
        return unit[:-1] + "ies"
    return unit + "s"
