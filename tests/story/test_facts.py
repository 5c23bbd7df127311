"""The story's figures against figures worked out by hand, from awards made by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.clearing.finish import finish
from millpond.equality.outcomes import Reason
from millpond.model import Award, Certificate, Clearing, Leaf, Round
from millpond.story import facts, read_story


def awards() -> list[Award]:
    """Everything but the thrifty line and Mêdog: 446 jackets from Haixing, 100 of Fuzhou's M from Rongxin."""
    rows = []
    for line in read_story().demand:
        if line.id in ("gutian-thrifty", "medog-M"):
            continue
        item, left = line.accepts[0].item, line.quantity
        if line.id == "fuzhou-M":
            rows.append(Award(demand=line.id, offer="rongxin-workshop", item=item, quantity=100))
            left -= 100
        rows.append(Award(demand=line.id, offer="haixing-padded", item=item, quantity=left))
    return rows


@pytest.fixture(scope="module")
def story() -> tuple[Round, Clearing]:
    round = read_story()
    return round, finish(round, awards(), Certificate(scale=1, tree=Leaf()))


def test_towns_alone_and_together(story: tuple[Round, Clearing]) -> None:
    told = {town.place.id: town for town in facts.towns(*story)}
    # Fuzhou alone: Haixing's tier from 300: 880.00 + 370 x 38.00, freight 119.00 + 370 x 0.30.
    assert told["fuzhou"].alone == 88_000 + 370 * 3_800 + 11_900 + 370 * 30
    assert told["fuzhou"].alone_each == 4_100
    # Yongtai alone: its own tailor, 52.00 each. Rongxin would be dearer: 51.00 + 0.40, and 40.00 once.
    assert told["yongtai"].alone == 64 * 5_200
    # Gutian's 94 and Pingnan's 18 are too few for Haixing: Rongxin at 51.00.
    assert told["gutian"].alone == 94 * (5_100 + 60) + 8_000
    assert told["pingnan"].alone == 18 * (5_100 + 80) + 12_000
    assert (told["medog"].alone, told["medog"].served, told["medog"].delivered) == (None, False, False)
    # Together: 546 jackets for 19,059.40 in all.
    total = 88_000 + 446 * 3_100 + 100 * 3_700
    total += (11_900 + 270 * 30) + (8_000 + 94 * 80) + (15_000 + 18 * 90) + (9_000 + 64 * 50) + 100 * 10
    assert sum(town.together or 0 for town in told.values()) == total
    assert list(facts.common_prices(story[1])) == [Fraction(total, 546)]
    assert all(town.together < town.alone for town in told.values() if town.together and town.alone)


def test_who_was_not_served(story: tuple[Round, Clearing]) -> None:
    first, second = facts.refusals(*story)
    assert (first.line.id, first.units, first.reason) == ("medog-M", 12, Reason.UNDELIVERED)
    assert (second.line.id, second.units, second.reason) == ("gutian-thrifty", 40, Reason.PRICE)
    assert second.price == Fraction(1_905_940, 546)


def test_tiers_that_pooling_reaches(story: tuple[Round, Clearing]) -> None:
    round, clearing = story
    towns = facts.towns(round, clearing)
    reached = {}
    for run in clearing.runs:
        offer, tier = facts.tier_of(round, run)
        alone = [town.place.id for town in towns if facts.reaches_alone(town, offer, tier)]
        reached[offer.id] = (tier.from_quantity, tier.price, alone)
    assert reached == {"haixing-padded": (400, 3_100, []), "rongxin-workshop": (100, 3_700, ["fuzhou"])}
    assert facts.unreached(round, clearing) == (("Jiangnan 江南", 600), ("Qingyun 青云", 1))


def test_the_story_is_of_one_family(story: tuple[Round, Clearing]) -> None:
    round, clearing = story
    odd = replace(round.items[0], family="another")
    with pytest.raises(ValueError, match="one family"):
        facts.towns(replace(round, items=(odd, *round.items[1:])), clearing)


@given(score=st.integers(1, 10**18), better=st.integers(0, 10**18))
def test_percent_is_never_told_too_small(score: int, better: int) -> None:
    told = Fraction(facts.percent_better(score, score + better))
    assert told >= Fraction(100 * better, score)
    assert (told == 0) == (better == 0)
    assert told <= Fraction(100 * better, score) * Fraction(111, 100)


def test_percent_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing was gained"):
        facts.percent_better(0, 5)
