"""Reading forms: what people type is understood, what cannot be is said at its field, and nothing raises."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.web.forms import Form, stream_safe, without
from millpond.web.words import Words


def form(currency: str = "CNY", language: str = "en", **typed: str) -> Form:
    return Form(typed.items(), Words(language), currency)


GOOD_MONEY = {
    "45": 4_500,
    " 45.5 ": 4_550,
    "45.50": 4_550,
    "¥45": 4_500,
    "￥ 1,234.50": 123_450,
    "45元": 4_500,
    "45.00 元": 4_500,
    "４５．５": 4_550,
    "12,50": 1_250,
    "45。5": 4_550,
    "12,5": 1_250,
    "1,234": 123_400,
    "1，234.5": 123_450,
    "12,345,678.90": 1_234_567_890,
    "0": 0,
}
BAD_MONEY = (
    "-1",
    "4.555",
    "45块5",
    "1,23,4",
    "12,3456",
    "1.2.3",
    "x",
    "１e3",
    "1" * 16,
    "1" * 61,
    "¥",
    "45 元/袋",
)


@pytest.mark.parametrize(("typed", "minor"), GOOD_MONEY.items())
def test_money_as_people_type_it(typed: str, minor: int) -> None:
    read = form(price=typed)
    assert (read.money("price"), read.wrong) == (minor, {})


@pytest.mark.parametrize("typed", BAD_MONEY)
def test_money_that_cannot_be_understood(typed: str) -> None:
    read = form(price=typed)
    assert read.money("price", default=7) == 7
    assert read.wrong == {"price": "An amount like 1234.55, please."}


def test_money_of_other_currencies() -> None:
    assert form("JPY", a="1,234").money("a") == 1_234
    read = form("JPY", a="1.5")
    assert (read.money("a"), read.wrong) == (None, {"a": "An amount like 1234, please."})
    assert form("KWD", a="12,500").money("a") == 12_500_000, "a comma before three digits parts thousands"
    assert form("KWD", a="1.2345").money("a") is None
    read = form(a="99999999999")
    assert (read.money("a", most=10**12), read.wrong) == (None, {"a": "That is too much."})


@given(minor=st.integers(0, 10**12))
def test_what_a_page_shows_of_an_amount_is_read_as_the_same(minor: int) -> None:
    from millpond.web.formats import money, plain_money

    for shown in (money(minor, "CNY"), plain_money(minor, "CNY")):
        assert form(a=shown).money("a") == minor


@pytest.mark.parametrize(
    ("typed", "value"), {"12": 12, "１２": 12, " 1,000 ": 1_000, "-5": -5, "007": 7, "1，000": 1_000}.items()
)
def test_numbers_as_people_type_them(typed: str, value: int) -> None:
    read = form(n=typed)
    assert (read.integer("n", least=-10, most=10_000), read.wrong) == (value, {})


@pytest.mark.parametrize("typed", ["1.5", "12a", "1,00", "²", "٣", "1" * 16, "--1", "+1"])
def test_numbers_that_are_none(typed: str) -> None:
    read = form(n=typed)
    assert read.integer("n", least=0, most=10**18, default=3) == 3
    assert read.wrong == {"n": "A whole number, please."}


def test_numbers_have_bounds_and_may_be_needed() -> None:
    read = form(n="101", m="")
    assert read.integer("n", least=1, most=100) is None
    assert read.required_integer("m", least=1, most=9) == 1
    assert read.required_money("gone") == 0
    assert read.wrong == {
        "n": "From 1 to 100.",
        "m": "Please fill this in.",
        "gone": "Please fill this in.",
    }


def test_a_wrong_number_that_is_needed_is_blamed_once_for_what_it_is() -> None:
    read = form(n="x")
    read.required_integer("n", least=1, most=9)
    assert read.wrong == {"n": "A whole number, please."}


def test_texts_are_cleaned_and_bounded() -> None:
    read = form(a="  王\u202e芳\x00\x07 \r\n 3 号 ", b="x" * 81, c="")
    assert read.text("a") == "王芳   3 号"
    assert read.text("a", lines=True) == "王芳 \n 3 号"
    assert read.text("b", most=80) == "x" * 80
    assert read.text("c", required=True) == ""
    assert read.wrong == {"b": "At most 80 characters.", "c": "Please fill this in."}
    assert read.typed["b"] == "x" * 81, "what was typed stays"
    assert read.typed["never sent"] == ""
    assert "never sent" not in read


def test_choices_ticks_and_lists() -> None:
    fields = [("point", "1"), ("point", "2"), ("point", "x"), ("rule", "nonsense"), ("on", "1"), ("off", "0")]
    read = Form(fields, Words("en"))
    assert read.ids("point") == (1, 2)
    assert read.choice("rule", ("a", "b"), "a") == "a"
    assert read.choice("none", ("a", "b"), "b") == "b"
    assert (read.tick("on"), read.tick("off"), read.tick("none")) == (True, False, False)
    assert read.wrong == {"rule": "Please choose one."}


def test_moments_are_of_the_rooms_time_zone() -> None:
    read = form(at="2026-11-20T20:00", day="2026-12-01")
    assert read.moment("at", "Asia/Shanghai") == 1_795_176_000_000
    assert read.day("day") == date(2026, 12, 1)
    assert (read.moment("none", "UTC"), read.day("none")) == (None, None)
    for typed in ("tomorrow", "2026-13-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59"):
        read = form(at=typed, day=typed[:10])
        assert (read.moment("at", "America/New_York"), read.day("day")) == (None, None)
        assert set(read.wrong) == {"at", "day"}


def test_what_the_desk_refuses_is_said_in_the_readers_language() -> None:
    read = form(language="zh")
    read.refuse("q", Refused("order.cap", left=3))
    read.refuse("x", InputError("is no number"))
    assert "3" in read.wrong["q"]
    assert "more" not in read.wrong["q"]
    assert read.wrong["x"] == "is no number"


def test_trying_something_out_leaves_the_form_alone() -> None:
    read = form("JPY", n="x")
    trial = read.again({"n": "1.5"})
    assert trial.money("n") is None
    assert trial.wrong == {"n": "An amount like 1234, please."}
    assert (read.wrong, read.typed["n"]) == ({}, "x")


@given(st.text())
def test_nothing_that_is_typed_raises(text: str) -> None:
    read = form(f=text)
    read.text("f", required=True, most=10)
    read.integer("f", least=0, most=9)
    read.money("f")
    read.moment("f", "Asia/Shanghai")
    read.day("f")
    read.choice("f", ("a",))
    read.ids("f")
    assert read.typed["f"] == stream_safe(text)
    assert without(read.typed, "f") == {}
