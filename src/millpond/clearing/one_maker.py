"""The clearing of rounds in which nobody chooses between makers: exact, with the standard library alone.

Which rounds: each demand line can be served by one offer at most, each offer serves lines of one place at
most, and each family is made by one offer at most. A leader's order from one maker is such a round; so is one
from several makers of different things. Each offer is then decided for itself: its runs, prices and scores
hang on nothing else.

The way of the data: round -> `runs_of` -> `one_search` for each run (or everything, with `must_serve`) ->
`one_bound` for the certificate -> `finish`.

- Always valid, always with a certificate. `proven` says that no valid clearing has a higher score, which is
  more than the certificate can say: that one knows no prices.
- Work is bounded by counts; beyond it, or when the budget ends, it is the best so far and not `proven`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from millpond.clearing.budget import Budget, Progress
from millpond.clearing.certificate import bound, gap
from millpond.clearing.finish import finish
from millpond.clearing.one_bound import certificate_of, serving_certificate
from millpond.clearing.one_run import Run, Step, run_of
from millpond.clearing.one_search import MOST_LOOKS, Search
from millpond.clearing.totals import Meter
from millpond.errors import CannotServe
from millpond.model import Award, Certificate, Clearing, Line, Offer, Round

LEAST_LOOKS = 20_000
"""Work on each of very many runs."""


class Beyond(Exception):
    """Not such a round; the message says why."""


class OneMaker(NamedTuple):
    """A clearing, and whether no valid one has a higher score."""

    clearing: Clearing
    proven: bool


def runs_of(round: Round) -> list[Run]:
    """The runs that there could be, in the order of offers.

    Raises Beyond if any two hang on each other; a round of many makers shows that at its first line.
    """
    made = {o.id: frozenset(row.item for row in o.items) for o in round.offers}
    offers_at: dict[str, list[Offer]] = {}
    family_of = {item.id: item.family for item in round.items}
    lines: dict[str, list[Line]] = {}
    place_of: dict[str, str] = {}
    maker_of: dict[str, str] = {}
    for line in round.demand:
        if line.place not in offers_at:
            offers_at[line.place] = _delivering(round, line.place)
        able = [offer for offer in offers_at[line.place] if _could_serve(offer, made[offer.id], line)]
        if len(able) > 1:
            raise Beyond(f"{able[0].id} and {able[1].id} could both serve line {line.id}")
        for offer in able:
            if place_of.setdefault(offer.id, line.place) != line.place:
                raise Beyond(f"{offer.id} could serve lines at {place_of[offer.id]} and at {line.place}")
            for family in {family_of[a.item] for a in line.accepts if a.item in made[offer.id]}:
                if maker_of.setdefault(family, offer.id) != offer.id:
                    raise Beyond(f"{maker_of[family]} and {offer.id} could both make {family}")
            lines.setdefault(offer.id, []).append(line)
    return [run_of(round, offer, lines[offer.id]) for offer in round.offers if offer.id in lines]


def _delivering(round: Round, place: str) -> list[Offer]:
    """The offers that can run at all and deliver to a place."""
    return [
        offer
        for offer in round.offers
        if offer.tiers[0].from_quantity <= offer.capacity and any(row.place == place for row in offer.freight)
    ]


def _could_serve(offer: Offer, made: frozenset[str], line: Line) -> bool:
    late = line.needed_by is not None and offer.ready_on is not None and offer.ready_on > line.needed_by
    return not late and any(accepted.item in made for accepted in line.accepts)


def clear_one_maker(round: Round, budget: Budget, progress: Callable[[Progress], None]) -> OneMaker:
    """The best clearing of such a round. Raises Beyond for another one, and CannotServe."""
    began = budget.clock()
    runs = runs_of(round)
    if round.must_serve:
        awards, steps = _everything(round, runs)
        certificate = serving_certificate(runs, steps, _cost(runs, steps))
        proven = True
    else:
        certificate = certificate_of(runs)
        awards, proven = _best(round, runs, certificate, budget, progress, began)
    clearing = finish(round, awards, certificate)
    left = float(gap(clearing.score, clearing.bound))
    phase = "proven" if proven else "best found"
    progress(Progress(budget.clock() - began, phase, clearing.score, clearing.bound, left, proven))
    return OneMaker(clearing, proven)


def _best(
    round: Round,
    runs: list[Run],
    certificate: Certificate,
    budget: Budget,
    progress: Callable[[Progress], None],
    began: float,
) -> tuple[list[Award], bool]:
    """The best awards of all runs, and whether they are proven to be."""
    above, proven = bound(round, certificate), True
    known: dict[str, int] = {}

    def tell(offer: str, score: int) -> None:
        known[offer] = score
        total = sum(known.values())
        left = float(gap(total, above))
        progress(Progress(budget.clock() - began, "one maker", total, above, left))

    awards: list[Award] = []
    for run in runs:
        offer = run.offer.id
        meter = Meter(max(LEAST_LOOKS, MOST_LOOKS // len(runs)), lambda: not budget.left)
        search = Search(run, meter, lambda score, offer=offer: tell(offer, score))  # type: ignore[misc]
        proven &= search.find()
        served = search.best.served.items()
        awards += _awards(offer, ((run.wants[n].id, way.item, units) for (n, _), (way, units) in served))
    return awards, proven


def _everything(round: Round, runs: list[Run]) -> tuple[list[Award], list[Step]]:
    """All lines in full, each with what is cheapest for it, and the tiers that this reaches."""
    served = {want.id for run in runs for want in run.wants}
    in_the_way = [line.id for line in round.demand if line.id not in served]
    awards: list[Award] = []
    steps: list[Step] = []
    for run in runs:
        demand = sum(want.quantity for want in run.wants)
        step = next((step for step in run.steps if step.least <= demand <= step.most), None)
        if step is None:
            in_the_way += [want.id for want in run.wants]
        else:
            steps.append(step)
        awards += _awards(run.offer.id, ((want.id, want.ways[0].item, want.quantity) for want in run.wants))
    if in_the_way:
        raise CannotServe(in_the_way)
    return awards, steps


def _cost(runs: list[Run], steps: list[Step]) -> int:
    """Of all lines served with what is cheapest for them."""
    return sum(
        run.once + sum(want.quantity * (step.price - want.ways[0].worth) for want in run.wants)
        for run, step in zip(runs, steps, strict=True)
    )


def _awards(offer: str, served: Iterable[tuple[str, str, int]]) -> list[Award]:
    return [Award(demand=line, offer=offer, item=item, quantity=units) for line, item, units in served]
