"""The books as they are kept: an entry is added or taken back, and what stands in them is read.

Invariants:
- What is added is an `Entry` of `community.books`: it balances, or it is not added. Nothing is changed.
- A posting of a household may name the order it counts for; an order's balance is the sum of its postings.
- What a form sends twice is one entry. The same form sent again with something else in it, or after it was
  taken back, is refused.

What may be added when is `desk.money`'s; what is owed by the decision `desk.settling`'s.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from millpond.community.books import Account, Books, Entry, Kind, Mark, Means, Posting
from millpond.desk import room
from millpond.desk.refusals import Refused
from millpond.errors import InputError
from millpond.store import Rows
from millpond.store.database import Row

MAX_SHOWN = 100
"""Entries on one page."""
_TOKEN = re.compile(r"[0-9A-Za-z_-]{8,64}")
_MONEY = frozenset(means.account for means in Means)

OWED = frozenset({Kind.BILL, Kind.FEE, Kind.SHORTAGE, Kind.WEIGHT, Kind.CLAIM})
"""What is owed; everything else of a household is money that came, went, or never will."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How an order or a household stands, in minor units.

    `total` is what is owed by the decision, what came, weight, fee and claims; `paid` what came for it,
    deposits too; `held` the part of that which is a deposit not used yet. `fee_changed` and `claims` are in
    the total: by how much the fee was changed by hand, and what was granted.
    """

    total: int = 0
    paid: int = 0
    refunded: int = 0
    written_off: int = 0
    held: int = 0
    fee_changed: int = 0
    claims: int = 0

    @property
    def open(self) -> int:
        """What is still to be paid; below 0, what is to be given back."""
        return self.total - self.paid + self.refunded - self.written_off


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One posting as people read it; `number` is the order's."""

    account: Account
    amount: int
    household: int | None
    name: str
    order: int | None
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An entry as people read it. `undoes` is the kind of what it takes back; `parts` sum to 0."""

    id: int
    kind: Kind
    at_ms: int
    round: int | None
    title: str
    person: int | None
    by: str
    words: str
    is_undone: bool
    undoes: Kind | None
    parts: tuple[Part, ...]

    @property
    def amount(self) -> int:
        """What it is about: the money that moved, else the largest side."""
        moved = [part.amount for part in self.parts if part.account in _MONEY]
        return moved[0] if moved else sum(part.amount for part in self.parts if part.amount > 0)

    @property
    def means(self) -> Account | None:
        """Where money came in or went out; None where none moved."""
        return next((part.account for part in self.parts if part.account in _MONEY), None)

    def of(self, household: int) -> int:
        """By how much the household owes more (above 0) or less."""
        return sum(part.amount for part in self.parts if part.household == household)

    def on(self, account: Account) -> int:
        """What it changes of an account."""
        return sum(part.amount for part in self.parts if part.account is account)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """What somebody marked for an order: `amount` came (below 0: was given back), by which means, if any."""

    id: int
    kind: Kind
    at_ms: int
    by: str
    words: str
    amount: int
    means: Account | None


def mark(now_ms: int, person: int | None, round: int | None = None, words: str = "") -> Mark:
    """Who, when, in which group order, with what words."""
    return Mark(
        at_ms=now_ms,
        by=None if person is None else str(person),
        round=None if round is None else str(round),
        words=words,
    )


def add(
    rows: Rows,
    entry: Entry,
    *,
    order: int | None = None,
    orders: tuple[int | None, ...] | None = None,
    key: str | None = None,
    noted: bool = True,
) -> int:
    """Keeps an entry; returns its id.

    `order` is what its postings of households count for; `orders` says it posting by posting. `key` is what
    `once` gave. Not `noted` in the journal is what the caller notes for many at once.
    """
    made = rows.add(
        "money.add_entry",
        kind=str(entry.kind),
        round=None if entry.mark.round is None else int(entry.mark.round),
        at_ms=entry.mark.at_ms,
        person=None if entry.mark.by is None else int(entry.mark.by),
        words=entry.mark.words,
        reverses=None,
        token=key,
    )
    for n, posting in enumerate(entry.postings):
        of = orders[n] if orders is not None else order
        rows.run(
            "money.add_posting",
            entry=made,
            position=n,
            account=str(posting.account),
            household=None if posting.household is None else int(posting.household),
            order_id=None if posting.household is None else of,
            amount=posting.amount_minor,
        )
    if noted:
        _note(rows, "money.booked", entry.mark, made, entry.kind)
    return made


def take_back(rows: Rows, id: int, *, person: int | None, now_ms: int, noted: bool = True) -> int | None:
    """Adds the entry that takes this one back; returns its id, None if that was done before."""
    row = rows.one("money.entry", id=id)
    if row is None or row["reverses"] is not None:
        raise Refused("money.no_entry")
    if row["undone_by"] is not None:
        return None
    made = rows.add(
        "money.add_entry",
        kind=str(Kind.REVERSAL),
        round=row["round"],
        at_ms=max(now_ms, row["at_ms"]),
        person=person,
        words="",
        reverses=id,
        token=None,
    )
    rows.run("money.add_reverse_postings", entry=made, reverses=id)
    if noted:
        _note(rows, "money.undone", mark(now_ms, person, row["round"]), id, Kind(row["kind"]))
    return made


def once(rows: Rows, token: str | None, *content: object) -> tuple[int | None, str | None]:
    """Whether this form was sent before: the entry that it made, if so, and the key to keep with a new one.

    `content` is what the form says. Raises `Refused` "money.sent_before" if it said something else before, or
    if what it made was taken back since.
    """
    if token is None:
        return None, None
    if not _TOKEN.fullmatch(token):
        raise InputError("is no token of a form", at="token")
    digest = hashlib.sha256("\0".join(map(str, content)).encode()).hexdigest()[:16]
    key = f"{token}.{digest}"
    found = rows.one("money.sent", low=f"{token}.", high=f"{token}/")
    if found is None:
        return None, key
    if found["token"] != key or found["is_undone"]:
        raise Refused("money.sent_before")
    return int(found["id"]), key


def entry(rows: Rows, id: int) -> Row:
    """The entry's row; raises `Refused`."""
    row = rows.one("money.entry", id=id)
    if row is None:
        raise Refused("money.no_entry")
    return row


