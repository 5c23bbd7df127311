"""A round and its parts: what is awarded in one means the same in the other, to the last fraction."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from plain_market import SHAPES, generated
from side_by_side import beside

from millpond.clearing.instance import Ground
from millpond.clearing.parts import Part, split
from millpond.clearing.prices import Pricer
from millpond.model import Award, Round

TERMS: dict[str, Any] = {"freight_pooled": (0, 37, 100), "solidarity": (0, 25)}


def links(round_: Round) -> list[tuple[str, str, str]]:
    """Every (line, offer, item) that may be awarded, from the definition."""
    return [
        (d.id, o.id, a.item)
        for d in round_.demand
        for o in round_.offers
        for a in d.accepts
        if any(m.item == a.item for m in o.items)
        and any(f.place == d.place for f in o.freight)
        and (not d.needed_by or not o.ready_on or o.ready_on <= d.needed_by)
    ]


def groups(round_: Round) -> set[frozenset[str]]:
    """The lines of each part, by joining what is linked until nothing is any more."""
    family = {item.id: item.family for item in round_.items}
    found: list[set[tuple[str, str]]] = []
    for d, o, i in links(round_):
        new = {("line", d), ("offer", o), ("family", family[i])}
        apart = []
        for group in found:
            if group & new:
                new |= group
            else:
                apart.append(group)
        found = [*apart, new]
    return {frozenset(id for kind, id in group if kind == "line") for group in found}


def own(awards: tuple[Award, ...], part: Part) -> tuple[Award, ...]:
    lines = {line.id for line in part.round.demand}
    return tuple(award for award in awards if award.demand in lines)


def rows(round_: Round) -> tuple[frozenset[Any], ...]:
    return tuple(frozenset(rows) for rows in (round_.items, round_.places, round_.demand, round_.offers))


@given(data=st.data())
def test_what_follows_from_awards_is_what_follows_in_the_parts(data: st.DataObject, make: Any) -> None:
    terms = {name: (data.draw(st.sampled_from(values)),) for name, values in TERMS.items()}
    cases = [data.draw(make.cases(**terms)) for _ in range(data.draw(st.integers(1, 3)))]
    rng = Random(data.draw(st.integers(0, 2**32)))
    whole = beside([case.round for case in cases], rng, places=False)
    awards = tuple(
        Award(demand=f"{n}.{a.demand}", offer=f"{n}.{a.offer}", item=f"{n}.{a.item}", quantity=a.quantity)
        for n, case in enumerate(cases)
        for a in case.awards
    )
    parts = split(Ground(whole))
    assert {frozenset(line.id for line in part.round.demand) for part in parts} == groups(whole)
    assert sum(len(own(awards, part)) for part in parts) == len(awards)
    pricer = Pricer(whole)
    inside = [(Pricer(part.round), own(awards, part)) for part in parts]
    follows, pieces = pricer.follow(awards), [one.follow(its) for one, its in inside]
    assert follows.score == sum(piece.score for piece in pieces)
    for name in ("runs", "levels", "prices"):
        together = [row for piece in pieces for row in getattr(piece, name)]
        assert set(together) == set(getattr(follows, name))
        assert len(together) == len(getattr(follows, name))
    assert set(pricer.problems(awards)) == {p for one, its in inside for p in one.problems(its)}


@pytest.mark.parametrize("seed", range(8))
def test_rounds_side_by_side_split_back_into_what_they_were(seed: int) -> None:
    names = [name for name in SHAPES if name != "must-serve"]
    alone = [generated(name, seed).ground.round for name in Random(seed).sample(names, 3)]
    together = split(Ground(beside(alone, Random(seed))))
    apart = [part for n, one in enumerate(alone) for part in split(Ground(beside([one], Random(n), first=n)))]
    assert len(together) == len(apart) >= 3
    assert {rows(part.round) for part in together} == {rows(part.round) for part in apart}


def test_one_family_makes_one_part_of_two() -> None:
    made = generated("one-tier", 1).ground.round
    common = beside([made, made], Random(0), families=False)
    assert len(split(Ground(common))) < len(split(Ground(beside([made, made], Random(0)))))


@pytest.mark.parametrize("seed", range(8))
def test_a_part_knows_where_it_stands_in_the_whole(seed: int) -> None:
    whole = Ground(beside([generated("mixed", seed + n).ground.round for n in range(2)], Random(seed)))
    parts = split(whole)
    p = whole.instance().problem
    arcs = 0
    for part in parts:
        ground = Ground(part.round)
        mine = ground.instance().problem
        assert ground.line_ids == tuple(whole.line_ids[d] for d in part.lines)
        assert [o.id for o in part.round.offers] == [whole.round.offers[o].id for o in part.offers]
        np.testing.assert_array_equal(mine.quantity, p.quantity[part.lines])
        np.testing.assert_array_equal(mine.setup, p.setup[part.offers])
        within = np.isin(p.arc_line, part.lines)
        np.testing.assert_array_equal(p.arc_value[within], mine.arc_value)
        np.testing.assert_array_equal(p.arc_line[within], part.lines[mine.arc_line])
        np.testing.assert_array_equal(
            p.con_offer[p.arc_con[within]], part.offers[mine.con_offer[mine.arc_con]]
        )
        arcs += mine.arc_line.size
    assert arcs == p.arc_line.size


def test_what_must_be_served_is_one_part_and_what_cannot_be_is_in_none() -> None:
    made = generated("must-serve", 0).ground.round
    both = Ground(beside([made, made], Random(0)))
    (one,) = split(both)
    assert one.round is both.round
    assert one.lines.size == len(both.round.demand)
    free = generated("mixed", 0).ground.round
    assert split(Ground(replace(free, offers=()))) == []
    lonely = replace(free.demand[0], id="lonely", accepts=(replace(free.demand[0].accepts[0], item="none"),))
    items = (*free.items, replace(free.items[0], id="none", family="none"))
    parts = split(Ground(replace(free, demand=(*free.demand, lonely), items=items)))
    assert all(line.id != "lonely" for part in parts for line in part.round.demand)
