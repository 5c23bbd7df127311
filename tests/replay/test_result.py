"""What came of a replay: awards made by hand, amounts worked out by hand."""

from millpond.clearing.finish import finish
from millpond.equality.outcomes import Reason
from millpond.model import Award, Certificate, Leaf, read_round
from millpond.replay import Prepared, result_of
from millpond.replay.orders import Family, Orders, Step, Terms, Town, Want
from millpond.replay.pooling import round_of
from millpond.replay.prepare import encode

WANTS = (
    Want("h1", "a", "tea", "m1", 10, 1_000, 1_000),
    Want("h2", "a", "tea", "m1", 3, 301, 301),
    Want("h3", "b", "tea", "m2", 4, 480, 480),
    Want("h4", "c", "tea", "m2", 1, 200, 200),
)
TERMS = Terms(
    (Step(0, 70),), setup=20, capacity_percent=200, band_percent=110, freight_pooled=100, solidarity=0
)


def prepared(same_everywhere: bool) -> Prepared:
    orders = Orders(
        id="small",
        currency="CNY",
        wants=WANTS,
        families={"tea": Family("tea", "Tea", "bag", 1)},
        places={id: Town(id, 0, 0) for id in "abc"},
        tariff=lambda maker, place: None if place == "c" else (10, 1),
        buyers="households",
        same_everywhere=same_everywhere,
    )
    value = round_of(orders, TERMS)
    data = encode(value)
    paid = {line["id"]: line["x_paid"] for line in value["demand"]}
    return Prepared("small", data, read_round(data), paid, "4 households", 4, {"en": [], "zh": []})


def test_what_the_served_pay_against_what_they_paid() -> None:
    small = prepared(same_everywhere=True)
    item = "tea | m1"
    awards = [Award(demand="a | tea | 1", offer=item, item=item, quantity=12)]
    clearing = finish(small.round, awards, Certificate(scale=1, tree=Leaf(lines={}, tiers={})))
    result = result_of(small, clearing)
    assert result.paid == 1_981
    assert result.paid_served == 1_301 * 12 // 13
    assert result.bills == 20 + 12 * 70 + 10 + 12
    assert result.saved == 1_200 - 882
    assert result.shop == 12 * 100
    assert (result.units[Reason.SERVED], result.units[Reason.UNDELIVERED]) == (12, 1)
    assert sum(result.units.values()) == 18
    assert result.lines[Reason.SERVED] == 1


def test_without_a_shop_price_there_is_nothing_to_compare_with_it() -> None:
    small = prepared(same_everywhere=False)
    awards = [Award(demand="b | tea | 1", offer="tea | m2", item="tea | m2", quantity=4)]
    clearing = finish(small.round, awards, Certificate(scale=1, tree=Leaf(lines={}, tiers={})))
    result = result_of(small, clearing)
    assert result.shop is None
    assert result.bills == 20 + 4 * 84 + 10 + 4
