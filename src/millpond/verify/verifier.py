"""Independent check of a cleared round: `python verifier.py ROUND.json CLEARING.json`.

One file that needs Python 3.11 and nothing else: copy it out and run it alone. It shares no code with the solver and
trusts nothing that the clearing says: it reads the round as strictly as the format asks, checks the awards, works out
all that follows from them, and compares it with what the clearing says.
Exit code 0: valid. 1: invalid (which check, which row, by how much). 2: a file is unusable (where in it, and why).

- Amounts are `int`, shares `Fraction`; no float decides anything.
- Texts are ordered by code point, as Python does, which is the order of their UTF-8 bytes.
- What has a wrong type or shape is unusable; what is well formed and wrong makes the clearing invalid.
- It does not say whether a better clearing exists, only how much better one could be at most.
"""

import hashlib
import json
import re
import sys
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise, zip_longest
from typing import Any, NamedTuple, NoReturn

CHECKS = (  # numbered from 1; `verify` has the numbers where the checks are made
    ("round", "the clearing is of this round file (SHA-256 of its bytes)"),
    ("order", "awards stand in id order, one row for each line, offer and item"),
    ("awards", "the line accepts each award; its offer makes it, delivers it and is ready in time"),
    ("lines", "each line gets nothing or from its minimum to its quantity; with must_serve all of it"),
    ("capacity", "each run is from its offer's first tier to its capacity"),
    ("runs", "tier, quantity, production and freight of each run follow from the awards"),
    ("levels", "the common price of each family follows, and which families are short"),
    ("prices", "the exact price of each item at each place follows"),
    ("bills", "what each place pays follows, and to whom"),
    ("settlements", "what makers pass on to each other follows"),
    ("limits", "no line pays more than its limit (with must_serve limits don't count)"),
    ("score", "value served less cost follows"),
    ("certificate", "it has at most 4,096 leaves, of multipliers that fit the round and have an allowed sign"),
    ("bound", "it follows from the certificate, for every clearing there could be"),
    ("gap", "what is left between score and bound follows"),
)
# What the files hold, as key:kind, with =default where the key may be missing. [x] is a list of x whose first key is
# unique, [x]+ has at least one, [x]* may repeat it; {x} is an object of any keys; @x is the first key of an x above.
SHAPES = {
    "round": "format:millpond-round/1 id:id currency:currency freight_pooled:percent=100 solidarity:solidarity=0"
    " must_serve:flag=false items:[item] places:[place] demand:[line] offers:[offer]",
    "item": 'id:id name:{text}={} unit:text="unit" load:load=1 reference:amount=null family:id=null',
    "place": "id:id name:{text}={} latitude_microdeg:latitude=null longitude_microdeg:longitude=null"
    " population:amount=null",
    "line": 'id:id place:@place quantity:units minimum:units=1 needed_by:date="9999-12-31" accepts:[acceptance]+',
    "acceptance": "item:@item limit:amount",
    "offer": 'id:id maker:id setup:amount=0 capacity:units ready_on:date="" items:[make]+ tiers:[tier]+'
    " freight:[freight]=[]",
    "make": "item:@item surcharge:amount=0",
    "tier": "from:units price:amount",
    "freight": "place:@place fixed:amount=0 per_load:amount=0",
    "clearing": "format:millpond-clearing/1 round_sha256:text awards:[award]* certificate:certificate runs:[run]*"
    " levels:[level]* prices:[price]* bills:[bill]* settlements:[settlement]* score:any bound:any gap:text",
    "award": "demand:text offer:text item:text quantity:any",
    "certificate": "scale:any tree:node",
    "branch": "offer:text tier:any low:node high:node",
    "leaf": "lines:{any}={} tiers:{[any]*}={} runs:any=0",
    "run": "offer:text tier:any quantity:any production:any freight:any",
    "level": "family:text level:fraction short:flag",
    "price": "place:text item:text price:text",
    "bill": "place:text amount:any payments:[payment]*",
    "payment": "maker:text amount:any",
    "settlement": "from_maker:text to_maker:text amount:any",
}
KEYS = {
    kind: {key: (part, default) for key, part, default in re.findall(r"(\w+):([^= ]+)(?:=(\S+))?", shape)}
    for kind, shape in SHAPES.items()
}
INTEGERS = {"amount": (0, 10**12), "units": (1, 10**9), "load": (0, 10**6), "percent": (0, 100), "solidarity": (0, 1000)}
INTEGERS |= {"latitude": (-90_000_000, 90_000_000), "longitude": (-180_000_000, 180_000_000)}
INTEGERS |= {"any": (-(10**60), 10**60)}  # in a clearing: nothing that follows from a round comes near
TEXTS = {"text": ".*", "fraction": ".*", "id": ".{1,200}", "currency": "[A-Z]{3}", "date": "[0-9]{4}(-[0-9]{2}){2}"}
RULES = {"id": "an id of 1 to 200 bytes", "currency": "an ISO 4217 code like CNY", "date": "a date like 2026-12-24"}
IDS = {"offer", "family", "place", "item", "maker", "from_maker", "to_maker"}  # a row of a clearing is known by these
NUMBER = r"-?[0-9]{1,999}(/[0-9]{0,99}[1-9][0-9]{0,899}|\.[0-9]{1,9})?"
MAX_TOTAL = 10**18
MAX_LEAVES = 4096
MAX_DEPTH = 5000  # of brackets: 4,096 leaves have at most 4,095 branches above one another
Row = dict[str, Any]
Pair = tuple[str, str]


