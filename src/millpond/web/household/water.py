"""The pool as a picture: water in a basin that rises to the marks where prices fall.

Geometry only, in whole units of the picture's own measure; the template draws it, a sentence beside it says
the same. The scale is not even: the steps between two marks are equally high, whatever they hold, so that
the way from 20 to 100 can be seen beside the way from 100 to 1,000. Inside a step the water rises evenly.

>>> picture = paint(60, ((20, 7200), (100, 5800)))
>>> [(mark.from_quantity, mark.y, mark.reached) for mark in picture.marks], picture.level
([(20, 84, True), (100, 42, False)], 63)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

WIDTH = 320
STEP = 42
"""Between two marks: two lines of text fit."""
TOP = 8
"""Above the basin's edge."""
EDGE = 42
"""From the top to the last mark: room for its label, and for water above it."""
LEFT, RIGHT = 4, 112
"""The basin's walls."""
DEPTH = 26
"""Below the lowest step: the round bottom of the basin, where a few units can be seen already."""
MOST_OVER = 18
"""How far water stands above the last mark at most."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a tier starts: its height in the picture, whether it is reached, whether it is the next."""

    from_quantity: int
    price: int
    y: int
    reached: bool
    next: bool


@dataclass(frozen=True)
class Picture:
    """The basin with its water: `level` is the y of the surface, `bottom` that of the ground."""

    units: int
    level: int
    bottom: int
    marks: tuple[Mark, ...]

    @property
    def width(self) -> int:
        """Of the whole picture."""
        return WIDTH

    @property
    def height(self) -> int:
        """Of the whole picture."""
        return self.bottom + 4

    @property
    def walls(self) -> tuple[int, int]:
        """Left and right x of the basin."""
        return LEFT, RIGHT

    @cached_property
    def basin(self) -> str:
        """Path of the basin, open at the top."""
        round = 22
        return (
            f"M{LEFT} {TOP}V{self.bottom - round}Q{LEFT} {self.bottom} {LEFT + round} {self.bottom}"
            f"H{RIGHT - round}Q{RIGHT} {self.bottom} {RIGHT} {self.bottom - round}V{TOP}"
        )

    @cached_property
    def water(self) -> str:
        """Path of the water, with small waves on it; it is cut to the basin."""
        if not self.units:
            return ""
        wave, x, path = 27, LEFT, f"M{LEFT} {self.level}"
        while x < RIGHT:
            path += f"q{wave // 4} -4 {wave // 2} 0t{wave - wave // 2} 0"
            x += wave
        return f"{path}V{self.bottom}H{LEFT}Z"

    @property
    def number_y(self) -> int:
        """Baseline of the number in the basin: in deep water, else above the surface."""
        return self.level + 26 if self.is_deep else self.level - 10

    @property
    def is_deep(self) -> bool:
        """Whether the number stands in the water."""
        return bool(self.units) and self.bottom - self.level >= 40


def paint(units: int, tiers: Sequence[tuple[int, int]]) -> Picture:
    """The picture of so many units and tiers (from, price), lowest first; there is at least one tier."""
    bottom = EDGE + (len(tiers) - 1) * STEP + STEP + DEPTH
    heights = [EDGE + (len(tiers) - 1 - position) * STEP for position in range(len(tiers))]
    missing = [start for start, _ in tiers if units < start]
    marks = tuple(
        Mark(start, price, y, units >= start, bool(missing) and start == missing[0])
        for (start, price), y in zip(tiers, heights, strict=True)
    )
    return Picture(units, _level(units, [start for start, _ in tiers], heights, bottom), bottom, marks)


def _level(units: int, starts: list[int], heights: list[int], bottom: int) -> int:
    """Height of the surface; it touches a mark only where the mark is reached."""
    if units >= starts[-1]:
        over = MOST_OVER * (units - starts[-1]) // max(1, units)
        return heights[-1] - over
    below, y_below = 0, bottom
    for start, y in zip(starts, heights, strict=True):
        if units < start:
            risen = (y_below - y) * (units - below) // (start - below)
            return max(y + 3, y_below - risen) if units > below else y_below
        below, y_below = start, y
    raise AssertionError("one tier is above")
