"""Money in a room: what is owed follows the decision, what is paid is marked once and can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from money_rooms import EGGS, FISH, NOW, RICE, MoneyRoom, decide, money_room, room_at, to_stage
from small_rooms import journal, small_room

from millpond.community.books import Account, Kind, Means
from millpond.community.transitions import Stage
from millpond.desk import deciding, goods, ledger, maker, money, orders, people
from millpond.desk.ledger import Balance
from millpond.desk.refusals import Refused
from millpond.store import Database, Rows

WANG, LI, ZHAO = "王芳", "李雷 <b>", "赵六"
BILL = {WANG: 1_782, LI: 3_592, ZHAO: 1_082}
"""Goods and fee by the decision."""


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    with small_room(tmp_path) as db:
        yield db


def refused(code: str) -> Any:
    return pytest.raises(Refused, check=lambda error: error.code == code)


def act(db: Database, what: Callable[..., Any], *given: Any, **more: Any) -> Any:
    """One action in a transaction of its own."""
    more = {"person": None, "now_ms": NOW} | more
    return db.write(lambda rows: what(rows, *given, **more))


def pay(db: Database, room: MoneyRoom, who: str, amount: int, token: str | None = None, **more: Any) -> int:
    more = {"means": Means.CASH} | more
    return int(act(db, money.pay, room.orders[who], amount_minor=amount, token=token, **more))


def due(db: Database, room: MoneyRoom, who: str) -> Balance:
    return money.due_of_orders(db.read, room.round).get(room.orders[who], Balance())


def kinds(db: Database) -> list[Kind]:
    return [line.kind for line in reversed(ledger.lines(db.read))]


def test_a_decision_bills_every_household_and_its_leftovers_go_to_the_stock(db: Database) -> None:
    room = room_at(db)
    assert {who: due(db, room, who).open for who in BILL} == BILL
    now = ledger.balances(db.read)
    assert now[Account.FEES] == -535
    assert now[Account.STOCK] == 469
    assert money.book(db.read).passed_through() == 9_222 + 469
    assert act(db, money.settle, room.round) == 0


def test_a_decision_taken_back_leaves_nothing_owed_and_every_trace(db: Database) -> None:
    room = room_at(db)
    act(db, deciding.take_back, room.round)
    act(db, money.settle, room.round)
    assert set(ledger.balances(db.read).values()) == {0}
    assert kinds(db).count(Kind.BILL) == kinds(db).count(Kind.REVERSAL) - 1 == 4
    decide(db, room, leftover=0)
    assert ledger.balances(db.read)[Account.STOCK] == 0
    assert due(db, room, WANG).total > 0


def test_a_cancelled_group_order_owes_nothing_and_what_was_paid_is_the_households(db: Database) -> None:
    room = room_at(db)
    pay(db, room, WANG, 1_782)
    act(db, money.write_off, room.orders[ZHAO], amount_minor=82, token=None)
    to_stage(db, room, Stage.CANCELLED)
    act(db, money.settle, room.round)
    assert due(db, room, WANG) == Balance(paid=1_782)
    assert due(db, room, ZHAO) == Balance()
    act(db, money.refund, room.orders[WANG], means=Means.CASH, amount_minor=1_782, token=None)
    assert set(ledger.balances(db.read).values()) == {0}


def test_shortage_and_weight_change_what_is_owed_by_the_difference(db: Database) -> None:
    room = room_at(db, Stage.ORDERED)
    before = {who: due(db, room, who).open for who in BILL}
    act(db, goods.receive, room.round, room.items[RICE], received=3)
    act(db, money.settle, room.round)
    fish = next(
        one for one in goods.due(db.read, room.round)
        if one.item == room.items[FISH] and one.order == room.orders[LI]
    )  # fmt: skip
    act(db, goods.weigh, room.round, fish.want, 1_050)
    act(db, money.settle, room.round)
    changed = {one.order: 0 for one in goods.due(db.read, room.round)}
    for one in goods.due(db.read, room.round):
        changed[one.order] += one.adjustment
    for who in BILL:
        assert due(db, room, who).open == before[who] + changed[room.orders[who]]
    assert changed[room.orders[ZHAO]] < 0 < changed[room.orders[LI]]
    assert {Kind.SHORTAGE, Kind.WEIGHT} < set(kinds(db))
    # what was counted first was wrong: all of it came
    act(db, goods.receive, room.round, room.items[RICE], received=6)
    act(db, money.settle, room.round)
    assert due(db, room, ZHAO).open == before[ZHAO]
    assert act(db, money.settle, room.round) == 0


def test_leftovers_that_did_not_come_leave_the_stock(db: Database) -> None:
    room = room_at(db, Stage.ORDERED)
    act(db, goods.receive, room.round, room.items[EGGS], received=19)
    act(db, money.settle, room.round)
    assert ledger.balances(db.read)[Account.STOCK] == 235  # of 469 for two, rounded half up
    act(db, goods.receive, room.round, room.items[EGGS], received=20)
    act(db, money.settle, room.round)
    assert ledger.balances(db.read)[Account.STOCK] == 469


def test_a_form_sent_twice_is_one_payment(db: Database) -> None:
    room, token = room_at(db), "a" * 32
    first = pay(db, room, WANG, 1_000, token)
    assert pay(db, room, WANG, 1_000, token) == first
    assert due(db, room, WANG).open == 782
    for other in (
        {"amount": 1_001},
        {"amount": 1_000, "means": Means.WALLET},
        {"who": ZHAO, "amount": 1_000},
    ):
        with refused("money.sent_before"):
            pay(db, room, **{"who": WANG, "token": token} | other)  # type: ignore[arg-type]
    act(db, money.undo, first)
    with refused("money.sent_before"):
        pay(db, room, WANG, 1_000, token)
    assert pay(db, room, WANG, 1_000, "b" * 32) != first


def test_a_payment_says_who_marked_it_when_and_how(db: Database) -> None:
    room = room_at(db)
    person = db.write(lambda rows: people.create_owner(rows, "团长", passphrase_hash="x", now_ms=NOW)).id
    pay(db, room, WANG, 1_782, person=person, now_ms=NOW + 5, means=Means.WALLET, words="微信")
    line = ledger.lines(db.read, household=room.households[WANG])[0]
    assert (line.kind, line.by, line.at_ms, line.means, line.words, line.amount) == (
        Kind.PAYMENT, "团长", NOW + 5, Account.WALLET, "微信", 1_782,
    )  # fmt: skip
    assert (line.title, line.parts[1].name, line.parts[1].number) == ("十二月", WANG, 1)


def test_an_undone_payment_is_owed_again_once(db: Database) -> None:
    room = room_at(db)
    id = pay(db, room, WANG, 1_782)
    for _ in range(2):
        act(db, money.undo, id)
    assert due(db, room, WANG) == Balance(total=1_782)
    assert kinds(db).count(Kind.REVERSAL) == 1
    assert ledger.lines(db.read)[0].undoes is Kind.PAYMENT


@pytest.mark.parametrize("kind", [Kind.BILL, Kind.STOCK])
def test_what_follows_is_not_undone_by_hand(db: Database, kind: Kind) -> None:
    room_at(db)
    line = next(line for line in ledger.lines(db.read) if line.kind is kind)
    assert not money.may_undo(line)
    with refused("money.follows"):
        act(db, money.undo, line.id)


def test_a_deposit_pays_the_bill_when_there_is_one(db: Database) -> None:
    room = money_room(db)
    deposit = pay(db, room, WANG, 2_000)
    assert due(db, room, WANG) == Balance(paid=2_000, held=2_000)
    assert ledger.balances(db.read)[Account.DEPOSITS] == -2_000
    decide(db, room)
    assert due(db, room, WANG) == Balance(total=1_782, paid=2_000, held=218)
    assert due(db, room, WANG).open == -218
    with refused("money.follows"):
        act(db, money.undo, next(line.id for line in ledger.lines(db.read) if line.kind is Kind.DEPOSIT_USED))
    act(db, money.undo, deposit)
    assert due(db, room, WANG) == Balance(total=1_782)
    assert ledger.balances(db.read)[Account.DEPOSITS] == 0


def test_a_refund_takes_the_deposit_first_and_no_more_than_was_paid(db: Database) -> None:
    room = money_room(db)
    pay(db, room, WANG, 2_000)
    decide(db, room)
    with refused("money.refund_too_much"):
        act(db, money.refund, room.orders[WANG], means=Means.CASH, amount_minor=2_001, token=None)
    token = "t" * 20
    for _ in range(2):
        act(db, money.refund, room.orders[WANG], means=Means.TRANSFER, amount_minor=300, token=token)
    assert due(db, room, WANG) == Balance(total=1_782, paid=2_000, refunded=300)
    assert due(db, room, WANG).open == 82
    assert ledger.balances(db.read)[Account.BANK] == -300
    assert kinds(db).count(Kind.REFUND) == 2  # 218 of the deposit, 82 of what had paid the bill


def test_credit_of_one_group_order_pays_another(db: Database) -> None:
    first = room_at(db)
    pay(db, first, WANG, 2_000)
    second = money_room(db, "一月")
    assert money.credit_of(db.read, second.households[WANG], but=second.orders[WANG]) == 218
    ahead = act(db, money.pay_ahead, first.households[WANG], means=Means.WALLET, amount_minor=500, token=None)
    decide(db, second)
    owed = due(db, second, WANG).open
    assert money.credit_of(db.read, first.households[WANG], but=second.orders[WANG]) == 718
    with refused("money.credit_too_little"):
        act(db, money.use_credit, second.orders[WANG], amount_minor=719, token=None)
    for _ in range(2):
        act(db, money.use_credit, second.orders[WANG], amount_minor=600, token="u" * 20)
    assert due(db, second, WANG).open == owed - 600
    assert due(db, first, WANG).open == -118  # what was paid ahead goes first
    household = money.balance_of_household(db.read, first.households[WANG])
    assert household.open == 1_782 + owed - 2_500
    # the same payment is not used twice, and undoing it does not lose the rest
    with refused("money.refund_too_much"):
        act(db, money.refund_credit, first.households[WANG], means=Means.WALLET, amount_minor=1, token=None)
    act(db, money.undo, ahead)
    assert money.balance_of_household(db.read, first.households[WANG]).open == household.open + 500


def test_what_is_paid_ahead_is_given_back(db: Database) -> None:
    room = money_room(db)
    given = {"means": Means.CASH, "token": None}
    act(db, money.pay_ahead, room.households[LI], amount_minor=500, **given)
    act(db, money.refund_credit, room.households[LI], amount_minor=200, **given)
    assert money.credit_of(db.read, room.households[LI]) == 300
    assert money.balance_of_household(db.read, room.households[LI]).open == -300


def test_an_order_under_way_is_no_credit_and_a_cancelled_one_is(db: Database) -> None:
    room = money_room(db)
    pay(db, room, LI, 900)
    assert money.credit_of(db.read, room.households[LI]) == 0
    act(db, orders.cancel, room.orders[LI], person=_owner(db))
    assert money.credit_of(db.read, room.households[LI]) == 900
    with refused("money.order_gone"):
        pay(db, room, LI, 1)


def _owner(db: Database) -> int:
    return db.write(lambda rows: people.create_owner(rows, "团长", passphrase_hash="x", now_ms=NOW)).id


def test_what_was_paid_for_a_merged_order_counts_for_the_one_that_is_left(db: Database) -> None:
    room = money_room(db)
    paid = pay(db, room, LI, 900)
    act(db, orders.merge, room.orders[WANG], room.orders[LI], person=_owner(db))
    act(db, orders.merge, room.orders[ZHAO], room.orders[WANG])
    act(db, money.settle, room.round)
    assert due(db, room, ZHAO) == Balance(paid=900, held=900)
    assert due(db, room, LI) == Balance()
    assert money.balance_of_household(db.read, room.households[LI]).open == 0
    assert money.balance_of_household(db.read, room.households[ZHAO]).open == -900
    decide(db, room)
    owed = due(db, room, ZHAO)
    assert owed.open == owed.total - 900
    act(db, money.undo, paid)
    assert due(db, room, ZHAO).open == owed.total
    assert money.balance_of_household(db.read, room.households[LI]).open == 0


def test_a_bad_debt_is_written_off_up_to_what_is_open(db: Database) -> None:
    room = room_at(db)
    pay(db, room, ZHAO, 1_000)
    with refused("money.more_than_open"):
        act(db, money.write_off, room.orders[ZHAO], amount_minor=83, token=None)
    act(db, money.write_off, room.orders[ZHAO], amount_minor=82, token=None)
    assert due(db, room, ZHAO) == Balance(total=1_082, paid=1_000, written_off=82)
    assert due(db, room, ZHAO).open == 0


def test_a_fee_only_goes_down(db: Database) -> None:
    room = room_at(db)
    assert act(db, money.change_fee, room.orders[ZHAO], fee_minor=115, token=None) is None
    act(db, money.change_fee, room.orders[ZHAO], fee_minor=40, token=None)
    assert due(db, room, ZHAO).open == BILL[ZHAO] - 75
    with refused("money.fee_up"):
        act(db, money.change_fee, room.orders[ZHAO], fee_minor=41, token=None)
    act(db, money.change_fee, room.orders[ZHAO], fee_minor=0, token=None)
    assert ledger.balances(db.read)[Account.FEES] == -535 + 115


def test_the_maker_is_billed_for_what_it_asks(db: Database) -> None:
    room = room_at(db, Stage.ORDERED)
    now = maker.standing(db.read, room.round)
    assert (now.expected, now.expected_goods, now.expected_freight) == (9_691, 8_901, 790)
    given = {"token": None}
    act(db, maker.bill, room.round, goods_minor=9_001, freight_minor=790, **given)
    act(db, maker.pay, room.round, means=Means.TRANSFER, amount_minor=9_000, **given)
    act(db, maker.made_good, room.round, amount_minor=100, **given)
    now = maker.standing(db.read, room.round)
    assert (now.billed, now.paid, now.made_good, now.open) == (9_791, 9_000, 100, 691)
    assert ledger.balances(db.read, room.round)[Account.PAYABLE] == -691
    assert money.book(db.read).passed_through() == -100
    with refused("round.unknown"):
        act(db, maker.pay, 99, means=Means.CASH, amount_minor=1, **given)


def test_the_leaders_own_money(db: Database) -> None:
    money_room(db)
    act(db, money.own_money, means=Means.CASH, amount_minor=5_000, token=None)
    act(db, money.move, source=Means.CASH, target=Means.TRANSFER, amount_minor=2_000, token=None)
    act(db, money.own_money, means=Means.TRANSFER, amount_minor=-500, token=None)
    now = ledger.balances(db.read)
    assert (now[Account.CASH], now[Account.BANK], now[Account.OWN]) == (3_000, 1_500, -4_500)
    with refused("money.same_place"):
        act(db, money.move, source=Means.CASH, target=Means.CASH, amount_minor=1, token=None)


def test_a_statement_says_what_was_charged_and_paid_and_what_is_left(db: Database) -> None:
    room = money_room(db)
    pay(db, room, WANG, 2_000)
    decide(db, room)
    act(db, money.refund, room.orders[WANG], means=Means.CASH, amount_minor=218, token=None, now_ms=NOW + 9)
    lines = money.of_household(db.read, room.households[WANG])
    assert [(line.kind, line.charge, line.payment, line.balance) for line in lines] == [
        (Kind.DEPOSIT, 0, 2_000, -2_000),
        (Kind.BILL, 1_782, 0, -218),
        (Kind.REFUND, 0, -218, 0),
    ]


def test_the_journal_has_numbers_and_codes_alone(db: Database) -> None:
    room = room_at(db)
    pay(db, room, WANG, 1_782, words="王芳 转账")
    assert journal(db, room.round).count("money.settled") == 1  # four bills and the stock
    assert journal(db, room.round).count("money.booked") == 1
    told = [row["details"] for row in db.read.all("room.journal_of_round", round=room.round, most=100)]
    assert not any(word in text for text in told for word in (WANG, "转账", "139"))


def test_the_file_keeps_entries_as_they_are(db: Database) -> None:
    room = room_at(db)
    id = pay(db, room, WANG, 1_782)

    def tamper(rows: Rows) -> None:
        rows._connection.execute("UPDATE postings SET amount = amount + 1 WHERE entry = ?", (id,))

    with pytest.raises(Exception, match="written once"):
        db.write(tamper)
    assert money.book(db.read).owes(str(room.households[WANG])) == 0