class Check(NamedTuple):
    """One result: `ok` is None where an earlier failure left nothing to check, `message` names row and difference."""

    number: int
    name: str
    ok: bool | None
    message: str


class Unusable(ValueError):
    """A file is no round or no clearing: where in the file, and why."""


class Refused(Exception):
    """A certificate is well formed and breaks a rule."""


class Odd(str):
    """What JSON can write and these formats never take: a float, NaN, an endless integer, an object with a key twice."""


def shown(value: Any) -> str:
    """The value on one short printable line."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else f"a list of {len(value)}"
    if isinstance(value, str):
        short = value if len(value) <= 80 else f"{value[:40]}... ({len(value):,} characters)"
        return short if isinstance(value, Odd) else f'"{short}"' if short.isprintable() else ascii(short)
    return json.dumps(value)


def refuse(at: str, value: Any, rule: str) -> NoReturn:
    raise Unusable(f"{at.replace(': .', ': ')}: {shown(value)} is not {rule}")


def load(kind: str, data: bytes, name: str) -> Row:
    """The file's object of this kind, defaults filled in, x_ keys left out."""
    broken: list[Odd] = []  # refused even where nobody reads them

    def constant(word: str) -> Odd:
        broken.append(Odd(word))
        return broken[-1]

    def pairs(found: list[tuple[str, Any]]) -> Row | Odd:
        row = dict(found)
        double = len(row) < len(found) and Counter(key for key, _ in found).most_common(1)[0][0]
        return row if double is False else constant(f"an object with the key {shown(double)} twice")

    def digits(number: str) -> int | Odd:
        return int(number) if len(number) < 100 else Odd(number)

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_float=Odd, parse_int=digits, parse_constant=constant)
    try:
        text = data.decode()
        try:
            value = decoder.decode(text)
        except RecursionError:  # a deep tree: the library's scanner in Python needs no C stack, but a higher limit
            before = sys.getrecursionlimit()
            sys.setrecursionlimit(before + 2 * MAX_DEPTH)
            try:
                vars(decoder)["scan_once"] = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
                value = decoder.decode(text)
            finally:
                sys.setrecursionlimit(before)
    except RecursionError:
        raise Unusable(f"{name}: brackets stand more than {MAX_DEPTH:,} deep in one another") from None
    except ValueError as problem:
        raise Unusable(f"{name}: it is not JSON in UTF-8: {problem}") from None
    row: Row = read(kind, value, f"{name}: ", {})
    if broken:
        refuse(f"{name}: under a key that begins with x_", broken[0], "JSON that everybody reads alike")
    return row


def read(kind: str, value: Any, at: str, seen: dict[str, set[str]]) -> Any:
    """The value, if it is of the kind; `seen` has the ids of the lists read so far."""
    if kind in INTEGERS:
        low, high = INTEGERS[kind]
        if type(value) is not int or not low <= value <= high:
            refuse(at, value, f"an integer from {low:,} to {high:,}")
    elif kind[0] == "@":
        if type(value) is not str or value not in seen[kind[1:]]:
            refuse(at, value, f"the id of any {kind[1:]} of this round")
    elif kind == "flag":
        if type(value) is not bool:
            refuse(at, value, "true or false")
    elif kind[0] == "[":
        return read_list(kind[1:], value, at, seen)
    elif kind[0] == "{" or kind in KEYS:
        return read_object(kind, value, at, seen)
    elif kind != "node" and (kind != "fraction" or value is not None):
        try:
            good = type(value) is str and re.fullmatch(TEXTS.get(kind, kind), value, re.DOTALL)
            good = good and (len(value.encode()) <= 200 or kind != "id")
            good = good and (kind != "date" or date.fromisoformat(value))
        except ValueError:  # half a surrogate pair, or no such day
            good = False
        if not good:
            refuse(at, value, RULES.get(kind, "a text" if kind in TEXTS else f"{kind}, the version that is known here"))
    return value


