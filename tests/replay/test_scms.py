"""The scms replay on a slice of the real records; skipped where they are not."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from records import records

from millpond.model import read_round
from millpond.replay import scms
from millpond.replay.orders import Said
from millpond.replay.pooling import round_of
from millpond.replay.prepare import encode
from millpond.replay.scenario import default_text, open_scenario, read_terms
from millpond.replay.scms import CENTRE, DELIVERED, STRAIGHT, Row


@pytest.fixture(scope="module")
def data() -> Path:
    return records(scms.HISTORY)


@pytest.fixture(scope="module")
def rows(data: Path) -> list[Row]:
    return scms.read_rows(data)


@pytest.fixture(scope="module")
def scenario() -> scms.Scenario:
    return scms.read_scenario(open_scenario(default_text("scms"), "scms.toml"))


def test_rows_are_the_records(rows: list[Row]) -> None:
    assert len(rows) == 10_324
    assert len({row.country for row in rows}) == 43
    assert {row.way for row in rows} == {STRAIGHT, CENTRE, DELIVERED}
    assert "Côte d'Ivoire" in {row.country for row in rows}
    assert (min(row.year for row in rows), max(row.year for row in rows)) == (2006, 2015)


def test_every_country_is_on_the_map(rows: list[Row]) -> None:
    countries = scms.read_countries({row.country for row in rows})
    assert len(countries) == 43
    assert all(country.population and country.population > 100_000 for country in countries.values())


def test_shared_freight_is_shared_out_to_the_last_cent(rows: list[Row]) -> None:
    shipments = scms._shipments(rows)
    assert sum(len(lines) for lines in shipments.values()) == len(rows)
    several = {
        first.id for first, lines in shipments.items() if len(lines) > 1 and scms._number(first.freight)
    }
    assert len(several) > 500
    left_out = Counter[Said]()
    shares: dict[int, float] = dict.fromkeys(several, 0.0)
    first_of = {line.id: first.id for first, lines in shipments.items() for line in lines}
    priced = {first.id for first, lines in shipments.items() if all(line.value > 0 for line in lines)}
    for one in scms._carried(rows, shipments, left_out):
        if first_of[one.row.id] in several:
            shares[first_of[one.row.id]] += one.freight
    for first in shipments:
        if first.id in several & priced:
            assert shares[first.id] == pytest.approx(float(first.freight))


def test_orders_of_a_year(rows: list[Row], scenario: scms.Scenario) -> None:
    year = replace(scenario, years=(2011, 2011))
    orders = scms.orders_of(year, rows, scms.read_countries({row.country for row in rows}))
    assert len(orders.wants) + sum(orders.left_out.values()) == len(rows)
    value = sum(row.value for row in rows if row.year == 2011)
    goods = sum(want.goods for want in orders.wants) / 100
    assert goods == pytest.approx(value, rel=0.05)
    assert {family.group for family in orders.families.values()} == {"2011"}
    assert all(want.paid >= want.goods for want in orders.wants)
    terms = read_terms(open_scenario(default_text("scms"), "scms.toml"))
    round = read_round(encode(round_of(orders, terms)))
    makers = {offer.maker for offer in round.offers}
    assert len({offer.id for offer in round.offers}) == len(makers)
    served = {(row.maker, row.country) for row in rows}
    assert {(offer.maker, row.place) for offer in round.offers for row in offer.freight} <= served


def test_cases_weigh_about_what_the_scenario_says(rows: list[Row], scenario: scms.Scenario) -> None:
    light = scms.Carried(rows[0], pack_kg=0.14, freight=0.0)
    family, packs = scms._family(scenario, light)
    assert (packs, family.load, family.unit) == (36, 10, "case of 36")
    heavy = replace(light, pack_kg=9.3)
    assert scms._family(scenario, heavy)[0].load == 19
    assert scms._family(scenario, heavy)[1] == 1


def test_freight_follows_the_way_and_the_country(rows: list[Row], scenario: scms.Scenario) -> None:
    fits = scms._fit(scenario, scms._shipments(rows))
    tariff = scms._tariff(scenario, fits, rows)
    used = Counter((row.maker, row.country) for row in rows)
    for (maker, country), _ in used.items():
        cost = tariff(maker, country)
        assert cost is not None
        if maker.endswith(DELIVERED):
            assert cost == (0, 0)
        else:
            assert min(cost) >= 0
            assert cost != (0, 0)
    assert tariff(next(iter(used))[0], "Atlantis") is None


def test_prices_do_not_fall_with_volume_and_the_report_says_so(rows: list[Row]) -> None:
    said = scms._describe_prices(rows)
    assert said.en.endswith("differs by +0.2%.")
    assert said.zh.endswith("相差 +0.2%。")
