"""Restricted mixed-integer programs: the price-blind round on a choice of arcs and tiers, by HiGHS, from a known flow.

Units of an arc x <= quantity * z of its consignment; z <= the sum of its offer's tiers y; units of a tier w between L*y and
U*y; the arcs of an offer sum to its w. Restricting is a heuristic: what is left out costs score, never validity, and the
result is rounded to whole units and scored by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np

from millpond.clearing.instance import Bools, Floats, Ints, Problem

MOST_NODES = 2_000  # of one program: a count, so that the same seed gives the same flow
INTEGRAL = highspy.HighsVarType.kInteger
CONTINUOUS = highspy.HighsVarType.kContinuous


@dataclass(slots=True)
class _Rows:
    """Rows of a sparse matrix in the making: blocks of `count` rows with equal numbers of entries, or ragged ones."""

    lower: list[Floats] = field(default_factory=list)
    upper: list[Floats] = field(default_factory=list)
    row: list[Ints] = field(default_factory=list)
    column: list[Ints] = field(default_factory=list)
    value: list[Floats] = field(default_factory=list)
    count: int = 0

    def block(self, lower: Floats, upper: Floats, *entries: tuple[Ints, Ints, Floats]) -> None:
        """Adds len(lower) rows; every entry is (row in the block, column, value), arrays of one length."""
        for row, column, value in entries:
            self.row.append(row + self.count)
            self.column.append(column)
            self.value.append(value)
        self.lower.append(lower)
        self.upper.append(upper)
        self.count += len(lower)


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """A row over all arcs and consignments: sum of `unit` [A] a unit and `fixed` [C] a consignment, at most `most`."""

    unit: Floats
    fixed: Floats
    most: float


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """What a program may use: only these arcs and tiers; beside them, `base` units [O] that are made in any case."""

    arcs: Bools  # [A]
    tiers: Bools  # [T]
    base: Floats  # [O]
    balances: tuple[Balance, ...] = ()


def solve(
    p: Problem, chosen: Restriction, start: Floats | None, *, seconds: float, gap: float, seed: int, linear: bool = False
) -> tuple[Floats | None, bool]:
    """The best flow [A] found within the restriction (None: none); whether HiGHS proved it best within it.

    `start` [A] is a flow within the restriction, `gap` in minor units; with `linear` only the relaxation.
    """
    lp, at, _ = _program(p, chosen, linear, np.ones(p.setup.size, dtype=np.bool_))
    highs = _highs(seed, seconds, gap)
    highs.passModel(lp)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = list(_columns(p, chosen, at, start, lp.num_col_))
        highs.setSolution(solution)
    highs.run()
    info = highs.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, False
    values = np.array(highs.getSolution().col_value)
    flow = np.zeros(p.arc_line.size)
    flow[at.arcs] = values[at.x : at.x + at.arcs.size]
    return flow, highs.getModelStatus() == highspy.HighsModelStatus.kOptimal


@dataclass(frozen=True, slots=True, eq=False)
class _Layout:
    arcs: Ints  # arcs used, columns x ..
    cons: Ints  # consignments used that cost a fixed freight, columns z ..
    tiers: Ints  # tiers used, columns y .. and w ..
    partial: Ints  # lines with a minimum, columns s ..
    x: int
    z: int
    y: int
    w: int
    s: int


def _layout(p: Problem, chosen: Restriction) -> tuple[_Layout, Ints, Ints]:
    owner = np.repeat(np.arange(p.setup.size), np.diff(p.offer_tier))
    tiers = np.flatnonzero(chosen.tiers & (p.tier_high >= p.tier_low))
    able = np.zeros(p.setup.size, dtype=bool)
    able[owner[tiers]] = True
    arcs = np.flatnonzero(chosen.arcs & able[p.con_offer[p.arc_con]])
    cons = np.unique(p.arc_con[arcs])
    cons = cons[p.con_fixed[cons] > 0]
    lines = np.unique(p.arc_line[arcs])
    partial = lines[p.minimum[lines] > 1]
    x, z = 0, arcs.size
    y = z + cons.size
    w = y + tiers.size
    return _Layout(arcs, cons, tiers, partial, x, z, y, w, w + tiers.size), owner, lines


def line_prices(p: Problem, allowed: Bools, may_rest: Bools, seconds: float) -> Floats | None:
    """Dual prices [D] of the lines in the linear relaxation over these states; None if it was not solved in time."""
    every = Restriction(np.ones(p.arc_line.size, dtype=bool), allowed, np.zeros(p.setup.size))
    lp, at, lines = _program(p, every, True, may_rest)
    highs = _highs(0, seconds, 0.0)
    highs.passModel(lp)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    dual = np.array(highs.getSolution().row_dual)
    prices = np.zeros(p.quantity.size)
    first = lp.num_row_ - lines.size - 2 * at.partial.size
    prices[lines] = dual[first : first + lines.size]
    return prices


def _highs(seed: int, seconds: float, gap: float) -> highspy._core._Highs:
    highs = highspy._core._Highs()  # the class above it prints a banner whatever its options say
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", seed % (1 << 31)),
        ("time_limit", max(0.05, seconds)),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", max(gap, 1e-6)),
        ("mip_max_nodes", MOST_NODES),
    ):
        highs.setOptionValue(name, value)
    return highs


def _program(
    p: Problem, chosen: Restriction, linear: bool, may_rest: Bools
) -> tuple[highspy.HighsLp, _Layout, Ints]:
    at, owner, lines = _layout(p, chosen)
    n_x, n_z, n_y, n_s = at.arcs.size, at.cons.size, at.tiers.size, at.partial.size
    ones = np.ones
    x_of, y_of = np.arange(n_x) + at.x, np.arange(n_y) + at.y
    z_of, w_of, s_of = np.arange(n_z) + at.z, np.arange(n_y) + at.w, np.arange(n_s) + at.s
    quantity = p.arc_quantity[at.arcs]
    tied = p.con_fixed[p.arc_con[at.arcs]] > 0  # arcs with a z; the others go with their offer's tiers themselves
    con_row = np.searchsorted(at.cons, p.arc_con[at.arcs[tied]])
    line_row = np.searchsorted(lines, p.arc_line[at.arcs])
    offers = np.unique(owner[at.tiers])
    tier_offer = np.searchsorted(offers, owner[at.tiers])
    arc_offer = np.searchsorted(offers, p.con_offer[p.arc_con[at.arcs]])
    con_offer = np.searchsorted(offers, p.con_offer[at.cons])
    rows = _Rows()
    inf = np.inf
    i = np.arange
    n_tied = int(tied.sum())
    rows.block(
        np.full(n_tied, -inf),
        np.zeros(n_tied),
        (i(n_tied), x_of[tied], ones(n_tied)),
        (i(n_tied), at.z + con_row, -quantity[tied]),
    )
    of_offer = [np.flatnonzero(tier_offer == o) for o in range(offers.size)]
    for columns, offer, most in ((z_of, con_offer, ones(n_z)), (x_of[~tied], arc_offer[~tied], quantity[~tied])):
        count = columns.size
        many = np.concatenate([of_offer[o] for o in offer]) if count else i(0)
        which = np.repeat(i(count), [of_offer[o].size for o in offer]) if count else i(0)
        rows.block(
            np.full(count, -inf), np.zeros(count), (i(count), columns, ones(count)), (which, at.y + many, -most[which])
        )
    base = chosen.base[offers]
    must_run = np.where((base > 0) | ~may_rest[offers], 1.0, -inf)
    rows.block(must_run, ones(offers.size), (tier_offer, y_of, ones(n_y)))
    high, low = p.tier_high[at.tiers], p.tier_low[at.tiers]
    rows.block(np.full(n_y, -inf), np.zeros(n_y), (i(n_y), w_of, ones(n_y)), (i(n_y), y_of, -high))
    rows.block(np.zeros(n_y), np.full(n_y, inf), (i(n_y), w_of, ones(n_y)), (i(n_y), y_of, -low))
    rows.block(-base, -base, (arc_offer, x_of, ones(n_x)), (tier_offer, w_of, -ones(n_y)))
    most = p.quantity[lines]
    rows.block(most if p.must_serve else np.zeros(lines.size), most, (line_row, x_of, ones(n_x)))
    if n_s:
        hit = np.isin(p.arc_line[at.arcs], at.partial)
        row = np.searchsorted(at.partial, p.arc_line[at.arcs[hit]])
        total = (row, x_of[hit], ones(row.size))
        rows.block(np.full(n_s, -inf), np.zeros(n_s), total, (i(n_s), s_of, -p.quantity[at.partial]))
        rows.block(np.zeros(n_s), np.full(n_s, inf), total, (i(n_s), s_of, -p.minimum[at.partial]))
    for balance in chosen.balances:
        unit, fixed = np.flatnonzero(balance.unit[at.arcs]), np.flatnonzero(balance.fixed[at.cons])
        rows.block(
            np.array([-inf]),
            np.array([balance.most]),
            (np.zeros(unit.size, dtype=np.int64), x_of[unit], balance.unit[at.arcs][unit]),
            (np.zeros(fixed.size, dtype=np.int64), z_of[fixed], balance.fixed[at.cons][fixed]),
        )
    cost = np.concatenate(
        [p.arc_value[at.arcs], -p.con_fixed[at.cons], -p.setup[owner[at.tiers]], -p.tier_price[at.tiers], np.zeros(n_s)]
    )
    upper = np.concatenate([quantity, ones(n_z + n_y), high, ones(n_s)])
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = cost.size, rows.count
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(cost.size), upper
    lp.row_lower_, lp.row_upper_ = np.concatenate(rows.lower), np.concatenate(rows.upper)
    row, column, value = (np.concatenate(parts) for parts in (rows.row, rows.column, rows.value))
    order = np.lexsort((column, row))
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.searchsorted(row[order], np.arange(rows.count + 1))
    lp.a_matrix_.index_, lp.a_matrix_.value_ = column[order], value[order]
    if not linear:
        kinds = [CONTINUOUS] * n_x
        kinds += [INTEGRAL] * n_z
        lp.integrality_ = kinds + [INTEGRAL] * n_y + [CONTINUOUS] * n_y + [INTEGRAL] * n_s
    return lp, at, lines


def _columns(p: Problem, chosen: Restriction, at: _Layout, flow: Floats, width: int) -> Floats:
    """The program's columns for a flow [A] within the restriction."""
    columns = np.zeros(width)
    flow = np.where(chosen.arcs, flow, 0.0)
    columns[at.x : at.x + at.arcs.size] = flow[at.arcs]
    used = np.bincount(p.arc_con, flow, minlength=p.con_fixed.size)
    columns[at.z : at.z + at.cons.size] = used[at.cons] > 0
    units = chosen.base + np.bincount(p.con_offer, used, minlength=p.setup.size)
    owner = np.repeat(np.arange(p.setup.size), np.diff(p.offer_tier))[at.tiers]
    here = (units[owner] >= p.tier_low[at.tiers]) & (units[owner] <= p.tier_high[at.tiers]) & (units[owner] > 0)
    columns[at.y : at.y + at.tiers.size] = here
    columns[at.w : at.w + at.tiers.size] = np.where(here, units[owner], 0.0)
    served = np.bincount(p.arc_line, flow, minlength=p.quantity.size)
    columns[at.s : at.s + at.partial.size] = served[at.partial] > 0
    return columns