def read_object(kind: str, value: Any, at: str, seen: dict[str, set[str]]) -> Row:
    if type(value) is not dict:
        refuse(at, value, "an object")
    if kind[0] == "{":
        return {read("text", key, at, seen): read(kind[1:-1], each, f"{at}.{key}", seen) for key, each in value.items()}
    for key in value.keys() - KEYS[kind].keys():
        if not key.startswith("x_"):
            refuse(at, key, f"a key here: there are {', '.join(KEYS[kind])}, and any that begin with x_")
    row = {}
    for key, (part, default) in KEYS[kind].items():
        if key not in value and not default:
            refuse(at, value, f"complete: {key} is missing")
        row[key] = read(part, value[key], f"{at}.{key}", seen) if key in value else json.loads(default)
    return row


def read_list(kind: str, value: Any, at: str, seen: dict[str, set[str]]) -> list[Any]:
    inner, _, many = kind.rpartition("]")
    if type(value) is not list or (many == "+" and not value):
        refuse(at, value, "a list of at least one" if many == "+" else "a list")
    found = [read(inner, each, f"{at}[{n}]", seen) for n, each in enumerate(value)]
    if many != "*":
        key, ids = next(iter(KEYS[inner])), seen.setdefault(inner, set())
        ids.clear()
        for n, row in enumerate(found):
            if row[key] in ids:
                refuse(f"{at}[{n}].{key}", row[key], "new: it stands in this list before")
            ids.add(row[key])
    return found


