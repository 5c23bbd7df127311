"""The least bound that any certificate can prove for a small round.

No certificate does better than one that is branched until each offer has a single state, and a leaf of that
kind does no better than the linear program whose dual its bound is: units of lines from offers, consignments
that are opened in part, runs within their tier. Here these programs are written down and left to HiGHS, in
floats that are far more exact than the whole units asked for.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from typing import Any

import highspy
import numpy as np
from tiny_rounds import allowed

ENDLESS = 10**12


def best_bound(told: dict[str, Any]) -> int | None:
    """The bound of the best certificate there could be; None if no leaf lets the demand be made."""
    leaves = [_leaf(told, states) for states in itertools.product(*map(_states, told["offers"]))]
    values = [value for value in leaves if value is not None]
    return math.floor(max(values) + 1e-6) if values else None


def _states(offer: dict[str, Any]) -> list[tuple[int, int, int] | None]:
    """Off, or a tier's price, its first and its last quantity."""
    starts = [tier["from"] for tier in offer["tiers"]]
    ends = [min(offer["capacity"], after - 1) for after in [*starts[1:], ENDLESS]]
    tiers = zip((tier["price"] for tier in offer["tiers"]), starts, ends, strict=True)
    return [None, *(tier for tier in tiers if tier[1] <= tier[2])]


class _Program:
    """Columns and rows of a linear program, to be made as small as can be."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.most: list[float] = []
        self.rows: list[tuple[float, float, dict[int, float]]] = []

    def column(self, cost: float, most: float) -> int:
        self.costs.append(cost)
        self.most.append(most)
        return len(self.costs) - 1

    def least(self) -> float | None:
        """The least cost; None if no point keeps all rows."""
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("threads", 1)  # as in the solver: one process, one number of threads
        highs.addVars(len(self.costs), np.zeros(len(self.costs)), np.array(self.most, dtype=float))
        for column, cost in enumerate(self.costs):
            highs.changeColCost(column, cost)
        for low, high, entries in self.rows:
            if entries:
                columns = np.array(list(entries), dtype=np.int32)
                highs.addRow(low, high, len(entries), columns, np.array([*entries.values()], dtype=float))
            elif low > 0:
                return None
        if not self.costs:
            return 0.0
        highs.run()
        kept = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
        return float(highs.getObjectiveValue()) if kept else None


def _leaf(told: dict[str, Any], states: tuple[tuple[int, int, int] | None, ...]) -> float | None:
    """The best score of a leaf in which each offer has this state, lines and consignments divisible."""
    nets = _nets(told)
    program, setup = _Program(), 0
    units: dict[str, dict[int, float]] = {line["id"]: {} for line in told["demand"]}
    for offer, state in zip(told["offers"], states, strict=True):
        if state is None:
            continue
        price, first, last = state
        setup += offer["setup"]
        run: dict[int, float] = {}
        opened: dict[str, int] = {}
        fixed = {way["place"]: way["fixed"] for way in offer["freight"]}
        for line in told["demand"]:
            if (net := nets.get((line["id"], offer["id"]))) is None:
                continue
            place = line["place"]
            if place not in opened:
                opened[place] = program.column(fixed[place], 1)
            column = program.column(price - net, line["quantity"])
            program.rows.append((-ENDLESS, 0, {column: 1, opened[place]: -line["quantity"]}))
            run[column] = units[line["id"]][column] = 1
        program.rows.append((first, last, run))
    for line in told["demand"]:
        least = line["quantity"] if told["must_serve"] else 0
        program.rows.append((least, line["quantity"], units[line["id"]]))
    cost = program.least()
    return None if cost is None else -setup - cost


def _nets(told: dict[str, Any]) -> dict[tuple[str, str], int]:
    """The most that a unit of an offer is worth to a line, before the tier's price."""
    items = {item["id"]: item for item in told["items"]}
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for line, offer, item in allowed(told):
        limit = next(each["limit"] for each in line["accepts"] if each["item"] == item)
        surcharge = next(each["surcharge"] for each in offer["items"] if each["item"] == item)
        freight = next(way["per_load"] for way in offer["freight"] if way["place"] == line["place"])
        value = 0 if told["must_serve"] else min(limit, items[item]["reference"])
        net = value - surcharge - freight * items[item]["load"]
        found[line["id"], offer["id"]].append(net)
    return {pair: max(nets) for pair, nets in found.items()}
