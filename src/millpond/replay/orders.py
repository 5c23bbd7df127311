"""Real orders, and the terms that a scenario assumes about them.

A replay reads its records into `Orders`; no record tells the `Terms`. `pooling.round_of` joins the two.
Everything is frozen, and amounts are integers of the currency's minor unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """The same words in English and in Chinese."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Want:
    """One household's line: so many units of a family from a maker.

    `paid` is what they cost it delivered, in minor units, in all; `goods` the part of it that the goods
    alone cost.
    """

    household: str
    place: str
    family: str
    maker: str
    quantity: int
    paid: int
    goods: int

    @property
    def limit(self) -> int:
        """The most it pays per unit: what it really paid, rounded down."""
        return self.paid // self.quantity


@dataclass(frozen=True, slots=True)
class Family:
    """Goods that replace each other: one load, one unit. Without a ladder a maker offers the families of a
    group at once.
    """

    id: str
    name: str
    unit: str
    load: int
    group: str = ""


@dataclass(frozen=True, slots=True)
class Town:
    """A real place on the map; coordinates in millionths of a degree."""

    name: str
    latitude: int
    longitude: int
    population: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """From a run worth `run_value` at shop prices on, a unit costs `percent` of its shop price."""

    run_value: int
    percent: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What no record tells and a scenario has to assume."""

    ladder: tuple[Step, ...]
    setup: int
    capacity_percent: int
    band_percent: int
    freight_pooled: int
    solidarity: int


Tariff = Callable[[str, str], tuple[int, int] | None]
"""(maker, place) to (fixed, per load) in minor units, or None where the maker does not deliver."""


@dataclass(frozen=True, slots=True)
class Orders:
    """Real orders, ready to be pooled.

    `buyers` is what the records call those whose wants they hold ("households", "orders").
    `same_everywhere` says that a make costs about the same wherever it is bought, so that there is a shop
    price to refer to; where freight is a part of what was paid there is none. `left_out` counts the records
    that are not among the orders, by reason; `notes` say what was estimated from them.
    """

    id: str
    currency: str
    wants: Sequence[Want]
    families: Mapping[str, Family]
    places: Mapping[str, Town]
    tariff: Tariff
    buyers: str
    same_everywhere: bool
    left_out: Mapping[Said, int] = field(default_factory=dict)
    notes: Sequence[Said] = ()