class Round:
    """A round file, indexed; what its shape cannot say is checked here.

    Each offer gets, beside its own keys: `starts` and `prices` of its tiers, the `most` units of each tier that exists,
    `surcharge` by item, `to` (fixed, per_load) by place, and `lanes`: for each place the fixed freight and the lines
    there that it may serve, as (number, quantity, value less surcharge less freight of a unit).
    """

    def __init__(self, data: bytes, name: str) -> None:
        raw = load("round", data, name)
        self.must_serve, self.pooled, self.solidarity = raw["must_serve"], raw["freight_pooled"], raw["solidarity"]
        self.items, self.lines, self.offers = ({row["id"]: row for row in raw[k]} for k in ("items", "demand", "offers"))
        self.loads: dict[str, int] = {}  # by family
        for n, item in enumerate(raw["items"]):
            item["family"] = item["family"] or item["id"]
            if self.loads.setdefault(item["family"], item["load"]) != item["load"]:
                refuse(f"{name}: items[{n}].load", item["load"], "the load of the others in its family")
        self.lines_at: dict[str, list[tuple[int, Row]]] = defaultdict(list)
        for n, line in enumerate(raw["demand"]):
            if line["minimum"] > line["quantity"]:
                refuse(f"{name}: demand[{n}].minimum", line["minimum"], f"at most the quantity, {line['quantity']:,}")
            line["limit"] = {each["item"]: each["limit"] for each in line["accepts"]}
            line["value"] = {item: self.value(item, limit) for item, limit in line["limit"].items()}
            line["dearest"] = 0  # what a unit could cost at most
            self.lines_at[line["place"]].append((n, line))
        self.delivering: dict[str, list[Row]] = defaultdict(list)  # offers by place
        for n, offer in enumerate(raw["offers"]):
            self.index(offer, f"{name}: offers[{n}]")
        value = sum(line["quantity"] * max(line["value"].values()) for line in raw["demand"])
        cost = sum(offer["setup"] + sum(fixed for fixed, _ in offer["to"].values()) for offer in raw["offers"])
        cost += sum(line["quantity"] * line["dearest"] for line in raw["demand"])
        for key, what, total in (("demand", "value", value), ("offers", "cost", cost)):
            if total > MAX_TOTAL:
                refuse(f"{name}: {key}", total, f"a possible total {what} up to 10^18")

    def value(self, item: str, limit: int) -> int:
        """What a unit is worth."""
        reference = self.items[item]["reference"]
        return 0 if self.must_serve else limit if reference is None else min(limit, reference)

    def index(self, offer: Row, at: str) -> None:
        starts = offer["starts"] = [tier["from"] for tier in offer["tiers"]]
        for k, (before, start) in enumerate(pairwise(starts), 1):
            if start <= before:
                refuse(f"{at}.tiers[{k}].from", start, f"above the one before, {before:,}")
        offer["prices"] = [tier["price"] for tier in offer["tiers"]]
        ends = [min(offer["capacity"], start - 1) for start in starts[1:]] + [offer["capacity"]]
        offer["most"] = [end for start, end in zip(starts, ends, strict=True) if start <= end]
        offer["surcharge"] = {each["item"]: each["surcharge"] for each in offer["items"]}
        offer["to"] = {each["place"]: (each["fixed"], each["per_load"]) for each in offer["freight"]}
        offer["lanes"] = []
        for place, (fixed, per_load) in offer["to"].items():
            self.delivering[place].append(offer)
            landed = {i: extra + self.items[i]["load"] * per_load for i, extra in offer["surcharge"].items()}
            lane = []
            for n, line in self.lines_at[place]:
                if usable := landed.keys() & line["value"].keys():
                    dearest = max(offer["prices"]) + max(landed[i] for i in usable)
                    line["dearest"] = max(line["dearest"], dearest)
                    if offer["ready_on"] <= line["needed_by"]:
                        lane.append((n, line["quantity"], max(line["value"][i] - landed[i] for i in usable)))
            if lane:
                offer["lanes"].append((fixed, lane))

    def alone(self, place: str, units: Mapping[str, int], due: str) -> int | None:
        """The least for which one offer would make and deliver just these units of a family; None if none would."""
        quantity, totals = sum(units.values()), []
        for offer in self.delivering[place]:
            if offer["starts"][0] <= quantity <= offer["capacity"] and offer["ready_on"] <= due:
                if units.keys() <= offer["surcharge"].keys():
                    fixed, per_load = offer["to"][place]
                    price = offer["prices"][tier_of(offer, quantity)]
                    unit = {item: price + offer["surcharge"][item] + per_load * self.items[item]["load"] for item in units}
                    totals.append(offer["setup"] + fixed + sum(unit[item] * n for item, n in units.items()))
        return min(totals, default=None)


def tier_of(offer: Row, quantity: int) -> int:
    """The tier that a run of so many units reaches; -1 below the first."""
    return bisect_right(offer["starts"], quantity) - 1


def spread(total: int, weights: Mapping[str, Any], whole: int | None = None) -> dict[str, int]:
    """Integers in proportion to weights (whose sum is `whole`), by largest remainder, ties to the smaller id."""
    if total == 0:
        return dict.fromkeys(weights, 0)
    size = sum(weights.values()) if whole is None else whole
    parts = {key: divmod(total * weight, size) for key, weight in weights.items()}
    shares = {key: int(share) for key, (share, _) in parts.items()}
    for key in sorted(parts, key=lambda key: (-parts[key][1], key))[: total - sum(shares.values())]:
        shares[key] += 1
    return shares


def costs(market: Round, awards: list[Row]) -> tuple[list[Row], Counter[str], Counter[Pair], Counter[str]]:
    """The runs; their production without surcharges by family; freight by family and place; surcharges by item."""
    made: dict[str, Counter[str]] = defaultdict(Counter)  # offer -> family -> units
    sent: dict[Pair, Counter[str]] = defaultdict(Counter)  # offer, place -> family -> units
    production, freight, surcharges = Counter[str](), Counter[Pair](), Counter[str]()
    extra, shipping = Counter[str](), Counter[str]()  # by offer
    for row in awards:
        offer, item, n = row["offer"], row["item"], row["quantity"]
        family, place = market.items[item]["family"], market.lines[row["demand"]]["place"]
        made[offer][family] += n
        sent[offer, place][family] += n
        extra[offer] += market.offers[offer]["surcharge"][item] * n
        surcharges[item] += market.offers[offer]["surcharge"][item] * n
    for (offer, place), units in sent.items():
        fixed, per_load = market.offers[offer]["to"][place]
        loads = {family: market.loads[family] * n for family, n in units.items()}
        total = fixed + per_load * sum(loads.values())
        shipping[offer] += total
        for family, share in spread(total, loads if any(loads.values()) else units).items():
            freight[family, place] += share
    runs = []
    for offer, units in sorted(made.items()):
        terms, quantity = market.offers[offer], sum(units.values())
        tier = tier_of(terms, quantity)
        bare = terms["setup"] + terms["prices"][tier] * quantity
        production.update(spread(bare, units))
        run = {"offer": offer, "tier": tier, "quantity": quantity}
        runs.append(run | {"production": bare + extra[offer], "freight": shipping[offer]})
    return runs, production, freight, surcharges


