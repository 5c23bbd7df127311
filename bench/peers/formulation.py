"""Strong mixed-integer formulations of the price-blind problem, as one sparse model for every peer.

Columns: y[o,k] offer o runs at tier k; z consignment sent; x units of a pair (line, offer); s line served,
for lines with a minimum above 1. Rows common to all: a line takes at most its quantity,
`minimum * s <= sum x <= quantity * s`; `sum_k y <= 1`. All but the first have the disaggregated links
`x <= min(quantity, high) * z` and `z <= y`, not their weak sums.

- `aggregated`: as `compact`, but `sum of x to the place <= (sum of their most) * z` and no `z <= y`: fewer
  rows and a weaker relaxation that big rounds can afford.
- `compact`: x and z per pair and consignment; t[o,k] units of the run at tier k carry the price,
  `low * y <= t <= high * y`, `sum x = sum_k t`, `z <= sum_k y`.
- `placed`: also per tier and consignment: `z[c,k] <= y[o,k]`, w[c,k] units,
  `w[c,k] <= min(demand of the place, high) * z[c,k]`, `sum of x to the place = sum_k w`,
  `low * y <= sum_c w <= high * y`, `x <= quantity * sum_k z`.
- `tiered`: everything per tier: `x[pair,k] <= quantity * z[c,k]`, `z[c,k] <= y[o,k]`,
  `low * y <= sum x[.,k] <= high * y`.

With the binaries fixed what is left is a network flow, so x may be continuous: its vertices are whole.
"""

from dataclasses import dataclass, field

from bench.blind import Award, Blind

INFINITY = float("inf")


@dataclass(slots=True)
class Model:
    """Maximise `cost . columns` with `lower <= rows <= upper`. All data are whole numbers."""

    formulation: str
    cost: list[int] = field(default_factory=list)
    upper: list[int] = field(default_factory=list)  # columns: 0 ... upper
    binary: list[bool] = field(default_factory=list)
    rows: list[tuple[float, list[tuple[int, int]], float]] = field(default_factory=list)
    units: list[tuple[int, int]] = field(default_factory=list)  # (column, pair) of every x

    def column(self, cost: int, upper: int, *, binary: bool = False) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        self.binary.append(binary)
        return len(self.cost) - 1

    def row(self, lower: float, terms: list[tuple[int, int]], upper: float) -> None:
        if terms or lower > 0 or upper < 0:
            self.rows.append((lower, terms, upper))


def formulate(problem: Blind, name: str) -> Model:
    """The formulation `aggregated`, `compact`, `placed` or `tiered`."""
    model = Model(name)
    runs = [
        [model.column(-setup, 1, binary=True) for _ in states]
        for setup, states in zip(problem.offer_setup, problem.offer_states, strict=True)
    ]
    for columns in runs:
        if len(columns) > 1:
            model.row(-INFINITY, [(y, 1) for y in columns], 1)
    {"aggregated": _aggregated, "compact": _compact, "placed": _placed, "tiered": _tiered}[name](
        model, problem, runs
    )
    _lines(model, problem)
    return model


def _lines(model: Model, problem: Blind) -> None:
    taken: list[list[tuple[int, int]]] = [[] for _ in problem.line_quantity]
    for x, pair in model.units:
        taken[problem.pair_line[pair]].append((x, 1))
    for terms, quantity, minimum in zip(taken, problem.line_quantity, problem.line_minimum, strict=True):
        if problem.must_serve:
            model.row(quantity, terms, quantity)
        elif minimum > 1 and terms:
            s = model.column(0, 1, binary=True)
            model.row(-INFINITY, [*terms, (s, -quantity)], 0)
            model.row(0, [*terms, (s, -minimum)], INFINITY)
        else:
            model.row(-INFINITY, terms, quantity)


def _most(problem: Blind, pair: int, high: int) -> int:
    return min(problem.line_quantity[problem.pair_line[pair]], high)


