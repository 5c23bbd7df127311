"""Third part of a report: what was made by whom, at which tier."""

from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from millpond.model import Offer, Run
from millpond.report import charts
from millpond.report.study import Study
from millpond.report.wording import Words, shortened

MOST_RUNS = 12
"""Runs shown one by one, largest first."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run beside what its offer said."""

    run: Run
    offer: Offer

    @property
    def unit_cost(self) -> Fraction:
        """What making a unit costs, all in: tier price, surcharges, its part of setup."""
        return Fraction(self.run.production, self.run.quantity)

    @property
    def to_next(self) -> int | None:
        """Units to the next tier, None at the last or where capacity ends before it."""
        after = self.offer.tiers[self.run.tier + 1 : self.run.tier + 2]
        reachable = (tier.from_quantity for tier in after if tier.from_quantity <= self.offer.capacity)
        return next((start - self.run.quantity for start in reachable), None)

    @property
    def at_best(self) -> bool:
        return self.to_next is None


def made(study: Study, w: Words) -> dict[str, object]:
    """What the template `made.html` shows."""
    offers = {offer.id: offer for offer in study.round.offers}
    rows = [RunRow(run, offers[run.offer]) for run in study.clearing.runs]
    rows.sort(key=lambda row: (-row.run.production, row.run.offer))
    shown = rows[:MOST_RUNS]
    return {
        "runs": rows,
        "shown": shown,
        "more": len(rows) - len(shown),
        "makers": len({row.offer.maker for row in rows}),
        "all_makers": len({offer.maker for offer in study.round.offers}),
        "at_best": sum(row.at_best for row in rows),
        "production": sum(row.run.production for row in rows),
        "freight": sum(row.run.freight for row in rows),
        "chart": _chart(shown, w) if shown else None,
    }


def _chart(shown: list[RunRow], w: Words) -> Markup:
    # Numbered as in the table: a maker may have several runs, and long names may begin alike.
    names = [f"{number} {shortened(row.offer.maker, 12)}" for number, row in enumerate(shown, 1)]
    rows = [
        {"group": name, "share": row.run.quantity / row.offer.capacity, "full": 1}
        for name, row in zip(names, shown, strict=True)
    ]
    ticks = [
        {"group": name, "share": tier.from_quantity / row.offer.capacity}
        for name, row in zip(names, shown, strict=True)
        for tier in row.offer.tiers
        if tier.from_quantity <= row.offer.capacity
    ]
    name = w.t("每个生产批次用掉的产能和到达的阶梯", "How much of its capacity each run used, and its tiers")
    return charts.ladders(rows, ticks, names, name)
