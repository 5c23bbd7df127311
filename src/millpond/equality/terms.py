"""The same awards under other terms: what equal prices cost whom, exactly.

Awards stay; `freight_pooled` or `solidarity` is replaced, and prices follow anew by the clearing's own rule.
Bills of all places sum to the same cost under any terms, so what one place pays more, others pay less: a
transfer, to the minor unit.

What it does not do: clear again. Under other terms other lines might be served; which of the awards' limits
the new prices would pass is said instead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from millpond.clearing.alone import AloneIndex
from millpond.clearing.prices import Consequences, follow
from millpond.clearing.tally import RoundIndex, Tally
from millpond.model import Award, Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Repriced:
    """Awards under some terms: bills by place, all that follows, and the lines whose limits prices pass."""

    freight_pooled: int
    solidarity: int
    bills: Mapping[str, int]
    consequences: Consequences
    over_limit: tuple[str, ...]


def reprice(
    round: Round, awards: Sequence[Award], *, freight_pooled: int | None = None, solidarity: int | None = None
) -> Repriced:
    """What follows from the awards with `freight_pooled` and `solidarity` as given, or as they are.

    Raises InputError where no prices follow from the awards at all, and where the terms are out of range.
    """
    changed = replace(
        round,
        freight_pooled=round.freight_pooled if freight_pooled is None else freight_pooled,
        solidarity=round.solidarity if solidarity is None else solidarity,
    )
    consequences = follow(changed, awards)
    return Repriced(
        freight_pooled=changed.freight_pooled,
        solidarity=changed.solidarity,
        bills={bill.place: bill.amount for bill in consequences.bills},
        consequences=consequences,
        over_limit=() if round.must_serve else _over_limit(round, awards, consequences),
    )


def _over_limit(round: Round, awards: Sequence[Award], consequences: Consequences) -> tuple[str, ...]:
    places = {line.id: line.place for line in round.demand}
    limits = {(line.id, a.item): a.limit for line in round.demand for a in line.accepts}
    prices = {(row.place, row.item): row.price for row in consequences.prices}
    over = {a.demand for a in awards if prices[places[a.demand], a.item] > limits[a.demand, a.item]}
    return tuple(sorted(over))


def transfers(before: Repriced, after: Repriced) -> dict[str, int]:
    """What each place pays more under `after` than under `before` (less: negative); sums to 0."""
    places = before.bills.keys() | after.bills.keys()
    return {place: after.bills.get(place, 0) - before.bills.get(place, 0) for place in sorted(places)}


def above_alone(round: Round, awards: Sequence[Award], repriced: Repriced) -> dict[tuple[str, str], Fraction]:
    """By place and family: by what share (1/10: a tenth) it pays more than alone, where it does."""
    alone = AloneIndex(round)
    prices = {(row.place, row.item): row.price for row in repriced.consequences.prices}
    above = {}
    for family, shares in Tally(RoundIndex(round), awards).shares.items():
        for place, share in shares.items():
            total = alone.total(place, share.units_of, share.needed_by)
            paid = sum((prices[place, item] * units for item, units in share.units_of.items()), Fraction(0))
            if total and paid > total:
                above[place, family] = (paid - total) / total
    return above
