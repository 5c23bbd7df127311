"""Parts of the reading with rules of their own: numerals, numbers in front, units, catalogue, copies."""

from __future__ import annotations

from pathlib import Path

import pytest
from pasted_lists import CATALOGUES

from millpond.community.pasted import DoubtCode, read_list, units
from millpond.community.pasted.catalogue import Catalogue
from millpond.community.pasted.markers import numbered
from millpond.community.pasted.numerals import chinese_number, whole_number
from millpond.community.pasted.pieces import Kind, Pieces


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("一", 1),
        ("两", 2),
        ("俩", 2),
        ("仨", 3),
        ("十", 10),
        ("十二", 12),
        ("二十", 20),
        ("三十五", 35),
        ("一百", 100),
        ("一百零五", 105),
        ("两百三十", 230),
        ("廿五", 25),
        ("叁", 3),
        ("拾贰", 12),
        ("一千二百", 1200),
        ("零", 0),
        ("", None),
        ("两三", None),
        ("五一", None),
        ("百", None),
        ("十百", None),
        ("大", None),
    ],
)
def test_chinese_numerals(text: str, number: int | None) -> None:
    assert chinese_number(text) == number


def test_figures_without_end_are_cut() -> None:
    assert whole_number("9" * 100) == 10**12 - 1


@pytest.mark.parametrize(
    ("line", "previous", "expected"),
    [
        ("1. 王芳", 0, (1, "王芳")),
        ("1、王芳", 0, (1, "王芳")),
        ("1）王芳", 0, (1, "王芳")),
        ("(1) 王芳", 0, (1, "王芳")),
        ("【1】王芳", 0, (1, "王芳")),
        ("①王芳", 0, (1, "王芳")),
        ("⑴ 王芳", 0, (1, "王芳")),
        ("⒈王芳", 0, (1, "王芳")),
        ("㉑王芳", 20, (21, "王芳")),
        ("No.7 王芳", 6, (7, "王芳")),
        ("第3位 王芳", 2, (3, "王芳")),
        ("十二、王芳", 11, (12, "王芳")),
        ("4.2袋", 3, (4, "2袋")),
        ("4.2袋", 0, None),
        ("5 王芳", 4, (5, "王芳")),
        ("5王芳", 4, (5, "王芳")),
        ("5王芳", 2, None),
        ("502王阿姨", 4, None),
        ("3-502 王芳", 2, None),
        ("3栋502 王芳", 2, None),
        ("10:30 王芳", 9, None),
        ("2袋 王芳", 1, None),
        ("王芳", 0, None),
    ],
)
def test_numbers_in_front(line: str, previous: int, expected: tuple[int, str] | None) -> None:
    assert numbered(line, previous=previous, starts_order=lambda rest: rest.startswith("袋")) == expected


@pytest.mark.parametrize(
    ("own", "written", "fits"),
    [
        ("袋", "袋", True),
        ("袋", "包", True),
        ("桶", "壶", True),
        ("斤", "市斤", True),
        ("公斤", "kg", True),
        ("袋", "份", True),
        ("袋", "个", True),
        ("枚", "个", True),
        ("盒", "个", False),
        ("箱", "件", False),
        ("斤", "公斤", False),
        ("斤", "份", False),
        ("瓶", "箱", False),
        ("袋", "斤", False),
        ("bag", "bags", True),
        ("bag", "boxes", False),
    ],
)
def test_units_that_mean_the_same(own: str, written: str, fits: bool) -> None:
    assert units.fits(own, written) is fits


@pytest.mark.parametrize(
    ("catalogue", "text", "ids"),
    [
        ("basics", "土鸡蛋", ["eggs"]),
        ("basics", "鸡蛋", ["eggs"]),
        ("mill", "大米", ["rice10", "rice5"]),
        ("mill", "5公斤", ["rice5"]),
        ("mill", "15kg", []),
        ("tee", "xl码", ["tee-xl"]),
        ("uniform", "红s", ["red-s"]),
        ("uniform", "s码红色", ["red-s"]),
        ("boxes", "礼盒", ["a", "b", "c"]),
        ("bread", "olive oil", ["oil"]),
        ("bread", "oils", ["oil"]),
        ("bread", "foil", []),
        ("trad", "鸡蛋", ["egg"]),
    ],
)
def test_ways_to_say_an_item(catalogue: str, text: str, ids: list[str]) -> None:
    found = [found for _, _, found in Catalogue(CATALOGUES[catalogue]).find(text)]
    assert sorted(set().union(*(each.ids for each in found))) == ids


