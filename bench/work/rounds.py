"""Generated rounds, cleared within a time: gaps of the clearing and of the best price-blind awards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median

from bench import ours
from bench.generator import generate
from bench.work import Figure, Row, Scale, Work, megabytes, percent, say, table

WAYS = (("mixed", True), ("loose", False), ("mixed", False))
"""Limits, and whether without the price rule. The last is told beside the others, which have targets."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds of one size. `targets`: seconds -> gap to reach on the median seed."""

    places: int
    offers: int
    seeds: int
    targets: dict[float, float]
    most_bytes: int | None = None

    @property
    def size(self) -> str:
        return f"{self.places:,} x {self.offers}"

    def measure(self, scale: Scale) -> list[Row]:
        return list(self._measure(scale))

    def _measure(self, scale: Scale) -> Iterator[Row]:
        for seed, (limits, blind) in product(scale.seeds(self.seeds), WAYS):
            body = generate(self.places, self.offers, seed, limits=limits)
            for target in self.targets:
                asked = {"seed": seed, "limits": limits, "blind": blind, "target": target}
                asked["allowed"] = scale.seconds(target)
                row = ours.run_body(body, seconds=asked["allowed"], blind=blind)
                say(f"{self.size} {asked}: {percent(row['gap'])}")
                yield {**asked, **row}

    def figures(self, rows: Sequence[Row]) -> list[Figure]:
        found = []
        valid = all(row.get("valid", True) for row in rows)
        for target, most in self.targets.items():
            for limits, blind in WAYS:
                chosen = _chosen(rows, target, limits, blind)
                if not chosen:
                    continue
                middle = median(row["gap"] for row in chosen)
                what = "price-blind awards" if blind else "clearing"
                seeds = f"{len(chosen)} seeds" if len(chosen) > 1 else "1 seed"
                work = f"round of {self.size}, {seeds}, {limits} limits: {what}"
                worst = max(row["gap"] for row in chosen)
                beside = limits == "mixed" and not blind
                goal = "beside it" if beside else f"certified gap at most {percent(most, 1)} in {target:g} s"
                reached = None if beside else valid and middle <= most
                found.append(Figure(work, goal, f"{percent(middle)} (worst {percent(worst)})", reached))
        if self.most_bytes:
            peak = max(row["peak_bytes"] for row in rows)
            goal = f"under {megabytes(self.most_bytes)}"
            found.append(Figure(f"round of {self.size}", goal, megabytes(peak), peak < self.most_bytes))
        return found

    def tables(self, rows: Sequence[Row]) -> str:
        head = (
            "seed",
            "limits",
            "what",
            "allowed",
            "took",
            "score",
            "bound",
            "gap",
            "served",
            "valid",
            "peak",
        )
        every = table(
            head,
            (
                (
                    row["seed"], row["limits"], "price-blind" if row["blind"] else "clearing",
                    f"{row['allowed']:g} s", f"{row['seconds']:.1f} s",
                    f"{row['score']:,}", f"{row['bound']:,}", percent(row["gap"]),
                    "" if row["blind"] else f"{row['lines_served']:,} of {row['lines']:,}",
                    row.get("valid", ""), megabytes(row["peak_bytes"]),
                )
                for row in rows
            ),
        )  # fmt: skip
        return f"{every}\n\nAs time passes (clearings, median over seeds):\n\n{self._curves(rows)}"

    def _curves(self, rows: Sequence[Row]) -> str:
        longest = max(self.targets)
        lines = []
        for limits in ("mixed", "loose"):
            curves = [
                {at["seconds"]: at["gap"] for at in row["curve"]}
                for row in _chosen(rows, longest, limits, False)
            ]
            marks = sorted(set.intersection(*(set(curve) for curve in curves))) if curves else []
            lines += [
                (limits, f"{mark} s", percent(median(curve[mark] for curve in curves))) for mark in marks
            ]
        return table(("limits", "after", "gap"), lines)


def _chosen(rows: Sequence[Row], target: float, limits: str, blind: bool) -> list[Row]:
    return [row for row in rows if (row["target"], row["limits"], row["blind"]) == (target, limits, blind)]


ABOUT = """\
`bench.generator.generate({places}, {offers}, seed)`, each round in a process of its own. With mixed
limits prices push lines out, which no bound that ignores prices can see: there the gap of the best
price-blind awards is the measure of bound and search, and the clearing's own gap contains the cost of
fair pricing. With loose limits prices exclude nearly nobody, and the clearing's own gap is the measure."""


def work(rounds: Rounds) -> Work:
    """The work of clearing rounds of one size."""
    about = ABOUT.format(places=rounds.places, offers=rounds.offers)
    return Work(about, rounds.measure, rounds.figures, rounds.tables)


MIDDLE = work(Rounds(2_000, 50, 10, {20.0: 0.01, 60.0: 0.003}))
SMALL = work(Rounds(300, 20, 10, {20.0: 0.001}))
LARGE = work(Rounds(10_000, 200, 1, {120.0: 0.01}, most_bytes=4 * 10**9))