def level_of(market: Round, bought: Row, due: Row, extra: Row, production: int, freight: Row) -> tuple[Any, Row]:
    """A family's level, None if it is short, and the price of a unit at each place before surcharges.

    `bought` has units by place and item, `due` the earliest date by place, `extra` the average surcharge by item.
    """
    units = {place: sum(items.values()) for place, items in bought.items()}
    extras = {place: sum(extra[item] * n for item, n in items.items()) for place, items in bought.items()}
    own = {place: (100 - market.pooled) * freight[place] // 100 for place in bought}
    alone = {place: market.alone(place, items, due[place]) for place, items in bought.items()}
    most = {  # what a place that could buy alone bears of the pooled cost
        place: Fraction(total * (100 + market.solidarity), 100) - own[place] - extras[place]
        for place, total in alone.items()
        if total is not None
    }
    pooled = production + sum(freight[place] - own[place] for place in bought)
    rest, buyers = Fraction(pooled), sum(units.values())  # what is left to pay, for how many units
    for place in sorted(most, key=lambda place: most[place] / units[place]):
        if rest * units[place] <= most[place] * buyers:
            break
        rest, buyers = rest - most[place], buyers - units[place]
    if buyers:
        level = rest / buyers
        return level, {place: (own[place] + min(level * n, most.get(place, level * n))) / n for place, n in units.items()}
    whole = pooled + sum(own.values()) + sum(extras.values())
    weights: Row = alone if any(alone.values()) else units
    total = sum(weights.values())
    return None, {place: (whole * weights[place] / total - extras[place]) / n for place, n in units.items()}


def follow(market: Round, awards: list[Row]) -> tuple[Row, dict[Pair, Fraction]]:
    """What a clearing must say beside awards and certificate; and the prices by place and item."""
    runs, production, freight, surcharges = costs(market, awards)
    bought: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))  # family, place, item
    due: dict[str, dict[str, str]] = defaultdict(dict)  # family, place
    units = Counter[str]()
    for row in awards:
        line, item = market.lines[row["demand"]], row["item"]
        family, place = market.items[item]["family"], line["place"]
        bought[family][place][item] += row["quantity"]
        due[family][place] = min(line["needed_by"], due[family].get(place, line["needed_by"]))
        units[item] += row["quantity"]
    extra = {item: Fraction(surcharges[item], n) for item, n in units.items()}
    levels, prices = [], dict[Pair, Fraction]()
    for family, places in sorted(bought.items()):
        here = {place: freight[family, place] for place in places}
        level, bare = level_of(market, places, due[family], extra, production[family], here)
        levels.append({"family": family, "level": None if level is None else exact(level), "short": level is None})
        prices |= {(place, item): bare[place] + extra[item] for place, items in places.items() for item in items}
    paid: dict[str, Row] = defaultdict(lambda: defaultdict(Fraction))  # place, maker
    for row in awards:
        place, maker = market.lines[row["demand"]]["place"], market.offers[row["offer"]]["maker"]
        paid[place][maker] += prices[place, row["item"]] * row["quantity"]
    balance = Counter[str]()  # what makers received less what their runs cost
    for run in runs:
        balance[market.offers[run["offer"]]["maker"]] -= run["production"] + run["freight"]
    bills, total = [], -sum(balance.values())
    for place, amount in sorted(spread(total, {place: sum(to.values()) for place, to in paid.items()}, total).items()):
        payments = {maker: part for maker, part in sorted(spread(amount, paid[place]).items()) if part}
        balance.update(payments)
        rows = [{"maker": maker, "amount": part} for maker, part in payments.items()]
        bills.append({"place": place, "amount": amount, "payments": rows})
    worth = sum(market.lines[row["demand"]]["value"][row["item"]] * row["quantity"] for row in awards)
    listed = [{"place": place, "item": item, "price": exact(price)} for (place, item), price in sorted(prices.items())]
    says = {"runs": runs, "levels": levels, "prices": listed, "bills": bills}
    return says | {"settlements": settle(balance), "score": worth - total}, prices


