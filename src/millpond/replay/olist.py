"""The olist replay: real orders of a Brazilian marketplace, pooled by town, with freight fitted to the
freight really paid.

Source: the sample of Olist's public data beside the checkout (`replay/olist_items_sample.parquet`), with
populations from GeoNames (`places/br_places_geonames.csv.gz`). Needs pandas and pyarrow, which come with
the extra `demo`.

- A town of buyers is a community that picks up its goods together; a seller is a maker.
- A want is one product in one order; its limit is what was really paid, goods and freight.
- Products are anonymous, so what replaces what is assumed: the same category, about the same weight and
  about the same price.

What it does not know: how a seller would price volume (so a price stays what it was), what a pooled
consignment would cost (the fit is made on single parcels, and goes beyond them for heavy consignments).
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import median

from millpond.replay.distance import kilometres
from millpond.replay.fits import Parcels, fit_parcels
from millpond.replay.orders import Family, Orders, Said, Tariff, Town, Want
from millpond.replay.pooling import middle
from millpond.replay.records import data_folder, reading
from millpond.replay.scenario import Table

ITEMS = "replay/olist_items_sample.parquet"
PLACES = "places/br_places_geonames.csv.gz"
CURRENCY = "BRL"
BRAZIL = ((-34.0, 6.0), (-75.0, -28.0))
"""Latitudes and longitudes; the records hold a few towns in other continents."""
SAME_TOWN_KM = 60
"""A GeoNames town of the same name is the same town within this distance."""
DATA = Said(
    en="Data: Olist's public data of Brazilian orders (CC BY-NC-SA 4.0, not verified), a sample of 12 % in "
    "which orders that were not delivered are over-represented; populations: GeoNames (CC BY 4.0).",
    zh="数据：Olist 公开的巴西订单（CC BY-NC-SA 4.0，未核实），12% 的样本，未送达的订单偏多；"
    "人口：GeoNames（CC BY 4.0）。",
)
PRICES = Said(
    en="A price is what the seller really took, whatever the volume: the records do not show that anybody "
    "would sell for less in volume.",
    zh="价格是卖家当时真实收的价，不随数量变：记录里看不出有谁会因为量大而便宜。",
)
PICK_UP = Said(
    en="Buyers of a town fetch their goods at one place; in the records each parcel went to a door. That "
    "is a part of what is saved.",
    zh="同一个镇的买家到一处自提；记录里每个包裹都送到家门口。省下的钱里有一部分来自这里。",
)
COLUMNS = (
    "order_id", "product_id", "category", "weight_g", "price_brl", "freight_brl", "status", "purchased_at",
    "buyer_city", "buyer_state", "buyer_lat", "buyer_lng", "seller_id", "seller_lat", "seller_lng", "km",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the file says beside its terms."""

    months: tuple[str, str]
    leave_out: tuple[str, ...]
    weight_classes: int
    price_classes: int
    grams_per_load: int
    farthest_km: int


@dataclass(frozen=True, slots=True)
class Row:
    """One item of one order; money in BRL."""

    order: str
    product: str
    category: str | None
    grams: float
    price: float
    freight: float
    status: str
    month: str
    town: str
    buyer: tuple[float, float]
    seller: str
    seller_at: tuple[float, float]
    km: float


def read_orders(top: Table, data: Path | None) -> Orders:
    """The orders of this scenario, from the records in the folder `data`."""
    scenario = read_scenario(top)
    top.close()
    folder = data_folder(data, ITEMS)
    return orders_of(scenario, read_rows(folder), read_populations(folder))


