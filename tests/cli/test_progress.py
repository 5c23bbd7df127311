"""What is said while a round is cleared, where there is no terminal to redraw."""

from dataclasses import replace

import pytest

from millpond.clearing import Progress
from millpond.cli.progress import progress_text, shown_progress

START = Progress(seconds=0.2, phase="bound", score=None, bound=None, gap=None)
LATER = Progress(seconds=12.4, phase="search", score=123_400, bound=124_000, gap=600 / 124_000)


def test_one_line_says_best_bound_and_gap() -> None:
    assert progress_text(START, "CNY") == "   0 s  bound         best none yet  bound none yet"
    assert progress_text(LATER, "CNY") == "  12 s  search        best 1,234.00  bound 1,240.00  gap 0.484 %"
    assert "best 123,400  bound 124,000" in progress_text(LATER, "JPY")


def test_lines_only_for_news_and_at_most_one_a_second(capsys: pytest.CaptureFixture[str]) -> None:
    told = [
        START,
        replace(START, seconds=0.3),  # nothing new
        replace(LATER, seconds=0.4),  # a new phase
        replace(LATER, seconds=0.9, score=123_500),  # too soon
        replace(LATER, seconds=1.5, score=123_600),
        replace(START, seconds=1.6, score=123_700),  # a phase seen before, too soon
        replace(LATER, seconds=9.0, score=123_600),  # nothing new
    ]
    with shown_progress("CNY", 60) as show:
        for progress in told:
            show(progress)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [progress_text(told[k], "CNY") for k in (0, 2, 4)]
