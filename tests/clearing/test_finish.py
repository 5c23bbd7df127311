"""A whole clearing from awards and a certificate, or a refusal."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from millpond.clearing.finish import finish
from millpond.errors import InputError
from millpond.model import Award, Certificate, Leaf, encode_clearing, encode_round, read_clearing, read_round

NO_BOUND = Certificate(scale=1, tree=Leaf())


def test_golden_rounds_are_finished_or_refused(golden: Any) -> None:
    certificate = golden.certificate or NO_BOUND
    if not golden.says["valid"]:
        with pytest.raises(InputError, match="not valid"):
            finish(golden.round, golden.awards, certificate)
        return
    clearing = finish(golden.round, golden.awards[::-1], certificate)
    assert clearing.awards == tuple(sorted(golden.awards, key=lambda a: (a.demand, a.offer, a.item)))
    assert clearing.round_sha256 == golden.round.sha256
    assert clearing.score == golden.says["score"]
    assert clearing.bound == golden.says.get("bound", clearing.bound) >= clearing.score
    assert read_clearing(encode_clearing(clearing)) == clearing


def test_a_refusal_names_the_first_problems_and_counts_the_rest(golden: Any) -> None:
    unknown = [Award(demand=f"none-{n}", offer="none", item="none", quantity=1) for n in range(3)]
    with pytest.raises(InputError, match=r"none-0: the round has no such line.*; and \d more"):
        finish(golden.round, unknown, NO_BOUND)


def test_a_certificate_must_fit_the_round(golden: Any) -> None:
    with pytest.raises(InputError, match="no such line"):
        finish(
            replace(golden.round, must_serve=False), (), Certificate(scale=1, tree=Leaf(lines={"nobody": 1}))
        )


@given(st.data())
def test_what_is_finished_can_be_written_and_read_back(make: Any, data: st.DataObject) -> None:
    drawn, awards = data.draw(make.cases(keep_limits=True))
    round = read_round(encode_round(drawn))
    clearing = finish(round, awards, NO_BOUND)
    assert clearing.score <= clearing.bound
    assert read_clearing(encode_clearing(clearing)) == clearing
