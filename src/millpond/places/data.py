"""The places that come with Millpond, read from `places.tsv.gz` when they are first asked for.

Every line of the file is a column, its name and then its values between tabs (`scripts/places` writes it):

- `area.code`, `area.zh`, `area.en`, `area.parent`: countries (with a code of ISO 3166-1), provinces,
  prefectures. The parent is the number of another area, counted from 1; a country's is 0.
- `sections`: how many of the places are counties and their like, towns of China, and other cities, in this
  order; of which `county.area`, `town.near` (the number of a county from 0) and `city.area` say where.
- `code` (GB/T 2260 for counties, GeoNames for the others), `zh`, `en`, `also` (other names, between `|`),
  `latitude`, `longitude` (hundredths of a degree, WGS 84), `population` (hundreds): one value for each place.
  An `en` of "" is the Chinese name as the `reading` of each `character` gives it.
- `simplified`: the simplified form of each character of `traditional`.

Parents, places' areas, codes and positions are written as differences to the value before.

Invariants: what is loaded never changes; loading twice gives the same. It does not search.
"""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate

from millpond.places.names import in_english

FORMAT = "millpond-places/1"

PREFECTURE_WEIGHT, COUNTY_WEIGHT, TOWN_WEIGHT = 3_000_000, 400_000, 15_000
"""People of an ordinary Chinese prefecture, county and town: its rank where its own number is not known."""


@dataclass(frozen=True, slots=True)
class Area:
    """A country, province or prefecture; `code` is of ISO 3166-1, "" for what is not a country."""

    code: str
    zh: str
    en: str
    parent: int


@dataclass(frozen=True, slots=True)
class Places:
    """All places, each a number from 0; areas are numbered from 1."""

    areas: tuple[Area, ...]
    counties: int
    towns: int
    zh: list[str]
    en: list[str]
    codes: array[int]
    area: array[int]
    near: array[int]
    latitudes: array[int]
    longitudes: array[int]
    populations: array[int]
    simplified: Mapping[int, int]
    also: tuple[tuple[str, int], ...]

    def weight(self, place: int) -> int:
        """How likely a place is meant, as people: its own, or what places of its kind usually have."""
        usual = 0
        if place < self.counties:
            usual = COUNTY_WEIGHT if self.codes[place] % 100 else PREFECTURE_WEIGHT
        elif place < self.counties + self.towns:
            usual = TOWN_WEIGHT
        return max(100 * self.populations[place], usual)

    def area_chain(self, place: int) -> list[Area]:
        """The areas that a place is in, from the country down."""
        chain = []
        number = self.area[place]
        while number:
            chain.append(self.areas[number - 1])
            number = chain[-1].parent
        return chain[::-1]


@cache
def places() -> Places:
    """The places, from the file in the package."""
    return parsed(gzip.decompress(resources.files("millpond.places").joinpath("places.tsv.gz").read_bytes()))


def parsed(data: bytes) -> Places:
    """The places that a file of the format holds."""
    columns = {name: values.split("\t") for name, _, values in map(_cut, data.decode().splitlines())}
    if columns.pop("format") != [FORMAT]:
        raise ValueError(f"places.tsv.gz is not in the format {FORMAT}: install Millpond again")
    counties, towns, _ = map(int, columns["sections"])
    near = array("i", summed(columns["town.near"]))
    of_county = array("i", summed(columns["county.area"]))
    area = of_county + array("i", (of_county[k] for k in near)) + array("i", summed(columns["city.area"]))
    readings = dict(zip(columns["character"][0], columns["reading"], strict=True))
    zh = columns["zh"]
    en = [en or in_english(zh[k], readings) for k, en in enumerate(columns["en"])]
    others = ((text, k) for k, text in enumerate(columns["also"]) if text)
    parents = summed(columns["area.parent"])
    named = zip(columns["area.code"], columns["area.zh"], columns["area.en"], parents, strict=True)
    return Places(
        tuple(Area(code, zh, en, parent) for code, zh, en, parent in named),
        counties, towns, zh, en, array("i", summed(columns["code"])), area, near,
        array("h", summed(columns["latitude"])), array("h", summed(columns["longitude"])),
        array("i", (int(hundreds or 0) for hundreds in columns["population"])),
        str.maketrans(columns["traditional"][0], columns["simplified"][0]),
        tuple((name, k) for text, k in others for name in text.split("|")),
    )  # fmt: skip


def _cut(line: str) -> tuple[str, str, str]:
    return line.partition("\t")


def summed(differences: Iterable[str]) -> Iterable[int]:
    """The values of a column that is written as differences."""
    return accumulate(map(int, differences))
