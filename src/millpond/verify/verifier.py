"""Independent check of a cleared round: `python verifier.py ROUND.json CLEARING.json`.

One file that needs Python 3.11 and nothing else: copy it out and run it alone. It shares no code with the
solver and trusts nothing that the clearing says: it reads the round as strictly as the format asks, checks
the awards, works out all that follows from them, and compares it with what the clearing says.
Exit code 0: valid. 1: invalid (which check, which row, by how much). 2: a file is unusable (where, and why).

- Amounts are `int`, shares `Fraction`; no float decides anything.
- Texts are ordered by code point, as Python does, which is the order of their UTF-8 bytes.
- What has a wrong type or shape is unusable; what is well formed and wrong makes the clearing invalid.
- It does not say whether a better clearing exists, only how much better one could be at most.
"""

import argparse
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

CHECKS = (  # numbered from 1; `Round.check_awards` and `verify` have the numbers where the checks are made
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
    (
        "certificate",
        "it has at most 4,096 leaves, of multipliers that fit the round and have an allowed sign",
    ),
    ("bound", "it follows from the certificate, for every clearing there could be"),
    ("gap", "what is left between score and bound follows"),
)
# What the files hold, as key:kind, with =default where the key may be missing. [x] is a list of x whose first
# key is unique, [x]+ has at least one, [x]* may repeat it; {x} has any keys; @x is the first key of some x.
SHAPES = {
    "round": "format:millpond-round/1 id:id currency:currency freight_pooled:percent=100 solidarity:mille=0"
    " must_serve:flag=false items:[item] places:[place] demand:[line] offers:[offer]",
    "item": 'id:id name:{text}={} unit:text="unit" load:load=1 reference:amount=null family:id=null',
    "place": "id:id name:{text}={} population:amount=null latitude_microdeg:north=null"
    " longitude_microdeg:east=null",
    "line": 'id:id place:@place quantity:units minimum:units=1 needed_by:date="9999-12-31" accepts:[accept]+',
    "accept": "item:@item limit:amount",
    "offer": 'id:id maker:id setup:amount=0 capacity:units ready_on:date="" items:[make]+ tiers:[tier]+'
    " freight:[freight]=[]",
    "make": "item:@item surcharge:amount=0",
    "tier": "from:units price:amount",
    "freight": "place:@place fixed:amount=0 per_load:amount=0",
    "clearing": "format:millpond-clearing/1 round_sha256:text awards:[award]* certificate:certificate"
    " runs:[run]* levels:[level]* prices:[price]* bills:[bill]* settlements:[settlement]* score:any bound:any"
    " gap:text",
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
FIELD = re.compile(r"(\w+):([^= ]+)(?:=(\S+))?")
FIELDS = {kind: {key: rest for key, *rest in FIELD.findall(shape)} for kind, shape in SHAPES.items()}
INTEGERS = {"amount": (0, 10**12), "units": (1, 10**9), "load": (0, 10**6), "percent": (0, 100)}
INTEGERS |= {"mille": (0, 1000), "north": (-90 * 10**6, 90 * 10**6), "east": (-180 * 10**6, 180 * 10**6)}
INTEGERS |= {"any": (-(10**60), 10**60)}  # in a clearing: nothing that follows from a round comes near
TEXTS = {"text": "[^\ud800-\udfff]*", "id": "[^\ud800-\udfff]+"}  # UTF-8 has no half surrogate pairs
TEXTS |= {"fraction": TEXTS["text"], "currency": "[A-Z]{3}", "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}"}
RULES = {kind: f"an integer from {low:,} to {high:,}" for kind, (low, high) in INTEGERS.items()}
RULES |= {"text": "a text", "fraction": "a fraction in text, or null", "id": "an id of 1 to 200 bytes"}
RULES |= {"currency": "an ISO 4217 code like CNY", "date": "a date like 2026-12-24", "flag": "true or false"}
RULES |= {"@item": "the id of an item of this round", "@place": "the id of a place of this round"}
IDS = {"offer", "family", "place", "item", "maker", "from_maker", "to_maker"}  # they name rows of a clearing
NUMBER = re.compile(r"-?[0-9]{1,999}(/[0-9]{0,99}[1-9][0-9]{0,899})?")
MAX_TOTAL, MAX_LEAVES = 10**18, 4096
MAX_DEPTH = 5000  # of brackets: 4,096 leaves have at most 4,095 branches above one another


class Check(NamedTuple):
    """`ok` is None where an earlier failure left nothing to check; `message` names row and difference."""

    number: int
    name: str
    ok: bool | None
    message: str


class Unusable(ValueError):
    """A file is no round or no clearing: where in the file, and why."""


class Refused(Exception):
    """A certificate is well formed and breaks a rule."""


class Odd(str):
    """What JSON can write and no format takes: a float, NaN, an endless integer, a key given twice."""


class Row(dict[str, Any]):
    """An object of a file; keys that no method of dict has are attributes too."""

    def __getattr__(self, key: str) -> Any:
        return self[key]


def shown(value: Any) -> str:
    """The value on one short printable line."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else f"a list of {len(value)}"
    if isinstance(value, str):
        short = value if len(value) <= 80 else f"{value[:40]}... ({len(value):,} characters)"
        return short if isinstance(value, Odd) else f'"{short}"' if short.isprintable() else ascii(short)
    return json.dumps(value)


def refuse(at: str, value: Any, rule: str) -> NoReturn:
    where = at.replace(": .", ": ").removesuffix(": ")
    where = where if where.isprintable() else ascii(where)[1:-1]
    raise Unusable(f"{where[:160]}{'...' * (len(where) > 160)}: {shown(value)} is not {rule}")


def load(kind: str, data: bytes, name: str) -> Row:
    """The file's object of this kind, defaults filled in, x_ keys left out."""
    broken: list[Odd] = []  # refused even where nobody reads them

    def odd(text: str) -> Odd:
        broken.append(Odd(text))
        return broken[-1]

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any] | Odd:
        row = dict(found)
        if len(row) == len(found):
            return row
        return odd(f"an object with {shown(Counter(key for key, _ in found).most_common(1)[0][0])} twice")

    def digits(number: str) -> int | Odd:
        return int(number) if len(number) < 100 else Odd(number)

    decoder = json.JSONDecoder(object_pairs_hook=pairs, parse_float=Odd, parse_int=digits, parse_constant=odd)
    depth = sys.getrecursionlimit()
    try:
        try:
            value = decoder.decode(data.decode())
        except RecursionError:
            # A deep tree: the library's scanner in Python needs no C stack, only a higher limit.
            sys.setrecursionlimit(depth + 2 * MAX_DEPTH)
            vars(decoder)["scan_once"] = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
            value = decoder.decode(data.decode())
        finally:
            sys.setrecursionlimit(depth)
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
    if kind in FIELDS or kind[0] == "{":
        if not isinstance(value, dict):
            refuse(at, value, "an object")
        fields = FIELDS.get(kind) or {read("text", key, at, seen): (kind[1:-1], "") for key in value}
        for key in value:
            if key not in fields and not key.startswith("x_"):
                refuse(at, key, f"a key here: there are {', '.join(fields)}, and any that begin with x_")
        for key, (_, default) in fields.items():
            if key not in value and not default:
                refuse(at, value, f"complete: {key} is missing")
        return Row(
            (key, read(part, value[key], f"{at}.{key}", seen) if key in value else json.loads(default))
            for key, (part, default) in fields.items()
        )
    if kind[0] == "[":
        inner, many = kind[1:].split("]")
        if not isinstance(value, list) or (many == "+" and not value):
            refuse(at, value, "a list of at least one" if many == "+" else "a list")
        rows = [read(inner, each, f"{at}[{n}]", seen) for n, each in enumerate(value)]
        if many != "*":
            key, ids = next(iter(FIELDS[inner])), set[str]()
            for n, row in enumerate(rows):
                if row[key] in ids:
                    refuse(f"{at}[{n}].{key}", row[key], "new: it stands in this list before")
                ids.add(row[key])
            seen[inner] = ids
        return rows
    try:
        if kind in INTEGERS:
            good = type(value) is int and INTEGERS[kind][0] <= value <= INTEGERS[kind][1]
        elif kind[0] == "@":
            good = type(value) is str and value in seen[kind[1:]]
        elif kind in ("flag", "node"):
            good = kind == "node" or type(value) is bool
        else:
            good = type(value) is str and bool(re.fullmatch(TEXTS.get(kind, kind), value))
            good = good and (kind != "id" or len(value.encode()) <= 200)
            good = good and (kind != "date" or bool(date.fromisoformat(value)))
    except ValueError:
        good = False
    if not (good or (kind == "fraction" and value is None)):
        refuse(at, value, RULES.get(kind) or f"{kind}, the version that is known here")
    return value