def settle(balance: Mapping[str, int]) -> list[Row]:
    """Makers with too much pay makers with too little, both in id order."""
    rows, givers = [], [[maker, left] for maker, left in sorted(balance.items(), reverse=True) if left > 0]
    for taker, lack in sorted((maker, -left) for maker, left in balance.items() if left < 0):
        while lack:
            amount = min(givers[-1][1], lack)
            rows.append({"from_maker": givers[-1][0], "to_maker": taker, "amount": amount})
            givers[-1][1] -= amount
            lack -= amount
            if not givers[-1][1]:
                givers.pop()
    return rows


def leaves(market: Round, tree: Any, at: str) -> Iterator[tuple[Row, Any]]:
    """The leaves, low before high, each with its limits: (limits above, offer, lowest and highest state), or None.

    State 0 of an offer is off, state k + 1 a run at tier k.
    """
    waiting, n, tiers = [(tree, None)], 1, {name: len(offer["starts"]) for name, offer in market.offers.items()}
    while waiting:
        node, limits = waiting.pop()
        if type(node) is dict and node.keys() & KEYS["branch"].keys():
            node = read("branch", node, f"{at}, branch above leaf {n}: ", {})
            name, k = node["offer"], node["tier"]
            if not 0 <= k < tiers.get(name, 0):
                raise Refused(f"branch above leaf {n}: there is no tier {k} of an offer {shown(name)}")
            waiting.append((node["high"], (limits, name, k + 1, tiers[name])))
            waiting.append((node["low"], (limits, name, 0, k)))
            continue
        leaf = read("leaf", node, f"{at}, leaf {n}: ", {})
        for name, multiplier in leaf["lines"].items():
            if name not in market.lines or (multiplier < 0 and not market.must_serve):
                raise Refused(f"leaf {n}: {multiplier} for line {shown(name)}, which must be in the round and have 0 or more")
        for name, multipliers in leaf["tiers"].items():
            if len(multipliers) != tiers.get(name, 0):
                raise Refused(f"leaf {n}: {len(multipliers)} multipliers for {tiers.get(name, 0)} tiers of {shown(name)}")
        if leaf["runs"] < 0 or (leaf["runs"] and not market.must_serve):
            raise Refused(f"leaf {n}: runs {leaf['runs']} must be 0 (with must_serve 0 or more)")
        if n > MAX_LEAVES:
            raise Refused(f"there are more than {MAX_LEAVES:,} leaves")
        yield leaf, limits
        n += 1


def leaf_bound(market: Round, scale: int, leaf: Row, limits: Any) -> int | None:
    """scale x the most that a clearing within the limits can score; None where there is no such clearing."""
    states = {name: (0, len(offer["most"])) for name, offer in market.offers.items()}
    while limits:
        limits, name, low, high = limits
        states[name] = max(low, states[name][0]), min(high, states[name][1])
    if any(low > high for low, high in states.values()):
        return None
    multipliers = [leaf["lines"].get(name, 0) for name in market.lines]
    quantities = [line["quantity"] for line in market.lines.values()]
    total = sum(each * quantity for each, quantity in zip(multipliers, quantities, strict=True))
    if market.must_serve:
        tops = [market.offers[name]["most"][high - 1] for name, (_, high) in states.items() if high]
        reach = list(accumulate(sorted(tops, reverse=True), initial=0))
        if reach[-1] < sum(quantities):
            return None
        total -= leaf["runs"] * bisect_left(reach, sum(quantities))
    for name, offer in market.offers.items():
        low, high = states[name]
        extra = leaf["tiers"].get(name, [0] * high)
        asks = [scale * price + each for price, each in zip(offer["prices"], extra, strict=False)]
        allowed = range(max(low, 1) - 1, high)
        least = min((asks[k] for k in allowed), default=0)
        lanes = []  # without what is worth no more than the least that is asked, and adds nothing
        for fixed, lane in offer["lanes"] if allowed else ():
            margins = [(quantity, scale * net - multipliers[n]) for n, quantity, net in lane]
            lanes.append((scale * fixed, [each for each in margins if each[1] > least]))
        gains = [] if low else [0]
        for k in allowed:
            units = offer["most"][k] if extra[k] >= 0 else offer["starts"][k]
            gain = leaf["runs"] - scale * offer["setup"] + units * extra[k]
            for fixed, lane in lanes:
                saved = sum(quantity * (margin - asks[k]) for quantity, margin in lane if margin > asks[k]) - fixed
                gain += max(saved, 0)
            gains.append(gain)
        total += max(gains)
    return total