def read_scenario(top: Table) -> Scenario:
    """The scenario without its `[terms]`."""
    orders, families, freight = top.table("orders"), top.table("families"), top.table("freight")
    months = orders.texts("months")
    if len(months) != 2 or months[0] > months[1] or any(len(month) != len("2016-09") for month in months):
        raise orders.wrong(
            "months", f'{list(months)} is not a first and a last month, such as ["2016-09", "2018-09"]'
        )
    scenario = Scenario(
        months=(months[0], months[1]),
        leave_out=orders.texts("leave_out"),
        weight_classes=families.integer("weight_classes_per_octave", 1, 64),
        price_classes=families.integer("price_classes_per_octave", 1, 64),
        grams_per_load=freight.integer("grams_per_load", 1, 100_000),
        farthest_km=freight.integer("farthest_km", 1, 50_000),
    )
    for table in (orders, families, freight):
        table.close()
    return scenario


def read_rows(data: Path) -> list[Row]:
    """All rows of the sample, in file order."""
    import pandas
    import pyarrow  # noqa: F401 (pandas would not say which extra has it)

    with reading(data / ITEMS):
        frame = pandas.read_parquet(data / ITEMS, columns=list(COLUMNS))
    frame["purchased_at"] = frame.purchased_at.dt.strftime("%Y-%m")
    frame["category"] = frame.category.astype(object).where(frame.category.notna(), None)
    rows = zip(*(frame[column].tolist() for column in COLUMNS), strict=True)
    return [
        Row(order, product, category, grams, price, freight, status, month, f"{city}, {state}", (north, east),
            seller, (seller_north, seller_east), km)
        for order, product, category, grams, price, freight, status, month, city, state, north, east,
        seller, seller_north, seller_east, km in rows
    ]  # fmt: skip


def read_populations(data: Path) -> list[Town]:
    """Brazilian towns with their population."""
    import pandas

    with reading(data / PLACES):
        frame = pandas.read_csv(data / PLACES)
        return [
            Town(str(name), round(lat * 1e6), round(lng * 1e6), int(population))
            for name, lat, lng, population in zip(
                frame["name"], frame["lat"], frame["lng"], frame["population"], strict=True
            )
        ]


def orders_of(scenario: Scenario, rows: Sequence[Row], populations: Iterable[Town]) -> Orders:
    """The orders of these rows. Pure."""
    left_out = Counter[Said]()
    kept = [row for row in rows if not (why := _why_not(scenario, row)) or left_out.update([why])]
    fit = fit_parcels(
        [row.km for row in kept], [row.grams / 1000 for row in kept], [row.freight * 100 for row in kept]
    )
    family_of = _families(scenario)
    names = {row.seller: f"seller {row.seller[:8]}" for row in kept}
    wants = _wants(kept, family_of, names)
    grams: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row in kept:
        grams[family_of(row)].append((round(row.grams), 1))
    families = {
        id: Family(id, id, "piece", max(1, round(middle(weights) / scenario.grams_per_load)))
        for id, weights in grams.items()
    }
    sellers = {
        names[seller]: town for seller, town in _towns((row.seller, row.seller_at) for row in kept).items()
    }
    places = _with_population(_towns((row.town, row.buyer) for row in kept), populations)
    return Orders(
        id=f"olist-{scenario.months[0]}-{scenario.months[1]}",
        currency=CURRENCY,
        wants=wants,
        families=families,
        places=places,
        tariff=_tariff(scenario, fit, sellers, places),
        buyers="orders",
        same_everywhere=False,
        left_out=left_out,
        notes=(DATA, PRICES, _describe(fit), PICK_UP),
    )


def _why_not(scenario: Scenario, row: Row) -> Said | None:
    """Why a row is left out, or None."""
    if not scenario.months[0] <= row.month <= scenario.months[1]:
        return Said("items of other months", "其他月份的货品")
    if row.status in scenario.leave_out:
        return Said(f"items of status {row.status}", f"状态为 {row.status} 的货品")
    if row.category is None:
        return Said("items without a category", "没有类别的货品")
    if not all(low <= value <= high for value, (low, high) in zip(row.buyer, BRAZIL, strict=True)):
        return Said("items for a place that is not in Brazil", "收货地不在巴西的货品")
    if not (row.grams > 0 and row.price > 0 and row.freight >= 0):
        return Said("items without weight or price", "没有重量或价格的货品")
    return None


