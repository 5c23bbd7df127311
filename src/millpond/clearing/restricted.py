"""Restricted programs by HiGHS: the best flow on a choice of arcs and tiers, from a known one.

Restricting is a heuristic: what is left out costs score, never validity, and the result is rounded to whole
units and scored by itself. Limits inside HiGHS are counts (nodes); seconds only end it when the search's own
time is over.
"""

from __future__ import annotations

import highspy
import numpy as np

from millpond.clearing.instance import Bools, Floats, Problem
from millpond.clearing.program import Restriction, columns_of, program

MOST_NODES = 2_000  # of one program: a count, so that the same seed gives the same flow

LONGEST = 20.0  # seconds of one program: nobody who stops a search waits longer


def solve(
    p: Problem,
    chosen: Restriction,
    start: Floats | None,
    *,
    seconds: float,
    gap: float,
    seed: int,
    linear: bool = False,
) -> tuple[Floats | None, bool]:
    """The best flow [A] found within the restriction (None: none); whether HiGHS proved it best within it.

    `start` [A] is a flow within the restriction, `gap` in minor units; with `linear` only the relaxation.
    """
    lp, at, _ = program(p, chosen, linear, np.ones(p.setup.size, dtype=np.bool_))
    highs = _highs(seed, seconds, gap)
    highs.passModel(lp)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = list(columns_of(p, chosen, at, start, lp.num_col_))
        highs.setSolution(solution)
    _run(highs)
    info = highs.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, False
    worth = float(np.array(lp.col_cost_) @ np.array(highs.getSolution().col_value))
    if start is not None and abs(worth - info.objective_function_value) > 1e-6 * abs(worth) + 1e-3:
        # HiGHS 1.16 may hand back the start beside the objective of something better: without it, then
        return solve(p, chosen, None, seconds=seconds, gap=gap, seed=seed, linear=linear)
    values = np.array(highs.getSolution().col_value)
    flow = np.zeros(p.arc_line.size)
    flow[at.arcs] = values[at.x : at.x + at.arcs.size]
    return flow, highs.getModelStatus() == highspy.HighsModelStatus.kOptimal


def relaxed(p: Problem, chosen: Restriction, seconds: float) -> float:
    """What the linear relaxation of a restriction is worth: no flow within it is worth more; infinite if it
    was not solved in time."""
    lp, _, _ = program(p, chosen, True, np.ones(p.setup.size, dtype=np.bool_))
    highs = _highs(0, seconds, 0.0)
    highs.passModel(lp)
    _run(highs)
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return np.inf
    return float(highs.getInfo().objective_function_value)


def line_prices(p: Problem, allowed: Bools, may_rest: Bools, seconds: float) -> Floats | None:
    """Dual prices [D] of the lines in the linear relaxation over these states; None if it was not solved in
    time."""
    every = Restriction(np.ones(p.arc_line.size, dtype=bool), allowed, np.zeros(p.setup.size))
    lp, at, lines = program(p, every, True, may_rest)
    highs = _highs(0, seconds, 0.0)
    highs.passModel(lp)
    _run(highs)
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    dual = np.array(highs.getSolution().row_dual)
    prices = np.zeros(p.quantity.size)
    first = lp.num_row_ - lines.size - 2 * at.partial.size
    prices[lines] = dual[first : first + lines.size]
    below = first + lines.size  # the rows of lines with a minimum price their units, too
    count = at.partial.size
    prices[at.partial] += dual[below : below + count] + dual[below + count : below + 2 * count]
    return prices


def _run(highs: highspy._core._Highs) -> None:
    """Runs; once more with a new scheduler if another user of HiGHS in this process chose other threads."""
    if highs.run() == highspy.HighsStatus.kError:
        highspy._core._Highs.resetGlobalScheduler(True)
        if highs.run() == highspy.HighsStatus.kError:
            raise RuntimeError("HiGHS could not run a program")


def _highs(seed: int, seconds: float, gap: float) -> highspy._core._Highs:
    highs = highspy._core._Highs()  # the class above it prints a banner whatever its options say
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", seed % (1 << 31)),
        ("time_limit", min(LONGEST, max(0.05, seconds))),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", max(gap, 1e-6)),
        ("mip_max_nodes", MOST_NODES),
    ):
        highs.setOptionValue(name, value)
    return highs