def certified(market: Round, certificate: Row, at: str) -> int:
    scale = certificate["scale"]
    if scale < 1:
        raise Refused(f"scale {scale} is less than 1")
    for _ in leaves(market, certificate["tree"], at):  # all of it is looked at before any of it is worked out
        pass
    bounds = [leaf_bound(market, scale, leaf, limits) for leaf, limits in leaves(market, certificate["tree"], at)]
    if all(each is None for each in bounds):
        raise Refused("no leaf allows that the whole demand is made")
    return max(each for each in bounds if each is not None) // scale


def exact(value: Fraction) -> str:
    """In lowest terms; through Decimal, because there is a limit to the digits that int writes."""
    over, under = str(Decimal(value.numerator)), str(Decimal(value.denominator))
    return over if under == "1" else f"{over}/{under}"


def difference(said: Any, follows: Any, at: str = "") -> str:
    """The first row and field in which what is said is not what follows, and by how much; "" if there is none."""
    if said == follows:
        return ""
    if isinstance(follows, list):
        for n, pair in enumerate(zip_longest(said, follows)):
            ids = [" ".join(text for key, text in (row or {}).items() if key in IDS) or "no row" for row in pair]
            if ids[0] != ids[1]:
                return f"{at}row {n} says {ids[0]}, follows {ids[1]}"
            if pair[0] != pair[1]:
                return difference(*pair, f"{at}{ids[0]} ")
    if isinstance(follows, dict):
        return next(difference(said[key], due, f"{at}{key} ") for key, due in follows.items() if said[key] != due)
    by = ""
    if all(type(value) is int or re.fullmatch(NUMBER, value or "") for value in (said, follows)):
        over = Fraction(said) - Fraction(follows)
        by = f" ({exact(abs(over))} too {'much' if over > 0 else 'little'})" if over else " (the same number)"
    return f"{at}says {shown(said)}, follows {shown(follows)}{by}"


