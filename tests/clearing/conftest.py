"""Rounds for the tests of clearing: the golden ones, and small ones drawn at random with awards."""

import json
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st

from millpond.clearing.prices import Pricer, Rule
from millpond.model import (
    Acceptance,
    Award,
    Branch,
    Certificate,
    Freight,
    Item,
    Leaf,
    Line,
    Offer,
    OfferItem,
    Place,
    Round,
    Tier,
    read_round,
)

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.json"))
DAYS = (None, None, date(2026, 12, 1), date(2026, 12, 2))
LIMITS = (0, 50, 150, 300, 1_000, 10_000)
REFERENCES = (None, None, 100, 400)


class Golden(NamedTuple):
    """A worked round: what it says, its round, awards and certificate."""

    says: dict[str, Any]
    round: Round
    awards: tuple[Award, ...]
    certificate: Certificate | None


def read_golden(path: Path) -> Golden:
    says = json.loads(path.read_text(encoding="utf-8"))
    round = read_round(json.dumps(says["round"]).encode())
    awards = tuple(Award(**row) for row in says["awards"])
    stated = says.get("certificate")
    certificate = None if stated is None else Certificate(scale=stated["scale"], tree=_node(stated["tree"]))
    return Golden(says, round, awards, certificate)


def _node(stated: dict[str, Any]) -> Leaf | Branch:
    if "offer" in stated:
        low, high = _node(stated["low"]), _node(stated["high"])
        return Branch(offer=stated["offer"], tier=stated["tier"], low=low, high=high)
    tiers = {offer: tuple(row) for offer, row in stated.get("tiers", {}).items()}
    return Leaf(lines=stated.get("lines", {}), tiers=tiers, runs=stated.get("runs", 0))


@pytest.fixture(params=GOLDEN, ids=lambda path: path.stem)
def golden(request: pytest.FixtureRequest) -> Golden:
    return read_golden(request.param)


class Case(NamedTuple):
    """A round and awards from which prices follow."""

    round: Round
    awards: tuple[Award, ...]


class Sizes(NamedTuple):
    """How large a drawn round is at most; drawn numbers are from 1 to these."""

    families: int = 3
    places: int = 3
    lines: int = 6
    offers: int = 4
    quantity: int = 12


SIZES = Sizes()
ANY_TERMS = {
    "freight_pooled": (0, 37, 100, 100),
    "solidarity": (0, 0, 0, 10, 25, 1_000),
    "must_serve": (False,),
}


def make_round(rng: Random, sizes: Sizes, terms: dict[str, tuple[Any, ...]]) -> Round:
    """A round with everything the format has: families, dates, minimum, tiers, surcharges, loads, holes."""
    items = [
        Item(id=f"{'abcdef'[family]}{size}", family=f"f{family}", load=load, reference=rng.choice(REFERENCES))
        for family in range(sizes.families)
        for load in [rng.choice((0, 1, 1, 3))]
        for size in range(rng.choice((1, 1, 2)))
    ]
    ids = [item.id for item in items]
    towns = [f"p{number}" for number in range(sizes.places)]
    demand = []
    for number in range(sizes.lines):
        asked = rng.randint(1, sizes.quantity)
        accepted = rng.sample(ids, min(len(ids), rng.choice((1, 1, 2, 3))))
        line = Line(
            id=f"d{number}",
            place=rng.choice(towns),
            quantity=asked,
            minimum=rng.choice((1, 1, 1, rng.randint(1, asked))),
            needed_by=rng.choice(DAYS),
            accepts=tuple(Acceptance(item=item, limit=rng.choice(LIMITS)) for item in accepted),
        )
        demand.append(line)
    return Round(
        id="drawn",
        currency="CNY",
        items=tuple(items),
        places=tuple(Place(id=place) for place in towns),
        demand=tuple(demand),
        offers=tuple(_make_offer(rng, f"o{number}", ids, towns, sizes) for number in range(sizes.offers)),
        **{name: rng.choice(values) for name, values in terms.items()},
    )


