"""Double-entry books of a leader's group orders: pure values, exact integers.

- `accounts`  the chart, and by which means money comes and goes
- `entries`   what an entry is, and one function for each thing that happens
- `ledger`    all entries, balances of accounts, households and group orders, the trial balance
- `beancount` the same as a Beancount file

What each entry does to whom is explained in `docs/explanation/books.md`.
"""

from millpond.community.books.accounts import Account, Means, Section
from millpond.community.books.beancount import beancount_text
from millpond.community.books.entries import (
    Adjusted,
    Entry,
    Kind,
    Mark,
    Posting,
    adjustment,
    bill,
    carried,
    counter_sale,
    deposit,
    deposit_used,
    fee,
    maker_bill,
    maker_claim,
    maker_payment,
    moved,
    own_money,
    payment,
    refund,
    reversed_by,
    stock_taken,
    write_off,
    write_off_stock,
)
from millpond.community.books.ledger import Books, Row, Standing, TrialLine

__all__ = [
    "Account",
    "Adjusted",
    "Books",
    "Entry",
    "Kind",
    "Mark",
    "Means",
    "Posting",
    "Row",
    "Section",
    "Standing",
    "TrialLine",
    "adjustment",
    "beancount_text",
    "bill",
    "carried",
    "counter_sale",
    "deposit",
    "deposit_used",
    "fee",
    "maker_bill",
    "maker_claim",
    "maker_payment",
    "moved",
    "own_money",
    "payment",
    "refund",
    "reversed_by",
    "stock_taken",
    "write_off",
    "write_off_stock",
]
