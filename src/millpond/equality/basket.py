"""What the same goods cost at each place under several ways of buying: alone, in a pool, in a bigger pool.

Comparing what places happened to buy would mix goods, and make equality or inequality of it. So every good is
compared with itself alone:

- The *fixed* basket: the same families in the same weights (the network's units) at every place. Its
  families: starting with none, the family is added that most increases (units of the families) × (units of
  the places that want all of them), until none increases it. A place counts if it wants them all.
- Where hardly any two places want the same things, that says little: if a fixed basket is less than
  `LEAST_PART` of what the places want, each place is asked for *its own* goods, each priced relative to its
  average over all places in the network: an index, 100 where a place pays just the average for what it wants.

Either way a family is the same mix of its items everywhere, the network's, and a household pays the *least it
must*: the quote, or what the mix costs in the shop (its references), where the shop is cheaper or the way
gets nothing there. A pair of place and family counts only if it has a price in every way of buying.

Figures are floats: they describe, and decide nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import fsum

from millpond.equality.quotes import Quotes, quoted
from millpond.equality.surcharges import average_surcharges
from millpond.model import Award, Round

LEAST_PART = 0.1
"""Of what places want: a fixed basket of less does not speak for them."""
AVERAGE = 100.0
"""What its own goods cost a place that pays the average for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """`lists` of families and their weights by place; `places` with the units by which they count.

    With `fixed`, all lists are the same, their weights sum to 1, and a cost is in minor units; else costs are
    an index. `surcharges` and `shop` prices are of a family's mix. `part`: of all that is wanted, what is in
    here.
    """

    fixed: bool
    lists: Mapping[str, Mapping[str, float]]
    surcharges: Mapping[str, float]
    shop: Mapping[str, float | None]
    places: Mapping[str, int]
    part: float

    @property
    def families(self) -> Mapping[str, float]:
        """The list of a fixed basket."""
        return next(iter(self.lists.values())) if self.fixed else {}


@dataclass(frozen=True, slots=True)
class Cost:
    """What the basket costs at a place, and the part of it (0 … 1, by weight) that is not from the shop."""

    amount: float
    pooled: float


def choose_basket(
    round: Round, awards: Collection[Award], ways: Mapping[str, Quotes], places: Collection[str], network: str
) -> Basket | None:
    """The basket by the rules above, over those of `places` that can be compared; None if there are none.

    `network` names the way of buying whose prices an index takes for the average.
    """
    goods = _Goods(round, awards, ways, places)
    if not goods.pairs:
        return None
    fixed = goods.fixed()
    return fixed if fixed.part >= LEAST_PART else goods.own(ways[network])


def basket_costs(basket: Basket, quotes: Quotes) -> dict[str, Cost]:
    """The least the basket costs at each of its places, buying as `quotes` say or in the shop.

    Raises ValueError where it has neither (see `restricted`).
    """
    costs = {}
    for place, families in basket.lists.items():
        found = {family: _cost(basket, quotes, place, family) for family in families}
        amount = fsum(found[family].amount * weight for family, weight in families.items())
        pooled = fsum(found[family].pooled * weight for family, weight in families.items())
        costs[place] = Cost(amount, pooled / fsum(families.values()))
    return costs


def restricted(basket: Basket, quotes: Quotes) -> Basket | None:
    """What of the basket has a price, quoted or the shop's: whole lists if it is fixed; None: nothing."""
    lists: dict[str, Mapping[str, float]] = {}
    for place, families in basket.lists.items():
        kept = {f: w for f, w in families.items() if basket.shop[f] is not None or quoted(quotes, (place, f))}
        if kept and (not basket.fixed or len(kept) == len(families)):
            lists[place] = kept
    if not lists:
        return None
    return Basket(
        fixed=basket.fixed,
        lists=lists,
        surcharges=basket.surcharges,
        shop=basket.shop,
        places={place: basket.places[place] for place in lists},
        part=basket.part,
    )


def _cost(basket: Basket, quotes: Quotes, place: str, family: str) -> Cost:
    amounts, pooled, units = [], 0, 0
    shop = basket.shop[family]
    for count, price in [(q.units, q.price) for q in quotes.get((place, family), ())] or [(1, None)]:
        price = None if price is None else price + basket.surcharges[family]
        here = price is not None and (shop is None or price <= shop)
        paid = price if here else shop
        if paid is None:
            raise ValueError(f"{family} has neither a quote at {place} nor a price in the shop")
        amounts.append(paid * count)
        pooled += count if here else 0
        units += count
    return Cost(fsum(amounts) / units, pooled / units)


