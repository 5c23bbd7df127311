"""Rounds so small that every allocation can be tried, with awards and certificates; golden clearings."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from millpond.verify import verifier

GOLDEN = Path(__file__).parents[1] / "golden"
FAMILIES = {"bag": "rice", "sack": "rice", "oil": "oil"}
DAYS = ["2026-12-01", "2026-12-02", "2026-12-03"]


def encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def golden(name: str) -> dict[str, Any]:
    return json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))


def golden_names(valid: bool) -> list[str]:
    return [path.stem for path in sorted(GOLDEN.glob("*.json")) if golden(path.stem)["valid"] is valid]


def golden_clearing(name: str) -> tuple[bytes, dict[str, Any]]:
    """The round of a golden file and the clearing it describes, with a trivial certificate if it has none."""
    told = golden(name)
    data = encoded(told["round"])
    certificate = told.get("certificate", {"scale": 1, "tree": {}})
    bound = verifier.Round(data, "round").bound(verifier.Row(certificate), "certificate")
    follows = {key: told[key] for key in ("runs", "levels", "prices", "bills", "settlements", "score")}
    return data, clearing(data, told["awards"], certificate) | follows | {
        "bound": told.get("bound", bound),
        "gap": verifier.gap_text(told["score"], told.get("bound", bound)),
    }


def clearing(data: bytes, awards: list[dict[str, Any]], certificate: dict[str, Any]) -> dict[str, Any]:
    """A clearing file with the awards and all that the verifier says follows from them."""
    market = verifier.Round(data, "round")
    follows = market.follow([verifier.Row(row) for row in awards])
    bound = market.bound(verifier.Row(certificate), "certificate")
    return {
        "format": "millpond-clearing/1",
        "round_sha256": hashlib.sha256(data).hexdigest(),
        "awards": awards,
        "certificate": certificate,
        **json.loads(json.dumps(follows)),
        "bound": bound,
        "gap": verifier.gap_text(follows.score, bound),
    }


def failed(checks: list[verifier.Check]) -> list[int]:
    return [check.number for check in checks if check.ok is False]


def _maybe(key: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.just({}) | values.map(lambda value: {key: value})


def _most(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.just(names) | st.just(names) | st.lists(st.sampled_from(names), min_size=1, unique=True)


@st.composite
def tiny_rounds(draw: st.DrawFn, lines: int = 3, units: int = 2, offers: int = 2) -> dict[str, Any]:
    """Everything the format has, in few lines of few units: at most so many lines, units a line, offers."""
    load = {family: draw(st.integers(0, 3)) for family in ("rice", "oil")}
    items = [
        {"id": item, "family": family, "load": load[family]} | draw(_maybe("reference", st.integers(0, 90)))
        for item, family in FAMILIES.items()
    ]
    places = draw(st.lists(st.sampled_from(["hill", "永泰", "é"]), min_size=1, unique=True))
    demand = []
    for n in range(draw(st.integers(1, lines))):
        quantity = draw(st.integers(1, units))
        wanted = draw(st.lists(st.sampled_from(sorted(FAMILIES)), min_size=1, max_size=2, unique=True))
        line = {
            "id": f"d{n}",
            "place": draw(st.sampled_from(places)),
            "quantity": quantity,
            "minimum": draw(st.integers(1, quantity)),
            "accepts": [{"item": item, "limit": draw(st.integers(0, 120))} for item in wanted],
        }
        demand.append(line | draw(_maybe("needed_by", st.sampled_from(DAYS))))
    head = {"format": "millpond-round/1", "id": "tiny", "currency": "CNY", "must_serve": draw(st.booleans())}
    terms = {
        "freight_pooled": draw(st.sampled_from([0, 37, 100])),
        "solidarity": draw(st.sampled_from([0, 25, 1000])),
    }
    every = [draw(_offer(f"o{n}", places)) for n in range(draw(st.integers(1, offers)))]
    return (
        head
        | terms
        | {"items": items, "places": [{"id": place} for place in places]}
        | {
            "demand": demand,
            "offers": every,
        }
    )


@st.composite
def _offer(draw: st.DrawFn, id: str, places: list[str]) -> dict[str, Any]:
    made = draw(_most(sorted(FAMILIES)))
    starts = sorted(draw(st.sets(st.integers(1, 6), min_size=1, max_size=3)))
    offer = {
        "id": id,
        "maker": draw(st.sampled_from(["m1", "厂"])),
        "setup": draw(st.integers(0, 60)),
        "capacity": draw(st.integers(1, 8)),
        "items": [{"item": item, "surcharge": draw(st.integers(0, 40))} for item in made],
        "tiers": [{"from": start, "price": draw(st.integers(0, 60))} for start in starts],
        "freight": [
            {"place": place, "fixed": draw(st.integers(0, 30)), "per_load": draw(st.integers(0, 5))}
            for place in draw(_most(places))
        ],
    }
    return offer | draw(_maybe("ready_on", st.sampled_from(DAYS)))


def allowed(told: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any], str]]:
    """Line, offer and item of every award that could be made, in id order."""
    found = []
    for line, offer in itertools.product(told["demand"], told["offers"]):
        late = offer.get("ready_on", "") > line.get("needed_by", "9999")
        if not late and line["place"] in {way["place"] for way in offer["freight"]}:
            made = {entry["item"] for entry in offer["items"]}
            found += [(line, offer, each["item"]) for each in line["accepts"] if each["item"] in made]
    return sorted(found, key=lambda arc: (arc[0]["id"], arc[1]["id"], arc[2]))


def within_capacity(told: dict[str, Any], awards: list[dict[str, Any]]) -> bool:
    for offer in told["offers"]:
        run = sum(row["quantity"] for row in awards if row["offer"] == offer["id"])
        if run and not offer["tiers"][0]["from"] <= run <= offer["capacity"]:
            return False
    return True


@st.composite
def rounds_with_awards(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A round and allowed awards, in runs that are possible; lines may get too little or too much."""
    told = draw(tiny_rounds(lines=5, units=6, offers=3))
    awards = []
    for line, offer, item in allowed(told):
        quantity = draw(st.integers(0, line["quantity"]) | st.just(line["quantity"]))
        if quantity:
            row = {"demand": line["id"], "offer": offer["id"], "item": item, "quantity": quantity}
            awards.append(row)
    for offer in told["offers"]:
        mine = [row for row in awards if row["offer"] == offer["id"]]
        if not within_capacity(told, mine):
            offer["capacity"] = sum(row["quantity"] for row in mine)
            offer["tiers"][0]["from"] = 1
    return told, awards


