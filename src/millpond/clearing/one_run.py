"""One offer and one place: what the lines there ask of a run, what it costs, and who cannot pay for it.

Source: the founding design, "Costs and prices". Where an offer delivers to one place alone, that place pays
all that is spent: the price of item i of family f is σ(i) + (B(f) + F(f)) / q(f), whatever it would pay alone
and whatever the round agreed on pooling and solidarity (those decide what is *said* of a level, not what is
paid). So prices follow from the units of each family, and an award is within its limit if

    margin · q(f) >= B(f) + F(f),    margin = limit − surcharge.

- Exact: whole numbers, rounded as `spreading` does.
- `Run.narrowed` leaves out only what can be in no valid awards: a relaxation, never a choice.
- Of two ways to serve a line with one family, one that is worth no more and has no larger margin is left out.

    unit costs of family f before rounding: price_k + per_load · load_f + setup / Q + fixed · load_f / L

with Q the units of the run and L their load; the more is made, the less a unit costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from millpond.clearing.spreading import spread
from millpond.model import Line, Offer, Round, unit_value


class Way(NamedTuple):
    """How a line may be served: `worth` of a unit in the score before the tier's price and what is paid once;
    `margin`: the most that a unit of the family may cost."""

    family: int
    item: str
    margin: int
    worth: int


class Want(NamedTuple):
    """A line as the run sees it; its ways from the worthiest on, of one family with rising margin."""

    id: str
    minimum: int
    quantity: int
    ways: tuple[Way, ...]


class Step(NamedTuple):
    """A tier that can be run at: its price and the fewest and most units of the run."""

    number: int
    price: int
    least: int
    most: int


class Bounds(NamedTuple):
    """What a search has decided of each family: its least margin allowed, and a most that its units cost.

    A family with such a `ceiling` (None: none) has to be made.
    """

    floors: tuple[int, ...]
    ceilings: tuple[int | None, ...]


class View(NamedTuple):
    """What is left of a step under some bounds: the ways that each line has, by number of the line; fewest
    and most units of the run, and the most of each family (None: any number)."""

    ways: dict[int, tuple[Way, ...]]
    least: int
    most: int
    tops: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """An offer, the place it delivers to, and the lines there that it could serve."""

    offer: Offer
    families: tuple[str, ...]
    """In id order; everywhere else a family is its number in here."""
    loads: tuple[int, ...]
    fixed: int
    per_load: int
    wants: tuple[Want, ...]

    @property
    def once(self) -> int:
        """What is paid once if it runs."""
        return self.offer.setup + self.fixed

    @property
    def steps(self) -> tuple[Step, ...]:
        """The tiers within the capacity."""
        ends = [tier.from_quantity - 1 for tier in self.offer.tiers[1:]] + [self.offer.capacity]
        tiers = zip(self.offer.tiers, ends, strict=True)
        steps = (
            Step(number, tier.price, tier.from_quantity, min(end, self.offer.capacity))
            for number, (tier, end) in enumerate(tiers)
        )
        return tuple(step for step in steps if step.least <= step.most)

    def unbounded(self) -> Bounds:
        """Nothing decided."""
        return Bounds((0,) * len(self.families), (None,) * len(self.families))

    def costs(self, price: int, units: Mapping[int, int]) -> dict[int, int]:
        """B(f) + F(f) of each family that is made, for its units, at a tier's price."""
        number = {self.families[f]: f for f in units}
        named = {family: units[f] for family, f in number.items()}
        loads = {family: units[f] * self.loads[f] for family, f in number.items()}
        load = sum(loads.values())
        base = spread(self.offer.setup + price * sum(units.values()), named)
        freight = spread(self.fixed + self.per_load * load, loads if load else named)
        return {number[family]: base[family] + freight[family] for family in named}

    def narrowed(self, step: Step, bounds: Bounds) -> View | None:
        """What awards at this step within these bounds can be made of; None if there are none.

        Whoever is not there makes everybody's share larger, which may put out the next: until nothing moves.
        """
        floors = list(bounds.floors)
        ways = {n: want.ways for n, want in enumerate(self.wants) if want.minimum <= step.most}
        while True:
            ways = _affordable(ways, floors)
            units = sum(self.wants[n].quantity for n in ways)
            most = min(step.most, units)
            if most < step.least or not ways:
                return None
            share = self._share(ways, step.price, most)
            raised = [max(floor, least) for floor, least in zip(floors, share.least, strict=True)]
            if raised == floors:
                return self._under_ceilings(View(ways, step.least, most, ()), share, bounds.ceilings)
            floors = raised

    def _share(self, ways: Mapping[int, Sequence[Way]], price: int, most: int) -> _Share:
        """What a unit costs at least, if the run is as large and as heavy as it can be."""
        made = {way.family for these in ways.values() for way in these}
        load = self._most_load(ways, most) if self.fixed else 0
        setup, fixed = self.offer.setup, self.fixed
        roundings = 0 if len(made) == 1 else (setup > 0) + (fixed > 0)
        # over most · weight: setup / most + fixed · load of the family / load of all
        weight = load or 1
        shared, least = [], []
        for family_load in self.loads:
            once = setup * weight
            if fixed and load:
                once += fixed * family_load * most
            elif fixed and not any(self.loads[f] for f in made):
                once += fixed * weight
            unit = price + self.per_load * family_load
            whole, rest = divmod(once, most * weight)
            # a share that may be rounded down costs more than `roundings` less, of a single unit
            least.append(unit + (whole + 1 - roundings if roundings else whole + (rest > 0)))
            shared.append(once)
        return _Share(price, most, weight, load, roundings, shared, least, made)

    def _most_load(self, ways: Mapping[int, Sequence[Way]], most: int) -> int:
        """The most load that so many units can have."""
        units_of: dict[int, int] = {}
        for n, these in ways.items():
            load = max(self.loads[way.family] for way in these)
            units_of[load] = units_of.get(load, 0) + self.wants[n].quantity
        total = 0
        for load in sorted(units_of, reverse=True):
            taken = min(units_of[load], most)
            total += taken * load
            most -= taken
        return total

    def _under_ceilings(self, view: View, share: _Share, ceilings: Sequence[int | None]) -> View | None:
        """What families that must not cost more than their ceiling ask of the run."""
        least = view.least
        tops: list[int | None] = [None] * len(self.families)
        scale = share.most * share.weight
        for family, ceiling in enumerate(ceilings):
            if ceiling is None:
                continue
            if family not in share.made:
                return None
            unit = share.price + self.per_load * self.loads[family]
            # what setup and freight may come to, a unit, over `scale`; beyond it only rounding helps
            over = share.shared[family] - (ceiling - unit) * scale
            if over > 0:
                if not share.roundings:
                    return None
                tops[family] = (share.roundings * scale - 1) // over
                if not tops[family]:
                    return None
            freight = share.shared[family] - self.offer.setup * share.weight
            room = (ceiling - unit + share.roundings) * scale - freight
            if room <= 0 and (self.offer.setup or room < 0 or share.roundings):
                return None
            if self.offer.setup:
                # setup / Q <= room / scale
                least = max(least, -(-self.offer.setup * scale // room))
        if least > view.most:
            return None
        return View(view.ways, least, view.most, tuple(tops))


class _Share(NamedTuple):
    """What is paid once, shared: `shared` by family over most · weight, and what a unit `least` costs in
    all."""

    price: int
    most: int
    weight: int
    load: int
    roundings: int
    shared: list[int]
    least: list[int]
    made: set[int]


def _affordable(ways: Mapping[int, tuple[Way, ...]], floors: Sequence[int]) -> dict[int, tuple[Way, ...]]:
    """The ways whose margin reaches the floor of their family; lines without one are left out."""
    left: dict[int, tuple[Way, ...]] = {}
    for n, these in ways.items():
        if len(these) == 1:
            if these[0].margin >= floors[these[0].family]:
                left[n] = these
        else:
            kept = tuple(way for way in these if way.margin >= floors[way.family])
            if kept:
                left[n] = kept
    return left


def run_of(round: Round, offer: Offer, lines: Iterable[Line]) -> Run:
    """The run of an offer that could serve these lines, all of one place."""
    lines = tuple(lines)
    items = {item.id: item for item in round.items}
    surcharges = {made.item: made.surcharge for made in offer.items}
    accepted = {a.item for line in lines for a in line.accepts if a.item in surcharges}
    load_of = {items[item].family: items[item].load for item in accepted}
    families = tuple(sorted(load_of))
    number = {family: f for f, family in enumerate(families)}
    row = next(row for row in offer.freight if row.place == lines[0].place)
    wants = []
    for line in lines:
        ways = []
        for accepts in line.accepts:
            surcharge = surcharges.get(accepts.item)
            if surcharge is None:
                continue
            item = items[accepts.item]
            value = 0 if round.must_serve else unit_value(accepts.limit, item.reference)
            worth = value - surcharge - item.load * row.per_load
            ways.append(Way(number[item.family], item.id, accepts.limit - surcharge, worth))
        wants.append(Want(line.id, line.minimum, line.quantity, _useful(ways)))
    loads = tuple(load_of[family] for family in families)
    return Run(offer, families, loads, row.fixed, row.per_load, tuple(wants))


def _useful(ways: Sequence[Way]) -> tuple[Way, ...]:
    """From the worthiest on, without those that another of the family is as good as in both respects."""
    best: dict[int, int] = {}
    useful = []
    for way in sorted(ways, key=lambda way: (-way.worth, -way.margin)):
        if way.family not in best or way.margin > best[way.family]:
            best[way.family] = way.margin
            useful.append(way)
    return tuple(useful)