def test_every_character_is_in_one_piece() -> None:
    body = "王芳 3栋502，13812345678 大米2袋、花生油1桶（放门口） 谢谢👍 绿豆3 共6件"
    pieces = Pieces(Catalogue(CATALOGUES["basics"])).cut(body)
    covered = [place for piece in pieces for place in range(piece.start, piece.end)]
    assert len(covered) == len(set(covered))
    assert {place for place, character in enumerate(body) if character != " "} <= set(covered)
    kinds = {piece.kind for piece in pieces}
    assert {Kind.TEXT, Kind.ADDRESS, Kind.PHONE, Kind.ITEM, Kind.QUANTITY, Kind.BRACKET, Kind.TOTAL} <= kinds


def test_a_want_that_is_not_known_says_what_it_could_be() -> None:
    (entry,) = read_list("1. 王芳 大米2袋", CATALOGUES["mill"]).entries
    (want,) = entry.wants
    assert (want.item, want.text, want.quantity, want.unit) == (None, "大米", 2, "袋")
    assert want.could_be == ("rice5", "rice10")
    assert [doubt.code for doubt in entry.doubts] == [DoubtCode.WHICH_VARIANT]


def test_a_doubt_has_the_text_it_is_about_and_the_other_line() -> None:
    result = read_list("1. 王芳 2袋\n2. 李雷 1袋\n3. 王芳 1袋\n合计9袋", CATALOGUES["rice"])
    (doubt,) = result.entries[2].doubts
    assert (doubt.code, doubt.fragment, doubt.other_line) == (DoubtCode.SAME_NAME, "王芳", 1)
    (tally,) = result.doubts
    assert (tally.code, tally.fragment, tally.other_line) == (DoubtCode.TALLY, "合计9袋", 4)


def test_what_counts_is_neither_struck_out_nor_a_copy() -> None:
    text = "1. 王芳 2袋\n2. 李雷 1袋（取消）\n2. 陈静 1袋\n2. 陈静 1袋"
    entries = read_list(text, CATALOGUES["rice"]).entries
    assert [entry.counts for entry in entries] == [True, False, True, False]
    assert entries[3].duplicate_of == 3


def test_missing_numbers_are_named() -> None:
    text = "1. 王芳 2袋\n2. 李雷 1袋\n5. 陈静 1袋\n9. 周敏 1袋"
    (gap,) = read_list(text, CATALOGUES["rice"]).doubts
    assert (gap.code, gap.fragment) == (DoubtCode.NUMBER_GAP, "3–4, 6–8")


def test_an_entry_over_two_lines_keeps_both() -> None:
    (entry,) = read_list("1. 王芳 3-502\n大米2袋", CATALOGUES["basics"]).entries
    assert (entry.line, entry.source) == (1, "1. 王芳 3-502\n大米2袋")
    assert not entry.doubts


PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "pasted-lists.md").read_text("utf-8")


@pytest.mark.parametrize("code", DoubtCode)
def test_every_doubt_is_documented(code: DoubtCode) -> None:
    assert f"`{code}`" in PAGE


def test_the_list_in_the_documentation_is_read_as_it_says() -> None:
    text = PAGE.partition("```text\n")[2].partition("```")[0]
    first, second, third = read_list(text, CATALOGUES["basics"]).entries
    assert [(want.item, want.quantity) for want in first.wants] == [("rice", 2), ("oil", 1)]
    assert (first.address, first.note, first.doubts) == ("3-502", "放门卫", ())
    assert ([want.quantity for want in second.wants], second.phone, second.doubts) == ([1], "13812345678", ())
    assert [doubt.code for doubt in third.doubts] == [DoubtCode.RANGE]
