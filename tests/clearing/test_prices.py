"""Prices against the golden rounds, and the corners of the design one by one."""

from dataclasses import asdict, replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from millpond.clearing.prices import Consequences, Pricer, Rule, alone_total, follow, problems
from millpond.errors import InputError
from millpond.model import (
    Acceptance,
    Award,
    Freight,
    Item,
    Line,
    Offer,
    OfferItem,
    Place,
    Round,
    Tier,
    fraction_text,
)


def as_stated(follows: Consequences) -> dict[str, Any]:
    """Consequences in the words of a clearing file."""
    return {
        "runs": [asdict(run) for run in follows.runs],
        "levels": [
            {
                "family": row.family,
                "level": None if row.level is None else fraction_text(row.level),
                "short": row.short,
            }
            for row in follows.levels
        ],
        "prices": [
            {"place": row.place, "item": row.item, "price": fraction_text(row.price)}
            for row in follows.prices
        ],
        "bills": [
            asdict(bill) | {"payments": [asdict(row) for row in bill.payments]} for bill in follows.bills
        ],
        "settlements": [asdict(row) for row in follows.settlements],
        "score": follows.score,
    }


def test_golden_round(golden: Any) -> None:
    found = problems(golden.round, golden.awards)
    assert (not found) == golden.says["valid"]
    assert len(found) == len(golden.says.get("problems", []))
    if golden.says["valid"]:
        derived = as_stated(follow(golden.round, golden.awards))
        assert derived == {key: golden.says[key] for key in derived}


def line(id: str, place: str, quantity: int, *items: str, limit: int = 10_000, **more: Any) -> Line:
    accepts = tuple(Acceptance(item=item, limit=limit) for item in items)
    return Line(id=id, place=place, quantity=quantity, accepts=accepts, **more)


def offer(id: str, price: int, items: dict[str, int], places: dict[str, int], **more: Any) -> Offer:
    """An offer of one tier: surcharges by item, fixed freight by place."""
    more.setdefault("tiers", (Tier(from_quantity=1, price=price),))
    return Offer(
        id=id,
        maker=more.pop("maker", f"maker of {id}"),
        capacity=more.pop("capacity", 1_000),
        items=tuple(OfferItem(item=item, surcharge=surcharge) for item, surcharge in items.items()),
        freight=tuple(Freight(place=place, fixed=fixed) for place, fixed in places.items()),
        **more,
    )


def a_round(
    lines: tuple[Line, ...], offers: tuple[Offer, ...], families: dict[str, str] | None = None, **terms: Any
) -> Round:
    """A round of the items and places that its lines name."""
    items = sorted({entry.item for row in lines for entry in row.accepts})
    places = sorted({row.place for row in lines})
    return Round(
        id="r",
        currency="CNY",
        items=tuple(Item(id=item, family=(families or {}).get(item, item)) for item in items),
        places=tuple(Place(id=place) for place in places),
        demand=lines,
        offers=offers,
        **terms,
    )


def serve(*rows: tuple[str, str, str, int]) -> tuple[Award, ...]:
    return tuple(Award(demand=d, offer=o, item=i, quantity=q) for d, o, i, q in rows)


def test_an_alone_total_needs_one_offer_that_makes_all() -> None:
    sizes = {"s": "shirt", "xl": "shirt"}
    round = a_round(
        (line("d1", "p", 9, "s"), line("d2", "p", 9, "xl")),
        (
            offer("only-s", 10, {"s": 0}, {"p": 0}),
            offer("both", 50, {"s": 1, "xl": 2}, {"p": 7}, setup=100),
            offer("elsewhere", 1, {"s": 0, "xl": 0}, {}),
            offer("small", 1, {"s": 0, "xl": 0}, {"p": 0}, capacity=8),
        ),
        families=sizes,
    )
    assert alone_total(round, "p", {"s": 9}) == 90
    assert alone_total(round, "p", {"s": 4, "xl": 5}) == 100 + 7 + 50 * 9 + 1 * 4 + 2 * 5
    assert alone_total(round, "p", {"s": 4, "xl": 4}) == 8
    assert alone_total(round, "p", {"xl": 1_001}) is None
    with pytest.raises(ValueError, match="one family"):
        alone_total(round, "p", {})