def refusal(market: Round, row: Row) -> str:
    """Why the award is not allowed, or ""."""
    line, offer, item = market.lines.get(row["demand"]), market.offers.get(row["offer"]), row["item"]
    if line is None or offer is None:
        return "the round has no such " + ("line" if line is None else "offer")
    reasons = {
        f"{row['quantity']} units are fewer than 1": row["quantity"] < 1,
        "the line does not accept the item": item not in line["limit"],
        "the offer does not make the item": item not in offer["surcharge"],
        f"the offer does not deliver to {line['place']}": line["place"] not in offer["to"],
        f"ready on {offer['ready_on']}, needed by {line['needed_by']}": offer["ready_on"] > line["needed_by"],
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def gap_text(score: int, bound: int) -> str:
    """(bound - score) / max(1, |bound|) in six decimals, rounded up."""
    millionths = -((score - bound) * 10**6 // max(1, abs(bound)))
    return f"{'-' if millionths < 0 else ''}{abs(millionths) // 10**6}.{abs(millionths) % 10**6:06}"


def in_words(score: int, bound: int, must_serve: bool) -> str:
    """What the certificate proves."""
    left = bound - score
    hundredths = -(-left * 10**4 // max(1, abs(score)))  # of a percent of the score
    percent = f"{hundredths // 100}.{hundredths % 100:02} %"
    if left <= 0:
        return "no other allocation can " + ("cost less" if must_serve else "score more")
    if must_serve:
        return f"no other allocation can cost more than {percent} less"
    return f"no other allocation can score more than {percent if score > 0 else f'{left:,}'} better"


def first(problems: Iterable[str]) -> str:
    """The first problem, and how many more there are; "" if there is none."""
    found = list(problems)
    return found[0] + (f" (and {len(found) - 1:,} more)" if len(found) > 1 else "") if found else ""


def check_awards(market: Round, awards: list[Row]) -> Iterator[tuple[int, str]]:
    """Numbers of checks and what is wrong, "" for nothing, as far as the awards alone decide."""
    triples = [(row["demand"], row["offer"], row["item"]) for row in awards]
    names = [f"row {n} ({' '.join(triple)})" for n, triple in enumerate(triples)]
    steps = zip(names[1:], pairwise(triples), strict=True) if awards else ()
    yield 2, first(f"{name} is there twice or too far down" for name, (before, here) in steps if before >= here)
    reasons = [refusal(market, row) for row in awards]
    refused = first(f"{name}: {reason}" for name, reason in zip(names, reasons, strict=True) if reason)
    yield 3, refused
    if refused:
        return
    served, made = Counter[str](), Counter[str]()
    for row in awards:
        served[row["demand"]] += row["quantity"]
        made[row["offer"]] += row["quantity"]
    wrong = (
        f"{name} gets {served[name]} of {line['quantity']} (minimum {line['minimum']})"
        for name, line in market.lines.items()
        if not line["minimum"] <= served[name] <= line["quantity"] and (served[name] or market.must_serve)
        or market.must_serve and served[name] < line["quantity"]
    )
    yield 4, first(wrong)
    wrong = (
        f"{name} makes {made[name]}, from {offer['starts'][0]} on and up to {offer['capacity']} is possible"
        for name, offer in market.offers.items()
        if name in made and not offer["starts"][0] <= made[name] <= offer["capacity"]
    )
    yield 5, first(wrong)


def verify(round_bytes: bytes, clearing_bytes: bytes, names: Sequence[str] = ("round", "clearing")) -> list[Check]:
    """All checks of a clearing of a round, in order; raises Unusable, which calls the two files by these names."""
    market, said = Round(round_bytes, names[0]), load("clearing", clearing_bytes, names[1])
    follows: Row = {}
    found = {1: difference(said["round_sha256"], hashlib.sha256(round_bytes).hexdigest())}  # by check: what is wrong
    found |= dict(check_awards(market, said["awards"]))  # checks 2 to 5
    if not (found[3] or found[5]):
        follows, prices = follow(market, said["awards"])  # checks 6 to 10, 12
        over = []
        for row in said["awards"]:
            line, item = market.lines[row["demand"]], row["item"]
            by = prices[line["place"], item] - line["limit"][item]
            if by > 0 and not market.must_serve:
                over.append(f"{row['demand']} pays {exact(by)} more for {item} than its limit {line['limit'][item]}")
        found[11] = first(over)
    try:
        follows["bound"] = certified(market, said["certificate"], f"{names[1]}: certificate")  # check 14
        found[13] = ""
    except Refused as problem:
        found[13] = str(problem)
    if "score" in follows and "bound" in follows:
        follows["gap"] = gap_text(follows["score"], follows["bound"])  # check 15
    checks = []
    for n, (name, meaning) in enumerate(CHECKS, 1):
        if name in follows:
            found[n] = difference(said[name], follows[name])
        if name == "gap" and not found.get(n, " "):
            meaning = in_words(follows["score"], follows["bound"], market.must_serve)
        checks.append(Check(n, name, not found[n] if n in found else None, found.get(n) or meaning))
    return checks


def report(checks: Sequence[Check]) -> str:
    """A line for each check, and what they come to."""
    words = {True: "ok      ", False: "FAILED  ", None: "        "}
    said = [f"{words[ok]}check {n} {name}: {'not reached' if ok is None else message}" for n, name, ok, message in checks]
    failed = [check for check in checks if check.ok is False]
    if failed:
        return "\n".join([*said, f"INVALID: {len(failed)} of {len(checks)} checks failed"])
    return "\n".join([*said, f"VALID: all of it follows from the awards, and {checks[-1].message}"])


def main(argv: Sequence[str] | None = None) -> int:
    paths = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if len(paths) != 2:
        print("usage: verifier.py ROUND.json CLEARING.json", file=sys.stderr)
        return 2
    try:
        contents = []
        for path in paths:
            with open(path, "rb") as file:  # noqa: PTH123 (pathlib is kept out of the core)
                contents.append(file.read())
        checks = verify(contents[0], contents[1], paths)
    except OSError as problem:
        print(f"{problem.filename}: it cannot be read: {problem.strerror}", file=sys.stderr)
    except Unusable as problem:
        print(problem, file=sys.stderr)
    else:
        print(report(checks))
        return 0 if all(check.ok for check in checks) else 1
    return 2


if __name__ == "__main__":
    sys.exit(main())
