"""Who pays whom: bills of places, payments to makers, settlements between makers.

Source: the founding design, "Costs and prices", from *Bill of a place* on.

- Bills sum to the total cost, payments of a place to its bill, and a maker's payments and settlements to what
  its runs and their freight cost.
- A place pays only makers it bought from. Rows of 0 are left out, but for bills.
- A bill is the exact amount rounded down or up, so never more than any integer that the exact amount does not
  pass.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm

from millpond.clearing.levels import Exact
from millpond.clearing.spreading import rounded, spread
from millpond.model import Payment, Settlement


def bill_amounts(pays: Mapping[str, Iterable[Exact]], total_cost: int) -> dict[str, int]:
    """Round what each place pays in all (the sum of its exact parts), to the total cost all together."""
    shares = []
    places = sorted(pays)
    for place in places:
        parts = list(pays[place])
        common = lcm(*(denominator for _, denominator in parts))
        shares.append((sum(over * (common // denominator) for over, denominator in parts), common))
    return dict(zip(places, rounded(total_cost, shares), strict=True))


def payments_of(
    bill: int, received: Mapping[str, Mapping[str, int]], price_of: Mapping[str, Fraction]
) -> tuple[Payment, ...]:
    """Split a place's bill over makers by price × units of each (`received`: units by maker and item)."""
    if len(received) == 1:
        return tuple(Payment(maker=maker, amount=bill) for maker in received if bill)
    common = lcm(*(price.denominator for price in price_of.values()))
    over = {item: price.numerator * (common // price.denominator) for item, price in price_of.items()}
    weights = {maker: sum(over[i] * units for i, units in goods.items()) for maker, goods in received.items()}
    return tuple(Payment(maker=maker, amount=part) for maker, part in spread(bill, weights).items() if part)


def settlements_of(surplus: Mapping[str, int]) -> tuple[Settlement, ...]:
    """Makers who received more than their cost (a `surplus`) pay those who received less, in id order."""
    givers = [(maker, amount) for maker, amount in sorted(surplus.items()) if amount > 0]
    takers = [(maker, -amount) for maker, amount in sorted(surplus.items()) if amount < 0]
    rows: list[Settlement] = []
    taken = 0
    for giver, amount in givers:
        while amount > 0:
            taker, wanted = takers[0]
            part = min(amount, wanted - taken)
            rows.append(Settlement(from_maker=giver, to_maker=taker, amount=part))
            amount -= part
            taken += part
            if taken == wanted:
                del takers[0]
                taken = 0
    return tuple(rows)
