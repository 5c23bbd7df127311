"""Whatever happens to a group order's money, the books balance and say what a plain list beside them says.

Random lives of two group orders of the same households, on a real file: deciding, taking back, counting,
weighing, paying, giving back, claims, the counter, undoing. Beside the books every payment is kept in a plain
list; what is owed is read off the decision's own tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from money_rooms import NOW, MoneyRoom, answer, money_room
from small_rooms import small_room

from millpond.community.books import Kind, Means
from millpond.community.transitions import Stage
from millpond.desk import answers, claims, counter, deciding, goods, ledger, maker, money, orders, rounds
from millpond.desk.claims import ClaimKind, NewClaim
from millpond.desk.refusals import Refused
from millpond.store import Database, Rows

MEANS = list(Means)


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with small_room(tmp_path_factory.mktemp("money")) as db:
        yield db


@pytest.fixture(scope="module")
def pair(db: Database) -> tuple[MoneyRoom, MoneyRoom]:
    """Two closed group orders; every example begins with them."""
    return money_room(db), money_room(db, "一月")


@pytest.fixture(scope="module")
def decisions(db: Database, pair: tuple[MoneyRoom, MoneyRoom]) -> dict[tuple[int, int], deciding.Answer]:
    """What is decided on each, with and without leftovers; worked out once."""
    return {(room.round, n): answer(db.read, room, 9 * n) for room in pair for n in (0, 1)}


def within(amount: int, most: int) -> int:
    """An amount that fits, three times out of four."""
    return amount if amount % 4 == 0 else 1 + amount % max(1, most)


class Enough(Exception):
    """Takes the whole transaction back."""


@dataclass
class Life:
    """What happened, kept in the plainest way: by entry, whose money it was and which way it went."""

    rows: Rows
    pair: tuple[MoneyRoom, MoneyRoom]
    decisions: dict[tuple[int, int], deciding.Answer]
    paid: dict[int, tuple[int, int]] = field(default_factory=dict)
    refunded: dict[int, tuple[int, int]] = field(default_factory=dict)
    marked: list[int] = field(default_factory=list)
    now_ms: int = NOW

    @property
    def common(self) -> dict[str, Any]:
        """Who and when."""
        self.now_ms += 1
        return {"person": None, "now_ms": self.now_ms}

    def step(self, what: str, which: int, n: int, amount: int) -> None:
        """One thing that happens; what is refused leaves the books as they were."""
        room = self.pair[which]
        before = len(ledger.lines(self.rows, most=-1))
        try:
            getattr(self, what)(room, n, amount)
        except Refused:
            assert len(ledger.lines(self.rows, most=-1)) == before
            return
        for one in self.pair:
            money.settle(self.rows, one.round, **self.common)

    def order(self, room: MoneyRoom, n: int) -> tuple[int, int]:
        """An order and its household."""
        name = list(room.orders)[n % len(room.orders)]
        return room.orders[name], room.households[name]

    def want(self, room: MoneyRoom, n: int) -> goods.Due | None:
        """A want that was given something."""
        found = [one for one in goods.due(self.rows, room.round) if one.allocated]
        return found[n % len(found)] if found else None

    # ---- what may happen

    def decide(self, room: MoneyRoom, n: int, amount: int) -> None:
        deciding.keep(self.rows, self.decisions[room.round, n % 2], **self.common)

    def take_back(self, room: MoneyRoom, n: int, amount: int) -> None:
        deciding.take_back(self.rows, room.round, **self.common)

    def onward(self, room: MoneyRoom, n: int, amount: int) -> None:
        stage = rounds.load(self.rows, room.round).stage
        following = {Stage.DECIDED: Stage.ORDERED, Stage.ORDERED: Stage.ARRIVED, Stage.ARRIVED: Stage.DONE}
        if stage in following:
            rounds.move(self.rows, room.round, following[stage], **self.common)

    def cancel(self, room: MoneyRoom, n: int, amount: int) -> None:
        rounds.move(self.rows, room.round, Stage.CANCELLED, **self.common)

    def merge(self, room: MoneyRoom, n: int, amount: int) -> None:
        orders.merge(self.rows, self.order(room, n)[0], self.order(room, n + 1)[0], **self.common)

    def receive(self, room: MoneyRoom, n: int, amount: int) -> None:
        item = list(room.items.values())[n % 3]
        goods.receive(self.rows, room.round, item, received=amount % 25, **self.common)

    def weigh(self, room: MoneyRoom, n: int, amount: int) -> None:
        if want := self.want(room, n):
            goods.weigh(self.rows, room.round, want.want, 1 + amount, **self.common)

    def pay(self, room: MoneyRoom, n: int, amount: int) -> None:
        order, household = self.order(room, n)
        given: Any = {"means": MEANS[n % 3], "amount_minor": amount, "token": f"pay-{self.now_ms}"}
        common = self.common
        id = money.pay(self.rows, order, **given, **common)
        assert money.pay(self.rows, order, **given, **common) == id
        self.paid[id] = (household, amount)
        self.marked.append(id)

    def pay_ahead(self, room: MoneyRoom, n: int, amount: int) -> None:
        _, household = self.order(room, n)
        id = money.pay_ahead(
            self.rows, household, means=MEANS[n % 3], amount_minor=amount, token=None, **self.common
        )
        self.paid[id] = (household, amount)
        self.marked.append(id)

    def refund(self, room: MoneyRoom, n: int, amount: int) -> None:
        order, _ = self.order(room, n)
        before = {line.id for line in ledger.lines(self.rows, most=-1)}
        now = ledger.of_order(self.rows, order)
        amount = within(amount, now.paid - now.refunded)
        given: Any = {"means": MEANS[n % 3], "amount_minor": amount, "token": None}
        money.refund(self.rows, order, **given, **self.common)
        self._note_refunds(before)

    def refund_credit(self, room: MoneyRoom, n: int, amount: int) -> None:
        before = {line.id for line in ledger.lines(self.rows, most=-1)}
        amount = amount % 300 + 1
        given: Any = {"means": MEANS[n % 3], "amount_minor": amount, "token": None}
        money.refund_credit(self.rows, self.order(room, n)[1], **given, **self.common)
        self._note_refunds(before)

    def _note_refunds(self, before: set[int]) -> None:
        for line in ledger.lines(self.rows, most=-1):
            if line.id not in before and line.kind is Kind.REFUND:
                household = next(part.household for part in line.parts if part.household is not None)
                self.refunded[line.id] = (household, line.of(household))
                self.marked.append(line.id)

    def use_credit(self, room: MoneyRoom, n: int, amount: int) -> None:
        order, household = self.order(room, n)
        free = money.credit_of(self.rows, household, but=order)
        amount = within(amount, min(free, ledger.of_order(self.rows, order).open))
        self.marked.append(money.use_credit(self.rows, order, amount_minor=amount, token=None, **self.common))

    def write_off(self, room: MoneyRoom, n: int, amount: int) -> None:
        order, _ = self.order(room, n)
        amount = within(amount, ledger.of_order(self.rows, order).open)
        self.marked.append(money.write_off(self.rows, order, amount_minor=amount, token=None, **self.common))

    def change_fee(self, room: MoneyRoom, n: int, amount: int) -> None:
        order, _ = self.order(room, n)
        id = money.change_fee(self.rows, order, fee_minor=amount % 120, token=None, **self.common)
        if id is not None:
            self.marked.append(id)

    def claim(self, room: MoneyRoom, n: int, amount: int) -> None:
        order, _ = self.order(room, n)
        new = NewClaim(order=order, kind=ClaimKind.OTHER, words=f"{self.now_ms}")
        id = claims.open_claim(self.rows, new, now_ms=self.now_ms)
        before = {line.id for line in ledger.lines(self.rows, most=-1)}
        means = MEANS[n % 3] if n % 2 else None
        answers.grant(self.rows, id, refund_minor=amount % 500, means=means, **self.common)
        self._note_refunds(before)

    def reopen(self, room: MoneyRoom, n: int, amount: int) -> None:
        found = claims.of_round(self.rows, room.round)
        if found:
            answers.take_back(self.rows, found[n % len(found)].id, **self.common)

    def counter(self, room: MoneyRoom, n: int, amount: int) -> None:
        item = list(room.items.values())[n % 3]
        counter.set_unclaimed(self.rows, room.round, item, n % 4, **self.common)
        given: Any = {"quantity": 1 + n % 2, "means": MEANS[n % 3], "amount_minor": amount, "token": None}
        self.marked.append(counter.sell(self.rows, room.round, item, **given, **self.common))

    def maker(self, room: MoneyRoom, n: int, amount: int) -> None:
        bill: Any = {"goods_minor": amount, "freight_minor": n, "token": None}
        self.marked.append(maker.bill(self.rows, room.round, **bill, **self.common))
        paid: Any = {"means": MEANS[n % 3], "amount_minor": amount, "token": None}
        self.marked.append(maker.pay(self.rows, room.round, **paid, **self.common))

    def undo(self, room: MoneyRoom, n: int, amount: int) -> None:
        if self.marked:
            money.undo(self.rows, self.marked[n % len(self.marked)], **self.common)

    # ---- what must hold

    def check(self) -> None:
        """The books balance, and every household and order stands as the plain list says."""
        rows = self.rows
        for one in self.pair:
            assert money.settle(rows, one.round, **self.common) == 0
        everything = ledger.lines(rows, most=-1)
        assert all(sum(part.amount for part in line.parts) == 0 for line in everything)
        assert sum(ledger.balances(rows).values()) == 0
        books = money.book(rows)  # checks every reversal
        assert books.balances() == ledger.balances(rows)
        live = {line.id for line in everything if not line.is_undone}
        owed, written_off = self._owed(), self._written_off(live)
        standings = books.standings()
        for household in self.pair[0].households.values():
            paid = sum(amount for id, (who, amount) in self.paid.items() if who == household and id in live)
            back = sum(
                amount for id, (who, amount) in self.refunded.items() if who == household and id in live
            )
            carried = self._carried(household, live)
            now = money.balance_of_household(rows, household)
            assert (now.total, now.paid, now.refunded) == (owed.get(household, 0), paid - carried, back)
            assert now.open == owed.get(household, 0) - paid + carried + back - written_off.get(household, 0)
            assert books.owes(str(household)) == now.open
            if str(household) in standings:
                assert standings[str(household)].owes_minor == now.open
            lines = money.of_household(rows, household)
            assert (lines[-1].balance if lines else 0) == now.open

    def _owed(self) -> dict[int, int]:
        """Goods, fee, shortage, weight, claims and lowered fees, read off their own tables."""
        found: dict[int, int] = {}
        for room in self.pair:
            if str(rounds.load(self.rows, room.round).stage) == "cancelled":
                continue
            who = {one.id: one.household for one in orders.of_round(self.rows, room.round)}
            for id, bill in deciding.bills(self.rows, room.round).items():
                found[who[id]] = found.get(who[id], 0) + bill.total
            for due in goods.due(self.rows, room.round):
                found[who[due.order]] = found.get(who[due.order], 0) + due.adjustment
            for claim in claims.of_round(self.rows, room.round):
                found[who[claim.order]] = found.get(who[claim.order], 0) - claim.refund
            for line in ledger.lines(self.rows, round=room.round, most=-1):
                if line.kind is Kind.FEE and not line.is_undone:
                    household = line.parts[0].household
                    assert household is not None
                    found[household] = found.get(household, 0) + line.of(household)
        return found

    def _written_off(self, live: set[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        for line in ledger.lines(self.rows, most=-1):
            for part in line.parts:
                if line.kind is Kind.WRITE_OFF and line.id in live and part.household is not None:
                    found[part.household] = found.get(part.household, 0) - part.amount
        return found

    def _carried(self, household: int, live: set[int]) -> int:
        """What went over to other households because orders were merged."""
        return sum(
            line.of(household)
            for line in ledger.lines(self.rows, most=-1)
            if line.kind is Kind.CARRIED and line.id in live
        )


ACTIONS = [
    "decide", "decide", "take_back", "onward", "onward", "cancel", "merge", "receive", "weigh", "pay", "pay",
    "pay", "pay_ahead", "refund", "refund_credit", "use_credit", "use_credit", "write_off", "change_fee",
    "claim", "claim", "reopen", "counter", "maker", "undo", "undo", "undo",
]  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, 1), st.integers(0, 50), st.integers(1, 2_500)),
    min_size=20,
    max_size=30,
)


def run(db: Database, life: Callable[[Rows], None]) -> None:
    """In one transaction that is taken back, so that the next example begins anew."""

    def job(rows: Rows) -> None:
        life(rows)
        raise Enough

    with pytest.raises(Enough):
        db.write(job)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(prologue=st.integers(0, 4), steps=STEPS)
def test_the_books_say_what_happened(
    db: Database,
    pair: tuple[MoneyRoom, MoneyRoom],
    decisions: dict[tuple[int, int], deciding.Answer],
    prologue: int,
    steps: list[tuple[str, int, int, int]],
) -> None:
    def life(rows: Rows) -> None:
        life = Life(rows, pair, decisions)
        for what in ("decide", "onward", "onward", "onward")[:prologue]:  # many begin further on
            life.step(what, 0, 1, 1)
        for what, which, n, amount in steps:
            life.step(what, which, n, amount)
            life.check()

    run(db, life)
