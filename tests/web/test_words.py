"""What pages say: every sentence is translated, once, with its placeholders, and none in vain."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from millpond.web.words import LANGUAGES, Words, catalogue

ROOT = Path(__file__).parents[2]
SCRIPT = runpy.run_path(str(ROOT / "scripts" / "words.py"))


def test_every_sentence_is_translated() -> None:
    assert SCRIPT["faults"]() == []


def test_the_script_finds_what_pages_ask() -> None:
    asked = SCRIPT["asked"]()
    assert asked["Check-off"] == "web/templates/leader/check-off.html"
    assert asked["Please choose one."].startswith("web/")
    assert {"the maker cannot make more", "The proof", "Only {left} more can be ordered."} <= set(asked)
    assert len(asked) > 500


def test_the_script_sees_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    names = SCRIPT["faults"].__globals__
    monkeypatch.setitem(names, "asked", lambda: {"A {n}": "a.py", "B": "b.py", "C": "c.py"})
    texts = [("A {n}", "甲", "x.po"), ("B", "乙", "x.po"), ("B", "丙", "y.po"), ("D", "丁", "y.po")]
    monkeypatch.setitem(names, "translated", lambda: texts)
    assert SCRIPT["faults"]() == [
        "c.py: missing: 'C'",
        "x.po: other placeholders: 'A {n}' and '甲'",
        "y.po: also in x.po: 'B'",
        "y.po: in vain: 'D'",
    ]


def test_a_sentence_that_is_not_there_is_said_in_english() -> None:
    assert Words("zh")("No such {thing}", thing="x") == "No such x"
    assert Words("fr").language == "en"


def test_chinese_reads_as_chinese() -> None:
    """No sentence was left in English, but for names of formats and of things that have no other."""
    texts = catalogue("zh")
    bare = {re.sub(r"\{\w*\}", "", text) for text in texts.values()}
    assert not [
        text for text in bare if re.search("[a-z]{3}.* [a-z]{3}", text) and not re.search("[一-鿿]", text)
    ]
    assert not [text for text in texts.values() if "您" in text or "用户" in text]


def test_plurals() -> None:
    english, chinese = Words("en"), Words("zh")
    assert [english.ngettext("{n} bag", "{n} bags", n) for n in (1, 2)] == ["{n} bag", "{n} bags"]
    assert chinese.ngettext("{n} bag", "{n} bags", 1) == "{n} bags"
    assert set(LANGUAGES) == {"zh", "en"}