def book(rows: Rows) -> Books:
    """All books, as values that check themselves."""
    entries: dict[int, list[Row]] = {}
    for row in rows.all("money.postings"):
        entries.setdefault(row["id"], []).append(row)
    return Books(_entry(found) for found in entries.values())


def lines(
    rows: Rows,
    *,
    round: int | None = None,
    household: int | None = None,
    account: Account | None = None,
    most: int = MAX_SHOWN,
    offset: int = 0,
) -> tuple[Line, ...]:
    """Entries, the newest first: of all, or of one group order, household or account."""
    found = rows.all(
        "money.entries",
        round=round,
        household=household,
        account=None if account is None else str(account),
        most=most,
        offset=offset,
    )
    return tuple(_line(rows, row) for row in found)


def marked(rows: Rows, round: int) -> dict[int, list[Marked]]:
    """What was marked for each order of a group order and still counts, the newest first."""
    found: dict[int, list[Marked]] = {}
    for row in rows.all("money.marks", round=round):
        found.setdefault(row["order_id"], []).append(
            Marked(
                id=row["id"],
                kind=Kind(row["kind"]),
                at_ms=row["at_ms"],
                by=row["person_name"] or "",
                words=row["words"],
                amount=row["amount"],
                means=None if row["means"] is None else Account(row["means"]),
            )
        )
    return found


def count(rows: Rows, account: Account | None = None) -> int:
    """How many entries there are, of one account or in all."""
    return int(rows.value("money.count_entries", account=None if account is None else str(account)))


