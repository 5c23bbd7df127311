"""Lists in every style people write, each line with what a person reads in it.

Two figures are kept: at least 98 % of all lines are read right, marks included, and no line is read wrongly
without a mark.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pasted_lists import CATALOGUES, Example, Expected, Outcome, compare, load
from rendered_lists import WRITERS, rendered

from millpond.community.pasted import read_list

FOLDER = Path(__file__).parent / "lists"
FILES = sorted(FOLDER.glob("*.txt"))
BY_HAND = [example for path in FILES for example in load(path)]
RENDERED = [example for style in WRITERS for example in rendered(style)]
EVERY = BY_HAND + RENDERED
LEAST_RIGHT = 0.98


def shown(outcome: Outcome) -> str:
    return f"line {outcome.line}: {outcome.source}\n  expected {outcome.says}\n  read     {outcome.got}"


def name_of(example: Example) -> str:
    return f"{example.style}: {example.title}"


def test_there_are_enough_lists() -> None:
    assert len(EVERY) >= 200
    assert len({example.style for example in EVERY}) >= 12
    assert len(BY_HAND) >= 80
    assert len({tuple(example.sources) for example in EVERY}) == len(EVERY)


@pytest.mark.parametrize("example", BY_HAND, ids=name_of)
def test_no_line_is_wrong_without_a_mark(example: Example) -> None:
    result, outcomes = compare(example)
    silent = [outcome for outcome in outcomes if outcome.differs and not outcome.marked]
    assert not silent, "\n".join(map(shown, silent))
    assert {str(doubt.code) for doubt in result.doubts} == example.doubts


@pytest.mark.parametrize("style", WRITERS)
def test_what_is_written_clearly_is_read_whole_and_unmarked(style: str) -> None:
    for example in rendered(style):
        result, outcomes = compare(example)
        wrong = [outcome for outcome in outcomes if not outcome.right]
        assert not wrong, "\n".join(map(shown, wrong))
        assert not result.doubts


def test_nearly_every_line_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = [outcome for example in EVERY for outcome in compare(example)[1]]
    right = sum(outcome.right for outcome in outcomes)
    silent = [outcome for outcome in outcomes if outcome.differs and not outcome.marked]
    marked = sum(outcome.marked for outcome in outcomes)
    styles = len({example.style for example in EVERY})
    with capsys.disabled():
        print(
            f"\npasted lists: {len(EVERY)} in {styles} styles, {len(outcomes)} lines, {right} right "
            f"({right / len(outcomes):.2%}), {marked} marked, {len(silent)} wrong without a mark"
        )
    assert not silent, "\n".join(map(shown, silent))
    assert right >= LEAST_RIGHT * len(outcomes)


@pytest.mark.parametrize(
    ("says", "right", "differs"),
    [
        ("1 王芳 | rice 2 | note 放门口", True, False),
        ("1 王芳 | rice 3 | note 放门口", False, True),
        ("2 王芳 | rice 2 | note 放门口", False, True),
        ("1 王方 | rice 2 | note 放门口", False, True),
        ("1 王芳 | oil 2 | note 放门口", False, True),
        ("1 王芳 | rice 2", False, True),
        ("1 王芳 | rice 2 | note 放门口 | struck", False, True),
        ("1 王芳 | rice 2 | note 放门口 | dup 3", False, True),
        ("1 王芳 | rice 2 | note 放门口 | ? unit", False, False),
        ("h", False, True),
        ("i", False, True),
    ],
)
def test_the_comparison_sees_every_difference(says: str, right: bool, differs: bool) -> None:
    example = Example(
        "", "", CATALOGUES["basics"], ["#接龙", "1. 王芳 大米2袋（放门口）"], [Expected(2, says)]
    )
    _, (outcome,) = compare(example)
    assert (outcome.right, outcome.differs) == (right, differs)


def test_a_list_without_an_expectation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "short.txt"
    path.write_text("== short | items rice\n| 1. 王芳 2袋\n", "utf-8")
    with pytest.raises(ValueError, match="without an expectation"):
        load(path)


ADDED = [
    " 绿豆2袋",
    "，香油1瓶",
    " 3",
    " 不要鸡蛋",
    " 改2袋",
    " 退1袋",
    "（少1袋）",
    "（加1袋）",
    " 取消一半",
    " 或者4袋",
    "左右",
]
ADDED += [
    " 再加点",
    "（帮李姐带2袋）",
    "半",
    " 两三个",
    " 送2袋",
    " 同上",
    " 花生油没有就算了",
    "（鸡蛋换大米）",
    " 红豆",
    " ❌",
    "?",
]


@pytest.mark.parametrize("added", ADDED)
def test_what_is_added_to_a_clear_line_is_never_passed_over(added: str) -> None:
    for style in ("dots", "commas", "round", "template", "quantity-first", "glued-goods"):
        for example in rendered(style)[:5]:
            if any("dup" in expected.says for expected in example.expected):
                continue  # a copy of a line would be marked anyway
            heading, *lines = example.sources
            entries = read_list(
                "\n".join([heading, *(line + added for line in lines)]), example.items
            ).entries
            assert len(entries) == len(lines)
            assert [entry.source for entry in entries if not entry.doubts] == []


@pytest.mark.parametrize("before", ["黑", "咸", "半袋", "新疆", "小"])
def test_a_word_before_the_goods_is_never_passed_over(before: str) -> None:
    for example in rendered("dots")[:5]:
        for source in example.sources[1:]:
            for goods in ("大米", "花生油", "土鸡蛋"):
                if f" {goods}" in source:
                    text = f"接龙\n{source.replace(f' {goods}', f' {before}{goods}', 1)}"
                    assert read_list(text, example.items).entries[0].doubts, text
