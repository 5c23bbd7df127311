"""What one fixed basket costs at each place under several ways of buying: alone, in a pool, in a bigger pool.

Comparing what places happened to buy would mix goods, and make equality or inequality of it; so the basket is
fixed: the same families in the same weights everywhere, each as the same mix of its items.

- *Ways* of buying (alone, own town's pool, …) are given as `Quotes`: what a family costs at a place without
  the surcharge of a variant. The surcharges of the network's mix are added back, the same at every place.
- A household pays the *least it must*: the quote, or what the family costs in the shop (the references of the
  same mix), where the shop is cheaper or the way gets nothing there. What part of the basket is from the shop
  is said beside it.
- The basket's families: starting with none, the family is added that most increases (units of the families) ×
  (units of the places that want all of them), until none increases it. Weights are the network's units.
- A place counts if it wants every family of the basket and each has a price in every way; by the units it
  wants of them.

Figures are floats in minor units: they describe, and decide nothing.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import fsum

from millpond.clearing.alone import AloneIndex
from millpond.equality.surcharges import average_surcharges, usual_surcharges
from millpond.model import Award, Price, Round


@dataclass(frozen=True, slots=True)
class Quote:
    """The price of `units` of a family without surcharges, None where this way does not get it."""

    units: int
    price: float | None


Quotes = Mapping[tuple[str, str], tuple[Quote, ...]]
"""By place and family; what is missing cannot be had this way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """Families with `weights` (summing to 1), `surcharges` and `shop` prices; places with their units.

    `part` is the families' share of all units that the network made.
    """

    weights: Mapping[str, float]
    surcharges: Mapping[str, float]
    shop: Mapping[str, float | None]
    places: Mapping[str, int]
    part: float = 1.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What the basket costs at a place, and the part of it (0 … 1, by weight) that is not from the shop."""

    amount: float
    pooled: float


def alone_quotes(round: Round, awards: Iterable[Award]) -> Quotes:
    """Each line by itself: one offer makes and delivers its quantity, of the item that comes cheapest."""
    index, surcharges = AloneIndex(round), usual_surcharges(round, awards)
    quotes: dict[tuple[str, str], list[Quote]] = {}
    for line in round.demand:
        best: dict[str, float | None] = {}
        for accepted in line.accepts:
            family = index.family_of[accepted.item]
            total = index.total(line.place, {accepted.item: line.quantity}, line.needed_by)
            known = best.setdefault(family, None)
            if total is not None:
                price = total / line.quantity - float(surcharges[accepted.item])
                best[family] = price if known is None else min(known, price)
        for family, least in best.items():
            quotes.setdefault((line.place, family), []).append(Quote(line.quantity, least))
    return {key: tuple(entries) for key, entries in quotes.items()}


def pool_quotes(round: Round, awards: Collection[Award], prices: Iterable[Price]) -> Quotes:
    """What families cost at the prices of a clearing: that of any item, less the item's average surcharge."""
    surcharges = average_surcharges(round, awards)
    family_of = {item.id: item.family for item in round.items}
    # All items of a family cost the same at a place but for their surcharge; any of them tells.
    return {
        (row.place, family_of[row.item]): (Quote(1, float(row.price - surcharges[row.item])),)
        for row in prices
    }


def fixed_basket(
    round: Round, awards: Collection[Award], ways: Collection[Quotes], places: Collection[str]
) -> Basket | None:
    """The basket by the rule above, over those of `places` that can be compared; None if there are none."""
    made, mix = _made(round, awards)
    shop = {family: _shop_price(round, mix, family) for family in made}
    wanted = _wanted(round)
    pairs = {
        (place, family): units
        for (place, family), units in wanted.items()
        if place in places and family in made and (shop[family] is not None or _quoted(ways, (place, family)))
    }
    families = _choose(made, pairs)
    if not families:
        return None
    surcharges = average_surcharges(round, awards)
    total = sum(made[family] for family in families)
    return Basket(
        weights={family: made[family] / total for family in families},
        surcharges={f: fsum(float(surcharges[i]) * part for i, part in mix[f].items()) for f in families},
        shop={family: shop[family] for family in families},
        places=_having(families, pairs),
        part=total / sum(made.values()),
    )


