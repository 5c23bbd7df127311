"""The file of places: whole, within its bounds, and read as it says."""

import gzip
from importlib import resources

import pytest

from millpond.places.data import parsed, places

MAX_BYTES = 600_000

SMALL = """\
format\tmillpond-places/1
area.code\tCN\t\tFR
area.parent\t0\t1\t-1
area.zh\t中国\t福建省\t法国
area.en\tChina\tFujian\tFrance
sections\t1\t1\t1
county.area\t2
town.near\t0
city.area\t3
code\t350125\t1443892\t1202927
zh\t永泰县\t嵩口镇\t里昂
en\t\t\tLyon
also\t\t\tLyons|Lugdunum
latitude\t2587\t-7\t1995
longitude\t11893\t-35\t-11373
population\t\t\t5210
character\t永泰嵩口
reading\tyong\ttai\tsong\tkou
traditional\t樣
simplified\t样
"""


def packed() -> bytes:
    return resources.files("millpond.places").joinpath("places.tsv.gz").read_bytes()


def test_a_small_file_is_read_as_the_format_says() -> None:
    data = parsed(SMALL.encode())
    assert data.en == ["Yongtai County", "Songkou", "Lyon"]
    assert list(data.codes) == [350125, 1794017, 2996944]
    assert list(data.area) == [2, 2, 3]
    assert [area.en for area in data.area_chain(1)] == ["China", "Fujian"]
    assert (data.latitudes[1], data.longitudes[1]) == (2580, 11858)
    assert (data.latitudes[2], data.longitudes[2]) == (4575, 485)
    assert data.also == (("Lyons", 2), ("Lugdunum", 2))
    assert [data.weight(place) for place in range(3)] == [400_000, 15_000, 521_000]


def test_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="millpond-places/1"):
        parsed(SMALL.replace("places/1", "places/2").encode())


def test_the_file_stays_small_and_has_no_clock_in_it() -> None:
    assert len(packed()) <= MAX_BYTES
    assert packed()[4:8] == b"\0\0\0\0"  # the time of a gzip header
    assert gzip.decompress(packed()).startswith(b"format\tmillpond-places/1\n")


def test_every_column_has_every_place() -> None:
    data = places()
    count = len(data.codes)
    assert count > 40_000
    assert data.counties > 3_000
    assert data.towns > 10_000
    for column in (data.zh, data.en, data.area, data.latitudes, data.longitudes, data.populations):
        assert len(column) == count


def test_every_place_has_a_name_an_area_and_a_position_on_the_globe() -> None:
    data = places()
    assert all(data.en)
    assert all(data.zh[: data.counties])
    assert all(1 <= area <= len(data.areas) for area in data.area)
    assert all(-9_000 <= latitude <= 9_000 for latitude in data.latitudes)
    assert all(-18_000 <= longitude <= 18_000 for longitude in data.longitudes)
    assert min(data.populations) >= 0


def test_codes_name_one_place_each() -> None:
    data = places()
    counties = list(data.codes[: data.counties])
    others = list(data.codes[data.counties :])
    assert counties == sorted(set(counties))
    assert all(110_000 <= code <= 659_099 for code in counties)
    assert len(others) == len(set(others))


def test_areas_lead_to_a_country() -> None:
    data = places()
    for place in range(0, len(data.codes), 7):
        chain = data.area_chain(place)
        assert len(chain[0].code) == 2
        assert not any(area.code for area in chain[1:])
        assert (chain[0].code == "CN") == (place < data.counties + data.towns)


def test_china_lies_in_china() -> None:
    data = places()
    for place in range(data.counties + data.towns):
        assert 300 <= data.latitudes[place] <= 5_400
        assert 7_300 <= data.longitudes[place] <= 13_600


def test_what_it_is_made_from_is_acknowledged_beside_it() -> None:
    notice = resources.files("millpond.places").joinpath("NOTICE").read_text(encoding="utf-8")
    for words in ("GeoNames", "creativecommons.org/licenses/by/4.0", "QinYuan Du", "UNICODE LICENSE V3"):
        assert words in notice