def balances(rows: Rows, round: int | None = None) -> dict[Account, int]:
    """What stands on every account, in the order of the chart, debit above 0; of a group order or of all."""
    found = rows.all("money.trial") if round is None else rows.all("money.trial_of_round", round=round)
    sums = {row["account"]: row["amount"] for row in found}
    return {account: sums.get(account.value, 0) for account in Account}


def of_orders(rows: Rows, round: int) -> dict[int, Balance]:
    """The balance of every order of a group order that has something in the books, by its id."""
    return {id: _balance(found) for id, found in _by_order(rows.all("money.order_sums", round=round)).items()}


def of_order(rows: Rows, order: int) -> Balance:
    """The balance of one order."""
    return _balance(rows.all("money.sums_of_order", order=order))


def of_household_by_order(rows: Rows, household: int) -> dict[int | None, Balance]:
    """A household's balance for each order; None for what counts for none: what it paid ahead."""
    found = _by_order(rows.all("money.sums_of_household", household=household))
    return {id: _balance(sums) for id, sums in found.items()}


def of_household(rows: Rows, household: int) -> Balance:
    """A household's balance over everything."""
    return _balance(rows.all("money.sums_of_household", household=household))


def _by_order(found: list[Row]) -> dict[int, list[Row]]:
    by_order: dict[int, list[Row]] = {}
    for row in found:
        by_order.setdefault(row["order_id"], []).append(row)
    return by_order


def _balance(found: list[Row]) -> Balance:
    sums = dict.fromkeys(Kind, 0)
    held = 0
    for row in found:
        sums[Kind(row["kind"])] += row["amount"]
        held -= row["amount"] if row["account"] == Account.DEPOSITS.value else 0
    came = (Kind.PAYMENT, Kind.DEPOSIT, Kind.DEPOSIT_USED, Kind.CARRIED)
    return Balance(
        total=sum(sums[kind] for kind in OWED),
        paid=-sum(sums[kind] for kind in came),
        refunded=sums[Kind.REFUND],
        written_off=-sums[Kind.WRITE_OFF],
        held=held,
        fee_changed=sums[Kind.FEE],
        claims=-sums[Kind.CLAIM],
    )


def _entry(found: list[Row]) -> Entry:
    first = found[0]
    return Entry(
        mark=Mark(
            id=str(first["id"]),
            at_ms=first["at_ms"],
            by=None if first["person"] is None else str(first["person"]),
            round=None if first["round"] is None else str(first["round"]),
            words=first["words"],
        ),
        kind=Kind(first["kind"]),
        postings=tuple(
            Posting(
                account=Account(row["account"]),
                amount_minor=row["amount"],
                household=None if row["household"] is None else str(row["household"]),
            )
            for row in found
        ),
        reversal_of=None if first["reverses"] is None else str(first["reverses"]),
    )


def _line(rows: Rows, row: Row) -> Line:
    return Line(
        id=row["id"],
        kind=Kind(row["kind"]),
        at_ms=row["at_ms"],
        round=row["round"],
        title=row["title"] or "",
        person=row["person"],
        by=row["person_name"] or "",
        words=row["words"],
        is_undone=row["undone_by"] is not None,
        undoes=None if row["undone_kind"] is None else Kind(row["undone_kind"]),
        parts=tuple(
            Part(
                account=Account(part["account"]),
                amount=part["amount"],
                household=part["household"],
                name=part["name"] or "",
                order=part["order_id"],
                number=part["number"],
            )
            for part in rows.all("money.postings_of_entry", entry=row["id"])
        ),
    )


def names(rows: Rows) -> Mapping[str, str]:
    """Names of households, by id as text."""
    return {str(row["id"]): row["name"] for row in rows.all("money.names")}


def _note(rows: Rows, what: str, mark: Mark, entry: int, kind: Kind) -> None:
    room.journal(
        rows,
        what,
        now_ms=mark.at_ms,
        person=None if mark.by is None else int(mark.by),
        round=None if mark.round is None else int(mark.round),
        entry=entry,
        kind=str(kind),
    )
