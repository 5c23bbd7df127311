"""What a cleared round is: awards, the certificate of their quality, and all that follows from the awards.

Invariants:
- Everything is frozen and has the form that DESIGN's `millpond-clearing/1` gives it from the moment it
  exists: ranges, exact fractions, rows sorted by their keys and each key once, at most 4,096 leaves.
- Nothing here recurses over the certificate's tree, which may be 4,095 branches deep: `preorder` is the way
  to walk it.

It does not say whether the awards are valid for a round, nor whether what is said to follow from them does:
that is `millpond.clearing` (to make it) and `millpond.verify` (to check it).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from millpond.errors import InputError
from millpond.model import rules
from millpond.model.rules import MAX_QUANTITY, MAX_TOTAL, wrong

MAX_LEAVES = 4_096
"""Leaves of a certificate: enough for branching, few enough that a check stays a matter of seconds."""
MAX_CERTIFIED = 10**60
"""Largest scale, and largest multiplier and bound in magnitude: beyond what any round has a reason for."""

_HASH = re.compile(r"[0-9a-f]{64}")
_GAP = re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]{6}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """Units of an item that an offer makes for a demand line."""

    demand: str
    offer: str
    item: str
    quantity: int

    def __post_init__(self) -> None:
        rules.identifier("demand", self.demand)
        rules.identifier("offer", self.offer)
        rules.identifier("item", self.item)
        rules.integer("quantity", self.quantity, 1, MAX_QUANTITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A production run: the tier it reached (from 0), its units, what its production and its freight cost."""

    offer: str
    tier: int
    quantity: int
    production: int
    freight: int

    def __post_init__(self) -> None:
        rules.identifier("offer", self.offer)
        rules.integer("tier", self.tier, 0, MAX_QUANTITY)
        rules.integer("quantity", self.quantity, 1, MAX_QUANTITY)
        rules.integer("production", self.production, 0, MAX_TOTAL)
        rules.integer("freight", self.freight, 0, MAX_TOTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The common price of a family before surcharges and own freight; None where the family is `short`."""

    family: str
    level: Fraction | None = field(metadata={"read": rules.read_level})
    short: bool

    def __post_init__(self) -> None:
        rules.identifier("family", self.family)
        if self.level is not None:
            rules.fraction("level", self.level)
        rules.flag("short", self.short)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What a unit of an item costs at a place, exactly, in minor units."""

    place: str
    item: str
    price: Fraction = field(metadata={"read": rules.read_fraction})

    def __post_init__(self) -> None:
        rules.identifier("place", self.place)
        rules.identifier("item", self.item)
        rules.fraction("price", self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What a place pays to one of the makers it bought from.

    Below 0 where its price for what that maker made is: a place that would pay less alone than the surcharges
    of what it got has the difference taken off the other items of the family.
    """

    maker: str
    amount: int

    def __post_init__(self) -> None:
        rules.identifier("maker", self.maker)
        rules.integer("amount", self.amount, -MAX_TOTAL, MAX_TOTAL)
        if self.amount == 0:
            raise wrong("amount", self.amount, "written: a payment of nothing is left out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What a place pays in all, and to whom."""

    place: str
    amount: int
    payments: tuple[Payment, ...] = field(metadata={"rows": Payment})

    def __post_init__(self) -> None:
        rules.identifier("place", self.place)
        rules.integer("amount", self.amount, 0, MAX_TOTAL)
        rules.rows("payments", self.payments, Payment)
        _sorted("payments", self.payments, lambda payment: (payment.maker,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a maker who received more than its runs cost passes on to one who received less."""

    from_maker: str
    to_maker: str
    amount: int

    def __post_init__(self) -> None:
        rules.identifier("from_maker", self.from_maker)
        rules.identifier("to_maker", self.to_maker)
        rules.integer("amount", self.amount, 1, MAX_TOTAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Multipliers for the clearings that one part of the tree allows; missing ones are 0.

    `lines` maps a demand line to its lambda, `tiers` an offer to its mu for each tier, `runs` is tau.
    """

    lines: Mapping[str, int] = field(default_factory=dict, hash=False)
    tiers: Mapping[str, tuple[int, ...]] = field(
        default_factory=dict, hash=False, metadata={"read": rules.read_lists}
    )
    runs: int = 0

    def __post_init__(self) -> None:
        _check_map("lines", self.lines)
        _check_map("tiers", self.tiers)
        for line, multiplier in self.lines.items():
            _check_multiplier(multiplier, "lines", line)
        for offer, multipliers in self.tiers.items():
            if type(multipliers) is not tuple:
                raise wrong(rules.path_under("tiers", offer), multipliers, "a list of one multiplier a tier")
            for multiplier in multipliers:
                _check_multiplier(multiplier, "tiers", offer)
        rules.integer("runs", self.runs, 0, MAX_CERTIFIED)


def _check_map(at: str, value: object) -> None:
    if not isinstance(value, dict):
        raise wrong(at, value, "an object")
    for key in value:
        rules.identifier(at, key)


def _check_multiplier(value: object, kind: str, id: str) -> None:
    if type(value) is not int or not -MAX_CERTIFIED <= value <= MAX_CERTIFIED:
        rules.integer(rules.path_under(kind, id), value, -MAX_CERTIFIED, MAX_CERTIFIED)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Branch:
    """Two parts of the clearings: `low`, where the offer stays off or runs below `tier`; `high`, where it
    runs at or above.

    Branches are equal when all nodes under them are, node by node in preorder.
    """

    offer: str
    tier: int
    low: Leaf | Branch
    high: Leaf | Branch

    def __post_init__(self) -> None:
        rules.identifier("offer", self.offer)
        rules.integer("tier", self.tier, 0, MAX_QUANTITY)
        for side, node in (("low", self.low), ("high", self.high)):
            if type(node) not in (Leaf, Branch):
                raise wrong(side, node, "a leaf or a branch")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Branch):
            return NotImplemented
        mine, theirs = preorder(self), preorder(other)
        return all(_same(a, b) for a, b in zip(mine, theirs, strict=True))

    def __hash__(self) -> int:
        return hash((self.offer, self.tier))

    def __repr__(self) -> str:
        return f"Branch(offer={self.offer!r}, tier={self.tier}, low=…, high=…)"


def _same(one: Leaf | Branch, other: Leaf | Branch) -> bool:
    if isinstance(one, Branch) and isinstance(other, Branch):
        return (one.offer, one.tier) == (other.offer, other.tier)
    return isinstance(one, Leaf) and isinstance(other, Leaf) and one == other


def preorder(tree: Leaf | Branch) -> Iterator[Leaf | Branch]:
    """Every node of the tree: a branch, then all under its `low`, then all under its `high`."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Branch):
            waiting += (node.high, node.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Multipliers, in units of 1 / `scale`, from which anyone computes a bound on every clearing's score."""

    scale: int
    tree: Leaf | Branch

    def __post_init__(self) -> None:
        rules.integer("scale", self.scale, 1, MAX_CERTIFIED)
        if type(self.tree) not in (Leaf, Branch):
            raise wrong("tree", self.tree, "a leaf or a branch")
        leaves = sum(isinstance(node, Leaf) for node in preorder(self.tree))
        if leaves > MAX_LEAVES:
            raise InputError(f"{leaves:,} leaves are too many: at most {MAX_LEAVES:,}", at="tree")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearing:
    """The whole of a clearing file. `gap` is text with six decimals; `score` and `bound` are minor units."""

    round_sha256: str
    awards: tuple[Award, ...] = field(metadata={"rows": Award})
    certificate: Certificate = field(metadata={"certificate": True})
    runs: tuple[Run, ...] = field(metadata={"rows": Run})
    levels: tuple[Level, ...] = field(metadata={"rows": Level})
    prices: tuple[Price, ...] = field(metadata={"rows": Price})
    bills: tuple[Bill, ...] = field(metadata={"rows": Bill})
    settlements: tuple[Settlement, ...] = field(metadata={"rows": Settlement})
    score: int
    bound: int
    gap: str

    def __post_init__(self) -> None:
        if type(self.round_sha256) is not str or not _HASH.fullmatch(self.round_sha256):
            raise wrong("round_sha256", self.round_sha256, "a SHA-256 in 64 small hexadecimal digits")
        rules.rows("awards", self.awards, Award)
        rules.rows("runs", self.runs, Run)
        rules.rows("levels", self.levels, Level)
        rules.rows("prices", self.prices, Price)
        rules.rows("bills", self.bills, Bill)
        rules.rows("settlements", self.settlements, Settlement)
        _sorted("awards", self.awards, lambda row: (row.demand, row.offer, row.item))
        _sorted("runs", self.runs, lambda row: (row.offer,))
        _sorted("levels", self.levels, lambda row: (row.family,))
        _sorted("prices", self.prices, lambda row: (row.place, row.item))
        _sorted("bills", self.bills, lambda row: (row.place,))
        _sorted("settlements", self.settlements, lambda row: (row.from_maker, row.to_maker))
        if type(self.certificate) is not Certificate:
            raise wrong("certificate", self.certificate, "a certificate")
        rules.integer("score", self.score, -MAX_TOTAL, MAX_TOTAL)
        rules.integer("bound", self.bound, -MAX_CERTIFIED, MAX_CERTIFIED)
        if type(self.gap) is not str or not _GAP.fullmatch(self.gap):
            raise wrong("gap", self.gap, 'a text with six decimals, like "0.002857"')


def _sorted(at: str, rows: Sequence[Any], key: Callable[[Any], tuple[str, ...]]) -> None:
    """Raise unless the rows rise strictly by key.

    Texts compare by code point, which is the order of their UTF-8 bytes.
    """
    keys = list(map(key, rows))
    for index in range(1, len(keys)):
        if keys[index] <= keys[index - 1]:
            what = "the same as" if keys[index] == keys[index - 1] else "before"
            shown = ", ".join(map(rules.shown, keys[index]))
            raise InputError(
                f"{shown} is {what} the row above; rows are in id order, each once", at=f"{at}[{index}]"
            )