def tier_of(offer: Row, quantity: int) -> int:
    """The tier that a run of so many units reaches; -1 below the first."""
    return bisect_right(offer.starts, quantity) - 1


def group(rows: Iterable[Row], key: str) -> list[tuple[str, list[Row]]]:
    """Rows by what stands under the key, in id order."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return sorted(groups.items())


def tally(rows: Iterable[Row], key: str, what: str = "quantity") -> dict[str, Any]:
    """The sum of one thing by another."""
    return {name: sum(row[what] for row in some) for name, some in group(rows, key)}


def spread(total: int, weights: Mapping[str, Any], whole: int | None = None) -> dict[str, int]:
    """Integers in proportion to weights (their sum is `whole`), by largest remainder, ties to smaller ids."""
    if total == 0:
        return dict.fromkeys(weights, 0)
    size = sum(weights.values()) if whole is None else whole
    parts = {key: divmod(total * weight, size) for key, weight in weights.items()}
    shares = {key: int(share) for key, (share, _) in parts.items()}
    for key in sorted(parts, key=lambda key: (-parts[key][1], key))[: total - sum(shares.values())]:
        shares[key] += 1
    return shares


def exact(value: Fraction) -> str:
    """In lowest terms; through Decimal, because there is a limit to the digits that int writes."""
    over, under = str(Decimal(value.numerator)), str(Decimal(value.denominator))
    return over if under == "1" else f"{over}/{under}"


class Round:
    """A round file, indexed; what its shape cannot say is checked here.

    Each offer gets, beside its own keys, `starts` and `prices` of its tiers, the `most` units of each tier
    that exists, `surcharge` by item, `to` (fixed, per_load) by place, and `lanes`: for each place its fixed
    freight and the lines it may serve there: (number, quantity, value less surcharge less freight of a unit).
    """

    def __init__(self, data: bytes, name: str) -> None:
        raw = load("round", data, name)
        self.must_serve, self.pooled, self.solidarity = raw.must_serve, raw.freight_pooled, raw.solidarity
        self.items: dict[str, Row] = {item.id: item for item in raw["items"]}
        self.lines: dict[str, Row] = {line.id: line for line in raw.demand}
        self.offers: dict[str, Row] = {offer.id: offer for offer in raw.offers}
        self.loads: dict[str, int] = {}  # by family
        for n, item in enumerate(raw["items"]):
            item["family"] = item.family or item.id
            if self.loads.setdefault(item.family, item.load) != item.load:
                refuse(f"{name}: items[{n}].load", item.load, "the load of the others in its family")
        self.wanting: dict[tuple[str, str], list[tuple[int, Row, int]]] = defaultdict(list)
        for n, line in enumerate(raw.demand):
            if line.minimum > line.quantity:
                refuse(f"{name}: demand[{n}].minimum", line.minimum, "at most the quantity of the line")
            line["limit"] = {each.item: each.limit for each in line.accepts}
            line["value"] = {item: self.value(item, limit) for item, limit in line.limit.items()}
            line["dearest"] = 0  # what a unit could cost at most
            for item, worth in line.value.items():
                self.wanting[line.place, item].append((n, line, worth))
        self.making: dict[str, list[Row]] = defaultdict(list)  # offers by item
        for n, offer in enumerate(raw.offers):
            self.index(offer, f"{name}: offers[{n}]")
        value = sum(line.quantity * max(line.value.values()) for line in raw.demand)
        cost = sum(offer.setup + sum(fixed for fixed, _ in offer.to.values()) for offer in raw.offers)
        cost += sum(line.quantity * line.dearest for line in raw.demand)
        for key, what, total in (("demand", "value", value), ("offers", "cost", cost)):
            if total > MAX_TOTAL:
                refuse(f"{name}: {key}", total, f"a possible total {what} of 10^18 or less")

    def value(self, item: str, limit: int) -> int:
        """What a unit is worth to a line."""
        reference = self.items[item].reference
        return 0 if self.must_serve else limit if reference is None else min(limit, reference)

    def index(self, offer: Row, at: str) -> None:
        starts = offer["starts"] = [tier["from"] for tier in offer.tiers]
        for k, (before, start) in enumerate(pairwise(starts), 1):
            if start <= before:
                refuse(f"{at}.tiers[{k}].from", start, f"above {before:,}, the one before")
        ends = [min(offer.capacity, start - 1) for start in starts[1:]] + [offer.capacity]
        offer["most"] = [end for start, end in zip(starts, ends, strict=True) if start <= end]
        offer["prices"] = [tier.price for tier in offer.tiers]
        offer["surcharge"] = {each.item: each.surcharge for each in offer["items"]}
        offer["to"] = {each.place: (each.fixed, each.per_load) for each in offer.pop("freight")}
        offer["lanes"], top, ready = [], max(offer.prices), offer.ready_on
        makes = [(item, extra, self.items[item].load) for item, extra in offer.surcharge.items()]
        for item in offer.surcharge:
            self.making[item].append(offer)
        for place, (fixed, per_load) in offer.to.items():
            lane: dict[int, tuple[int, int, int]] = {}
            for item, extra, weight in makes:
                cost = extra + weight * per_load
                for n, line, worth in self.wanting.get((place, item), ()):
                    line["dearest"] = max(line["dearest"], top + cost)
                    better = n not in lane or worth - cost > lane[n][2]
                    if better and ready <= line["needed_by"]:  # ISO dates compare as text
                        lane[n] = (n, line["quantity"], worth - cost)
            if lane:
                offer["lanes"].append((fixed, list(lane.values())))

    def alone(self, place: str, units: Mapping[str, int], due: str) -> int | None:
        """The least for which one offer would make and deliver just these units; None if none would."""
        quantity, totals = sum(units.values()), []
        for offer in self.making[min(units)]:
            possible = place in offer.to and offer.ready_on <= due and units.keys() <= offer.surcharge.keys()
            if possible and offer.starts[0] <= quantity <= offer.capacity:
                fixed, per_load = offer.to[place]
                made = offer.setup + offer.prices[tier_of(offer, quantity)] * quantity
                extra = sum(
                    (offer.surcharge[i] + per_load * self.items[i].load) * n for i, n in units.items()
                )
                totals.append(made + extra + fixed)
        return min(totals, default=None)

    def follow(self, awards: list[Row]) -> Row:
        """What a clearing says beside awards and certificate; each award gets its exact price and more."""
        for row in awards:
            line, offer = self.lines[row.demand], self.offers[row.offer]
            row |= {"place": line.place, "due": line.needed_by, "limit": line.limit[row.item]}
            row |= {"maker": offer.maker, "extra": offer.surcharge[row.item] * row.quantity}
            row["family"] = self.items[row.item].family
        runs, production, freight = self.runs(awards)
        units, extras = tally(awards, "item"), tally(awards, "item", "extra")
        average = {item: Fraction(extras[item], units[item]) for item in units}
        levels = []
        for family, rows in group(awards, "family"):
            shipped = {place: freight[family, place] for place, _ in group(rows, "place")}
            level, bases = self.level(rows, average, production[family], shipped)
            text = None if level is None else exact(level)
            levels.append(Row(family=family, level=text, short=level is None))
            for row in rows:
                row["price"] = bases[row.place] + average[row.item]
                row["pays"] = row.price * row.quantity
        prices = sorted({(row.place, row.item): row.price for row in awards}.items())
        balance = Counter[str]()  # what makers receive less what their runs cost
        for run in runs:
            balance[self.offers[run.offer].maker] -= run.production + run.freight
        cost, bills, at = -sum(balance.values()), [], dict(group(awards, "place"))
        for place, amount in spread(cost, tally(awards, "place", "pays"), cost).items():
            payments = spread(amount, tally(at[place], "maker", "pays"))
            balance.update(payments)
            listed = [Row(maker=maker, amount=part) for maker, part in payments.items() if part]
            bills.append(Row(place=place, amount=amount, payments=listed))
        return Row(
            runs=runs,
            levels=levels,
            prices=[Row(place=place, item=item, price=exact(price)) for (place, item), price in prices],
            bills=bills,
            settlements=settle(balance),
            score=sum(self.lines[row.demand].value[row.item] * row.quantity for row in awards) - cost,
        )

    def runs(self, awards: list[Row]) -> tuple[list[Row], Counter[str], Counter[tuple[str, str]]]:
        """The runs; their production without surcharges by family; freight by family and place."""
        runs, production, freight = [], Counter[str](), Counter[tuple[str, str]]()
        for name, rows in group(awards, "offer"):
            offer, shipping, units = self.offers[name], 0, tally(rows, "family")
            for place, sent in group(rows, "place"):
                parts, (fixed, per_load) = tally(sent, "family"), offer.to[place]
                loads = {family: self.loads[family] * n for family, n in parts.items()}
                total = fixed + per_load * sum(loads.values())
                shipping += total
                for family, share in spread(total, loads if any(loads.values()) else parts).items():
                    freight[family, place] += share
            quantity = sum(units.values())
            tier = tier_of(offer, quantity)
            bare = offer.setup + offer.prices[tier] * quantity
            production.update(spread(bare, units))
            made = bare + sum(row.extra for row in rows)
            runs.append(Row(offer=name, tier=tier, quantity=quantity, production=made, freight=shipping))
        return runs, production, freight

    def level(
        self, rows: list[Row], average: Mapping[str, Fraction], production: int, freight: Mapping[str, int]
    ) -> tuple[Fraction | None, dict[str, Fraction]]:
        """A family's level, None if it is short, and the price of its units by place, before surcharges.

        `rows` are its awards, `average` surcharges by item, `production` without them, `freight` by place.
        """
        at = dict(group(rows, "place"))
        bought = {place: tally(some, "item") for place, some in at.items()}
        units = tally(rows, "place")
        extras = {place: sum(average[item] * n for item, n in bought[place].items()) for place in at}
        own = {place: (100 - self.pooled) * freight[place] // 100 for place in at}
        alone = {place: self.alone(place, bought[place], min(row.due for row in at[place])) for place in at}
        most = {  # what a place that could buy alone bears of the pooled cost
            place: Fraction(total * (100 + self.solidarity), 100) - own[place] - extras[place]
            for place, total in alone.items()
            if total is not None
        }
        pooled = production + sum(freight.values()) - sum(own.values())
        rest, buyers = Fraction(pooled), sum(units.values())  # what is left to pay, for how many units
        for place in sorted(most, key=lambda place: most[place] / units[place]):
            if rest * units[place] <= most[place] * buyers:
                break
            rest, buyers = rest - most[place], buyers - units[place]
        if buyers:
            level = rest / buyers
            shares = {place: min(level * n, most.get(place, level * n)) for place, n in units.items()}
            return level, {place: (own[place] + shares[place]) / n for place, n in units.items()}
        weights: dict[str, Any] = alone if any(alone.values()) else units  # short: all pay in proportion
        scale = (pooled + sum(own.values()) + sum(extras.values())) / Fraction(sum(weights.values()))
        return None, {place: (scale * weights[place] - extras[place]) / n for place, n in units.items()}

    def leaves(self, tree: Any, at: str) -> Iterator[tuple[Row, dict[str, tuple[int, int]]]]:
        """The leaves, low before high, each with lowest and highest state of the offers it was branched on.

        State 0 of an offer is off, state k + 1 a run at tier k.
        """
        waiting: list[tuple[Any, dict[str, tuple[int, int]]]] = [(tree, {})]
        tiers, n = {name: len(offer.starts) for name, offer in self.offers.items()}, 1
        while waiting:
            node, states = waiting.pop()
            if isinstance(node, dict) and node.keys() & FIELDS["branch"].keys():
                node = read("branch", node, f"{at}, branch above leaf {n}: ", {})
                name, tier = node.offer, node.tier
                if not 0 <= tier < tiers.get(name, 0):
                    raise Refused(f"branch above leaf {n}: no tier {tier} of offer {shown(name)}")
                low, high = states.get(name, (0, len(self.offers[name].most)))
                waiting.append((node.high, states | {name: (max(low, tier + 1), high)}))
                waiting.append((node.low, states | {name: (low, min(high, tier))}))
                continue
            leaf = read("leaf", node, f"{at}, leaf {n}: ", {})
            for name, each in leaf.lines.items():
                if name not in self.lines or (each < 0 and not self.must_serve):
                    raise Refused(f"leaf {n}: {each} for line {shown(name)}: no such line, or less than 0")
            for name, each in leaf.tiers.items():
                if len(each) != tiers.get(name):
                    raise Refused(
                        f"leaf {n}: {shown(name)} has {len(each)} multipliers, not one for each tier"
                    )
            if leaf.runs < 0 or (leaf.runs and not self.must_serve):
                raise Refused(f"leaf {n}: runs is {leaf.runs}, and must be 0, or more with must_serve")
            if n > MAX_LEAVES:
                raise Refused(f"there are more than {MAX_LEAVES:,} leaves")
            yield leaf, states
            n += 1

    def leaf_bound(self, scale: int, leaf: Row, branched: dict[str, tuple[int, int]]) -> int | None:
        """scale x the most that a clearing in these states can score; None where there is no clearing."""
        states = {name: (0, len(offer.most)) for name, offer in self.offers.items()} | branched
        if any(low > high for low, high in states.values()):
            return None
        multipliers = [leaf.lines.get(name, 0) for name in self.lines]
        quantities = [line.quantity for line in self.lines.values()]
        total = sum(each * quantity for each, quantity in zip(multipliers, quantities, strict=True))
        if self.must_serve:
            tops = [self.offers[name].most[high - 1] for name, (_, high) in states.items() if high]
            reach = list(accumulate(sorted(tops, reverse=True), initial=0))
            if reach[-1] < sum(quantities):
                return None
            total -= leaf.runs * bisect_left(reach, sum(quantities))
        for name, offer in self.offers.items():
            low, high = states[name]
            extra = leaf.tiers.get(name) or [0] * high
            asks = [scale * price + each for price, each in zip(offer.prices, extra, strict=False)]
            allowed = range(max(low, 1) - 1, high)
            least = min((asks[k] for k in allowed), default=0)
            lanes = []  # without lines that are worth no more than the least that is asked: they add nothing
            for fixed, lane in offer.lanes if allowed else ():
                margins = [(quantity, scale * net - multipliers[n]) for n, quantity, net in lane]
                if worthy := [each for each in margins if each[1] > least]:
                    lanes.append((scale * fixed, worthy))
            gains = [] if low else [0]
            for k in allowed:
                ask, units = asks[k], offer.most[k] if extra[k] >= 0 else offer.starts[k]
                gain = leaf.runs - scale * offer.setup + units * extra[k]
                for fixed, lane in lanes:
                    saved = -fixed
                    for quantity, margin in lane:
                        if margin > ask:
                            saved += quantity * (margin - ask)
                    if saved > 0:
                        gain += saved
                gains.append(gain)
            total += max(gains)
        return int(total)

    def bound(self, certificate: Row, at: str) -> int:
        """What the certificate proves no clearing to score more than."""
        if certificate.scale < 1:
            raise Refused(f"scale is {certificate.scale}, and must be 1 or more")
        bounds = (self.leaf_bound(certificate.scale, *each) for each in self.leaves(certificate.tree, at))
        best = max((bound for bound in bounds if bound is not None), default=None)
        if best is None:
            raise Refused("no leaf lets the whole demand be made")
        return best // int(certificate.scale)

    def refusal(self, row: Row) -> str:
        """Why the award is not allowed, or ""."""
        line, offer = self.lines.get(row.demand), self.offers.get(row.offer)
        if line is None or offer is None:
            return f"the round has no such {'line' if line is None else 'offer'}"
        if row.item not in line.limit or row.item not in offer.surcharge:
            return f"the {'line does not accept' if row.item not in line.limit else 'offer does not make'} it"
        if line.place not in offer.to:
            return f"the offer does not deliver to {line.place}"
        if offer.ready_on > line.needed_by:
            return f"it is ready on {offer.ready_on}, and needed by {line.needed_by}"
        return "" if row.quantity > 0 else f"{row.quantity} units are fewer than 1"

    def check_awards(self, awards: list[Row]) -> dict[int, str]:
        """Checks 2 to 5, as far as they can be made: what is wrong, "" for nothing."""
        keys = [(row.demand, row.offer, row.item) for row in awards]
        names = [f"row {n} ({' '.join(key)})" for n, key in enumerate(keys)]
        late = (name for name, (one, two) in zip(names[1:], pairwise(keys), strict=False) if one >= two)
        found = {2: first(f"{name} belongs further up, or stands there twice" for name in late)}  # check 2
        reasons = ((name, self.refusal(row)) for name, row in zip(names, awards, strict=True))
        found[3] = first(f"{name}: {why}" for name, why in reasons if why)  # check 3
        if found[3]:
            return found
        served, made = tally(awards, "demand"), tally(awards, "offer")
        got = [
            (line, served.get(name, 0))
            for name, line in self.lines.items()
            if name in served or self.must_serve
        ]
        found[4] = first(  # check 4
            f"{line.id} gets {n} of {line.quantity}, at least {line.minimum}"
            for line, n in got
            if not (line.quantity if self.must_serve else line.minimum) <= n <= line.quantity
        )
        found[5] = first(  # check 5
            f"{name} makes {made[name]}, which is not from {offer.starts[0]} to {offer.capacity}"
            for name, offer in self.offers.items()
            if name in made and not offer.starts[0] <= made[name] <= offer.capacity
        )
        return found


def settle(balance: Mapping[str, int]) -> list[Row]:
    """Makers with too much pay makers with too little, both in id order."""
    rows, left = [], dict(balance)
    givers = sorted((maker for maker in left if left[maker] > 0), reverse=True)
    for taker in sorted(maker for maker in left if left[maker] < 0):
        while left[taker]:
            giver = givers[-1]
            amount = min(left[giver], -left[taker])
            rows.append(Row(from_maker=giver, to_maker=taker, amount=amount))
            left[giver] -= amount
            left[taker] += amount
            if not left[giver]:
                givers.pop()
    return rows


def difference(said: Any, follows: Any, at: str = "") -> str:
    """The first row and field that is said to be what does not follow, and by how much; "" for none."""
    if said == follows:
        return ""
    if isinstance(follows, list):
        for n, (one, two) in enumerate(zip_longest(said, follows, fillvalue=Row())):
            names = [" ".join(row[key] for key in row if key in IDS) or "no row" for row in (one, two)]
            if names[0] != names[1]:
                return f"{at}row {n} says {names[0]}, follows {names[1]}"
            if one != two:
                return difference(one, two, f"{at}{names[0]} ")
    if isinstance(follows, dict):
        wrong = next(key for key in follows if said[key] != follows[key])
        return difference(said[wrong], follows[wrong], f"{at}{wrong} ")
    numbers = [Fraction(str(each)) for each in (said, follows) if NUMBER.fullmatch(str(each))]
    over = numbers[0] - numbers[1] if len(numbers) == 2 else Fraction()
    by = f" ({exact(abs(over))} too {'much' if over > 0 else 'little'})" if over else ""
    return f"{at}says {shown(said)}, follows {shown(follows)}{by}"


def gap_text(score: int, bound: int) -> str:
    """(bound - score) / max(1, |bound|) in six decimals, rounded up."""
    millionths = -((score - bound) * 10**6 // max(1, abs(bound)))
    return f"{'-' if millionths < 0 else ''}{abs(millionths) // 10**6}.{abs(millionths) % 10**6:06}"


def in_words(score: int, bound: int, must_serve: bool) -> str:
    """What the certificate proves."""
    if bound <= score:
        return "no other allocation can " + ("cost less" if must_serve else "score more")
    if score == 0 or (score < 0 and not must_serve):
        return f"no other allocation can score more than {bound:,}"
    hundredths = -((score - bound) * 10**4 // abs(score))  # of a percent, rounded up
    percent = f"{hundredths // 100}.{hundredths % 100:02} %"
    what, how = ("cost", "less") if must_serve else ("score", "better")
    return f"no other allocation can {what} more than {percent} {how}"


def first(problems: Iterable[str]) -> str:
    """The first problem, and how many more there are; "" if there is none."""
    found = list(problems)
    return found[0] + (f" (and {len(found) - 1:,} more)" if found[1:] else "") if found else ""


def verify(
    round_bytes: bytes, clearing_bytes: bytes, names: Sequence[str] = ("round", "clearing")
) -> list[Check]:
    """All checks of a clearing against its round, in order.

    Raises `Unusable`, which calls the two by these names, where they are no round and no clearing.
    """
    market, said, follows = Round(round_bytes, names[0]), load("clearing", clearing_bytes, names[1]), Row()
    found = {1: difference(said.round_sha256, hashlib.sha256(round_bytes).hexdigest())}  # check 1
    found |= market.check_awards(said.awards)
    if not found[3] and not found[5]:
        follows = market.follow(said.awards)  # checks 6 to 10, 12
        over = ((row, row.price - row.limit) for row in said.awards if row.price > row.limit)
        dear = (f"{row.demand} pays {exact(by)} more for {row.item} than {row.limit}" for row, by in over)
        found[11] = "" if market.must_serve else first(dear)  # check 11
    try:
        follows["bound"] = market.bound(said.certificate, f"{names[1]}: certificate")  # check 14
        found[13] = ""  # check 13
    except Refused as problem:
        found[13] = str(problem)
    if follows.keys() >= {"score", "bound"}:
        follows["gap"] = gap_text(follows.score, follows.bound)  # check 15
    checks = []
    for n, (name, meaning) in enumerate(CHECKS, 1):
        if name in follows:
            found[n] = difference(said[name], follows[name])
        if name == "gap" and name in follows:
            meaning = in_words(follows.score, follows.bound, market.must_serve)
        checks.append(Check(n, name, not found[n] if n in found else None, found.get(n) or meaning))
    return checks


def report(checks: Sequence[Check]) -> str:
    """A line for each check, and one for what they come to."""
    lines, words = [], {True: "ok     ", False: "FAILED ", None: "-      "}
    for n, name, ok, message in checks:
        lines.append(f"{words[ok]} check {n} {name}: {'not reached' if ok is None else message}")
    failed = sum(check.ok is False for check in checks)
    good = f"VALID: all of it follows from the awards, and {checks[-1].message}"
    return "\n".join([*lines, f"INVALID: {failed} of {len(checks)} checks failed" if failed else good])


def main(argv: Sequence[str] | None = None) -> int:
    """Check the two files and say what was found; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="verifier.py" if argv is None else "millpond verify",
        description="Check a clearing against its round: work out again what it says and how good it is.",
        epilog="Exit code 0: valid. 1: invalid; says which check, which row, by how much. 2: unusable input.",
    )
    parser.add_argument("round", metavar="ROUND.json")
    parser.add_argument("clearing", metavar="CLEARING.json")
    arguments = parser.parse_args(argv)
    paths, contents = (arguments.round, arguments.clearing), []
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")  # ids are any text; terminals are not
    try:
        for path in paths:
            with open(path, "rb") as file:  # noqa: PTH123 (the core does without pathlib)
                contents.append(file.read())
        checks = verify(contents[0], contents[1], paths)
    except (OSError, Unusable) as problem:
        unread = f"{path}: it cannot be read: {problem.strerror}" if isinstance(problem, OSError) else problem
        print(unread, file=sys.stderr)
        return 2
    print(report(checks), flush=True)
    return 0 if all(check.ok for check in checks) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except OSError as problem:  # a full disk, a closed pipe: nothing more can be printed there, nor flushed
        sys.stdout = sys.stderr
        print(f"standard output takes no more: {problem.strerror}", file=sys.stderr)
        sys.exit(2)
