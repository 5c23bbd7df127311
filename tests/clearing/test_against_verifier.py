"""Prices, validity and bound against the verifier, which was written apart from the same design.

Random rounds, awards and certificates; each side says what it makes of them, and both must say the same.
"""

from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from millpond.clearing.certificate import bound, gap_text
from millpond.clearing.finish import finish
from millpond.clearing.prices import Pricer, Problem, Rule
from millpond.model import (
    Award,
    Bill,
    Certificate,
    Clearing,
    Leaf,
    Level,
    Price,
    Round,
    encode_clearing,
    encode_round,
    read_round,
)
from millpond.verify.verifier import verify

CHECK_OF = {
    Rule.KNOWN: "awards",
    Rule.ACCEPTED: "awards",
    Rule.MADE: "awards",
    Rule.DELIVERED: "awards",
    Rule.DATE: "awards",
    Rule.POSITIVE: "awards",
    Rule.ONCE: "order",
    Rule.QUANTITY: "lines",
    Rule.MINIMUM: "lines",
    Rule.SERVE: "lines",
    Rule.CAPACITY: "capacity",
    Rule.TIER: "capacity",
    Rule.LIMIT: "limits",
}

often = settings(suppress_health_check=[HealthCheck.filter_too_much])


def failures(round: bytes, clearing: Clearing) -> dict[str, str]:
    """What the verifier finds wrong, by check."""
    checks = verify(round, encode_clearing(clearing))
    return {check.name: check.message for check in checks if check.ok is False}


def unchecked(round: Round, awards: tuple[Award, ...], certificate: Certificate) -> Clearing:
    """What `finish` makes of awards that may pass limits."""
    follows = Pricer(round).follow(awards)
    proven = bound(round, certificate)
    return Clearing(
        round_sha256=round.sha256,
        awards=tuple(sorted(awards, key=lambda a: (a.demand, a.offer, a.item))),
        certificate=certificate,
        runs=follows.runs,
        levels=follows.levels,
        prices=follows.prices,
        bills=follows.bills,
        settlements=follows.settlements,
        score=follows.score,
        bound=proven,
        gap=gap_text(follows.score, proven),
    )


def certificate_for(make: Any, data: st.DataObject, round: Round) -> Certificate:
    made = make.certificate(Random(data.draw(st.integers(0, 2**32))), round, data.draw(st.integers(0, 5)))
    assert isinstance(made, Certificate)
    return made


@often
@given(st.data())
def test_what_is_finished_is_valid(make: Any, data: st.DataObject) -> None:
    drawn, awards = data.draw(make.cases(keep_limits=True))
    assume(awards)
    written = encode_round(drawn)
    round = read_round(written)
    assert failures(written, finish(round, awards, certificate_for(make, data, round))) == {}


@often
@given(st.data())
def test_what_is_finished_with_must_serve_is_valid(make: Any, data: st.DataObject) -> None:
    drawn, awards = data.draw(make.cases())
    assume(awards)
    served = {line.id: sum(a.quantity for a in awards if a.demand == line.id) for line in drawn.demand}
    demand = tuple(
        replace(line, quantity=served[line.id], minimum=1) for line in drawn.demand if served[line.id]
    )
    written = encode_round(replace(drawn, demand=demand, must_serve=True))
    round = read_round(written)
    assert failures(written, finish(round, awards, certificate_for(make, data, round))) == {}


@often
@given(st.data())
def test_limits_are_all_that_is_wrong_where_limits_are_all_that_was_not_kept(
    make: Any, data: st.DataObject
) -> None:
    drawn, awards = data.draw(make.cases())
    assume(awards)
    written = encode_round(drawn)
    round = read_round(written)
    found = failures(written, unchecked(round, awards, certificate_for(make, data, round)))
    problems = Pricer(round).problems(awards)
    event(f"limits passed: {bool(problems)}")
    assert set(found) == {CHECK_OF[problem.rule] for problem in problems}


