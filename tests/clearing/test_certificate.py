"""The bound: worked examples, deep trees, and no clearing above it."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import prod
from random import Random
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from millpond.clearing.certificate import BoundIndex, bound, gap_text
from millpond.clearing.prices import follow
from millpond.errors import InputError
from millpond.model import (
    MAX_LEAVES,
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
)


def one_offer(**terms: Any) -> Round:
    """One line of 10 units worth 100 each; tiers from 2, 6 and 20 at 50, 30 and 10, capacity 12."""
    starts = ((2, 50), (6, 30), (20, 10))
    return Round(
        id="r",
        currency="CNY",
        items=(Item(id="x"),),
        places=(Place(id="p"),),
        demand=(Line(id="d", place="p", quantity=10, accepts=(Acceptance(item="x", limit=100),)),),
        offers=(
            Offer(
                id="o",
                maker="m",
                capacity=12,
                setup=40,
                items=(OfferItem(item="x", surcharge=1),),
                tiers=tuple(Tier(from_quantity=start, price=price) for start, price in starts),
                freight=(Freight(place="p", fixed=7, per_load=3),),
            ),
        ),
        **terms,
    )


def leaf(d: int = 0, *o: int, **more: Any) -> Leaf:
    return Leaf(lines={"d": d} if d else {}, tiers={"o": o} if o else {}, **more)


def branch(tier: int, low: Leaf | Branch, high: Leaf | Branch) -> Branch:
    return Branch(offer="o", tier=tier, low=low, high=high)


def test_golden_bound(golden: Any) -> None:
    if golden.certificate is None:
        assert "bound" not in golden.says
    else:
        assert bound(golden.round, golden.certificate) == golden.says["bound"]


TIER_1 = 10 * (100 - 30 - 4) - 7 - 40


@pytest.mark.parametrize(
    ("tree", "value"),
    [
        (leaf(), TIER_1),
        (branch(1, leaf(), leaf()), TIER_1),
        (branch(1, leaf(), leaf(70)), 700 - 40),  # at 70 a unit nothing pays, but the run must be
        (branch(0, leaf(5), leaf()), TIER_1),
        (branch(0, leaf(700), leaf()), 7_000),
        (branch(2, leaf(), leaf(10**6)), TIER_1),  # tier 2 starts above the capacity: that leaf is skipped
        (branch(0, branch(1, leaf(), leaf(10**6)), leaf()), TIER_1),  # off, and at tier 1 or above: skipped
        (branch(0, leaf(), branch(1, leaf(), leaf(10**6))), 10**7 - 40),
        (leaf(66), 660),
        (
            leaf(0, 0, 66, 0),
            12 * 66 - 40,
        ),  # its threshold leaves nothing; mu > 0 counts the most the tier makes
        (leaf(0, -1, -1, -1), TIER_1 + 10 - 6),  # mu < 0 counts the least
        (leaf(0, 0, 0, 10**9), TIER_1),  # the tier that is not there counts nothing
    ],
)
def test_bound_by_hand(tree: Leaf | Branch, value: int) -> None:
    assert bound(one_offer(), Certificate(scale=1, tree=tree)) == value


def test_the_scale_divides_and_rounds_down() -> None:
    round = one_offer()
    assert bound(round, Certificate(scale=3, tree=leaf(200))) == (2_000 + 0) // 3
    assert bound(replace(round, must_serve=True), Certificate(scale=3, tree=leaf(-1))) == -4


def test_dates_items_and_places_that_do_not_join_count_nothing() -> None:
    round = one_offer()
    nowhere = replace(round, offers=(replace(round.offers[0], freight=()),))
    assert bound(nowhere, Certificate(scale=1, tree=leaf())) == 0


def test_a_chain_of_branches_as_deep_as_can_be() -> None:
    tree: Leaf | Branch = leaf()
    for depth in range(MAX_LEAVES - 1):
        tree = branch(depth % 3, tree, leaf()) if depth % 2 else branch(depth % 3, leaf(), tree)
    assert bound(one_offer(), Certificate(scale=1, tree=tree)) == TIER_1


def test_fewest_runs_are_those_of_the_leaf() -> None:
    base = one_offer(must_serve=True)
    offers = tuple(replace(base.offers[0], id=f"o{n}", capacity=5 + n) for n in range(3))
    index = BoundIndex(replace(base, offers=offers))

    def with_off(runs: int, *off: str) -> int:
        tree: Leaf | Branch = Leaf(runs=runs)
        for offer in off:
            # At -34 a unit it pays no offer to serve the line: 10 · -34, and 40 for the run that must be.
            tree = Branch(offer=offer, tier=0, low=tree, high=Leaf(lines={"d": -34}))
        return index.bound(Certificate(scale=1, tree=tree))

    # An offer that can run gives tau - 40 where that is above 0; the fewest runs for 10 units are taken off.
    assert with_off(30) == -2 * 30
    assert with_off(100) == -2 * 100 + 3 * 60
    assert with_off(100, "o2") == -2 * 100 + 2 * 60
    # A run of 6 cannot serve 10: no clearing is in that leaf, the one that has o0 on counts.
    assert with_off(100, "o0", "o2") == -340 - 40
    with pytest.raises(InputError, match="no leaf has the capacity"):
        bound(replace(base, offers=offers[:1]), Certificate(scale=1, tree=Leaf()))


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (Leaf(lines={"nobody": 1}), "no such line"),
        (Leaf(lines={"d": -1}), "below 0"),
        (Leaf(tiers={"nobody": (1,)}), "no such offer"),
        (Leaf(tiers={"o": (1, 2)}), "3 tiers"),
        (Leaf(tiers={"o": ()}), "3 tiers"),
        (Leaf(runs=1), "without must_serve"),
        (branch(3, leaf(), leaf()), "3 tiers"),
        (Branch(offer="nobody", tier=0, low=leaf(), high=leaf()), "no such offer"),
        (branch(2, leaf(), Leaf(lines={"nobody": 1})), "no such line"),  # in a leaf that is skipped, too
    ],
)
def test_certificates_that_do_not_fit_the_round(tree: Leaf | Branch, message: str) -> None:
    with pytest.raises(InputError, match=message):
        bound(one_offer(), Certificate(scale=1, tree=tree))


@pytest.mark.parametrize(
    ("score", "top", "text"),
    [
        (100, 100, "0.000000"),
        (0, 0, "0.000000"),
        (0, 1, "1.000000"),
        (-246, -240, "0.025000"),
        (-5, 0, "5.000000"),
        (999_999_999, 1_000_000_000, "0.000001"),
        (2, 3, "0.333334"),
        (3, 2, "-0.500000"),
        (10_000_001, 10_000_000, "0.000000"),
        (-(10**18), 1, "1000000000000000001.000000"),
    ],
)
def test_gap_is_rounded_up(score: int, top: int, text: str) -> None:
    assert gap_text(score, top) == text


def splits(quantity: int, ways: int) -> list[tuple[int, ...]]:
    """Every way to hand out at most `quantity` units."""
    return [row for row in product(range(quantity + 1), repeat=ways) if sum(row) <= quantity]


def best_score(round: Round, joins: dict[str, list[tuple[str, str]]]) -> int | None:
    """The best score of awards that keep quantities, minimum, capacities, tiers and dates: tries all."""
    choices = []
    for line in round.demand:
        rows = splits(line.quantity, len(joins[line.id]))
        least = line.quantity if round.must_serve else line.minimum
        choices.append([r for r in rows if sum(r) >= least or (sum(r) == 0 and not round.must_serve)])
    best = None
    assume(prod(map(len, choices)) <= 500)
    for chosen in product(*choices):
        awards = [
            (line, offer, item, units)
            for line, row in zip(round.demand, chosen, strict=True)
            for (offer, item), units in zip(joins[line.id], row, strict=True)
            if units
        ]
        score = plain_score(round, awards)
        if score is not None and (best is None or score > best):
            best = score
    return best


def plain_score(round: Round, awards: list[tuple[Line, str, str, int]]) -> int | None:
    """Value less cost, added up one by one; None if a run is too large or too small."""
    items = {item.id: item for item in round.items}
    score = 0
    for offer in round.offers:
        mine = [(line, items[item], units) for line, of, item, units in awards if of == offer.id]
        made = sum(units for _, _, units in mine)
        if not made:
            continue
        prices = [tier.price for tier in offer.tiers if tier.from_quantity <= made]
        if made > offer.capacity or not prices:
            return None
        surcharge = {entry.item: entry.surcharge for entry in offer.items}
        row_of = {row.place: row for row in offer.freight}
        score -= offer.setup + prices[-1] * made
        score -= sum(row_of[place].fixed for place in {line.place for line, _, _ in mine})
        for line, item, units in mine:
            limit = next(entry.limit for entry in line.accepts if entry.item == item.id)
            value = limit if item.reference is None else min(limit, item.reference)
            unit = surcharge[item.id] + item.load * row_of[line.place].per_load
            score += units * ((0 if round.must_serve else value) - unit)
    return score


@given(st.data())
@pytest.mark.parametrize("must_serve", [False, True])
def test_no_clearing_passes_the_bound(make: Any, must_serve: bool, data: st.DataObject) -> None:
    sizes = make.sizes(families=2, places=2, lines=3, offers=3, quantity=2)
    round, _ = data.draw(make.cases(sizes, must_serve=(must_serve,)))
    joins = {line: pairs[:3] for line, pairs in make.joins(round).items()}
    best = best_score(round, joins)
    if best is None:
        return
    index = BoundIndex(round)
    rng = Random(data.draw(st.integers(0, 2**32)))
    for branches in (0, 0, 1, 3, 7):
        certificate = make.certificate(rng, round, branches)
        assert index.bound(certificate) >= best


@given(st.data())
def test_score_is_value_less_cost(make: Any, data: st.DataObject) -> None:
    round, awards = data.draw(make.cases())
    lines = {line.id: line for line in round.demand}
    rows = [(lines[a.demand], a.offer, a.item, a.quantity) for a in awards]
    assert follow(round, awards).score == plain_score(round, rows)


@given(st.data())
def test_the_bound_does_not_depend_on_the_order_of_rows(make: Any, data: st.DataObject) -> None:
    round, _ = data.draw(make.cases())
    certificate = make.certificate(Random(data.draw(st.integers(0, 2**32))), round, 3)
    other = replace(round, demand=round.demand[::-1], offers=round.offers[::-1], items=round.items[::-1])
    assert bound(round, certificate) == bound(other, certificate)


@given(st.data())
def test_the_bound_is_what_the_design_says_term_by_term(make: Any, data: st.DataObject) -> None:
    round, _ = data.draw(make.cases(must_serve=(False, True)))
    certificate = make.certificate(Random(data.draw(st.integers(0, 2**32))), round, 4)
    values = []
    paths: list[tuple[Leaf | Branch, tuple[tuple[str, int, bool], ...]]] = [(certificate.tree, ())]
    while paths:
        node, path = paths.pop()
        if isinstance(node, Branch):
            paths += [(node.low, (*path, (node.offer, node.tier, False)))]
            paths += [(node.high, (*path, (node.offer, node.tier, True)))]
        elif (value := leaf_by_the_book(round, certificate.scale, node, path)) is not None:
            values.append(value)
    if values:
        assert bound(round, certificate) == max(values) // certificate.scale
    else:
        with pytest.raises(InputError):
            bound(round, certificate)


def leaf_by_the_book(
    round: Round, scale: int, leaf: Leaf, path: tuple[tuple[str, int, bool], ...]
) -> Fraction | None:
    items = {item.id: item for item in round.items}
    total = Fraction(sum(leaf.lines.get(line.id, 0) * line.quantity for line in round.demand))
    sizes = []
    for offer in round.offers:
        allowed = [None, *range(len(offer.tiers))]
        for name, tier, high in path:
            if name == offer.id:
                allowed = [k for k in allowed if (k is not None and k >= tier) == high]
        ends = [tier.from_quantity - 1 for tier in offer.tiers[1:]] + [offer.capacity]
        terms = [0] if None in allowed else []
        largest = 0
        for k, tier in enumerate(offer.tiers):
            least, most = tier.from_quantity, min(offer.capacity, ends[k])
            if k not in allowed or most < least:
                continue
            largest = max(largest, most)
            mu = leaf.tiers.get(offer.id, (0,) * len(offer.tiers))[k]
            term = leaf.runs - scale * offer.setup + (most if mu >= 0 else least) * mu
            for row in offer.freight:
                gain = 0
                for line in round.demand:
                    late = offer.ready_on and line.needed_by and offer.ready_on > line.needed_by
                    worths = []
                    for entry in line.accepts:
                        for made in offer.items:
                            if made.item == entry.item and line.place == row.place and not late:
                                item = items[entry.item]
                                value = min(
                                    entry.limit, entry.limit if item.reference is None else item.reference
                                )
                                value = 0 if round.must_serve else value
                                worths.append(value - tier.price - made.surcharge - item.load * row.per_load)
                    if worths:
                        gain += line.quantity * max(0, scale * max(worths) - leaf.lines.get(line.id, 0) - mu)
                term += max(0, gain - scale * row.fixed)
            terms.append(term)
        if not terms:
            return None
        sizes.append(largest)
        total += max(terms)
    missing, runs = sum(line.quantity for line in round.demand), 0
    for size in sorted(sizes, reverse=True):
        if missing > 0:
            missing, runs = missing - size, runs + 1
    return None if round.must_serve and missing > 0 else total - leaf.runs * runs


def test_awards_take_no_part_in_the_bound() -> None:
    round = one_offer()
    awards = (Award(demand="d", offer="o", item="x", quantity=10),)
    assert follow(round, awards).score == TIER_1 == bound(round, Certificate(scale=1, tree=leaf()))
