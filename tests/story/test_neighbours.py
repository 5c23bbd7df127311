"""The story's households: invented people whose wants are the town's demand, to the last piece."""

from __future__ import annotations

from collections import Counter

import pytest

from millpond.story import read_story
from millpond.story.neighbours import MOST_AT_ONCE, neighbours


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("place", ["fuzhou", "gutian", "medog"])
def test_their_wants_are_the_towns_lines(place: str, language: str) -> None:
    story = read_story()
    wanted: Counter[tuple[str, int]] = Counter()
    for neighbour in neighbours(story, place, language):
        for item, quantity, limit in neighbour.wants:
            assert 1 <= quantity <= MOST_AT_ONCE
            wanted[item, limit] += quantity
    lines: Counter[tuple[str, int]] = Counter()
    for line in story.demand:
        if line.place == place:
            lines[line.accepts[0].item, line.accepts[0].limit] += line.quantity
    assert wanted == lines


def test_no_two_have_one_name() -> None:
    for language in ("zh", "en"):
        names = [one.name for one in neighbours(read_story(), "fuzhou", language)]
        assert len(names) >= 60
        assert len(set(names)) == len(names)


def test_nobody_lives_elsewhere() -> None:
    assert neighbours(read_story(), "nowhere", "zh") == ()
