"""Money of households: who paid what, when, by which means, and who marked it.

No payment goes through here, only the word of it.

What is owed is `settling`'s, how the books are kept `ledger`'s; here is what people do. Invariants:

- A form sent twice is one entry (`token`). A mistake is taken back by an entry of its own (`undo`).
- Nobody is given back more than they paid, and no more is written off than is open.
- What was paid before the decision is a deposit; it pays the bill when there is one.
- What follows from the decision (bills, shortage, weight, stock) is not undone here: it follows.

Amounts are integers of minor units, above 0 unless it is said.
"""

from __future__ import annotations

from dataclasses import dataclass

from millpond.community import books
from millpond.community.books import Account, Adjusted, Books, Kind, Means
from millpond.desk import ledger
from millpond.desk.ledger import Balance, Line
from millpond.desk.refusals import Refused
from millpond.desk.settling import DECIDED, settle
from millpond.store import Rows
from millpond.store.database import Row

__all__ = [
    "Balance",
    "Line",
    "StatementLine",
    "balance_of_household",
    "book",
    "change_fee",
    "credit_of",
    "due_of_orders",
    "may_undo",
    "move",
    "of_household",
    "own_money",
    "pay",
    "pay_ahead",
    "refund",
    "refund_credit",
    "settle",
    "undo",
    "use_credit",
    "write_off",
]