class _Goods:
    """What was made and is wanted: families, their mixes, and the pairs of place and family to compare."""

    def __init__(
        self, round: Round, awards: Collection[Award], ways: Mapping[str, Quotes], places: Collection[str]
    ) -> None:
        self.family_of = {item.id: item.family for item in round.items}
        self.made, mix = self._made(awards)
        references = {item.id: item.reference for item in round.items}
        averages = average_surcharges(round, awards)
        self.shop = {family: _mixed(references, parts) for family, parts in mix.items()}
        self.surcharges = {
            family: fsum(float(averages[item]) * part for item, part in parts.items())
            for family, parts in mix.items()
        }
        wanted = {pair: units for pair, units in self._wanted(round).items() if pair[0] in places}
        self.wanted = sum(wanted.values())
        self.pairs = {
            pair: units
            for pair, units in sorted(wanted.items())
            if pair[1] in self.made
            and (self.shop[pair[1]] is not None or all(quoted(quotes, pair) for quotes in ways.values()))
        }

    def fixed(self) -> Basket:
        chosen = self._choose()
        total = sum(self.made[family] for family in chosen)
        weights = {family: self.made[family] / total for family in chosen}
        wanting = {place for place, _ in self.pairs}
        every = {place: [self.pairs.get((place, family)) for family in chosen] for place in wanting}
        places = {p: sum(filter(None, units)) for p, units in sorted(every.items()) if all(units)}
        return self._basket(True, dict.fromkeys(places, weights), places)

    def own(self, network: Quotes) -> Basket:
        amounts: dict[str, dict[str, float]] = {}
        for (place, family), units in self.pairs.items():
            amounts.setdefault(place, {})[family] = float(units)
        places = {place: round(sum(families.values())) for place, families in amounts.items()}
        plain = self._basket(False, amounts, places)
        average = self._averages(plain, network)
        lists: dict[str, Mapping[str, float]] = {}
        for place, families in amounts.items():
            usual = fsum(units * average[family] for family, units in families.items())
            lists[place] = {f: AVERAGE * units / usual if usual else 0.0 for f, units in families.items()}
        return self._basket(False, {p: kept for p, kept in lists.items() if any(kept.values())}, places)

    def _averages(self, plain: Basket, network: Quotes) -> dict[str, float]:
        """The average price of each family over its pairs, by units."""
        paid: dict[str, list[float]] = {}
        for (place, family), units in self.pairs.items():
            sums = paid.setdefault(family, [0.0, 0.0])
            sums[0] += _cost(plain, network, place, family).amount * units
            sums[1] += units
        return {family: amount / units for family, (amount, units) in paid.items()}

    def _basket(
        self, fixed: bool, lists: Mapping[str, Mapping[str, float]], places: Mapping[str, int]
    ) -> Basket:
        families = {family for kept in lists.values() for family in kept}
        return Basket(
            fixed=fixed,
            lists=lists,
            surcharges={family: self.surcharges[family] for family in sorted(families)},
            shop={family: self.shop[family] for family in sorted(families)},
            places={place: places[place] for place in lists},
            part=sum(self.pairs[place, family] for place, kept in lists.items() for family in kept)
            / self.wanted,
        )

    def _made(self, awards: Iterable[Award]) -> tuple[dict[str, int], dict[str, dict[str, float]]]:
        """Units the network made of each family, and each item's part in its family."""
        units: dict[str, dict[str, int]] = {}
        for award in awards:
            of = units.setdefault(self.family_of[award.item], {})
            of[award.item] = of.get(award.item, 0) + award.quantity
        made = {family: sum(of.values()) for family, of in units.items()}
        return made, {f: {item: number / made[f] for item, number in of.items()} for f, of in units.items()}

    def _wanted(self, round: Round) -> dict[tuple[str, str], int]:
        """Units wanted by place and family; a line that accepts several families counts in each."""
        wanted: dict[tuple[str, str], int] = {}
        for line in round.demand:
            for family in {self.family_of[accepted.item] for accepted in line.accepts}:
                wanted[line.place, family] = wanted.get((line.place, family), 0) + line.quantity
        return wanted

    def _choose(self) -> list[str]:
        """Families of the fixed basket, in the order they were added; ties to the smaller id."""
        places_of: dict[str, set[str]] = {}
        weight: dict[str, int] = {}
        for (place, family), units in self.pairs.items():
            places_of.setdefault(family, set()).add(place)
            weight[place] = weight.get(place, 0) + units
        chosen: list[str] = []
        places, best = set(weight), 0
        while True:
            gains = []
            for family in sorted(places_of.keys() - chosen):
                left = places & places_of[family]
                goods = sum(self.made[other] for other in (*chosen, family))
                gains.append((goods * sum(weight[place] for place in left), family, left))
            gain, family, left = max(gains, key=lambda row: row[0], default=(0, "", places))
            if gain <= best:
                return chosen
            best, places = gain, left
            chosen.append(family)


def _mixed(references: Mapping[str, int | None], parts: Mapping[str, float]) -> float | None:
    """What a mix of items costs in the shop; None where one of them has no reference."""
    prices = [
        (reference, part) for item, part in parts.items() if (reference := references[item]) is not None
    ]
    return fsum(reference * part for reference, part in prices) if len(prices) == len(parts) else None
