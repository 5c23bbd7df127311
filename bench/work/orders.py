"""Group orders of one maker, cleared with the standard library alone: how long, and whether it is proven."""

import json
import time
from collections.abc import Iterator, Sequence
from itertools import product

from bench.group_orders import LOWER, group_order
from bench.work import Figure, Row, Scale, Work, percent, say, table
from millpond.clearing import solve_one_maker
from millpond.model import encode_clearing, read_round
from millpond.verify import verifier

MOST_SECONDS = {300: 1.0, 2_000: 5.0}
"""Lines -> what a leader would wait."""
SEEDS = 20


def measure(scale: Scale) -> list[Row]:
    return list(_measure(scale))


def _measure(scale: Scale) -> Iterator[Row]:
    for lines, limits, scarce in product(MOST_SECONDS, LOWER, (False, True)):
        for seed in scale.seeds(SEEDS):
            data = json.dumps(group_order(lines, seed, scarce=scarce, limits=limits)).encode()
            round = read_round(data)
            start = time.perf_counter()
            found = solve_one_maker(
                round, seconds=600, clock=time.monotonic, stop=lambda: False, progress=lambda _: None
            )
            seconds = time.perf_counter() - start
            clearing = found.clearing
            valid = all(check.ok for check in verifier.verify(data, encode_clearing(clearing)))
            served = len({award.demand for award in clearing.awards}) / lines
            row = {"lines": lines, "limits": limits, "scarce": scarce, "seed": seed, "seconds": seconds}
            yield row | {
                "proven": found.proven,
                "valid": valid,
                "served": served,
                "gap": (clearing.bound - clearing.score) / max(1, abs(clearing.bound)),
            }
        say(f"{lines:,} lines, {limits} lower limits, scarce {scarce}: {seconds:.3f} s")


def figures(rows: Sequence[Row]) -> list[Figure]:
    found = []
    for lines, most in MOST_SECONDS.items():
        chosen = [row for row in rows if row["lines"] == lines]
        if chosen:
            worst = max(row["seconds"] for row in chosen)
            right = sum(row["proven"] and row["valid"] for row in chosen)
            work = f"group orders of {lines:,} lines, without the extra `solve`"
            target = f"proven and valid, in {most:g} s"
            text = f"{right} of {len(chosen)}, slowest {worst:.3f} s"
            found.append(Figure(work, target, text, right == len(chosen) and worst <= most))
    return found


def tables(rows: Sequence[Row]) -> str:
    head = (
        "lines",
        "lower limits",
        "scarce",
        "orders",
        "proven",
        "mean s",
        "slowest s",
        "served",
        "largest gap",
    )
    body = []
    for lines, limits, scarce in product(MOST_SECONDS, LOWER, (False, True)):
        key = (lines, limits, scarce)
        chosen = [row for row in rows if (row["lines"], row["limits"], row["scarce"]) == key]
        if chosen:
            seconds = [row["seconds"] for row in chosen]
            served = sum(row["served"] for row in chosen) / len(chosen)
            body.append(
                (
                    f"{lines:,}",
                    limits,
                    "yes" if scarce else "no",
                    len(chosen),
                    sum(row["proven"] for row in chosen),
                    f"{sum(seconds) / len(chosen):.3f}",
                    f"{max(seconds):.3f}",
                    percent(served, 0),
                    percent(max(row["gap"] for row in chosen)),
                )
            )
    return table(head, body)


ABOUT = """\
One place and one offer, as a leader decides them, cleared without numpy, numba and HiGHS. Proven: no valid
clearing scores higher. The gap is to the certificate's bound, which knows no prices; where limits are low it
is what fair prices cost. Seconds from a round that was read to its clearing."""
ORDERS = Work(ABOUT, measure, figures, tables)
