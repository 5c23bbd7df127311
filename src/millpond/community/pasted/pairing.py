"""Which quantity belongs to which item: 大米2袋 油1桶, 2袋大米 1桶油, 大米、油各1.

>>> def row(text): return [Element(kind, 2 if gap == "," else 1) for gap, kind in zip(text[::2], text[1::2])]
>>> [[pair.item, pair.quantity] for pair in matched(row(" I Q,I Q")).pairs]
[[0, 1], [2, 3]]
>>> matched(row(" I Q I")).lone_items
[2]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

__all__ = ["Element", "Matched", "Pair", "matched"]

STRONG = 2
"""A comma and the like; a space or a plus is 1, nothing at all 0."""


@dataclass(frozen=True, slots=True)
class Element:
    """An item "I", a text that may be one "T", a quantity "Q", "E" for 各; and the break before it."""

    kind: str
    break_before: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """Places in the row of an item and its quantity."""

    item: int
    quantity: int


@dataclass(slots=True)
class Matched:
    """Who belongs together and who stayed alone; `unclear` where the commas say something else."""

    pairs: list[Pair] = field(default_factory=list)
    lone_items: list[int] = field(default_factory=list)
    lone_quantities: list[int] = field(default_factory=list)
    unclear: bool = False


def matched(row: Sequence[Element]) -> Matched:
    """Pair items with quantities; texts count as items only if nothing else makes the row come out even."""
    result = Matched()
    places = _without_each(row, result)
    known = [place for place in places if row[place].kind != "T"]
    pairs = _even(row, known, result)
    if pairs is None:
        pairs = _even(row, places, result)
    if pairs is None:
        pairs = _greedy(row, known, result)
    result.pairs = sorted([*result.pairs, *pairs], key=lambda pair: pair.item)
    return result


def _without_each(row: Sequence[Element], result: Matched) -> list[int]:
    """Give every item of a 各 its quantity; returns the places that are left."""
    places = list(range(len(row)))
    for each in [place for place in places if row[place].kind == "E"]:
        quantity = next((place for place in places if place > each and row[place].kind == "Q"), None)
        places.remove(each)
        if quantity is None:
            continue
        last = max((place for place in places if place < each and row[place].kind == "Q"), default=-1)
        items = [place for place in places if last < place < each and row[place].kind in "IT"]
        if not items:
            end = min(
                (place for place in places if place > quantity and row[place].kind in "QE"), default=len(row)
            )
            items = [place for place in places if quantity < place < end and row[place].kind == "I"]
        if items:
            result.pairs += [Pair(item, quantity) for item in items]
            places = [place for place in places if place != quantity and place not in items]
    return places


def _even(row: Sequence[Element], places: list[int], result: Matched) -> list[Pair] | None:
    """All of it in pairs, or None."""
    parts: list[list[int]] = []
    for before, place in pairwise([-1, *places]):
        strength = max(element.break_before for element in row[before + 1 : place + 1])
        if not parts or strength >= STRONG:
            parts.append([])
        parts[-1].append(place)
    by_part = [_alternating(row, part) for part in parts]
    if all(pairs is not None for pairs in by_part):
        return [pair for pairs in by_part if pairs for pair in pairs]
    if any(row[place].kind == "T" for place in places):
        return None  # 10袋，开车来: a remark behind a comma is no item
    pairs = _alternating(row, places)
    if pairs is not None and len(pairs) > 1:
        starts = {part[0] for part in parts}
        inside = any(max(pair.item, pair.quantity) in starts for pair in pairs)
        between = all(min(pair.item, pair.quantity) in starts for pair in pairs)
        result.unclear = inside and not between
    return pairs


def _alternating(row: Sequence[Element], places: list[int]) -> list[Pair] | None:
    if len(places) % 2:
        return None
    pairs = []
    first = "Q" if places and row[places[0]].kind == "Q" else "I"
    for left, right in zip(places[::2], places[1::2], strict=True):
        kinds = ["Q" if row[place].kind == "Q" else "I" for place in (left, right)]
        if kinds[0] != first or kinds[0] == kinds[1]:
            return None
        pairs.append(Pair(left, right) if first == "I" else Pair(right, left))
    return pairs


def _greedy(row: Sequence[Element], places: list[int], result: Matched) -> list[Pair]:
    pairs, rest = [], list(places)
    while rest:
        left = rest.pop(0)
        if rest and row[left].kind != row[rest[0]].kind:
            right = rest.pop(0)
            pairs.append(Pair(left, right) if row[left].kind == "I" else Pair(right, left))
        elif row[left].kind == "Q":
            result.lone_quantities.append(left)
        else:
            result.lone_items.append(left)
    return pairs
