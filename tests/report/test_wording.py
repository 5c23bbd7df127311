"""Numbers, money and names as people read them."""

import math
from fractions import Fraction

import pytest

from millpond.equality.sizes import Size
from millpond.model import Item, Place, Round
from millpond.report.wording import Words, plain, shortened


def words(language="zh", currency="CNY", **rows):
    return Words(
        language,
        Round(id="r", currency=currency, **({"items": (), "places": ()} | rows), demand=(), offers=()),
    )


@pytest.mark.parametrize(
    ("language", "currency", "amount", "text"),
    [
        ("zh", "CNY", 412_000, "4,120.00 元"),
        ("en", "CNY", 412_000, "CNY 4,120.00"),
        ("zh", "JPY", 4120, "4,120 日元"),
        ("en", "KWD", -5, "KWD −0.005"),
        ("en", "XYZ", Fraction(7163, 2), "XYZ 35.82"),
        ("en", "CNY", 3581.5, "CNY 35.82"),
        ("zh", "CNY", 0, "0.00 元"),
    ],
)
def test_money(language, currency, amount, text):
    assert words(language, currency).money(amount).replace("\u00a0", " ") == text


def test_money_with_a_sign():
    assert words().money(5, signed=True) == "+0.05\u00a0元"
    assert words().money(-5, signed=True) == "−0.05\u00a0元"
    assert words().money(0, signed=True) == "0.00\u00a0元"


@pytest.mark.parametrize(
    ("share", "zh", "en"),
    [
        (1, "100%", "100 %"),
        (0.9333, "93.3%", "93.3 %"),
        (0, "0%", "0 %"),
        (0.0001, "< 0.1%", "< 0.1 %"),
        (12.5, "1,250%", "1,250 %"),
        (0.9996, "> 99.9%", "> 99.9 %"),
    ],
)
def test_percentages_do_not_round_something_to_nothing_or_all(share, zh, en):
    assert words("zh").percent(share).replace("\u00a0", " ") == zh
    assert words("en").percent(share).replace("\u00a0", " ") == en


def test_a_change_has_a_sign():
    assert words().percent(0.125, signed=True) == "+12.5%"
    assert words().percent(-1, signed=True) == "−100%"
    assert words().percent(0, signed=True) == "0%"


def test_measures():
    w = words()
    assert w.decimal(0.14334) == "0.143"
    assert w.decimal(0) == "0.000"
    assert w.decimal(0.00001, 4) == "< 0.0001"
    assert w.decimal(math.inf) == "∞"


def test_names_fall_back_to_any_language_and_then_to_the_id():
    places = (
        Place(id="p1", name={"zh": "永泰", "en": "Yongtai"}),
        Place(id="p2", name={"pt": "Ouro Preto"}),
        Place(id="p3"),
        Place(id="p4", name={"zh": "  "}),
    )
    zh, en = words("zh", places=places), words("en", places=places)
    assert [zh.place(place.id) for place in places] == ["永泰", "Ouro Preto", "p3", "p4"]
    assert [en.place(place.id) for place in places] == ["Yongtai", "Ouro Preto", "p3", "p4"]


def test_a_family_is_called_what_its_items_have_in_common():
    items = (
        Item(id="s", family="f", name={"zh": "棉衣 S", "en": "Jacket S"}),
        Item(id="m", family="f", name={"zh": "棉衣 M", "en": "Jacket M"}),
        Item(id="a", family="g", name={"en": "apples"}),
        Item(id="b", family="g", name={"en": "pears"}),
        Item(id="rice", name={"en": "Rice, 5 kg"}),
        Item(id="w", family="h", name={"en": "Milk, 1 l, maker 10", "zh": "牛奶 大瓶"}),
        Item(id="x", family="h", name={"en": "Milk, 1 l, maker 11", "zh": "牛奶 大罐"}),
        Item(id="y", family="i", name={"en": "Blue paint"}),
        Item(id="z", family="i", name={"en": "Blue paper"}),
    )
    zh, en = words("zh", items=items), words("en", items=items)
    assert (zh.family("f"), en.family("f")) == ("棉衣", "Jacket")
    assert en.family("g") == "g"
    assert en.family("rice") == "Rice, 5 kg"
    assert (zh.family("h"), en.family("h")) == ("牛奶 大", "Milk, 1 l")
    assert en.family("i") == "Blue"


def test_a_promise_is_rounded_up():
    assert words().percent_up(0.00521) == "0.53%"
    assert words("en").percent_up(0.1) == "10\u00a0%"
    assert words().percent_up(0.0000001) == "0.01%"
    assert words().percent_up(0) == "0%"


def test_what_controls_a_terminal_or_turns_text_around_is_left_out():
    assert plain("a\u202eb\u0000\u0007 c\n\td\u2066") == "a b c d"
    assert plain("\u200b\u200d 👩‍🌾") == "\u200b\u200d 👩‍🌾"


def test_shortened_counts_columns():
    assert shortened("abcdefghijklmn") == "abcdefghijklmn"
    assert shortened("abcdefghijklmno") == "abcdefghijklm…"
    assert shortened("海星棉服厂有限公司") == "海星棉服厂有…"
    assert shortened("海星", 4) == "海星"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_size_has_words(language):
    w = words(language)
    said = {w.size(size) for size in [None, *Size]} | {w.size_range(size) for size in Size}
    assert len(said) == 2 * len(Size) + 1
    assert "<small>" in w.size_cell(Size.TOWN)
    assert "small" not in w.size_cell(None)
