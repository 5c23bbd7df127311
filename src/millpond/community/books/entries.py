"""Entries of the books, and the ways to make one.

Invariants, kept from the moment an entry exists:
- Its postings sum to 0; there are two or more, none of 0.
- Postings of accounts kept for each household name one, others do not.
- An entry is never changed: a mistake is reversed by another entry (`reversed_by`), which says so.

Every function here makes one entry from a `Mark`: who marked it, when, in which group order. Amounts given
are above 0 unless it is said; integers of the currency's minor unit.

>>> entry = bill(Mark(at_ms=0), household="12", goods_minor=343, fee_minor=80)
>>> [(posting.account.value, posting.amount_minor) for posting in entry.postings]
[('receivable', 423), ('goods', -343), ('fees', -80)]
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from millpond.community.books.accounts import Account, Means
from millpond.errors import InputError
from millpond.model import rules

__all__ = [
    "Adjusted",
    "Entry",
    "Kind",
    "Mark",
    "Posting",
    "adjustment",
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

MAX_WORDS = 1_000
MAX_AT_MS = 253_370_764_800_000
"""Beginning of the year 9999: the last one of which every day has a next one in the calendar."""


class Kind(StrEnum):
    """What an entry is for."""

    BILL = "bill"
    FEE = "fee"
    DEPOSIT = "deposit"
    DEPOSIT_USED = "deposit_used"
    PAYMENT = "payment"
    REFUND = "refund"
    SHORTAGE = "shortage"
    WEIGHT = "weight"
    CLAIM = "claim"
    MAKER_BILL = "maker_bill"
    MAKER_PAYMENT = "maker_payment"
    MAKER_CLAIM = "maker_claim"
    STOCK = "stock"
    COUNTER_SALE = "counter_sale"
    WRITE_OFF = "write_off"
    OWN_MONEY = "own_money"
    MOVED = "moved"
    CARRIED = "carried"
    REVERSAL = "reversal"


class Adjusted(StrEnum):
    """Why what a household owes is changed after it was billed."""

    SHORTAGE = "shortage"
    """Less came than was allocated. The maker bills less, too."""
    WEIGHT = "weight"
    """It weighs more or less than it was billed for."""
    CLAIM = "claim"
    """Missing, damaged, wrong, returned. Costs the leader, unless the maker makes it good."""
    FEE = "fee"
    """The leader takes less, or more, for the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """An amount to an account: above 0 debit, below 0 credit."""

    account: Account
    amount_minor: int
    household: str | None = None

    def __post_init__(self) -> None:
        if type(self.account) is not Account:
            raise rules.wrong("account", self.account, "an account of the chart")
        rules.integer("amount_minor", self.amount_minor, -rules.MAX_TOTAL, rules.MAX_TOTAL)
        if self.amount_minor == 0:
            raise InputError("a posting of nothing is left out", at="amount_minor")
        if self.account.is_by_household:
            rules.identifier("household", self.household)
        elif self.household is not None:
            raise InputError(f"{self.account} is not kept for each household", at="household")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Who marked it (None: the node, by a rule), when (Unix milliseconds), in which group order, with what
    words; `id` is "" until the entry is kept."""

    at_ms: int
    id: str = ""
    by: str | None = None
    round: str | None = None
    words: str = ""

    def __post_init__(self) -> None:
        rules.integer("at_ms", self.at_ms, 0, MAX_AT_MS)
        if self.id:
            rules.identifier("id", self.id)
        rules.text("words", self.words)
        if len(self.words) > MAX_WORDS:
            raise InputError(f"is longer than {MAX_WORDS:,} characters", at="words")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened to the money; `reversal_of` is the entry that it takes back."""

    mark: Mark
    kind: Kind
    postings: tuple[Posting, ...]
    reversal_of: str | None = None

    def __post_init__(self) -> None:
        rules.rows("postings", self.postings, Posting, least=2)
        total = sum(posting.amount_minor for posting in self.postings)
        if total:
            raise InputError(f"the postings sum to {total:,}, not to 0", at="postings")
        if (self.kind is Kind.REVERSAL) != (self.reversal_of is not None):
            raise InputError(
                "a reversal names the entry it takes back, and nothing else does", at="reversal_of"
            )

    @property
    def id(self) -> str:
        """Of its mark."""
        return self.mark.id