_FOLLOWS = frozenset({Kind.BILL, Kind.SHORTAGE, Kind.WEIGHT, Kind.STOCK})
_MADE_BY_RULE = frozenset({Kind.DEPOSIT_USED, Kind.CARRIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """A line of a household's account: `charge` is owed more (below 0: less), `payment` came (or went)."""

    at_ms: int
    kind: Kind
    undoes: Kind | None
    title: str
    charge: int
    payment: int
    balance: int
    means: Account | None
    words: str


# ---- reading


def due_of_orders(rows: Rows, round: int) -> dict[int, Balance]:
    """The balance of every order of a group order that has something in the books, by its id."""
    return ledger.of_orders(rows, round)


def balance_of_household(rows: Rows, household: int) -> Balance:
    """How a household stands over everything."""
    return ledger.of_household(rows, household)


def book(rows: Rows) -> Books:
    """All books, as values that check themselves."""
    return ledger.book(rows)


def of_household(rows: Rows, household: int) -> tuple[StatementLine, ...]:
    """A household's account, the first line first; what only moved between its own orders is left out."""
    found, balance = [], 0
    for line in reversed(ledger.lines(rows, household=household, most=-1)):
        change = line.of(household)
        if not change:
            continue
        balance += change
        is_owed = (line.undoes or line.kind) in ledger.OWED
        found.append(
            StatementLine(
                at_ms=line.at_ms,
                kind=line.kind,
                undoes=line.undoes,
                title=line.title,
                charge=change if is_owed else 0,
                payment=0 if is_owed else -change,
                balance=balance,
                means=line.means,
                words=line.words,
            )
        )
    return tuple(found)


def credit_of(rows: Rows, household: int, *, but: int | None = None) -> int:
    """What a household has too much, free for its order `but`: paid ahead, or too much elsewhere."""
    return sum(amount for _, amount, _ in _credits(rows, household, but))


# ---- households


def pay(
    rows: Rows,
    order: int,
    *,
    means: Means,
    amount_minor: int,
    words: str = "",
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """A household pays for an order, all, a part or more; before the decision it is a deposit."""
    row = _order(rows, order)
    if row["merged_into"] is not None or row["cancelled_ms"] is not None:
        raise Refused("money.order_gone")
    there, key = ledger.once(rows, token, "pay", order, means, amount_minor)
    if there is not None:
        return there
    mark = ledger.mark(now_ms, person, row["round"], words)
    make = books.payment if row["is_decided"] and row["stage"] in DECIDED else books.deposit
    entry = make(mark, household=str(row["household"]), means=means, amount_minor=amount_minor)
    made = ledger.add(rows, entry, order=order, key=key)
    settle(rows, row["round"], person=person, now_ms=now_ms)
    return made


def pay_ahead(
    rows: Rows,
    household: int,
    *,
    means: Means,
    amount_minor: int,
    words: str = "",
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """A household pays ahead, for no order yet."""
    _household(rows, household)
    there, key = ledger.once(rows, token, "ahead", household, means, amount_minor)
    if there is not None:
        return there
    mark = ledger.mark(now_ms, person, words=words)
    entry = books.deposit(mark, household=str(household), means=means, amount_minor=amount_minor)
    return ledger.add(rows, entry, key=key)


def refund(
    rows: Rows,
    order: int,
    *,
    means: Means,
    amount_minor: int,
    words: str = "",
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """A household is given money back, all or a part of what it paid for an order."""
    row, now = _order(rows, order), ledger.of_order(rows, order)
    there, key = ledger.once(rows, token, "refund", order, means, amount_minor)
    if there is not None:
        return there
    if amount_minor > now.paid - now.refunded:
        raise Refused("money.refund_too_much")
    mark, household = ledger.mark(now_ms, person, row["round"], words), str(row["household"])
    of_deposit = min(max(now.held, 0), amount_minor)
    made = None
    for part, is_deposit in ((of_deposit, True), (amount_minor - of_deposit, False)):
        if part or (made is None and not is_deposit):
            entry = books.refund(
                mark, household=household, means=means, amount_minor=part, of_deposit=is_deposit
            )
            id = ledger.add(rows, entry, order=order, key=key if made is None else None)
            made = made or id
    assert made is not None
    return made


def refund_credit(
    rows: Rows,
    household: int,
    *,
    means: Means,
    amount_minor: int,
    words: str = "",
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """A household is given back what it paid ahead, all or a part."""
    _household(rows, household)
    there, key = ledger.once(rows, token, "refund credit", household, means, amount_minor)
    if there is not None:
        return there
    ahead = ledger.of_household_by_order(rows, household).get(None)
    if ahead is None or amount_minor > ahead.held:
        raise Refused("money.refund_too_much")
    mark = ledger.mark(now_ms, person, words=words)
    entry = books.refund(
        mark, household=str(household), means=means, amount_minor=amount_minor, of_deposit=True
    )
    return ledger.add(rows, entry, key=key)


def use_credit(
    rows: Rows, order: int, *, amount_minor: int, token: str | None, person: int | None, now_ms: int
) -> int:
    """What a household paid ahead, or too much for another order, pays an order; returns the first entry."""
    row = _order(rows, order)
    there, key = ledger.once(rows, token, "use", order, amount_minor)
    if there is not None:
        return there
    found = _credits(rows, row["household"], order)
    if amount_minor > min(sum(amount for _, amount, _ in found), ledger.of_order(rows, order).open):
        raise Refused("money.credit_too_little")
    mark, household, made = ledger.mark(now_ms, person, row["round"]), str(row["household"]), None
    left = amount_minor
    for source, amount, account in found:
        part = min(amount, left)
        if part <= 0:
            break
        if account is Account.DEPOSITS:
            entry = books.deposit_used(mark, household=household, amount_minor=part)
        else:
            entry = books.carried(
                mark, account=account, source=household, target=household, amount_minor=part
            )
        id = ledger.add(rows, entry, orders=(source, order), key=key if made is None else None)
        made, left = made or id, left - part
    if made is None:
        raise Refused("money.credit_too_little")
    return made


def write_off(
    rows: Rows,
    order: int,
    *,
    amount_minor: int,
    words: str = "",
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """What is open of an order and will not be paid, all or a part."""
    row = _order(rows, order)
    there, key = ledger.once(rows, token, "write off", order, amount_minor)
    if there is not None:
        return there
    if amount_minor > ledger.of_order(rows, order).open:
        raise Refused("money.more_than_open")
    mark = ledger.mark(now_ms, person, row["round"], words)
    entry = books.write_off(mark, household=str(row["household"]), amount_minor=amount_minor)
    return ledger.add(rows, entry, order=order, key=key)


def change_fee(
    rows: Rows,
    order: int,
    *,
    fee_minor: int,
    words: str = "",
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int | None:
    """The leader takes another fee for an order; None where it is that already. It never goes up."""
    row, bill = _order(rows, order), rows.one("money.bill", order=order)
    there, key = ledger.once(rows, token, "fee", order, fee_minor)
    if there is not None:
        return there
    now = (bill["fee"] if bill else 0) + ledger.of_order(rows, order).fee_changed
    if fee_minor > now:
        raise Refused("money.fee_up")
    if fee_minor == now:
        return None
    mark = ledger.mark(now_ms, person, row["round"], words)
    entry = books.adjustment(
        mark, household=str(row["household"]), why=Adjusted.FEE, amount_minor=fee_minor - now
    )
    return ledger.add(rows, entry, order=order, key=key)


# ---- the leader's own money, and taking back


def own_money(
    rows: Rows,
    *,
    means: Means,
    amount_minor: int,
    words: str = "",
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """The leader puts own money in, or (below 0) takes some out."""
    there, key = ledger.once(rows, token, "own", means, amount_minor)
    if there is not None:
        return there
    entry = books.own_money(ledger.mark(now_ms, person, words=words), means=means, amount_minor=amount_minor)
    return ledger.add(rows, entry, key=key)


def move(
    rows: Rows,
    *,
    source: Means,
    target: Means,
    amount_minor: int,
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """Money goes from one place to another: cash to the bank."""
    if source is target:
        raise Refused("money.same_place")
    there, key = ledger.once(rows, token, "move", source, target, amount_minor)
    if there is not None:
        return there
    entry = books.moved(ledger.mark(now_ms, person), source=source, target=target, amount_minor=amount_minor)
    return ledger.add(rows, entry, key=key)


def may_undo(line: Line) -> bool:
    """Whether somebody marked it, so that somebody may take it back."""
    by_rule = line.kind in _MADE_BY_RULE and line.person is None
    follows = line.kind in _FOLLOWS or line.kind in (Kind.REVERSAL, Kind.CLAIM)
    return not (by_rule or follows or line.is_undone)


def undo(rows: Rows, entry: int, *, person: int | None, now_ms: int) -> None:
    """Takes back what somebody marked, by an entry of its own; once, however often it is asked.

    Raises `Refused` for what follows from the decision, and for a claim, whose answer is taken back instead.
    """
    row = ledger.entry(rows, entry)
    kind = Kind(row["kind"])
    if kind in _FOLLOWS or (kind in _MADE_BY_RULE and row["person"] is None):
        raise Refused("money.follows")
    if kind is Kind.CLAIM:
        raise Refused("money.claim_answered")
    touched = {one["round"] for one in rows.all("money.orders_of_entry", entry=entry)}
    ledger.take_back(rows, entry, person=person, now_ms=now_ms)
    for round in sorted(touched):
        settle(rows, round, person=person, now_ms=now_ms)


def _credits(rows: Rows, household: int, but: int | None) -> list[tuple[int | None, int, Account]]:
    """What is free to be used: from which order (None: paid ahead), how much, and where it stands."""
    standing = ledger.of_household_by_order(rows, household)
    found: list[tuple[int | None, int, Account]] = []
    if None in standing and standing[None].held > 0:
        found.append((None, standing[None].held, Account.DEPOSITS))
    for row in reversed(rows.all("money.orders_of_household", household=household)):
        now = standing.get(row["id"])
        is_under_way = row["cancelled_ms"] is None and row["stage"] in ("draft", "open", "closed")
        if now is None or row["id"] == but or is_under_way or now.open >= 0:
            continue
        of_deposit = min(max(now.held, 0), -now.open)
        for amount, account in ((of_deposit, Account.DEPOSITS), (-now.open - of_deposit, Account.RECEIVABLE)):
            if amount:
                found.append((row["id"], amount, account))
    return found


def _order(rows: Rows, id: int) -> Row:
    row = rows.one("money.order", id=id)
    if row is None:
        raise Refused("order.unknown")
    return row


def _household(rows: Rows, id: int) -> None:
    if rows.one("money.household", id=id) is None:
        raise Refused("household.unknown")