def _compact(model: Model, problem: Blind, runs: list[list[int]], *, linked: bool = True) -> None:
    sent = [model.column(-fixed, 1, binary=True) for fixed in problem.consignment_fixed]
    if linked:
        for z, o in zip(sent, problem.consignment_offer, strict=True):
            model.row(-INFINITY, [(z, 1), *((y, -1) for y in runs[o])], 0)
    flows: list[list[tuple[int, int]]] = [[] for _ in runs]
    placed: list[list[tuple[int, int, int]]] = [[] for _ in sent]
    for pair, consignment in enumerate(problem.pair_consignment):
        o = problem.consignment_offer[consignment]
        most = _most(problem, pair, problem.offer_states[o][-1].high)
        x = model.column(problem.pair_margin[pair], most)
        model.units.append((x, pair))
        placed[consignment].append((x, 1, most))
        flows[o].append((x, 1))
    for z, terms in zip(sent, placed, strict=True):
        if linked:
            for x, one, most in terms:
                model.row(-INFINITY, [(x, one), (z, -most)], 0)
        else:
            model.row(
                -INFINITY, [*((x, one) for x, one, _ in terms), (z, -sum(most for _, _, most in terms))], 0
            )
    for o, columns in enumerate(runs):
        for y, state in zip(columns, problem.offer_states[o], strict=True):
            t = model.column(-state.price, state.high)
            model.row(-INFINITY, [(t, 1), (y, -state.high)], 0)
            model.row(0, [(t, 1), (y, -state.low)], INFINITY)
            flows[o].append((t, -1))
        model.row(0, flows[o], 0)


def _aggregated(model: Model, problem: Blind, runs: list[list[int]]) -> None:
    _compact(model, problem, runs, linked=False)


def _placed(model: Model, problem: Blind, runs: list[list[int]]) -> None:
    reach = [0] * len(problem.consignment_offer)
    for pair, consignment in enumerate(problem.pair_consignment):
        reach[consignment] += problem.line_quantity[problem.pair_line[pair]]
    totals: list[list[list[tuple[int, int]]]] = [[[] for _ in columns] for columns in runs]
    sent: list[list[int]] = []
    flows: list[list[tuple[int, int]]] = []
    for c, o in enumerate(problem.consignment_offer):
        sent.append([])
        flows.append([])
        for k, (y, state) in enumerate(zip(runs[o], problem.offer_states[o], strict=True)):
            most = min(reach[c], state.high)
            z = model.column(-problem.consignment_fixed[c], 1, binary=True)
            w = model.column(-state.price, most)
            model.row(-INFINITY, [(z, 1), (y, -1)], 0)
            model.row(-INFINITY, [(w, 1), (z, -most)], 0)
            sent[c].append(z)
            flows[c].append((w, -1))
            totals[o][k].append((w, 1))
    for pair, c in enumerate(problem.pair_consignment):
        most = _most(problem, pair, problem.offer_states[problem.consignment_offer[c]][-1].high)
        x = model.column(problem.pair_margin[pair], most)
        model.units.append((x, pair))
        model.row(-INFINITY, [(x, 1), *((z, -most) for z in sent[c])], 0)
        flows[c].append((x, 1))
    for terms in flows:
        model.row(0, terms, 0)
    _within_tiers(model, problem, runs, totals)


def _tiered(model: Model, problem: Blind, runs: list[list[int]]) -> None:
    sent: list[list[int]] = []
    for c, o in enumerate(problem.consignment_offer):
        sent.append([model.column(-problem.consignment_fixed[c], 1, binary=True) for _ in runs[o]])
        for z, y in zip(sent[c], runs[o], strict=True):
            model.row(-INFINITY, [(z, 1), (y, -1)], 0)
    totals: list[list[list[tuple[int, int]]]] = [[[] for _ in columns] for columns in runs]
    for pair, c in enumerate(problem.pair_consignment):
        o = problem.consignment_offer[c]
        for k, (z, state) in enumerate(zip(sent[c], problem.offer_states[o], strict=True)):
            most = _most(problem, pair, state.high)
            x = model.column(problem.pair_margin[pair] - state.price, most)
            model.units.append((x, pair))
            model.row(-INFINITY, [(x, 1), (z, -most)], 0)
            totals[o][k].append((x, 1))
    _within_tiers(model, problem, runs, totals)


def _within_tiers(
    model: Model, problem: Blind, runs: list[list[int]], totals: list[list[list[tuple[int, int]]]]
) -> None:
    for columns, states, tiers in zip(runs, problem.offer_states, totals, strict=True):
        for y, state, terms in zip(columns, states, tiers, strict=True):
            model.row(-INFINITY, [*terms, (y, -state.high)], 0)
            model.row(0, [*terms, (y, -state.low)], INFINITY)


def awards(problem: Blind, model: Model, values: list[float]) -> list[Award]:
    """The awards of a solution, one row a pair, rounded to whole units."""
    units = [0.0] * len(problem.pair_line)
    for x, pair in model.units:
        units[pair] += values[x]
    demand, offers = problem.round["demand"], problem.round["offers"]
    return [
        (
            demand[problem.pair_line[pair]]["id"],
            offers[problem.consignment_offer[problem.pair_consignment[pair]]]["id"],
            problem.pair_item[pair],
            round(quantity),
        )
        for pair, quantity in enumerate(units)
        if round(quantity)
    ]
