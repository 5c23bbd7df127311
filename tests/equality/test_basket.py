"""Baskets: the fixed one and a place's own, worked by hand, and what must hold for both."""

import pytest

from millpond.equality.basket import LEAST_PART, Basket, basket_costs, choose_basket, restricted
from millpond.equality.quotes import Quote, alone_quotes, pool_quotes


def ways_of(round, clearing):
    return {
        "alone": alone_quotes(round, clearing.awards),
        "whole": pool_quotes(round, clearing.awards, clearing.prices),
    }


def chosen(round, clearing, places):
    return choose_basket(round, clearing.awards, ways_of(round, clearing), places, "whole")


def amounts(costs):
    return {place: cost.amount for place, cost in costs.items()}


def test_the_fixed_basket_by_hand(two_towns):
    ways = ways_of(*two_towns)
    basket = chosen(*two_towns, {"big", "small"})
    # Shirts: 40 units at two places; with hats only the big place is left: (40 + 5) × (30 + 5) < 40 × (35 +
    # 10).
    assert basket.fixed
    assert basket.families == {"shirt": 1.0}
    assert basket.places == {"big": 30, "small": 10}
    assert basket.part == pytest.approx(40 / 45)
    # The mix of three s to one xl has a surcharge of 5 and a price of 105 in the shop.
    assert basket.surcharges == {"shirt": 5.0}
    assert basket.shop == {"shirt": 105.0}
    assert amounts(basket_costs(basket, ways["alone"])) == {"big": 55, "small": 89}
    assert amounts(basket_costs(basket, ways["whole"])) == {"big": 55, "small": 59}


def test_what_is_not_to_be_had_is_bought_in_the_shop(two_towns):
    ways = ways_of(*two_towns)
    basket = chosen(*two_towns, {"big"})
    assert basket.families == pytest.approx({"shirt": 40 / 45, "hat": 5 / 45})
    assert basket.places == {"big": 35}
    cost = basket_costs(basket, ways["alone"])["big"]
    assert cost.amount == pytest.approx(55 * 40 / 45 + 60 * 5 / 45)
    assert cost.pooled == pytest.approx(40 / 45)


def many_goods(cleared, towns):
    """As many goods as towns, 10 of each wanted by its town and 1 by a place that wants all of them."""
    goods = [f"g{n}" for n in range(towns)]
    places = [f"town {n}" for n in range(towns)]

    def line(good, place, quantity):
        accepts = [{"item": good, "limit": 500}]
        return {"id": f"{good} {place}", "place": place, "quantity": quantity, "accepts": accepts}

    demand = [line(good, place, 10) for good, place in zip(goods, places, strict=True)]
    demand += [line(good, "all", 1) for good in goods]
    offer = {
        "id": "o",
        "maker": "m",
        "capacity": 1000,
        "items": [{"item": good, "surcharge": 10 * n} for n, good in enumerate(goods)],
        "tiers": [{"from": 1, "price": 100}],
        "freight": [*({"place": place} for place in places), {"place": "all", "per_load": 11}],
    }
    round = {
        "items": [{"id": good} for good in goods],
        "places": [{"id": place} for place in (*places, "all")],
        "demand": demand,
        "offers": [offer],
        "freight_pooled": 0,
    }
    return cleared(round, [(row["id"], "o", row["accepts"][0]["item"], row["quantity"]) for row in demand])


def test_where_no_two_want_the_same_each_is_asked_for_its_own(cleared):
    """Each good costs 100 at its town and 111 at the place that wants all: 101 on average over 11 units."""
    round, clearing = many_goods(cleared, 20)
    basket = chosen(round, clearing, {place.id for place in round.places})
    assert not basket.fixed
    assert basket.part == 1
    costs = amounts(basket_costs(basket, ways_of(round, clearing)["whole"]))
    assert set(costs) == {place.id for place in round.places}
    # The surcharge of a good, 0 to 190, is the same for all who want it.
    assert costs["town 0"] == pytest.approx(100 * 100 / 101)
    assert costs["town 19"] == pytest.approx(100 * 290 / 291)
    usual = sum(101 + 10 * n for n in range(20))
    assert costs["all"] == pytest.approx(100 * (usual + 20 * 10) / usual)
    # Weighted by what their goods usually cost, all places together pay the average.
    worth = {"all": usual} | {f"town {n}": 10 * (101 + 10 * n) for n in range(20)}
    assert sum(costs[place] * worth[place] for place in worth) == pytest.approx(100 * sum(worth.values()))


def test_where_enough_want_the_same_the_basket_is_fixed(cleared):
    round, clearing = many_goods(cleared, 3)
    basket = chosen(round, clearing, {place.id for place in round.places})
    assert basket.fixed
    assert basket.part >= LEAST_PART


def hand_made(**changes):
    plain = {"lists": {"p": {"f": 1.0}}, "surcharges": {"f": 0.0}, "shop": {"f": None}, "places": {"p": 4}}
    return Basket(fixed=True, part=1.0, **(plain | changes))


def test_the_shop_where_it_is_cheaper():
    basket = hand_made(surcharges={"f": 10.0}, shop={"f": 50.0})
    cost = basket_costs(basket, {("p", "f"): (Quote(3, 30.0), Quote(1, 60.0))})["p"]
    assert (cost.amount, cost.pooled) == ((3 * 40 + 50) / 4, 0.75)
    assert basket_costs(basket, {})["p"].amount == 50


def test_without_a_shop_price_a_quote_is_needed():
    basket = hand_made()
    assert restricted(basket, {("p", "f"): (Quote(1, 30.0),)}) == basket
    assert restricted(basket, {("p", "f"): (Quote(1, 30.0), Quote(1, None))}) is None
    assert restricted(basket, {}) is None
    assert restricted(hand_made(shop={"f": 5.0}), {}) == hand_made(shop={"f": 5.0})
    with pytest.raises(ValueError, match="neither a quote at p nor a price in the shop"):
        basket_costs(basket, {})


def test_a_fixed_list_is_kept_whole_and_an_own_one_as_far_as_it_has_prices():
    lists = {"p": {"f": 0.5, "g": 0.5}, "q": {"f": 0.5, "g": 0.5}}
    changes = {"lists": lists, "shop": {"f": None, "g": None}, "places": {"p": 1, "q": 1}}
    quotes = {("p", "f"): (Quote(1, 1.0),), ("p", "g"): (Quote(1, 1.0),), ("q", "f"): (Quote(1, 1.0),)}
    assert restricted(hand_made(**changes), quotes).lists == {"p": lists["p"]}
    own = Basket(fixed=False, part=1.0, surcharges={"f": 0.0, "g": 0.0}, **changes)
    assert restricted(own, quotes).lists == {"p": lists["p"], "q": {"f": 0.5}}


def test_places_without_any_price_are_not_compared(golden):
    """Everything in a basket was made, and has a price at each of its places in every way."""
    round, clearing = golden.round, golden.clearing
    basket = chosen(round, clearing, {place.id for place in round.places})
    if not clearing.awards:
        assert basket is None
    if basket is None:
        return
    assert 0 < basket.part <= 1
    if basket.fixed:
        assert sum(basket.families.values()) == pytest.approx(1)
    for way in ways_of(round, clearing).values():
        assert restricted(basket, way) == basket
        for cost in basket_costs(basket, way).values():
            assert cost.amount >= 0
            assert 0 <= cost.pooled <= 1
