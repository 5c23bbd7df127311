"""Whether awards are valid, and every reason why not.

Source: the founding design, *Valid*: a property of the awards alone: quantities, minimum, capacity, tier,
dates, and limits at the resulting prices (with `must_serve` every line in full, and limits don't count).

- All reasons are given, in a fixed order: awards, lines, runs, then prices, each in id order.
- Prices are looked at only where they follow from the awards (see `PRICELESS`).
- A line whose price passes its limit is a defect of the awards, whatever their score.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from millpond.clearing.tally import RoundIndex
from millpond.model import Award

Triple = tuple[str, str, str]
"""Demand, offer, item."""


class Rule(StrEnum):
    """What awards must obey."""

    KNOWN = "names rows of the round"
    ACCEPTED = "the line accepts the item"
    MADE = "the offer makes the item"
    DELIVERED = "the offer delivers to the place"
    DATE = "ready when it is needed"
    ONCE = "one row a triple"
    POSITIVE = "one unit or more"
    QUANTITY = "no more than the line asks for"
    MINIMUM = "no less than the line's minimum"
    SERVE = "every line in full"
    CAPACITY = "no more than the offer can make"
    TIER = "no less than the offer's first tier"
    LIMIT = "no dearer than the line's limit"


PRICELESS = frozenset({Rule.KNOWN, Rule.ACCEPTED, Rule.MADE, Rule.DELIVERED, Rule.POSITIVE, Rule.TIER})
"""Where one of these is broken, no prices follow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A rule that awards break, the ids it is about ("" where none is), and by how much.

    `excess` is in days (date), rows (once), units, or minor units a unit (limit); 0 where there is no amount.
    """

    rule: Rule
    demand: str = ""
    offer: str = ""
    item: str = ""
    excess: int | Fraction = 0
    message: str


class Validity:
    """The rules of one round; remembers which triples go together, so a search may ask again and again."""

    def __init__(self, index: RoundIndex) -> None:
        self._index = index
        self._known: dict[Triple, tuple[Problem, ...]] = {}

    def problems(self, awards: Sequence[Award]) -> list[Problem]:
        """Every rule that single awards, lines and runs break; prices aside."""
        found: list[Problem] = []
        rows: dict[Triple, int] = {}
        served: dict[str, int] = {}
        made: dict[str, int] = {}
        for award in awards:
            demand, offer, item, quantity = award.demand, award.offer, award.item, award.quantity
            triple = (demand, offer, item)
            rows[triple] = rows.get(triple, 0) + 1
            served[demand] = served.get(demand, 0) + quantity
            made[offer] = made.get(offer, 0) + quantity
            if quantity < 1:
                found.append(_about(triple, Rule.POSITIVE, f"{quantity:,} units", 1 - quantity))
        for triple, count in rows.items():
            faults = self._known.get(triple)
            if faults is None:
                faults = self._known[triple] = tuple(self._faults(triple))
            found += faults
            if count > 1:
                found.append(_about(triple, Rule.ONCE, f"{count:,} rows", count - 1))
        found.sort(key=lambda problem: (problem.demand, problem.offer, problem.item))
        return found + list(self._problems_of_lines(served)) + list(self._problems_of_runs(made))

    def over_limit(
        self, awards: Iterable[Award], prices: Mapping[tuple[str, str], Fraction]
    ) -> list[Problem]:
        """The served lines whose price (by place and item) passes their limit; none with `must_serve`."""
        index = self._index
        if index.round.must_serve:
            return []
        found = {}
        for award in awards:
            demand, item = award.demand, award.item
            price, limit = prices[index.lines[demand].place, item], index.limits[demand][item]
            if price.numerator > limit * price.denominator:
                found[demand, item] = Problem(
                    rule=Rule.LIMIT,
                    demand=demand,
                    item=item,
                    excess=price - limit,
                    message=f"line {demand}: the price of {item} is {price_text(price)}, its limit {limit:,}",
                )
        return [found[key] for key in sorted(found)]

    def _faults(self, triple: Triple) -> Iterable[Problem]:
        """What keeps a line from taking an item from an offer, whatever the quantity."""
        demand, offer_id, item = triple
        index = self._index
        line, offer = index.lines.get(demand), index.offers.get(offer_id)
        for known, what in ((line, "line"), (offer, "offer"), (index.items.get(item), "item")):
            if known is None:
                yield _about(triple, Rule.KNOWN, f"the round has no such {what}")
        if line is None or offer is None or item not in index.items:
            return
        if item not in index.limits[demand]:
            yield _about(triple, Rule.ACCEPTED, "the line does not accept this item")
        if item not in index.surcharges[offer_id]:
            yield _about(triple, Rule.MADE, "the offer does not make this item")
        if line.place not in index.freight[offer_id]:
            yield _about(triple, Rule.DELIVERED, f"the offer does not deliver to {line.place}")
        if line.needed_by is not None and offer.ready_on is not None and offer.ready_on > line.needed_by:
            days = (offer.ready_on - line.needed_by).days
            dates = f"ready on {offer.ready_on}, needed by {line.needed_by}, days late: {days:,}"
            yield _about(triple, Rule.DATE, dates, days)

    def _problems_of_lines(self, served: Mapping[str, int]) -> Iterable[Problem]:
        index = self._index
        for demand in sorted(index.lines if index.round.must_serve else served):
            line, units = index.lines.get(demand), served.get(demand, 0)
            if line is None:
                continue
            if units > line.quantity:
                text = f"line {demand} is served {units:,}, it asks for {line.quantity:,}"
                yield Problem(rule=Rule.QUANTITY, demand=demand, excess=units - line.quantity, message=text)
            elif index.round.must_serve and units < line.quantity:
                text = f"line {demand} is served {units:,} of {line.quantity:,}; every line is served in full"
                yield Problem(rule=Rule.SERVE, demand=demand, excess=line.quantity - units, message=text)
            elif 0 < units < line.minimum:
                text = f"line {demand} is served {units:,}, it takes none or at least {line.minimum:,}"
                yield Problem(rule=Rule.MINIMUM, demand=demand, excess=line.minimum - units, message=text)

    def _problems_of_runs(self, made: Mapping[str, int]) -> Iterable[Problem]:
        for offer_id in sorted(made):
            offer, units = self._index.offers.get(offer_id), made[offer_id]
            if offer is None:
                continue
            first = offer.tiers[0].from_quantity
            if units > offer.capacity:
                text = f"run {offer_id} makes {units:,}, its capacity is {offer.capacity:,}"
                yield Problem(rule=Rule.CAPACITY, offer=offer_id, excess=units - offer.capacity, message=text)
            if units < first:
                text = f"run {offer_id} makes {units:,}, its first tier starts at {first:,}"
                yield Problem(rule=Rule.TIER, offer=offer_id, excess=first - units, message=text)


def price_text(price: Fraction) -> str:
    """A price for people: an integer, or three decimals rounded up (so one over a limit is shown over it)."""
    if price.denominator == 1:
        return f"{price.numerator:,}"
    thousandths = -(-price.numerator * 1000 // price.denominator)
    sign, size = ("-" if thousandths < 0 else ""), abs(thousandths)
    return f"{sign}{size // 1000:,}.{size % 1000:03d}"


def _about(triple: Triple, rule: Rule, what: str, excess: int = 0) -> Problem:
    demand, offer, item = triple
    text = f"award of {item} from {offer} to line {demand}: {what}"
    return Problem(rule=rule, demand=demand, offer=offer, item=item, excess=excess, message=text)
