"""What follows from awards: runs, levels, prices, bills, settlements and the score; and whether they are
valid. Exact.

Source: the founding design, "Costs and prices". This module joins the parts:

- `tally`     what the awards add up to
- `levels`    costs, who carries which part of them, prices
- `alone`     what a place would pay alone
- `bills`     who pays whom
- `spreading` the one rule of rounding
- `validity`  what awards must obey

Invariants: all bills sum to the cost of production and freight, and makers end up with exactly theirs;
nothing depends on the order of rows or awards; no float takes part.

    pricer = Pricer(round)
    pricer.problems(awards)     # () if they are valid
    pricer.follow(awards).score
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from millpond.clearing.alone import AloneIndex, alone_total
from millpond.clearing.bills import bill_amounts, payments_of, settlements_of
from millpond.clearing.levels import Costs, Exact, Sharing, costs_of, share_cost
from millpond.clearing.tally import RoundIndex, Tally
from millpond.clearing.validity import PRICELESS, Problem, Rule, Validity
from millpond.errors import InputError
from millpond.model import Award, Bill, Level, Price, Round, Run, Settlement

__all__ = ["Consequences", "Pricer", "Problem", "Rule", "alone_total", "follow", "problems"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequences:
    """Everything that follows from awards, each list sorted by its keys."""

    runs: tuple[Run, ...]
    levels: tuple[Level, ...]
    prices: tuple[Price, ...]
    bills: tuple[Bill, ...]
    settlements: tuple[Settlement, ...]
    score: int


class Pricer:
    """One round, made ready to price many sets of awards."""

    def __init__(self, round: Round) -> None:
        self.round = round
        self.alone = AloneIndex(round)
        self._index = RoundIndex(round)
        self._validity = Validity(self._index)

    def problems(self, awards: Sequence[Award]) -> tuple[Problem, ...]:
        """Every reason why the awards are not valid; limits only where prices follow from them."""
        found = self._validity.problems(awards)
        if PRICELESS.isdisjoint(problem.rule for problem in found):
            found += self._validity.over_limit(awards, self.prices(awards))
        return tuple(found)

    def prices(self, awards: Sequence[Award]) -> dict[tuple[str, str], Fraction]:
        """The price of each item at each place that gets some; awards as for `follow`."""
        tally = Tally(self._index, awards)
        _, sharings = self._share(tally)
        return {key: price for sharing in sharings.values() for key, price in sharing.prices.items()}

    def follow(self, awards: Sequence[Award]) -> Consequences:
        """What follows from awards, be they valid or not.

        Raises InputError, with the first reason, where no prices follow: an award whose line and offer do not
        go together, or a run below its first tier.
        """
        for problem in self._validity.problems(awards):
            if problem.rule in PRICELESS:
                raise InputError(problem.message)
        tally = Tally(self._index, awards)
        costs, sharings = self._share(tally)
        price_of: dict[str, dict[str, Fraction]] = {}
        pays: dict[str, list[Exact]] = {}
        for sharing in sharings.values():
            for place, part in sharing.pays.items():
                pays.setdefault(place, []).append(part)
            for (place, item), price in sharing.prices.items():
                price_of.setdefault(place, {})[item] = price
        bills = tuple(
            Bill(
                place=place,
                amount=amount,
                payments=payments_of(amount, tally.received[place], price_of[place]),
            )
            for place, amount in bill_amounts(pays, costs.total).items()
        )
        return Consequences(
            runs=tuple(Run(**run._asdict()) for run in costs.runs),
            levels=tuple(Level(family=f, level=s.level, short=s.short) for f, s in sorted(sharings.items())),
            prices=tuple(
                Price(place=place, item=item, price=price)
                for place, prices in sorted(price_of.items())
                for item, price in sorted(prices.items())
            ),
            bills=bills,
            settlements=settlements_of(self._surplus(costs, bills)),
            score=tally.value - costs.total,
        )

    def _share(self, tally: Tally) -> tuple[Costs, dict[str, Sharing]]:
        costs = costs_of(self._index, tally)
        return costs, {f: share_cost(self._index, self.alone, tally, costs, f) for f in tally.shares}

    def _surplus(self, costs: Costs, bills: Sequence[Bill]) -> dict[str, int]:
        """What each maker is paid above its cost."""
        surplus: dict[str, int] = {}
        for bill in bills:
            for payment in bill.payments:
                surplus[payment.maker] = surplus.get(payment.maker, 0) + payment.amount
        for run in costs.runs:
            maker = self._index.offers[run.offer].maker
            surplus[maker] = surplus.get(maker, 0) - run.production - run.freight
        return surplus


def follow(round: Round, awards: Sequence[Award]) -> Consequences:
    """See `Pricer.follow`; build a `Pricer` once to ask more than once."""
    return Pricer(round).follow(awards)


def problems(round: Round, awards: Sequence[Award]) -> tuple[Problem, ...]:
    """See `Pricer.problems`; build a `Pricer` once to ask more than once."""
    return Pricer(round).problems(awards)
