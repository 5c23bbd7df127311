"""HiGHS on a formulation: `python -m bench.peers.highs ROUND.json FORMULATION SECONDS THREADS SEED`."""

import highspy
import numpy as np

from bench.peers.child import Found, main
from bench.peers.formulation import Model

GAP = 1e-7  # relative, at which it may stop


def passed(model: Model) -> highspy.HighsLp:
    """The model as HiGHS takes it, by rows."""
    lp = highspy.HighsLp()
    columns, rows = len(model.cost), len(model.rows)
    lp.num_col_, lp.num_row_ = columns, rows
    lp.sense_ = highspy.ObjSense.kMaximize
    lp.col_cost_ = np.array(model.cost, dtype=float)
    lp.col_lower_ = np.zeros(columns)
    lp.col_upper_ = np.array(model.upper, dtype=float)
    lp.row_lower_ = np.array([lower for lower, _, _ in model.rows])
    lp.row_upper_ = np.array([upper for _, _, upper in model.rows])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0] + [len(terms) for _, terms, _ in model.rows])
    lp.a_matrix_.index_ = np.array([column for _, terms, _ in model.rows for column, _ in terms])
    lp.a_matrix_.value_ = np.array([float(value) for _, terms, _ in model.rows for _, value in terms])
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[binary] for binary in model.binary]
    return lp


def solve(model: Model, seconds: float, threads: int, seed: int) -> Found:
    highs = highspy.Highs()
    options = {
        "output_flag": False, "time_limit": seconds, "threads": threads, "random_seed": seed,
        "mip_rel_gap": GAP,
    }  # fmt: skip
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(passed(model))
    highs.run()
    info = highs.getInfo()
    status = highs.modelStatusToString(highs.getModelStatus())
    if not any(model.binary):  # an LP: no bound of a tree
        bound = info.objective_function_value if status == "Optimal" else None
    else:
        bound = info.mip_dual_bound
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return Found(status, list(highs.getSolution().col_value) if feasible else None, bound)


if __name__ == "__main__":
    main(highspy.Highs().version(), solve)
