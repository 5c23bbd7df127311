"""What families cost alone and at the prices of a clearing: worked by hand, and on golden rounds."""

import pytest

from millpond.equality.quotes import Quote, alone_quotes, pool_quotes, quoted


def test_alone_by_hand(two_towns):
    round, clearing = two_towns
    assert alone_quotes(round, clearing.awards) == {
        ("big", "shirt"): (Quote(30, 50.0),),
        # (10 × (80 + 20) + 40) / 10 = 104 for an xl, of which 20 are the surcharge.
        ("small", "shirt"): (Quote(10, 84.0),),
        # Five hats alone are below the first tier.
        ("big", "hat"): (Quote(5, None),),
    }


def test_pool_by_hand(two_towns):
    """45 units at 50; the shirts' 40 of freight is pooled over 40 shirts: 51, and 71 for an xl."""
    round, clearing = two_towns
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


def test_quoted_is_for_all_units():
    quotes = {("p", "f"): (Quote(1, 3.0), Quote(2, None)), ("p", "g"): (Quote(1, 0.0),)}
    assert not quoted(quotes, ("p", "f"))
    assert quoted(quotes, ("p", "g"))
    assert not quoted(quotes, ("p", "h"))


def test_prices_of_a_family_give_one_quote(golden):
    """All items of a family at a place cost the same but for surcharges, so any of them may be asked."""
    round, clearing = golden.round, golden.clearing
    forward = pool_quotes(round, clearing.awards, clearing.prices)
    backward = pool_quotes(round, clearing.awards, tuple(reversed(clearing.prices)))
    assert forward.keys() == backward.keys()
    for key, (quote,) in forward.items():
        assert quote.price == pytest.approx(backward[key][0].price)