def spoiled(rng: Random, round: Round, awards: tuple[Award, ...]) -> list[Award]:
    """Awards with one or two of them changed, doubled, dropped or made up."""
    rows = list(awards)
    items = [item.id for item in round.items]
    for _ in range(rng.choice((1, 1, 2))):
        at = rng.randrange(len(rows))
        row = rows[at]
        rows[at : at + 1] = rng.choice(
            (
                [replace(row, quantity=rng.choice((1, row.quantity + 1, 3 * row.quantity, 60)))],
                [replace(row, item=rng.choice([*items, "none"]))],
                [replace(row, offer=rng.choice([*(offer.id for offer in round.offers), "none"]))],
                [replace(row, demand=rng.choice([*(line.id for line in round.demand), "none"]))],
                [row, replace(row, quantity=1)],
                [row, row],
                [],
            )
        )
        if not rows:
            break
    return sorted(rows, key=lambda a: (a.demand, a.offer, a.item))


@often
@given(st.data())
def test_spoiled_awards_fail_the_same_checks(make: Any, data: st.DataObject) -> None:
    drawn, awards = data.draw(make.cases(keep_limits=True, must_serve=(False, False, True)))
    assume(awards)
    written = encode_round(drawn)
    round = read_round(written)
    rows = spoiled(Random(data.draw(st.integers(0, 2**32))), round, awards)
    problems = Pricer(round).problems(rows)
    expected = {CHECK_OF[problem.rule] for problem in problems}
    empty = finish(replace(round, must_serve=False), (), Certificate(scale=1, tree=Leaf()))
    said = said_of(empty, rows)
    found = failures(written, said) if said else None
    if found is None:  # a row given twice cannot be written down as a clearing
        assert Rule.ONCE in {problem.rule for problem in problems}
        return
    event(f"broken: {sorted(expected)}")
    assert set(found) & set(CHECK_OF.values()) == reported(problems, expected)


def said_of(empty: Clearing, rows: list[Award]) -> Clearing | None:
    keys = [(a.demand, a.offer, a.item) for a in rows]
    return replace(empty, awards=tuple(rows)) if len(set(keys)) == len(keys) else None


def reported(problems: tuple[Problem, ...], expected: set[str]) -> set[str]:
    """The checks that fail for these problems: lines and runs are not looked at where awards do not join."""
    if "awards" in expected:
        return {"awards"}
    rules = {problem.rule for problem in problems}
    # Runs over capacity have prices here and none there; below the first tier there are none at all.
    return expected - {"limits"} if rules & {Rule.CAPACITY, Rule.TIER} else expected


CHANGES = ("runs", "levels", "prices", "bills", "settlements", "score", "bound", "gap", "round_sha256")


@often
@given(st.data(), st.sampled_from(CHANGES))
def test_every_derived_field_is_looked_at(make: Any, data: st.DataObject, field: str) -> None:
    drawn, awards = data.draw(make.cases(keep_limits=True))
    assume(awards)
    written = encode_round(drawn)
    round = read_round(written)
    clearing = finish(round, awards, certificate_for(make, data, round))
    changed = changed_in(clearing, field, Random(data.draw(st.integers(0, 2**32))))
    assume(changed is not None)
    name = {"round_sha256": "round"}.get(field, field)
    assert name in failures(written, changed)


def changed_in(clearing: Clearing, field: str, rng: Random) -> Clearing | None:
    """The clearing with one thing in the field changed by one, or one row left out."""
    value = getattr(clearing, field)
    if isinstance(value, int):
        return replace(clearing, **{field: value + rng.choice((-1, 1))})
    if isinstance(value, str):
        other = gap_text(-1, 10**9 + 7) if field == "gap" else "0" * 64
        return None if value == other else replace(clearing, **{field: other})
    if not value:
        return None
    at = rng.randrange(len(value))
    row = value[at]
    if isinstance(row, Level):
        changed = (
            replace(row, short=not row.short) if row.level is None else replace(row, level=row.level + 1)
        )
    elif isinstance(row, Price):
        changed = replace(row, price=row.price + 1)
    elif isinstance(row, Bill):
        changed = replace(row, amount=row.amount + 1)
    else:
        key = "production" if field == "runs" else "amount"
        changed = replace(row, **{key: getattr(row, key) + 1})
    rows = [*value[:at], changed, *value[at + 1 :]] if rng.random() < 0.7 else [*value[:at], *value[at + 1 :]]
    return replace(clearing, **{field: tuple(rows)})