def can_buy(basket: Basket, quotes: Quotes) -> bool:
    """Whether every family of the basket has a price at each of its places, a quote or the shop's."""
    unshopped = [family for family, shop in basket.shop.items() if shop is None]
    return all(_quoted((quotes,), (place, family)) for place in basket.places for family in unshopped)


def basket_costs(basket: Basket, quotes: Quotes) -> dict[str, Cost]:
    """The least the basket costs at each of its places, buying as `quotes` say or in the shop.

    Raises ValueError where it has neither (see `can_buy`).
    """
    costs = {}
    for place in basket.places:
        amount, pooled = [], []
        for family, weight in basket.weights.items():
            cost = _family_cost(
                quotes.get((place, family), ()), basket.surcharges[family], basket.shop[family]
            )
            amount.append(weight * cost.amount)
            pooled.append(weight * cost.pooled)
        costs[place] = Cost(fsum(amount), fsum(pooled))
    return costs


def _family_cost(quotes: tuple[Quote, ...], surcharge: float, shop: float | None) -> Cost:
    amounts, pooled, units = [], 0, 0
    for quote in quotes or (Quote(1, None),):
        price = None if quote.price is None else quote.price + surcharge
        here = price is not None and (shop is None or price <= shop)
        paid = price if here else shop
        if paid is None:
            raise ValueError("a family of the basket has neither a quote nor a price in the shop")
        amounts.append(paid * quote.units)
        pooled += quote.units if here else 0
        units += quote.units
    return Cost(fsum(amounts) / units, pooled / units)


def _made(round: Round, awards: Iterable[Award]) -> tuple[dict[str, int], dict[str, dict[str, float]]]:
    """Units the network made of each family, and each item's part in its family."""
    family_of = {item.id: item.family for item in round.items}
    units: dict[str, dict[str, int]] = {}
    for award in awards:
        of = units.setdefault(family_of[award.item], {})
        of[award.item] = of.get(award.item, 0) + award.quantity
    made = {family: sum(of.values()) for family, of in units.items()}
    return made, {f: {item: quantity / made[f] for item, quantity in of.items()} for f, of in units.items()}


def _shop_price(round: Round, mix: Mapping[str, Mapping[str, float]], family: str) -> float | None:
    references = {item.id: item.reference for item in round.items if item.id in mix[family]}
    parts = [
        (reference, mix[family][item]) for item, reference in references.items() if reference is not None
    ]
    return fsum(reference * part for reference, part in parts) if len(parts) == len(references) else None


def _wanted(round: Round) -> dict[tuple[str, str], int]:
    """Units wanted by place and family; a line that accepts several families counts in each."""
    family_of = {item.id: item.family for item in round.items}
    wanted: dict[tuple[str, str], int] = {}
    for line in round.demand:
        for family in {family_of[accepted.item] for accepted in line.accepts}:
            wanted[line.place, family] = wanted.get((line.place, family), 0) + line.quantity
    return wanted


def _quoted(ways: Collection[Quotes], pair: tuple[str, str]) -> bool:
    """Whether every way has a price for all of the pair."""
    return all((quotes := way.get(pair)) and all(quote.price is not None for quote in quotes) for way in ways)


def _having(families: Collection[str], pairs: Mapping[tuple[str, str], int]) -> dict[str, int]:
    """Places that have a pair with each of the families, with their units of them, in id order."""
    places = sorted({place for place, _ in pairs})
    rows = {place: [pairs.get((place, family)) for family in families] for place in places}
    return {place: sum(filter(None, units)) for place, units in rows.items() if all(units)}


def _choose(made: Mapping[str, int], pairs: Mapping[tuple[str, str], int]) -> list[str]:
    """Families of the basket, in the order they were added; ties to the smaller id."""
    places_of: dict[str, set[str]] = {}
    weight: dict[str, int] = {}
    for (place, family), units in pairs.items():
        places_of.setdefault(family, set()).add(place)
        weight[place] = weight.get(place, 0) + units
    chosen: list[str] = []
    places, best = set(weight), 0
    while True:
        gains = []
        for family in sorted(places_of.keys() - chosen):
            left = places & places_of[family]
            goods = sum(made[other] for other in (*chosen, family))
            gains.append((goods * sum(weight[place] for place in left), family, left))
        if not gains:
            return chosen
        gain, family, left = max(gains, key=lambda row: row[0])
        if gain <= best:
            return chosen
        best, places = gain, left
        chosen.append(family)
