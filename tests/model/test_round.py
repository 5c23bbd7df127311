"""Rounds made in Python obey the same rules as rounds read from files."""

import dataclasses
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from plain_rounds import encoded, example_round, plain_rounds

from millpond.errors import InputError
from millpond.model import (
    Acceptance,
    Freight,
    Item,
    Line,
    Offer,
    OfferItem,
    Place,
    Round,
    Tier,
    encode_round,
    read_round,
    unit_value,
)

ITEM = Item(id="x")
PLACE = Place(id="a")


def line(**changes: Any) -> Line:
    given = {"id": "d", "place": "a", "quantity": 10, "accepts": (Acceptance(item="x", limit=5),)}
    return Line(**(given | changes))


def offer(**changes: Any) -> Offer:
    given = {
        "id": "o",
        "maker": "m",
        "capacity": 10,
        "items": (OfferItem(item="x"),),
        "tiers": (Tier(from_quantity=1, price=3),),
        "freight": (Freight(place="a"),),
    }
    return Offer(**(given | changes))


def round_of(**changes: Any) -> Round:
    given = {
        "id": "r",
        "currency": "CNY",
        "items": (ITEM,),
        "places": (PLACE,),
        "demand": (line(),),
        "offers": (offer(),),
    }
    return Round(**(given | changes))


def test_defaults() -> None:
    round = round_of()
    assert (round.freight_pooled, round.solidarity, round.must_serve, round.sha256) == (100, 0, False, "")
    assert (ITEM.name, ITEM.unit, ITEM.load, ITEM.reference, ITEM.family) == ({}, "unit", 1, None, "x")
    assert (round.demand[0].minimum, round.demand[0].needed_by) == (1, None)
    assert (round.offers[0].setup, round.offers[0].ready_on) == (0, None)
    assert (round.offers[0].freight[0].fixed, round.offers[0].freight[0].per_load) == (0, 0)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: Item(id=3), "id: 3 is not a text"),
        (lambda: line(quantity=True), "quantity: true is not an integer"),
        (lambda: line(quantity=2.0), "quantity: 2.0 is not an integer"),
        (lambda: line(needed_by="2026-12-24"), 'needed_by: "2026-12-24" is not a date'),
        (
            lambda: line(accepts=[Acceptance(item="x", limit=5)]),
            "accepts: a list of 1 is not a tuple of Acceptance",
        ),
        (lambda: line(accepts=(OfferItem(item="x"),)), "accepts: a list of 1 is not a tuple of Acceptance"),
        (
            lambda: offer(tiers=(Tier(from_quantity=2, price=1), Tier(from_quantity=2, price=1))),
            "tiers[1].from: 2",
        ),
        (lambda: round_of(places=()), 'demand[0].place: "a" is not the id of a place'),
        (lambda: round_of(offers=(offer(), offer())), 'offers[1].id: "o" stands at [0] already'),
        (lambda: round_of(items=(ITEM, Item(id="y", family="x", load=2))), "items[1].load: 2 is not 1"),
    ],
)
def test_construction_checks(make: Any, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        make()
    assert str(caught.value).startswith(expected)


def test_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        round_of().demand[0].quantity = 11  # type: ignore[misc]


def test_items_and_lines_are_hashable() -> None:
    assert len({ITEM, PLACE, line(), offer()}) == 4


@pytest.mark.parametrize(("limit", "reference", "value"), [(5, None, 5), (5, 4, 4), (5, 6, 5), (5, 0, 0)])
def test_value_of_a_unit(limit: int, reference: int | None, value: int) -> None:
    assert unit_value(limit, reference) == value


def big(*, quantity: int, limit: int, must_serve: bool = False, **costs: Any) -> Round:
    accepts = (Acceptance(item="x", limit=limit),)
    one = offer(
        setup=costs.get("setup", 0),
        tiers=(Tier(from_quantity=1, price=costs.get("price", 0)),),
        items=(OfferItem(item="x", surcharge=costs.get("surcharge", 0)),),
        freight=(Freight(place="a", fixed=costs.get("fixed", 0), per_load=costs.get("per_load", 0)),),
    )
    item = Item(id="x", load=costs.get("load", 1))
    demand = (line(quantity=quantity, accepts=accepts),)
    return round_of(items=(item,), demand=demand, offers=(one,), must_serve=must_serve)


M, G, T = 10**6, 10**9, 10**12


@pytest.mark.parametrize(
    ("fits", "passes"),
    [
        ({"quantity": M, "limit": T}, {"quantity": M + 1, "limit": T}),
        ({"quantity": M, "limit": 0, "price": T}, {"quantity": M, "limit": 0, "price": T, "fixed": 1}),
        (
            {"quantity": M, "limit": 0, "surcharge": T},
            {"quantity": M, "limit": 0, "surcharge": T, "setup": 1},
        ),
        (
            {"quantity": 1, "limit": 0, "load": M, "per_load": T},
            {"quantity": 1, "limit": 0, "load": M, "per_load": T, "price": 1},
        ),
        ({"quantity": G, "limit": T, "must_serve": True}, {"quantity": G, "limit": T}),
    ],
)
def test_totals_are_bounded_exactly(fits: dict[str, Any], passes: dict[str, Any]) -> None:
    big(**fits)
    with pytest.raises(InputError, match=r"total (value|cost) is at most 10\^18"):
        big(**passes)


def test_costs_that_no_line_can_have_do_not_count() -> None:
    """The rough bound is 10^27 here; what a line could really be given is cheap."""
    dear = offer(
        id="dear", items=(OfferItem(item="y", surcharge=T),), freight=(Freight(place="a", per_load=T),)
    )
    elsewhere = offer(
        id="far", tiers=(Tier(from_quantity=1, price=T),), freight=(Freight(place="b", per_load=T),)
    )
    round_of(
        items=(ITEM, Item(id="y", load=M)),
        places=(PLACE, Place(id="b")),
        demand=(line(quantity=G),),
        offers=(offer(), dear, elsewhere),
    )


@given(plain_rounds())
def test_written_and_read_again_it_is_the_same(plain: dict[str, Any]) -> None:
    round = read_round(encoded(plain))
    data = encode_round(round)
    assert read_round(data) == round
    assert encode_round(read_round(data)) == data


def test_written_without_defaults() -> None:
    plain = example_round(freight_pooled=100, solidarity=0)
    text = encode_round(read_round(encoded(plain))).decode()
    for gone in (
        "freight_pooled",
        "solidarity",
        "must_serve",
        "x_",
        '"fixed": 0',
        '"surcharge": 0',
        '"family": "rice-black"',
    ):
        assert gone not in text
    assert '"needed_by": "2026-12-24"' in text
    assert "永泰" in text
    assert text.endswith("}\n")


def test_dates_are_dates() -> None:
    assert read_round(encoded(example_round())).demand[0].needed_by == date(2026, 12, 24)
