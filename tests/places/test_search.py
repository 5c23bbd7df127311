"""Finding places as people type them."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.places import FoundPlace, by_code, search
from millpond.places.search import MAX_LIMIT


def first(text: str) -> FoundPlace:
    found = search(text)
    assert found, text
    return found[0]


YONGTAI, SONGKOU, FUZHOU = "cn-350125", "geonames-1794017", "cn-350100"
SAO_PAULO, LYON, MUNICH = "geonames-3448439", "geonames-2996944", "geonames-2867714"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("永泰", YONGTAI),
        ("永泰县", YONGTAI),
        ("永泰市", YONGTAI),  # of no such kind, and meant all the same
        ("永泰縣", YONGTAI),
        ("yongtai", YONGTAI),
        ("Yong Tai", YONGTAI),
        ("yongtai xian", YONGTAI),
        ("Yongtai County", YONGTAI),
        ("Yongtai, Fujian", YONGTAI),
        ("Fuzhou Yongtai", YONGTAI),
        ("福建 永泰", YONGTAI),
        ("福建永泰", YONGTAI),
        ("福建省福州市永泰县", YONGTAI),
        ("嵩口", SONGKOU),
        ("嵩口镇", SONGKOU),
        ("永泰嵩口", SONGKOU),
        ("福建省福州市永泰县嵩口镇大喜村", SONGKOU),
        ("songkou yongtai", SONGKOU),
        ("Fuzhou", FUZHOU),
        ("福州", FUZHOU),
        ("ＦＵＺＨＯＵ", FUZHOU),
        ("São Paulo", SAO_PAULO),
        ("sao paulo", SAO_PAULO),
        ("圣保罗", SAO_PAULO),
        ("聖保羅", SAO_PAULO),
        ("Lyon", LYON),
        ("lyon, france", LYON),
        ("Lyon FR", LYON),
        ("里昂", LYON),
        ("München", MUNICH),
        ("munchen", MUNICH),
        ("Munich", MUNICH),
        ("慕尼黑", MUNICH),
        ("Wien", "geonames-2761369"),
        ("Москва", "geonames-524901"),
        ("서울", "geonames-1835848"),
        ("東京", "geonames-1850147"),
        ("臺北", "geonames-1668341"),
        ("Paris", "geonames-2988507"),
        ("Paris, Texas", "geonames-4717560"),
        ("Springfield Illinois", "geonames-4250542"),
        ("New York", "geonames-5128581"),
        ("xian", "cn-610100"),
        ("Xi'an", "cn-610100"),
        ("歙县", "cn-341021"),
        ("Hohhot", "cn-150100"),
        ("huhehaote", "cn-150100"),
        ("吕梁", "cn-141100"),
        ("lvliang", "cn-141100"),
        ("luliang shanxi", "cn-141100"),
        ("融水", "cn-450225"),
        ("rongshui", "cn-450225"),
        ("Taizhou Zhejiang", "cn-331000"),  # 台 is read otherwise elsewhere
        ("重庆", "cn-500000"),
        ("chongqing", "cn-500000"),
        ("郫县", "cn-510117"),  # its name before it became a district
        ("渝北", "cn-500157"),
        ("朝阳区 北京", "cn-110105"),
        ("Chaoyang District, Beijing", "cn-110105"),
        ("朝阳县", "cn-211321"),
    ],
)
def test_the_place_that_is_meant_comes_first(text: str, code: str) -> None:
    assert first(text).code == code


def test_a_found_place_says_all_that_is_kept_of_it() -> None:
    place = first("永泰")
    assert (place.name_zh, place.name_en) == ("永泰县", "Yongtai County")
    assert (place.area_zh, place.area_en) == ("福建省福州市", "Fuzhou, Fujian")
    assert (place.country, place.country_zh, place.country_en) == ("CN", "中国", "China")
    assert abs(place.latitude_microdeg - 25_866_000) < 20_000
    assert abs(place.longitude_microdeg - 118_932_000) < 20_000
    assert place.population is None
    assert place.name("zh") == place.name("zh-Hans") == "永泰县"
    assert place.name("en") == "Yongtai County"


def test_where_it_is_tells_a_place_from_its_namesakes() -> None:
    songkou = first("嵩口")
    assert songkou.where("zh") == "福建省福州市，永泰县附近"
    assert songkou.where("en") == "near Yongtai County, Fuzhou, Fujian, China"
    assert first("Lyon").where("en") == "Auvergne-Rhône-Alpes, France"
    assert first("Lyon").where("zh").startswith("法国")
    namesakes = search("朝阳")
    assert len({place.where("zh") + place.name("zh") for place in namesakes}) == len(namesakes)


def test_a_name_that_only_begins_so_comes_after_the_name_itself() -> None:
    names = [place.name_en for place in search("York", limit=MAX_LIMIT)]
    assert names[0] == "York"
    begins = [name.startswith("York") for name in names]
    assert begins == sorted(begins, reverse=True)
    assert not all(begins), "parts of names are found too, last"


def test_of_equal_names_the_larger_place_comes_first() -> None:
    found = [place for place in search("Springfield", limit=MAX_LIMIT) if place.name_en == "Springfield"]
    people = [place.population or 0 for place in found]
    assert len(people) > 3
    assert people == sorted(people, reverse=True)


def test_limit() -> None:
    assert len(search("san", limit=3)) == 3
    assert search("san", limit=3) == search("san", limit=8)[:3]
    assert search("san", limit=0) == search("san", limit=-1) == ()
    assert len(search("san", limit=10_000)) == MAX_LIMIT


@pytest.mark.parametrize(
    "text", ["", "   ", ",，", "|", "'", "no such place anywhere", "永泰永泰永泰", "\n", "\0"]
)
def test_nothing_is_found_where_nothing_is_meant(text: str) -> None:
    assert search(text) == ()


def test_surroundings_that_do_not_fit_find_nothing() -> None:
    assert search("永泰 广东") == ()
    assert search("Lyon, Brazil") == ()


@given(st.text(max_size=200))
def test_any_text_is_answered_within_bounds(text: str) -> None:
    found = search(text, limit=5)
    assert len(found) <= 5
    assert len({place.code for place in found}) == len(found)


@given(st.text(alphabet="县市区镇永泰福州 ,ansxi'|\n", max_size=120))
def test_a_tangle_of_common_letters_is_answered_within_bounds(text: str) -> None:
    assert len(search(text, limit=5)) <= 5


def test_a_long_text_counts_by_its_beginning() -> None:
    assert first("Lyon" + " " * 100 + "Brazil").code == LYON


def test_a_place_is_found_again_by_its_code() -> None:
    for text in ("永泰", "嵩口", "Fuzhou", "São Paulo", "Lyon", "Москва", "朝阳区"):
        for place in search(text):
            assert by_code(place.code) == place


@pytest.mark.parametrize(
    "code",
    [
        "",
        "cn-",
        "cn-0",
        "cn-999999",
        "cn-2996944",
        "geonames-350125",
        "geonames-x",
        "fr-1",
        "cn-３５０１２５",
        "cn-" + "9" * 99,
    ],
)
def test_a_code_that_names_nothing(code: str) -> None:
    assert by_code(code) is None


def test_every_county_is_found_by_its_own_name_and_surroundings() -> None:
    from millpond.places.data import places

    data = places()
    missed = []
    for county in range(0, data.counties, 5):
        code = f"cn-{data.codes[county]}"
        around = "".join(area.zh for area in data.area_chain(county)[1:])
        if not any(place.code == code for place in search(around + data.zh[county], limit=3)):
            missed.append(around + data.zh[county])
    assert missed == []


def test_nothing_is_read_before_the_first_question() -> None:
    script = (
        "import sys, millpond.places; from millpond.places.data import places; "
        "assert places.cache_info().currsize == 0; "
        "millpond.places.search('永泰'); assert places.cache_info().currsize == 1; "
        "outside = {name.split('.')[0] for name in sys.modules} & {'babel', 'numpy', 'pypinyin'}; "
        "assert not outside, outside"
    )
    subprocess.run([sys.executable, "-c", script], check=True, encoding="utf-8")
