"""Rounds and clearings as plain JSON values: one small example of each, and strategies for many."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from hypothesis import strategies as st

ROUND: dict[str, Any] = {
    "format": "millpond-round/1",
    "id": "rice-2026-12",
    "currency": "CNY",
    "freight_pooled": 50,
    "solidarity": 10,
    "must_serve": False,
    "items": [
        {"id": "rice-5kg", "name": {"zh": "大米", "en": "Rice"}, "unit": "bag", "load": 5, "reference": 5200},
        {"id": "rice-black", "load": 5, "family": "rice-5kg"},
    ],
    "places": [
        {"id": "p1", "name": {"zh": "永泰"}, "latitude_microdeg": 25866000, "longitude_microdeg": 118932000},
        {"id": "p2", "population": 41000},
    ],
    "demand": [
        {
            "id": "d1",
            "place": "p1",
            "quantity": 40,
            "minimum": 10,
            "needed_by": "2026-12-24",
            "accepts": [{"item": "rice-5kg", "limit": 5200}, {"item": "rice-black", "limit": 6000}],
        },
        {"id": "d2", "place": "p2", "quantity": 7, "accepts": [{"item": "rice-5kg", "limit": 4000}]},
    ],
    "offers": [
        {
            "id": "o1",
            "maker": "m1",
            "setup": 20000,
            "capacity": 5000,
            "ready_on": "2026-12-15",
            "items": [{"item": "rice-5kg"}, {"item": "rice-black", "surcharge": 300}],
            "tiers": [{"from": 1, "price": 3900}, {"from": 30, "price": 3400}],
            "freight": [{"place": "p1", "fixed": 8000, "per_load": 24}, {"place": "p2"}],
        },
    ],
}

CLEARING: dict[str, Any] = {
    "format": "millpond-clearing/1",
    "round_sha256": "0" * 64,
    "awards": [
        {"demand": "d1", "offer": "o1", "item": "rice-5kg", "quantity": 40},
        {"demand": "d2", "offer": "o1", "item": "rice-5kg", "quantity": 7},
    ],
    "certificate": {
        "scale": 4,
        "tree": {
            "offer": "o1",
            "tier": 1,
            "low": {"lines": {"d1": 3}, "tiers": {"o1": [-1, 2]}},
            "high": {"runs": 0},
        },
    },
    "runs": [{"offer": "o1", "tier": 1, "quantity": 47, "production": 179800, "freight": 12800}],
    "levels": [{"family": "rice-5kg", "level": "7163/2", "short": False}],
    "prices": [{"place": "p1", "item": "rice-5kg", "price": "4097"}],
    "bills": [{"place": "p1", "amount": 192600, "payments": [{"maker": "m1", "amount": 192600}]}],
    "settlements": [{"from_maker": "m1", "to_maker": "m2", "amount": 3}],
    "score": 15400,
    "bound": 15444,
    "gap": "0.002850",
}


def example_round(**changes: Any) -> dict[str, Any]:
    """A fresh copy of the round, with these keys changed."""
    return copy.deepcopy(ROUND) | changes


def example_clearing(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(CLEARING) | changes


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
AMOUNTS = st.integers(0, 10**5) | st.sampled_from([0, 1, 10**9])
QUANTITIES = st.integers(1, 100)
DAYS = st.dates().map(lambda day: day.isoformat())


def _some(**optional: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any subset of these keys."""
    return st.fixed_dictionaries({}, optional=optional)


def _each_once(ids: list[str], least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(ids), min_size=least, max_size=4, unique=True) if ids else st.just([])


@st.composite
def plain_rounds(draw: st.DrawFn) -> dict[str, Any]:
    """Round files that obey every rule, with any mix of left-out defaults."""
    items = draw(st.lists(IDS, max_size=4, unique=True))
    places = draw(st.lists(IDS, max_size=4, unique=True))
    lines = draw(st.lists(IDS, max_size=4, unique=True)) if items and places else []
    offers = draw(st.lists(IDS, max_size=3, unique=True)) if items else []
    load = draw(st.integers(0, 100))
    extras = _some(
        unit=TEXTS, reference=AMOUNTS, family=st.sampled_from(["a", "b"]), name=st.dictionaries(TEXTS, TEXTS)
    )
    place = _some(
        latitude_microdeg=st.integers(-90_000_000, 90_000_000),
        longitude_microdeg=st.integers(-180_000_000, 180_000_000),
        population=st.integers(0, 10**12),
        x_note=st.floats(allow_nan=False, allow_infinity=False),
    )
    round = {
        "format": "millpond-round/1",
        "id": draw(IDS),
        "currency": draw(st.sampled_from(["CNY", "JPY"])),
        "items": [{"id": id, "load": load} | draw(extras) for id in items],
        "places": [{"id": id} | draw(place) for id in places],
        "demand": [draw(_line(id, items, places)) for id in lines],
        "offers": [draw(_offer(id, items, places)) for id in offers],
    }
    return round | draw(
        _some(freight_pooled=st.integers(0, 100), solidarity=st.integers(0, 1000), must_serve=st.booleans())
    )


