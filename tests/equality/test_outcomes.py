"""What became of a line: each reason in a round made for it, and what must hold in all."""

from millpond.equality.outcomes import Reason, outcomes


def of(round, clearing):
    return {outcome.line.id: outcome for outcome in outcomes(round, clearing)}


def line(id, place="near", quantity=10, limit=500, item="x", **more):
    return {
        "id": id,
        "place": place,
        "quantity": quantity,
        "accepts": [{"item": item, "limit": limit}],
        **more,
    }


def offer(id="o", capacity=100, first=1, price=100, places=("near",), item="x", **more):
    return {
        "id": id,
        "maker": f"maker of {id}",
        "capacity": capacity,
        "items": [{"item": item}],
        "tiers": [{"from": first, "price": price}],
        "freight": [{"place": place, "per_load": 10} for place in places],
        **more,
    }


def plain(demand, offers, **more):
    places = [{"id": "near"}, {"id": "far"}]
    return {"items": [{"id": "x"}, {"id": "y"}], "places": places, "demand": demand, "offers": offers, **more}


def test_served_and_cut(cleared):
    found = of(*cleared(plain([line("d")], [offer(capacity=6)]), [("d", "o", "x", 6)]))
    assert found["d"].units == {Reason.SERVED: 6, Reason.CAPACITY: 4}


def test_nobody_delivers(cleared):
    demand = [
        line("no-maker", item="y"),
        line("no-way", place="far"),
        line("too-late", needed_by="2026-12-01"),
        line("in-time", needed_by="2026-12-31"),
    ]
    found = of(*cleared(plain(demand, [offer(ready_on="2026-12-15")]), [("in-time", "o", "x", 10)]))
    assert {id: set(outcome.units) for id, outcome in found.items()} == {
        "no-maker": {Reason.UNDELIVERED},
        "no-way": {Reason.UNDELIVERED},
        "too-late": {Reason.UNDELIVERED},
        "in-time": {Reason.SERVED},
    }


def test_refused_by_price(cleared):
    """The price is 110 at both places, all freight being pooled (all places pay 10 a unit)."""
    demand = [line("pays"), line("poor", limit=109), line("poor-elsewhere", place="far", limit=105)]
    found = of(*cleared(plain(demand, [offer(places=("near", "far"))]), [("pays", "o", "x", 10)]))
    assert found["poor"].units == {Reason.PRICE: 10}
    # Nobody at that place is served: what is asked there is the level.
    assert found["poor-elsewhere"].units == {Reason.PRICE: 10}


def test_refused_because_it_costs_more_than_it_is_worth(cleared):
    """The limit passes the price, but the shop sells it for less than making and bringing one more costs."""
    round = plain([line("d1"), line("d2")], [offer(places=("near",))])
    round["items"][0]["reference"] = 90
    found = of(*cleared(round, [("d1", "o", "x", 10)]))
    assert found["d2"].units == {Reason.PRICE: 10}


def test_refused_where_even_the_cheapest_run_is_too_dear(cleared):
    found = of(*cleared(plain([line("d", limit=109)], [offer()]), []))
    assert found["d"].units == {Reason.PRICE: 10}


def test_too_few_for_a_run(cleared):
    found = of(*cleared(plain([line("d", limit=110)], [offer(first=50)]), []))
    assert found["d"].units == {Reason.NO_RUN: 10}


def test_capacity(cleared):
    demand = [line("d1"), line("d2"), line("large", quantity=9, minimum=9)]
    round = plain(demand, [offer(capacity=15)])
    found = of(*cleared(round, [("d1", "o", "x", 10), ("d2", "o", "x", 5)]))
    assert found["d2"].units == {Reason.SERVED: 5, Reason.CAPACITY: 5}
    # Five units of room, but it takes nine or none.
    found = of(*cleared(round, [("d1", "o", "x", 10)]))
    assert found["large"].units == {Reason.CAPACITY: 9}
    assert found["d2"].units == {Reason.OTHER: 10}


def test_own_freight_counts_where_it_is_not_pooled(cleared):
    """At the far place each unit of load costs 10 of its own: 100 would be paid, 110 is asked."""
    demand = [line("pays"), line("poor", place="far", limit=109), line("rich", place="far", limit=110)]
    round = plain(demand, [offer(places=("near", "far"))], freight_pooled=0)
    found = of(*cleared(round, [("pays", "o", "x", 10)]))
    assert found["poor"].units == {Reason.PRICE: 10}
    assert found["rich"].units == {Reason.OTHER: 10}


def test_access(cleared):
    """Reference 110, price 110: who is served has access, and who asks for less of it by a low limit, too."""
    demand = [
        line("pays"),
        line("thrifty", limit=100),
        line("far-away", place="far"),
        line("other", item="y"),
    ]
    round = plain(demand, [offer()])
    round["items"][0]["reference"] = 110
    found = of(*cleared(round, [("pays", "o", "x", 10)]))
    assert {id: outcome.access for id, outcome in found.items()} == {
        "pays": 10,
        "thrifty": 10,
        "far-away": 0,
        "other": None,
    }
    round["items"][0]["reference"] = 109
    assert of(*cleared(round, [("pays", "o", "x", 10)]))["pays"].access == 0


def test_every_unit_has_one_outcome(golden):
    served = {}
    for award in golden.clearing.awards:
        served[award.demand] = served.get(award.demand, 0) + award.quantity
    for outcome in outcomes(golden.round, golden.clearing):
        assert sum(outcome.units.values()) == outcome.line.quantity
        assert all(units > 0 for units in outcome.units.values())
        assert outcome.units.get(Reason.SERVED, 0) == served.get(outcome.line.id, 0)
        assert outcome.access is None or 0 <= outcome.access <= outcome.line.quantity
