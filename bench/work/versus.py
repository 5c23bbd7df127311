"""Us and general solvers on the same price-blind problems."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import inf
from statistics import median

from bench import ours
from bench.generator import generate
from bench.peers import PEERS, run
from bench.work import Figure, Row, Scale, Work, megabytes, percent, say, table

SECONDS, THREADS = 60.0, 2
CHOOSING_SEED = 101  # of a round that is in no other figure
FORMULATIONS = ("aggregated", "compact", "placed", "tiered")
ALLOWED = {"scip": (1, THREADS)}  # its concurrent mode is not always the better one
CANDIDATES = {
    peer: [(name, threads) for name in FORMULATIONS for threads in ALLOWED.get(peer, (THREADS,))]
    for peer in PEERS
}
CHOSEN_BEFORE = {
    300: {"highs": ("compact", 2), "scip": ("compact", 1), "cpsat": ("compact", 2)},
    2_000: {"highs": ("aggregated", 2), "scip": ("aggregated", 1), "cpsat": ("aggregated", 2)},
}
"""By places: what did best on seed 101 before; used instead of choosing anew where seeds are bounded."""
HEAD = ("seed", "solver", "form", "threads", "ended", "took", "built", "score", "bound", "gap", "peak")


@dataclass(frozen=True, slots=True)
class Versus:
    """Rounds of one size; our gap has to be `times` smaller than the best peer's."""

    places: int
    offers: int
    seeds: int
    times: float

    @property
    def size(self) -> str:
        return f"{self.places:,} x {self.offers}"

    def measure(self, scale: Scale) -> list[Row]:
        return list(self._measure(scale))

    def _measure(self, scale: Scale) -> Iterator[Row]:
        seconds = scale.seconds(SECONDS)
        chosen: dict[str, tuple[str, int]] = {}
        if scale.most_seeds:
            chosen = dict(CHOSEN_BEFORE[self.places])
        for peer, candidates in CANDIDATES.items():
            if peer in chosen:
                continue
            tried = [self._peer(peer, *candidate, CHOOSING_SEED, seconds) for candidate in candidates]
            yield from tried
            best = min(tried, key=_gap)
            chosen[peer] = best["formulation"], best["threads"]
        for seed in scale.seeds(self.seeds):
            body = generate(self.places, self.offers, seed)
            row = ours.run_body(body, seconds=seconds, blind=True)
            say(f"{self.size} seed {seed} ours: {percent(row['gap'])}")
            yield {"peer": "millpond", "seed": seed, "formulation": "", "threads": 1, **row}
            for peer in PEERS:
                yield self._peer(peer, *chosen[peer], seed, seconds)

    def _peer(self, peer: str, formulation: str, threads: int, seed: int, seconds: float) -> Row:
        body = generate(self.places, self.offers, seed)
        answer = run(peer, body, formulation=formulation, seconds=seconds, threads=threads)
        say(f"{self.size} seed {seed} {peer} {formulation}, {threads} threads: {percent(answer.gap)}")
        return {"seed": seed, **asdict(answer)}

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        measured = [row for row in rows if row["seed"] != CHOOSING_SEED]
        gaps = {
            peer: median(_gap(row) for row in measured if row["peer"] == peer)
            for peer in ("millpond", *PEERS)
        }
        best = min(PEERS, key=lambda peer: gaps[peer])
        goal = (
            f"our gap {self.times:g} times smaller than the best peer's"
            if self.times > 1
            else "not worse than the best peer"
        )
        found = f"{percent(gaps['millpond'])}; " + ", ".join(
            f"{peer} {percent(gaps[peer])}" for peer in PEERS
        )
        reached = gaps["millpond"] * self.times <= gaps[best]
        if contradicted := _contradictions(rows):
            found, reached = f"{found}; bounds contradicted: {'; '.join(contradicted)}", False
        seeds = len({row["seed"] for row in measured})
        told = f"{seeds} seeds" if seeds > 1 else "1 seed"
        return [
            Figure(f"peers on {self.size}, {SECONDS:g} s, {THREADS} threads, {told}", goal, found, reached)
        ]

    def tables(self, rows: Sequence[Row]) -> str:
        return table(
            HEAD,
            (
                (
                    f"{row['seed']} (choosing)" if row["seed"] == CHOOSING_SEED else row["seed"], row["peer"],
                    row["formulation"], row["threads"], row.get("status", ""), f"{row['seconds']:.1f} s",
                    f"{row['build_seconds']:.1f} s" if "build_seconds" in row else "",
                    "none" if row["score"] is None else f"{row['score']:,}",
                    "none" if row["bound"] is None else f"{row['bound']:,}", percent(row["gap"]),
                    megabytes(row["peak_bytes"]),
                )
                for row in rows
            ),
        )  # fmt: skip


ABOUT = f"""\
All solve the price-blind problem of the same mixed rounds. Peers have {SECONDS:g} s in the solver,
presolve included and building the model not, and up to {THREADS} threads; we have {SECONDS:g} s in all
and use one thread. Each peer gets, for this size, the formulation (SCIP: and one thread or two) with
the smallest gap on another round (seed {CHOOSING_SEED}; where no such rows stand below, as chosen in an
earlier run, `CHOSEN_BEFORE`); `bench/peers/formulation.py` has them all. A
peer without a solution of its own is given the empty clearing."""


def _gap(row: Row) -> float:
    return inf if row["gap"] is None else row["gap"]


def _contradictions(rows: Sequence[Row]) -> list[str]:
    """Bounds below what another solver found on the same round, by more than floats' tolerance."""
    best: dict[int, int] = {}
    for row in rows:
        best[row["seed"]] = max(row["score"] or 0, best.get(row["seed"], 0))
    return [
        f"{row['peer']} {row['formulation']} says at most {row['bound']:,} of seed {row['seed']}"
        for row in rows
        if row["bound"] is not None and row["bound"] < best[row["seed"]] * (1 - 1e-6)
    ]


def work(versus: Versus) -> Work:
    """The work of comparing on rounds of one size."""
    return Work(ABOUT, versus.measure, versus.figures, versus.tables)


MIDDLE = work(Versus(2_000, 50, 3, 10))
SMALL = work(Versus(300, 20, 3, 1))
