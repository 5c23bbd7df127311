"""Lists in every style people write, each line with what a person reads in it.

Two figures are kept: at least 98 % of all lines are read right, marks included, and no line is read wrongly
without a mark.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pasted_lists import CATALOGUES, Example, Expected, Outcome, compare, load
from rendered_lists import WRITERS, rendered

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
