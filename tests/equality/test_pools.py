"""Smaller rounds: nothing that matters in them is left out, and nothing comes in."""

from millpond.clearing.prices import Rule, problems
from millpond.equality.pools import Splitter, sample
from millpond.model import Award

GOODS = {"items": [{"id": "x"}, {"id": "y"}], "places": [{"id": "a"}, {"id": "b"}]}


def offer(id, first, places, item="x"):
    return {
        "id": id,
        "maker": id,
        "capacity": 100,
        "items": [{"item": item}],
        "tiers": [{"from": first, "price": 10}],
        "freight": [{"place": place} for place in places],
    }


def line(id, place, quantity):
    return {"id": id, "place": place, "quantity": quantity, "accepts": [{"item": "x", "limit": 50}]}


def test_only_what_can_matter_is_kept(cleared):
    offers = [
        offer("runs", 5, "ab"),
        offer("too-large", 6, "ab"),
        offer("elsewhere", 1, "b"),
        offer("other", 1, "a", "y"),
    ]
    demand = [line("d1", "a", 5), line("d2", "b", 50)]
    round, _ = cleared(GOODS | {"demand": demand, "offers": offers}, [])
    small = Splitter(round).only(["a"])
    assert [place.id for place in small.places] == ["a"]
    assert [item.id for item in small.items] == ["x"]
    assert [line.id for line in small.demand] == ["d1"]
    assert [(offer.id, [row.place for row in offer.freight]) for offer in small.offers] == [("runs", ["a"])]
    assert small.sha256 == ""


def test_all_places_are_the_round_itself(golden):
    """Every award of the whole is one of the round of all places, at the same prices."""
    small = Splitter(golden.round).only([place.id for place in golden.round.places])
    assert problems(small, golden.clearing.awards) == ()


def test_what_a_town_does_the_round_could_do(golden):
    """Serving what can be served at one place breaks no rule of the round but those about sums."""
    splitter = Splitter(golden.round)
    for place in golden.round.places:
        small = splitter.only([place.id])
        assert {line.place for line in small.demand} <= {place.id}
        for offer in small.offers:
            for line in small.demand:
                items = {entry.item for entry in offer.items} & {entry.item for entry in line.accepts}
                for item in items:
                    award = Award(demand=line.id, offer=offer.id, item=item, quantity=line.quantity)
                    rules = {Rule.ACCEPTED, Rule.MADE, Rule.DELIVERED, Rule.KNOWN}
                    assert rules.isdisjoint(problem.rule for problem in problems(golden.round, [award]))


def test_a_sample_is_even():
    assert sample("abcdef", 10) == tuple("abcdef")
    assert sample("abcdef", 3) == ("a", "c", "e")
    assert sample("abcdefg", 7) == tuple("abcdefg")
    assert len(set(sample(range(1000), 200))) == 200
