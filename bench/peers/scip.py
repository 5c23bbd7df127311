"""SCIP on a formulation: `python -m bench.peers.scip ROUND.json FORMULATION SECONDS THREADS SEED`."""

import pyscipopt
from pyscipopt import Expr, quicksum
from pyscipopt.scip import ExprCons

from bench.peers.child import Found, main
from bench.peers.formulation import Model


def solve(model: Model, seconds: float, threads: int, seed: int) -> Found:
    scip = pyscipopt.Model()
    scip.hideOutput()
    columns = [
        scip.addVar(vtype="B" if binary else "C", lb=0, ub=upper, obj=cost)
        for cost, upper, binary in zip(model.cost, model.upper, model.binary, strict=True)
    ]
    scip.setMaximize()
    for lower, terms, upper in model.rows:
        total = quicksum(value * columns[column] for column, value in terms) if terms else Expr()
        lhs = None if lower == float("-inf") else lower
        rhs = None if upper == float("inf") else upper
        scip.addCons(ExprCons(total, lhs, rhs))
    scip.setParam("limits/time", seconds)
    scip.setParam("limits/gap", 1e-7)
    scip.setParam("randomization/randomseedshift", seed)
    if threads > 1:
        scip.setParam("parallel/maxnthreads", threads)
        scip.solveConcurrent()
    else:
        scip.optimize()
    values = [scip.getVal(column) for column in columns] if scip.getNSols() else None
    return Found(scip.getStatus(), values, scip.getDualbound())


if __name__ == "__main__":
    main(f"{pyscipopt.Model().version()} (pyscipopt {pyscipopt.__version__})", solve)
