"""The books as tables for a spreadsheet: the journal, the trial balance, households.

Without names a household is a pseudonym, who marked an entry a number, and the words beside entries, which
may name somebody, are left out.
"""

from __future__ import annotations

from millpond.community.books import Books, Kind
from millpond.desk import ledger
from millpond.paper.sheets.table import Cell, Column, Table
from millpond.paper.sheets.table import Kind as Holds
from millpond.store import Rows
from millpond.web.formats import local
from millpond.web.leader.booked import ACCOUNTS, kind_text
from millpond.web.visit import Visit


def tables(visit: Visit, rows: Rows, with_names: bool) -> tuple[Table, ...]:
    """Journal, balances and households, in the reader's language."""
    books = ledger.book(rows)
    return (
        _journal(visit, rows, books, with_names),
        _balances(visit, books),
        _households(visit, rows, books, with_names),
    )


def _journal(visit: Visit, rows: Rows, books: Books, with_names: bool) -> Table:
    words, zone = visit.words, visit.profile.time_zone
    names = ledger.names(rows) if with_names else {}
    people = {str(row["id"]): row["name"] for row in rows.all("money.people")} if with_names else {}
    titles = {str(row["id"]): row["title"] for row in rows.all("money.titles")}
    kinds = {entry.id: entry.kind for entry in books.entries}
    found: list[tuple[Cell, ...]] = []
    for row in books.rows():
        undoes: Kind | None = None if row.reversal_of is None else kinds[row.reversal_of]
        found.append(
            (
                local(row.at_ms, zone).date(),
                int(row.entry),
                kind_text(visit, row.kind, undoes),
                titles.get(row.round or "", ""),
                words(ACCOUNTS[row.account]),
                "" if row.household is None else names.get(row.household) or f"H{row.household}",
                row.amount_minor if row.amount_minor > 0 else None,
                -row.amount_minor if row.amount_minor < 0 else None,
                "" if row.by is None else people.get(row.by, f"P{row.by}"),
                row.words if with_names else "",
                None if row.reversal_of is None else int(row.reversal_of),
            )
        )
    return _table(
        visit,
        words("Journal"),
        [
            Column(heading=words("Date"), kind=Holds.DATE),
            Column(heading=words("Entry"), kind=Holds.INTEGER),
            Column(heading=words("What")),
            Column(heading=words("Group order")),
            Column(heading=words("Account")),
            Column(heading=words("Household")),
            Column(heading=words("Debit"), kind=Holds.MONEY, total=True),
            Column(heading=words("Credit"), kind=Holds.MONEY, total=True),
            Column(heading=words("Marked by")),
            Column(heading=words("Note")),
            Column(heading=words("Takes back entry"), kind=Holds.INTEGER),
        ],
        found,
    )


def _balances(visit: Visit, books: Books) -> Table:
    words = visit.words
    return _table(
        visit,
        words("Trial balance"),
        [
            Column(heading=words("Account")),
            Column(heading=words("Debit"), kind=Holds.MONEY, total=True),
            Column(heading=words("Credit"), kind=Holds.MONEY, total=True),
        ],
        [
            (words(ACCOUNTS[line.account]), line.debit_minor or None, line.credit_minor or None)
            for line in books.trial_balance()
        ],
    )


def _households(visit: Visit, rows: Rows, books: Books, with_names: bool) -> Table:
    words = visit.words
    names = ledger.names(rows) if with_names else {}
    return _table(
        visit,
        words("Households"),
        [
            Column(heading=words("Household")),
            Column(heading=words("Costs"), kind=Holds.MONEY, total=True),
            Column(heading=words("Paid"), kind=Holds.MONEY, total=True),
            Column(heading=words("Money back"), kind=Holds.MONEY, total=True),
            Column(heading=words("Written off"), kind=Holds.MONEY, total=True),
            Column(heading=words("To pay"), kind=Holds.MONEY, total=True),
        ],
        [
            (
                names.get(household) or f"H{household}",
                now.billed_minor,
                now.paid_minor,
                now.refunded_minor,
                now.written_off_minor,
                now.owes_minor,
            )
            for household, now in sorted(books.standings().items(), key=lambda one: int(one[0]))
        ],
    )


def _table(visit: Visit, title: str, columns: list[Column], found: list[tuple[Cell, ...]]) -> Table:
    return Table(
        title=title,
        columns=tuple(columns),
        rows=tuple(found),
        currency=visit.profile.currency,
        subtitle=visit.profile.name,
        total_word=visit.words("In all"),
    )
