"""What a variant costs more than the plain good: surcharges, averaged over the runs of a clearing."""

from collections.abc import Iterable
from fractions import Fraction

from millpond.model import Award, Round


def average_surcharges(round: Round, awards: Iterable[Award]) -> dict[str, Fraction]:
    """σ(i) = X(i) / units of i for every item that was made, in minor units (DESIGN, "Costs and prices")."""
    surcharge = {(offer.id, made.item): made.surcharge for offer in round.offers for made in offer.items}
    totals: dict[str, list[int]] = {}
    for award in awards:
        total = totals.setdefault(award.item, [0, 0])
        total[0] += surcharge[award.offer, award.item] * award.quantity
        total[1] += award.quantity
    return {item: Fraction(paid, units) for item, (paid, units) in totals.items()}


def usual_surcharges(round: Round, awards: Iterable[Award]) -> dict[str, Fraction]:
    """The average surcharge of an item that was made; of another, the least that an offer states."""
    usual = average_surcharges(round, awards)
    least: dict[str, int] = {}
    for offer in round.offers:
        for made in offer.items:
            least[made.item] = min(made.surcharge, least.get(made.item, made.surcharge))
    return {item: usual.get(item, Fraction(surcharge)) for item, surcharge in least.items()}
