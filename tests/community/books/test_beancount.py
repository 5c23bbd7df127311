"""The Beancount file, loaded by Beancount itself: no errors, and the same balances."""

from __future__ import annotations

from datetime import UTC, date, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from beancount import loader
from beancount.core.data import Balance, Open, Transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import HOUSEHOLDS, Told, told_books

from millpond.community import books
from millpond.community.books import Account, Books, Mark, Means, beancount_text


def loaded(text: str) -> list[Any]:
    entries, errors, _ = loader.load_string(text)
    assert errors == []
    return entries  # type: ignore[no-any-return]


def sums(entries: list[Any]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for entry in entries:
        for posting in entry.postings if isinstance(entry, Transaction) else ():
            found[posting.account] = found.get(posting.account, Decimal(0)) + posting.units.number
    return found


@settings(max_examples=60)
@given(
    told_books(), st.sampled_from([("CNY", 2), ("JPY", 0), ("KWD", 3)]), st.booleans(), st.text(max_size=20)
)
def test_beancount_loads_it_with_equal_balances(
    told: Told, money: tuple[str, int], named: bool, name: str
) -> None:
    currency, places = money
    kept = Books(told.entries)
    names = dict.fromkeys(HOUSEHOLDS, name) if named else None
    read = loaded(beancount_text(kept, currency=currency, zone=UTC, names=names))
    unit = Decimal(10) ** -places
    by_kind: dict[str, Decimal] = {}
    for account, amount in sums(read).items():
        parts = account.split(":")
        by_kind[":".join(parts[:2])] = by_kind.get(":".join(parts[:2]), Decimal(0)) + amount
    ours = {account: amount * unit for account, amount in kept.balances().items()}
    assert by_kind.get("Assets:Receivable", Decimal(0)) == ours[Account.RECEIVABLE]
    assert by_kind.get("Liabilities:Deposits", Decimal(0)) == ours[Account.DEPOSITS]
    assert sorted(amount for amount in by_kind.values() if amount) == sorted(a for a in ours.values() if a)
    households = {
        (account, household): amount * unit for (account, household), amount in kept.by_household().items()
    }
    under_pseudonyms = {account: amount for account, amount in sums(read).items() if account.count(":") == 2}
    assert sorted(under_pseudonyms.values()) == sorted(households.values())
    transactions = [entry for entry in read if isinstance(entry, Transaction)]
    assert sorted(one.meta["entry"] for one in transactions) == sorted(one.id for one in kept.entries)
    assert len([one for one in read if isinstance(one, Balance)]) == len(sums(read))


def test_balances_are_checked_by_whoever_loads_it() -> None:
    kept = Books([books.own_money(Mark(id="1", at_ms=0), means=Means.CASH, amount_minor=1_205)])
    text = beancount_text(kept, currency="CNY", zone=UTC)
    assert "1970-01-02 balance Assets:Cash 12.05 ~ 0 CNY" in text
    _, errors, _ = loader.load_string(text.replace("balance Assets:Cash 12.05", "balance Assets:Cash 12.06"))
    assert len(errors) == 1


HOSTILE = 'Wang "\\" Fang\n2026-01-01 open Assets:Thief CNY\r\u2028\x00; note'


def test_what_people_typed_stays_text() -> None:
    mark = Mark(id="1", at_ms=0, by='"3"', words=HOSTILE)
    kept = Books([books.payment(mark, household="11", means=Means.CASH, amount_minor=5)])
    read = loaded(beancount_text(kept, currency="CNY", zone=UTC, names={"11": HOSTILE}))
    plain = 'Wang "\\" Fang 2026-01-01 open Assets:Thief CNY   ; note'
    (paid,) = [entry for entry in read if isinstance(entry, Transaction)]
    assert (paid.narration, paid.meta["by"]) == (plain, '"3"')
    opened = {entry.account: entry.meta.get("name") for entry in read if isinstance(entry, Open)}
    assert opened == {"Assets:Cash": None, "Assets:Receivable:H11": plain}


def test_pseudonyms_hide_names_and_words() -> None:
    mark = Mark(id="1", at_ms=0, words="Wang Fang paid at the door")
    kept = Books(
        [
            books.payment(mark, household="11", means=Means.CASH, amount_minor=5),
            books.payment(Mark(id="2", at_ms=0), household="Wang Fang", means=Means.CASH, amount_minor=5),
        ]
    )
    text = beancount_text(kept, currency="CNY", zone=UTC)
    assert "Wang" not in text
    assert "Assets:Receivable:H11 " in text
    assert "Assets:Receivable:HP2 " in text


@pytest.mark.parametrize(
    ("zone", "day"),
    [(UTC, 31), (ZoneInfo("Asia/Shanghai"), 1), (timezone(timedelta(hours=-9)), 31)],
)
def test_days_are_those_of_the_leader(zone: Any, day: int) -> None:
    late = 1_798_734_600_000  # 2026-12-31 16:30 UTC
    kept = Books([books.own_money(Mark(id="1", at_ms=late), means=Means.CASH, amount_minor=1)])
    read = loaded(beancount_text(kept, currency="CNY", zone=zone))
    (only,) = [entry for entry in read if isinstance(entry, Transaction)]
    assert only.date == (date(2027, 1, 1) if day == 1 else date(2026, 12, 31))


def test_empty_books_are_a_file_too() -> None:
    assert loaded(beancount_text(Books([]), currency="CNY", zone=UTC)) == []
