"""The olist replay on a slice of the real records; skipped where they are not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from records import records

from millpond.model import read_round
from millpond.replay import olist, prepare
from millpond.replay.olist import Row
from millpond.replay.pooling import round_of
from millpond.replay.prepare import encode
from millpond.replay.scenario import default_text, open_scenario, read_terms

SLICE = 600


@pytest.fixture(scope="module")
def data() -> Path:
    return records(olist.ITEMS)


@pytest.fixture(scope="module")
def rows(data: Path) -> list[Row]:
    return olist.read_rows(data)[-SLICE:]


@pytest.fixture(scope="module")
def scenario() -> olist.Scenario:
    return olist.read_scenario(open_scenario(default_text("olist"), "olist.toml"))


def test_every_row_is_an_order_or_counted(rows: list[Row], scenario: olist.Scenario, data: Path) -> None:
    orders = olist.orders_of(scenario, rows, olist.read_populations(data))
    assert sum(want.quantity for want in orders.wants) + sum(orders.left_out.values()) == SLICE
    kept = [row for row in rows if olist._why_not(scenario, row) is None]
    assert sum(want.paid for want in orders.wants) == sum(
        round(row.price * 100) + round(row.freight * 100) for row in kept
    )
    assert sum(want.goods for want in orders.wants) == sum(round(row.price * 100) for row in kept)
    assert {want.place for want in orders.wants} == {row.town for row in kept}
    assert all(not status.en.endswith("delivered") for status in orders.left_out)


def test_the_round_is_one_and_goods_keep_their_price(rows: list[Row], scenario: olist.Scenario) -> None:
    orders = olist.orders_of(scenario, rows, [])
    terms = read_terms(open_scenario(default_text("olist"), "olist.toml"))
    round = read_round(encode(round_of(orders, terms)))
    paid = {want.goods // want.quantity for want in orders.wants}
    assert {made.surcharge for offer in round.offers for made in offer.items} <= paid
    assert {tier.price for offer in round.offers for tier in offer.tiers} == {0}
    assert all(item.reference is None for item in round.items)


def test_freight_is_near_what_was_paid(rows: list[Row], scenario: olist.Scenario, data: Path) -> None:
    orders = olist.orders_of(scenario, rows, [])
    families = olist._families(scenario)
    fitted = paid = 0
    for row in rows:
        if olist._why_not(scenario, row) is None:
            cost = orders.tariff(f"seller {row.seller[:8]}", row.town)
            assert cost is not None
            fitted += cost[0] + cost[1] * orders.families[families(row)].load
            paid += round(row.freight * 100)
    assert fitted == pytest.approx(paid, rel=0.1)


def test_towns_are_known_by_name_and_place(scenario: olist.Scenario, rows: list[Row], data: Path) -> None:
    orders = olist.orders_of(scenario, rows, olist.read_populations(data))
    assert orders.places["sao paulo, SP"].population == 12_400_232
    assert orders.places["sao paulo, SP"].name == "Sao Paulo, SP"
    known = sum(town.population is not None for town in orders.places.values())
    assert known > 0.9 * len(orders.places)


def test_what_replaces_what(scenario: olist.Scenario, rows: list[Row]) -> None:
    name = olist._families(scenario)
    one = replace(rows[0], category="cama", grams=1000.0, price=100.0)
    assert name(one) == "cama | about 1024 g | about R$ 91"
    assert name(replace(one, grams=1400.0, price=105.0)) == name(one)
    assert len({name(one), name(replace(one, grams=1500.0)), name(replace(one, price=120.0))}) == 3


def test_left_out_rows_say_why(scenario: olist.Scenario, rows: list[Row]) -> None:
    good = next(row for row in rows if olist._why_not(scenario, row) is None)
    nowhere = float("nan")
    bad = {
        "items of other months": replace(good, month="2015-01"),
        "items of status canceled": replace(good, status="canceled"),
        "items without a category": replace(good, category=None),
        "items for a place that is not in Brazil": replace(good, buyer=(nowhere, nowhere)),
        "items without weight or price": replace(good, grams=nowhere),
    }
    orders = olist.orders_of(scenario, [good, *bad.values()], [])
    assert Counter({why.en: count for why, count in orders.left_out.items()}) == Counter(bad.keys())


def test_the_whole_replay_is_the_same_every_time(data: Path) -> None:
    text = default_text("olist").replace('"2016-09", "2018-09"', '"2018-06", "2018-06"')
    first, second = (prepare("olist", text, "june.toml", data) for _ in range(2))
    assert first.round_bytes == second.round_bytes
    assert any("fitted by least squares" in said for said in first.assumptions["en"])
