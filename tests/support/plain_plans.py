"""What a place's plans and a set of runs are worth, in plain Python: every set of opened consignments, every
allocation, and by HiGHS the best mix of plans. And rounds to try them on."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from random import Random
from typing import Any, NamedTuple

import highspy
import numpy as np
import pytest
from brute_force import tiny_round
from plain_market import Case, Told, case, nets, states, states_of
from tiny_rounds import every_allocation, score

from millpond.clearing import plans
from millpond.clearing.descent import Dual
from millpond.clearing.instance import Floats
from millpond.clearing.search import Search

Sent = dict[str, tuple[int, dict[str, int]]]  # by offer: fixed freight, and by line a unit's worth before t
Set = tuple[int, ...]  # by offer: the tier it runs at, from 0; -1: no run
NONE = -1

FEW, MANY = (1, plans.MOST_EXACT), (plans.MOST_EXACT + 1, plans.MOST_EXACT + 4)  # lines a place


@cache
def drawn(seed: int, lines: tuple[int, int], must_serve: bool) -> Case:
    """Places with so many lines each, of few units: which offer is best for them differs, and whether its
    fixed freight pays."""
    from bench.generator import generate

    rng = Random(seed)
    told = generate(10, 6, seed, lines_per_place=lines, must_serve=must_serve, accepts=(1, 3), items=4)
    for offer in told["offers"]:
        for way in offer["freight"]:
            way.update(
                fixed=rng.choice((0, *[rng.randint(1, 6_000) for _ in range(4)])), per_load=rng.randint(0, 60)
            )
        for item in offer["items"]:
            item["surcharge"] = rng.randint(0, 2_500)
    before = sum(line["quantity"] for line in told["demand"])
    for line in told["demand"]:
        line.update(quantity=rng.randint(1, 20), minimum=1)
    share = sum(line["quantity"] for line in told["demand"]) / before
    for offer in told["offers"]:
        offer["capacity"], offer["setup"] = math.ceil(share * offer["capacity"]), int(share * offer["setup"])
        for k, tier in enumerate(offer["tiers"]):
            tier["from"] = k + int(share * tier["from"])
    return case(told)


def on_places(lines: tuple[int, int]) -> pytest.MarkDecorator:
    kinds = [pytest.param(s, lines, m, id=f"{'must' if m else 'may'}-{s}") for m in (0, 1) for s in range(3)]
    return pytest.mark.parametrize(("seed", "lines", "must_serve"), kinds)


def floor_of(made: Case) -> float:
    """What a line gains that is not served: with `must_serve` less than by any way to serve it."""
    dual = Dual.start(made.problem, np.zeros(made.problem.quantity.size))
    return 0.0 - float(Search(made.problem, dual, 0).duty)


def eighths(made: Case, rng: Random) -> Floats:
    """A unit price for every offer, not far from one another."""
    return np.array([rng.randint(8 * 800, 8 * 2_000) / 8 for _ in made.told["offers"]])


class Town(NamedTuple):
    """A place as told: its lines, and what may be sent there."""

    quantity: dict[str, int]
    sent: Sent

    def cost(self, opened: Iterable[str]) -> int:
        return sum(self.sent[offer][0] for offer in opened)

    def best(self, t: Mapping[str, float], floor: float, given: str = "", barred: str = "") -> float:
        """The best of all sets of opened consignments: its worth above that of serving nobody."""
        ways = [offer for offer in self.sent if offer not in (given, barred)]
        always = [given] if given else []
        return max(
            self._gain([*some, *always], t, floor) - self.cost(some)
            for count in range(len(ways) + 1)
            for some in itertools.combinations(ways, count)
        )

    def _gain(self, opened: list[str], t: Mapping[str, float], floor: float) -> float:
        total = 0.0
        for line, quantity in self.quantity.items():
            nets = [self.sent[o][1][line] - t[o] for o in opened if line in self.sent[o][1]]
            total += quantity * (max([floor, *nets]) - floor)
        return total


def town(told: Told, place: str, running: set[str]) -> Town:
    """A place with the consignments of these offers."""
    quantity = {line["id"]: line["quantity"] for line in told["demand"] if line["place"] == place}
    sent: Sent = {}
    for (line, offer), (net, _) in nets(told).items():
        if line in quantity and offer in running:
            fixed = {o["id"]: w["fixed"] for o in told["offers"] for w in o["freight"] if w["place"] == place}
            sent.setdefault(offer, (fixed[offer], {}))[1][line] = net
    return Town(quantity, sent)


class Tiny(NamedTuple):
    """A tiny round, and the best score of all allocations by the tiers they run at."""

    made: Case
    best: dict[Set, int]


@cache
def tiny(kind: str, seed: int, *, free: bool = False) -> Tiny:
    """`free`: without fixed freight and without minimum, so that only the runs couple lines."""
    told = dict(tiny_round(kind, seed))
    if free:
        told["demand"] = [line | {"minimum": 1} for line in told["demand"]]
        told["offers"] = [o | {"freight": [w | {"fixed": 0} for w in o["freight"]]} for o in told["offers"]]
    best: dict[Set, int] = defaultdict(lambda: -(10**9))
    for rows in every_allocation(told):
        ran = states_of(told, rows)
        best[ran] = max(best[ran], score(told, rows))
    return Tiny(case(told), dict(best))


def hull(told: Told, tiers: Set, floor: float) -> float | None:
    """The best mix of plans of each place that fits the runs, by HiGHS: no unit prices prove less than this.
    None where no mix fits."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)  # as in the solver: HiGHS allows one number of threads a process
    made: dict[str, list[Any]] = {offer["id"]: [] for offer in told["offers"]}
    running = {offer["id"] for offer, k in zip(told["offers"], tiers, strict=True) if k >= 0}
    for place in told["places"]:
        here, shares = town(told, place["id"], running), []
        ways = [["", *(o for o in here.sent if line in here.sent[o][1])] for line in here.quantity]
        for chosen in itertools.product(*ways):
            gain, units = -float(here.cost(set(chosen) - {""})), defaultdict(int)
            for (line, quantity), offer in zip(here.quantity.items(), chosen, strict=True):
                gain += quantity * (here.sent[offer][1][line] if offer else floor)
                units[offer] += quantity
            shares.append(highs.addVariable(0, 1, gain))
            for offer in set(chosen) - {""}:
                made[offer].append(units[offer] * shares[-1])
        highs.addConstr(highspy.Highs.qsum(shares) == 1)
    for offer, k in zip(told["offers"], tiers, strict=True):
        if k >= 0:
            price, first, last = states(offer)[k]
            run = highs.addVariable(first, last, -price)
            highs.addConstr(highspy.Highs.qsum([*made[offer["id"]], -1 * run]) == 0)
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    setups = sum(o["setup"] for o, k in zip(told["offers"], tiers, strict=True) if k >= 0)
    return float(highs.getObjectiveValue()) - setups


def plain_worth(told: Told, tiers: Set, t: Floats, floor: float) -> float:
    """The worth of runs at unit prices t, place by place and run by run."""
    at = {offer["id"]: t[o] for o, offer in enumerate(told["offers"])}
    running = {offer["id"] for offer, k in zip(told["offers"], tiers, strict=True) if k >= 0}
    total = floor * sum(line["quantity"] for line in told["demand"])
    total += sum(town(told, place["id"], running).best(at, floor) for place in told["places"])
    for offer, k in zip(told["offers"], tiers, strict=True):
        if k >= 0:
            price, first, last = states(offer)[k]
            asked = at[offer["id"]] - price
            total += (last if asked > 0 else first) * asked - offer["setup"]
    return total
