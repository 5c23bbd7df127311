"""The fixed basket: worked by hand, and against golden prices."""

import pytest

from millpond.equality.basket import (
    Basket,
    Quote,
    alone_quotes,
    basket_costs,
    can_buy,
    fixed_basket,
    pool_quotes,
)

TWO_TOWNS = {
    "items": [
        {"id": "s", "family": "shirt", "reference": 100},
        {"id": "xl", "family": "shirt", "reference": 120},
        {"id": "hat", "reference": 60},
    ],
    "places": [{"id": "big"}, {"id": "small"}],
    "demand": [
        {"id": "d1", "place": "big", "quantity": 30, "accepts": [{"item": "s", "limit": 100}]},
        {"id": "d2", "place": "small", "quantity": 10, "accepts": [{"item": "xl", "limit": 120}]},
        {"id": "d3", "place": "big", "quantity": 5, "accepts": [{"item": "hat", "limit": 60}]},
    ],
    "offers": [
        {
            "id": "o",
            "maker": "m",
            "capacity": 100,
            "items": [{"item": "s"}, {"item": "xl", "surcharge": 20}, {"item": "hat"}],
            "tiers": [{"from": 10, "price": 80}, {"from": 30, "price": 50}],
            "freight": [{"place": "big"}, {"place": "small", "fixed": 40}],
        }
    ],
}
AWARDS = [("d1", "o", "s", 30), ("d2", "o", "xl", 10), ("d3", "o", "hat", 5)]


def test_alone_by_hand(cleared):
    round, clearing = cleared(TWO_TOWNS, AWARDS)
    assert alone_quotes(round, clearing.awards) == {
        ("big", "shirt"): (Quote(30, 50.0),),
        # (10 × (80 + 20) + 40) / 10 = 104 for an xl, of which 20 are the surcharge.
        ("small", "shirt"): (Quote(10, 84.0),),
        # Five hats alone are below the first tier.
        ("big", "hat"): (Quote(5, None),),
    }


def test_pool_by_hand(cleared):
    """45 units at 50; the shirts' 40 of freight is pooled over 40 shirts: 51, and 71 for an xl."""
    round, clearing = cleared(TWO_TOWNS, AWARDS)
    assert {(row.place, row.item): row.price for row in clearing.prices} == {
        ("big", "s"): 50,  # as much as alone, and no more
        ("small", "xl"): 74,
        ("big", "hat"): 50,
    }
    quotes = pool_quotes(round, clearing.awards, clearing.prices)
    assert quotes == {
        ("big", "shirt"): (Quote(1, 50.0),),
        ("small", "shirt"): (Quote(1, 54.0),),
        ("big", "hat"): (Quote(1, 50.0),),
    }


def test_the_basket_by_hand(cleared):
    round, clearing = cleared(TWO_TOWNS, AWARDS)
    alone, whole = alone_quotes(round, clearing.awards), pool_quotes(round, clearing.awards, clearing.prices)
    basket = fixed_basket(round, clearing.awards, [alone, whole], {"big", "small"})
    # Shirts: 40 units at two places; with hats only the big place is left: (40 + 5) × (30 + 5) < 40 × (35 +
    # 10).
    assert basket.weights == {"shirt": 1.0}
    assert basket.part == pytest.approx(40 / 45)
    assert basket.places == {"big": 30, "small": 10}
    # The mix of three s to one xl has a surcharge of 5 and a price of 105 in the shop.
    assert basket.surcharges == {"shirt": 5.0}
    assert basket.shop == {"shirt": 105.0}
    assert {place: cost.amount for place, cost in basket_costs(basket, alone).items()} == {
        "big": 55,
        "small": 89,
    }
    assert {place: cost.amount for place, cost in basket_costs(basket, whole).items()} == {
        "big": 55,
        "small": 59,
    }
    only_big = fixed_basket(round, clearing.awards, [alone, whole], {"big"})
    assert only_big.weights == pytest.approx({"shirt": 40 / 45, "hat": 5 / 45})
    assert only_big.places == {"big": 35}
    # The hat is not to be had alone: it is bought in the shop, at 60.
    cost = basket_costs(only_big, alone)["big"]
    assert cost.amount == pytest.approx(55 * 40 / 45 + 60 * 5 / 45)
    assert cost.pooled == pytest.approx(40 / 45)


def test_the_shop_where_it_is_cheaper():
    basket = Basket(weights={"f": 1.0}, surcharges={"f": 10.0}, shop={"f": 50.0}, places={"p": 4})
    quotes = {("p", "f"): (Quote(3, 30.0), Quote(1, 60.0))}
    cost = basket_costs(basket, quotes)["p"]
    assert (cost.amount, cost.pooled) == ((3 * 40 + 50) / 4, 0.75)
    assert basket_costs(basket, {})["p"].amount == 50


def test_without_a_shop_price_a_quote_is_needed():
    basket = Basket(weights={"f": 1.0}, surcharges={"f": 0.0}, shop={"f": None}, places={"p": 4})
    assert can_buy(basket, {("p", "f"): (Quote(1, 30.0),)})
    assert not can_buy(basket, {("p", "f"): (Quote(1, 30.0), Quote(1, None))})
    assert not can_buy(basket, {})
    with pytest.raises(ValueError, match="neither a quote nor a price in the shop"):
        basket_costs(basket, {})


def test_places_without_any_price_are_not_compared(golden):
    """No place of the basket lacks a price in a way, and everything in the basket was made."""
    round, clearing = golden.round, golden.clearing
    ways = [alone_quotes(round, clearing.awards), pool_quotes(round, clearing.awards, clearing.prices)]
    basket = fixed_basket(round, clearing.awards, ways, {place.id for place in round.places})
    if not clearing.awards:
        assert basket is None
        return
    if basket is None:
        return
    assert sum(basket.weights.values()) == pytest.approx(1)
    for way in ways:
        assert can_buy(basket, way)
        for cost in basket_costs(basket, way).values():
            assert cost.amount >= 0
            assert 0 <= cost.pooled <= 1


def test_prices_of_a_family_give_one_quote(golden):
    """All items of a family at a place cost the same but for surcharges, so any of them may be asked."""
    round, clearing = golden.round, golden.clearing
    forward = pool_quotes(round, clearing.awards, clearing.prices)
    backward = pool_quotes(round, clearing.awards, tuple(reversed(clearing.prices)))
    assert forward.keys() == backward.keys()
    for key, (quote,) in forward.items():
        assert quote.price == pytest.approx(backward[key][0].price)
