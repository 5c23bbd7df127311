"""Check phrases: the same for everyone and for good, told apart, compared as people say them."""

from __future__ import annotations

import pytest

from millpond.errors import InputError
from millpond.log.keys import Key
from millpond.network import phrases

DID = Key(bytes(range(32))).did
OTHER = Key(bytes(32)).did


def test_an_identity_has_the_phrase_it_always_had() -> None:
    """Pinned: two versions that disagreed would make every comparison on the phone fail."""
    assert phrases.both(DID) == ("sun dragon draft scheme", "雕 举 防 伐")


def test_phrases_are_of_their_own_list_and_say_the_same() -> None:
    english, chinese = phrases.both(OTHER)
    places = phrases.indices(OTHER)
    assert [phrases._words("en").index(word) for word in english.split()] == list(places)
    assert [phrases._words("zh").index(word) for word in chinese.split()] == list(places)
    assert phrases.phrase(OTHER, "zh_Hans") == chinese
    assert phrases.phrase(OTHER, "de") == english
    assert phrases.both(DID) != phrases.both(OTHER)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_lists_have_2048_different_words(language: str) -> None:
    words = phrases._words(language)
    assert len(set(words)) == 2_048
    assert all(word.isalpha() and word == word.casefold() for word in words)


@pytest.mark.parametrize(
    "said",
    [
        "sun dragon draft scheme",
        " Sun, Dragon, DRAFT, scheme. ",
        "ｓｕｎ dragon\ndraft 4 scheme",
        "雕 举 防 伐",
        "雕举防伐",
        "雕、举、防、伐。",
    ],
)
def test_said_in_either_language(said: str) -> None:
    assert phrases.is_same(DID, said)


@pytest.mark.parametrize(
    "said",
    ["", "sun dragon draft", "dragon sun draft scheme", "sundragondraftscheme", "雕 举 防", "x" * 10_000],
)
def test_another_phrase_is_another(said: str) -> None:
    assert not phrases.is_same(DID, said)
    assert not phrases.is_same(OTHER, "sun dragon draft scheme")


def test_what_is_no_identity_has_none() -> None:
    with pytest.raises(InputError, match="not an identity"):
        phrases.phrase("did:key:z6Mk")


def test_it_costs_what_keeps_a_forger_busy() -> None:
    """2^44 tries at a tenth of a second and 64 MiB; changing either changes every phrase there is."""
    assert (phrases.PASSES, phrases.MEMORY_BYTES, phrases.WORDS * phrases.WORD_BITS) == (4, 67_108_864, 44)
