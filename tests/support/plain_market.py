"""What a round's arcs, flows and relaxation mean, in plain Python and exact numbers: one award, one tier, one
price at a time. The solver's arrays are compared with this."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import numpy as np
import pytest
from tiny_rounds import allowed, encoded, score

from millpond.clearing.budget import Budget
from millpond.clearing.instance import Floats, Ground, Instance, Problem
from millpond.model import Award, read_round

ROOT = str(Path(__file__).parents[2])
if ROOT not in sys.path:  # the benchmark's generator is no part of the package
    sys.path.insert(0, ROOT)

Told = dict[str, Any]
Rows = list[dict[str, Any]]
Net = tuple[int, frozenset[str]]

SHAPES: dict[str, dict[str, Any]] = {
    "mixed": {},
    "dates": {"dates": 0.7, "minimum": 0.7, "limits": "loose"},
    "short": {"capacity_ratio": (0.3, 0.6), "limits": "loose", "minimum": 0.9},
    "one-tier": {"tiers": 1, "limits": "loose"},
    "choices": {"accepts": (2, 4), "paired": 1.0, "limits": "loose"},
    "must-serve": {"must_serve": True},
}
EVERY = [pytest.param(name, seed, id=f"{name}-{seed}") for name in SHAPES for seed in range(3)]
on_every_shape = pytest.mark.parametrize(("name", "seed"), EVERY)


class Case(NamedTuple):
    """A round as told, and its arrays."""

    told: Told
    ground: Ground
    instance: Instance

    @property
    def problem(self) -> Problem:
        return self.instance.problem

    def rows(self, flow: Floats) -> Rows:
        """The awards of a flow [A] as the clearing file would have them."""
        return [row_of(award) for award in self.instance.awards(flow)]

    def flow(self, rows: Rows) -> Floats:
        """The flow [A] of awards, whatever their items."""
        p = self.problem
        flow = np.zeros(p.arc_line.size)
        for row in rows:
            flow[self.arc_number[row["demand"], row["offer"]]] += row["quantity"]
        return flow

    @property
    def arc_number(self) -> dict[tuple[str, str], int]:
        p = self.problem
        offers = [offer["id"] for offer in self.told["offers"]]
        lines, owners = p.arc_line.tolist(), p.con_offer[p.arc_con].tolist()
        return {
            (self.instance.line_ids[d], offers[o]): a
            for a, (d, o) in enumerate(zip(lines, owners, strict=True))
        }


def case(told: Told) -> Case:
    ground = Ground(read_round(encoded(told)))
    return Case(told, ground, ground.instance())


@cache
def generated(name: str, seed: int, places: int = 10, offers: int = 4) -> Case:
    """A small round of one of the shapes; shared, so not to be changed."""
    from bench.generator import generate

    return case(generate(places, offers, seed, **SHAPES[name]))


def row_of(award: Award) -> dict[str, Any]:
    return {
        "demand": award.demand,
        "offer": award.offer,
        "item": award.item,
        "quantity": award.quantity,
    }


class Ticks:
    """A clock that goes on by itself whenever it is read: searches end after so many looks at it."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def looks(count: int) -> Budget:
    """A budget that is over after so many looks at its clock; no program runs into its seconds."""
    return Budget(Ticks(3_000.0 / count), lambda: False, 3_000.0)


def nets(told: Told) -> dict[tuple[str, str], Net]:
    """By line and offer: what a unit is worth at best before the tier price, and the items that are."""
    items = {item["id"]: item for item in told["items"]}
    found: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for line, offer, item in allowed(told):
        limit = next(each["limit"] for each in line["accepts"] if each["item"] == item)
        surcharge = next(each["surcharge"] for each in offer["items"] if each["item"] == item)
        freight = next(way["per_load"] for way in offer["freight"] if way["place"] == line["place"])
        value = 0 if told["must_serve"] else min(limit, items[item].get("reference", limit))
        found[line["id"], offer["id"]].append((value - surcharge - freight * items[item]["load"], item))
    return {
        pair: (max(nets)[0], frozenset(item for net, item in nets if net == max(nets)[0]))
        for pair, nets in found.items()
    }


def unsound(told: Told, rows: Rows) -> list[str]:
    """Every reason why awards are no clearing of the round, prices left aside."""
    found = []
    joined = {(line["id"], offer["id"], item) for line, offer, item in allowed(told)}
    found += [f"{row} cannot be" for row in rows if (row["demand"], row["offer"], row["item"]) not in joined]
    found += [f"{row} is not positive" for row in rows if row["quantity"] < 1]
    for line in told["demand"]:
        got = sum(row["quantity"] for row in rows if row["demand"] == line["id"])
        least = line["quantity"] if told["must_serve"] else line.get("minimum", 1)
        if got > line["quantity"] or (got < least and (got or told["must_serve"])):
            found.append(f"{line['id']} gets {got}")
    for offer in told["offers"]:
        made = sum(row["quantity"] for row in rows if row["offer"] == offer["id"])
        if made and not offer["tiers"][0]["from"] <= made <= offer["capacity"]:
            found.append(f"{offer['id']} makes {made}")
    return found


def worth(told: Told, rows: Rows) -> int:
    return score(told, rows)


