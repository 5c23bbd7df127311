"""What a report measures, against the clearing it is made of."""

import pytest

import millpond
from millpond.equality.outcomes import Reason
from millpond.report.compared import Way
from millpond.report.study import study


@pytest.fixture(scope="module")
def found(golden):
    def clear(round, seconds):
        return millpond.clear(round, seconds=0.1)

    return study(*golden("generated-3"), clear, 5, lambda: 0.0)


def test_sums_are_those_of_the_round(found):
    round, clearing = found.round, found.clearing
    assert found.total.wanted == sum(line.quantity for line in round.demand)
    assert found.total.units[Reason.SERVED] == sum(award.quantity for award in clearing.awards)
    assert sum(row.places for row in found.rows) == found.total.places == len(round.places)
    assert sum(row.wanted for row in found.rows) == found.total.wanted
    assert found.total.access <= found.total.referenced <= found.total.wanted


def test_ways_compare_the_same_places_and_goods(found):
    places = {way: list(row.costs) for way, row in found.ways.items()}
    assert all(kept == places[Way.WHOLE] for kept in places.values())
    assert set(places[Way.WHOLE]) == set(found.basket.places)
    for row in found.ways.values():
        assert row.theil.within + row.theil.between == pytest.approx(row.theil.total)
        assert min(cost.amount for cost in row.costs.values()) <= row.by_size[None].amount
        assert row.by_size[None].amount <= max(cost.amount for cost in row.costs.values())


def test_a_place_pays_the_price_of_the_clearing(found):
    """One family, in which an i1 has 198 of surcharge: its price less that, and the mix's surcharge added."""
    sigma = {"i0": 121, "i1": 198}
    shop = found.basket.shop["fam0"]
    costs = found.ways[Way.WHOLE].costs
    for row in found.clearing.prices:
        if row.item in sigma:
            mixed = float(row.price) - sigma[row.item] + found.basket.surcharges["fam0"]
            assert costs[row.place].amount == pytest.approx(min(mixed, shop))


def test_own_terms_change_nothing(found):
    bills = {bill.place: bill.amount for bill in found.clearing.bills}
    assert found.freight[found.round.freight_pooled].repriced.bills == bills
    assert found.solidarity[found.round.solidarity].repriced.bills == bills
    assert found.solidarity[found.round.solidarity].basket == found.ways[Way.WHOLE]