def _entry(mark: Mark, kind: Kind, *rows: tuple[Account, int, str | None]) -> Entry:
    """The rows with an amount, as an entry."""
    postings = tuple(Posting(account=a, amount_minor=m, household=h) for a, m, h in rows if m)
    if not postings:
        raise InputError("an entry of nothing: give an amount", at="amount_minor")
    return Entry(mark=mark, kind=kind, postings=postings)


def _positive(**amounts: int) -> None:
    for name, amount in amounts.items():
        rules.integer(name, amount, 1, rules.MAX_TOTAL)


def _none_below(**amounts: int) -> None:
    for name, amount in amounts.items():
        rules.integer(name, amount, 0, rules.MAX_TOTAL)


def bill(mark: Mark, *, household: str, goods_minor: int, fee_minor: int = 0) -> Entry:
    """What was decided: goods, delivered, and the leader's fee beside them. Either may be 0, not both."""
    _none_below(goods_minor=goods_minor, fee_minor=fee_minor)
    owed = (Account.RECEIVABLE, goods_minor + fee_minor, household)
    return _entry(
        mark, Kind.BILL, owed, (Account.GOODS, -goods_minor, None), (Account.FEES, -fee_minor, None)
    )


def fee(mark: Mark, *, household: str, amount_minor: int) -> Entry:
    """The leader's fee, where it is billed by itself."""
    _positive(amount_minor=amount_minor)
    owed = (Account.RECEIVABLE, amount_minor, household)
    return _entry(mark, Kind.FEE, owed, (Account.FEES, -amount_minor, None))


def deposit(mark: Mark, *, household: str, means: Means, amount_minor: int) -> Entry:
    """Paid before it was billed."""
    _positive(amount_minor=amount_minor)
    held = (Account.DEPOSITS, -amount_minor, household)
    return _entry(mark, Kind.DEPOSIT, (means.account, amount_minor, None), held)


def deposit_used(mark: Mark, *, household: str, amount_minor: int) -> Entry:
    """A deposit, or part of it, pays what was billed. What the household owes in all stays the same."""
    _positive(amount_minor=amount_minor)
    held = (Account.DEPOSITS, amount_minor, household)
    return _entry(mark, Kind.DEPOSIT_USED, held, (Account.RECEIVABLE, -amount_minor, household))


def payment(mark: Mark, *, household: str, means: Means, amount_minor: int) -> Entry:
    """A household pays, all or a part, or more than it owes."""
    _positive(amount_minor=amount_minor)
    less = (Account.RECEIVABLE, -amount_minor, household)
    return _entry(mark, Kind.PAYMENT, (means.account, amount_minor, None), less)


def refund(mark: Mark, *, household: str, means: Means, amount_minor: int, of_deposit: bool = False) -> Entry:
    """A household is given money back, all or a part; of its deposit, where nothing was billed."""
    _positive(amount_minor=amount_minor)
    back = (Account.DEPOSITS if of_deposit else Account.RECEIVABLE, amount_minor, household)
    return _entry(mark, Kind.REFUND, back, (means.account, -amount_minor, None))


_ADJUSTED = {
    Adjusted.SHORTAGE: (Kind.SHORTAGE, Account.GOODS),
    Adjusted.WEIGHT: (Kind.WEIGHT, Account.GOODS),
    Adjusted.CLAIM: (Kind.CLAIM, Account.CLAIMS),
    Adjusted.FEE: (Kind.FEE, Account.FEES),
}


def adjustment(mark: Mark, *, household: str, why: Adjusted, amount_minor: int) -> Entry:
    """What a household owes changes by this amount: below 0 it owes less. Only weight and fee go up too."""
    most = rules.MAX_TOTAL if why in (Adjusted.WEIGHT, Adjusted.FEE) else -1
    rules.integer("amount_minor", amount_minor, -rules.MAX_TOTAL, most)
    kind, account = _ADJUSTED[why]
    changed = (Account.RECEIVABLE, amount_minor, household)
    return _entry(mark, kind, changed, (account, -amount_minor, None))


def maker_bill(mark: Mark, *, goods_minor: int, freight_minor: int = 0) -> Entry:
    """What the maker asks for, goods and freight."""
    _none_below(goods_minor=goods_minor, freight_minor=freight_minor)
    goods, freight = (Account.MAKER_GOODS, goods_minor, None), (Account.FREIGHT, freight_minor, None)
    return _entry(
        mark, Kind.MAKER_BILL, goods, freight, (Account.PAYABLE, -goods_minor - freight_minor, None)
    )


