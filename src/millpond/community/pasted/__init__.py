"""Pasted lists: the numbered free-text lists of chat groups (接龙), read into orders.

Pure: text in, values out. Nothing is guessed silently: whatever is not certain carries a `Doubt` with a
stable code and the text it is about, so that a page can show the line for a look in the leader's language.
What is understood and what is marked stands in `docs/reference/pasted-lists.md`.

>>> from millpond.community.group import Item
>>> rice = Item(id="rice", family="rice", name="大米", unit="袋")
>>> entry = read_list("#接龙\\n大米\\n1. 王芳 3-502 大米两袋（放门卫）", [rice]).entries[0]
>>> entry.name, entry.address, entry.note, entry.wants[0].item, entry.wants[0].quantity, entry.doubts
('王芳', '3-502', '放门卫', 'rice', 2, ())
"""

from __future__ import annotations

from millpond.community.pasted.reading import MAX_CHARACTERS, MAX_LINES, read_list
from millpond.community.pasted.values import (
    Doubt,
    DoubtCode,
    Entry,
    IgnoredLine,
    IgnoredReason,
    PastedList,
    PastedWant,
)

__all__ = [
    "MAX_CHARACTERS",
    "MAX_LINES",
    "Doubt",
    "DoubtCode",
    "Entry",
    "IgnoredLine",
    "IgnoredReason",
    "PastedList",
    "PastedWant",
    "read_list",
]
