"""The maker's account in a group order: what was decided to go there, what the maker asks, what it was paid.

The bill is entered for what the maker asks, not for what was decided: a difference stays in sight until it is
made good. Amounts are integers of minor units.
"""

from __future__ import annotations

from dataclasses import dataclass

from millpond.community import books
from millpond.community.books import Account, Kind, Means
from millpond.desk import ledger
from millpond.desk.refusals import Refused
from millpond.store import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the leader stands with the maker in a group order.

    `expected` is what was decided to go to the maker, goods and freight, `expected_freight` the freight in
    it; `billed` what the maker asks, `paid` what it was paid, `made_good` what it owes less for claims.
    """

    expected: int
    expected_freight: int
    billed: int
    paid: int
    made_good: int

    @property
    def open(self) -> int:
        """What is still to be paid to the maker; below 0, what the maker owes."""
        return self.billed - self.paid - self.made_good

    @property
    def expected_goods(self) -> int:
        """What was decided, without freight."""
        return self.expected - self.expected_freight


def standing(rows: Rows, round: int) -> Standing:
    """How the leader stands with the maker."""
    load = rows.one("money.load_of_round", round=round)
    if load is None:
        raise Refused("round.unknown")
    sums: dict[str, int] = {}
    for row in rows.all("money.maker_of_round", round=round):
        if row["account"] == Account.PAYABLE.value:
            sums[row["kind"]] = row["amount"]
    freight = load["freight_fixed"] + load["freight_per_load"] * load["load"] if load["units"] else 0
    expected = int(rows.value("money.to_maker", round=round))
    return Standing(
        expected=expected,
        expected_freight=min(freight, expected),
        billed=-sums.get(Kind.MAKER_BILL, 0),
        paid=sums.get(Kind.MAKER_PAYMENT, 0),
        made_good=sums.get(Kind.MAKER_CLAIM, 0),
    )


def bill(
    rows: Rows,
    round: int,
    *,
    goods_minor: int,
    freight_minor: int = 0,
    words: str = "",
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """What the maker asks for, goods and freight; either may be 0, not both."""
    _round(rows, round)
    there, key = ledger.once(rows, token, "maker bill", round, goods_minor, freight_minor)
    if there is not None:
        return there
    mark = ledger.mark(now_ms, person, round, words)
    return ledger.add(
        rows, books.maker_bill(mark, goods_minor=goods_minor, freight_minor=freight_minor), key=key
    )


def pay(
    rows: Rows,
    round: int,
    *,
    means: Means,
    amount_minor: int,
    words: str = "",
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """The maker is paid, all or a part, also ahead."""
    _round(rows, round)
    there, key = ledger.once(rows, token, "maker payment", round, means, amount_minor)
    if there is not None:
        return there
    mark = ledger.mark(now_ms, person, round, words)
    return ledger.add(rows, books.maker_payment(mark, means=means, amount_minor=amount_minor), key=key)


def made_good(
    rows: Rows,
    round: int,
    *,
    amount_minor: int,
    words: str = "",
    token: str | None,
    person: int | None,
    now_ms: int,
) -> int:
    """The maker makes claims good: it is owed less."""
    _round(rows, round)
    there, key = ledger.once(rows, token, "made good", round, amount_minor)
    if there is not None:
        return there
    mark = ledger.mark(now_ms, person, round, words)
    return ledger.add(rows, books.maker_claim(mark, amount_minor=amount_minor), key=key)


def _round(rows: Rows, id: int) -> None:
    if rows.one("money.round", id=id) is None:
        raise Refused("round.unknown")
