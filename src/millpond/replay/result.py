"""What came of a replay: who was served, and what pooling cost against what was really paid.

More than one comparison, because those who are served are not a fair sample: a line whose households had
found a bargain is the first to be refused. So beside what the served ones had paid stands what the very
makes they get cost in the shop, and what everybody's orders cost together, if whoever is not served buys as
before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from millpond.equality.outcomes import Reason, outcomes
from millpond.model import Clearing
from millpond.replay.prepare import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Counts of lines and units by what became of them, and amounts in minor units.

    `lines` counts a line that is served in part among the served and among those who went without. `paid`
    is what all orders really cost, `paid_served` the share of it of the units that are served, `bills` what
    these cost now, and `shop` what the makes that serve them cost in the shop (None: there is no such price).
    """

    lines: Mapping[Reason, int]
    units: Mapping[Reason, int]
    paid: int
    paid_served: int
    shop: int | None
    bills: int

    @property
    def saved(self) -> int:
        """What the served pay less than they really paid."""
        return self.paid_served - self.bills


def result_of(prepared: Prepared, clearing: Clearing) -> Result:
    """The result of a clearing of this round."""
    lines, units = Counter[Reason](), Counter[Reason]()
    for outcome in outcomes(prepared.round, clearing):
        for reason, number in outcome.units.items():
            lines[reason] += 1
            units[reason] += number
    quantities = {line.id: line.quantity for line in prepared.round.demand}
    references = {item.id: item.reference for item in prepared.round.items}
    served = Counter[str]()
    shop: int | None = 0
    for award in clearing.awards:
        served[award.demand] += award.quantity
        reference = references[award.item]
        shop = None if shop is None or reference is None else shop + reference * award.quantity
    return Result(
        lines=lines,
        units=units,
        paid=sum(prepared.paid.values()),
        paid_served=sum(prepared.paid[line] * number // quantities[line] for line, number in served.items()),
        shop=shop,
        bills=sum(bill.amount for bill in clearing.bills),
    )
