"""CP-SAT on a formulation: `python -m bench.peers.cpsat ROUND.json FORMULATION SECONDS THREADS SEED`."""

import ortools
from ortools.sat.python import cp_model

from bench.peers.child import Found, main
from bench.peers.formulation import Model

UNLIMITED = 2**62  # the side of a row that is open
# What the default portfolio of two workers lacks is the relaxation. On linked formulations two workers that
# lean on it left 0.25 % on 300 x 20 after 40 s, the default 6 %; on 2,000 x 50, aggregated, one such worker
# with the default neighbourhoods beside it left 84 % after 60 s, two 91 %.
LINKED_WORKERS = ("reduced_costs", "max_lp")
WORKERS = {"aggregated": ("max_lp",)}


def solve(model: Model, seconds: float, threads: int, seed: int) -> Found:
    cp = cp_model.CpModel()
    columns = [cp.new_int_var(0, upper, "") for upper in model.upper]
    for lower, terms, upper in model.rows:
        total = cp_model.LinearExpr.weighted_sum(
            [columns[c] for c, _ in terms], [value for _, value in terms]
        )
        low = -UNLIMITED if lower == float("-inf") else int(lower)
        high = UNLIMITED if upper == float("inf") else int(upper)
        cp.add_linear_constraint(total, low, high)
    cp.maximize(cp_model.LinearExpr.weighted_sum(columns, model.cost))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = threads
    solver.parameters.random_seed = seed
    if threads > 1:
        solver.parameters.subsolvers.extend(WORKERS.get(model.formulation, LINKED_WORKERS))
    else:
        solver.parameters.linearization_level = 2
    status = solver.solve(cp)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    values = [float(solver.value(column)) for column in columns] if found else None
    bound = solver.best_objective_bound
    known = found or (status == cp_model.UNKNOWN and bound != 0)  # 0 is also what it says before it has any
    return Found(solver.status_name(status), values, bound if known else None)


if __name__ == "__main__":
    main(ortools.__version__, solve)
