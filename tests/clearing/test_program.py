"""Programs: a sound flow keeps all their rows and is worth in them what it is worth."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from brute_force import tiny_round
from plain_market import Case, case, generated, on_every_shape, random_flow, unsound, worth
from tiny_rounds import every_allocation

from millpond.clearing import flows
from millpond.clearing.instance import Bools, Floats, summed
from millpond.clearing.program import Balance, Restriction, columns_of, program

CLOSE = 1e-6


class Checked:
    """A program with the columns of one flow in it."""

    def __init__(self, case: Case, chosen: Restriction, flow: Floats, may_rest: Bools | None = None) -> None:
        p = case.problem
        rest = np.ones(p.setup.size, dtype=bool) if may_rest is None else may_rest
        self.lp, self.at, self.lines = program(p, chosen, False, rest)
        self.columns = columns_of(p, chosen, self.at, flow, self.lp.num_col_)
        matrix = self.lp.a_matrix_
        start, index, value = (np.array(part) for part in (matrix.start_, matrix.index_, matrix.value_))
        self.activity = np.array(
            [value[a:b] @ self.columns[index[a:b]] if b > a else 0.0 for a, b in pairwise(start)]
        )

    @property
    def value(self) -> float:
        return float(np.array(self.lp.col_cost_) @ self.columns)

    @property
    def keeps_everything(self) -> bool:
        rows = (self.activity >= np.array(self.lp.row_lower_) - CLOSE) & (
            self.activity <= np.array(self.lp.row_upper_) + CLOSE
        )
        columns = (self.columns >= np.array(self.lp.col_lower_)) & (
            self.columns <= np.array(self.lp.col_upper_)
        )
        return bool(rows.all() and columns.all())


def everything(case: Case) -> Restriction:
    p = case.problem
    arcs, tiers = np.ones(p.arc_line.size, dtype=bool), np.ones(p.tier_low.size, dtype=bool)
    return Restriction(arcs, tiers, np.zeros(p.setup.size))


@on_every_shape
def test_a_flow_keeps_the_rows_where_it_is_sound_and_only_there(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    sound = 0
    for _ in range(40):
        flow = random_flow(case, rng, rng.random())
        if rng.random() < 0.7:
            flows.prune(case.problem, flow)
        if rng.random() < 0.2:
            a = rng.randrange(flow.size)
            flow[a] = rng.choice((flow[a] + 1, max(0.0, flow[a] - 1)))
        kept = Checked(case, everything(case), flow)
        rows = case.rows(flow)
        assert kept.keeps_everything == (not unsound(case.told, rows))
        if kept.keeps_everything:
            assert kept.value == worth(case.told, rows)
            sound += 1
    assert sound > 3 or case.problem.must_serve


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", ["loose", "tight", "served"])
def test_every_allocation_of_a_tiny_round_is_in_its_program(kind: str, seed: int) -> None:
    made, rng = case(tiny_round(kind, seed)), Random(seed)
    p = made.problem
    every = list(every_allocation(made.told))
    for rows in rng.sample(every, min(60, len(every))):
        flow = made.flow(rows)
        kept = Checked(made, everything(made), flow)
        assert kept.keeps_everything
        assert kept.value == flows.score_of(p, flow, np.zeros(p.setup.size))
        assert kept.value >= worth(made.told, rows)  # an arc's item is the best of those a line accepts


@on_every_shape
def test_what_is_fixed_outside_counts_for_the_runs(name: str, seed: int) -> None:
    case, rng = generated(name, seed), Random(seed)
    p = case.problem
    split = 0
    for _ in range(30):
        flow = random_flow(case, rng, rng.random())
        flows.prune(p, flow)
        free = np.array([rng.random() < 0.5 for _ in case.told["places"]])
        here = free[p.con_place[p.arc_con]]
        fixed = np.where(here, 0.0, flow)
        base = summed(p.con_offer[p.arc_con], fixed, p.setup.size)
        chosen = Restriction(here, np.ones(p.tier_low.size, dtype=bool), base)
        kept = Checked(case, chosen, flow)
        whole, rest = worth(case.told, case.rows(flow)), worth_outside(case, fixed)
        if p.must_serve and unsound(case.told, case.rows(flow)):
            continue
        assert kept.keeps_everything
        assert kept.value + rest == whole
        split += bool(base.any() and (flow - fixed).any())
    assert split > 2 or p.must_serve


def worth_outside(case: Case, fixed: Floats) -> float:
    """What a fixed flow is worth before setup and production, which the program counts."""
    p = case.problem
    used = np.unique(p.arc_con[fixed > 0])
    return float(fixed @ p.arc_value - p.con_fixed[used].sum())


def test_an_offer_that_may_not_rest_must_run() -> None:
    made = generated("mixed", 0)
    p = made.problem
    nothing = np.zeros(p.arc_line.size)
    may_rest = np.ones(p.setup.size, dtype=bool)
    assert Checked(made, everything(made), nothing, may_rest).keeps_everything
    may_rest[2] = False
    assert not Checked(made, everything(made), nothing, may_rest).keeps_everything


@on_every_shape
def test_a_balance_is_a_row_over_units_and_consignments(name: str, seed: int) -> None:
    made, rng = generated(name, seed), Random(seed)
    p = made.problem
    flow = random_flow(made, rng)
    flows.prune(p, flow)
    unit = np.array([rng.choice((0.0, rng.uniform(-5, 5))) for _ in p.arc_value])
    fixed = np.array([rng.choice((0.0, rng.uniform(-50, 50))) for _ in p.con_fixed])
    opened = summed(p.arc_con, flow, p.con_fixed.size) > 0
    total = float(unit @ flow + fixed @ opened)
    whole = everything(made)
    without = Checked(made, whole, flow)
    for most, kept in ((total + 1e-3, True), (total - 1e-3, False)):
        chosen = Restriction(whole.arcs, whole.tiers, whole.base, (Balance(unit, fixed, most),))
        balanced = Checked(made, chosen, flow)
        assert balanced.activity[-1] == pytest.approx(total)
        assert balanced.keeps_everything == (kept and without.keeps_everything)
        assert balanced.lp.num_row_ == without.lp.num_row_ + 1


@on_every_shape
def test_a_balance_may_count_runs_and_what_they_make(name: str, seed: int) -> None:
    made, rng = generated(name, seed), Random(seed)
    p = made.problem
    flow = random_flow(made, rng)
    flows.prune(p, flow)
    run = np.array([rng.uniform(-50, 50) for _ in p.tier_low])
    per_unit = np.array([rng.uniform(-5, 5) for _ in p.tier_low])
    units = summed(p.con_offer[p.arc_con], flow, p.setup.size)
    owner = np.repeat(np.arange(p.setup.size), np.diff(p.offer_tier))
    at = (units[owner] > 0) & (p.tier_low <= units[owner]) & (units[owner] <= p.tier_high)
    whole = everything(made)
    nothing = Balance(np.zeros(p.arc_line.size), np.zeros(p.con_fixed.size), 0.0, run, per_unit)
    chosen = Restriction(whole.arcs, whole.tiers, whole.base, (nothing,))
    total = float(run[at].sum() + per_unit[at] @ units[owner][at])
    assert Checked(made, chosen, flow).activity[-1] == pytest.approx(total)


@on_every_shape
def test_arcs_and_tiers_left_out_have_no_columns(name: str, seed: int) -> None:
    made, rng = generated(name, seed), Random(seed)
    p = made.problem
    arcs = np.array([rng.random() < 0.5 for _ in p.arc_line])
    tiers = np.array([rng.random() < 0.5 for _ in p.tier_low])
    _, at, lines = program(
        p, Restriction(arcs, tiers, np.zeros(p.setup.size)), False, np.ones(p.setup.size, bool)
    )
    runs = {
        o for o in range(p.setup.size) for k in range(p.offer_tier[o], p.offer_tier[o + 1]) if k in at.tiers
    }
    able = arcs & np.isin(p.con_offer[p.arc_con], list(runs))
    assert at.arcs.tolist() == np.flatnonzero(able).tolist()
    assert at.tiers.tolist() == np.flatnonzero(tiers & (p.tier_high >= p.tier_low)).tolist()
    assert lines.tolist() == sorted(set(p.arc_line[able].tolist()))
