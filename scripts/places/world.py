"""The cities of the world outside mainland China, and the countries and provinces they are in."""

from __future__ import annotations

import re

from babel import Locale
from sources import HAN, Area, Characters, City, GeoNames, Row

from millpond.places import names

LEAST_POPULATION = 20_000
"""The smallest town that is taken; smaller ones would not fit the file."""

CHINESE_POPULATION, NATIVE_POPULATION, EXONYM_POPULATION = 50_000, 150_000, 250_000
"""How large a city is for which a Chinese name, names in its own script and European names are kept."""

WRITES_CHINESE = frozenset({"HK", "JP", "KP", "KR", "MO", "MY", "SG", "TW", "VN"})
"""Countries whose places are known by Chinese characters, large or small."""

MAX_NATIVE = 3

PART_OF_CITY = re.compile(r"\d")
"""In a name, this says that it is a numbered quarter of a city ("Lyon 03")."""

SCRIPTS = {
    r"[\u0400-\u04ff -]+": "RU UA BY BG RS MK KZ KG MN TJ ME",
    r"[\u0370-\u03ff -]+": "GR CY",
    r"[\u0590-\u05ff -]+": "IL",
    r"[\u0600-\u06ff -]+": "AE AF BH DZ EG IQ IR JO KW LB LY MA OM PK PS QA SA SD SY TN YE",
    r"[\u0900-\u097f -]+": "IN NP",
    r"[\u0e00-\u0e7f -]+": "TH",
    r"[\uac00-\ud7af -]+": "KR KP",
    r"[\u10a0-\u10ff -]+": "GE",
    r"[\u0530-\u058f -]+": "AM",
}
NATIVE = {country: re.compile(script) for script, many in SCRIPTS.items() for country in many.split()}
EXONYM = re.compile(r"[A-Z\u00c0-\u017e][a-z\u00c0-\u017e]{3,}(?:[ -][A-Z\u00c0-\u017e][a-z\u00c0-\u017e]+)?")
EUROPE = re.compile(
    "A[LT]|B[AEGY]|C[HZ]|D[EK]|E[ES]|F[IR]|G[BR]|H[RU]|I[ET]|L[TUV]|M[DK]|N[LO]|P[LT]|R[OSU]|S[EIK]|TR|UA"
)


def alternates(city: City, characters: Characters) -> tuple[str, list[str]]:
    """The Chinese name of a city ("" if unknown), and other names under which people may look for it."""
    han = []
    if city.population >= CHINESE_POPULATION or city.country in WRITES_CHINESE:
        latin = "" if city.country in WRITES_CHINESE else city.name
        han = characters.chosen(city.alternates, latin)
    others = han[1:3]
    if city.population >= NATIVE_POPULATION and (script := NATIVE.get(city.country)):
        others += [name for name in city.alternates if script.fullmatch(name)][:MAX_NATIVE]
    if city.population >= EXONYM_POPULATION and EUROPE.fullmatch(city.country):
        others += [name for name in city.alternates if EXONYM.fullmatch(name)]
    known = {names.folded(city.name)}
    kept = []
    for name in others:
        key = names.folded(name)
        if len(key) > 1 and not any(key in other for other in known):
            known.add(key)
            kept.append(name)
    return han[0] if han else "", kept


def world(geo: GeoNames, characters: Characters) -> tuple[list[Row], dict[str, Area]]:
    """Cities in the order of country, province and GeoNames' code; the areas they are in."""
    rows, areas = [], {}
    zh, en = Locale("zh").territories, Locale("en").territories
    for city in geo.cities:
        if city.country == "CN" or city.population < LEAST_POPULATION or PART_OF_CITY.search(city.name):
            continue
        areas[city.country] = Area(zh[city.country], en[city.country], "")
        key = city.province
        if key not in geo.areas:
            key = city.country
        elif key not in areas:
            name, others = geo.areas[key]
            han = characters.chosen(others)
            areas[key] = Area(han[0] if han else "", name, city.country)
        chinese, others = alternates(city, characters)
        rows.append(
            Row(
                city.code,
                chinese,
                city.name,
                key,
                city.latitude,
                city.longitude,
                city.population,
                also=others,
            )
        )
    rows.sort(key=lambda row: (row.area.split(".")[0], row.area, row.code))
    return rows, dict(sorted(areas.items()))


def needed(rows: list[Row], areas: dict[str, Area], characters: Characters) -> dict[str, str]:
    """Characters of other forms whose simplified form is in some name."""
    used = set("".join(HAN.findall("".join([*(row.zh for row in rows), *(a.zh for a in areas.values())]))))
    return {other: simple for other, simple in sorted(characters.simple.items()) if simple in used}