def _make_offer(rng: Random, id: str, items: list[str], towns: list[str], sizes: Sizes) -> Offer:
    most = 2 * sizes.quantity
    starts = {rng.choice((1, 1, rng.randint(1, most)))} | {
        rng.randint(2, most) for _ in range(rng.randint(0, 2))
    }
    made = rng.sample(items, rng.choice((len(items), rng.randint(1, len(items)))))
    reached = rng.sample(towns, rng.choice((len(towns), len(towns), rng.randint(0, len(towns)))))
    return Offer(
        id=id,
        maker=rng.choice(("m0", "m1", "m2")),
        capacity=rng.randint(1, 2 * most),
        items=tuple(
            OfferItem(item=item, surcharge=rng.choice((0, 0, rng.randint(0, 40), 500))) for item in made
        ),
        tiers=tuple(
            Tier(from_quantity=start, price=rng.choice((0, *range(10, 200)))) for start in sorted(starts)
        ),
        setup=rng.choice((0, rng.randint(0, 300))),
        ready_on=rng.choice(DAYS),
        freight=tuple(
            Freight(
                place=place, fixed=rng.choice((0, rng.randint(0, 300))), per_load=rng.choice((0, 1, 7, 20))
            )
            for place in reached
        ),
    )


def joins(round: Round) -> dict[str, list[tuple[str, str]]]:
    """The (offer, item) pairs that each line can be served with, dates and delivery considered."""
    items_of = {offer.id: {made.item for made in offer.items} for offer in round.offers}
    places_of = {offer.id: {row.place for row in offer.freight} for offer in round.offers}
    return {
        line.id: [
            (offer.id, accepted.item)
            for offer in round.offers
            for accepted in line.accepts
            if accepted.item in items_of[offer.id]
            and line.place in places_of[offer.id]
            and (line.needed_by is None or offer.ready_on is None or offer.ready_on <= line.needed_by)
        ]
        for line in round.demand
    }


def make_awards(rng: Random, round: Round) -> list[Award]:
    """Awards of lines to what can serve them, some in part, some to several offers."""
    awards = []
    for line_id, pairs in joins(round).items():
        line = next(line for line in round.demand if line.id == line_id)
        left = rng.choice((line.quantity, line.quantity, rng.randint(0, line.quantity)))
        for offer, item in rng.sample(pairs, min(len(pairs), rng.choice((1, 1, 2, 3)))):
            if left:
                taken = rng.choice((left, left, rng.randint(1, left)))
                awards.append(Award(demand=line_id, offer=offer, item=item, quantity=taken))
                left -= taken
    return awards


def kept(round: Round, awards: list[Award], keep_limits: bool) -> tuple[Award, ...]:
    """Awards without the lines and runs that break a rule; lines that must be served may be missing."""
    pricer = Pricer(round)
    left_alone = {Rule.SERVE} if keep_limits else {Rule.SERVE, Rule.LIMIT}
    while found := [problem for problem in pricer.problems(awards) if problem.rule not in left_alone]:
        worst = found[0]
        awards = [a for a in awards if worst.demand != a.demand and (worst.demand or worst.offer != a.offer)]
    return tuple(awards)


@st.composite
def _cases(
    draw: st.DrawFn, sizes: Sizes = SIZES, *, keep_limits: bool = False, **terms: tuple[Any, ...]
) -> Case:
    """A round and awards that keep every rule but perhaps limits. Sizes shrink; the rest hangs on a seed."""
    drawn = Sizes(*(draw(st.integers(1, most)) for most in sizes))
    rng = Random(draw(st.integers(0, 2**32)))
    round = make_round(rng, drawn, ANY_TERMS | terms)
    awards = kept(round, make_awards(rng, round), keep_limits)
    return Case(round, awards)


def make_certificate(rng: Random, round: Round, branches: int) -> Certificate:
    """Any certificate that fits the round: a tree of random shape, random multipliers."""
    scale = rng.choice((1, 3, 1_000))

    def signed(most: int) -> int:
        return rng.randint(-most, most) * scale

    def node(left: int) -> Leaf | Branch:
        if left:
            offer = rng.choice(round.offers)
            below = rng.randint(0, left - 1)
            tier = rng.randrange(len(offer.tiers))
            return Branch(offer=offer.id, tier=tier, low=node(below), high=node(left - 1 - below))
        price = (lambda: signed(300)) if round.must_serve else (lambda: abs(signed(300)))
        return Leaf(
            lines={line.id: price() for line in round.demand if rng.random() < 0.8},
            tiers={o.id: tuple(signed(100) for _ in o.tiers) for o in round.offers if rng.random() < 0.8},
            runs=abs(signed(200)) if round.must_serve else 0,
        )

    return Certificate(scale=scale, tree=node(branches))


class Make(NamedTuple):
    """What test modules need from here: they cannot import it."""

    sizes = Sizes
    cases = staticmethod(_cases)
    joins = staticmethod(joins)
    certificate = staticmethod(make_certificate)


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make