def random_flow(case: Case, rng: Random, least: float = 0.5) -> Floats:
    """Whole units that keep each line's quantity, and nothing else on purpose."""
    p = case.problem
    flow = np.zeros(p.arc_line.size)
    left = p.quantity.copy()
    for a in rng.sample(range(flow.size), flow.size):
        if rng.random() < least:
            flow[a] = rng.choice((left[p.arc_line[a]], rng.randint(0, int(left[p.arc_line[a]]))))
            left[p.arc_line[a]] -= flow[a]
    return flow


def states(offer: dict[str, Any]) -> list[tuple[int, int, int] | None]:
    """By tier: price, first and last quantity; None for a tier above the capacity."""
    starts = [tier["from"] for tier in offer["tiers"]]
    ends = [min(offer["capacity"], after - 1) for after in [*starts[1:], 10**12]]
    prices = [tier["price"] for tier in offer["tiers"]]
    every = zip(prices, starts, ends, strict=True)
    return [state if state[1] <= state[2] else None for state in every]


class Relaxed(NamedTuple):
    """An offer at given line prices: fixed freight and (quantity, net value) of its lines, place by place."""

    setup: int
    states: list[tuple[int, int, int] | None]
    consignments: list[tuple[int, list[tuple[int, Fraction]]]]

    @property
    def reach(self) -> int:
        return sum(quantity for _, lines in self.consignments for quantity, _ in lines)

    def gain(self, k: int) -> Fraction | None:
        """What tier k gains at its best unit price, setup paid; None where it cannot be.

        The gain is convex and piecewise linear in the unit price, so one of the kinks has it.
        """
        state = self.states[k]
        if state is None or state[1] > self.reach:
            return None
        price, first, last = state
        kinks = {Fraction(price), *(t for consignment in self.consignments for t in _kinks(*consignment))}
        return -self.setup + min(
            self._bought(t) + (last if t > price else first) * (t - price) for t in kinks
        )

    def _bought(self, t: Fraction) -> Fraction:
        return sum(
            (
                max(Fraction(0), sum((q * max(w - t, Fraction(0)) for q, w in lines), Fraction(-fixed)))
                for fixed, lines in self.consignments
            ),
            Fraction(0),
        )


def _kinks(fixed: int, lines: list[tuple[int, Fraction]]) -> Iterator[Fraction]:
    """Unit prices where a line drops out, or where the consignment just pays for itself."""
    ranked = sorted(lines, key=lambda line: -line[1])
    quantity, total = 0, Fraction(0)
    for n, (q, w) in enumerate(ranked):
        yield w
        quantity, total = quantity + q, total + q * w
        pays = (total - fixed) / quantity
        if pays <= w and (n + 1 == len(ranked) or pays >= ranked[n + 1][1]):
            yield pays


def relaxed(told: Told, offer: dict[str, Any], lam: Mapping[str, Fraction]) -> Relaxed:
    """An offer at line prices `lam` by line id."""
    net = nets(told)
    at: dict[str, list[tuple[int, Fraction]]] = defaultdict(list)
    for line in told["demand"]:
        if (line["id"], offer["id"]) in net:
            value = net[line["id"], offer["id"]][0]
            at[line["place"]].append((line["quantity"], value - lam[line["id"]]))
    fixed = {way["place"]: way["fixed"] for way in offer["freight"]}
    return Relaxed(offer["setup"], states(offer), [(fixed[place], lines) for place, lines in at.items()])


def dual_value(told: Told, lam: Mapping[str, Fraction], runs: int = 0) -> Fraction:
    """D at these line prices, the runs' multiplier at its best; every state allowed that can be."""
    total = sum((lam[line["id"]] * line["quantity"] for line in told["demand"]), Fraction(0))
    best = []
    for offer in told["offers"]:
        here = relaxed(told, offer, lam)
        gains = [gain for k in range(len(here.states)) if (gain := here.gain(k)) is not None]
        best += [max(gains)] if gains else []
    taus = {Fraction(0)} | {-gain for gain in best if gain < 0 and told["must_serve"]}
    return total + min(
        -tau * runs + sum((max(Fraction(0), gain + tau) for gain in best), Fraction(0)) for tau in taus
    )


def line_prices(case: Case, rng: Random, whole: bool = False) -> dict[str, Fraction]:
    """A random price for every line, between nothing and more than it is worth."""
    best: dict[str, int] = defaultdict(int)
    for (line, _), (value, _) in nets(case.told).items():
        best[line] = max(best.get(line, value), value)
    sign = -1 if case.told["must_serve"] else 0
    lam = {}
    for line in case.told["demand"]:
        most = max(abs(best[line["id"]]), 30)
        lam[line["id"]] = Fraction(rng.choice((0, rng.randint(sign * 2 * most, most // 2), most)))
    return lam


def in_order(case: Case, lam: Mapping[str, Fraction]) -> Floats:
    return np.array([float(lam[line]) for line in case.instance.line_ids])


def every_state(told: Told) -> Iterable[tuple[int, ...]]:
    """Every combination of states, one for each offer: -1 off, or a tier that can be."""
    ways = [[-1, *(k for k, s in enumerate(states(offer)) if s)] for offer in told["offers"]]
    return product(*ways)


def states_of(told: Told, rows: Rows) -> tuple[int, ...]:
    """The states that awards put the offers in."""
    found = []
    for offer in told["offers"]:
        made = sum(row["quantity"] for row in rows if row["offer"] == offer["id"])
        found.append(sum(tier["from"] <= made for tier in offer["tiers"]) - 1)
    return tuple(found)
