"""The form of a group order: read, shown again as it was typed, and blamed where it is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.community.group import Option, OptionKind
from millpond.desk.rounds import Terms
from millpond.errors import InputError
from millpond.web.forms import Form
from millpond.web.leader.offer_form import (
    MANY,
    option_lines,
    read_options,
    read_so_far,
    read_terms,
    rows_of,
    typed_from,
    uses_more,
)
from millpond.web.words import Words

SMALL = {
    "title": "腊月大米",
    "maker": "永泰米厂",
    "item-0-name": "大米",
    "tier-0-from": "10",
    "tier-0-price": "45",
}


def form(language: str = "zh", **changes: str) -> Form:
    typed = SMALL | {name.replace("__", "-"): value for name, value in changes.items()}
    return Form(typed.items(), Words(language), "CNY")


def read(**changes: str) -> Terms:
    typed = form(**changes)
    terms = read_terms(typed, "Asia/Shanghai")
    assert terms is not None, typed.wrong
    return terms


def wrong(**changes: str) -> dict[str, str]:
    typed = form(**changes)
    assert read_terms(typed, "Asia/Shanghai") is None
    return typed.wrong


def test_the_least_that_a_leader_types_is_enough() -> None:
    terms = read()
    assert (terms.title, terms.offer.maker, terms.offer.capacity) == ("腊月大米", "永泰米厂", MANY)
    (rice,) = terms.items
    assert (rice.name, rice.unit, rice.load, rice.case_size, rice.reference) == ("大米", "件", 1, 1, None)
    assert [(tier.from_quantity, tier.price) for tier in terms.offer.tiers] == [(10, 4_500)]
    assert (terms.closes_at_ms, terms.cap_units, terms.fee.per_order) == (None, None, 0)
    assert (terms.shortage_rule, terms.repeats_every_days) == ("proportional", None)


def test_sizes_take_name_and_unit_of_the_one_above() -> None:
    terms = read(
        item__0__unit="件", item__0__variant="S", item__1__variant="M", item__2__name="帽子",
        item__2__unit="顶", item__3__variant="红",
    )  # fmt: skip
    assert [(item.label, item.family, item.unit) for item in terms.items] == [
        ("大米 S", "大米", "件"),
        ("大米 M", "大米", "件"),
        ("帽子", "帽子", "顶"),
        ("帽子 红", "帽子", "顶"),
    ]


def test_rows_that_are_empty_are_left_out() -> None:
    terms = read(
        item__1__name=" ", item__1__load="3", item__7__name="油",
        tier__1__from="", tier__5__from="100", tier__5__price="40",
    )  # fmt: skip
    assert [item.name for item in terms.items] == ["大米", "油"]
    assert len(terms.offer.tiers) == 2
    assert rows_of(form(item__7__name="油", item__1__id="3"), "item") == [0, 1, 7]


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "no title": ({"title": " "}, "title"),
    "no maker": ({"maker": ""}, "maker"),
    "no item": ({"item__0__name": ""}, "item-0-name"),
    "no price": ({"tier__0__from": "", "tier__0__price": ""}, "tier-0-from"),
    "half a price": ({"tier__1__from": "100"}, "tier-1-price"),
    "prices that do not rise in number": ({"tier__1__from": "10", "tier__1__price": "9"}, "tier-1-from"),
    "a price in words": ({"tier__0__price": "四十五"}, "tier-0-price"),
    "a name too long for what it is kept by": ({"item__0__name": "龘" * 51}, "item-0-name"),
    "an item twice": ({"item__1__name": "大米", "item__1__reference": "5"}, "item-1-variant"),
    "sizes of other loads": ({"item__1__variant": "大", "item__1__load": "5"}, "item-0-load"),
    "options nobody understands": ({"item__0__options": "尺码# : S"}, "item-0-options"),
    "a maker that could never start": ({"capacity": "5"}, "capacity"),
    "no such day": ({"ready_on": "2026-02-30"}, "ready_on"),
    "a close that is none": ({"closes_at": "soon"}, "closes_at"),
    "a rule that is none": ({"shortage_rule": "the strongest"}, "shortage_rule"),
    "no case": ({"item__0__case": "0"}, "item-0-case"),
    "a fee below nothing": ({"fee_per_unit": "-1"}, "fee_per_unit"),
    "again after no days": ({"repeats_every_days": "0"}, "repeats_every_days"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_at_its_field_alone(name: str) -> None:
    changes, field = WRONG[name]
    assert list(wrong(**changes)) == [field]


def test_four_byte_names_fit_what_they_are_kept_by() -> None:
    assert read(item__0__name="🍚" * 50).items[0].family == "🍚" * 50


OPTIONS = {
    "尺码*: S, M, L": Option(
        key="o0", label="尺码", kind=OptionKind.CHOICE, choices=("S", "M", "L"), required=True
    ),
    "尺码＊：S、M，L/XL": Option(
        key="o0", label="尺码", kind=OptionKind.CHOICE, choices=("S", "M", "L", "XL"), required=True
    ),
    "绣字": Option(key="o0", label="绣字", kind=OptionKind.TEXT),
    "裤长 #": Option(key="o0", label="裤长", kind=OptionKind.NUMBER),
    "裤长* #": Option(key="o0", label="裤长", kind=OptionKind.NUMBER, required=True),
    "颜色: 红, 红, 蓝": Option(key="o0", label="颜色", kind=OptionKind.CHOICE, choices=("红", "蓝")),
}


@pytest.mark.parametrize("line", OPTIONS)
def test_options_as_a_leader_writes_them(line: str) -> None:
    assert read_options(f"\n {line} \n\n") == (OPTIONS[line],)
    assert read_options(option_lines([OPTIONS[line]])) == (OPTIONS[line],)


@pytest.mark.parametrize(
    "text", ["*", ": S, M", "# 3", "x" * 301, "\n".join("abcdefghijklm"), "裤长 #: 1, 2"]
)
def test_lines_that_are_no_options(text: str) -> None:
    with pytest.raises(InputError):
        read_options(text)


FULL = SMALL | {
    "about": "刚碾的。\n自家田里的",
    "maker_contact": "13800001111",
    "pickup_note": "周六 9 点",
    "closes_at": "2026-11-20T20:00",
    "cap_units": "300",
    "capacity": "500",
    "setup": "880",
    "freight_fixed": "119",
    "freight_per_load": "0.30",
    "ready_on": "2026-12-01",
    "fee_per_order": "1",
    "fee_per_unit": "0.50",
    "repeats_every_days": "7",
    "shortage_rule": "earliest",
    "tier-1-from": "100",
    "tier-1-price": "38.5",
    "item-0-variant": "5 公斤",
    "item-0-unit": "袋",
    "item-0-reference": "58",
    "item-0-surcharge": "2",
    "item-0-load": "5",
    "item-0-case": "6",
    "item-0-grams": "5000",
    "item-0-tolerance": "3",
    "item-0-options": "刻字\n颜色*: 红, 蓝",
}


def test_what_is_read_is_shown_as_it_would_have_been_typed() -> None:
    terms = read_terms(Form(FULL.items(), Words("zh"), "CNY"), "Asia/Shanghai")
    assert terms is not None
    again = Form(typed_from(terms, "CNY", FULL["closes_at"]).items(), Words("zh"), "CNY")
    assert read_terms(again, "Asia/Shanghai") == terms
    assert {part for part in ("about", "offer", "rules", "item-0") if uses_more(again, part)} == {
        "about",
        "offer",
        "rules",
        "item-0",
    }


def test_what_nobody_uses_is_folded_until_it_is_wrong() -> None:
    typed = form()
    assert read_terms(typed, "UTC") is not None
    shown = form(**{k.replace("-", "__"): v for k, v in typed_from(read(), "CNY", "").items()})
    for one in (typed, shown):
        assert not [part for part in ("about", "offer", "rules", "item-0") if uses_more(one, part)]
    bad = form(capacity="x")
    read_terms(bad, "UTC")
    assert uses_more(bad, "offer")


def test_the_curve_follows_what_is_right_so_far() -> None:
    assert read_so_far(Form([], Words("zh"), "CNY")) is None
    assert read_so_far(form(tier__0__price="")) is None
    assert read_so_far(form(tier__0__price="x")) is None
    half = read_so_far(form(title="", maker="", tier__1__from="100", item__0__options="尺码# : S"))
    assert half is not None
    assert [tier.from_quantity for tier in half.offer.tiers] == [10]
    assert (half.label, half.load, half.surcharge) == ("", 1, 0)
    two = read_so_far(
        form(
            item__0__variant="S", item__0__surcharge="2", item__0__load="3", item__1__name="油",
            fee_per_unit="0.5", setup="880", capacity="3",
        )
    )  # fmt: skip
    assert two is not None
    assert (two.label, two.load, two.surcharge, two.fee.per_unit) == ("大米 S", 3, 200, 50)
    assert (two.offer.setup, two.offer.capacity) == (88_000, 10), "a capacity that is still being typed"


TYPED = st.dictionaries(
    st.sampled_from([*FULL, "item-1-name", "item-1-load", "tier-2-from", "tier-2-price", "item-999-name"]),
    st.one_of(st.text(max_size=30), st.from_regex(r"[0-9]{1,7}", fullmatch=True)),
)


@given(typed=TYPED, keep=st.booleans())
def test_whatever_is_typed_is_read_or_blamed(typed: dict[str, str], keep: bool) -> None:
    one: Any = Form(((FULL if keep else {}) | typed).items(), Words("en"), "CNY")
    assert (read_terms(one, "Asia/Shanghai") is None) == bool(one.wrong)
    read_so_far(one)
