"""What holds for every text whatever: nothing crashes, no line is lost, quantities can be ordered."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pasted_lists import CATALOGUES, load

from millpond.community.group import MAX_WANT_UNITS
from millpond.community.pasted import MAX_CHARACTERS, MAX_LINES, PastedList, read_list
from millpond.community.pasted.characters import clean, fold, split_lines
from millpond.community.pasted.lines import MAX_LINE_CHARACTERS
from millpond.errors import InputError

LISTS = [example for path in (Path(__file__).parent / "lists").glob("*.txt") for example in load(path)]
FRAGMENTS = """
    1. 2、 3） ① 1️⃣ 王芳 李雷 小雨2018 大米 花生油 土鸡蛋 鸡蛋 油 2 3袋 两袋 半箱 一打 2-3 各
    共3件 A B2 1号 3-502 3栋502 13812345678 ￥104 104元 （ ） 【 】 [强] ~~ ， 、 ： ； + - × x * /
    。 ? 备注： 取消 不要 退 改 同上 替 再加 谢谢 要 我要 和 👍 ❌ ✅ #接龙 例 合计 截止 18:00
    9月10日 rice bags half dozen of and Anna
""".split()  # noqa: SIM905
HIDDEN = ["\u200b", "\u0336", "\u20e3", "\u200d", "\ue000", "\ue001", " ", " "]
LINES = st.lists(st.sampled_from([*FRAGMENTS, *HIDDEN]), max_size=14).map("".join)
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(LINES, max_size=8).map("\n".join),
    st.lists(st.one_of(LINES, st.sampled_from([s for e in LISTS for s in e.sources])), max_size=10).map(
        "\r\n".join
    ),
)
ITEMS = st.sampled_from(sorted(CATALOGUES)).map(CATALOGUES.__getitem__)


def check(text: str, result: PastedList, ids: set[str]) -> None:
    sources = split_lines(text)
    filled = [number for number, source in enumerate(sources, 1) if source.strip()]
    of_entries = [range(entry.line, entry.line + entry.source.count("\n") + 1) for entry in result.entries]
    told = [*result.heading_lines, *(ignored.line for ignored in result.ignored), *chain(*of_entries)]
    assert sorted(told) == filled
    for ignored in result.ignored:
        assert ignored.source == sources[ignored.line - 1]
    by_line = {entry.line: entry for entry in result.entries}
    for entry in result.entries:
        for offset, source in enumerate(entry.source.split("\n")):
            assert source == sources[entry.line - 1 + offset]
        for want in entry.wants:
            assert 1 <= want.quantity <= MAX_WANT_UNITS
            assert want.item is None or want.item in ids
            assert set(want.could_be) <= ids
        if not entry.wants or any(want.item is None for want in entry.wants) or not entry.name:
            assert entry.doubts
        if entry.duplicate_of is not None:
            assert by_line[entry.duplicate_of].duplicate_of is None


@settings(deadline=None, max_examples=300)
@given(TEXTS, ITEMS)
def test_no_text_crashes_it_and_no_line_is_lost(text: str, items: tuple) -> None:
    check(text, read_list(text, items), {item.id for item in items})


@settings(deadline=None, max_examples=100)
@given(st.text())
def test_folding_keeps_every_place(text: str) -> None:
    for line in split_lines(text):
        readable = clean(line)
        assert len(readable.folded) == len(readable.text) == len(readable.struck)
        assert len(fold(text)) == len(text)


def test_the_same_text_is_read_the_same_way_twice() -> None:
    for example in LISTS[:20]:
        assert read_list(example.text, example.items) == read_list(example.text, example.items)


@pytest.mark.parametrize("text", ["", "\n\n", "  \t\n", "\ufeff"])
def test_nothing_is_nothing(text: str) -> None:
    result = read_list(text, CATALOGUES["rice"])
    assert not result.entries
    assert not result.heading


def test_what_is_too_long_is_refused_with_the_bound() -> None:
    with pytest.raises(InputError, match=f"{MAX_CHARACTERS:,}"):
        read_list("王" * (MAX_CHARACTERS + 1), ())
    with pytest.raises(InputError, match=f"{MAX_LINES:,}"):
        read_list("\n" * MAX_LINES, ())


def test_a_line_that_is_too_long_is_shown_and_not_taken_apart() -> None:
    long = "2. 李雷 " + "大米2袋 " * MAX_LINE_CHARACTERS
    result = read_list(f"接龙\n1. 王芳 2袋\n{long}\n3. 陈静 1袋", CATALOGUES["rice"])
    assert [entry.name for entry in result.entries] == ["王芳", "陈静"]
    assert [(ignored.line, str(ignored.reason)) for ignored in result.ignored] == [(3, "too-long")]


def test_a_line_of_too_many_pieces_is_kept_whole_and_marked() -> None:
    crowded = "大米1 " * 90
    (_, entry) = read_list(f"接龙\n1. 王芳 2袋\n2. {crowded}", CATALOGUES["rice"]).entries
    assert entry.note == crowded.strip()
    assert not entry.wants
    assert entry.doubts


@pytest.mark.parametrize(
    "unit", ["1", "一", "a ", "1.", "(大米", "~~a", "大米2", "1-", "138****", "各", "谢谢", "½"]
)
def test_a_text_made_to_be_slow_is_read_to_its_end(unit: str) -> None:
    line = (unit * MAX_LINE_CHARACTERS)[:MAX_LINE_CHARACTERS]
    text = "\n".join([line] * 20)
    check(text, read_list(text, CATALOGUES["basics"]), {"rice", "oil", "eggs"})
