"""The story's sentences: complete in both languages, and free of figures."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from millpond.story import words

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("key", words.words())
def test_both_languages_with_the_same_fields(key: str) -> None:
    said = words.words()[key]
    assert set(said) == set(words.LANGUAGES)
    fields = [
        {name for _, name, _, _ in Formatter().parse(said[language]) if name} for language in words.LANGUAGES
    ]
    assert fields[0] == fields[1]


@pytest.mark.parametrize("key", words.words())
def test_no_figure_stands_in_the_words(key: str) -> None:
    for said in words.words()[key].values():
        plain = re.sub(r"\{\w+\}|^\d  ", "", said)  # numbers of headings
        assert not re.search(r"\d", plain.replace("exit code 0", "").replace("退出码 0", "")), said


def test_every_sentence_is_used() -> None:
    source = "".join(
        (ROOT / "src/millpond" / path).read_text("utf-8")
        for path in ("story/telling.py", "cli/demo.py", "cli/story_node.py")
    )
    assert {key for key in words.words() if f'"{key}"' not in source} == set()


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh_CN.UTF-8", "zh"), ("zh_TW", "zh"), ("ZH", "zh"), ("en_GB.UTF-8", "en"), ("C", "en")],
)
def test_language_of_a_locale(locale: str, language: str) -> None:
    assert words.language_of(locale) == language
