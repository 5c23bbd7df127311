"""The chart of accounts: where money is, who owes whom, and what came and went.

Signs are those of double entry: an amount above 0 is a debit, below 0 a credit. So cash and what households
owe stand above 0, what is owed to the maker and deposits held below, income below, costs above; everything
sums to 0.

The books are those of the leader's group orders, not of a company: goods are passed through (what households
are billed for goods is income, what the maker is paid for them and their freight is cost, and the two are
equal when everything went as planned); what the leader earns is the fee.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Account", "Means", "Section"]


class Section(StrEnum):
    """The five kinds of accounts."""

    ASSETS = "assets"
    LIABILITIES = "liabilities"
    EQUITY = "equity"
    INCOME = "income"
    EXPENSES = "expenses"


class Account(StrEnum):
    """An account; values are what is kept, and never change."""

    CASH = "cash"
    """Notes and coins in the leader's box."""
    BANK = "bank"
    """Transfers received and made."""
    WALLET = "wallet"
    """What came by the leader's own payment code."""
    RECEIVABLE = "receivable"
    """What households owe (below 0: what they are owed back). Kept for each household."""
    STOCK = "stock"
    """Leftover goods, at what they cost."""
    PAYABLE = "payable"
    """What the maker is owed."""
    DEPOSITS = "deposits"
    """Paid before anything was billed. Kept for each household."""
    OWN = "own"
    """The leader's own money, put in or taken out."""
    GOODS = "goods"
    """Billed to households, or taken over by the leader, for goods delivered."""
    FEES = "fees"
    """The leader's fees."""
    COUNTER = "counter"
    """Sold over the counter."""
    MAKER_GOODS = "maker_goods"
    """What the maker asks for goods."""
    FREIGHT = "freight"
    """What the maker or a carrier asks for bringing them."""
    STOCK_SOLD = "stock_sold"
    """What leftover goods that were sold had cost."""
    CLAIMS = "claims"
    """Given back for claims; less what the maker made good."""
    WRITE_OFFS = "write_offs"
    """Debts nobody will pay, goods that spoiled."""

    @property
    def section(self) -> Section:
        """Which of the five kinds it is."""
        return _SECTION[self]

    @property
    def is_by_household(self) -> bool:
        """Whether its postings name a household."""
        return self in (Account.RECEIVABLE, Account.DEPOSITS)


_SECTION = {
    account: section
    for section, accounts in {
        Section.ASSETS: (Account.CASH, Account.BANK, Account.WALLET, Account.RECEIVABLE, Account.STOCK),
        Section.LIABILITIES: (Account.PAYABLE, Account.DEPOSITS),
        Section.EQUITY: (Account.OWN,),
        Section.INCOME: (Account.GOODS, Account.FEES, Account.COUNTER),
        Section.EXPENSES: (
            Account.MAKER_GOODS,
            Account.FREIGHT,
            Account.STOCK_SOLD,
            Account.CLAIMS,
            Account.WRITE_OFFS,
        ),
    }.items()
    for account in accounts
}


class Means(StrEnum):
    """How money changes hands. None of it goes through the software."""

    CASH = "cash"
    TRANSFER = "transfer"
    WALLET = "wallet"

    @property
    def account(self) -> Account:
        """Where it is then."""
        return _KEPT_IN[self]


_KEPT_IN = {Means.CASH: Account.CASH, Means.TRANSFER: Account.BANK, Means.WALLET: Account.WALLET}