@st.composite
def _line(draw: st.DrawFn, id: str, items: list[str], places: list[str]) -> dict[str, Any]:
    quantity = draw(QUANTITIES)
    accepts = [{"item": item, "limit": draw(AMOUNTS)} for item in draw(_each_once(items, least=1))]
    line = {"id": id, "place": draw(st.sampled_from(places)), "quantity": quantity, "accepts": accepts}
    return line | draw(_some(minimum=st.integers(1, quantity), needed_by=DAYS))


@st.composite
def _offer(draw: st.DrawFn, id: str, items: list[str], places: list[str]) -> dict[str, Any]:
    starts = sorted(draw(st.sets(st.integers(1, 1000), min_size=1, max_size=4)))
    offer = {
        "id": id,
        "maker": draw(IDS),
        "capacity": draw(QUANTITIES),
        "items": [
            {"item": item} | draw(_some(surcharge=AMOUNTS)) for item in draw(_each_once(items, least=1))
        ],
        "tiers": [{"from": start, "price": draw(AMOUNTS)} for start in starts],
        "freight": [
            {"place": place} | draw(_some(fixed=AMOUNTS, per_load=AMOUNTS))
            for place in draw(_each_once(places))
        ],
    }
    return offer | draw(_some(setup=AMOUNTS, ready_on=DAYS))


JUNK = st.sampled_from(
    [
        *(None, True, False, -1, 0, 1, 2, 99, 101, 10**9 + 1, 10**12 + 1, 10**70, 3.5, 1e300),
        *("", "x", "1/2", "2/4", "2026-02-30", "20261224", "cny", "永" * 67, "x" * 201),
        *([], {}, [1], ["p1"], {"id": "x"}),
    ]
)


@st.composite
def mutated(draw: st.DrawFn, originals: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """A file with one thing changed: a key gone or unknown, a row repeated, or a value replaced."""
    value = copy.deepcopy(draw(originals))
    spots = [spot for spot in _spots(value) if spot[1] != "format"]
    holder, key = draw(st.sampled_from(spots))
    change = draw(st.sampled_from(["replace", "remove", "unknown", "repeat"]))
    if change == "remove":
        del holder[key]
    elif change == "unknown" and isinstance(holder, dict):
        holder[draw(st.sampled_from(["colour", "x_colour", "Id", ""]))] = draw(JUNK)
    elif change == "repeat" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[key]))
    else:
        holder[key] = draw(JUNK)
    return value


def _spots(value: Any) -> list[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [spot for key in keys for spot in [(value, key), *_spots(value[key])]]


def large_round(places: int, offers: int, seed: int) -> dict[str, Any]:
    """A round that takes a while: places and makers along a road, tiers and setups that make pooling pay."""
    draw = random.Random(seed)
    where = [draw.randrange(1000) for _ in range(places)]

    def offer(o: int) -> dict[str, Any]:
        home, start = draw.randrange(1000), draw.randrange(20, 60)
        price = draw.randrange(800, 1200)
        return {
            "id": f"o{o}",
            "maker": f"m{o}",
            "setup": draw.randrange(5_000, 50_000),
            "capacity": places * 60 // offers,
            "items": [{"item": "x"}],
            "tiers": [{"from": 1, "price": price}, {"from": start, "price": price * 85 // 100}],
            "freight": [
                {"place": f"p{p}", "fixed": 200 + abs(home - at), "per_load": abs(home - at) // 2}
                for p, at in enumerate(where)
            ],
        }

    return {
        "format": "millpond-round/1",
        "id": "large",
        "currency": "CNY",
        "items": [{"id": "x", "reference": 2000}],
        "places": [{"id": f"p{p}"} for p in range(places)],
        "demand": [
            {
                "id": f"d{p}",
                "place": f"p{p}",
                "quantity": draw.randrange(1, 60),
                "accepts": [{"item": "x", "limit": draw.randrange(1300, 2500)}],
            }
            for p in range(places)
        ],
        "offers": [offer(o) for o in range(offers)],
    }
