"""The best clearing of a small round of one place and one offer, found by trying every allocation."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import product
from math import prod

from millpond.clearing.finish import finish
from millpond.clearing.prices import Pricer
from millpond.model import Award, Certificate, Clearing, Leaf, Line, Round, encode_round, unit_value

MAX_ALLOCATIONS = 40_000


def plain_clear(round: Round) -> Clearing:
    """The valid allocation of the highest score; of equals the one with most units for the earliest lines."""
    round = replace(round, sha256=hashlib.sha256(encode_round(round)).hexdigest())
    pricer = Pricer(round)
    choices = [(*range(line.quantity, line.minimum - 1, -1), 0) for line in round.demand]
    assert prod(map(len, choices)) <= MAX_ALLOCATIONS, "too large to try everything"
    scored = sorted((-_score(round, amounts), n, amounts) for n, amounts in enumerate(product(*choices)))
    for _, _, amounts in scored:
        awards = _awards(round, amounts)
        if not pricer.problems(awards):
            return finish(round, awards, Certificate(scale=1, tree=Leaf()), pricer=pricer)
    raise AssertionError("the empty allocation is valid")


def _awards(round: Round, amounts: tuple[int, ...]) -> list[Award]:
    return [
        Award(demand=line.id, offer=round.offers[0].id, item=line.accepts[0].item, quantity=units)
        for line, units in zip(round.demand, amounts, strict=True)
        if units
    ]


def _score(round: Round, amounts: tuple[int, ...]) -> int:
    """Value less cost; far below nothing where the offer cannot run."""
    total = sum(amounts)
    if not total:
        return 0
    (offer,) = round.offers
    tiers = [tier for tier in offer.tiers if tier.from_quantity <= total]
    if not tiers or total > offer.capacity:
        return -(10**18)
    cost = offer.setup + tiers[-1].price * total + offer.freight[0].fixed
    each = sum(_gain(round, line) * units for line, units in zip(round.demand, amounts, strict=True))
    return each - cost


def _gain(round: Round, line: Line) -> int:
    (accepted,) = line.accepts
    (offer,) = round.offers
    item = next(item for item in round.items if item.id == accepted.item)
    made = next(made for made in offer.items if made.item == item.id)
    return unit_value(accepted.limit, item.reference) - made.surcharge - item.load * offer.freight[0].per_load