def test_an_alone_total_takes_the_tier_of_the_place_s_own_units() -> None:
    tiers = (Tier(from_quantity=5, price=100), Tier(from_quantity=20, price=60))
    round = a_round(
        (line("d", "p", 99, "x"),), (offer("o", 0, {"x": 0}, {"p": 11}, tiers=tiers, capacity=50),)
    )
    totals = [alone_total(round, "p", {"x": units}) for units in (4, 5, 19, 20, 50, 51)]
    assert totals == [None, 511, 1_911, 1_211, 3_011, None]


def test_all_caps_exactly_met_gives_the_largest_cap_as_level() -> None:
    round = a_round(
        (line("d1", "p", 1, "x"), line("d2", "q", 1, "x")),
        (offer("o1", 0, {"x": 0}, {"p": 10}), offer("o2", 0, {"x": 0}, {"q": 30})),
    )
    follows = follow(round, serve(("d1", "o1", "x", 1), ("d2", "o2", "x", 1)))
    assert [(row.level, row.short) for row in follows.levels] == [(30, False)]
    assert [row.price for row in follows.prices] == [10, 30]


def test_surcharges_are_averaged_over_all_runs_of_an_item() -> None:
    round = a_round(
        (line("d1", "p", 3, "x"), line("d2", "q", 1, "x")),
        (
            offer("o1", 10, {"x": 8}, {"p": 0}, tiers=(Tier(from_quantity=2, price=10),)),
            offer("o2", 10, {"x": 0}, {"q": 0}, tiers=(Tier(from_quantity=1, price=10),)),
        ),
        solidarity=1_000,
    )
    follows = follow(round, serve(("d1", "o1", "x", 3), ("d2", "o2", "x", 1)))
    assert [row.price for row in follows.prices] == [16, 16]
    assert [row.level for row in follows.levels] == [10]
    assert [asdict(row) for row in follows.settlements] == [
        {"from_maker": "maker of o2", "to_maker": "maker of o1", "amount": 6}
    ]


def test_own_freight_is_rounded_down_and_the_rest_pooled() -> None:
    round = a_round(
        (line("d1", "p", 2, "x"), line("d2", "q", 2, "x")),
        (offer("o", 0, {"x": 0}, {"p": 7, "q": 0}, tiers=(Tier(from_quantity=3, price=0),)),),
        freight_pooled=50,
    )
    follows = follow(round, serve(("d1", "o", "x", 2), ("d2", "o", "x", 2)))
    assert [row.level for row in follows.levels] == [1]  # 3 of 7 are p's own, 4 are pooled
    assert [row.price for row in follows.prices] == [Fraction(5, 2), 1]


def test_the_earliest_date_of_the_served_lines_counts_for_the_alone_total() -> None:
    early, late = date(2026, 12, 1), date(2026, 12, 9)
    lines = (
        line("d1", "p", 1, "x", needed_by=late),
        line("d2", "p", 1, "x", needed_by=early),
        line("d3", "p", 1, "x"),
        line("d4", "q", 3, "x"),
    )
    offers = (
        offer("slow", 10, {"x": 0}, {"p": 0}, ready_on=late),
        offer("fast", 50, {"x": 0}, {"p": 0, "q": 0}, setup=60),
    )
    round = a_round(lines, offers)
    everything = serve(*((f"d{n}", "fast", "x", 1) for n in (1, 2, 3)), ("d4", "fast", "x", 3))
    assert alone_total(round, "p", {"x": 3}, early) == 210
    assert alone_total(round, "p", {"x": 3}, late) == 30
    assert [row.price for row in follow(round, everything).prices] == [60, 60]
    without_early = everything[:1] + everything[2:]
    short = follow(round, without_early)  # 20 and 210 alone, 310 together
    assert [row.price for row in short.prices] == [Fraction(20 * 310, 230 * 2), Fraction(210 * 310, 230 * 3)]


