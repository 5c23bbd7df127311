"""From wants to a round: whatever the wants and terms, the round is one, and nobody's limit is stretched."""

import json
import random
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.model import read_round
from millpond.replay.orders import Family, Orders, Step, Terms, Town, Want
from millpond.replay.pooling import middle, round_of
from millpond.replay.prepare import encode

FAMILIES = {
    id: Family(id, id.title(), "bag", load, group) for id, load, group in (("tea", 1, ""), ("rice", 5, "b"))
}
PLACES = {id: Town(id, 0, 0, people) for id, people in (("a", 900), ("b", None))}
LADDER = (Step(0, 90), Step(5_000, 80), Step(20_000, 70))
TERMS = Terms(LADDER, setup=50, capacity_percent=150, band_percent=125, freight_pooled=100, solidarity=0)


def want(number: int, place: str, family: str, maker: str, quantity: int, limit: int, odd: int) -> Want:
    paid = limit * quantity + min(odd, quantity - 1)
    return Want(f"h{number}", place, family, maker, quantity, paid, goods=paid - min(odd, paid - 1))


WANTS = st.lists(
    st.builds(
        want,
        st.integers(1, 5),
        st.sampled_from(sorted(PLACES)),
        st.sampled_from(sorted(FAMILIES)),
        st.sampled_from(("m1", "m2", "m3")),
        st.integers(1, 40),
        st.integers(1, 900),
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=25,
)
ALL_TERMS = st.builds(
    Terms,
    st.sampled_from(((), LADDER, LADDER[1:])),
    setup=st.integers(0, 1000),
    capacity_percent=st.integers(1, 400),
    band_percent=st.integers(100, 300),
    freight_pooled=st.integers(0, 100),
    solidarity=st.integers(0, 50),
)


def orders(wants: list[Want]) -> Orders:
    return Orders(
        id="some",
        currency="CNY",
        wants=wants,
        families=FAMILIES,
        places={id: PLACES[id] for id in {want.place for want in wants}},
        tariff=lambda maker, place: None if (maker, place) == ("m3", "b") else (60, 2),
        buyers="households",
        same_everywhere=True,
    )


@given(WANTS, ALL_TERMS)
def test_the_round_is_well_formed_and_holds_every_want(wants: list[Want], terms: Terms) -> None:
    value = round_of(orders(wants), terms)
    round = read_round(encode(value))
    assert sum(line.quantity for line in round.demand) == sum(want.quantity for want in wants)
    assert sum(line["x_paid"] for line in value["demand"]) == sum(want.paid for want in wants)
    sold: dict[str, int] = defaultdict(int)
    for one in wants:
        sold[f"{one.family} | {one.maker}"] += one.quantity
    assert {item.id for item in round.items} == set(sold)
    for offer in round.offers:
        units = sum(sold[made.item] for made in offer.items)
        assert offer.capacity == -(-units * terms.capacity_percent // 100)
        assert all(tier.from_quantity <= offer.capacity for tier in offer.tiers)
        prices = [tier.price for tier in offer.tiers]
        assert prices == sorted(prices, reverse=True)
        assert not (offer.maker == "m3" and any(row.place == "b" for row in offer.freight))


@given(WANTS, ALL_TERMS)
def test_nobodys_limit_is_stretched_and_bands_are_narrow(wants: list[Want], terms: Terms) -> None:
    value = round_of(orders(wants), terms)
    families = {item["id"]: item["family"] for item in value["items"]}
    for (place, family), own in _grouped(wants).items():
        lines = [line for line in value["demand"] if line["place"] == place]
        lines = [line for line in lines if families[line["accepts"][0]["item"]] == family]
        units = [limit for one in own for limit in [one.limit] * one.quantity]
        floors = [limit for line in lines for limit in [line["accepts"][0]["limit"]] * line["quantity"]]
        for limit, floor in zip(sorted(units), sorted(floors), strict=True):
            assert floor <= limit
            assert limit * 100 <= floor * terms.band_percent
        for line in lines:
            made = [item for item, of in families.items() if of == family]
            assert sorted(accepted["item"] for accepted in line["accepts"]) == sorted(made)


def _grouped(wants: list[Want]) -> dict[tuple[str, str], list[Want]]:
    groups: dict[tuple[str, str], list[Want]] = defaultdict(list)
    for one in wants:
        groups[one.place, one.family].append(one)
    return groups


@given(WANTS, st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(wants: list[Want], chance: random.Random) -> None:
    shuffled = wants[:]
    chance.shuffle(shuffled)
    assert encode(round_of(orders(wants), TERMS)) == encode(round_of(orders(shuffled), TERMS))


def test_a_ladder_in_units() -> None:
    """Shop price 3.33: a step starts where the run is worth it, and prices are rounded up."""
    one = Want("h", "a", "tea", "m1", 100, 33_300, 33_300)
    (offer,) = round_of(orders([one]), TERMS)["offers"]
    assert offer["tiers"] == [
        {"from": 1, "price": 300},
        {"from": 16, "price": 267},
        {"from": 61, "price": 234},
    ]
    assert (offer["setup"], offer["capacity"]) == (50, 150)


def test_without_a_ladder_a_consignment_carries_a_group_together() -> None:
    wants = [Want("h", "a", family, "m1", 10, 5_000, 4_000) for family in FAMILIES]
    terms = replace(TERMS, ladder=())
    together = round_of(
        replace(orders(wants), families={f: replace(FAMILIES[f], group="") for f in FAMILIES}), terms
    )
    assert [[made["surcharge"] for made in offer["items"]] for offer in together["offers"]] == [[400, 400]]
    assert [offer["capacity"] for offer in together["offers"]] == [30]
    assert len(round_of(orders(wants), terms)["offers"]) == 2


def test_a_reference_only_where_there_is_a_shop_price() -> None:
    one = Want("h", "a", "tea", "m1", 3, 100, 90)
    assert round_of(orders([one]), TERMS)["items"][0]["reference"] == 33
    assert "reference" not in round_of(replace(orders([one]), same_everywhere=False), TERMS)["items"][0]


def test_the_middle_is_the_lower_median() -> None:
    assert [middle(pairs) for pairs in ([(7, 1)], [(7, 1), (9, 1)], [(7, 1), (9, 2)])] == [7, 7, 9]
    with pytest.raises(ValueError, match="median of nothing"):
        middle([])


def test_the_file_has_a_row_a_line() -> None:
    value = round_of(orders([Want("h", "a", "tea", "m1", 3, 100, 90)]), TERMS)
    text = encode(value).decode()
    assert json.loads(text) == value
    assert text.count("\n") == len(value) + 2 + sum(
        1 + len(rows) for rows in value.values() if isinstance(rows, list)
    )
