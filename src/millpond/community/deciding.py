"""The decision on a group order: who gets what at which price, who does not and why, and what each pays.

`decide` asks the clearing, brings items that come in cases to whole cases (`packs`), and asks again:

1. *Clear* with every want's own item. Who was not served and named a substitute is asked again with that.
2. *Whole cases* from the wants that were served; who steps back and named a substitute is asked with that.
3. *Clear again* with exactly these units. If somebody is not served now (whole cases changed the price),
   they leave, for good or to their substitute, and it begins anew: who stepped back is in again.

It ends: every turn that is not the last moves a want to its substitute or out, for good, or takes back the
leader's leftover stock of an item. After `MAX_CLEARINGS` substitutes are no longer tried and an item whose
cases are still not whole is given up as a whole, so at most two clearings an item follow, and two more.

Invariants:
- The served units of each item are whole cases, its leftover stock included.
- Amounts of wants sum to their household's bill, bills and leftover stock to the place's bill in the
  clearing. Each is its exact amount (price x units) rounded down or up, so never above what limits allow.
- The leader's fee is in no price and in no bill of the clearing; it stands beside the goods.
- All amounts are integers of minor units, prices exact fractions.

Who pays is decided by the clearing alone; it is handed in, as is the place. Nothing here knows a household.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from millpond import model
from millpond.community.asking import Ask, ask, in_arrival_order, line_ids, round_of
from millpond.community.decision import Allocation, Cases, Decision, Leftover, OrderBill, Reason
from millpond.community.group import GroupOrder, Want
from millpond.community.outcome import Trial, why_not, written
from millpond.community.packs import Fit, Flex, fit_cases
from millpond.community.pool import tier_at
from millpond.model import Clearing, Round, rules

__all__ = [
    "MAX_CLEARINGS",
    "Allocation",
    "Cases",
    "Decision",
    "Leftover",
    "OrderBill",
    "Reason",
    "decide",
]

MAX_CLEARINGS = 40
"""Clearings after which nothing new is tried. Two are enough for most orders; real ones rarely need six."""


def decide(
    order: GroupOrder,
    wants: Sequence[Want],
    clear: Callable[[Round], Clearing],
    *,
    place: model.Place,
    leftover: Mapping[str, int] | None = None,
    language: str = "und",
) -> Decision:
    """Decide the order: `clear` is asked as often as needed, every time with a whole round.

    `leftover` is the most units of each item that the leader would take for whole cases; `language` is that
    of the items' names. Raises InputError where order and wants do not go together, and whatever `clear`
    raises.
    """
    for item, units in (leftover or {}).items():
        rules.integer(f"leftover[{rules.shown(item)}]", units, 0, rules.MAX_QUANTITY)
    return _Deciding(
        order, in_arrival_order(order, wants), clear, place, dict(leftover or {}), language
    ).run()


class _Deciding:
    """The state of a decision: which item each want is asked with (None: it stepped back), and why."""

    def __init__(
        self,
        order: GroupOrder,
        wants: tuple[Want, ...],
        clear: Callable[[Round], Clearing],
        place: model.Place,
        leftover: dict[str, int],
        language: str,
    ) -> None:
        self.order, self.wants, self.place, self.language = order, wants, place, language
        self.clear, self.clearings = clear, 0
        self.lines = line_ids(wants)
        self.leftover = leftover
        self.choice: dict[str, str | None] = {want.id: want.item for want in wants}
        self.reasons: dict[str, Reason] = {}
        self.stepped_back: dict[str, Reason] = {}
        self.short: dict[str, Fit] = {}
        self.cased = [item for item in order.items if item.case_size > 1]

    def run(self) -> Decision:
        while True:
            trial = self._clear(self._free())
            if self._substitute(trial):
                continue
            self.stepped_back = {}
            fits = self._fits(trial)
            stepped = [want for fit in fits.values() for want in fit.stepped_back]
            if not stepped and all(self._unchanged(fit, trial) for fit in fits.values()):
                break
            if self._step_back(stepped):
                continue
            trial = self._clear(self._fixed(fits), {item: fit.leftover for item, fit in fits.items()})
            broken = [item.id for item in self.cased if trial.units.get(item.id, 0) % item.case_size]
            if not self._substitute(trial) and not broken:
                break
            for item in broken:
                self._mend(item, trial)
        reasons = self.stepped_back | self.reasons
        return written(self.order, self.wants, trial, self.lines, reasons, self._cases(trial), self.clearings)

    @property
    def _trying(self) -> bool:
        return self.clearings < MAX_CLEARINGS

    def _clear(self, asks: list[Ask], leftover: Mapping[str, int] | None = None) -> Trial:
        round = round_of(
            self.order, asks, self.lines, place=self.place, leftover=leftover, language=self.language
        )
        self.clearings += 1
        return Trial(self.order, round, self.clear(round), asks, self.lines)

    def _free(self) -> list[Ask]:
        """Every want that has not stepped back, on its own terms."""
        return [ask(want, item) for want in self.wants if (item := self.choice[want.id]) is not None]

    def _fixed(self, fits: Mapping[str, Fit]) -> list[Ask]:
        """The same, but of items in cases only those that get some, of exactly so many units."""
        return [
            ask(one.want, one.item, fits[one.item].units[one.want.id]) if one.item in fits else one
            for one in self._free()
            if one.item not in fits or fits[one.item].units.get(one.want.id)
        ]

    def _fits(self, trial: Trial) -> dict[str, Fit]:
        """Whole cases of each item that comes in cases, from the wants that were served."""
        room = self.order.offer.capacity - sum(trial.units.values())
        fits: dict[str, Fit] = {}
        for item in self.cased:
            flexes = [
                _flex(one, trial) for one in trial.asks if one.item == item.id and trial.served[one.want.id]
            ]
            fit = fit_cases(item.case_size, flexes, leftover=self.leftover.get(item.id, 0), room=room)
            room -= sum(fit.units.values()) + fit.leftover - sum(flex.units for flex in flexes)
            fits[item.id] = fit
            if fit.stepped_back:
                self.short[item.id] = fit
        return fits

    @staticmethod
    def _unchanged(fit: Fit, trial: Trial) -> bool:
        return not fit.leftover and all(trial.served[want] == units for want, units in fit.units.items())

    def _substitute(self, trial: Trial) -> bool:
        """Ask those who were not served with their substitute; whether there was one to try.

        Not where a substitute cannot help: too few units for any run, or no capacity left for another one.
        """
        total = sum(trial.units.values())
        if tier_at(self.order.offer, sum(one.most for one in trial.asks)) is None:
            return False
        moved = False
        for one in trial.asks:
            fits_in = total + one.least <= self.order.offer.capacity
            if self._trying and fits_in and not trial.served[one.want.id] and self._has_other(one.want):
                self.reasons.setdefault(one.want.id, why_not(self.order, trial, one)[0])
                self.choice[one.want.id] = one.want.substitute
                moved = True
        return moved

    def _has_other(self, want: Want) -> bool:
        return want.substitute not in (None, want.item) and self.choice[want.id] == want.item

    def _step_back(self, wants: Sequence[str]) -> bool:
        """These are not in the whole cases, this time; whether one of them has a substitute to try."""
        self.stepped_back = {want.id: Reason.CASES for want in self.wants if want.id in wants}
        moving = [want for want in self.wants if want.id in wants and self._trying and self._has_other(want)]
        for want in moving:
            self.reasons.setdefault(want.id, Reason.CASES)
            self.choice[want.id] = want.substitute
        return bool(moving)

    def _leave(self, want: Want, reason: Reason) -> None:
        """It is out, for good."""
        self.reasons.setdefault(want.id, reason)
        self.choice[want.id] = None

    def _mend(self, item: str, trial: Trial) -> None:
        """What follows when the units fixed for whole cases were not all served."""
        unserved = [one for one in trial.asks if one.item == item and not trial.served[one.want.id]]
        staying = [one for one in unserved if self.choice[one.want.id] == item]
        if self._trying and len(staying) < len(unserved):
            return  # some are asked with their substitute next
        if self._trying and staying:
            for one in staying:
                self._leave(one.want, why_not(self.order, trial, one)[0])
        elif self._trying and self.leftover.get(item):
            self.leftover[item] = 0  # only the leader's stock was not served
        else:
            for want in self.wants:
                if self.choice[want.id] == item:
                    self._leave(want, Reason.CASES)

    def _cases(self, trial: Trial) -> tuple[Cases, ...]:
        found = []
        for item in self.cased:
            fit = self.short.get(item.id)
            found.append(
                Cases(
                    item=item.id,
                    case_size=item.case_size,
                    wanted=sum(want.quantity for want in self.wants if want.item == item.id),
                    ordered=trial.units.get(item.id, 0),
                    leftover=trial.leftover.get(item.id, 0),
                    missing=fit.missing if fit else 0,
                    over=fit.over if fit else 0,
                )
            )
        return tuple(found)


def _flex(one: Ask, trial: Trial) -> Flex:
    """What a served want would bear, counted from what it was served with."""
    want, units = one.want, trial.served[one.want.id]
    return Flex(want.id, units, want.quantity + want.more - units, units - (want.quantity - want.fewer))
