"""Valid awards bettered unit by unit, on small rounds: where cutting one line a little lets another stay.

A *cell* is a pair (acceptance, offer) that dates, items and freight allow. The moves set one cell, or two,
to another number of units; every candidate is judged exactly. It starts from the best valid awards and from
price-blind ones that are not valid, so that a small cut of the right line is tried before lines are
dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations

from millpond.clearing.instance import Ground
from millpond.model import Award

MOST_CELLS = 400  # of a round, beyond which this is not tried
MOST_PAIRS = 6_000  # pairs of changes looked at around one point
ALL_VALUES = 6  # up to this quantity every number of units is tried

Cells = dict[int, int]
"""Units by cell, without zeros."""
Judge = Callable[[tuple[Award, ...]], int | None]
"""The score of awards if they are valid."""


class Cuts:
    """The cells of a round, and the search on them."""

    def __init__(self, ground: Ground) -> None:
        pairs, round_ = ground.acceptances, ground.round
        self.ids = [
            (ground.line_ids[pairs.line[k]], round_.offers[o].id, round_.items[pairs.item[k]].id)
            for o, k in zip(ground.pairings.offer, ground.pairings.acceptance, strict=True)
        ]
        self.line = [int(pairs.line[k]) for k in ground.pairings.acceptance]
        self.quantity = [int(ground.quantity[d]) for d in self.line]
        self.minimum = [int(ground.minimum[d]) for d in self.line]
        self.cell = {key: n for n, key in enumerate(self.ids)}

    def better(
        self, awards: tuple[Award, ...], score: int, judge: Judge, stop: Callable[[], bool]
    ) -> tuple[Award, ...] | None:
        """The first awards found, one or two changes away, that are valid and score more; None if there are
        none."""
        here = {self.cell[a.demand, a.offer, a.item]: a.quantity for a in awards}
        for cells in self._around(here):
            if stop():
                return None
            if not self._fits(cells):
                continue
            candidate = self._awards(cells)
            found = judge(candidate)
            if found is not None and found > score:
                return candidate
        return None

    def _around(self, here: Cells) -> Iterator[Cells]:
        changes = [(n, v) for n in range(len(self.ids)) for v in self._values(n, here) if v != here.get(n, 0)]
        for change in changes:
            yield _changed(here, change)
        for count, (one, other) in enumerate(combinations(changes, 2)):
            if count >= MOST_PAIRS:
                break
            if one[0] != other[0]:
                yield _changed(here, one, other)

    def _values(self, n: int, here: Cells) -> list[int]:
        most, now = self.quantity[n], here.get(n, 0)
        if most <= ALL_VALUES:
            return list(range(most + 1))
        others = sum(units for m, units in here.items() if self.line[m] == self.line[n] and m != n)
        wanted = {0, self.minimum[n], most, most - others, most // 2, now - 1, now + 1, now * 3 // 4}
        return sorted(v for v in wanted if 0 <= v <= most)

    def _fits(self, cells: Cells) -> bool:
        served: dict[int, int] = {}
        for n, units in cells.items():
            served[self.line[n]] = served.get(self.line[n], 0) + units
        return all(self.minimum[n] <= served[self.line[n]] <= self.quantity[n] for n in cells)

    def _awards(self, cells: Cells) -> tuple[Award, ...]:
        rows = [
            Award(demand=self.ids[n][0], offer=self.ids[n][1], item=self.ids[n][2], quantity=units)
            for n, units in cells.items()
        ]
        return tuple(sorted(rows, key=lambda row: (row.demand, row.offer, row.item)))


def _changed(here: Cells, *changes: tuple[int, int]) -> Cells:
    cells = {**here, **dict(changes)}
    return {n: units for n, units in cells.items() if units}
