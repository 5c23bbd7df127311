"""Taking names apart, romanising and folding them."""

import pytest

from millpond.places.names import SUFFIX, TYPED, folded, in_english, kind_in_english, parts, romanised

READINGS = {
    "永": "yong",
    "泰": "tai",
    "西": "xi",
    "安": "an",
    "吕": "lü",
    "梁": "liang",
    "融": "rong",
    "水": "shui",
}


@pytest.mark.parametrize(
    ("name", "called", "suffix"),
    [
        ("永泰县", "永泰", "县"),
        ("福州市", "福州", "市"),
        ("融水苗族自治县", "融水", "苗族自治县"),  # 水 is a people too
        ("彭水苗族土家族自治县", "彭水", "苗族土家族自治县"),
        ("双江拉祜族佤族布朗族傣族自治县", "双江", "拉祜族佤族布朗族傣族自治县"),
        ("长白朝鲜族自治县", "长白", "朝鲜族自治县"),
        ("东乡族自治县", "东乡", "族自治县"),
        ("鄂伦春自治旗", "鄂伦春", "自治旗"),
        ("巴音郭楞蒙古自治州", "巴音郭楞", "蒙古自治州"),
        ("神农架林区", "神农架", "林区"),
        ("碑林区", "碑林", "区"),
        ("歙县", "歙", "县"),
        ("嵩口镇", "嵩口", "镇"),
        ("来广营街道", "来广营", "街道"),
        ("台北", "台北", ""),
        ("市", "市", ""),
    ],
)
def test_a_name_is_split_before_its_suffix(name: str, called: str, suffix: str) -> None:
    assert parts(name) == (called, suffix)


@pytest.mark.parametrize(
    ("suffix", "english"),
    [
        ("县", "County"),
        ("市", ""),
        ("苗族自治县", "Miao Autonomous County"),
        ("土家族苗族自治州", "Tujia Miao Autonomous Prefecture"),
        ("族自治旗", "Autonomous Banner"),
        ("", ""),
    ],
)
def test_a_suffix_in_english(suffix: str, english: str) -> None:
    assert kind_in_english(suffix) == english


def test_pinyin_has_an_apostrophe_before_a_vowel_and_only_there() -> None:
    assert romanised("西安", READINGS) == "Xi'an"
    assert romanised("安西", READINGS) == "Anxi"
    assert romanised("吕梁", READINGS) == "Lüliang"
    assert romanised("西京", READINGS) == ""


def test_a_whole_name_in_english() -> None:
    assert in_english("永泰县", READINGS) == "Yongtai County"
    assert in_english("融水苗族自治县", READINGS) == "Rongshui Miao Autonomous County"
    assert in_english("西安市", READINGS) == "Xi'an"


@pytest.mark.parametrize(
    "texts",
    [
        ("São Paulo", "sao paulo", "SAO-PAULO", "Ｓａｏ　Ｐａｕｌｏ"),
        ("Xi'an", "Xi’an", "xi an", "XIAN"),
        ("Łódź", "lodz"),
        ("Straße", "STRASSE"),
        ("Ürümqi", "u\u0308ru\u0308mqi"),
        ("İzmir", "izmir"),
    ],
)
def test_what_people_type_differently_folds_to_one(texts: tuple[str, ...]) -> None:
    assert len({folded(text) for text in texts}) == 1


def test_lists_fold_as_their_names_do() -> None:
    names = ["São Paulo", "永泰县", "Xi'an", "", "Łódź"]
    assert folded("\n".join(names)).split("\n") == [folded(name) for name in names]


@pytest.mark.parametrize(
    "rest", ["县", "苗族自治县", "county", "miaoautonomouscounty", "tujiamiaoautonomousprefecture"]
)
def test_a_suffix_may_follow_a_name(rest: str) -> None:
    assert SUFFIX.fullmatch(rest)


@pytest.mark.parametrize("rest", ["an", "州", "jiangdongautonomouscounty", "countyof", "县城"])
def test_what_else_follows_a_name_makes_it_another(rest: str) -> None:
    assert not SUFFIX.fullmatch(rest)


def test_what_is_typed_keeps_two_letters_of_name() -> None:
    found = TYPED.fullmatch("shexian")
    assert found is not None
    assert found.groups() == ("she", "xian")
    assert TYPED.fullmatch("xian") is None
    assert TYPED.fullmatch("沙市") is None
