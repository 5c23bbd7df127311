"""What is owed is posted: the books follow the decision, the goods that came and what they weigh.

`settle` brings what is posted of a group order in line with what follows from it now, whatever happened since
it was called last. Invariants:

- It posts the difference and nothing else: called twice, the second call posts nothing.
- What households owe by it is, order by order, the bill of the decision, and by how much shortage and weight
  changed it. Without a decision, or of a cancelled group order, it is nothing; what was paid stays.
- Leftovers that the leader took for whole cases stand in the stock at what they cost, less those that did
  not come: households are served first.
- A deposit for an order pays its bill as soon as there is one. What was paid for an order that was merged
  into another one counts for that one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from millpond.community import books, sharing
from millpond.community.books import Account, Adjusted, Entry, Kind, Mark
from millpond.desk import ledger, room
from millpond.desk.refusals import Refused
from millpond.store import Rows
from millpond.store.database import Row

DECIDED = frozenset({"decided", "ordered", "arrived", "done"})
"""Stages in which a decision holds."""


@dataclass(slots=True)
class _Owes:
    """What an order owes by what was decided and what came."""

    household: int
    goods: int = 0
    fee: int = 0
    shortage: int = 0
    weight: int = 0


@dataclass(slots=True)
class _Posted:
    """What stands in the books of it: by kind, the entries that count."""

    household: int
    entries: dict[Kind, list[Row]] = field(default_factory=dict)

    def of(self, kind: Kind) -> list[Row]:
        """The entries of this kind."""
        return self.entries.get(kind, [])


def settle(rows: Rows, round: int, *, person: int | None, now_ms: int) -> int:
    """Brings the books in line with a group order; returns how many entries that took."""
    return _Settling(rows, round, person, now_ms).run()


class _Settling:
    """One group order being settled."""

    def __init__(self, rows: Rows, round: int, person: int | None, now_ms: int) -> None:
        row = rows.one("money.round", id=round)
        if row is None:
            raise Refused("round.unknown")
        self.rows, self.round, self.person, self.now_ms = rows, round, person, now_ms
        self.is_decided = bool(row["is_decided"]) and row["stage"] in DECIDED
        self.posted = 0

    def run(self) -> int:
        targets, posted = self._targets(), self._owing()
        for order in dict.fromkeys([*targets, *posted]):
            found = posted.get(order)
            owes = targets.get(order) or _Owes(household=found.household if found else 0)
            self._bring(order, owes, found or _Posted(owes.household))
        self._bring_stock()
        self._carry_merged()
        while self._use_deposits():
            pass
        if self.posted:
            room.journal(
                self.rows,
                "money.settled",
                now_ms=self.now_ms,
                person=self.person,
                round=self.round,
                entries=self.posted,
            )
        return self.posted

    # ---- what follows now

    def _targets(self) -> dict[int, _Owes]:
        if not self.is_decided:
            return {}
        found = {
            row["order_id"]: _Owes(row["household"], row["goods"], row["fee"])
            for row in self.rows.all("money.targets", round=self.round)
        }
        for row in self.rows.all("money.changes", round=self.round):
            came = row["quantity"] if row["received"] is None else row["received"]
            short = sharing.due_for_units(row["amount"], row["quantity"], came) - row["amount"]
            owes = found[row["order_id"]]
            owes.shortage += short
            owes.weight += row["adjustment"] - short
        return found

    def _owing(self) -> dict[int, _Posted]:
        found: dict[int, _Posted] = {}
        for row in self.rows.all("money.owing", round=self.round):
            posted = found.setdefault(row["order_id"], _Posted(row["household"]))
            posted.entries.setdefault(Kind(row["kind"]), []).append(row)
        return found

    # ---- bringing it in line

    def _bring(self, order: int, owes: _Owes, posted: _Posted) -> None:
        bills = posted.of(Kind.BILL)
        if [(row["goods"], row["amount"]) for row in bills] != _as_billed(owes):
            self._take_back(bills)
            if owes.goods or owes.fee:
                entry = books.bill(
                    self._mark(), household=str(owes.household), goods_minor=owes.goods, fee_minor=owes.fee
                )
                self._add(entry, order)
        for kind, why, target in (
            (Kind.SHORTAGE, Adjusted.SHORTAGE, owes.shortage),
            (Kind.WEIGHT, Adjusted.WEIGHT, owes.weight),
        ):
            self._adjust(order, owes.household, why, target, posted.of(kind))
        if not self.is_decided:  # nothing is owed: neither is a fee that was lowered by hand, or a bad debt
            self._take_back([*posted.of(Kind.FEE), *posted.of(Kind.WRITE_OFF)])

    def _adjust(self, order: int, household: int, why: Adjusted, target: int, there: list[Row]) -> None:
        change = target - sum(row["amount"] for row in there)
        if not change:
            return
        if change > 0 and why is Adjusted.SHORTAGE:  # more came than was noted first
            self._take_back(there)
            change = target
        if change:
            self._add(
                books.adjustment(self._mark(), household=str(household), why=why, amount_minor=change), order
            )

    def _bring_stock(self) -> None:
        target = sum(self._stock_of(row) for row in self.rows.all("money.leftovers", round=self.round))
        target = target if self.is_decided else 0
        there = self.rows.all("money.stock_entries", round=self.round)
        change = target - sum(row["amount"] for row in there)
        if change < 0:
            self._take_back(there)
            change = target
        if change > 0:
            self._add(books.stock_taken(self._mark(), amount_minor=change), None)

    @staticmethod
    def _stock_of(row: Row) -> int:
        if row["received"] is None:
            return int(row["amount"])
        came = min(row["quantity"], max(0, row["received"] - row["allocated"]))
        return sharing.due_for_units(row["amount"], row["quantity"], came)

    def _carry_merged(self) -> None:
        for row in self.rows.all("money.merged", round=self.round):
            here, there = (row["id"], row["household"]), (row["target"], row["target_household"])
            (source, giver), (target, taker) = (here, there) if row["amount"] < 0 else (there, here)
            entry = books.carried(
                self._mark(by_rule=True),
                account=Account(row["account"]),
                source=str(giver),
                target=str(taker),
                amount_minor=abs(row["amount"]),
            )
            self.posted += 1
            ledger.add(self.rows, entry, orders=(source, target), noted=False)

    def _use_deposits(self) -> bool:
        """One pass over all orders; whether a use of a deposit was taken back, so that another one is due."""
        stands: dict[int, dict[str, int]] = {}
        households: dict[int, int] = {}
        for row in self.rows.all("money.standing_of_orders", round=self.round):
            stands.setdefault(row["order_id"], {})[row["account"]] = row["amount"]
            households[row["order_id"]] = row["household"]
        freed = False
        for order, amounts in stands.items():
            held = -amounts.get(Account.DEPOSITS.value, 0)
            owed = amounts.get(Account.RECEIVABLE.value, 0)
            if held < 0:  # a deposit that had been used was taken back
                freed = self._free(order, -held) or freed
            elif held and owed > 0:
                entry = books.deposit_used(
                    self._mark(by_rule=True), household=str(households[order]), amount_minor=min(held, owed)
                )
                self._add(entry, order)
        return freed

    def _free(self, order: int, missing: int) -> bool:
        """Takes uses of the order's deposit back, the newest first, until nothing is missing any more."""
        there = self.rows.all("money.deposit_uses", order=order)
        for row in there:
            if missing <= 0:
                break
            self._take_back([row])
            missing -= row["amount"]
        return bool(there)

    # ---- writing

    def _mark(self, *, by_rule: bool = False) -> Mark:
        return ledger.mark(self.now_ms, None if by_rule else self.person, self.round)

    def _add(self, entry: Entry, order: int | None) -> None:
        self.posted += 1
        ledger.add(self.rows, entry, order=order, noted=False)

    def _take_back(self, entries: list[Row]) -> None:
        for row in entries:
            self.posted += 1
            ledger.take_back(self.rows, row["id"], person=self.person, now_ms=self.now_ms, noted=False)


def _as_billed(owes: _Owes) -> list[tuple[int, int]]:
    """Goods and all, as the one bill has them."""
    return [(owes.goods, owes.goods + owes.fee)] if owes.goods or owes.fee else []