def every_allocation(told: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    """All awards that keep quantities, minimum, capacity, tiers, dates, must_serve; limits are left aside."""
    choices = []
    for line in told["demand"]:
        arcs = [(offer["id"], item) for one, offer, item in allowed(told) if one is line]
        least = line["quantity"] if told["must_serve"] else line["minimum"]
        some = []
        for amounts in itertools.product(range(line["quantity"] + 1), repeat=len(arcs)):
            if least <= sum(amounts) <= line["quantity"] or (not any(amounts) and not told["must_serve"]):
                rows = [
                    {"demand": line["id"], "offer": offer, "item": item, "quantity": n}
                    for (offer, item), n in zip(arcs, amounts, strict=True)
                    if n
                ]
                some.append(rows)
        choices.append(some)
    for chosen in itertools.product(*choices):
        awards = [row for rows in chosen for row in rows]
        if within_capacity(told, awards):
            yield awards


def score(told: dict[str, Any], awards: list[dict[str, Any]]) -> int:
    """Value served less cost, straight from the definition."""
    lines = {line["id"]: line for line in told["demand"]}
    items = {item["id"]: item for item in told["items"]}
    total = 0
    for row in awards:
        limit = next(e["limit"] for e in lines[row["demand"]]["accepts"] if e["item"] == row["item"])
        worth = min(limit, items[row["item"]].get("reference", limit))
        total += 0 if told["must_serve"] else worth * row["quantity"]
    for offer in told["offers"]:
        mine = [row for row in awards if row["offer"] == offer["id"]]
        if not mine:
            continue
        run = sum(row["quantity"] for row in mine)
        total -= offer["setup"] + run * [t["price"] for t in offer["tiers"] if t["from"] <= run][-1]
        for entry in offer["items"]:
            total -= entry["surcharge"] * sum(row["quantity"] for row in mine if row["item"] == entry["item"])
        for way in offer["freight"]:
            sent = [row for row in mine if lines[row["demand"]]["place"] == way["place"]]
            load = sum(items[row["item"]]["load"] * row["quantity"] for row in sent)
            total -= (way["fixed"] + way["per_load"] * load) if sent else 0
    return total


@st.composite
def certificates(draw: st.DrawFn, told: dict[str, Any]) -> dict[str, Any]:
    """Any certificate that is allowed for the round: random multipliers in a random tree."""
    sign = -200 if told["must_serve"] else 0
    offers = {offer["id"]: len(offer["tiers"]) for offer in told["offers"]}

    def leaf() -> dict[str, Any]:
        lines = {line["id"]: draw(st.integers(sign, 200)) for line in told["demand"] if draw(st.booleans())}
        tiers = {
            offer: draw(st.lists(st.integers(-150, 150), min_size=n, max_size=n))
            for offer, n in offers.items()
            if draw(st.booleans())
        }
        runs = {"runs": draw(st.integers(0, 150))} if told["must_serve"] and draw(st.booleans()) else {}
        return {"lines": lines, "tiers": tiers} | runs

    def tree(depth: int) -> dict[str, Any]:
        if depth == 0 or draw(st.booleans()):
            return leaf()
        offer = draw(st.sampled_from(sorted(offers)))
        tier = draw(st.integers(0, offers[offer] - 1))
        return {"offer": offer, "tier": tier, "low": tree(depth - 1), "high": tree(depth - 1)}

    return {"scale": draw(st.sampled_from([1, 2, 3])), "tree": tree(4)}


def bound_by_definition(told: dict[str, Any], certificate: dict[str, Any]) -> int | None:
    """The bound as the design writes it, state by state; None if no leaf bounds anything."""
    waiting, found = [(certificate["tree"], [])], []
    while waiting:
        node, sides = waiting.pop()
        if "offer" in node:
            waiting += [
                (node[side], [*sides, (side, node["offer"], node["tier"])]) for side in ("low", "high")
            ]
        elif (bound := _leaf_by_definition(told, certificate["scale"], node, sides)) is not None:
            found.append(Fraction(bound, certificate["scale"]))
    return max(found).__floor__() if found else None


def _leaf_by_definition(
    told: dict[str, Any], scale: int, leaf: dict[str, Any], sides: list[Any]
) -> int | None:
    lines, must = leaf.get("lines", {}), told.get("must_serve", False)
    total, tops = sum(lines.get(line["id"], 0) * line["quantity"] for line in told["demand"]), []
    for offer in told["offers"]:
        starts = [tier["from"] for tier in offer["tiers"]]
        most = [min(offer["capacity"], after - 1) for after in [*starts[1:], 10**18]]
        states = [-1, *(k for k, start in enumerate(starts) if start <= most[k])]
        for side, name, tier in sides:
            if name == offer["id"]:
                states = [k for k in states if (k < tier) == (side == "low")]
        if not states:
            return None
        tops += [most[max(states)]] if max(states) >= 0 else []
        mus = leaf.get("tiers", {}).get(offer["id"], [0] * len(starts))
        total += max(
            0
            if k < 0
            else leaf.get("runs", 0)
            - scale * offer.get("setup", 0)
            + (most[k] if mus[k] >= 0 else starts[k]) * mus[k]
            + _saved(told, offer, scale, lines, scale * offer["tiers"][k]["price"] + mus[k])
            for k in states
        )
    if not must:
        return total
    demand = sum(line["quantity"] for line in told["demand"])
    enough = [n for n in range(len(tops) + 1) if sum(sorted(tops)[len(tops) - n :]) >= demand]
    return total - leaf.get("runs", 0) * enough[0] if enough else None


def _saved(told: dict[str, Any], offer: dict[str, Any], scale: int, lines: dict[str, int], asked: int) -> int:
    items = {item["id"]: item for item in told["items"]}
    surcharge = {entry["item"]: entry.get("surcharge", 0) for entry in offer["items"]}
    total = 0
    for way in offer["freight"]:
        here = [line for line in told["demand"] if line["place"] == way["place"]]
        worth = -scale * way.get("fixed", 0)
        for line in here:
            if offer.get("ready_on", "") > line.get("needed_by", "9999"):
                continue
            nets = []
            for entry in line["accepts"]:
                if entry["item"] in surcharge:
                    item = items[entry["item"]]
                    value = (
                        0 if told.get("must_serve") else min(entry["limit"], item.get("reference", 10**18))
                    )
                    nets.append(value - surcharge[item["id"]] - item.get("load", 1) * way.get("per_load", 0))
            gain = scale * max(nets) - asked - lines.get(line["id"], 0) if nets else 0
            worth += line["quantity"] * max(0, gain)
        total += max(0, worth)
    return total