def _families(scenario: Scenario) -> Callable[[Row], str]:
    """Category, weight class and price class of a row, as the id of its family."""

    def name(row: Row) -> str:
        weight = 2 ** (round(math.log2(row.grams) * scenario.weight_classes) / scenario.weight_classes)
        price = 2 ** (round(math.log2(row.price) * scenario.price_classes) / scenario.price_classes)
        return f"{row.category} | about {weight:.0f} g | about R$ {price:.0f}"

    return name


def _wants(rows: Iterable[Row], family_of: Callable[[Row], str], names: dict[str, str]) -> list[Want]:
    """What an order takes of one family from one seller is one want."""
    totals: dict[tuple[str, str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        total = totals[row.order, row.town, family_of(row), names[row.seller]]
        goods = round(row.price * 100)
        total[0] += 1
        total[1] += goods + round(row.freight * 100)
        total[2] += goods
    return [Want(*key, *total) for key, total in sorted(totals.items())]


def _towns(points: Iterable[tuple[str, tuple[float, float]]]) -> dict[str, Town]:
    """Each name at the median of its points."""
    at: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for name, point in points:
        at[name].append(point)
    return {
        name: Town(
            name=name.title() if "," in name else name,
            latitude=round(median(north for north, _ in own) * 1e6),
            longitude=round(median(east for _, east in own) * 1e6),
        )
        for name, own in sorted(at.items())
    }


def _with_population(places: dict[str, Town], known: Iterable[Town]) -> dict[str, Town]:
    """The places, with the population of the GeoNames town that has the same name and stands in the same
    spot.
    """
    named: dict[str, list[Town]] = defaultdict(list)
    for town in known:
        named[_plain(town.name)].append(town)
    found: dict[str, Town] = {}
    for id, place in places.items():
        near = [town for town in named[_plain(id.split(",")[0])] if kilometres(town, place) <= SAME_TOWN_KM]
        population = max((town.population or 0 for town in near), default=0) or None
        city, _, state = id.partition(", ")
        found[id] = Town(f"{city.title()}, {state}", place.latitude, place.longitude, population)
    return found


def _plain(name: str) -> str:
    """Without accents, hyphens and case."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return " ".join(letters.replace("-", " ").replace("'", " ").split())


def _tariff(scenario: Scenario, fit: Parcels, sellers: dict[str, Town], places: dict[str, Town]) -> Tariff:
    load_kg = scenario.grams_per_load / 1000

    @cache
    def tariff(seller: str, place: str) -> tuple[int, int] | None:
        km = kilometres(sellers[seller], places[place])
        return (fit.fixed(km), fit.per_load(km, load_kg)) if km <= scenario.farthest_km else None

    return tariff


def _describe(fit: Parcels) -> Said:
    base, per_kg = f"R$ {fit.base / 100:.2f}", f"{fit.per_kg / 100:.2f}"
    per_km, per_kg_km = f"{fit.per_km / 100:.4f}", f"{fit.per_kg_km / 100:.5f}"
    return Said(
        en=f"Freight: {base} + {per_km} a km + {per_kg} a kg + {per_kg_km} a kg and km, fitted by least "
        f"squares to what was really paid for {fit.count:,} parcels: R² {fit.r2:.2f}, median error "
        f"{fit.median_error:.0%}. A pooled consignment is charged like one parcel of its whole weight.",
        zh=f"运费：{base} + 每公里 {per_km} + 每公斤 {per_kg} + 每公斤公里 {per_kg_km}，"
        f"按 {fit.count:,} 个包裹真实付的运费用最小二乘拟合：R² {fit.r2:.2f}，误差中位数 "
        f"{fit.median_error:.0%}。合起来发的一批按总重算一个包裹。",
    )
