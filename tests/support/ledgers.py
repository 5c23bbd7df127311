"""Books of random group orders, with what each household did counted beside them in the plainest way."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st

from millpond.community import books
from millpond.community.books import Adjusted, Entry, Mark, Means

HOUSEHOLDS = ("11", "12", "garden 3")
MONEY = st.integers(1, 10**6)
MEANS = st.sampled_from(Means)


@dataclass
class Told:
    """Entries, and by household what was billed, paid, refunded and written off."""

    entries: list[Entry] = field(default_factory=list)
    sums: dict[str, list[int]] = field(default_factory=lambda: {one: [0, 0, 0, 0] for one in HOUSEHOLDS})


@st.composite
def told_books(draw: st.DrawFn) -> Told:
    """Up to twelve things that happen, some of them taken back, at times in any order."""
    told = Told()
    for number in range(1, draw(st.integers(0, 12)) + 1):
        mark = Mark(
            id=str(number),
            at_ms=draw(st.integers(0, 10)) * 40_000_000,
            by=draw(st.sampled_from(["1", "2", None])),
            round=draw(st.sampled_from(["7", "8", None])),
            words=draw(st.text(max_size=20)),
        )
        reversed_ones = {entry.reversal_of for entry in told.entries}
        open_ones = [
            (entry, change)
            for entry, change in zip(told.entries, _changes(told), strict=True)
            if entry.reversal_of is None and entry.id not in reversed_ones
        ]
        if open_ones and draw(st.integers(0, 3)) == 0:
            entry, (household, column, amount) = draw(st.sampled_from(open_ones))
            mark = Mark(id=mark.id, at_ms=mark.at_ms, by=mark.by, round=entry.mark.round, words=mark.words)
            told.entries.append(books.reversed_by(mark, entry))
            told.sums[household][column] -= amount
            _changes(told).append((household, column, -amount))
            continue
        entry, change = draw(_happening(mark))
        told.entries.append(entry)
        told.sums[change[0]][change[1]] += change[2]
        _changes(told).append(change)
    return told


def _changes(told: Told) -> list[tuple[str, int, int]]:
    """What each entry did: household, column, amount."""
    return told.__dict__.setdefault("changes", [])  # type: ignore[no-any-return]


@st.composite
def _happening(draw: st.DrawFn, mark: Mark) -> tuple[Entry, tuple[str, int, int]]:
    household, amount, means = draw(st.sampled_from(HOUSEHOLDS)), draw(MONEY), draw(MEANS)
    nothing = (household, 0, 0)
    here = {"household": household, "amount_minor": amount}
    match draw(st.integers(0, 15)):
        case 0:
            extra = draw(st.integers(0, 500))
            return books.bill(mark, household=household, goods_minor=amount, fee_minor=extra), (
                household,
                0,
                amount + extra,
            )
        case 1:
            return books.fee(mark, **here), (household, 0, amount)
        case 2:
            return books.deposit(mark, means=means, **here), (household, 1, amount)
        case 3:
            return books.deposit_used(mark, **here), nothing
        case 4 | 5:
            return books.payment(mark, means=means, **here), (household, 1, amount)
        case 6:
            return books.refund(mark, means=means, of_deposit=draw(st.booleans()), **here), (
                household,
                2,
                amount,
            )
        case 7:
            why = draw(st.sampled_from(Adjusted))
            return books.adjustment(mark, household=household, why=why, amount_minor=-amount), (
                household,
                0,
                -amount,
            )
        case 8:
            return books.write_off(mark, **here), (household, 3, amount)
        case 9:
            return books.maker_bill(mark, goods_minor=amount, freight_minor=draw(st.integers(0, 99))), nothing
        case 10:
            return books.maker_payment(mark, means=means, amount_minor=amount), nothing
        case 11:
            return books.maker_claim(mark, amount_minor=amount), nothing
        case 12:
            return books.stock_taken(mark, amount_minor=amount), nothing
        case 13:
            cost = draw(st.integers(0, 99))
            return books.counter_sale(mark, means=means, amount_minor=amount, cost_minor=cost), nothing
        case 14:
            return books.write_off_stock(mark, amount_minor=amount), nothing
        case _:
            sign = draw(st.sampled_from([1, -1]))
            return books.own_money(mark, means=means, amount_minor=sign * amount), nothing
