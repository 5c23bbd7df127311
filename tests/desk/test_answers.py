"""The leader's side of claims: granted or refused once, with the books following, and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from money_rooms import FISH, NOW, MoneyRoom, room_at
from small_rooms import journal, small_room

from millpond.community.books import Account, Means
from millpond.community.transitions import Stage
from millpond.desk import answers, claims, goods, ledger, money
from millpond.desk.claims import ClaimKind, ClaimState, NewClaim
from millpond.desk.refusals import Refused
from millpond.store import Database

WHO = "李雷 <b>"
OWES = 3_592


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with small_room(tmp_path) as db:
        yield db


@pytest.fixture
def room(db: Database) -> MoneyRoom:
    return room_at(db, Stage.ORDERED, Stage.ARRIVED)


def refused(code: str) -> Any:
    return pytest.raises(Refused, check=lambda error: error.code == code)


def act(db: Database, what: Callable[..., Any], *given: Any, **more: Any) -> Any:
    more = {"person": None, "now_ms": NOW} | more
    return db.write(lambda rows: what(rows, *given, **more))


@pytest.fixture
def claim(db: Database, room: MoneyRoom) -> int:
    """One of two fish was bad."""
    want = next(
        one.want for one in goods.due(db.read, room.round)
        if (one.order, one.item) == (room.orders[WHO], room.items[FISH])
    )  # fmt: skip
    new = NewClaim(order=room.orders[WHO], kind=ClaimKind.DAMAGED, want=want, words="臭了")
    return db.write(lambda rows: claims.open_claim(rows, new, now_ms=NOW))


def pay(db: Database, room: MoneyRoom, amount: int) -> None:
    act(db, money.pay, room.orders[WHO], means=Means.CASH, amount_minor=amount, token=None)


def test_what_is_claimed_is_worth_its_part(db: Database, room: MoneyRoom, claim: int) -> None:
    found = claims.by_id(db.read, claim)
    assert found is not None
    assert found.want is not None
    claimed = answers.claimed(db.read, room.round)[found.want]
    assert (claimed.label, claimed.units) == (FISH, 2)
    assert (claimed.worth(1), claimed.worth(2), claimed.worth(9)) == (
        (claimed.due + 1) // 2, claimed.due, claimed.due,
    )  # fmt: skip


def test_a_granted_claim_lowers_what_is_owed(db: Database, room: MoneyRoom, claim: int) -> None:
    act(db, answers.grant, claim, refund_minor=1_000, answer="对不起")
    assert money.due_of_orders(db.read, room.round)[room.orders[WHO]].open == OWES - 1_000
    assert ledger.balances(db.read)[Account.CLAIMS] == 1_000
    found = claims.by_id(db.read, claim)
    assert found is not None
    assert (found.state, found.answer, found.refund, found.settled_ms) == (
        ClaimState.GRANTED, "对不起", 1_000, NOW,
    )  # fmt: skip
    with refused("claim.settled"):
        act(db, answers.grant, claim, refund_minor=1)
    with refused("claim.settled"):
        act(db, answers.refuse, claim, answer="不")


def test_money_given_back_at_once_is_an_entry_of_its_own(db: Database, room: MoneyRoom, claim: int) -> None:
    with refused("money.refund_too_much"):
        act(db, answers.grant, claim, refund_minor=1_000, means=Means.CASH)
    assert claims.of_round(db.read, room.round)[0].state is ClaimState.OPEN
    pay(db, room, OWES)
    act(db, answers.grant, claim, refund_minor=1_000, means=Means.WALLET)
    now = money.due_of_orders(db.read, room.round)[room.orders[WHO]]
    assert (now.total, now.refunded, now.claims, now.open) == (OWES - 1_000, 1_000, 1_000, 0)
    assert ledger.balances(db.read)[Account.WALLET] == -1_000


def test_a_claim_may_be_granted_without_money(db: Database, room: MoneyRoom, claim: int) -> None:
    act(db, answers.grant, claim, refund_minor=0, answer="换一条")
    assert money.due_of_orders(db.read, room.round)[room.orders[WHO]].open == OWES
    act(db, answers.take_back, claim)
    assert claims.of_round(db.read, room.round)[0].state is ClaimState.OPEN


def test_no_more_is_granted_than_the_order_costs(db: Database, room: MoneyRoom, claim: int) -> None:
    with refused("claim.refund_too_much"):
        act(db, answers.grant, claim, refund_minor=OWES + 1)
    act(db, answers.grant, claim, refund_minor=OWES)


def test_a_refusal_says_why(db: Database, room: MoneyRoom, claim: int) -> None:
    with refused("claim.words_missing"):
        act(db, answers.refuse, claim, answer="  ")
    act(db, answers.refuse, claim, answer="签收时看过")
    assert claims.of_round(db.read, room.round)[0].state is ClaimState.REFUSED
    assert "claim.refused" in journal(db, room.round)


def test_an_answer_taken_back_takes_its_money_back(db: Database, room: MoneyRoom, claim: int) -> None:
    pay(db, room, OWES)
    before = ledger.balances(db.read)
    act(db, answers.grant, claim, refund_minor=1_000, means=Means.CASH)
    line = next(line for line in ledger.lines(db.read) if line.kind == "claim")
    assert not money.may_undo(line)
    with refused("money.claim_answered"):
        act(db, money.undo, line.id)
    act(db, answers.take_back, claim)
    assert ledger.balances(db.read) == before
    with refused("claim.not_answered"):
        act(db, answers.take_back, claim)
    act(db, answers.refuse, claim, answer="看过")
    act(db, answers.take_back, claim)
    act(db, answers.grant, claim, refund_minor=1)


def test_money_given_back_may_have_been_undone_before(db: Database, room: MoneyRoom, claim: int) -> None:
    pay(db, room, OWES)
    act(db, answers.grant, claim, refund_minor=1_000, means=Means.CASH)
    act(db, money.undo, next(line.id for line in ledger.lines(db.read) if line.kind == "refund"))
    assert money.due_of_orders(db.read, room.round)[room.orders[WHO]].open == -1_000
    act(db, answers.take_back, claim)
    assert money.due_of_orders(db.read, room.round)[room.orders[WHO]].open == 0
