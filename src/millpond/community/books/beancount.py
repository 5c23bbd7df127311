"""The books as a Beancount file (version 3), to be opened in Fava or any tool that reads it.

- Every entry is a transaction dated in the leader's time zone; its id, who marked it and what it takes back
  are metadata (`entry`, `by`, `reverses`).
- Households are accounts under a pseudonym (`Assets:Receivable:H12`). Their names (as metadata of these
  accounts) and the words of entries, which may name somebody, are written only if names are given.
- It ends with a `balance` for every account, exact, so that whoever loads it has every balance checked.

Invariants: deterministic; nothing that people typed can be anything but text in the file: quotes and
backslashes are escaped, line breaks and other characters that do not print become spaces.

Source: the Beancount language syntax, https://beancount.github.io/docs/beancount_language_syntax.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo

from millpond.community.books.accounts import Account, Section
from millpond.community.books.entries import Entry, Posting
from millpond.community.books.ledger import Books
from millpond.model.money import decimal_places

__all__ = ["beancount_text"]

_NAMES = {
    Account.CASH: "Cash",
    Account.BANK: "Bank",
    Account.WALLET: "Wallet",
    Account.RECEIVABLE: "Receivable",
    Account.STOCK: "Stock",
    Account.PAYABLE: "Maker",
    Account.DEPOSITS: "Deposits",
    Account.OWN: "Own",
    Account.GOODS: "Goods",
    Account.FEES: "Fees",
    Account.COUNTER: "Counter",
    Account.MAKER_GOODS: "Goods",
    Account.FREIGHT: "Freight",
    Account.STOCK_SOLD: "Stock-Sold",
    Account.CLAIMS: "Claims",
    Account.WRITE_OFFS: "Write-Offs",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECTIONS = {section: section.value.capitalize() for section in Section}


def beancount_text(
    books: Books, *, currency: str, zone: tzinfo, names: Mapping[str, str] | None = None
) -> str:
    """The whole file; `names` are those of households, by id, if they are to be in it. None: pseudonyms."""
    if not books.entries:
        return f'option "operating_currency" "{currency}"\n'
    pseudonyms = _pseudonyms(books)
    dates = [_date(entry, zone) for entry in books.entries]
    balances = _balances(books)
    lines = ['option "title" "Group orders"', f'option "operating_currency" "{currency}"', ""]
    for account, household in balances:
        lines.append(f"{min(dates)} open {_account(account, household, pseudonyms)} {currency}")
        if household is not None and names and names.get(household):
            lines.append(f"  name: {_quoted(names[household])}")
    for entry, day in zip(books.entries, dates, strict=True):
        lines += ["", *_transaction(entry, day, currency, pseudonyms, with_words=names is not None)]
    lines.append("")
    after = max(dates) + timedelta(days=1)  # a balance holds at the beginning of its day
    for (account, household), amount in balances.items():
        named = _account(account, household, pseudonyms)
        exact = _amount(amount, currency).replace(" ", " ~ 0 ")  # without it, a cent too many would pass
        lines.append(f"{after} balance {named} {exact}")
    return "\n".join(lines) + "\n"


def _date(entry: Entry, zone: tzinfo) -> date:
    return (_EPOCH + timedelta(milliseconds=entry.mark.at_ms)).astimezone(zone).date()


def _pseudonyms(books: Books) -> dict[str, str]:
    """H with the household's id where that is a number, else with its place in the books, marked by a P."""
    ids = dict.fromkeys(row.household for row in books.rows() if row.household is not None)
    return {
        id: f"H{id}" if id.isascii() and id.isdigit() else f"HP{place}" for place, id in enumerate(ids, 1)
    }


def _balances(books: Books) -> dict[tuple[Account, str | None], int]:
    """By account and household, in the order of the chart."""
    found: dict[tuple[Account, str | None], int] = {}
    for row in books.rows():
        key = (row.account, row.household)
        found[key] = found.get(key, 0) + row.amount_minor
    chart = list(Account)
    return dict(
        sorted(found.items(), key=lambda one: (chart.index(one[0][0]), len(one[0][1] or ""), one[0][1] or ""))
    )


def _account(account: Account, household: str | None, pseudonyms: Mapping[str, str]) -> str:
    named = f"{_SECTIONS[account.section]}:{_NAMES[account]}"
    return named if household is None else f"{named}:{pseudonyms[household]}"


def _transaction(
    entry: Entry, day: date, currency: str, pseudonyms: Mapping[str, str], *, with_words: bool
) -> list[str]:
    lines = [f"{day} * {_quoted(entry.kind)} {_quoted(entry.mark.words if with_words else '')}"]
    told = {"entry": entry.id, "round": entry.mark.round, "by": entry.mark.by, "reverses": entry.reversal_of}
    lines += [f"  {key}: {_quoted(value)}" for key, value in told.items() if value is not None]
    lines += [f"  {_posting(posting, currency, pseudonyms)}" for posting in entry.postings]
    return lines


def _posting(posting: Posting, currency: str, pseudonyms: Mapping[str, str]) -> str:
    named = _account(posting.account, posting.household, pseudonyms)
    return f"{named}  {_amount(posting.amount_minor, currency)}"


def _amount(minor: int, currency: str) -> str:
    places = decimal_places(currency)
    whole, rest = divmod(abs(minor), 10**places)
    digits = f"{whole}.{rest:0{places}}" if places else str(whole)
    return f"{'-' if minor < 0 else ''}{digits} {currency}"


def _quoted(text: str) -> str:
    """A string of the format, on one line."""
    plain = "".join(character if character.isprintable() else " " for character in text)
    escaped = plain.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
