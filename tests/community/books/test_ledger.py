"""The books: whatever happens they balance, and say of each household what it did."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgers import HOUSEHOLDS, Told, told_books

from millpond.community import books
from millpond.community.books import Account, Adjusted, Books, Kind, Mark, Means, Standing, TrialLine
from millpond.errors import InputError


def at(id: str, round: str | None = "7") -> Mark:
    return Mark(id=id, at_ms=int(id), round=round)


@given(told_books())
def test_books_always_balance(told: Told) -> None:
    kept = Books(told.entries)
    assert sum(kept.balances().values()) == 0
    lines = kept.trial_balance()
    assert sum(line.debit_minor for line in lines) == sum(line.credit_minor for line in lines)
    assert all((line.debit_minor == 0) != (line.credit_minor == 0) for line in lines)
    rows = kept.rows()
    for account in Account:
        mine = [row for row in rows if row.account is account]
        assert kept.balance(account) == sum(row.amount_minor for row in mine)
        if account.is_by_household:
            by = {house: amount for (one, house), amount in kept.by_household().items() if one is account}
            assert sum(by.values()) == kept.balance(account)


@given(told_books())
def test_a_household_owes_what_was_billed_less_paid_and_back_what_was_refunded(told: Told) -> None:
    kept = Books(told.entries)
    standings = kept.standings()
    for household in HOUSEHOLDS:
        billed, paid, refunded, lost = told.sums[household]
        assert standings.get(household, Standing()) == Standing(
            billed_minor=billed, paid_minor=paid, refunded_minor=refunded, written_off_minor=lost
        )
        assert kept.owes(household) == billed - paid + refunded - lost
        assert kept.owes(household) == standings.get(household, Standing()).owes_minor


@given(told_books(), st.data())
def test_a_reversal_restores_every_balance(told: Told, data: st.DataObject) -> None:
    gone = {entry.reversal_of for entry in told.entries}
    open_ones = [entry for entry in told.entries if entry.kind is not Kind.REVERSAL and entry.id not in gone]
    if not open_ones:
        return
    entry = data.draw(st.sampled_from(open_ones))
    back = books.reversed_by(Mark(id="last", at_ms=10**12, round=entry.mark.round), entry)
    after, without = Books([*told.entries, back]), Books([one for one in told.entries if one is not entry])
    assert after.balances() == without.balances()
    assert {key: amount for key, amount in after.by_household().items() if amount} == {
        key: amount for key, amount in without.by_household().items() if amount
    }
    assert {h: s for h, s in after.standings().items() if s != Standing()} == {
        h: s for h, s in without.standings().items() if s != Standing()
    }


@given(told_books())
def test_group_orders_together_are_the_whole_books(told: Told) -> None:
    kept = Books(told.entries)
    parts = [kept.of_round(round).balances() for round in ("7", "8", None)]
    assert {account: sum(part[account] for part in parts) for account in Account} == kept.balances()
    assert all(sum(part.values()) == 0 for part in parts)


@given(told_books(), st.randoms())
def test_books_are_in_the_order_of_time(told: Told, random: object) -> None:
    mixed = list(told.entries)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    times = [row.at_ms for row in Books(mixed).rows()]
    assert times == sorted(times)
    assert Books(mixed).balances() == Books(told.entries).balances()


def test_a_whole_group_order() -> None:
    """Two households, a deposit, a shortage, a claim the maker makes good, leftovers over the counter."""
    kept = Books(
        [
            books.deposit(at("1"), household="11", means=Means.WALLET, amount_minor=500),
            books.bill(at("2"), household="11", goods_minor=3_000, fee_minor=100),
            books.bill(at("3"), household="12", goods_minor=2_000, fee_minor=100),
            books.stock_taken(at("4"), amount_minor=1_000),
            books.deposit_used(at("5"), household="11", amount_minor=500),
            books.maker_bill(at("6"), goods_minor=5_000, freight_minor=600),
            books.adjustment(at("7"), household="12", why=Adjusted.SHORTAGE, amount_minor=-400),
            books.payment(at("8"), household="11", means=Means.CASH, amount_minor=2_600),
            books.payment(at("9"), household="12", means=Means.TRANSFER, amount_minor=2_000),
            books.maker_payment(at("10"), means=Means.CASH, amount_minor=2_600),
            books.adjustment(at("11"), household="11", why=Adjusted.CLAIM, amount_minor=-250),
            books.maker_claim(at("12"), amount_minor=250),
            books.refund(at("13"), household="11", means=Means.CASH, amount_minor=250),
            books.counter_sale(at("14"), means=Means.CASH, amount_minor=700, cost_minor=600),
            books.write_off_stock(at("15"), amount_minor=400),
        ]
    )
    assert kept.standings()["11"] == Standing(billed_minor=2_850, paid_minor=3_100, refunded_minor=250)
    assert (kept.owes("11"), kept.owes("12"), kept.deposit_of("11")) == (0, -300, 0)
    assert kept.in_hand() == {Account.CASH: 450, Account.BANK: 2_000, Account.WALLET: 500}
    assert kept.passed_through() == 0
    assert kept.balance(Account.PAYABLE) == -(5_600 - 2_600 - 250)
    assert (kept.balance(Account.FEES), kept.balance(Account.CLAIMS)) == (-200, 0)
    assert TrialLine(account=Account.RECEIVABLE, debit_minor=0, credit_minor=300) in kept.trial_balance()


def test_what_books_refuse() -> None:
    paid = books.payment(at("1"), household="h", means=Means.CASH, amount_minor=5)
    other = books.payment(at("2"), household="h", means=Means.CASH, amount_minor=6)
    back = books.reversed_by(at("3"), paid)
    for entries, said in [
        ([books.payment(Mark(at_ms=0), household="h", means=Means.CASH, amount_minor=5)], "not kept yet"),
        ([paid, replace(other, mark=paid.mark)], '"1" stands in the books already'),
        ([other, back], 'reversal_of: "1" is not in the books'),
        ([paid, back, replace(back, mark=at("4"))], '"1" was taken back already'),
        ([paid, other, replace(back, reversal_of="2")], "not those of"),
        ([paid, back, replace(back, mark=at("4"), reversal_of="3")], "is a reversal itself"),
    ]:
        with pytest.raises(InputError) as error:
            Books(entries)
        assert said in str(error.value)
