"""The linear program whose value is the least that the Lagrangian can come to, left to HiGHS.

Every tier of an offer has its own units of every line and its own openings of every consignment, in
proportion to how much of the tier is run: the convex hull of an offer's states, consignments opened in part.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import highspy
from plain_market import Told, nets, states


def strong_linear(told: Told, runs: int = 0) -> float | None:
    """Its value, with at least so many runs; None where no point keeps all rows."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)  # as in the solver: HiGHS allows one number of threads a process
    net = nets(told)
    taken: dict[str, list[Any]] = defaultdict(list)
    every = []
    for offer in told["offers"]:
        fixed = {way["place"]: way["fixed"] for way in offer["freight"]}
        tiers = []
        for state in states(offer):
            if state is None:
                continue
            price, first, last = state
            tier = highs.addVariable(0, 1, -offer["setup"])
            tiers.append(tier)
            opened: dict[str, Any] = {}
            units = []
            for line in told["demand"]:
                if (line["id"], offer["id"]) not in net:
                    continue
                place = line["place"]
                if place not in opened:
                    opened[place] = highs.addVariable(0, 1, -fixed[place])
                    highs.addConstr(opened[place] - tier <= 0)
                unit = highs.addVariable(0, line["quantity"], net[line["id"], offer["id"]][0] - price)
                highs.addConstr(unit - line["quantity"] * opened[place] <= 0)
                units.append(unit)
                taken[line["id"]].append(unit)
            made = highspy.Highs.qsum(units) if units else 0 * tier
            highs.addConstr(made - first * tier >= 0)
            highs.addConstr(made - last * tier <= 0)
        every += tiers
        if tiers:
            highs.addConstr(highspy.Highs.qsum(tiers) <= 1)
    for line in told["demand"]:
        if not taken[line["id"]]:
            if told["must_serve"]:
                return None
            continue
        total = highspy.Highs.qsum(taken[line["id"]])
        highs.addConstr(total <= line["quantity"])
        if told["must_serve"]:
            highs.addConstr(total >= line["quantity"])
    if runs and every:
        highs.addConstr(highspy.Highs.qsum(every) >= runs)
    if not every:
        return None if runs or (told["must_serve"] and told["demand"]) else 0.0
    highs.changeObjectiveSense(highspy.ObjSense.kMaximize)
    highs.run()
    kept = highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(highs.getObjectiveValue()) if kept else None
