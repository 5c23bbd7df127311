"""Degenerate rounds: every corner of the format that a solver meets sooner or later.

`shapes()` maps a name to a round (plain JSON dict). All are accepted by the format. A name beginning with
`cannot-serve` is a `must_serve` round that no awards serve; everything else has at least one valid clearing
(the empty one, if not `must_serve`).
"""

from typing import Any

from bench.generator import RoundDict, generate

BIG = 10**12  # the format's largest amount


def shapes(seed: int = 1) -> dict[str, RoundDict]:
    """All degenerate rounds, in a fixed order; those with randomness in them follow `seed`."""
    rounds = {**_drawn(seed), **_changed(seed), **_made_by_hand(), **_must_serve(seed)}
    return {name: {**body, "id": name} for name, body in rounds.items()}


def _drawn(seed: int) -> dict[str, RoundDict]:
    return {
        "plain": generate(12, 5, seed),
        "one-place": generate(1, 4, seed),
        "one-offer": generate(15, 1, seed),
        "no-offers": generate(8, 0, seed),
        "limits-too-low": generate(12, 5, seed, limits="tight", load=(30, 60)),
        "limits-loose": generate(12, 5, seed, limits="loose"),
        "capacity-far-too-small": generate(20, 4, seed, capacity_ratio=(0.03, 0.05)),
        "zero-loads": generate(12, 5, seed, load=(0, 0)),
        "dates": generate(15, 6, seed, dates=0.8),
        "families": generate(15, 6, seed, items=8, paired=1.0, accepts=(1, 4)),
        "minimum": generate(15, 6, seed, minimum=1.0),
        "one-tier": generate(12, 5, seed, tiers=1),
        "pooled-0": generate(12, 5, seed, freight_pooled=0),
        "pooled-37-solidarity-10": generate(12, 5, seed, freight_pooled=37, solidarity=10),
        "solidarity-1000": generate(12, 5, seed, solidarity=1000),
        "everything": generate(
            25, 8, seed, dates=0.4, minimum=0.5, paired=1.0, load=(0, 6), accepts=(1, 3), freight_pooled=60
        ),
    }


def _changed(seed: int) -> dict[str, RoundDict]:
    plain = generate(12, 5, seed)
    offers = plain["offers"]
    nowhere = [{**o, "freight": []} for o in offers]
    below_first = [{**o, "capacity": o["tiers"][0]["from"] - 1} for o in offers if o["tiers"][0]["from"] > 1]
    no_reference = [{k: v for k, v in item.items() if k != "reference"} for item in plain["items"]]
    free_freight = [{**o, "freight": [{"place": f["place"]} for f in o["freight"]]} for o in offers]
    return {
        "no-demand": {**plain, "demand": []},
        "nothing-at-all": {**plain, "items": [], "places": [], "demand": [], "offers": []},
        "nobody-delivers": {**plain, "offers": nowhere},
        "capacity-below-first-tier": {**plain, "offers": below_first},
        "no-reference": {**plain, "items": no_reference},
        "free-freight": {**plain, "offers": free_freight},
        "limits-zero": {**plain, "demand": [_with_limits(line, 0) for line in plain["demand"]]},
        "one-maker-many-offers": {**plain, "offers": [{**o, "maker": "m"} for o in offers]},
    }


def _with_limits(line: dict[str, Any], limit: int) -> dict[str, Any]:
    return {**line, "accepts": [{**a, "limit": limit} for a in line["accepts"]]}


def _round(
    items: list[dict[str, Any]], demand: list[dict[str, Any]], offers: list[dict[str, Any]], **rest: Any
) -> RoundDict:
    places = [{"id": p} for p in sorted({line["place"] for line in demand})]
    head = {"format": "millpond-round/1", "currency": "CNY"}
    return {**head, **rest, "items": items, "places": places, "demand": demand, "offers": offers}


def _line(number: int, quantity: int, limits: dict[str, int], **rest: Any) -> dict[str, Any]:
    accepts = [{"item": item, "limit": limit} for item, limit in limits.items()]
    return {"id": f"d{number}", "place": f"p{number}", "quantity": quantity, "accepts": accepts, **rest}


def _offer(number: int, places: int, capacity: int, tiers: dict[int, int], **rest: Any) -> dict[str, Any]:
    freight = [{"place": f"p{c}", "fixed": 0, "per_load": 0} for c in range(places)]
    ladder = [{"from": start, "price": price} for start, price in tiers.items()]
    offer = {"id": f"o{number}", "maker": f"m{number}", "capacity": capacity, "items": [{"item": "i"}]}
    return {**offer, "tiers": ladder, "freight": freight, **rest}


