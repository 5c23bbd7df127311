"""Every refusal has a sentence, and every sentence a translation that says the same things."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import millpond
from millpond.desk.refusals import WORDS, Refused
from millpond.errors import InputError

PACKAGE = Path(millpond.__file__).parent
CHINESE = PACKAGE / "web" / "locale" / "zh"


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@cache
def translations() -> dict[str, str]:
    found = {}
    for path in CHINESE.glob("*.po"):
        with path.open("rb") as file:
            for message in read_po(file, abort_invalid=True):
                if isinstance(message.id, str) and isinstance(message.string, str) and not message.fuzzy:
                    found[message.id] = message.string
    return found


def raised_codes() -> dict[str, str]:
    """Codes as they stand in the source, and a file where each does."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "from millpond.desk.refusals import" in text:  # the verifier has a `Refused` of its own
            found |= dict.fromkeys(re.findall(r"\bRefused\(\s*\"([^\"]+)\"", text), path.name)
    return found


def test_a_refusal_says_its_sentence() -> None:
    refused = Refused("order.cap", left=3)
    assert isinstance(refused, InputError)
    assert str(refused) == "Only 3 more can be ordered."
    assert refused.message == "Only {left} more can be ordered."
    assert (refused.code, dict(refused.values)) == ("order.cap", {"left": 3})


def test_an_unknown_code_is_a_defect() -> None:
    with pytest.raises(KeyError):
        Refused("order.nonsense")


def test_every_code_in_the_source_has_a_sentence() -> None:
    codes = raised_codes()
    assert len(codes) > 20
    assert {code: file for code, file in codes.items() if code not in WORDS} == {}


@pytest.mark.parametrize("code", sorted(WORDS))
def test_every_sentence_is_translated(code: str) -> None:
    chinese = translations().get(WORDS[code], "")
    assert chinese, f"{WORDS[code]!r} has no translation"
    assert placeholders(chinese) == placeholders(WORDS[code])
    assert any("\u4e00" <= character <= "\u9fff" for character in chinese)


def test_catalogues_say_that_they_are_utf_8() -> None:
    for path in CHINESE.glob("*.po"):
        with path.open("rb") as file:
            assert read_po(file).charset == "utf-8", path.name
