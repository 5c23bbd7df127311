"""The books as a whole: entries in order, and every balance that follows from them.

Invariants, checked when `Books` are made:
- Every entry has an id, once.
- A reversal takes back an entry of these books, once, with its postings exactly; so the two together are
  nothing.
- All balances together are 0, whatever was entered: every entry sums to 0.

Balances are worked out from the entries each time; nothing is kept beside them that could disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from millpond.community.books.accounts import Account, Means
from millpond.community.books.entries import Entry, Kind
from millpond.errors import InputError
from millpond.model import rules

__all__ = ["Books", "Row", "Standing", "TrialLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One posting with its entry, as a line of a sheet."""

    entry: str
    at_ms: int
    kind: Kind
    round: str | None
    by: str | None
    words: str
    reversal_of: str | None
    account: Account
    household: str | None
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialLine:
    """An account's balance, in the column it belongs to."""

    account: Account
    debit_minor: int
    credit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a household stands: `billed` and adjusted, `paid` (deposits too), `refunded`, `written_off`.

    `owes_minor` is billed - paid + refunded - written off; below 0 it is owed money back.
    """

    billed_minor: int = 0
    paid_minor: int = 0
    refunded_minor: int = 0
    written_off_minor: int = 0

    @property
    def owes_minor(self) -> int:
        """What is still to be paid, or (below 0) given back."""
        return self.billed_minor - self.paid_minor + self.refunded_minor - self.written_off_minor


_MONEY = frozenset(means.account for means in Means)


class Books:
    """Entries, by time and then as they were given."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: entry.mark.at_ms))
        self._check()

    def _check(self) -> None:
        by_id: dict[str, Entry] = {}
        for entry in self.entries:
            if not entry.id:
                raise InputError("an entry without an id is not kept yet", at="id")
            if by_id.setdefault(entry.id, entry) is not entry:
                raise InputError(f"{rules.shown(entry.id)} stands in the books already", at="id")
        taken_back: set[str] = set()
        for entry in self.entries:
            if entry.reversal_of is None:
                continue
            named = rules.shown(entry.reversal_of)
            if entry.reversal_of not in by_id:
                raise InputError(f"{named} is not in the books", at="reversal_of")
            if entry.reversal_of in taken_back:
                raise InputError(f"{named} was taken back already", at="reversal_of")
            taken_back.add(entry.reversal_of)
            original = by_id[entry.reversal_of]
            if original.kind is Kind.REVERSAL:
                raise InputError(f"{named} is a reversal itself; mark it anew", at="reversal_of")
            if _sides(original, -1) != _sides(entry, 1):
                raise InputError(f"its postings are not those of {named} with the other sign", at="postings")

    def rows(self) -> list[Row]:
        """Every posting, for a sheet."""
        return [
            Row(
                entry=entry.id,
                at_ms=entry.mark.at_ms,
                kind=entry.kind,
                round=entry.mark.round,
                by=entry.mark.by,
                words=entry.mark.words,
                reversal_of=entry.reversal_of,
                account=posting.account,
                household=posting.household,
                amount_minor=posting.amount_minor,
            )
            for entry in self.entries
            for posting in entry.postings
        ]

    def of_round(self, round: str | None) -> Books:
        """The entries of one group order (None: of none), as books of their own."""
        return Books(entry for entry in self.entries if entry.mark.round == round)

    def balances(self) -> dict[Account, int]:
        """The balance of every account, in the order of the chart; debit above 0."""
        found = dict.fromkeys(Account, 0)
        for entry in self.entries:
            for posting in entry.postings:
                found[posting.account] += posting.amount_minor
        return found

    def balance(self, account: Account) -> int:
        """The balance of one account; debit above 0."""
        return self.balances()[account]

    def trial_balance(self) -> list[TrialLine]:
        """Accounts that do not stand at 0; debits and credits sum to the same."""
        return [
            TrialLine(account=account, debit_minor=max(0, amount), credit_minor=max(0, -amount))
            for account, amount in self.balances().items()
            if amount
        ]

    def by_household(self) -> dict[tuple[Account, str], int]:
        """The balance of each account that is kept for each household, by account and household."""
        found: dict[tuple[Account, str], int] = {}
        for entry in self.entries:
            for posting in entry.postings:
                if posting.household is not None:
                    key = (posting.account, posting.household)
                    found[key] = found.get(key, 0) + posting.amount_minor
        return found

    def standings(self) -> dict[str, Standing]:
        """How each household stands; what was taken back does not count."""
        gone = {entry.reversal_of for entry in self.entries if entry.reversal_of is not None}
        found: dict[str, list[int]] = {}
        for entry in self.entries:
            if entry.kind is Kind.REVERSAL or entry.id in gone:
                continue
            for posting in entry.postings:
                if posting.household is not None:
                    sums = found.setdefault(posting.household, [0, 0, 0, 0])
                    column, sign = _COLUMN.get(entry.kind, (0, 1))
                    sums[column] += sign * posting.amount_minor
        return {
            household: Standing(
                billed_minor=billed, paid_minor=paid, refunded_minor=back, written_off_minor=lost
            )
            for household, (billed, paid, back, lost) in found.items()
        }

    def owes(self, household: str) -> int:
        """What the household owes, its deposits counted; below 0 it is owed money back."""
        return sum(amount for (_, one), amount in self.by_household().items() if one == household)

    def deposit_of(self, household: str) -> int:
        """What is held of the household, not used yet."""
        return -self.by_household().get((Account.DEPOSITS, household), 0)

    def in_hand(self) -> dict[Account, int]:
        """What should be in the cash box, in the bank and in the wallet."""
        return {account: amount for account, amount in self.balances().items() if account in _MONEY}

    def passed_through(self) -> int:
        """What households were billed for goods above what the maker asks for goods and freight.

        0 when all came as planned; above 0 money is left over, below 0 it is missing.
        """
        now = self.balances()
        return -(now[Account.GOODS] + now[Account.MAKER_GOODS] + now[Account.FREIGHT])


_COLUMN = {
    Kind.PAYMENT: (1, -1),
    Kind.DEPOSIT: (1, -1),
    Kind.CARRIED: (1, -1),
    Kind.REFUND: (2, 1),
    Kind.WRITE_OFF: (3, -1),
}
"""Column of a standing by kind of entry, and the sign its postings have there; all others are billed."""


def _sides(entry: Entry, sign: int) -> list[tuple[str, str, int]]:
    return sorted((row.account, row.household or "", sign * row.amount_minor) for row in entry.postings)