def _made_by_hand() -> dict[str, RoundDict]:
    item = [{"id": "i", "reference": 100}]
    fifty = [{"id": f"i{n:02d}", "reference": 100 + n, "family": f"f{n % 7}"} for n in range(50)]
    accepts_all = {i["id"]: 90 + n for n, i in enumerate(fifty)}
    makes_all = [{"item": i["id"], "surcharge": n} for n, i in enumerate(fifty)]
    return {
        "ties-everywhere": _round(
            item, [_line(n, 10, {"i": 100}) for n in range(8)],
            [_offer(n, 8, 40, {10: 60, 20: 50}, setup=100) for n in range(4)],
        ),
        "ties-at-zero": _round(
            [{"id": "i", "reference": 0}], [_line(n, 5, {"i": 0}) for n in range(4)],
            [_offer(n, 4, 20, {1: 0}) for n in range(3)],
        ),
        "amounts-of-a-million-million": _round(
            [{"id": "i"}], [_line(n, 100 + n, {"i": BIG}) for n in range(6)],
            [_offer(n, 6, 400, {1: BIG - 5, 100: BIG - 50, 300: BIG // 2}, setup=BIG) for n in range(2)],
        ),
        "quantities-of-a-thousand-million": _round(
            item, [_line(n, 10**9, {"i": 90}, minimum=10**9 - n) for n in range(3)],
            [_offer(n, 3, 10**9, {1: 80, 10**9: 70}, setup=BIG // 10) for n in range(3)],
        ),
        "one-line-accepts-fifty": _round(
            fifty, [_line(n, 7 + n, accepts_all) for n in range(3)],
            [_offer(n, 3, 30, {5: 60, 15: 50}, items=makes_all[n * 10 :]) for n in range(4)],
        ),
        "only-the-whole-line": _round(
            item, [_line(n, 10, {"i": 100}, minimum=10) for n in range(5)],
            [_offer(0, 5, 37, {15: 60, 35: 40}, setup=50), _offer(1, 5, 14, {3: 62}, setup=10)],
        ),
        "freight-too-dear": _round(
            item, [_line(n, 3, {"i": 100}) for n in range(5)], [_offer(0, 5, 50, {1: 10}, setup=1, freight=[
                {"place": f"p{c}", "fixed": BIG, "per_load": BIG} for c in range(5)])],
        ),
        "one-unit": _round(item, [_line(0, 1, {"i": 100})], [_offer(0, 1, 1, {1: 99}, setup=1)]),
    }  # fmt: skip


def _must_serve(seed: int) -> dict[str, RoundDict]:
    item = [{"id": "i"}]
    lines = [_line(n, 10, {"i": 0}) for n in range(4)]
    late = [_line(n, 10, {"i": 0}, needed_by="2026-12-01") for n in range(4)]
    unreached = _offer(0, 3, 100, {1: 5})
    return {
        "must-serve": generate(12, 5, seed, must_serve=True),
        "must-serve-tight": generate(12, 5, seed, must_serve=True, capacity_ratio=(1.03, 1.04)),
        "must-serve-nothing": _round(item, [], [_offer(0, 0, 5, {1: 5})], must_serve=True),
        "must-serve-awkward-tiers": _round(
            item, lines, [_offer(n, 4, 21, {19: 10, 21: 8}, setup=n) for n in range(3)], must_serve=True
        ),
        "must-serve-exactly": _round(
            item, lines, [_offer(n, 4, 10, {10: 10}, setup=n) for n in range(4)], must_serve=True
        ),
        "cannot-serve-capacity": _round(item, lines, [_offer(0, 4, 39, {1: 5})], must_serve=True),
        "cannot-serve-place": _round(item, lines, [unreached], must_serve=True),
        "cannot-serve-first-tier": _round(item, lines, [_offer(0, 4, 100, {41: 5})], must_serve=True),
        "cannot-serve-steps": _round(
            item, lines, [_offer(n, 4, 13, {12: 10}, setup=n) for n in range(4)], must_serve=True
        ),
        "cannot-serve-date": _round(
            item, late, [_offer(0, 4, 100, {1: 5}, ready_on="2026-12-02")], must_serve=True
        ),
        "cannot-serve-item": _round(
            [*item, {"id": "j"}], lines, [_offer(0, 4, 100, {1: 5}, items=[{"item": "j"}])], must_serve=True
        ),
    }
