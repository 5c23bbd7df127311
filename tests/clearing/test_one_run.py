"""What one offer and one place mean: their prices, and who cannot pay them."""

from fractions import Fraction
from typing import Any

import pytest
from one_maker_rounds import tiny_order
from tiny_rounds import encoded, every_allocation

from millpond.clearing.one_maker import runs_of
from millpond.clearing.one_run import Run
from millpond.clearing.prices import Pricer, Rule
from millpond.model import Award, Round, read_round

SEEDS = range(40)


def awards_of(round: Round, rows: list[dict[str, Any]]) -> tuple[Award, ...]:
    return tuple(Award(**row) for row in rows)


def the_run(round: Round) -> Run | None:
    return next(iter(runs_of(round)), None)


@pytest.mark.parametrize("seed", SEEDS)
def test_prices_are_the_pricers_whatever_was_agreed(seed: int) -> None:
    """Pooling, solidarity and alone prices change what is said of a level, not what the one place pays."""
    told = tiny_order(seed)
    round = read_round(encoded(told))
    run = the_run(round)
    pricer = Pricer(round)
    family = {item.id: item.family for item in round.items}
    for rows in list(every_allocation(told))[:200]:
        if not rows or run is None:
            continue
        units: dict[int, int] = {}
        for row in rows:
            f = run.families.index(family[row["item"]])
            units[f] = units.get(f, 0) + row["quantity"]
        step = next(step for step in run.steps if step.least <= sum(units.values()) <= step.most)
        costs = run.costs(step.price, units)
        surcharge = {made.item: made.surcharge for made in run.offer.items}
        for (_, item), price in pricer.prices(awards_of(round, rows)).items():
            f = run.families.index(family[item])
            assert price == surcharge[item] + Fraction(costs[f], units[f])


@pytest.mark.parametrize("seed", SEEDS)
def test_narrowing_leaves_nothing_out_that_valid_awards_have(seed: int) -> None:
    told = tiny_order(seed)
    round = read_round(encoded(told))
    run, pricer = the_run(round), Pricer(round)
    if run is None:
        return
    number = {want.id: n for n, want in enumerate(run.wants)}
    for rows in every_allocation(told):
        total = sum(row["quantity"] for row in rows)
        if not rows or any(x.rule is Rule.LIMIT for x in pricer.problems(awards_of(round, rows))):
            continue
        step = next(step for step in run.steps if step.least <= total <= step.most)
        view = run.narrowed(step, run.unbounded())
        assert view is not None
        assert view.least <= total <= view.most
        for row in rows:
            families = {way.family for way in view.ways[number[row["demand"]]]}
            assert run.families.index(round_family(round, row["item"])) in families


def round_family(round: Round, item: str) -> str:
    return next(one.family for one in round.items if one.id == item)


@pytest.mark.parametrize("seed", [*range(12), 1073, 1116, 1226, 1337, 1748])  # in the latter rounding counts
def test_ceilings_leave_nothing_out_that_keeps_to_them(seed: int) -> None:
    """Within a ceiling on a family, every allocation whose family costs no more than it is still there."""
    told = tiny_order(seed)
    round = read_round(encoded(told))
    run, pricer = the_run(round), Pricer(round)
    for rows in every_allocation(told):
        if not rows or run is None or pricer.problems(awards_of(round, rows)):
            continue
        units: dict[int, int] = {}
        for row in rows:
            f = run.families.index(round_family(round, row["item"]))
            units[f] = units.get(f, 0) + row["quantity"]
        total = sum(units.values())
        step = next(step for step in run.steps if step.least <= total <= step.most)
        costs = run.costs(step.price, units)
        for family in units:
            ceilings: list[int | None] = [None] * len(run.families)
            ceilings[family] = -(-costs[family] // units[family])  # the least whole one that is kept
            view = run.narrowed(step, run.unbounded()._replace(ceilings=tuple(ceilings)))
            assert view is not None
            assert view.least <= total <= view.most
            top = view.tops[family]
            assert top is None or units[family] <= top
