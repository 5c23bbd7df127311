"""Entries: each balances from the moment it exists, and does to whom what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from millpond.community import books
from millpond.community.books import Account, Adjusted, Entry, Kind, Mark, Means, Posting
from millpond.errors import InputError

MARK = Mark(id="1", at_ms=1_000, by="3", round="7", words="at the door")
CASH, WALLET = Means.CASH, Means.WALLET


def effect(entry: Entry) -> dict[str, int]:
    return {
        row.account + (f" {row.household}" if row.household else ""): row.amount_minor
        for row in entry.postings
    }


@pytest.mark.parametrize(
    ("make", "given", "kind", "effects"),
    [
        (
            books.bill,
            {"household": "h", "goods_minor": 300, "fee_minor": 20},
            Kind.BILL,
            {"receivable h": 320, "goods": -300, "fees": -20},
        ),
        (
            books.bill,
            {"household": "h", "goods_minor": 300},
            Kind.BILL,
            {"receivable h": 300, "goods": -300},
        ),
        (books.fee, {"household": "h", "amount_minor": 9}, Kind.FEE, {"receivable h": 9, "fees": -9}),
        (
            books.deposit,
            {"household": "h", "means": WALLET, "amount_minor": 9},
            Kind.DEPOSIT,
            {"wallet": 9, "deposits h": -9},
        ),
        (
            books.deposit_used,
            {"household": "h", "amount_minor": 9},
            Kind.DEPOSIT_USED,
            {"deposits h": 9, "receivable h": -9},
        ),
        (
            books.payment,
            {"household": "h", "means": Means.TRANSFER, "amount_minor": 9},
            Kind.PAYMENT,
            {"bank": 9, "receivable h": -9},
        ),
        (
            books.refund,
            {"household": "h", "means": CASH, "amount_minor": 9},
            Kind.REFUND,
            {"receivable h": 9, "cash": -9},
        ),
        (
            books.refund,
            {"household": "h", "means": CASH, "amount_minor": 9, "of_deposit": True},
            Kind.REFUND,
            {"deposits h": 9, "cash": -9},
        ),
        (
            books.adjustment,
            {"household": "h", "why": Adjusted.SHORTAGE, "amount_minor": -9},
            Kind.SHORTAGE,
            {"receivable h": -9, "goods": 9},
        ),
        (
            books.adjustment,
            {"household": "h", "why": Adjusted.WEIGHT, "amount_minor": 9},
            Kind.WEIGHT,
            {"receivable h": 9, "goods": -9},
        ),
        (
            books.adjustment,
            {"household": "h", "why": Adjusted.CLAIM, "amount_minor": -9},
            Kind.CLAIM,
            {"receivable h": -9, "claims": 9},
        ),
        (
            books.adjustment,
            {"household": "h", "why": Adjusted.FEE, "amount_minor": -9},
            Kind.FEE,
            {"receivable h": -9, "fees": 9},
        ),
        (
            books.maker_bill,
            {"goods_minor": 300, "freight_minor": 40},
            Kind.MAKER_BILL,
            {"maker_goods": 300, "freight": 40, "payable": -340},
        ),
        (
            books.maker_payment,
            {"means": CASH, "amount_minor": 9},
            Kind.MAKER_PAYMENT,
            {"payable": 9, "cash": -9},
        ),
        (books.maker_claim, {"amount_minor": 9}, Kind.MAKER_CLAIM, {"payable": 9, "claims": -9}),
        (books.stock_taken, {"amount_minor": 9}, Kind.STOCK, {"stock": 9, "goods": -9}),
        (
            books.counter_sale,
            {"means": CASH, "amount_minor": 12, "cost_minor": 9},
            Kind.COUNTER_SALE,
            {"cash": 12, "counter": -12, "stock_sold": 9, "stock": -9},
        ),
        (
            books.write_off,
            {"household": "h", "amount_minor": 9},
            Kind.WRITE_OFF,
            {"write_offs": 9, "receivable h": -9},
        ),
        (books.write_off_stock, {"amount_minor": 9}, Kind.WRITE_OFF, {"write_offs": 9, "stock": -9}),
        (books.own_money, {"means": CASH, "amount_minor": -9}, Kind.OWN_MONEY, {"cash": -9, "own": 9}),
        (
            books.moved,
            {"source": CASH, "target": Means.TRANSFER, "amount_minor": 9},
            Kind.MOVED,
            {"bank": 9, "cash": -9},
        ),
        (
            books.carried,
            {"account": Account.DEPOSITS, "source": "h", "target": "i", "amount_minor": 9},
            Kind.CARRIED,
            {"deposits h": 9, "deposits i": -9},
        ),
    ],
)
def test_what_an_entry_does(
    make: Callable[..., Entry], given: dict[str, Any], kind: Kind, effects: dict[str, int]
) -> None:
    entry = make(MARK, **given)
    assert (entry.kind, effect(entry)) == (kind, effects)
    assert (entry.id, entry.mark, entry.reversal_of) == ("1", MARK, None)
    back = books.reversed_by(Mark(id="2", at_ms=2_000, round="7"), entry)
    assert (back.kind, back.reversal_of) == (Kind.REVERSAL, "1")
    assert effect(back) == {account: -amount for account, amount in effects.items()}


@pytest.mark.parametrize(
    ("make", "given", "said"),
    [
        (books.bill, {"household": "h", "goods_minor": 0}, "an entry of nothing"),
        (
            books.bill,
            {"household": "h", "goods_minor": -5, "fee_minor": 5},
            "goods_minor: -5 is not an integer from 0",
        ),
        (books.bill, {"household": "", "goods_minor": 5}, 'household: "" is not an id'),
        (books.payment, {"household": "h", "means": CASH, "amount_minor": 0}, "amount_minor: 0 is not"),
        (books.payment, {"household": "h", "means": CASH, "amount_minor": 1.5}, "amount_minor: 1.5 is not"),
        (
            books.adjustment,
            {"household": "h", "why": Adjusted.CLAIM, "amount_minor": 5},
            "amount_minor: 5 is not",
        ),
        (
            books.adjustment,
            {"household": "h", "why": Adjusted.WEIGHT, "amount_minor": 0},
            "an entry of nothing",
        ),
        (books.moved, {"source": CASH, "target": CASH, "amount_minor": 5}, "nothing is moved"),
        (
            books.carried,
            {"account": Account.CASH, "source": "h", "target": "i", "amount_minor": 5},
            "only what is kept for each household",
        ),
    ],
)
def test_what_is_no_entry_is_refused(make: Callable[..., Entry], given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        make(MARK, **given)
    assert said in str(error.value)


def test_an_entry_that_does_not_balance_cannot_exist() -> None:
    rows = (Posting(account=Account.CASH, amount_minor=5), Posting(account=Account.OWN, amount_minor=-4))
    with pytest.raises(InputError, match="postings: the postings sum to 1, not to 0"):
        Entry(mark=MARK, kind=Kind.OWN_MONEY, postings=rows)
    with pytest.raises(InputError, match="2 or more"):
        Entry(mark=MARK, kind=Kind.OWN_MONEY, postings=rows[:1])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"account": Account.RECEIVABLE, "amount_minor": 5}, "household: null is not a text"),
        ({"account": Account.CASH, "amount_minor": 5, "household": "h"}, "household: cash is not kept"),
        ({"account": Account.CASH, "amount_minor": 0}, "amount_minor: a posting of nothing"),
        ({"account": "purse", "amount_minor": 5}, 'account: "purse" is not an account'),
    ],
)
def test_what_is_no_posting_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        Posting(**given)
    assert said in str(error.value)


def test_what_cannot_be_reversed() -> None:
    paid = books.payment(MARK, household="h", means=CASH, amount_minor=5)
    later = Mark(id="2", at_ms=2_000, round="7")
    back = books.reversed_by(later, paid)
    with pytest.raises(InputError, match="mark it anew"):
        books.reversed_by(Mark(id="3", at_ms=3_000, round="7"), back)
    with pytest.raises(InputError, match="belongs to the group order"):
        books.reversed_by(Mark(id="3", at_ms=3_000), paid)
    with pytest.raises(InputError, match="not kept yet"):
        books.reversed_by(later, books.payment(Mark(at_ms=0), household="h", means=CASH, amount_minor=5))
    with pytest.raises(InputError, match="names the entry"):
        Entry(mark=later, kind=Kind.PAYMENT, postings=back.postings, reversal_of="1")


def test_every_account_has_a_section_and_every_means_a_place() -> None:
    assert {account.section.value for account in Account} == {
        "assets",
        "liabilities",
        "equity",
        "income",
        "expenses",
    }
    assert len({means.account for means in Means}) == len(Means)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"at_ms": -1}, "at_ms"),
        ({"at_ms": 0, "words": "x" * 1_001}, "words: is longer than 1,000 characters"),
    ],
)
def test_what_is_no_mark_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        Mark(**given)
