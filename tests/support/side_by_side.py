"""Several rounds as one: side by side, they have nothing to do with each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from millpond.model import Round


def renamed(round_: Round, name: str, *, families: bool, places: bool) -> Round:
    """A round with ids of its own; those of `families` and `places` may stay what they are."""

    def new(id: str) -> str:
        return f"{name}.{id}"

    def at(place: str) -> str:
        return new(place) if places else place

    return replace(
        round_,
        items=tuple(
            replace(i, id=new(i.id), family=new(i.family) if families else i.family) for i in round_.items
        ),
        places=tuple(replace(p, id=at(p.id)) for p in round_.places),
        demand=tuple(
            replace(
                d,
                id=new(d.id),
                place=at(d.place),
                accepts=tuple(replace(a, item=new(a.item)) for a in d.accepts),
            )
            for d in round_.demand
        ),
        offers=tuple(
            replace(
                o,
                id=new(o.id),
                items=tuple(replace(i, item=new(i.item)) for i in o.items),
                freight=tuple(replace(f, place=at(f.place)) for f in o.freight),
            )
            for o in round_.offers
        ),
    )


def beside(
    rounds: Sequence[Round], rng: Random, *, families: bool = True, places: bool = True, first: int = 0
) -> Round:
    """One round of several on the terms of the first, their rows shuffled together: the ids of the n-th begin
    with `n.`, counted from `first`.

    Without `families` and `places` those that have the same id are the same, the first of them.
    """
    own = [renamed(one, str(first + n), families=families, places=places) for n, one in enumerate(rounds)]

    def mixed(name: str) -> tuple[Any, ...]:
        found: dict[str, Any] = {}
        for one in own:
            for row in getattr(one, name):
                found.setdefault(row.id, row)
        mixed = list(found.values())
        rng.shuffle(mixed)
        return tuple(mixed)

    lists = {name: mixed(name) for name in ("items", "places", "demand", "offers")}
    return replace(own[0], sha256="", **lists)
