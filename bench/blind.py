"""The price-blind problem of a round: the format's objective without the rule that a price stays below its
limit.

What for: peers (general solvers) are given this problem, whose optimum bounds the score of every clearing
from above; their awards and ours are scored here, in integers, from the round's JSON dict alone.

Invariants: `score` recomputes everything from the awards and raises on any that break quantities, minimum,
capacity, tier, dates, delivery or `must_serve`. Which item a line takes from an offer does not depend on
the tier, so a pair of line and offer has one best item and one margin before the tier price.

It does not compute prices, bills or certificates.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

RoundDict = dict[str, Any]
Award = tuple[str, str, str, int]
"""(demand id, offer id, item id, quantity)"""


@dataclass(frozen=True, slots=True)
class State:
    """A tier at which the offer can run: from `low` to `high` units."""

    tier: int
    low: int
    high: int
    price: int


@dataclass(slots=True)
class Blind:
    """The problem as flat lists. A pair is (line, offer), a consignment (offer, place), both by index."""

    round: RoundDict
    line_quantity: list[int] = field(default_factory=list)
    line_minimum: list[int] = field(default_factory=list)
    offer_setup: list[int] = field(default_factory=list)
    offer_states: list[list[State]] = field(default_factory=list)
    consignment_offer: list[int] = field(default_factory=list)
    consignment_fixed: list[int] = field(default_factory=list)
    pair_line: list[int] = field(default_factory=list)
    pair_consignment: list[int] = field(default_factory=list)
    pair_margin: list[int] = field(
        default_factory=list
    )  # value - surcharge - freight per unit, of the best item
    pair_item: list[str] = field(default_factory=list)

    @property
    def must_serve(self) -> bool:
        return bool(self.round.get("must_serve", False))


def states(offer: RoundDict) -> list[State]:
    """The states in which an offer can run."""
    tiers = offer["tiers"]
    ends = [tier["from"] - 1 for tier in tiers[1:]] + [offer["capacity"]]
    rows = [
        State(k, tier["from"], min(end, offer["capacity"]), tier["price"])
        for k, (tier, end) in enumerate(zip(tiers, ends, strict=True))
    ]
    return [state for state in rows if state.low <= state.high]


def _values(body: RoundDict) -> list[dict[str, int]]:
    """Per line: item -> value of a unit."""
    reference = {item["id"]: item.get("reference") for item in body["items"]}
    rows = []
    for line in body["demand"]:
        row = {}
        for accepted in line["accepts"]:
            worth = reference[accepted["item"]]
            row[accepted["item"]] = accepted["limit"] if worth is None else min(accepted["limit"], worth)
        rows.append(dict.fromkeys(row, 0) if body.get("must_serve", False) else row)
    return rows


def blind(body: RoundDict) -> Blind:
    """The price-blind problem of a round's JSON dict."""
    problem = Blind(body)
    problem.line_quantity = [line["quantity"] for line in body["demand"]]
    problem.line_minimum = [line.get("minimum", 1) for line in body["demand"]]
    values = _values(body)
    load = {item["id"]: item.get("load", 1) for item in body["items"]}
    lines_at: dict[str, list[int]] = defaultdict(list)
    for d, line in enumerate(body["demand"]):
        lines_at[line["place"]].append(d)
    for o, offer in enumerate(body["offers"]):
        problem.offer_setup.append(offer.get("setup", 0))
        problem.offer_states.append(states(offer))
        if not problem.offer_states[o]:
            continue
        surcharge = {item["item"]: item.get("surcharge", 0) for item in offer["items"]}
        for freight in offer.get("freight", []):
            per_load, before = freight.get("per_load", 0), len(problem.pair_line)
            for d in lines_at[freight["place"]]:
                if not in_time(offer, body["demand"][d]):
                    continue
                margins = [
                    (value - surcharge[i] - load[i] * per_load, i)
                    for i, value in values[d].items()
                    if i in surcharge
                ]
                if margins:
                    margin, item = max(margins)
                    problem.pair_line.append(d)
                    problem.pair_consignment.append(len(problem.consignment_offer))
                    problem.pair_margin.append(margin)
                    problem.pair_item.append(item)
            if len(problem.pair_line) > before:
                problem.consignment_offer.append(o)
                problem.consignment_fixed.append(freight.get("fixed", 0))
    return problem


def in_time(offer: RoundDict, line: RoundDict) -> bool:
    """Whether the line may take from the offer as to dates. ISO dates compare as text."""
    return "ready_on" not in offer or "needed_by" not in line or bool(offer["ready_on"] <= line["needed_by"])


def score(body: RoundDict, awards: Iterable[Award]) -> int:
    """The exact score of awards, prices ignored. Raises ValueError saying which rule they break."""
    rows = list(awards)
    lines = {line["id"]: (line, row) for line, row in zip(body["demand"], _values(body), strict=True)}
    offers = {offer["id"]: offer for offer in body["offers"]}
    load = {item["id"]: item.get("load", 1) for item in body["items"]}
    served: dict[str, int] = defaultdict(int)
    made: dict[str, int] = defaultdict(int)
    consigned: dict[tuple[str, str], int] = defaultdict(int)
    total = 0
    for d, o, i, quantity in rows:
        (line, values), offer = lines[d], offers[o]
        surcharge = {item["item"]: item.get("surcharge", 0) for item in offer["items"]}
        if i not in values or i not in surcharge or quantity < 1 or not in_time(offer, line):
            raise ValueError(f"{d} cannot take {quantity} of {i} from {o}")
        served[d] += quantity
        made[o] += quantity
        consigned[o, line["place"]] += quantity * load[i]
        total += quantity * (values[i] - surcharge[i])
    for d, (line, _) in lines.items():
        low = (
            line["quantity"] if body.get("must_serve", False) else line.get("minimum", 1) if served[d] else 0
        )
        if not low <= served[d] <= line["quantity"]:
            raise ValueError(f"{d} gets {served[d]}, not from {low} to {line['quantity']}")
    return (
        total
        - sum(_run_cost(offers[o], quantity) for o, quantity in made.items())
        - _freight(offers, consigned)
    )


def _run_cost(offer: RoundDict, quantity: int) -> int:
    for state in states(offer):
        if state.low <= quantity <= state.high:
            return int(offer.get("setup", 0)) + state.price * quantity
    raise ValueError(f"{offer['id']} cannot run at {quantity}")


def _freight(offers: dict[str, RoundDict], consigned: dict[tuple[str, str], int]) -> int:
    table = {
        (o, row["place"]): row for o in {o for o, _ in consigned} for row in offers[o].get("freight", [])
    }
    if missing := [pair for pair in consigned if pair not in table]:
        raise ValueError(f"{missing[0][0]} does not deliver to {missing[0][1]}")
    return sum(
        table[pair].get("fixed", 0) + table[pair].get("per_load", 0) * load
        for pair, load in consigned.items()
    )


def gap(score: int, bound: int) -> float:
    """The gap as the design defines it, rounded up to six decimals."""
    return math.ceil(Fraction(bound - score, max(1, abs(bound))) * 10**6) / 10**6