def price_below_zero() -> tuple[Round, tuple[Award, ...]]:
    """p's alone total is 20 for an a and a b, but its b has a surcharge of 100; r has no alone total."""
    return a_round(
        (line("d1", "p", 1, "a"), line("d2", "p", 1, "b"), line("d3", "r", 1, "a")),
        (
            offer("o1", 0, {"a": 0}, {"p": 0, "r": 0}, tiers=(Tier(from_quantity=2, price=0),)),
            offer("o2", 0, {"b": 100}, {"p": 0}),
            offer("o3", 10, {"a": 0, "b": 0}, {"p": 0}),
        ),
        families={"a": "f", "b": "f"},
    ), serve(("d1", "o1", "a", 1), ("d2", "o2", "b", 1), ("d3", "o1", "a", 1))


def test_a_surcharge_above_the_alone_total_can_make_a_price_of_its_family_negative() -> None:
    round, awards = price_below_zero()
    assert problems(round, awards) == ()
    assert Pricer(round).prices(awards) == {("p", "a"): -40, ("p", "b"): 60, ("r", "a"): 80}


def test_no_awards_no_consequences() -> None:
    round, _ = price_below_zero()
    assert follow(round, ()) == Consequences(runs=(), levels=(), prices=(), bills=(), settlements=(), score=0)


def test_must_serve_counts_cost_alone() -> None:
    lines = (line("d", "p", 2, "x", limit=0),)
    round = a_round(lines, (offer("o", 50, {"x": 1}, {"p": 5}),), must_serve=True)
    awards = serve(("d", "o", "x", 2))
    assert problems(round, awards) == ()
    assert follow(round, awards).score == -107


def test_value_is_capped_by_the_reference() -> None:
    lines = (line("d", "p", 2, "x", limit=500),)
    cheap = a_round(lines, (offer("o", 50, {"x": 0}, {"p": 0}),))
    round = replace(cheap, items=(Item(id="x", reference=80),))
    assert follow(cheap, serve(("d", "o", "x", 2))).score == 2 * 450
    assert follow(round, serve(("d", "o", "x", 2))).score == 2 * 30


@pytest.mark.parametrize("row", [("d", "nobody", "x", 2), ("nobody", "o", "x", 2), ("d", "o", "nothing", 2)])
def test_no_prices_follow_from_what_is_not_in_the_round(row: tuple[str, str, str, int]) -> None:
    round = a_round((line("d", "p", 2, "x"),), (offer("o", 50, {"x": 0}, {"p": 0}),))
    with pytest.raises(InputError, match="no such"):
        follow(round, serve(row))


def test_runs_over_any_capacity_are_priced_before_they_are_refused() -> None:
    most = 10**9
    round = a_round(
        tuple(line(f"d{n}", "p", most, "x", limit=5) for n in range(2)),
        (offer("o", 9, {"x": 0}, {"p": 0}, capacity=most),),
    )
    found = problems(round, serve(("d0", "o", "x", most), ("d1", "o", "x", most)))
    assert [problem.rule for problem in found] == [Rule.CAPACITY, Rule.LIMIT, Rule.LIMIT]
    assert [problem.excess for problem in found] == [most, Fraction(4), Fraction(4)]


def test_amounts_up_to_the_format_s_limit_stay_exact() -> None:
    price = 10**12 - 1
    round = a_round(
        tuple(line(f"d{n}", f"p{n}", 99_999, "x", limit=10**12) for n in range(3)),
        (offer("o", price, {"x": 0}, {"p0": 1, "p1": 0, "p2": 0}, setup=10**12),),
    )
    follows = follow(round, serve(*((f"d{n}", "o", "x", 99_999) for n in range(3))))
    total = price * 299_997 + 10**12 + 1
    assert sum(bill.amount for bill in follows.bills) == total
    assert follows.levels[0].level == Fraction(total, 299_997)
    assert [bill.amount - total // 3 for bill in follows.bills] == [int(total % 3 > 0), int(total % 3 > 1), 0]
