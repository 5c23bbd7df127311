"""Who gains: what goods are worth to households above what they pay, and what makers take in.

- A unit is worth `min(limit, reference)` to its line, the score's own rule, so a place's gain is Σ worth −
  bill, and all gains together are the score. With `must_serve` limits don't count and there is no such gain
  to share.
- Makers get setup and tier price, surcharges and the freight, exactly. What of it is their profit, only they
  know: they have set the prices, and this report can't see costs behind them. So their part is stated as
  revenue and concentration.

Amounts are integers of the minor unit.
"""

from collections.abc import Mapping

from millpond.equality.inequality import herfindahl
from millpond.model import Clearing, Round, unit_value


def gain_by_place(round: Round, clearing: Clearing) -> dict[str, int]:
    """Worth of what each place gets less its bill, for places that get something."""
    references = {item.id: item.reference for item in round.items}
    limits = {(line.id, a.item): a.limit for line in round.demand for a in line.accepts}
    places = {line.id: line.place for line in round.demand}
    gain = {bill.place: -bill.amount for bill in clearing.bills}
    for award in clearing.awards:
        worth = unit_value(limits[award.demand, award.item], references[award.item])
        place = places[award.demand]
        gain[place] = gain.get(place, 0) + worth * award.quantity
    return gain


def revenue_by_maker(round: Round, clearing: Clearing) -> dict[str, int]:
    """Production of each maker's runs: setup, tier price and surcharges; freight is its carriers'."""
    makers = {offer.id: offer.maker for offer in round.offers}
    revenue: dict[str, int] = {}
    for run in clearing.runs:
        maker = makers[run.offer]
        revenue[maker] = revenue.get(maker, 0) + run.production
    return revenue


def concentration_by_family(round: Round, clearing: Clearing) -> dict[str, float]:
    """Herfindahl–Hirschman index of makers by units, for each family that was made."""
    makers = {offer.id: offer.maker for offer in round.offers}
    family_of = {item.id: item.family for item in round.items}
    units: dict[str, dict[str, int]] = {}
    for award in clearing.awards:
        of = units.setdefault(family_of[award.item], {})
        maker = makers[award.offer]
        of[maker] = of.get(maker, 0) + award.quantity
    return {family: _herfindahl_of(of) for family, of in sorted(units.items())}


def _herfindahl_of(units: Mapping[str, int]) -> float:
    return herfindahl(list(units.values()))