def maker_payment(mark: Mark, *, means: Means, amount_minor: int) -> Entry:
    """The maker is paid, all or a part."""
    _positive(amount_minor=amount_minor)
    paid = (Account.PAYABLE, amount_minor, None)
    return _entry(mark, Kind.MAKER_PAYMENT, paid, (means.account, -amount_minor, None))


def maker_claim(mark: Mark, *, amount_minor: int) -> Entry:
    """The maker makes a claim good: it is owed less."""
    _positive(amount_minor=amount_minor)
    good = (Account.PAYABLE, amount_minor, None)
    return _entry(mark, Kind.MAKER_CLAIM, good, (Account.CLAIMS, -amount_minor, None))


def stock_taken(mark: Mark, *, amount_minor: int) -> Entry:
    """The leader takes over leftover goods, at the price that households pay."""
    _positive(amount_minor=amount_minor)
    return _entry(mark, Kind.STOCK, (Account.STOCK, amount_minor, None), (Account.GOODS, -amount_minor, None))


def counter_sale(mark: Mark, *, means: Means, amount_minor: int, cost_minor: int = 0) -> Entry:
    """Leftover goods are sold over the counter; `cost_minor` is what they stood at in the stock."""
    _positive(amount_minor=amount_minor)
    _none_below(cost_minor=cost_minor)
    got = ((means.account, amount_minor, None), (Account.COUNTER, -amount_minor, None))
    cost = ((Account.STOCK_SOLD, cost_minor, None), (Account.STOCK, -cost_minor, None))
    return _entry(mark, Kind.COUNTER_SALE, *got, *cost)


def carried(mark: Mark, *, account: Account, source: str, target: str, amount_minor: int) -> Entry:
    """What a household has too much goes over to another one: their orders were merged, say. The two may be
    one and the same, when what it paid for one order counts for another."""
    _positive(amount_minor=amount_minor)
    if type(account) is not Account or not account.is_by_household:
        raise InputError("only what is kept for each household is carried over", at="account")
    return _entry(mark, Kind.CARRIED, (account, amount_minor, source), (account, -amount_minor, target))


def write_off(mark: Mark, *, household: str, amount_minor: int) -> Entry:
    """What a household owes and will not pay."""
    _positive(amount_minor=amount_minor)
    less = (Account.RECEIVABLE, -amount_minor, household)
    return _entry(mark, Kind.WRITE_OFF, (Account.WRITE_OFFS, amount_minor, None), less)


def write_off_stock(mark: Mark, *, amount_minor: int) -> Entry:
    """Leftover goods that spoiled or were given away, at what they stood at."""
    _positive(amount_minor=amount_minor)
    gone = (Account.STOCK, -amount_minor, None)
    return _entry(mark, Kind.WRITE_OFF, (Account.WRITE_OFFS, amount_minor, None), gone)


def own_money(mark: Mark, *, means: Means, amount_minor: int) -> Entry:
    """The leader puts own money in (above 0), or takes some out (below 0): the fee that was earned, say."""
    rules.integer("amount_minor", amount_minor, -rules.MAX_TOTAL, rules.MAX_TOTAL)
    return _entry(
        mark, Kind.OWN_MONEY, (means.account, amount_minor, None), (Account.OWN, -amount_minor, None)
    )


def moved(mark: Mark, *, source: Means, target: Means, amount_minor: int) -> Entry:
    """Money goes from one place to another: cash to the bank."""
    _positive(amount_minor=amount_minor)
    if source is target:
        raise InputError(f"from {source} to {target} nothing is moved", at="target")
    return _entry(
        mark, Kind.MOVED, (target.account, amount_minor, None), (source.account, -amount_minor, None)
    )


def reversed_by(mark: Mark, entry: Entry) -> Entry:
    """The entry that takes this one back: the same postings with the other sign, in the same group order.

    Raises InputError for an entry that is not kept yet, and for a reversal: what it took back is marked anew.
    """
    if not entry.id:
        raise InputError("an entry that is not kept yet needs no reversal", at="id")
    if entry.kind is Kind.REVERSAL:
        raise InputError("a reversal is not reversed; mark it anew", at="reversal_of")
    if mark.round != entry.mark.round:
        raise InputError("a reversal belongs to the group order of its entry", at="round")
    postings = tuple(
        Posting(account=row.account, amount_minor=-row.amount_minor, household=row.household)
        for row in entry.postings
    )
    return Entry(mark=mark, kind=Kind.REVERSAL, postings=postings, reversal_of=entry.id)
