"""The households of one town of the story: invented people, whose wants together are the town's demand lines.

Nothing is drawn by chance: the same round gives the same people.
"""

from __future__ import annotations

from dataclasses import dataclass

from millpond.model import Round

FAMILY_NAMES = "林陈黄郑吴李王张刘许谢叶苏卢蔡曾江何潘薛"
GIVEN_NAMES = (
    "秀英",
    "建国",
    "丽华",
    "小燕",
    "志强",
    "美玲",
    "阿水",
    "春花",
    "永福",
    "雅婷",
    "宏伟",
    "桂兰",
    "子轩",
    "玉珍",
)
ENGLISH_NAMES = ("Ada", "Bo", "Chen", "Dina", "Emil", "Fen", "Hua", "Ines", "Jun", "Kai", "Lan", "Mei")
INITIALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_AT_ONCE = 4
"""Pieces of one size that one household takes."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A household: its name, and pieces of each item it wants, with the most it pays for one."""

    name: str
    wants: tuple[tuple[str, int, int], ...]


def neighbours(round: Round, place: str, language: str) -> tuple[Neighbour, ...]:
    """The households of a place; their wants sum to its lines."""
    shares = {line.id: _shares(line.quantity) for line in round.demand if line.place == place}
    lines = {line.id: line for line in round.demand}
    count = max((len(share) for share in shares.values()), default=0)
    found = []
    for n, name in enumerate(_names(count, language)):
        wants = tuple(
            (lines[id].accepts[0].item, share[n], lines[id].accepts[0].limit)
            for id, share in shares.items()
            if n < len(share)
        )
        found.append(Neighbour(name, wants))
    return tuple(found)


def _shares(quantity: int) -> list[int]:
    """The quantity in turns of 1 to `MOST_AT_ONCE`."""
    found, turn = [], 0
    while quantity:
        turn = turn % MOST_AT_ONCE + 1
        found.append(min(turn, quantity))
        quantity -= found[-1]
    return found


def _names(count: int, language: str) -> list[str]:
    """So many names, no two alike (of 280 Chinese and 312 English ones)."""
    if language == "zh":
        size = len(FAMILY_NAMES)
        return [
            FAMILY_NAMES[n % size] + GIVEN_NAMES[(n // size + n % size) % len(GIVEN_NAMES)]
            for n in range(count)
        ]
    size = len(ENGLISH_NAMES)
    return [f"{ENGLISH_NAMES[n % size]} {INITIALS[n // size]}." for n in range(count)]
