"""The price-blind round on a choice of arcs and tiers as a mixed-integer program.

Units of an arc x <= quantity * z of its consignment; z <= the sum of its offer's tiers y (a consignment
without fixed freight has no z: x <= quantity * that sum); units of a tier w between L*y and U*y; the arcs of
an offer sum to its w.
Columns in this order: x, z, y, w, and s for lines with a minimum.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import highspy
import numpy as np

from millpond.clearing.instance import Bools, Floats, Ints, Problem

INTEGRAL = highspy.HighsVarType.kInteger
CONTINUOUS = highspy.HighsVarType.kContinuous


@dataclass(frozen=True, slots=True, eq=False)
class Balance:
    """A row over all arcs and consignments: sum of `unit` [A] a unit and `fixed` [C] a consignment, at most
    `most`; with `run` [T] once for a run at a tier, and `made` [T] for a unit of it, `base` included."""

    unit: Floats
    fixed: Floats
    most: float
    run: Floats | None = None
    made: Floats | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Restriction:
    """What a program may use: only these arcs and tiers; beside them, `base` units [O] that are made in any
    case."""

    arcs: Bools  # [A]
    tiers: Bools  # [T]
    base: Floats  # [O]
    balances: tuple[Balance, ...] = ()


@dataclass(slots=True)
class _Rows:
    """Rows of a sparse matrix in the making: blocks of `count` rows with equal numbers of entries, or
    ragged ones."""

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

    def into(self, lp: highspy.HighsLp) -> None:
        """Puts the rows into a program."""
        row, column = np.concatenate(self.row), np.concatenate(self.column)
        value = np.concatenate(self.value)
        order = np.lexsort((column, row))
        lp.row_lower_, lp.row_upper_ = np.concatenate(self.lower), np.concatenate(self.upper)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_ = np.searchsorted(row[order], np.arange(self.count + 1))
        lp.a_matrix_.index_, lp.a_matrix_.value_ = column[order], value[order]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    arcs: Ints  # arcs used, columns x ..
    cons: Ints  # consignments used that cost a fixed freight, columns z ..
    tiers: Ints  # tiers used, columns y .. and w ..
    partial: Ints  # lines with a minimum, columns s ..
    x: int
    z: int
    y: int
    w: int
    s: int


def _layout(p: Problem, chosen: Restriction) -> tuple[Layout, Ints, Ints]:
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
    return Layout(arcs, cons, tiers, partial, x, z, y, w, w + tiers.size), owner, lines


def program(
    p: Problem, chosen: Restriction, linear: bool, may_rest: Bools
) -> tuple[highspy.HighsLp, Layout, Ints]:
    """The program of a restriction, where its columns are, and the lines [..] of its line rows in order."""
    at, owner, lines = _layout(p, chosen)
    rows = _Rows()
    _opening_rows(rows, p, at, owner)
    _run_rows(rows, p, at, owner, chosen.base, may_rest)
    _line_rows(rows, p, at, lines)
    for balance in chosen.balances:
        unit, fixed = np.flatnonzero(balance.unit[at.arcs]), np.flatnonzero(balance.fixed[at.cons])
        entries = [(at.x + unit, balance.unit[at.arcs][unit]), (at.z + fixed, balance.fixed[at.cons][fixed])]
        for column, factor in ((at.y, balance.run), (at.w, balance.made)):
            if factor is not None:
                entries.append((column + np.arange(at.tiers.size), factor[at.tiers]))
        rows.block(
            np.array([-np.inf]),
            np.array([balance.most]),
            *((np.zeros(columns.size, dtype=np.int64), columns, factors) for columns, factors in entries),
        )
    nothing = np.zeros(at.partial.size)
    production = (-p.setup[owner[at.tiers]], -p.tier_price[at.tiers])
    cost = np.concatenate([p.arc_value[at.arcs], -p.con_fixed[at.cons], *production, nothing])
    binary = np.ones(at.cons.size + at.tiers.size)
    upper = np.concatenate([p.arc_quantity[at.arcs], binary, p.tier_high[at.tiers], nothing + 1.0])
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = cost.size, rows.count
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = cost, np.zeros(cost.size), upper
    rows.into(lp)
    if not linear:
        kinds = [CONTINUOUS] * at.arcs.size + [INTEGRAL] * (at.cons.size + at.tiers.size)
        lp.integrality_ = kinds + [CONTINUOUS] * at.tiers.size + [INTEGRAL] * at.partial.size
    return lp, at, lines


def _opening_rows(rows: _Rows, p: Problem, at: Layout, owner: Ints) -> None:
    """An arc flows only if its consignment is open, and that only if its offer runs at some tier."""
    tied = p.con_fixed[p.arc_con[at.arcs]] > 0  # the others have no z and go with their offer's tiers
    arc, quantity = np.flatnonzero(tied), p.arc_quantity[at.arcs]
    con = np.searchsorted(at.cons, p.arc_con[at.arcs[arc]])
    each = np.arange(arc.size)
    rows.block(
        np.full(arc.size, -np.inf),
        np.zeros(arc.size),
        (each, at.x + arc, np.ones(arc.size)),
        (each, at.z + con, -quantity[arc]),
    )
    tiers_of: dict[int, list[int]] = {}
    for column, offer in enumerate(owner[at.tiers].tolist()):
        tiers_of.setdefault(offer, []).append(column)
    free = np.flatnonzero(~tied)
    for columns, offers, most in (
        (at.z + np.arange(at.cons.size), p.con_offer[at.cons], np.ones(at.cons.size)),
        (at.x + free, p.con_offer[p.arc_con[at.arcs[free]]], quantity[free]),
    ):
        tiers = [tiers_of[offer] for offer in offers.tolist()]
        row = np.repeat(np.arange(columns.size), [len(t) for t in tiers]).astype(np.int64)
        tier = np.array([k for t in tiers for k in t], dtype=np.int64)
        rows.block(
            np.full(columns.size, -np.inf),
            np.zeros(columns.size),
            (np.arange(columns.size), columns, np.ones(columns.size)),
            (row, at.y + tier, -most[row]),
        )


def _run_rows(rows: _Rows, p: Problem, at: Layout, owner: Ints, base: Floats, may_rest: Bools) -> None:
    """One tier a run at the most, its units within the tier, and all arcs of an offer in them."""
    offers = np.unique(owner[at.tiers])
    tier_offer = np.searchsorted(offers, owner[at.tiers])
    arc_offer = np.searchsorted(offers, p.con_offer[p.arc_con[at.arcs]])
    each, ones = np.arange(at.tiers.size), np.ones(at.tiers.size)
    none, endless = np.zeros(at.tiers.size), np.full(at.tiers.size, np.inf)
    must_run = np.where((base[offers] > 0) | ~may_rest[offers], 1.0, -np.inf)
    rows.block(must_run, np.ones(offers.size), (tier_offer, at.y + each, ones))
    rows.block(-endless, none, (each, at.w + each, ones), (each, at.y + each, -p.tier_high[at.tiers]))
    rows.block(none, endless, (each, at.w + each, ones), (each, at.y + each, -p.tier_low[at.tiers]))
    arcs = (arc_offer, at.x + np.arange(at.arcs.size), np.ones(at.arcs.size))
    rows.block(-base[offers], -base[offers], arcs, (tier_offer, at.w + each, -ones))


def _line_rows(rows: _Rows, p: Problem, at: Layout, lines: Ints) -> None:
    """A line's quantity (all of it with must_serve), and its minimum if anything at all."""
    most = p.quantity[lines]
    row = np.searchsorted(lines, p.arc_line[at.arcs])
    arcs = (row, at.x + np.arange(at.arcs.size), np.ones(at.arcs.size))
    rows.block(most if p.must_serve else np.zeros(lines.size), most, arcs)
    if not at.partial.size:
        return
    hit = np.flatnonzero(np.isin(p.arc_line[at.arcs], at.partial))
    total = (np.searchsorted(at.partial, p.arc_line[at.arcs[hit]]), at.x + hit, np.ones(hit.size))
    each = np.arange(at.partial.size)
    none, endless = np.zeros(each.size), np.full(each.size, np.inf)
    rows.block(-endless, none, total, (each, at.s + each, -p.quantity[at.partial]))
    rows.block(none, endless, total, (each, at.s + each, -p.minimum[at.partial]))


def columns_of(p: Problem, chosen: Restriction, at: Layout, flow: Floats, width: int) -> Floats:
    """The program's columns for a flow [A] within the restriction."""
    columns = np.zeros(width)
    flow = np.where(chosen.arcs, flow, 0.0)
    columns[at.x : at.x + at.arcs.size] = flow[at.arcs]
    used = np.bincount(p.arc_con, flow, minlength=p.con_fixed.size)
    columns[at.z : at.z + at.cons.size] = used[at.cons] > 0
    units = chosen.base + np.bincount(p.con_offer, used, minlength=p.setup.size)
    owner = np.repeat(np.arange(p.setup.size), np.diff(p.offer_tier))[at.tiers]
    here = (
        (units[owner] >= p.tier_low[at.tiers]) & (units[owner] <= p.tier_high[at.tiers]) & (units[owner] > 0)
    )
    columns[at.y : at.y + at.tiers.size] = here
    columns[at.w : at.w + at.tiers.size] = np.where(here, units[owner], 0.0)
    served = np.bincount(p.arc_line, flow, minlength=p.quantity.size)
    columns[at.s : at.s + at.partial.size] = served[at.partial] > 0
    return columns
