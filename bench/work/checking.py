"""How long the verifier takes for each leaf of a certificate."""

from collections.abc import Sequence

from bench import verifier_speed
from bench.work import Figure, Row, Scale, Work, table

MOST_SECONDS = 1.0


def measure(scale: Scale) -> list[Row]:
    return verifier_speed.measure()


def figures(rows: Sequence[Row]) -> list[Figure]:
    worst = max(row["seconds"] for row in rows if row["leaf"])
    target = f"at most {MOST_SECONDS:g} s for each leaf"
    return [Figure("verifier, 50,000 arcs x 4 tiers", target, f"{worst:.3f} s", worst <= MOST_SECONDS)]


def tables(rows: Sequence[Row]) -> str:
    return table(("what", "seconds"), ((row["what"], f"{row['seconds']:.3f}") for row in rows))


ABOUT = """\
1,000 places with a line each and 50 offers of 4 tiers that deliver everywhere. Processor seconds, one
thread, best of several."""
VERIFIER = Work(ABOUT, measure, figures, tables)
