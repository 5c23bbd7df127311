"""What follows from awards keeps the promises of the design, on any small round."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from tiny_rounds import FAMILIES, clearing, encoded, failed, rounds_with_awards, score

from millpond.verify import verifier

Told = tuple[dict[str, Any], list[dict[str, Any]]]
EMPTY = {"scale": 1, "tree": {}}


def followed(case: Told) -> tuple[verifier.Round, dict[str, Any]]:
    told, awards = case
    market = verifier.Round(encoded(told), "round")
    return market, market.follow([verifier.Row(row) for row in awards])


def bought(case: Told, price: dict[tuple[str, str], Fraction]) -> dict[str, dict[str, Fraction]]:
    """What each place pays for each family, by exact prices."""
    told, awards = case
    place = {line["id"]: line["place"] for line in told["demand"]}
    paid: dict[str, dict[str, Fraction]] = {}
    for row in awards:
        here = paid.setdefault(place[row["demand"]], {})
        amount = price[place[row["demand"]], row["item"]] * row["quantity"]
        here[FAMILIES[row["item"]]] = here.get(FAMILIES[row["item"]], Fraction()) + amount
    return paid


def exact_prices(follows: dict[str, Any]) -> dict[tuple[str, str], Fraction]:
    return {(row["place"], row["item"]): Fraction(row["price"]) for row in follows["prices"]}


@given(rounds_with_awards())
@settings(max_examples=100)
def test_what_is_paid_is_what_it_costs(case: Told) -> None:
    _, follows = followed(case)
    cost = sum(run["production"] + run["freight"] for run in follows["runs"])
    paid = bought(case, exact_prices(follows))
    assert sum((sum(families.values()) for families in paid.values()), Fraction()) == cost
    assert sum(bill["amount"] for bill in follows["bills"]) == cost
    for bill in follows["bills"]:
        exact = sum(paid[bill["place"]].values())
        assert exact // 1 <= bill["amount"] <= -(-exact // 1)
        assert sum(payment["amount"] for payment in bill["payments"]) == bill["amount"]
    assert score(*case) == follows["score"]


@given(rounds_with_awards())
@settings(max_examples=100)
def test_makers_end_with_what_their_runs_cost(case: Told) -> None:
    market, follows = followed(case)
    balance = Counter[str]()
    for bill in follows["bills"]:
        balance.update({payment["maker"]: payment["amount"] for payment in bill["payments"]})
    for run in follows["runs"]:
        balance[market.offers[run["offer"]]["maker"]] -= run["production"] + run["freight"]
    for row in follows["settlements"]:
        assert row["amount"] > 0
        assert row["from_maker"] != row["to_maker"]
        balance[row["from_maker"]] -= row["amount"]
        balance[row["to_maker"]] += row["amount"]
    assert not any(balance.values())


@given(rounds_with_awards())
@settings(max_examples=100)
def test_nobody_pays_more_than_agreed_above_its_alone_price(case: Told) -> None:
    told, awards = case
    market, follows = followed(case)
    line = {each["id"]: each for each in told["demand"]}
    short = {row["family"] for row in follows["levels"] if row["short"]}
    for place, families in bought(case, exact_prices(follows)).items():
        for family, paid in families.items():
            rows = [
                r for r in awards if FAMILIES[r["item"]] == family and line[r["demand"]]["place"] == place
            ]
            units = Counter[str]()
            for row in rows:
                units[row["item"]] += row["quantity"]
            due = min(line[row["demand"]].get("needed_by", "9999-12-31") for row in rows)
            alone = alone_by_definition(told, place, units, due)
            assert alone == market.alone(place, units, due)
            if family in short:
                assert alone is not None
            elif alone is not None:
                assert paid <= Fraction(alone * (100 + told["solidarity"]), 100)


def alone_by_definition(told: dict[str, Any], place: str, units: Counter[str], due: str) -> int | None:
    load = {item["id"]: item["load"] for item in told["items"]}
    quantity, found = sum(units.values()), []
    for offer in told["offers"]:
        extra = {entry["item"]: entry["surcharge"] for entry in offer["items"]}
        ways = [way for way in offer["freight"] if way["place"] == place]
        tiers = [tier["price"] for tier in offer["tiers"] if tier["from"] <= quantity]
        if not ways or not tiers or quantity > offer["capacity"] or offer.get("ready_on", "") > due:
            continue
        if all(item in extra for item in units):
            goods = sum((tiers[-1] + extra[item]) * n for item, n in units.items())
            way = ways[0]["fixed"] + ways[0]["per_load"] * sum(load[item] * n for item, n in units.items())
            found.append(offer["setup"] + goods + way)
    return min(found, default=None)


@given(rounds_with_awards())
@settings(max_examples=100)
def test_with_all_freight_pooled_who_is_not_at_its_cap_pays_the_level(case: Told) -> None:
    told, _ = case
    told["freight_pooled"] = 100
    told["offers"] = [
        offer | {"items": [e | {"surcharge": 0} for e in offer["items"]]} for offer in told["offers"]
    ]
    _, follows = followed(case)
    price = exact_prices(follows)
    for row in follows["levels"]:
        mine = [value for (_, item), value in price.items() if FAMILIES[item] == row["family"]]
        assert row["short"] == (row["level"] is None)
        if row["level"] is not None:
            assert max(mine) <= Fraction(row["level"])
            if told["solidarity"] == 1000 and len({*mine}) == 1:
                assert mine[0] == Fraction(row["level"])


@given(rounds_with_awards())
@settings(max_examples=100)
def test_rows_are_sorted_and_zeros_left_out(case: Told) -> None:
    _, follows = followed(case)
    tables = {"runs": 1, "levels": 1, "prices": 2, "bills": 1, "settlements": 2}
    for name, size in tables.items():
        keys = [tuple(str(value).encode() for value in list(row.values())[:size]) for row in follows[name]]
        assert keys == sorted(set(keys))
    for bill in follows["bills"]:
        makers = [payment["maker"].encode() for payment in bill["payments"]]
        assert makers == sorted(set(makers))
        assert all(payment["amount"] for payment in bill["payments"])


@given(rounds_with_awards())
@settings(max_examples=100)
def test_only_the_awards_can_make_it_invalid(case: Told) -> None:
    told, awards = case
    data = encoded(told)
    certificate = EMPTY | {"tree": {"lines": {line["id"]: -(10**6) for line in told["demand"]}}}
    certificate = certificate if told["must_serve"] else EMPTY
    market = verifier.Round(data, "round")
    try:
        market.bound(verifier.Row(certificate), "certificate")
    except verifier.Refused:
        return  # more is demanded than can be made
    wrong = failed(verifier.verify(data, encoded(clearing(data, awards, certificate))))
    assert set(wrong) <= {4, 11}


def test_a_price_below_nothing_and_a_payment_to_match() -> None:
    """A place that could buy both sizes alone for less than one of their surcharges is given some back."""
    told = {
        "format": "millpond-round/1",
        "id": "negative",
        "currency": "CNY",
        "items": [{"id": "big", "family": "f", "load": 0}, {"id": "small", "family": "f", "load": 0}],
        "places": [{"id": "a"}, {"id": "b"}],
        "demand": [
            {"id": "d1", "place": "a", "quantity": 1, "accepts": [{"item": "big", "limit": 10**6}]},
            {"id": "d2", "place": "a", "quantity": 1, "accepts": [{"item": "small", "limit": 10**6}]},
            {"id": "d3", "place": "b", "quantity": 9, "accepts": [{"item": "small", "limit": 10**6}]},
        ],
        "offers": [
            {
                "id": "cheap",
                "maker": "m1",
                "capacity": 2,
                "items": [{"item": "big"}, {"item": "small"}],
                "tiers": [{"from": 1, "price": 100}],
                "freight": [{"place": "a"}],
            },
            {
                "id": "dear",
                "maker": "m2",
                "capacity": 1,
                "items": [{"item": "big", "surcharge": 1000}],
                "tiers": [{"from": 1, "price": 100}],
                "freight": [{"place": "a"}],
            },
            {
                "id": "far",
                "maker": "m3",
                "capacity": 99,
                "items": [{"item": "small"}],
                "tiers": [{"from": 10, "price": 100}],
                "freight": [{"place": "a"}, {"place": "b"}],
            },
        ],
    }
    rows = (("d1", "dear", "big", 1), ("d2", "far", "small", 1), ("d3", "far", "small", 9))
    awards = [dict(zip(("demand", "offer", "item", "quantity"), row, strict=True)) for row in rows]
    data = encoded(told)
    full = clearing(data, awards, EMPTY)
    assert full["prices"][:2] == [
        {"place": "a", "item": "big", "price": "600"},
        {"place": "a", "item": "small", "price": "-400"},
    ]
    assert full["bills"][0]["payments"] == [{"maker": "m2", "amount": 600}, {"maker": "m3", "amount": -400}]
    assert failed(verifier.verify(data, encoded(full))) == []


def test_spreading() -> None:
    assert verifier.spread(100, {"a": 1, "b": 1, "c": 1}) == {"a": 34, "b": 33, "c": 33}
    assert verifier.spread(2, {"ü": 1, "z": 1, "永": 1}) == {"ü": 1, "z": 1, "永": 0}
    assert verifier.spread(0, {"a": 0, "b": 0}) == {"a": 0, "b": 0}
    assert verifier.spread(5, {"a": 0, "b": 3}) == {"a": 0, "b": 5}
    assert verifier.spread(3, {"a": Fraction(3, 2), "b": Fraction(1, 2)}) == {"a": 2, "b": 1}


def test_fractions_of_more_digits_than_int_writes() -> None:
    long = Fraction(10**6000 + 1, 10**5000)
    text = verifier.exact(long)
    assert text == "1" + "0" * 5999 + "1/1" + "0" * 5000
    assert verifier.exact(Fraction(-7)) == "-7"
    assert verifier.exact(Fraction(7163, 2)) == "7163/2"
    assert len(verifier.difference(text, "1")) < 200
    assert len(verifier.difference("1" * 900, "1")) < 1000


@pytest.mark.soak
def test_a_level_of_thousands_of_digits() -> None:
    """More digits than `int` writes: 730 sizes in a family, the units of each another prime."""
    numbers = range(10**6 + 1, 10**6 + 30_000, 2)
    primes = [n for n in numbers if all(n % k for k in range(3, 1_016, 2))][:730]
    count = len(primes)
    told = {
        "format": "millpond-round/1",
        "id": "long",
        "currency": "CNY",
        "items": [{"id": f"i{n}", "family": "f", "load": 0} for n in range(count)],
        "places": [{"id": "a"}, {"id": "b"}],
        "demand": [
            {
                "id": f"d{n:04}{place}",
                "place": place,
                "quantity": size,
                "accepts": [{"item": f"i{n}", "limit": 10**6}],
            }
            for n, prime in enumerate(primes)
            for place, size in (("a", 1), ("b", prime - 1))
            if size
        ],
        "offers": [
            {
                "id": f"o{k}",
                "maker": "m",
                "capacity": 10**9,
                "items": [{"item": f"i{n}", "surcharge": n * k} for n in range(count)],
                "tiers": [{"from": 1, "price": 10 - k}],
                "freight": [{"place": place} for place in ("a", "b")[: 2 - k]],
            }
            for k in range(2)
        ],
    }
    awards = [
        {
            "demand": line["id"],
            "offer": "o1" if line["place"] == "a" else "o0",
            "item": item,
            "quantity": line["quantity"],
        }
        for line in told["demand"]
        for item in [line["accepts"][0]["item"]]
    ]
    data = encoded(told)
    full = clearing(data, awards, EMPTY)
    assert max(len(row["price"]) for row in full["prices"]) > 4_300
    checks = verifier.verify(data, encoded(full))
    assert failed(checks) == []
    full["prices"][0]["price"] += "1"
    checks = verifier.verify(data, encoded(full))
    assert failed(checks) == [8]
    assert len(checks[7].message) < 300
