"""Calls every compiled kernel once, on a round too small to matter: no search waits for a compiler."""

from __future__ import annotations

from millpond.clearing import runs
from millpond.clearing.budget import Budget
from millpond.clearing.certify import Certifier
from millpond.clearing.engine import start
from millpond.clearing.instance import Ground
from millpond.clearing.tree import Tree
from millpond.model import Acceptance, Freight, Item, Line, Offer, OfferItem, Place, Round, Tier


def call_every_kernel() -> None:
    """Compiles, or loads from numba's cache, all kernels of the search."""
    instance = Ground(_small_round()).instance()
    blind = start(instance.problem, 0)
    budget = Budget(lambda: 0.0, lambda: False, 1.0)
    blind.dual.again()
    blind.dual.descend(2, -1e300)
    blind.search.fill(blind.dual)
    blind.search.flow = blind.search.polish(blind.search.flow)
    runs.better(blind.search, blind.dual, budget, lambda: None)
    Certifier(instance).certificate(Tree(blind.dual, False).root)


def _small_round() -> Round:
    freight = (Freight(place="a", fixed=3, per_load=1), Freight(place="b", fixed=4, per_load=1))
    tiers = (Tier(from_quantity=1, price=6), Tier(from_quantity=3, price=5))
    return Round(
        id="small",
        currency="CNY",
        items=(Item(id="i"),),
        places=(Place(id="a"), Place(id="b")),
        demand=tuple(
            Line(id=place, place=place, quantity=3, accepts=(Acceptance(item="i", limit=limit),))
            for place, limit in (("a", 90), ("b", 12))
        ),
        offers=tuple(
            Offer(
                id=maker,
                maker=maker,
                setup=setup,
                capacity=4,
                items=(OfferItem(item="i"),),
                tiers=tiers,
                freight=freight,
            )
            for maker, setup in (("x", 2), ("y", 900))
        ),
    )
